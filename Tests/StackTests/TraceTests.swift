// A request with a trace context leaves a line at each process that had a part in it.

import Foundation
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(10)), .enabled(if: ProcessStack.programs != nil, "the programs are not built"))
    struct TraceTests {
        /// The hops that the stack's logs have under a trace, each with the log that has it.
        private func hops(_ stack: ProcessStack, _ trace: String) throws -> Set<String> {
            var found: Set<String> = []
            let folder = stack.folder + "/log"
            for log in try FileManager.default.contentsOfDirectory(atPath: folder) {
                let text = try String(contentsOfFile: "\(folder)/\(log)", encoding: .utf8)
                for line in text.split(separator: "\n") where line.contains(trace) {
                    let hop = line.firstMatch(of: /hop=(\w+)/).map { String($0.output.1) }
                    let process = log.prefix { $0 != "." }.replacing(/-[0-9]+$/, with: "")
                    #expect(line.contains("milliseconds="), "\(line)")
                    found.insert("\(process) \(hop ?? "?")")
                }
            }
            return found
        }

        @Test func everyHopOfADocumentAndOfASearchIsLogged() async throws {
            let stack = try await ProcessStack()
            let document = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let search = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            _ = try await stack.call(
                "POST", "/v1/collections/bulletins/documents", ["wait": "searchable"],
                body: Data("跟踪通知\n\n各站可查。".utf8), headers: ["traceparent": document])
            _ = try await stack.call(
                "GET", "/v1/collections/bulletins/search", ["q": "各站"], headers: ["traceparent": search])
            let ofDocument: Set = [
                "query-gateway asked", "ingest-gateway accepted", "ingest-gateway parsed", "index-worker searchable",
                "query-gateway answered",
            ]
            let ofSearch: Set = ["query-gateway asked", "query-worker searched", "query-gateway answered"]
            // The lines are written beside the answers.
            while try hops(stack, document) != ofDocument || hops(stack, search) != ofSearch {
                try await Task.sleep(for: .milliseconds(20))
            }
            // What is no trace context leaves nothing.
            _ = try await stack.call(
                "GET", "/v1/collections/bulletins/search", ["q": "各站"], headers: ["traceparent": "00-evil-line"])
            #expect(try hops(stack, "evil").isEmpty)
            await stack.stop()
        }
    }
}
