// The numbers that ranking is made of. Each was chosen by measurement; docs/relevance.md has the tables.

/// Weights of a query's evidence. One collection uses one set of them everywhere, or scores of its workers do not compare.
package struct RankingParameters: Sendable, Hashable {
    /// Of a long text or a question, a document must hold this share of the distinct pairs and words, rounded down, one
    /// at least. The right answer holds 0.2 or more of them in 98 of 100 questions; a greater share loses answers.
    package var proseShare = 0.1
    /// What a single character of such a text counts against a pair of characters.
    package var unigramWeight = 0.7
    /// What a pair counts whose characters meet by chance only, such as 的中 across the border of two words; a pair that
    /// always goes together counts 1. Between them the weight follows the normalised pointwise mutual information.
    package var chanceWeight = 0.25
    /// What a word that asks counts: see `QuestionWords`.
    package var questionWeight = 0.25
    /// What the densest passage of a document counts: the idf of the pairs and words that stand within `passageWidth`
    /// positions of each other.
    package var passageWeight = 0.3
    package var passageWidth = 40
    /// What fields that weigh above 1, such as titles, count in a long text or question, of their weight: a question often
    /// names the matter in words of its own and the title in others.
    package var proseFieldShare = 0.3

    package init() {}

    package static let standard = RankingParameters()
}
