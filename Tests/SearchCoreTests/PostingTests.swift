// Posting lists, dictionaries, columns and bit packing at their edge sizes.

import Foundation
import Testing

@testable import SearchCore

@Suite struct PostingTests {
    struct Posting: Equatable {
        var document: UInt32
        var positions: [UInt32]
    }

    /// Writes lists as a postings section and hands each back as an opened list.
    private func roundTrip(
        _ lists: [[Posting]], documentCount: Int, in folder: TemporaryFolder, body: ([PostingList]) throws -> Void
    ) throws {
        let writer = try SegmentFileWriter(path: folder.file("lists-\(documentCount)-\(lists.count).seg"))
        var encoder = PostingListEncoder(detail: .positions, saturation: Saturation(averageLength: 20))
        var infos: [TermInfo] = []
        try writer.beginSection()
        for list in lists {
            for posting in list {
                var last: UInt32 = 0
                for position in posting.positions {
                    encoder.addPositionGap(position - last)
                    last = position
                }
                encoder.add(document: posting.document, norm: 20)
            }
            infos.append(try #require(try encoder.finish(into: writer)))
        }
        try writer.endSection(.postings, field: 0)
        _ = try writer.finish(documentCount: documentCount)
        let file = try SegmentFile(path: folder.file("lists-\(documentCount)-\(lists.count).seg"))
        try file.verifyAll()
        let section = try #require(try file.section(.postings, field: 0))
        var opened: [PostingList] = []
        for info in infos {
            opened.append(
                try PostingList(info: info, detail: .positions, section: section, documentCount: documentCount))
        }
        try withExtendedLifetime(file) { try body(opened) }
    }

    private func positions(_ cursor: inout PostingCursor, _ arena: ScratchArena) -> [UInt32] {
        var buffer = PositionBuffer(arena: arena)
        cursor.positions(into: &buffer, arena: arena)
        return buffer.array
    }

    private func randomList(_ count: Int, documentCount: Int, _ generator: inout SeededGenerator) -> [Posting] {
        var documents = Set<UInt32>()
        while documents.count < count { documents.insert(UInt32(generator.below(documentCount))) }
        return documents.sorted().map { document in
            var position: UInt32 = 0
            let positions = (0..<(1 + generator.below(generator.chance(3) ? 300 : 3))).map { _ in
                position += UInt32(generator.below(generator.chance(5) ? 5000 : 40))
                return position
            }
            return Posting(document: document, positions: positions)
        }
    }

    /// Frequencies picked one by one, and positions as keys, are what stepping through the list gives.
    @Test(arguments: [1, 2])
    func partsOfBlocksAreWhatTheWholeListHas(_ seed: Int) throws {
        let folder = TemporaryFolder()
        var generator = SeededGenerator(seed: UInt64(seed) + 70)
        let lists = [1, 2, 127, 128, 129, 700].map { randomList($0, documentCount: 3000, &generator) }
        try roundTrip(lists, documentCount: 3000, in: folder) { opened in
            for (list, postings) in zip(opened, lists) {
                let arena = ScratchArena()
                let bases = arena.buffer(of: UInt32.self, count: 20_000)
                for (number, posting) in postings.enumerated() where list.info.documentFrequency > 1 {
                    let (block, index) = number.quotientAndRemainder(dividingBy: PostingFormat.blockSize)
                    let place = try #require(list.place(ofBlock: block))
                    let frequency = list.frequency(place, block: block, index: index)
                    #expect(Int(frequency) == posting.positions.count, "posting \(number) of \(postings.count)")
                }
                for start in stride(from: 0, to: postings.count, by: 61) {
                    var cursor = PostingCursor(list, arena: arena)
                    cursor.advance(to: postings[start].document)
                    let stop = min(cursor.blockLength, cursor.index + 1 + generator.below(90))
                    let part = postings[start..<(start + stop - cursor.index)]
                    func keys(_ posting: Posting) -> [UInt32] { posting.positions.map { (posting.document + 1) << 18 + $0 } }
                    let room = cursor.occurrences(to: stop) ?? 0
                    #expect(room == part.reduce(0) { $0 + $1.positions.count })
                    var buffer = PositionBuffer(arena: arena)
                    buffer.grow(to: 2 * room, arena: arena)
                    let before = UInt32.max
                    let seen = cursor.appendKeys(to: stop, before: before, shift: 18, bases: bases, to: &buffer)
                    #expect(buffer.array == part.flatMap(keys))
                    #expect(seen == part.reduce(0) { $0 | $1.positions.reduce(0, |) })
                    // Some of the same, behind them.
                    let chosen = (cursor.index..<stop).filter { _ in generator.chance(30) }
                    for (place, slot) in chosen.enumerated() { bases[place] = UInt32(slot) }
                    _ = cursor.appendKeys(of: bases, count: chosen.count, before: before, shift: 18, to: &buffer)
                    let expected = chosen.map { postings[start + $0 - cursor.index] }
                    #expect(buffer.array.dropFirst(room).elementsEqual(expected.flatMap(keys)))
                }
            }
        }
    }

    @Test func listsOfAllEdgeSizesComeBack() throws {
        let folder = TemporaryFolder()
        var generator = SeededGenerator(seed: 1)
        let sizes = [1, 2, 3, 127, 128, 129, 255, 256, 257, 1000, 5000]
        let lists = sizes.map { randomList($0, documentCount: 40_000, &generator) }
        try roundTrip(lists, documentCount: 40_000, in: folder) { opened in
            for (list, expected) in zip(opened, lists) {
                let arena = ScratchArena()
                var cursor = PostingCursor(list, arena: arena)
                var found: [Posting] = []
                while cursor.document != endOfList {
                    let positions = positions(&cursor, arena)
                    #expect(cursor.frequency() == UInt32(positions.count))
                    found.append(Posting(document: cursor.document, positions: positions))
                    cursor.next()
                }
                #expect(!cursor.isCorrupt)
                #expect(found == expected)
            }
        }
    }

    @Test func consecutiveDocumentsTakeNoBits() throws {
        let folder = TemporaryFolder()
        let list = (0..<256).map { Posting(document: UInt32($0), positions: [0]) }
        try roundTrip([list], documentCount: 256, in: folder) { opened in
            // Two blocks: 8 bytes of last documents and 24 of entries; no gap, frequency or position bits.
            #expect(opened[0].info.postingBytes == 32)
            #expect(opened[0].info.positionBytes == 8)
        }
    }

    /// The example of docs/formats/segment.md.
    @Test func theWorkedExampleOfTheFormatPageIsRight() throws {
        let folder = TemporaryFolder()
        let list = [(3, [5]), (4, [0, 7]), (9, [2])].map { Posting(document: UInt32($0.0), positions: $0.1.map(UInt32.init)) }
        try roundTrip([list], documentCount: 10, in: folder) { opened in
            let info = opened[0].info
            #expect(info.postingBytes == 5 && info.positionBytes == 3)
            let bytes = try opened[0].section.slice(info.offset, 8).bytes
            #expect(bytes == [0x03, 0x01, 0x03, 0x01, 0x02, 0x03, 0xC5, 0x05])
        }
    }

    @Test(arguments: [1, 2, 3])
    func advanceIsAsIfSteppedToTheTarget(_ seed: Int) throws {
        let folder = TemporaryFolder()
        var generator = SeededGenerator(seed: UInt64(seed))
        let lists = [1, 2, 100, 128, 129, 700, 4000].map { randomList($0, documentCount: 30_000, &generator) }
        try roundTrip(lists, documentCount: 30_000, in: folder) { opened in
            for (list, expected) in zip(opened, lists) {
                for _ in 0..<20 {
                    let arena = ScratchArena()
                    var cursor = PostingCursor(list, arena: arena)
                    var place = 0
                    var target: UInt32 = 0
                    let stride = 1 + generator.below(3000)
                    while place < expected.count {
                        target += UInt32(generator.below(stride))
                        while place < expected.count && expected[place].document < target { place += 1 }
                        cursor.advance(to: target)
                        #expect(cursor.document == (place < expected.count ? expected[place].document : endOfList))
                        guard place < expected.count else { break }
                        if generator.chance(30) {
                            #expect(positions(&cursor, arena) == expected[place].positions)
                        }
                        if generator.chance(30) {
                            cursor.next()
                            place += 1
                            #expect(cursor.document == (place < expected.count ? expected[place].document : endOfList))
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [4, 5])
    func seekGoesAnywhere(_ seed: Int) throws {
        let folder = TemporaryFolder()
        var generator = SeededGenerator(seed: UInt64(seed))
        let lists = [1, 2, 127, 128, 129, 1000].map { randomList($0, documentCount: 20_000, &generator) }
        try roundTrip(lists, documentCount: 20_000, in: folder) { opened in
            for (list, expected) in zip(opened, lists) {
                let arena = ScratchArena()
                var cursor = PostingCursor(list, arena: arena)
                for _ in 0..<300 {
                    let target = UInt32(generator.below(21_000))
                    let place = expected.firstIndex { $0.document >= target } ?? expected.count
                    cursor.seek(to: target)
                    #expect(cursor.document == (place < expected.count ? expected[place].document : endOfList))
                    guard place < expected.count else { continue }
                    #expect(positions(&cursor, arena) == expected[place].positions)
                    if generator.chance(50) {
                        cursor.next()
                        #expect(cursor.document == (place + 1 < expected.count ? expected[place + 1].document : endOfList))
                    }
                }
            }
        }
    }

    @Test func storedBoundsHoldAtEveryAverageLength() throws {
        var generator = SeededGenerator(seed: 9)
        let arena = ScratchArena()
        for _ in 0..<20_000 {
            let reference = Double(1 + generator.below(3000))
            let average = Double(1 + generator.below(3000))
            let norm = FieldNorm.encode(1 + generator.below(20_000))
            let frequency = UInt32(1 + generator.below(generator.chance(50) ? 5 : 3000))
            let bound = Saturation.bound(
                product: Float(frequency) * Saturation(averageLength: reference).inverse[Int(norm)])
            let inverse = arena.buffer(of: Float.self, count: 256)
            let table = Saturation(averageLength: average).inverse
            for index in 0..<256 { inverse[index] = table[index] }
            let weight = Float(1 + generator.below(1 << 30))
            let scorer = LeafScorer(weight: weight, average: average, referenceAverage: reference, inverse: inverse)
            let contribution = scorer.contribution(frequency: frequency, norm: norm)
            #expect(contribution <= scorer.bound(bound), "\(reference) \(average) \(norm) \(frequency) \(weight)")
            #expect(contribution <= scorer.largest && contribution >= 0)
        }
    }

    @Test func normsNeverDescendAndKeepShortLengths() {
        var last: UInt8 = 0
        for length in 0..<100_000 {
            let norm = FieldNorm.encode(length)
            #expect(norm >= last)
            #expect(FieldNorm.decode(norm) <= length)
            #expect(length < 32 ? FieldNorm.decode(norm) == length : FieldNorm.decode(norm) * 17 >= length * 16)
            last = norm
        }
        #expect(FieldNorm.encode(Int.max) == 255)
        #expect(FieldNorm.encode(0) == 0 && FieldNorm.encode(1) == 1)
    }

    @Test func columnsOfEveryWidthComeBack() throws {
        let columns: [[Int64]] = [
            [], [5], [7, 7, 7], [0, 255], [-1, 300], [0, 70_000, 3], [Int64.min, Int64.max, 0], [1 << 40, 0],
        ]
        for column in columns {
            let bytes = FixedColumn.encode(column)
            try unsafe bytes.withUnsafeBytes { raw in
                let view = unsafe ByteView(base: raw.baseAddress!, count: raw.count)
                let read = try FixedColumn(view, expectedCount: column.count)
                #expect(column.indices.map { read[$0] } == column)
                #expect(throws: SearchCoreError.self) { try FixedColumn(view, expectedCount: column.count + 1) }
            }
        }
    }

    @Test func sortableDoublesSortAsNumbersDo() {
        let numbers: [Double] = [-.infinity, -1e300, -2.5, -1, -0.0, 0, 1e-300, 1, 2.5, 1e300, .infinity]
        let encoded = numbers.map(SortableDouble.encode)
        #expect(encoded == encoded.sorted())
        #expect(encoded.map(SortableDouble.decode).map(\.bitPattern) == numbers.map(\.bitPattern))
    }
}
