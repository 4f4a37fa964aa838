// Nothing is lost: every line of running text comes out once, in one item's title or body or in a heading or discard.
//
// The law of the cover says that every byte has an owner. This one says that the owner shows it: an item's range may
// not swallow text that its title and body do not have. Every line of a page carries a mark of its own, and the marks
// that come out are compared with those that went in.

import Messages
import Testing

@testable import Documents

@Suite struct NothingIsLost {
    /// How a page is written down.
    enum Form: String, CaseIterable, Sendable {
        case text, markdown, html, frontMatter, json, csv, feed
    }

    /// What the marks of lines come to: in how many titles, bodies and remainders each stands.
    private func expectMarks(_ count: Int, in document: ParsedDocument, _ bytes: [UInt8], _ comment: String) {
        var seen = [Int](repeating: 0, count: count)
        func note(_ text: String) {
            for mark in marks(in: text) where mark < count { seen[mark] += 1 }
        }
        for item in document.items {
            note(item.title)
            note(item.body)
        }
        for remainder in document.remainders { note(text(bytes, remainder.range)) }
        for (mark, times) in seen.enumerated() where times != 1 {
            Issue.record("line \(mark) stands \(times) times in what was read; \(comment)\n\(String(decoding: bytes, as: UTF8.self))")
            return
        }
    }

    /// The numbers in `x12y`.
    private func marks(in text: String) -> [Int] {
        text.split(separator: "x", omittingEmptySubsequences: false).dropFirst().compactMap { piece in
            piece.firstIndex(of: "y").flatMap { Int(piece[..<$0]) }
        }
    }

    private func line(_ number: Int, _ generator: inout Generator) -> String {
        let mark = "x\(number)y"
        return [
            "市商务局部署\(mark)供应工作", "# 关于\(mark)工作的通知", "## 某某区推进\(mark)建设",
            "今天上午，市商务局召开会议\(mark)，部署节日期间的主副食品供应工作，要求各区做好准备。",
            "各区要认真落实\(mark)各项措施，保障市民生活；有关部门要加强检查，发现问题及时处理，并向社会公布结果。",
            "晨报讯（记者 张三）昨天\(mark)，本市新开通三条公交线路，方便市民出行。",
            "新华社上海2月8日电 市政府\(mark)召开新闻发布会，介绍有关情况。", "又讯 另据介绍\(mark)，下月还将开通两条线路。",
            "一、加强\(mark)领导", "1. 各单位应当制定方案\(mark)，明确责任。", "◆ 对\(mark)企业给予补贴，最高5000元。",
            "问：个体工商户\(mark)可以申请吗？", "答：可以\(mark)。符合条件的均可申请。", "【\(mark)专栏】", "附件：\(mark)名单",
            "（\(mark)）", "|\(mark)|120|30|", "7月5日，市防指召开会议\(mark)，部署防汛工作。（来源：滨江发布）",
            "2024年3月6日滨江路\(mark)停水。时间：全天。",
        ].randomElement(using: &generator) ?? mark
    }

    /// Lines without a mark, which part pages.
    private let partings = [
        "2月3日", "2月1日", "2020年2月5日", "来源：解放日报", "来源：上海发布、文汇报", "上海市民政局", "上海市公安局", "晨报记者 李四", "发布时间：2020-02-03",
        "作者：某人", "", "", "",
    ]

    private func page(_ generator: inout Generator) -> (lines: [String], marks: Int) {
        var lines: [String] = []
        var marks = 0
        for _ in 0..<Int.random(in: 1...24, using: &generator) {
            if Int.random(in: 0..<3, using: &generator) == 0 {
                lines.append(partings.randomElement(using: &generator) ?? "")
            } else {
                lines.append(line(marks, &generator))
                marks += 1
            }
        }
        return (lines, marks)
    }

