// robots.txt as RFC 9309 reads it.

import Testing
import WebClient

@testable import Feeds

private func rules(_ text: String) -> RobotsRules { RobotsRules(Array(text.utf8), robot: "kuaibao") }

@Suite struct RobotsRulesRead {
    @Test func theLongestMatchDecides() {
        let rules = rules("User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/c.html\n")
        #expect(rules.allows("/"))
        #expect(!rules.allows("/a") && !rules.allows("/ax") && !rules.allows("/a/x"))
        #expect(rules.allows("/a/b") && rules.allows("/a/b/d"))
        #expect(!rules.allows("/a/b/c.html"))
    }

    @Test func ofEqualMatchesAllowWins() {
        #expect(rules("User-agent: *\nDisallow: /a\nAllow: /a").allows("/a"))
    }

    @Test func ourOwnGroupCountsAlone() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: Kuaibao/1.0\nUser-agent: other\nDisallow: /private\n"
        #expect(rules(text).allows("/x") && !rules(text).allows("/private/1"))
    }

    @Test func groupsOfOneNameAreJoined() {
        let text =
            "User-agent: kuaibao\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: KUAIBAO\nDisallow: /b"
        #expect(!rules(text).allows("/a") && !rules(text).allows("/b") && rules(text).allows("/c"))
    }

    @Test func anEmptyGroupOfOursAllowsAll() {
        #expect(rules("User-agent: kuaibao\nDisallow:\n\nUser-agent: *\nDisallow: /").allows("/a"))
    }

    @Test(arguments: [
        ("/*.pdf$", "/a/b.pdf", true), ("/*.pdf$", "/a/b.pdf?x", false), ("/*.pdf", "/a/b.pdf?x", true),
        ("/a*b*c", "/axxbyyc!", true),
        ("/a*b*c", "/acb", false), ("/$", "/", true), ("/$", "/a", false), ("/a*", "/a", true),
        ("*/print", "/x/print", true),
        ("/新闻", "/%e6%96%b0%e9%97%bb/1", true), ("/%E6%96%B0", "/%e6%96%b0", true), ("/a$b", "/a$b", true),
        ("/x*x$", "/x", false), ("/x*x$", "/xx", true),
    ])
    func patterns(_ pattern: String, _ path: String, _ isForbidden: Bool) {
        #expect(rules("User-agent: *\nDisallow: \(pattern)").allows(path) == !isForbidden)
    }

    @Test func commentsOtherLinesAndBrokenOnesMeanNothing() {
        let rules = rules(
            "\u{FEFF}Sitemap: https://a.org/s.xml\r\nUser-Agent : * # all\r\nnonsense\r\nDISALLOW : /a # b\r\nCrawl-delay: 2.5\r\n"
        )
        #expect(!rules.allows("/a") && rules.allows("/b") && rules.delaySeconds == 2.5)
    }

    @Test func hostileTextIsBounded() {
        let many = String(repeating: "Disallow: /\(String(repeating: "*a", count: 200))\n", count: 5000)
        #expect(rules("User-agent: *\n" + many).allows("/" + String(repeating: "a", count: 199)))
    }
}

@Suite struct RetryAfterValues {
    @Test(
        arguments: [
            ("120", 120_000), ("0", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 37_000), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            ("-1", nil),
            ("soon", nil), ("Sun, 32 Nov 1994 08:49:37 GMT", nil), ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("", nil),
            ("99999999999999999999", nil),
        ] as [(String, Int64?)])
    func read(_ text: String, _ expected: Int64?) {
        // Now is 1994-11-06 08:49:00 UTC.
        #expect(RetryAfter.milliseconds(text, now: 784_111_740_000) == expected)
    }
}

@Suite struct FeedLists {
    @Test func readsAddressesAndMaps() throws {
        let sources = try FeedList.read(
            """
            feeds:
              - https://a.org/rss
              - {address: "https://b.org/sitemap.xml", every: 2h, collection: news, only: "https://b.org/x/", pages: 7}
            """)
        #expect(sources.map(\.address.text) == ["https://a.org/rss", "https://b.org/sitemap.xml"])
        #expect(sources.map(\.everyMilliseconds) == [900_000, 7_200_000])
        #expect(
            sources.map(\.collection) == ["bulletins", "news"] && sources[1].only == "https://b.org/x/"
                && sources[1].pageLimit == 7)
    }

    @Test(arguments: [
        "", "feeds: 1", "other: []", "feeds: [1, 2", "feeds:\n- file:///etc/passwd", "feeds:\n- {every: 5m}",
        "feeds:\n- {address: 'https://a.org', every: 10s}", "feeds:\n- {address: 'https://a.org', every: 1m, evry: 1}",
        "feeds:\n- {address: 'https://a.org', pages: 0}", "feeds:\n- https://a.org\n- https://a.org",
    ])
    func refusesOthers(_ text: String) {
        #expect(throws: (any Error).self) { try FeedList.read(text) }
    }
}
