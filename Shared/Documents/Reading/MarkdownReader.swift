// Markdown, line by line.
//
// Read by hand and not by cmark: every character needs its place in the original, and cmark-gfm gives places of blocks
// and of some inlines only; bulletins are converted or recognised text in which Markdown's finer rules (four columns
// make code, lazy continuation, setext headings of dashes) would hide text rather than mark it up. Read are: ATX
// headings and setext ones of `=`, list marks, block quotes, fences (their text is kept), tables, rules, bold and
// emphasis marks, links and images, backslash escapes, and blocks of HTML, which go to the HTML reader.

/// Reads Markdown.
struct MarkdownReader {
    private let source: [UInt8]
    private let limits: ParserLimits
    private var text = ReadableText()
    private var lines: [Line] = []
    private var blank = 0
    private var isInFence = false
    /// Where the text of the line starts that is being read.
    private var lineStart = 0
    private var nextBracket = NextByte()
    private var nextParenthesis = NextByte()
    private var nextAngle = NextByte()

    /// Reads `range` of the decoded document.
    /// - Throws: `documentTooLarge` for more lines than the limits allow.
    static func read(_ decoded: DecodedText, _ range: Range<Int>, limits: ParserLimits) throws(DocumentError) -> Reading
    {
        var reader = MarkdownReader(source: decoded.bytes, limits: limits)
        try reader.read(range)
        return Reading(
            decoded: decoded, text: reader.text.bytes, map: reader.text.map, lines: reader.lines, format: .markdown)
    }

    private init(source: [UInt8], limits: ParserLimits) {
        self.source = source
        self.limits = limits
    }

    private mutating func read(_ range: Range<Int>) throws(DocumentError) {
        var position = range.lowerBound
        while position < range.upperBound {
            let (contentEnd, next) = LineScanner.line(in: source, from: position, to: range.upperBound)
            let (content, indent) = LineScanner.trim(source, position..<contentEnd)
            if content.isEmpty {
                blank += 1
                position = next
            } else if startsMarkupBlock(content) {
                position = try readMarkupBlock(from: position, to: range.upperBound)
            } else {
                readLine(position..<next, content: content, indent: indent)
                position = next
            }
            try PlainTextReader.check(lines.count, limits)
        }
    }

    private mutating func readLine(_ whole: Range<Int>, content: Range<Int>, indent: Int) {
        if isFence(content) {
            isInFence.toggle()
            return
        }
        if isRuleOrTableFrame(content) { return }
        if isSetextUnderline(content), blank == 0, let last = lines.indices.last, lines[last].role == .text {
            lines[last].role = .heading
            lines[last].level = 1
            return
        }
        var line = Line(
            sourceStart: Int32(whole.lowerBound), sourceEnd: Int32(whole.upperBound), textStart: Int32(text.count),
            textEnd: 0, role: .text)
        line.blankLinesBefore = UInt8(min(blank, 255))
        line.isIndented = indent >= 2
        var inner = content
        if !isInFence { inner = stripMarks(content, indent: indent, into: &line) }
        let isRow = inner.count > 2 && source[inner.lowerBound] == 0x7C
        if isRow { line.role = .row }
        line.isBold = isWholeBold(inner)
        lineStart = text.count
        copyInline(inner, isRow: isRow)
        let written = LineScanner.trim(text.bytes, lineStart..<text.count).range
        line.textStart = Int32(written.lowerBound)
        line.textEnd = Int32(written.upperBound)
        guard line.textStart < line.textEnd else { return }
        if !line.isBold, !isInFence { line.boldLead = boldLead(inner) }
        if line.role == .text, ListMarker.isBullet(text.bytes, line.text) { line.role = .listItem }
        lines.append(line)
        blank = 0
    }

    /// Takes block marks off the front: quotes, headings, list marks.
    private func stripMarks(_ content: Range<Int>, indent: Int, into line: inout Line) -> Range<Int> {
        var lower = content.lowerBound
        let upper = content.upperBound
        while lower < upper, source[lower] == 0x3E {  // >
            lower = LineScanner.trim(source, (lower + 1)..<upper).range.lowerBound
        }
        var hashes = 0
        while lower + hashes < upper, source[lower + hashes] == 0x23, hashes < 7 { hashes += 1 }
        let afterHashes = lower + hashes
        if (1...6).contains(hashes), afterHashes < upper,
            LineScanner.space(source, at: afterHashes, before: upper).length > 0
        {
            line.role = .heading
            line.level = UInt8(hashes)
            var inner = LineScanner.trim(source, afterHashes..<upper).range
            while inner.count > 1, source[inner.upperBound - 1] == 0x23 {
                inner = LineScanner.trim(source, inner.lowerBound..<(inner.upperBound - 1)).range
            }
            return inner
        }
        if lower + 1 < upper, [0x2D, 0x2A, 0x2B].contains(source[lower]), source[lower + 1] == 0x20 {  // - * +
            line.role = .listItem
            line.level = UInt8(min(indent / 2, 255))
            return LineScanner.trim(source, (lower + 2)..<upper).range
        }
        return lower..<upper
    }

