// What a snapshot's own dictionaries offer: values of keyword fields, and pairs and words of titles.
//
// Whole titles are in the stored bytes, which the search core does not read: whoever does adds them as `.title` entries.

extension Suggester {
    /// Terms of titles that stand in fewer documents are no suggestions.
    private static let leastTermCount = 2
    /// Dictionary terms that are looked at in a segment and field.
    private static let termLimit = 200_000
    private static let kinds: [String: SuggestionEntry.Kind] = [
        "department": .department, "source": .source, "district": .district,
    ]

    /// The entries of a snapshot. Counts are of all documents of its segments, deleted ones included.
    /// - Throws: `corrupt`. - Complexity: O(terms), bounded by `termLimit` a field and segment.
    package static func entries(
        of snapshot: IndexSnapshot, schema: IndexSchema
    ) throws(SearchCoreError) -> [SuggestionEntry] {
        var counts: [SuggestionEntry.Kind: [String: Int]] = [:]
        for view in snapshot.views {
            for (index, field) in schema.fields.enumerated() {
                if let kind = kinds[field.name], index < view.reader.keywords.count,
                    let keyword = view.reader.keywords[index]
                {
                    try visit(keyword.dictionary) { key, count in
                        counts[kind, default: [:]][KeywordTerm.value(key), default: 0] += count
                    }
                } else if field.name == "title", index < view.reader.texts.count, let text = view.reader.texts[index] {
                    try visit(text.dictionary) { key, count in
                        let term = String(decoding: key.dropFirst(), as: UTF8.self)
                        // Single characters and numbers are no suggestions.
                        guard term.unicodeScalars.count > 1, !term.utf8.allSatisfy({ $0 < 0x3A }) else { return }
                        counts[.term, default: [:]][term, default: 0] += count
                    }
                }
            }
        }
        var result: [SuggestionEntry] = []
        for (kind, values) in counts {
            for (text, count) in values where kind != .term || count >= leastTermCount {
                result.append(SuggestionEntry(text: text, kind: kind, count: count))
            }
        }
        return result
    }

    private static func visit(
        _ dictionary: TermDictionary, _ body: ([UInt8], Int) -> Void
    ) throws(SearchCoreError) {
        var terms = try dictionary.iterate(from: 0)
        var seen = 0
        while try terms.next(), seen < termLimit {
            seen += 1
            body(Array(terms.term), terms.info.documentFrequency)
        }
    }
}
