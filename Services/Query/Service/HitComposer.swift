// From a document's stored bytes to the hit that a reader sees.

import Records
import Schemas
import Messages
import SearchCore

/// Marks and shortens hits of one query.
struct HitComposer {
    private let highlighter: Highlighter
    private let show: HitShow
    private let schema: CollectionSchema

    init(_ show: HitShow, _ schema: CollectionSchema) {
        highlighter = Highlighter(show.marking, fields: schema.fields)
        self.show = show
        self.schema = schema
    }

    /// - Throws: `corrupt` where the stored bytes are no item.
    func hit(_ reference: ScoredReference, _ stored: [UInt8]) throws(KuaibaoError) -> SearchHit {
        if schema.declaration != nil { return try recordHit(reference, stored) }
        let whole = try Self.item(stored, reference.reference, as: ShownItem.self)
        let item = whole.item
        let repairs = item.repairs ?? []
        let (title, titleReadings) = marked(item.title, repairs) { highlighter.highlight($0, field: "title") }
        let (snippet, bodyReadings) = marked(item.body, repairs) {
            highlighter.snippet($0, field: "body", characters: show.snippetCharacters)
        }
        let readings = titleReadings + bodyReadings.filter { !titleReadings.contains($0) }
        var hit = SearchHit(
            id: "\(whole.document.identity)#\(item.ordinal)", document: whole.document.identity, ordinal: item.ordinal,
            score: reference.score, title: title.marked, snippet: snippet.marked,
            date: item.published?.value.text, dateBasis: item.published?.basis.rule,
            department: item.department?.value, departmentBasis: item.department?.basis.rule,
            sources: item.sources.map(\.value), file: whole.document.sourceAddress, range: item.range,
            flags: item.flags, signature: show.collapses ? try Self.signature(of: item, reference.reference) : nil)
        hit.readings = readings.isEmpty ? nil : readings
        return hit
    }

    /// A text with its marks. Where nothing of it as it stands is marked, the marks are those of its mended form, and the
    /// readings that stand in them are told.
    private func marked(
        _ text: String, _ repairs: [Repair], _ mark: (String) -> HighlightedText
    ) -> (text: HighlightedText, readings: [HitReading]) {
        let plain = mark(text)
        guard plain.ranges.isEmpty, let mended = Repair.mended(text, by: repairs), mended.utf8.count == text.utf8.count
        else { return (plain, []) }
        var read = mark(mended)
        guard !read.ranges.isEmpty else { return (plain, []) }
        let bytes = Array(mended.utf8)
        let marks = read.ranges.map { range in
            String(decoding: bytes[range.lower..<range.upper], as: UTF8.self).filter { !$0.isWhitespace }
        }
        var readings: [HitReading] = []
        for repair in repairs where repair.rule == "glyph" {
            let reading = HitReading(found: repair.found, suggestion: repair.suggestion)
            let isMarked = marks.contains { $0.contains(repair.suggestion) || repair.suggestion.contains($0) }
            if isMarked, !readings.contains(reading) { readings.append(reading) }
        }
        // What is shown is what stands there.
        let shown = Array(text.utf8)[read.start..<(read.start + read.text.utf8.count)]
        read.text = String(decoding: shown, as: UTF8.self)
        return (read, readings)
    }

    /// The hit of a record: its short form, marked in the fields that it was made of, and the record.
    private func recordHit(_ reference: ScoredReference, _ stored: [UInt8]) throws(KuaibaoError) -> SearchHit {
        let whole = try Self.item(stored, reference.reference, as: ShownRecordItem.self)
        let record = whole.record ?? RecordContent(values: [:])
        var highlights: [String: MarkedText] = [:]
        for field in schema.declaration?.fields ?? [] where field.isHighlighted {
            guard let text = record.values[field.name]?.text else { continue }
            let marked = highlighter.snippet(text, field: field.name, characters: show.snippetCharacters).marked
            if !marked.marks.isEmpty { highlights[field.name] = marked }
        }
        let body = record.values[schema.bodyField]?.text
        let isTitle = schema.bodyField == schema.titleField
        return SearchHit(
            id: whole.document.identity, document: whole.document.identity, ordinal: 0, score: reference.score,
            title: highlighter.highlight(whole.item.title, field: schema.titleField).marked,
            snippet: highlighter.snippet(
                isTitle ? "" : body ?? whole.item.body, field: schema.bodyField, characters: show.snippetCharacters
            ).marked,
            date: whole.item.published?.value.text, dateBasis: whole.item.published?.basis.rule, department: nil,
            departmentBasis: nil, sources: [], file: whole.document.sourceAddress, range: whole.item.range, flags: [],
            record: ShownRecord(
                values: record.values, reportedAt: record.reportedAt, highlights: highlights.isEmpty ? nil : highlights),
            distance: reference.distance)
    }

    /// A stored item, or the part of it that `type` has.
    ///
    /// - Throws: `corrupt` where the stored bytes are no item.
    static func item<Part: Decodable>(
        _ stored: [UInt8], _ reference: HitReference, as type: Part.Type = StoredItem.self
    ) throws(KuaibaoError) -> Part {
        do { return try MessagePackDecoder.decode(Part.self, from: stored) } catch { throw corrupt(reference) }
    }

    private static func signature(of item: ShownItem.Item, _ reference: HitReference) throws(KuaibaoError) -> Signature? {
        do { return try item.signature?.value() } catch { throw corrupt(reference) }
    }

    private static func corrupt(_ reference: HitReference) -> KuaibaoError {
        KuaibaoError(
            .corrupt, "document \(reference.docID) of segment \(reference.segmentID) is no item",
            fix: "run kuaibao check")
    }
}

extension FetchedItem {
    /// - Throws: `corrupt`.
    func item() throws(KuaibaoError) -> StoredItem { try HitComposer.item(stored, reference) }
}
