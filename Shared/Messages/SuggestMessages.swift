// What is offered while a query is typed: the answer of `/v1/collections/{c}/suggest`.

/// How a suggestion fits what was typed, in the order of preference.
package enum SuggestionMatch: String, Codable, Sendable, Hashable, CaseIterable {
    /// Begins with what was typed.
    case prefix
    /// Has it inside.
    case inside
    /// Sounds so: whole syllables, initials, or mixed.
    case pinyin
    /// Sounds like the characters typed; zh as z, ch as c, sh as s, ng as n, l as n.
    case homophone
    /// Begins so but for one character more, less, other or swapped.
    case typo

    /// Less is better.
    package var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How other words for those of a search came about.
package enum CorrectionKind: String, Codable, Sendable, Hashable, CaseIterable {
    /// Letters or characters more, less, other or swapped.
    case typo
    /// Characters that sound alike.
    case homophone
    /// Characters of nearly one shape.
    case lookAlike = "look-alike"
    /// Letters that spell characters, whole or by their initials.
    case pinyin
    /// A word as the value of a field, or another value for one.
    case field
    /// Words that a mark joined, each by itself.
    case apart
}

/// A query that may have been meant.
package struct CorrectedQuery: Codable, Sendable, Hashable {
    /// In the query language.
    package var query: String
    package var kind: CorrectionKind
    /// What it finds, by its own count.
    package var total: Int

    package init(query: String, kind: CorrectionKind, total: Int) {
        self.query = query
        self.kind = kind
        self.total = total
    }
}

/// One suggestion.
package struct SuggestedText: Codable, Sendable, Hashable {
    package var text: String
    /// The field that has it: `title`, `department`, `source`, `district`, or one of a declared collection.
    package var field: String
    package var match: SuggestionMatch
    /// Items that have the value; nil for a title.
    package var count: Int?
    /// The day of a title's newest item, as far as it is known; nil for other fields.
    package var date: String?
    /// The query that finds what is suggested.
    package var query: String

    package init(
        text: String, field: String, match: SuggestionMatch, count: Int? = nil, date: String? = nil, query: String
    ) {
        self.text = text
        self.field = field
        self.match = match
        self.count = count
        self.date = date
        self.query = query
    }
}

/// The gateway's answer.
package struct SuggestReply: Codable, Sendable {
    /// The collection's version that the suggestions are of.
    package var version: Int64
    /// False while a worker still makes its tables of some segments, or has no room for them.
    package var complete: Bool
    package var suggestions: [SuggestedText]
    /// Milliseconds: `total`.
    package var timings: [String: Double]

    package init(version: Int64, complete: Bool, suggestions: [SuggestedText], timings: [String: Double]) {
        self.version = version
        self.complete = complete
        self.suggestions = suggestions
        self.timings = timings
    }
}
