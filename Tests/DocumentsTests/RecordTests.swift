// JSON, NDJSON, CSV and feeds.

import Messages
import Testing

@testable import Documents

@Suite struct Records {
    private func expectTwo(_ text: String, _ type: String, format: String) throws {
        let bytes = Array(text.utf8)
        let document = try parse(bytes, type: type)
        #expect(document.format == format)
        #expect(document.items.map(\.title) == ["甲市复工", "乙市复产"])
        #expect(document.items.map(\.body) == ["共有3家企业复工。\n第二段。", "共有5家企业复产。"])
        #expect(document.items.map { $0.published?.value.text } == ["2020-02-03", "2020-02-04"])
        #expect(document.items.map { $0.sources.map(\.value) } == [["上海发布"], ["解放日报", "新民晚报"]])
        #expect(document.items.map { $0.figures.map(\.quote) } == [["3家"], ["5家"]])
        expectCover(document, count: bytes.count)
    }

    private let first = #"{"title":"甲市复工","date":"2020-02-03","source":"上海发布","body":"共有3家企业复工。\n第二段。"}"#
    private let second = #"{"body":"共有5家企业复产。","标题":"乙市复产","日期":"2020-02-04","来源":"解放日报、新民晚报","n":[1,{"a":null}]}"#

    @Test func ofAList() throws { try expectTwo("[\(first),\n \(second)]", "application/json", format: "json") }

    @Test func ofAListInsideAnObject() throws {
        try expectTwo("{\"code\":0,\"tags\":[1,2],\"data\":[\(first),\(second)]}", "application/json", format: "json")
    }

    @Test func onLines() throws { try expectTwo("\(first)\n\n\(second)\n", "application/x-ndjson", format: "ndjson") }

    @Test func inRows() throws {
        let text =
            "title,date,source,body\n甲市复工,2020-02-03,上海发布,\"共有3家企业复工。\n第二段。\"\n乙市复产,2020-02-04,解放日报、新民晚报,共有5家企业复产。\n"
        try expectTwo(text, "text/csv", format: "csv")
    }

    @Test func inAFeed() throws {
        let text =
            "<?xml version=\"1.0\"?><rss><channel><title>某某网</title><item><title>甲市复工</title><pubDate>2020-02-03</pubDate><source>上海发布</source><description><![CDATA[<p>共有3家企业复工。</p><p>第二段。</p>]]></description></item><item><title>乙市复产</title><pubDate>2020-02-04</pubDate><source>解放日报、新民晚报</source><description>&lt;p&gt;共有5家企业复产。&lt;/p&gt;</description></item></channel></rss>"
        try expectTwo(text, "application/rss+xml", format: "feed")
    }

    @Test func withoutASourceTakeTheFeedsName() throws {
        let text =
            "<feed><title>某某网</title><entry><title>甲</title><content>内容，文字。</content><updated>2020-02-03T00:00:00Z</updated></entry></feed>"
        #expect(try parse(text, type: "application/atom+xml").items.first?.sources.map(\.value) == ["某某网"])
    }

    @Test func verbatimValuesPointToTheirBytes() throws {
        let bytes = Array("[\(second)]".utf8)
        let figure = try #require(try parse(bytes, type: "application/json").items.first?.figures.first)
        #expect(text(bytes, figure.range) == "5家")
    }

    @Test func escapesAreRead() throws {
        let json = #"{"title":"\u4e2d\ud840\udc00\"\/\\","body":"甲\t乙"}"#
        let item = try #require(try parse(json, type: "application/json").items.first)
        #expect(item.title == "中\u{20000}\"/\\")
        #expect(item.body == "甲\t乙")
    }

    @Test(arguments: ["{", "[1,", "{\"a\":}", "{\"a\" 1}", "[1 2]", "\"abc", "{\"a\":1}x", "[\"\\"])
    func brokenJSONIsRefusedWithItsPlace(text: String) {
        let error = #expect(throws: DocumentError.self) { try parse(text, type: "application/json") }
        #expect(error?.code == .unreadableDocument)
    }

    @Test func textThatOnlyLooksLikeJSONIsText() throws {
        #expect(try parse("[“甲”]说明，内容。[乙]").format == "text")
        #expect(try parse("{\"a\": 这不是 JSON}").format == "text")
    }

    @Test func deepJSONIsRefused() {
        let text = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let error = #expect(throws: DocumentError.self) { try parse(text, type: "application/json") }
        #expect(error?.code == .unreadableDocument)
    }

    @Test func coverHoldsForMutatedRecords() throws {
        for (number, source) in ["[\(first),\(second)]", "\(first)\n\(second)\n", "title,body\n甲,\"乙\n丙\"\n"]
            .enumerated()
        {
            var generator = Generator(seed: UInt64(number))
            let type = ["application/json", "application/x-ndjson", "text/csv"][number]
            for _ in 0..<300 {
                var bytes = Array(source.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
                        Array("{}[]\",:\\u\n中".utf8).randomElement(using: &generator) ?? 0
                }
                do throws(DocumentError) {
                    let description = DocumentDescription(identity: "t", contentType: type)
                    expectCover(try DocumentParser().parse(bytes, description), count: bytes.count, "seed \(number)")
                } catch {
                    #expect([.unreadableDocument, .emptyDocument].contains(error.code))
                }
            }
        }
    }
}
