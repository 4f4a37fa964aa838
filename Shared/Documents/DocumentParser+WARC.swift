// A web archive as one document: the items of all its pages.
//
// Its rendition is the records' pages as UTF-8, one after the other, each under a line with its address. Records that are
// no pages, and pages that cannot be read, are lines of their own: discards with a name, counted in the warnings.

import Messages

extension DocumentParser {
    /// - Throws: `unreadableDocument` where no record can be read; `documentTooLarge` beyond the limits.
    func inspectArchive(_ bytes: [UInt8], _ description: DocumentDescription) throws(DocumentError)
        -> (parsed: ParsedDocument, text: OriginalText)
    {
        var records = WARCRecords(bytes, pageBytes: limits.bytes)
        var whole = ArchivedPages(limits: limits)
        while let record = records.next() {
            let name = record.address ?? "?"
            guard let page = record.page else {
                try whole.add(line: name, as: Remainder(role: .discard, name: "other-record", range: ByteRange(0, 0)))
                continue
            }
            let about = DocumentDescription(
                identity: name, contentType: record.contentType, sourceAddress: record.address, hints: description.hints)
            do {
                let found = try inspect(page, about)
                try whole.add(line: name, as: Remainder(role: .heading, name: "record", range: ByteRange(0, 0)))
                try whole.add(found.parsed, found.text)
            } catch {
                guard error.code != .documentTooLarge || page.count <= limits.bytes else { throw error }
                try whole.add(
                    line: "\(name) \(error.message)",
                    as: Remainder(role: .discard, name: "unreadable-record", range: ByteRange(0, 0)))
            }
        }
        guard whole.recordCount > 0 else {
            throw DocumentError(
                .unreadableDocument, "the web archive has no record that can be read", fix: "send it again, whole")
        }
        return whole.finish(isWhole: records.isAtEnd)
    }
}

/// Collects pages into one parsed document and its rendition.
private struct ArchivedPages {
    private let limits: ParserLimits
    private var text: [UInt8] = []
    private var readable: [Range<Int>] = []
    private var lineStarts = Set<Int>()
    private var items: [Item] = []
    private var remainders: [Remainder] = []
    private var warnings = Set<String>()
    private var replacedSequences = 0
    private(set) var recordCount = 0

    init(limits: ParserLimits) {
        self.limits = limits
    }

    /// Adds a line that is no page.
    mutating func add(line: String, as remainder: Remainder) throws(DocumentError) {
        let bytes = Array(line.utf8.map { $0 < 0x20 ? 0x20 : $0 }) + [0x0A]
        try check(bytes.count)
        var remainder = remainder
        remainder.range = ByteRange(text.count, text.count + bytes.count)
        if remainder.role == .discard { warnings.insert(remainder.name + "s") }
        lineStarts.insert(text.count)
        readable.append(text.count..<(text.count + bytes.count - 1))
        text += bytes
        remainders.append(remainder)
        recordCount += 1
    }

    /// Adds what was made of a page.
    mutating func add(_ parsed: ParsedDocument, _ page: OriginalText) throws(DocumentError) {
        try check(page.bytes.count + 1)
        let start = text.count
        func moved(_ range: ByteRange) -> ByteRange {
            let found = page.range(of: range)
            return ByteRange(found.lowerBound + start, found.upperBound + start)
        }
        for item in parsed.items {
            let place = moved(item.range)
            guard place.lower < place.upper else { continue }
            guard items.count < limits.items else {
                warnings.insert("items-beyond-limit")
                remainders.append(Remainder(role: .discard, name: "beyond-limit", range: place))
                continue
            }
            var item = item.moved(by: moved)
            item.ordinal = items.count
            items.append(item)
        }
        for remainder in parsed.remainders {
            let place = moved(remainder.range)
            guard place.lower < place.upper else { continue }
            remainders.append(Remainder(role: remainder.role, name: remainder.name, range: place))
        }
        readable += page.readable.map { ($0.lowerBound + start)..<($0.upperBound + start) }
        lineStarts.formUnion(page.lineStarts.map { $0 + start })
        text += page.bytes
        // A line feed of ours ends the page, so that the next record starts a line.
        remainders.append(Remainder(role: .discard, name: "blank", range: ByteRange(text.count, text.count + 1)))
        text.append(0x0A)
        replacedSequences += parsed.replacedSequences
        warnings.formUnion(parsed.warnings)
    }

    consuming func finish(isWhole: Bool) -> (parsed: ParsedDocument, text: OriginalText) {
        if !isWhole { warnings.insert("archive-broken") }
        remainders.sort { $0.range.lower < $1.range.lower }
        let parsed = ParsedDocument(
            items: items, remainders: remainders, format: "warc", encoding: "utf-8",
            replacedSequences: replacedSequences, warnings: warnings.sorted())
        return (parsed, OriginalText(rendition: text, readable: readable, lineStarts: lineStarts))
    }

    private func check(_ count: Int) throws(DocumentError) {
        guard text.count + count > limits.bytes else { return }
        throw DocumentError(
            .documentTooLarge, "the pages of the web archive have more than \(limits.bytes) bytes together",
            fix: "add it with kuaibao add, which sends each page by itself")
    }
}

extension Item {
    /// The item with all its places moved.
    fileprivate func moved(by move: (ByteRange) -> ByteRange) -> Item {
        func found<Value>(_ value: Found<Value>) -> Found<Value> {
            var value = value
            value.basis.range = value.basis.range.map(move)
            return value
        }
        var item = self
        item.range = move(range)
        item.published = published.map(found)
        item.department = department.map(found)
        item.events = events.map(found)
        item.sources = sources.map(found)
        for index in item.figures.indices { item.figures[index].range = move(figures[index].range) }
        for index in item.questions.indices { item.questions[index].range = move(questions[index].range) }
        for index in item.repairs.indices { item.repairs[index].range = move(repairs[index].range) }
        return item
    }
}
