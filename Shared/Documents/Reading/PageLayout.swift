// The pages of a PDF as lines of words with their places: the output of `pdftotext -bbox-layout`, read.
//
// Units are points (1/72 inch); y grows downwards. Blocks come in the order in which poppler reads the page, columns
// included.

import Messages

/// Makes the word layout of a PDF. The work is done outside of the parser's process, because PDF readers are large and
/// their input is hostile.
package protocol PDFLayoutSource: Sendable {
    /// The layout of a PDF as `pdftotext -bbox-layout` writes it.
    /// - Throws: `unreadableDocument` for what is no PDF or needs a password; `documentTooLarge`, `deadlineExceeded` for
    ///   what goes beyond the limits.
    func layout(of pdf: [UInt8]) throws(DocumentError) -> [UInt8]
}

/// A rectangle.
struct LayoutBox: Equatable {
    var left: Double
    var top: Double
    var right: Double
    var bottom: Double

    var height: Double { bottom - top }
    var width: Double { right - left }
}

/// A line of words.
struct LayoutLine: Equatable {
    var text: [UInt8]
    var box: LayoutBox
    /// Which block of the page it is in.
    var block: Int
}

/// One page.
struct PageLayout: Equatable {
    var width: Double
    var height: Double
    var lines: [LayoutLine]

    /// Reads the layout; what is no layout has no pages.
    static func read(_ layout: [UInt8]) -> [PageLayout] {
        var reader = LayoutXMLReader(layout)
        return reader.read()
    }
}

/// Collects words into lines and lines into pages.
private struct LayoutXMLReader {
    private struct Word {
        var text: [UInt8]
        var box: LayoutBox
    }

    private var tokens: MarkupTokenizer
    private var pages: [PageLayout] = []
    private var words: [Word] = []
    private var word: Word?
    private var block = 0

    init(_ layout: [UInt8]) {
        tokens = MarkupTokenizer(layout, 0..<layout.count)
    }

    mutating func read() -> [PageLayout] {
        while let token = tokens.next() {
            switch token {
            case .start(let tag) where tag.name == "page":
                pages.append(PageLayout(width: number("width", tag), height: number("height", tag), lines: []))
            case .start(let tag) where tag.name == "block": block += 1
            case .start(let tag) where tag.name == "line": words = []
            case .start(let tag) where tag.name == "word": word = Word(text: [], box: box(tag))
            case .text(let range): appendText(range)
            case .end(let name) where name == "word":
                if let word, !word.text.isEmpty { words.append(word) }
                word = nil
            case .end(let name) where name == "line": closeLine()
            default: break
            }
        }
        return pages
    }

    private mutating func appendText(_ range: Range<Int>) {
        guard word != nil else { return }
        var index = range.lowerBound
        while index < range.upperBound {
            if tokens.source[index] == 0x26,
                let value = CharacterReference.read(tokens.source, at: index, before: range.upperBound)
            {
                word?.text += value.bytes
                index += value.length
            } else {
                word?.text.append(tokens.source[index])
                index += 1
            }
        }
    }

    private mutating func closeLine() {
        guard let first = words.first, !pages.isEmpty else { return }
        var text = first.text
        var box = first.box
        for (previous, next) in zip(words, words.dropFirst()) {
            if Self.needsSpace(previous, next) { text.append(0x20) }
            text += next.text
            box.left = min(box.left, next.box.left)
            box.right = max(box.right, next.box.right)
            box.top = min(box.top, next.box.top)
            box.bottom = max(box.bottom, next.box.bottom)
        }
        words = []
        pages[pages.count - 1].lines.append(LayoutLine(text: text, box: box, block: block))
    }

    /// Words of Latin letters are parted by spaces. Chinese characters are set apart to fill a line, so only a gap as wide
    /// as a character counts there.
    private static func needsSpace(_ previous: Word, _ next: Word) -> Bool {
        let gap = (next.box.left - previous.box.right) / max(previous.box.height, 1)
        let isWide = (previous.text.last ?? 0) >= 0x80 || (next.text.first ?? 0) >= 0x80
        return gap > (isWide ? 1.0 : 0.1)
    }

    private func box(_ tag: MarkupTokenizer.Tag) -> LayoutBox {
        LayoutBox(
            left: number("xmin", tag), top: number("ymin", tag), right: number("xmax", tag), bottom: number("ymax", tag))
    }

    private func number(_ name: String, _ tag: MarkupTokenizer.Tag) -> Double {
        guard let value = tokens.attribute(name, of: tag).flatMap(Double.init), value.isFinite else { return 0 }
        return min(max(value, -1e6), 1e6)
    }
}
