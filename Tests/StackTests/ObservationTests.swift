// What is watched from outside: dashboard and alerts name metrics that a running stack shows.

import Foundation
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(10)), .enabled(if: ProcessStack.programs != nil, "the programs are not built"))
    struct ObservationTests {
        private static func text(_ path: String, _ file: String = #filePath) throws -> String {
            let root = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            return try String(contentsOf: root.appending(path: path), encoding: .utf8)
        }

        private static func names(_ text: String) -> Set<String> {
            Set(text.matches(of: /kuaibao_[a-z_]+[a-z]/).map { String($0.output) })
        }

        @Test(arguments: ["deploy/grafana/dashboards/kuaibao.json", "deploy/prometheus/alerts.yml"])
        func everyMetricThatIsDrawnIsShownByAStack(_ file: String) async throws {
            let wanted = Self.names(try Self.text(file))
            #expect(wanted.count > 5)
            let stack = try await ProcessStack()
            _ = try await stack.call(
                "POST", "/v1/collections/bulletins/documents", ["wait": "searchable"], body: Data("通知\n\n各站可查。".utf8))
            _ = try await stack.call("GET", "/v1/collections/bulletins/search", ["q": "各站"])
            // Workers tell of themselves every two seconds.
            var missing = wanted
            let deadline = ContinuousClock.now + .seconds(30)
            while !missing.isEmpty, ContinuousClock.now < deadline {
                let page = String(decoding: try await stack.call("GET", "/metrics"), as: UTF8.self)
                missing.subtract(Self.names(page))
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(missing.isEmpty, "\(file)")
            await stack.stop()
        }
    }
}
