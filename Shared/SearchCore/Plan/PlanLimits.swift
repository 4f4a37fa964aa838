// Bounds of what one query may ask for; each exceeded bound is `queryTooComplex`, never a long wait.

/// Limits and weights of query compilation.
enum PlanLimits {
    /// Nesting of and, or, not, boost.
    static let maximumDepth = 64
    /// Posting cursors and filters of one query, over all fields: bounds their memory (about 3 KiB each).
    static let maximumParts = 1024
    /// Distinct pairs and words that a text beyond the contiguous limit is ranked by; what follows them is not used.
    static let maximumProseTerms = 160
    /// Bytes of one typed text or phrase.
    static let maximumTextBytes = 8192
    /// Positions a phrase may span; longer quotations are refused.
    static let maximumPhrasePositions = 256
    /// Largest slop; more would rather be a conjunction.
    static let maximumSlop = 1000
    /// Largest edit distance.
    static let maximumEdits = 2
    /// Boosts are clamped to this range.
    static let boostRange = 0.001...1000.0

    /// Of a text beyond the contiguous limit, a document must hold this share of the distinct pairs and words, rounded
    /// down, one at least. Of 12,000 questions with known answers (three public reading-comprehension sets) the right
    /// paragraph holds half of the pairs in the median and 0.2 or more in 98 %: about half of a question's pairs lie
    /// across word borders or in words that an answer does not repeat. 0.25 lost 2 to 5 % of the answers, 0.1 none.
    static let longRunShare = 0.15
    /// Single characters of such a text add to the score with this weight, as they help where the wording differs:
    /// on the same sets 0.5 was the best of 0, 0.1, 0.2, 0.3, 0.5 and 1.
    static let unigramWeight = 0.5
    /// The whole long run, where it stands contiguously, counts this much.
    static let contiguousWeight = 1.0
    /// Longest run whose contiguous occurrence is looked for.
    static let maximumBonusPositions = 24
}
