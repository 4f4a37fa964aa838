// What a document must have so that a plan can match it, as clauses over keys. Necessary, not sufficient: who has all of them is
// a candidate, and the plan itself decides.
//
// Keys: a term of a text field, a value of a keyword field in its folded form, a piece of a figure's subject.
//
// Rules (each is the necessary condition of a plan's node)
//     term, keyword          its key
//     phrase                 the keys of all its units
//     figure                 the pairs of characters of its subject
//     all of some parts      all clauses of all parts
//     one of some parts      for each i, the i-th clauses of all parts together; nothing where one part needs nothing
//     m of some parts        m - n of the best clauses of the others, where n parts need nothing
//     everything, negation, dates, numbers, words that begin so or are nearly so: nothing

import Messages

/// A key of a document or a query.
package struct QueryKey: Hashable, Sendable {
    /// Twice the field, and 1 more for a piece of a figure's subject.
    private let place: Int32
    private let bytes: [UInt8]

    @inline(__always)
    init(field: Int, isPiece: Bool = false, _ bytes: [UInt8]) {
        place = Int32(truncatingIfNeeded: field * 2 + (isPiece ? 1 : 0))
        self.bytes = bytes
    }

    /// Whether it is a single character of a text, whose positions are in the lists of pairs and edges.
    var isCharacter: Bool { bytes.first == TermTier.character.rawValue }

    private static let offsetBasis: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x0000_0100_0000_01B3

    /// A number of few bits' worth of trust, for `KeyFilter`: FNV-1a over field, kind and bytes (Fowler, Noll, Vo), its high
    /// bits folded down.
    @inline(__always)
    var fingerprint: UInt64 {
        var hash = (Self.offsetBasis ^ UInt64(truncatingIfNeeded: place)) &* Self.prime
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* Self.prime }
        return hash ^ hash &>> 32
    }
}

/// At least `minimum` of some keys, counted as often as they stand here.
struct RequiredClause: Sendable {
    var keys: [QueryKey]
    var minimum: Int
    /// Keys of which one is there in every document that meets the clause.
    var anchors: [QueryKey]
    /// About how many documents of the collection have an anchor.
    var cost: Int

    /// More keys than this are not worth the look: the clause is dropped.
    static let maximumKeys = 1024
    /// More clauses tell hardly more.
    static let maximumClauses = 12
}

/// What a node needs.
enum Requirement: Sendable {
    /// Any document may match.
    case nothing
    /// No document matches.
    case impossible
    /// All of these, cheapest first.
    case clauses([RequiredClause])
}

/// Finds the requirement of a plan.
struct RequirementFinder {
    let plan: Plan
    /// About how many documents have a key of a field.
    let frequency: (_ field: Int, _ key: [UInt8]) -> Int

    /// Documents that a piece of a figure's subject is taken to be in: few items state figures.
    private static let pieceFrequency = 50

    func requirement() -> Requirement { requirement(of: plan.root) }

    /// About how many documents of the collection have what a part needs; `Int.max` where it needs nothing.
    func cost(of node: PlanNode) -> Int {
        switch requirement(of: node) {
        case .nothing: Int.max
        case .impossible: 0
        case .clauses(let clauses): clauses[0].cost
        }
    }

    private func requirement(of node: PlanNode) -> Requirement {
        switch node {
        case .everything, .complement: return .nothing
        case .nothing: return .impossible
        case .leaf(let leaf): return requirement(of: plan.leaves[leaf])
        case .filter(let filter): return requirement(of: filter)
        case .adding(let base, _): return requirement(of: base)
        case .every(let parts): return every(parts)
        case .any(let parts, let minimum): return any(parts, minimum)
        }
    }

    private func requirement(of leaf: Leaf) -> Requirement {
        switch leaf.match {
        case .term(let key): return all([(leaf.field, key)])
        case .phrase(let phrase): return all(phrase.units.map { (leaf.field, $0.key) })
        case .chain(let chain): return all((chain.units.map(\.key) + chain.pairs).map { (leaf.field, $0) })
        case .prefix, .pattern, .variants, .fuzzy, .passage: return .nothing
        }
    }

