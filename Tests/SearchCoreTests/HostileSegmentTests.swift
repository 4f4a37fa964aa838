// Damaged files: every truncation and every flipped bit of a small segment is an error or harmless, never a trap.

import Foundation
import Messages
import Testing

@testable import SearchCore

@Suite struct HostileSegmentTests {
    private func smallSegment(in folder: TemporaryFolder) throws -> [UInt8] {
        var corpus = RandomCorpus(seed: 7)
        var builder = SegmentBuilder(schema: .bulletins)
        for number in 0..<150 { try builder.add(corpus.document(number)) }
        _ = try builder.write(to: folder.file("small.seg"), segmentID: "small")
        return Array(try Data(contentsOf: URL(fileURLWithPath: folder.file("small.seg"))))
    }

    /// Uses every part of the segment; errors are fine.
    private func exercise(_ path: String) {
        guard let reader = try? SegmentReader.open(path: path) else { return }
        _ = try? reader.verifyAll()
        for document in 0..<UInt32(reader.documentCount) where document % 16 == 0 {
            _ = try? reader.documentID(of: document)
            _ = try? reader.stored(document)
            _ = reader.version(of: document)
        }
        _ = try? reader.documents(withID: "doc-3")
        _ = try? reader.liveDocsWithinSegment()
        guard let view = try? SegmentView(id: "x", reader: reader, liveDocs: nil) else { return }
        let snapshot = IndexSnapshot(views: [view])
        let queries: [Query] = [
            .and([.text("疫情", field: nil), .text("防", field: "body")]), .text("疫情防控复工产广州", field: nil),
            .phrase("疫情", field: nil, slop: 3), .prefix("co", field: nil), .fuzzy("covid", field: nil, edits: 2),
            .and([.term("上海发布", field: "source"), .dates(DateRange(lower: 18_000, upper: 18_400), field: "published")]),
            .or([.text("广州", field: nil), .not(.text("covid", field: nil))]),
        ]
        for query in queries {
            for evaluator in [Searcher.Evaluator.pruned, .exhaustive] {
                let plan = SearchPlan(
                    query: query, limit: 5, facets: ["source", "department", "file", "published"],
                    histogramField: "published")
                _ = try? Searcher(schema: .bulletins, evaluator: evaluator).search(plan, in: snapshot)
            }
        }
    }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    @Test func everyTruncationIsRefused() throws {
        let folder = TemporaryFolder()
        let bytes = try smallSegment(in: folder)
        let path = folder.file("cut.seg")
        for length in stride(from: 0, to: bytes.count, by: 13) {
            try write(Array(bytes[..<length]), path)
            #expect(throws: SearchCoreError.self, "length \(length)") { try SegmentReader.open(path: path) }
        }
        try write(bytes + [0], path)
        #expect(throws: SearchCoreError.self) { try SegmentReader.open(path: path) }
    }

