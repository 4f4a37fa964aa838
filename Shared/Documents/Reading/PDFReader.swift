// PDF with a text layer: paragraphs in reading order out of lines with places.
//
// 1. Lines that stand again on most pages at the top or bottom, and page numbers there, are the frame: discards.
// 2. Tables come row by row (`TableRows`); short lines side by side that follow each other are one row too.
// 3. A line set clearly larger than most is a heading.
// 4. A line is joined to the one before it where that one reaches the right edge of its block and this one is neither
//    indented nor numbered: both are one paragraph, also across columns and pages.
//
// A PDF without any text is a scan; it is refused, and the refusal says so.

import Messages

/// Reads PDF.
struct PDFReader {
    /// Share of the page, at its top and at its bottom, in which its frame may stand.
    private static let margin = 0.1
    /// A line this much higher than the usual one is a heading.
    private static let headingRatio = 1.18
    /// The longest heading, in bytes.
    private static let longestHeading = 240
    /// Lines of so many bytes or fewer are not carried on in another column or on another page.
    private static let shortLine = 30
    /// Pages in a hundred on which a line must stand to be the frame.
    private static let framePercent = 50

    private let pages: [PageLayout]
    private var builder: RenditionBuilder
    private let usualHeight: Double
    private let frame: Set<String>
    private var open: (text: [UInt8], last: LayoutLine, edge: Double, style: RenditionBuilder.Style)?

    /// - Throws: `unreadableDocument` for a scan; `documentTooLarge` beyond the limits.
    static func read(_ layout: [UInt8], limits: ParserLimits) throws(DocumentError) -> Reading {
        let pages = PageLayout.read(layout)
        guard pages.contains(where: { !$0.lines.isEmpty }) else {
            throw DocumentError(
                .unreadableDocument,
                "the PDF has \(pages.count) pages and no text: it is a scan, a picture of a document",
                fix: "recognise its text first (OCR) and send that, or ask the issuer for a PDF with text")
        }
        var reader = PDFReader(pages: pages, limits: limits)
        return try reader.read()
    }

    private init(pages: [PageLayout], limits: ParserLimits) {
        self.pages = pages
        builder = RenditionBuilder(limits: limits)
        usualHeight = Self.usualHeight(pages)
        frame = Self.frame(pages)
    }

    private mutating func read() throws(DocumentError) -> Reading {
        for (number, page) in pages.enumerated() {
            let edges = Self.rightEdges(page)
            for line in Self.rows(TableRows.order(page.lines)) {
                if isFrame(line, page) {
                    try close()
                    try builder.add(line.text, RenditionBuilder.Style(role: .discard))
                } else {
                    try place(line, edge: edges[line.block] ?? line.box.right)
                }
            }
            if number + 1 < pages.count, open == nil { builder.breakPage() }
        }
        try close()
        return builder.finish(format: .pdf)
    }

    // MARK: Paragraphs

    private mutating func place(_ line: LayoutLine, edge: Double) throws(DocumentError) {
        let style = style(of: line)
        if let before = open, before.style.role == style.role, continues(before.last, before.edge, line) {
            if Self.needsSpace(before.text, line.text) { open?.text.append(0x20) }
            open?.text += line.text
            open?.last = line
            open?.edge = edge
            return
        }
        let previous = open?.last
        try close()
        var fresh = style
        if let previous { fresh.isAfterGap = line.box.top - previous.box.bottom > usualHeight * 0.8 }
        open = (line.text, line, edge, fresh)
    }

    private mutating func close() throws(DocumentError) {
        guard let paragraph = open else { return }
        open = nil
        try builder.add(paragraph.text, paragraph.style)
    }

    private func style(of line: LayoutLine) -> RenditionBuilder.Style {
        var style = RenditionBuilder.Style()
        if line.text.contains(0x09) {
            style.role = .row
        } else if line.box.height > usualHeight * Self.headingRatio, line.text.count <= Self.longestHeading {
            style.role = .heading
            style.level = line.box.height > usualHeight * Self.headingRatio * Self.headingRatio ? 1 : 2
        }
        return style
    }

    private func continues(_ before: LayoutLine, _ edge: Double, _ line: LayoutLine) -> Bool {
        let em = max(before.box.height, 1)
        guard !before.text.contains(0x09), !line.text.contains(0x09), !Self.startsList(line.text) else { return false }
        guard abs(before.box.height - line.box.height) < em * 0.15 else { return false }
        if before.box.height > usualHeight * Self.headingRatio {
            // Lines of one heading follow closely.
            return line.box.top - before.box.bottom < em * 0.8 && line.box.top > before.box.top
        }
        let reachesEdge = edge - before.box.right < em * 1.6
        guard reachesEdge else { return false }
        let isBelow = line.box.top > before.box.top
        let gap = line.box.top - before.box.bottom
        if line.block == before.block { return gap < em * 1.2 && line.box.left - before.box.left < em * 1.2 }
        // Another block, column or page: only where a sentence goes on.
        guard !Self.endsSentence(before.text), before.text.count > Self.shortLine else { return false }
        return !isBelow || gap < em * 1.2 && abs(line.box.left - before.box.left) < em * 1.2
    }

    // MARK: The page

    private static func usualHeight(_ pages: [PageLayout]) -> Double {
        var bytes: [Int: Int] = [:]
        for page in pages {
            for line in page.lines { bytes[Int((line.box.height * 2).rounded()), default: 0] += line.text.count }
        }
        let usual = bytes.max { ($0.value, $1.key) < ($1.value, $0.key) }
        return max(Double(usual?.key ?? 20) / 2, 1)
    }

