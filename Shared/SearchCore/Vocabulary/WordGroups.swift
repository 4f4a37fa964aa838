// Words that mean the same: abbreviations and their long forms, and words that differ between regions.
//
// Groups are applied to queries, not to the index: a new group reaches all documents at once, also those indexed long ago.

package import Analysis

/// Groups of words of one meaning, by their folded form.
package struct WordGroups: Sendable {
    /// Folded word -> the other words of its groups, in the order given.
    private var others: [String: [String]] = [:]
    /// Lengths of the words in characters, the longest first.
    private var lengths: [Int] = []
    /// How many groups were added.
    package private(set) var groupCount = 0

    /// Words of one group.
    package static let maximumWords = 16
    /// Characters of a word.
    package static let maximumLength = 32
    /// Groups of one file: bounds its memory, about 200 B a group.
    package static let maximumGroups = 100_000
    /// Between the words of a group.
    private static let separator: Character = "="

    package init() {}

    /// Reads groups from text, one a line: `疾控 = 疾病预防控制 = CDC`. Empty lines and those that begin with # are passed over.
    /// - Throws: `invalidQuery` with the line's number.
    package init(parsing text: String, analyzer: Analyzer = Analyzer()) throws(SearchCoreError) {
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            let words = line.split(separator: Self.separator, omittingEmptySubsequences: false)
                .map { analyzer.folded(String($0)) }
            if line.first == "#" || words == [""] { continue }
            guard words.count > 1, words.count <= Self.maximumWords else {
                throw SearchCoreError(
                    .invalidQuery,
                    "line \(number) has \(words.count) words; write 2 to \(Self.maximumWords) with = between")
            }
            for word in words where word.isEmpty || word.count > Self.maximumLength {
                throw SearchCoreError(
                    .invalidQuery,
                    "line \(number) has a word of \(word.count) characters; use 1 to \(Self.maximumLength)")
            }
            guard groupCount < Self.maximumGroups else {
                throw SearchCoreError(.invalidQuery, "line \(number) is beyond \(Self.maximumGroups) groups")
            }
            add(words)
        }
        lengths = Set(others.keys.map(\.count)).sorted(by: >)
    }

    /// Adds the groups of another value.
    package mutating func merge(_ other: WordGroups) {
        for (word, more) in other.others {
            others[word, default: []] += more.filter { !(others[word] ?? []).contains($0) }
        }
        groupCount += other.groupCount
        lengths = Set(others.keys.map(\.count)).sorted(by: >)
    }

    private mutating func add(_ words: [String]) {
        groupCount += 1
        for word in words {
            for other in words where other != word && !(others[word] ?? []).contains(other) {
                others[word, default: []].append(other)
            }
        }
    }

    /// The text with one word replaced by another of its group, for each word that stands in it; the longest words first.
    /// - Parameter folded: a folded text. - Complexity: O(length · different lengths of words).
    func replacements(in folded: String, limit: Int) -> [String] {
        guard !others.isEmpty, limit > 0 else { return [] }
        let characters = Array(folded)
        var result: [String] = []
        for length in lengths where length <= characters.count {
            for start in 0...(characters.count - length) {
                let word = String(characters[start..<(start + length)])
                guard let found = others[word], Self.isWhole(characters, start, length) else { continue }
                for other in found {
                    let text = String(characters[..<start]) + other + String(characters[(start + length)...])
                    if text != folded, !result.contains(text) { result.append(text) }
                    if result.count == limit { return result }
                }
            }
        }
        return result
    }

    /// Whether no letter or digit of a spaced script goes on beyond the word: `it` is not in `unit`.
    private static func isWhole(_ characters: [Character], _ start: Int, _ length: Int) -> Bool {
        func joins(_ first: Character, _ second: Character) -> Bool { isSpaced(first) && isSpaced(second) }
        let end = start + length
        return !(start > 0 && joins(characters[start - 1], characters[start]))
            && !(end < characters.count && joins(characters[end - 1], characters[end]))
    }

    private static func isSpaced(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first, scalar.value < 0x2E80 else { return false }
        return character.isLetter || character.isNumber
    }
}
