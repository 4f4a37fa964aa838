// The query tree: what the query language, its JSON form and every worker's plan have in common.

/// A query as a tree. The text form is parsed into it and printed from it; the JSON form is its Codable form.
package indirect enum Query: Codable, Sendable, Hashable {
    /// Every document.
    case all
    /// No document.
    case none
    /// Words as typed, without quotes. Chinese up to the analyser's limit matches contiguously; longer runs are ranked
    /// by how much of them a document holds.
    case text(String, field: String?)
    /// A quoted phrase: its characters stand together, in order, with at most `slop` other characters among them.
    case phrase(String, field: String?, slop: Int)
    /// Words that begin so.
    case prefix(String, field: String?)
    /// Words and runs of characters that fit a pattern: `*` any characters or none, `?` one, `\` takes the next as it is.
    case wildcard(String, field: String?)
    /// Words within `edits` insertions, deletions, substitutions or swaps (at most 2).
    case fuzzy(String, field: String?, edits: Int)
    /// A keyword field with exactly this value.
    case term(String, field: String)
    /// A date field within a half-open range of days, as far as its precision tells.
    case dates(DateRange, field: String)
    /// A date field on this day, or in this month where `day` is nil, of any year or of none that is known.
    case monthDay(month: Int, day: Int?, field: String)
    /// A number field within bounds.
    case numbers(NumberRange, field: String)
    /// A point field whose place is in the shape.
    case within(GeoShape, field: String)
    /// An area field that holds the place.
    case covers(GeoPoint, field: String)
    /// A stated figure: subject, comparison, value, unit; for example `复工率>70%`.
    case figure(subject: String, range: NumberRange, unit: String)
    /// All of these.
    case and([Query])
    /// At least one of these.
    case or([Query])
    /// Every document but these.
    case not(Query)
    /// Counts `factor` times in the score.
    case boost(Query, factor: Float)
}

/// Days since 1970-01-01, half-open; nil is unbounded.
package struct DateRange: Codable, Sendable, Hashable {
    package var lower: Int?
    package var upper: Int?

    package init(lower: Int?, upper: Int?) {
        self.lower = lower
        self.upper = upper
    }
}

/// Numbers between bounds; nil is unbounded.
package struct NumberRange: Codable, Sendable, Hashable {
    package var lower: Double?
    package var upper: Double?
    package var includesLower: Bool
    package var includesUpper: Bool

    package init(lower: Double?, upper: Double?, includesLower: Bool = true, includesUpper: Bool = true) {
        self.lower = lower
        self.upper = upper
        self.includesLower = includesLower
        self.includesUpper = includesUpper
    }
}
