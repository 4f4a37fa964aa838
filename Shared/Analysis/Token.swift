// What the analyser makes of a text: tokens over one shared run of term bytes.

/// What a token's term is.
package enum TokenKind: UInt8, Sendable {
    /// One CJK character.
    case unigram
    /// Two neighbouring CJK characters.
    case bigram
    /// A word of letters and digits, or a percent sign after a number.
    case word
    /// A run of digits, with its fraction.
    case number

    /// Written out to be inlined into other modules: the derived `==` is a call through a witness table there, which took
    /// a tenth of highlighting.
    @inlinable
    package static func == (first: TokenKind, second: TokenKind) -> Bool {
        switch (first, second) {
        case (.unigram, .unigram), (.bigram, .bigram), (.word, .word), (.number, .number): true
        default: false
        }
    }
}

/// One occurrence of a term in a field's text.
package struct Token: Sendable, Hashable {
    /// Where the term starts in `TokenBuffer.termBytes`.
    package var termStart: UInt32
    /// The term's bytes, 1…255.
    package var termLength: UInt16
    package var kind: TokenKind
    /// The position of the token's first character; a CJK character, a word and a number take one position each.
    package var position: UInt32
    /// Half-open range of UTF-8 bytes in the text that was analysed, on scalar boundaries.
    package var startByte: UInt32
    package var endByte: UInt32
}

/// Tokens in ascending position, and their terms' bytes. Kept by the caller and reused, so that nothing is allocated
/// per text.
package struct TokenBuffer: Sendable {
    package var tokens: [Token] = []
    /// Terms as UTF-8 of the folded text; neighbouring CJK terms overlap here.
    package var termBytes: [UInt8] = []

    package init() {}

    /// Empties the buffer and keeps its memory.
    package mutating func removeAll() {
        tokens.removeAll(keepingCapacity: true)
        termBytes.removeAll(keepingCapacity: true)
    }

    /// Positions up to the last token's, 0 without tokens.
    package var positionCount: Int { tokens.last.map { Int($0.position) + 1 } ?? 0 }

    /// These tokens and those of `other` that differ from all of them at their position, in ascending position.
    /// - Complexity: O(tokens).
    package func merged(with other: TokenBuffer) -> TokenBuffer {
        var result = TokenBuffer()
        result.termBytes = termBytes + other.termBytes
        result.tokens.reserveCapacity(tokens.count + 16)
        var next = 0
        for (place, token) in tokens.enumerated() {
            while next < other.tokens.count, other.tokens[next].position < token.position { next += 1 }
            result.tokens.append(token)
            let isLastOfPosition = place + 1 == tokens.count || tokens[place + 1].position != token.position
            guard isLastOfPosition else { continue }
            var first = place
            while first > 0, tokens[first - 1].position == token.position { first -= 1 }
            while next < other.tokens.count, other.tokens[next].position == token.position {
                var added = other.tokens[next]
                let term = other.term(added)
                let isKnown = tokens[first...place].contains { $0.kind == added.kind && self.term($0) == term }
                if !isKnown {
                    added.termStart += UInt32(termBytes.count)
                    result.tokens.append(added)
                }
                next += 1
            }
        }
        return result
    }

    /// The bytes of a token's term.
    package func term(_ token: Token) -> ArraySlice<UInt8> {
        termBytes[Int(token.termStart)..<(Int(token.termStart) + Int(token.termLength))]
    }
}

/// One unit of a query's text, matched as a whole.
package struct QueryUnit: Sendable, Hashable {
    package enum Content: Sendable, Hashable {
        /// A run of neighbouring CJK characters: the term of each.
        case cjk([[UInt8]])
        case word([UInt8])
        case number([UInt8])
    }

    package var content: Content
    /// The position of its first character in the query's text; a gap before it is punctuation.
    package var position: Int
    /// Half-open range of UTF-8 bytes in the query's text.
    package var range: Range<Int>

    /// The positions it takes.
    package var positionCount: Int {
        if case .cjk(let characters) = content { characters.count } else { 1 }
    }
}
