// Feeds and sitemaps as lists of addresses.

import Testing

@testable import Documents

@Suite struct LinkLists {
    private func read(_ text: String) throws -> LinkList { try LinkList.read(Array(text.utf8), limit: 1000) }

    @Test func rss() throws {
        let list = try read(
            """
            <?xml version="1.0"?><rss version="2.0"><channel><title>要闻</title><link>https://a.org/</link>
            <item><title>一</title><link>https://a.org/1?x=1&amp;y=2</link><pubDate>Mon, 25 Jul 2022 12:11:30 GMT</pubDate></item>
            <item><title>二</title><guid>https://a.org/2</guid></item>
            <item><link><![CDATA[ https://a.org/3 ]]></link><guid isPermaLink="false">77</guid></item>
            <item><title>无</title><guid isPermaLink="false">https://a.org/no</guid></item></channel></rss>
            """)
        #expect(list.isList && !list.isSitemap)
        #expect(list.pages.map(\.address) == ["https://a.org/1?x=1&y=2", "https://a.org/2", "https://a.org/3"])
        #expect(list.pages[0].revision == "Mon, 25 Jul 2022 12:11:30 GMT" && list.pages[1].revision == nil)
    }

    @Test func atom() throws {
        let list = try read(
            """
            <feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="https://a.org/feed"/><entry>
            <link rel="enclosure" href="https://a.org/x.mp3"/><link href="/1&amp;2"/><published>2020-01-01</published>
            <updated>2020-01-02</updated></entry></feed>
            """)
        #expect(list.pages == [LinkList.Link(address: "/1&2", revision: "2020-01-02")])
    }

    @Test func sitemapsAndTheirIndexes() throws {
        let map = try read("<urlset><url><loc>https://a.org/新闻</loc><lastmod>2020-02-08</lastmod></url></urlset>")
        #expect(map.isSitemap && map.pages == [LinkList.Link(address: "https://a.org/新闻", revision: "2020-02-08")])
        let index = try read("<sitemapindex><sitemap><loc>https://a.org/s1.xml.gz</loc></sitemap></sitemapindex>")
        #expect(index.lists == ["https://a.org/s1.xml.gz"] && index.pages.isEmpty)
    }

    @Test func legacyEncodings() throws {
        let text =
            "<?xml version=\"1.0\" encoding=\"gb2312\"?><rss><item><link>https://a.org/新闻</link><title>新闻快报一则</title></item></rss>"
        let list = try LinkList.read(try encode(text, as: .gb18030), limit: 10)
        #expect(list.pages.map(\.address) == ["https://a.org/新闻"])
    }

    @Test func otherThingsAreNoLists() throws {
        #expect(try read("<html><body><a href=\"/1\">x</a></body></html>").isList == false)
        #expect(try read("no markup").isList == false)
    }

    @Test func isBounded() throws {
        let many = String(repeating: "<url><loc>https://a.org/1</loc></url>", count: 2000)
        #expect(try LinkList.read(Array("<urlset>\(many)</urlset>".utf8), limit: 100).pages.count == 100)
        #expect(try LinkList.read(Array("<rss><item><link>".utf8), limit: 100).pages.isEmpty)
    }
}
