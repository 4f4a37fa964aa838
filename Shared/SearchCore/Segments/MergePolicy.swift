// Which segments of a partition to merge: a pure function of their sizes.
//
// Tiered: segments of about the same size are merged `fanOut` at a time, so that a document is rewritten once a tier,
// log_fanOut(total / smallest) times in all. A segment with many deleted documents is rewritten alone.

/// What the policy knows of a segment.
package struct SegmentMetadata: Codable, Sendable, Hashable {
    package var id: String
    package var documentCount: Int
    package var liveCount: Int
    package var byteCount: Int

    package init(id: String, documentCount: Int, liveCount: Int, byteCount: Int) {
        self.id = id
        self.documentCount = documentCount
        self.liveCount = liveCount
        self.byteCount = byteCount
    }

    /// Bytes that a merge would carry over, about.
    var liveBytes: Int {
        documentCount == 0 ? 0 : Int(Double(byteCount) * Double(liveCount) / Double(documentCount))
    }
}

/// Segments to merge into one, or to rewrite alone.
package struct MergePlan: Codable, Sendable, Hashable {
    package var segmentIDs: [String]

    package init(segmentIDs: [String]) {
        self.segmentIDs = segmentIDs
    }
}

/// The tiered policy.
package struct MergePolicy: Sendable, Hashable {
    /// Segments of a tier before they are merged, 2…: fewer give faster searches, more give less rewriting.
    package var fanOut: Int
    /// Segments below this size count as this large, so that tiny ones share one tier.
    package var floorBytes: Int
    /// Segments above this size are left alone unless many documents are deleted; bounds the time of one merge.
    package var maximumBytes: Int
    /// A segment with more than this share of deleted documents is rewritten, 0…1.
    package var deletedShare: Double

    package init(
        fanOut: Int = 8, floorBytes: Int = 2 << 20, maximumBytes: Int = 5 << 30, deletedShare: Double = 0.3
    ) {
        self.fanOut = max(2, fanOut)
        self.floorBytes = max(1, floorBytes)
        self.maximumBytes = maximumBytes
        self.deletedShare = deletedShare
    }

    /// Merges worth doing now, disjoint, the most urgent first. The same answer for any order of `segments`.
    package func plans(for segments: [SegmentMetadata]) -> [MergePlan] {
        var plans: [MergePlan] = []
        var used = Set<String>()
        let ordered = segments.sorted { ($0.liveBytes, $0.id) < ($1.liveBytes, $1.id) }
        var tiers: [Int: [SegmentMetadata]] = [:]
        for segment in ordered where segment.liveBytes < maximumBytes / 2 {
            tiers[tier(of: segment.liveBytes), default: []].append(segment)
        }
        for tier in tiers.keys.sorted() {
            var waiting = tiers[tier, default: []][...]
            while waiting.count >= fanOut {
                var chosen: [SegmentMetadata] = []
                var bytes = 0
                for segment in waiting.prefix(fanOut) where bytes + segment.liveBytes <= maximumBytes {
                    chosen.append(segment)
                    bytes += segment.liveBytes
                }
                waiting = waiting.dropFirst(fanOut)
                guard chosen.count > 1 else { continue }
                plans.append(MergePlan(segmentIDs: chosen.map(\.id)))
                used.formUnion(chosen.map(\.id))
            }
        }
        for segment in ordered where !used.contains(segment.id) {
            let deleted = segment.documentCount - segment.liveCount
            if Double(deleted) > deletedShare * Double(segment.documentCount) {
                plans.append(MergePlan(segmentIDs: [segment.id]))
            }
        }
        return plans
    }

    /// 0 for sizes up to the floor, then one more for each factor of `fanOut`.
    private func tier(of bytes: Int) -> Int {
        var tier = 0
        var limit = floorBytes
        while bytes > limit, limit <= Int.max / fanOut {
            limit *= fanOut
            tier += 1
        }
        return tier
    }
}
