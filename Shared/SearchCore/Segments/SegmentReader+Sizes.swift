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

    /// Sizes of a text field's lists by the length of the term in characters (words as 0).
    /// - Complexity: O(terms).
    package func postingSizes(field: String) throws(SearchCoreError) -> [Int: PostingSizes] {
        guard let index = schema.index(of: field), let text = texts[index] else { return [:] }
        var sizes: [Int: PostingSizes] = [:]
        var terms = try text.dictionary.iterate()
        while try terms.next() {
            let isWord = terms.term.first == TermTier.word.rawValue
            let length = isWord ? 0 : String(decoding: terms.term.dropFirst(), as: UTF8.self).unicodeScalars.count
            sizes[length, default: PostingSizes()].terms += 1
            sizes[length, default: PostingSizes()].postings += terms.info.documentFrequency
            sizes[length, default: PostingSizes()].postingBytes += terms.info.postingBytes
            sizes[length, default: PostingSizes()].positionBytes += terms.info.positionBytes
        }
        return sizes
    }
}
