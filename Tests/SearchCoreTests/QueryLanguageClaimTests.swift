// The prose of docs/query-language.md: every example in it is read, and what it says of examples is tried on texts.

import Foundation
import Messages
import SearchCore
import Testing

@Suite struct QueryLanguageClaimTests {
    private static let today = CalendarDay(year: 2020, month: 2, day: 12)
    private static let parser = QueryParser(today: today)

    /// Spans of the page that are signs, names or parts of other languages.
    private static let notQueries: Set<String> = [
        "OR", "AND", "NOT", "&&", "||", "|", "并且", "或者", "不含", "-", "!", "( … )", "\"…\"", "“…”", "「…」", "『…』", "~n",
        "name:value", "name:\"value\"", "name:(a OR b)", "//", "https://…", ">", ">=", "<", "<=", "=", "≥", "≤", "..<",
        "<..", "km", "米", "公里", "是", "否", "~", "…", "至", "到",
    ]

    private static let page: String = {
        let here = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        let folder = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return (try? String(contentsOf: folder.appendingPathComponent("docs/query-language.md"), encoding: .utf8)) ?? ""
    }()

    /// The code spans of the page outside of the tables of mistakes and of JSON, and of the section on records.
    private static var spans: [String] {
        var result: [String] = []
        var isPassedOver = false
        for line in page.components(separatedBy: "\n") {
            if line.hasPrefix("## ") || line.hasPrefix("### ") {
                isPassedOver = ["## Mistakes", "## The tree, and its JSON form", "### Records"].contains(line)
            }
            guard !isPassedOver else { continue }
            result += line.replacing("\\|", with: "|").components(separatedBy: "`").enumerated()
                .filter { $0.offset % 2 == 1 }.map(\.element)
        }
        return result
    }

    @Test func everyExampleOfThePageIsRead() throws {
        #expect(Self.spans.count > 100)
        for span in Self.spans where !Self.notQueries.contains(span) {
            #expect(throws: Never.self, "`\(span)`") { try Self.parser.parse(span) }
        }
        for span in Self.notQueries where !Self.page.replacing("\\|", with: "|").contains("`\(span)`") {
            Issue.record("the page has no `\(span)`")
        }
    }

