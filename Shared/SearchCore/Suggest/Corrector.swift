// What may have been meant by words that find nothing, from the pairs and words that an index has.
//
// A piece of Chinese is a row of places, each with the characters that may have been meant there: the one typed, and those that
// sound or look like it. A piece of letters is the same with the characters that are read so, or that begin so, and beside it
// words a mistake or two away. Of all rows whose every two neighbours are a pair of the index, those of the most frequent pairs
// are the candidates: a noisy channel (Kernighan, Church, Gale, "A Spelling Correction Program Based on a Noisy Channel
// Model", COLING 1990) over pairs, followed by a beam. A row of known pairs need not stand in any text: the caller searches for
// the candidates before he offers one.
//
// Invariants: (1) a piece that the index may have is left alone: its word is there, or all of its pairs. (2) Look-ups are
// bounded by `budget`; what is found until then is answered. (3) The segments stay open while a call
// runs, whoever else lets them go.

package import Analysis
package import Messages

/// Something that may have been meant.
package struct CorrectionCandidate: Codable, Sendable, Hashable {
    package var text: String
    package var kind: CorrectionKind
    /// What speaks against it, in doublings of its documents.
    package var cost: Double
    /// The greater the better: the mean logarithm of its pairs' documents, less the cost.
    package var weight: Double
}

