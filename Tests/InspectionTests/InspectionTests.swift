// Reports show every character once, tell the truth about what was read, and let nothing of a document act.

import Documents
import Foundation
import Messages
import Testing

@testable import Inspection

private func inspect(_ bytes: [UInt8], name: String) throws -> Inspection {
    let description = DocumentDescription(identity: name, sourceAddress: name)
    let (parsed, text) = try DocumentParser().inspect(bytes, description)
    return Inspection(
        name: name, byteCount: bytes.count, text: text.bytes, parsed: parsed, readable: text.readable,
        lineStarts: text.lineStarts, place: text.range(of:))
}

private func inspect(_ text: String, name: String = "通报.txt") throws -> Inspection {
    try inspect(Array(text.utf8), name: name)
}

private let digest = """
    2020年2月8日
    上海发布若干政策措施

    为减轻企业负担，全市1000余家企业受益，复工率超过70%。

    来源：上海发布、解放日报

    2020年2月9日
    公交恢复运营

    近290万人次乘客出行。

    来源：新民晚报
    """

private let page = """
    <html><head><title>公告</title><style>p{color:red}</style></head><body><div class="nav"><a href="/">首页</a></div>
    <h1>关于恢复公交运营的公告</h1><p>发布时间：2020-03-02 来源：上海发布</p>
    <p>自3月5日起，全市<b>1200</b>条公交线路恢复运营，首末班车时间不变，请市民合理安排出行。</p>
    <p>乘客乘车时须佩戴口罩并接受体温检测，具体安排以各线路公告为准，感谢理解和支持。</p></body></html>
    """

@Test(arguments: [(digest, "a.txt"), (page, "a.html"), ("标题,日期\n通知,2020-02-08\n", "a.csv")])
func spansWriteEveryByteOnce(_ text: String, _ name: String) throws {
    let inspection = try inspect(text, name: name)
    var position = 0
    for span in inspection.spans() {
        #expect(span.range.lowerBound == position)
        position = span.range.upperBound
    }
    #expect(position == inspection.text.count)
}

@Test func sharesAddUpToTheDocument() throws {
    let inspection = try inspect(page, name: "a.html")
    let shares = inspection.shares
    #expect(shares.items + shares.headings + shares.discards == page.utf8.count)
    #expect(shares.items > 0 && shares.discards > 0)
}

