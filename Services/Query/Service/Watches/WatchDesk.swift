// Watches over HTTP and the ask link: who may make, see, and settle what.
//
// A watch belongs to the key, or the tenant of a key, that made it. A key sees its own watches and those of its tenants; a tenant
// its own; a key with the scope `admin` all. Who may not see a watch is told that there is none.
//
// A desk of a rule is seen by those who see the rule, and by a tenant of the rule's key whose filter is the desk's value and
// nothing else: `社区:五里桥第3居委` sees the desk 五里桥第3居委 of every rule that is routed by 社区. So a tenant is given exactly the
// records that its own searches show.

import Records
import Schemas
import Messages
import SearchCore
import ServiceKit
import Synchronization
import Transport

/// Answers everything that is asked of watches.
struct WatchDesk: Sendable {
    /// Bounds of what one request may ask for.
    enum Limits {
        static let list = 1...1000
        static let alerts = 1...500
        static let name = 200
    }

    /// Fields of bulletins that a rule may be routed by.
    private static let bulletinRoutes = ["department", "source", "district"]
    /// The name that preview has in the place of an id.
    private static let reservedIDs: Set<String> = ["preview"]

    let ledger: LedgerClient
    let keeper: SnapshotKeeper
    /// Nil where no mail is sent.
    let mail: MailDesk?
    let makeID: @Sendable () -> String
    /// Milliseconds since 1970, UTC.
    let wall: @Sendable () -> Int64
    /// What was noted as delivered: many streams of one watch, and readers that acknowledge nothing, would write the same again.
    private let noted = DeliveryNotes()

    // MARK: Watches

    /// Makes a watch.
    ///
    /// - Throws: `invalidQuery` with the place of the mistake, `unknownCollection`, `conflict` for an id in use.
    func create(_ body: NewWatch, for principal: Principal) async throws -> WatchView {
        try principal.require(.watch, collection: body.collection)
        let schema = try await keeper.snapshot(body.collection).schema
        guard !body.q.allSatisfy(\.isWhitespace) else {
            throw KuaibaoError(.invalidQuery, "the query is empty", fix: "say what to watch for; * watches everything")
        }
        let isChecked = try check(body.q, filter: principal.filterText, schema, for: principal)
        let id = body.id ?? makeID()
        guard !Self.reservedIDs.contains(id) else {
            throw KuaibaoError(.conflict, "the id \"\(id)\" is an address", fix: "choose another id, or none")
        }
        let watch = Watch(
            id: id, collection: body.collection, name: String((body.name ?? body.q).prefix(Limits.name)), q: body.q,
            filter: principal.filterText, owner: principal.id, tenant: principal.tenant,
            destination: try WatchDestinations.checked(
                body.destination ?? WatchDestination(kind: .stream), mail: mail),
            route: try body.route.map { try routeField($0, schema, for: principal) }, dueSeconds: body.dueSeconds)
        let state = try await ledger.createWatch(watch)
        return WatchView(state, everyItem: isChecked.isUnanchored)
    }

    /// The field that a rule is routed by, by any of its names: a keyword of a declared collection, or one of bulletins' three.
    private func routeField(
        _ name: String, _ schema: CollectionSchema, for principal: Principal
    ) throws(KuaibaoError) -> String {
        let visible = schema.veil(for: principal).fields(of: schema)
        guard principal.tenant == nil else {
            throw KuaibaoError(
                .notAllowed, "a tenant makes no rules", fix: "make the rule with the key; its desks are the tenants'")
        }
        let field = visible.field(named: name)?.name
        let isRoute =
            schema.declaration.map { declaration in
                declaration.fields.contains { $0.name == field && $0.type == .keyword && !$0.isPersonal }
            } ?? Self.bulletinRoutes.contains(field ?? "")
        guard let field, isRoute else {
            throw KuaibaoError(
                .invalidRequest, "alerts cannot be routed by \"\(name.prefix(80))\"",
                fix: schema.declaration == nil
                    ? "name one of: \(Self.bulletinRoutes.joined(separator: ", "))" : "name a keyword field of the collection")
        }
        return field
    }

    func list(after: Int64, limit: Int, for principal: Principal) async throws -> WatchList {
        let seesAll = principal.seesAllWatches
        var states = try await ledger.watches(
            WatchSelection(
                owner: seesAll ? nil : principal.id, tenant: seesAll ? nil : principal.tenant, after: after,
                limit: limit))
        if principal.tenant != nil {
            for value in try await deskValues(of: principal) {
                let desks = try await ledger.watches(
                    WatchSelection(owner: principal.id, desk: value, after: after, limit: limit))
                for desk in desks where await isDesk(desk.watch, of: principal) { states.append(desk) }
            }
            states = Array(states.sorted { $0.watch.number < $1.watch.number }.prefix(limit))
        }
        return WatchList(
            watches: states.filter { principal.mayUse($0.watch.collection) }.map { WatchView($0, everyItem: nil) },
            next: states.count == limit ? states.last?.watch.number : nil)
    }

