// A text with marks, or a part of one, whose offsets stay those of the original.

package import Messages

/// A field's text, or a snippet of it, with the places that match.
package struct HighlightedText: Codable, Sendable, Hashable {
    /// What is shown: the bytes from `start` on of the field's text, unchanged. Escaping is the reader's.
    package var text: String
    /// Where `text` begins in the field's text, in UTF-8 bytes.
    package var start: Int
    /// The matches within `text`: ranges of the *field's* UTF-8 bytes, ascending, disjoint, on scalar boundaries.
    package var ranges: [ByteRange]
    /// Whether the field has text before `text` and after it.
    package var continuesBefore: Bool
    package var continuesAfter: Bool

    package init(
        text: String, start: Int = 0, ranges: [ByteRange], continuesBefore: Bool = false, continuesAfter: Bool = false
    ) {
        self.text = text
        self.start = start
        self.ranges = ranges
        self.continuesBefore = continuesBefore
        self.continuesAfter = continuesAfter
    }

    /// The same with marks counted in Unicode scalars of `text`. An ellipsis stands for what was left out.
    package var marked: MarkedText {
        let bytes = Array(text.utf8)
        let lead = continuesBefore ? "…" : ""
        var marks: [[Int]] = []
        var scalars = lead.unicodeScalars.count
        var offset = 0
        func advance(to end: Int) -> Int {
            while offset < end {
                if bytes[offset] & 0xC0 != 0x80 { scalars += 1 }
                offset += 1
            }
            return scalars
        }
        for range in ranges {
            let (lower, upper) = (range.lower - start, range.upper - start)
            guard lower >= offset, upper <= bytes.count, lower < upper else { continue }
            let first = advance(to: lower)
            marks.append([first, advance(to: upper)])
        }
        return MarkedText(text: lead + text + (continuesAfter ? "…" : ""), marks: marks)
    }
}
