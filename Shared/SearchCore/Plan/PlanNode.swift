// A query resolved against a schema: a tree of set operations over numbered leaves, the same for every segment.

import Geography
import Messages

/// A node of a plan. A node matches documents and gives each a score; scores of matching parts add up.
indirect enum PlanNode: Sendable {
    /// Every document, score 0.
    case everything
    case nothing
    /// A scoring leaf, by its number in `Plan.leaves`. Each leaf stands in the tree once.
    case leaf(Int)
    /// Documents that pass a test, score 0.
    case filter(Filter)
    /// Documents that match all parts.
    case every([PlanNode])
    /// Documents that match at least `minimum` of the parts, 1 or more.
    case any([PlanNode], minimum: Int)
    /// Documents that do not match, score 0.
    case complement(PlanNode)
    /// Documents of `base`; those that match an extra as well score its score more.
    case adding(base: PlanNode, extras: [PlanNode])
}

/// A test without a score.
enum Filter: Sendable, Hashable {
    /// A keyword field has a value whose folded form this key is.
    case keyword(field: Int, key: [UInt8])
    /// A keyword field has a value whose folded form begins so.
    case keywordPrefix(field: Int, key: [UInt8])
    /// A keyword field has a value whose folded form fits the pattern.
    case keywordPattern(field: Int, pattern: WildcardPattern)
    /// A keyword field has a value whose folded form is within `edits` of this one.
    case keywordFuzzy(field: Int, key: [UInt8], edits: Int)
    /// The document has this key of near-duplicates, its tier byte before it.
    case near(key: [UInt8])
    /// A date field may lie within the half-open range of days; unbounded where nil.
    case dates(field: Int, lower: Int?, upper: Int?)
    /// A date field is in this month, and on this day where one is given, of any year or none.
    case monthDay(field: Int, month: Int, day: Int?)
    /// A number field has a value within the closed range of sortable integers.
    case numbers(field: Int, range: ClosedRange<Int64>)
    /// A point field lies within the shape.
    case within(field: Int, shape: ShapeTest)
    /// An area field holds the point.
    case covers(field: Int, point: GeoPoint)
    /// A figure field has a figure that satisfies the condition.
    case figure(field: Int, condition: FigureCondition)

    /// The field that is tested; nil for keys of near-duplicates, which belong to none.
    var field: Int? {
        switch self {
        case .near: nil
        case .keyword(let field, _), .keywordPrefix(let field, _), .keywordPattern(let field, _), .keywordFuzzy(let field, _, _),
            .dates(let field, _, _),
            .monthDay(let field, _, _), .numbers(let field, _), .within(let field, _), .covers(let field, _),
            .figure(let field, _):
            field
        }
    }
}

/// What a leaf looks for in its text field.
enum LeafMatch: Sendable, Hashable {
    case term([UInt8])
    case phrase(Phrase)
    /// Words that begin with the key; a constant score.
    case prefix([UInt8])
    /// Words that fit the pattern; a constant score.
    case pattern(WildcardPattern)
    /// Characters and words at distances; a constant score.
    case chain(Chain)
    /// A run of characters of which some may be others of the same sound or shape; the score falls with their number.
    case variants(RunVariants)
    /// Words within `edits` of the key's word; the score falls with the distance.
    case fuzzy([UInt8], edits: Int)
    /// The densest passage of the text: see `Passage`. Stands only among the extras of a plan.
    case passage(Passage)
}

/// Terms of a long text whose closeness counts. A document's score is the greatest sum of weights of different terms that
/// stand within `width` positions.
struct Passage: Sendable, Hashable {
    struct Member: Sendable, Hashable {
        var key: [UInt8]
        /// What the term's idf is multiplied by.
        var factor: Double
    }

    /// Different keys.
    var members: [Member]
    var width: Int
}

/// The characters of a pair, by which its weight is judged: a pair whose characters meet no more often than chance has
/// them meet counts `chanceWeight`, a word counts 1.
struct Association: Sendable, Hashable {
    var first: [UInt8]
    var second: [UInt8]
    var chanceWeight: Double
}

/// A scoring leaf.
struct Leaf: Sendable, Hashable {
    var field: Int
    var match: LeafMatch
    /// Field weight, boosts of the query, and shares of a longer run, multiplied.
    var boost: Double
    /// For a pair in a long text or question.
    var association: Association?
}

/// Terms that stand together.
struct Phrase: Sendable, Hashable {
    /// A term and its distance in positions from the phrase's first position; ascending distances, at least two units.
    struct Unit: Sendable, Hashable {
        var key: [UInt8]
        var offset: UInt32
    }

    /// For a contiguous phrase: all its pairs, words, and characters beside words by their tier of edges. With slop: single
    /// characters and words.
    var units: [Unit]
    /// Positions from the first unit to the last.
    var span: UInt32
    /// Other positions allowed among them.
    var slop: Int
    /// What the phrase's weight is computed from.
    var parts: [PhrasePart]
}

/// A run of a phrase, for its weight: `characters` characters, or one word.
struct PhrasePart: Sendable, Hashable {
    var keys: [[UInt8]]
    /// The sum of the keys' idf counts times this.
    var factor: Double
}

/// A compiled query.
struct Plan: Sendable {
    var root: PlanNode
    var leaves: [Leaf]

    /// The dictionary keys of a leaf whose document frequencies its weight needs.
    static func weightKeys(_ leaf: Leaf) -> [[UInt8]] {
        switch leaf.match {
        case .term(let key): [key] + (leaf.association.map { [$0.first, $0.second] } ?? [])
        case .phrase(let phrase): phrase.parts.flatMap(\.keys)
        case .passage(let passage): passage.members.map(\.key)
        case .prefix, .pattern, .chain, .variants, .fuzzy: []
        }
    }

    /// As if written `weightKeys(leaf).forEach(body)`, without arrays of keys.
    static func forEachWeightKey(_ leaf: Leaf, _ body: ([UInt8]) -> Void) {
        switch leaf.match {
        case .term(let key):
            body(key)
            if let association = leaf.association {
                body(association.first)
                body(association.second)
            }
        case .phrase(let phrase):
            for part in phrase.parts { part.keys.forEach(body) }
        case .passage(let passage):
            for member in passage.members { body(member.key) }
        case .prefix, .pattern, .chain, .variants, .fuzzy: break
        }
    }
}
