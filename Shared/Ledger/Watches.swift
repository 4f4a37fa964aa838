// Watches: standing queries of a collection, and the ledger of the alerts that they made.
//
// Laws, kept by every engine and tested by one suite:
//  W1 A publish that advances names the stored version of its collection's watches, or is refused. So a watch sees every item
//     that becomes searchable after it was made, and no item from before.
//  W2 The alerts of a publish are made by its transaction (C1). Those of one watch are numbered 1, 2, 3 … without holes, in the
//     order of the publishes and, within one, of its batches.
//  W3 matched = acknowledged + pending + dead for every watch, in every committed state.
//  W4 An alert is settled once: acknowledging again, or what does not exist, changes nothing.
//  W5 Alerts are read ascending, pending ones and dead letters apart. A retried dead letter is pending again, under its sequence.
//  W6 A watch keeps at most `WatchBounds.pendingAlerts` pending: when a publish makes more, the oldest become dead letters with
//     the reason `overflow`. Of its dead letters the newest `WatchBounds.deadAlerts` are kept; the others still count.
//  W8 The alerts of a rule go to its desks, and the first one makes the desk: with the rule's query, filter, owner, tenant,
//     destination and time, an id and a number of its own, until the rule has `WatchBounds.desks`: alerts for others stay with the
//     rule, once an item. Desks are no rules: they match nothing and change no version. Deleting a rule ends its desks. What was delivered never shrinks, and never exceeds what was matched.
//  W7 The same watch again, by its id, is the same watch. Deleting the absent succeeds; deleting ends all of a watch's alerts.
//
// The topic `alerts` is not trimmed past an alert that is pending or a dead letter (J5).
//
// All calls block on the disk, as those of `Catalog` do. Refusals are thrown as `CatalogRefusal`.
package import Messages

/// Standing queries and their alerts. The laws are at the top of this file.
package protocol Watches: Sendable {
    /// Makes a watch, and the next version of its collection's watches.
    ///
    /// - Returns: the watch as it is stored, with its number.
    /// - Throws: `watchExists` for an id that another watch has, `unknownCollection`, `tooManyWatches`, `invalid`.
    func createWatch(_ watch: Watch, now: Int64) throws -> Watch

    /// Deletes a watch with all its alerts, and makes the next version of its collection's watches.
    func deleteWatch(_ id: String) throws

    /// A watch with its balance; nil where there is none.
    func watch(_ id: String) throws -> WatchState?

    /// Watches, ascending by number.
    func watches(_ selection: WatchSelection) throws -> [WatchState]

    /// The rules of a collection with a greater number than `after`, ascending.
    func watchRules(_ collection: String, after: Int64, limit: Int) throws -> WatchRules

    /// How many alerts each of these watches has had; -1 for one that does not exist.
    func watchHeads(_ ids: [String]) throws -> [Int64]

    /// How late the pending alerts of each of these watches are; nothing of one that does not exist.
    ///
    /// - Parameter now: milliseconds since 1970, UTC.
    /// - Complexity: O(pending alerts that are overdue).
    func watchDues(_ ids: [String], now: Int64) throws -> [AlertDue]

    /// Somebody was given a watch's alerts up to this one. Of a watch that does not exist nothing is noted.
    func noteDelivered(ofWatch id: String, through sequence: Int64) throws

    /// The number of a collection's watches and the balance of all their alerts.
    ///
    /// - Complexity: O(watches).
    func alertCounts(_ collection: String) throws -> (watches: Int, counts: AlertCounts)

    // MARK: Alerts

    /// Pending alerts, or dead letters, with a greater sequence than `after`, ascending; at most `limit` and, but for the first,
    /// `maxBytes` of payload.
    ///
    /// - Throws: `unknownWatch`.
    func alerts(
        ofWatch id: String, after: Int64, limit: Int, maxBytes: Int, isDead: Bool
    ) throws -> [StoredAlert]

    /// Acknowledges alerts: `through` pending ones, `these` dead letters too.
    ///
    /// - Throws: `unknownWatch`.
    func acknowledge(_ choice: AlertChoice, ofWatch id: String) throws -> AlertCounts

    /// Gives a pending alert up; one that is not pending stays what it is.
    ///
    /// - Throws: `unknownWatch`, `invalid`.
    func buryAlert(ofWatch id: String, sequence: Int64, reason: String, attempts: Int, now: Int64) throws -> AlertCounts

    /// Makes dead letters pending again; others stay what they are.
    ///
    /// - Throws: `unknownWatch`, `invalid`.
    func retryAlerts(ofWatch id: String, sequences: [Int64]) throws -> AlertCounts
}

