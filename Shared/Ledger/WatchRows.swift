// Rows of the tables `watch` and `alert` as values, for the SQLite engine.
import Foundation
import GRDB
import Messages

enum WatchRows {
    private static let columns = """
        watch.id, watch.number, watch.name, watch.query, watch.filter, watch.owner, watch.tenant, watch.destination,
        watch.created_at, watch.created_version, watch.matched, watch.acknowledged, watch.dead, collection.name,
        watch.route, watch.desk, watch.due_seconds, watch.delivered, rule.id
        """

    private static let tables = """
        watch JOIN collection ON collection.id = watch.collection LEFT JOIN watch AS rule ON rule.number = watch.rule
        """

    static func counts(matched: Int64, acknowledged: Int64, dead: Int64) -> AlertCounts {
        AlertCounts(
            matched: matched, acknowledged: acknowledged, pending: matched - acknowledged - dead, dead: dead)
    }

    // MARK: Watches

    static func state(_ db: Database, id: String) throws -> WatchState? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(columns) FROM \(tables) WHERE watch.id = ?
                """)
        return try Row.fetchOne(statement, arguments: [id]).map(state)
    }

    static func states(_ db: Database, _ selection: WatchSelection) throws -> [WatchState] {
        // An owner's watches, a rule's desks and an owner's desks of one value are few among all: each has its index in order.
        let rule = try selection.rule.map { try Int64.fetchOne(db, sql: "SELECT number FROM watch WHERE id = ?", arguments: [$0]) ?? 0 }
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(columns) FROM \(tables)
                WHERE watch.number > ? \(selection.owner == nil ? "AND ? IS NULL" : "AND watch.owner = ?")
                    \(rule == nil ? "AND ? IS NULL" : "AND watch.rule = ?")
                    \(selection.desk == nil ? "AND ? IS NULL" : "AND watch.rule IS NOT NULL AND watch.desk = ?")
                    AND (? IS NULL OR watch.tenant = ?) AND (? IS NULL OR watch.kind = ?)
                    AND (NOT ? OR watch.matched > watch.acknowledged + watch.dead)
                ORDER BY watch.number LIMIT ?
                """)
        let kind = selection.kind?.rawValue
        return try Row.fetchAll(
            statement,
            arguments: [
                selection.after, selection.owner, rule, selection.desk, selection.tenant, selection.tenant, kind, kind,
                selection.isPending, selection.limit,
            ]
        ).map(state)
    }

    static func insert(_ db: Database, _ watch: Watch, collection: Int64) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let destination = String(decoding: try encoder.encode(watch.destination), as: UTF8.self)
        try db.cachedStatement(
            sql: """
                INSERT INTO watch (id, collection, name, query, filter, owner, tenant, kind, destination, created_at,
                    created_version, route, due_seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            watch.id, collection, watch.name, watch.q, watch.filter, watch.owner, watch.tenant,
            watch.destination.kind.rawValue, destination, watch.createdAt, watch.createdVersion, watch.route,
            watch.dueSeconds,
        ])
    }

    /// Makes the desk of a rule (W8). Its id is the rule's and its own number, and once more its number where somebody has that id.
    static func insertDesk(_ db: Database, rule: Int64, desk: String, now: Int64, version: Int64) throws -> Int64 {
        try db.cachedStatement(
            sql: """
                INSERT INTO watch (id, collection, name, query, filter, owner, tenant, kind, destination, created_at,
                    created_version, route, due_seconds, rule, desk)
                SELECT 'desk ' || number || ' ' || ?, collection, name, query, filter, owner, tenant, kind, destination, ?, ?,
                    route, due_seconds, number, ? FROM watch WHERE number = ?
                """
        ).execute(arguments: [desk, now, version, desk, rule])
        let number = db.lastInsertedRowID
        let parent = try String.fetchOne(db, sql: "SELECT id FROM watch WHERE number = ?", arguments: [rule]) ?? ""
        for id in ["\(parent)-\(number)", "\(parent)-\(number)-\(number)"] {
            guard try Self.number(db, ifAny: id) == nil else { continue }
            try db.cachedStatement(sql: "UPDATE watch SET id = ? WHERE number = ?").execute(arguments: [id, number])
            return number
        }
        throw CatalogRefusal.invalid("the ids \(parent)-\(number) and \(parent)-\(number)-\(number) are taken; delete one")
    }

    private static func number(_ db: Database, ifAny id: String) throws -> Int64? {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT number FROM watch WHERE id = ?"), arguments: [id])
    }

    static func due(_ db: Database, id: String, now: Int64) throws -> AlertDue {
        let watch = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT number, due_seconds FROM watch WHERE id = ?"), arguments: [id])
        guard let watch else { return AlertDue() }
        let number: Int64 = watch[0]
        // Sequences grow with the publishes, and so do the times of what they appended.
        let times = try Int64.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT batch.appended_at FROM alert JOIN batch ON batch.key = alert.key
                    WHERE alert.watch = ? AND alert.reason IS NULL ORDER BY alert.sequence
                    """), arguments: [number])
        let limit = (watch[1] as Int64?).map { now - $0 * 1000 }
        var due = AlertDue()
        while let time = try times.next() {
            if due.oldestPending == nil { due.oldestPending = time }
            guard let limit, time < limit else { break }
            due.overdue += 1
        }
        return due
    }

    /// - Throws: `tooManyWatches`.
    static func checkRoom(_ db: Database, for watch: Watch) throws {
        let all = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM watch")) ?? 0
        guard all < LedgerLimits.watchCount else { throw CatalogRefusal.tooManyWatches(limit: LedgerLimits.watchCount) }
        guard let tenant = watch.tenant else { return }
        let own = try Int.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM watch WHERE owner = ? AND tenant = ?"),
            arguments: [watch.owner, tenant])
        guard own ?? 0 < LedgerLimits.tenantWatches else {
            throw CatalogRefusal.tooManyWatches(limit: LedgerLimits.tenantWatches)
        }
    }

    /// - Throws: `unknownWatch`.
    static func number(_ db: Database, id: String) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT number FROM watch WHERE id = ?")
        guard let number = try Int64.fetchOne(statement, arguments: [id]) else {
            throw CatalogRefusal.unknownWatch(String(id.prefix(80)))
        }
        return number
    }

    static func version(_ db: Database, collection: Int64) throws -> Int64 {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT watches_version FROM collection WHERE id = ?"), arguments: [collection])
            ?? 0
    }

    static func nextVersion(_ db: Database, collection: Int64) throws {
        try db.cachedStatement(sql: "UPDATE collection SET watches_version = watches_version + 1 WHERE id = ?")
            .execute(arguments: [collection])
    }

    private static func state(_ row: Row) throws -> WatchState {
        let text: String = row[7]
        guard let destination = try? JSONDecoder().decode(WatchDestination.self, from: Data(text.utf8)) else {
            throw LedgerError(.corrupt, "watch '\(row[0] as String)' has no destination; restore from a backup")
        }
        let watch = Watch(
            id: row[0], number: row[1], collection: row[13], name: row[2], q: row[3], filter: row[4], owner: row[5],
            tenant: row[6], destination: destination, createdAt: row[8], createdVersion: row[9], route: row[14],
            rule: row[18], desk: row[15], dueSeconds: row[16])
        let delivered: Int64 = row[17]
        return WatchState(
            watch: watch, counts: counts(matched: row[10], acknowledged: row[11], dead: row[12]),
            delivered: delivered > 0 ? delivered : nil)
    }

    // MARK: Alerts

    static func counts(_ db: Database, _ number: Int64) throws -> AlertCounts {
        let statement = try db.cachedStatement(sql: "SELECT matched, acknowledged, dead FROM watch WHERE number = ?")
        guard let row = try Row.fetchOne(statement, arguments: [number]) else { return AlertCounts() }
        return counts(matched: row[0], acknowledged: row[1], dead: row[2])
    }

    static func add(_ db: Database, _ number: Int64, acknowledged: Int = 0, dead: Int = 0) throws {
        guard acknowledged != 0 || dead != 0 else { return }
        try db.cachedStatement(
            sql: "UPDATE watch SET acknowledged = acknowledged + ?, dead = dead + ? WHERE number = ?"
        ).execute(arguments: [acknowledged, dead, number])
    }

    /// Forgets the oldest dead letters beyond those that are kept.
    static func forgetOldDead(_ db: Database, _ number: Int64, _ bounds: WatchBounds) throws {
        try db.cachedStatement(
            sql: """
                DELETE FROM alert WHERE watch = ? AND reason IS NOT NULL AND sequence <= (
                    SELECT sequence FROM alert INDEXED BY alert_dead WHERE watch = ? AND reason IS NOT NULL
                    ORDER BY sequence DESC LIMIT 1 OFFSET ?)
                """
        ).execute(arguments: [number, number, bounds.deadAlerts])
    }

    /// The first record of the stream `alerts` that an alert still refers to.
    static func leastKey(_ db: Database, in keys: StreamKey) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT min(key) FROM alert WHERE key >= ? AND key < ?"),
            arguments: [keys.key(0), keys.end])
    }
}