/// Finds candidates in some segments. For one request: it remembers counts.
package struct Corrector {
    /// Characters of a piece of Chinese, and syllables of letters.
    private static let lengths = 2...8
    /// Letters of a piece.
    private static let maximumLetters = 40
    /// Letters that may be the initials of characters: shorter ones stand for anything.
    private static let initials = 3...6
    /// Segments looked at, the largest ones: the others have few pairs of their own.
    private static let maximumViews = 4
    /// Characters looked at for one place, the most frequent ones.
    private static let choiceLimit = 48
    private static let beamWidth = 32
    /// Look-ups in dictionaries, each about a microsecond.
    private static let budget = 60_000
    private static let homophoneCost = 4.0
    private static let nearHomophoneCost = 6.0
    private static let lookAlikeCost = 4.0
    private static let slipCost = 5.0
    private static let editCost = 4.0
    private static let initialsCost = 4.0

    /// Keep the files mapped that `fields` read.
    private let views: [SegmentView]
    private let fields: [TextField]
    private let analyzer: Analyzer
    private var pairCounts: [UInt64: Int] = [:]
    private var characterCounts: [UInt32: Int] = [:]
    private var lookUps = 0

    /// - Parameter names: the text fields that the asker may see.
    package init(views: [SegmentView], fields names: [String], analyzer: Analyzer = Analyzer()) {
        self.analyzer = analyzer
        let largest = views.sorted { $0.reader.documentCount > $1.reader.documentCount }.prefix(Self.maximumViews)
        self.views = Array(largest)
        fields = largest.flatMap { view in
            names.compactMap { name in view.reader.schema.index(of: name).flatMap { view.reader.texts[$0] } }
        }
    }

    /// What may have been meant by a piece without white space, the best first; none for one that the index may have.
    /// - Throws: `corrupt`.
    package mutating func candidates(for piece: String, limit: Int) throws(SearchCoreError) -> [CorrectionCandidate] {
        let views = views
        defer { withExtendedLifetime(views) {} }
        guard piece.utf8.count <= Self.lengths.upperBound * 8 else { return [] }
        var buffer = TokenBuffer()
        analyzer.analyze(Array(piece.utf8), into: &buffer)
        let singles = buffer.tokens.filter { $0.kind != .bigram }
        var found: [CorrectionCandidate] = []
        if singles.count == 1, singles[0].kind == .word {
            found = try word(Array(buffer.term(singles[0])), typed: piece)
        } else if singles.allSatisfy({ $0.kind == .unigram }) {
            let characters = singles.compactMap { token -> UInt32? in
                let scalars = String(decoding: buffer.term(token), as: UTF8.self).unicodeScalars
                return scalars.count == 1 ? scalars.first?.value : nil
            }
            let isRun = singles.indices.allSatisfy { Int(singles[$0].position) == $0 }
            guard isRun, characters.count == singles.count, Self.lengths.contains(characters.count) else { return [] }
            found = try run(characters)
        }
        return Self.merged([found], limit: limit)
    }

    /// How likely a candidate is by what it finds; the greater the better.
    package static func rank(total: Int, cost: Double) -> Double { logarithm(total) - cost }

    /// Candidates of a piece, unless told otherwise.
    package static let usualLimit = 5

    /// Candidates of several workers as one list, each text once, the best first.
    package static func merged(_ parts: [[CorrectionCandidate]], limit: Int) -> [CorrectionCandidate] {
        var best: [String: CorrectionCandidate] = [:]
        for candidate in parts.joined() where candidate.weight > best[candidate.text]?.weight ?? -.infinity { best[candidate.text] = candidate }
        return Array(best.values.sorted { ($1.weight, $0.text) < ($0.weight, $1.text) }.prefix(limit))
    }

    // MARK: Rows of characters

    /// A character that may have been meant at a place.
    private struct Choice {
        var character: UInt32
        var cost: Double
        var kind: CorrectionKind?
    }

    /// The beginning of a row.
    private struct Row {
        var characters: [UInt32]
        var cost: Double
        var changes: Int
        var kind: CorrectionKind?
        /// The sum of its pairs' logarithms.
        var strength: Double

        var rank: Double { strength - cost }
    }

    private mutating func run(_ characters: [UInt32]) throws(SearchCoreError) -> [CorrectionCandidate] {
        var isKnown = true
        for place in characters.indices.dropLast() where try pairCount(characters[place], characters[place + 1]) == 0 { isKnown = false }
        guard !isKnown else { return [] }
        var choices: [[Choice]] = []
        for character in characters { choices.append(try self.choices(for: character)) }
        var found = try rows(choices, changes: 1)
        found += try slips(characters)
        if found.isEmpty, characters.count >= 4 { found = try rows(choices, changes: 2) }
        return found.compactMap(Self.candidate)
    }

    /// Two neighbours swapped, and one character too many.
    private mutating func slips(_ characters: [UInt32]) throws(SearchCoreError) -> [Row] {
        var result: [Row] = []
        for place in characters.indices {
            var swapped = characters
            if place + 1 < characters.count { swapped.swapAt(place, place + 1) }
            var shorter = characters
            shorter.remove(at: place)
            for changed in [swapped, shorter] where changed != characters && changed.count >= Self.lengths.lowerBound {
                let fixed = changed.map { [Choice(character: $0, cost: 0)] }
                for var row in try rows(fixed, changes: 0) {
                    row.cost = Self.slipCost
                    row.kind = .typo
                    result.append(row)
                }
            }
        }
        return result
    }

    /// The best rows of known pairs with at most so many changes.
    private mutating func rows(_ choices: [[Choice]], changes: Int) throws(SearchCoreError) -> [Row] {
        var rows = [Row(characters: [], cost: 0, changes: 0, kind: nil, strength: 0)]
        for place in choices {
            var longer: [Row] = []
            for row in rows {
                for choice in place where choice.kind == nil || choice.kind == .pinyin || row.changes < changes {
                    var next = row
                    if let last = row.characters.last {
                        let count = try pairCount(last, choice.character)
                        if count == 0 { continue }
                        next.strength += Self.logarithm(count)
                    }
                    next.characters.append(choice.character)
                    next.cost += choice.cost
                    if let kind = choice.kind {
                        next.changes += 1
                        next.kind = kind
                    }
                    longer.append(next)
                }
            }
            // The first characters have no pairs yet to be told by.
            if rows.count > 1 || longer.first?.characters.count ?? 0 > 1 {
                longer.sort { $0.rank > $1.rank }
                longer = Array(longer.prefix(Self.beamWidth))
            }
            rows = longer
            if rows.isEmpty { return [] }
        }
        return rows
    }

    private static func candidate(_ row: Row) -> CorrectionCandidate? {
        guard let kind = row.kind else { return nil }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: row.characters.compactMap(Unicode.Scalar.init))
        let pairs = Double(max(1, row.characters.count - 1))
        return CorrectionCandidate(text: String(text), kind: kind, cost: row.cost, weight: row.strength / pairs - row.cost)
    }

    private mutating func choices(for character: UInt32) throws(SearchCoreError) -> [Choice] {
        guard let scalar = Unicode.Scalar(character) else { return [] }
        var costs: [UInt32: (cost: Double, kind: CorrectionKind)] = [:]
        func note(_ other: UInt32, _ cost: Double, _ kind: CorrectionKind) {
            if other != character, cost < costs[other]?.cost ?? .infinity { costs[other] = (cost, kind) }
        }
        for reading in Pinyin.shared.readings(scalar) {
            for other in Pinyin.shared.characters(reading: reading) { note(other, Self.homophoneCost, .homophone) }
            let soft = SuggestionText.soften(reading)
            for near in Pinyin.shared.syllables(where: { $0 != reading && SuggestionText.soften($0) == soft }) {
                for other in Pinyin.shared.characters(reading: near) { note(other, Self.nearHomophoneCost, .homophone) }
            }
        }
        for other in LookAlikes.shared.characters(like: scalar) { note(other, Self.lookAlikeCost, .lookAlike) }
        let others = costs.map { Choice(character: $0.key, cost: $0.value.cost, kind: $0.value.kind) }
        return [Choice(character: character, cost: 0)] + (try frequent(others))
    }

    /// Those that the index has, the most likely first, at most `choiceLimit`.
    private mutating func frequent(_ choices: [Choice]) throws(SearchCoreError) -> [Choice] {
        var ranked: [(choice: Choice, rank: Double)] = []
        for choice in choices {
            let count = try characterCount(choice.character)
            if count > 0 { ranked.append((choice, Self.logarithm(count) - choice.cost)) }
        }
        ranked.sort { ($1.rank, $0.choice.character) < ($0.rank, $1.choice.character) }
        return ranked.prefix(Self.choiceLimit).map(\.choice)
    }

    // MARK: Letters

    private mutating func word(_ word: [UInt8], typed: String) throws(SearchCoreError) -> [CorrectionCandidate] {
        guard word.count <= Self.maximumLetters else { return [] }
        for field in fields where try field.dictionary.find([TermTier.word.rawValue] + word) != nil { return [] }
        var result = try nearWords(word)
        guard let letters = SuggestionText.letters(typed) else { return result }
        for way in Pinyin.shared.syllables(typed: typed, limit: 4) where Self.lengths.contains(way.count) {
            var choices: [[Choice]] = []
            for syllable in way {
                let characters = Pinyin.shared.characters(reading: Array(syllable.utf8))
                choices.append(try frequent(characters.map { Choice(character: $0, cost: 0, kind: .pinyin) }))
            }
            result += try rows(choices, changes: 0).compactMap(Self.candidate)
        }
        guard result.isEmpty, Self.initials.contains(letters.count) else { return result }
        var choices: [[Choice]] = []
        for letter in letters {
            var characters: Set<UInt32> = []
            for syllable in Pinyin.shared.syllables(where: { $0.first == letter }) {
                characters.formUnion(Pinyin.shared.characters(reading: syllable))
            }
            choices.append(try frequent(characters.map { Choice(character: $0, cost: 0, kind: .pinyin) }))
        }
        for var row in try rows(choices, changes: 0) {
            row.cost = Self.initialsCost
            if let candidate = Self.candidate(row) { result.append(candidate) }
        }
        return result
    }

    /// Words of the index with the same first letter, or the first two swapped, within one mistake; within two for long ones.
    private mutating func nearWords(_ word: [UInt8]) throws(SearchCoreError) -> [CorrectionCandidate] {
        guard word.count >= 3 else { return [] }
        let edits = word.count < 6 ? 1 : 2
        var counts: [[UInt8]: (count: Int, distance: Int)] = [:]
        var distance = EditDistance(to: word[...], limit: edits)
        for first in Set([word[0], word[1]]) {
            let start = [TermTier.word.rawValue, first]
            for field in fields {
                var terms = try field.dictionary.iterate(from: try field.dictionary.lowerBound(start).ordinal)
                while try terms.next(), terms.term.starts(with: start), lookUps < Self.budget * 4 {
                    lookUps += 1
                    let other = terms.term.dropFirst()
                    guard abs(other.count - word.count) <= edits, let found = distance.distance(from: other) else { continue }
                    let isSwap = first == word[0] || (other.count > 1 && other[other.startIndex + 1] == word[0])
                    guard isSwap else { continue }
                    counts[Array(other), default: (0, found)].count += terms.info.documentFrequency
                }
            }
        }
        return counts.map { other, found in
            let cost = Double(found.distance) * Self.editCost
            return CorrectionCandidate(
                text: String(decoding: other, as: UTF8.self), kind: .typo, cost: cost, weight: Self.logarithm(found.count) - cost)
        }
    }

    // MARK: Counts

    private static func logarithm(_ count: Int) -> Double { naturalLogarithm(Double(1 + count)) / naturalLogarithm(2) }

    private mutating func pairCount(_ first: UInt32, _ second: UInt32) throws(SearchCoreError) -> Int {
        let place = UInt64(first) << 32 | UInt64(second)
        if let known = pairCounts[place] { return known }
        let count = try documents([TermTier.pair.rawValue] + Self.bytes(first) + Self.bytes(second))
        pairCounts[place] = count
        return count
    }

    private mutating func characterCount(_ character: UInt32) throws(SearchCoreError) -> Int {
        if let known = characterCounts[character] { return known }
        let count = try documents([TermTier.character.rawValue] + Self.bytes(character))
        characterCounts[character] = count
        return count
    }

    private mutating func documents(_ key: [UInt8]) throws(SearchCoreError) -> Int {
        guard lookUps < Self.budget else { return 0 }
        var count = 0
        for field in fields {
            lookUps += 1
            count += try field.dictionary.find(key)?.info.documentFrequency ?? 0
        }
        return count
    }

    private static func bytes(_ character: UInt32) -> [UInt8] {
        Unicode.Scalar(character).map { Array(String($0).utf8) } ?? []
    }
}
