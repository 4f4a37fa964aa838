// The journal of the SQLite engine: group commits, reads, trimming.
package import Messages
import GRDB

extension SQLiteLedger {
    package func commit(_ works: [JournalWork], now: Int64) throws -> [Result<JournalReceipt, LedgerError>] {
        try LedgerLimits.checkInstant(now, "time")
        let checked = works.map { work in Result<CheckedWork, LedgerError> { () throws(LedgerError) in try check(work) }
        }
        guard checked.contains(where: { (try? $0.get()) != nil }) else {
            return checked.map { $0.flatMap { _ in .success(.appended([])) } }
        }
        return try write { db in
            var writer = try JournalWriter(db, now: now)
            let results = try checked.map { work throws -> Result<JournalReceipt, LedgerError> in
                switch work {
                case .failure(let error): .failure(error)
                case .success(let work): try work.perform(&writer, in: db)
                }
            }
            try writer.flush()
            return results
        }
    }

    package func read(
        _ stream: TopicPartition, from: Int64, maxBatches: Int, maxBytes: Int
    ) throws -> [StoredBatch] {
        let keys = try keys(stream)
        try Self.checkRead(from: from, count: maxBatches, bytes: maxBytes)
        return try read { db in
            let bounds = try JournalRows.bounds(db, keys)
            guard from >= bounds.low else {
                throw LedgerError(
                    .trimmed(low: bounds.low),
                    "offset \(from) of \(stream.collection)/\(stream.topic.rawValue) was trimmed")
            }
            guard from < bounds.next else { return [] }
            // The batch that holds `from` is the last one that begins at or before it.
            let first = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT max(key) FROM batch WHERE key BETWEEN ? AND ?"),
                arguments: [keys.key(bounds.low), keys.key(from)])
            guard let first else {
                throw LedgerError(
                    .corrupt, "no batch holds offset \(from) of stream \(keys.stream); restore from a backup")
            }
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT key, record_count, batch_id, appended_at, payload, plain_bytes FROM batch
                        WHERE key BETWEEN ? AND ? ORDER BY key
                        """),
                arguments: [first, keys.end - 1])
            var budget = ReadBudget(count: maxBatches, bytes: maxBytes)
            var batches: [StoredBatch] = []
            while let row = try rows.next() {
                guard budget.take(try JournalRows.payloadBytes(row)) else { break }
                batches.append(try JournalRows.batch(row, in: keys))
            }
            return batches
        }
    }

    package func bounds(_ stream: TopicPartition) throws -> JournalBounds {
        let keys = try keys(stream)
        return try read { db in try JournalRows.bounds(db, keys) }
    }

    package func receipt(ofBatch batchID: String, in stream: TopicPartition) throws -> AppendReceipt? {
        let keys = try keys(stream)
        return try read { db in try JournalRows.receipt(db, batchID: batchID, in: keys) }
    }

    package func trim(_ stream: TopicPartition, below limit: Int64) throws -> Int64 {
        let keys = try keys(stream)
        let entry = try journalEntry(stream.collection)
        return try write { db in
            let bounds = try JournalRows.bounds(db, keys)
            let least = try Self.leastCheckpoint(db, stream, entry: entry, bounds: bounds)
            guard limit <= least else {
                throw LedgerError(
                    .notTrimmable(limit: least),
                    "cannot trim \(stream.collection)/\(stream.topic.rawValue)/\(stream.partition) below \(limit): "
                        + "offsets from \(least) on are still needed")
            }
            guard limit > bounds.low else { return bounds.low }
            let low = try Self.batchBoundary(db, atOrBelow: limit, in: keys, bounds: bounds)
            guard low > bounds.low else { return bounds.low }
            try db.cachedStatement(
                sql: """
                    DELETE FROM batch WHERE key >= ? AND key < ?
                    AND key NOT IN (SELECT key FROM outcome WHERE state = 1 AND key >= ? AND key < ?)
                    """
            ).execute(arguments: [keys.key(bounds.low), keys.key(low), keys.key(bounds.low), keys.key(low)])
            try db.cachedStatement(sql: "UPDATE stream SET low = ? WHERE id = ?").execute(arguments: [low, keys.stream])
            return low
        }
    }

    package func oldOffset(_ stream: TopicPartition, before time: Int64, maxBatches: Int) throws -> Int64 {
        let keys = try keys(stream)
        try LedgerLimits.check(maxBatches, "number of batches", in: 1...LedgerLimits.readCount)
        return try read { db in
            let bounds = try JournalRows.bounds(db, keys)
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql:
                        "SELECT key, record_count, appended_at FROM batch WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?"
                ),
                arguments: [keys.key(bounds.low), keys.end - 1, maxBatches])
            var end = bounds.low
            while let row = try rows.next() {
                let appendedAt: Int64 = row[2]
                guard appendedAt < time else { break }
                end = keys.offset(row[0]) + (row[1] as Int64)
            }
            return end
        }
    }

    /// The first offset that a consumer still needs (J5).
    private static func leastCheckpoint(
        _ db: Database, _ stream: TopicPartition, entry: CollectionEntry, bounds: JournalBounds
    ) throws -> Int64 {
        switch stream.topic {
        case .items:
            return try CatalogRows.checkpoint(db, collection: entry.id, partition: stream.partition)
        case .raw:
            let keys = try entry.raw()
            let least = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT min(key) FROM unfinished WHERE key >= ? AND key < ?"),
                arguments: [keys.key(0), keys.end])
            return least.map { keys.offset($0) } ?? bounds.next
        case .alerts:
            let keys = try entry.alerts()
            return try WatchRows.leastKey(db, in: keys).map { keys.offset($0) } ?? bounds.next
        case .deadLetters:
            return bounds.next
        }
    }

    /// The start of the batch that holds `limit`, so that only whole batches go.
    private static func batchBoundary(
        _ db: Database, atOrBelow limit: Int64, in keys: StreamKey, bounds: JournalBounds
    ) throws -> Int64 {
        guard limit < bounds.next else { return bounds.next }
        let first = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT max(key) FROM batch WHERE key BETWEEN ? AND ?"),
            arguments: [keys.key(bounds.low), keys.key(limit)])
        return first.map { keys.offset($0) } ?? bounds.low
    }

    /// Checks the arguments of a read.
    static func checkRead(from: Int64, count: Int, bytes: Int) throws(LedgerError) {
        guard (0...LedgerLimits.streamRecords).contains(from) else {
            throw LedgerError(.invalid, "offset \(from) is outside 0 to \(LedgerLimits.streamRecords)")
        }
        try LedgerLimits.check(count, "number to read", in: 1...LedgerLimits.readCount)
        try LedgerLimits.check(bytes, "bytes to read", in: 0...Int.max)
    }
}

// MARK: - Checking works

/// An append that was checked.
private struct CheckedAppend {
    let batch: JournalBatch
    let keys: StreamKey
    /// The collection that it is a submission of; nil for other topics than `raw`.
    let submissionsOf: CollectionEntry?
    let claims: RecordClaims?
    let parsed: ParsedAppend?
}

/// A work whose every value was checked and whose streams were found.
private enum CheckedWork {
    case append([CheckedAppend])
    case finish([(completion: Completion, entry: CollectionEntry)])

    /// Does the work; one that claims values another record has leaves nothing behind and fails alone.
    func perform(_ writer: inout JournalWriter, in db: Database) throws -> Result<JournalReceipt, LedgerError> {
        guard case .append(let appends) = self, appends.contains(where: { $0.claims != nil }) else {
            return .success(try perform(&writer))
        }
        let before = writer
        do {
            var receipt: JournalReceipt?
            try db.inSavepoint {
                receipt = try perform(&writer)
                return .commit
            }
            guard let receipt else { throw LedgerError(.internal, "an append was answered without a receipt") }
            return .success(receipt)
        } catch let error as LedgerError {
            guard case .valueTaken = error.code else { throw error }
            writer = before
            return .failure(error)
        }
    }

    private func perform(_ writer: inout JournalWriter) throws -> JournalReceipt {
        switch self {
        case .append(let appends):
            .appended(
                try appends.map { append in
                    guard let collection = append.submissionsOf else {
                        return try writer.append(append.batch, to: append.keys)
                    }
                    return try writer.accept(
                        append.batch, to: append.keys, of: collection, claims: append.claims, parsed: append.parsed)
                })
        case .finish(let completions):
            .finished(try completions.map { try writer.finish($0.completion, of: $0.entry) })
        }
    }
}

extension SQLiteLedger {
    private func noPartition(_ partition: Int, _ entry: CollectionEntry?) -> LedgerError {
        LedgerError(
            .invalid,
            "collection '\(entry?.name ?? "")' has no partition \(partition) of \(entry?.partitions ?? 0)")
    }

    private func check(_ work: JournalWork) throws(LedgerError) -> CheckedWork {
        switch work {
        case .append(let appends):
            try LedgerLimits.check(appends.count, "number of batches", in: 0...LedgerLimits.callCount)
            var checked: [CheckedAppend] = []
            checked.reserveCapacity(appends.count)
            for append in appends {
                let keys = try keys(append.destination)
                try LedgerLimits.check(append.batch, topic: append.destination.topic)
                let isRaw = append.destination.topic == .raw
                if let claims = append.claims { try LedgerLimits.check(claims, isRaw: isRaw) }
                let entry = isRaw ? try journalEntry(append.destination.collection) : nil
                if let parsed = append.parsed {
                    try LedgerLimits.check(parsed, isRaw: isRaw)
                    guard entry?.items(parsed.partition) != nil else { throw noPartition(parsed.partition, entry) }
                }
                checked.append(
                    CheckedAppend(
                        batch: append.batch, keys: keys,
                        submissionsOf: entry, claims: append.claims, parsed: append.parsed))
            }
            return .append(checked)
        case .finish(let completions):
            try LedgerLimits.check(completions.count, "number of completions", in: 0...LedgerLimits.callCount)
            var checked: [(completion: Completion, entry: CollectionEntry)] = []
            checked.reserveCapacity(completions.count)
            for completion in completions {
                let entry = try journalEntry(completion.collection)
                try LedgerLimits.check(completion)
                for append in completion.appends where entry.items(append.partition) == nil {
                    throw noPartition(append.partition, entry)
                }
                checked.append((completion, entry))
            }
            return .finish(checked)
        }
    }
}
