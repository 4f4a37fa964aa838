// Markup as lines of readable text.
//
// Definitions. An element is *open* from its start tag until an end tag of its name or of an element that encloses it.
// A *block* element starts and ends a line; a cell puts a tab between it and the cell before it in its row. Elements
// are *silent* (their text is never shown: script, style, hidden ones) or *marginal* (navigation, editor's lines; their
// lines are kept and numbered, so that the reader can discard them). The stack of open elements is bounded; elements beyond it are read as if closed.
//
// Invariants: (1) a line's source range spans its first to its last byte of text; (2) lines rise and are disjoint;
// (3) `nodes[i].parent < i`.

/// A line and the element that holds it.
struct MarkupLine {
    var line: Line
    /// Index into `MarkupBlocks.nodes` of the innermost block that holds the line.
    var node: Int
    /// Bytes of its text that stand in links.
    var linkBytes: Int
    /// The number of the outermost marginal element around it; nil where there is none.
    var marginal: Int?
}

/// Turns markup into lines.
struct MarkupBlocks {
    /// A block element that holds lines.
    struct Node {
        var parent: Int
    }

    private(set) var lines: [MarkupLine] = []
    private(set) var nodes: [Node] = [Node(parent: -1)]
    private(set) var text: ReadableText
    /// The text of `<title>`, and `<meta>` contents by lower-case name.
    private(set) var title: Range<Int>?
    private(set) var meta: [(name: String, content: String, place: Range<Int>)] = []

    private struct Open {
        var name: String
        var isBlock: Bool
        /// Index into `nodes`; assigned when the first line needs it.
        var node: Int?
        /// True after its first line; later lines of a list item are no items of their own.
        var hasLine = false
        /// Of a row: how many of its cells have started, how many of them are header cells, its first line, its number.
        var cells = 0
        var headers = 0
        var firstLine = 0
        var number: Int32 = 0
        /// Of a table: what its columns are, where its header names columns of bulletins.
        var columns: [RecordField] = []
    }

    private let source: [UInt8]
    private let limits: ParserLimits
    private var open: [Open] = []
    private var silentDepth: Int?
    private var marginalDepth: Int?
    /// Marginal elements so far.
    private(set) var marginalCount = 0
    private var linkDepth = 0
    private var boldDepth = 0
    private var line: Line?
    private var lineLinkBytes = 0
    private var boldBytes = 0
    /// Where the bold stretch ends that the line starts with; nil where it has ended before, or where none does.
    private var boldEnd: Int?
    private var startsBold = true
    private var pendingSpace = false
    private var pendingTab = false
    private var preservedDepth = 0
    /// Rows so far of tables whose columns are fields.
    private var rowCount: Int32 = 0

    /// Appends readable text to `text`, so that several blocks of one document can share one buffer.
    init(source: [UInt8], limits: ParserLimits, text: ReadableText = ReadableText()) {
        self.source = source
        self.limits = limits
        self.text = text
    }

    /// Reads a stretch of markup.
    /// - Throws: `documentTooLarge` for more lines than the limits allow.
    mutating func read(_ range: Range<Int>) throws(DocumentError) {
        var tokens = MarkupTokenizer(source, range)
        while let token = tokens.next() {
            switch token {
            case .text(let place): addText(place, hasReferences: true)
            case .literal(let place): addText(place, hasReferences: false)
            case .start(let tag): start(tag, &tokens)
            case .end(let name): close(name)
            case .other: break
            }
            try PlainTextReader.check(lines.count, limits)
        }
        endLine()
    }

    // MARK: Elements

    private mutating func start(_ tag: MarkupTokenizer.Tag, _ tokens: inout MarkupTokenizer) {
        let name = tag.name
        let isBlock = MarkupNames.blocks.contains(name)
        if isBlock {
            endLine()
            closeImplied(by: name)
        }
        if name == "br" {
            endLine()
            return
        }
        if MarkupNames.cells.contains(name) {
            closeImplied(by: name)
            startCell(isHeader: name == "th")
        }
        if name == "meta" { noteMeta(tag, tokens) }
        if MarkupNames.raw.contains(name) {
            if !tag.isSelfClosing { tokens.skipRawText(of: name) }
            return
        }
        if name == "title", silentDepth == nil || open.contains(where: { $0.name == "head" }), title == nil {
            let start = tokens.offset
            tokens.skipRawText(of: name)
            title = start..<tokens.offset
            return
        }
        if name == "img" || name == "hr" || MarkupNames.void.contains(name) || tag.isSelfClosing { return }
        guard open.count < limits.nestingDepth else { return }
        open.append(Open(name: name, isBlock: isBlock || MarkupNames.cells.contains(name), firstLine: lines.count))
        noteKind(tag, tokens)
    }

