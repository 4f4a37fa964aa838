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
        let full = PartialResult(total: Int.max, histogram: ["2020-02": Int.max])
        #expect(PartialResult.merge([full, full], limit: 1).total == Int.max)
    }

    @Test func codeCountsEqualADictionary() {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<50 {
            var counts = CodeCounts()
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
            counts.forEach { found[$0, default: 0] += $1 }
            #expect(found == expected)
        }
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
