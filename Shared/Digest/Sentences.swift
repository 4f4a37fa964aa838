// Choosing sentences of a body for a summary. They are cut out, never rewritten.

/// Cuts and chooses sentences.
enum Sentences {
    /// Characters that a summary may have, unless its first sentence alone has more.
    static let summaryCharacters = 180
    static let mostSentences = 3

    /// The sentences of one paragraph, verbatim and without white space around them; closing quotes stay with theirs.
    static func of(_ paragraph: Substring) -> [Substring] {
        var result: [Substring] = []
        var start = paragraph.startIndex
        var index = start
        while index < paragraph.endIndex {
            let isEnd = "。！？!?；".contains(paragraph[index])
            index = paragraph.index(after: index)
            guard isEnd else { continue }
            while index < paragraph.endIndex, "”’」』）)。！？".contains(paragraph[index]) {
                index = paragraph.index(after: index)
            }
            append(paragraph[start..<index], to: &result)
            start = index
        }
        append(paragraph[start...], to: &result)
        return result
    }

    private static func append(_ piece: Substring, to result: inout [Substring]) {
        let head = piece.drop { $0.isWhitespace }
        guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return }
        result.append(head[...last])
    }

    /// At most three sentences in the body's order: the best by the query's words, by numbers, and by coming first.
    static func summary(_ body: String, words: [String]) -> (sentences: [String], isAbridged: Bool) {
        let all = body.split(whereSeparator: \.isNewline).flatMap { of($0) }
        guard all.count > 1 else { return (all.map(String.init), false) }
        let wanted = words.filter { !$0.isEmpty }
        let scored = all.enumerated().map { place, sentence -> (place: Int, score: Int) in
            var score = place == 0 ? 3 : 0
            score += 4 * wanted.count { sentence.contains($0) }
            if sentence.contains(where: \.isNumber) { score += 1 }
            return (place, score)
        }
        var chosen: [Int] = []
        var characters = 0
        for (place, _) in scored.sorted(by: { ($1.score, $0.place) < ($0.score, $1.place) }) {
            let count = all[place].count
            guard chosen.isEmpty || characters + count <= summaryCharacters, chosen.count < mostSentences else {
                continue
            }
            chosen.append(place)
            characters += count
        }
        return (chosen.sorted().map { String(all[$0]) }, chosen.count < all.count)
    }
}
