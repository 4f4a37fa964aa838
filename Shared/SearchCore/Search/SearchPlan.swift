// What a search asks for, and what a part of the collection answers. Both cross the wire.

package import Messages

/// The order of hits.
package enum HitOrder: Codable, Sendable, Hashable {
    /// Best score first.
    case relevance
    /// By a date field; dates without a year after all others, documents without a date last.
    case date(field: String, isDescending: Bool)
    /// By a number field; documents without a number last. Of several numbers the one that comes first counts.
    case number(field: String, isDescending: Bool)
    /// By the distance of a point field from a place, in millimetres; documents without a point last.
    case distance(field: String, from: GeoPoint)
}

/// A hit's place in the order of results; a search continues behind it.
package struct HitPlace: Codable, Sendable, Hashable {
    /// Minus the score in units, or the rank of the date. Ascending.
    package var key: Int64
    package var documentID: String
    package var itemOrdinal: UInt32

    package init(key: Int64, documentID: String, itemOrdinal: UInt32) {
        self.key = key
        self.documentID = documentID
        self.itemOrdinal = itemOrdinal
    }

    /// The order of results: key, then identity. Nothing depends on segments or document numbers.
    static func precedes(_ first: HitPlace, _ second: HitPlace) -> Bool {
        if first.key != second.key { return first.key < second.key }
        if first.documentID != second.documentID {
            return first.documentID.utf8.lexicographicallyPrecedes(second.documentID.utf8)
        }
        return first.itemOrdinal < second.itemOrdinal
    }
}

/// How documents are counted.
package enum TotalCount: String, Codable, Sendable, Hashable {
    /// Every match is counted.
    case exact
    /// Documents that cannot be among the hits may be passed over; the total is a lower bound then.
    case atLeast
}

/// One search over a snapshot.
package struct SearchPlan: Codable, Sendable, Hashable {
    /// Most hits of one search, `offset` included: bounds every heap.
    package static let maximumHits = 20_000
    /// Values of one facet returned by one part; beyond it the facet says that it is not whole.
    package static let maximumFacetValues = 10_000

    package var query: Query
    /// Hits to return.
    package var limit: Int
    /// Hits to pass over first; for a continued search use `after`.
    package var offset: Int
    package var after: HitPlace?
    package var order: HitOrder
    /// Keyword fields whose values are counted over all matches.
    package var facets: [String]
    /// A date field whose matches are counted by month.
    package var histogramField: String?
    /// Collection-wide sums; nil computes them from the snapshot, which is right when it is the whole collection.
    package var statistics: CollectionStatistics?
    package var total: TotalCount
    /// Keyword fields: of the matches with the same values of all of them only the first in the order of hits is a hit. A match
    /// that lacks one is a hit of its own; of several values the first counts. Totals and counters are those of all matches. Not
    /// with `after`.
    package var collapse: [String]

    package init(
        query: Query, limit: Int = 10, offset: Int = 0, after: HitPlace? = nil, order: HitOrder = .relevance,
        facets: [String] = [], histogramField: String? = nil, statistics: CollectionStatistics? = nil,
        total: TotalCount = .exact, collapse: [String] = []
    ) {
        self.query = query
        self.limit = limit
        self.offset = offset
        self.after = after
        self.order = order
        self.facets = facets
        self.histogramField = histogramField
        self.statistics = statistics
        self.total = total
        self.collapse = collapse
    }
}

/// Where a hit's stored bytes are.
package struct HitReference: Codable, Sendable, Hashable {
    package var segmentID: String
    package var docID: DocID

    package init(segmentID: String, docID: DocID) {
        self.segmentID = segmentID
        self.docID = docID
    }
}

/// A document found.
package struct Hit: Codable, Sendable, Hashable {
    package var reference: HitReference
    /// 0 where the order is not by relevance.
    package var score: Double
    package var place: HitPlace
    package var version: Int64
    /// The values that it is the first hit of, in a collapsed search.
    package var group: [String]?

    package init(
        reference: HitReference, score: Double, place: HitPlace, version: Int64, group: [String]? = nil
    ) {
        self.reference = reference
        self.score = score
        self.place = place
        self.version = version
        self.group = group
    }

    /// By place; of two copies of one item (a newer version not yet cleaned up) the newer first.
    static func precedes(_ first: Hit, _ second: Hit) -> Bool {
        if HitPlace.precedes(first.place, second.place) { return true }
        if HitPlace.precedes(second.place, first.place) { return false }
        if first.version != second.version { return first.version > second.version }
        return (first.reference.segmentID, first.reference.docID) < (second.reference.segmentID, second.reference.docID)
    }
}

/// The answer over some segments. Answers over disjoint segments, given one `SearchPlan` with statistics, merge into
/// the answer over all of them.
package struct PartialResult: Codable, Sendable, Hashable {
    /// The best `offset + limit` hits, best first; `merge` drops the offset.
    package var hits: [Hit]
    package var total: Int
    /// False when documents were passed over uncounted.
    package var isTotalExact: Bool
    package var facets: [String: FacetResult]
    package var histogram: MonthCounts

    package init(
        hits: [Hit] = [], total: Int = 0, isTotalExact: Bool = true, facets: [String: FacetResult] = [:],
        histogram: MonthCounts = MonthCounts()
    ) {
        self.hits = hits
        self.total = total
        self.isTotalExact = isTotalExact
        self.facets = facets
        self.histogram = histogram
    }

    /// Merges answers over disjoint segments: the same result however the segments were spread.
    package static func merge(_ parts: [PartialResult], limit: Int, offset: Int = 0) -> PartialResult {
        var result = PartialResult()
        var facets: [String: [FacetResult]] = [:]
        for part in parts {
            result.hits += part.hits
            result.total = saturatingSum(result.total, part.total)
            result.isTotalExact = result.isTotalExact && part.isTotalExact
            for (field, facet) in part.facets { facets[field, default: []].append(facet) }
            result.histogram.merge(part.histogram)
        }
        result.facets = facets.mapValues(FacetResult.merged)
        result.hits.sort(by: Hit.precedes)
        result.cut(limit: limit, offset: offset)
        return result
    }

    /// Puts the hits of another segment among the own ones.
    /// - Precondition: both are in order and without hits of one group.
    mutating func merge(hits: [Hit], limit: Int) {
        guard !self.hits.isEmpty else {
            self.hits = hits
            return
        }
        guard !hits.isEmpty else { return }
        self.hits += hits
        self.hits.sort(by: Hit.precedes)
        cut(limit: limit, offset: 0)
    }

    /// Keeps the first hit of each group, and of those the ones asked for. - Precondition: the hits are in order.
    private mutating func cut(limit: Int, offset: Int) {
        if hits.contains(where: { $0.group != nil }) {
            // What is the first of its value among the best of each part is the first of all: a part that has a better one has
            // few values that are better still.
            var groups: Set<[String]> = []
            hits.removeAll { hit in hit.group.map { !groups.insert($0).inserted } ?? false }
        }
        if offset > 0 { hits.removeFirst(min(offset, hits.count)) }
        if hits.count > max(0, limit) { hits.removeLast(hits.count - max(0, limit)) }
    }
}
