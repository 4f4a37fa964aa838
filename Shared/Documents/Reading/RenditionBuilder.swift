// Text made from a document that has none of its own, such as PDF and DOCX: its rendition.
//
// The rendition is UTF-8, one line or block of the document a line; a form feed starts each new page. It takes the place
// of the original: all ranges of items, fields and discards count its bytes. The same document always has the same
// rendition, so it can be made again whenever a range has to be shown.

import Messages

/// Builds a reading out of lines of text.
struct RenditionBuilder {
    static let formFeed: UInt8 = 0x0C

    private let limits: ParserLimits
    private var text: [UInt8] = []
    private var lines: [Line] = []
    /// Bytes of lines that were no UTF-8, each replaced by U+FFFD.
    private var replaced = 0

    init(limits: ParserLimits) {
        self.limits = limits
    }

    var isEmpty: Bool { lines.isEmpty }

    /// What a line is besides its text.
    struct Style {
        var role = Line.Role.text
        var level: UInt8 = 0
        var isBold = false
        var isIndented = false
        var isAfterGap = false
    }

    /// Adds a line. Control characters become spaces, bytes that are no UTF-8 U+FFFD; a line of white space is left out.
    /// - Throws: `documentTooLarge` for more lines or bytes than the limits allow.
    mutating func add(_ content: [UInt8], _ style: Style) throws(DocumentError) {
        let damaged = UTF8Decoding.census(content).damaged
        replaced += damaged
        let valid = damaged == 0 ? content : Array(String(decoding: content, as: UTF8.self).utf8)
        let clean = valid.map { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F ? 0x20 : $0 }
        let range = LineScanner.trim(clean, 0..<clean.count).range
        guard !range.isEmpty else { return }
        guard text.count + range.count < limits.bytes else {
            throw DocumentError(
                .documentTooLarge, "the text of the document has more than \(limits.bytes) bytes",
                fix: "split it, or raise the limit on bytes")
        }
        let start = text.count
        text += clean[range]
        let end = text.count
        text.append(0x0A)
        var line = Line(
            sourceStart: Int32(start), sourceEnd: Int32(text.count), textStart: Int32(start), textEnd: Int32(end),
            role: style.role)
        line.level = style.level
        line.isBold = style.isBold
        line.isIndented = style.isIndented
        line.blankLinesBefore = style.isAfterGap ? 1 : 0
        lines.append(line)
        try PlainTextReader.check(lines.count, limits)
    }

    /// Begins the next page.
    mutating func breakPage() {
        if !text.isEmpty { text.append(Self.formFeed) }
    }

    consuming func finish(format: DocumentFormat) -> Reading {
        let decoded = DecodedText(
            bytes: text, map: .identity, encoding: "utf-8", replacedSequences: replaced, originalCount: text.count)
        return Reading(decoded: decoded, text: text, map: .identity, lines: lines, format: format)
    }
}