@Test func fieldsStandOnTheWordsTheyWereReadFrom() throws {
    let inspection = try inspect(digest)
    let sources = inspection.fields.filter { $0.kind == .source }
    #expect(sources.map(\.value) == ["上海发布", "解放日报", "新民晚报"])
    for source in sources { #expect(inspection.string(source.range).contains(source.value)) }
    let figure = try #require(inspection.fields.first { $0.kind == .figure && $0.value.contains("%") })
    #expect(inspection.string(figure.range).contains("70%"))
}

@Test func fieldsOfGB18030StandInTheDecodedText() throws {
    // 来源：上海发布 and a sentence, in GBK.
    let gbk: [UInt8] =
        [0xB9, 0xAB, 0xBD, 0xBB, 0xBB, 0xD6, 0xB8, 0xB4, 0xD4, 0xCB, 0xD3, 0xAA, 0x0A]  // 公交恢复运营
        + [0xC8, 0xAB, 0xCA, 0xD0, 0x31, 0x32, 0x30, 0x30, 0xCC, 0xF5, 0xCF, 0xDF, 0xC2, 0xB7, 0xBB, 0xD6, 0xB8, 0xB4]
        + [0xA1, 0xA3, 0x0A]  // 全市1200条线路恢复。
        + [0xC0, 0xB4, 0xD4, 0xB4, 0xA3, 0xBA, 0xC9, 0xCF, 0xBA, 0xA3, 0xB7, 0xA2, 0xB2, 0xBC, 0x0A]  // 来源：上海发布
    let inspection = try inspect(gbk, name: "a.txt")
    #expect(inspection.parsed.encoding == "gb18030")
    let source = try #require(inspection.fields.first { $0.kind == .source })
    #expect(inspection.string(source.range).contains("上海发布"))
    let figure = try #require(inspection.fields.first { $0.kind == .figure })
    #expect(inspection.string(figure.range).hasPrefix("1200"))
}

@Test func plainReportBracketsFieldsAndHasNoEscapes() throws {
    let text = TerminalReport(try inspect(digest), style: .plain, discards: .folded).text()
    #expect(!text.contains("\u{1B}"))
    #expect(text.contains("[1000余家]") && text.contains("[上海发布]"))
    #expect(text.contains("2020-02-08"))
    #expect(text.contains("▌1 上海发布若干政策措施"))
    #expect(text.contains("▌2 公交恢复运营"))
}

@Test func colouredReportEndsEveryColour() throws {
    let text = TerminalReport(try inspect(page, name: "a.html"), style: .coloured, discards: .whole).text()
    let starts = text.components(separatedBy: "\u{1B}[").count - 1
    let ends = text.components(separatedBy: "\u{1B}[0m").count - 1
    #expect(starts == ends * 2)
    #expect(starts > 10)
}

@Test func escapeSequencesOfADocumentDoNotReachTheTerminal() throws {
    let text = TerminalReport(
        try inspect("通知\u{1B}[2J全市公交恢复运营\u{9B}31m。\n\u{202E}来源：上海发布\n"), style: .plain, discards: .whole
    ).text()
    let hostile = text.unicodeScalars.filter { $0.value < 0x20 && $0 != "\n" || $0.value == 0x9B || $0.value == 0x202E }
    #expect(hostile.isEmpty)
    #expect(text.contains("␛[2J"))
}

@Test func foldedReportTellsTheSizeOfWhatItLeavesOut() throws {
    let folded = TerminalReport(try inspect(page, name: "a.html"), style: .plain, discards: .folded).text()
    #expect(!folded.contains("color:red"))
    let whole = TerminalReport(try inspect(page, name: "a.html"), style: .plain, discards: .whole).text()
    #expect(whole.contains("color:red"))
}

@Test func pageEscapesWhatTheDocumentSays() throws {
    let hostile = "公告<script>alert(1)</script>\"onload=\"x\n\n全市公交恢复运营，请市民知悉。\n来源：<img src=x onerror=y>\n"
    let html = PageReport(try inspect(hostile, name: "a\"<b>.txt")).page()
    #expect(!html.contains("<script>alert"))
    #expect(!html.contains("<img"))
    #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(html.contains("a&quot;&lt;b&gt;.txt"))
    #expect(html.contains("default-src 'none'"))
    #expect(!html.contains("http://") && !html.contains("https://"))
}

@Test func pageHoldsTheWholeOriginalAndACardForEachItem() throws {
    let inspection = try inspect(page, name: "a.html")
    let html = PageReport(inspection).page()
    #expect(html.components(separatedBy: "<article ").count - 1 == inspection.parsed.items.count)
    // Without tags and references, the original is there character by character.
    let start = try #require(html.range(of: "<pre>"))
    let end = try #require(html.range(of: "</pre>"))
    var shown = String(html[start.upperBound..<end.lowerBound])
    while let label = shown.range(of: "<b class=\"tag"), let close = shown[label.lowerBound...].range(of: "</b>") {
        shown.removeSubrange(label.lowerBound..<close.upperBound)
    }
    let plain = strip(shown)
    #expect(plain == String(decoding: inspection.text, as: UTF8.self))
}

private func strip(_ html: String) -> String {
    var result = ""
    var isTag = false
    for character in html {
        if character == "<" { isTag = true }
        if !isTag { result.append(character) }
        if character == ">" { isTag = false }
    }
    return result.replacingOccurrences("&lt;", "<").replacingOccurrences("&gt;", ">")
        .replacingOccurrences("&quot;", "\"").replacingOccurrences("&amp;", "&")
}

extension String {
    fileprivate func replacingOccurrences(_ text: String, _ other: String) -> String {
        components(separatedBy: text).joined(separator: other)
    }
}

@Test(arguments: [(0.0, "0"), (999, "999"), (1000, "1,000"), (3_117_400, "3,117,400"), (-1234, "-1,234"), (0.5, "0.5")])
func numbersAreGrouped(_ value: Double, _ text: String) {
    #expect(FigureText.number(value) == text)
}

@Test func intervalsSayWhichEndBelongs() {
    let more = Figure(
        subject: "企业", lower: 1000, upper: nil, includesLower: false, includesUpper: false, unit: "家", comparator: "余",
        quote: "1000余家", range: ByteRange(0, 1))
    #expect(FigureText.describe(more) == "企业 (1,000, …)家")
    let upTo = Figure(
        subject: "", lower: nil, upper: 50, includesLower: false, includesUpper: true, unit: "", comparator: "至多",
        quote: "至多50", range: ByteRange(0, 1))
    #expect(FigureText.describe(upTo) == "(…, 50]")
}
