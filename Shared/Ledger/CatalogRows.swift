// Rows of the catalog's tables as values, for the SQLite engine.
import GRDB
import Messages

enum CatalogRows {
    /// A partition's checkpoint and lease as they are stored.
    struct Partition {
        var checkpoint: Int64
        var epoch: Int64
        /// Empty while nobody holds the lease.
        var holder: String
        var expiresAt: Int64

        func lease(_ collection: String, _ partition: Int) -> PartitionLease {
            PartitionLease(
                collection: collection, partition: partition, epoch: epoch, checkpoint: checkpoint, holder: holder,
                expiresAt: expiresAt)
        }
    }

    /// A segment and where it is in its life.
    struct Segment {
        var state: StoredState
        /// The collection's number; `record.collection` is right only if it is the one that was asked for.
        var collection: Int64
        var record: SegmentRecord
    }

    static func partition(_ db: Database, collection: Int64, partition: Int) throws -> Partition? {
        let statement = try db.cachedStatement(
            sql: "SELECT checkpoint, epoch, holder, expires_at FROM partition WHERE collection = ? AND partition = ?")
        return try Row.fetchOne(statement, arguments: [collection, partition]).map {
            Partition(checkpoint: $0[0], epoch: $0[1], holder: $0[2], expiresAt: $0[3])
        }
    }

    static func checkpoint(_ db: Database, collection: Int64, partition: Int) throws -> Int64 {
        let statement = try db.cachedStatement(
            sql: "SELECT checkpoint FROM partition WHERE collection = ? AND partition = ?")
        guard let checkpoint = try Int64.fetchOne(statement, arguments: [collection, partition]) else {
            throw LedgerError(
                .corrupt, "partition \(partition) of collection \(collection) is missing; restore from a backup")
        }
        return checkpoint
    }

    static func version(_ db: Database, collection: Int64) throws -> Int64 {
        let statement = try db.cachedStatement(sql: "SELECT version FROM collection WHERE id = ?")
        guard let version = try Int64.fetchOne(statement, arguments: [collection]) else {
            throw LedgerError(.corrupt, "collection \(collection) is missing; restore from a backup")
        }
        return version
    }

    static func declaration(_ db: Database, collection: Int64) throws -> StoredDeclaration? {
        let statement = try db.cachedStatement(sql: "SELECT generation, text FROM declaration WHERE collection = ?")
        return try Row.fetchOne(statement, arguments: [collection]).map {
            StoredDeclaration(generation: $0[0], text: $0[1])
        }
    }

    static func segment(_ db: Database, id: String, in entry: CollectionEntry) throws -> Segment? {
        let statement = try db.cachedStatement(sql: "SELECT \(segmentColumns) FROM segment WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id]).map { try segment($0, in: entry) }
    }

    /// Live segments, ascending by partition and start.
    static func liveSegments(_ db: Database, of entry: CollectionEntry) throws -> [SegmentRecord] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(segmentColumns) FROM segment INDEXED BY segment_live
                WHERE collection = ? AND state = 1 ORDER BY partition, start_offset
                """)
        return try Row.fetchAll(statement, arguments: [entry.id]).map { try segment($0, in: entry).record }
    }

    static func fileState(_ db: Database, name: String) throws -> (state: StoredState, collection: Int64)? {
        let statement = try db.cachedStatement(sql: "SELECT state, collection FROM file WHERE name = ?")
        guard let row = try Row.fetchOne(statement, arguments: [name]) else { return nil }
        return (try state(row[0]), row[1])
    }

    static func setFile(_ db: Database, name: String, collection: Int64, state: StoredState, now: Int64) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO file (name, collection, state, changed_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at
                """
        ).execute(arguments: [name, collection, state.rawValue, now])
    }

    /// Inserts a segment or replaces all that is stored of it.
    static func setSegment(_ db: Database, _ record: SegmentRecord, collection: Int64, state: StoredState) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO segment (\(segmentColumns)) VALUES (\(marks))")
            .execute(arguments: [
                record.id, state.rawValue, record.partition, record.level, record.documentCount, record.deletedCount,
                record.startOffset, record.endOffset, record.file.name, record.file.byteCount,
                Int64(record.file.checksum), record.liveDocs?.name, record.liveDocs?.byteCount,
                record.liveDocs.map { Int64($0.checksum) }, record.liveDocsGeneration, collection,
            ])
    }

    static func counts(_ db: Database, collection: Int64) throws -> CollectionCounts {
        let statement = try db.cachedStatement(
            sql: """
                SELECT accepted, parsed, dead, dropped, retries, reflected, superseded, live_documents,
                    (SELECT total(next) FROM stream WHERE collection = c.id AND topic = 'items'),
                    (SELECT total(checkpoint) FROM partition WHERE collection = c.id)
                FROM collection AS c WHERE id = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [collection]) else {
            throw LedgerError(.corrupt, "collection \(collection) is missing; restore from a backup")
        }
        let accepted: Int64 = row[0]
        let (dead, dropped): (Int64, Int64) = (row[2], row[3])
        let (reflected, superseded): (Int64, Int64) = (row[5], row[6])
        // `total` is a float, exact up to 2^53: partitions x 2^40 records stay below.
        let (items, published): (Double, Double) = (row[8], row[9])
        return CollectionCounts(
            accepted: accepted, parsed: row[1], deadLettered: dead, dropped: dropped,
            inFlight: accepted - dead - dropped - reflected, searchable: reflected - superseded, superseded: superseded,
            retries: row[4], items: Int64(items), publishedItems: Int64(published), liveDocuments: row[7])
    }

    static func state(_ value: Int) throws(LedgerError) -> StoredState {
        guard let state = StoredState(rawValue: value) else {
            throw LedgerError(.corrupt, "state \(value) of a segment or file is unknown; restore from a backup")
        }
        return state
    }

    private static let segmentColumns = """
        id, state, partition, level, document_count, deleted_count, start_offset, end_offset, file_name, file_bytes,
        file_checksum, live_docs_name, live_docs_bytes, live_docs_checksum, live_docs_generation, collection
        """
    /// One mark a column of `segmentColumns`.
    private static let marks = Array(repeating: "?", count: 16).joined(separator: ", ")

    private static func segment(_ row: Row, in entry: CollectionEntry) throws -> Segment {
        func file(_ name: String?, _ bytes: Int64?, _ checksum: Int64?) throws(LedgerError) -> SegmentFile? {
            guard let name else { return nil }
            guard let bytes, let checksum, let checksum = UInt32(exactly: checksum) else {
                throw LedgerError(.corrupt, "file '\(name)' has no size or checksum; restore from a backup")
            }
            return SegmentFile(name: name, byteCount: bytes, checksum: checksum)
        }
        guard let main = try file(row[8], row[9], row[10]) else {
            throw LedgerError(.corrupt, "segment '\(row[0] as String)' has no file; restore from a backup")
        }
        let record = SegmentRecord(
            id: row[0], collection: entry.name, partition: row[2], level: row[3], documentCount: row[4],
            deletedCount: row[5], startOffset: row[6], endOffset: row[7], file: main,
            liveDocs: try file(row[11], row[12], row[13]), liveDocsGeneration: row[14])
        return Segment(state: try state(row[1]), collection: row[15], record: record)
    }
}