    /// Notes a cell of the innermost row. A cell puts a tab after the one before it; in a table of bulletins, whose columns
    /// are fields, it starts a line.
    private mutating func startCell(isHeader: Bool) {
        guard let row = open.lastIndex(where: { $0.name == "tr" }) else { return }
        if columns(ofRow: row).isEmpty {
            if line != nil { pendingTab = true }
        } else {
            endLine()
            if open[row].number == 0 {
                rowCount += 1
                open[row].number = rowCount
            }
        }
        open[row].cells += 1
        if isHeader { open[row].headers += 1 }
    }

    /// What the columns of the table are that holds the row at `row` of `open`; empty for most tables.
    private func columns(ofRow row: Int) -> [RecordField] {
        open[..<row].last { $0.name == "table" }?.columns ?? []
    }

    /// Takes the columns of a table from its first row of header cells, where it names a title and one more field.
    private mutating func noteColumns(ofRow row: Open) {
        guard row.headers >= 2, row.headers == row.cells, lines.count == row.firstLine + 1, let header = lines.last,
            let table = open.lastIndex(where: { $0.name == "table" }), open[table].columns.isEmpty
        else { return }
        let names = text.bytes[header.line.text].split(separator: 0x09)
        let columns = names.map { RecordField(name: String(decoding: $0, as: UTF8.self)) }
        guard columns.count == row.cells, columns.count(where: { $0 == .title }) == 1,
            columns.contains(where: { $0 != .title && $0 != .other })
        else { return }
        open[table].columns = columns
    }

    private mutating func noteKind(_ tag: MarkupTokenizer.Tag, _ tokens: MarkupTokenizer) {
        switch tag.name {
        case "a": linkDepth += 1
        case "b", "strong": boldDepth += 1
        case "pre", "textarea": preservedDepth += 1
        default: break
        }
        guard silentDepth == nil else { return }
        if MarkupNames.silent.contains(tag.name) || isHidden(tag, tokens) {
            silentDepth = open.count
        } else if marginalDepth == nil, MarkupNames.isMarginal(tag, tokens) {
            marginalDepth = open.count
            marginalCount += 1
        }
    }

    private func isHidden(_ tag: MarkupTokenizer.Tag, _ tokens: MarkupTokenizer) -> Bool {
        guard !tag.attributes.isEmpty, mayHide(tag.attributes) else { return false }
        if tokens.attribute("hidden", of: tag) != nil { return true }
        guard let style = tokens.attribute("style", of: tag)?.lowercased().filter({ $0 != " " }) else { return false }
        return style.contains("display:none") || style.contains("visibility:hidden")
    }

    /// Whether attributes hold `hidden` or `none`, by two letters of each; spares most tags the reading of their style.
    private func mayHide(_ attributes: Range<Int>) -> Bool {
        var index = attributes.lowerBound
        while index + 3 < attributes.upperBound {
            let (first, second) = (source[index] | 0x20, source[index + 1] | 0x20)
            // d d, n o
            if first == 0x64 && second == 0x64 || first == 0x6E && second == 0x6F { return true }
            index += 1
        }
        return false
    }

    private mutating func noteMeta(_ tag: MarkupTokenizer.Tag, _ tokens: MarkupTokenizer) {
        guard meta.count < 256 else { return }
        let name = tokens.attribute("name", of: tag) ?? tokens.attribute("property", of: tag)
        guard let name, let content = tokens.attribute("content", of: tag) else { return }
        meta.append((name.lowercased(), content, tag.attributes))
    }

    private mutating func close(_ name: String) {
        if MarkupNames.blocks.contains(name) { endLine() }
        guard let index = open.lastIndex(where: { $0.name == name }) else { return }
        while open.count > index { popElement() }
    }

    private mutating func popElement() {
        let closed = open.removeLast()
        if closed.isBlock, !MarkupNames.cells.contains(closed.name) {
            endLine()
            if closed.headers > 0 { noteColumns(ofRow: closed) }
        }
        switch closed.name {
        case "a": linkDepth -= 1
        case "b", "strong": boldDepth -= 1
        case "pre", "textarea": preservedDepth -= 1
        default: break
        }
        if let depth = silentDepth, open.count < depth { silentDepth = nil }
        if let depth = marginalDepth, open.count < depth { marginalDepth = nil }
    }

    /// Closes what a start tag closes without an end tag: `<p>` before a block, `<li>` before `<li>`, cells and rows.
    private mutating func closeImplied(by name: String) {
        guard let closed = MarkupNames.closedBy[name] ?? (MarkupNames.blocks.contains(name) ? ["p"] : nil) else {
            return
        }
        // Only the innermost elements: an enclosing list or table ends the search.
        for index in open.indices.reversed() {
            if closed.contains(open[index].name) {
                while open.count > index { popElement() }
                return
            }
            if MarkupNames.scopes.contains(open[index].name) { return }
        }
    }

