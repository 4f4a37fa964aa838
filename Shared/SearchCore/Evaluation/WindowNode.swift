// A plan over one segment as a tree of objects that are asked window by window.
//
// For each window the evaluator either asks for the matching documents (`match`, and `score` for a subset of them), or
// for the documents that may reach a score (`matchAndScore`), where lists and documents that cannot matter are skipped.
// One dynamic call a node and a window costs little against the loops inside, which run over plain memory.
//
// The bounds are those of block-max indexes (Ding, Suel, "Faster Top-k Document Retrieval Using Block-Max Indexes",
// SIGIR 2011); the split of a disjunction into essential and other lists is MaxScore (Turtle, Flood, "Query Evaluation:
// Strategies and Optimizations", 1995), redone for each window. Scores are integers, so no bound needs rounding.
//
// Invariants
// 1. After `match(start, within)`, `matched` is exactly the node's documents that are in `within`.
// 2. `score(start, mask, …)` adds the node's score to every document in `mask` that it matched; it is called after
//    `match` or `matchAndScore` of the same window, with a mask inside `matched`.
// 3. After `matchAndScore(start, within, scores, goal)`, `matched` is inside the set of invariant 1, has every document
//    of it whose score in the array reaches `goal.needed` at the end, and the node's score was added for all in
//    `matched`. Other documents of the window must not be looked at in the array, unless `scoresOnlyMatches`: then the
//    array has no more than the node's score for them, and nothing where the node does not match.
// 4. `nextCandidate(from)` is never above the node's first document that is not below `from`. Cursors may move up to
//    it: whoever asks will not ask for a window below `from` again, save after `rewind`.
// 5. `upperBound(window)` is not below the score of any document of the window; below 0 when no document matches.

/// How much `matchAndScore` must find.
struct ScoreGoal {
    /// No document of the window has more than this in the scores before the call, plus what may be added after it.
    var base: Int64
    /// The most that others add after the call.
    var headroom: Int64
    /// Documents that cannot end with this in the scores may be left out.
    var needed: Int64
    /// Only so many best documents of the window are wanted, and whatever the node matches is a match of the whole query: a
    /// document's score so far is a lower bound of its last one. Nil where one of the two does not hold.
    var wanted: Int?
}

/// A node of the evaluation tree; this class itself matches nothing.
class WindowNode {
    /// The node's documents of the current window.
    let matched: WindowBits
    /// About how many documents the node matches in the segment: cheap parts narrow the window for dear ones.
    var cost: Int { 0 }

    init(_ context: SegmentContext) {
        matched = context.arena.buffer(of: UInt64.self, count: Window.words)
        matched.clear()
    }

    func nextCandidate(from: UInt32) -> UInt32 { endOfList }

    /// Makes `nextCandidate` begin anew.
    func rewind() {}

    func match(_ start: UInt32, within: WindowBits) { matched.clear() }

    func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {}

    /// Scores what was matched, after `match` of the same window, as far as it can reach `needed`; documents that cannot may be taken
    /// out of `matched`, and are not looked at in the array then.
    func scoreBest(_ start: UInt32, into scores: WindowScores, needed: Int64) {
        score(start, mask: matched, into: scores)
    }

    /// See invariant 3; this one leaves out nothing.
    func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores, _ goal: ScoreGoal) {
        match(start, within: within)
        score(start, mask: matched, into: scores)
    }

    /// Adds the node's score to every document in `mask` that it matches, without an earlier `match`.
    func addScores(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        match(start, within: mask)
        score(start, mask: matched, into: scores)
    }

    /// The same; documents whose score in the array cannot reach `floor` with this node's may be left as they are.
    func addScores(_ start: UInt32, mask: WindowBits, into scores: WindowScores, floor: Int64) {
        addScores(start, mask: mask, into: scores)
    }

    /// Whether scoring a document costs much more than reading a posting: such extras come last.
    var isDear: Bool { false }

    func upperBound(_ window: Int) -> Int64 { -1 }

    /// How many documents match in the whole segment, deleted ones included, where that is known at once.
    var exactCount: Int? { 0 }

    /// See invariant 3.
    var scoresOnlyMatches: Bool { true }

    /// Whether matching reads positions: so dear that what is counted should be scored in the same pass.
    var readsPositions: Bool { false }
    /// Whether what is counted should be scored in the same pass.
    var isScoredWhileCounted: Bool { readsPositions }
    /// Whether a list turned out to be damaged.
    var isCorrupt: Bool { false }
}

