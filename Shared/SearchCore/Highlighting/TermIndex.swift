// Numbers for the few terms that a query looks for, found fast among the many of a text.
//
// A text has thousands of tokens and a query some ten terms, so nearly every look-up fails. A bitmap of 4,096 hash bits
// turns away almost all of those before the table is asked.

import Analysis

/// A set of terms, each with its number.
struct TermIndex {
    private(set) var terms: [[UInt8]] = []
    private var numbers: [UInt32: [Int]] = [:]
    private var bitmap: [UInt64] = Array(repeating: 0, count: 64)

    /// The number of `term`, which is added if it is new.
    mutating func insert(_ term: [UInt8]) -> Int {
        let hash = Self.hash(term, 0, term.count)
        if let known = numbers[hash]?.first(where: { terms[$0] == term }) { return known }
        terms.append(term)
        numbers[hash, default: []].append(terms.count - 1)
        bitmap[Int(hash & 63)] |= 1 << UInt64(hash >> 6 & 63)
        return terms.count - 1
    }

    /// The number of a token's term; -1 for a term that is not in the set.
    @inline(__always)
    func number(of token: Token, in bytes: [UInt8]) -> Int {
        let start = Int(token.termStart)
        let hash = Self.hash(bytes, start, Int(token.termLength))
        guard bitmap[Int(hash & 63)] >> UInt64(hash >> 6 & 63) & 1 != 0 else { return -1 }
        return number(hash, bytes[start..<(start + Int(token.termLength))])
    }

    private func number(_ hash: UInt32, _ term: ArraySlice<UInt8>) -> Int {
        guard let candidates = numbers[hash] else { return -1 }
        return candidates.first { terms[$0].elementsEqual(term) } ?? -1
    }

    /// FNV-1a with its bits mixed down; the distribution matters little here.
    @inline(__always)
    private static func hash(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for index in start..<(start + count) { hash = (hash ^ UInt32(bytes[index])) &* 16_777_619 }
        return hash ^ hash >> 15
    }
}
