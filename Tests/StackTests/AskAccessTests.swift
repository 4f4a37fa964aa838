// Keys and tenant tokens over the ask link: the rules of HTTP, held to by the same matrix.

import Foundation
import Messages
import ServiceKit
import Testing
import Transport
import ZeroMQ

extension StackSuites {
    @Suite(.timeLimit(.minutes(5)))
    struct AskAccessTests {
        /// A DEALER on the ask link of a stack.
        private struct Asker {
            let thread: PollThread
            let client: RequestClient

            init(_ stack: RunningStack) throws {
                thread = try PollThread(name: "test-ask")
                client = try RequestClient(
                    thread: thread, endpoint: stack.ask, prefix: "t", now: SystemClock.monotonicMilliseconds)
            }

            /// Waits for the connection, which is made in the background.
            private func answer(_ kind: Kind, _ body: some Encodable & Sendable) async throws -> Message {
                while true {
                    do {
                        return try await client.request(kind, body, timeoutMilliseconds: 60_000)
                    } catch let error as KuaibaoError where error.code == .unavailable {
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
            }

            func search(_ q: String, collection: String = "bulletins", key: String?) async throws -> SearchReply {
                let request = SearchRequest(
                    collection: collection, q: q, limit: 100, facets: ["department"], histogram: true, explain: true,
                    timeoutMilliseconds: 60_000, key: key)
                return try await answer(.search, request).body(as: SearchReply.self)
            }

            private struct AlertsBody: Encodable {
                struct Alerts: Encodable {
                    let watch: String
                    let after = 0
                    let limit = 10
                    let waitMilliseconds = 0
                }

                let alerts: Alerts
                let key: String?
            }

            func alerts(of watch: String, key: String?) async throws -> WatchReply {
                try await answer(.watch, AlertsBody(alerts: .init(watch: watch), key: key)).body(as: WatchReply.self)
            }

            func status(key: String?) async throws -> StatusReply {
                try await answer(.status, ["key": key].compactMapValues { $0 }).body(as: StatusReply.self)
            }

            /// The code of the refusal; nil where there was an answer.
            func code(_ kind: Kind, key: String?) async throws -> ErrorCode? {
                do {
                    switch kind {
                    case .search: _ = try await search("复工", key: key)
                    case .watch: _ = try await alerts(of: "none", key: key)
                    default: _ = try await status(key: key)
                    }
                    return nil
                } catch let error as KuaibaoError {
                    return error.code
                }
            }
        }

        private struct Token: Decodable { let token: String }

        private func token(_ stack: RunningStack, key: String) async throws -> String {
            let body = Data(#"{"tenant":"t","filter":"部门:市公安局","seconds":600}"#.utf8)
            return try await stack.call("POST", "/v1/tokens", body: body, key: key).value(as: Token.self).token
        }

        @Test func everyKindOfMessageTakesTheRightKeysOnly() async throws {
            let log = try RunningStack.makeFolder() + "/audit.ndjson"
            let stack = try await RunningStack(RunningStack.Shape(gateway: ["KUAIBAO_AUDIT_LOG": log]))
            let asker = try Asker(stack)
            try await stack.watch("复工", id: "w")
            for kind in [Kind.search, .status] { #expect(try await asker.code(kind, key: nil) == nil, "open") }
            #expect(try await asker.code(.search, key: KeySecret.random().text) == .unauthenticated)
            var keys: [(what: String, text: String?, scope: AccessScope?)] = [
                ("none", nil, nil), ("bad", KeySecret.random().text, nil), ("no key at all", "hello", nil),
                ("empty", "", nil), ("expired", try stack.makeKey(AccessScope.allCases, expiresAt: 1), nil),
                ("revoked", try stack.makeKey(AccessScope.allCases, revokedAt: 1), nil),
            ]
            for scope in AccessScope.allCases { keys.append((scope.rawValue, try stack.makeKey([scope]), scope)) }
            let elsewhere = try stack.makeKey(AccessScope.allCases, collections: ["elsewhere"])
            try await stack.untilClosed(key: elsewhere)
            for (kind, needed) in [(Kind.search, AccessScope.search), (.status, .admin), (.watch, .watch)] {
                for key in keys {
                    let code = try await asker.code(kind, key: key.text)
                    let place = "\(kind.rawValue) with \(key.what): \(code.map(\.rawValue) ?? "answered")"
                    switch key.scope {
                    case nil: #expect(code == .unauthenticated, "\(place)")
                    case needed: #expect(code == (kind == .watch ? .notFound : nil), "\(place)")
                    default: #expect(code == .notAllowed, "\(place)")
                    }
                }
            }
            #expect(try await asker.code(.search, key: elsewhere) == .notAllowed)
            await #expect(throws: KuaibaoError.self) { try await asker.alerts(of: "w", key: elsewhere) }
            // A rate holds for both links together.
            let slow = try stack.makeKey([.search], rate: 1)
            var codes: Set<ErrorCode> = []
            for _ in 0..<1000 where !codes.contains(.busy) {
                if let code = try await asker.code(.search, key: slow) { codes.insert(code) }
            }
            #expect(codes.isSubset(of: [.busy, .unauthenticated]) && codes.contains(.busy))
            asker.thread.stop()
            try await stack.stop()
            let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
                .filter { $0.contains("\"method\":\"ASK\"") }
            #expect(lines.contains { $0.contains("\"path\":\"search/bulletins\"") && $0.contains("\"status\":429") })
            #expect(lines.contains { $0.contains("\"path\":\"status\"") && $0.contains("\"key\":\"refused\"") })
            for key in keys.compactMap(\.text) where key.count > 43 {
                #expect(!lines.contains { $0.contains(key.suffix(43)) }, "no secret stands in the log")
            }
        }

        @Test func aTenantSeesOverZeroMQWhatItSeesOverHTTP() async throws {
            let stack = try await RunningStack(RunningStack.Shape(queryWorkers: 2, documentsPerWorker: 1))
            for number in 0..<24 {
                let department = number % 3 == 0 ? "市公安局" : "市教育局"
                let text = "\(department)关于第\(number)号事项的通告\n\n\(department)发布：复工复产有序推进，第\(number)号。"
                _ = try await stack.call(
                    "POST", "/v1/collections/bulletins/documents",
                    ["identity": "d\(number)", "hint.department": department, "wait": "searchable"],
                    body: Data(text.utf8))
            }
            let allowed = Set((0..<24).filter { $0 % 3 == 0 }.map { "d\($0)" })
            let key = try stack.makeKey([.search, .watch])
            try await stack.untilClosed(key: key)
            let token = try await token(stack, key: key)
            try await stack.watch("复工", id: "keys", key: key)
            try await stack.watch("复工", id: "tenants", key: token)
            let asker = try Asker(stack)
            for query in ["*", "复工复产", "教育局", "-公安局", "部门:市教育局", "第1号 OR 第2号", "标题:通告", "复*"] {
                let asked = try await asker.search(query, key: token)
                let http = try await stack.call(
                    "GET", "/v1/collections/bulletins/search",
                    ["q": query, "limit": "100", "facets": "department", "histogram": "1", "explain": "1", "timeout": "60000"],
                    key: token
                ).value(as: SearchReply.self)
                #expect(asked.hits == http.hits && asked.total == http.total, "\(query)")
                #expect(asked.facets == http.facets && asked.histogram == http.histogram, "\(query)")
                #expect(asked.total == asked.hits.count, "\(query)")
                #expect(Set(asked.hits.map(\.document)).isSubset(of: allowed), "\(query)")
                #expect((asked.facets?["department"] ?? []).allSatisfy { $0.value == "市公安局" }, "\(query)")
            }
            #expect(try await asker.search("*", key: token).total == allowed.count)
            #expect(try await asker.search("*", key: key).total == 24)
            guard case .alerts = try await asker.alerts(of: "tenants", key: token) else {
                throw CocoaError(.coderInvalidValue)
            }
            for watch in ["keys", "none"] {
                let refusal = await #expect(throws: KuaibaoError.self) {
                    try await asker.alerts(of: watch, key: token)
                }
                #expect(refusal?.code == .notFound)
            }
            #expect(try await asker.code(.status, key: token) == .notAllowed)
            let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
            let characters = Array(token)
            for place in stride(from: 5, to: characters.count, by: 11) {
                var forged = characters
                forged[place] = letters.first { $0 != characters[place] } ?? "A"
                #expect(try await asker.code(.search, key: String(forged)) == .unauthenticated, "\(place)")
            }
            asker.thread.stop()
            try await stack.stop()
        }
    }
}
