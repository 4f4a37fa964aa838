// Which neighbouring segments of a partition to merge, as a pure function of their sizes.
//
// Segments of one partition cover neighbouring ranges of offsets and must go on doing so, so only runs of neighbours are
// merged. A segment's tier is the power of `fanIn` that its live documents reach. Where `fanIn` segments of one tier lie
// with nothing larger between them, they are merged, with the smaller ones among them, the newest first. A document is
// thus rewritten about once a tier, log base `fanIn` of the collection's size. Where small segments lie between larger
// ones and no tier ever comes together, their number is bounded: beyond `fanIn` segments for each tier up to that of all
// documents together, the `fanIn` neighbours with the fewest documents are merged. A segment of which more than a third
// is deleted is rewritten alone, which gives its space back.

package enum MergePolicy {
    /// Segments of one merge. 8 keeps a partition below 8 segments a tier and rewrites a document about six times on
    /// the way to a million.
    package static let fanIn = 8
    /// Documents beyond which a segment is left as it is.
    package static let maximumDocuments = 4_000_000
    /// Share of deleted documents that makes a segment worth rewriting alone.
    package static let deletedShare = 0.34

    /// As much of a segment as the choice needs.
    package struct Segment: Sendable, Hashable {
        package var documentCount: Int
        package var deletedCount: Int

        package init(documentCount: Int, deletedCount: Int) {
            self.documentCount = documentCount
            self.deletedCount = deletedCount
        }

        var liveCount: Int { max(0, documentCount - deletedCount) }

        /// 0 below `fanIn` live documents, then one more for each factor of `fanIn`.
        var tier: Int {
            var tier = 0
            var bound = fanIn
            while liveCount >= bound {
                tier += 1
                bound *= fanIn
            }
            return tier
        }
    }

    /// The half-open range of neighbours to merge now, or nil.
    ///
    /// - Parameter segments: of one partition, in the order of their offsets.
    package static func range(_ segments: [Segment]) -> Range<Int>? {
        let tiers = segments.map { $0.liveCount < maximumDocuments ? $0.tier : Int.max }
        for tier in Set(tiers).sorted() where tier < Int.max {
            // Places of this tier, newest first, since the last larger segment.
            var places: [Int] = []
            for place in segments.indices.reversed() {
                if tiers[place] > tier { places = [] }
                if tiers[place] == tier { places.append(place) }
                if places.count == fanIn { return place..<places[0] + 1 }
            }
        }
        if let crowd = crowd(segments) { return crowd }
        for (place, segment) in segments.enumerated() where segment.documentCount > 0 {
            if Double(segment.deletedCount) > deletedShare * Double(segment.documentCount), segment.documentCount > 64 {
                return place..<place + 1
            }
        }
        return nil
    }

    /// The neighbours with the fewest documents, where there are more segments than the tiers account for.
    private static func crowd(_ segments: [Segment]) -> Range<Int>? {
        let small = segments.map { $0.liveCount < maximumDocuments ? $0.liveCount : Int.max }
        let all = Segment(documentCount: small.reduce(0) { $1 < Int.max ? $0 + $1 : $0 }, deletedCount: 0)
        guard small.count(where: { $0 < Int.max }) > fanIn * (all.tier + 1) else { return nil }
        var best: (range: Range<Int>, sum: Int)?
        for first in 0...(segments.count - fanIn) {
            let range = first..<first + fanIn
            guard small[range].allSatisfy({ $0 < Int.max }) else { continue }
            let sum = small[range].reduce(0, +)
            if best.map({ sum < $0.sum }) ?? true { best = (range, sum) }
        }
        return best?.range
    }
}
