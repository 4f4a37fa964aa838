// Keys and tenant tokens over HTTP: a matrix made of the table of endpoints, and a hunt for foreign documents.

import Foundation
import Messages
import ServiceKit
import Testing

@testable import QueryService

extension StackSuites {
    @Suite(.timeLimit(.minutes(10)))
    struct AccessTests {
        @Test func everyEndpointTakesTheRightKeysOnly() async throws {
            let stack = try await RunningStack()
            var keys: [(what: String, text: String?, scope: AccessScope?, isGood: Bool)] = [
                ("none", nil, nil, false),
                ("bad", KeySecret.random().text, nil, false),
                ("no key at all", "hello", nil, false),
                ("expired", try stack.makeKey(AccessScope.allCases, expiresAt: 1), nil, false),
                ("revoked", try stack.makeKey(AccessScope.allCases, revokedAt: 1), nil, false),
            ]
            for scope in AccessScope.allCases {
                keys.append((scope.rawValue, try stack.makeKey([scope]), scope, true))
            }
            let elsewhere = try stack.makeKey(AccessScope.allCases, collections: ["elsewhere"])
            try await stack.untilClosed(key: elsewhere)
            for endpoint in APIEndpoints.all {
                let path = endpoint.path.replacing("{collection}", with: "bulletins")
                    .replacing("{id}", with: endpoint.path.contains("/submissions/") ? "bulletins-77" : "none")
                let body = endpoint.body.map { Data(($0.example ?? "").utf8) }
                for key in keys {
                    let answer = try await stack.call(endpoint.method.rawValue, path, body: body, key: key.text)
                    let place = "\(endpoint.method.rawValue) \(endpoint.path) with \(key.what)"
                    switch (endpoint.scope, key.isGood) {
                    case (nil, _): #expect(answer.status != 401 && answer.status != 403, "\(place)")
                    case (_?, false): #expect(answer.error?.code == .unauthenticated, "\(place)")
                    case (let scope?, true) where scope != key.scope:
                        #expect(answer.error?.code == .notAllowed, "\(place)")
                    default: #expect(answer.status != 401 && answer.status != 403, "\(place)")
                    }
                    // No endpoint of the table is without a handler, and no answer is outside of the table.
                    #expect(answer.error?.message != "there is nothing at this address", "\(place)")
                    if let code = answer.error?.code { #expect(endpoint.allErrors.contains(code), "\(place): \(code)") }
                }
                guard endpoint.scope != nil, endpoint.name != "token",
                    endpoint.path.contains("bulletins")
                        || endpoint.path.contains("{collection}") || endpoint.path.contains("/submissions/")
                else { continue }
                let answer = try await stack.call(endpoint.method.rawValue, path, body: body, key: elsewhere)
                #expect(answer.error?.code == .notAllowed, "\(endpoint.name) with a key of another collection")
            }
            try await stack.stop()
        }

        @Test func aTenantSeesWhatItsFilterLetsThroughAndNothingElse() async throws {
            let stack = try await RunningStack(RunningStack.Shape(queryWorkers: 2, documentsPerWorker: 1))
            let shown = "市公安局"
            for number in 0..<24 {
                let department = number % 3 == 0 ? shown : "市教育局"
                let text = "\(department)关于第\(number)号事项的通告\n\n\(department)发布：复工复产有序推进，第\(number)号。"
                _ = try await stack.call(
                    "POST", "/v1/collections/bulletins/documents",
                    ["identity": "d\(number)", "hint.department": department, "wait": "searchable"],
                    body: Data(text.utf8))
            }
            let everything = try await stack.search("*", ["limit": "100"])
            let allowed = Set(everything.hits.filter { $0.department == shown }.map(\.document))
            #expect(allowed.count == 8)
            let key = try stack.makeKey([.search])
            try await stack.untilClosed(key: key)
            let made = try await stack.call(
                "POST", "/v1/tokens", body: Data(#"{"tenant":"t","filter":"部门:市公安局","seconds":600}"#.utf8), key: key)
            struct Made: Decodable { let token: String }
            let token = try made.value(as: Made.self).token
            let base = "/v1/collections/bulletins"
            var random = SystemRandomNumberGenerator()
            for query in ["*", "复工", "复工复产", "教育局", "-公安局", "部门:市教育局", "第1号 OR 第2号", "标题:通告", "复*", "公安~"] {
                // Twice, and once without the filter in between: an answer that is kept is kept for this tenant.
                for _ in 0..<2 {
                    let answer = try await stack.call(
                        "GET", base + "/search",
                        ["q": query, "limit": "100", "facets": "department", "histogram": "1", "explain": "1"],
                        key: token)
                    let reply = try answer.value(as: SearchReply.self)
                    #expect(Set(reply.hits.map(\.document)).isSubset(of: allowed), "\(query)")
                    #expect(reply.total == reply.hits.count, "\(query)")
                    #expect((reply.facets?["department"] ?? []).allSatisfy { $0.value == shown }, "\(query)")
                    #expect((reply.histogram ?? []).reduce(0) { $0 + $1.count } == reply.total, "\(query)")
                    #expect(!reply.understood.contains("公安局") || query.contains("公安局"))
                    _ = try await stack.call("GET", base + "/search", ["q": query, "limit": "100"], key: key)
                }
                let export = try await stack.call("GET", base + "/export", ["q": query], key: token)
                let lines = String(decoding: export.body, as: UTF8.self).split(separator: "\n")
                #expect(lines.allSatisfy { $0.contains("\"department\":{") && $0.contains(shown) }, "\(query)")
                #expect(lines.count <= allowed.count)
            }
            for typed in ["市", "市教", "公安", "第1", "事项", "gaj", "jyj", "shijiaoyu", "市公按局", "市教育具", "关于第1好", "的通告"] {
                let answer = try await stack.call("GET", base + "/suggest", ["q": typed, "limit": "50"], key: token)
                let reply = try answer.value(as: SuggestReply.self)
                #expect(reply.complete && reply.suggestions.allSatisfy { !$0.text.contains("教育局") }, "\(typed)")
                #expect(reply.suggestions.allSatisfy { $0.count ?? 0 <= allowed.count }, "\(typed)")
                #expect(reply.suggestions.filter { $0.field == "title" }.count <= allowed.count, "\(typed)")
                let all = try await stack.call("GET", base + "/suggest", ["q": typed, "limit": "50"], key: key)
                #expect(try all.value(as: SuggestReply.self).suggestions.count >= reply.suggestions.count, "\(typed)")
            }
            let shownNames = try await stack.call("GET", base + "/suggest", ["q": "sgaj"], key: token)
            #expect(try shownNames.value(as: SuggestReply.self).suggestions.first?.count == allowed.count)
            for number in 0..<24 {
                let mayRead = allowed.contains("d\(number)")
                for path in ["/documents/d\(number)", "/documents/d\(number)/original", "/documents/d\(number)%230"] {
                    #expect(
                        try await stack.call("GET", base + path, key: token).status == (mayRead ? 200 : 404), "\(path)")
                }
                let similar = try await stack.call("GET", base + "/similar", ["id": "d\(number)"], key: token)
                #expect(similar.status == (mayRead ? 200 : 404))
                if mayRead {
                    let hits = try similar.value(as: SearchReply.self).hits
                    #expect(Set(hits.map(\.document)).isSubset(of: allowed))
                }
            }
            #expect(try await stack.call("GET", "/v1/status", key: token).status == 403)
            #expect(try await stack.call("DELETE", base + "/documents/d0", key: token).status == 403)
            // A token with one character changed is none.
            let characters = Array(token)
            for place in stride(from: 5, to: characters.count, by: 7) {
                var forged = characters
                let other = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
                forged[place] = other.filter { $0 != characters[place] }.randomElement(using: &random) ?? "A"
                #expect(try await stack.call("GET", base + "/search", key: String(forged)).status == 401, "\(place)")
            }
            // The token ends with its key.
            try APIKeyFile.update(path: stack.folder + "/api-keys.json") { (file) throws(KuaibaoError) in
                for place in file.keys.indices { file.keys[place].revokedAt = 1 }
            }
            while try await stack.call("GET", base + "/search", key: token).status != 401 {
                try await Task.sleep(for: .milliseconds(20))
            }
            try await stack.stop()
        }

        @Test func aKeyHasItsRateAndTheAuditLogKnowsIt() async throws {
            let log = try RunningStack.makeFolder() + "/audit.ndjson"
            let stack = try await RunningStack(RunningStack.Shape(gateway: ["KUAIBAO_AUDIT_LOG": log]))
            let key = try stack.makeKey([.search], rate: 1)
            let free = try stack.makeKey([.search])
            try await stack.untilClosed(key: free)
            var limited: RunningStack.Answer?
            // As many as it takes: a busy machine answers less than one a second now and then.
            for _ in 0..<1000 where limited == nil {
                let answer = try await stack.call("GET", "/v1/collections/bulletins/search", ["q": "复工"], key: key)
                if answer.status == 429 { limited = answer }
            }
            #expect(limited?.error?.code == .busy)
            #expect((limited?.headers["retry-after"]).flatMap { Int($0) } == 1)
            #expect(try await stack.call("GET", "/v1/collections/bulletins/search", key: free).status == 200)
            try await stack.stop()
            let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
            #expect(
                lines.contains {
                    $0.contains("\"status\":429") && $0.contains("\"key\":\"\(key.dropFirst(4).prefix(16))\"")
                })
            #expect(!lines.contains { $0.contains(key.suffix(43)) }, "no secret stands in the log")
        }

        @Test func withoutKeysTheGatewayStaysOnThisMachine() async throws {
            let folder = try RunningStack.makeFolder()
            let settings = try Settings(
                keys: QuerySettings.keys, arguments: ["--http-host", "0.0.0.0", "--data-dir", folder], environment: [:])
            let service = QueryGatewayService(
                settings: settings, logger: ServiceRun.makeLogger(label: "test", level: "critical"))
            await #expect(throws: KuaibaoError.self) { try await service.run() }
        }
    }
}
