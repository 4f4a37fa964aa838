// Other words for what was typed: groups, numerals, plurals, and what they find.

import Messages
import Testing

@testable import SearchCore

@Suite struct VocabularyTests {
    private func found(_ text: String, _ documents: [IndexDocument], groups: WordGroups = .builtIn) throws -> [String] {
        let folder = TemporaryFolder()
        let reader = try makeSegment(documents, in: folder, name: "s")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
        let query = QueryExpander(schema: .bulletins, groups: groups).expand(try QueryParser().parse(text))
        return try Searcher(schema: .bulletins).search(SearchPlan(query: query), in: snapshot).hits.map(
            \.place.documentID)
    }

    @Test func theBuiltInGroupsAreWellFormed() {
        #expect(WordGroups.builtIn.groupCount > 90)
    }

    @Test(arguments: [
        ("疾控", "上海市疾病预防控制中心发布"), ("疾病预防控制中心", "市疾控中心发布"), ("上海疾控", "上海疾病预防控制中心"), ("軟體", "软件更新"),
        ("软件", "軟體更新"), ("智慧型手機", "智能手机上市"), ("三千五百家", "共3500家企业"), ("3500家", "共三千五百家企业"),
        ("3月8日", "三月八日晚"), ("三月十八日", "3月18日晚"), ("二〇二〇年", "2020年初"), ("2020年", "二〇二〇年初"),
        ("notices", "a notice of today"), ("vaccine", "all vaccines"), ("policies", "the policy"),
        ("疾控 notices", "疾病预防控制 notice"),
    ])
    func otherWordsFind(typed: String, text: String) throws {
        let documents = [bulletin("wanted", body: text), bulletin("other", body: "天气晴")]
        #expect(try found(typed, documents) == ["wanted"], "\(typed)")
    }

    @Test(arguments: ["\"疾控\"", "来源:疾控", "-疾控 天气", "谁是疾控中心的主任？"])
    func whatIsQuotedExcludedOrAskedStays(text: String) throws {
        let query = try QueryParser().parse(text)
        #expect(QueryExpander(schema: .bulletins).expand(query) == query)
    }

    @Test func theWordItselfCountsMost() throws {
        let documents = [
            bulletin("long", body: "疾病预防控制，今天发布"), bulletin("short", body: "疾控中心，今天也发布"),
        ]
        #expect(try found("疾控", documents) == ["short", "long"])
    }

    @Test func groupsOfTheUserReachDocumentsThatAreThere() throws {
        let documents = [bulletin("a", body: "随申办市民云上线")]
        #expect(try found("一网通", documents) == [])
        var groups = try WordGroups(parsing: "# ours\n\n一网通 = 隨申辦\n")
        #expect(groups.groupCount == 1)
        groups.merge(.builtIn)
        #expect(try found("一网通", documents, groups: groups) == ["a"])
    }

    @Test(arguments: ["疾控", "a = ", " = ", "a=b\n" + String(repeating: "长", count: 33) + "=b"])
    func aLineThatIsNoGroupIsNamed(text: String) {
        let error = #expect(throws: SearchCoreError.self) { try WordGroups(parsing: text) }
        #expect(error?.message.contains("line") == true)
    }

    @Test func wordsOfSpacedScriptsAreReplacedWhole() throws {
        let groups = try WordGroups(parsing: "it = 信息技术")
        #expect(groups.replacements(in: "it部门", limit: 5) == ["信息技术部门"])
        #expect(groups.replacements(in: "unit部门", limit: 5) == [])
    }

    @Test(arguments: [
        (0, "零"), (1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"), (110, "一百一十"), (1000, "一千"),
        (1010, "一千零一十"),
        (3500, "三千五百"), (10_004, "一万零四"), (120_000, "十二万"), (12_345_678, "一千二百三十四万五千六百七十八"),
    ])
    func numbersAreWrittenAsTheyAreRead(value: Int, text: String) {
        #expect(Numerals.counted(value) == text)
    }

    @Test func everyNumberComesBack() {
        for value in Array(10...3000) + [9999, 10_001, 10_010, 99_999, 100_000, 10_000_001, 99_999_999] {
            let scalars = Array(Numerals.counted(value).unicodeScalars)
            let read = ChineseNumerals.integer(scalars[...])
            #expect(read?.value == value && read?.end == scalars.count, "\(value) \(Numerals.counted(value))")
        }
    }

    @Test(arguments: [
        ("notices", "notice"), ("index", "indexes"), ("boxes", "box"), ("city", "cities"), ("cities", "city"),
        ("delay", "delays"),
        ("classes", "class"), ("churches", "church"),
    ])
    func pluralsGoBothWays(word: String, other: String) {
        #expect(LatinPlural.other(word) == other)
    }

    @Test(arguments: ["class", "virus", "basis", "gdp", "covid19", "疫情", ""])
    func otherWordsHaveNoPlural(word: String) {
        #expect(LatinPlural.other(word) == nil)
    }

    @Test func expansionsAreBounded() throws {
        let line = (0..<16).map { "词\($0 + 10)" }.joined(separator: "=")
        let groups = try WordGroups(parsing: line)
        let text = (0..<16).map { "词\($0 + 10)" }.joined(separator: " ")
        let query = QueryExpander(schema: .bulletins, groups: groups).expand(.text(text, field: nil))
        guard case .and(let parts) = query else {
            Issue.record("not a conjunction: \(query)")
            return
        }
        let added = parts.reduce(0) { sum, part in if case .or(let words) = part { sum + words.count - 1 } else { sum }
        }
        #expect(added <= QueryExpander.maximumAdded)
        #expect(parts.count == 16)
    }
}
