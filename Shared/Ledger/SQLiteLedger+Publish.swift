// Staging and publishing in the SQLite engine.
//
// A publish first checks everything against the stored state, then writes; both happen in one transaction, so nothing can
// come between them, and a refusal leaves no trace (C1).
package import Messages
import GRDB

extension SQLiteLedger {
    package func stage(_ request: StageRequest, now: Int64) throws {
        let entry = try catalogEntry(request.collection)
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.checkInstant(now, "time")
            try CatalogChecks.check(request)
        }
        try write { db in
            let partition = try Self.partition(db, entry, request.partition)
            try CatalogChecks.checkEpoch(request.epoch, stored: partition.epoch)
            var taken: [String] = []
            var files = request.liveDocs.map(\.name)
            var fresh: [SegmentRecord] = []
            for record in request.segments {
                if let stored = try CatalogRows.segment(db, id: record.id, in: entry) {
                    guard stored.state == .staged, stored.collection == entry.id, stored.record == record else {
                        taken.append(record.id)
                        continue
                    }
                } else {
                    fresh.append(record)
                    // A segment's own file is named by no other.
                    if try CatalogRows.fileState(db, name: record.file.name) != nil { taken.append(record.file.name) }
                }
                files += [record.file.name] + [record.liveDocs?.name].compactMap(\.self)
            }
            for name in files {
                guard let stored = try CatalogRows.fileState(db, name: name) else { continue }
                if stored.state != .staged || stored.collection != entry.id { taken.append(name) }
            }
            guard taken.isEmpty else { throw CatalogRefusal.nameInUse(Array(Set(taken)).sorted()) }
            for name in files {
                try CatalogRows.setFile(db, name: name, collection: entry.id, state: .staged, now: now)
            }
            for record in fresh { try CatalogRows.setSegment(db, record, collection: entry.id, state: .staged) }
        }
    }

    package func publish(_ request: PublishRequest, now: Int64) throws -> Int64 {
        let entry = try catalogEntry(request.collection)
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.checkInstant(now, "time")
            try CatalogChecks.check(request)
        }
        return try write { db in
            let partition = try Self.partition(db, entry, request.partition)
            guard request.epoch != nil || (request.advance == nil && request.liveDocs.isEmpty) else {
                throw CatalogRefusal.epochMissing
            }
            try CatalogChecks.checkEpoch(request.epoch, stored: partition.epoch)
            guard let items = entry.items(request.partition) else {
                throw CatalogRefusal.unknownPartition(request.partition)
            }
            if let advance = request.advance {
                guard advance.startOffset == partition.checkpoint else {
                    throw CatalogRefusal.moved(current: partition.checkpoint)
                }
                let next = try JournalRows.bounds(db, items).next
                guard advance.endOffset <= next else { throw CatalogRefusal.beyondJournal(next: next) }
                try WatchChecks.checkVersion(
                    request.watchesVersion, stored: try WatchRows.version(db, collection: entry.id))
            }
            let change = try PublishChange(db, request, entry: entry)
            let counts = try Self.countsChange(db, request, entry: entry, items: items)
            try change.apply(db, entry: entry, now: now)
            if let advance = request.advance {
                try db.cachedStatement(
                    sql: "UPDATE partition SET checkpoint = ? WHERE collection = ? AND partition = ?"
                )
                .execute(arguments: [advance.endOffset, entry.id, request.partition])
            }
            try counts.apply(db, collection: entry.id)
            if !request.alerts.isEmpty {
                try append(request.alerts, db, entry: entry, now: now)
            }
            try db.cachedStatement(sql: "UPDATE collection SET version = version + 1 WHERE id = ?")
                .execute(arguments: [entry.id])
            return try CatalogRows.version(db, collection: entry.id)
        }
    }

    /// Appends the items that watches matched, and makes their alerts (W2).
    private func append(_ alerts: [AlertBatch], _ db: Database, entry: CollectionEntry, now: Int64) throws {
        let keys = try entry.alerts()
        var journal = try JournalWriter(db, now: now)
        var writer = AlertWriter(db, collection: entry.id, bounds: watchBounds, now: now)
        for alert in alerts {
            let batch = JournalBatch(
                batchID: alert.batchID, recordCount: alert.recordCount, payload: alert.payload)
            let receipt = try journal.append(batch, to: keys)
            // An item that is known made its alerts when it came.
            guard !receipt.isDuplicate else { continue }
            if let watches = alert.watches { try writer.add(watches, key: keys.key(receipt.firstOffset)) }
            for route in alert.routes ?? [] { try writer.add(route, key: keys.key(receipt.firstOffset)) }
        }
        try journal.flush()
        try writer.flush()
    }

    private static func partition(_ db: Database, _ entry: CollectionEntry, _ number: Int) throws
        -> CatalogRows.Partition
    {
        guard let partition = try CatalogRows.partition(db, collection: entry.id, partition: number) else {
            throw CatalogRefusal.unknownPartition(number)
        }
        return partition
    }

    /// Takes the submissions behind the new checkpoint off the waiting list and returns what the counters gain (J7).
    private static func countsChange(
        _ db: Database, _ request: PublishRequest, entry: CollectionEntry, items: StreamKey
    ) throws -> CountsChange {
        var change = CountsChange(
            superseded: Int64(request.documentsSuperseded), liveDocuments: Int64(request.documentsSearchable))
        if let advance = request.advance {
            let bounds: StatementArguments = [items.key(0), items.key(advance.endOffset)]
            let whole = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT count(*) FROM piece WHERE key >= ? AND key < ? AND pieces = 1"),
                arguments: bounds)
            let split = try Int64.fetchAll(
                db.cachedStatement(
                    sql: "SELECT DISTINCT submission FROM piece WHERE key >= ? AND key < ? AND pieces > 1"),
                arguments: bounds)
            try db.cachedStatement(sql: "DELETE FROM piece WHERE key >= ? AND key < ?").execute(arguments: bounds)
            let waits = try db.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM piece WHERE submission = ? AND pieces > 1)")
            let ended = try split.filter { try Bool.fetchOne(waits, arguments: [$0]) == false }
            change.reflected = (whole ?? 0) + Int64(ended.count)
        }
        let counts = try CatalogRows.counts(db, collection: entry.id)
        guard counts.searchable + change.reflected - change.superseded >= 0 else { throw CatalogRefusal.notBalanced }
        return change
    }
}

