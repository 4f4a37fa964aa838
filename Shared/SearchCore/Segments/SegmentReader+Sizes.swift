// Where a segment's bytes go, for reports.

/// Bytes of one text field's lists, by what they record.
package struct PostingSizes: Codable, Sendable, Hashable {
    package var terms = 0
    package var postings = 0
    package var postingBytes = 0
    package var positionBytes = 0
}

extension SegmentReader {
    /// Bytes of each section by field name and kind.
    package func sectionSizes() -> [String: Int] {
        var sizes: [String: Int] = [:]
        for entry in file.entries {
            let kind = SectionKind(rawValue: entry.kind).map { "\($0)" } ?? "\(entry.kind)"
            let field = Int(entry.field)
            let name = field < schema.fields.count ? schema.fields[field].name : "system"
            sizes["\(name) \(kind)", default: 0] += entry.length
        }
        return sizes
    }

    /// Sizes of a text field's lists by the tier of the term. - Complexity: O(terms).
    package func postingSizes(field: String) throws(SearchCoreError) -> [String: PostingSizes] {
        guard let index = schema.index(of: field), let text = texts[index] else { return [:] }
        var sizes: [String: PostingSizes] = [:]
        var terms = try text.dictionary.iterate()
        while try terms.next() {
            let tier = terms.term.first.flatMap(TermTier.init(rawValue:)).map { "\($0)" } ?? "other"
            sizes[tier, default: PostingSizes()].terms += 1
            sizes[tier, default: PostingSizes()].postings += terms.info.documentFrequency
            sizes[tier, default: PostingSizes()].postingBytes += terms.info.postingBytes
            sizes[tier, default: PostingSizes()].positionBytes += terms.info.positionBytes
        }
        return sizes
    }
}
