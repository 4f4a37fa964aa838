// Whole segments: a small valid file in which the input exchanges bytes, and then each way of reading it.

import Foundation
import Messages

@testable import SearchCore

private let wholeSchema: IndexSchema = {
    do {
        return try IndexSchema(fields: [
            IndexField(name: "title", kind: .text, weight: 2), IndexField(name: "body", kind: .text),
            IndexField(name: "source", kind: .keyword, isFaceted: true), IndexField(name: "tag", kind: .keyword, isFaceted: true),
            IndexField(name: "published", kind: .date, isFaceted: true), IndexField(name: "count", kind: .integer),
            IndexField(name: "rate", kind: .number), IndexField(name: "place", kind: .point),
            IndexField(name: "border", kind: .area), IndexField(name: "figure", kind: .figure),
        ])
    } catch { fatalError("\(error)") }
}()

/// A valid segment with every kind of field, and an open file that holds it.
final class Base: @unchecked Sendable {  // because the fuzzer has one thread
    let bytes: [UInt8]
    let descriptor: Int32
    let path: String
    var sections: [SectionEntry] = []
    let live: LiveDocs

    init() {
        do {
            let folder = ProcessInfo.processInfo.environment["FUZZ_FOLDER"] ?? "/dev/shm"
            let name = "\(folder)/segment-\(getpid())"
            var builder = SegmentBuilder(schema: wholeSchema)
            let titles = ["疫情防控", "复工复产", "covid notice", "上海发布", "打赢 4500"]
            // Enough documents have a phrase for its positions to be read many at once.
            let bodies = ["疫情 $，复工率超过70%", "疫情防控 疫情 防控疫情防控", "疫情", "防控疫情，疫情防控"]
            for number in 0..<140 {
                var fields: [String: FieldValue] = [
                    "body": .text(bodies[number % 9 == 0 ? 0 : 1 + number % 3].replacing("$", with: titles[number % 5])),
                    "source": .keywords([titles[number % 3]]), "count": .integers([Int64(number)]),
                ]
                if number % 4 == 0 { fields["title"] = .text(titles[number % 5]) }
                if number % 3 == 0 { fields["tag"] = .keywords(["a", "B", "上海發布"]) }
                if number % 2 == 0 { fields["published"] = .date(PartialDate(year: 2020, month: 1 + number % 12, day: 3)) }
                if number % 5 == 0 { fields["rate"] = .numbers([Double(number) / 7, -1]) }
                if number % 7 == 0 { fields["place"] = .point(GeoPoint(latitude: 31, longitude: 121)) }
                if number % 11 == 0 {
                    fields["border"] = .area([
                        GeoPoint(latitude: 30, longitude: 120), GeoPoint(latitude: 32, longitude: 120),
                        GeoPoint(latitude: 32, longitude: 122),
                    ])
                }
                if number % 13 == 0 {
                    fields["figure"] = .figures([
                        Figure(
                            subject: "复工率", lower: 70, upper: nil, includesLower: false, includesUpper: false, unit: "%",
                            comparator: "超过", quote: "超过70%", range: ByteRange(0, 0))
                    ])
                }
                try builder.add(
                    IndexDocument(
                        documentID: "d\(number / 2)", itemOrdinal: UInt32(number % 2), version: Int64(number % 7), fields: fields,
                        stored: Array("{\"title\":\"疫情 \(number)\"}".utf8), nearKeys: [[1, UInt8(number % 5)]]))
            }
            _ = try builder.write(to: name, segmentID: "s")
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: name)))
            descriptor = open(name, O_RDWR)
            path = "/proc/self/fd/\(descriptor)"
            sections = try SegmentFile(path: name).entries
            live = LiveDocs(documentCount: 140, live: (0..<140).filter { $0 % 6 != 1 })
            unlink(name)
        } catch { fatalError("\(error)") }
    }

    /// Writes some bytes of the file.
    func put(_ content: [UInt8], at offset: Int) {
        guard pwrite(descriptor, content, content.count, off_t(offset)) == content.count else { fatalError("cannot write") }
    }

    func section(_ kind: SectionKind, field: Int) -> ArraySlice<UInt8> {
        guard let entry = sections.first(where: { $0.kind == kind.rawValue && $0.field == UInt32(field) }) else { return [] }
        return bytes[entry.offset..<(entry.offset + entry.length - SegmentFormat.sectionPadding)]
    }
}

let base = Base()

