// Which of a phrase's overlapping pairs are looked for.

/// Which units of a contiguous phrase are looked for: every character must be in one, and the rarest pair is always there.
///
/// Pairs overlap, so about every second one is enough; which ones are the cheapest depends on the segment. Whatever is
/// chosen, the phrase stands at the same places.
enum PhraseCover {
    /// What opening a list costs, in postings.
    private static let openingCost = 64
    /// A pair this many times rarer than those chosen narrows the documents by more than it costs.
    private static let rareFactor = 4

    /// - Parameters:
    ///   - units: in the order of the phrase.
    ///   - costs: a cost a unit, about its documents.
    /// - Returns: places of the chosen units, ascending. - Complexity: O(units).
    static func choose(_ units: [Phrase.Unit], costs: [Int]) -> [Int] {
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
        guard let rarest = costs.indices.min(by: { costs[$0] < costs[$1] }), !kept.contains(rarest) else { return kept }
        let least = kept.map { costs[$0] }.min() ?? 0
        return costs[rarest] * rareFactor < least ? (kept + [rarest]).sorted() : kept
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
