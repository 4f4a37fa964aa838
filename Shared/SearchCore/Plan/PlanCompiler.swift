// Turns a query tree into a plan: fields resolved, texts analysed, limits enforced.
//
// How a text is understood (docs/formats/segment.md has the terms that the index keeps)
// - White space separates pieces. A piece of one character or word is a term; a piece of up to
//   `Analyzer.contiguousLimit` positions is a contiguous phrase, whatever runs it is made of. All pieces must match.
// - A text with a longer piece, or one that asks, is prose: `PlanCompiler+Prose.swift`.
// - Without a field name each of these is asked of every text field; a document matches where one field does, and the
//   fields' scores, each by its weight, add up.

import Analysis
import Geography
import Messages

/// Compiles one query.
struct PlanCompiler {
    let schema: IndexSchema
    let analyzer: Analyzer
    let ranking: RankingParameters
    private var leaves: [Leaf] = []
    /// Cursors and filters that the plan will open in a segment.
    private var partCount = 0

    /// - Throws: `invalidQuery` for a field that is missing or of the wrong kind, `queryTooComplex` beyond a limit.
    static func compile(
        _ query: Query, schema: IndexSchema, analyzer: Analyzer, ranking: RankingParameters = .standard
    ) throws(SearchCoreError) -> Plan {
        var compiler = PlanCompiler(schema: schema, analyzer: analyzer, ranking: ranking)
        let root = try compiler.node(query, boost: 1, depth: 0)
        return Plan(root: PlanSimplifier.simplify(root), leaves: compiler.leaves)
    }

    private init(schema: IndexSchema, analyzer: Analyzer, ranking: RankingParameters) {
        self.schema = schema
        self.analyzer = analyzer
        self.ranking = ranking
    }

    private mutating func node(_ query: Query, boost: Double, depth: Int) throws(SearchCoreError) -> PlanNode {
        guard depth <= PlanLimits.maximumDepth else {
            throw SearchCoreError(.queryTooComplex, "the query is nested deeper than \(PlanLimits.maximumDepth) levels")
        }
        switch query {
        case .all: return .everything
        case .none: return .nothing
        case .text(let text, let field): return try textNode(text, field, boost)
        case .phrase(let text, let field, let slop): return try phraseNode(text, field, slop, boost)
        case .prefix(let text, let field): return try prefixNode(text, field, boost)
        case .wildcard(let text, let field): return try wildcardNode(text, field, boost)
        case .fuzzy(let text, let field, let edits): return try fuzzyNode(text, field, edits, boost)
        case .term(let value, IndexSchema.nearField) where schema.index(of: IndexSchema.nearField) == nil:
            guard let key = KeywordTerm.near(value) else {
                throw SearchCoreError(.invalidQuery, "'\(value.prefix(40))' is no key of near-duplicates")
            }
            return try filter(.near(key: key))
        case .term(let value, let field):
            let index = try self.field(field, kinds: [.keyword])
            return try filter(.keyword(field: index, key: KeywordTerm.folded(value, analyzer)))
        case .dates(let range, let field):
            let index = try self.field(field, kinds: [.date])
            return try filter(.dates(field: index, lower: range.lower, upper: range.upper))
        case .monthDay(let month, let day, let field):
            let index = try self.field(field, kinds: [.date])
            return try filter(.monthDay(field: index, month: month, day: day))
        case .numbers(let range, let field): return try numbersNode(range, field)
        case .within(let shape, let field):
            let test = ShapeTest(shape)
            if let problem = test.problem { throw SearchCoreError(.invalidQuery, problem) }
            return try filter(.within(field: try self.field(field, kinds: [.point]), shape: test))
        case .covers(let point, let field):
            guard point.isValid else { throw SearchCoreError(.invalidQuery, "the point is no place") }
            return try filter(.covers(field: try self.field(field, kinds: [.area]), point: point))
        case .figure(let subject, let range, let unit): return try figureNode(subject, range, unit)
        case .and(let parts):
            return .every(try nodes(Self.joiningProse(parts), boost, depth))
        case .or(let parts):
            return .any(try nodes(parts, boost, depth), minimum: 1)
        case .not(let part):
            return .complement(try node(part, boost: boost, depth: depth + 1))
        case .boost(let part, let factor):
            guard factor.isFinite, factor > 0 else {
                throw SearchCoreError(.invalidQuery, "the boost \(factor) is not a number above 0")
            }
            let product = boost * Double(factor)
            let clamped = min(max(product, PlanLimits.boostRange.lowerBound), PlanLimits.boostRange.upperBound)
            return try node(part, boost: clamped, depth: depth + 1)
        }
    }

