// The state of `ModelLedger`: watches and their alerts. Every alert that was ever made is in a list; nothing is counted apart.
import Ledger
import Messages

/// A watch with all alerts that it ever had.
struct StandingQuery {
    struct Entry {
        enum State { case pending, acknowledged, dead, forgotten }

        var state: State = .pending
        var offset: Int64
        var reason: String?
        var attempts = 0

        /// Whether the item of it is still needed.
        var isKept: Bool { state == .pending || state == .dead }
    }

    var watch: Watch
    /// By sequence - 1.
    var alerts: [Entry] = []
    var delivered: Int64 = 0

    var counts: AlertCounts {
        func count(_ states: Entry.State...) -> Int64 { Int64(alerts.count { states.contains($0.state) }) }
        return AlertCounts(
            matched: Int64(alerts.count), acknowledged: count(.acknowledged), pending: count(.pending),
            dead: count(.dead, .forgotten))
    }

    var state: WatchState {
        WatchState(watch: watch, counts: counts, delivered: delivered > 0 ? delivered : nil)
    }
}

extension LedgerModel {
    mutating func createWatch(_ watch: Watch, _ now: Int64) throws -> Watch {
        _ = try collection(watch.collection)
        try CatalogChecks.refusing { () throws(LedgerError) in try WatchChecks.check(watch) }
        if let stored = watches[watch.id]?.watch {
            var asked = watch
            (asked.number, asked.createdAt) = (stored.number, stored.createdAt)
            asked.createdVersion = stored.createdVersion
            guard asked == stored else { throw CatalogRefusal.watchExists(watch.id) }
            return stored
        }
        if let tenant = watch.tenant {
            let own = watches.values.count { $0.watch.owner == watch.owner && $0.watch.tenant == tenant }
            guard own < LedgerLimits.tenantWatches else {
                throw CatalogRefusal.tooManyWatches(limit: LedgerLimits.tenantWatches)
            }
        }
        lastWatch += 1
        var stored = watch
        stored.number = lastWatch
        stored.createdAt = now
        stored.createdVersion = try collection(watch.collection).version
        watches[watch.id] = StandingQuery(watch: stored)
        collections[watch.collection]?.watchesVersion += 1
        return stored
    }

    mutating func deleteWatch(_ id: String) {
        guard let gone = watches.removeValue(forKey: id) else { return }
        if mutation != .leavesDesksBehind {
            for desk in watches.values.map(\.watch) where desk.rule == id { watches[desk.id] = nil }
        }
        if gone.watch.rule == nil { collections[gone.watch.collection]?.watchesVersion += 1 }
    }

    mutating func noteDelivered(_ id: String, _ sequence: Int64) {
        guard let query = watches[id] else { return }
        watches[id]?.delivered = max(query.delivered, min(Int64(query.alerts.count), sequence))
    }

    func due(_ id: String, _ now: Int64) -> AlertDue {
        guard let query = watches[id] else { return AlertDue() }
        let stream = streams[TopicPartition(collection: query.watch.collection, topic: .alerts)]
        let times = query.alerts.filter { $0.state == .pending }.compactMap { entry in
            stream?.batches.first { $0.firstOffset == entry.offset }?.appendedAt
        }
        let overdue = query.watch.dueSeconds.map { seconds in times.count { $0 < now - Int64(seconds) * 1000 } }
        return AlertDue(overdue: Int64(overdue ?? 0), oldestPending: times.first)
    }

    func list(_ selection: WatchSelection) -> [WatchState] {
        let chosen = watches.values.map(\.state).filter { state in
            let watch = state.watch
            return watch.number > selection.after && (selection.owner.map { $0 == watch.owner } ?? true)
                && (selection.tenant.map { $0 == watch.tenant } ?? true)
                && (selection.kind.map { $0 == watch.destination.kind } ?? true)
                && (!selection.isPending || state.counts.pending > 0)
                && (selection.rule.map { $0 == watch.rule } ?? true)
                && (selection.desk.map { $0 == watch.desk } ?? true)
        }
        return Array(chosen.sorted { $0.watch.number < $1.watch.number }.prefix(selection.limit))
    }

    func rules(_ name: String, _ after: Int64, _ limit: Int) throws -> WatchRules {
        let version = try collection(name).watchesVersion
        let own = watches.values.map(\.watch)
            .filter { $0.collection == name && $0.rule == nil }.sorted { $0.number < $1.number }
        let rules = own.filter { $0.number > after }.prefix(limit).map {
            WatchRule(number: $0.number, q: $0.q, filter: $0.filter, route: $0.route)
        }
        return WatchRules(version: version, count: own.count, rules: rules)
    }

    private func query(_ id: String) throws -> StandingQuery {
        guard let query = watches[id] else { throw CatalogRefusal.unknownWatch(id) }
        return query
    }

