// libFuzzer's entry for the readers of segments: term dictionaries, posting lists, columns, stores, descriptions, live
// documents, whole files, and files of right checksums and wrong content.
//
//     input   first byte: which reader; then its bytes, for posting lists after their dictionary entry
//
// A reader answers an error or reads something; it neither traps, nor reads outside its bytes, nor takes time or memory
// out of proportion. Assertions are on, so that every unchecked read is checked here.

import Foundation
import Messages

@testable import SearchCore

private typealias Target = ([UInt8]) throws -> Void

/// Calls `body` with a view of the bytes, followed by the zeros that end every section.
private func withSection(_ bytes: some Collection<UInt8>, _ body: (ByteView) throws -> Void) rethrows {
    let padded = Array(bytes) + [UInt8](repeating: 0, count: SegmentFormat.sectionPadding)
    try unsafe padded.withUnsafeBytes { content in
        guard let base = content.baseAddress else { return }
        try unsafe body(ByteView(base: base, count: content.count))
    }
}

/// Takes numbers from the front of an input.
private struct Front {
    var bytes: ArraySlice<UInt8>

    mutating func number(_ count: Int) -> Int {
        let taken = bytes.prefix(count)
        bytes = bytes.dropFirst(count)
        return taken.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

private func dictionary(_ detail: PostingDetail) -> Target {
    { bytes in
        try withSection(bytes) { view in
            let dictionary = try TermDictionary(view, detail: detail)
            _ = try dictionary.find(Array("p疫情".utf8))
            _ = try dictionary.lowerBound(Array("w".utf8))
            _ = try dictionary.term(at: dictionary.termCount / 2)
            var terms = try dictionary.iterate()
            var left = 2000
            while left > 0, try terms.next() { left -= 1 }
        }
    }
}

private func postings(_ detail: PostingDetail) -> Target {
    { bytes in
        var front = Front(bytes: bytes[...])
        let documentCount = front.number(2)
        var info = TermInfo(documentFrequency: front.number(2))
        info.singleDocument = UInt32(front.number(2))
        info.singleFrequency = UInt32(front.number(3))
        info.bound = UInt16(front.number(2))
        info.postingBytes = front.number(2)
        info.positionBytes = front.number(2)
        guard info.documentFrequency > 0 else { return }
        try withSection(front.bytes) { view in
            let list = try PostingList(info: info, detail: detail, section: view, documentCount: documentCount)
            let arena = ScratchArena()
            var cursor = PostingCursor(list, arena: arena)
            var positions = PositionBuffer(arena: arena)
            var last: UInt32?
            while cursor.document != endOfList {
                guard cursor.document < UInt32(documentCount), last.map({ cursor.document > $0 }) ?? true else {
                    fatalError("documents do not ascend below \(documentCount): \(cursor.document)")
                }
                last = cursor.document
                if detail == .positions {
                    let frequency = cursor.frequency()
                    if cursor.document % 3 == 0 {
                        cursor.positions(into: &positions, arena: arena)
                        guard cursor.isCorrupt || positions.count == Int(frequency) else {
                            fatalError("\(positions.count) positions for a frequency of \(frequency)")
                        }
                    }
                }
                if cursor.document % 7 == 0 { cursor.advance(to: cursor.document &+ 200) } else { cursor.next() }
            }
            cursor.seek(to: UInt32(documentCount / 2))
            cursor.seek(to: 0)
        }
    }
}

private let readers: [Target] = [
    dictionary(.positions), dictionary(.documents), postings(.positions), postings(.documents),
    { bytes in
        var front = Front(bytes: bytes[...])
        let documentCount = front.number(1)
        try withSection(front.bytes) { view in
            let column = try ColumnReader(starts: nil, values: view, documentCount: documentCount, isShifted: true)
            for document in 0..<UInt32(documentCount) { _ = column.all(document) }
        }
    },
    { bytes in
        var front = Front(bytes: bytes[...])
        let documentCount = front.number(1)
        let split = min(front.number(1), front.bytes.count)
        try withSection(front.bytes.prefix(split)) { starts in
            try withSection(front.bytes.dropFirst(split)) { values in
                let column = try ColumnReader(
                    starts: starts, values: values, documentCount: documentCount, isShifted: false)
                for document in 0..<UInt32(documentCount) { column.forEach(document) { _ in } }
            }
        }
    },
    { bytes in
        var front = Front(bytes: bytes[...])
        let documentCount = front.number(1)
        try withSection(front.bytes) { view in
            let store = try DocumentStore(view, documentCount: documentCount)
            for document in 0..<min(documentCount, 4) { _ = try? store.read(document) }
        }
    },
    { bytes in
        try withSection(bytes) { _ = try SegmentDescription(decoding: $0, documentCount: 3) }
    },
    { bytes in
        let live = try LiveDocs(decoding: bytes)
        guard live.encode() == bytes else { fatalError("live documents do not come back") }
    },
    { bytes in try Damaged.shared.open(bytes) },
    { bytes in try Damaged.shared.use(bytes) },
]

/// A small segment whose bytes are changed.
private struct Damaged {
    static let shared = Damaged()
    private let whole: [UInt8]
    private let path: String

    private init() {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "segments-fuzz-\(ProcessInfo.processInfo.processIdentifier)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("damaged.seg").path
        var builder = SegmentBuilder(schema: .bulletins)
        let texts = ["疫情防控，covid 2020年", "上海市广州市疫情", "防控工作3月8日", "新冠疫情防控"]
        for number in 0..<140 {
            let fields: [String: FieldValue] = [
                "title": .text(texts[number % 3]), "body": .text(texts[number % 4] + texts[(number / 4) % 4]),
                "source": .keywords([["上海發布"], ["央视", "新华网"], []][number % 3].first ?? "无"),
                "published": .date(PartialDate(year: 2020, month: 1 + number % 12)),
                "figure": .figures([
                    Figure(
                        subject: "复工率", lower: Double(number), upper: nil, includesLower: true, includesUpper: false,
                        unit: "%", comparator: "", quote: "", range: ByteRange(0, 0))
                ]),
            ]
            try? builder.add(
                IndexDocument(
                    documentID: "d\(number)", itemOrdinal: 0, version: 1, fields: fields,
                    stored: Array(texts[number % 4].utf8)))
        }
        let built = folder.appendingPathComponent("whole.seg").path
        try? FileManager.default.removeItem(atPath: built)
        _ = try? builder.write(to: built, segmentID: "fuzz")
        whole = (try? Data(contentsOf: URL(fileURLWithPath: built))).map(Array.init) ?? []
    }

    /// The input as a whole file.
    func open(_ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try SegmentReader.open(path: path).verifyAll()
    }

    /// The segment with the input's changes, three bytes each: a place and a value; the checksums made right again.
    func use(_ bytes: [UInt8]) throws {
        var front = Front(bytes: bytes[...])
        let query = front.number(1)
        var damaged = whole
        while front.bytes.count >= 3 {
            let place = front.number(2)
            damaged[place % damaged.count] = UInt8(front.number(1))
        }
        repair(&damaged)
        try Data(damaged).write(to: URL(fileURLWithPath: path))
        let reader = try SegmentReader.open(path: path)
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "x", reader: reader, liveDocs: nil)])
        let queries: [Query] = [
            .and([.text("疫情", field: nil), .text("防", field: "body")]), .text("疫情防控工作上海市广", field: nil),
            .phrase("疫情防控", field: nil, slop: 0), .phrase("3月8日", field: nil, slop: 0),
            .phrase("疫防", field: nil, slop: 3), .prefix("co", field: nil), .fuzzy("covid", field: nil, edits: 1),
            .and([.term("上海发布", field: "source"), .dates(DateRange(lower: 18_000, upper: 18_400), field: "published")]),
            .figure(subject: "复工", range: NumberRange(lower: 3, upper: nil), unit: "%"),
        ]
        let plan = SearchPlan(
            query: queries[query % queries.count], limit: 5, facets: ["source"], histogramField: "published")
        let hits = try Searcher(schema: .bulletins).search(plan, in: snapshot).hits
        for hit in hits { _ = try? reader.stored(hit.reference.docID) }
    }

    /// Recomputes the checksums of header, table and footer, as an attacker would.
    private func repair(_ bytes: inout [UInt8]) {
        let footer = bytes.count - SegmentFormat.footerBytes
        func put(_ value: UInt32, at offset: Int) {
            for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
        }
        let table = (0..<8).reduce(0) { $0 | Int(truncatingIfNeeded: UInt64(bytes[footer + $1]) << UInt64(8 * $1)) }
        if table >= 0 && table <= footer { put(crc32c(Array(bytes[table..<footer])), at: footer + 12) }
        put(crc32c(Array(bytes[footer..<(footer + 36)])), at: footer + 36)
        put(crc32c(Array(bytes[0..<20])), at: 20)
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    try? readers[Int(first) % readers.count](Array(bytes.dropFirst()))
    return 0
}