extension WindowNode {
    /// Builds the tree of a plan's node. - Throws: `corrupt`, `cancelled`.
    static func make(_ node: PlanNode, _ context: SegmentContext) throws(SearchCoreError) -> WindowNode {
        switch node {
        case .everything: return EverythingNode(context)
        case .nothing: return WindowNode(context)
        case .leaf(let leaf): return try makeLeaf(leaf, context)
        case .filter(let filter): return try makeFilter(filter, context)
        case .every(let parts): return EveryNode(context, try make(parts, context))
        case .any(let parts, 1): return try makeAny(parts, context)
        case .any(let parts, let minimum): return CountingNode(context, try make(parts, context), minimum: minimum)
        case .complement(let part): return ComplementNode(context, try make(part, context))
        case .adding(let base, let extras):
            return AddingNode(context, base: try make(base, context), extras: try make(extras, context))
        }
    }

    private static func make(
        _ parts: [PlanNode], _ context: SegmentContext
    ) throws(SearchCoreError) -> [WindowNode] {
        var nodes: [WindowNode] = []
        for part in parts { nodes.append(try make(part, context)) }
        return nodes
    }

    /// Parts that the segment does not hold are left out.
    private static func makeAny(_ parts: [PlanNode], _ context: SegmentContext) throws(SearchCoreError) -> WindowNode {
        let nodes = try make(parts, context).filter { type(of: $0) != WindowNode.self }
        if nodes.isEmpty { return WindowNode(context) }
        return nodes.count == 1 ? nodes[0] : AnyNode(context, nodes)
    }

    private static func makeLeaf(_ number: Int, _ context: SegmentContext) throws(SearchCoreError) -> WindowNode {
        let leaf = context.plan.leaves[number]
        guard context.has(leaf.field) else { return WindowNode(context) }
        let text = try context.text(leaf.field)
        switch leaf.match {
        case .term(let key):
            guard let list = try context.list(leaf.field, key, of: text) else { return WindowNode(context) }
            return TermNode(context, list, norms: text.norms, scorer: try context.scorer(number))
        case .phrase(let phrase):
            var lists: [PostingList] = []
            for unit in phrase.units {
                guard let list = try context.list(leaf.field, unit.key, of: text) else { return WindowNode(context) }
                lists.append(list)
            }
            let scorer = try context.scorer(number)
            return phrase.slop == 0
                ? PhraseNode.make(context, phrase, lists, norms: text.norms, scorer: scorer)
                : try SloppyPhraseNode(context, phrase, lists, text: text, scorer: scorer)
        case .passage(let passage):
            return try PassageNode.make(context, passage, text: text, weights: context.weights.members[number])
        case .prefix, .pattern, .chain, .variants, .fuzzy:
            let levels = try context.expansion(leaf.field, leaf.match)
            return BitsNode(context, levels, weight: context.weights.leaves[number])
        }
    }

    private static func makeFilter(_ filter: Filter, _ context: SegmentContext) throws(SearchCoreError) -> WindowNode {
        if let field = filter.field, !context.has(field) { return WindowNode(context) }
        switch filter {
        case .near(let key):
            guard let list = try context.reader.identity.list(key) else { return WindowNode(context) }
            return TermNode(context, list, norms: nil, scorer: nil)
        case .keyword(let field, let key):
            let nodes = try context.keyword(field).spellings(key).map { TermNode(context, $0, norms: nil, scorer: nil) }
            if nodes.isEmpty { return WindowNode(context) }
            return nodes.count == 1 ? nodes[0] : AnyNode(context, nodes)
        case .keywordPrefix(let field, let key):
            return BitsNode(context, try context.expansion(field, Expansion.prefix(key)), weight: 0)
        case .keywordPattern(let field, let pattern):
            let levels = try context.expansion(field, Expansion.pattern(pattern, tier: KeywordTerm.tier))
            return BitsNode(context, levels, weight: 0)
        case .keywordFuzzy(let field, let key, let edits):
            return BitsNode(context, try context.expansion(field, Expansion.fuzzy(key, edits)), weight: 0)
        case .dates(let field, let lower, let upper):
            return ColumnNode(context, try context.column(field), .dates(DateTest(lower: lower, upper: upper)))
        case .monthDay(let field, let month, let day):
            return ColumnNode(context, try context.column(field), .monthDay(month: month, day: day))
        case .numbers(let field, let range):
            return ColumnNode(context, try context.column(field), .numbers(range))
        case .within(let field, let shape):
            return ColumnNode(context, try context.column(field), .within(shape))
        case .covers(let field, let point):
            return AreaNode(context, try context.column(field), point)
        case .figure(let field, let condition):
            return BitsNode(context, [try context.documents(field, condition)], weight: 0)
        }
    }
}
