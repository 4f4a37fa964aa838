// A search from request to reply: parse, take a snapshot, ask the workers, merge, fetch.
//
// A collection that is worth one worker is searched in one round. A larger one takes three: statistics (so that scores are
// those of the whole collection, whatever the spread), search, and fetch of the hits that are shown.

import Foundation
import Messages
import SearchCore
import ServiceKit
import Transport

/// Answers searches for every edge: HTTP and ZeroMQ.
struct SearchDesk: Sendable {
    /// Bounds of what one request may ask for.
    enum Limits {
        static let hits = 0...1000
        static let offset = 0...10_000
        static let snippetCharacters = 20...1000
        static let timeoutMilliseconds = 1...60_000
        static let facets = 8
        /// Values of a facet that are shown; the most frequent ones.
        static let facetValues = 100
    }

    let keeper: SnapshotKeeper
    let link: SearchLink
    let monotonic: @Sendable () -> Int64
    let microseconds: @Sendable () -> Int64
    /// The day that 今天 in a query means, for the reader's clock in China (UTC+8).
    let wall: @Sendable () -> Int64

    /// A request with its defaults filled in and its limits checked.
    private struct Checked {
        let query: Query
        let understood: String
        let limit: Int
        let offset: Int
        let snippetCharacters: Int
        let deadline: Int64
        let plan: SearchPlan
    }

    func search(_ request: SearchRequest) async throws -> SearchReply {
        let started = microseconds()
        let checked = try check(request)
        let parsed = microseconds()
        let kept = try await keeper.snapshot(request.collection)
        do {
            return try await search(checked, kept, started: started, parsed: parsed)
        } catch let error as KuaibaoError where error.code == .conflict {
            // A worker could not open a segment that was merged away: a newer version has its documents.
            await keeper.hint(News(collection: request.collection, version: kept.snapshot.version + 1))
            let newer = try await keeper.snapshot(request.collection)
            return try await search(checked, newer, started: started, parsed: parsed)
        }
    }

    private func check(_ request: SearchRequest) throws(KuaibaoError) -> Checked {
        let query: Query
        switch (request.q, request.query) {
        case (let text?, nil): query = try parse(text)
        case (nil, let tree?): query = try QueryNormalizer().normalized(tree)
        default:
            throw KuaibaoError(
                .invalidRequest, "a search needs either q or query", fix: "give the query as text in q")
        }
        let limit = try Self.within(request.limit ?? 10, Limits.hits, "limit")
        let offset = try Self.within(request.offset ?? 0, Limits.offset, "offset")
        let snippet = try Self.within(request.snippetCharacters ?? 120, Limits.snippetCharacters, "snippetCharacters")
        let timeout = try Self.within(
            request.timeoutMilliseconds ?? 5000, Limits.timeoutMilliseconds, "timeoutMilliseconds")
        let facets = request.facets ?? []
        guard facets.count <= Limits.facets else {
            throw KuaibaoError(
                .invalidRequest, "\(facets.count) facets", fix: "ask for at most \(Limits.facets) fields at once")
        }
        for field in facets where !Self.facetFields.contains(field) {
            throw KuaibaoError(
                .invalidRequest, "\"\(field)\" cannot be counted",
                fix: "use one of: \(Self.facetFields.joined(separator: ", "))")
        }
        let plan = SearchPlan(
            query: query, limit: offset + limit, order: Self.order(request.sort ?? .relevance), facets: facets,
            histogramField: request.histogram == true ? "published" : nil)
        return Checked(
            query: query, understood: QueryPrinter().print(query), limit: limit, offset: offset,
            snippetCharacters: snippet, deadline: monotonic() + Int64(timeout), plan: plan)
    }

    private func parse(_ text: String) throws(KuaibaoError) -> Query {
        let chinaDay = Int((wall() / 1000 + 8 * 3600) / 86_400)
        return try QueryParser(today: CalendarDay(daysSince1970: chinaDay)).parse(text)
    }

    private static let facetFields = IndexSchema.bulletins.fields.filter { $0.isFaceted && $0.kind == .keyword }.map(\.name)

