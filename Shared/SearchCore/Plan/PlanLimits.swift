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
    /// Positions that a `*` between Chinese characters may stand for.
    static let openGap: UInt32 = 10
    /// Terms of one segment that a pattern may fit: bounds the lists that one query opens.
    static let maximumExpandedTerms = 100_000
    /// Largest edit distance.
    static let maximumEdits = 2
    /// Boosts are clamped to this range.
    static let boostRange = 0.001...1000.0
}
