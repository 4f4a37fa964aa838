// An open segment: mapped, its structure verified, its bytes read where they lie.

/// A document's number in one segment, 0..<documentCount. Merges change it.
package typealias DocID = UInt32

/// Reads one segment file. Thread-safe: nothing in it changes.
///
/// Opening verifies header, table, footer and lengths, not the sections' bytes; `verifyAll` does that and belongs after
/// every copy. Damaged sections give errors or wrong answers, never a trap or a read outside the mapping.
package final class SegmentReader: Sendable {
    package let segmentID: String
    package let schema: IndexSchema
    package let documentCount: Int
    package let byteCount: Int
    let lengths: [String: FieldLengths]
    let texts: [TextField?]
    let keywords: [KeywordField?]
    let columns: [ColumnReader?]
    let figures: [FigureField?]
    let identity: KeywordField
    let file: SegmentFile
    private let itemOrdinals: FixedColumn
    private let versions: FixedColumn
    let store: DocumentStore

    /// Opens the segment file at `path`. - Complexity: O(fields + sections).
    /// - Throws: `io`, `corrupt`, `formatTooOld`, `formatTooNew`.
    package static func open(path: String) throws(SearchCoreError) -> SegmentReader {
        try SegmentReader(SegmentFile(path: path))
    }

    /// Has the kernel fetch what opening these files reads first, so that many are opened in the time of a few. Files that cannot be
    /// opened are passed over.
    package static func prepare(paths: [String]) { SegmentFile.prepare(paths: paths) }

    private init(_ file: SegmentFile) throws(SearchCoreError) {
        let count = file.documentCount
        let description = try SegmentDescription(
            decoding: try Self.need(file, .description, SystemField.description), documentCount: count)
        var texts: [TextField?] = []
        var keywords: [KeywordField?] = []
        var columns: [ColumnReader?] = []
        var figures: [FigureField?] = []
        for (index, field) in description.schema.fields.enumerated() {
            texts.append(nil)
            keywords.append(nil)
            columns.append(nil)
            figures.append(nil)
            switch field.kind {
            case .text:
                texts[index] = try TextField(
                    file, field: index, lengths: description.lengths[field.name] ?? FieldLengths())
            case .keyword:
                keywords[index] = try KeywordField(file, field: index)
            case .date, .integer, .number, .point, .area:
                columns[index] = try ColumnReader(
                    starts: try file.section(.starts, field: index), values: try Self.need(file, .values, index),
                    documentCount: count, isShifted: false)
            case .figure: figures[index] = try FigureField(file, field: index)
            }
        }
        self.file = file
        segmentID = description.segmentID
        schema = description.schema
        documentCount = count
        byteCount = file.file.count
        lengths = description.lengths
        self.texts = texts
        self.keywords = keywords
        self.columns = columns
        self.figures = figures
        identity = try KeywordField(file, field: SystemField.identity)
        itemOrdinals = try FixedColumn(try Self.need(file, .values, SystemField.itemOrdinal), expectedCount: count)
        versions = try FixedColumn(try Self.need(file, .values, SystemField.version), expectedCount: count)
        store = try DocumentStore(try Self.need(file, .store, SystemField.store), documentCount: count)
    }

    /// Verifies every byte of the file. - Complexity: O(byteCount).
    package func verifyAll() throws(SearchCoreError) {
        try file.verifyAll()
    }

    /// The items of a document in this segment, ascending; deleted ones included.
    package func documents(withID documentID: String) throws(SearchCoreError) -> [DocID] {
        try identity.documents(KeywordTerm.key(documentID))
    }

    /// The items of a document whose version is below `version`: what a newer version or a removal deletes.
    package func documents(withID documentID: String, olderThan version: Int64) throws(SearchCoreError) -> [DocID] {
        try documents(withID: documentID).filter { self.version(of: $0) < version }
    }

    /// - Precondition: `document` is below `documentCount`.
    package func version(of document: DocID) -> Int64 { versions[Int(document)] }

    /// - Precondition: `document` is below `documentCount`.
    package func itemOrdinal(of document: DocID) -> UInt32 {
        UInt32(truncatingIfNeeded: itemOrdinals[Int(document)])
    }

    /// The documentID of a document. - Throws: `corrupt`.
    package func documentID(of document: DocID) throws(SearchCoreError) -> String {
        guard Int(document) < documentCount else {
            throw SearchCoreError(.corrupt, "there is no document \(document) among \(documentCount)")
        }
        return KeywordTerm.value(try identity.dictionary.term(at: identityOrdinal(of: document)))
    }

    /// The rank of a document's documentID among those of this segment.
    @inline(__always)
    func identityOrdinal(of document: DocID) -> Int {
        var ordinal: Int64 = -1
        identity.column.forEach(document) { ordinal = $0 }
        return Int(ordinal)
    }

    /// The stored bytes of a document. - Throws: `corrupt`.
    package func stored(_ document: DocID) throws(SearchCoreError) -> [UInt8] {
        try store.read(Int(document))
    }

    /// The live documents after removing those that a newer version in this same segment supersedes, or nil when there
    /// are none such. - Complexity: O(documentCount).
    package func liveDocsWithinSegment() throws(SearchCoreError) -> LiveDocs? {
        var newest: [Int: Int64] = [:]
        for document in 0..<UInt32(documentCount) {
            let ordinal = identityOrdinal(of: document)
            newest[ordinal] = max(newest[ordinal] ?? Int64.min, version(of: document))
        }
        var live = LiveDocs(documentCount: documentCount)
        for document in 0..<UInt32(documentCount)
        where version(of: document) < newest[identityOrdinal(of: document)] ?? Int64.min {
            live.delete(document)
        }
        return live.deletedCount > 0 ? live : nil
    }

    static func need(
        _ file: SegmentFile, _ kind: SectionKind, _ field: Int
    ) throws(SearchCoreError) -> ByteView {
        guard let section = try file.section(kind, field: field) else {
            throw SearchCoreError(.corrupt, "\(file.path): section \(kind.rawValue) of field \(field) is missing")
        }
        return section
    }
}

