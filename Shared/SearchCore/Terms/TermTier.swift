// Which kind of term a dictionary key of a text field is: its first byte.
//
// Every character of a run has a list of its own, and every pair of neighbours one with positions. The positions of a
// character are not kept twice: it stands where a pair begins with it, and where it ends a run. So the list of a character
// has documents and frequencies only, and the few positions that no pair tells, and those that a phrase of several
// scripts asks for, are in the list of the character at the edge of a run.

import Analysis

/// The tier of a term; its raw value is the key's first byte, so that an expansion of words never meets characters.
enum TermTier: UInt8 {
    /// Single characters, wherever they stand: `c`. Documents and frequencies, no positions.
    case character = 0x63
    /// Characters that begin or end a run (or are one), where they do: `e`.
    case edge = 0x65
    /// Pairs of neighbouring characters: `p`.
    case pair = 0x70
    /// Words and numbers of spaced scripts: `w`.
    case word = 0x77

    init(_ kind: TokenKind) {
        switch kind {
        case .unigram: self = .character
        case .bigram: self = .pair
        default: self = .word
        }
    }

    /// Whether the lists of a key have positions.
    @inline(__always)
    static func hasPositions(_ firstByte: UInt8) -> Bool { firstByte != character.rawValue }

    /// The first character of a key of pairs or edges, with a voicing mark that belongs to it.
    static func firstCharacter(of key: [UInt8]) -> ArraySlice<UInt8> {
        var end = min(2, key.count)
        while end < key.count, key[end] & 0xC0 == 0x80 { end += 1 }
        if TextField.beginsWithVoicingMark(key[end...]) { end += 3 }
        return key.prefix(end).dropFirst()
    }

    /// The same characters in another tier. - Precondition: the key is not empty.
    static func key(_ key: [UInt8], in tier: TermTier) -> [UInt8] { [tier.rawValue] + key.dropFirst() }
}

extension TextField {
    /// The lists whose positions together are all positions of a character, some of them twice: the character at edges, and
    /// the pairs that begin with it.
    /// - Parameter key: of the character tier. - Complexity: O(pairs).
    func positionLists(ofCharacter key: [UInt8]) throws(SearchCoreError) -> [PostingList] {
        var lists: [PostingList] = []
        if let edges = try list(TermTier.key(key, in: .edge)) { lists.append(edges) }
        let prefix = TermTier.key(key, in: .pair)
        var terms = try dictionary.iterate(from: try dictionary.lowerBound(prefix).ordinal)
        while try terms.next(), terms.term.starts(with: prefix) {
            // か with a voicing mark is another character.
            if Self.beginsWithVoicingMark(terms.term.dropFirst(prefix.count)) { continue }
            lists.append(try list(terms.info))
        }
        return lists
    }

    /// U+3099 and U+309A, the only marks that the analyser puts behind a character.
    static func beginsWithVoicingMark(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.starts(with: [0xE3, 0x82, 0x99]) || bytes.starts(with: [0xE3, 0x82, 0x9A])
    }
}
