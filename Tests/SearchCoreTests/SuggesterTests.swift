// Suggestions: every way of typing, limits, order, what is visible; and the tables against a slow scan of every text.

import Messages
import Testing

@testable import Analysis
@testable import SearchCore

@Suite struct SuggesterTests {
    private static let texts = [
        "上海发布", "疫情防控", "复工复产", "上海市公安局", "复工指南", "重庆市银行业协会", "COVID-19 notice", "景点开放",
        "《近期有关措施》", "长宁区行政服务",
    ]
    private static let table = SuggestionTable(texts)

    private static func found(_ typed: String, in table: SuggestionTable = table, limit: Int = 5) -> [(
        String, SuggestionMatch
    )] {
        guard let text = TypedText(typed) else { return [] }
        return table.matches(text, limit: limit).map { (table.text($0.number), $0.match) }
    }

    @Test(arguments: [
        ("复工", "复工复产", SuggestionMatch.prefix), ("復工", "复工复产", .prefix), ("公安", "上海市公安局", .inside),
        ("fugong", "复工复产", .pinyin), ("fgfc", "复工复产", .pinyin), ("fgong", "复工复产", .pinyin),
        ("shf", "上海发布", .pinyin), ("fu gong", "复工复产", .pinyin), ("FGFC", "复工复产", .pinyin),
        ("chongqing", "重庆市银行业协会", .pinyin), ("cqsyh", "重庆市银行业协会", .pinyin),
        ("cqsyinh", "重庆市银行业协会", .pinyin), ("changning", "长宁区行政服务", .pinyin), ("jqyg", "《近期有关措施》", .pinyin),
        ("付工复产", "复工复产", .homophone), ("疫情房控", "疫情防控", .homophone), ("上海法布", "上海发布", .homophone),
        ("上海市公按局", "上海市公安局", .homophone), ("上海市父安", "上海市公安局", .typo),
        ("ＣＯＶＩＤ", "COVID-19 notice", .prefix), ("notice", "COVID-19 notice", .inside),
        ("covdi", "COVID-19 notice", .typo),
        ("ocvid", "COVID-19 notice", .typo), ("疫木防控", "疫情防控", .typo), ("疫情防空", "疫情防控", .homophone),
    ])
    func everyWayOfTyping(_ typed: String, _ expected: String, _ match: SuggestionMatch) {
        let found = Self.found(typed)
        #expect(found.contains { $0.0 == expected && $0.1 == match }, "\(typed): \(found)")
    }

    @Test func whatBeginsSoComesFirstAndTheMorePreferredBefore() {
        #expect(Self.found("上海").map(\.0) == ["上海发布", "上海市公安局"])
        #expect(Self.found("上海", limit: 1).count == 1)
        #expect(Self.found("otice").isEmpty, "inside of a word nothing begins")
    }

    @Test(arguments: ["", " ", "龘龘龘", "qqqqq", String(repeating: "复", count: 4000), "\0", "-'-'", "a\u{301}\u{301}"])
    func whatFitsNothingGivesNothing(_ typed: String) {
        #expect(Self.found(typed).isEmpty)
        #expect(Self.found(typed, limit: 0).isEmpty)
        #expect(Self.found(typed, in: SuggestionTable([])).isEmpty)
    }

    @Test func whatOnlySoundsSoIsATierOfItsOwn() {
        #expect(Self.found("经典").map(\.1) == [.homophone])
        #expect(Self.found("jingdian").map(\.0) == ["景点开放"])
    }

    // MARK: Against a slow scan

