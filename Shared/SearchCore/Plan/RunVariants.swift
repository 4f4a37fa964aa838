// A run of Chinese characters of which some may have been mistaken for others: of the same sound, or of nearly the same shape.

import Analysis

/// A run of two characters or more, and how many of them may be others; no two side by side, so that each is told by a
/// neighbour that is right.
struct RunVariants: Sendable, Hashable {
    /// Characters of a run that is widened so; longer ones are told by their other pairs.
    static let lengths = 2...8
    /// Runs of one segment that a query may stand for.
    static let maximumRuns = 512

    /// By place: the character, then those that it may be mistaken for, as dictionary keys without their tier.
    let choices: [[[UInt8]]]
    let changes: Int

    /// Nil for what is no run of such a length.
    init?(_ tokens: [QueryToken], changes: Int) {
        let singles = tokens.filter { !$0.isBigram }
        let isRun = singles.allSatisfy(\.isUnigram) && singles.indices.allSatisfy { Int(singles[$0].position) == $0 }
        guard isRun, Self.lengths.contains(singles.count), changes > 0 else { return nil }
        self.changes = changes
        choices = singles.map { token in
            let own = Array(token.key.dropFirst())
            let scalars = String(decoding: own, as: UTF8.self).unicodeScalars
            guard scalars.count == 1, let scalar = scalars.first else { return [own] }
            return [own] + Self.others(scalar).map { Array(String($0).utf8) }
        }
    }

    /// The characters that one may be mistaken for, ascending.
    static func others(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        var result = Set(LookAlikes.shared.characters(like: scalar))
        for reading in Pinyin.shared.readings(scalar) { result.formUnion(Pinyin.shared.characters(reading: reading)) }
        result.remove(scalar.value)
        return result.sorted().compactMap(Unicode.Scalar.init)
    }

    /// Calls `body` with each run whose pairs are all in the dictionary, and how many characters are others.
    /// - Throws: `queryTooComplex` beyond `maximumRuns`, `corrupt`.
    /// - Complexity: O(choices of all places) look-ups, and the runs found.
    func forEachRun(
        in dictionary: TermDictionary, _ body: ([[UInt8]], Int) throws(SearchCoreError) -> Void
    ) throws(SearchCoreError) {
        var known: [[UInt8]: Bool] = [:]
        var runs = 0
        func hasPair(_ first: [UInt8], _ second: [UInt8]) throws(SearchCoreError) -> Bool {
            let key = [TermTier.pair.rawValue] + first + second
            if let answer = known[key] { return answer }
            let answer = try dictionary.find(key) != nil
            known[key] = answer
            return answer
        }
        func extend(_ run: [[UInt8]], _ changed: Int, isChanged: Bool) throws(SearchCoreError) {
            guard run.count < choices.count else {
                runs += 1
                guard runs <= Self.maximumRuns else { throw Self.tooMany() }
                return try body(run, changed)
            }
            for (place, choice) in choices[run.count].enumerated() {
                let count = changed + (place > 0 ? 1 : 0)
                if count > changes || (place > 0 && isChanged) { break }
                if let last = run.last, try !hasPair(last, choice) { continue }
                try extend(run + [choice], count, isChanged: place > 0)
            }
        }
        try extend([], 0, isChanged: false)
    }

    private static func tooMany() -> SearchCoreError {
        SearchCoreError(.queryTooComplex, "a word may be mistaken for more than \(maximumRuns) others; leave the ~ out or use ~1")
    }
}
