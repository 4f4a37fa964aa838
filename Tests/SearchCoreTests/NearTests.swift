// Hidden keys of near-duplicates, and texts with damaged words that are found by what was meant.

import Analysis
import Messages
import Testing

@testable import SearchCore

@Suite struct NearKeys {
    private func found(_ key: String, _ readers: [SegmentReader], schema: IndexSchema = .bulletins) throws -> [String] {
        let snapshot = IndexSnapshot(
            views: try readers.map { try SegmentView(id: $0.segmentID, reader: $0, liveDocs: nil) })
        let plan = SearchPlan(query: .term(key, field: IndexSchema.nearField), limit: 100)
        return try Searcher(schema: schema).search(plan, in: snapshot).hits.map(\.place.documentID).sorted()
    }

    private func documents(_ keys: [[[UInt8]]], from first: Int = 0) -> [IndexDocument] {
        keys.enumerated().map { number, keys in
            var document = bulletin("d\(first + number)", body: "正文")
            document.nearKeys = keys
            return document
        }
    }

    @Test func areFoundInEverySegmentAndAfterAMerge() throws {
        let folder = TemporaryFolder()
        let first = try makeSegment(documents([[[0, 1, 2, 3], [1, 9, 9, 9]], [[0, 1, 2, 3]], []]), in: folder, name: "a")
        let second = try makeSegment(documents([[[1, 1, 2, 3]], [[0, 1, 2, 3]]], from: 3), in: folder, name: "b")
        let old = try makeSegment([bulletin("before", body: "正文")], in: folder, name: "c")
        #expect(try found("00010203", [first, second, old]) == ["d0", "d1", "d4"])
        #expect(try found("01090909", [first, second, old]) == ["d0"])
        #expect(try found("0f010203", [first, second, old]).isEmpty)
        var live = LiveDocs(documentCount: 3)
        live.delete(0)
        _ = try SegmentMerger([
            MergeInput(reader: first, liveDocs: live), MergeInput(reader: second, liveDocs: nil), MergeInput(reader: old, liveDocs: nil),
        ]).write(to: folder.file("m.seg"), segmentID: "m")
        let merged = try SegmentReader.open(path: folder.file("m.seg"))
        try merged.verifyAll()
        #expect(try found("00010203", [merged]) == ["d1", "d4"])
        #expect(try found("01090909", [merged]).isEmpty)
        for name in ["d1", "d2", "d3", "d4", "before"] { #expect(try merged.documents(withID: name).count == 1) }
        for document in 0..<UInt32(5) { #expect(try merged.documentID(of: document).count > 1) }
    }

    @Test func areTheSameForTheOracle() throws {
        let folder = TemporaryFolder()
        var generator = SeededGenerator(seed: 3)
        let keys = (0..<200).map { _ in (0..<generator.below(4)).map { [UInt8($0), UInt8(generator.below(6))] } }
        let reader = try makeSegment(documents(keys), in: folder, name: "a")
        for band in 0..<4 {
            for value in 0..<6 {
                let expected = keys.indices.filter { keys[$0].contains([UInt8(band), UInt8(value)]) }.map { "d\($0)" }.sorted()
                #expect(try found("0\(band)0\(value)", [reader]) == expected)
            }
        }
    }

    @Test(arguments: ["", "0", "zz", "00010", String(repeating: "00", count: 17)])
    func areRefusedWhereTheyAreNone(key: String) throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment(documents([[]]), in: folder, name: "a")
        #expect(throws: SearchCoreError.self) { try found(key, [reader]) }
    }

    @Test func tooManyAreRefused() {
        var builder = SegmentBuilder(schema: .bulletins)
        var document = bulletin("d", body: "正文")
        document.nearKeys = (0..<33).map { [UInt8($0)] }
        #expect(throws: SearchCoreError.self) { try builder.add(document) }
        document.nearKeys = [[]]
        #expect(throws: SearchCoreError.self) { try builder.add(document) }
        #expect(builder.documentCount == 0)
    }
}

@Suite struct DamagedTexts {
    private func finds(_ query: Query, _ text: String, mended: String) throws -> Bool {
        let folder = TemporaryFolder()
        var document = bulletin("d", body: "")
        document.fields["body"] = .damagedText(text, mended: mended)
        let reader = try makeSegment([document], in: folder, name: "a")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "a", reader: reader, liveDocs: nil)])
        return try Searcher(schema: .bulletins).search(SearchPlan(query: query), in: snapshot).total == 1
    }

    @Test(arguments: [
        // As it stands, as it was meant, and across the edge of the mended word.
        ("社会而", true), ("社会面", true), ("社会面清零", true), ("现社会面", true), ("面清", true), ("实现社会而清零", true), ("返岗人数", true), ("迈岗", true),
        // Neither reading has these.
        ("而人", false), ("会清", false), ("返人", false),
    ])
    func areFoundEitherWay(text: String, isFound: Bool) throws {
        let original = "一鼓作气实现社会而清 零，迈岗人数上升。"
        let mended = "一鼓作气实现社会面清 零，返岗人数上升。"
        #expect(try finds(.phrase(text, field: "body", slop: 0), original, mended: mended) == isFound)
        #expect(try finds(.text(text, field: nil), original, mended: mended) == isFound)
    }

    @Test func keepTheLengthOfTheTextAsItIs() throws {
        let folder = TemporaryFolder()
        var documents = [bulletin("a", body: "迈岗人数上升"), bulletin("b", body: "")]
        documents[1].fields["body"] = .damagedText("迈岗人数上升", mended: "返岗人数上升")
        let reader = try makeSegment(documents, in: folder, name: "a")
        #expect(reader.lengths["body"] == {
            var lengths = FieldLengths()
            for _ in 0..<2 { lengths.add(norm: FieldNorm.encode(6)) }
            return lengths
        }())
    }

    @Test func ofOtherLengthsAreIndexedAsTheyAre() throws {
        #expect(try finds(.phrase("迈岗", field: "body", slop: 0), "迈岗人数", mended: "返岗的人数很多"))
        #expect(try !finds(.phrase("返岗", field: "body", slop: 0), "迈岗人数", mended: "返岗的人数很多"))
    }

    @Test func areMendedThroughSpaces() {
        let repair = Repair(rule: "glyph", found: "社会而", suggestion: "社会面", range: ByteRange(0, 9), certainty: 0.8)
        #expect(Repair.mended("实现社 会而清零，社会而已", by: [repair]) == "实现社 会面清零，社会面已")
        #expect(Repair.mended("没有损坏", by: [repair]) == nil)
        #expect(Repair.mended("实现社会而", by: []) == nil)
    }
}
