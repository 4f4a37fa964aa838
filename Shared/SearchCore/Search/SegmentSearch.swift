// One search over one segment: matches into hits, totals and counters.

/// Collects what a search wants from one segment.
struct SegmentSearch {
    private let context: SegmentContext
    private let search: SearchPlan
    /// How hits are ranked where it is not by relevance.
    private let ranks: ColumnRanks?
    private var top: TopHits
    /// Of a collapsed search.
    private var firsts: FirstOfEach?
    private let wanted: Int
    private var counters: MatchCounters

    init(
        _ search: SearchPlan, schema: IndexSchema, context: SegmentContext, wanted: Int, worstKey: Int64
    ) throws(SearchCoreError) {
        self.search = search
        self.context = context
        counters = try MatchCounters(search, schema: schema, context: context)
        ranks = try ColumnRanks(search.order, schema: schema, context: context)
        self.wanted = wanted
        if !search.collapse.isEmpty {
            guard search.after == nil else {
                throw SearchCoreError(.invalidQuery, "a collapsed search cannot be continued; pass hits over instead")
            }
            firsts = try FirstOfEach(search.collapse, schema: schema, context: context)
        }
        var after: AfterPlace?
        if let place = search.after {
            let (ordinal, isEqual) = try context.reader.identity.dictionary.lowerBound(
                KeywordTerm.key(place.documentID))
            after = AfterPlace(
                key: place.key, identity: Int32(truncatingIfNeeded: ordinal), isSameDocument: isEqual,
                itemOrdinal: place.itemOrdinal)
        }
        top = TopHits(reader: context.reader, limit: wanted, after: after, worstKey: worstKey)
    }