    private func write(_ lines: [String], as form: Form) -> (text: String, type: String) {
        func escaped(_ line: String) -> String { line.replacing("\"", with: "\\\"") }
        let paragraphs = lines.filter { !$0.isEmpty }.map { line in
            line.hasPrefix("#") ? "<h2>\(line.drop { "# ".contains($0) })</h2>" : "<p>\(line)</p>"
        }
        switch form {
        case .text: return (lines.joined(separator: "\n"), "text/plain")
        case .markdown: return (lines.joined(separator: "\n\n"), "text/markdown")
        case .html: return ("<html><body><div>\(paragraphs.joined(separator: "\n"))</div></body></html>", "text/html")
        case .frontMatter: return ("---\ntitle: 题目\n---\n" + lines.joined(separator: "\n"), "text/markdown")
        case .json:
            let records = lines.map { "{\"title\":\"题\",\"content\":\"\(escaped($0))\"}" }
            return ("[\(records.joined(separator: ","))]", "application/json")
        case .csv: return ("title,content\n" + lines.map { "题,\($0)\n" }.joined(), "text/csv")
        case .feed:
            let entries = lines.map { "<item><title>题</title><description>\($0)</description></item>" }
            return ("<rss><channel><title>某报</title>\(entries.joined())</channel></rss>", "application/rss+xml")
        }
    }

    @Test(arguments: Form.allCases, [21, 22, 23] as [UInt64])
    func holdsForRandomPages(form: Form, seed: UInt64) throws {
        var generator = Generator(seed: seed)
        for round in 0..<80 {
            let (lines, marks) = page(&generator)
            guard marks > 0 else { continue }
            let (content, type) = write(lines, as: form)
            let bytes = Array(content.utf8)
            let document = try parse(bytes, type: type)
            expectCover(document, count: bytes.count)
            expectMarks(marks, in: document, bytes, "\(form) seed \(seed) round \(round)")
        }
    }

    /// The seeds with lines moved, doubled and left out, and pieces of other seeds between them.
    @Test(arguments: [31, 32, 33, 34] as [UInt64])
    func holdsForShuffledSeeds(seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let pages = try Seed.allCases.filter { $0 != .feedPost }.map { seed in
            String(decoding: try seed.bytes(), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
                .map(String.init)
        }
        for round in 0..<40 {
            var lines = pages.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let other = pages.randomElement(using: &generator) ?? []
                let start = Int.random(in: 0..<other.count, using: &generator)
                let piece = other[start..<min(other.count, start + 20)]
                lines.insert(contentsOf: piece, at: Int.random(in: 0...lines.count, using: &generator))
            }
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                lines.remove(at: Int.random(in: 0..<lines.count, using: &generator))
            }
            var marks = 0
            lines = lines.map { line in
                // Running text only: other lines may be labels or boilerplate, which an item's range may hold.
                guard line.unicodeScalars.count >= 40, line.hasSuffix("。") else { return line }
                marks += 1
                return line.dropLast() + "x\(marks - 1)y。"
            }
            let bytes = Array(lines.joined(separator: "\n").utf8)
            let type = ["text/plain", "text/markdown"].randomElement(using: &generator)
            let document = try parse(bytes, type: type)
            expectCover(document, count: bytes.count)
            expectMarks(marks, in: document, bytes, "seed \(seed) round \(round)")
        }
    }

    /// A bulletin that was pasted before a newspaper page is an item and not part of what precedes the page.
    @Test func keepsABulletinBeforeANewspaperPage() throws {
        let page = String(decoding: try Seed.newspaper.bytes(), as: UTF8.self)
        let alone = try parse(page)
        let head = "5月5日\n\n市商务委介绍，全市已有八百多家门店恢复线下营业，各区将有序扩大开放范围。\n\n来源：解放日报\n\n"
        for type in ["text/plain", "text/markdown"] {
            let document = try parse(head + page, type: type)
            #expect(document.items.count == alone.items.count + 1)
            let first = try #require(document.items.first)
            #expect(first.body.contains("八百多家门店"))
            #expect(first.sources.map(\.value) == ["解放日报"])
            #expect(first.published?.value == PartialDate(month: 5, day: 5))
            #expect(document.items.dropFirst().map(\.title) == alone.items.map(\.title))
        }
    }

    @Test func keepsWhatIsLabelledInsideAStory() throws {
        let page = """
            市图书馆新开分馆

            晨报讯 市图书馆昨天介绍，新馆将于下周开放，市民可以预约参观。
            时间：5月8日上午九点
            地点在东区人民路，市民可以乘坐地铁前往，周边设有停车场。

            市博物馆延长开放

            晨报讯 市博物馆昨天介绍，本月起延长开放时间，晚上八点闭馆。
            """
        let document = try parse(page)
        #expect(document.items.count == 2)
        #expect(document.items.first?.body.contains("时间：5月8日上午九点") == true)
    }
}

