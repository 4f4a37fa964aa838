// Which standing queries match which documents of a segment.
//
// The segment's dictionaries are read once; of each document those keys are noted that some query asks for. Then each document
// gathers its candidates, and each candidate's plan is evaluated over the documents that it is a candidate of, in this one
// segment. So a document matches a standing query exactly where a search of the segment would find it.

import Messages
import Synchronization

/// Matches standing queries against the documents of segments. Used by one thread at a time.
package struct QueryMatcher: Sendable {
    package let index: QueryIndex
    private let plans: PlanCache

    /// - Parameter plans: shared by the matchers of one index and its successors.
    package init(_ index: QueryIndex, plans: PlanCache = PlanCache()) {
        self.index = index
        self.plans = plans
    }

    /// What was matched, and what it took.
    package struct Result: Sendable, Hashable {
        /// By document, ascending; numbers of queries ascending. Documents without a match are left out.
        package var matches: [(document: DocID, queries: [Int64])] = []
        /// Documents and queries that were looked at in full.
        package var evaluations = 0
        /// Plans that were opened: one for each query that was a candidate of any document.
        package var plansOpened = 0

        package static func == (one: Result, other: Result) -> Bool {
            one.matches.elementsEqual(other.matches, by: ==) && one.evaluations == other.evaluations
                && one.plansOpened == other.plansOpened
        }

        package func hash(into hasher: inout Hasher) {
            for match in matches {
                hasher.combine(match.document)
                hasher.combine(match.queries)
            }
        }
    }

    /// - Parameter documents: those that are matched, ascending; of this segment.
    /// - Complexity: O(postings of the segment + candidates).
    /// - Throws: `corrupt` for a damaged segment.
    package func match(_ reader: SegmentReader, documents: [DocID]) throws(SearchCoreError) -> Result {
        var result = Result()
        guard index.count > 0, !documents.isEmpty else { return result }
        let candidates = try candidates(reader, documents)
        let view = try SegmentView(id: reader.segmentID, reader: reader, liveDocs: nil)
        var found: [DocID: [Int64]] = [:]
        for (entry, documents) in candidates {
            let source = index.entries[entry]
            result.evaluations += documents.count
            result.plansOpened += 1
            for document in try evaluate(source, view, documents) { found[document, default: []].append(source.number) }
        }
        result.matches = found.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
        return result
    }

    /// Entries that may match, each with its documents, ascending.
    private func candidates(
        _ reader: SegmentReader, _ documents: [DocID]
    ) throws(SearchCoreError) -> [Int: [DocID]] {
        let keys = try SegmentKeys(reader, documents, index)
        var result: [Int: [DocID]] = [:]
        var stamps = [UInt32](repeating: 0, count: index.filed.count)
        var seen = [UInt32](repeating: 0, count: index.entries.count)
        for (place, document) in documents.enumerated() {
            let stamp = UInt32(place + 1)
            for key in keys.byDocument[place] { stamps[Int(key)] = stamp }
            for key in keys.byDocument[place] {
                for entry in index.filed[Int(key)] where seen[Int(entry)] != stamp {
                    seen[Int(entry)] = stamp
                    guard index.entries[Int(entry)].isLive, index.isCandidate(Int(entry), stamps, stamp) else {
                        continue
                    }
                    result[Int(entry), default: []].append(document)
                }
            }
        }
        for entry in index.unanchored where index.entries[Int(entry)].isLive { result[Int(entry)] = documents }
        return result
    }

    /// The documents, of those given, that a query matches.
    private func evaluate(
        _ entry: QueryIndex.Entry, _ view: SegmentView, _ documents: [DocID]
    ) throws(SearchCoreError) -> [DocID] {
        guard let plan = plans.plan(of: entry, in: index) else { return [] }
        let weights = Weights(plan, schema: index.schema, statistics: CollectionStatistics())
        let context = SegmentContext(view: view, plan: plan, weights: weights, isCancelled: { false })
        let root = try WindowNode.make(plan.matching, context)
        let within = context.arena.buffer(of: UInt64.self, count: Window.words)
        var result: [DocID] = []
        var place = 0
        while place < documents.count {
            let start = documents[place] / DocID(Window.size) * DocID(Window.size)
            within.clear()
            while place < documents.count, documents[place] < start + DocID(Window.size) {
                within.insert(Int(documents[place] - start))
                place += 1
            }
            guard root.nextCandidate(from: start) < start + DocID(Window.size) else { continue }
            root.match(start, within: within)
            root.matched.forEachMember { result.append(start + DocID($0)) }
        }
        if root.isCorrupt { throw context.damaged() }
        return result
    }
}

