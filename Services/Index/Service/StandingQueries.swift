// The watches of each collection as an index over their queries, kept as new as the publishes of this process need it.
//
// A change is learnt by a hint, by the poll of the leases, or because a publish was refused. Only watches that are new are read;
// where some were deleted all are read again.

import Logging
import Messages
import Schemas
import SearchCore
import ServiceKit
import Transport

/// The watches that an index worker matches with.
actor StandingQueries {
    /// The watches of a collection in one version.
    struct Set: Sendable {
        let version: Int64
        let matcher: QueryMatcher
        /// Of rules: the field whose values are desks, by the rule's number.
        var routes: [Int64: String] = [:]
    }

    struct Sizes: Sendable {
        var watches = 0
        /// Watches that are looked at for every item.
        var unanchored = 0
        /// Watches whose query cannot be read by this program; they match nothing.
        var broken = 0
    }

    /// Rules read at once.
    private static let page = 5_000
    /// Readings of all rules in a row, each because a watch was deleted during the one before.
    private static let readings = 20

    private struct Kept: Sendable {
        var version: Int64
        var last: Int64
        var index: QueryIndex
        var broken: Swift.Set<Int64>
        var routes: [Int64: String] = [:]
        /// Of the collection's declaration, whose fields the queries name.
        var generation: Int
    }

    private let ledger: LedgerClient
    private let threads: WorkThreads
    /// Of bulletins.
    private let expander: QueryExpander
    private let logger: Logger
    /// Milliseconds since 1970, UTC.
    private let wall: @Sendable () -> Int64
    private let plans = PlanCache()
    private var kept: [String: Kept] = [:]
    /// The newest version heard of.
    private var wanted: [String: Int64] = [:]
    private var refreshes: [String: Task<Void, any Error>] = [:]

    init(
        ledger: LedgerClient, threads: WorkThreads, expander: QueryExpander, logger: Logger,
        wall: @escaping @Sendable () -> Int64
    ) {
        self.ledger = ledger
        self.threads = threads
        self.expander = expander
        self.logger = logger
        self.wall = wall
    }

    /// A collection's watches may have this version.
    func hint(_ news: News) { wanted[news.collection] = max(wanted[news.collection] ?? 0, news.version) }

    /// The watches of a collection, of a version that is at least this one and any that was heard of.
    ///
    /// - Parameter segments: of the collection, by which rare terms are told from common ones.
    func current(
        _ collection: String, _ schema: CollectionSchema, atLeast version: Int64, segments: [SegmentReader]
    ) async throws -> Set {
        hint(News(collection: collection, version: version))
        while true {
            let least = wanted[collection] ?? 0
            if least == 0, kept[collection] == nil {
                return Set(version: 0, matcher: QueryMatcher(emptyIndex(schema)))
            }
            if let kept = kept[collection], kept.version >= least, kept.index.today == today,
                kept.generation == schema.generation
            {
                return Set(
                    version: kept.version, matcher: QueryMatcher(kept.index, plans: plans), routes: kept.routes)
            }
            if let running = refreshes[collection] {
                try await running.value
                continue
            }
            // Unstructured because other partitions of the collection wait for it too; it is awaited here.
            let refresh = Task { try await self.refresh(collection, schema, KeyFrequencies(segments)) }
            refreshes[collection] = refresh
            defer { refreshes[collection] = nil }
            try await refresh.value
            // What was heard of and is not there was of a ledger that is gone: a backup was restored.
            wanted[collection] = kept[collection]?.version
        }
    }

    var sizes: Sizes {
        kept.values.reduce(into: Sizes()) { sum, kept in
            sum.watches += kept.index.count
            sum.unanchored += kept.index.unanchoredCount
            sum.broken += kept.broken.count
        }
    }

    private func emptyIndex(_ schema: CollectionSchema) -> QueryIndex {
        // Words of one meaning are those of bulletins, as in a search.
        QueryIndex(
            schema: schema.index, fields: schema.fields, today: today,
            expander: schema.declaration == nil ? expander : nil)
    }

    /// The day in China (UTC+8).
    private var today: CalendarDay? { CalendarDay(daysSince1970: Int((wall() / 1000 + 8 * 3600) / 86_400)) }

    /// Reads what is new, or all where something was deleted.
    private func refresh(
        _ collection: String, _ schema: CollectionSchema, _ frequencies: KeyFrequencies
    ) async throws {
        let empty = Kept(version: 0, last: 0, index: emptyIndex(schema), broken: [], generation: schema.generation)
        var next = kept[collection].flatMap { $0.generation == schema.generation ? $0 : nil } ?? empty
        for _ in 0..<Self.readings {
            var rules: [WatchRule] = []
            var page: WatchRules
            repeat {
                page = try await ledger.watchRules(
                    collection, after: rules.last?.number ?? next.last, limit: Self.page)
                rules += page.rules
            } while page.rules.count == Self.page
            let day = today
            next = try await threads.run { [next, rules] in
                var result = next
                result.index.begin(day, frequencies: frequencies)
                for rule in rules {
                    result.routes[rule.number] = rule.route
                    do {
                        try result.index.add(
                            rule.number, QueryIndex.Source(q: rule.q, filter: rule.filter), frequencies: frequencies)
                    } catch {
                        result.broken.insert(rule.number)
                    }
                }
                return result
            }
            next.last = rules.last?.number ?? next.last
            next.version = page.version
            // New watches have greater numbers: with as many as there are, these are those there are.
            if next.index.count + next.broken.count == page.count {
                if !next.broken.isEmpty {
                    logger.warning("watches cannot be read", metadata: ["count": "\(next.broken.count)"])
                }
                kept[collection] = next
                return
            }
            next = empty
        }
        throw KuaibaoError(.busy, "watches are deleted faster than they can be read", fix: "delete them more slowly")
    }
}