    private mutating func nodes(_ parts: [Query], _ boost: Double, _ depth: Int) throws(SearchCoreError) -> [PlanNode] {
        guard parts.count <= PlanLimits.maximumParts else { throw tooMany() }
        var result: [PlanNode] = []
        for part in parts { result.append(try node(part, boost: boost, depth: depth + 1)) }
        return result
    }

    // MARK: Texts

    private mutating func textNode(_ text: String, _ name: String?, _ boost: Double) throws(SearchCoreError) -> PlanNode
    {
        if let index = try keywordField(name) {
            return try filter(.keyword(field: index, key: KeywordTerm.folded(text, analyzer)))
        }
        let fields = try textFields(name)
        if Self.isProse(text) { return try proseNode(try analyse(text), fields, boost) }
        var pieces: [PlanNode] = []
        for piece in Self.pieces(of: text) {
            let tokens = try analyse(String(piece))
            guard !tokens.isEmpty else { continue }
            pieces.append(try contiguousNode(tokens, fields, boost))
        }
        guard !pieces.isEmpty else { return .nothing }
        return .every(pieces)
    }

    private mutating func phraseNode(
        _ text: String, _ name: String?, _ slop: Int, _ boost: Double
    ) throws(SearchCoreError) -> PlanNode {
        if let index = try keywordField(name) {
            return try filter(.keyword(field: index, key: KeywordTerm.folded(text, analyzer)))
        }
        let fields = try textFields(name)
        guard slop >= 0, slop <= PlanLimits.maximumSlop else {
            throw SearchCoreError(.invalidQuery, "a slop of \(slop); use 0 to \(PlanLimits.maximumSlop)")
        }
        let tokens = try analyse(text)
        guard !tokens.isEmpty else { return .nothing }
        return try slop == 0 ? contiguousNode(tokens, fields, boost) : sloppyNode(tokens, slop, fields, boost)
    }

    private mutating func contiguousNode(
        _ tokens: [QueryToken], _ fields: [Int], _ boost: Double
    ) throws(SearchCoreError) -> PlanNode {
        try perField(fields, boost, Self.contiguousMatch(tokens))
    }

    private mutating func sloppyNode(
        _ tokens: [QueryToken], _ slop: Int, _ fields: [Int], _ boost: Double
    ) throws(SearchCoreError) -> PlanNode {
        let singles = tokens.filter { !$0.isBigram }
        guard singles.count > 1 else { return try contiguousNode(tokens, fields, boost) }
        return try perField(fields, boost, .phrase(try PhraseBuilder.sloppy(tokens, slop: slop)))
    }

    private static func contiguousMatch(_ tokens: [QueryToken]) throws(SearchCoreError) -> LeafMatch {
        let phrase = try PhraseBuilder.contiguous(tokens)
        return phrase.units.count == 1 ? .term(phrase.units[0].key) : .phrase(phrase)
    }

    /// One leaf a field; a document matches where one of them does.
    /// - Parameter weights: by number of the field.
    mutating func perField(
        _ fields: [Int], weights: [Double], _ match: LeafMatch, _ association: Association? = nil
    ) throws(SearchCoreError) -> PlanNode {
        var nodes: [PlanNode] = []
        for field in fields {
            switch match {
            // Of overlapping pairs about every second one is opened, two of three at most.
            case .phrase(let phrase): partCount += phrase.units.count / 3 * 2 + 2
            case .passage(let passage): partCount += passage.members.count
            case .chain(let chain): partCount += chain.units.count + chain.pairs.count
            case .term, .prefix, .pattern, .variants, .fuzzy: partCount += 1
            }
            guard partCount <= PlanLimits.maximumParts else { throw tooMany() }
            nodes.append(.leaf(leaves.count))
            leaves.append(Leaf(field: field, match: match, boost: weights[field], association: association))
        }
        return nodes.count == 1 ? nodes[0] : .any(nodes, minimum: 1)
    }

    private mutating func perField(
        _ fields: [Int], _ boost: Double, _ match: LeafMatch
    ) throws(SearchCoreError) -> PlanNode {
        try perField(fields, weights: schema.fields.map { $0.weight * boost }, match)
    }

