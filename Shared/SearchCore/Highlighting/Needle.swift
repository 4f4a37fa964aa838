// What a query wants marked: its positive leaves as sequences of terms.

import Analysis
import Messages

/// One thing to look for in a field's tokens.
struct Needle {
    enum Kind {
        /// Terms of single positions, each at its distance from the first, with at most `slop` other positions among
        /// them.
        case sequence([Unit], slop: Int)
        /// A pair or a word of a long run, by its term's number.
        case part(Int, isPair: Bool)
        /// Words that begin so.
        case prefix([UInt8])
        /// Words that fit a pattern.
        case pattern(WildcardAutomaton)
        /// Terms of single positions, each at a distance from the one before; the whole stretch is marked.
        case chain([Link])
        /// Terms side by side, at each place one of some; of the first of each at most `changes` are missing.
        case choices([[Int]], changes: Int)
        /// Words within so many edits.
        case fuzzy([Unicode.Scalar], edits: Int)
        /// The field's whole value, folded; or its beginning.
        case value(String, isPrefix: Bool)
        /// The field's whole value, folded, fits a pattern.
        case fitting(WildcardAutomaton)
    }

    struct Unit {
        /// The term's number in the collector's `terms`.
        var term: Int
        var offset: Int
    }

    struct Link {
        /// The term's number in the collector's `terms`.
        var term: Int
        var distance: ClosedRange<UInt32>
    }

    var kind: Kind
    /// The field it is looked for in; nil is every field.
    var field: String?
    /// How much it says about a snippet that it is in: its length in characters.
    var weight: Int
}

/// Collects the needles of a query tree.
struct NeedleCollector {
    private let analyzer: Analyzer
    private(set) var needles: [Needle] = []
    /// The terms that the needles name.
    private(set) var terms = TermIndex()
    /// Fields that are compared as a whole, by name: there a term is the whole value.
    private let fields: QueryFields

    init(_ query: Query, fields: QueryFields, analyzer: Analyzer) {
        self.fields = fields
        self.analyzer = analyzer
        collect(query, depth: 0)
    }

    /// Needles beyond so many are not looked for.
    private static let limit = 1_024
    /// Trees deeper than any that the normaliser lets pass are not followed.
    private static let depthLimit = 128

    private mutating func collect(_ query: Query, depth: Int) {
        guard depth < Self.depthLimit, needles.count < Self.limit else { return }
        switch query {
        case .and(let parts):
            for part in PlanCompiler.joiningProse(parts) { collect(part, depth: depth + 1) }
        case .or(let parts):
            for part in parts { collect(part, depth: depth + 1) }
        case .boost(let part, _): collect(part, depth: depth + 1)
        case .text(let value, let field):
            if isKeyword(field) { return addValue(value, field, isPrefix: false) }
            if PlanCompiler.isProse(value) { return addParts(tokens(value), field) }
            for piece in value.split(whereSeparator: \.isWhitespace) {
                addSequence(tokens(String(piece)), field, slop: 0)
            }
        case .phrase(let value, let field, let slop):
            if isKeyword(field) { return addValue(value, field, isPrefix: false) }
            addSequence(tokens(value), field, slop: slop)
        case .prefix(let value, let field): addPrefix(value, field)
        case .wildcard(let value, let field): addPattern(value, field)
        case .fuzzy(let value, let field, let edits): addFuzzy(value, field, edits)
        case .term(let value, let field): addValue(value, field, isPrefix: false)
        case .figure(let subject, _, _): addSequence(tokens(subject), nil, slop: 0)
        case .all, .none, .not, .dates, .monthDay, .numbers, .within, .covers: break
        }
    }

    private func isKeyword(_ field: String?) -> Bool {
        field.flatMap { fields.field(named: $0) }?.kind == .keyword
    }

    // MARK: Leaves

    /// A token of the query's text with its own bytes.
    private struct Piece {
        var term: [UInt8]
        var kind: TokenKind
        var position: Int
    }

