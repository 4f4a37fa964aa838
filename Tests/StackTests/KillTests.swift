// SIGKILL of real processes under load: nothing acknowledged is lost, nothing is there twice, the rest goes on.

import Foundation
import Glibc
import Messages
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(20)), .enabled(if: ProcessStack.programs != nil, "the programs are not built"))
    struct KillTests {
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

        /// Kills of one run; the variable KUAIBAO_TEST_KILLS asks for more.
        private static let kills = ProcessInfo.processInfo.environment["KUAIBAO_TEST_KILLS"].flatMap { Int($0) } ?? 100

        @Test func killsOfAnyProcessLoseNothingAndDoubleNothing() async throws {
            let seed = ProcessInfo.processInfo.environment["KUAIBAO_TEST_SEED"].flatMap { UInt64($0) } ?? 20_200_208
            print("seed \(seed), \(Self.kills) kills")
            var generator = Generator(state: seed)
            let stack = try await ProcessStack()
            // A writer sends documents one by one, each again under its key until it is acknowledged.
            let writer = Task { () -> [String] in
                var acknowledged: [String] = []
                while !Task.isCancelled {
                    let number = acknowledged.count
                    let text = "第\(number)号通知\n\n2020年3月\(number % 28 + 1)日\n\n本通知的编号是BH\(number)X，请各单位遵照执行。"
                    let parameters = ["identity": "d-\(number)", "key": "k-\(number)"]
                    do {
                        _ = try await stack.call(
                            "POST", "/v1/collections/bulletins/documents", parameters, body: Data(text.utf8))
                        acknowledged.append("BH\(number)X")
                    } catch {
                        try? await Task.sleep(for: .milliseconds(5))
                    }
                }
                return acknowledged
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
            #expect(!acknowledged.isEmpty, "the writer came through at times")
            print("\(acknowledged.count) documents were acknowledged")
            try await settle(stack)
            try await retryGivenUp(stack)
            let status: StatusReply = try await stack.get("/v1/status")
            let counts = try #require(status.ingest?.collections.first?.counts)
            #expect(counts.isBalanced && counts.deadLettered == 0)
            // The last document may have been accepted without the writer having seen the answer.
            #expect((acknowledged.count...acknowledged.count + 1).contains(Int(counts.accepted)))
            #expect(counts.searchable == counts.accepted)
            for word in acknowledged {
                let reply: SearchReply = try await stack.get("/v1/collections/bulletins/search", ["q": word])
                #expect(reply.total == 1, "\(word), seed \(seed)")
            }
            await stack.stop()
        }

        /// Waits until every accepted document has been reflected.
        private func settle(_ stack: ProcessStack) async throws {
            while true {
                let status: StatusReply? = try? await stack.get("/v1/status")
                if let collection = status?.ingest?.collections.first, collection.counts.inFlight == 0,
                    status?.searchVersions["bulletins"] == collection.version, status?.problems.isEmpty == true
                {
                    return
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        /// A document that had its worker killed under it as often as the delivery limit is a dead letter, kept whole: on a
        /// slow machine the workers of this test may live too short for it. All are retried, as a person would do.
        private func retryGivenUp(_ stack: ProcessStack) async throws {
            struct DeadList: Decodable { let dead: [DeadDocumentSummary] }
            let base = "/v1/collections/bulletins/dead-letters"
            while case let dead:DeadList = try await stack.get(base, ["limit": "1000"]), !dead.dead.isEmpty {
                print("\(dead.dead.count) documents were given up, and are retried")
                for entry in dead.dead {
                    for letter in entry.deadLetters {
                        #expect(letter.message.hasPrefix("given up after 3 deliveries: worker "), "\(letter.message)")
                    }
                    _ = try await stack.call("POST", "/v1/submissions/\(entry.submission)/retry")
                }
                try await settle(stack)
            }
        }

        /// The query gateway sends a document again, under a key of its own, when the ingest gateway dies in between.
        @Test func documentsComeThroughOnceWhileTheIngestGatewayDies() async throws {
            let stack = try await ProcessStack()
            let writer = Task { () -> Int in
                var sent = 0
                while !Task.isCancelled {
                    let body = Data("第\(sent)号\n\n没有钥匙的公告。".utf8)
                    do {
                        _ = try await stack.call("POST", "/v1/collections/bulletins/documents", body: body)
                        sent += 1
                    } catch  where Task.isCancelled {
                        // The test's own end may come while nobody answers.
                        break
                    }
                }
                return sent
            }
            for _ in 0..<4 {
                try await Task.sleep(for: .milliseconds(300))
                if let victim = try stack.children().first(where: { $0.name == "ingest-gateway" }) {
                    kill(victim.id, SIGKILL)
                }
                try await stack.waitUntilReady()
            }
            writer.cancel()
            let sent = try await writer.value
            #expect(sent > 0)
            try await settle(stack)
            let status: StatusReply = try await stack.get("/v1/status")
            // The last one may have been cut off by the test's own end.
            #expect((sent...sent + 1).contains(Int(status.ingest?.collections.first?.counts.accepted ?? -1)))
            #expect(status.counters["query_documents_resent_total", default: 0] > 0)
            await stack.stop()
        }

        @Test func queriesAreAnsweredWhileAQueryWorkerDies() async throws {
            let stack = try await ProcessStack()
            _ = try await stack.call(
                "POST", "/v1/collections/bulletins/documents", ["wait": "searchable"],
                body: Data("一个通知\n\n各单位有序复工。".utf8))
            let reader = Task { () -> Int in
                var answers = 0
                while !Task.isCancelled {
                    do {
                        let reply: SearchReply = try await stack.get(
                            "/v1/collections/bulletins/search", ["q": "复工", "timeout": "60000"])
                        #expect(reply.total == 1 && reply.complete)
                        answers += 1
                    } catch  where Task.isCancelled {
                        // The test's own end, in the middle of a request.
                        break
                    }
                }
                return answers
            }
            for _ in 0..<5 {
                // Both have joined: one dies, the other must answer.
                try await stack.waitUntilQueryWorkersJoined(2)
                let workers = try stack.children().filter { $0.name == "query-worker" }
                if let victim = workers.first { kill(victim.id, SIGKILL) }
                try await Task.sleep(for: .milliseconds(600))
            }
            reader.cancel()
            #expect(try await reader.value > 0)
            await stack.stop()
        }

        @Test func termDrainsEveryProcessInTime() async throws {
            let stack = try await ProcessStack()
            let children = try stack.children()
            #expect(children.count == 6)
            await stack.stop()
            #expect(stack.status == 0)
            // What does not end within the supervisor's 10 seconds is killed, and cannot say that it has stopped.
            for log in [
                "ingest-gateway", "query-gateway", "ingest-worker-1", "index-worker-1", "query-worker-1",
                "query-worker-2",
            ] {
                let text = try String(contentsOfFile: "\(stack.folder)/log/\(log).log", encoding: .utf8)
                #expect(text.contains("has stopped"), "\(log): \(text.suffix(300))")
            }
            #expect(try stack.children().isEmpty)
        }
    }
}