    /// Runs the search; hits are best first, each with the values that it is the first of.
    consuming func evaluate(
        _ evaluator: Searcher.Evaluator, into result: inout PartialResult
    ) throws(SearchCoreError) -> [(hit: LocalHit, group: [String]?)] {
        switch evaluator {
        case .exhaustive: try evaluateExhaustively(&result)
        case .pruned: try evaluateByWindows(&result)
        }
        try counters.finish(into: &result)
        guard let firsts else { return top.sorted().map { ($0, nil) } }
        return try firsts.merged(with: top.sorted(), limit: wanted)
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

    /// The best hits by the windows' bounds, and what must be counted in a second pass that scores nothing: the two
    /// together are quicker than scoring every match once.
    private mutating func evaluateByWindows(_ result: inout PartialResult) throws(SearchCoreError) {
        let root = try WindowNode.make(context.plan.root, context)
        let isCounting = search.total == .exact || !counters.isEmpty
        if ranks == nil, firsts == nil, let short = Self.shortLists(root) {
            try visit(short.terms, atLeast: short.minimum, &result)
        } else if ranks != nil {
            try visitAll(root, &result, .unscored)
        } else if firsts != nil {
            // The first of a value may be any match.
            try visitAll(root, &result, .scored)
        } else if root.isScoredWhileCounted, isCounting {
            try visitAll(root, &result, search.offset + search.limit > 0 ? .scored : .none)
        } else {
            var seen = 0
            if search.offset + search.limit > 0 { seen = try findBest(root) }
            if counters.isEmpty, context.view.liveDocs == nil, let count = root.exactCount {
                result.total += count
            } else if isCounting {
                root.rewind()
                try visitAll(root, &result, .none)
            } else {
                result.total += seen
                result.isTotalExact = false
            }
        }
        if root.isCorrupt { throw context.damaged() }
    }

    /// Offers the best documents, visiting windows from the greatest score bound down until none can matter.
    /// - Returns: how many documents were offered.
    private mutating func findBest(_ root: WindowNode) throws(SearchCoreError) -> Int {
        if let term = root as? TermNode, term.isScored { return try findBest(ofTerm: term) }
        let scores = context.arena.buffer(of: Int32.self, count: Window.size)
        let live = context.arena.buffer(of: UInt64.self, count: Window.words)
        let liveFilter = LiveFilter(context.view)
        var order: [(window: Int, bound: Int64)] = []
        for window in 0..<Window.count(documentCount: context.documentCount) {
            let bound = root.upperBound(window)
            if bound >= 0 { order.append((window, bound)) }
        }
        order.sort { $0.bound != $1.bound ? $0.bound > $1.bound : $0.window < $1.window }
        var seen = 0
        for (window, bound) in order {
            // A document whose key is above the worst key is beaten; one with an equal key may win by identity.
            let needed = top.worstKey == Int64.max ? 0 : -top.worstKey
            guard bound >= needed else { break }
            try context.checkPatience()
            let start = UInt32(window * Window.size)
            liveFilter.window(start, into: live)
            scores.fill(0)
            root.matchAndScore(
                start, within: live, into: scores,
                ScoreGoal(
                    base: 0, headroom: 0, needed: needed,
                    wanted: search.after == nil ? search.offset + search.limit : nil))
            root.matched.forEachMember { place in
                seen += 1
                top.offer(start &+ UInt32(place), key: -Int64(scores[place]))
            }
        }
        return seen
    }

    /// The same for a term alone, block by block: no windows to clear, and no bounds to sort.
    private mutating func findBest(ofTerm term: TermNode) throws(SearchCoreError) -> Int {
        let liveFilter = LiveFilter(context.view)
        var seen = 0
        let promising = term.promisingBlocks()
        for block in promising { look(at: block, of: term, liveFilter, &seen) }
        for block in 0..<term.blockCount where !promising.contains(block) {
            if block % Self.blocksBetweenQuestions == 0 { try context.checkPatience() }
            look(at: block, of: term, liveFilter, &seen)
        }
        return seen
    }

    /// Terms of short lists, and how many of them a match holds; nil where the query is not made of such alone.
    private static func shortLists(_ root: WindowNode) -> (terms: [TermNode], minimum: Int)? {
        if let term = root as? TermNode { return term.isShort ? ([term], 1) : nil }
        if let any = root as? AnyNode { return any.shortTerms.map { ($0, 1) } }
        if let every = root as? EveryNode { return every.shortTerms.map { ($0, $0.count) } }
        return nil
    }

    /// Merges short lists: their few postings cost less than the windows that they lie in.
    private mutating func visit(
        _ terms: [TermNode], atLeast minimum: Int, _ result: inout PartialResult
    ) throws(SearchCoreError) {
        try context.checkPatience()
        // A damaged list is left out; whoever calls asks the tree.
        let lists = terms.compactMap { $0.scoredBlock(0) }
        // Behind the last posting of a list stands `endOfList`: a list without a table has less than a whole block.
        var places = [Int](repeating: 0, count: lists.count)
        let window = context.arena.buffer(of: UInt64.self, count: counters.isEmpty ? 0 : Window.words)
        var start = UInt32.max
        let live = LiveFilter(context.view)
        while true {
            var document = endOfList
            for list in lists.indices { document = min(document, lists[list].documents[places[list]]) }
            if document == endOfList { break }
            var holders = 0
            var score: Int64 = 0
            for list in lists.indices where lists[list].documents[places[list]] == document {
                score += Int64(lists[list].scores[places[list]])
                places[list] += 1
                holders += 1
            }
            guard holders >= minimum, live.isLive(document) else { continue }
            result.total += 1
            top.offer(document, key: -score)
            if counters.isEmpty { continue }
            let first = document / UInt32(Window.size) * UInt32(Window.size)
            if first != start {
                if start != UInt32.max { counters.count(start, window) }
                window.clear()
                start = first
            }
            window.insert(Int(document - start))
        }
        if start != UInt32.max { counters.count(start, window) }
    }

    /// Blocks of a list after which the caller's patience is asked for: 4096 documents.
    private static let blocksBetweenQuestions = Window.size / PostingFormat.blockSize

    /// Offers the documents of a block, unless its best one is beaten.
    private mutating func look(at block: Int, of term: TermNode, _ live: LiveFilter, _ seen: inout Int) {
        // A document whose key is above the worst key is beaten; one with an equal key may win by identity.
        let needed = top.worstKey == Int64.max ? 0 : -top.worstKey
        guard Int64(term.bound(ofBlock: block)) >= needed, let scored = term.scoredBlock(block) else { return }
        for index in 0..<scored.count {
            if live.words != nil, !live.isLive(scored.documents[index]) { continue }
            seen += 1
            top.offer(scored.documents[index], key: -Int64(scored.scores[index]))
        }
    }

    /// Fewer scores of a window are set to zero one by one.
    private static let fewMatches = Window.size / 16

    /// What a visit of every match offers.
    private enum Offer {
        case none
        /// For orders other than by relevance.
        case unscored
        case scored
    }

    /// Visits every match in document order: counts it, and offers it as `offering` says.
    private mutating func visitAll(
        _ root: WindowNode, _ result: inout PartialResult, _ offering: Offer
    ) throws(SearchCoreError) {
        let scores = context.arena.buffer(of: Int32.self, count: offering == .scored ? Window.size : 0)
        let live = context.arena.buffer(of: UInt64.self, count: Window.words)
        let liveFilter = LiveFilter(context.view)
        let end = UInt32(context.documentCount)
        var candidate = root.nextCandidate(from: 0)
        while candidate < end {
            try context.checkPatience()
            let start = candidate / UInt32(Window.size) * UInt32(Window.size)
            liveFilter.window(start, into: live)
            root.match(start, within: live)
            let count = root.matched.memberCount()
            result.total += count
            if count > 0 {
                if !counters.isEmpty { counters.count(start, root.matched) }
                switch offering {
                case .none: break
                case .unscored: root.matched.forEachMember { offer(start &+ UInt32($0), score: 0) }
                case .scored:
                    // What cannot be among the best is counted only.
                    let needed = firsts == nil && top.worstKey < Int64.max ? -top.worstKey : 0
                    if root.upperBound(Int(start) / Window.size) < needed { break }
                    if count < Self.fewMatches {
                        root.matched.forEachMember { scores[$0] = 0 }
                    } else {
                        scores.fill(0)
                    }
                    root.scoreBest(start, into: scores, needed: needed)
                    root.matched.forEachMember { offer(start &+ UInt32($0), score: Int64(scores[$0])) }
                }
            }
            candidate = root.nextCandidate(from: start + UInt32(Window.size))
        }
    }

    @inline(__always)
    private mutating func offer(_ document: UInt32, score: Int64) {
        if firsts != nil { return offerFirst(document, score: score) }
        guard let ranks else { return top.offer(document, key: -score) }
        if let key = ranks.key(document, worst: top.worstKey) { top.offer(document, key: key) }
    }

    private mutating func offerFirst(_ document: UInt32, score: Int64) {
        guard let key = ranks.map({ $0.key(document, worst: top.worstKey) }) ?? -score, key <= top.worstKey else { return }
        if firsts?.offer(document, key: key) != true { top.offer(document, key: key) }
    }
}

/// Of the matches of one segment with the same values of some keyword fields the first in the order of hits.
struct FirstOfEach {
    /// Nil where the segment was built before the collection had one of the fields.
    private let fields: [KeywordField]?
    private let reader: SegmentReader
    /// By the ordinals of the values.
    private var firsts: [[Int64]: LocalHit] = [:]

