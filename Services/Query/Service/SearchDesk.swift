// A search from request to reply: parse, take a snapshot, ask the workers, merge, fetch.
//
// A collection that is worth one worker is searched in one round. A larger one takes three: statistics (so that scores are
// those of the whole collection, whatever the spread), search, and fetch of the hits that are shown.

import Schemas
import Foundation
import Messages
import SearchCore
import ServiceKit
import Transport

/// An answer whose hits are as a worker wrote them.
typealias EncodedReply = SearchAnswer<EncodedHit>

/// Answers searches for every edge: HTTP and ZeroMQ.
struct SearchDesk: Sendable {
    /// Bounds of what one request may ask for.
    enum Limits {
        static let hits = 0...1000
        static let offset = 0...10_000
        static let snippetCharacters = 20...1000
        static let timeoutMilliseconds = 1...60_000
        static let facets = 8
        /// Fields that hits are collapsed by.
        static let collapsedFields = 4
        /// Values of a facet that are shown; the most frequent ones.
        static let facetValues = 100
    }

    /// Milliseconds allowed unless the request says otherwise.
    static let usualTimeout = 5000

    let keeper: SnapshotKeeper
    let link: SearchLink
    let monotonic: @Sendable () -> Int64
    let microseconds: @Sendable () -> Int64
    /// The day that 今天 in a query means, for the reader's clock in China (UTC+8).
    let wall: @Sendable () -> Int64
    /// Other words for those that were typed.
    let expander: QueryExpander

    let cache: ResultCache
    let personal: PersonalSearch

    /// A request with its defaults filled in and its limits checked.
    struct Checked: Sendable {
        /// The reader's query.
        let query: Query
        let understood: String
        let limit: Int
        let offset: Int
        let cursor: SearchCursor?
        let fingerprint: String
        var show: HitShow
        let deadline: Int64
        /// What the principal sees of records.
        let veil: Veil
        let principal: Principal
        /// Fields of personal keywords that the query may name.
        let personal: Set<String>
        /// With what the principal adds to the query.
        var plan: SearchPlan
    }

    /// An answer whose hits are read.
    ///
    /// - Throws: as `answer`.
    func search(_ request: SearchRequest, for principal: Principal = .open) async throws -> SearchReply {
        try await answer(request, for: principal).mapHits { try $0.value() }
    }

    /// An answer to be sent: hits of bulletins go from the worker to the client as they are.
    ///
    /// - Parameter isPrivate: whether the query stands in no address and no log, so that it may name personal values.
    func answer(
        _ request: SearchRequest, for principal: Principal = .open, isPrivate: Bool = false
    ) async throws -> EncodedReply {
        let found = try await found(request, for: principal, isPrivate: isPrivate)
        guard found.veil.isOfRecords else { return found.reply }
        let now = wall()
        return try found.reply.mapHits { try EncodedValue(found.veil.shown($0.value(), now: now)) }
    }

    private func found(
        _ request: SearchRequest, for principal: Principal, isPrivate: Bool
    ) async throws -> (reply: EncodedReply, veil: Veil) {
        let started = microseconds()
        let kept = try await keeper.snapshot(request.collection)
        var checked = try check(request, kept.schema, for: principal, isPrivate: isPrivate)
        let isFindingPeople = try await resolvePersonal(&checked, kept.schema)
        if let day = request.asOf {
            let editions = try await editions(of: request, on: day, kept.schema, for: principal)
            checked.plan.query = .and([checked.plan.query, .boost(editions, factor: Principal.filterFactor)])
        }
        let parsed = microseconds()
        if let cursor = checked.cursor {
            let kept = try await keeper.snapshot(request.collection, version: cursor.version)
            do {
                return (try await search(checked, kept, started: started, parsed: parsed), checked.veil)
            } catch let error as KuaibaoError where error.code == .conflict {
                throw KuaibaoError(
                    .conflict, "the segments of version \(cursor.version) are gone",
                    fix: "search again without the cursor")
            }
        }
        if isFindingPeople { return (try await search(checked, kept, started: started, parsed: parsed), checked.veil) }
        let key = ResultCache.Key(
            collection: request.collection, version: kept.snapshot.version, plan: checked.plan, offset: checked.offset,
            show: checked.show)
        if var reply = cache.reply(to: key) {
            let time = microseconds()
            reply.timings = [
                "parse": Double(parsed - started) / 1000, "cache": Double(time - parsed) / 1000,
                "total": Double(time - started) / 1000,
            ]
            if reply.cursor != nil { await keeper.pin(kept) }
            return (reply, checked.veil)
        }
        do {
            let reply = try await search(checked, kept, started: started, parsed: parsed)
            cache.keep(reply, for: key)
            return (reply, checked.veil)
        } catch let error as KuaibaoError where error.code == .conflict {
            // A worker could not open a segment that was merged away: a newer version has its documents.
            let newer = try await newerSnapshot(than: kept)
            return (try await search(checked, newer, started: started, parsed: parsed), checked.veil)
        }
    }

