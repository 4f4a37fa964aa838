// The tables of the SQLite engine. docs/formats/ledger.md describes them for people; the two change together.
//
// Every record of every stream has one 63-bit *key*: stream number << 40 | offset. A batch is stored under the key of its
// first record. So one B-tree in append order serves all streams, and no second index is needed to read one of them.
//
//     collection     one row a collection: version and the counters of the balance
//     stream         one row a stream: low mark and next offset
//     batch          the payloads; key -> record count, id, time, payload
//     batch_memory   (stream, batch id) -> where it stands; outlives `batch` (J4)
//     unfinished     keys of raw records without an outcome
//     outcome        key of a raw record -> what became of it (J6); dead ones are found by their identity too
//     piece          key of the last item of a batch -> the submission that waits for it to be published
//     partition      checkpoint, epoch and lease of one partition of `items`
//     segment        what is staged, live, dead or condemned
//     file           the life of every file name; drives the collection of garbage
//     watch          standing queries, and the counters of their balance; desks of rules too, with `rule` and `desk`
//     alert          (watch, sequence) -> the record of `alerts` it is about; a row while it is pending or a dead letter
//     declaration    the present declaration of each declared collection
//     former         names of ended collections, and what new ones of the same name go beyond
//     record_key     keys of personal values, sealed, by record and version
//     personal_token what stands for personal keywords, and the record that has it
//     unique_value   which record of a declared collection has which value of a unique field
//
// Invariants (checked by `SQLiteLedger.audit`):
//  (1) A raw key below `next` is in exactly one of `unfinished` and `outcome`.
//  (2) `piece` holds exactly the item batches of parsed submissions whose last record is not below the checkpoint.
//  (3) The counters of `collection` equal what the other tables count.
//  (4) Live segments of a partition, by start, begin at 0, touch each other and end at the checkpoint.
//  (5) The files of live segments are live; a condemned file belongs to no staged or live segment.
//  (6) A watch has as many rows of pending alerts as it matched and neither acknowledged nor gave up, no more dead ones than
//      it gave up, and every row's record is kept.
import Foundation
import GRDB

/// A stage of a file's and a segment's life as it is stored.
enum StoredState: Int, Sendable {
    case staged = 0
    case live = 1
    case dead = 2
    case condemned = 3
}

/// An outcome as it is stored.
enum StoredOutcome: Int, Sendable {
    case parsed = 0
    case dead = 1
    case dropped = 2
}

/// Packs a stream number and an offset into one key, so that keys order first by stream, then by offset.
struct StreamKey: Sendable, Hashable {
    /// Bits of an offset; see `LedgerLimits.streamRecords`.
    static let offsetBits: Int64 = 40

    /// The stream's number, below 2^22.
    let stream: Int64

    /// The key of one record; `offset` is within 0…2^40.
    func key(_ offset: Int64) -> Int64 { stream << Self.offsetBits + offset }

    /// The offset of a key of this stream.
    func offset(_ key: Int64) -> Int64 { key - stream << Self.offsetBits }

    /// One past the stream's last possible key.
    var end: Int64 { (stream + 1) << Self.offsetBits }
}

/// What tells a ledger from other files, and its version; from the header of the SQLite file.
///
/// Layout (big-endian): offset 0, 16 bytes `SQLite format 3` and NUL; offset 60, 4 bytes, the user version; offset 68,
/// 4 bytes, the application id. Source: "Database File Format", section 1.3, sqlite.org/fileformat2.html.
struct LedgerFileHeader {
    var version: UInt32
    var applicationID: UInt32

    private static let byteCount = 100
    private static let magic = Array("SQLite format 3".utf8) + [0]

    /// Reads the header of a file; nil if there is no file or it is empty.
    ///
    /// - Throws: `corrupt` for a file that is not SQLite's, `io`.
    static func read(_ path: String) throws(LedgerError) -> LedgerFileHeader? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let bytes: [UInt8]
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            bytes = [UInt8](try file.read(upToCount: byteCount) ?? Data())
        } catch {
            throw LedgerError(.io, "cannot read '\(path)'", cause: "\(error)")
        }
        guard !bytes.isEmpty else { return nil }
        guard bytes.count == byteCount, Array(bytes[..<magic.count]) == magic else {
            throw LedgerError(.corrupt, "'\(path)' is not an SQLite file; restore it from a backup")
        }
        func number(at offset: Int) -> UInt32 { bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) } }
        return LedgerFileHeader(version: number(at: 60), applicationID: number(at: 68))
    }

    /// - Throws: `corrupt` for another program's file, `tooNew`.
    func check(path: String) throws(LedgerError) {
        // A first opening that was killed leaves both zero; what is then in the file is looked at after it is open.
        guard applicationID == LedgerSchema.applicationID || (applicationID == 0 && version == 0) else {
            throw Self.isForeign(path)
        }
        guard version <= LedgerSchema.version else {
            throw LedgerError(
                .tooNew,
                "'\(path)' has format \(version), this program knows up to \(LedgerSchema.version); use a newer program"
            )
        }
    }

    static func isForeign(_ path: String) -> LedgerError {
        LedgerError(.corrupt, "'\(path)' is an SQLite file of another program; choose another directory")
    }
}

