// The merge policy as a table.

import Testing

@testable import SearchCore

@Suite struct MergePolicyTests {
    private let policy = MergePolicy(fanOut: 3, floorBytes: 100, maximumBytes: 10_000, deletedShare: 0.3)

    private func segment(_ id: String, _ bytes: Int, deleted: Int = 0) -> SegmentMetadata {
        SegmentMetadata(id: id, documentCount: 100, liveCount: 100 - deleted, byteCount: bytes)
    }

    @Test func fewSegmentsAreLeftAlone() {
        #expect(policy.plans(for: []) == [])
        #expect(policy.plans(for: [segment("a", 10), segment("b", 20)]) == [])
        #expect(policy.plans(for: [segment("a", 10), segment("b", 500), segment("c", 5000)]) == [])
    }

    @Test func segmentsOfATierAreMergedTogetherWhateverTheirOrder() {
        let segments = [segment("a", 10), segment("b", 20), segment("c", 90), segment("d", 2000)]
        let expected = [MergePlan(segmentIDs: ["a", "b", "c"])]
        #expect(policy.plans(for: segments) == expected)
        #expect(policy.plans(for: segments.reversed()) == expected)
    }

    @Test func manyDeletedDocumentsAreReasonEnough() {
        #expect(policy.plans(for: [segment("a", 9000, deleted: 31)]) == [MergePlan(segmentIDs: ["a"])])
        #expect(policy.plans(for: [segment("a", 9000, deleted: 30)]) == [])
    }

    @Test func largeSegmentsStay() {
        #expect(policy.plans(for: (0..<9).map { segment("s\($0)", 9000) }) == [])
    }

    @Test func everyDocumentIsRewrittenOnceATier() {
        var sizes: [String: Int] = [:]
        var written = 0
        for number in 0..<243 {
            sizes["n\(number)"] = 100
            while true {
                let plans = policy.plans(for: sizes.map { segment($0.key, $0.value) })
                guard let plan = plans.first else { break }
                let total = plan.segmentIDs.reduce(0) { $0 + (sizes.removeValue(forKey: $1) ?? 0) }
                sizes["m\(number)-\(written)"] = total
                written += total
            }
        }
        // 24,300 bytes, tiers of 100, 300, 900, 2700, 8100: at most four rewrites each.
        #expect(written <= 4 * 24_300)
        #expect(sizes.count <= 11)
    }
}
