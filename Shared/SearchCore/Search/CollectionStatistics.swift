// What ranking needs to know of the whole collection: sums over segments, so that workers' parts can be added up.
//
// Only live documents are counted, exactly: a merge drops deleted documents and nothing else, so the statistics, and
// with them every score, are the same before and after it. Counting costs one pass over the posting lists of the
// query's terms in segments that have deleted documents; `SegmentView` remembers the result.

/// Sums over the live documents of some segments. Sums of disjoint segments add up by `merge`.
package struct CollectionStatistics: Codable, Sendable, Hashable {
    package var documentCount: Int
    /// By field name.
    package var lengths: [String: FieldLengths]
    /// By field name, then by term as the dictionary keys it (tier character, then the term).
    package var documentFrequencies: [String: [String: Int]]

    package init(
        documentCount: Int = 0, lengths: [String: FieldLengths] = [:],
        documentFrequencies: [String: [String: Int]] = [:]
    ) {
        self.documentCount = documentCount
        self.lengths = lengths
        self.documentFrequencies = documentFrequencies
    }

    /// Adds the sums of other segments.
    package mutating func merge(_ other: CollectionStatistics) {
        documentCount = saturatingSum(documentCount, other.documentCount)
        for (field, sum) in other.lengths { lengths[field, default: FieldLengths()].merge(sum) }
        for (field, counts) in other.documentFrequencies {
            documentFrequencies[field, default: [:]].merge(counts, uniquingKeysWith: saturatingSum)
        }
    }

    /// The sums that the plan's weights need, over the views.
    /// - Complexity: O(terms · segments), plus the postings of the terms in segments with deleted documents.
    init(for plan: Plan, schema: IndexSchema, views: [SegmentView]) throws(SearchCoreError) {
        self.init()
        let fields = Set(plan.leaves.map(\.field))
        let maps = views.map { FieldMap(of: schema, in: $0.reader.schema) }
        for (view, map) in zip(views, maps) {
            documentCount += view.liveCount
            for field in fields {
                let name = schema.fields[field].name
                let sum = map[field].map { view.lengths(field: $0) } ?? FieldLengths()
                lengths[name, default: FieldLengths()].merge(sum)
            }
        }
        for leaf in plan.leaves {
            let name = schema.fields[leaf.field].name
            for key in Plan.weightKeys(leaf) {
                let term = String(decoding: key, as: UTF8.self)
                if documentFrequencies[name]?[term] != nil { continue }
                var count = 0
                for (view, map) in zip(views, maps) {
                    guard let field = map[leaf.field] else { continue }
                    count += try view.liveDocumentFrequency(field: field, key: key)
                }
                documentFrequencies[name, default: [:]][term] = count
            }
        }
    }

    /// Inverse document frequency: ln(1 + (N - n + 0.5) / (n + 0.5)) over the documents that have the field.
    func inverseDocumentFrequency(field: String, key: [UInt8]) -> Double {
        Self.inverseDocumentFrequency(
            documents: lengths[field]?.documentCount ?? 0,
            frequency: documentFrequencies[field]?[String(decoding: key, as: UTF8.self)] ?? 0)
    }

    static func inverseDocumentFrequency(documents: Int, frequency documentFrequency: Int) -> Double {
        // Counts may come from another process: whatever they are, the result is a number of 0 or more.
        let count = Double(max(documents, 0))
        let frequency = Double(max(documentFrequency, 0))
        return naturalLogarithm(1 + (max(count - frequency, 0) + 0.5) / (frequency + 0.5))
    }

    /// How strongly the two characters of a pair go together, 0...1: the normalised pointwise mutual information of their
    /// document frequencies (Bouma, "Normalized (Pointwise) Mutual Information in Collocation Extraction", 2009), cut at 0.
    /// Judged in the field with the most text that has the pair; 1 where none has.
    func association(of pair: [UInt8], _ first: [UInt8], _ second: [UInt8]) -> Double {
        let names = lengths.keys.sorted {
            let (one, other) = (lengths[$0]?.totalLength ?? 0, lengths[$1]?.totalLength ?? 0)
            return one != other ? one > other : $0 < $1
        }
        for name in names {
            guard let counts = documentFrequencies[name], let both = counts[Self.name(pair)], both > 0 else { continue }
            let documents = Double(max(lengths[name]?.documentCount ?? 0, both))
            let one = Double(max(counts[Self.name(first)] ?? 0, both))
            let other = Double(max(counts[Self.name(second)] ?? 0, both))
            let information = naturalLogarithm(Double(both) * documents / (one * other))
            let greatest = naturalLogarithm((documents + 1) / Double(both))
            return min(1, max(0, information / greatest))
        }
        return 1
    }

    private static func name(_ key: [UInt8]) -> String { String(decoding: key, as: UTF8.self) }
}
