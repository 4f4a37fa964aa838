// The term buffer against a dictionary of arrays, merges that copy store blocks, and sums from hostile peers.

import Foundation
import Messages
import Testing

@testable import Analysis
@testable import SearchCore

@Suite struct BuilderTests {
    /// Terms of all lengths around the seven bytes that fit a key, and enough of them to make the table grow.
    @Test(arguments: [1, 2, 3])
    func theTermBufferKeepsWhatADictionaryKeeps(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let vocabulary = (0..<6000).map { _ -> [UInt8] in
            (0..<(1 + generator.below(generator.chance(80) ? 8 : 300))).map { _ in UInt8(97 + generator.below(3)) }
        }
        let buffer = TermBuffer(detail: .positions)
        var expected: [[UInt8]: [UInt32: [UInt32]]] = [:]
        for document in 0..<300 as Range<UInt32> {
            var tokens = TokenBuffer()
            var position: UInt32 = 0
            for _ in 0..<generator.below(120) {
                let term = vocabulary[
                    generator.below(vocabulary.count) * generator.below(vocabulary.count) / vocabulary.count]
                position += UInt32(generator.below(generator.chance(1) ? 3_000_000 : 3))
                tokens.tokens.append(
                    Token(
                        termStart: UInt32(tokens.termBytes.count), termLength: UInt16(term.count), kind: .word,
                        position: position, startByte: 0, endByte: 0))
                tokens.termBytes += term
                expected[[TermTier.word.rawValue] + term, default: [:]][document, default: []].append(position)
            }
            let length = buffer.add(tokens, document: document)
            #expect(length == (tokens.tokens.isEmpty ? 0 : Int(position) + 1))
        }
        let numbers = buffer.sortedNumbers()
        #expect(numbers.map { buffer.bytes(of: Int($0)) } == expected.keys.sorted { $0.lexicographicallyPrecedes($1) })
        let folder = TemporaryFolder()
        let writer = try SegmentFileWriter(path: folder.file("terms.seg"))
        var encoder = PostingListEncoder(detail: .positions, saturation: Saturation(averageLength: 10))
        try writer.beginSection()
        var infos: [TermInfo] = []
        for number in numbers {
            buffer.replay(Int(number), norms: [UInt8](repeating: 1, count: 300), into: &encoder)
            infos.append(try #require(try encoder.finish(into: writer)))
        }
        try writer.endSection(.postings, field: 0)
        _ = try writer.finish(documentCount: 300)
        let file = try SegmentFile(path: folder.file("terms.seg"))
        let section = try #require(try file.section(.postings, field: 0))
        for (number, info) in zip(numbers, infos) {
            let list = try PostingList(info: info, detail: .positions, section: section, documentCount: 300)
            let arena = ScratchArena()
            var cursor = PostingCursor(list, arena: arena)
            var positions = PositionBuffer(arena: arena)
            var found: [UInt32: [UInt32]] = [:]
            while cursor.document != endOfList {
                cursor.positions(into: &positions, arena: arena)
                found[cursor.document] = positions.array
                cursor.next()
            }
            #expect(found == expected[buffer.bytes(of: Int(number))], "seed \(seed)")
        }
        withExtendedLifetime(file) {}
    }

    @Test func mergesCopyWholeStoreBlocksAndRewriteTheOthers() throws {
        let folder = TemporaryFolder()
        var generator = SeededGenerator(seed: 8)
        var readers: [SegmentReader] = []
        for segment in 0..<3 {
            let documents = (0..<60).map { number -> IndexDocument in
                var document = bulletin("d\(segment)-\(number)", body: "正文")
                document.stored = (0..<generator.below(4000)).map { _ in UInt8(generator.below(4)) }
                return document
            }
            readers.append(try makeSegment(documents, in: folder, name: "s\(segment)"))
        }
        #expect(readers.allSatisfy { $0.store.blockCount > 1 })
        var live = LiveDocs(documentCount: 60)
        for document in [0, 1, 30, 59] as [UInt32] { live.delete(document) }
        let inputs = [
            MergeInput(reader: readers[0], liveDocs: nil), MergeInput(reader: readers[1], liveDocs: live),
            MergeInput(reader: readers[2], liveDocs: nil),
        ]
        let (summary, mappings) = try SegmentMerger(inputs).write(to: folder.file("m.seg"), segmentID: "m")
        #expect(summary.documentCount == 176)
        let merged = try SegmentReader.open(path: folder.file("m.seg"))
        try merged.verifyAll()
        for (reader, mapping) in zip(readers, mappings) {
            for (old, new) in mapping.newDocuments.enumerated() where new != DocumentMapping.dropped {
                #expect(try merged.stored(new) == reader.stored(UInt32(old)))
            }
        }
    }

    @Test func deletesThatArriveDuringAMergeReachItsResult() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment((0..<5).map { bulletin("d\($0)", body: "正文") }, in: folder, name: "a")
        var before = LiveDocs(documentCount: 5)
        before.delete(1)
        let (summary, mappings) = try SegmentMerger([MergeInput(reader: reader, liveDocs: before)])
            .write(to: folder.file("m.seg"), segmentID: "m")
        var after = before
        after.delete(3)
        var live = LiveDocs(documentCount: summary.documentCount)
        mappings[0].apply(deletesOf: after, to: &live)
        #expect((0..<4).map { live.isLive($0) } == [true, true, false, true])
    }