    @Test func everyFlippedBitIsFoundByVerification() throws {
        let folder = TemporaryFolder()
        let bytes = try smallSegment(in: folder)
        let path = folder.file("flip.seg")
        var generator = SeededGenerator(seed: 3)
        for offset in 0..<bytes.count where offset % 3 == 0 {
            var damaged = bytes
            damaged[offset] ^= 1 << UInt8(generator.below(8))
            try write(damaged, path)
            #expect(throws: SearchCoreError.self, "byte \(offset) of \(bytes.count)") {
                try SegmentReader.open(path: path).verifyAll()
            }
        }
    }

    @Test func damagedSectionsNeverTrap() throws {
        let folder = TemporaryFolder()
        let bytes = try smallSegment(in: folder)
        let path = folder.file("use.seg")
        var generator = SeededGenerator(seed: 4)
        for round in 0..<500 {
            var damaged = bytes
            for _ in 0..<(1 + generator.below(3)) {
                let offset = generator.below(bytes.count)
                damaged[offset] =
                    round % 2 == 0 ? UInt8(generator.below(256)) : damaged[offset] ^ (1 << UInt8(generator.below(8)))
            }
            try write(damaged, path)
            exercise(path)
        }
    }

    @Test func damagedSectionsWithRightChecksumsNeverTrap() throws {
        let folder = TemporaryFolder()
        let bytes = try smallSegment(in: folder)
        let path = folder.file("crafted.seg")
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<800 {
            var damaged = bytes
            for _ in 0..<(1 + generator.below(4)) {
                damaged[generator.below(bytes.count)] = [0, 1, 0x7F, 0x80, 0xFF][generator.below(5)]
            }
            try write(repaired(damaged), path)
            exercise(path)
        }
    }

    /// Recomputes the checksums of table and footer, as an attacker would.
    private func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let footer = bytes.count - SegmentFormat.footerBytes
        func put(_ value: UInt32, at offset: Int) {
            for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
        }
        let table = (0..<8).reduce(0) { $0 | Int(bytes[footer + $1]) << (8 * $1) }
        if table >= 0 && table <= footer { put(crc32c(Array(bytes[table..<footer])), at: footer + 12) }
        put(crc32c(Array(bytes[footer..<(footer + 36)])), at: footer + 36)
        put(crc32c(Array(bytes[0..<20])), at: 20)
        return bytes
    }

    /// Equal values take no bytes, so a small damaged column can claim more of them than there is memory for.
    @Test func aRowThatClaimsBillionsOfValuesHasNone() throws {
        func column(_ rows: Int64) -> [UInt8] {
            var bytes = FixedColumn.encode([0, rows, rows + 1]) + [0, 0, 0, 0, 0, 0, 0, 0]
            let starts = bytes.count
            bytes += FixedColumn.encode([7]) + [0, 0, 0, 0, 0, 0, 0, 0]
            for index in 0..<8 { bytes[starts + index] = UInt8(truncatingIfNeeded: (rows + 1) >> Int64(8 * index)) }
            return bytes
        }
        for (rows, expected) in [(Int64(3), 3), (Int64(SegmentBuilder.maximumValues), 10_000), (Int64(Int32.max) - 1, 0)] {
            let bytes = column(rows)
            let starts = FixedColumn.encode([0, rows, rows + 1]).count + 8
            try unsafe bytes.withUnsafeBytes { raw in
                let view = unsafe ByteView(base: raw.baseAddress!, count: raw.count)
                let reader = try ColumnReader(
                    starts: view.slice(0, starts), values: view.slice(starts, raw.count - starts), documentCount: 2,
                    isShifted: false)
                #expect(reader.all(0).count == expected)
                #expect(reader.all(1) == [7])
                let arena = ScratchArena()
                let members = arena.buffer(of: UInt64.self, count: Window.words)
                let missed = arena.buffer(of: UInt64.self, count: Window.words)
                members.clear()
                members.insert(0)
                members.insert(1)
                var counts = [Int32](repeating: 0, count: 8)
                let misses = reader.count(0, members, shift: 0, lowest: 0, into: &counts, lows: nil, missed: missed)
                #expect(misses == 0 && Int(counts[7]) == expected + 1)
                withExtendedLifetime(arena) {}
            }
        }
    }

    @Test func laterFormatVersionsAreNamed() throws {
        let folder = TemporaryFolder()
        var bytes = try smallSegment(in: folder)
        bytes[8] = UInt8(SegmentFormat.version + 1)
        try write(repaired(bytes), folder.file("new.seg"))
        let error = #expect(throws: SearchCoreError.self) { try SegmentReader.open(path: folder.file("new.seg")) }
        #expect(error?.code == .formatTooNew)
    }

    @Test func earlierFormatVersionsAreNamedWithTheFix() throws {
        let folder = TemporaryFolder()
        for version in 0..<SegmentFormat.oldestVersion {
            var bytes = try smallSegment(in: TemporaryFolder())
            bytes[8] = UInt8(version)
            try write(repaired(bytes), folder.file("old-\(version).seg"))
            let error = #expect(throws: SearchCoreError.self) {
                try SegmentReader.open(path: folder.file("old-\(version).seg"))
            }
            #expect(error?.code == .formatTooOld)
            #expect(error?.message.contains("kuaibao reindex") == true)
        }
    }

    @Test func liveDocsRefuseEveryFlippedBit() throws {
        var live = LiveDocs(documentCount: 130)
        live.delete(3)
        live.delete(129)
        let bytes = live.encode()
        #expect(try LiveDocs(decoding: bytes) == live)
        for offset in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[offset] ^= 1 << UInt8(bit)
                #expect(throws: SearchCoreError.self) { try LiveDocs(decoding: damaged) }
            }
            #expect(throws: SearchCoreError.self) { try LiveDocs(decoding: Array(bytes[..<offset])) }
        }
    }
}