    // MARK: Text

    private mutating func addText(_ place: Range<Int>, hasReferences: Bool) {
        guard silentDepth == nil else { return }
        var copied = place.lowerBound
        var index = place.lowerBound
        while index < place.upperBound {
            let byte = source[index]
            if MarkupTokenizer.isSpace(byte) {
                copyText(copied..<index)
                if preservedDepth > 0, byte == 0x0A { endLine() }
                pendingSpace = true
                index += 1
                copied = index
            } else if byte == 0x26, hasReferences,
                let value = CharacterReference.read(source, at: index, before: place.upperBound)
            {
                copyText(copied..<index)
                addReplacement(value, at: index)
                index += value.length
                copied = index
            } else {
                index += 1
            }
        }
        copyText(copied..<place.upperBound)
    }

    private mutating func copyText(_ place: Range<Int>) {
        guard !place.isEmpty else { return }
        prepareLine(at: place)
        text.copy(source, place)
        note(place.count, end: place.upperBound)
    }

    private mutating func addReplacement(_ value: CharacterReference.Value, at index: Int) {
        let place = index..<(index + value.length)
        prepareLine(at: place)
        text.append(value.bytes, standingFor: place)
        note(value.bytes.count, end: place.upperBound)
    }

    private mutating func prepareLine(at place: Range<Int>) {
        if line == nil {
            line = Line(
                sourceStart: Int32(place.lowerBound), sourceEnd: 0, textStart: Int32(text.count), textEnd: 0,
                role: .text)
            lineLinkBytes = 0
            boldBytes = 0
            (boldEnd, startsBold) = (nil, true)
        } else if pendingTab {
            text.append([0x09], standingFor: place.lowerBound..<place.lowerBound)
        } else if pendingSpace {
            text.append([0x20], standingFor: place.lowerBound..<place.lowerBound)
        }
        pendingSpace = false
        pendingTab = false
    }

    private mutating func note(_ count: Int, end: Int) {
        if linkDepth > 0 { lineLinkBytes += count }
        if boldDepth > 0 {
            boldBytes += count
            if startsBold { boldEnd = text.count }
        } else if startsBold, count > 12 || !LineScanner.trim(text.bytes, (text.count - count)..<text.count).range.isEmpty {
            startsBold = false
        }
        line?.sourceEnd = Int32(end)
    }

    private mutating func endLine() {
        pendingSpace = false
        pendingTab = false
        guard var ended = line else { return }
        line = nil
        let written = Int(ended.textStart)..<text.count
        let (trimmed, indent) = LineScanner.trim(text.bytes, written)
        guard !trimmed.isEmpty else { return }
        ended.textStart = Int32(trimmed.lowerBound)
        ended.textEnd = Int32(trimmed.upperBound)
        ended.isIndented = indent >= 2
        ended.isBold = boldBytes * 10 >= trimmed.count * 9
        if let boldEnd, !ended.isBold, boldEnd > trimmed.lowerBound {
            ended.boldLead = UInt16(clamping: min(boldEnd, trimmed.upperBound) - trimmed.lowerBound)
        }
        ended.isLink = lineLinkBytes * 10 >= trimmed.count * 9
        ended.blankLinesBefore = 1
        classify(&ended)
        let marginal = marginalDepth == nil ? nil : marginalCount - 1
        lines.append(MarkupLine(line: ended, node: innermostNode(), linkBytes: lineLinkBytes, marginal: marginal))
    }

    private mutating func classify(_ line: inout Line) {
        for index in open.indices.reversed() {
            let element = open[index]
            if let level = MarkupNames.headingLevel(element.name) {
                line.role = .heading
                line.level = level
                return
            }
            if element.name == "li" {
                if !element.hasLine { line.role = .listItem }
                open[index].hasLine = true
                return
            }
            if element.name == "tr" {
                let columns = columns(ofRow: index)
                if element.number > 0, element.cells >= 1, element.cells <= columns.count {
                    line.row = element.number
                    line.column = columns[element.cells - 1]
                }
                line.role = text.bytes[Int(line.textStart)..<Int(line.textEnd)].contains(0x09) ? .row : .text
                return
            }
            let isInline =
                !element.isBlock || element.name == "p" || element.name == "div"
                || MarkupNames.cells.contains(element.name)
            if !isInline { break }
        }
        if ListMarker.isBullet(text.bytes, line.text) { line.role = .listItem }
    }

    private mutating func innermostNode() -> Int {
        var parent = 0
        for index in open.indices where open[index].isBlock {
            if open[index].node == nil {
                nodes.append(Node(parent: parent))
                open[index].node = nodes.count - 1
            }
            parent = open[index].node ?? parent
        }
        return parent
    }
}
