// One part of a Word document: its paragraphs and tables, in order.

import Messages

/// Reads the text of a part.
struct DOCXBody {
    /// What the part is: text, or the frame of every page.
    enum Kind { case body, frame }

    private struct Paragraph {
        var text: [UInt8] = []
        var level: UInt8 = 0
        var isListItem = false
        var isIndented = false
        /// Bytes of the text that are set in bold.
        var boldBytes = 0
    }

    private var tokens: MarkupTokenizer
    private let styles: DOCXStyles
    private let kind: Kind
    /// Paragraphs around the present one: a text box stands inside of one.
    private var outer: [Paragraph] = []
    private var paragraph: Paragraph?
    /// Cells of the present row, and how deep in tables it is.
    private var row: [[UInt8]] = []
    private var tableDepth = 0
    private var isBold = false
    private var isHidden = false
    private var isText = false
    /// Elements deeper than this are read as if they were not there.
    private static let deepest = 64

    static func read(_ xml: [UInt8], _ styles: DOCXStyles, into builder: inout RenditionBuilder, as kind: Kind)
        throws(DocumentError)
    {
        var body = DOCXBody(tokens: MarkupTokenizer(xml, 0..<xml.count), styles: styles, kind: kind)
        try body.read(into: &builder)
    }

    private init(tokens: MarkupTokenizer, styles: DOCXStyles, kind: Kind) {
        self.tokens = tokens
        self.styles = styles
        self.kind = kind
    }

    private mutating func read(into builder: inout RenditionBuilder) throws(DocumentError) {
        while let token = tokens.next() {
            switch token {
            case .start(let tag): try start(tag, &builder)
            case .end(let name): try end(name, &builder)
            case .text(let range): if isText { append(range, isLiteral: false) }
            case .literal(let range): if isText { append(range, isLiteral: true) }
            case .other: break
            }
        }
        // A part that was cut off ends what is open.
        while paragraph != nil { try closeParagraph(&builder) }
        try closeRow(&builder)
    }

    private mutating func start(_ tag: MarkupTokenizer.Tag, _ builder: inout RenditionBuilder) throws(DocumentError) {
        switch tag.name {
        case "w:p":
            if tag.isSelfClosing { return }
            if let paragraph, outer.count < Self.deepest { outer.append(paragraph) }
            paragraph = Paragraph()
        case "w:tbl": tableDepth += 1
        case "w:tr": if tableDepth == 1 { row = [] }
        case "w:tc": if tableDepth == 1 { row.append([]) }
        case "w:r": (isBold, isHidden) = (false, false)
        case "w:b": isBold = isOn(tag)
        case "w:vanish": isHidden = isOn(tag)
        case "w:t": isText = !tag.isSelfClosing && !isHidden
        case "w:tab": if !isHidden { paragraph?.text.append(0x09) }
        case "w:br", "w:cr": try breakLine(&builder)
        case "w:nobreakhyphen": paragraph?.text.append(0x2D)
        case "w:pstyle":
            if let id = tokens.attribute("w:val", of: tag), let level = styles.levels[id] { paragraph?.level = level }
        case "w:outlinelvl":
            if let level = tokens.attribute("w:val", of: tag).flatMap(UInt8.init), level < 9 { paragraph?.level = level + 1 }
        case "w:numpr": paragraph?.isListItem = true
        case "w:ind": paragraph?.isIndented = tokens.attribute("w:firstlinechars", of: tag) != nil
        // Field codes, deleted text, and the older form of a drawing that stands there twice.
        case "w:instrtext", "w:deltext", "mc:fallback":
            if !tag.isSelfClosing { tokens.skipRawText(of: tag.name) }
        default: break
        }
    }

    private mutating func end(_ name: String, _ builder: inout RenditionBuilder) throws(DocumentError) {
        switch name {
        case "w:t": isText = false
        case "w:p": try closeParagraph(&builder)
        case "w:tr": if tableDepth == 1 { try closeRow(&builder) }
        case "w:tbl": tableDepth = max(0, tableDepth - 1)
        default: break
        }
    }

    private mutating func append(_ range: Range<Int>, isLiteral: Bool) {
        let before = paragraph?.text.count ?? 0
        var index = range.lowerBound
        while index < range.upperBound {
            if !isLiteral, tokens.source[index] == 0x26,
                let value = CharacterReference.read(tokens.source, at: index, before: range.upperBound)
            {
                paragraph?.text += value.bytes
                index += value.length
            } else {
                paragraph?.text.append(tokens.source[index])
                index += 1
            }
        }
        let added = (paragraph?.text.count ?? 0) - before
        if isBold { paragraph?.boldBytes += added }
    }

    /// A line break inside of a paragraph starts a new line with the same look.
    private mutating func breakLine(_ builder: inout RenditionBuilder) throws(DocumentError) {
        guard var next = paragraph, tableDepth == 0, outer.isEmpty else {
            paragraph?.text.append(0x20)
            return
        }
        try add(next, &builder)
        next.text = []
        next.boldBytes = 0
        paragraph = next
    }

    private mutating func closeParagraph(_ builder: inout RenditionBuilder) throws(DocumentError) {
        guard let closed = paragraph else { return }
        paragraph = outer.popLast()
        if tableDepth > 0, !row.isEmpty {
            if row[row.count - 1].isEmpty == false, !closed.text.isEmpty { row[row.count - 1].append(0x20) }
            row[row.count - 1] += closed.text
        } else {
            try add(closed, &builder)
        }
    }

    private mutating func closeRow(_ builder: inout RenditionBuilder) throws(DocumentError) {
        let cells = row.map { cell in cell.map { $0 == 0x09 ? 0x20 : $0 } }
        row = []
        guard cells.contains(where: { !$0.isEmpty }) else { return }
        let text = Array(cells.joined(separator: [0x09]))
        try builder.add(text, RenditionBuilder.Style(role: kind == .frame ? .discard : .row))
    }

    private func add(_ paragraph: Paragraph, _ builder: inout RenditionBuilder) throws(DocumentError) {
        var style = RenditionBuilder.Style(isIndented: paragraph.isIndented)
        if paragraph.level > 0 {
            style.role = .heading
            style.level = min(paragraph.level, 6)
        } else if paragraph.isListItem {
            style.role = .listItem
            style.level = 1
        }
        if kind == .frame { style.role = .discard }
        style.isBold = paragraph.boldBytes > 0 && paragraph.boldBytes * 10 >= paragraph.text.count * 9
        try builder.add(paragraph.text, style)
    }

    /// Whether a property without a value, or with one that is not false, is on.
    private func isOn(_ tag: MarkupTokenizer.Tag) -> Bool {
        let value = tokens.attribute("w:val", of: tag)
        return value != "0" && value != "false" && value != "off"
    }
}