    /// Puts records in the place of the personal values that the query names.
    ///
    /// - Returns: whether there were any.
    private func resolvePersonal(_ checked: inout Checked, _ schema: CollectionSchema) async throws -> Bool {
        guard !checked.personal.isEmpty else { return false }
        let resolved = try await personal.resolved(
            checked.query, checked.personal, in: schema, for: checked.principal)
        guard resolved != checked.query else { return false }
        checked.plan.query = try checked.principal.narrowed(resolved, in: schema)
        // Nothing of the value is marked, nor sent to be.
        checked.show.marking = resolved
        return true
    }

    func newerSnapshot(than kept: SnapshotKeeper.Kept) async throws -> SnapshotKeeper.Kept {
        await keeper.hint(News(collection: kept.snapshot.collection, version: kept.snapshot.version + 1))
        return try await keeper.snapshot(kept.snapshot.collection)
    }

    /// - Parameter schema: of the collection that is asked.
    func check(
        _ request: SearchRequest, _ schema: CollectionSchema, for principal: Principal, isPrivate: Bool = false
    ) throws(KuaibaoError) -> Checked {
        let veil = schema.veil(for: principal)
        let visible = veil.fields(of: schema)
        let personal = isPrivate ? PersonalSearch.fields(of: schema, veil, for: principal) : []
        let fields = personal.isEmpty ? visible : QueryFields(visible.all + personal)
        let query: Query
        switch (request.q, request.query) {
        case (let text?, nil): query = try parse(text, fields)
        case (nil, let tree?): query = try QueryNormalizer(fields: fields).normalized(tree)
        default:
            throw KuaibaoError(
                .invalidRequest, "a search needs either q or query", fix: "give the query as text in q")
        }
        let limit = try Self.within(request.limit ?? 10, Limits.hits, "limit")
        let offset = try Self.within(request.offset ?? 0, Limits.offset, "offset")
        let snippet = try Self.within(request.snippetCharacters ?? 120, Limits.snippetCharacters, "snippetCharacters")
        let timeout = try Self.within(
            request.timeoutMilliseconds ?? Self.usualTimeout, Limits.timeoutMilliseconds, "timeoutMilliseconds")
        let facets = request.facets ?? []
        guard facets.count <= Limits.facets else {
            throw KuaibaoError(
                .invalidRequest, "\(facets.count) facets", fix: "ask for at most \(Limits.facets) fields at once")
        }
        let countable = schema.facets.filter { !veil.hidden.contains($0) }
        for field in facets where !countable.contains(field) {
            throw KuaibaoError(
                .invalidRequest, "\"\(field.prefix(80))\" cannot be counted",
                fix: countable.isEmpty ? "leave facets out" : "use one of: \(countable.joined(separator: ", "))")
        }
        if request.histogram == true, schema.dateField == nil {
            throw KuaibaoError(
                .invalidRequest, "\(request.collection) has no date to count by", fix: "leave histogram out")
        }
        let order = try HitOrderRequest.order(request, schema, hidden: veil.hidden)
        let collapse = try Self.collapsedFields(request, visible)
        let understood = QueryPrinter(fields: fields).print(query)
        let fingerprint = SearchCursor.fingerprint(understood, order)
        let cursor = try request.cursor.map { (text) throws(KuaibaoError) in try SearchCursor(text: text) }
        if let cursor {
            guard offset == 0 else {
                throw KuaibaoError(.invalidRequest, "a cursor and an offset", fix: "leave the offset out")
            }
            guard cursor.fingerprint == fingerprint else {
                throw KuaibaoError(
                    .invalidRequest, "the cursor is of another query or order", fix: "give both as in the first request"
                )
            }
        }
        // Words of one meaning are those of bulletins; records have words of their own.
        let expanded = schema.declaration == nil ? expander.expand(query) : query
        let plan = SearchPlan(
            query: try principal.narrowed(expanded, in: schema), limit: offset + limit, after: cursor?.place, order: order,
            facets: facets,
            histogramField: request.histogram == true ? schema.dateField : nil, collapse: collapse)
        return Checked(
            query: query, understood: understood, limit: limit, offset: offset, cursor: cursor,
            fingerprint: fingerprint,
            show: HitShow(
                marking: expanded, snippetCharacters: snippet, explains: request.explain == true,
                collapses: request.collapse == true),
            deadline: monotonic() + Int64(timeout), veil: veil, principal: principal,
            personal: Set(personal.map(\.name)), plan: plan)
    }

    /// - Throws: `invalidRequest` for a field that is no keyword, and for a cursor.
    private static func collapsedFields(
        _ request: SearchRequest, _ fields: QueryFields
    ) throws(KuaibaoError) -> [String] {
        let names = request.collapseBy ?? []
        guard names.count <= Limits.collapsedFields, names.isEmpty || request.cursor == nil else {
            throw KuaibaoError(
                .invalidRequest, "\(names.count) fields to collapse by\(request.cursor == nil ? "" : ", and a cursor")",
                fix: "name at most \(Limits.collapsedFields) fields, and use offset")
        }
        return try names.map { (name) throws(KuaibaoError) in
            guard let field = fields.field(named: name), field.kind == .keyword else {
                throw KuaibaoError(
                    .invalidRequest, "hits cannot be collapsed by \"\(name.prefix(80))\"", fix: "name a keyword field")
            }
            return field.name
        }
    }