    /// - Throws: `invalidQuery` for a field that is no keyword.
    init(_ names: [String], schema: IndexSchema, context: SegmentContext) throws(SearchCoreError) {
        var fields: [KeywordField]? = []
        for name in names {
            guard let index = schema.index(of: name), schema.fields[index].kind == .keyword else {
                throw SearchCoreError(.invalidQuery, "hits cannot be collapsed by '\(name)'; it is not a keyword field")
            }
            if context.has(index) { fields?.append(try context.keyword(index)) } else { fields = nil }
        }
        self.fields = fields
        reader = context.reader
    }

    /// - Returns: false for a document that lacks a value.
    mutating func offer(_ document: UInt32, key: Int64) -> Bool {
        guard let fields else { return false }
        var values: [Int64] = []
        values.reserveCapacity(fields.count)
        for field in fields {
            var value: Int64?
            field.column.forEach(document) { value = value ?? $0 }
            guard let value else { return false }
            values.append(value)
        }
        let hit = LocalHit(
            key: key, identity: Int32(truncatingIfNeeded: reader.identityOrdinal(of: document)),
            itemOrdinal: reader.itemOrdinal(of: document), document: document)
        if let first = firsts[values], first < hit { return true }
        firsts[values] = hit
        return true
    }

    /// The first hits and those without a value, best first.
    func merged(
        with others: [LocalHit], limit: Int
    ) throws(SearchCoreError) -> [(hit: LocalHit, group: [String]?)] {
        let ordered = firsts.map { (hit: $0.value, values: $0.key) } + others.map { (hit: $0, values: []) }
        let best = ordered.sorted { $0.hit < $1.hit }.prefix(limit)
        var groups = best.map { $0.values.isEmpty ? nil : [String]() }
        for (place, field) in (fields ?? []).enumerated() {
            var names: [Int64: String] = [:]
            let ordinals = Set(best.compactMap { $0.values.isEmpty ? nil : Int($0.values[place]) }).sorted()
            try field.dictionary.forEachTerm(at: ordinals) { names[Int64($0)] = KeywordTerm.value($1) }
            for (index, found) in best.enumerated() where !found.values.isEmpty {
                groups[index]?.append(names[found.values[place]] ?? "")
            }
        }
        return zip(best, groups).map { ($0.hit, $1) }
    }
}
