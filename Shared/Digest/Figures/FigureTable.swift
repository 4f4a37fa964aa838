// The figures of a list of items as a table, with their trend and what does not agree.
//
// Invariants:
//  (1) Every row is stated by one item: `quote` and `sentence` are verbatim.
//  (2) Rows are numbered 1…; trend, contradictions and sums name rows by their numbers.
//  (3) Nothing is averaged, merged or chosen between items: different populations and different claims stay side by side.

package import Messages

/// Figures of items.
package struct FigureTable: Codable, Sendable, Hashable {
    /// How the query was understood, in the query language.
    package var query: String
    package var version: Int64
    package var complete: Bool
    /// Items that match the query; items that were read of them.
    package var total: Int
    package var taken: Int
    /// True where the rows are the figures that the query names; false where it names none that an item states, and the
    /// rows are all figures of the items.
    package var isNamed: Bool
    /// Figures of the items that are not among the rows.
    package var left: Int
    package var rows: [FigureRow]
    package var trend: [TrendPoint]
    package var contradictions: [Contradiction]
    package var sums: [FigureSum]
}

/// One figure.
package struct FigureRow: Codable, Sendable, Hashable {
    static let latestDay = "latest-day"

    package var number: Int
    package var subject: String
    /// The interval; a bound that is left out is unbounded.
    package var lower: Double?
    package var upper: Double?
    package var includesLower: Bool
    package var includesUpper: Bool
    package var unit: String
    package var comparator: String
    /// ISO 8601, truncated where a part is unknown; the day in Chinese words.
    package var date: String?
    package var day: String?
    /// `figure` where the sentence dates it, `published` where the item's own date stands for it, `latest-day` where the item
    /// has none and the latest day that it names does.
    package var dateBasis: String?
    package var places: [String]
    package var quote: String
    package var sentence: String
    /// How often the item states it.
    package var mentions: Int
    /// The item: `<document>#<ordinal>`, and where in the original the figure stands.
    package var id: String
    package var title: String
    package var department: String?
    package var sources: [String]
    package var file: String?
    package var range: ByteRange
}

/// A dated row of the table's most frequent unit, for a chart.
package struct TrendPoint: Codable, Sendable, Hashable {
    package var row: Int
    package var date: String
    /// Days since 1970-01-01 of the date, or of its first day.
    package var dayNumber: Int
    package var lower: Double?
    package var upper: Double?
}

/// Rows of different items that cannot be true together.
package struct Contradiction: Codable, Sendable, Hashable {
    package var rows: [Int]
    /// A sentence in Chinese.
    package var words: String
}

/// Figures that a sentence lists, and their sum.
package struct FigureSum: Codable, Sendable, Hashable {
    package var rows: [Int]
    /// The row that states the total; nil where the sentence has none.
    package var totalRow: Int?
    package var lower: Double?
    package var upper: Double?
    package var unit: String
    /// False where the total is outside the sum; nil without a total.
    package var agrees: Bool?
    package var words: String
}