/// A text field of a segment.
struct TextField: Sendable {
    let dictionary: TermDictionary
    let postings: ByteView
    /// One byte a document.
    let norms: ByteView
    let lengths: FieldLengths
    let documentCount: Int

    init(_ file: SegmentFile, field: Int, lengths: FieldLengths) throws(SearchCoreError) {
        dictionary = try TermDictionary(try SegmentReader.need(file, .terms, field), detail: .positions)
        postings = try SegmentReader.need(file, .postings, field)
        let section = try SegmentReader.need(file, .norms, field)
        norms = try section.slice(0, section.count - SegmentFormat.sectionPadding)
        guard norms.count == file.documentCount else {
            throw SearchCoreError(.corrupt, "\(norms.count) norms for \(file.documentCount) documents")
        }
        self.lengths = lengths
        documentCount = file.documentCount
    }

    /// The posting list of a dictionary key, or nil.
    func list(_ key: [UInt8]) throws(SearchCoreError) -> PostingList? {
        guard let found = try dictionary.find(key) else { return nil }
        return try list(found.info)
    }

    func list(_ info: TermInfo) throws(SearchCoreError) -> PostingList {
        try PostingList(info: info, detail: .positions, section: postings, documentCount: documentCount)
    }
}

/// A keyword field of a segment: value -> documents by its dictionary, document -> ordinals by its column.
struct KeywordField: Sendable {
    let dictionary: TermDictionary
    let postings: ByteView
    let column: ColumnReader
    let documentCount: Int

    init(_ file: SegmentFile, field: Int) throws(SearchCoreError) {
        dictionary = try TermDictionary(try SegmentReader.need(file, .terms, field), detail: .documents)
        postings = try SegmentReader.need(file, .postings, field)
        column = try ColumnReader(
            starts: try file.section(.starts, field: field), values: try SegmentReader.need(file, .values, field),
            documentCount: file.documentCount, isShifted: true)
        documentCount = file.documentCount
    }

    func list(_ key: [UInt8]) throws(SearchCoreError) -> PostingList? {
        guard let found = try dictionary.find(key) else { return nil }
        return try list(found.info)
    }

    func list(_ info: TermInfo) throws(SearchCoreError) -> PostingList {
        try PostingList(info: info, detail: .documents, section: postings, documentCount: documentCount)
    }

    /// The lists of all spellings of a folded key. A document may be in several.
    func spellings(_ folded: [UInt8]) throws(SearchCoreError) -> [PostingList] {
        let start = try dictionary.lowerBound(folded).ordinal
        guard start < dictionary.termCount else { return [] }
        var lists: [PostingList] = []
        var terms = try dictionary.iterate(from: start)
        while try terms.next(), KeywordTerm.isSpelling(terms.term, of: folded) { lists.append(try list(terms.info)) }
        return lists
    }

    /// All documents with the key, ascending.
    func documents(_ key: [UInt8]) throws(SearchCoreError) -> [DocID] {
        guard let list = try list(key) else { return [] }
        let arena = ScratchArena()
        var cursor = PostingCursor(list, arena: arena)
        var result: [DocID] = []
        while cursor.document != endOfList {
            result.append(cursor.document)
            cursor.next()
        }
        guard !cursor.isCorrupt else { throw SearchCoreError(.corrupt, "a posting list of a keyword field is damaged") }
        return withExtendedLifetime(arena) { result }
    }
}
