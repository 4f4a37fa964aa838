// Bounds of what one query may ask for; each exceeded bound is `queryTooComplex`, never a long wait.

/// Limits and weights of query compilation.
enum PlanLimits {
    /// Nesting of and, or, not, boost.
    static let maximumDepth = 64
    /// Scoring leaves and filters of one query, over all fields: bounds cursors and their memory (about 1.5 KiB each).
    static let maximumLeaves = 1024
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

    /// A run beyond the contiguous limit must hold this share of its distinct pairs. A question of 12 characters has 11
    /// pairs, about half of them across word borders or in function words (是由哪两个), so more than a third would drop
    /// right answers; a tenth would match almost everything.
    static let longRunShare = 0.25
    /// Single characters of a long run add to the score with this weight: they help where the wording differs.
    static let unigramWeight = 0.3
    /// The whole long run, where it stands contiguously, counts this much.
    static let contiguousWeight = 1.0
    /// Longest run whose contiguous occurrence is looked for.
    static let maximumBonusPositions = 24
}