/// Makes the alerts of one publish.
struct AlertWriter {
    private let db: Database
    private let collection: Int64
    private let bounds: WatchBounds
    private let now: Int64
    /// The newest sequence of each watch that has an alert.
    private var heads: [Int64: Int64] = [:]
    /// Numbers of desks.
    private var desks: [Desk: Int64] = [:]

    private struct Desk: Hashable {
        let rule: Int64
        let value: String
    }

    init(_ db: Database, collection: Int64, bounds: WatchBounds, now: Int64) {
        self.db = db
        self.collection = collection
        self.bounds = bounds
        self.now = now
    }

    /// Gives a record to desks of a rule, and makes those that are not there (W8).
    mutating func add(_ route: AlertRoute, key: Int64) throws {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT collection, route FROM watch WHERE number = ?"), arguments: [route.rule])
        guard let row, row[0] as Int64 == collection, row[1] as String? != nil else {
            throw CatalogRefusal.invalid("an alert names the rule \(route.rule), which this collection does not have")
        }
        let desks = try route.desks.map { try desk($0, of: route.rule) }
        try add(desks.compactMap(\.self), key: key)
        if desks.contains(nil) { try add([route.rule], key: key) }
    }

    /// Nil where the rule has as many desks as it may have, and this is none of them.
    private mutating func desk(_ value: String, of rule: Int64) throws -> Int64? {
        let desk = Desk(rule: rule, value: value)
        if let known = desks[desk] { return known }
        let statement = try db.cachedStatement(sql: "SELECT number FROM watch WHERE rule = ? AND desk = ?")
        if let known = try Int64.fetchOne(statement, arguments: [rule, value]) {
            desks[desk] = known
            return known
        }
        let count = try Int.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM watch WHERE rule = ?"), arguments: [rule])
        guard count ?? 0 < bounds.desks else { return nil }
        let number = try WatchRows.insertDesk(
            db, rule: rule, desk: value, now: now, version: try CatalogRows.version(db, collection: collection))
        desks[desk] = number
        return number
    }