    private func analyse(_ text: String) throws(SearchCoreError) -> [QueryToken] {
        let bytes = Array(text.utf8)
        guard bytes.count <= PlanLimits.maximumTextBytes else {
            throw SearchCoreError(
                .queryTooComplex, "a text of \(bytes.count) bytes in the query; at most \(PlanLimits.maximumTextBytes)")
        }
        return QueryToken.analyse(bytes, analyzer)
    }

    // MARK: Words that begin so, or nearly so

    private mutating func prefixNode(
        _ text: String, _ name: String?, _ boost: Double
    ) throws(SearchCoreError) -> PlanNode {
        if let index = try keywordField(name) {
            return try filter(.keywordPrefix(field: index, key: KeywordTerm.folded(text, analyzer)))
        }
        let fields = try textFields(name)
        let tokens = try analyse(text)
        guard tokens.count == 1, !tokens[0].isUnigram else {
            // Chinese has no word ends: what begins so is what holds the run.
            return tokens.isEmpty ? .nothing : try contiguousNode(tokens, fields, boost)
        }
        return try perField(fields, boost, .prefix(tokens[0].key))
    }

    private mutating func wildcardNode(
        _ text: String, _ name: String?, _ boost: Double
    ) throws(SearchCoreError) -> PlanNode {
        let pattern = WildcardPattern(text)
        guard pattern.length <= WildcardPattern.limit else {
            throw SearchCoreError(
                .queryTooComplex, "a pattern of \(pattern.length) characters; at most \(WildcardPattern.limit)")
        }
        if let index = try keywordField(name) {
            let folded = pattern.replacing(pattern.pieces.map(analyzer.folded))
            guard folded.length <= WildcardPattern.limit else {
                throw SearchCoreError(.queryTooComplex, "a pattern of \(folded.length) characters when it is folded")
            }
            return try filter(.keywordPattern(field: index, pattern: folded))
        }
        let fields = try textFields(name)
        switch WildcardShape(pattern, analyzer) {
        case .word(let words):
            guard words.length <= WildcardPattern.limit else {
                throw SearchCoreError(.queryTooComplex, "a pattern of \(words.length) characters when it is folded")
            }
            return try perField(fields, boost, .pattern(words))
        case .chain(let chain): return try perField(fields, boost, .chain(chain))
        case nil:
            throw SearchCoreError(.invalidQuery, "'\(text.prefix(40))' is no pattern of a word or of a run of characters")
        }
    }

    private mutating func fuzzyNode(
        _ text: String, _ name: String?, _ edits: Int, _ boost: Double
    ) throws(SearchCoreError) -> PlanNode {
        guard edits >= 0, edits <= PlanLimits.maximumEdits else {
            throw SearchCoreError(.invalidQuery, "an edit distance of \(edits); use 0 to \(PlanLimits.maximumEdits)")
        }
        if let index = try keywordField(name) {
            return try filter(.keywordFuzzy(field: index, key: KeywordTerm.folded(text, analyzer), edits: edits))
        }
        let fields = try textFields(name)
        let tokens = try analyse(text)
        guard !tokens.isEmpty else { return .nothing }
        if edits == 0 { return try contiguousNode(tokens, fields, boost) }
        if tokens.count == 1, !tokens[0].isUnigram {
            return try perField(fields, boost, .fuzzy(tokens[0].key, edits: edits))
        }
        // Chinese: an edit breaks at most two pairs (three for a swap), so the others must be there.
        let near = try nearNode(tokens, edits, fields, boost)
        guard let run = RunVariants(tokens, changes: edits) else { return near }
        return .any([near, try perField(fields, boost, .variants(run))], minimum: 1)
    }

    /// Chinese text with some characters more, less or other.
    private mutating func nearNode(
        _ tokens: [QueryToken], _ edits: Int, _ fields: [Int], _ boost: Double
    ) throws(SearchCoreError) -> PlanNode {
        let pairs = tokens.filter { !$0.isUnigram }
        guard pairs.count > 2 * edits else {
            return try tokens.count == 1
                ? contiguousNode(tokens, fields, boost) : sloppyNode(tokens, edits, fields, boost)
        }
        var parts: [PlanNode] = []
        for pair in pairs { parts.append(try perField(fields, boost, .term(pair.key))) }
        return .any(parts, minimum: pairs.count - 2 * edits)
    }

    // MARK: Filters