/// How many alerts a watch keeps, and how many desks a rule has.
package struct WatchBounds: Sendable, Hashable {
    /// Alerts that wait to be acknowledged.
    package var pendingAlerts = 10_000
    /// Dead letters.
    package var deadAlerts = 1_000
    /// Desks of a rule; alerts for further ones stay with the rule.
    package var desks = 10_000

    package init() {}

    package init(pendingAlerts: Int, deadAlerts: Int, desks: Int) {
        self.pendingAlerts = pendingAlerts
        self.deadAlerts = deadAlerts
        self.desks = desks
    }
}

/// Checks of watches that need no stored state, shared by all engines.
package enum WatchChecks {
    /// - Throws: `invalid`, with what is wrong.
    package static func check(_ watch: Watch) throws(LedgerError) {
        let id = watch.id.utf8
        let isAllowed = id.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
        guard isAllowed, (1...LedgerLimits.watchIDBytes).contains(id.count) else {
            throw LedgerError(.invalid, "watch id '\(watch.id.prefix(80))' must be 1 to 64 of a-z, 0-9 and -")
        }
        try LedgerLimits.checkText(watch.name, "name of a watch", limit: LedgerLimits.nameBytes, canBeEmpty: true)
        try LedgerLimits.checkText(watch.q, "query of a watch", limit: LedgerLimits.textBytes, canBeEmpty: true)
        try LedgerLimits.checkText(watch.owner, "owner of a watch", limit: LedgerLimits.nameBytes)
        if let filter = watch.filter {
            try LedgerLimits.checkText(filter, "filter of a watch", limit: LedgerLimits.textBytes)
        }
        if let tenant = watch.tenant {
            try LedgerLimits.checkText(tenant, "tenant of a watch", limit: LedgerLimits.nameBytes)
        }
        guard watch.rule == nil, watch.desk == nil else {
            throw LedgerError(.invalid, "watch '\(watch.id)' names a rule; desks are made by their rule's alerts")
        }
        if let route = watch.route {
            try LedgerLimits.checkText(route, "route of a watch", limit: LedgerLimits.nameBytes)
            try LedgerLimits.check(id.count, "bytes of the id of a rule", in: 1...LedgerLimits.ruleIDBytes)
        }
        if let seconds = watch.dueSeconds {
            try LedgerLimits.check(seconds, "seconds until an alert is overdue", in: 1...LedgerLimits.dueSeconds)
        }
        for (text, what) in [(watch.destination.url, "address"), (watch.destination.secret, "secret")] {
            guard let text else { continue }
            try LedgerLimits.checkText(text, "\(what) of a watch", limit: LedgerLimits.textBytes)
        }
    }

    /// The alerts of a publish: each of one record where it has watches, each watch once.
    package static func check(_ alerts: [AlertBatch]) throws(LedgerError) {
        var count = 0
        for alert in alerts {
            guard alert.watches != nil || alert.routes != nil else { continue }
            let watches = alert.watches ?? []
            let routes = alert.routes ?? []
            let numbers = watches + routes.map(\.rule)
            guard !numbers.isEmpty, alert.recordCount == 1, Set(numbers).count == numbers.count else {
                throw LedgerError(
                    .invalid, "alert '\(alert.batchID)' must be one record with different watches, or have none")
            }
            for route in routes {
                guard !route.desks.isEmpty, Set(route.desks).count == route.desks.count else {
                    throw LedgerError(
                        .invalid, "alert '\(alert.batchID)' must name different desks of the rule \(route.rule)")
                }
                for desk in route.desks { try LedgerLimits.checkText(desk, "name of a desk", limit: LedgerLimits.textBytes) }
            }
            count += alert.alertCount
        }
        try LedgerLimits.check(count, "number of alerts", in: 0...LedgerLimits.publishAlerts)
    }

    /// W1; nil is the version of a collection that never had a watch.
    package static func checkVersion(_ version: Int64?, stored: Int64) throws(CatalogRefusal) {
        guard (version ?? 0) == stored else { throw .watchesChanged(current: stored) }
    }
}