    /// The desks of a rule, with how late each is.
    func desks(
        _ id: String, after: Int64, limit: Int, onlyOverdue: Bool, for principal: Principal
    ) async throws -> DeskList {
        _ = try await state(id, for: principal)
        let states = try await ledger.watches(WatchSelection(rule: id, after: after, limit: limit))
        let dues = try await ledger.watchDues(states.map(\.watch.id))
        let desks = zip(states, dues).map { DeskView($0, $1) }
        return DeskList(
            desks: desks.filter { !onlyOverdue || $0.due.overdue > 0 },
            next: states.count == limit ? states.last?.watch.number : nil)
    }

    /// A watch that the principal may see.
    ///
    /// - Throws: `notFound`.
    func state(_ id: String, for principal: Principal) async throws -> WatchState {
        if let state = try await ledger.watch(id) {
            if principal.maySee(state.watch) { return state }
            if await isDesk(state.watch, of: principal) { return state }
        }
        throw KuaibaoError(
            .notFound, "there is no watch \"\(id.prefix(80))\"", fix: "list the watches and choose one of them")
    }

    /// Whether this is the desk of the one value that a tenant's filter names.
    private func isDesk(_ watch: Watch, of principal: Principal) async -> Bool {
        guard principal.tenant != nil, watch.owner == principal.id, principal.mayUse(watch.collection),
            let route = watch.route, let desk = watch.desk,
            let schema = try? await keeper.snapshot(watch.collection).schema,
            case .term(desk, field: route)? = try? principal.filter(in: schema)
        else { return false }
        return true
    }

    /// The values that a tenant's filter names in the collections of its key; at most one a collection.
    private func deskValues(of principal: Principal) async throws -> Set<String> {
        var values: Set<String> = []
        for collection in try await ledger.collections() where principal.mayUse(collection.name) {
            guard let schema = try? await keeper.snapshot(collection.name).schema,
                case .term(let value, field: _)? = try? principal.filter(in: schema)
            else { continue }
            values.insert(value)
        }
        return values
    }

    func show(_ id: String, for principal: Principal) async throws -> WatchView {
        let state = try await state(id, for: principal)
        let schema = try? await keeper.snapshot(state.watch.collection).schema
        let isChecked = schema.flatMap { try? check(state.watch.q, filter: state.watch.filter, $0, for: principal) }
        return WatchView(
            state, everyItem: isChecked?.isUnanchored, due: try await ledger.watchDues([state.watch.id]).first)
    }

    func delete(_ id: String, for principal: Principal) async throws {
        let watch = try await state(id, for: principal).watch
        guard principal.maySee(watch) else {
            throw KuaibaoError(
                .notAllowed, "a desk is not its tenant's to delete", fix: "ask whoever made the rule \(watch.rule ?? "")")
        }
        try await ledger.deleteWatch(id)
    }

    // MARK: Alerts

    /// Pending alerts, or dead letters, behind a sequence.
    func alerts(
        _ id: String, after: Int64, limit: Int, isDead: Bool, for principal: Principal
    ) async throws -> [Alert] {
        _ = try await state(id, for: principal)
        let alerts = try await alerts(id, after: after, limit: limit, isDead: isDead)
        if !isDead { await noteDelivered(id, through: alerts.last?.sequence) }
        return alerts
    }

    /// Notes that alerts were given to somebody. It is no part of the answer: where it fails, the next page notes it.
    func noteDelivered(_ id: String, through sequence: Int64?) async {
        guard let sequence, noted.isNew(sequence, of: id) else { return }
        guard (try? await ledger.noteDelivered(ofWatch: id, through: sequence)) != nil else { return }
        noted.keep(sequence, of: id)
    }

    /// The same, of a watch that is known to be visible.
    func alerts(_ id: String, after: Int64, limit: Int, isDead: Bool = false) async throws -> [Alert] {
        try await ledger.alerts(ofWatch: id, after: after, limit: limit, isDead: isDead).map { stored in
            Alert(
                watch: id, sequence: stored.sequence, matchedAt: stored.matchedAt,
                item: try MessagePackDecoder.decode(AlertItem.self, from: stored.payload), reason: stored.reason,
                attempts: stored.reason == nil ? nil : stored.attempts)
        }
    }

