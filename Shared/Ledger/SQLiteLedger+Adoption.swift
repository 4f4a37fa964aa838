// Watches from another ledger, with their balance and what they still have to tell: for data that was indexed anew beside the old.
import Messages
import GRDB

extension SQLiteLedger {
    /// Alerts moved in one piece.
    private static let adopted = 256

    /// Takes over all watches of another ledger that this one has not: their pending alerts and dead letters keep their sequences.
    ///
    /// - Returns: how many were taken over.
    /// - Throws: `unknownCollection` for a watch of a collection that this ledger has not.
    package func adoptWatches(from other: SQLiteLedger, now: Int64) throws -> Int {
        var count = 0
        var after: Int64 = 0
        while true {
            let page = try other.watches(WatchSelection(after: after, limit: Self.adopted))
            for state in page where try watch(state.watch.id) == nil {
                try adopt(state, from: other, now: now)
                count += 1
            }
            guard page.count == Self.adopted, let last = page.last else { return count }
            after = last.watch.number
        }
    }

    private func adopt(_ state: WatchState, from other: SQLiteLedger, now: Int64) throws {
        let id = state.watch.id
        let entry = try catalogEntry(state.watch.collection)
        var alerts: [StoredAlert] = []
        for isDead in [false, true] {
            var last: Int64 = 0
            while true {
                let page = try other.alerts(
                    ofWatch: id, after: last, limit: Self.adopted, maxBytes: 1 << 20, isDead: isDead)
                alerts += page
                guard let end = page.last else { break }
                last = end.sequence
            }
        }
        try write { db in
            try WatchRows.insert(db, state.watch, collection: entry.id)
            let number = db.lastInsertedRowID
            let counts = state.counts
            try db.execute(
                sql: "UPDATE watch SET matched = ?, acknowledged = ?, dead = ? WHERE number = ?",
                arguments: [counts.matched, counts.acknowledged, counts.dead, number])
            let keys = try entry.alerts()
            for alert in alerts {
                var journal = try JournalWriter(db, now: alert.matchedAt)
                let batch = JournalBatch(batchID: "adopted/\(id)/\(alert.sequence)", payload: alert.payload)
                let receipt = try journal.append(batch, to: keys)
                try journal.flush()
                try db.execute(
                    sql: "INSERT INTO alert (watch, sequence, key, reason, attempts) VALUES (?, ?, ?, ?, ?)",
                    arguments: [number, alert.sequence, keys.key(receipt.firstOffset), alert.reason, alert.attempts])
            }
            try WatchRows.nextVersion(db, collection: entry.id)
        }
    }
}
