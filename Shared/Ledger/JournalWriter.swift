// Appends and outcomes within one transaction of the SQLite engine.
//
// A work is checked whole before its first row is written, so a work that is refused leaves nothing behind and the
// others of its group can go on. Heads of streams and counters are read once a transaction and written back by `flush`.
import Foundation
import GRDB
import Messages

/// Writes the works of one transaction.
struct JournalWriter {
    private let db: Database
    private let now: Int64
    private var heads: [Int64: Head] = [:]
    private var changes: [Int64: CountsChange] = [:]
    /// Checkpoints of the partitions, which no work of this transaction moves.
    private var checkpoints: [StreamKey: Int64] = [:]
    private let remember: Statement
    private let insert: Statement
    private let insertUnfinished: Statement
    private let insertOutcome: Statement
    private let insertPiece: Statement

    init(_ db: Database, now: Int64) throws {
        self.db = db
        self.now = now
        remember = try db.cachedStatement(
            sql: """
                INSERT INTO batch_memory (stream, batch_id, first_offset, record_count) VALUES (?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """)
        insert = try db.cachedStatement(
            sql: """
                INSERT INTO batch (key, record_count, batch_id, appended_at, payload, plain_bytes)
                VALUES (?, ?, ?, ?, ?, ?)
                """)
        insertUnfinished = try db.cachedStatement(sql: "INSERT INTO unfinished (key, retries) VALUES (?, 0)")
        insertOutcome = try db.cachedStatement(
            sql: """
                INSERT INTO outcome (key, state, finished_at, retries, items, dead_letters, warnings)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        insertPiece = try db.cachedStatement(sql: "INSERT INTO piece (key, submission, pieces) VALUES (?, ?, ?)")
    }

    /// Appends one batch that was checked, or finds it (J3).
    mutating func append(_ batch: JournalBatch, to keys: StreamKey) throws -> AppendReceipt {
        var head = try head(of: keys)
        let (next, overflow) = head.next.addingReportingOverflow(Int64(batch.recordCount))
        guard !overflow, next <= LedgerLimits.streamRecords else {
            throw LedgerError(.invalid, "stream \(keys.stream) is full; start a new collection")
        }
        remember.setUncheckedArguments([keys.stream, batch.batchID, head.next, batch.recordCount])
        try remember.execute()
        guard db.changesCount == 1 else {
            guard let receipt = try JournalRows.receipt(db, batchID: batch.batchID, in: keys) else {
                throw LedgerError(.corrupt, "batch '\(batch.batchID)' is refused and not there; restore from a backup")
            }
            return receipt
        }
        let (stored, plainBytes) = PayloadCodec.pack(batch.payload)
        insert.setUncheckedArguments(
            [keys.key(head.next), batch.recordCount, batch.batchID, now, stored, plainBytes])
        try insert.execute()
        let receipt = AppendReceipt(firstOffset: head.next, recordCount: batch.recordCount, isDuplicate: false)
        head.next = next
        head.isChanged = true
        heads[keys.stream] = head
        return receipt
    }

    /// Appends one raw document that was checked; a new one has its outcome, or waits for it from now on.
    ///
    /// - Throws: `valueTaken`; the caller must roll back then.
    mutating func accept(
        _ batch: JournalBatch, to keys: StreamKey, of entry: CollectionEntry, claims: RecordClaims? = nil,
        parsed: ParsedAppend? = nil
    ) throws -> AppendReceipt {
        let receipt = try append(batch, to: keys)
        guard !receipt.isDuplicate else { return receipt }
        if let claims {
            try RecordRows.claim(db, claims, version: receipt.firstOffset, collection: entry.id)
        }
        changes[entry.id, default: CountsChange()].accepted += 1
        let key = keys.key(receipt.firstOffset)
        if let parsed {
            let completion = parsed.completion(in: entry.name, rawOffset: receipt.firstOffset)
            _ = try record(completion, of: entry, in: keys, key: key, retries: 0)
        } else {
            insertUnfinished.setUncheckedArguments([key])
            try insertUnfinished.execute()
        }
        return receipt
    }

    /// Records one outcome that was checked (J6).
    mutating func finish(_ completion: Completion, of entry: CollectionEntry) throws -> CompletionReceipt {
        let raw = try entry.raw()
        let key = raw.key(completion.rawOffset)
        let retries = try Int64.fetchOne(
            db.cachedStatement(sql: "DELETE FROM unfinished WHERE key = ? RETURNING retries"), arguments: [key])
        guard let retries else {
            let recorded = try JournalRows.outcome(db, key: key)
            return CompletionReceipt(
                rawOffset: completion.rawOffset, status: recorded == nil ? .unknown : .duplicate,
                items: recorded?.items ?? [])
        }
        let items = try record(completion, of: entry, in: raw, key: key, retries: retries)
        return CompletionReceipt(rawOffset: completion.rawOffset, status: .finished, items: items)
    }

    /// Records the outcome of a submission that waits for it no more.
    private mutating func record(
        _ completion: Completion, of entry: CollectionEntry, in raw: StreamKey, key: Int64, retries: Int64
    ) throws -> [ItemRange] {
        var items: [ItemRange] = []
        for append in completion.appends {
            guard let keys = entry.items(append.partition) else {
                throw LedgerError(.internal, "partition \(append.partition) was not checked")
            }
            let receipt = try self.append(append.batch, to: keys)
            items.append(
                ItemRange(partition: append.partition, startOffset: receipt.firstOffset, endOffset: receipt.endOffset))
        }
        let isParsed = !items.isEmpty
        insertOutcome.setUncheckedArguments([
            key, (isParsed ? StoredOutcome.parsed : .dead).rawValue, now, retries, ItemRangesText.encode(items),
            try JournalRows.encode(completion.deadLetters), try JournalRows.encode(completion.warnings),
        ])
        try insertOutcome.execute()
        var change = changes[entry.id, default: CountsChange()]
        if isParsed {
            change.parsed += 1
            if try insertPieces(items, submission: key, of: entry) == 0 { change.reflected += 1 }
            // Only a document that was dead can stand below the low mark.
            if retries > 0 { try JournalRows.discardIfTrimmed(db, offset: completion.rawOffset, in: raw) }
        } else {
            change.dead += 1
        }
        if let removed = completion.removes {
            let count = try dropDead(of: removed, before: key, in: raw)
            change.dead -= count
            change.dropped += count
        }
        changes[entry.id] = change
        return items
    }

    /// Gives up the dead letters of one document that are older than its removal, and returns their number.
    private func dropDead(of identity: String, before key: Int64, in raw: StreamKey) throws -> Int64 {
        let dead = try Int64.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT key FROM outcome
                    WHERE state = 1 AND \(LedgerSchema.deadIdentity) = ? AND key >= ? AND key < ?
                    """),
            arguments: [identity, raw.key(0), key])
        for each in dead {
            try db.cachedStatement(sql: "UPDATE outcome SET state = 2, finished_at = ? WHERE key = ?")
                .execute(arguments: [now, each])
            try JournalRows.discardIfTrimmed(db, offset: raw.offset(each), in: raw)
        }
        return Int64(dead.count)
    }

    /// Writes heads and counters back; the last step of the transaction.
    mutating func flush() throws {
        for (stream, head) in heads where head.isChanged {
            try db.cachedStatement(sql: "UPDATE stream SET next = ? WHERE id = ?").execute(arguments: [
                head.next, stream,
            ])
        }
        for (collection, change) in changes { try change.apply(db, collection: collection) }
        heads = [:]
        changes = [:]
    }

    private struct Head {
        var next: Int64
        var isChanged = false
    }

    private mutating func head(of keys: StreamKey) throws -> Head {
        if let head = heads[keys.stream] { return head }
        let next = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT next FROM stream WHERE id = ?"), arguments: [keys.stream])
        guard let next else { throw LedgerError(.corrupt, "stream \(keys.stream) is missing; restore from a backup") }
        let head = Head(next: next)
        heads[keys.stream] = head
        return head
    }

    /// Makes the submission wait for those of its items that are not behind a checkpoint, and returns their number.
    private mutating func insertPieces(_ items: [ItemRange], submission: Int64, of entry: CollectionEntry) throws -> Int {
        var waiting: Set<Int64> = []
        for range in items {
            guard let keys = entry.items(range.partition) else { continue }
            let checkpoint =
                try checkpoints[keys]
                ?? CatalogRows.checkpoint(db, collection: entry.id, partition: range.partition)
            checkpoints[keys] = checkpoint
            guard range.endOffset > checkpoint else { continue }
            waiting.insert(keys.key(range.endOffset - 1))
        }
        for key in waiting {
            insertPiece.setUncheckedArguments([key, submission, waiting.count])
            try insertPiece.execute()
        }
        return waiting.count
    }
}

/// By how much a transaction changes the counters of one collection.
struct CountsChange {
    var accepted: Int64 = 0
    var parsed: Int64 = 0
    var dead: Int64 = 0
    var dropped: Int64 = 0
    var retries: Int64 = 0
    var reflected: Int64 = 0
    var superseded: Int64 = 0
    var liveDocuments: Int64 = 0

    /// Adds this to the stored counters.
    func apply(_ db: Database, collection: Int64) throws {
        try db.cachedStatement(
            sql: """
                UPDATE collection SET accepted = accepted + ?, parsed = parsed + ?, dead = dead + ?,
                    dropped = dropped + ?, retries = retries + ?, reflected = reflected + ?,
                    superseded = superseded + ?, live_documents = live_documents + ? WHERE id = ?
                """
        ).execute(arguments: [
            accepted, parsed, dead, dropped, retries, reflected, superseded, liveDocuments, collection,
        ])
    }
}
