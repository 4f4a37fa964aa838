// Watches over HTTP and ZeroMQ, from a document to an acknowledged alert.

import Foundation
import LocalWeb
import Messages
import ServiceKit
import Synchronization
import Testing
import Transport
import ZeroMQ

@testable import QueryService

extension RunningStack {
    struct WatchAnswer: Decodable, Sendable {
        let id: String
        let number: Int64
        let owner: String
        let filter: String?
        let createdVersion: Int64
        let counts: AlertCounts
        let everyItem: Bool?
    }

    struct AlertsAnswer: Decodable { let alerts: [Alert] }

    @discardableResult
    func watch(_ q: String, id: String? = nil, key: String? = nil) async throws -> WatchAnswer {
        var body: [String: JSONValue] = ["q": .string(q)]
        if let id { body["id"] = .string(id) }
        let answer = try await call(
            "POST", "/v1/watches", body: try JSONEncoder().encode(body), contentType: "application/json", key: key)
        if let error = answer.error { throw error }
        return try answer.value()
    }

    func alerts(_ id: String, isDead: Bool = false) async throws -> [Alert] {
        try await (get("/v1/watches/\(id)/alerts", ["dead": "\(isDead)", "limit": "500"]) as AlertsAnswer).alerts
    }

    func counts(_ id: String) async throws -> AlertCounts { try await (get("/v1/watches/\(id)") as WatchAnswer).counts }

    func acknowledge(_ id: String, _ body: String, key: String? = nil) async throws -> Answer {
        try await call(
            "POST", "/v1/watches/\(id)/ack", body: Data(body.utf8), contentType: "application/json", key: key)
    }
}

