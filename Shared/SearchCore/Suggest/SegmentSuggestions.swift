// What one segment can suggest: the titles of its documents, and the values of its keyword fields that are names.
//
// It is made once for a segment's file, deleted documents included; which documents count is said with each call, so that
// neither a deleted document nor one that the asker may not see adds a text or a count.

package import Analysis
import Messages

/// The fields that suggestions are taken from.
package struct SuggestionFields: Codable, Sendable, Hashable {
    /// Keyword fields whose values are names.
    package var names: [String]
    /// The text field that a title's query names; nil where documents have no titles.
    package var title: String?
    /// The field of dates that orders titles, newest first; nil for none.
    package var date: String?

    package init(names: [String], title: String?, date: String?) {
        self.names = names
        self.title = title
        self.date = date
    }

    /// All fields, names first.
    package var all: [String] { names + (title.map { [$0] } ?? []) }

    package static let bulletins = SuggestionFields(
        names: ["department", "source", "district"], title: "title", date: "published")
}

/// The tables of one segment. Shared by concurrent calls.
package final class SegmentSuggestions: Sendable {
    /// Names of one field; further ones, those of fewest documents, are left out.
    private static let nameLimit = 200_000
    /// Names that a call ranks by their visible documents, of those that fit.
    private static let rankedNames = 256
    /// Names that a call gives: more than anybody is shown, so that sums over segments rank well.
    static let shownNames = 64

    private struct Name: Sendable {
        var field: Int
        var info: TermInfo
    }

    private let fields: SuggestionFields
    private let titles: SuggestionTable
    /// By a title's number: its document, the rank of its date, and the date.
    private let documents: [UInt32]
    private let ranks: [Int64]
    private let dates: [Int64]
    private let names: SuggestionTable
    private let nameEntries: [Name]

    /// Bytes of memory, about.
    package let byteCount: Int

    /// - Parameter title: the title in a document's stored bytes; nil or empty for one without.
    /// - Throws: `corrupt`.
    /// - Complexity: O(stored bytes + n log n).
    package init(
        reader: SegmentReader, fields: SuggestionFields = .bulletins, analyzer: Analyzer = Analyzer(),
        title: ([UInt8]) -> String?
    ) throws(SearchCoreError) {
        self.fields = fields
        var rows: [(text: String, document: UInt32, rank: Int64, date: Int64)] = []
        let column = fields.date.flatMap { reader.schema.index(of: $0) }.flatMap { reader.columns[$0] }
        var store = DocumentStoreReader(reader.store)
        let decoder = ZstdDecoder()
        for document in 0..<(fields.title == nil ? 0 : reader.documentCount) {
            guard let text = title(try store.read(document, with: decoder)), !text.isEmpty else { continue }
            var best = (rank: Int64.max, date: Int64(0))
            column?.forEach(UInt32(document)) { code in
                let rank = PackedDate(code: code).rank(descending: true)
                if rank < best.rank { best = (rank, code) }
            }
            rows.append((text, UInt32(document), best.rank, best.date))
        }
        rows.sort { first, second in
            if first.rank != second.rank { return first.rank < second.rank }
            if first.text != second.text { return SuggestionPart.precedes(first.text, second.text) }
            return first.document < second.document
        }
        titles = SuggestionTable(rows.map(\.text), analyzer: analyzer)
        documents = rows.map(\.document)
        ranks = rows.map(\.rank)
        dates = rows.map(\.date)

        var found: [(text: String, entry: Name)] = []
        for (place, name) in fields.names.enumerated() {
            guard let index = reader.schema.index(of: name), let keyword = reader.keywords[index] else { continue }
            var terms = try keyword.dictionary.iterate()
            var seen = 0
            while try terms.next(), seen < Self.nameLimit {
                seen += 1
                found.append((KeywordTerm.value(terms.term), Name(field: place, info: terms.info)))
            }
        }
        found.sort { first, second in
            let (one, other) = (first.entry.info.documentFrequency, second.entry.info.documentFrequency)
            if one != other { return one > other }
            if first.text != second.text { return SuggestionPart.precedes(first.text, second.text) }
            return first.entry.field < second.entry.field
        }
        // Each for itself: 上海市公安局 may be a department and a source, and spellings are added up when parts are merged.
        names = SuggestionTable(found.map(\.text), analyzer: analyzer, partitions: Array(found.indices))
        nameEntries = found.map(\.entry)
        byteCount =
            titles.byteCount + names.byteCount + documents.count * 20
            + nameEntries.count * MemoryLayout<Name>.stride
    }

    /// What fits, of the documents that are visible.
    ///
    /// - Parameters:
    ///   - limit: titles at most.
    ///   - visible: the documents that count; nil for all.
    ///   - wanted: the fields to suggest from; nil for all.
    /// - Throws: `corrupt`.
    package func part(
        for typed: TypedText, limit: Int, reader: SegmentReader, visible: LiveDocs?, wanted: Set<String>? = nil
    ) throws(SearchCoreError) -> SuggestionPart {
        var result = SuggestionPart()
        if let title = fields.title, wanted?.contains(title) ?? true {
            let found = titles.matches(typed, limit: limit) { number in
                visible?.isLive(documents[Int(number)]) ?? true
            }
            result.titles = found.map { number, match in
                SuggestionPart.Title(
                    text: titles.text(number), match: match, rank: ranks[Int(number)],
                    date: PackedDate(code: dates[Int(number)]).text)
            }
        }
        var failure: SearchCoreError?
        let found = names.matches(typed, limit: visible == nil ? Self.shownNames : Self.rankedNames) { number in
            let entry = nameEntries[Int(number)]
            guard wanted?.contains(fields.names[entry.field]) ?? true else { return false }
            guard let visible else { return true }
            do throws(SearchCoreError) {
                return try count(entry, reader, visible, atMost: 1) > 0
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        for (number, match) in found {
            let entry = nameEntries[Int(number)]
            var documentCount = entry.info.documentFrequency
            if let visible { documentCount = try count(entry, reader, visible, atMost: .max) }
            result.names.append(
                SuggestionPart.Name(
                    text: names.text(number), field: fields.names[entry.field], match: match, count: documentCount))
        }
        result.names.sort(by: SuggestionPart.precedes)
        result.names = Array(result.names.prefix(Self.shownNames))
        return result
    }

    /// The visible documents that have a name; counting ends at `atMost`.
    private func count(
        _ entry: Name, _ reader: SegmentReader, _ visible: LiveDocs, atMost: Int
    ) throws(SearchCoreError) -> Int {
        guard let index = reader.schema.index(of: fields.names[entry.field]), let keyword = reader.keywords[index]
        else {
            return 0
        }
        let arena = ScratchArena()
        var cursor = PostingCursor(try keyword.list(entry.info), arena: arena)
        var count = 0
        while cursor.document != endOfList, count < atMost {
            if visible.isLive(cursor.document) { count += 1 }
            cursor.next()
        }
        guard !cursor.isCorrupt else { throw SearchCoreError(.corrupt, "a posting list of a keyword field is damaged") }
        return withExtendedLifetime(arena) { count }
    }
}