    private mutating func filter(_ filter: Filter) throws(SearchCoreError) -> PlanNode {
        partCount += 1
        guard partCount <= PlanLimits.maximumParts else { throw tooMany() }
        return .filter(filter)
    }

    private mutating func numbersNode(_ range: NumberRange, _ name: String) throws(SearchCoreError) -> PlanNode {
        let index = try field(name, kinds: [.integer, .number])
        let isInteger = schema.fields[index].kind == .integer
        guard let closed = NumberBounds.closedRange(range, isInteger: isInteger) else { return .nothing }
        return try filter(.numbers(field: index, range: closed))
    }

    private mutating func figureNode(
        _ subject: String, _ range: NumberRange, _ unit: String
    ) throws(SearchCoreError) -> PlanNode {
        let fields = schema.fields.indices.filter { schema.fields[$0].kind == .figure }
        guard !fields.isEmpty else {
            throw SearchCoreError(.invalidQuery, "figures are not indexed in this collection; leave the condition out")
        }
        guard subject.utf8.count + unit.utf8.count <= PlanLimits.maximumTextBytes else {
            throw SearchCoreError(
                .queryTooComplex, "a figure's subject or unit is longer than \(PlanLimits.maximumTextBytes) bytes")
        }
        let condition = FigureCondition(subject: subject, range: range, unit: unit, analyzer: analyzer)
        guard condition.bounds != nil else { return .nothing }
        var nodes: [PlanNode] = []
        for field in fields { nodes.append(try filter(.figure(field: field, condition: condition))) }
        return nodes.count == 1 ? nodes[0] : .any(nodes, minimum: 1)
    }

    // MARK: Fields

    private func field(_ name: String, kinds: [FieldKind]) throws(SearchCoreError) -> Int {
        guard let index = schema.index(of: name) else {
            throw SearchCoreError(.invalidQuery, "there is no field '\(name)'")
        }
        guard kinds.contains(schema.fields[index].kind) else {
            throw SearchCoreError(
                .invalidQuery, "the field '\(name)' holds \(schema.fields[index].kind.rawValue) and cannot be asked so")
        }
        return index
    }

    /// The field's place when it is a keyword field.
    private func keywordField(_ name: String?) throws(SearchCoreError) -> Int? {
        guard let name else { return nil }
        let index = try field(name, kinds: [.text, .keyword])
        return schema.fields[index].kind == .keyword ? index : nil
    }

    private func textFields(_ name: String?) throws(SearchCoreError) -> [Int] {
        if let name { return [try field(name, kinds: [.text])] }
        return schema.fields.indices.filter { schema.fields[$0].kind == .text }
    }

    private func tooMany() -> SearchCoreError {
        SearchCoreError(.queryTooComplex, "the query has more than \(PlanLimits.maximumParts) parts over all fields")
    }
}

/// Bounds of numbers as a closed range of the integers that columns hold.
enum NumberBounds {
    /// Nil when no number lies within.
    static func closedRange(_ range: NumberRange, isInteger: Bool) -> ClosedRange<Int64>? {
        if range.lower?.isNaN == true || range.upper?.isNaN == true { return nil }
        var lower = Int64.min
        var upper = Int64.max
        if let bound = range.lower {
            if isInteger {
                let rounded = range.includesLower ? bound.rounded(.up) : bound.rounded(.down) + 1
                guard rounded < 0x1p63 else { return nil }
                lower = Int64(exactly: max(rounded, -0x1p63)) ?? Int64.min
            } else {
                // 0.0 and -0.0 are the same number but not the same integer.
                lower = SortableDouble.encode(bound == 0 ? (range.includesLower ? -0.0 : 0.0) : bound)
                if !range.includesLower { lower += lower == Int64.max ? 0 : 1 }
            }
        }
        if let bound = range.upper {
            if isInteger {
                let rounded = range.includesUpper ? bound.rounded(.down) : bound.rounded(.up) - 1
                guard rounded >= -0x1p63 else { return nil }
                upper = rounded < 0x1p63 ? Int64(exactly: rounded) ?? Int64.max : Int64.max
            } else {
                upper = SortableDouble.encode(bound == 0 ? (range.includesUpper ? 0.0 : -0.0) : bound)
                if !range.includesUpper { upper -= upper == Int64.min ? 0 : 1 }
            }
        }
        return lower <= upper ? lower...upper : nil
    }
}
