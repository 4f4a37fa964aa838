// Choosing sentences of a body for a summary. They are cut out, never rewritten.

/// Cuts and chooses sentences.
enum Sentences {
    /// Characters that a summary may have, unless its first sentence alone has more.
    static let summaryCharacters = 180
    static let mostSentences = 3

    /// The sentences of one paragraph, verbatim and without white space around them; closing quotes stay with theirs.
    static func of(_ paragraph: Substring) -> [Substring] {
        let scalars = paragraph.unicodeScalars
        var result: [Substring] = []
        var start = scalars.startIndex
        var index = start
        while index < scalars.endIndex {
            let isEnd = endsSentence(scalars[index])
            index = scalars.index(after: index)
            guard isEnd else { continue }
            while index < scalars.endIndex, followsEnd(scalars[index]) { index = scalars.index(after: index) }
            append(paragraph[start..<index], to: &result)
            start = index
        }
        append(paragraph[start...], to: &result)
        return result
    }

    private static func endsSentence(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "。", "！", "？", "!", "?", "；": true
        default: false
        }
    }

    private static func followsEnd(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "”", "’", "」", "』", "）", ")", "。", "！", "？": true
        default: false
        }
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
        let wanted = words.filter { !$0.isEmpty }.map { Array($0.utf8) }
        let scored = all.enumerated().map { place, sentence -> (place: Int, score: Int) in
            var score = place == 0 ? 3 : 0
            let bytes = Array(sentence.utf8)
            score += 4 * wanted.count { ByteSearch.place(of: $0, in: bytes, from: 0) != nil }
            if sentence.unicodeScalars.contains(where: { $0.properties.numericType != nil }) { score += 1 }
            return (place, score)
        }
        var chosen: [Int] = []
        var characters = 0
        for (place, _) in scored.sorted(by: { ($1.score, $0.place) < ($0.score, $1.place) }) {
            let count = all[place].unicodeScalars.count
            guard chosen.isEmpty || characters + count <= summaryCharacters, chosen.count < mostSentences else {
                continue
            }
            chosen.append(place)
            characters += count
        }
        return (chosen.sorted().map { String(all[$0]) }, chosen.count < all.count)
    }
}

/// Looks for bytes among bytes: Chinese text compared character by character is far slower.
enum ByteSearch {
    /// The first place of `needle` in `bytes` that is not before `start`; nil for none, and for an empty needle.
    /// - Complexity: O(bytes · needle), in text about O(bytes).
    static func place(of needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard let first = needle.first, bytes.count >= needle.count else { return nil }
        var place = start
        let last = bytes.count - needle.count
        while place <= last {
            if bytes[place] == first {
                var matched = 1
                while matched < needle.count, bytes[place + matched] == needle[matched] { matched += 1 }
                if matched == needle.count { return place }
            }
            place += 1
        }
        return nil
    }
}
