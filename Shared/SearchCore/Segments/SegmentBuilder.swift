// Builds one immutable segment: documents are analysed as they arrive and held inverted until `write`.

package import Analysis
import Geography
import Messages

/// What was written.
package struct SegmentSummary: Codable, Sendable, Hashable {
    package var segmentID: String
    package var documentCount: Int
    package var byteCount: Int
    /// CRC-32C of the whole file.
    package var checksum: UInt32

    package init(segmentID: String, documentCount: Int, byteCount: Int, checksum: UInt32) {
        self.segmentID = segmentID
        self.documentCount = documentCount
        self.byteCount = byteCount
        self.checksum = checksum
    }
}

/// Gathers documents of one segment. Not thread-safe: one builder belongs to one worker.
package struct SegmentBuilder {
    private let schema: IndexSchema
    private let analyzer: Analyzer
    private var fields: [FieldBuffer]
    private let identity = TermBuffer(detail: .documents)
    private var identityColumn = ColumnWriter()
    private var itemOrdinals: [Int64] = []
    private var versions: [Int64] = []
    private var store = DocumentStoreWriter()
    private var tokens = TokenBuffer()
    private var textBytes = 0

    /// Longest text of a field, in bytes; a longer one is refused.
    package static let maximumTextBytes = 32 << 20
    /// Longest keyword or documentID, in bytes.
    package static let maximumKeywordBytes = TermDictionaryFormat.maximumTermBytes - 1
    /// Values of one keyword or number field in one document.
    package static let maximumValues = 10_000
    /// Keys of near-duplicates of one document, and bytes of one.
    package static let maximumNearKeys = 32
    package static let maximumNearKeyBytes = 16
    /// Figures of one document.
    package static let maximumFigures = 1 << 20
    /// Terms between asking for memory and reading it.
    private static let prefetchDistance = 8

    package init(schema: IndexSchema, analyzer: Analyzer = Analyzer()) {
        self.schema = schema
        self.analyzer = analyzer
        fields = schema.fields.map { FieldBuffer($0.kind) }
    }

    package var documentCount: Int { versions.count }

    /// Bytes of memory held, about; flush when it passes the budget.
    package var approximateBytes: Int {
        fields.reduce(store.approximateBytes + identity.approximateBytes + versions.count * 32) {
            $0 + $1.approximateBytes
        }
    }

    /// True when the builder can take no more documents, whatever the budget.
    package var isFull: Bool {
        versions.count >= SegmentFormat.maximumDocuments || fields.contains { $0.isNearlyFull } || identity.isNearlyFull
    }

    /// Adds a document. Nothing is kept of one that is refused.
    /// - Throws: `invalidDocument`: a field that the schema lacks or of another kind, a value beyond a limit, a full builder.
    package mutating func add(_ document: IndexDocument) throws(SearchCoreError) {
        guard !isFull else {
            throw SearchCoreError(.invalidDocument, "the segment is full; write it and begin another")
        }
        try check(document)
        let number = UInt32(versions.count)
        try store.add(document.stored)
        identityColumn.add([Int64(addKeyword(document.documentID, to: identity, document: number))])
        for key in document.nearKeys { _ = identity.add(term: key, tier: KeywordTerm.nearTier, document: number) }
        itemOrdinals.append(Int64(document.itemOrdinal))
        versions.append(document.version)
        for (index, field) in schema.fields.enumerated() {
            switch (field.kind, document.fields[field.name]) {
            case (.text, .text(let text)):
                let norm = addText(Array(text.utf8), to: fields[index].terms, document: number)
                fields[index].norms.append(norm)
            case (.text, .textBytes(let bytes)):
                let norm = addText(bytes, to: fields[index].terms, document: number)
                fields[index].norms.append(norm)
            case (.text, .damagedText(let text, let mended)):
                let norm = addText(Array(text.utf8), mended: Array(mended.utf8), to: fields[index].terms, document: number)
                fields[index].norms.append(norm)
            case (.text, _):
                fields[index].norms.append(0)
            case (.keyword, .keywords(let values)):
                var numbers: [Int64] = []
                for value in values where !value.isEmpty {
                    let content = KeywordTerm.content(value, analyzer)
                    let term = Int64(
                        fields[index].terms.add(term: content, tier: KeywordTerm.tier, document: number))
                    if !numbers.contains(term) { numbers.append(term) }
                }
                fields[index].column.add(numbers)
            case (.date, .date(let date)):
                fields[index].column.add([PackedDate(date).code])
            case (.date, _):
                fields[index].column.add([0])
            case (.integer, .integers(let values)):
                fields[index].column.add(values)
            case (.number, .numbers(let values)):
                fields[index].column.add(values.map(SortableDouble.encode))
            case (.point, .point(let point)):
                fields[index].column.add(GeoColumn.values(of: point))
            case (.area, .area(let ring)):
                fields[index].column.add(GeoColumn.values(of: ring))
            case (.figure, let value):
                addFigures(value, to: index, document: number)
            default:
                fields[index].column.add([])
            }
        }
    }

    /// Writes the segment durably under `path`, which must not exist.
    /// - Throws: `nameTaken`, `io`, `diskFull`; nothing is left under `path` then.
    package func write(to path: String, segmentID: String) throws(SearchCoreError) -> SegmentSummary {
        let file = try SegmentFileWriter(path: path)
        var lengths: [String: FieldLengths] = [:]
        for (index, field) in schema.fields.enumerated() where field.kind == .text {
            var sum = FieldLengths()
            for norm in fields[index].norms { sum.add(norm: norm) }
            lengths[field.name] = sum
        }
        let description = SegmentDescription(
            segmentID: segmentID, schema: schema, documentCount: documentCount, lengths: lengths)
        try file.section(.description, field: SystemField.description, try description.encode())
        for (index, field) in schema.fields.enumerated() {
            let buffer = fields[index]
            switch field.kind {
            case .text:
                let saturation = Saturation(averageLength: lengths[field.name]?.average ?? 1)
                _ = try Self.writeTerms(
                    buffer.terms, detail: .positions, saturation: saturation, norms: buffer.norms, field: index,
                    to: file)
                try file.section(.norms, field: index, buffer.norms)
            case .keyword:
                try Self.writeKeywords(buffer.terms, buffer.column, field: index, to: file)
            case .date, .integer, .number, .point, .area:
                try buffer.column.writeNumbers(into: file, field: index)
            case .figure:
                let ordinalOf = try Self.writeOrdinals(buffer.terms, field: index, to: file)
                try buffer.figures.write(into: file, field: index, ordinalOf: ordinalOf)
            }
        }
        try Self.writeKeywords(identity, identityColumn, field: SystemField.identity, to: file)
        try file.section(.values, field: SystemField.itemOrdinal, FixedColumn.encode(itemOrdinals))
        try file.section(.values, field: SystemField.version, FixedColumn.encode(versions))
        var store = store
        try file.beginSection()
        try store.finish(into: file)
        try file.endSection(.store, field: SystemField.store)
        let (length, checksum) = try file.finish(documentCount: documentCount)
        return SegmentSummary(
            segmentID: segmentID, documentCount: documentCount, byteCount: length, checksum: checksum)
    }

    // MARK: Adding

    private func check(_ document: IndexDocument) throws(SearchCoreError) {
        let idBytes = document.documentID.utf8.count
        guard idBytes > 0, idBytes <= Self.maximumKeywordBytes else {
            throw SearchCoreError(
                .invalidDocument, "a documentID of \(idBytes) bytes; use 1 to \(Self.maximumKeywordBytes)")
        }
        guard document.nearKeys.count <= Self.maximumNearKeys,
            document.nearKeys.allSatisfy({ (1...Self.maximumNearKeyBytes).contains($0.count) })
        else {
            throw SearchCoreError(
                .invalidDocument,
                "\(document.nearKeys.count) keys of near-duplicates; use at most \(Self.maximumNearKeys) of 1 to \(Self.maximumNearKeyBytes) bytes")
        }
        for (name, value) in document.fields {
            guard let index = schema.index(of: name) else {
                throw SearchCoreError(.invalidDocument, "the schema has no field '\(name)'")
            }
            let problem: String?
            switch (schema.fields[index].kind, value) {
            case (.text, .text(let text)): problem = Self.textProblem(text.utf8.count)
            case (.text, .textBytes(let bytes)): problem = Self.textProblem(bytes.count)
            case (.text, .damagedText(let text, let mended)):
                problem = Self.textProblem(max(text.utf8.count, mended.utf8.count))
            case (.keyword, .keywords(let values)):
                problem = keywordProblem(values)
            case (.integer, .integers(let values)): problem = Self.countProblem(values.count)
            case (.number, .numbers(let values)):
                problem = values.contains(where: \.isNaN) ? "a number that is not one" : Self.countProblem(values.count)
            case (.date, .date): problem = nil
            case (.point, .point(let point)): problem = point.isValid ? nil : "a point that is no place"
            case (.area, .area(let ring)): problem = ShapeTest(.polygon(ring)).problem
            case (.figure, .figures(let figures)):
                problem =
                    figures.count > Self.maximumFigures
                    ? "\(figures.count) figures; at most \(Self.maximumFigures) are kept" : nil
            default: problem = "a value of another kind than \(schema.fields[index].kind.rawValue)"
            }
            if let problem {
                throw SearchCoreError(
                    .invalidDocument, "document '\(document.documentID)', field '\(name)': \(problem)")
            }
        }
    }

    private func keywordProblem(_ values: [String]) -> String? {
        let longest = values.map(\.utf8.count).max() ?? 0
        guard values.count <= Self.maximumValues, longest <= Self.maximumKeywordBytes else {
            return
                "\(values.count) keywords of up to \(longest) bytes; the limits are \(Self.maximumValues) and \(Self.maximumKeywordBytes)"
        }
        // Folding lengthens few values, and none of usual length beyond the dictionary's limit.
        let fold = longest < 512 ? 0 : values.map { KeywordTerm.content($0, analyzer).count }.max() ?? 0
        return fold > Self.maximumKeywordBytes
            ? "a keyword of \(fold) bytes with its folded form; at most \(Self.maximumKeywordBytes) are kept" : nil
    }

    private static func textProblem(_ bytes: Int) -> String? {
        bytes > maximumTextBytes ? "a text of \(bytes) bytes; at most \(maximumTextBytes) are indexed" : nil
    }

    private static func countProblem(_ count: Int) -> String? {
        count > maximumValues ? "\(count) values; at most \(maximumValues) are kept" : nil
    }

    /// - Returns: the norm of the text's length in positions.
    private mutating func addText(_ bytes: [UInt8], to terms: TermBuffer, document: UInt32) -> UInt8 {
        tokens.removeAll()
        analyzer.analyze(bytes, into: &tokens)
        return FieldNorm.encode(terms.add(tokens, document: document))
    }

    /// Adds a text, and of its mended form the terms that differ, where they stand. Both forms have the same characters but
    /// for those that were mended, so both have the same positions; where they should not, the mended form is left out.
    /// - Returns: the norm of the text as it is.
    private mutating func addText(_ bytes: [UInt8], mended: [UInt8], to terms: TermBuffer, document: UInt32) -> UInt8 {
        tokens.removeAll()
        analyzer.analyze(bytes, into: &tokens)
        var other = TokenBuffer()
        analyzer.analyze(mended, into: &other)
        let length = tokens.positionCount
        guard other.positionCount == length else { return FieldNorm.encode(terms.add(tokens, document: document)) }
        _ = terms.add(tokens.merged(with: other), document: document)
        return FieldNorm.encode(length)
    }

    private mutating func addFigures(_ value: FieldValue?, to index: Int, document: UInt32) {
        var rows: [(term: Int64, bounds: ClosedRange<Int64>)] = []
        if case .figures(let figures) = value {
            for figure in figures {
                // An interval without a number, and a bound that is none, can satisfy no condition.
                guard let bounds = FigureTerm.bounds(figure) else { continue }
                let content = FigureTerm.content(figure, analyzer)
                let term = fields[index].terms.add(term: content, tier: KeywordTerm.tier, document: document)
                rows.append((Int64(term), bounds))
            }
        }
        fields[index].figures.add(rows)
    }

    private func addKeyword(_ value: String, to terms: TermBuffer, document: UInt32) -> Int {
        terms.add(term: Array(value.utf8), tier: KeywordTerm.tier, document: document)
    }

    // MARK: Writing

    private static func writeTerms(
        _ terms: TermBuffer, detail: PostingDetail, saturation: Saturation, norms: [UInt8], field: Int,
        to file: SegmentFileWriter
    ) throws(SearchCoreError) -> [UInt32] {
        var dictionary = TermDictionaryWriter(detail: detail)
        var encoder = PostingListEncoder(detail: detail, saturation: saturation)
        let order = terms.sortedNumbers()
        try file.beginSection()
        for (place, number) in order.enumerated() {
            if place + 2 * Self.prefetchDistance < order.count {
                terms.prefetchEntry(order[place + 2 * Self.prefetchDistance])
            }
            if place + Self.prefetchDistance < order.count {
                terms.prefetchPostings(order[place + Self.prefetchDistance])
            }
            terms.replay(Int(number), norms: norms, into: &encoder)
            if let info = try encoder.finish(into: file) { dictionary.add(terms.bytes(of: Int(number)), info) }
        }
        try file.endSection(.postings, field: field)
        try file.section(.terms, field: field, dictionary.encode())
        return order
    }

    private static func writeKeywords(
        _ terms: TermBuffer, _ column: ColumnWriter, field: Int, to file: SegmentFileWriter
    ) throws(SearchCoreError) {
        let ordinalOf = try writeOrdinals(terms, field: field, to: file)
        try column.writeOrdinals(into: file, field: field, ordinalOf: ordinalOf)
    }

    /// Writes the dictionary and lists of a keyword field. - Returns: the ordinal of each term by its number.
    private static func writeOrdinals(
        _ terms: TermBuffer, field: Int, to file: SegmentFileWriter
    ) throws(SearchCoreError) -> [Int64] {
        let order = try writeTerms(
            terms, detail: .documents, saturation: Saturation(averageLength: 1), norms: [], field: field, to: file)
        var ordinalOf = [Int64](repeating: 0, count: order.count)
        for (ordinal, number) in order.enumerated() { ordinalOf[Int(number)] = Int64(ordinal) }
        return ordinalOf
    }
}

/// What a builder holds of one field.
private struct FieldBuffer {
    let terms: TermBuffer
    var norms: [UInt8] = []
    var column = ColumnWriter()
    var figures = FigureWriter()
    let kind: FieldKind

    init(_ kind: FieldKind) {
        self.kind = kind
        terms = TermBuffer(detail: kind == .text ? .positions : .documents)
    }

    var approximateBytes: Int {
        terms.approximateBytes + norms.count + column.approximateBytes + figures.approximateBytes
    }
    var isNearlyFull: Bool { terms.isNearlyFull }
}
