// Declared collections in the SQLite engine.
//
// The end of a collection is one short transaction: its row takes a name that no collection can have (`name#id`), its files
// become garbage, and its rows go later in portions (`purgeEnded`). What a later collection of the same name must go beyond
// stays in the table `former` (D2).
import Foundation
package import Messages
import GRDB

extension SQLiteLedger {
    package func declareCollection(
        _ name: String, text: String, partitions: Int, now: Int64
    ) throws -> CollectionRecord {
        try Self.check(declaration: text, now)
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.checkCollectionName(name)
            try LedgerLimits.check(partitions, "number of partitions", in: 1...LedgerLimits.partitionCount)
        }
        guard entry(name) == nil else { throw CatalogRefusal.nameInUse([name]) }
        let (record, entry) = try write { db in
            guard try CollectionEntry.all(db)[name] == nil else { throw CatalogRefusal.nameInUse([name]) }
            guard let entry = try Self.insert(db, collection: name, partitions: partitions) else {
                throw LedgerError(.internal, "collection '\(name)' was not made")
            }
            try db.execute(
                sql: "INSERT INTO declaration (collection, generation, text, changed_at) VALUES (?, 1, ?, ?)",
                arguments: [entry.id, text, now])
            if let former = try Row.fetchOne(
                db, sql: "SELECT version, epoch FROM former WHERE name = ?", arguments: [name])
            {
                try db.execute(
                    sql: "UPDATE collection SET version = ? WHERE id = ?",
                    arguments: [former[0] as Int64, entry.id])
                try db.execute(
                    sql: "UPDATE partition SET epoch = ? WHERE collection = ?",
                    arguments: [former[1] as Int64, entry.id])
            }
            return (try Self.record(db, entry), entry)
        }
        remember(entry)
        return record
    }

    package func changeDeclaration(_ name: String, text: String, now: Int64) throws -> CollectionRecord {
        try Self.check(declaration: text, now)
        let entry = try catalogEntry(name)
        return try write { db in
            try db.execute(
                sql: """
                    UPDATE declaration SET generation = generation + 1, text = ?, changed_at = ? WHERE collection = ?
                    """, arguments: [text, now, entry.id])
            guard db.changesCount == 1 else { throw Self.isBuiltIn(name) }
            try db.execute(sql: "UPDATE collection SET version = version + 1 WHERE id = ?", arguments: [entry.id])
            return try Self.record(db, entry)
        }
    }

    package func declaration(_ name: String) throws -> StoredDeclaration? {
        let entry = try catalogEntry(name)
        return try read { db in try CatalogRows.declaration(db, collection: entry.id) }
    }

    package func removeCollection(_ name: String, now: Int64) throws {
        try CatalogChecks.refusing { () throws(LedgerError) in try LedgerLimits.checkInstant(now, "time") }
        let entry = try catalogEntry(name)
        try write { db in
            guard try CatalogRows.declaration(db, collection: entry.id) != nil else { throw Self.isBuiltIn(name) }
            let epoch = try Int64.fetchOne(
                db, sql: "SELECT max(epoch) FROM partition WHERE collection = ?", arguments: [entry.id])
            try db.execute(
                sql: """
                    INSERT INTO former (name, version, epoch) VALUES (?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET version = excluded.version, epoch = excluded.epoch
                    """,
                arguments: [name, try CatalogRows.version(db, collection: entry.id) + 1, (epoch ?? 0) + 1])
            try db.execute(
                sql: "UPDATE collection SET name = name || '#' || id, ended_at = ? WHERE id = ?",
                arguments: [now, entry.id])
            try db.execute(
                sql: "UPDATE segment SET state = 2 WHERE collection = ? AND state IN (0, 1)", arguments: [entry.id])
            try db.execute(
                sql: "UPDATE file SET state = 2, changed_at = ? WHERE collection = ? AND state IN (0, 1)",
                arguments: [now, entry.id])
            try db.execute(sql: "DELETE FROM declaration WHERE collection = ?", arguments: [entry.id])
        }
        dismiss(name)
    }

    package func purgeEnded(limit: Int) throws -> Bool {
        try LedgerLimits.check(limit, "number of rows", in: 1...LedgerLimits.readCount)
        let ended = try read { db in
            try Int64.fetchOne(
                db, sql: "SELECT id FROM collection WHERE ended_at IS NOT NULL ORDER BY id LIMIT 1")
        }
        guard let ended else { return false }
        return try write { db in
            var left = limit
            func delete(_ sql: String, _ arguments: StatementArguments) throws {
                guard left > 0 else { return }
                try db.execute(sql: sql, arguments: arguments + [left])
                left -= db.changesCount
            }
            let streams = try Int64.fetchAll(
                db, sql: "SELECT id FROM stream WHERE collection = ?", arguments: [ended])
            for stream in streams {
                let keys = StreamKey(stream: stream)
                let range: StatementArguments = [keys.key(0), keys.end]
                for table in ["batch", "unfinished", "outcome"] {
                    try delete(
                        """
                        DELETE FROM \(table) WHERE key IN
                            (SELECT key FROM \(table) WHERE key >= ? AND key < ? ORDER BY key LIMIT ?)
                        """, range)
                }
                try delete(
                    """
                    DELETE FROM piece WHERE (key, submission) IN
                        (SELECT key, submission FROM piece WHERE key >= ? AND key < ? ORDER BY key LIMIT ?)
                    """, range)
                try delete(
                    """
                    DELETE FROM batch_memory WHERE (stream, batch_id) IN
                        (SELECT stream, batch_id FROM batch_memory WHERE stream = ? LIMIT ?)
                    """, [stream])
            }
            try delete(
                """
                DELETE FROM unique_value WHERE (collection, field, value) IN
                    (SELECT collection, field, value FROM unique_value WHERE collection = ? LIMIT ?)
                """, [ended])
            try delete(
                """
                DELETE FROM record_key WHERE (collection, identity, version) IN
                    (SELECT collection, identity, version FROM record_key WHERE collection = ? LIMIT ?)
                """, [ended])
            try delete(
                """
                DELETE FROM personal_token WHERE (collection, field, value, identity) IN
                    (SELECT collection, field, value, identity FROM personal_token WHERE collection = ? LIMIT ?)
                """, [ended])
            // The rows of files end with their files; the collection's own row goes when all others have gone.
            let files =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM file WHERE collection = ?", arguments: [ended]) ?? 0
            guard left > 0, files == 0 else { return left == 0 }
            try db.execute(sql: "DELETE FROM stream WHERE collection = ?", arguments: [ended])
            try db.execute(sql: "DELETE FROM partition WHERE collection = ?", arguments: [ended])
            try db.execute(sql: "DELETE FROM segment WHERE collection = ?", arguments: [ended])
            try db.execute(sql: "DELETE FROM collection WHERE id = ?", arguments: [ended])
            return true
        }
    }

    package func recordKeys(_ collection: String, identity: String) throws -> [RecordKey] {
        let entry = try catalogEntry(collection)
        return try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT id, bytes FROM record_key WHERE collection = ? AND identity = ? ORDER BY version"),
                arguments: [entry.id, identity]
            ).map { RecordKey(id: Array($0[0] as Data), bytes: Array($0[1] as Data)) }
        }
    }

    package func records(_ collection: String, field: String, token: [UInt8], limit: Int) throws -> [String] {
        let entry = try catalogEntry(collection)
        try LedgerLimits.check(limit, "number of records", in: 1...LedgerLimits.readCount)
        return try read { db in
            try String.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT identity FROM personal_token WHERE collection = ? AND field = ? AND value = ?
                        ORDER BY identity LIMIT ?
                        """),
                arguments: [entry.id, field, Data(token), limit])
        }
    }

    package func scrub() throws -> Bool { try truncateLog() }

    package func progress(_ collection: String, _ offsets: Range<Int64>) throws -> SubmissionProgress {
        let entry = try journalEntry(collection)
        let raw = try entry.raw()
        guard offsets.lowerBound >= 0, offsets.upperBound <= LedgerLimits.streamRecords else {
            throw LedgerError(.invalid, "offsets \(offsets) are outside 0 to \(LedgerLimits.streamRecords)")
        }
        let range: StatementArguments = [raw.key(offsets.lowerBound), raw.key(offsets.upperBound)]
        return try read { db in
            func count(_ sql: String) throws -> Int {
                try Int.fetchOne(db.cachedStatement(sql: sql), arguments: range) ?? 0
            }
            let unfinished = try count("SELECT count(*) FROM unfinished WHERE key >= ? AND key < ?")
            // Of those that are asked for, not of all that wait for a publish: there may be millions.
            var checkpoints: [Int: Int64] = [:]
            var waiting = 0
            let items = try String.fetchCursor(
                db.cachedStatement(sql: "SELECT items FROM outcome WHERE key >= ? AND key < ? AND state = 0"),
                arguments: range)
            while let text = try items.next() {
                var isWaiting = false
                for range in try ItemRangesText.decode(text) {
                    let checkpoint =
                        try checkpoints[range.partition]
                        ?? CatalogRows.checkpoint(db, collection: entry.id, partition: range.partition)
                    checkpoints[range.partition] = checkpoint
                    if range.endOffset > checkpoint { isWaiting = true }
                }
                if isWaiting { waiting += 1 }
            }
            let dead = try count("SELECT count(*) FROM outcome WHERE key >= ? AND key < ? AND state <> 0")
            return SubmissionProgress(waiting: unfinished + waiting, dead: dead)
        }
    }

    private static func record(_ db: Database, _ entry: CollectionEntry) throws -> CollectionRecord {
        CollectionRecord(
            name: entry.name, partitions: entry.partitions, version: try CatalogRows.version(db, collection: entry.id),
            generation: try CatalogRows.declaration(db, collection: entry.id)?.generation)
    }

    private static func check(declaration text: String, _ now: Int64) throws {
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.checkInstant(now, "time")
            try LedgerLimits.checkText(text, "declaration", limit: LedgerLimits.declarationBytes)
        }
    }

    private static func isBuiltIn(_ name: String) -> CatalogRefusal {
        CatalogRefusal.invalid("the collection '\(name.prefix(80))' is built in and has no declaration")
    }
}

/// Values of unique fields and keys of personal ones, within a transaction (D3, D4).
enum RecordRows {
    /// Takes and gives up values, keeps and erases keys.
    ///
    /// - Parameter version: the record's offset in the topic `raw`.
    /// - Throws: `valueTaken` where another record has one; nothing may be kept of the append then.
    static func claim(_ db: Database, _ claims: RecordClaims, version: Int64, collection: Int64) throws {
        if let last = claims.erasedVersion {
            // The bytes of deleted rows are overwritten, not only left out.
            try db.execute(sql: "PRAGMA secure_delete = ON")
            try db.execute(
                sql: "DELETE FROM record_key WHERE collection = ? AND identity = ? AND version <= ?",
                arguments: [collection, claims.identity, last])
            try db.execute(
                sql: "DELETE FROM personal_token WHERE collection = ? AND identity = ? AND version <= ?",
                arguments: [collection, claims.identity, last])
        }
        if let key = claims.key {
            try db.cachedStatement(
                sql: "INSERT INTO record_key (collection, identity, version, id, bytes) VALUES (?, ?, ?, ?, ?)"
            ).execute(arguments: [collection, claims.identity, version, Data(key.id), Data(key.bytes)])
        }
        try keep(db, claims, version: version, collection: collection)
        guard !claims.released.isEmpty || !claims.values.isEmpty else { return }
        let kept = Set(claims.values)
        let release = try db.cachedStatement(
            sql: "DELETE FROM unique_value WHERE collection = ? AND field = ? AND value = ?")
        let held = try db.cachedStatement(
            sql: "SELECT field, value FROM unique_value WHERE collection = ? AND identity = ?")
        for row in try Row.fetchAll(held, arguments: [collection, claims.identity]) {
            let value = RecordClaims.Value(field: row[0], value: Array(row[1] as Data))
            guard claims.released.contains(value.field), !kept.contains(value) else { continue }
            try release.execute(arguments: [collection, value.field, Data(value.value)])
        }
        for value in claims.values {
            let owner = try String.fetchOne(
                db.cachedStatement(
                    sql: "SELECT identity FROM unique_value WHERE collection = ? AND field = ? AND value = ?"),
                arguments: [collection, value.field, Data(value.value)])
            if let owner, owner != claims.identity {
                throw LedgerError(
                    .valueTaken(field: value.field, identity: claims.identity),
                    "record '\(claims.identity.prefix(80))' has a value of '\(value.field)' that another record has")
            }
            guard owner == nil else { continue }
            try db.cachedStatement(
                sql: "INSERT INTO unique_value (collection, field, value, identity) VALUES (?, ?, ?, ?)"
            ).execute(arguments: [collection, value.field, Data(value.value), claims.identity])
        }
    }

    /// Keeps the tokens of a version, and lets go of those of the fields that it gives up (D5).
    private static func keep(_ db: Database, _ claims: RecordClaims, version: Int64, collection: Int64) throws {
        // A removal erases what it means to, and leaves what is newer.
        guard claims.erasedVersion == nil, !claims.released.isEmpty || !claims.tokens.isEmpty else { return }
        let held = try db.cachedStatement(
            sql: "SELECT field, value FROM personal_token WHERE collection = ? AND identity = ?")
        let rows = try Row.fetchAll(held, arguments: [collection, claims.identity])
        guard !rows.isEmpty || !claims.tokens.isEmpty else { return }
        try db.execute(sql: "PRAGMA secure_delete = ON")
        for row in rows where claims.released.contains(row[0] as String) {
            try db.cachedStatement(
                sql: "DELETE FROM personal_token WHERE collection = ? AND field = ? AND value = ? AND identity = ?"
            ).execute(arguments: [collection, row[0] as String, row[1] as Data, claims.identity])
        }
        for token in Set(claims.tokens) {
            try db.cachedStatement(
                sql: """
                    INSERT INTO personal_token (collection, field, value, identity, version) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET version = excluded.version
                    """
            ).execute(arguments: [collection, token.field, Data(token.value), claims.identity, version])
        }
    }
}