    private func tokens(_ text: String) -> [Piece] {
        var buffer = TokenBuffer()
        analyzer.analyze(Array(text.utf8), into: &buffer)
        return buffer.tokens.map { token in
            Piece(term: Array(buffer.term(token)), kind: token.kind, position: Int(token.position))
        }
    }

    private mutating func addSequence(_ tokens: [Piece], _ field: String?, slop: Int) {
        guard let first = tokens.first else { return }
        let singles = tokens.filter { $0.kind != .bigram }
        let units = singles.map { Needle.Unit(term: terms.insert($0.term), offset: $0.position - first.position) }
        add(.sequence(units, slop: max(0, slop)), field, weight: units.count)
    }

    private mutating func addParts(_ tokens: [Piece], _ field: String?) {
        let pairs = tokens.filter { $0.kind == .bigram }
        let covered = Set(pairs.flatMap { [$0.position, $0.position + 1] })
        let others = tokens.filter { $0.kind != .bigram && ($0.kind != .unigram || !covered.contains($0.position)) }
        // Each part is a needle of its own, so that a snippet with more of them is the better one.
        var seen: Set<Int> = []
        let parts = pairs + others
        let telling = parts.filter { !QuestionWords.asks(String(decoding: $0.term, as: UTF8.self)) }
        for part in telling.isEmpty ? parts : telling {
            let term = terms.insert(part.term)
            if seen.insert(term).inserted { add(.part(term, isPair: part.kind == .bigram), field, weight: 1) }
        }
    }

    private mutating func addPrefix(_ value: String, _ field: String?) {
        if isKeyword(field) { return addValue(value, field, isPrefix: true) }
        let tokens = tokens(value)
        if tokens.count == 1, tokens[0].kind != .unigram {
            add(.prefix(tokens[0].term), field, weight: 1)
        } else {
            addSequence(tokens, field, slop: 0)
        }
    }

    private mutating func addPattern(_ value: String, _ field: String?) {
        let pattern = WildcardPattern(value)
        guard pattern.length <= WildcardPattern.limit else { return }
        if isKeyword(field) {
            let folded = pattern.replacing(pattern.pieces.map(analyzer.folded))
            guard folded.length <= WildcardPattern.limit else { return }
            return add(.fitting(WildcardAutomaton(folded)), field, weight: 1)
        }
        switch WildcardShape(pattern, analyzer) {
        case .word(let words):
            guard words.length <= WildcardPattern.limit else { return }
            add(.pattern(WildcardAutomaton(words)), field, weight: 1)
        case .chain(let chain):
            let links = chain.units.map { Needle.Link(term: terms.insert(Array($0.key.dropFirst())), distance: $0.distance) }
            add(.chain(links), field, weight: links.count)
        case nil: break
        }
    }

    private mutating func addFuzzy(_ value: String, _ field: String?, _ edits: Int) {
        if isKeyword(field) { return addValue(value, field, isPrefix: false) }
        let tokens = tokens(value)
        if tokens.count == 1, tokens[0].kind != .unigram {
            let scalars = Array(String(decoding: tokens[0].term, as: UTF8.self).unicodeScalars)
            add(.fuzzy(scalars, edits: min(max(0, edits), 2)), field, weight: 1)
        } else {
            addParts(tokens, field)
            guard let run = RunVariants(QueryToken.analyse(Array(value.utf8), analyzer), changes: min(max(0, edits), 2)) else { return }
            add(.choices(run.choices.map { $0.map { terms.insert($0) } }, changes: run.changes), field, weight: run.choices.count)
        }
    }

    private mutating func addValue(_ value: String, _ field: String?, isPrefix: Bool) {
        let folded = analyzer.folded(value)
        guard !folded.isEmpty else { return }
        add(.value(folded, isPrefix: isPrefix), field, weight: 1)
    }

    private mutating func add(_ kind: Needle.Kind, _ field: String?, weight: Int) {
        guard needles.count < Self.limit else { return }
        needles.append(Needle(kind: kind, field: field, weight: max(1, weight)))
    }
}
