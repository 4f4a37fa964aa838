// From the bytes of a document to dated, sourced items.
//
//     bytes -> EncodingDetector, TextDecoder -> FormatDetector -> a reader -> lines -> ParagraphReader
//           -> Splitter -> drafts -> ItemBuilder -> items -> Flags -> ParsedDocument
//
// A pure function: no file, clock, network or randomness; the same bytes and description give the same result.

import Archives
package import Messages

/// Parses documents.
package struct DocumentParser: Sendable {
    private let dictionaries: Dictionaries
    let limits: ParserLimits
    private let pdf: (any PDFLayoutSource)?

    /// - Parameters:
    ///   - dictionaries: names and clue words.
    ///   - limits: the bounds of input and output.
    ///   - pdf: makes the layout of PDF documents; nil refuses them.
    package init(
        dictionaries: Dictionaries = .standard, limits: ParserLimits = ParserLimits(), pdf: (any PDFLayoutSource)? = nil
    ) {
        self.dictionaries = dictionaries
        self.limits = limits
        self.pdf = pdf
    }

    /// Parses one document.
    ///
    /// The ranges of the items and remainders of the result are sorted, disjoint, and together cover every byte.
    /// - Throws: `emptyDocument` for nothing but white space; `documentTooLarge` beyond the limits on bytes or lines;
    ///   `unreadableDocument` for bytes that are no text; `unsupportedFormat` for a format that is not read.
    /// - Complexity: linear in the number of bytes.
    package func parse(_ bytes: [UInt8], _ description: DocumentDescription) throws(DocumentError) -> ParsedDocument {
        if let unpacked = try archive(bytes) { return try inspectArchive(unpacked, description).parsed }
        return assemble(try reading(of: bytes, description), description)
    }

    /// The same as `parse`, with the text that was read, for showing where everything stands.
    package func inspect(_ bytes: [UInt8], _ description: DocumentDescription) throws(DocumentError)
        -> (parsed: ParsedDocument, text: OriginalText)
    {
        if let unpacked = try archive(bytes) { return try inspectArchive(unpacked, description) }
        let reading = try reading(of: bytes, description)
        return (assemble(reading, description), OriginalText(reading))
    }

    /// The records of a web archive, unpacked; nil for anything else.
    private func archive(_ bytes: [UInt8]) throws(DocumentError) -> [UInt8]? {
        switch BinaryFormat(bytes) {
        case .warc: return bytes
        case .gzip:
            let unpacked: [UInt8]
            do {
                unpacked = try WARCRecords.unpack(bytes, limit: limits.bytes)
            } catch {
                throw DocumentError(error, in: "the packed file")
            }
            if BinaryFormat(unpacked) == .warc { return unpacked }
            throw DocumentError(
                .unsupportedFormat, "the document is a packed file (gzip), not a document",
                fix: "add it with kuaibao add, which unpacks it")
        default: return nil
        }
    }

    private func reading(of bytes: [UInt8], _ description: DocumentDescription) throws(DocumentError) -> Reading {
        guard bytes.count <= limits.bytes else {
            throw DocumentError(
                .documentTooLarge, "the document has \(bytes.count) bytes; at most \(limits.bytes) are taken",
                fix: "split it, or raise the limit on bytes")
        }
        guard bytes.contains(where: { $0 > 0x20 }) else {
            throw DocumentError(.emptyDocument, "the document has no text", fix: "send a document with text in it")
        }
        var reading: Reading
        if let found = try binary(bytes) { reading = found } else { reading = try text(bytes, description) }
        reading.shortYears = ShortYears(text: reading.text)
        applyHints(description, to: &reading)
        guard !reading.lines.isEmpty else {
            throw DocumentError(
                .emptyDocument, "the document has no readable text, only markup or white space",
                fix: "send a document with text in it")
        }
        return reading
    }

    /// The reading of a document that is no text; nil for text.
    private func binary(_ bytes: [UInt8]) throws(DocumentError) -> Reading? {
        switch BinaryFormat(bytes) {
        case nil, .warc, .gzip: return nil
        case .pdf:
            guard let pdf else {
                throw DocumentError(
                    .unsupportedFormat, "the document is PDF, and this parser has no reader of PDF",
                    fix: "install poppler-utils, or convert it to text")
            }
            return try PDFReader.read(try pdf.layout(of: bytes), limits: limits)
        case .zip: return try DOCXReader.read(bytes, limits: limits)
        case .unread(let name, let fix):
            throw DocumentError(.unsupportedFormat, "the document is \(name), which is not read", fix: fix)
        }
    }

    private func text(_ bytes: [UInt8], _ description: DocumentDescription) throws(DocumentError) -> Reading {
        let choice = try EncodingDetector(bytes: bytes, description: description).choose()
        let decoded = try TextDecoder.decode(bytes, from: choice.start, as: choice.encoding, isWhole: choice.isWhole)
        return try read(decoded, description)
    }

    // MARK: Reading

    private func read(_ decoded: DecodedText, _ description: DocumentDescription) throws(DocumentError) -> Reading {
        var start = 0
        var frontMatter: PageMetadata?
        if let found = MetadataReader.frontMatter(decoded.bytes, limits: limits),
            let metadata = MetadataReader.metadata(frontMatter: found.content, end: found.end, in: decoded)
        {
            frontMatter = metadata
            start = found.end
        }
        let format = FormatDetector(text: decoded, description: description).choose(from: start)
        let range = start..<decoded.bytes.count
        // The gateway refuses what is no mapping; here it counts as none.
        let mapping = description.hints[FieldMapping.hint].flatMap { try? FieldMapping($0) } ?? FieldMapping()
        var reading: Reading
        switch format.value {
        case .text:
            let compiled = try CompilationReader.read(decoded, range, limits: limits, dictionaries: dictionaries)
            if let compiled {
                reading = compiled
            } else {
                reading = try PlainTextReader.read(decoded, range, limits: limits)
            }
        case .markdown: reading = try MarkdownReader.read(decoded, range, limits: limits)
        case .html: reading = try HTMLReader.read(decoded, range, limits: limits, dictionaries: dictionaries)
        case .json, .ndjson:
            reading = try readJSON(decoded, range, isLines: format.value == .ndjson, isDeclared: format.isDeclared, mapping: mapping)
        case .csv:
            reading = try CSVReader.read(decoded, range, limits: limits, dictionaries: dictionaries, mapping: mapping)
        // A choice of the detector is always a format of text.
        case .pdf, .docx: reading = try PlainTextReader.read(decoded, range, limits: limits)
        case .feed:
            // Other XML is read as markup.
            let feed = try FeedReader.read(decoded, range, limits: limits, dictionaries: dictionaries)
            if let feed {
                reading = feed
            } else {
                reading = try HTMLReader.read(decoded, range, limits: limits, dictionaries: dictionaries)
            }
        }
        if let frontMatter {
            reading.metadata.frontMatter = frontMatter.frontMatter
            reading.metadata.title = frontMatter.title ?? reading.metadata.title
            reading.metadata.published = frontMatter.published ?? reading.metadata.published
            reading.metadata.outlet = frontMatter.outlet ?? reading.metadata.outlet
        }
        return reading
    }

    /// JSON by its declaration must be JSON; what only looks like it may be text after all.
    private func readJSON(_ decoded: DecodedText, _ range: Range<Int>, isLines: Bool, isDeclared: Bool, mapping: FieldMapping)
        throws(DocumentError) -> Reading
    {
        do {
            return try JSONReader.read(
                decoded, range, isLines: isLines, limits: limits, dictionaries: dictionaries, mapping: mapping)
        } catch  where !isDeclared && error.code == .unreadableDocument {
            return try PlainTextReader.read(decoded, range, limits: limits)
        }
    }

    /// What the caller knows of the document counts more than what its head says.
    private func applyHints(_ description: DocumentDescription, to reading: inout Reading) {
        guard let text = description.hints["published"], let date = TimestampReader.read(text) else { return }
        reading.metadata.published = Found(date, Basis(rule: "hint", certainty: 0.95))
    }

    // MARK: Items

    private func assemble(_ reading: Reading, _ description: DocumentDescription) -> ParsedDocument {
        var paragraphReader = ParagraphReader(reading: reading, dictionaries: dictionaries)
        let context = SplitContext(
            reading: reading, paragraphs: paragraphReader.read(), dictionaries: dictionaries, description: description)
        var split = Splitter(context: context).split()
        limitItems(&split)
        PageFields(context: context).fill(&split)
        let (ranges, remainders) = Cover(reading: reading, paragraphs: context.paragraphs).ranges(split)
        var builder = ItemBuilder(context: context, limits: limits)
        var items: [Item] = []
        var clauses: [ClauseReader] = []
        var leads: [Bool] = []
        items.reserveCapacity(split.drafts.count)
        for (ordinal, draft) in split.drafts.enumerated() {
            let built = builder.item(draft, ordinal: ordinal, range: ranges[ordinal])
            clauses.append(built.clauses)
            leads.append(built.hasLead)
            var item = built.item
            if draft.title.isEmpty, split.drafts.count == 1, let title = reading.metadata.title {
                item.title = title.value
            }
            items.append(item)
        }
        Flags.mark(&items, clauses: clauses, leads: leads, isRecognised: context.paragraphs.isRecognised)
        let warnings = split.warnings + Self.warnings(items)
        return ParsedDocument(
            items: items, remainders: remainders, format: reading.format.rawValue, encoding: reading.decoded.encoding,
            replacedSequences: reading.decoded.replacedSequences, warnings: Array(Set(warnings)).sorted())
    }

    private func limitItems(_ split: inout Split) {
        guard split.drafts.count > limits.items else { return }
        for draft in split.drafts[limits.items...] {
            for index in draft.span { split.marks[index] = Split.Mark(.discard, "beyond-limit") }
        }
        split.drafts.removeSubrange(limits.items...)
        split.warnings.append("items-beyond-limit")
    }

    private static func warnings(_ items: [Item]) -> [String] {
        var warnings: [String] = []
        if items.contains(where: { $0.published == nil }) { warnings.append("no-date") }
        if items.contains(where: { $0.published != nil && $0.published?.value.year == nil }) {
            warnings.append("unknown-year")
        }
        if items.contains(where: { $0.sources.isEmpty }) { warnings.append("no-source") }
        if items.contains(where: { $0.title.isEmpty }) { warnings.append("no-title") }
        if items.isEmpty { warnings.append("no-items") }
        return warnings
    }
}
