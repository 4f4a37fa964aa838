// A plan over one segment as a tree of objects that are asked window by window.
//
// The evaluator visits windows in ascending order. For each it calls `match`, which leaves the node's documents in
// `matched`, and then, if it needs scores, `score` for a subset of them. One dynamic call a node and a window of 4096
// documents costs nothing; the loops inside are over plain memory.
//
// Invariants
// 1. After `match(start, within)`, `matched` is exactly the node's documents that are in `within`.
// 2. `score(start, mask, …)` is called after `match` of the same window, and adds the node's score to every document in
//    `mask` and `matched`.
// 3. `nextCandidate(from)` is never above the node's first document that is not below `from`. Cursors may move up to
//    it: whoever asks will not ask for a window below `from` again.
// 4. `upperBound` is not below the score of any document of the window.

/// A node of the evaluation tree; this class itself matches nothing.
class WindowNode {
    /// The node's documents of the current window.
    let matched: WindowBits
    /// About how many documents the node matches in the segment: cheap parts narrow the window for dear ones.
    var cost: Int { 0 }

    init(_ context: SegmentContext) {
        matched = context.arena.buffer(of: UInt64.self, count: Window.words)
    }

    func nextCandidate(from: UInt32) -> UInt32 { endOfList }

    func match(_ start: UInt32, within: WindowBits) { matched.clear() }

    func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {}

    /// `match`, then `score` for all that matched; nodes that can do both in one pass do.
    func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores) {
        match(start, within: within)
        score(start, mask: matched, into: scores)
    }

    func upperBound(_ start: UInt32) -> Int64 { 0 }

    /// Whether a list turned out to be damaged.
    var isCorrupt: Bool { false }

    /// Builds the tree of a plan's node. - Throws: `corrupt`, `cancelled`.
    static func make(_ node: PlanNode, _ context: SegmentContext) throws(SearchCoreError) -> WindowNode {
        switch node {
        case .everything: return EverythingNode(context)
        case .nothing: return WindowNode(context)
        case .leaf(let leaf): return try makeLeaf(leaf, context)
        case .filter(let filter): return try makeFilter(filter, context)
        case .every(let parts): return EveryNode(context, try make(parts, context))
        case .any(let parts, 1): return AnyNode(context, try make(parts, context))
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

    private static func makeLeaf(_ number: Int, _ context: SegmentContext) throws(SearchCoreError) -> WindowNode {
        let leaf = context.plan.leaves[number]
        let text = try context.text(leaf.field)
        switch leaf.match {
        case .term(let key):
            guard let list = try text.list(key) else { return WindowNode(context) }
            return TermNode(context, list, norms: text.norms, scorer: try context.scorer(number))
        case .phrase(let phrase):
            var lists: [PostingList] = []
            for unit in phrase.units {
                guard let list = try text.list(unit.key) else { return WindowNode(context) }
                lists.append(list)
            }
            return PhraseNode(context, phrase, lists, norms: text.norms, scorer: try context.scorer(number))
        case .prefix, .fuzzy:
            let levels = try context.expansion(leaf.field, leaf.match)
            return BitsNode(context, levels, weight: context.weights.leaves[number])
        }
    }

    private static func makeFilter(_ filter: Filter, _ context: SegmentContext) throws(SearchCoreError) -> WindowNode {
        switch filter {
        case .keyword(let field, let key):
            guard let list = try context.keyword(field).list(key) else { return WindowNode(context) }
            return TermNode(context, list, norms: nil, scorer: nil)
        case .keywordPrefix(let field, let key):
            return BitsNode(context, try context.expansion(field, Expansion.prefix(key)), weight: 0)
        case .keywordFuzzy(let field, let key, let edits):
            return BitsNode(context, try context.expansion(field, Expansion.fuzzy(key, edits)), weight: 0)
        case .dates(let field, let lower, let upper):
            return ColumnNode(context, try context.column(field), .dates(DateTest(lower: lower, upper: upper)))
        case .monthDay(let field, let month, let day):
            return ColumnNode(context, try context.column(field), .monthDay(month: month, day: day))
        case .numbers(let field, let range):
            return ColumnNode(context, try context.column(field), .numbers(range))
        }
    }
}