    @Test(arguments: [
        ("部门：公安局 （复工 ｜ 复产） “常态化防控”～4 －隔离", "部门:公安局 (复工 | 复产) \"常态化防控\"~4 -隔离"),
        ("word~", "word~1"), ("公告 - 上海", "公告 上海"), ("“防控”", "\"防控\""), ("「防控」", "\"防控\""), ("『防控』", "\"防控\""),
        ("a AND b", "a b"), ("a && b", "a b"), ("a 并且 b", "a b"), ("a || b", "a OR b"), ("a | b", "a OR b"),
        ("a 或者 b", "a OR b"), ("!a", "-a"), ("NOT a", "-a"), ("不含 a", "-a"), ("a b OR c", "(a b) OR c"),
        ("标题:a", "title:a"), ("標題:a", "title:a"), ("部门:\"公安局\"", "department:公安局"), ("部门:(a OR b)", "部门:a OR 部门:b"),
        ("日期:2020/02/08", "日期:2020-02-08"), ("日期:2020.02.08", "日期:2020-02-08"), ("日期:20200208", "日期:2020-02-08"),
        ("日期:2020年2月8日", "日期:2020-02-08"), ("日期:2020-02~2020-03", "日期:2020-02..2020-03"),
        ("日期:2020-02…2020-03", "日期:2020-02..2020-03"), ("日期:2020-02至2020-03", "日期:2020-02..2020-03"),
        ("日期:2020-02到2020-03", "日期:2020-02..2020-03"), ("日期:2020-02..", "日期>=2020-02-01"), ("日期:..2020-03", "日期<2020-04"),
        ("日期>=2020-02", "日期:2020-02-01.."), ("日期<2020-03", "日期:..2020-02"), ("日期>2020-02", "日期:2020-03.."),
        ("日期:2月8日", "日期:--02-08"), ("日期:--02", "日期:2月"), ("日期:今天", "日期:2020-02-12"), ("日期:today", "日期:2020-02-12"),
        ("日期:昨天", "日期:2020-02-11"), ("日期:yesterday", "日期:昨天"), ("日期:前天", "日期:2020-02-10"),
        ("日期:上周", "日期:2020-02-03..2020-02-09"), ("日期:本周", "日期:2020-02-10..2020-02-16"), ("日期:本月", "日期:2020-02"),
        ("日期:上月", "日期:2020-01"), ("日期:今年", "日期:2020"), ("日期:去年", "日期:2019"),
        ("日期:近7天", "日期:2020-02-06..2020-02-12"), ("日期:近一周", "日期:近7天"), ("日期:过去7天", "日期:近7天"), ("日期:最近两日", "日期:最近2天"),
        ("日期:近1个月", "日期:2020-01-13..2020-02-12"), ("日期:近三个月", "日期:2019-11-13..2020-02-12"), ("日期:近半年", "日期:2019-08-13..2020-02-12"),
        ("日期:近一年", "日期:2019-02-13..2020-02-12"), ("日期:2020年2月至3月", "日期:2020-02..2020-03"),
        ("日期:2020年2月1日—2020年2月20日", "日期:2020-02-01..2020-02-20"), ("日期:2020年2月1日至20日", "日期:2020-02-01..2020-02-20"),
        ("日期:2019年12月20日——1月5日", "日期:2019-12-20..2020-01-05"), ("日期:2020年1月至今", "日期>=2020-01-01"),
        ("日期:1月以来", "日期>=2020-01-01"), ("日期:3月以来", "日期>=2019-03-01"), ("日期:2月8日起", "日期>=2020-02-08"),
        ("日期:2020年2月之后", "日期>2020-02"), ("日期:2020年2月以前", "日期<2020-02"), ("日期:2020年上半年", "日期:2020-01..2020-06"),
        ("日期:一季度", "日期:2020-01..2020-03"), ("日期:2019年第四季度", "日期:2019-10..2019-12"), ("日期:下半年", "日期:2020-07..2020-12"),
        ("复工率≥70%", "复工率>=70%"), ("复工率≤70%", "复工率<=70%"),
        ("复工率=70%..90%", "复工率=70..90%"), ("采样点>=4,500", "采样点>=4500"), ("采样点>=1.5万", "采样点>=15000"),
        ("采样点>=3亿", "采样点>=300000000"), ("采样点>=３５００", "采样点>=3500"), ("采样点>=三千五百", "采样点>=3500"),
        ("复工率>百分之七十", "复工率>70%"), ("复工率>七成", "复工率>70%"), ("投入>3亿元", "投入>300000000元"),
    ])
    func thesePairsAreTheSame(first: String, second: String) throws {
        #expect(try Self.parser.parse(first) == Self.parser.parse(second))
    }

    @Test(arguments: [
        ("3~5", Query.text("3~5", field: nil)), ("10:30", .text("10:30", field: nil)),
        ("https://example.cn", .text("https://example.cn", field: nil)), ("\"或者\"", .phrase("或者", field: nil, slop: 0)),
        ("and", .text("and", field: nil)), ("a\\:b", .text("a:b", field: nil)), ("C\\*", .text("C*", field: nil)),
        ("\\-5", .text("-5", field: nil)), ("a\\\\b", .text("a\\b", field: nil)),
        ("term^2", .boost(.text("term", field: nil), factor: 2)),
        (
            "采样点=4500..<5000家",
            .figure(
                subject: "采样点", range: NumberRange(lower: 4500, upper: 5000, includesUpper: false), unit: "家")
        ),
        ("谁说过“我思故我在”？", .text("谁说过“我思故我在”？", field: nil)),
        (
            "(复工 OR “常态化疫情防控工作指南”)",
            .or([.text("复工", field: nil), .phrase("常态化疫情防控工作指南", field: nil, slop: 0)])
        ),
        ("谁说过 “我思故我在”", .and([.text("谁说过", field: nil), .phrase("我思故我在", field: nil, slop: 0)])),
    ] as [(String, Query)])
    func theseAreReadAsThePageSays(text: String, expected: Query) throws {
        #expect(try Self.parser.parse(text) == expected)
    }

