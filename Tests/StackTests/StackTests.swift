// The whole way through the house, in one process.

import Foundation
import Messages
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(10)))
    struct StackTests {
        @Test func seedsGoInAndAnswersComeOut() async throws {
            let stack = try await RunningStack()
            try await stack.addSeeds()
            let reply = try await stack.search("复工复产", ["facets": "department,source", "histogram": "true"])
            #expect(reply.complete)
            #expect(reply.total == reply.hits.count || reply.hits.count == 10)
            #expect(reply.total >= 10)
            for hit in reply.hits {
                #expect(hit.file != nil)
                #expect(!(hit.title.marks.isEmpty && hit.snippet.marks.isEmpty), "\(hit.id) shows why it was found")
            }
            #expect(reply.facets?["department"]?.isEmpty == false)
            #expect(reply.histogram?.isEmpty == false)
            #expect(reply.timings["total"] != nil)
            #expect(reply.workers.count == 1)
            // Characters that an OCR has torn apart are found together.
            let torn = try await stack.search("疫情防控 咬紧牙关")
            #expect(torn.hits.first?.file?.hasPrefix("004") == true)
            try await stack.stop()
        }

        @Test func aChineseTermMatchesContiguouslyOnly() async throws {
            let stack = try await RunningStack()
            try await stack.add("惠州市发布通告\n\n广东省惠州市今日发布通告。", identity: "huizhou")
            try await stack.add("广州市发布通告\n\n广州今日发布通告。", identity: "guangzhou")
            #expect(try await stack.search("广州").hits.map(\.document) == ["guangzhou"])
            #expect(try await stack.search("廣州").hits.map(\.document) == ["guangzhou"])
            #expect(try await stack.search("\"发布通告\" -广州").hits.map(\.document) == ["huizhou"])
            try await stack.stop()
        }

        @Test func aNewerVersionReplacesTheOlderAndARemovalEndsIt() async throws {
            let stack = try await RunningStack()
            try await stack.add("苹果通知\n\n今日供应苹果。", identity: "fruit")
            try await stack.add("香蕉通知\n\n今日供应香蕉。", identity: "fruit")
            #expect(try await stack.search("苹果").total == 0)
            #expect(try await stack.search("香蕉").total == 1)
            let removed = try await stack.call(
                "DELETE", "/v1/collections/bulletins/documents/fruit", ["wait": "searchable"])
            #expect(removed.status == 200)
            #expect(try await stack.search("香蕉").total == 0)
            let status: StatusReply = try await stack.get("/v1/status")
            let counts = try #require(status.ingest?.collections.first?.counts)
            #expect(counts.isBalanced)
            #expect(counts.accepted == 3)
            #expect(counts.superseded == 3)
            #expect(counts.searchable == 0)
            try await stack.stop()
        }

        /// Payloads go when nobody needs them and their time is over; ids, outcomes and searches stay.
        @Test func theJournalIsTrimmedBehindTheIndex() async throws {
            var shape = RunningStack.Shape()
            shape.keepsJournal = false
            let stack = try await RunningStack(shape)
            for number in 0..<20 {
                try await stack.add("第\(number)号\n\n已经编入索引。", identity: "t-\(number)", key: "k-\(number)")
            }
            while true {
                let status: StatusReply = try await stack.get("/v1/status")
                let collection = try #require(status.ingest?.collections.first)
                if collection.rawRecords == 0, collection.itemsRecords == 0 { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await stack.search("编入索引").total == 20)
            let again = try await stack.add("另一个内容\n\n不会存。", identity: "t-3", key: "k-3")
            #expect(again.isDuplicate)
            let status: StatusReply = try await stack.get("/v1/status")
            #expect(status.ingest?.counters["ingest_journal_records_trimmed_total"] == 40)
            #expect(status.ingest?.collections.first?.counts.searchable == 20)
            try await stack.stop()
        }

        @Test func theSameSubmissionKeyStoresNothingTwice() async throws {
            let stack = try await RunningStack()
            let first = try await stack.add("一次通知\n\n只有一次。", identity: "once", key: "k-1")
            let again = try await stack.add("一次通知\n\n只有一次。", identity: "once", key: "k-1")
            #expect(again.submission == first.submission)
            #expect(again.isDuplicate && !first.isDuplicate)
            let status: StatusReply = try await stack.get("/v1/status")
            #expect(status.ingest?.collections.first?.counts.accepted == 1)
            try await stack.stop()
        }

        @Test func resultsDoNotDependOnWorkersSegmentsOrMerges() async throws {
            let texts = (0..<60).map { number in
                "通知第\(number)号\n\n2020年3月\(number % 28 + 1)日\n\n企业\(number % 7 == 0 ? "复工复产" : "复工")与防控措施第\(number)条，\(String(repeating: "有序推进。", count: number % 5 + 1))"
            }
            var answers: [[String]] = []
            for shape in [
                RunningStack.Shape(queryWorkers: 1, partitions: 1),
                RunningStack.Shape(indexWorkers: 2, queryWorkers: 3, documentsPerWorker: 1, partitions: 4),
            ] {
                let stack = try await RunningStack(shape)
                for (number, text) in texts.enumerated() { try await stack.add(text, identity: "n-\(number)") }
                var lines: [String] = []
                for query in ["复工", "复工复产", "企业 防控", "措施 OR 通知", "有序推进"] {
                    let reply = try await stack.search(query, ["limit": "50"])
                    #expect(reply.complete)
                    lines.append("\(query) \(reply.total)")
                    lines += reply.hits.map { "\($0.id) \($0.score)" }
                }
                answers.append(lines)
                try await stack.stop()
            }
            #expect(answers[0] == answers[1])
        }

        @Test func everythingIsThereAgainAfterARestart() async throws {
            let stack = try await RunningStack()
            try await stack.addSeeds()
            let before = try await stack.search("疫情防控", ["limit": "100"])
            try await stack.stop()
            let again = try await RunningStack(folder: stack.folder)
            let after = try await again.search("疫情防控", ["limit": "100"])
            #expect(after.hits.map(\.id) == before.hits.map(\.id))
            #expect(after.hits.map(\.score) == before.hits.map(\.score))
            try await again.stop()
        }
    }
}