    /// - Parameter key: of the record in the stream `alerts`.
    mutating func add(_ watches: [Int64], key: Int64) throws {
        let insert = try db.cachedStatement(sql: "INSERT INTO alert (watch, sequence, key) VALUES (?, ?, ?)")
        for number in watches {
            let sequence = try head(number) + 1
            insert.setUncheckedArguments([number, sequence, key])
            try insert.execute()
            heads[number] = sequence
        }
    }

    /// Writes the counters, and keeps every watch within its bounds (W6).
    func flush() throws {
        let setHead = try db.cachedStatement(sql: "UPDATE watch SET matched = ? WHERE number = ?")
        for (number, head) in heads {
            try setHead.execute(arguments: [head, number])
            let excess = try WatchRows.counts(db, number).pending - Int64(bounds.pendingAlerts)
            guard excess > 0 else { continue }
            try db.cachedStatement(
                sql: """
                    UPDATE alert SET reason = 'overflow' WHERE watch = ? AND reason IS NULL AND sequence <= (
                        SELECT sequence FROM alert WHERE watch = ? AND reason IS NULL ORDER BY sequence LIMIT 1 OFFSET ?)
                    """
            ).execute(arguments: [number, number, excess - 1])
            try WatchRows.add(db, number, dead: db.changesCount)
            try WatchRows.forgetOldDead(db, number, bounds)
        }
    }

    private func head(_ number: Int64) throws -> Int64 {
        if let head = heads[number] { return head }
        let statement = try db.cachedStatement(sql: "SELECT matched FROM watch WHERE number = ? AND collection = ?")
        guard let head = try Int64.fetchOne(statement, arguments: [number, collection]) else {
            throw CatalogRefusal.invalid("an alert names the watch \(number), which this collection does not have")
        }
        return head
    }
}