    @Test func limitsAreThoseOfThePage() {
        let limits = QueryLimits.standard
        #expect(Self.page.contains("Limits: 4,096 bytes, 64 brackets deep, 24 levels of the tree, 256 terms."))
        #expect((limits.bytes, limits.depth, limits.treeDepth, limits.clauses) == (4096, 64, 24, 256))
        #expect(Self.page.contains("up to n (at most 100) other characters") && limits.slop == 100)
    }

    // MARK: What is found

    private static func finds(_ text: String, _ document: IndexDocument) throws -> Bool {
        let folder = TemporaryFolder()
        let documents = [document, bulletin("other", body: "天气晴朗")]
        let reader = try makeSegment(documents, in: folder, name: "s")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
        let query = QueryExpander(schema: .bulletins).expand(try parser.parse(text))
        let hits = try Searcher(schema: .bulletins).search(SearchPlan(query: query), in: snapshot).hits
        return hits.contains { $0.place.documentID == document.documentID }
    }

    @Test(arguments: [
        ("复工复产", "推动復工復產", true), ("复工复产", "复 工 复 产", true), ("复工复产", "复工，然后复产", false),
        ("复工 复产", "复产之后复工", true), ("复工 复产", "只有复工", false), ("复工 OR 复产", "只有复产", true),
        ("复工 OR 复产", "只有隔离", false), ("复工 -隔离", "复工", true), ("复工 -隔离", "复工隔离", false),
        ("\"常态化防控\"", "常态化防控", true), ("\"常态化防控\"", "常态化的防控", false),
        ("\"疫情防控\"~4", "疫情要继续坚防控", true), ("\"疫情防控\"~4", "疫情要继续坚持防控", false),
        ("\"疫情防控\"~4", "防控疫情", false), ("\"防控工作\"~1", "防控、工作", true), ("\"防控工作\"", "防控、工作", false),
        ("企业复工复产疫情防控工作", "企业复工", true), ("\"企业复工复产疫情防控工作\"", "企业复工", false),
        ("打赢", "打贏", true), ("COVID", "covid", true), ("ＣＯＶＩＤ", "covid", true), ("cafe", "café", true),
        ("４５００", "4500", true), ("cov*", "covid", true), ("cov*", "ncov", false), ("covod~", "covid", true),
        ("房控~", "防控", true), ("夏工~", "复工", true), ("房控~", "天控", false),
        ("c*d", "covid", true), ("c*d", "covids", false), ("co?id", "covid", true), ("co?id", "coid", false),
        ("疫?防控", "疫情防控", true), ("疫?防控", "疫情的防控", false), ("疫?防控", "疫防控", false), ("疫情*防控", "疫情防控", true),
        ("疫情*防控", "疫情一二三四五六七八九十防控", true), ("疫情*防控", "疫情一二三四五六七八九十一防控", false),
        ("疫情*防控", "防控疫情", false), ("疫情??防控", "疫情、的防控", true), ("G20*公报", "G20峰会的公报", true),
        ("covdi~", "covid", true), ("coxdd~", "covid", false), ("coxod~2", "covid", true),
        ("疾控", "疾病预防控制", true), ("\"疾控\"", "疾病预防控制", false), ("软件", "軟體", true), ("三千五百家", "3500家", true),
        ("3月8日", "三月八日", true), ("notices", "a notice", true), ("\"或者\"", "或者", true), ("a\\:b", "a:b", true),
        ("标题:复工", "复工", false), ("正文:复工", "复工", true), ("部门:*", "复工", false), ("日期:*", "复工", false),
    ])
    func theseFindTheseTextsOrNot(query: String, body: String, isFound: Bool) throws {
        #expect(try Self.finds(query, bulletin("wanted", body: body)) == isFound, "\(query) in \(body)")
    }