    @Test(arguments: 1...5)
    func equalsAScanOfEveryText(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        // Few characters, so that everything fits often; 行 and 长 have several readings.
        let characters = Array("复工产付上海行长安按发a1 -：")
        func text(_ longest: Int) -> String {
            String(
                (0..<Int.random(in: 1...longest, using: &random)).map { _ in
                    characters[Int.random(in: 0..<characters.count, using: &random)]
                })
        }
        let texts = (0..<200).map { _ in text(9) }
        let table = SuggestionTable(texts)
        let slowly = SlowSuggester(texts)
        let hidden = Set((0..<200).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }.map(UInt32.init))
        let letters = Array("fuogchansxi")
        for round in 0..<250 {
            let typed =
                round % 2 == 0
                ? text(6)
                : String(
                    (0..<Int.random(in: 1...6, using: &random)).map { _ in
                        letters[Int.random(in: 0..<letters.count, using: &random)]
                    })
            let limit = [1, 3, 10, 50][round % 4]
            let isVisible = { (number: UInt32) in round % 3 == 0 || !hidden.contains(number) }
            guard let prepared = TypedText(typed) else { continue }
            let quick = table.matches(prepared, limit: limit, isVisible: isVisible)
            let slow = slowly.matches(typed, limit: limit, isVisible: isVisible)
            #expect(quick.map(\.number) == slow.map(\.number), "seed \(seed) “\(typed)” limit \(limit)")
            #expect(quick.map(\.match) == slow.map(\.match), "seed \(seed) “\(typed)” limit \(limit)")
        }
    }

    // MARK: Segments

    @Test func aSegmentOffersItsNamesAndTitlesNewestFirst() throws {
        let folder = TemporaryFolder()
        let documents = [
            bulletin("a", body: "复工复产 guide", source: ["上海发布"], date: PartialDate(year: 2020)),
            bulletin("b", body: "复工指南", source: ["上海發布", "新华网"], date: PartialDate(year: 2022)),
            bulletin("c", body: "复工旧闻", source: ["旧源"], date: PartialDate(year: 2019)),
        ]
        let reader = try makeSegment(documents, in: folder, name: "s")
        // The stored bytes are the body's; here they stand for a title.
        let tables = try SegmentSuggestions(reader: reader) { String(decoding: $0, as: UTF8.self) }
        func list(_ typed: String, _ visible: LiveDocs?, limit: Int = 10) throws -> [SuggestedText] {
            let text = try #require(TypedText(typed))
            let part = try tables.part(for: text, limit: limit, reader: reader, visible: visible)
            return SuggestionPart.merged([part], limit: limit).suggestions(limit: limit)
        }
        let sources = try list("shfb", nil)
        #expect(sources.map(\.count) == [2] && sources.first?.field == "source", "spellings are added: \(sources)")
        #expect(try list("复工", nil).map(\.text) == ["复工指南", "复工复产 guide", "复工旧闻"], "newest first")
        #expect(try list("复工", nil).allSatisfy { $0.query == "title:\"\($0.text)\"" })
        let some = LiveDocs(documentCount: 3, live: [1])
        #expect(try list("复工", some).map(\.text) == ["复工指南"])
        #expect(try list("上海", some).map(\.count) == [1])
        #expect(try list("旧", some).isEmpty)
        #expect(try list("旧", LiveDocs(documentCount: 3, live: [])).isEmpty)
    }

    @Test func namesLeaveHalfOfThePlacesToTitles() {
        var part = SuggestionPart()
        part.names = (0..<9).map { .init(text: "部\($0)", field: "department", match: .prefix, count: 9 - $0) }
        part.titles = (0..<3).map { .init(text: "标题\($0)", match: .inside, rank: Int64($0), date: "2020-02-0\($0)") }
        #expect(part.suggestions(limit: 4).map(\.text) == ["部0", "部1", "标题0", "标题1"])
        #expect(part.suggestions(limit: 10).map(\.field).filter { $0 == "department" }.count == 7)
        #expect(part.suggestions(limit: 50).count == 12)
    }

    @Test func aQueryIsMatchedAsASetOfLiveDocuments() throws {
        let folder = TemporaryFolder()
        let documents = (0..<300).map {
            bulletin("d\($0)", title: $0 % 3 == 0 ? "复工" : "停工", body: "x", source: ["源\($0 % 5)"])
        }
        let reader = try makeSegment(documents, in: folder, name: "m")
        var live = LiveDocs(documentCount: 300)
        live.delete(0)
        let view = try SegmentView(id: "m", reader: reader, liveDocs: live)
        let searcher = Searcher(schema: .bulletins)
        for text in ["复工", "来源:源1", "-复工", "*", "-*", "没有"] {
            let query = try QueryParser().parse(text)
            let set = try searcher.matching(query, in: view)
            let hits = try searcher.search(SearchPlan(query: query, limit: 300), in: IndexSnapshot(views: [view]))
            #expect(set.liveCount == hits.total, "\(text)")
            #expect(hits.hits.allSatisfy { set.isLive($0.reference.docID) }, "\(text)")
        }
    }
}

