// The merge policy: a pure function, so its tests are tables.

import Testing

@testable import SearchCore

struct MergePolicyTests {
    private func segments(_ sizes: [Int]) -> [MergePolicy.Segment] {
        sizes.map { MergePolicy.Segment(documentCount: $0, deletedCount: 0) }
    }

    @Test(
        arguments: [
            ([], nil), ([1], nil), (Array(repeating: 1, count: 7), nil), (Array(repeating: 1, count: 8), 0..<8),
            (Array(repeating: 1, count: 11), 3..<11), ([1000] + Array(repeating: 1, count: 8), 1..<9),
            (Array(repeating: 1, count: 4) + [1000] + Array(repeating: 1, count: 4), nil),
            (Array(repeating: 50, count: 8), 0..<8), ([5_000_000] + Array(repeating: 50, count: 7), nil),
        ] as [([Int], Range<Int>?)])
    func neighboursOfOneTierAreMergedNewestFirst(sizes: [Int], expected: Range<Int>?) {
        #expect(MergePolicy.range(segments(sizes)) == expected)
    }

    @Test func aSegmentThatIsMostlyDeletedIsRewrittenAlone() {
        let mixed = [
            MergePolicy.Segment(documentCount: 1000, deletedCount: 10),
            MergePolicy.Segment(documentCount: 1000, deletedCount: 400),
        ]
        #expect(MergePolicy.range(mixed) == 1..<2)
    }

    /// Commits of very different sizes in turn: no tier comes together, and still the segments stay few.
    @Test(arguments: [[1, 300], [1, 1, 1, 10, 100, 5000], [5000, 1, 1, 1], [1, 5, 1, 25, 1, 5, 1, 125]])
    func segmentsBetweenLargerOnesDoNotPileUp(pattern: [Int]) {
        var sizes: [Int] = []
        var rewritten = 0
        for round in 0..<3000 {
            sizes.append(pattern[round % pattern.count])
            while let range = MergePolicy.range(segments(sizes)) {
                let merged = sizes[range].reduce(0, +)
                rewritten += merged
                sizes.replaceSubrange(range, with: [merged])
            }
            let tiers = MergePolicy.Segment(documentCount: sizes.reduce(0, +), deletedCount: 0).tier
            #expect(sizes.count <= MergePolicy.fanIn * (tiers + 1))
        }
        #expect(rewritten <= sizes.reduce(0, +) * 8)
    }

    @Test func addingOneByOneEndsAndKeepsFewSegments() {
        var sizes: [Int] = []
        var rewritten = 0
        for _ in 0..<5000 {
            sizes.append(1)
            while let range = MergePolicy.range(segments(sizes)) {
                let merged = sizes[range].reduce(0, +)
                #expect(range.count > 1)
                rewritten += merged
                sizes.replaceSubrange(range, with: [merged])
            }
        }
        #expect(sizes.reduce(0, +) == 5000)
        #expect(sizes.count < 8 * 5)
        // log base 8 of 5000 is 4.1.
        #expect(rewritten <= 5000 * 8)
    }
}
