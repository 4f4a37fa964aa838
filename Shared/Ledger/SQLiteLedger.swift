// The embedded engine: journal and catalog in one SQLite file in WAL mode, one writing connection, concurrent readers.
//
// A commit is acknowledged after SQLite has synced its log (`synchronous = FULL`), so J1 holds as far as the disk keeps
// its word. The file is owned by one process (`DataDirectoryLock`); others ask over the `ledger` link.
import Messages
import Foundation
import GRDB
import Synchronization

/// How a `SQLiteLedger` uses its file.
package struct SQLiteLedgerOptions: Sendable {
    /// Bytes of a page of a new file: a power of two, 512…65536. 4 KiB writes least: 24 KB a lone commit against 43 KB and
    /// 84 KB with pages of 8 and 16 KiB, 9.6 KB a document of 4 KiB in groups of 64 against 16.7 KB and 12.1 KB.
    package var pageBytes = 4 << 10
    /// Pages of log after which a commit also moves them into the main file.
    package var checkpointPages = 4_000
    /// The log file is cut to this size after such a move.
    package var logBytes = 64 << 20
    /// Readers at once.
    package var readerCount = 4
    /// How long a connection waits for another one's lock.
    package var busyTimeoutSeconds = 5.0
    /// Bytes that the main file may grow to; nil for no limit. A commit past it fails with `diskFull`.
    package var quotaBytes: Int?
    /// How many alerts a watch keeps.
    package var watchBounds = WatchBounds()

    package init() {}
}

/// `Journal` and `Catalog` in one SQLite file. The laws are in Journal.swift and Catalog.swift, the tables in
/// LedgerSchema.swift.
package final class SQLiteLedger: LedgerEngine {
    /// The file's name in the data directory; SQLite adds `-wal` and `-shm` beside it.
    package static let fileName = "ledger.sqlite"

    private let pool: DatabasePool
    private let lock: DataDirectoryLock
    let watchBounds: WatchBounds
    private let state: Mutex<State>

    /// Opens the ledger of a data directory, which is made if it does not exist.
    ///
    /// - Throws: `locked` if another process owns it, `tooNew`, `corrupt`, `io`, `diskFull`.
    package init(directory: String, processID: Int32, options: SQLiteLedgerOptions = SQLiteLedgerOptions()) throws {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw LedgerError(.io, "cannot make data directory '\(directory)'", cause: "\(error)")
        }
        lock = try DataDirectoryLock(directory: directory, processID: processID)
        watchBounds = options.watchBounds
        let path = directory + "/" + Self.fileName
        do {
            // Before SQLite opens it, because opening alone already writes.
            try LedgerFileHeader.read(path)?.check(path: path)
            let pool = try DatabasePool(path: path, configuration: Self.configuration(options))
            try Self.prepare(pool, path: path, options: options)
            let collections = try pool.read { db in try CollectionEntry.all(db) }
            self.pool = pool
            state = Mutex(State(collections: collections))
        } catch {
            throw LedgerError(mapping: error, "cannot open ledger '\(path)'")
        }
    }

    /// Closes all connections and frees the data directory; every later call throws.
    package func close() throws {
        state.withLock { $0.failure = LedgerError(.stopped, "the ledger was closed") }
        do {
            // The pool closes its readers last, and a connection that only reads leaves the log beside the file. Where the
            // log cannot be moved (a full disk, a failed one) it stays, and the next opening reads it.
            try? pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
            pool.invalidateReadOnlyConnections()
            try pool.close()
            lock.free()
        } catch {
            throw LedgerError(mapping: error, "cannot close the ledger")
        }
    }

    /// Copies a consistent state into a new file, while the ledger is in use.
    package func backUp(toFile path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw LedgerError(.invalid, "backup file '\(path)' exists; choose a new name")
        }
        do {
            let copy = try DatabaseQueue(path: path)
            try pool.backup(to: copy)
            try copy.close()
        } catch {
            throw LedgerError(mapping: error, "cannot write backup '\(path)'")
        }
    }

    private struct State {
        var collections: [String: CollectionEntry]
        /// The first failure of the disk; nothing is written after it.
        var failure: LedgerError?
    }
}

// MARK: - Access to the database

extension SQLiteLedger {
    /// Runs `body` in a transaction that is on disk when this returns.
    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        if let failure = state.withLock({ $0.failure }) {
            throw failure.code == .stopped
                ? failure : LedgerError(.failed, "the ledger has failed", cause: failure.description)
        }
        do {
            return try pool.write(body)
        } catch let refusal as CatalogRefusal {
            throw refusal
        } catch {
            let failure = LedgerError(mapping: error, "cannot write to the ledger")
            if failure.code == .io || failure.code == .corrupt {
                state.withLock { $0.failure = $0.failure ?? failure }
            }
            throw failure
        }
    }

    /// Moves the log into the main file and empties it, so that nothing of earlier states is left in it.
    ///
    /// - Returns: whether it is empty; a reader may hold it up.
    func truncateLog() throws -> Bool {
        do {
            return try pool.writeWithoutTransaction { db in
                _ = try db.checkpoint(.truncate)
                return true
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED
        {
            return false
        } catch {
            throw LedgerError(mapping: error, "cannot empty the ledger's log")
        }
    }

    /// Runs `body` on one consistent state, concurrently with writes.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        do {
            return try pool.read(body)
        } catch let refusal as CatalogRefusal {
            throw refusal
        } catch {
            throw LedgerError(mapping: error, "cannot read from the ledger")
        }
    }

    /// What is known of a collection for ever.
    func entry(_ name: String) -> CollectionEntry? { state.withLock { $0.collections[name] } }

    /// The same, for calls of the journal.
    func journalEntry(_ name: String) throws(LedgerError) -> CollectionEntry {
        guard let entry = entry(name) else {
            throw LedgerError(.unknownCollection, "there is no collection '\(name.prefix(80))'")
        }
        return entry
    }

    /// The same, for calls of the catalog.
    func catalogEntry(_ name: String) throws -> CollectionEntry {
        guard let entry = entry(name) else { throw CatalogRefusal.unknownCollection(String(name.prefix(80))) }
        return entry
    }

    /// The keys of a stream.
    func keys(_ stream: TopicPartition) throws(LedgerError) -> StreamKey {
        let entry = try journalEntry(stream.collection)
        guard let number = entry.streams[StreamName(topic: stream.topic, partition: stream.partition)] else {
            throw LedgerError(
                .invalid,
                "topic '\(stream.topic.rawValue)' of '\(stream.collection)' has no partition \(stream.partition)")
        }
        return StreamKey(stream: number)
    }

    /// Remembers a new collection once its transaction is on disk.
    func remember(_ entry: CollectionEntry) { state.withLock { $0.collections[entry.name] = entry } }

    /// Forgets a collection that has ended.
    func dismiss(_ name: String) { state.withLock { $0.collections[name] = nil } }

    /// The failure after which nothing is written any more; nil while the ledger is whole.
    package var failure: LedgerError? { state.withLock { $0.failure } }
}

