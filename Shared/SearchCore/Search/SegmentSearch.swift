// One search over one segment: matches into hits, totals and counters.

/// Collects what a search wants from one segment.
struct SegmentSearch {
    private let context: SegmentContext
    private let search: SearchPlan
    private let dates: ColumnReader?
    private let isDescending: Bool
    private var top: TopHits
    private var counters: MatchCounters

    init(
        _ search: SearchPlan, schema: IndexSchema, context: SegmentContext, wanted: Int, worstKey: Int64
    ) throws(SearchCoreError) {
        self.search = search
        self.context = context
        counters = try MatchCounters(search, schema: schema, context: context)
        switch search.order {
        case .relevance:
            dates = nil
            isDescending = false
        case .date(let field, let isDescending):
            guard let index = schema.index(of: field), schema.fields[index].kind == .date else {
                throw SearchCoreError(.invalidQuery, "results cannot be ordered by '\(field)'; it is not a date field")
            }
            dates = try context.column(index)
            self.isDescending = isDescending
        }
        var after: AfterPlace?
        if let place = search.after {
            let (ordinal, isEqual) = try context.reader.identity.dictionary.lowerBound(KeywordTerm.key(place.documentID))
            after = AfterPlace(
                key: place.key, identity: Int32(truncatingIfNeeded: ordinal), isSameDocument: isEqual,
                itemOrdinal: place.itemOrdinal)
        }
        top = TopHits(reader: context.reader, limit: wanted, after: after, worstKey: worstKey)
    }

    /// Runs the search; hits are best first.
    consuming func evaluate(
        _ evaluator: Searcher.Evaluator, into result: inout PartialResult
    ) throws(SearchCoreError) -> [LocalHit] {
        switch evaluator {
        case .exhaustive: try evaluateExhaustively(&result)
        case .pruned: try evaluateByWindows(&result)
        }
        try counters.finish(into: &result)
        return top.sorted()
    }

    private mutating func evaluateExhaustively(_ result: inout PartialResult) throws(SearchCoreError) {
        let window = context.arena.buffer(of: UInt64.self, count: Window.words)
        for found in try ExhaustiveEvaluator(context).evaluate() {
            result.total += 1
            window.clear()
            window.insert(0)
            counters.count(found.document, window)
            offer(found.document, score: found.score)
        }
    }

    private mutating func evaluateByWindows(_ result: inout PartialResult) throws(SearchCoreError) {
        let root = try WindowNode.make(context.plan.root, context)
        let scores = context.arena.buffer(of: Int32.self, count: Window.size)
        let live = context.arena.buffer(of: UInt64.self, count: Window.words)
        let liveFilter = LiveFilter(context.view)
        let needsScores = dates == nil && search.offset + search.limit > 0
        let mayPass = search.total == .atLeast && counters.isEmpty
        let end = UInt32(context.documentCount)
        var candidate = root.nextCandidate(from: 0)
        while candidate < end {
            try context.checkPatience()
            let start = candidate & ~63
            liveFilter.window(start, into: live)
            let isBeaten = needsScores && -root.upperBound(start) > top.worstKey
            if isBeaten && mayPass {
                result.isTotalExact = false
            } else if needsScores && !isBeaten {
                scores.fill(0)
                root.matchAndScore(start, within: live, into: scores)
                collect(start, root.matched, scores, &result)
            } else {
                root.match(start, within: live)
                collect(start, root.matched, nil, &result)
            }
            candidate = root.nextCandidate(from: start + UInt32(Window.size))
        }
        if root.isCorrupt { throw context.damaged() }
    }

    private mutating func collect(
        _ start: UInt32, _ matched: WindowBits, _ scores: WindowScores?, _ result: inout PartialResult
    ) {
        let count = matched.memberCount()
        guard count > 0 else { return }
        result.total += count
        if !counters.isEmpty { counters.count(start, matched) }
        guard scores != nil || dates != nil else { return }
        var place = matched.next(from: 0)
        while place < Window.size {
            offer(start &+ UInt32(place), score: scores.map { Int64($0[place]) } ?? 0)
            place = matched.next(from: place &+ 1)
        }
    }

    @inline(__always)
    private mutating func offer(_ document: UInt32, score: Int64) {
        guard let dates else { return top.offer(document, key: -score) }
        var key = Int64.max
        dates.forEach(document) { key = min(key, PackedDate(code: $0).rank(descending: isDescending)) }
        top.offer(document, key: key)
    }
}
