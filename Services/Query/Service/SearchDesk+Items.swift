// Whole items of a query's hits, for the desks that compile them: digests, figures.
//
// Two rounds: search for the places of the best hits (statistics before it where the collection is spread), then fetch of
// their stored items in portions, so that no message grows with the number of items.

import Messages
import SearchCore
import ServiceKit
import Transport

/// What a query found, whole.
struct ItemsFound: Sendable {
    let version: Int64
    let complete: Bool
    /// Items that match; `fetched` are the best of them, in the order of the hits.
    let total: Int
    let fetched: [FetchedItem]
    let query: Query
    /// How the query was understood, printed in the query language.
    let understood: String

    /// Items that one thread reads in a row.
    private static let readAtOnce = 50

    /// The items, read on several threads. - Throws: `corrupt`.
    func items(on threads: WorkThreads) async throws -> [StoredItem] {
        let fetched = fetched
        return try await withThrowingTaskGroup(of: (Int, [StoredItem]).self) { group in
            for start in stride(from: 0, to: fetched.count, by: Self.readAtOnce) {
                group.addTask {
                    let part = fetched[start..<min(start + Self.readAtOnce, fetched.count)]
                    return (start, try await threads.run { try part.map { try $0.item() } })
                }
            }
            var parts: [Int: [StoredItem]] = [:]
            for try await (start, items) in group { parts[start] = items }
            return parts.sorted { $0.key < $1.key }.flatMap(\.value)
        }
    }
}

extension SearchDesk {
    /// Items fetched with one message from each worker.
    static let itemPortion = 200

    /// The items of a request's hits, in the order of the hits.
    ///
    /// - Throws: as `search`.
    func items(_ request: SearchRequest, for principal: Principal) async throws -> ItemsFound {
        let kept = try await keeper.snapshot(request.collection)
        let checked = try check(request, kept.schema, for: principal)
        do {
            return try await items(checked, kept)
        } catch let error as KuaibaoError where error.code == .conflict {
            // A worker could not open a segment that was merged away: a newer version has its documents.
            return try await items(checked, try await newerSnapshot(than: kept))
        }
    }

    private func items(_ checked: Checked, _ kept: SnapshotKeeper.Kept) async throws -> ItemsFound {
        var plan = checked.plan
        var missing: Set<Int> = []
        if link.spread(of: kept) > 1 {
            plan.statistics = try await statistics(of: plan.query, kept, checked.deadline, missing: &missing)
        }
        let task = WorkerTask.search(plan, isWhole: false, passOver: 0, show: checked.show)
        let gathered = try await link.scatter(task, over: kept, deadline: checked.deadline)
        missing.formUnion(gathered.missing)
        var partials: [PartialResult] = []
        for case .search(let partial, _) in gathered.outcomes { partials.append(partial) }
        let merged = PartialResult.merge(partials, limit: checked.offset + checked.limit)
        let hits = Array(merged.hits.dropFirst(checked.offset))
        var items: [FetchedItem] = []
        for start in stride(from: 0, to: hits.count, by: Self.itemPortion) {
            let portion = Array(hits[start..<min(start + Self.itemPortion, hits.count)])
            items += try await fetch(portion, kept, deadline: checked.deadline, missing: &missing)
        }
        return ItemsFound(
            version: kept.snapshot.version, complete: missing.isEmpty, total: merged.total, fetched: items,
            query: checked.query, understood: checked.understood)
    }

    /// The stored items of hits, in their order; those that could not be read are left out.
    ///
    /// - Parameter missing: gets the places of segments that could not be read.
    func fetch(
        _ hits: [Hit], _ kept: SnapshotKeeper.Kept, deadline: Int64, missing: inout Set<Int>
    ) async throws -> [FetchedItem] {
        let gathered = try await link.scatter(
            .items(hits.map(\.reference)), over: kept, parts: kept.places(of: hits), deadline: deadline)
        missing.formUnion(gathered.missing)
        var found: [HitReference: FetchedItem] = [:]
        for case .items(let part) in gathered.outcomes {
            for entry in part { found[entry.reference] = entry }
        }
        return hits.compactMap { found[$0.reference] }
    }
}

extension Query {
    /// The words that an item should have, of all branches that are not negated.
    var wantedWords: [String] {
        switch self {
        case .text(let text, _): text.split(separator: " ").map(String.init)
        case .phrase(let text, _, _), .prefix(let text, _), .fuzzy(let text, _, _): [text]
        case .wildcard(let pattern, _): pattern.split { $0 == "*" || $0 == "?" }.map(String.init)
        case .figure(let subject, _, _): [subject]
        case .and(let parts), .or(let parts): parts.flatMap(\.wantedWords)
        case .boost(let part, _): part.wantedWords
        default: []
        }
    }
}