enum LedgerSchema {
    /// Marks the file as ours: the letters `KbLg`.
    static let applicationID: UInt32 = 0x4B62_4C67
    /// The version that this program writes; kept in `user_version`.
    static let version: UInt32 = 6

    /// Brings an empty or older file up to `version`.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
        migrator.registerMigration("1") { db in
            try db.execute(sql: version1)
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: "PRAGMA user_version = 1")
        }
        // Payloads may be compressed from here on (`PayloadCodec`); those that are there stay as they are.
        migrator.registerMigration("2") { db in
            try db.execute(sql: "ALTER TABLE batch ADD COLUMN plain_bytes INTEGER")
            try db.execute(sql: "PRAGMA user_version = 2")
        }
        migrator.registerMigration("3") { db in
            try db.execute(sql: version3)
            try db.execute(sql: "PRAGMA user_version = 3")
        }
        // Declared collections.
        migrator.registerMigration("4") { db in
            try db.execute(sql: declarations)
            try db.execute(sql: "PRAGMA user_version = 4")
        }
        // Rules, whose alerts go to desks; what is delivered and what is due.
        migrator.registerMigration("5") { db in
            try db.execute(sql: desks)
            try db.execute(sql: "PRAGMA user_version = 5")
        }
        // What records are found by that have personal keywords.
        migrator.registerMigration("6") { db in
            try db.execute(sql: tokens)
            try db.execute(sql: "PRAGMA user_version = 6")
        }
        // An index alone, over what is stored already: the format stays as it is.
        migrator.registerMigration("dead letters by identity") { db in
            try db.execute(
                sql: "CREATE INDEX outcome_dead_identity ON outcome (\(deadIdentity), key) WHERE state = 1")
        }
        return migrator
    }

    /// The identity of a dead document, as the index `outcome_dead_identity` has it.
    static let deadIdentity = "json_extract(dead_letters, '$[0].identity')"

    private static let version3 = """
        ALTER TABLE collection ADD COLUMN watches_version INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE watch (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            collection INTEGER NOT NULL,
            name TEXT NOT NULL,
            query TEXT NOT NULL,
            filter TEXT,
            owner TEXT NOT NULL,
            tenant TEXT,
            kind TEXT NOT NULL,
            destination TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            created_version INTEGER NOT NULL,
            matched INTEGER NOT NULL DEFAULT 0,
            acknowledged INTEGER NOT NULL DEFAULT 0,
            dead INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX watch_collection ON watch (collection, number);
        CREATE INDEX watch_owner ON watch (owner, number);
        CREATE INDEX watch_kind ON watch (kind, number);
        CREATE TABLE alert (
            watch INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            key INTEGER NOT NULL,
            reason TEXT,
            attempts INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (watch, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX alert_key ON alert (key);
        CREATE INDEX alert_dead ON alert (watch, sequence) WHERE reason IS NOT NULL;
        """

    private static let declarations = """
        ALTER TABLE collection ADD COLUMN ended_at INTEGER;
        CREATE TABLE declaration (
            collection INTEGER PRIMARY KEY,
            generation INTEGER NOT NULL,
            text TEXT NOT NULL,
            changed_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE former (
            name TEXT NOT NULL PRIMARY KEY,
            version INTEGER NOT NULL,
            epoch INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE unique_value (
            collection INTEGER NOT NULL,
            field TEXT NOT NULL,
            value BLOB NOT NULL,
            identity TEXT NOT NULL,
            PRIMARY KEY (collection, field, value)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX unique_value_identity ON unique_value (collection, identity);
        CREATE TABLE record_key (
            collection INTEGER NOT NULL,
            identity TEXT NOT NULL,
            version INTEGER NOT NULL,
            id BLOB NOT NULL,
            bytes BLOB NOT NULL,
            PRIMARY KEY (collection, identity, version)
        ) STRICT, WITHOUT ROWID;
        """

    private static let tokens = """
        CREATE TABLE personal_token (
            collection INTEGER NOT NULL,
            field TEXT NOT NULL,
            value BLOB NOT NULL,
            identity TEXT NOT NULL,
            version INTEGER NOT NULL,
            PRIMARY KEY (collection, field, value, identity)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX personal_token_identity ON personal_token (collection, identity);
        """

    private static let desks = """
        ALTER TABLE watch ADD COLUMN route TEXT;
        ALTER TABLE watch ADD COLUMN rule INTEGER;
        ALTER TABLE watch ADD COLUMN desk TEXT;
        ALTER TABLE watch ADD COLUMN due_seconds INTEGER;
        ALTER TABLE watch ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0;
        CREATE UNIQUE INDEX watch_desk ON watch (rule, desk) WHERE rule IS NOT NULL;
        CREATE INDEX watch_desk_owner ON watch (owner, desk, number) WHERE rule IS NOT NULL;
        """

    private static let version1 = """
        CREATE TABLE collection (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            partitions INTEGER NOT NULL,
            version INTEGER NOT NULL DEFAULT 0,
            accepted INTEGER NOT NULL DEFAULT 0,
            parsed INTEGER NOT NULL DEFAULT 0,
            dead INTEGER NOT NULL DEFAULT 0,
            dropped INTEGER NOT NULL DEFAULT 0,
            retries INTEGER NOT NULL DEFAULT 0,
            reflected INTEGER NOT NULL DEFAULT 0,
            superseded INTEGER NOT NULL DEFAULT 0,
            live_documents INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE TABLE stream (
            id INTEGER PRIMARY KEY,
            collection INTEGER NOT NULL,
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            low INTEGER NOT NULL DEFAULT 0,
            next INTEGER NOT NULL DEFAULT 0,
            UNIQUE (collection, topic, partition)
        ) STRICT;
        CREATE TABLE batch (
            key INTEGER PRIMARY KEY,
            record_count INTEGER NOT NULL,
            batch_id TEXT NOT NULL,
            appended_at INTEGER NOT NULL,
            payload BLOB NOT NULL
        ) STRICT;
        CREATE TABLE batch_memory (
            stream INTEGER NOT NULL,
            batch_id TEXT NOT NULL,
            first_offset INTEGER NOT NULL,
            record_count INTEGER NOT NULL,
            PRIMARY KEY (stream, batch_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE unfinished (
            key INTEGER PRIMARY KEY,
            retries INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE outcome (
            key INTEGER PRIMARY KEY,
            state INTEGER NOT NULL,
            finished_at INTEGER NOT NULL,
            retries INTEGER NOT NULL,
            items TEXT NOT NULL,
            dead_letters TEXT,
            warnings TEXT
        ) STRICT;
        CREATE INDEX outcome_dead ON outcome (key) WHERE state = 1;
        CREATE TABLE piece (
            key INTEGER NOT NULL,
            submission INTEGER NOT NULL,
            pieces INTEGER NOT NULL,
            PRIMARY KEY (key, submission)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX piece_split ON piece (submission) WHERE pieces > 1;
        CREATE TABLE partition (
            collection INTEGER NOT NULL,
            partition INTEGER NOT NULL,
            checkpoint INTEGER NOT NULL DEFAULT 0,
            epoch INTEGER NOT NULL DEFAULT 0,
            holder TEXT NOT NULL DEFAULT '',
            expires_at INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (collection, partition)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE segment (
            id TEXT NOT NULL PRIMARY KEY,
            collection INTEGER NOT NULL,
            partition INTEGER NOT NULL,
            state INTEGER NOT NULL,
            level INTEGER NOT NULL,
            document_count INTEGER NOT NULL,
            deleted_count INTEGER NOT NULL,
            start_offset INTEGER NOT NULL,
            end_offset INTEGER NOT NULL,
            file_name TEXT NOT NULL UNIQUE,
            file_bytes INTEGER NOT NULL,
            file_checksum INTEGER NOT NULL,
            live_docs_name TEXT,
            live_docs_bytes INTEGER,
            live_docs_checksum INTEGER,
            live_docs_generation INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX segment_live ON segment (collection, partition, start_offset) WHERE state = 1;
        CREATE TABLE file (
            name TEXT NOT NULL PRIMARY KEY,
            collection INTEGER NOT NULL,
            state INTEGER NOT NULL,
            changed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX file_garbage ON file (state, changed_at) WHERE state <> 1;
        """
}
