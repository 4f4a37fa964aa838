// Patterns: the automaton against the definition, what they match in an index and what is marked.

import Analysis
import Messages
import Testing

@testable import SearchCore

@Suite struct WildcardTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func theAutomatonIsTheDefinition(seed: UInt64) {
        var random = QueryLanguageRandom(seed: seed)
        var fitting = 0
        for round in 0..<4_000 {
            let letters = ["a", "b", "é", "疫", "𠮷"]
            let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in random.pick(letters) }.joined()
            let pattern = WildcardPattern(
                (0..<Int.random(in: 1...6, using: &random)).map { _ in random.pick(letters + ["*", "?", "*", "?"]) }.joined())
            let bytes = Array(text.utf8)[...]
            let expected = ExhaustiveEvaluator.fits(bytes, pattern)
            fitting += expected ? 1 : 0
            #expect(
                WildcardAutomaton(pattern).matches(bytes) == expected, "seed \(seed), round \(round): \(pattern.text) and \(text)")
        }
        #expect(fitting > 200)
    }

    @Test(arguments: ["a*b", "?a*", "\\*a?b", "a\\\\b*c", "疫?*情", "*", "??", "a"])
    func textsReadBackAsTheirPattern(text: String) {
        #expect(WildcardPattern(text).text == text)
    }

    @Test func thePatternIsBroughtToOneForm() {
        #expect(WildcardPattern("a**b").text == "a*b")
        #expect(WildcardPattern("a*?*b").text == "a?*b")
        #expect(WildcardPattern("a\\").pieces == ["a\\"])
    }

    private func snapshot(_ bodies: [String], in folder: TemporaryFolder) throws -> IndexSnapshot {
        let documents = bodies.enumerated().map { bulletin("\($0.offset)", body: $0.element) }
        let reader = try makeSegment(documents, in: folder, name: "s")
        return IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
    }

    /// Every pattern of some characters on every text, against a search of the text's positions by hand.
    @Test(arguments: [11, 12, 13] as [UInt64])
    func charactersStandAtTheirDistances(seed: UInt64) throws {
        var random = QueryLanguageRandom(seed: seed)
        let folder = TemporaryFolder()
        let bodies = (0..<120).map { _ in
            String((0..<Int.random(in: 1...18, using: &random)).map { _ in random.pick(Array("甲乙丙丁，")) })
        }
        let snapshot = try snapshot(bodies, in: folder)
        var found = 0
        for round in 0..<120 {
            let first = String((0..<Int.random(in: 1...2, using: &random)).map { _ in random.pick(Array("甲乙丙")) })
            let last = String((0..<Int.random(in: 1...2, using: &random)).map { _ in random.pick(Array("甲乙丙")) })
            let gap = random.pick(["?", "??", "*", "?*"])
            let query = Query.wildcard(first + gap + last, field: "body")
            let expected = Set(bodies.indices.filter { stands(first, gap, last, in: bodies[$0]) }.map(String.init))
            for evaluator in [Searcher.Evaluator.pruned, .exhaustive] {
                let hits = try Searcher(schema: .bulletins, evaluator: evaluator)
                    .search(SearchPlan(query: query, limit: 200), in: snapshot).hits
                #expect(Set(hits.map(\.place.documentID)) == expected, "seed \(seed), round \(round): \(first + gap + last)")
            }
            found += expected.count
            for (number, body) in bodies.enumerated() {
                let marks = Highlighter(query).ranges(in: Array(body.utf8), field: "body")
                #expect(marks.isEmpty != expected.contains(String(number)), "seed \(seed), round \(round): \(first + gap + last) in \(body)")
            }
        }
        #expect(found > 500)
    }

    /// By definition, on positions: a run of punctuation takes one.
    private func stands(_ first: String, _ gap: String, _ last: String, in text: String) -> Bool {
        var tokens = TokenBuffer()
        Analyzer().analyze(Array(text.utf8), into: &tokens)
        var places: [Int: Character] = [:]
        for token in tokens.tokens where token.kind == .unigram {
            places[Int(token.position)] = Character(String(decoding: tokens.term(token), as: UTF8.self))
        }
        func isThere(_ run: String, at start: Int) -> Bool { run.enumerated().allSatisfy { places[start + $0.offset] == $0.element } }
        let least = gap.count { $0 == "?" }
        let most = gap.contains("*") ? least + Int(PlanLimits.openGap) : least
        return places.keys.contains { start in
            isThere(first, at: start) && (least...most).contains { isThere(last, at: start + first.count + $0) }
        }
    }

    @Test func aWholeStretchIsMarkedAndAWordThatFits() {
        func marked(_ pattern: String, _ text: String, _ field: String = "body") -> [String] {
            let bytes = Array(text.utf8)
            return Highlighter(.wildcard(pattern, field: nil)).ranges(in: bytes, field: field).map {
                String(decoding: bytes[$0.lower..<$0.upper], as: UTF8.self)
            }
        }
        #expect(marked("疫?防控", "做好疫情防控工作") == ["疫情防控"])
        #expect(marked("打*疫", "打贏了防疫战") == ["打贏了防疫"])
        #expect(marked("co?*d", "the COVID and covid-19 cod") == ["COVID", "covid"])
        #expect(Highlighter(.wildcard("上*布", field: "source")).highlight("上海發布", field: "source").ranges.count == 1)
    }

    @Test func whatIsTooMuchOrNoPatternIsRefused() throws {
        let folder = TemporaryFolder()
        let snapshot = try snapshot(["a"], in: folder)
        func code(_ pattern: String) -> SearchCoreError.Code? {
            do throws(SearchCoreError) {
                _ = try Searcher(schema: .bulletins).search(SearchPlan(query: .wildcard(pattern, field: nil)), in: snapshot)
                return nil
            } catch { return error.code }
        }
        #expect(code(String(repeating: "ab", count: 40) + "*c") == .queryTooComplex)
        #expect(code("a*b疫") == .invalidQuery)
        #expect(code("*") == .invalidQuery)
        #expect(code("，?，") == .invalidQuery)
        #expect(code("a*c") == nil)
    }

    // MARK: Mistaken characters

    /// 房 sounds like 防, 空 is written nearly like 控 and sounds so, 未 looks like 末: found, marked, and nothing else.
    @Test(arguments: [21, 22, 23] as [UInt64])
    func aWordWithATildeFindsWhatItIsMistakenFor(seed: UInt64) throws {
        var random = QueryLanguageRandom(seed: seed)
        let folder = TemporaryFolder()
        let letters = Array("防房控空末未天，")
        let bodies = (0..<150).map { _ in
            String((0..<Int.random(in: 1...12, using: &random)).map { _ in random.pick(letters) })
        }
        let snapshot = try snapshot(bodies, in: folder)
        var found = 0
        for round in 0..<60 {
            let word = String((0..<Int.random(in: 2...4, using: &random)).map { _ in random.pick(Array("防房控空末未天")) })
            let edits = Int.random(in: 1...2, using: &random)
            let query = Query.fuzzy(word, field: "body", edits: edits)
            var results: [Set<String>] = []
            for evaluator in [Searcher.Evaluator.pruned, .exhaustive] {
                let hits = try Searcher(schema: .bulletins, evaluator: evaluator)
                    .search(SearchPlan(query: query, limit: 200), in: snapshot).hits
                results.append(Set(hits.map { "\($0.place.documentID) \($0.score)" }))
                let ids = Set(hits.map(\.place.documentID))
                for (number, body) in bodies.enumerated() where isMistaken(word, body, edits) {
                    #expect(ids.contains(String(number)), "seed \(seed), round \(round): \(word)~\(edits) in \(body)")
                    let marks = Highlighter(query).ranges(in: Array(body.utf8), field: "body")
                    #expect(!marks.isEmpty, "seed \(seed), round \(round): \(word)~\(edits) in \(body)")
                    found += 1
                }
            }
            #expect(results[0] == results[1], "seed \(seed), round \(round): \(word)~\(edits)")
        }
        #expect(found > 300)
    }

    /// Whether a stretch of the text is the word but for characters of one sound or shape.
    private func isMistaken(_ word: String, _ text: String, _ edits: Int) -> Bool {
        let (wanted, there) = (Array(word.unicodeScalars), Array(text.unicodeScalars))
        guard there.count >= wanted.count else { return false }
        return (0...(there.count - wanted.count)).contains { start in
            var changed = 0
            for (place, scalar) in wanted.enumerated() where there[start + place] != scalar {
                let isBeside = place > 0 && there[start + place - 1] != wanted[place - 1]
                guard !isBeside, RunVariants.others(scalar).contains(there[start + place]) else { return false }
                changed += 1
            }
            return changed <= edits
        }
    }

    @Test func soundsAndShapesGoBothWays() {
        for (one, other) in [("防", "房"), ("控", "空"), ("末", "未"), ("情", "清"), ("复", "夏")] as [(Unicode.Scalar, Unicode.Scalar)] {
            #expect(RunVariants.others(one).contains(other) && RunVariants.others(other).contains(one))
        }
        #expect(!RunVariants.others("天").contains("防"))
    }
}
