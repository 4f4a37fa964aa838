// `kuaibao dead-letters`: what could not be parsed, kept whole; list, retry, drop.

import ArgumentParser
import Foundation
import Messages

struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "未能解析的文件。 Documents that could not be parsed.")

    @OptionGroup var gateway: GatewayOptions
    @Option(help: "集合。 Collection.") var collection = "bulletins"
    @Option(help: "重试的编号，或 all。 Submission to try again, or all.") var retry: String?
    @Option(help: "放弃的编号。 Submission to give up for good.") var drop: String?

    private struct DeadList: Decodable { let dead: [DeadDocumentSummary] }

    func run() async throws {
        let client = try gateway.client()
        if let drop {
            _ = try await client.post("/v1/submissions/\(GatewayClient.encode(drop))/drop", as: SubmissionState.self)
            return Terminal.write("dropped \(drop)")
        }
        let (bytes, list) = try await client.get(
            "/v1/collections/\(GatewayClient.encode(collection))/dead-letters", [("limit", "1000")], as: DeadList.self)
        if let retry {
            let chosen = retry == "all" ? list.dead.map(\.submission) : [retry]
            for submission in chosen {
                _ = try await client.post("/v1/submissions/\(GatewayClient.encode(submission))/retry", as: SubmissionState.self)
                Terminal.write("retrying \(submission)")
            }
            return
        }
        if gateway.json { return Terminal.write(bytes) }
        for entry in list.dead {
            let name = entry.description.sourceAddress ?? entry.description.identity
            Terminal.write("\(Terminal.styled(entry.submission, .bold))  \(name)  \(entry.byteCount) bytes")
            for letter in entry.deadLetters { Terminal.write("   \(letter.reason): \(letter.message)") }
        }
        Terminal.write(Terminal.styled("共 \(list.dead.count) dead letters", .dim))
    }
}
