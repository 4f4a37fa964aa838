// Which runs of a text can have what somebody looks for: found by one look at each character, without making tokens.
//
// A run ends at a separator (punctuation); at a comma only where no digit stands before it. By invariant 3 of `Analyzer` a run
// has by itself the tokens that it has in the text. A run is a candidate when one of the terms, or two neighbouring
// characters, that are looked for may be in it; the sets are hashed, so that a candidate may have none of them, but no run
// that has one is left out.

/// What a run must have for somebody to look at its tokens.
package struct RunInterest: Sendable {
    private var characters = HashedSet()
    private var pairs = HashedSet()
    /// Whether any word or number makes a run a candidate.
    package var wantsWords = false

    package init() {}

    /// Whether nothing makes a run a candidate.
    package var isEmpty: Bool { characters.isEmpty && pairs.isEmpty && !wantsWords }

    /// Looks for a term that stands alone: a character, a word or a number.
    package mutating func insert(_ term: [UInt8]) {
        guard let scalar = Self.character(term) else {
            wantsWords = true
            return
        }
        characters.insert(scalar)
    }

    /// Looks for two terms that stand side by side.
    package mutating func insert(_ first: [UInt8], _ second: [UInt8]) {
        guard let one = Self.character(first), let other = Self.character(second) else {
            // A word has to stand there; where the other is a character, the word alone tells.
            wantsWords = true
            return
        }
        pairs.insert(Self.pair(one, other))
    }

    /// Looks for a pair of characters that is one term.
    package mutating func insert(pair term: [UInt8]) {
        let scalars = Array(String(decoding: term, as: UTF8.self).unicodeScalars).filter { !Self.isVoicing($0.value) }
        guard scalars.count == 2 else {
            wantsWords = true
            return
        }
        pairs.insert(Self.pair(scalars[0].value, scalars[1].value))
    }

    /// The character of a term of one CJK character, without its voicing marks; nil for a word or a number.
    private static func character(_ term: [UInt8]) -> UInt32? {
        let scalars = Array(String(decoding: term, as: UTF8.self).unicodeScalars)
        guard let first = scalars.first, FoldingTables.shared.entry(first.value) >> 28 == CharacterClass.cjk.rawValue,
            scalars.dropFirst().allSatisfy({ isVoicing($0.value) })
        else { return nil }
        return first.value
    }

    private static func isVoicing(_ scalar: UInt32) -> Bool {
        FoldingTables.shared.entry(scalar) >> 28 == CharacterClass.voicing.rawValue
    }

    @inline(__always)
    private static func pair(_ first: UInt32, _ second: UInt32) -> UInt32 { first &* 0x9E37_79B1 ^ second }

    /// The candidates of a text, ascending and disjoint: half-open ranges of its bytes.
    ///
    /// - Complexity: O(bytes), 2 to 4 ns a character.
    package func runs(of text: [UInt8]) -> [Range<Int>] {
        let tables = FoldingTables.shared
        var result: [Range<Int>] = []
        var start = 0
        var index = 0
        var isCandidate = false
        var isAfterDigit = false
        var previous: UInt32 = 0
        func isEnd(_ kind: UInt32) -> Bool {
            kind == CharacterClass.separator.rawValue || kind == CharacterClass.comma.rawValue && !isAfterDigit
        }
        while index < text.count {
            let scalar = UTF8Reader.scalar(text, at: index, limit: text.count)
            let entry = tables.entry(scalar.value)
            let kind = entry >> 28
            let next = index + scalar.length
            if kind == CharacterClass.cjk.rawValue {
                let target = entry & 0x1F_FFFF
                let folded = target == 0 ? scalar.value : target
                isCandidate = isCandidate || characters.mayHold(folded) || pairs.mayHold(Self.pair(previous, folded))
                previous = folded
                isAfterDigit = false
            } else if isEnd(kind) {
                if isCandidate { result.append(start..<index) }
                isCandidate = false
                previous = 0
                isAfterDigit = false
                start = next
            } else if kind != CharacterClass.transparent.rawValue, kind != CharacterClass.apostrophe.rawValue {
                // Characters that fold to several, and marks, are rare: their runs are looked at.
                let isOfWord =
                    kind == CharacterClass.letter.rawValue || kind == CharacterClass.letters.rawValue
                    || kind == CharacterClass.digit.rawValue
                isCandidate =
                    isCandidate
                    || (isOfWord
                        ? wantsWords
                        : kind != CharacterClass.point.rawValue
                            && kind != CharacterClass.percent.rawValue && kind != CharacterClass.comma.rawValue)
                isAfterDigit = kind == CharacterClass.digit.rawValue
                if isOfWord { previous = 0 }
            }
            index = next
        }
        if isCandidate { result.append(start..<text.count) }
        return result
    }
}

/// A set of numbers as 4,096 bits: it never denies what was inserted.
private struct HashedSet: Sendable {
    private var bits: [UInt64] = Array(repeating: 0, count: 64)
    private(set) var isEmpty = true

    mutating func insert(_ value: UInt32) {
        let hash = Self.hash(value)
        bits[Int(hash >> 6)] |= 1 << UInt64(hash & 63)
        isEmpty = false
    }

    @inline(__always)
    func mayHold(_ value: UInt32) -> Bool {
        let hash = Self.hash(value)
        return bits[Int(hash >> 6)] >> UInt64(hash & 63) & 1 != 0
    }

    @inline(__always)
    private static func hash(_ value: UInt32) -> UInt32 { (value &* 0x85EB_CA6B) >> 20 }
}
