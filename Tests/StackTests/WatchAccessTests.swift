// Who may see a watch, and what a tenant's watch may match.

import Foundation
import Messages
import ServiceKit
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(5)))
    struct WatchAccessTests {
        private struct Token: Decodable { let token: String }
        private struct List: Decodable { let watches: [RunningStack.WatchAnswer] }

        @Test func aWatchIsItsOwnersAndATenantsIsNarrowed() async throws {
            let stack = try await RunningStack()
            try await stack.watch("采样点", id: "open")
            let desk = try stack.makeKey([.search, .watch])
            let other = try stack.makeKey([.search, .watch])
            let house = try stack.makeKey([.watch, .admin])
            let writer = try stack.makeKey([.add])
            let elsewhere = try stack.makeKey([.watch], collections: ["elsewhere"])
            while try await stack.call("GET", "/v1/watches", key: elsewhere).status != 200 {
                try await Task.sleep(for: .milliseconds(10))
            }
            let signed = try await stack.call(
                "POST", "/v1/tokens", body: Data(#"{"tenant":"t","filter":"部门:上海市公安局","seconds":3600}"#.utf8), key: desk
            )
            let tenant = try signed.value(as: Token.self).token
            let narrow = try await stack.watch("采样点", id: "narrow", key: tenant)
            #expect(narrow.filter == "部门:上海市公安局")
            try await stack.watch("采样点", id: "wide", key: desk)
            try await stack.watch("采样点", id: "others", key: other)
            let refused = try await stack.call(
                "POST", "/v1/watches", body: Data(#"{"q":"采样点"}"#.utf8), key: elsewhere)
            #expect(refused.error?.code == .notAllowed)
            func listed(_ key: String) async throws -> [String] {
                try await stack.call("GET", "/v1/watches", key: key).value(as: List.self).watches.map(\.id)
            }
            #expect(try await listed(tenant) == ["narrow"])
            #expect(try await listed(desk) == ["narrow", "wide"])
            #expect(try await listed(other) == ["others"])
            #expect(try await listed(house) == ["open", "narrow", "wide", "others"])
            #expect(try await listed(elsewhere) == [])
            for (key, id) in [(tenant, "wide"), (other, "wide"), (desk, "others"), (elsewhere, "wide"), (desk, "open")]
            {
                for (method, path) in [("GET", ""), ("DELETE", ""), ("GET", "/alerts"), ("GET", "/events")] {
                    let answer = try await stack.call(method, "/v1/watches/\(id)\(path)", key: key)
                    #expect(answer.error?.code == .notFound, "\(method) \(id)\(path)")
                }
                #expect(try await stack.acknowledge(id, #"{"through":9}"#, key: key).error?.code == .notFound, "\(id)")
            }
            for (number, department) in ["上海市公安局", "上海市卫健委"].enumerated() {
                let text = "\(department)\n\n2月18日\n\n采样点通告\(number)\n\n新增采样点。\n\n来源：上海发布\n"
                let answer = try await stack.call(
                    "POST", "/v1/collections/bulletins/documents", ["identity": "d\(number)", "wait": "accepted"],
                    body: Data(text.utf8), key: writer)
                #expect(answer.status == 202)
            }
            func alerts(_ id: String, _ key: String) async throws -> [String] {
                try await stack.call("GET", "/v1/watches/\(id)/alerts", key: key)
                    .value(as: RunningStack.AlertsAnswer.self).alerts.map(\.item.document)
            }
            while try await alerts("wide", desk).count < 2 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await alerts("narrow", tenant) == ["d0"])
            #expect(try await alerts("narrow", desk) == ["d0"], "a key sees the watches of its tenants")
            #expect(Set(try await alerts("others", house)) == ["d0", "d1"])
            try await stack.stop()
        }
    }
}