// MARK: - Opening

extension SQLiteLedger {
    private static func configuration(_ options: SQLiteLedgerOptions) -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(options.busyTimeoutSeconds)
        configuration.maximumReaderCount = options.readerCount
        configuration.label = "ledger"
        let pageBytes = options.pageBytes
        configuration.prepareDatabase { db in
            // Takes effect in a new file only, and must come before the first table.
            try db.execute(sql: "PRAGMA page_size = \(pageBytes)")
        }
        return configuration
    }

    private static func prepare(_ pool: DatabasePool, path: String, options: SQLiteLedgerOptions) throws {
        try pool.writeWithoutTransaction { db in
            let foreign =
                try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name NOT LIKE 'grdb_%'") ?? 0
            let header = LedgerFileHeader(
                version: try UInt32.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
                applicationID: try UInt32.fetchOne(db, sql: "PRAGMA application_id") ?? 0)
            try header.check(path: path)
            guard header.applicationID != 0 || foreign == 0 else { throw LedgerFileHeader.isForeign(path) }
            // The pool opens with `synchronous = NORMAL`, which acknowledges before the disk has it.
            try db.execute(sql: "PRAGMA synchronous = FULL")
            guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
                throw LedgerError(.io, "cannot turn on synchronous commits for '\(path)'")
            }
            try db.execute(sql: "PRAGMA wal_autocheckpoint = \(options.checkpointPages)")
            try db.execute(sql: "PRAGMA journal_size_limit = \(options.logBytes)")
            if let quota = options.quotaBytes {
                let page = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? options.pageBytes
                try db.execute(sql: "PRAGMA max_page_count = \(max(1, quota / max(1, page)))")
            }
        }
        try LedgerSchema.migrator.migrate(pool)
    }
}

// MARK: - Names and numbers

/// A stream within its collection.
struct StreamName: Hashable, Sendable {
    var topic: Topic
    var partition: Int
}

/// The part of a collection that never changes.
struct CollectionEntry: Sendable {
    var id: Int64
    var name: String
    var partitions: Int
    var streams: [StreamName: Int64]

    /// The keys of a partition of `items`; nil if there is no such partition.
    func items(_ partition: Int) -> StreamKey? {
        streams[StreamName(topic: .items, partition: partition)].map { StreamKey(stream: $0) }
    }

    /// The keys of the raw documents.
    func raw() throws(LedgerError) -> StreamKey { try single(.raw) }

    /// The keys of the alerts.
    func alerts() throws(LedgerError) -> StreamKey { try single(.alerts) }

    private func single(_ topic: Topic) throws(LedgerError) -> StreamKey {
        guard let number = streams[StreamName(topic: topic, partition: 0)] else {
            throw LedgerError(.corrupt, "collection '\(name)' has no stream '\(topic.rawValue)'; restore from a backup")
        }
        return StreamKey(stream: number)
    }

    static func all(_ db: Database) throws -> [String: CollectionEntry] {
        var entries: [Int64: CollectionEntry] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT id, name, partitions FROM collection WHERE ended_at IS NULL") {
            entries[row[0]] = CollectionEntry(id: row[0], name: row[1], partitions: row[2], streams: [:])
        }
        for row in try Row.fetchAll(db, sql: "SELECT id, collection, topic, partition FROM stream") {
            let text: String = row[2]
            guard let topic = Topic(rawValue: text) else {
                throw LedgerError(.corrupt, "stream \(row[0] as Int64) has the unknown topic '\(text)'")
            }
            entries[row[1]]?.streams[StreamName(topic: topic, partition: row[3])] = row[0]
        }
        return Dictionary(entries.values.map { ($0.name, $0) }) { first, _ in first }
    }
}

extension LedgerError {
    /// Maps what SQLite says to what a caller can do about it; an own error passes unchanged.
    init(mapping error: any Error, _ message: String) {
        if let own = error as? LedgerError {
            self = own
            return
        }
        guard let database = error as? DatabaseError else {
            self.init(.internal, message, cause: "\(error)")
            return
        }
        let code: Code =
            switch database.resultCode {
            case .SQLITE_FULL: .diskFull
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
            case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM: .io
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_MISUSE where database.message?.contains("closed") == true: .stopped
            default: .internal
            }
        self.init(code, message, cause: "\(database.extendedResultCode) \(database.message ?? "")")
    }
}
