// Collections, leases, snapshots and garbage of the SQLite engine.
package import Messages
import GRDB

// MARK: - Collections

extension SQLiteLedger {
    package func ensureCollection(_ name: String, partitions: Int) throws {
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.checkCollectionName(name)
            try LedgerLimits.check(partitions, "number of partitions", in: 1...LedgerLimits.partitionCount)
        }
        if let known = entry(name) {
            guard known.partitions == partitions else {
                throw CatalogRefusal.partitionsDiffer(stored: known.partitions)
            }
            return
        }
        let entry = try write { db -> CollectionEntry? in
            // Another caller may have made it since.
            if let stored = try CollectionEntry.all(db)[name] {
                guard stored.partitions == partitions else {
                    throw CatalogRefusal.partitionsDiffer(stored: stored.partitions)
                }
                return stored
            }
            return try Self.insert(db, collection: name, partitions: partitions)
        }
        guard let entry else { throw LedgerError(.internal, "collection '\(name)' was not made") }
        remember(entry)
    }

    /// Writes the rows of a new collection.
    static func insert(_ db: Database, collection name: String, partitions: Int) throws -> CollectionEntry? {
        let count = try Int.fetchOne(db, sql: "SELECT count(*) FROM collection") ?? 0
        guard count < LedgerLimits.collectionCount else {
            throw CatalogRefusal.invalid("there are \(count) collections, no more are allowed")
        }
        try db.execute(sql: "INSERT INTO collection (name, partitions) VALUES (?, ?)", arguments: [name, partitions])
        let id = db.lastInsertedRowID
        let addStream = try db.cachedStatement(
            sql: "INSERT INTO stream (collection, topic, partition) VALUES (?, ?, ?)")
        for topic in Topic.allCases {
            for partition in 0..<(topic == .items ? partitions : 1) {
                try addStream.execute(arguments: [id, topic.rawValue, partition])
            }
        }
        let addPartition = try db.cachedStatement(
            sql: "INSERT INTO partition (collection, partition) VALUES (?, ?)")
        for partition in 0..<partitions { try addPartition.execute(arguments: [id, partition]) }
        return try CollectionEntry.all(db)[name]
    }

    package func collections() throws -> [CollectionRecord] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT c.name, c.partitions, c.version, c.watches_version, d.generation
                        FROM collection AS c LEFT JOIN declaration AS d ON d.collection = c.id
                        WHERE c.ended_at IS NULL ORDER BY c.name
                        """)
            ).map {
                let watches: Int64 = $0[3]
                return CollectionRecord(
                    name: $0[0], partitions: $0[1], version: $0[2], watchesVersion: watches == 0 ? nil : watches,
                    generation: $0[4])
            }
        }
    }

    package func version(_ collection: String) throws -> Int64 {
        let entry = try catalogEntry(collection)
        return try read { db in try CatalogRows.version(db, collection: entry.id) }
    }

    package func snapshot(_ collection: String) throws -> CollectionSnapshot {
        let entry = try catalogEntry(collection)
        return try read { db in
            let version = try CatalogRows.version(db, collection: entry.id)
            var partitions = try (0..<entry.partitions).map {
                PartitionSnapshot(
                    partition: $0, checkpoint: try CatalogRows.checkpoint(db, collection: entry.id, partition: $0),
                    segments: [])
            }
            for segment in try CatalogRows.liveSegments(db, of: entry) {
                guard partitions.indices.contains(segment.partition) else {
                    throw LedgerError(
                        .corrupt,
                        "segment '\(segment.id)' has the unknown partition \(segment.partition); restore from a backup")
                }
                partitions[segment.partition].segments.append(segment)
            }
            return CollectionSnapshot(
                collection: collection, version: version, partitions: partitions,
                declaration: try CatalogRows.declaration(db, collection: entry.id))
        }
    }

    package func segmentState(_ segmentID: String) throws -> SegmentState? {
        try read { db in
            let statement = try db.cachedStatement(sql: "SELECT state FROM segment WHERE id = ?")
            guard let value = try Int.fetchOne(statement, arguments: [segmentID]) else { return nil }
            return switch try CatalogRows.state(value) {
            case .staged: .staged
            case .live: .live
            case .dead: .dead
            case .condemned: .condemned
            }
        }
    }
}

// MARK: - Leases

extension SQLiteLedger {
    package func acquire(
        _ collection: String, partition: Int, holder: String, durationMilliseconds: Int64, now: Int64
    ) throws -> PartitionLease? {
        try Self.checkLease(holder: holder, durationMilliseconds, now)
        return try changeLease(collection, partition) { stored in
            let isFree = stored.holder.isEmpty || stored.expiresAt <= now
            guard isFree || stored.holder == holder else { return nil }
            if isFree { stored.epoch += 1 }
            stored.holder = holder
            stored.expiresAt = now + durationMilliseconds
            return stored
        }
    }

    package func renew(_ lease: PartitionLease, durationMilliseconds: Int64, now: Int64) throws -> PartitionLease {
        try Self.checkLease(holder: lease.holder, durationMilliseconds, now)
        let renewed = try changeLease(lease.collection, lease.partition) { stored in
            guard stored.epoch == lease.epoch, stored.holder == lease.holder else {
                throw CatalogRefusal.fenced(current: stored.epoch)
            }
            stored.expiresAt = now + durationMilliseconds
            return stored
        }
        guard let renewed else { throw LedgerError(.internal, "a renewed lease is missing") }
        return renewed
    }

    package func release(_ lease: PartitionLease) throws {
        _ = try changeLease(lease.collection, lease.partition) { stored in
            guard stored.epoch == lease.epoch, stored.holder == lease.holder else { return nil }
            stored.holder = ""
            stored.expiresAt = 0
            return stored
        }
    }

    package func holders(_ collection: String) throws -> [PartitionLease] {
        let entry = try catalogEntry(collection)
        return try read { db in
            try (0..<entry.partitions).compactMap { partition in
                let stored = try CatalogRows.partition(db, collection: entry.id, partition: partition)
                guard let stored, stored.epoch > 0 else { return nil }
                return stored.lease(collection, partition)
            }
        }
    }

    /// Reads a lease, lets `body` change it, and stores what it returns; nil changes nothing.
    private func changeLease(
        _ collection: String, _ partition: Int, _ body: (inout CatalogRows.Partition) throws -> CatalogRows.Partition?
    ) throws -> PartitionLease? {
        let entry = try catalogEntry(collection)
        return try write { db in
            guard var stored = try CatalogRows.partition(db, collection: entry.id, partition: partition) else {
                throw CatalogRefusal.unknownPartition(partition)
            }
            guard let changed = try body(&stored) else { return nil }
            try db.cachedStatement(
                sql: "UPDATE partition SET epoch = ?, holder = ?, expires_at = ? WHERE collection = ? AND partition = ?"
            ).execute(arguments: [changed.epoch, changed.holder, changed.expiresAt, entry.id, partition])
            return changed.lease(collection, partition)
        }
    }

    private static func checkLease(holder: String, _ durationMilliseconds: Int64, _ now: Int64) throws {
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.checkText(holder, "holder", limit: LedgerLimits.nameBytes)
            try LedgerLimits.checkInstant(now, "time")
            guard (1...LedgerLimits.leaseMilliseconds).contains(durationMilliseconds) else {
                throw LedgerError(.invalid, "a lease of \(durationMilliseconds) ms is outside 1 ms to one day")
            }
        }
    }
}

// MARK: - Garbage

extension SQLiteLedger {
    package func condemn(
        now: Int64, deadGraceMilliseconds: Int64, stagedGraceMilliseconds: Int64, limit: Int
    ) throws -> [CondemnedFile] {
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.checkInstant(now, "time")
            try LedgerLimits.checkInstant(deadGraceMilliseconds, "grace for dead files")
            try LedgerLimits.checkInstant(stagedGraceMilliseconds, "grace for staged files")
            try LedgerLimits.check(limit, "number of files", in: 1...LedgerLimits.readCount)
        }
        let names = Dictionary(uniqueKeysWithValues: try collectionNames())
        return try write { db in
            for (state, grace) in [(StoredState.dead, deadGraceMilliseconds), (.staged, stagedGraceMilliseconds)] {
                let old = try String.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT name FROM file INDEXED BY file_garbage
                            WHERE state <> 1 AND state = ? AND changed_at <= ? ORDER BY changed_at, name LIMIT ?
                            """),
                    arguments: [state.rawValue, now - grace, limit])
                for name in old {
                    try db.cachedStatement(sql: "UPDATE file SET state = 3, changed_at = ? WHERE name = ?")
                        .execute(arguments: [now, name])
                    try db.cachedStatement(sql: "UPDATE segment SET state = 3 WHERE file_name = ? AND state IN (0, 2)")
                        .execute(arguments: [name])
                }
            }
            return try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT name, collection FROM file INDEXED BY file_garbage
                        WHERE state <> 1 AND state = 3 ORDER BY changed_at, name LIMIT ?
                        """),
                arguments: [limit]
            ).map { CondemnedFile(name: $0[0], collection: names[$0[1]] ?? "") }
        }
    }

    package func forget(_ names: [String]) throws {
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.check(names.count, "number of files", in: 0...LedgerLimits.readCount)
        }
        guard !names.isEmpty else { return }
        try write { db in
            for name in names {
                try db.cachedStatement(sql: "DELETE FROM file WHERE name = ? AND state = 3").execute(arguments: [name])
                guard db.changesCount == 1 else { continue }
                try db.cachedStatement(sql: "DELETE FROM segment WHERE file_name = ? AND state = 3")
                    .execute(arguments: [name])
            }
        }
    }

    private func collectionNames() throws -> [(Int64, String)] {
        try read { db in try Row.fetchAll(db, sql: "SELECT id, name FROM collection").map { ($0[0], $0[1]) } }
    }
}
