// What data that is indexed anew beside the old takes over from the old ledger: watches, with their balance and what they still have
// to tell; and the records of declared collections, as they were accepted.
import Foundation
import GRDB
import Messages

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

// MARK: - Records

extension SQLiteLedger {
    /// Records moved in one transaction, and their bytes.
    private static let adoptedRecords = 512
    private static let adoptedBytes = 16 << 20

    /// Takes over the raw records of a declared collection that this ledger has not, with their offsets and times, the present
    /// declaration, the values that they claim, and the keys that were not erased. The records wait for their outcomes then.
    ///
    /// - Returns: how many were taken over.
    /// - Throws: `invalid` where the oldest records are gone, or where this ledger's records are no beginning of the other's.
    package func adoptRecords(of name: String, from other: SQLiteLedger, now: Int64) throws -> Int64 {
        let theirs = try other.catalogEntry(name)
        guard let stored = try other.declaration(name) else {
            throw LedgerError(.invalid, "the collection '\(name)' is built in and has no records")
        }
        if entry(name) == nil {
            _ = try declareCollection(name, text: stored.text, partitions: theirs.partitions, now: now)
        } else if try declaration(name)?.text != stored.text {
            _ = try changeDeclaration(name, text: stored.text, now: now)
        }
        let entry = try catalogEntry(name)
        let keys = try entry.raw()
        let stream = TopicPartition(collection: name, topic: .raw)
        let (own, end) = (try bounds(stream).next, try other.bounds(stream))
        guard end.low == 0, own <= end.next else {
            throw LedgerError(
                .invalid,
                end.low > 0
                    ? "the oldest records of '\(name)' are not kept any more"
                    : "'\(name)' has \(own) records here and \(end.next) there")
        }
        var next = own
        while next < end.next {
            let batches = try other.read(
                stream, from: next, maxBatches: Self.adoptedRecords, maxBytes: Self.adoptedBytes)
            guard let last = batches.last else {
                throw LedgerError(.corrupt, "record \(next) of '\(name)' is missing")
            }
            try write { db in
                for batch in batches {
                    var journal = try JournalWriter(db, now: batch.appendedAt)
                    let receipt = try journal.accept(
                        JournalBatch(batchID: batch.batchID, payload: batch.payload), to: keys, of: entry)
                    guard receipt.firstOffset == batch.firstOffset, !receipt.isDuplicate else {
                        throw LedgerError(
                            .invalid, "record \(batch.firstOffset) of '\(name)' would become \(receipt.firstOffset)")
                    }
                    try journal.flush()
                }
            }
            next = last.firstOffset + Int64(last.recordCount)
        }
        try adoptClaims(of: entry, from: other, theirs)
        return end.next - own
    }

    /// Unique values and keys are those of the other ledger, no more and no less: what was erased there is erased here.
    private func adoptClaims(of entry: CollectionEntry, from other: SQLiteLedger, _ theirs: CollectionEntry) throws {
        try write { db in
            try db.execute(sql: "PRAGMA secure_delete = ON")
            for (table, columns) in [
                ("unique_value", ["field", "value", "identity"]),
                ("personal_token", ["field", "value", "identity", "version"]),
                ("record_key", ["identity", "version", "id", "bytes"]),
            ] {
                try db.execute(sql: "DELETE FROM \(table) WHERE collection = ?", arguments: [entry.id])
                let names = columns.joined(separator: ", ")
                let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
                let insert = try db.cachedStatement(
                    sql: "INSERT INTO \(table) (collection, \(names)) VALUES (?, \(marks))")
                try other.read { source in
                    let rows = try Row.fetchCursor(
                        source, sql: "SELECT \(names) FROM \(table) WHERE collection = ?", arguments: [theirs.id])
                    while let row = try rows.next() {
                        try insert.execute(arguments: [entry.id] + StatementArguments(row.databaseValues))
                    }
                }
            }
        }
        _ = try scrub()
    }
}
