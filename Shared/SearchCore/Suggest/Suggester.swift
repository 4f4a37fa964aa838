// Suggestions as a query is typed: a sorted table for each way of typing, built once from the entries and never changed.
//
// Tables, each of (key, entry), ascending by key's bytes:
//   spelling   the folded text
//   sounds     the syllables run together, and the initials (`fugongfuchan`, `fgfc`), for up to `readingLimit` readings
//   softened   the syllables as a careless ear has them
//   pairs      each pair of neighbouring characters: entries that have it inside
//
// Invariants:
//  (1) A call looks at no more than `candidateLimit` entries a table, whatever was typed; the `popular` entries are looked
//      at as well, so that what is wanted most is not beyond that limit.
//  (2) Equal entries and equal typing give equal answers: ties go by count, length, kind, then bytes.

import Analysis

/// Offers entries for what was typed. A value without state: share it freely, build a new one when entries change.
package struct Suggester: Sendable {
    /// Entries kept; of more, those with the highest counts. About 400 B each.
    package static let maximumEntries = 200_000
    /// Characters of what is typed that are looked at; longer typing is no beginning of a name.
    package static let maximumTyped = 40
    /// Suggestions of one call.
    package static let maximumSuggestions = 50

    private static let candidateLimit = 2048
    private static let popularLimit = 1024
    private static let readingLimit = 4
    /// Characters of an entry that are spelt by sound.
    private static let soundLimit = 12
    /// Shorter typing gets no tolerance: everything is near to it.
    private static let shortestTolerant = 2

    private let entries: [SuggestionEntry]
    private let folded: [[UInt8]]
    private let spelling: KeyTable
    private let sounds: KeyTable
    private let softened: KeyTable
    private let pairs: KeyTable
    private let analyzer = Analyzer()

    /// - Complexity: O(n log n) in the entries' bytes.
    package init(entries all: [SuggestionEntry]) {
        var best: [SuggestionEntry] = []
        var seen: [String: Int] = [:]
        let analyzer = Analyzer()
        for entry in all.sorted(by: Self.precedes).prefix(Self.maximumEntries) {
            let key = Self.plain(entry.text, analyzer)
            guard !key.isEmpty, seen[key] == nil else { continue }
            seen[key] = best.count
            best.append(entry)
        }
        entries = best
        folded = best.map { Array(Self.plain($0.text, analyzer).utf8) }
        var tables = (spelling: KeyTable.Builder(), sounds: KeyTable.Builder(), soft: KeyTable.Builder(), pairs: KeyTable.Builder())
        for (number, key) in folded.enumerated() {
            tables.spelling.add(key, number)
            let characters = Array(String(decoding: key, as: UTF8.self).unicodeScalars)
            for pair in Set(zip(characters, characters.dropFirst()).map { Self.bytes([$0, $1]) }) {
                tables.pairs.add(pair, number)
            }
            for reading in Self.readings(characters) {
                tables.sounds.add(reading.flatMap { $0 }, number)
                tables.sounds.add(reading.compactMap(\.first), number)
                tables.soft.add(reading.flatMap(Self.soften), number)
            }
        }
        spelling = tables.spelling.sorted()
        sounds = tables.sounds.sorted()
        softened = tables.soft.sorted()
        pairs = tables.pairs.sorted()
    }

    package var count: Int { entries.count }

    /// The entries that fit, the best way of fitting first, then those of most documents; at most `limit`.
    ///
    /// - Complexity: O(log n + candidates), candidates bounded by `candidateLimit` a table.
    package func suggestions(for typed: String, limit: Int) -> [Suggestion] {
        let wanted = min(max(0, limit), Self.maximumSuggestions)
        let text = Self.plain(String(typed.prefix(Self.maximumTyped + 1)), analyzer)
        let scalars = Array(text.unicodeScalars)
        guard wanted > 0, !scalars.isEmpty, scalars.count <= Self.maximumTyped else { return [] }
        let key = Array(text.utf8)
        var result: [Suggestion] = []
        var taken: Set<Int> = []
        func offer(_ numbers: some Sequence<Int>, _ match: Suggestion.Match) {
            guard result.count < wanted else { return }
            // Numbers ascend with preference.
            for number in Set(numbers).subtracting(taken).sorted().prefix(wanted - result.count) {
                taken.insert(number)
                result.append(Suggestion(entry: entries[number], match: match))
            }
        }
        offer(spelling.numbers(from: key, limit: Self.candidateLimit) + popular { $0.starts(with: key) }, .prefix)
        if scalars.count > 1 {
            offer(candidates(scalars).filter { Self.contains(folded[$0], key) }, .inside)
        }
        if let letters = Self.letters(typed) {
            offer(sounds.numbers(from: letters, limit: Self.candidateLimit), .pinyin)
            if result.count < wanted, let matcher = PinyinMatcher(typed) {
                let near = sounds.numbers(from: Array(letters.prefix(1)), limit: Self.candidateLimit)
                let likely = Array(Set(near).sorted().prefix(Self.popularLimit / 4))
                offer(likely.filter { !matcher.ranges(in: entries[$0].text).isEmpty }, .pinyin)
            }
        } else if scalars.count >= Self.shortestTolerant, result.count < wanted {
            for reading in Self.readings(scalars) {
                offer(softened.numbers(from: reading.flatMap(Self.soften), limit: Self.candidateLimit), .homophone)
            }
        }
        if scalars.count > Self.shortestTolerant, result.count < wanted {
            var distance = EditDistance(to: key[...], limit: 1)
            let near = candidates(scalars) + spelling.numbers(from: Array(Self.bytes([scalars[0]])), limit: Self.candidateLimit)
            offer(Set(near).filter { Self.isNear(folded[$0], scalars.count, &distance) }, .typo)
        }
        return result
    }

    /// The folded text; spaces stay between ASCII characters only, as OCR puts them anywhere among Chinese ones.
    private static func plain(_ text: String, _ analyzer: Analyzer) -> String {
        let scalars = Array(analyzer.folded(text).unicodeScalars)
        var result = String.UnicodeScalarView()
        for (place, scalar) in scalars.enumerated() {
            let isBetweenWords =
                place > 0 && place + 1 < scalars.count && scalars[place - 1].isASCII && scalars[place + 1].isASCII
            if scalar != " " || isBetweenWords { result.append(scalar) }
        }
        return String(result)
    }

    // MARK: Candidates

    private func popular(_ fits: ([UInt8]) -> Bool) -> [Int] {
        (0..<min(entries.count, Self.popularLimit)).filter { fits(folded[$0]) }
    }

    /// Entries that have one of the typed pairs inside.
    private func candidates(_ scalars: [Unicode.Scalar]) -> [Int] {
        let typed = zip(scalars, scalars.dropFirst()).map { Self.bytes([$0, $1]) }
        let each = Self.candidateLimit / max(1, typed.count)
        return typed.flatMap { pairs.numbers(from: $0, limit: each) }
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard text.count >= part.count, let first = part.first else { return false }
        return (0...(text.count - part.count)).contains { text[$0] == first && text[$0...].starts(with: part) }
    }

    /// Whether the entry's beginning, as long as what was typed or one character more or less, is one edit away.
    private static func isNear(_ text: [UInt8], _ length: Int, _ distance: inout EditDistance) -> Bool {
        let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
        for taken in [length, length + 1, length - 1] where taken > 0 {
            let start = bytes(scalars.prefix(taken))
            if distance.distance(from: start[...]) != nil { return true }
        }
        return false
    }

    // MARK: Sounds

    /// What was typed as letters of sounds; nil where it is anything else.
    private static func letters(_ typed: String) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in typed.unicodeScalars {
            switch scalar {
            case "a"..."z": result.append(UInt8(scalar.value))
            case "A"..."Z": result.append(UInt8(scalar.value) + 0x20)
            case "ü", "Ü": result.append(0x76)
            case " ", "'", "’": continue
            default: return nil
            }
        }
        return result.isEmpty ? nil : result
    }

    /// The syllables of a text's first characters in up to `readingLimit` readings; none where one has no sound.
    private static func readings(_ scalars: [Unicode.Scalar]) -> [[[UInt8]]] {
        var result: [[[UInt8]]] = [[]]
        for scalar in scalars.prefix(soundLimit) {
            let sounds = Pinyin.shared.readings(scalar)
            guard !sounds.isEmpty else { break }
            var longer: [[[UInt8]]] = []
            for (place, sound) in sounds.enumerated() {
                for reading in place == 0 ? result : Array(result.prefix(1)) where longer.count < readingLimit {
                    longer.append(reading + [sound])
                }
            }
            result = longer
        }
        return result[0].isEmpty ? [] : result
    }

    /// A syllable as a careless ear has it.
    private static func soften(_ syllable: [UInt8]) -> [UInt8] {
        var result = syllable
        let initials: [UInt8] = Array("zcs".utf8)
        if result.count > 1, result[1] == 0x68, initials.contains(result[0]) { result.remove(at: 1) }
        if result.first == 0x6C { result[0] = 0x6E }
        if result.count > 2, result[result.count - 1] == 0x67 { result.removeLast() }
        return result
    }

    // MARK: Order

    /// More documents first, then shorter, then by kind and bytes.
    private static func precedes(_ first: SuggestionEntry, _ second: SuggestionEntry) -> Bool {
        if first.count != second.count { return first.count > second.count }
        let (one, other) = (first.text.utf8, second.text.utf8)
        if one.count != other.count { return one.count < other.count }
        if first.kind != second.kind { return first.kind.rawValue < second.kind.rawValue }
        return one.lexicographicallyPrecedes(other)
    }

    private static func bytes(_ scalars: some Sequence<Unicode.Scalar>) -> [UInt8] {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return Array(String(text).utf8)
    }
}
