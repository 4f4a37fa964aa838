// What is offered while a query is typed.

/// Something that can be offered: a department, a source, a title, a word.
package struct SuggestionEntry: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable {
        case department, source, district, title, term
    }

    package var text: String
    package var kind: Kind
    /// Documents that have it; more is offered first.
    package var count: Int

    package init(text: String, kind: Kind, count: Int) {
        self.text = text
        self.kind = kind
        self.count = count
    }
}

/// An entry that fits what was typed, and how.
package struct Suggestion: Codable, Sendable, Hashable {
    /// In the order of preference.
    package enum Match: String, Codable, Sendable, CaseIterable {
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
    }

    package var entry: SuggestionEntry
    package var match: Match
}
