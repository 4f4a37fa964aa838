// Suggestions: every way of typing, limits, order.

import Messages
import Testing

@testable import SearchCore

@Suite struct SuggesterTests {
    private static let suggester = Suggester(entries: [
        SuggestionEntry(text: "复工复产", kind: .term, count: 30),
        SuggestionEntry(text: "复工指南", kind: .title, count: 3),
        SuggestionEntry(text: "上海市公安局", kind: .department, count: 20),
        SuggestionEntry(text: "上海发布", kind: .source, count: 50),
        SuggestionEntry(text: "疫情防控", kind: .term, count: 40),
        SuggestionEntry(text: "重庆市银行业协会", kind: .department, count: 2),
        SuggestionEntry(text: "COVID-19 notice", kind: .title, count: 1),
        SuggestionEntry(text: "景点开放", kind: .title, count: 1),
    ])

    @Test(arguments: [
        ("复工", "复工复产", Suggestion.Match.prefix), ("復工", "复工复产", .prefix), ("公安", "上海市公安局", .inside),
        ("fugong", "复工复产", .pinyin), ("fgfc", "复工复产", .pinyin), ("fgong", "复工复产", .pinyin), ("shf", "上海发布", .pinyin),
        ("chongqing", "重庆市银行业协会", .pinyin), ("付工复产", "复工复产", .homophone), ("疫情房控", "疫情防控", .homophone),
        ("上海法布", "上海发布", .homophone), ("上海市公按局", "上海市公安局", .homophone),
        ("上海市父安", "上海市公安局", .typo), ("ＣＯＶＩＤ", "COVID-19 notice", .prefix), ("covdi", "COVID-19 notice", .typo),
    ])
    func everyWayOfTyping(_ typed: String, _ expected: String, _ match: Suggestion.Match) {
        let found = Self.suggester.suggestions(for: typed, limit: 5)
        #expect(found.contains { $0.entry.text == expected && $0.match == match }, "\(typed): \(found)")
    }

    @Test func whatBeginsSoComesFirstAndMoreDocumentsBefore() {
        let found = Self.suggester.suggestions(for: "上海", limit: 10)
        #expect(found.map(\.entry.text) == ["上海发布", "上海市公安局"])
        #expect(Self.suggester.suggestions(for: "上海", limit: 1).count == 1)
    }

    @Test(arguments: ["", " ", "，。", "龘龘龘", "qqqqq", "经典", String(repeating: "复", count: 4000), "\0", "a\u{301}\u{301}"])
    func whatFitsNothingGivesNothing(_ typed: String) {
        #expect(Self.suggester.suggestions(for: typed, limit: 10).allSatisfy { $0.match == .typo || $0.match == .homophone })
        #expect(Self.suggester.suggestions(for: typed, limit: -1).isEmpty)
        #expect(Suggester(entries: []).suggestions(for: typed, limit: 10).isEmpty)
    }

    @Test(arguments: [1, 2, 3])
    func prefixesEqualASlowScan(_ seed: Int) {
        var corpus = RandomCorpus(seed: UInt64(seed))
        let entries = (0..<500).map { SuggestionEntry(text: corpus.text(maximumLength: 6), kind: .title, count: $0 % 7) }
        let suggester = Suggester(entries: entries)
        for _ in 0..<200 {
            let typed = String(corpus.text(maximumLength: 3).filter { RandomCorpus.characters.contains($0) })
            guard !typed.isEmpty else { continue }
            let found = suggester.suggestions(for: typed, limit: 50).filter { $0.match == .prefix }
            let slow = Set(entries.map(\.text).filter { $0.filter { !$0.isWhitespace }.hasPrefix(typed) })
            #expect(Set(found.map(\.entry.text)).isSubset(of: slow), "seed \(seed) \(typed)")
            #expect(found.map(\.entry.count) == found.map(\.entry.count).sorted(by: >), "seed \(seed) \(typed)")
            #expect(slow.isEmpty == found.isEmpty, "seed \(seed) \(typed): \(found) \(slow)")
        }
    }

    @Test func aSnapshotOffersItsNamesAndTitleWords() throws {
        let folder = TemporaryFolder()
        let documents = [
            bulletin("a", title: "复工复产 guide", body: "x", source: ["上海发布"]),
            bulletin("b", title: "复工复产 guide", body: "y", source: ["上海發布", "新华网"]),
        ]
        let reader = try makeSegment(documents, in: folder, name: "s")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
        let entries = try Suggester.entries(of: snapshot, schema: .bulletins)
        #expect(entries.contains(SuggestionEntry(text: "新华网", kind: .source, count: 1)))
        #expect(entries.contains(SuggestionEntry(text: "复工", kind: .term, count: 2)))
        #expect(entries.contains(SuggestionEntry(text: "guide", kind: .term, count: 2)))
        #expect(!entries.contains { $0.text == "复" })
        let found = Suggester(entries: entries).suggestions(for: "shfb", limit: 5)
        #expect(found.count == 1 && found.first?.entry.kind == .source)
    }
}
