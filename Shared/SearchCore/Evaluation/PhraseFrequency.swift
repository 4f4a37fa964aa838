// How often a phrase stands in a document, from the positions of its units.

/// Counts occurrences of phrases.
enum PhraseFrequency {
    /// Contiguous: the number of positions p such that every unit has position p + its offset.
    /// - Parameter positions: a unit each, ascending.
    /// - Complexity: O(sum of the lengths).
    static func contiguous(_ positions: [[UInt32]], _ units: [Phrase.Unit], _ places: inout [Int]) -> UInt32 {
        for unit in places.indices { places[unit] = 0 }
        var count: UInt32 = 0
        let base = units[0].offset
        next: for start in positions[0] where start >= base {
            let origin = start &- base
            for unit in 1..<positions.count {
                let wanted = origin &+ units[unit].offset
                var place = places[unit]
                while place < positions[unit].count && positions[unit][place] < wanted { place &+= 1 }
                places[unit] = place
                guard place < positions[unit].count else { return count }
                if positions[unit][place] != wanted { continue next }
            }
            count &+= 1
        }
        return count
    }

    /// Sloppy: the number of minimal windows in which the units stand in order at strictly ascending positions, with at
    /// most `slop` positions more than in the query. A window is minimal when none of them lies inside it.
    /// - Complexity: O(sum of the lengths).
    static func sloppy(_ positions: [[UInt32]], _ phrase: Phrase, _ places: inout [Int]) -> UInt32 {
        for unit in places.indices { places[unit] = 0 }
        var count: UInt32 = 0
        // The window that ends where the last one ended, but begins later, replaces it.
        var pending: (start: UInt32, end: UInt32)?
        func fits(_ window: (start: UInt32, end: UInt32)) -> Bool {
            Int(window.end) - Int(window.start) - Int(phrase.span) <= phrase.slop
        }
        search: for start in positions[0] {
            var end = start
            for unit in 1..<positions.count {
                var place = places[unit]
                while place < positions[unit].count && positions[unit][place] <= end { place += 1 }
                places[unit] = place
                guard place < positions[unit].count else { break search }
                end = positions[unit][place]
            }
            if let window = pending, window.end != end, fits(window) { count += 1 }
            pending = (start, end)
        }
        if let window = pending, fits(window) { count += 1 }
        return count
    }
}