    private func parse(_ text: String, _ fields: QueryFields) throws(KuaibaoError) -> Query {
        let chinaDay = Int((wall() / 1000 + 8 * 3600) / 86_400)
        return try QueryParser(fields: fields, today: CalendarDay(daysSince1970: chinaDay)).parse(text)
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
    ) async throws -> EncodedReply {
        var reply = try await gathered(checked, kept, started: started, parsed: parsed)
        if checked.show.collapses { try await collapse(&reply, checked, kept) }
        if reply.total == 0, reply.complete, checked.offset == 0, checked.cursor == nil {
            let began = microseconds()
            let found = await corrections(of: checked, kept)
            reply.corrections = found.isEmpty ? nil : found
            reply.timings["corrections"] = Double(microseconds() - began) / 1000
            reply.timings["total"] = Double(microseconds() - started) / 1000
        }
        return reply
    }

    /// The hits as they come, each with its signature where copies are to be told.
    func gathered(
        _ checked: Checked, _ kept: SnapshotKeeper.Kept, started: Int64, parsed: Int64
    ) async throws -> EncodedReply {
        let isWhole = link.spread(of: kept) == 1
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
            plan.statistics = try await statistics(of: plan.query, kept, checked.deadline, missing: &missing)
            lap("statistics")
        }
        let task = WorkerTask.search(plan, isWhole: isWhole, passOver: checked.offset, show: checked.show)
        let gathered = try await link.scatter(task, over: kept, deadline: checked.deadline)
        missing.formUnion(gathered.missing)
        lap("search")
        var partials: [PartialResult] = []
        var fetched: [EncodedHit]?
        for case .search(let partial, let hits) in gathered.outcomes {
            partials.append(partial)
            if isWhole { fetched = hits }
        }
        let merged = PartialResult.merge(partials, limit: checked.offset + checked.limit)
        let hits: [EncodedHit]
        if let fetched {
            hits = fetched
        } else {
            hits = try await fetch(
                Array(merged.hits.dropFirst(checked.offset)), checked, plan.statistics, kept, missing: &missing)
            lap("fetch")
        }
        let isFull = checked.limit > 0 && (fetched?.count ?? merged.hits.count - checked.offset) == checked.limit
        let cursor = isFull && checked.plan.collapse.isEmpty ? await cursor(behind: merged, checked, kept) : nil
        timings["total"] = Double(microseconds() - started) / 1000
        return EncodedReply(
            version: kept.snapshot.version, complete: missing.isEmpty, total: merged.total,
            hits: hits, cursor: cursor,
            facets: checked.plan.facets.isEmpty ? nil : merged.facets.mapValues { $0.top(Limits.facetValues) },
            histogram: checked.plan.histogramField == nil ? nil : merged.histogram.ordered,
            understood: checked.understood, timings: timings, workers: gathered.workers)
    }

    /// The sums over the whole collection that a query's scores need.
    func statistics(
        of query: Query, _ kept: SnapshotKeeper.Kept, _ deadline: Int64, missing: inout Set<Int>
    ) async throws -> CollectionStatistics {
        let gathered = try await link.scatter(.statistics(query), over: kept, deadline: deadline)
        var statistics = CollectionStatistics()
        for case .statistics(let part) in gathered.outcomes { statistics.merge(part) }
        missing.formUnion(gathered.missing)
        return statistics
    }

    /// A cursor behind the last hit, and the version kept for it; nil where nothing can be behind.
    private func cursor(
        behind merged: PartialResult, _ checked: Checked, _ kept: SnapshotKeeper.Kept
    ) async -> String? {
        guard let last = merged.hits.last, checked.cursor != nil || merged.total > checked.offset + checked.limit
        else { return nil }
        await keeper.pin(kept)
        return SearchCursor(version: kept.snapshot.version, place: last.place, fingerprint: checked.fingerprint).text
    }

    private func fetch(
        _ hits: [Hit], _ checked: Checked, _ statistics: CollectionStatistics?, _ kept: SnapshotKeeper.Kept,
        missing: inout Set<Int>
    ) async throws -> [EncodedHit] {
        guard !hits.isEmpty else { return [] }
        let references = hits.map { ScoredReference($0, checked.plan.order) }
        let task = WorkerTask.fetch(
            references, show: checked.show, statistics: checked.show.explains ? statistics : nil)
        let gathered = try await link.scatter(
            task, over: kept, parts: kept.places(of: hits), deadline: checked.deadline)
        missing.formUnion(gathered.missing)
        var found: [ScoredReference: EncodedHit] = [:]
        for case .fetch(let part) in gathered.outcomes {
            for entry in part { found[entry.reference] = entry.hit }
        }
        return references.compactMap { found[$0] }
    }
}

extension SnapshotKeeper.Kept {
    /// The places of the segments that hold these hits.
    func places(of hits: [Hit]) -> [Int] {
        let wanted = Set(hits.map(\.reference.segmentID))
        return segments.indices.filter { wanted.contains(segments[$0].id) }
    }
}