extension Plan {
    /// The part of the tree that decides what matches.
    fileprivate var matching: PlanNode {
        if case .adding(let base, _) = root { base } else { root }
    }
}

/// Compiled plans of the queries that were candidates last. Used by many threads.
package final class PlanCache: Sendable {
    /// Plans kept; a usual one takes about 2 KiB.
    private static let limit = 20_000

    private let plans = Mutex<[Int64: (source: QueryIndex.Source, today: CalendarDay?, plan: Plan)]>([:])

    package init() {}

    /// Nil for a query that cannot be compiled any more.
    func plan(of entry: QueryIndex.Entry, in index: QueryIndex) -> Plan? {
        if let known = plans.withLock({ $0[entry.number] }), known.source == entry.source, known.today == index.today {
            return known.plan
        }
        guard let plan = try? index.compile(entry.source) else { return nil }
        plans.withLock { plans in
            if plans.count >= Self.limit { plans.removeAll(keepingCapacity: true) }
            plans[entry.number] = (entry.source, index.today, plan)
        }
        return plan
    }
}

/// Of each document of a segment the keys that some query asks for.
private struct SegmentKeys {
    /// By place among the documents asked for.
    private(set) var byDocument: [[Int32]]
    /// By document: its place among them, or -1.
    private var places: [Int32]

    init(_ reader: SegmentReader, _ documents: [DocID], _ index: QueryIndex) throws(SearchCoreError) {
        byDocument = [[Int32]](repeating: [], count: documents.count)
        places = [Int32](repeating: -1, count: reader.documentCount)
        for (place, document) in documents.enumerated() { places[Int(document)] = Int32(place) }
        for field in reader.schema.fields.indices {
            if let text = reader.texts[field] {
                try add(text.dictionary, index, key: { QueryKey(field: field, $0) }) { (info) throws(SearchCoreError) in
                    try text.list(info)
                }
            } else if let keyword = reader.keywords[field] {
                let key = { (term: [UInt8]) in QueryKey(field: field, KeywordTerm.lookup(term[...])) }
                try add(keyword.dictionary, index, key: key) { (info) throws(SearchCoreError) in try keyword.list(info)
                }
            } else if let figures = reader.figures[field] {
                try add(figures, field, index)
            }
        }
    }

    private mutating func add(
        _ dictionary: TermDictionary, _ index: QueryIndex, key: ([UInt8]) -> QueryKey,
        list: (TermInfo) throws(SearchCoreError) -> PostingList
    ) throws(SearchCoreError) {
        let arena = ScratchArena()
        let buffers = CursorBuffers(dictionary.detail, arena: arena)
        var terms = try dictionary.iterate()
        while try terms.next() {
            let key = key(terms.term)
            guard index.filter.mayHold(key), let number = index.keyNumbers[key.number] else { continue }
            try note(number, try list(terms.info), buffers)
        }
        withExtendedLifetime(arena) {}
    }

    private mutating func add(
        _ figures: FigureField, _ field: Int, _ index: QueryIndex
    ) throws(SearchCoreError) {
        let arena = ScratchArena()
        let buffers = CursorBuffers(figures.keys.dictionary.detail, arena: arena)
        var terms = try figures.keys.dictionary.iterate()
        while try terms.next() {
            var numbers: Set<Int32> = []
            FigurePieces.forEach(KeywordTerm.lookup(terms.term.dropFirst())) { piece in
                let key = QueryKey(field: field, isPiece: true, piece)
                if index.filter.mayHold(key), let number = index.keyNumbers[key.number] { numbers.insert(number) }
            }
            for number in numbers { try note(number, try figures.keys.list(terms.info), buffers) }
        }
        withExtendedLifetime(arena) {}
    }

    private mutating func note(
        _ number: Int32, _ list: PostingList, _ buffers: CursorBuffers
    ) throws(SearchCoreError) {
        var cursor = PostingCursor(list, buffers)
        while cursor.document != endOfList {
            let place = places[Int(cursor.document)]
            if place >= 0 { byDocument[Int(place)].append(number) }
            cursor.next()
        }
        if cursor.isCorrupt {
            throw SearchCoreError(.corrupt, "a posting list of a new segment is damaged; build it again")
        }
    }
}
