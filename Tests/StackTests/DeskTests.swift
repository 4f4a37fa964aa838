// Digests and figures over HTTP, from documents to bytes.

import Digest
import Foundation
import Messages
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(10)))
    struct DeskTests {
        /// Compares a text with a file of Tests/Golden, which was reviewed by eye. With KUAIBAO_WRITE_GOLDEN in the
        /// environment the file is written instead, for the next review.
        private func expectGolden(_ text: String, _ name: String, _ file: String = #filePath) throws {
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
            let path = folder.appendingPathComponent("Golden/\(name)")
            if ProcessInfo.processInfo.environment["KUAIBAO_WRITE_GOLDEN"] != nil {
                try Data(text.utf8).write(to: path)
            }
            #expect(try text == String(contentsOf: path, encoding: .utf8))
        }

        @Test func theDigestOfTheSeedsIsAsReviewed() async throws {
            let stack = try await RunningStack()
            try await stack.addSeeds()
            let path = "/v1/collections/bulletins/digest"
            let answer = try await stack.call("GET", path, ["q": "复工复产", "by": "department"])
            #expect(answer.status == 200)
            try expectGolden(String(decoding: answer.body, as: UTF8.self), "digest-by-department.txt")
            for format in ["markdown", "html", "json", "docx"] {
                let written = try await stack.call("GET", path, ["q": "复工复产", "format": format])
                #expect(written.status == 200 && !written.body.isEmpty)
            }
            for wrong in [
                ["by": "year"], ["format": "pdf"], ["text": "all"], ["limit": "20001"], ["q": "(复工"], ["x": "1"],
                ["limit": "1001", "format": "docx"], ["limit": "2000", "q": "(复工"],
            ] {
                let refused = try await stack.call("GET", path, wrong)
                #expect(refused.status >= 400 && refused.error?.fix.isEmpty == false, "\(wrong)")
            }
            try await stack.stop()
        }

        @Test func aDigestOfManyItemsComesInPieces() async throws {
            let stack = try await RunningStack(.init(queryWorkers: 2, documentsPerWorker: 1))
            try await stack.addSeeds()
            let path = "/v1/collections/bulletins/digest"
            for by in DigestGrouping.allCases {
                for format in ["text", "markdown", "html", "json"] {
                    var parameters = ["q": "复工复产", "by": by.rawValue, "format": format, "limit": "1000"]
                    let whole = try await stack.call("GET", path, parameters)
                    parameters["limit"] = "1001"
                    let pieces = try await stack.call("GET", path, parameters)
                    #expect(pieces.status == 200 && pieces.body == whole.body, "by \(by.rawValue) as \(format)")
                    #expect(pieces.headers["content-disposition"] == whole.headers["content-disposition"])
                }
            }
            // More than two pages, and entries with duplicates among them.
            let many = (0..<1300).map { number in
                #"{"title":"长清单之\#(number % 1200)","content":"本市今天通报第\#(number % 1200)项工作的进展情况，要求各单位抓好落实，确保按期完成任务，不得有误。","date":"2020-03-\#(10 + number % 20)"}"#
            }
            _ = try await stack.call(
                "POST", "/v1/collections/bulletins/documents", ["wait": "searchable", "identity": "many"],
                body: Data(many.joined(separator: "\n").utf8), contentType: "application/x-ndjson")
            for (limit, taken) in [("20000", 1300), ("1201", 1201)] {
                let answer = try await stack.call(
                    "GET", path, ["q": "长清单", "by": "date", "format": "json", "limit": limit, "text": "title"])
                let digest = try JSONDecoder().decode(Digest.self, from: answer.body)
                let entries = digest.groups.flatMap(\.entries)
                let named = entries.map(\.id) + entries.flatMap { $0.duplicates.map(\.id) }
                #expect(digest.taken == taken && digest.total == 1300 && digest.merged > 0)
                #expect(entries.count == taken - digest.merged && Set(named).count == taken)
                #expect(entries.map(\.number) == Array(1...entries.count))
            }
            try await stack.stop()
        }

        @Test func theFiguresOfAnIndicatorAreAsReviewed() async throws {
            let stack = try await RunningStack(.init(queryWorkers: 2, documentsPerWorker: 1))
            try await stack.addSeeds()
            let path = "/v1/collections/bulletins/figures"
            func lines(_ query: String) async throws -> String {
                let table: FigureTable = try await stack.get(path, ["q": query])
                #expect(table.complete && table.isNamed)
                return table.rows.map { row in
                    [
                        "\(row.number)", row.day ?? "日期不明", row.quote, row.subject, row.places.joined(separator: "、"),
                        row.id, "\(row.range.lower)–\(row.range.upper)", row.sentence,
                    ].joined(separator: " | ") + "\n"
                }.joined()
            }
            try await expectGolden(
                "复工率\n" + lines("复工率") + "复工率>75%\n" + lines("复工率>75%") + "采样点\n" + lines("采样点"), "figures.txt")
            let all: FigureTable = try await stack.get(path, ["q": "复工率", "all": "true"])
            #expect(all.rows.count > 20)
            let refused = try await stack.call("GET", path, ["q": "复工率>高"])
            #expect(refused.status == 400)
            try await stack.stop()
        }

        @Test func aDigestThatIsAddedIsFoundAsTheSameItems() async throws {
            let stack = try await RunningStack(.init(queryWorkers: 2, documentsPerWorker: 1))
            try await stack.addSeeds()
            let parameters = ["q": "部门:上海市民政局", "by": "source"]
            let answer = try await stack.call("GET", "/v1/collections/bulletins/digest", parameters)
            let before = try await stack.search("部门:上海市民政局", ["sort": "oldest"])
            try await stack.add(String(decoding: answer.body, as: UTF8.self), identity: "digest")
            let after = try await stack.search("部门:上海市民政局", ["sort": "oldest", "limit": "20"])
            let copies = after.hits.filter { $0.document == "digest" }
            #expect(before.total == 3 && copies.count == 3)
            #expect(copies.map(\.title.text) == before.hits.map(\.title.text))
            #expect(
                copies.map(\.date) == before.hits.map(\.date) && copies.map(\.sources) == before.hits.map(\.sources))
            try await stack.stop()
        }
    }
}
