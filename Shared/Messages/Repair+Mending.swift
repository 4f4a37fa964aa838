// A text with its damaged words mended, for finding it by what was meant.

extension Repair {
    /// `text` with every word that `repairs` read otherwise replaced, character for character; nil where it has none. Words are
    /// found in spite of the spaces that recognition leaves inside them, and the spaces stay.
    /// - Complexity: O(length · different repairs).
    package static func mended(_ text: String, by repairs: [Repair]) -> String? {
        var words: [[Unicode.Scalar]: [Unicode.Scalar]] = [:]
        for repair in repairs where repair.rule == "glyph" {
            let (found, suggestion) = (Array(repair.found.unicodeScalars), Array(repair.suggestion.unicodeScalars))
            if !found.isEmpty, found.count == suggestion.count { words[found] = suggestion }
        }
        guard !words.isEmpty else { return nil }
        let original = Array(text.unicodeScalars)
        var scalars = original
        let places = scalars.indices.filter { !scalars[$0].properties.isWhitespace }
        // Longest first, and in a fixed order: 社会而 before 会而.
        let order = words.sorted {
            $0.key.count != $1.key.count
                ? $0.key.count > $1.key.count : $0.key.lexicographicallyPrecedes($1.key) { $0.value < $1.value }
        }
        for (found, suggestion) in order where places.count >= found.count {
            for start in 0...(places.count - found.count)
            where found.indices.allSatisfy({ scalars[places[start + $0]] == found[$0] }) {
                for index in found.indices { scalars[places[start + index]] = suggestion[index] }
            }
        }
        guard scalars != original else { return nil }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