    @Test func sumsFromOtherProcessesNeverTrap() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment([bulletin("a", body: "疫情防控")], in: folder, name: "a")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "a", reader: reader, liveDocs: nil)])
        for number in [Int.min, -1, 0, 1, Int.max] {
            for other in [Int.min, -1, 0, Int.max] {
                var statistics = CollectionStatistics(
                    documentCount: number, lengths: ["body": FieldLengths(documentCount: other, totalLength: number)],
                    documentFrequencies: ["body": ["p疫情": number]])
                statistics.merge(statistics)
                let plan = SearchPlan(query: .text("疫情", field: "body"), statistics: statistics)
                let result = try Searcher(schema: .bulletins).search(plan, in: snapshot)
                #expect(result.total == 1)
                #expect(result.hits.allSatisfy { $0.score.isFinite && $0.score >= 0 })
            }
        }
        var months = MonthCounts()
        months.append(2021 << 4 | 2, Int.max)
        let full = PartialResult(
            total: Int.max, facets: ["source": FacetResult(counts: ["上海发布": Int.max])], histogram: months)
        let doubled = PartialResult.merge([full, full], limit: 1)
        #expect(doubled.total == Int.max)
        #expect(doubled.histogram.counts == ["2020-02": Int.max])
        #expect(doubled.facets["source"]?.counts == ["上海发布": Int.max])
    }

    @Test func codeCountsEqualADictionary() {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<50 {
            let arena = ScratchArena()
            var counts = CodeCounts(arena)
            var expected: [Int64: Int] = [:]
            for _ in 0..<generator.below(400) {
                let code = [
                    Int64(generator.below(600)), Int64(1_000_000 + generator.below(3000)),
                    Int64(generator.below(5_000_000)),
                    Int64.max, Int64.min,
                ][generator.below(5)]
                counts.increment(code)
                expected[code, default: 0] += 1
            }
            var found: [Int64: Int] = [:]
            var order: [Int64] = []
            counts.forEach {
                found[$0, default: 0] += $1
                order.append($0)
            }
            #expect(found == expected)
            #expect(order == order.sorted())
            withExtendedLifetime(arena) {}
        }
    }

    /// Whatever the widths, gaps and numbers of values of a column.
    @Test func columnsAreCountedAsByADictionary() throws {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<120 {
            let count = 1 + generator.below(5000)
            let isMultiple = round % 3 == 0
            let bases: [Int64] = [0, 40, 1_034_240, 35_184_372_088_832, Int64.min]
            let ranges: [Int] = [1, 200, 40_000, 3_000_000]
            let base = bases[generator.below(bases.count)]
            let range = ranges[generator.below(ranges.count)]
            let percent = generator.below(101)
            var columns = ColumnWriter()
            var rows: [[Int64]] = []
            for _ in 0..<count {
                let values = isMultiple ? generator.below(4) : generator.chance(percent) ? 1 : round % 2
                var row: [Int64] = []
                for _ in 0..<values {
                    if generator.chance(10) {
                        row.append(Int64(generator.below(512)))
                    } else {
                        row.append(base + Int64(generator.below(range)))
                    }
                }
                rows.append(row)
                columns.add(row)
            }
            let folder = TemporaryFolder()
            let file = try SegmentFileWriter(path: folder.file("column"))
            try columns.writeNumbers(into: file, field: 0)
            _ = try file.finish(documentCount: count)
            let opened = try SegmentFile(path: folder.file("column"))
            let values = try opened.section(.values, field: 0)
            let column = try ColumnReader(
                starts: opened.section(.starts, field: 0), values: try #require(values), documentCount: count,
                isShifted: false)
            let arena = ScratchArena()
            let matched = arena.buffer(of: UInt64.self, count: Window.words)
            let missed = arena.buffer(of: UInt64.self, count: Window.words)
            let shift: UInt32 = round % 2 == 0 ? 5 : 0
            var counts = CodeCounts(column, shift: shift, arena)
            var expected: [Int64: Int] = [:]
            for start in stride(from: 0, to: count, by: Window.size) {
                matched.clear()
                for document in start..<min(count, start + Window.size) where generator.chance(60) {
                    matched.insert(document - start)
                    for value in rows[document] { expected[value >> Int64(shift), default: 0] += 1 }
                }
                counts.count(column, UInt32(start), matched, missed)
            }
            var found: [Int64: Int] = [:]
            var order: [Int64] = []
            counts.forEach {
                found[$0, default: 0] += $1
                order.append($0)
            }
            #expect(found == expected, "round \(round)")
            #expect(order == order.sorted(), "round \(round)")
            withExtendedLifetime((arena, opened)) {}
        }
    }

    /// Results of parts, through the codec of the links, equal one result of all.
    @Test func countsOfPartsAddUp() throws {
        var generator = SeededGenerator(seed: 8)
        let names: [String] = ["", "a", "上海", "上海发布", "é", "z"]
        for _ in 0..<50 {
            var sums: [String: Int] = [:]
            var monthSums: [Int64: Int] = [:]
            var parts: [PartialResult] = []
            for _ in 0..<generator.below(7) {
                var counts: [String: Int] = [:]
                for _ in 0..<generator.below(30) {
                    let name: String = names[generator.below(names.count)]
                    counts["\(name)\(generator.below(5))"] = 1 + generator.below(9)
                }
                sums.merge(counts, uniquingKeysWith: +)
                var months = MonthCounts()
                for month in 0..<Int64(40) where generator.chance(30) {
                    months.append(month, 3)
                    monthSums[month, default: 0] += 3
                }
                let part = PartialResult(facets: ["f": FacetResult(counts: counts)], histogram: months)
                let coded = try MessagePackDecoder.decode(PartialResult.self, from: MessagePackEncoder.encode(part))
                #expect(coded == part)
                parts.append(part)
            }
            let merged = PartialResult.merge(parts, limit: 10)
            #expect(merged.facets["f"]?.counts ?? [:] == sums)
            let expected = sums.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
            for limit in [0, 1, 3, 100] {
                let top = merged.facets["f"]?.top(limit) ?? []
                #expect(top.map(\.count) == expected.prefix(limit).map(\.value))
                #expect(top.allSatisfy { sums[$0.value] == $0.count })
            }
            #expect(merged.histogram.total == monthSums.values.reduce(0, +))
            #expect(merged.histogram.ordered.count == monthSums.count)
        }
        // What a peer sends may be anything.
        struct Loose: Encodable {
            var values: [UInt8]
            var isComplete = true
        }
        let bad: [[UInt8]] = [[5], [200, 200], [1, 65], [UInt8](repeating: 0xFF, count: 12)]
        for bytes in bad {
            let encoded = try MessagePackEncoder.encode(Loose(values: bytes))
            #expect(throws: (any Error).self) { try MessagePackDecoder.decode(FacetResult.self, from: encoded) }
        }
        let unordered = try MessagePackEncoder.encode(Loose(values: [1, 66, 2, 1, 65, 1, 1, 66, 3]))
        #expect(try MessagePackDecoder.decode(FacetResult.self, from: unordered) == FacetResult(counts: ["A": 1, "B": 5]))
    }

    @Test func longTextsAreRankedByTheirBeginning() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment([bulletin("a", body: "疫情防控工作"), bulletin("b", body: "天气")], in: folder, name: "a")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "a", reader: reader, liveDocs: nil)])
        let characters = (0..<2500).map { String(UnicodeScalar(UInt32(0x4E00 + $0))!) }.joined()
        let plan = SearchPlan(query: .text("疫情防控工作" + characters, field: nil))
        _ = try Searcher(schema: .bulletins).search(plan, in: snapshot)
    }
}
