// A whole result set, page by page, on one version: what exports and large digests read.
//
// The first page is read before an answer's head is sent, so that a wrong query gets its error. If a later page cannot be
// read whole, the connection is closed before the end of the body: a client sees a broken transfer, never a short list
// that looks whole.

import Messages
import SearchCore

/// Reads a result set in pages. A value: `advance` goes on.
struct ResultPages: Sendable {
    static let pageHits = 500
    /// How long one page may take, in milliseconds.
    static let pageMilliseconds: Int64 = 30_000

    private let desk: SearchDesk
    let checked: SearchDesk.Checked
    let kept: SnapshotKeeper.Kept
    /// Items that match.
    let total: Int
    private var plan: SearchPlan
    private var page: Page

    private struct Page: Sendable {
        let hits: [Hit]
        let items: [StoredItem]
        let total: Int
    }

    /// The places of the page's hits and their items, in the order of the hits.
    var hits: [Hit] { page.hits }
    var items: [StoredItem] { page.items }
    /// True where no page follows.
    var isLast: Bool { page.hits.count < Self.pageHits }

    /// Reads the first page.
    ///
    /// - Throws: what a search throws, and `unavailable` where a segment was not searched.
    init(_ request: SearchRequest, for principal: Principal, desk: SearchDesk) async throws {
        var kept = try await desk.keeper.snapshot(request.collection)
        let checked = try desk.check(request, kept.schema, for: principal)
        var plan = checked.plan
        plan.limit = Self.pageHits
        plan.facets = []
        plan.histogramField = nil
        let page: Page
        do {
            page = try await Self.page(&plan, kept, desk)
        } catch let error as KuaibaoError where error.code == .conflict {
            kept = try await desk.newerSnapshot(than: kept)
            plan.statistics = nil
            page = try await Self.page(&plan, kept, desk)
        }
        await desk.keeper.pin(kept)
        self.desk = desk
        self.checked = checked
        self.kept = kept
        self.plan = plan
        self.page = page
        total = page.total
        self.plan.total = .atLeast
        self.plan.after = page.hits.last?.place
    }

    /// Goes on to the next page.
    mutating func advance() async throws {
        page = try await Self.page(&plan, kept, desk)
        plan.after = page.hits.last?.place
    }

    /// The items of hits of earlier pages, in their order. - Throws: `unavailable` where one cannot be read.
    func items(of hits: [Hit]) async throws -> [StoredItem] {
        try await Self.items(of: hits, kept, desk, deadline: desk.monotonic() + Self.pageMilliseconds)
    }

    private static func page(
        _ plan: inout SearchPlan, _ kept: SnapshotKeeper.Kept, _ desk: SearchDesk
    ) async throws -> Page {
        let deadline = desk.monotonic() + pageMilliseconds
        var missing: Set<Int> = []
        if plan.statistics == nil {
            plan.statistics = try await desk.statistics(of: plan.query, kept, deadline, missing: &missing)
        }
        let show = HitShow(marking: .all, snippetCharacters: 0, explains: false, collapses: false)
        let gathered = try await desk.link.scatter(
            .search(plan, isWhole: false, passOver: 0, show: show), over: kept, deadline: deadline)
        missing.formUnion(gathered.missing)
        guard missing.isEmpty else { throw unreadable }
        var parts: [PartialResult] = []
        for case .search(let part, _) in gathered.outcomes { parts.append(part) }
        let merged = PartialResult.merge(parts, limit: plan.limit)
        return Page(
            hits: merged.hits, items: try await items(of: merged.hits, kept, desk, deadline: deadline),
            total: merged.total)
    }

    private static func items(
        of hits: [Hit], _ kept: SnapshotKeeper.Kept, _ desk: SearchDesk, deadline: Int64
    ) async throws -> [StoredItem] {
        guard !hits.isEmpty else { return [] }
        var missing: Set<Int> = []
        let fetched = try await desk.fetch(hits, kept, deadline: deadline, missing: &missing)
        guard missing.isEmpty, fetched.count == hits.count else { throw unreadable }
        return try fetched.map { try $0.item() }
    }

    private static var unreadable: KuaibaoError {
        KuaibaoError(.unavailable, "not every segment could be read", fix: "ask again; see /v1/status")
    }
}