extension StackSuites {
    @Suite(.timeLimit(.minutes(5)))
    struct WatchTests {
        @Test func alertsComeOnceInOrderAndAreSettledForGood() async throws {
            let folder = try RunningStack.makeFolder()
            var stack = try await RunningStack(folder: folder)
            try await stack.add("之前的通知\n\n核酸采样点已经开放。", identity: "before")
            let watch = try await stack.watch("核酸采样点 -关闭", id: "sites")
            #expect(watch.everyItem == false && watch.createdVersion >= 1)
            #expect(try await stack.watch("核酸采样点 -关闭", id: "sites").number == watch.number, "the same again")
            for number in 1...5 { try await stack.add("第\(number)号通知\n\n新增核酸采样点\(number)处。", identity: "d\(number)") }
            try await stack.add("别的通知\n\n某核酸采样点关闭。", identity: "closed")
            let alerts = try await stack.alerts("sites")
            #expect(alerts.map(\.sequence) == [1, 2, 3, 4, 5])
            #expect(alerts.map(\.item.document) == (1...5).map { "d\($0)" })
            // The same text again is nothing new; another text is.
            try await stack.add("第1号通知\n\n新增核酸采样点1处。", identity: "d1", key: "again")
            try await stack.add("第2号通知\n\n新增核酸采样点22处。", identity: "d2")
            #expect(try await stack.alerts("sites").map(\.item.document).last == "d2")
            #expect(try await stack.counts("sites") == AlertCounts(matched: 6, pending: 6))
            let acknowledged = try await stack.acknowledge("sites", #"{"through":4}"#)
            #expect(
                try acknowledged.value(as: AlertCounts.self) == AlertCounts(matched: 6, acknowledged: 4, pending: 2))
            try await stack.stop()
            stack = try await RunningStack(folder: folder)
            #expect(try await stack.alerts("sites").map(\.sequence) == [5, 6], "after a restart")
            _ = try await stack.acknowledge("sites", #"{"alerts":[6,6]}"#)
            #expect(try await stack.counts("sites") == AlertCounts(matched: 6, acknowledged: 5, pending: 1))
            let status: StatusReply = try await stack.get("/v1/status")
            let collection = try #require(status.ingest?.collections.first)
            #expect(collection.watches == 1 && collection.alerts?.matched == 6 && collection.alerts?.isBalanced == true)
            for (body, code) in [("{}", ErrorCode.invalidRequest), (#"{"through":1,"alerts":[]}"#, .invalidRequest)] {
                #expect(try await stack.acknowledge("sites", body).error?.code == code)
            }
            let gone = try await stack.call("DELETE", "/v1/watches/sites")
            #expect(gone.status == 200)
            #expect(try await stack.call("GET", "/v1/watches/sites").error?.code == .notFound)
            try await stack.stop()
        }

        @Test func aWatchFindsTheOtherNamesOfItsWords() async throws {
            let stack = try await RunningStack()
            try await stack.watch("疾控", id: "other")
            try await stack.watch("\"疾控\"", id: "quoted")
            try await stack.add("通知\n\n市疾病预防控制中心发布。", identity: "a")
            #expect(try await stack.alerts("other").map(\.item.document) == ["a"])
            #expect(try await stack.alerts("quoted").isEmpty)
            try await stack.stop()
        }

        @Test func aWatchSeesWhatComesAfterItAndNothingElse() async throws {
            let stack = try await RunningStack(.init(indexWorkers: 2))
            // Documents come in a stream while watches are made; each document names its number.
            let writer = Task {
                var count = 0
                while !Task.isCancelled {
                    count += 1
                    try await stack.add("通知\n\n流水号是N\(count)N。复工。", identity: "n\(count)", wait: false)
                }
                return count
            }
            var expected: [(id: String, marker: String)] = []
            for number in 0..<12 {
                try await stack.add("先来的通知\n\n标记甲\(number)号。", identity: "a\(number)")
                try await stack.watch("\"甲\(number)号\" OR \"乙\(number)号\"", id: "w\(number)")
                try await stack.add("后来的通知\n\n标记乙\(number)号。", identity: "b\(number)", wait: false)
                expected.append(("w\(number)", "b\(number)"))
            }
            writer.cancel()
            _ = try? await writer.value
            for (id, document) in expected {
                while try await stack.alerts(id).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
                #expect(try await stack.alerts(id).map(\.item.document) == [document], "\(id)")
            }
            try await stack.stop()
        }

        @Test func aStreamGivesAlertsAsTheyComeAndGoesOnWhereItWasLeft() async throws {
            let stack = try await RunningStack()
            try await stack.watch("采样点", id: "s")
            try await stack.add("一号\n\n采样点一。", identity: "d1")
            let first = try EventListener(port: stack.httpPort, path: "/v1/watches/s/events")
            try await first.until { $0.alerts.count == 1 }
            try await stack.add("二号\n\n采样点二。", identity: "d2")
            try await first.until { $0.alerts.count == 2 }
            first.leave()
            try await stack.add("三号\n\n采样点三。", identity: "d3")
            let second = try EventListener(port: stack.httpPort, path: "/v1/watches/s/events", lastEventID: 1)
            try await second.until { $0.alerts.count == 2 }
            #expect(second.alerts.map(\.sequence) == [2, 3] && second.text.contains("\nid: 2\nevent: alert\n"))
            _ = try await stack.acknowledge("s", #"{"through":2}"#)
            let third = try EventListener(port: stack.httpPort, path: "/v1/watches/s/events")
            try await third.until { $0.alerts.count == 1 }
            #expect(third.alerts.map(\.sequence) == [3], "what is acknowledged is not sent again")
            _ = try await stack.call("DELETE", "/v1/watches/s")
            try await third.until { $0.text.contains("event: end") }
            #expect(try await stack.call("GET", "/v1/watches/s/events").error?.code == .notFound)
            let fourth = try await stack.watch("采样点", id: "t")
            let wrong = try await stack.call("GET", "/v1/watches/t/events", headers: ["Last-Event-ID": "x"])
            #expect(wrong.error?.code == .invalidRequest && fourth.counts.matched == 0)
            // A stream that is open does not hold up the end.
            let last = try EventListener(port: stack.httpPort, path: "/v1/watches/t/events")
            try await last.until { $0.text.contains(": begins") }
            try await stack.stop()
            try await last.until { $0.text.contains("data: stopping") }
        }

        @Test func aZeroMQClientWaitsForAlertsAndSettlesThem() async throws {
            let stack = try await RunningStack()
            try await stack.watch("采样点", id: "z")
            let thread = try PollThread(name: "test-ask")
            let client = try RequestClient(
                thread: thread, endpoint: stack.ask, prefix: "t", now: SystemClock.monotonicMilliseconds)
            func ask(_ request: WatchRequest) async throws -> WatchReply {
                try await client.request(.watch, request, timeoutMilliseconds: 60_000).body(as: WatchReply.self)
            }
            // The connection is made in the background.
            while true {
                do {
                    _ = try await ask(.alerts(watch: "z", after: 0, limit: 1, waitMilliseconds: 0))
                    break
                } catch let error as KuaibaoError where error.code == .unavailable {
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            async let waiting = ask(.alerts(watch: "z", after: 0, limit: 10, waitMilliseconds: 30_000))
            try await stack.add("一号\n\n采样点一。", identity: "d1")
            guard case .alerts(let alerts) = try await waiting else { throw CocoaError(.coderInvalidValue) }
            #expect(alerts.map(\.item.title) == ["一号"])
            let counts = try await ask(.acknowledge(watch: "z", .through(1)))
            #expect(counts == .counts(AlertCounts(matched: 1, acknowledged: 1)))
            let none = try await ask(.alerts(watch: "z", after: 0, limit: 10, waitMilliseconds: 50))
            #expect(none == .alerts([]))
            await #expect(throws: KuaibaoError.self) { try await ask(.acknowledge(watch: "none", .through(1))) }
            try await stack.stop()
            thread.stop()
        }

        @Test func aWebhookTakesAlertsInOrderAndWhatItRefusesIsADeadLetterToRetry() async throws {
            var shape = RunningStack.Shape()
            shape.gateway = [
                "KUAIBAO_WEBHOOK_ALLOW": "127.0.0.0/8", "KUAIBAO_WEBHOOK_ATTEMPTS": "2",
                "KUAIBAO_WEBHOOK_PAUSE_MILLISECONDS": "10",
            ]
            let isMended = Mutex(false)
            let receiver = try LocalServer { request in
                let isRefused =
                    String(decoding: request.body, as: UTF8.self).contains("拒收") && !isMended.withLock { $0 }
                return .response(isRefused ? 500 : 204)
            }
            let stack = try await RunningStack(shape)
            let secret = "a secret of this test"
            func make(_ destination: [String: String], id: String) async throws -> RunningStack.Answer {
                let body: [String: JSONValue] = [
                    "q": .string("采样点"), "id": .string(id), "destination": .object(destination.mapValues { .string($0) }),
                ]
                return try await stack.call(
                    "POST", "/v1/watches", body: try JSONEncoder().encode(body), contentType: "application/json")
            }
            let made = try await make(
                ["kind": "webhook", "url": receiver.address + "/in", "secret": secret], id: "hook")
            #expect(made.status == 200 && !String(decoding: made.body, as: UTF8.self).contains(secret))
            for wrong in [
                ["kind": "webhook"], ["kind": "webhook", "url": "ftp://x.example/", "secret": secret],
                ["kind": "webhook", "url": receiver.address, "secret": "short"],
                ["kind": "stream", "url": receiver.address],
            ] {
                #expect(try await make(wrong, id: "wrong").error?.code == .invalidRequest, "\(wrong)")
            }
            for name in ["一", "拒收", "三"] { try await stack.add("\(name)号\n\n采样点\(name)。", identity: name) }
            while try await stack.counts("hook").pending > 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await stack.counts("hook") == AlertCounts(matched: 3, acknowledged: 2, dead: 1))
            #expect(receiver.requests.map { $0.headers["kuaibao-alert"] } == ["1", "2", "2", "3"])
            for request in receiver.requests {
                let signature = try #require(request.headers["kuaibao-signature"])
                let time = try #require(Int64(signature.dropFirst(2).prefix { $0 != "," }))
                #expect(signature == WebhookSignature.header(request.body, secret: secret, at: time))
                #expect(request.target == "/in" && request.headers["kuaibao-watch"] == "hook")
            }
            let dead = try await stack.alerts("hook", isDead: true)
            #expect(
                dead.map(\.sequence) == [2] && dead.first?.attempts == 2 && dead.first?.reason?.contains("500") == true)
            isMended.withLock { $0 = true }
            let retried = try await stack.call("POST", "/v1/watches/hook/retry", body: Data(#"{"alerts":[2]}"#.utf8))
            #expect(try retried.value(as: AlertCounts.self).dead == 0)
            while try await stack.counts("hook").pending > 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await stack.counts("hook") == AlertCounts(matched: 3, acknowledged: 3))
            try await stack.stop()
            receiver.stop()
        }

        @Test func aWebhookDoesNotReachIntoTheHouseUnlessItIsAllowed() async throws {
            let receiver = try LocalServer { _ in .response(204) }
            var shape = RunningStack.Shape()
            shape.gateway = ["KUAIBAO_WEBHOOK_ATTEMPTS": "1"]
            let stack = try await RunningStack(shape)
            let body =
                #"{"q":"采样点","id":"inside","destination":{"kind":"webhook","url":"\#(receiver.address)","secret":"a secret of this test"}}"#
            _ = try await stack.call("POST", "/v1/watches", body: Data(body.utf8))
            try await stack.add("一号\n\n采样点一。", identity: "d1")
            while try await stack.counts("inside").dead == 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(receiver.requests.isEmpty)
            #expect(try await stack.alerts("inside", isDead: true).first?.reason?.contains("loopback") == true)
            try await stack.stop()
            receiver.stop()
        }

        @Test func aDryRunTellsDaysAndNearMisses() async throws {
            let stack = try await RunningStack()
            try await stack.addSeeds()
            struct Preview: Decodable {
                struct Day: Decodable, Equatable { let day: String, count: Int }
                struct Miss: Decodable { let change: String, part: String, total: Int }
                let total: Int, listed: Int, days: [Day], misses: [Miss], everyItem: Bool, from: String, to: String
            }
            let preview: Preview = try await stack.get(
                "/v1/watches/preview", ["q": "复工复产 部门:上海市公安局", "days": "60", "until": "2020-03-31"])
            #expect(preview.from == "2020-02-01" && preview.to == "2020-03-31" && !preview.everyItem)
            #expect(preview.total == preview.listed && preview.days.reduce(0) { $0 + $1.count } == preview.total)
            let search = try await stack.search("复工复产 部门:上海市公安局 日期:2020-02-01..2020-03-31", ["limit": "100"])
            #expect(preview.total == search.total && search.total > 0)
            let wider = try await stack.search("复工复产 日期:2020-02-01..2020-03-31")
            let without = preview.misses.first { $0.change == "without" && $0.part.contains("上海市公安局") }
            #expect(without?.total == wider.total - search.total)
            for wrong in [["q": "(复工"], ["q": "复工", "days": "0"], ["q": "复工", "until": "2020"], ["days": "3"]] {
                #expect(try await stack.call("GET", "/v1/watches/preview", wrong).status == 400, "\(wrong)")
            }
            try await stack.stop()
        }

        @Test func whatIsWrongIsRefusedWithItsPlace() async throws {
            let stack = try await RunningStack()
            func refused(_ body: String) async throws -> KuaibaoError? {
                try await stack.call("POST", "/v1/watches", body: Data(body.utf8), contentType: "application/json")
                    .error
            }
            #expect(try await refused(#"{"q":"(复工"}"#)?.range != nil)
            #expect(try await refused(#"{"q":"  "}"#)?.code == .invalidQuery)
            #expect(try await refused(#"{"q":"复工","collection":"none"}"#)?.code == .unknownCollection)
            #expect(try await refused(#"{"q":"复工","id":"preview"}"#)?.code == .conflict)
            #expect(try await refused(#"{"q":"复工","id":"A B"}"#)?.code == .invalidRequest)
            #expect(try await refused(#"{"q":"复工","x":1}"#)?.code == .invalidRequest)
            try await stack.watch("复工", id: "one")
            #expect(try await refused(#"{"q":"复产","id":"one"}"#)?.code == .conflict)
            try await stack.stop()
        }
    }
}
