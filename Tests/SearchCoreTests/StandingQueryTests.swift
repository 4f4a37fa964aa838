// Standing queries against a search of the new segment for each of them: the same matches, whatever the query.

import Messages
import Testing

@testable import SearchCore

@Suite("standing queries")
struct StandingQueryTests {
    /// What running each query on the segment finds, by document.
    private func oracle(
        _ queries: [Int64: QueryIndex.Source], _ reader: SegmentReader, among documents: [DocID],
        expander: QueryExpander? = nil
    ) throws -> [DocID: [Int64]] {
        let searcher = Searcher(schema: .bulletins, evaluator: .exhaustive)
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
        var found: [DocID: [Int64]] = [:]
        for (number, source) in queries.sorted(by: { $0.key < $1.key }) {
            let plan = SearchPlan(
                query: try source.query(today: nil, expander: expander), limit: reader.documentCount)
            for hit in try searcher.search(plan, in: snapshot).hits where documents.contains(hit.reference.docID) {
                found[hit.reference.docID, default: []].append(number)
            }
        }
        return found
    }

    @Test(arguments: [UInt64](1...12))
    func matchesAreThoseOfRunningEachQuery(seed: UInt64) throws {
        let folder = TemporaryFolder()
        var corpus = RandomCorpus(seed: seed)
        let known = try makeSegment((0..<40).map { corpus.document($0) }, in: folder, name: "known")
        let groups = try WordGroups(parsing: "疫情 = 防控 = 肺炎\n复工 = 广州\ncovid = 新冠")
        let expander = seed % 3 == 0 ? QueryExpander(schema: .bulletins, groups: groups) : nil
        var index = QueryIndex(schema: .bulletins, today: nil, expander: expander)
        var sources: [Int64: QueryIndex.Source] = [:]
        let frequencies = seed % 2 == 0 ? KeyFrequencies([known]) : KeyFrequencies()
        for number in Int64(1)...70 {
            let source = QueryIndex.Source(
                q: QueryPrinter().print(corpus.query()),
                filter: corpus.generator.chance(20) ? QueryPrinter().print(corpus.query(depth: 1)) : nil)
            do {
                try index.add(number, source, frequencies: frequencies)
                sources[number] = source
            } catch {
                #expect([.invalidQuery, .queryTooComplex].contains(error.code), "seed \(seed): \(source)")
            }
        }
        var matched = 0
        for round in 0..<6 {
            // Some queries go, some come back changed.
            for number in sources.keys.sorted() where corpus.generator.chance(10) {
                if corpus.generator.chance(50) {
                    index.remove(number)
                    sources[number] = nil
                } else if let source = sources[number == 1 ? 2 : number - 1] {
                    try index.add(number, source, frequencies: frequencies)
                    sources[number] = source
                }
            }
            let count = [1, 1, 2, 30, 60, 1100][round]
            let reader = try makeSegment((0..<count).map { corpus.document($0) }, in: folder, name: "new-\(round)")
            let documents = (0..<DocID(count)).filter { _ in count < 30 || corpus.generator.chance(70) }
            let result = try QueryMatcher(index).match(reader, documents: documents)
            let found = Dictionary(uniqueKeysWithValues: result.matches.map { ($0.document, $0.queries) })
            #expect(
                try found == oracle(sources, reader, among: documents, expander: expander),
                "seed \(seed), round \(round)")
            #expect(index.count == sources.count, "seed \(seed)")
            matched += result.matches.count
        }
        #expect(matched > 0, "seed \(seed) matches nothing")
    }

    @Test(arguments: [
        ("复工复产", true), ("复工 -疫情", false), ("title:复工", true), ("body:复工", false), ("部门:卫健委", true),
        ("日期:2020-02", true),
        ("日期:2021", false), ("复工率>70%", true), ("复工率>90%", false), ("\"工复\"", true), ("\"复产\"~2", true),
        ("NOT 招聘", true),
        ("招聘", false), ("*", true), ("", true), ("vacc*", true), ("vacine~1", true), ("(招聘 OR 复工) AND 来源:新华网", true),
        ("来源:新华", false), ("来源:新华*", true), ("企业复工复产的情况怎么样", true),
    ])
    func everyPartOfTheLanguageStands(q: String, isMatched: Bool) throws {
        let folder = TemporaryFolder()
        let figure = Figure(
            subject: "企业复工率", lower: 80, upper: 80, includesLower: true, includesUpper: true, unit: "%", comparator: "",
            quote: "80%", range: ByteRange(0, 0))
        let document = IndexDocument(
            documentID: "d", itemOrdinal: 0, version: 1,
            fields: [
                "title": .text("复工复产的企业"), "body": .text("疫情防控 vaccine，企业情况"), "department": .keywords(["卫健委"]),
                "source": .keywords(["新华网"]), "published": .date(PartialDate(year: 2020, month: 2, day: 8)),
                "figure": .figures([figure]),
            ], stored: [])
        let reader = try makeSegment([document], in: folder, name: "one")
        var index = QueryIndex(schema: .bulletins, today: nil)
        try index.add(7, QueryIndex.Source(q: q))
        let result = try QueryMatcher(index).match(reader, documents: [0])
        #expect(result.matches.map(\.queries) == (isMatched ? [[7]] : []))
    }

    @Test func whatNeedsNothingIsCountedAndTheRestIsNotLookedAt() throws {
        let folder = TemporaryFolder()
        let document = IndexDocument(
            documentID: "d", itemOrdinal: 0, version: 1, fields: ["body": .text("本市企业复工复产")], stored: [])
        let reader = try makeSegment([document], in: folder, name: "one")
        var index = QueryIndex(schema: .bulletins, today: nil)
        for (number, q) in ["企业 招聘", "复工 广州", "-招聘", "日期:2020", "复工复产", "招聘 OR 会展"].enumerated() {
            try index.add(Int64(number), QueryIndex.Source(q: q))
        }
        #expect(index.unanchoredCount == 2)
        let result = try QueryMatcher(index).match(reader, documents: [0])
        #expect(result.matches.map(\.queries) == [[2, 4]])
        #expect(result.evaluations == 3, "the two that need nothing, and the one that matches")
    }

    @Test func wordsPhrasesDatesAndNegationNeedNoPlan() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment(
            [
                bulletin("a", title: "复工复产", body: "疫情防控，企业复工复产", source: ["新华网"], date: PartialDate(year: 2020, month: 2, day: 8)),
                bulletin("b", body: "企业产复工复"),
            ], in: folder, name: "two")
        var index = QueryIndex(schema: .bulletins, today: nil)
        let queries = [
            "复工复产", "\"企业复工\" 来源:新华网", "企业 日期:2020-02", "-复产", "(招聘 OR 企业) -肺炎", "企业 -\"复工复产\"", "日期:2021 企业",
        ]
        for (number, q) in queries.enumerated() { try index.add(Int64(number), QueryIndex.Source(q: q)) }
        let result = try QueryMatcher(index).match(reader, documents: [0, 1])
        #expect(result.matches.map(\.document) == [0, 1])
        #expect(result.matches.map(\.queries) == [[0, 1, 2, 4], [3, 4, 5]])
        #expect(result.plansOpened == 0)
        for (number, q) in ["\"企业复产\"~2", "\"企业产工\"~1", "\"企业产工\"~9", "\"情防控企业\"~9"].enumerated() {
            try index.add(Int64(10 + number), QueryIndex.Source(q: q))
        }
        let more = try QueryMatcher(index).match(reader, documents: [0, 1])
        #expect(more.matches.map { $0.queries.filter { $0 > 9 } } == [[10, 13], [11, 12]])
        #expect(more.plansOpened == 0)
        try index.add(20, QueryIndex.Source(q: "复工率>70% OR 复工"))
        try index.add(21, QueryIndex.Source(q: "vacc* 企业"))
        let last = try QueryMatcher(index).match(reader, documents: [0, 1])
        #expect(last.plansOpened == 1, "a beginning of a word is asked of its plan")
    }

    @Test func whatAnOpenPartCannotChangeIsDecided() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment([bulletin("a", body: "本市企业复工复产")], in: folder, name: "one")
        var index = QueryIndex(schema: .bulletins, today: nil)
        for (number, q) in ["vacc* OR 企业", "vacc* 企业 肺炎", "-vacc* 企业", "\"肺炎企业\"~9 vacc*"].enumerated() {
            try index.add(Int64(number), QueryIndex.Source(q: q))
        }
        let result = try QueryMatcher(index).match(reader, documents: [0])
        #expect(result.matches.map(\.queries) == [[0, 2]])
        #expect(result.plansOpened == 1, "only the negated beginning is open")
    }

    @Test func aWatchFindsOtherNamesAsASearchDoes() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment([bulletin("a", body: "市疾病预防控制中心发布，共3500家")], in: folder, name: "one")
        var index = QueryIndex(schema: .bulletins, today: nil, expander: QueryExpander(schema: .bulletins))
        for (number, q) in ["疾控", "\"疾控\"", "三千五百家", "疾控 -预防"].enumerated() {
            try index.add(Int64(number), QueryIndex.Source(q: q))
        }
        let result = try QueryMatcher(index).match(reader, documents: [0])
        #expect(result.matches.map(\.queries) == [[0, 2]])
    }

    @Test func anotherDayFilesRelativeQueriesAnewAndDropsWhatWasRemoved() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment(
            [bulletin("a", body: "企业", date: PartialDate(year: 2020, month: 2, day: 8))], in: folder, name: "one")
        var index = QueryIndex(schema: .bulletins, today: CalendarDay(year: 2020, month: 2, day: 8))
        try index.add(1, QueryIndex.Source(q: "企业 日期:今天"))
        try index.add(2, QueryIndex.Source(q: "企业"))
        func matched() throws -> [[Int64]] { try QueryMatcher(index).match(reader, documents: [0]).matches.map(\.queries) }
        #expect(try matched() == [[1, 2]])
        index.begin(CalendarDay(year: 2020, month: 2, day: 9))
        #expect(try matched() == [[2]])
        for number in Int64(3)...2000 { try index.add(number, QueryIndex.Source(q: "招聘")) }
        for number in Int64(3)...2000 { index.remove(number) }
        #expect(index.isWasteful)
        index.begin(CalendarDay(year: 2020, month: 2, day: 8))
        #expect(!index.isWasteful && index.count == 2)
        #expect(try matched() == [[1, 2]])
    }

    @Test func aQueryThatIsWrongIsRefusedAndLeavesTheIndexAsItWas() throws {
        var index = QueryIndex(schema: .bulletins, today: nil)
        try index.add(1, QueryIndex.Source(q: "复工"))
        for wrong in ["(复工", "日期:高", "x:y:"] {
            #expect(throws: KuaibaoError.self) { try index.add(1, QueryIndex.Source(q: wrong)) }
        }
        #expect(index.count == 1)
        let source = QueryIndex.Source(q: "复工", filter: "部门:公安局")
        try index.add(1, source)
        #expect(index.count == 1 && index.isWasteful == false)
    }
}
