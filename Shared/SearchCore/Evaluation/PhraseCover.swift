// Which of a phrase's overlapping pairs are looked for.

/// Which units of a contiguous phrase are looked for: every character must be in one. Where the rarest pair is not among them, it may still
/// narrow the documents.
///
/// Pairs overlap, so about every second one is enough; which ones are the cheapest depends on the segment. Whatever is
/// chosen, the phrase stands at the same places.
enum PhraseCover {
    /// What opening a list costs, in postings.
    private static let openingCost = 64
    /// A pair in so much fewer documents than the rarest one chosen narrows the documents by more than it costs: a posting is decoded and
    /// marked in a hundredth of the time that the positions of a document take.
    private static let rareShare = 0.8

    /// - Parameters:
    ///   - units: in the order of the phrase.
    ///   - costs: a cost a unit, about its documents.
    /// - Returns: places of units that hold every character, ascending. - Complexity: O(units).
    static func cover(_ units: [Phrase.Unit], costs: [Int]) -> [Int] {
        var kept: [Int] = []
        var first = 0
        while first < units.count {
            var end = first + 1
            while end < units.count, isPair(units[first]), isPair(units[end]),
                units[end].offset == units[end - 1].offset + 1
            {
                end += 1
            }
            kept += cheapest(first..<end, costs)
            first = end
        }
        return kept
    }

    /// A unit beside those of the cover that stands in so few documents that asking for it pays, by its place.
    static func narrowing(_ cover: [Int], costs: [Int]) -> Int? {
        guard let rarest = costs.indices.min(by: { costs[$0] < costs[$1] }), !cover.contains(rarest) else { return nil }
        let least = cover.map { costs[$0] }.min() ?? 0
        return Double(costs[rarest]) < Double(least) * rareShare ? rarest : nil
    }

    private static func isPair(_ unit: Phrase.Unit) -> Bool { unit.key.first == TermTier.pair.rawValue }

    /// Of a run of overlapping pairs: the first, the last, and of any two neighbours one, at the least sum of costs.
    private static func cheapest(_ run: Range<Int>, _ costs: [Int]) -> [Int] {
        // sums[k]: the least sum with the k-th pair taken; before[k]: the pair taken before it.
        var sums: [Int] = []
        var before: [Int] = []
        for (place, unit) in run.enumerated() {
            let cost = costs[unit] + openingCost
            if place == 0 {
                sums.append(cost)
                before.append(-1)
            } else {
                let from = place > 1 && sums[place - 2] <= sums[place - 1] ? place - 2 : place - 1
                sums.append(sums[from] + cost)
                before.append(from)
            }
        }
        var kept: [Int] = []
        var place = run.count - 1
        while place >= 0 {
            kept.append(run.lowerBound + place)
            place = before[place]
        }
        return kept.reversed()
    }
}