    func acknowledge(_ id: String, _ choice: AlertChoice, for principal: Principal) async throws -> AlertCounts {
        _ = try await state(id, for: principal)
        return try await ledger.acknowledge(choice, ofWatch: id)
    }

    func retry(_ id: String, _ sequences: [Int64], for principal: Principal) async throws -> AlertCounts {
        _ = try await state(id, for: principal)
        return try await ledger.retryAlerts(ofWatch: id, sequences: sequences)
    }

    /// Reads a query as the index workers will.
    ///
    /// - Throws: `invalidQuery`, `queryTooComplex`.
    private func check(
        _ q: String, filter: String?, _ schema: CollectionSchema, for principal: Principal
    ) throws(KuaibaoError) -> (isUnanchored: Bool, index: QueryIndex) {
        // A field that the principal does not see is no field to watch.
        let visible = schema.veil(for: principal).fields(of: schema)
        _ = try QueryParser(
            fields: visible, today: CalendarDay(daysSince1970: Int((wall() / 1000 + 8 * 3600) / 86_400))).parse(q)
        var index = QueryIndex(
            schema: schema.index, fields: schema.fields,
            today: CalendarDay(daysSince1970: Int((wall() / 1000 + 8 * 3600) / 86_400)))
        try index.add(1, QueryIndex.Source(q: q, filter: filter))
        return (index.unanchoredCount > 0, index)
    }
}

/// The greatest sequence of each watch that this gateway has noted as delivered.
private final class DeliveryNotes: Sendable {
    /// Watches that are remembered; what is forgotten is noted once more.
    private static let limit = 50_000

    private let sequences = Mutex<[String: Int64]>([:])

    func isNew(_ sequence: Int64, of watch: String) -> Bool {
        sequences.withLock { sequence > $0[watch] ?? 0 }
    }

    func keep(_ sequence: Int64, of watch: String) {
        sequences.withLock { sequences in
            if sequences.count >= Self.limit { sequences.removeAll(keepingCapacity: true) }
            sequences[watch] = max(sequence, sequences[watch] ?? 0)
        }
    }
}

extension Principal {
    /// Whether this is somebody who runs the house.
    var seesAllWatches: Bool { tenant == nil && scopes.contains(.admin) }

    func mayUse(_ collection: String) -> Bool { collections?.contains(collection) ?? true }

    func maySee(_ watch: Watch) -> Bool {
        guard mayUse(watch.collection) else { return false }
        return seesAllWatches || (watch.owner == id && (tenant == nil || watch.tenant == tenant))
    }
}

// MARK: - Answers

/// A watch as it is shown.
struct WatchView: Encodable, Sendable {
    let id: String
    let number: Int64
    let collection: String
    let name: String
    let q: String
    let filter: String?
    let owner: String
    let tenant: String?
    let destination: WatchDestination
    let createdAt: Int64
    let createdVersion: Int64
    let counts: AlertCounts
    /// Whether the query needs no word or value, so that it is looked at for every item.
    let everyItem: Bool?
    /// Of a rule and its desks: the field whose values are desks.
    let route: String?
    /// Of a desk: its rule and its value.
    let rule: String?
    let desk: String?
    let dueSeconds: Int?
    let delivered: Int64
    let due: AlertDue?

    init(_ state: WatchState, everyItem: Bool?, due: AlertDue? = nil) {
        let watch = state.watch
        id = watch.id
        number = watch.number
        collection = watch.collection
        name = watch.name
        q = watch.q
        filter = watch.filter
        owner = watch.owner
        tenant = watch.tenant
        destination = watch.destination.withoutSecret
        createdAt = watch.createdAt
        createdVersion = watch.createdVersion
        counts = state.counts
        self.everyItem = everyItem
        route = watch.route
        rule = watch.rule
        desk = watch.desk
        dueSeconds = watch.dueSeconds
        delivered = state.delivered ?? 0
        self.due = due
    }
}

/// A desk of a rule as it is shown.
struct DeskView: Encodable, Sendable {
    /// The value that it is the desk of.
    let desk: String
    let id: String
    let counts: AlertCounts
    let delivered: Int64
    let due: AlertDue

    init(_ state: WatchState, _ due: AlertDue) {
        desk = state.watch.desk ?? ""
        id = state.watch.id
        counts = state.counts
        delivered = state.delivered ?? 0
        self.due = due
    }
}

/// The answer to `GET /v1/watches/{id}/desks`.
struct DeskList: Encodable, Sendable {
    let desks: [DeskView]
    /// Where the next page begins; nil for the last.
    let next: Int64?
}

/// The answer to `GET /v1/watches`.
struct WatchList: Encodable, Sendable {
    let watches: [WatchView]
    /// Where the next page begins; nil for the last.
    let next: Int64?
}
