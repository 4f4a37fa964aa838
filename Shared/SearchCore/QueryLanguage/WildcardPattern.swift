// Words with open places: `*` stands for any characters or none, `?` for one.
//
// Grammar of a pattern's text, as trees have it
//     pattern = 1*( "*" / "?" / "\" any / any )
//
// What it means depends on the field and the script:
// - a keyword field: the whole folded value fits the pattern;
// - words and numbers of spaced scripts: a word of the index fits it;
// - characters of Chinese, which has no word ends: the pieces stand in the text in their order, the characters of a piece in a
//   row; for each `?` one position between two pieces, for a `*` at most `PlanLimits.openGap`.
//
// Invariants of a normal pattern: (1) it has a piece, and a gap besides one `*` at its end, which is a prefix; (2) it neither
// begins nor ends with `?`, and around Chinese not with `*` either; (3) of a gap, the `?` stand before the `*`, of which there is
// one at most; (4) it is at most `limit` characters and signs long.

import Analysis

/// A pattern: pieces of text with gaps before, between and behind them.
struct WildcardPattern: Sendable, Hashable {
    /// What may stand at one place.
    struct Gap: Sendable, Hashable {
        /// Characters that must be there.
        var least = 0
        /// Whether more may follow.
        var isOpen = false

        var isEmpty: Bool { least == 0 && !isOpen }
    }

    /// Not empty, each.
    private(set) var pieces: [String] = []
    /// One more than pieces: before the first, between two, behind the last.
    private(set) var gaps: [Gap] = [Gap()]

    /// Characters and signs of a pattern: a state each of an automaton in one word.
    static let limit = 60

    init() {}

    /// Reads a pattern's text.
    init(_ text: String) {
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if !isEscaped, scalar == "\\" {
                isEscaped = true
                continue
            }
            if isEscaped || (scalar != "*" && scalar != "?") { append(scalar) } else { append(sign: scalar) }
            isEscaped = false
        }
        if isEscaped { append("\\") }
    }

    /// The pattern of what begins so.
    init(prefix: String) {
        for scalar in prefix.unicodeScalars { append(scalar) }
        append(sign: "*")
    }

    /// Adds a character of a piece.
    mutating func append(_ scalar: Unicode.Scalar) {
        let isNewPiece = pieces.isEmpty || !gaps[gaps.count - 1].isEmpty
        if isNewPiece {
            pieces.append("")
            gaps.append(Gap())
        }
        pieces[pieces.count - 1].unicodeScalars.append(scalar)
    }

    /// Adds `*` or `?`.
    mutating func append(sign: Unicode.Scalar) {
        if sign == "*" { gaps[gaps.count - 1].isOpen = true } else { gaps[gaps.count - 1].least += 1 }
    }

    /// The text that reads as this pattern.
    var text: String {
        var result = String.UnicodeScalarView()
        func add(_ gap: Gap) {
            result.append(contentsOf: repeatElement("?", count: gap.least))
            if gap.isOpen { result.append("*") }
        }
        add(gaps[0])
        for (place, piece) in pieces.enumerated() {
            for scalar in piece.unicodeScalars {
                if scalar == "*" || scalar == "?" || scalar == "\\" { result.append("\\") }
                result.append(scalar)
            }
            add(gaps[place + 1])
        }
        return String(result)
    }

    /// The pieces without the gaps.
    var literal: String { pieces.joined() }

    /// Characters and signs.
    var length: Int { pieces.reduce(0) { $0 + $1.unicodeScalars.count } + gaps.reduce(0) { $0 + $1.least + ($1.isOpen ? 1 : 0) } }

    /// Whether the only gap is a `*` at the end.
    var isPrefix: Bool {
        pieces.count == 1 && gaps[0].isEmpty && gaps[1].least == 0 && gaps[1].isOpen
    }

    var hasGaps: Bool { gaps.contains { !$0.isEmpty } }

    /// Whether there is a `*`.
    var hasOpenGaps: Bool { gaps.contains { $0.isOpen } }

    /// The same pattern without gaps at its ends.
    var trimmed: WildcardPattern {
        var result = self
        result.gaps[0] = Gap()
        result.gaps[gaps.count - 1] = Gap()
        return result
    }

    /// The same gaps around other pieces. - Precondition: as many pieces.
    func replacing(_ pieces: [String]) -> WildcardPattern {
        var result = self
        result.pieces = pieces
        return result
    }

    /// A character that a pattern with `?` may have in a text field, so that a question mark in other text stays one.
    static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
}

/// What a pattern looks for in a text field.
enum WildcardShape: Sendable, Hashable {
    /// Words and numbers that fit; the pieces as terms have them.
    case word(WildcardPattern)
    /// Characters and whole words in their order.
    case chain(Chain)