@Suite struct TextThatWasLost {
    /// A label later in a sentence does not make all before it the date's value.
    @Test func aSentenceThatBeginsWithItsDateIsText() throws {
        let lines = [
            "7月5日，市防指召开防汛会议。（来源：滨江发布）", "2024年3月6日人民路停水。时间：全天。",
            "7月5日至10日开展检查，责任部门：市消防救援支队。",
        ]
        for line in lines {
            let document = try parse("关于近期工作的通报\n\n\(line)\n\n各单位要认真落实各项措施。")
            let sentence = line.prefix { $0 != "。" }
            #expect(document.items.contains { $0.body.contains(sentence) }, "\(line): \(document.items.map(\.body))")
        }
        let page = try parse("<p>2024年6月5日，市水务局发布通知，停水。来源：滨江日报</p><p>请市民储水。</p>", type: "text/html")
        #expect(page.items.contains { $0.body.contains("市水务局发布通知") })
    }

    @Test func aDateWithItsTimeBeforeALabelStillIsOne() throws {
        for line in ["2022-04-13 08:12 来源：疾控局", "2022年4月13日 星期三 来源：疾控局", "2022-04-13 08:12发布 来源：疾控局"] {
            let document = try parse("关于防控工作的通告\n\(line)\n\n全市各单位要落实防控措施，不得松懈。")
            #expect(document.items.first?.published?.value.text.hasPrefix("2022-04-13") == true, "\(line)")
            #expect(document.items.first?.sources.map(\.value) == ["疾控局"], "\(line)")
        }
    }

    /// A part of a digest whose heading has no headings under it is bulletins too.
    @Test func aPartWithoutSectionsIsKept() throws {
        let head = "# 每日简报\n\n## 一、要闻\n\n### 甲区修路\n\n甲区今天修路，预计三天完成。\n\n### 乙区停水\n\n乙区明天停水，请市民储水。\n\n## 二、部门动态\n\n"
        let text = try parse(head + "市公安局夜查，查处酒驾43起。\n\n市卫健委发布高温提示。", type: "text/markdown")
        #expect(text.items.count == 3)
        #expect(text.items.last?.title == "二、部门动态")
        #expect(text.items.last?.body.contains("查处酒驾43起") == true && text.items.last?.body.contains("高温提示") == true)
        let list = try parse(head + "- 市公安局夜查，查处酒驾43起。\n- 市卫健委今天发布高温提示。\n", type: "text/markdown")
        #expect(list.items.count == 4)
        #expect(list.items.suffix(2).map { $0.body.contains("酒驾") || $0.body.contains("高温") } == [true, true])
    }

    @Test func columnsOfAnnouncementsAreKnown() throws {
        let document = try parse(
            "公告标题,发布单位,发布日期,正文\n关于停水的通告,市园林局,2024-03-05,人民路明天停水。\n", type: "text/csv")
        let item = try #require(document.items.first)
        #expect(item.title == "关于停水的通告")
        #expect(item.department?.value == "市园林局")
        #expect(item.published?.value.text == "2024-03-05")
    }

    /// What a caller says of columns goes before their names.
    @Test func columnsAreMappedByTheCaller() throws {
        let table = "编,标目,经办,何时,说明\n7,人民路停水,市水务局,2024-03-05,明天八时起停水。\n"
        let hints = [FieldMapping.hint: "标目=title,经办=department,何时=published,说明=body,编=none"]
        for (text, type) in [
            (table, "text/csv"),
            (#"[{"编":7,"标目":"人民路停水","经办":"市水务局","何时":"2024-03-05","说明":"明天八时起停水。"}]"#, "application/json"),
        ] {
            let item = try #require(try parse(text, type: type, hints: hints).items.first)
            #expect(item.title == "人民路停水" && item.body == "明天八时起停水。", "\(type)")
            #expect(item.department?.value == "市水务局" && item.published?.value.text == "2024-03-05", "\(type)")
        }
        #expect(try parse(table, type: "text/csv").items.first?.title != "人民路停水")
        for wrong in ["标目", "标目=heading", "=title", "标目=title,标目=body"] {
            #expect(throws: KuaibaoError.self, "\(wrong)") { try FieldMapping(wrong) }
        }
    }
}
