// Submissions of the SQLite engine: what waits, what became of it, dead letters, the balance.
package import Messages
import GRDB

extension SQLiteLedger {
    package func unfinished(
        _ collection: String, after offset: Int64?, limit: Int, maxBytes: Int
    ) throws -> [StoredBatch] {
        let keys = try journalEntry(collection).raw()
        let from = try Self.next(after: offset)
        try Self.checkRead(from: from, count: limit, bytes: maxBytes)
        return try read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT b.key, b.record_count, b.batch_id, b.appended_at, b.payload, b.plain_bytes
                        FROM unfinished AS u LEFT JOIN batch AS b ON b.key = u.key
                        WHERE u.key >= ? AND u.key < ? ORDER BY u.key
                        """),
                arguments: [keys.key(from), keys.end])
            var budget = ReadBudget(count: limit, bytes: maxBytes)
            var batches: [StoredBatch] = []
            while let row = try rows.next() {
                guard !row.hasNull(atIndex: 0) else {
                    throw LedgerError(
                        .corrupt, "an unfinished document of '\(collection)' is missing; restore from a backup")
                }
                guard budget.take(try JournalRows.payloadBytes(row)) else { break }
                batches.append(try JournalRows.batch(row, in: keys))
            }
            return batches
        }
    }

    package func outcome(_ collection: String, rawOffset: Int64) throws -> SubmissionState? {
        let entry = try journalEntry(collection)
        let keys = try entry.raw()
        guard (0..<LedgerLimits.streamRecords).contains(rawOffset) else { return nil }
        let key = keys.key(rawOffset)
        return try read { db in
            let waiting = try Int.fetchOne(
                db.cachedStatement(sql: "SELECT retries FROM unfinished WHERE key = ?"), arguments: [key])
            if let waiting { return SubmissionState(stage: .accepted, retries: waiting) }
            guard let outcome = try JournalRows.outcome(db, key: key) else { return nil }
            let stage: SubmissionState.Stage =
                switch outcome.state {
                case .dead: .dead
                case .dropped: .dropped
                case .parsed: try Self.isPublished(db, outcome.items, of: entry) ? .searchable : .parsed
                }
            return SubmissionState(
                stage: stage, items: outcome.items, deadLetters: outcome.deadLetters, warnings: outcome.warnings,
                retries: outcome.retries, finishedAt: outcome.finishedAt)
        }
    }

    package func deadLetters(
        _ collection: String, from: Int64, limit: Int, maxBytes: Int
    ) throws -> [DeadDocument] {
        let keys = try journalEntry(collection).raw()
        try Self.checkRead(from: from, count: limit, bytes: maxBytes)
        return try read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT b.key, b.record_count, b.batch_id, b.appended_at, b.payload, b.plain_bytes,
                               o.dead_letters, o.retries, o.finished_at
                        FROM outcome AS o INDEXED BY outcome_dead JOIN batch AS b ON b.key = o.key
                        WHERE o.state = 1 AND o.key >= ? AND o.key < ? ORDER BY o.key
                        """),
                arguments: [keys.key(from), keys.end])
            var budget = ReadBudget(count: limit, bytes: maxBytes)
            var documents: [DeadDocument] = []
            while let row = try rows.next() {
                guard budget.take(try JournalRows.payloadBytes(row)) else { break }
                documents.append(
                    DeadDocument(
                        document: try JournalRows.batch(row, in: keys), deadLetters: try JournalRows.decode(row[6]),
                        retries: row[7], diedAt: row[8]))
            }
            return documents
        }
    }

    package func retryDeadLetter(_ collection: String, rawOffset: Int64) throws {
        let entry = try journalEntry(collection)
        let key = try entry.raw().key(try Self.checkedDead(rawOffset, collection))
        try write { db in
            let retries = try Int.fetchOne(
                db.cachedStatement(sql: "DELETE FROM outcome WHERE key = ? AND state = 1 RETURNING retries"),
                arguments: [key])
            guard let retries else { throw Self.notDead(rawOffset, collection) }
            try db.cachedStatement(sql: "INSERT INTO unfinished (key, retries) VALUES (?, ?)")
                .execute(arguments: [key, retries + 1])
            try CountsChange(dead: -1, retries: 1).apply(db, collection: entry.id)
        }
    }

    package func dropDeadLetter(_ collection: String, rawOffset: Int64, now: Int64) throws {
        let entry = try journalEntry(collection)
        let raw = try entry.raw()
        let key = raw.key(try Self.checkedDead(rawOffset, collection))
        try LedgerLimits.checkInstant(now, "time")
        try write { db in
            try db.cachedStatement(sql: "UPDATE outcome SET state = 2, finished_at = ? WHERE key = ? AND state = 1")
                .execute(arguments: [now, key])
            guard db.changesCount == 1 else { throw Self.notDead(rawOffset, collection) }
            try JournalRows.discardIfTrimmed(db, offset: rawOffset, in: raw)
            try CountsChange(dead: -1, dropped: 1).apply(db, collection: entry.id)
        }
    }

    package func counts(_ collection: String) throws -> CollectionCounts {
        let entry = try journalEntry(collection)
        return try read { db in try CatalogRows.counts(db, collection: entry.id) }
    }

    /// Whether all these items are behind the checkpoints.
    private static func isPublished(_ db: Database, _ items: [ItemRange], of entry: CollectionEntry) throws -> Bool {
        try items.allSatisfy { range in
            range.endOffset <= (try CatalogRows.checkpoint(db, collection: entry.id, partition: range.partition))
        }
    }

    /// The offset after another one; 0 after none.
    private static func next(after offset: Int64?) throws(LedgerError) -> Int64 {
        guard let offset else { return 0 }
        guard (0..<LedgerLimits.streamRecords).contains(offset) else {
            throw LedgerError(.invalid, "offset \(offset) is outside 0 to \(LedgerLimits.streamRecords - 1)")
        }
        return offset + 1
    }

    private static func checkedDead(_ rawOffset: Int64, _ collection: String) throws(LedgerError) -> Int64 {
        guard (0..<LedgerLimits.streamRecords).contains(rawOffset) else { throw notDead(rawOffset, collection) }
        return rawOffset
    }

    private static func notDead(_ rawOffset: Int64, _ collection: String) -> LedgerError {
        LedgerError(.notDead, "raw offset \(rawOffset) of '\(collection)' is not among the dead letters")
    }
}