    private func requirement(of filter: Filter) -> Requirement {
        switch filter {
        case .keyword(let field, let key): return all([(field, key)])
        case .figure(let field, let condition):
            let pieces = FigurePieces.required(condition.subject)
            let clauses = pieces.map { piece in
                let key = QueryKey(field: field, isPiece: true, piece)
                return RequiredClause(keys: [key], minimum: 1, anchors: [key], cost: Self.pieceFrequency)
            }
            return clauses.isEmpty ? .nothing : .clauses(clauses)
        case .near, .keywordPrefix, .keywordPattern, .keywordFuzzy, .dates, .monthDay, .numbers, .within, .covers: return .nothing
        }
    }

    private func all(_ keys: [(field: Int, key: [UInt8])]) -> Requirement {
        .clauses(
            sorted(
                keys.map { field, bytes in
                    let key = QueryKey(field: field, bytes)
                    return RequiredClause(keys: [key], minimum: 1, anchors: [key], cost: frequency(field, bytes))
                }))
    }

    private func every(_ parts: [PlanNode]) -> Requirement {
        var clauses: [RequiredClause] = []
        for part in parts {
            switch requirement(of: part) {
            case .nothing: continue
            case .impossible: return .impossible
            case .clauses(let own): clauses += own
            }
        }
        return clauses.isEmpty ? .nothing : .clauses(sorted(clauses))
    }

    private func any(_ parts: [PlanNode], _ minimum: Int) -> Requirement {
        var free = 0
        var needing: [[RequiredClause]] = []
        for part in parts {
            switch requirement(of: part) {
            case .nothing: free += 1
            case .impossible: continue
            case .clauses(let own): needing.append(own)
            }
        }
        let wanted = minimum - free
        if wanted <= 0 { return .nothing }
        if needing.count < wanted { return .impossible }
        // Of `needing.count` parts all but `wanted - 1` may be left out: one of the rest matches.
        let cheapest = needing.sorted { $0[0].cost < $1[0].cost }
        let anchored = cheapest.prefix(needing.count - wanted + 1)
        var clauses: [RequiredClause] = []
        if wanted == 1 {
            for place in 0..<(needing.map(\.count).min() ?? 0) {
                clauses.append(
                    RequiredClause(
                        keys: needing.flatMap { $0[place].keys }, minimum: 1,
                        anchors: needing.flatMap { $0[place].anchors },
                        cost: needing.reduce(0) { saturatingSum($0, $1[place].cost) }))
            }
        } else {
            clauses.append(
                RequiredClause(
                    keys: needing.flatMap { $0[0].keys }, minimum: wanted, anchors: anchored.flatMap { $0[0].anchors },
                    cost: anchored.reduce(0) { saturatingSum($0, $1[0].cost) }))
        }
        let kept = clauses.filter { $0.keys.count <= RequiredClause.maximumKeys }
        return kept.isEmpty ? .nothing : .clauses(sorted(kept))
    }

    private func sorted(_ clauses: [RequiredClause]) -> [RequiredClause] {
        Array(clauses.sorted { $0.cost < $1.cost }.prefix(RequiredClause.maximumClauses))
    }
}

/// The pieces of a figure's subject: its characters and pairs of neighbouring ones.
enum FigurePieces {
    /// What a subject that contains this one must have: its pairs, or its only character.
    static func required(_ subject: [UInt8]) -> [[UInt8]] {
        let characters = split(subject[...])
        if characters.count < 2 { return characters.map(Array.init) }
        return (1..<characters.count).map { Array(characters[$0 - 1]) + characters[$0] }
    }

    /// Calls `body` with the pieces of a stated subject.
    static func forEach(_ subject: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Void) {
        let characters = split(subject)
        for place in characters.indices {
            body(characters[place])
            guard place > 0 else { continue }
            body(subject[characters[place - 1].startIndex..<characters[place].endIndex])
        }
    }

    /// Characters as UTF-8; a byte that begins none belongs to the one before.
    private static func split(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        for place in bytes.indices where place > start && bytes[place] & 0xC0 != 0x80 {
            result.append(bytes[start..<place])
            start = place
        }
        if start < bytes.endIndex { result.append(bytes[start...]) }
        return result
    }
}