    @Test(arguments: [
        ("部门:公安局", "公安局", true), ("部门:公安局", "市公安局", false), ("部门:市*", "市公安局", true), ("部门:*", "市公安局", true),
        ("部门:市*局", "市公安局", true), ("部门:市?局", "市公安局", false), ("部门:市??局", "市公安局", true),
        ("部门:(公安局 OR 教育局)", "教育局", true), ("dept:公安局", "公安局", true), ("部門:公安局", "公安局", true),
    ])
    func keywordsAreComparedAsAWhole(query: String, department: String, isFound: Bool) throws {
        var document = bulletin("wanted", body: "正文")
        document.fields["department"] = .keywords([department])
        #expect(try Self.finds(query, document) == isFound, "\(query) in \(department)")
    }

    @Test(arguments: [
        ("日期:2020-02", PartialDate(year: 2020, month: 2, day: 29), true),
        ("日期:2020-02", PartialDate(year: 2020, month: 3, day: 1), false),
        ("日期:2020-02", PartialDate(month: 2, day: 8), false), ("日期:2月8日", PartialDate(month: 2, day: 8), true),
        ("日期:2月8日", PartialDate(year: 2019, month: 2, day: 8), true),
        ("日期:2020-02..2020-03", PartialDate(year: 2020, month: 3, day: 31), true),
        ("日期:2020-02..2020-03", PartialDate(year: 2020, month: 2, day: 1), true),
        ("日期>2020-02", PartialDate(year: 2020, month: 2, day: 29), false), ("日期:*", PartialDate(year: 2020), true),
    ])
    func datesAreMetAsThePageSays(query: String, date: PartialDate, isFound: Bool) throws {
        #expect(try Self.finds(query, bulletin("wanted", body: "正文", date: date)) == isFound, "\(query) in \(date.text)")
    }

    @Test(arguments: [
        ("复工率>70%", Figure("企业复工率", 71, 71), true), ("復工率>70%", Figure("复工率", 71, 71), true),
        ("复工率>70%", Figure("复工率", 70, 70), false), ("复工率>70%", Figure("复工率", 60, nil, isOpen: true), true),
        ("复工率>70%", Figure("复工率", 65, 70, isOpen: true), false), ("复工率>70家", Figure("复工率", 71, 71), false),
        ("复工率>70", Figure("复工率", 71, 71), true), ("复工率=70%..90%", Figure("复工率", 90, 90), true),
        ("复工率=70%..<90%", Figure("复工率", 90, 90), false), ("复工率=70%<..90%", Figure("复工率", 70, 70), false),
    ])
    func figuresAreMetAsThePageSays(query: String, figure: Figure, isFound: Bool) throws {
        var document = bulletin("wanted", body: "正文")
        document.fields["figure"] = .figures([figure])
        #expect(try Self.finds(query, document) == isFound, "\(query) in \(figure)")
    }

    @Test func aTermWithAFactorCountsSoMuch() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment([bulletin("a", body: "复工"), bulletin("b", body: "天气晴")], in: folder, name: "s")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
        func score(_ text: String) throws -> Double {
            let plan = SearchPlan(query: try Self.parser.parse(text))
            return Double(try #require(Searcher(schema: .bulletins).search(plan, in: snapshot).hits.first).score)
        }
        #expect(abs(try score("复工^2") / score("复工") - 2) < 0.001)
    }
}

extension Figure {
    /// In percent.
    fileprivate init(_ subject: String, _ lower: Double?, _ upper: Double?, isOpen: Bool = false) {
        self.init(
            subject: subject, lower: lower, upper: upper, includesLower: !isOpen, includesUpper: !isOpen, unit: "%",
            comparator: "", quote: "", range: ByteRange(0, 0))
    }
}