    // MARK: Inline text

    /// Copies readable text without its inline marks.
    private mutating func copyInline(_ range: Range<Int>, isRow: Bool) {
        var copied = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            let skip = markLength(at: index, in: range, isRow: isRow)
            guard let skip else {
                index += 1
                continue
            }
            text.copy(source, copied..<index)
            if isRow, source[index] == 0x7C { text.trimEnd(to: lineStart) }
            if !skip.kept.isEmpty { copyInline(skip.kept, isRow: false) }
            if let replacement = skip.replacement {
                text.append(replacement, standingFor: index..<(index + skip.length))
            }
            index += skip.length
            copied = index
        }
        text.copy(source, copied..<range.upperBound)
    }

    /// A mark to leave out: how long it is, and which part of it is text.
    private struct Mark {
        var length: Int
        var kept: Range<Int> = 0..<0
        var replacement: [UInt8]?
    }

    @inline(__always)
    private mutating func markLength(at index: Int, in range: Range<Int>, isRow: Bool) -> Mark? {
        switch source[index] {
        case 0x2A, 0x5F: emphasisMark(at: index, in: range)
        case 0x5C: escapeMark(at: index, in: range)
        case 0x5B: linkMark(at: index, in: range)
        case 0x21 where index + 1 < range.upperBound && source[index + 1] == 0x5B: imageMark(at: index, in: range)
        case 0x3C: tagMark(at: index, in: range)
        case 0x26: referenceMark(at: index, in: range)
        case 0x7C where isRow:
            barMark(at: index, in: range)
        default: nil
        }
    }

    /// `**`, `***`, `__`. A single mark is text: in bulletins it is a footnote sign far more often than emphasis.
    private func emphasisMark(at index: Int, in range: Range<Int>) -> Mark? {
        let mark = source[index]
        var length = 1
        while index + length < range.upperBound, source[index + length] == mark { length += 1 }
        guard length == 2 || length == 3 else {
            return Mark(length: length, replacement: Array(repeating: mark, count: min(length, 64)))
        }
        let before = index > range.lowerBound ? source[index - 1] : 0x20
        let after = index + length < range.upperBound ? source[index + length] : 0x20
        let isSpaced = before == 0x20 && after == 0x20 && range.count > length
        if isSpaced { return nil }
        return mark == 0x2A || before == 0x20 || after == 0x20 ? Mark(length: length) : nil
    }

    /// The bar between two cells with the spaces after it; a tab stands for it.
    private func barMark(at index: Int, in range: Range<Int>) -> Mark {
        let next = LineScanner.trim(source, (index + 1)..<range.upperBound).range.lowerBound
        let isEdge = index == range.lowerBound || next == range.upperBound
        return Mark(length: next - index, replacement: isEdge ? nil : [0x09])
    }

    private func escapeMark(at index: Int, in range: Range<Int>) -> Mark? {
        guard index + 1 < range.upperBound else { return nil }
        let next = source[index + 1]
        let isPunctuation =
            (0x21...0x2F).contains(next) || (0x3A...0x40).contains(next)
            || (0x5B...0x60).contains(next) || (0x7B...0x7E).contains(next)
        return isPunctuation ? Mark(length: 2, replacement: [next]) : nil
    }

    private mutating func linkMark(at index: Int, in range: Range<Int>) -> Mark? {
        guard let close = nextBracket.find(0x5D, in: source, from: index, to: range.upperBound),
            close + 1 < range.upperBound, source[close + 1] == 0x28,
            let last = nextParenthesis.find(0x29, in: source, from: close, to: range.upperBound)
        else { return nil }
        return Mark(length: last + 1 - index, kept: (index + 1)..<close)
    }

    private mutating func imageMark(at index: Int, in range: Range<Int>) -> Mark? {
        linkMark(at: index + 1, in: range).map { Mark(length: $0.length + 1) }
    }

    /// Tags and addresses in angle brackets.
    private mutating func tagMark(at index: Int, in range: Range<Int>) -> Mark? {
        guard index + 1 < range.upperBound else { return nil }
        let next = source[index + 1]
        guard next == 0x2F || (0x41...0x5A).contains(next) || (0x61...0x7A).contains(next) else { return nil }
        guard let close = nextAngle.find(0x3E, in: source, from: index, to: range.upperBound) else { return nil }
        let inside = (index + 1)..<close
        let isAddress = source[inside].starts(with: Array("http".utf8))
        return Mark(length: close + 1 - index, kept: isAddress ? inside : 0..<0)
    }

    private func referenceMark(at index: Int, in range: Range<Int>) -> Mark? {
        CharacterReference.read(source, at: index, before: range.upperBound).map {
            Mark(length: $0.length, replacement: $0.bytes)
        }
    }

    // MARK: Kinds of lines

    private func isFence(_ content: Range<Int>) -> Bool {
        let start = source[content].prefix(3)
        return start.elementsEqual([0x60, 0x60, 0x60]) || start.elementsEqual([0x7E, 0x7E, 0x7E])
    }

    /// `---`, `***`, `|---|:--:|`: only marks and spaces, at least three marks.
    private func isRuleOrTableFrame(_ content: Range<Int>) -> Bool {
        guard content.count >= 3, content.count <= 512 else { return false }
        let marks: Set<UInt8> = [0x2D, 0x2A, 0x5F, 0x7C, 0x3A, 0x20, 0x2B]
        return source[content].allSatisfy(marks.contains) && source[content].count { $0 != 0x20 } >= 3
    }

    private func isSetextUnderline(_ content: Range<Int>) -> Bool {
        content.count >= 2 && content.count <= 512 && source[content].allSatisfy { $0 == 0x3D }
    }

    private func isWholeBold(_ range: Range<Int>) -> Bool {
        guard range.count > 4 else { return false }
        let marks: [UInt8] = [0x2A, 0x2A]
        return source[range].starts(with: marks)
            && source[(range.upperBound - 2)..<range.upperBound].elementsEqual(marks)
    }

    /// Bytes up to which a bold stretch at the start of a line is looked for.
    private static let longestLead = 240

    /// Bytes of the text between the ** that a line starts with and the next ones; 0 where other marks stand between.
    private func boldLead(_ range: Range<Int>) -> UInt16 {
        guard range.count > 5, source[range.lowerBound] == 0x2A, source[range.lowerBound + 1] == 0x2A else { return 0 }
        let start = range.lowerBound + 2
        let end = min(range.upperBound - 1, start + Self.longestLead)
        // Spaces inside the marks are not part of the line's text.
        guard start < end, LineScanner.space(source, at: start, before: end).length == 0, let close = (start..<end).first(where: { [0x2A, 0x5B, 0x5C, 0x26, 0x60, 0x3C].contains(source[$0]) }),
            source[close] == 0x2A, source[close + 1] == 0x2A
        else { return 0 }
        return UInt16(close - start)
    }

    /// `<p`, `<div`, `<!--` and the like at the start of a line.
    private func startsMarkupBlock(_ content: Range<Int>) -> Bool {
        guard !isInFence, content.count >= 3, source[content.lowerBound] == 0x3C else { return false }
        let next = source[content.lowerBound + 1]
        if next == 0x21 { return true }
        let isName = (0x41...0x5A).contains(next) || (0x61...0x7A).contains(next) || next == 0x2F
        return isName && !source[content].starts(with: Array("<http".utf8))
    }

    /// Reads the block of HTML up to the next blank line; returns where reading goes on.
    private mutating func readMarkupBlock(from start: Int, to end: Int) throws(DocumentError) -> Int {
        var position = start
        while position < end {
            let (contentEnd, next) = LineScanner.line(in: source, from: position, to: end)
            if LineScanner.trim(source, position..<contentEnd).range.isEmpty { break }
            position = next
        }
        var blocks = MarkupBlocks(source: source, limits: limits, text: text)
        // The text has one owner at a time, or every block of HTML would copy all of it.
        text = ReadableText()
        try blocks.read(start..<position)
        let first = lines.count
        lines += blocks.lines.map { entry in
            var line = entry.line
            if entry.marginal != nil { line.role = .discard }
            return line
        }
        text = blocks.text
        if first < lines.count { lines[first].blankLinesBefore = UInt8(min(blank, 255)) }
        blank = 0
        return position
    }
}