    /// The shape of a pattern; nil where it has none: see `problem`.
    init?(_ pattern: WildcardPattern, _ analyzer: Analyzer) {
        var pieces: [(tokens: [QueryToken], terms: [String])] = []
        for piece in pattern.pieces {
            let bytes = Array(piece.utf8)
            var buffer = TokenBuffer()
            analyzer.analyze(bytes, into: &buffer)
            let tokens = QueryToken.analyse(bytes, analyzer)
            guard let first = buffer.tokens.first, let last = buffer.tokens.last, first.startByte == 0, first.position == 0,
                Int(last.endByte) == bytes.count
            else { return nil }
            let positions = tokens.filter { !$0.isBigram }.map(\.position)
            guard positions == Array(0..<UInt32(positions.count)) else { return nil }
            pieces.append((tokens, buffer.tokens.map { String(decoding: buffer.term($0), as: UTF8.self) }))
        }
        guard !pieces.isEmpty else { return nil }
        func isWord(_ token: QueryToken?) -> Bool { token.map { !$0.isUnigram && !$0.isBigram } ?? false }
        if pieces.allSatisfy({ $0.tokens.count == 1 && isWord($0.tokens[0]) }) {
            self = .word(pattern.replacing(pieces.map { $0.terms[0] }))
            return
        }
        // An open end of a word among characters has no meaning that is easily told.
        for (place, gap) in pattern.gaps.enumerated() where !gap.isEmpty {
            let before = place > 0 ? pieces[place - 1].tokens.last { !$0.isBigram } : nil
            let after = place < pieces.count ? pieces[place].tokens.first : nil
            let isInside = before != nil && after != nil
            if isInside ? isWord(before) && isWord(after) : isWord(before) || isWord(after) { return nil }
        }
        self = .chain(Chain(pieces.map(\.tokens), pattern.gaps))
    }
}

/// Characters and words at distances from one another.
struct Chain: Sendable, Hashable {
    /// A character or word, and how many positions it stands behind the one before.
    struct Unit: Sendable, Hashable {
        var key: [UInt8]
        var distance: ClosedRange<UInt32>
    }

    /// At least one.
    private(set) var units: [Unit] = []
    /// Terms that a document must have besides: the pairs.
    private(set) var pairs: [[UInt8]] = []

    fileprivate init(_ pieces: [[QueryToken]], _ gaps: [WildcardPattern.Gap]) {
        for (place, tokens) in pieces.enumerated() {
            for token in tokens {
                if token.isBigram {
                    pairs.append(token.key)
                    continue
                }
                let least = token.position == 0 && place > 0 ? UInt32(gaps[place].least) + 1 : 1
                let most = token.position == 0 && place > 0 && gaps[place].isOpen ? least + PlanLimits.openGap : least
                units.append(Unit(key: token.key, distance: least...most))
            }
        }
    }

    /// Characters in a row. - Parameter run: their keys without the tier, two at least.
    init(run: [[UInt8]]) {
        units = run.map { Unit(key: [TermTier.character.rawValue] + $0, distance: 1...1) }
        pairs = zip(run, run.dropFirst()).map { [TermTier.pair.rawValue] + $0 + $1 }
    }

    /// Whether there is a place for each unit. By sets: of a unit's places those stay from which a place of the next is within
    /// its distance.
    /// - Parameter places: of each unit, ascending.
    /// - Complexity: O(places).
    func stands(_ places: [[UInt32]]) -> Bool {
        guard var left = places.last else { return false }
        for unit in (0..<(places.count - 1)).reversed() where !left.isEmpty {
            let distance = units[unit + 1].distance
            var next = 0
            left = places[unit].filter { place in
                while next < left.count, left[next] < place &+ distance.lowerBound { next += 1 }
                return next < left.count && left[next] <= place &+ distance.upperBound
            }
        }
        return !left.isEmpty
    }
}

/// Whether words fit a pattern: all its states in the bits of one number, a step a character.
///
/// R. Baeza-Yates, G. H. Gonnet, "A New Approach to Text Searching", Communications of the ACM 35 (1992), with loops at `*`.
struct WildcardAutomaton: Sendable {
    /// By ASCII character: the states that it leads on from.
    private var ascii: [UInt64]
    private var others: [UInt32: UInt64] = [:]
    /// States that any character leads on from.
    private var any: UInt64 = 0
    /// States that stay: a `*` is there.
    private var loops: UInt64 = 0
    private var accepting: UInt64 = 0

    /// - Precondition: the pattern's length is within `WildcardPattern.limit`.
    init(_ pattern: WildcardPattern) {
        precondition(pattern.length <= WildcardPattern.limit, "a pattern of \(pattern.length) characters")
        ascii = [UInt64](repeating: 0, count: 128)
        var state: UInt64 = 1
        func gap(_ gap: WildcardPattern.Gap) {
            for _ in 0..<gap.least {
                any |= state
                state <<= 1
            }
            if gap.isOpen { loops |= state }
        }
        gap(pattern.gaps[0])
        for (place, piece) in pattern.pieces.enumerated() {
            for scalar in piece.unicodeScalars {
                if scalar.isASCII { ascii[Int(scalar.value)] |= state } else { others[scalar.value, default: 0] |= state }
                state <<= 1
            }
            gap(pattern.gaps[place + 1])
        }
        accepting = state
    }

    /// Whether the whole of a UTF-8 text fits. - Complexity: O(bytes).
    func matches(_ bytes: ArraySlice<UInt8>) -> Bool {
        var states: UInt64 = 1
        var index = bytes.startIndex
        while index < bytes.endIndex, states != 0 {
            let first = bytes[index]
            index += 1
            let steps: UInt64
            if first < 0x80 {
                steps = ascii[Int(first)]
            } else {
                var scalar = UInt32(first) & (first < 0xE0 ? 0x1F : first < 0xF0 ? 0x0F : 0x07)
                while index < bytes.endIndex, bytes[index] & 0xC0 == 0x80 {
                    scalar = scalar << 6 | UInt32(bytes[index] & 0x3F)
                    index += 1
                }
                steps = others[scalar] ?? 0
            }
            states = (states & (steps | any)) << 1 | states & loops
        }
        return states & accepting != 0
    }
}