    private static func order(_ order: RequestedOrder) -> HitOrder {
        switch order {
        case .relevance: .relevance
        case .newest: .date(field: "published", isDescending: true)
        case .oldest: .date(field: "published", isDescending: false)
        }
    }

    private static func within(
        _ value: Int, _ range: ClosedRange<Int>, _ name: String
    ) throws(KuaibaoError) -> Int {
        guard range.contains(value) else {
            throw KuaibaoError(
                .invalidRequest, "\(name) is \(value)", fix: "use \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    // MARK: One round or three

    private func search(
        _ checked: Checked, _ kept: SnapshotKeeper.Kept, started: Int64, parsed: Int64
    ) async throws -> SearchReply {
        let isWhole = await link.spread(of: kept) == 1
        var plan = checked.plan
        var timings = ["parse": Double(parsed - started) / 1000]
        var mark = microseconds()
        func lap(_ name: String) {
            let time = microseconds()
            timings[name] = Double(time - mark) / 1000
            mark = time
        }
        var missing: Set<Int> = []
        if !isWhole {
            let gathered = try await link.scatter(.statistics(checked.query), over: kept, deadline: checked.deadline)
            var statistics = CollectionStatistics()
            for case .statistics(let part) in gathered.outcomes { statistics.merge(part) }
            plan.statistics = statistics
            missing.formUnion(gathered.missing)
            lap("statistics")
        }
        let task = WorkerTask.search(
            plan, isWhole: isWhole, passOver: checked.offset, snippetCharacters: checked.snippetCharacters)
        let gathered = try await link.scatter(task, over: kept, deadline: checked.deadline)
        missing.formUnion(gathered.missing)
        lap("search")
        var partials: [PartialResult] = []
        var fetched: [SearchHit]?
        for case .search(let partial, let hits) in gathered.outcomes {
            partials.append(partial)
            if isWhole { fetched = hits }
        }
        let merged = PartialResult.merge(partials, limit: checked.offset + checked.limit)
        let hits: [SearchHit]
        if let fetched {
            hits = fetched
        } else {
            hits = try await fetch(Array(merged.hits.dropFirst(checked.offset)), checked, kept, missing: &missing)
            lap("fetch")
        }
        timings["total"] = Double(microseconds() - started) / 1000
        return SearchReply(
            version: kept.snapshot.version, complete: missing.isEmpty, total: merged.total, hits: hits,
            facets: checked.plan.facets.isEmpty ? nil : merged.facets.mapValues { $0.top(Limits.facetValues) },
            histogram: checked.plan.histogramField == nil ? nil : Self.months(merged.histogram),
            understood: checked.understood, timings: timings, workers: gathered.workers)
    }

    /// Months in order; what is known only in part comes after them, hits without a date last.
    private static func months(_ counts: [String: Int]) -> [FacetCount] {
        func rank(_ text: String) -> Int { text.isEmpty ? 2 : text.hasPrefix("-") ? 1 : 0 }
        return counts.sorted { (rank($0.key), $0.key) < (rank($1.key), $1.key) }
            .map { FacetCount(value: $0.key, count: $0.value) }
    }

    private func fetch(
        _ hits: [Hit], _ checked: Checked, _ kept: SnapshotKeeper.Kept, missing: inout Set<Int>
    ) async throws -> [SearchHit] {
        guard !hits.isEmpty else { return [] }
        let references = hits.map(ScoredReference.init)
        let wanted = Set(references.map(\.reference.segmentID))
        let places = kept.segments.indices.filter { wanted.contains(kept.segments[$0].id) }
        let task = WorkerTask.fetch(
            references, marking: checked.query, snippetCharacters: checked.snippetCharacters)
        let gathered = try await link.scatter(task, over: kept, parts: places, deadline: checked.deadline)
        missing.formUnion(gathered.missing)
        var found: [ScoredReference: SearchHit] = [:]
        for case .fetch(let part) in gathered.outcomes {
            for entry in part { found[entry.reference] = entry.hit }
        }
        return references.compactMap { found[$0] }
    }
}
