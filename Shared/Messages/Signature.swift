// A small fingerprint of a text, by which near-duplicates are found across documents.
//
// Definitions. A text is a set of *shingles* (short runs of characters). Two texts are alike as their sets are:
// |A ∩ B| / |A ∪ B|, the Jaccard similarity. A signature has 64 *lanes* of 16 bits; two signatures have equal values in
// a lane with a probability that is the similarity of their texts, so the share of equal lanes estimates it with a
// standard error of at most 0.0625.
//
//     words    16 words of 64 bits; word i holds lanes 4i…4i+3, the first one in its lowest 16 bits
//     band     a word as a whole: two texts of similarity s share band i with probability s⁴
//     band key the band's number in a byte, then three bytes of the band's word folded; a hidden term of an index
//
// An index holds the keys of the first `keyedBands` bands. Of two texts with s = 0.9 all but 3 in 10⁶ pairs share one of
// them, with s = 0.8 all but 2 in 10³, with s = 0.7 all but 4 in 100, with s = 0.3 one pair in ten does; two different words
// have the same key once in 2²⁴. So keys find candidates; `similarity(to:)` decides.

/// The signature of one item's text.
package struct Signature: Codable, Sendable, Hashable {
    /// How many words a signature has.
    package static let wordCount = 16
    /// Lanes of one word.
    static let lanesPerWord = 4
    /// Estimated similarity from which two texts are near-duplicates. A repost of 300 characters with a source line
    /// added or a few characters changed lies above, two bulletins on one subject lie below.
    package static let nearDuplicate = 0.7

    package let words: [UInt64]

    /// - Parameter words: `wordCount` words; nil for any other number of them.
    package init?(words: [UInt64]) {
        guard words.count == Self.wordCount else { return nil }
        self.words = words
    }

    package init(from decoder: any Decoder) throws {
        words = try decoder.singleValueContainer().decode([UInt64].self)
        guard words.count == Self.wordCount else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "a signature has \(Self.wordCount) words, not \(words.count)"))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(words)
    }

    /// The estimated Jaccard similarity of the two texts, 0…1.
    package func similarity(to other: Signature) -> Double {
        var equal = 0
        for (word, otherWord) in zip(words, other.words) {
            var difference = word ^ otherWord
            for _ in 0..<Self.lanesPerWord {
                if difference & 0xFFFF == 0 { equal += 1 }
                difference >>= 16
            }
        }
        return Double(equal) / Double(Self.wordCount * Self.lanesPerWord)
    }

    /// Bands that an index holds: 12 of 16 miss few near-duplicates and save a quarter of the terms.
    package static let keyedBands = 12
    /// Bytes of a band key.
    package static let bandKeyBytes = 4

    /// Keys by which an index finds candidates: near-duplicates have at least one in common.
    package var bandKeys: [[UInt8]] {
        words.prefix(Self.keyedBands).enumerated().map { number, word in
            let folded = word ^ word >> 24 ^ word >> 48
            return [UInt8(number)] + (0..<(Self.bandKeyBytes - 1)).map { UInt8(truncatingIfNeeded: folded >> UInt64(8 * $0)) }
        }
    }
}

/// Grouping of texts that are near-duplicates.
package enum NearDuplicates {
    /// For each signature the index of its group's first member: its own index where nothing before it is near.
    ///
    /// An item joins the first group one of whose *first members* is near, so that a chain of small differences does not
    /// bring together texts that differ much. Items without a signature are groups of their own.
    /// - Complexity: O(n) for texts that share no band; pairs that share one are compared.
    package static func groups(of signatures: [Signature?], threshold: Double = Signature.nearDuplicate) -> [Int] {
        var firsts = Array(signatures.indices)
        /// The groups' first members by band.
        var holders = [[UInt64: [Int]]](repeating: [:], count: Signature.wordCount)
        for (index, signature) in signatures.enumerated() {
            guard let signature else { continue }
            var best: Int?
            for (band, word) in signature.words.enumerated() {
                for holder in holders[band][word] ?? [] where best.map({ holder < $0 }) ?? true {
                    guard let other = signatures[holder] else { continue }
                    if signature.similarity(to: other) >= threshold { best = holder }
                }
            }
            if let best {
                firsts[index] = best
            } else {
                for (band, word) in signature.words.enumerated() { holders[band][word, default: []].append(index) }
            }
        }
        return firsts
    }
}