private let queries: [Query] = [
    .text("疫情", field: nil), .and([.text("疫情", field: nil), .text("防控", field: "title")]),
    .or([.text("复工", field: nil), .text("covid", field: nil), .text("疫", field: "body")]),
    .phrase("疫情防控", field: nil, slop: 0), .phrase("疫控", field: nil, slop: 4), .prefix("co", field: nil),
    .fuzzy("covic", field: nil, edits: 2), .prefix("上", field: "source"), .term("上海发布", field: "tag"),
    .and([.text("疫情", field: nil), .dates(DateRange(lower: 18_000, upper: 18_400), field: "published")]),
    .numbers(NumberRange(lower: 0, upper: 90), field: "count"), .numbers(NumberRange(lower: -2, upper: nil), field: "rate"),
    .within(.circle(centre: GeoPoint(latitude: 31, longitude: 121), metres: 900), field: "place"),
    .covers(GeoPoint(latitude: 31.5, longitude: 120.6), field: "border"),
    .figure(subject: "复工", range: NumberRange(lower: 60, upper: nil), unit: "%"), .term("0101", field: "near"),
    .not(.text("疫情", field: nil)), .monthDay(month: 3, day: nil, field: "published"),
]

func whole(_ input: inout Input) {
    let (choice, action) = (input.byte(), input.byte())
    var bytes = base.bytes
    var touched: [Range<Int>] = []
    while input.bytes.count >= 3, touched.count < 24 {
        let place = input.pair() % bytes.count
        bytes[place] = UInt8(input.byte())
        touched.append(place..<(place + 1))
    }
    if action & 128 == 0 {
        let footer = bytes.count - SegmentFormat.footerBytes
        if let entry = base.sections.last(where: { $0.kind == SectionKind.store.rawValue }) {
            let end = entry.offset + entry.length - SegmentFormat.sectionPadding
            seal(&bytes, entry.offset..<end)
            touched.append(entry.offset..<end)
        }
        if let table = number(bytes, at: footer, width: 8), table >= 0, table <= footer {
            patch(&bytes, at: footer + 12, UInt64(crc32c(Array(bytes[table..<footer]))), width: 4)
        }
        patch(&bytes, at: footer + 36, UInt64(crc32c(Array(bytes[footer..<(footer + 36)]))), width: 4)
        patch(&bytes, at: 20, UInt64(crc32c(Array(bytes[0..<20]))), width: 4)
        touched.append(footer..<bytes.count)
        touched.append(0..<24)
    }
    for range in touched { base.put(Array(bytes[range]), at: range.lowerBound) }
    tolerant { () throws(SearchCoreError) in
        let reader = try SegmentReader.open(path: base.path)
        try use(reader, choice, action)
    }
    for range in touched { base.put(Array(base.bytes[range]), at: range.lowerBound) }
}

private func use(_ reader: SegmentReader, _ choice: Int, _ action: Int) throws(SearchCoreError) {
    let view = try SegmentView(id: "s", reader: reader, liveDocs: action & 1 == 0 || reader.documentCount != 140 ? nil : base.live)
    let snapshot = IndexSnapshot(views: [view])
    let query = queries[choice % queries.count]
    var plan = SearchPlan(query: query, limit: 5)
    switch choice / queries.count % 6 {
    case 1: plan.facets = ["source", "tag", "published"]
    case 2: plan.histogramField = "published"
    case 3: plan.order = .number(field: "count", isDescending: true)
    case 4: plan.order = .date(field: "published", isDescending: true)
    case 5: plan.collapse = ["source"]
    default: break
    }
    let evaluator: Searcher.Evaluator = action & 2 == 0 ? .pruned : .exhaustive
    tolerant { () throws(SearchCoreError) in
        let searcher = Searcher(schema: action & 4 == 0 ? wholeSchema : .bulletins, analyzer: analyzer, evaluator: evaluator)
        let found = try searcher.search(plan, in: snapshot)
        _ = try searcher.fetch(found.hits.map(\.reference), in: snapshot)
    }
    switch action >> 3 & 15 {
    case 0: tolerant { () throws(SearchCoreError) in _ = try reader.liveDocsWithinSegment() }
    case 1: tolerant { () throws(SearchCoreError) in _ = try reader.documents(withID: "d3", olderThan: 3) }
    case 2: tolerant { () throws(SearchCoreError) in _ = try reader.postingSizes(field: "body") }
    case 3: tolerant { () throws(SearchCoreError) in try reader.verifyAll() }
    case 4:
        tolerant { () throws(SearchCoreError) in
            let fields = SuggestionFields(names: ["source", "tag"], title: "title", date: "published")
            let made = try SegmentSuggestions(reader: reader, fields: fields, analyzer: analyzer) {
                String(decoding: $0, as: UTF8.self)
            }
            guard let typed = TypedText("上海", analyzer: analyzer) else { return }
            _ = try made.part(for: typed, limit: 3, reader: reader, visible: view.liveDocs)
        }
    case 5:
        let target = base.path.replacingOccurrences(of: "/proc/self/fd/\(base.descriptor)", with: "/dev/shm/merged-\(getpid())")
        tolerant { () throws(SearchCoreError) in
            let merger = try SegmentMerger([MergeInput(reader: reader, liveDocs: view.liveDocs)])
            _ = try merger.write(to: target, segmentID: "m")
        }
        unlink(target)
    default: break
    }
}
