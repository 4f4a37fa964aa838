// SIGKILL of any process while items come, alerts are read, and alerts are acknowledged: no alert is lost, none is there twice,
// none comes back once its acknowledgement was answered, and the balance holds whenever it is asked for.

import Foundation
import Glibc
import Messages
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(20)), .enabled(if: ProcessStack.programs != nil, "the programs are not built"))
    struct WatchKillTests {
        /// Kills of one run; the variable KUAIBAO_TEST_WATCH_KILLS asks for more.
        private static let kills =
            ProcessInfo.processInfo.environment["KUAIBAO_TEST_WATCH_KILLS"].flatMap { Int($0) } ?? 15

        /// SplitMix64, so that a failing order of kills can be had again.
        private struct Generator: RandomNumberGenerator {
            var state: UInt64
            mutating func next() -> UInt64 {
                state &+= 0x9E37_79B9_7F4A_7C15
                var word = state
                word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
                word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
                return word ^ (word >> 31)
            }
        }

        /// Reads and acknowledges the alerts of one watch, and notes what breaks the promise.
        private struct Subscriber {
            let stack: ProcessStack
            let path: String
            private(set) var documents: [Int64: String] = [:]
            private(set) var settled: Int64 = 0
            /// What was to be acknowledged last; whether it was is not known where no answer came.
            private var attempted: Int64 = 0
            private(set) var breaches: [String] = []

            init(_ stack: ProcessStack, _ id: String) {
                self.stack = stack
                path = "/v1/watches/\(id)"
            }

            private struct Answer: Decodable { let alerts: [Alert] }

            /// One page and its acknowledgement. A request that fails is tried again by the next turn.
            mutating func turn() async throws {
                let alerts = try JSONDecoder().decode(Answer.self, from: try await stack.call("GET", path + "/alerts"))
                    .alerts
                if let first = alerts.first?.sequence, first > settled + 1, first <= attempted + 1 {
                    settled = first - 1
                }
                var last = settled
                for alert in alerts {
                    if alert.sequence <= settled { breaches.append("\(alert.sequence) came after its acknowledgement") }
                    if alert.sequence != last + 1 { breaches.append("\(alert.sequence) came after \(last)") }
                    if let known = documents[alert.sequence], known != alert.item.document {
                        breaches.append("\(alert.sequence) was \(known) and is \(alert.item.document)")
                    }
                    documents[alert.sequence] = alert.item.document
                    last = alert.sequence
                }
                guard last > settled else { return }
                attempted = last
                let body = Data(#"{"through":\#(last)}"#.utf8)
                let counts = try JSONDecoder().decode(
                    AlertCounts.self, from: try await stack.call("POST", path + "/ack", body: body))
                settled = last
                if !counts.isBalanced || counts.acknowledged < last { breaches.append("the balance is \(counts)") }
            }
        }

        @Test func killsOfAnyProcessLoseNoAlertAndRepeatNoneThatWasAcknowledged() async throws {
            let seed = ProcessInfo.processInfo.environment["KUAIBAO_TEST_SEED"].flatMap { UInt64($0) } ?? 20_220_506
            print("seed \(seed), \(Self.kills) kills")
            var generator = Generator(state: seed)
            let stack = try await ProcessStack()
            _ = try await stack.call("POST", "/v1/watches", body: Data(#"{"q":"采样点 -关闭","id":"sites"}"#.utf8))
            let writer = Task { () -> [String] in
                var acknowledged: [String] = []
                while !Task.isCancelled {
                    let identity = "d-\(acknowledged.count)"
                    let text = "第\(acknowledged.count)号通知\n\n新增采样点\(acknowledged.count)处。"
                    do {
                        _ = try await stack.call(
                            "POST", "/v1/collections/bulletins/documents",
                            ["identity": identity, "key": "k-\(identity)"],
                            body: Data(text.utf8))
                        acknowledged.append(identity)
                    } catch {
                        try? await Task.sleep(for: .milliseconds(5))
                    }
                }
                return acknowledged
            }
            let reader = Task { () -> Subscriber in
                var subscriber = Subscriber(stack, "sites")
                while !Task.isCancelled {
                    try? await subscriber.turn()
                    try? await Task.sleep(for: .milliseconds(10))
                }
                return subscriber
            }
            for _ in 0..<Self.kills {
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...250, using: &generator)))
                let children = try stack.children().sorted { ($0.name, $0.id) < ($1.name, $1.id) }
                guard let victim = children.randomElement(using: &generator) else { continue }
                kill(victim.id, SIGKILL)
            }
            writer.cancel()
            let acknowledged = await writer.value
            try await stack.waitUntilReady()
            var accepted: Int64 = -1
            while true {
                if let status: StatusReply = try? await stack.get("/v1/status"),
                    let collection = status.ingest?.collections.first, collection.counts.inFlight == 0,
                    let alerts = collection.alerts
                {
                    #expect(alerts.isBalanced && collection.counts.isBalanced)
                    accepted = collection.counts.accepted
                    if alerts.matched == accepted, alerts.pending == 0 { break }
                }
                try await Task.sleep(for: .milliseconds(50))
            }
            reader.cancel()
            let subscriber = await reader.value
            #expect(subscriber.breaches.isEmpty, "seed \(seed): \(subscriber.breaches.prefix(5))")
            let documents = subscriber.documents.sorted { $0.key < $1.key }.map(\.value)
            #expect(Set(documents).count == documents.count, "seed \(seed): an item made two alerts")
            #expect(Set(acknowledged).subtracting(documents).isEmpty, "seed \(seed): an item made no alert")
            #expect(!acknowledged.isEmpty && Int64(documents.count) == accepted)
            print("\(acknowledged.count) documents, \(documents.count) alerts, all acknowledged")
            await stack.stop()
        }
    }
}