    /// Lines of the margins that stand on at least half of three or more pages, digits aside.
    private static func frame(_ pages: [PageLayout]) -> Set<String> {
        guard pages.count >= 3 else { return [] }
        var counts: [String: Int] = [:]
        for page in pages {
            let marginal = page.lines.filter { isMarginal($0, page) }.map { pattern($0.text) }
            for pattern in Set(marginal) { counts[pattern, default: 0] += 1 }
        }
        return Set(counts.filter { $0.value * 100 >= pages.count * framePercent }.keys)
    }

    private static func isMarginal(_ line: LayoutLine, _ page: PageLayout) -> Bool {
        line.box.bottom < page.height * margin || line.box.top > page.height * (1 - margin)
    }

    /// A line without spaces, every run of digits one mark.
    private static func pattern(_ text: [UInt8]) -> String {
        var result: [UInt8] = []
        for byte in text where byte != 0x20 && byte != 0x09 {
            let isDigit = (0x30...0x39).contains(byte)
            if !isDigit { result.append(byte) } else if result.last != 0x23 { result.append(0x23) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let pageNumbers: Set<String> = [
        "#", "~#~", "～#～", "-#-", "—#—", "–#–", "－#－", "第#页", "第#頁", "#/#", "第#頁，共#頁", "第#页共#页", "第#頁共#頁", "第#页/共#页", "~#~", "·#·", "·#", "#·",
        "Page#", "Page#of#", "第#页，共#页", "共#页第#页",
    ]

    private func isFrame(_ line: LayoutLine, _ page: PageLayout) -> Bool {
        guard Self.isMarginal(line, page) else { return false }
        let pattern = Self.pattern(line.text)
        return Self.pageNumbers.contains(pattern) || frame.contains(pattern)
    }

    /// Lines side by side that follow each other, as one row.
    private static func rows(_ lines: [LayoutLine]) -> [LayoutLine] {
        var rows: [LayoutLine] = []
        for line in lines {
            guard let last = rows.last, isBeside(last, line) else {
                rows.append(line)
                continue
            }
            // A number set apart from its paragraph belongs to it.
            rows[rows.count - 1].text += (isNumberAlone(last.text) ? [] : [0x09]) + line.text
            rows[rows.count - 1].box.right = line.box.right
            rows[rows.count - 1].block = line.block
        }
        return rows
    }

    private static func isBeside(_ last: LayoutLine, _ line: LayoutLine) -> Bool {
        let overlap = min(last.box.bottom, line.box.bottom) - max(last.box.top, line.box.top)
        let isLevel = overlap > min(last.box.height, line.box.height) * 0.6
        // Columns of prose are wide; cells are not.
        return isLevel && line.box.left >= last.box.right && (line.box.width < 160 || isNumberAlone(last.text))
    }

    private static func isNumberAlone(_ text: [UInt8]) -> Bool {
        text.count <= 20 && startsList(text) && String(decoding: text, as: UTF8.self).count <= 6
    }

    /// The right edge of each block's text, half of a character tolerated.
    private static func rightEdges(_ page: PageLayout) -> [Int: Double] {
        var edges: [Int: Double] = [:]
        for line in page.lines { edges[line.block] = max(edges[line.block] ?? 0, line.box.right) }
        // A block of one line has the edge of the page's text where it stands in the same column.
        let widest = edges.values.max() ?? 0
        var counts: [Int: Int] = [:]
        for line in page.lines { counts[line.block, default: 0] += 1 }
        for line in page.lines where counts[line.block] == 1 && line.box.left < page.width / 2 {
            edges[line.block] = max(edges[line.block] ?? 0, line.box.right > page.width * 0.45 ? widest : line.box.right)
        }
        return edges
    }

    // MARK: Characters

    private static func endsSentence(_ text: [UInt8]) -> Bool {
        let end = String(decoding: text.suffix(6), as: UTF8.self).last
        return end.map { "。！？!?；;：:」』”".contains($0) } ?? false
    }

    /// Whether the line starts as a numbered or bulleted one: 一、 （一） 1. (1) 第一条 ● -
    private static func startsList(_ text: [UInt8]) -> Bool {
        var head = String(decoding: text.prefix(24), as: UTF8.self).unicodeScalars
        if let first = head.first, "●■◆▲★◇○□△☆•※➤▶►▪◎-–—".unicodeScalars.contains(first) { return true }
        let isOpened = head.first.map { "（(〔[".unicodeScalars.contains($0) } ?? false
        if isOpened || head.first == "第" { head.removeFirst() }
        let number = head.prefix { "0123456789０１２３４５６７８９一二三四五六七八九十百".unicodeScalars.contains($0) }
        guard (1...4).contains(number.count) else { return false }
        guard let next = head.dropFirst(number.count).first else { return false }
        if isOpened { return "）)〕]".unicodeScalars.contains(next) }
        if "、．.）)".unicodeScalars.contains(next) {
            // 3.5 is a number.
            let after = head.dropFirst(number.count + 1).first
            return !(next == "." && after.map { ("0"..."9").contains($0) } ?? false)
        }
        return "条條章节節".unicodeScalars.contains(next)
    }

    private static func needsSpace(_ before: [UInt8], _ after: [UInt8]) -> Bool {
        guard let last = before.last, let first = after.first else { return false }
        return last < 0x80 && first < 0x80 && last != 0x2D
    }
}
