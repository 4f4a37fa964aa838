// The parser: what each construct reads as, and what is refused.

import Messages
import SearchCore
import Testing

@Suite struct QueryLanguageParserTests {
    private func parse(_ text: String) throws(KuaibaoError) -> Query {
        try QueryParser(fields: queryLanguageFields, today: CalendarDay(year: 2020, month: 3, day: 1)).parse(text)
    }

    private func refusal(_ text: String) -> KuaibaoError? {
        do {
            _ = try parse(text)
            return nil
        } catch { return error }
    }

    @Test func theDesignsExampleReadsAsItShould() throws {
        let query = try parse("复工复产 部门:公安局 日期:2020-02..2020-03 来源:上海发布 \"常态化防控\"~4 -隔离 复工率>70%")
        #expect(
            query
                == .and([
                    .text("复工复产", field: nil), .term("公安局", field: "department"),
                    .dates(DateRange(lower: 18_293, upper: 18_353), field: "published"), .term("上海发布", field: "source"),
                    .phrase("常态化防控", field: nil, slop: 4), .not(.text("隔离", field: nil)),
                    .figure(subject: "复工率", range: NumberRange(lower: 70, upper: nil, includesLower: false), unit: "%"),
                ]))
    }

    @Test(arguments: [
        ("部门：公安局 （a ｜ b） “c d”～4 －e", "部门:公安局 (a | b) \"c d\"~4 -e"), ("a　b", "a b"), ("ｃovid＊", "ｃovid*"),
        ("日期：２０２０－０２", "日期:2020-02"), ("標題：a", "title:a"), ("復工率＞７０％", "復工率>70％"), ("a 並且 b", "a AND b"), ("!a", "-a"),
        ("！a", "NOT a"),
        ("日期:2020-02……2020-03", "日期:2020-02..2020-03"), ("日期:2020-02。。2020-03", "日期:2020-02..2020-03"), ("a＾2", "a^2"),
        ("标题: a", "标题:a"), ("count > 5", "count>5"), ("count:>5", "count>5"), ("部门=a", "部门:a"), ("a&&b", "a AND b"),
        ("a||b", "a OR b"),
        ("日期:\"2020-02\"", "日期:2020-02"), ("日期:(2020 OR --02-08)", "日期:2020 OR 日期:--02-08"),
        ("标题:(a 正文:b)", "标题:a 正文:b"),
        ("  a  ", "a"), ("a - b", "a b"), ("，a。", "，a。"), ("a ——", "a"), ("((((a))))", "a"), ("-(-a)", "a"),
        ("a *", "a"),
        ("复工率=七成", "复工率=70%"), ("x>3万4000", "x>34000"), ("x>1.5万人次", "x>15000人次"), ("x>5千克", "x>5\\千克"),
        ("日期:二〇二〇年二月十八日", "日期:2020-02-18"),
    ])
    func bothWritingsReadTheSame(first: String, second: String) throws {
        #expect(try parse(first) == parse(second))
    }

    @Test(
        arguments: [
            ("10:30", Query.text("10:30", field: nil)), ("https://a.cn/b", .text("https://a.cn/b", field: nil)),
            ("3~5", .text("3~5", field: nil)),
            ("AT&T", .text("AT&T", field: nil)), ("and", .text("and", field: nil)), ("\\OR", .text("OR", field: nil)),
            ("a-b", .text("a-b", field: nil)),
            ("\\-a", .text("-a", field: nil)), ("a\\ b", .text("a b", field: nil)), ("", .all), ("　 ", .all),
            ("部门:*", .prefix("", field: "department")),
            ("日期:*", .dates(DateRange(lower: nil, upper: nil), field: "published")),
            ("部门:\"\"", .term("", field: "department")),
            ("部门:\"上海 发布\"", .term("上海 发布", field: "department")), ("covid~2", .fuzzy("covid", field: nil, edits: 2)),
            ("部门:市*", .prefix("市", field: "department")),
            ("a*b", .wildcard("a*b", field: nil)), ("a?b", .wildcard("a?b", field: nil)), ("a？b", .text("a？b", field: nil)),
            ("a\\?b", .text("a?b", field: nil)), ("a??b*", .wildcard("a??b*", field: nil)), ("a*?b", .wildcard("a?*b", field: nil)),
            ("*ab", .wildcard("*ab", field: nil)), ("ab*?", .prefix("ab", field: nil)), ("covid?", .text("covid?", field: nil)),
            ("疫?防控", .wildcard("疫?防控", field: nil)), ("*疫情*防控*", .wildcard("疫情*防控", field: nil)),
            ("*疫情*", .phrase("疫情", field: nil, slop: 0)), ("http://a.cn/b?c", .text("http://a.cn/b?c", field: nil)),
            ("复工了吗?疫情怎么样", .text("复工了吗?疫情怎么样", field: nil)), ("来源:上*发?", .wildcard("上*发", field: "source")),
            ("来源:上?发布", .wildcard("上?发布", field: "source")), ("标题:co?id", .wildcard("co?id", field: "title")),
            ("日期:今天", .dates(DateRange(lower: 18_322, upper: 18_323), field: "published")),
            ("日期:上周", .dates(DateRange(lower: 18_309, upper: 18_316), field: "published")),
            ("日期:上月", .dates(DateRange(lower: 18_293, upper: 18_322), field: "published")),
            ("日期:近7天", .dates(DateRange(lower: 18_316, upper: 18_323), field: "published")),
            ("日期:2月", .monthDay(month: 2, day: nil, field: "published")),
            ("日期:--02-29", .monthDay(month: 2, day: 29, field: "published")),
            ("date:20200208", .dates(DateRange(lower: 18_300, upper: 18_301), field: "published")),
            ("日期:..2019", .dates(DateRange(lower: nil, upper: 18_262), field: "published")),
            ("日期<=2019", .dates(DateRange(lower: nil, upper: 18_262), field: "published")),
            (
                "count:10<..<20",
                .numbers(NumberRange(lower: 10, upper: 20, includesLower: false, includesUpper: false), field: "count")
            ),
            ("count:-5", .numbers(NumberRange(lower: -5, upper: -5), field: "count")),
            ("x=*家", .figure(subject: "x", range: NumberRange(lower: nil, upper: nil), unit: "家")),
            (
                "\\date>5",
                .figure(subject: "date", range: NumberRange(lower: 5, upper: nil, includesLower: false), unit: "")
            ),
        ] as [(String, Query)])
    func constructsReadAsTheirNode(text: String, expected: Query) throws {
        #expect(try parse(text) == expected)
    }

    @Test(
        arguments: [
            ("AND a", 0..<3), ("a AND", 2..<5), ("a AND OR b", 6..<8), ("(a", 0..<1), ("a)", 1..<2), (")", 0..<1),
            ("()", 0..<2), ("(", 0..<1), ("( ", 0..<2),
            ("a \"b", 2..<3), ("“b", 0..<3), ("\"\"", 0..<2), ("\" \"", 0..<3), ("\"，\"", 0..<5), (":a", 0..<1),
            ("^2", 0..<1), (">5", 0..<1), ("a^", 1..<2), ("a^0", 2..<3),
            ("a^x", 1..<2), ("标题:", 0..<7), ("(标题:)", 1..<8), ("日期:abc", 7..<10), ("日期:2020-02-30", 7..<17),
            ("日期:..", 7..<9), ("日期>2月8日", 7..<15),
            ("x>", 0..<2), ("x>(a)", 2..<3), ("count:5家", 6..<10), ("x=5家..6人", 2..<12), ("x=9..5", 2..<6),
            ("a~9", 1..<3), ("\"a\"~", 3..<4), ("\"a\"~101", 3..<7),
            ("部门:\"a\"~2", 7..<10), ("a*b疫", 0..<6), ("，*疫情*，a", 0..<15), ("标题:*", 7..<8), ("a\\", 1..<2), ("日期:\"\"", 7..<9), ("-", 0..<1),
            ("a OR ，", 5..<8), ("日期:0000", 7..<11), ("- OR a", 2..<4),
        ] as [(String, Range<Int>)])
    func mistakesAreRefusedAtTheirPlace(text: String, range: Range<Int>) {
        let error = refusal(text)
        #expect(error?.code == .invalidQuery, "\(text)")
        #expect(error?.range == range, "\(text): \(String(describing: error))")
        #expect(error?.fix.isEmpty == false)
    }

    @Test(arguments: [
        String(repeating: "(", count: 10_000), String(repeating: "-", count: 3_000) + "a",
        String(repeating: "(", count: 65) + "a" + String(repeating: ")", count: 65),
        String(repeating: "a ", count: 257), String(repeating: "-(", count: 40) + "a",
        String(repeating: "a", count: 4_097),
        String(repeating: "(a OR (b ", count: 13) + "c" + String(repeating: "))", count: 13),
        "标题:" + String(repeating: "(", count: 1_000),
    ])
    func boundsAreRefusedAsTooComplex(text: String) {
        let error = refusal(text)
        #expect(error?.code == .queryTooComplex)
        #expect(error?.range != nil)
    }

    @Test func whatTheBoundsAllowIsRead() throws {
        #expect(throws: Never.self) {
            try parse(String(repeating: "(", count: 64) + "a" + String(repeating: ")", count: 64))
        }
        #expect(throws: Never.self) { try parse(String(repeating: "a ", count: 256)) }
        #expect(throws: Never.self) { try parse(String(repeating: "a", count: 4_096)) }
    }

    @Test func relativeDatesNeedTheDay() {
        #expect(throws: KuaibaoError.self) { try QueryParser().parse("日期:今天") }
    }

    @Test func treesFromElsewhereAreChecked() throws {
        let normalizer = QueryNormalizer(fields: queryLanguageFields)
        for query in [
            Query.text("a", field: "nowhere"), .text("", field: nil), .text("，", field: nil),
            .phrase("a", field: nil, slop: -1), .fuzzy("a", field: nil, edits: 3),
            .term("a", field: "published"), .dates(DateRange(lower: 5, upper: 5), field: "published"),
            .dates(DateRange(lower: .min, upper: nil), field: "published"),
            .dates(DateRange(lower: nil, upper: .min), field: "published"),
            .monthDay(month: 2, day: 30, field: "published"),
            .numbers(NumberRange(lower: .nan, upper: nil), field: "count"),
            .figure(subject: "", range: NumberRange(lower: 1, upper: nil), unit: ""), .boost(.all, factor: .nan),
            .boost(.all, factor: -1), .text(String(repeating: "a", count: 5_000), field: nil),
            .dates(DateRange(lower: 1, upper: 2), field: "title"), .phrase("a", field: "department", slop: 2),
        ] {
            #expect(throws: KuaibaoError.self, "\(query)") { try normalizer.normalized(query) }
        }
        var deep = Query.text("a", field: nil)
        for _ in 0..<60 { deep = .boost(deep, factor: 2) }
        #expect(throws: KuaibaoError.self) { try normalizer.normalized(deep) }
        #expect(throws: KuaibaoError.self) {
            try normalizer.normalized(.or(Array(repeating: .text("a", field: nil), count: 257)))
        }
        #expect(try normalizer.normalized(.text("公安局", field: "部门")) == .term("公安局", field: "department"))
        #expect(try normalizer.normalized(.term("公安局", field: "标题")) == .phrase("公安局", field: "title", slop: 0))
    }

    @Test(arguments: [("部们", "部门"), ("titel", "title"), ("sorce", "source"), ("標提", "标题")])
    func anUnknownFieldNamesTheNearest(typed: String, known: String) {
        #expect(refusal(typed + ":a")?.message.contains("did you mean \(known)?") == true)
        #expect(refusal("qqqqqqqqqqqq:a")?.message.contains("did you mean") == false)
    }
}
