// Feeds from a web server of the test to the search: robots, marks, redirects, refusals, and what a restart remembers.

import Foundation
import LocalWeb
import Messages
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(10)))
    struct FeedTests {
        private static let feed = """
            <?xml version="1.0"?><rss version="2.0"><channel><title>要闻</title>
            <item><link>/1</link></item><item><link>/2</link></item><item><link>/private/3</link></item>
            <item><link>/gone</link></item><item><link>/picture</link></item></channel></rss>
            """

        private static func page(_ title: String) -> String {
            "<html><head><title>\(title)</title></head><body><h1>\(title)</h1><p>发布时间：2021-03-04</p><p>全市公交线路今日恢复运营，请市民合理安排出行时间。</p></body></html>"
        }

        private static func answer(_ request: LocalRequest) -> LocalAnswer {
            switch request.target {
            case "/robots.txt": .text("User-agent: *\nDisallow: /private")
            case "/rss" where request.headers["if-none-match"] == "\"1\"": .response(304)
            case "/rss": .text(feed, type: "application/rss+xml", headers: [("ETag", "\"1\"")])
            case "/1": .text(page("河东公交恢复运营"), type: "text/html")
            case "/2": .response(301, headers: [("Location", "/moved")])
            case "/moved": .text(page("河西公交恢复运营"), type: "text/html")
            case "/picture": .response(200, headers: [("Content-Type", "image/png")], body: [1, 2, 3])
            default: .response(404)
            }
        }

        private func ingest(_ stack: RunningStack) async throws -> IngestStatus {
            let status: StatusReply = try await stack.get("/v1/status")
            return try #require(status.ingest)
        }

        @Test func aFeedBringsItsPagesOnceAndPolitely() async throws {
            let server = try LocalServer { Self.answer($0) }
            defer { server.stop() }
            let folder = try RunningStack.makeFolder()
            let file = folder + "/feeds.yaml"
            try Data("feeds:\n- \(server.address)/rss\n- http://127.0.0.2:\(server.port)/rss\n".utf8).write(
                to: URL(fileURLWithPath: file))
            let shape = RunningStack.Shape(ingest: [
                "KUAIBAO_FEEDS_FILE": file, "KUAIBAO_FEEDS_ALLOW_NETWORKS": "127.0.0.1",
                "KUAIBAO_FEEDS_DELAY_SECONDS": "0",
            ])
            let stack = try await RunningStack(shape, folder: folder)
            var status = try await ingest(stack)
            // Two pages are searchable, and every other page and the feed that is not allowed are accounted for.
            while status.collections[0].counts.searchable < 2 || status.counters["ingest_feed_pages_failed_total"] != 2
                || status.counters["ingest_feed_looks_failed_total"] != 1
            {
                try await Task.sleep(for: .milliseconds(50))
                status = try await ingest(stack)
            }
            #expect(status.counters["ingest_feed_pages_taken_total"] == 2)
            #expect(status.counters["ingest_feed_pages_forbidden_total"] == 1)
            #expect(status.counters["ingest_web_failed_address_refused_total"] ?? 0 > 0)
            #expect(status.feeds?.map(\.problem) == [nil, "address-refused"])
            let asked = server.requests.map(\.target)
            #expect(asked.first == "/robots.txt" && asked.count { $0 == "/robots.txt" } == 1)
            #expect(!asked.contains("/private/3") && asked.count { $0 == "/1" } == 1)
            #expect(server.mostOpen == 1)
            let found: SearchReply = try await stack.get("/v1/collections/bulletins/search", ["q": "公交恢复运营"])
            #expect(Set(found.hits.map(\.title.text)) == ["河东公交恢复运营", "河西公交恢复运营"])
            // The identity is the address that the feed names.
            #expect(Set(found.hits.map(\.document)) == ["\(server.address)/1", "\(server.address)/2"])
            try await stack.stop()

            let again = try await RunningStack(shape, folder: folder)
            status = try await ingest(again)
            #expect(status.feeds?.first?.lookedAt != nil)
            #expect(server.requests.count == asked.count, "what is known is not asked for again")
            try await again.stop()
        }
    }
}
