// Terms of a dictionary that begin with a key or are near to it.

/// A set of dictionary terms, given by a rule.
enum Expansion: Sendable, Hashable {
    /// Terms that begin with the key.
    case prefix([UInt8])
    /// Terms of a tier whose text fits the pattern.
    case pattern(WildcardPattern, tier: UInt8)
    /// Terms of the key's tier within a number of edits of the key: insertions, deletions, substitutions and swaps of
    /// neighbours, in Unicode scalars (optimal string alignment).
    case fuzzy([UInt8], Int)

    var edits: Int {
        if case .fuzzy(_, let edits) = self { edits } else { 0 }
    }

    /// Terms looked at between two calls of `patience`.
    private static let termsPerCheck = 4096

    /// Calls `body` with each term's entry and its distance, in dictionary order.
    /// - Complexity: O(terms of the range); for fuzzy, of the key's tier, times the word's length.
    func forEachTerm(
        in dictionary: TermDictionary, patience: () throws(SearchCoreError) -> Void,
        _ body: (TermInfo, Int) throws(SearchCoreError) -> Void
    ) throws(SearchCoreError) {
        let key: [UInt8]
        let shared: Int
        var word: EditDistance?
        var automaton: WildcardAutomaton?
        switch self {
        case .prefix(let prefix):
            key = prefix
            shared = prefix.count
        case .pattern(let pattern, let tier):
            // What stands before the first gap narrows the range.
            key = [tier] + (pattern.gaps[0].isEmpty ? Array(pattern.pieces[0].utf8) : [])
            shared = key.count
            automaton = WildcardAutomaton(pattern)
        case .fuzzy(let term, let edits):
            key = term
            shared = min(1, term.count)
            word = EditDistance(to: term.dropFirst(shared), limit: edits)
        }
        let start = Array(key.prefix(shared))
        var terms = try dictionary.iterate(from: try dictionary.lowerBound(start).ordinal)
        var seen = 0
        var fitting = 0
        while try terms.next() {
            guard terms.term.starts(with: start) else { return }
            seen += 1
            if seen % Self.termsPerCheck == 0 { try patience() }
            if let automaton {
                guard automaton.matches(KeywordTerm.lookup(terms.term.dropFirst())) else { continue }
                fitting += 1
                guard fitting <= PlanLimits.maximumExpandedTerms else {
                    throw SearchCoreError(
                        .queryTooComplex, "a pattern fits more than \(PlanLimits.maximumExpandedTerms) words; write more of the word")
                }
                try body(terms.info, 0)
                continue
            }
            guard word != nil else {
                try body(terms.info, 0)
                continue
            }
            // Only keys of keyword fields have a separator: what follows it is the value as it is shown.
            let compared = KeywordTerm.lookup(terms.term.dropFirst(shared))
            if let distance = word?.distance(from: compared) { try body(terms.info, distance) }
        }
    }
}

/// Distances from one word to many: optimal string alignment, given up above a limit.
struct EditDistance {
    private let word: [UInt32]
    private let limit: Int
    private var rows: [[Int]]

    init(to word: ArraySlice<UInt8>, limit: Int) {
        self.word = String(decoding: word, as: UTF8.self).unicodeScalars.map(\.value)
        self.limit = limit
        rows = [[Int]](repeating: [Int](repeating: 0, count: self.word.count + 1), count: 3)
    }

    /// The distance, or nil above the limit. - Complexity: O(length · length).
    mutating func distance(from bytes: ArraySlice<UInt8>) -> Int? {
        // A scalar takes at most four bytes, and at least one.
        guard bytes.count <= (word.count + limit) * 4, bytes.count + limit >= word.count else { return nil }
        let other = String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
        guard abs(other.count - word.count) <= limit else { return nil }
        for column in 0...word.count { rows[0][column] = column }
        var (before, last, current) = (2, 0, 1)
        for row in 0..<other.count {
            rows[current][0] = row + 1
            var least = row + 1
            for column in 0..<word.count {
                let substitution = rows[last][column] + (other[row] == word[column] ? 0 : 1)
                var best = min(substitution, rows[last][column + 1] + 1, rows[current][column] + 1)
                if row > 0, column > 0, other[row] == word[column - 1], other[row - 1] == word[column] {
                    best = min(best, rows[before][column - 1] + 1)
                }
                rows[current][column + 1] = best
                least = min(least, best)
            }
            guard least <= limit else { return nil }
            (before, last, current) = (last, current, before)
        }
        let distance = rows[last][word.count]
        return distance <= limit ? distance : nil
    }
}
