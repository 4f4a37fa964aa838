// How often a phrase with slop stands in a document, from the positions of its units.

/// Counts occurrences of phrases.
enum PhraseFrequency {
    /// The number of minimal windows in which the units stand in order at strictly ascending positions, with at
    /// most `slop` positions more than in the query. A window is minimal when none of them lies inside it.
    /// - Parameters:
    ///   - positions: a unit each, ascending.
    ///   - places: working memory, a unit each.
    /// - Complexity: O(sum of the lengths).
    static func sloppy(
        _ positions: ScratchBuffer<PositionBuffer>, span: UInt32, slop: Int, _ places: ScratchBuffer<Int>
    ) -> UInt32 {
        let units = positions.count
        for unit in 0..<units { places[unit] = 0 }
        var count: UInt32 = 0
        // The window that ends where the last one ended, but begins later, replaces it.
        var pending: (start: UInt32, end: UInt32)?
        func fits(_ window: (start: UInt32, end: UInt32)) -> Bool {
            Int(window.end) - Int(window.start) - Int(span) <= slop
        }
        search: for index in 0..<positions[0].count {
            let start = positions[0][index]
            var end = start
            for unit in 1..<units {
                let length = positions[unit].count
                var place = places[unit]
                while place < length && positions[unit][place] <= end { place &+= 1 }
                places[unit] = place
                guard place < length else { break search }
                end = positions[unit][place]
            }
            if let window = pending, window.end != end, fits(window) { count += 1 }
            pending = (start, end)
        }
        if let window = pending, fits(window) { count += 1 }
        return count
    }
}
