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

        private static let arrivals = """
            collection: arrivals
            title: 登记
            identity: id
            shows: id
            partitions: 2
            fields:
              id: keyword
              community: {type: keyword, names: [社区], facet: true, list: true}
              state: {type: keyword, names: [处置], facet: true}
            """

        private struct Desks: Decodable {
            struct Desk: Decodable {
                let desk: String
                let id: String
                let counts: AlertCounts
                let delivered: Int64
                let due: AlertDue
            }

            let desks: [Desk]
        }

        /// One rule tells every community of its own records and of no other's, also one that nobody knew before.
        @Test func aRuleOfBulletinsGivesEachDepartmentItsOwn() async throws {
            let stack = try await RunningStack()
            let house = try stack.makeKey([.search, .watch, .add])
            while try await stack.call("GET", "/v1/watches", key: house).status != 200 {
                try await Task.sleep(for: .milliseconds(10))
            }
            let rule = #"{"q":"复工","id":"offices","route":"部门"}"#
            let made = try await stack.call("POST", "/v1/watches", body: Data(rule.utf8), key: house)
            #expect(made.status == 200, "\(made.error?.message ?? "")")
            for (identity, department) in [("a", "市公安局"), ("b", "市民政局"), ("c", "市公安局"), ("d", nil)] {
                let answer = try await stack.call(
                    "POST", "/v1/collections/bulletins/documents",
                    ["identity": identity, "wait": "searchable"]
                        .merging(department.map { ["hint.department": $0] } ?? [:]) { $1 },
                    body: Data("复工复产第\(identity)号\n\n企业有序复工，做好防护。".utf8), key: house)
                #expect(answer.status == 200)
            }
            let desks = try await stack.call("GET", "/v1/watches/offices/desks", key: house).value(as: Desks.self).desks
            #expect(Dictionary(uniqueKeysWithValues: desks.map { ($0.desk, Int($0.counts.matched)) }) == ["市公安局": 2, "市民政局": 1])
            func alerts(_ id: String, _ key: String) async throws -> [String] {
                try await stack.call("GET", "/v1/watches/\(id)/alerts", key: key)
                    .value(as: RunningStack.AlertsAnswer.self).alerts.map(\.item.document)
            }
            #expect(try await alerts("offices", house) == ["d"], "an item without a department stays with the rule")
            let body = Data(#"{"tenant":"t","filter":"部门:市公安局","seconds":60}"#.utf8)
            let token = try await stack.call("POST", "/v1/tokens", body: body, key: house).value(as: Token.self).token
            let listed = try await stack.call("GET", "/v1/watches", key: token).value(as: List.self).watches.map(\.id)
            #expect(listed == desks.filter { $0.desk == "市公安局" }.map(\.id))
            #expect(try await alerts(try #require(listed.first), token) == ["a", "c"])
            try await stack.stop()
        }

        @Test func aRuleGivesEachDeskItsOwn() async throws {
            let stack = try await RunningStack()
            _ = try await stack.declare(Self.arrivals)
            let house = try stack.makeKey([.search, .watch, .add])
            let stranger = try stack.makeKey([.search, .watch])
            while try await stack.call("GET", "/v1/watches", key: stranger).status != 200 {
                try await Task.sleep(for: .milliseconds(10))
            }
            func token(_ filter: String, key: String) async throws -> String {
                let body = #"{"tenant":"\#(filter)","filter":"\#(filter)","seconds":3600}"#
                let answer = try await stack.call("POST", "/v1/tokens", body: Data(body.utf8), key: key)
                return try answer.value(as: Token.self).token
            }
            let rule = #"{"collection":"arrivals","q":"处置:待核实","id":"concerned","route":"社区","dueSeconds":1}"#
            func make(_ body: String, _ key: String) async throws -> RunningStack.Answer {
                try await stack.call("POST", "/v1/watches", body: Data(body.utf8), key: key)
            }
            #expect(try await make(rule, house).status == 200)
            #expect(try await make(rule, house).status == 200, "the same again")
            for (wrong, code) in [
                (rule.replacing("社区", with: "nothing"), ErrorCode.invalidRequest),
                (#"{"q":"复工","route":"标题"}"#, .invalidRequest),
                (rule.replacing("\"dueSeconds\":1", with: "\"dueSeconds\":0"), .invalidRequest),
            ] { #expect(try await make(wrong, house).error?.code == code, "\(wrong)") }

            let communities = ["五里桥第3居委", "打浦桥", "南京東路"]
            var tokens: [String] = []
            for community in communities { tokens.append(try await token("社区:\(community)", key: house)) }
            #expect(try await make(rule, tokens[0]).error?.code == .notAllowed)
            let both = try await token("社区:打浦桥 OR 社区:五里桥第3居委", key: house)
            let elsewhere = try await token("社区:打浦桥", key: stranger)
            var expected: [String: Int] = [:]
            for number in 0..<40 {
                let own = number == 7 ? Array(communities.prefix(2)) : [communities[number % 3]]
                let state = number % 4 == 0 ? "已联系" : "待核实"
                let text = own.map { "\"\($0)\"" }.joined(separator: ",")
                let body = #"{"id":"D\#(number)","community":[\#(text)],"state":"\#(state)"}"#
                let answer = try await stack.call(
                    "POST", "/v1/collections/arrivals/documents", ["wait": number == 39 ? "searchable" : "accepted"],
                    body: Data(body.utf8), contentType: "application/json", key: house)
                #expect(answer.status == 200 || answer.status == 202)
                if state == "待核实" { for community in own { expected[community, default: 0] += 1 } }
            }
            func desks(_ parameters: [String: String] = [:]) async throws -> [Desks.Desk] {
                try await stack.call("GET", "/v1/watches/concerned/desks", parameters, key: house)
                    .value(as: Desks.self).desks
            }
            while try await desks().reduce(0, { $0 + Int($1.counts.matched) }) < expected.values.reduce(0, +) {
                try await Task.sleep(for: .milliseconds(20))
            }
            let made = try await desks()
            #expect(Dictionary(uniqueKeysWithValues: made.map { ($0.desk, Int($0.counts.matched)) }) == expected)
            #expect(made.allSatisfy { $0.counts.isBalanced && $0.delivered == 0 })

            func listed(_ key: String) async throws -> [String] {
                try await stack.call("GET", "/v1/watches", key: key).value(as: List.self).watches.map(\.id)
            }
            for (community, key) in zip(communities, tokens) {
                let desk = try #require(made.first { $0.desk == community })
                #expect(try await listed(key) == [desk.id], "a desk sees itself alone")
                let alerts = try await stack.call("GET", "/v1/watches/\(desk.id)/alerts", key: key)
                    .value(as: RunningStack.AlertsAnswer.self).alerts
                #expect(alerts.count == expected[community])
                for alert in alerts {
                    let number = try #require(Int(alert.item.document.dropFirst()))
                    #expect(
                        number == 7 ? community != "南京東路" : communities[number % 3] == community,
                        "\(alert.item.document) is not for \(community)")
                }
                for other in made where other.id != desk.id {
                    for path in ["", "/alerts", "/events", "/desks"] {
                        let answer = try await stack.call("GET", "/v1/watches/\(other.id)\(path)", key: key)
                        #expect(answer.error?.code == .notFound, "\(community) reads \(other.desk)\(path)")
                    }
                }
                #expect(try await stack.call("GET", "/v1/watches/concerned", key: key).error?.code == .notFound)
                #expect(try await stack.call("DELETE", "/v1/watches/\(desk.id)", key: key).error?.code == .notAllowed)
            }
            for key in [both, elsewhere] {
                #expect(try await listed(key) == [])
                for desk in made {
                    #expect(
                        try await stack.call("GET", "/v1/watches/\(desk.id)/alerts", key: key).error?.code == .notFound)
                }
            }
            // What was read is delivered; what is not acknowledged in time is overdue.
            #expect(try await desks().allSatisfy { $0.delivered == $0.counts.matched })
            let first = try #require(made.first { $0.desk == communities[0] })
            let counts = try await stack.acknowledge(first.id, #"{"through":99}"#, key: tokens[0])
            #expect(counts.status == 200)
            var late: [Desks.Desk] = []
            while late.filter({ $0.due.overdue == $0.counts.pending }).count < 2 {
                try await Task.sleep(for: .milliseconds(50))
                late = try await desks(["overdue": "true"])
            }
            #expect(Set(late.map(\.desk)) == Set(communities.dropFirst()))
            #expect(late.allSatisfy { $0.due.oldestPending != nil })
            #expect(try await stack.call("DELETE", "/v1/watches/concerned", key: house).status == 200)
            #expect(try await listed(tokens[0]) == [])
            try await stack.stop()
        }
    }
}
