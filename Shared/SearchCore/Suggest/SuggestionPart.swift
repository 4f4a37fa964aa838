// What some segments suggest, and how parts become the list that is shown.
//
// Order of the list: the way of fitting first; of one way, names before titles, names by their documents, titles the newest
// first; then the shorter text, then its bytes. Where there are enough titles, names take half of the places at most: what
// begins with 上海 is mostly departments, and the notices would never be seen.

package import Analysis
package import Messages

/// The best names and titles of some segments.
package struct SuggestionPart: Codable, Sendable, Hashable {
    package struct Name: Codable, Sendable, Hashable {
        package var text: String
        package var field: String
        package var match: SuggestionMatch
        /// Visible documents that have it.
        package var count: Int
    }

    package struct Title: Codable, Sendable, Hashable {
        package var text: String
        package var match: SuggestionMatch
        /// Ascending is the order; see `PackedDate.rank`.
        package var rank: Int64
        package var date: String
    }

    package var names: [Name] = []
    package var titles: [Title] = []

    package init() {}

    /// The parts of different segments as one: documents of equal names are added, of equal titles the newest stays.
    ///
    /// A name that is among the best of one segment only has that segment's count. Spellings of one folded text are one
    /// entry, shown as most documents have it.
    package static func merged(_ parts: [SuggestionPart], limit: Int, analyzer: Analyzer = Analyzer()) -> SuggestionPart
    {
        struct Key: Hashable {
            let field: String
            let text: String
        }
        var names: [Key: Name] = [:]
        var titles: [String: Title] = [:]
        for part in parts {
            for name in part.names {
                let key = Key(field: name.field, text: SuggestionText.plain(name.text, analyzer))
                guard let known = names[key] else {
                    names[key] = name
                    continue
                }
                names[key] = precedes(known, name) ? known : name
                names[key]?.count = known.count + name.count
            }
            for title in part.titles {
                let key = SuggestionText.plain(title.text, analyzer)
                guard let known = titles[key], precedes(known, title) else {
                    titles[key] = title
                    continue
                }
            }
        }
        var result = SuggestionPart()
        result.names = Array(names.values.sorted(by: precedes).prefix(SegmentSuggestions.shownNames))
        result.titles = Array(titles.values.sorted(by: precedes).prefix(limit))
        return result
    }

    /// The list that is shown, at most `limit` long.
    ///
    /// - Parameter fields: of the collection, as its queries name them.
    package func suggestions(
        limit: Int, from sources: SuggestionFields = .bulletins, fields: QueryFields = .bulletins
    ) -> [SuggestedText] {
        let nameCount = min(names.count, max((limit + 1) / 2, limit - titles.count), limit)
        let printer = QueryPrinter(fields: fields)
        let titleField = sources.title ?? ""
        let shown = names.prefix(nameCount).map { name in
            SuggestedText(
                text: name.text, field: name.field, match: name.match, count: name.count,
                query: printer.print(.term(name.text, field: name.field)))
        }
        let others = titles.prefix(limit - nameCount).map { title in
            SuggestedText(
                text: title.text, field: titleField, match: title.match, date: title.date.isEmpty ? nil : title.date,
                query: printer.print(.phrase(title.text, field: titleField, slop: 0)))
        }
        // Stable: names stand before titles of the same rank.
        return (shown + others).enumerated()
            .sorted { ($0.element.match.rank, $0.offset) < ($1.element.match.rank, $1.offset) }.map(\.element)
    }

    static func precedes(_ first: Name, _ second: Name) -> Bool {
        if first.match != second.match { return first.match.rank < second.match.rank }
        if first.count != second.count { return first.count > second.count }
        if first.text != second.text { return precedes(first.text, second.text) }
        return first.field < second.field
    }

    static func precedes(_ first: Title, _ second: Title) -> Bool {
        if first.match != second.match { return first.match.rank < second.match.rank }
        if first.rank != second.rank { return first.rank < second.rank }
        return precedes(first.text, second.text)
    }

    /// The shorter text first, then by bytes.
    static func precedes(_ first: String, _ second: String) -> Bool {
        let (one, other) = (first.utf8, second.utf8)
        return one.count != other.count ? one.count < other.count : one.lexicographicallyPrecedes(other)
    }
}