/// The checked change of segments and files that a publish makes.
private struct PublishChange {
    /// Segments with the values that they are stored with from now on.
    private var live: [SegmentRecord] = []
    private var removed: [SegmentRecord] = []
    private var liveFiles: Set<String> = []
    private var deadFiles: Set<String> = []

    /// Checks C4 and C5 and collects the change.
    init(_ db: Database, _ request: PublishRequest, entry: CollectionEntry) throws {
        try collectRemovals(db, request, entry)
        try collectLiveDocs(db, request, entry)
        let added = try collectAdded(db, request, entry)
        var gone = removed.map { $0.startOffset..<$0.endOffset }
        if let advance = request.advance { gone.append(advance.startOffset..<advance.endOffset) }
        guard let before = OffsetCover(gone), let after = OffsetCover(added.map { $0.startOffset..<$0.endOffset }),
            before == after
        else { throw CatalogRefusal.notCovering }
    }

    func apply(_ db: Database, entry: CollectionEntry, now: Int64) throws {
        for record in removed { try CatalogRows.setSegment(db, record, collection: entry.id, state: .dead) }
        for record in live { try CatalogRows.setSegment(db, record, collection: entry.id, state: .live) }
        for name in liveFiles.sorted() {
            try CatalogRows.setFile(db, name: name, collection: entry.id, state: .live, now: now)
        }
        for name in deadFiles.sorted() {
            try CatalogRows.setFile(db, name: name, collection: entry.id, state: .dead, now: now)
        }
    }

