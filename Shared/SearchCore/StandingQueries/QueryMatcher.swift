// Which standing queries match which documents of a segment.
//
// The keys and positions that queries ask for are read from the segment's dictionaries once (`ItemKeys.swift`). Then each
// document gathers its candidates, and each candidate's program is run on the document's keys. What a program cannot tell is
// asked of the query's plan, for all such documents of the query together. So a document matches a standing query exactly
// where a search of the segment would find it.

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
        /// Documents and queries that were looked at in full: programs that were run.
        package var evaluations = 0
        /// Plans that were opened: one for each query whose program could not tell.
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

    /// Documents whose keys are held at once.
    private static let batch = 512

    /// - Parameter documents: those that are matched, ascending; of this segment.
    /// - Complexity: O(terms and postings of the segment + candidates).
    /// - Throws: `corrupt` for a damaged segment.
    package func match(_ reader: SegmentReader, documents: [DocID]) throws(SearchCoreError) -> Result {
        var result = Result()
        guard index.count > 0 else { return result }
        var start = 0
        while start < documents.count {
            let end = min(start + Self.batch, documents.count)
            try match(reader, documents[start..<end], into: &result)
            start = end
        }
        return result
    }

    private func match(
        _ reader: SegmentReader, _ documents: ArraySlice<DocID>, into result: inout Result
    ) throws(SearchCoreError) {
        var batch = MatchingBatch(index, reader, try ItemKeys(reader, documents, index), count: documents.count)
        for (place, document) in documents.enumerated() { batch.look(at: document, place) }
        result.evaluations += batch.evaluations
        if !batch.undecided.isEmpty {
            let view = try SegmentView(id: reader.segmentID, reader: reader, liveDocs: nil)
            let places = Dictionary(uniqueKeysWithValues: documents.enumerated().map { ($1, $0) })
            for (entry, documents) in batch.undecided {
                result.plansOpened += 1
                let number = index.entries[entry].number
                for document in try evaluate(index.entries[entry], view, documents) {
                    if let place = places[document] { batch.found[place].append(number) }
                }
            }
        }
        for (place, document) in documents.enumerated() where !batch.found[place].isEmpty {
            result.matches.append((document, batch.found[place].sorted()))
        }
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

/// The documents of one batch, matched one after the other. A value whose methods alone touch it: calls through closures would
/// check each access and count references.
private struct MatchingBatch {
    private let keys: ItemKeys
    private let starts: [Int]
    private let filed: [[QueryIndex.Filing]]
    private let numbers: [Int64]
    private let unanchored: [Int32]
    private var run: ProgramRun
    /// By entry: the stamp of the document that it was last looked at for.
    private var seen: [UInt32]
    /// By document: numbers of the queries that match.
    var found: [[Int64]]
    /// By entry: documents that its program could not tell of.
    private(set) var undecided: [Int: [DocID]] = [:]
    private(set) var evaluations = 0

    init(_ index: QueryIndex, _ reader: SegmentReader, _ keys: ItemKeys, count: Int) {
        self.keys = keys
        starts = index.starts
        filed = index.filed
        numbers = index.numbers
        unanchored = index.unanchored
        run = ProgramRun(index, reader, keys)
        seen = [UInt32](repeating: 0, count: starts.count)
        found = [[Int64]](repeating: [], count: count)
    }

    mutating func look(at document: DocID, _ place: Int) {
        run.begin(document, at: place)
        for item in keys.entries(ofItem: place) {
            for filing in filed[Int(keys.numbers[item])] {
                guard filing.first < 0 || run.has(filing.first) || filing.second >= 0 && run.has(filing.second)
                else { continue }
                let entry = Int(filing.entry)
                guard seen[entry] != run.stamp, starts[entry] != QueryIndex.removed else { continue }
                seen[entry] = run.stamp
                decide(entry, document, place)
            }
        }
        for entry in unanchored where starts[Int(entry)] != QueryIndex.removed { decide(Int(entry), document, place) }
    }

    private mutating func decide(_ entry: Int, _ document: DocID, _ place: Int) {
        evaluations += 1
        switch run.verdict(starts[entry]) {
        case .no: break
        case .yes: found[place].append(numbers[entry])
        case .open: undecided[entry, default: []].append(document)
        }
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
