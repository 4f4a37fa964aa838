// Phrases: which pairs are looked for, how positions meet, and what the tiers of characters and edges make of it.

import Analysis
import CKernels
import Messages
import Testing

@testable import SearchCore

@Suite struct PhraseTests {
    // MARK: Kernels

    @Test(arguments: [0, 1, 2, 7, 8, 9, 31, 32, 100])
    func placesAtADistanceEqualASetLookup(_ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count) + 1)
        for round in 0..<40 {
            func ascending(_ count: Int) -> [UInt32] {
                var value: UInt32 = 0
                return (0..<count).map { _ in
                    value += UInt32(1 + generator.below(round % 3 == 0 ? 2 : 20))
                    return value
                }
            }
            var places = ascending(count)
            let others = ascending(generator.below(80))
            let distance = UInt32(generator.below(5))
            let expected = places.filter { others.contains($0 + distance) }
            let kept = unsafe kb_keep_at_distance(&places, UInt32(count), others, UInt32(others.count), distance)
            #expect(Array(places.prefix(Int(kept))) == expected, "count \(count) round \(round)")
        }
    }

    /// Long lists go four by four, and few against very many by searches; a distance may be below zero.
    @Test(arguments: [1, 4, 5, 9, 64, 67, 500, 2003], [3, 4, 61, 640, 5000])
    func manyPlacesAtADistanceEqualASetLookup(_ count: Int, _ otherCount: Int) {
        var generator = SeededGenerator(seed: UInt64(count * 10_000 + otherCount))
        for step in [2, 3, 9, 60] {
            func ascending(_ count: Int) -> [UInt32] {
                var value: UInt32 = 1000
                return (0..<count).map { _ in
                    value += UInt32(1 + generator.below(step))
                    return value
                }
            }
            let places = ascending(count)
            let others = ascending(otherCount)
            let known = Set(others)
            for distance in [0, 1, 7, -1, -300] {
                let added = UInt32(truncatingIfNeeded: distance)
                let expected = places.filter { known.contains($0 &+ added) }
                var kept = places
                let number = unsafe kb_keep_at_distance(&kept, UInt32(count), others, UInt32(otherCount), added)
                #expect(Array(kept.prefix(Int(number))) == expected, "step \(step) distance \(distance)")
            }
        }
    }

    @Test(arguments: [1, 2, 3])
    func ranksAreTheNumbersOfDocumentsBefore(_ seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let words = 16
        let own = (0..<words).map { _ in generator.next() & generator.next() }
        let wanted = (0..<words).map { word in word % 3 == 0 ? 0 : generator.next() }
        func isSet(_ bits: [UInt64], _ place: Int) -> Bool { bits[place / 64] >> UInt64(place % 64) & 1 == 1 }
        var documents = [UInt32](repeating: 0, count: words * 64)
        var ordinals = documents
        var ordinal: UInt32 = 77
        let count = unsafe kb_ranks(own, wanted, UInt32(words), 4096, &ordinal, &documents, &ordinals)
        let all = (0..<words * 64).filter { isSet(own, $0) }
        let both = all.enumerated().filter { isSet(wanted, $0.element) }
        #expect(Int(count) == both.count)
        #expect(documents.prefix(Int(count)).elementsEqual(both.map { UInt32(4096 + $0.element) }))
        #expect(ordinals.prefix(Int(count)).elementsEqual(both.map { UInt32(77 + $0.offset) }))
        #expect(Int(ordinal) == 77 + all.count)
    }

    @Test(arguments: [0, 1, 5, 127, 128])
    func documentsThatScoreTooLittleAreLeftOut(_ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count) + 9)
        let documents = (0..<count).map { UInt32($0 * 3) }
        var contributions = (0..<count).map { _ in Int32(generator.below(10)) }
        let expected = zip(documents, contributions).filter { $0.1 >= 4 }
        var kept = [UInt32](repeating: 0, count: count + 1)
        let number = Int(unsafe kb_keep_least(documents, contributions, UInt32(count), 4, &kept, &contributions))
        #expect(kept.prefix(number).elementsEqual(expected.map(\.0)))
        #expect(contributions.prefix(number).elementsEqual(expected.map(\.1)))
    }

    /// A position that does not fit beside a document in a key: the documents are read one by one instead.
    @Test func veryLongTextsAreFoundToo() throws {
        let folder = TemporaryFolder()
        let long = "疫情防控" + String(repeating: " a", count: 1 << 21) + " 疫情防控"
        let documents = [bulletin("long", body: long)] + (0..<30).map { bulletin("\($0)", body: "本市疫情防控") }
        let reader = try makeSegment(documents, in: folder, name: "s")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
        let plan = SearchPlan(query: .phrase("疫情防控", field: "body", slop: 0), limit: 40)
        let found = try Searcher(schema: .bulletins).search(plan, in: snapshot)
        #expect(found == (try Searcher(schema: .bulletins, evaluator: .exhaustive).search(plan, in: snapshot)))
        #expect(found.total == 31)
    }

    @Test(arguments: 0...32)
    func sumsOfABitStreamEqualAddingItsValues(_ bits: Int) {
        var generator = SeededGenerator(seed: UInt64(bits))
        let limit = bits == 0 ? 1 : bits == 32 ? 1 << 32 : 1 << bits
        let values = (0..<45).map { _ in UInt32(truncatingIfNeeded: generator.below(limit)) }
        let arena = ScratchArena()
        let buffer = arena.buffer(of: UInt32.self, count: values.count)
        for (index, value) in values.enumerated() { buffer[index] = value }
        var writer = ByteWriter()
        writer.appendBits(buffer, from: 0, count: values.count, bits: bits)
        let bytes = writer.bytes + [UInt8](repeating: 0xFF, count: 8)
        for first in [0, 1, 17, 44] {
            var sums = [UInt32](repeating: 0, count: values.count)
            let number = values.count - first
            let last = unsafe kb_sum_bits(bytes, UInt32(first), UInt32(number), UInt32(bits), 5, &sums)
            var sum: UInt32 = 5
            let expected = values[first...].map { value in
                sum = sum &+ value
                return sum
            }
            #expect(Array(sums.prefix(number)) == expected, "bits \(bits) first \(first)")
            #expect(last == sum)
        }
    }

    // MARK: Covers

    private func units(_ offsets: [Int], tier: TermTier = .pair) -> [Phrase.Unit] {
        offsets.map { Phrase.Unit(key: [tier.rawValue, 1], offset: UInt32($0)) }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 8])
    func coversHoldEveryCharacterAtTheLeastCost(_ pairs: Int) {
        var generator = SeededGenerator(seed: UInt64(pairs))
        for _ in 0..<30 {
            let costs = (0..<pairs).map { _ in generator.below(1000) }
            let kept = PhraseCover.cover(units(Array(0..<pairs)), costs: costs)
            let covered = Set(kept.flatMap { [$0, $0 + 1] })
            #expect(covered.count == pairs + 1)
            // No subset that covers is cheaper.
            let own = kept.reduce(0) { $0 + costs[$1] + 64 }
            for subset in 1..<(1 << pairs) {
                let chosen = (0..<pairs).filter { subset >> $0 & 1 == 1 }
                guard Set(chosen.flatMap { [$0, $0 + 1] }).count == pairs + 1 else { continue }
                #expect(own <= chosen.reduce(0) { $0 + costs[$1] + 64 })
            }
        }
    }

    @Test func wordsAndCharactersAtEdgesAreAllKept() {
        #expect(PhraseCover.cover(units([0, 1], tier: .word), costs: [9, 9]) == [0, 1])
        #expect(PhraseCover.cover(units([0, 3]), costs: [9, 9]) == [0, 1])
        #expect(PhraseCover.cover(units([0, 1, 2]), costs: [900, 1, 900]) == [0, 2])
    }

    @Test func aRarePairBesideTheCoverNarrowsTheDocuments() {
        #expect(PhraseCover.narrowing([0, 2], costs: [900, 1, 900]) == 1)
        #expect(PhraseCover.narrowing([0, 2], costs: [900, 719, 900]) == 1)
        #expect(PhraseCover.narrowing([0, 2], costs: [900, 800, 900]) == nil)
        #expect(PhraseCover.narrowing([0, 2], costs: [1, 800, 900]) == nil)
    }

    // MARK: Texts

    /// Texts of Han, kana with marks, words and numbers, with and without punctuation between.
    private func text(_ generator: inout SeededGenerator, _ length: Int) -> String {
        let pieces = ["疫", "情", "防", "控", "疫", "情", "か", "が", "カ", "，", "。", " covid ", "2020", "3", "%", "年", "月"]
        return (0..<length).map { _ in pieces[generator.below(pieces.count)] }.joined()
    }

    private func tokens(_ text: String) -> [Token] {
        var buffer = TokenBuffer()
        Analyzer().analyze(Array(text.utf8), into: &buffer)
        return buffer.tokens
    }

    private func total(_ query: Query, _ snapshot: IndexSnapshot, _ evaluator: Searcher.Evaluator) throws -> [String] {
        let plan = SearchPlan(query: query, limit: 1000)
        let result = try Searcher(schema: .bulletins, evaluator: evaluator).search(plan, in: snapshot)
        #expect(result.total == result.hits.count)
        return result.hits.map(\.place.documentID).sorted()
    }

    /// A part of a text that begins and ends between tokens is found as a phrase, whatever scripts it is made of.
    @Test(arguments: [1, 2])
    func everyPartOfATextIsFound(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let folder = TemporaryFolder()
        let texts = (0..<60).map { _ in text(&generator, 40) }
        let reader = try makeSegment(texts.enumerated().map { bulletin("\($0)", body: $1) }, in: folder, name: "s")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
        for round in 0..<150 {
            let number = generator.below(texts.count)
            let bytes = Array(texts[number].utf8)
            let whole = tokens(texts[number]).filter { $0.kind != .bigram }
            guard whole.count > 3 else { continue }
            let first = generator.below(whole.count - 2)
            let last = min(whole.count - 1, first + 1 + generator.below(5))
            let part = String(decoding: bytes[Int(whole[first].startByte)..<Int(whole[last].endByte)], as: UTF8.self)
            let found = try total(.phrase(part, field: "body", slop: 0), snapshot, .pruned)
            #expect(found.contains("\(number)"), "seed \(seed) round \(round) \(part) in \(texts[number])")
        }
    }

    /// The positions of characters, which the index does not keep as such, against those that the analyser gives.
    @Test(arguments: [1, 2, 3])
    func slopEqualsTheDefinitionOnTheTextsThemselves(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) + 50)
        let folder = TemporaryFolder()
        let texts = (0..<60).map { _ in text(&generator, 25) }
        let reader = try makeSegment(texts.enumerated().map { bulletin("\($0)", body: $1) }, in: folder, name: "s")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
        func places(_ text: String) -> [(term: [UInt8], position: UInt32)] {
            QueryToken.analyse(Array(text.utf8), Analyzer()).filter { !$0.isBigram }.map { ($0.key, $0.position) }
        }
        var answered = 0
        for round in 0..<40 {
            let wanted = text(&generator, 2 + generator.below(3))
            let query = places(wanted)
            guard query.count > 1 else { continue }
            let slop = 1 + generator.below(6)
            let phrase = Phrase(
                units: query.map { Phrase.Unit(key: $0.term, offset: $0.position - query[0].position) },
                span: query[query.count - 1].position - query[0].position, slop: slop, parts: [])
            let expected = texts.indices.filter { number in
                let own = places(texts[number])
                let lists = query.map { unit in own.filter { $0.term == unit.term }.map(\.position) }
                return lists.allSatisfy { !$0.isEmpty } && ExhaustiveEvaluator.phraseFrequency(lists, phrase) > 0
            }
            answered += expected.isEmpty ? 0 : 1
            for evaluator in [Searcher.Evaluator.pruned, .exhaustive] {
                let found = try total(.phrase(wanted, field: "body", slop: slop), snapshot, evaluator)
                #expect(found == expected.map { "\($0)" }.sorted(), "seed \(seed) round \(round) \(wanted)~\(slop)")
            }
        }
        #expect(answered > 10)
    }

    @Test func charactersHaveNoPositionsAndEdgesHaveTheirs() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment([bulletin("a", body: "疫情防控，3月防")], in: folder, name: "s")
        let text = try #require(reader.texts[1])
        func positions(_ key: String) throws -> [UInt32]? {
            guard let list = try text.list(Array(key.utf8)) else { return nil }
            let arena = ScratchArena()
            var cursor = PostingCursor(list, arena: arena)
            var buffer = PositionBuffer(arena: arena)
            cursor.positions(into: &buffer, arena: arena)
            #expect(!cursor.isCorrupt)
            return buffer.array
        }
        // 疫0 情1 防2 控3 (gap 4) 3 5 月6 防7
        #expect(try text.list(Array("c防".utf8))?.info.singleFrequency == 2)
        #expect(try text.list(Array("c防".utf8))?.info.positionBytes == 0)
        #expect(try positions("e疫") == [0])
        #expect(try positions("e情") == nil)
        #expect(try positions("e控") == [3])
        #expect(try positions("e月") == [6])
        #expect(try positions("e防") == [7])
        #expect(try positions("p防控") == [2])
    }

    @Test func aPhraseInEveryDocumentRanksTheShortestFirst() throws {
        let folder = TemporaryFolder()
        let documents = (0..<4300).map { number in
            bulletin("d\(number)", body: "央视网消息" + String(repeating: "，其他内容", count: 1 + (number * 7919) % 20))
        }
        let reader = try makeSegment(documents, in: folder, name: "s")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
        for query in [Query.phrase("央视网消息", field: nil, slop: 0), .phrase("央视网消息", field: "body", slop: 0)] {
            let plan = SearchPlan(query: query, limit: 10, total: .atLeast)
            let fast = try Searcher(schema: .bulletins).search(plan, in: snapshot)
            let slow = try Searcher(schema: .bulletins, evaluator: .exhaustive).search(plan, in: snapshot)
            #expect(fast.hits == slow.hits)
        }
    }
}