    private mutating func collectRemovals(_ db: Database, _ request: PublishRequest, _ entry: CollectionEntry) throws {
        let expected = request.remove.map { ($0.segmentID, $0.expectedGeneration) }
        removed = try Self.liveSegments(db, expected, request, entry)
        for record in removed {
            deadFiles.insert(record.file.name)
            if let file = record.liveDocs { deadFiles.insert(file.name) }
        }
    }

    private mutating func collectLiveDocs(_ db: Database, _ request: PublishRequest, _ entry: CollectionEntry) throws {
        let expected = request.liveDocs.map { ($0.segmentID, $0.expectedGeneration) }
        let stored = try Self.liveSegments(db, expected, request, entry)
        var notStaged: [String] = []
        for (change, var record) in zip(request.liveDocs, stored) {
            guard (record.deletedCount...record.documentCount).contains(change.deletedCount) else {
                throw CatalogRefusal.invalid(
                    "segment '\(record.id)' of \(record.documentCount) documents, \(record.deletedCount) deleted, cannot have "
                        + "\(change.deletedCount) deleted")
            }
            if try !Self.isStaged(db, change.file.name, entry) { notStaged.append(change.file.name) }
            if let old = record.liveDocs { deadFiles.insert(old.name) }
            liveFiles.insert(change.file.name)
            record.liveDocs = change.file
            record.liveDocsGeneration = change.newGeneration
            record.deletedCount = change.deletedCount
            live.append(record)
        }
        guard notStaged.isEmpty else { throw CatalogRefusal.notStaged(notStaged) }
    }

    private mutating func collectAdded(
        _ db: Database, _ request: PublishRequest, _ entry: CollectionEntry
    ) throws -> [SegmentRecord] {
        var notStaged: [String] = []
        var differing: [String] = []
        for record in request.add {
            guard let stored = try CatalogRows.segment(db, id: record.id, in: entry),
                stored.state == .staged, stored.collection == entry.id, try Self.isStaged(db, record.file.name, entry)
            else {
                notStaged.append(record.id)
                continue
            }
            var expected = stored.record
            expected.deletedCount = record.deletedCount
            expected.liveDocs = record.liveDocs
            expected.liveDocsGeneration = record.liveDocsGeneration
            if expected != record { differing.append(record.id) }
            if let file = record.liveDocs {
                if try !Self.isStaged(db, file.name, entry) { notStaged.append(file.name) }
                liveFiles.insert(file.name)
            }
            liveFiles.insert(record.file.name)
            live.append(record)
        }
        guard notStaged.isEmpty else { throw CatalogRefusal.notStaged(notStaged) }
        guard differing.isEmpty else { throw CatalogRefusal.differsFromStaged(differing) }
        return request.add
    }

    /// The live segments of these ids, each with the generation that is expected of it, in order.
    private static func liveSegments(
        _ db: Database, _ expected: [(id: String, generation: Int)], _ request: PublishRequest, _ entry: CollectionEntry
    ) throws -> [SegmentRecord] {
        var records: [SegmentRecord] = []
        var notLive: [String] = []
        var changed: [String] = []
        for (id, generation) in expected {
            guard let stored = try CatalogRows.segment(db, id: id, in: entry), stored.state == .live,
                stored.collection == entry.id, stored.record.partition == request.partition
            else {
                notLive.append(id)
                continue
            }
            if stored.record.liveDocsGeneration != generation { changed.append(id) }
            records.append(stored.record)
        }
        guard notLive.isEmpty else { throw CatalogRefusal.notLive(notLive) }
        guard changed.isEmpty else { throw CatalogRefusal.liveDocsChanged(changed) }
        return records
    }

    private static func isStaged(_ db: Database, _ name: String, _ entry: CollectionEntry) throws -> Bool {
        guard let file = try CatalogRows.fileState(db, name: name) else { return false }
        return file.state == .staged && file.collection == entry.id
    }
}