    func alerts(
        _ id: String, _ after: Int64, _ limit: Int, _ maxBytes: Int, isDead: Bool
    ) throws -> [StoredAlert] {
        let query = try query(id)
        let stream = streams[TopicPartition(collection: query.watch.collection, topic: .alerts)]
        var result: [StoredAlert] = []
        var bytes = 0
        for (index, entry) in query.alerts.enumerated() where Int64(index) + 1 > after {
            let isWanted =
                isDead
                ? entry.state == .dead
                : entry.state == .pending
                    || (mutation == .readsAcknowledged && entry.state == .acknowledged)
            guard isWanted, let batch = stream?.batches.first(where: { $0.firstOffset == entry.offset }) else {
                continue
            }
            bytes += batch.payload.count
            guard result.count < limit, result.isEmpty || bytes <= maxBytes else { break }
            result.append(
                StoredAlert(
                    sequence: Int64(index) + 1, matchedAt: batch.appendedAt, payload: batch.payload,
                    reason: entry.reason, attempts: entry.attempts))
        }
        return result
    }

    mutating func acknowledge(_ choice: AlertChoice, _ id: String) throws -> AlertCounts {
        var query = try query(id)
        for index in query.alerts.indices {
            let sequence = Int64(index) + 1
            switch choice {
            case .through(let last):
                if sequence <= last, query.alerts[index].state == .pending { query.alerts[index].state = .acknowledged }
            case .these(let sequences):
                guard sequences.contains(sequence), query.alerts[index].isKept else { continue }
                query.alerts[index].state = .acknowledged
            }
        }
        watches[id] = query
        var counts = query.counts
        if mutation == .acknowledgesTwice, case .these(let sequences) = choice {
            counts.acknowledged = Int64(sequences.count)
        }
        return counts
    }

    mutating func bury(_ id: String, _ sequence: Int64, _ reason: String, _ attempts: Int) throws -> AlertCounts {
        var query = try query(id)
        guard !reason.isEmpty, attempts >= 0 else { throw CatalogRefusal.invalid("reason or attempts") }
        if query.alerts.element(at: Int(sequence) - 1)?.state == .pending {
            query.alerts[Int(sequence) - 1].state = .dead
            query.alerts[Int(sequence) - 1].reason = reason
            query.alerts[Int(sequence) - 1].attempts = attempts
        }
        Self.forgetOldDead(&query)
        watches[id] = query
        return query.counts
    }

    mutating func retry(_ id: String, _ sequences: [Int64]) throws -> AlertCounts {
        var query = try query(id)
        for sequence in sequences where query.alerts.element(at: Int(sequence) - 1)?.state == .dead {
            query.alerts[Int(sequence) - 1].state = mutation == .settlesDeadByRetry ? .acknowledged : .pending
            query.alerts[Int(sequence) - 1].reason = nil
            query.alerts[Int(sequence) - 1].attempts = 0
        }
        watches[id] = query
        return query.counts
    }

    /// Makes the alerts of one item.
    mutating func match(_ numbers: [Int64], _ collection: String, offset: Int64) throws {
        for number in numbers {
            let found = watches.values.first { $0.watch.number == number && $0.watch.collection == collection }
            guard let id = found?.watch.id else { throw CatalogRefusal.invalid("no such watch") }
            watches[id]?.alerts.append(StandingQuery.Entry(offset: offset))
        }
    }

    /// W8: gives one item to desks of a rule.
    mutating func route(_ route: AlertRoute, _ collection: String, offset: Int64, now: Int64) throws {
        let found = watches.values.first { $0.watch.number == route.rule && $0.watch.collection == collection }
        guard let rule = found?.watch, rule.route != nil else { throw CatalogRefusal.invalid("no such rule") }
        var staysWithRule = false
        for value in route.desks {
            if let desk = watches.values.first(where: { $0.watch.rule == rule.id && $0.watch.desk == value })?.watch {
                watches[mutation == .routesToTheRule ? rule.id : desk.id]?.alerts.append(StandingQuery.Entry(offset: offset))
                continue
            }
            guard watches.values.count(where: { $0.watch.rule == rule.id }) < Bench.bounds.desks else {
                staysWithRule = true
                continue
            }
            lastWatch += 1
            var desk = rule
            desk.number = lastWatch
            let id = "\(rule.id)-\(lastWatch)"
            desk.id = watches[id] == nil ? id : "\(id)-\(lastWatch)"
            (desk.rule, desk.desk, desk.createdAt) = (rule.id, value, now)
            desk.createdVersion = try self.collection(collection).version
            watches[desk.id] = StandingQuery(watch: desk, alerts: [StandingQuery.Entry(offset: offset)])
        }
        if staysWithRule { watches[rule.id]?.alerts.append(StandingQuery.Entry(offset: offset)) }
    }

    /// W6, after a publish.
    mutating func boundAlerts(of numbers: [Int64], rules: [Int64]) {
        let names = watches.values.map(\.watch).filter { rules.contains($0.number) }.map(\.id)
        for (id, var query) in watches
        where numbers.contains(query.watch.number) || rules.contains(query.watch.number)
            || query.watch.rule.map(names.contains) == true
        {
            let pending = query.alerts.indices.filter { query.alerts[$0].state == .pending }
            for index in pending.dropLast(Bench.bounds.pendingAlerts) {
                query.alerts[index].state = mutation == .forgetsWatchAlertsOnOverflow ? .acknowledged : .dead
                query.alerts[index].reason = "overflow"
            }
            Self.forgetOldDead(&query)
            watches[id] = query
        }
    }

    private static func forgetOldDead(_ query: inout StandingQuery) {
        let dead = query.alerts.indices.filter { query.alerts[$0].state == .dead }
        for index in dead.dropLast(Bench.bounds.deadAlerts) { query.alerts[index].state = .forgotten }
    }
}
