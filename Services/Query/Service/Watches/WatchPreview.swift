// A dry run: what a watch would have said of the items of some days, and what it would have missed by little.
//
// Items count by the day they were published. Of days with many items the newest are listed; totals are exact.

import Records
import Schemas
import Messages
import SearchCore

/// The answer to `GET /v1/watches/preview`.
struct WatchPreview: Encodable, Sendable {
    struct Day: Encodable, Sendable {
        /// `2020-02-08`; shorter where less is known.
        let day: String
        let count: Int
    }

    struct Miss: Encodable, Sendable {
        let change: RelaxedQuery.Change
        /// The part of the query that was left out or made wider.
        let part: String
        let total: Int
        let hits: [SearchHit]
    }

    let understood: String
    /// The first and the last day.
    let from: String
    let to: String
    /// Items of these days that match.
    let total: Int
    /// The newest first; `listed` items of the total are counted here.
    let days: [Day]
    let listed: Int
    let hits: [SearchHit]
    let misses: [Miss]
    /// Whether the query would be looked at for every item.
    let everyItem: Bool
    /// The version that was searched.
    let version: Int64
    let complete: Bool
}

/// Makes dry runs.
struct PreviewDesk: Sendable {
    enum Limits {
        static let days = 1...366
        static let usualDays = 30
        /// Items that are counted by day.
        static let listed = 1000
        /// Items that are shown.
        static let shown = 20
        /// Items that are shown of each near miss.
        static let missed = 3
    }

    let search: SearchDesk

    /// - Parameter last: the last day; today unless given.
    /// - Throws: as `SearchDesk.search`.
    func preview(
        collection: String, q: String, days: Int, last: CalendarDay?, for principal: Principal
    ) async throws -> WatchPreview {
        let chinaDay = Int((search.wall() / 1000 + 8 * 3600) / 86_400)
        let schema = try await search.keeper.snapshot(collection).schema
        guard let dateField = schema.dateField else {
            throw KuaibaoError(
                .invalidRequest, "\(collection) has no date to look back by", fix: "make the watch without a dry run")
        }
        let checked = try search.check(SearchRequest(collection: collection, q: q, limit: 0), schema, for: principal)
        let end = last?.daysSince1970 ?? chinaDay
        let range = DateRange(lower: end - days + 1, upper: end + 1)
        func within(_ query: Query) -> Query { .and([query, .dates(range, field: dateField)]) }
        let reply = try await search.search(
            SearchRequest(
                collection: collection, query: within(checked.query), limit: Limits.listed, sort: .newest),
            for: principal)
        var misses: [WatchPreview.Miss] = []
        for relaxed in NearMisses.relaxed(checked.query) {
            let found = try await search.search(
                SearchRequest(collection: collection, query: within(relaxed.query), limit: Limits.missed),
                for: principal)
            guard found.total > 0 else { continue }
            misses.append(
                WatchPreview.Miss(
                    change: relaxed.change, part: QueryPrinter(fields: schema.fields).print(relaxed.part), total: found.total,
                    hits: found.hits))
        }
        var index = QueryIndex(schema: schema.index, fields: schema.fields, today: CalendarDay(daysSince1970: chinaDay))
        try index.add(1, QueryIndex.Source(q: q, filter: principal.filterText))
        return WatchPreview(
            understood: checked.understood, from: Self.text(end - days + 1), to: Self.text(end), total: reply.total,
            days: Self.days(reply.hits), listed: reply.hits.count, hits: Array(reply.hits.prefix(Limits.shown)),
            misses: misses.sorted { ($0.total, $0.part) < ($1.total, $1.part) },
            everyItem: index.unanchoredCount > 0, version: reply.version, complete: reply.complete)
    }

    private static func days(_ hits: [SearchHit]) -> [WatchPreview.Day] {
        let counts = Dictionary(grouping: hits) { String(($0.date ?? "").prefix(10)) }.mapValues(\.count)
        return counts.sorted { $0.key > $1.key }.map { WatchPreview.Day(day: $0.key, count: $0.value) }
    }

    private static func text(_ day: Int) -> String {
        guard let date = CalendarDay(daysSince1970: day) else { return "" }
        return PartialDate(year: date.year, month: date.month, day: date.day).text
    }
}
