// The analyser: from a field's text to tokens, in one pass over its UTF-8 bytes.
//
// Definitions: a *character* is a Unicode scalar after folding (`FoldingTables`): compatibility forms, width, letter
// case, diacritics, traditional and variant Han forms. Malformed UTF-8 reads as separators, one a byte.
//
//     text       = *( separator / transparent / cjk / word / number )
//     cjk        = character *voicing                      ; one position: a unigram, and a bigram with the cjk before
//     word       = letter *( letter / digit / voicing / apostrophe letter )   ; one position
//     number     = digits *( comma 3digit ) [ point digits ] [ percent ]      ; one position, the percent sign another
//
// Positions: every token character moves on by one. Transparent characters (white space, quotation marks, hyphens)
// leave no trace: 疫 情防 控 has the tokens of 疫情防控. A run of separators takes one position and breaks bigrams, so
// that 防控，工作 is not found as 防控工作 but is within one character of it. A point between two letters or digits
// (www.gov.cn, 2020.02.08) leaves no trace either.
//
// Invariants:
//  (1) Offsets are half-open ranges of the text's own bytes, on scalar boundaries, and never decrease.
//  (2) Tokens come in ascending position; at one position the unigram stands before the bigram.
//  (3) A run of a text that starts and ends between tokens has, by itself, the same terms at the same distances.
//  (4) No input traps: lengths are bounded, and texts beyond `textLimit` bytes are analysed up to it.

/// Turns texts and queries into tokens. A value without state: share it freely.
package struct Analyzer: Sendable {
    /// Bytes of a term; longer words and numbers are cut at a character.
    package static let termLimit = 255
    /// Bytes of a text that are analysed; offsets and positions fit 32 bits.
    package static let textLimit = 1 << 30
    /// An unquoted run of at most so many CJK characters matches contiguously; a longer one is ranked by its parts.
    package static let contiguousLimit = 6

    package init() {}

    /// Appends the tokens of `text` to `buffer`; positions start at 0.
    ///
    /// - Complexity: O(bytes); nothing is allocated once the buffer has grown.
    package func analyze(_ text: [UInt8], into buffer: inout TokenBuffer) {
        var taken = TokenBuffer()
        swap(&taken, &buffer)
        var scanner = TokenScanner(text: text, limit: Self.boundedLength(text), buffer: taken)
        taken = TokenBuffer()
        scanner.scan()
        buffer = scanner.buffer
    }

    /// The units of a query's text, in ascending position: neighbouring CJK characters together.
    package func queryUnits(_ text: String) -> [QueryUnit] {
        var buffer = TokenBuffer()
        analyze(Array(text.utf8), into: &buffer)
        var units: [QueryUnit] = []
        for token in buffer.tokens {
            let term = Array(buffer.term(token))
            let range = Int(token.startByte)..<Int(token.endByte)
            let position = Int(token.position)
            switch token.kind {
            case .bigram: continue
            case .word: units.append(QueryUnit(content: .word(term), position: position, range: range))
            case .number: units.append(QueryUnit(content: .number(term), position: position, range: range))
            case .unigram:
                if let last = units.last, case .cjk(let characters) = last.content,
                    last.position + last.positionCount == position
                {
                    units[units.count - 1].content = .cjk(characters + [term])
                    units[units.count - 1].range = last.range.lowerBound..<range.upperBound
                } else {
                    units.append(QueryUnit(content: .cjk([term]), position: position, range: range))
                }
            }
        }
        return units
    }

    /// The length up to which `text` is analysed: all of it, or up to the last whole character within `textLimit`.
    private static func boundedLength(_ text: [UInt8]) -> Int {
        guard text.count > textLimit else { return text.count }
        var length = textLimit
        while length > textLimit - 4, text[length] & 0xC0 == 0x80 { length -= 1 }
        return length
    }
}
