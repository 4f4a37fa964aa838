// Readings of damaged text, as suggestions with their places; the text itself is not changed.
//
//     glyph       a word with one character replaced by a look-alike (迈岗 → 返岗), from the dictionaries' glyph table
//     line-break  a sentence that a page or column break parted
//
// Only recognised text is looked at: elsewhere a strange word is more often a name than an error.

import Messages

/// Finds look-alikes.
struct RepairReader: Sendable {
    private let variants: NameTable
    private let isInitial: [Bool]
    /// How sure a suggestion is: a longer word leaves less room for chance.
    private static let certaintyOfTwo = 0.6
    private static let certaintyOfMore = 0.8
    /// Suggestions kept of one item.
    static let mostRepairs = 256

    init(glyphs: GlyphTable) {
        variants = glyphs.variants
        isInitial = glyphs.isInitial
    }

    /// The suggestions for a paragraph whose inner spaces are gone.
    func read(_ text: ScalarText, _ reading: Reading, _ repairs: inout [Repair]) {
        let scalars = text.scalars
        var index = 0
        while index < scalars.count, repairs.count < Self.mostRepairs {
            guard scalars[index] < 0x10000, isInitial[Int(scalars[index])],
                let match = variants.match(scalars, at: index, before: scalars.count)
            else {
                index += 1
                continue
            }
            let range = index..<(index + match.length)
            index = range.upperBound
            let found = text.string(range)
            if found == match.canonical { continue }
            repairs.append(
                Repair(
                    rule: "glyph", found: found, suggestion: match.canonical,
                    range: reading.original(text.textRange(range)),
                    certainty: match.length > 2 ? Self.certaintyOfMore : Self.certaintyOfTwo))
        }
    }
}