/// The definition of what fits, as a scan of every text.
private struct SlowSuggester {
    private struct Text {
        let plain: String
        let scalars: [Unicode.Scalar]
        let readings: [[[UInt8]]]
    }

    private let texts: [Text]

    init(_ all: [String]) {
        texts = all.map { text in
            let plain = SuggestionText.plain(text, Analyzer())
            let scalars = Array(plain.unicodeScalars)
            return Text(plain: plain, scalars: scalars, readings: SuggestionText.readings(scalars))
        }
    }

    func matches(
        _ typed: String, limit: Int, isVisible: (UInt32) -> Bool
    ) -> [(number: UInt32, match: SuggestionMatch)] {
        let analyzer = Analyzer()
        let key = Array(SuggestionText.plain(typed, analyzer).unicodeScalars)
        var result: [(number: UInt32, match: SuggestionMatch)] = []
        var taken: Set<String> = []
        for match in SuggestionMatch.allCases {
            for (number, text) in texts.enumerated() where result.count < limit && isVisible(UInt32(number)) {
                guard !taken.contains(text.plain), Self.fits(match, typed, key, text) else { continue }
                taken.insert(text.plain)
                result.append((UInt32(number), match))
            }
        }
        return result
    }

    private static func fits(_ match: SuggestionMatch, _ typed: String, _ key: [Unicode.Scalar], _ whole: Text) -> Bool
    {
        let text = whole.scalars
        switch match {
        case .prefix: return text.starts(with: key)
        case .inside:
            return key.count > 1
                && text.indices.contains { start in
                    let isInsideOfWord = start > 0 && isWord(text[start]) && isWord(text[start - 1])
                    return !isInsideOfWord && text[start...].starts(with: key)
                }
        case .pinyin:
            guard let letters = SuggestionText.letters(typed) else { return false }
            return whole.readings.contains { reading in
                reading.joined().starts(with: letters) || reading.compactMap(\.first).starts(with: letters)
                    || spells(letters[...], reading[...])
            }
        case .homophone:
            guard SuggestionText.letters(typed) == nil, key.count > 1, key.count <= SuggestionText.soundLimit,
                key.allSatisfy({ !Pinyin.shared.readings($0).isEmpty })
            else { return false }
            let sounds = SuggestionText.readings(key).map { $0.map(SuggestionText.soften) }
            return whole.readings.contains { reading in
                sounds.contains { reading.map(SuggestionText.soften).starts(with: $0) }
            }
        case .typo:
            guard key.count >= TypedText.shortestTolerant else { return false }
            var swapped = key
            swapped.swapAt(0, 1)
            if text.starts(with: swapped) { return true }
            guard text.first == key.first else { return false }
            return (max(1, key.count - 1)...(key.count + 1)).contains { length in
                length <= text.count && isNear(text.prefix(length), key)
            }
        }
    }

    private static func isNear(_ text: ArraySlice<Unicode.Scalar>, _ key: [Unicode.Scalar]) -> Bool {
        func bytes(_ scalars: some Sequence<Unicode.Scalar>) -> [UInt8] { scalars.flatMap { Array(String($0).utf8) } }
        var distance = EditDistance(to: bytes(key)[...], limit: 1)
        return distance.distance(from: bytes(text)[...]) != nil
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar))
    }

    private static func spells(_ letters: ArraySlice<UInt8>, _ syllables: ArraySlice<[UInt8]>) -> Bool {
        guard let syllable = syllables.first else { return false }
        if syllable.starts(with: letters) { return true }
        var ways = [1, syllable.count]
        if syllable.count > 1, syllable[1] == 0x68 { ways.append(2) }
        return ways.contains {
            letters.starts(with: syllable.prefix($0)) && spells(letters.dropFirst($0), syllables.dropFirst())
        }
    }
}
