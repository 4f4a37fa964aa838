// Plain text: a line of the file is a line of the reading; nothing is removed.

import Messages

/// Reads plain text.
enum PlainTextReader {
    /// Reads `range` of the decoded document.
    /// - Throws: `documentTooLarge` for more lines than the limits allow.
    static func read(_ decoded: DecodedText, _ range: Range<Int>, limits: ParserLimits) throws(DocumentError) -> Reading
    {
        var lines: [Line] = []
        var position = range.lowerBound
        var blank = 0
        while position < range.upperBound {
            let (contentEnd, next) = LineScanner.line(in: decoded.bytes, from: position, to: range.upperBound)
            let (content, indent) = LineScanner.trim(decoded.bytes, position..<contentEnd)
            if content.isEmpty {
                blank += 1
            } else {
                var line = Line(
                    sourceStart: Int32(position), sourceEnd: Int32(next), textStart: Int32(content.lowerBound),
                    textEnd: Int32(content.upperBound), role: .text)
                line.blankLinesBefore = UInt8(min(blank, 255))
                line.isIndented = indent >= 2
                if ListMarker.isBullet(decoded.bytes, content) { line.role = .listItem }
                lines.append(line)
                blank = 0
                try check(lines.count, limits)
            }
            position = next
        }
        return Reading(decoded: decoded, text: decoded.bytes, map: .identity, lines: lines, format: .text)
    }

    static func check(_ count: Int, _ limits: ParserLimits) throws(DocumentError) {
        guard count > limits.lines else { return }
        throw DocumentError(
            .documentTooLarge, "the document has more than \(limits.lines) lines",
            fix: "split it into smaller documents, or raise the limit on lines")
    }
}

/// Signs that start a list item.
enum ListMarker {
    /// ◆ ● ■ ▲ ★ ◇ ○ □ △ ☆ • · ※ ➤ ▶ as scalar values.
    private static let bullets = ScalarSet("◆●■▲★◇○□△☆•※➤▶►▪◎")

    /// Whether the text at `range` starts with a bullet.
    static func isBullet(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard range.count >= 4, bytes[range.lowerBound] == 0xE2 else { return false }
        let first = UInt32(bytes[range.lowerBound] & 0x0F) << 12
        let rest = UInt32(bytes[range.lowerBound + 1] & 0x3F) << 6 | UInt32(bytes[range.lowerBound + 2] & 0x3F)
        return bullets.contains(first | rest)
    }
}
