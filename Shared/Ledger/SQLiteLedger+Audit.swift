// Checks of the stored state against the invariants of LedgerSchema.swift; for `kuaibao check` and the tests.
import GRDB
import Messages

extension SQLiteLedger {
    /// What is wrong with a collection, in words; empty if nothing is. Reads one consistent state.
    ///
    /// - Complexity: reads every row of the collection but no payload.
    package func audit(_ collection: String) throws -> [String] {
        let entry = try journalEntry(collection)
        return try read { db in
            var audit = LedgerAudit(db: db, entry: entry)
            try audit.checkStreams()
            try audit.checkSubmissions()
            try audit.checkCounters()
            try audit.checkSegments()
            try audit.checkAlerts()
            return audit.findings
        }
    }

    /// What SQLite finds wrong with its file; empty if nothing is. Reads the whole file.
    package func checkFile() throws -> [String] {
        try read { db in
            try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
        }
    }
}

private struct LedgerAudit {
    let db: Database
    let entry: CollectionEntry
    var findings: [String] = []

    /// J2: batches from the low mark to the next offset without holes or overlaps.
    mutating func checkStreams() throws {
        for (name, number) in entry.streams {
            let keys = StreamKey(stream: number)
            let bounds = try JournalRows.bounds(db, keys)
            let holes = try count(
                """
                SELECT count(*) FROM (
                    SELECT key + record_count AS ends, lead(key, 1, \(keys.key(bounds.next))) OVER (ORDER BY key) AS next
                    FROM batch WHERE key >= \(keys.key(bounds.low)) AND key < \(keys.end)
                ) WHERE ends <> next
                """)
            let first = try Int64.fetchOne(
                db, sql: "SELECT min(key) FROM batch WHERE key >= \(keys.key(bounds.low)) AND key < \(keys.end)")
            let isWholeFrom = bounds.low == bounds.next ? first == nil : first == keys.key(bounds.low)
            if holes > 0 || !isWholeFrom { add("stream \(name.topic.rawValue)/\(name.partition) has \(holes) holes") }
        }
    }

    /// Invariants (1) and (2).
    mutating func checkSubmissions() throws {
        let raw = try entry.raw()
        let next = try JournalRows.bounds(db, raw).next
        let range = "key >= \(raw.key(0)) AND key < \(raw.end)"
        let unfinished = try count("SELECT count(*) FROM unfinished WHERE \(range)")
        let finished = try count("SELECT count(*) FROM outcome WHERE \(range)")
        let both = try count("SELECT count(*) FROM outcome WHERE \(range) AND key IN (SELECT key FROM unfinished)")
        if unfinished + finished != next || both != 0 {
            add("\(next) submissions, but \(unfinished) unfinished, \(finished) finished, \(both) both")
        }
        let lost = try count(
            """
            SELECT count(*) FROM (SELECT key FROM unfinished WHERE \(range)
                UNION ALL SELECT key FROM outcome WHERE \(range) AND state = 1)
            WHERE key NOT IN (SELECT key FROM batch WHERE \(range))
            """)
        if lost != 0 { add("\(lost) unfinished or dead submissions have lost their document") }
        var waiting: Set<[Int64]> = []
        let outcomes = try Row.fetchCursor(db, sql: "SELECT key, items FROM outcome WHERE \(range) AND state = 0")
        while let row = try outcomes.next() {
            for items in try ItemRangesText.decode(row[1]) {
                let checkpoint = try CatalogRows.checkpoint(db, collection: entry.id, partition: items.partition)
                guard items.endOffset > checkpoint, let keys = entry.items(items.partition) else { continue }
                waiting.insert([keys.key(items.endOffset - 1), row[0]])
            }
        }
        let pieces = try Row.fetchAll(
            db, sql: "SELECT key, submission FROM piece WHERE submission >= \(raw.key(0)) AND submission < \(raw.end)")
        if Set(pieces.map { [$0[0] as Int64, $0[1] as Int64] }) != waiting {
            add("\(waiting.count) batches of items wait for a publish, but \(pieces.count) are noted")
        }
    }

    /// Invariant (3), with J7.
    mutating func checkCounters() throws {
        let raw = try entry.raw()
        let counts = try CatalogRows.counts(db, collection: entry.id)
        func finished(_ state: StoredOutcome) throws -> Int64 {
            try count(
                "SELECT count(*) FROM outcome WHERE key >= \(raw.key(0)) AND key < \(raw.end) AND state = \(state.rawValue)"
            )
        }
        let waiting = try count(
            "SELECT count(DISTINCT submission) FROM piece WHERE submission >= \(raw.key(0)) AND submission < \(raw.end)"
        )
        let parsed = try finished(.parsed)
        let found = CollectionCounts(
            accepted: try JournalRows.bounds(db, raw).next, parsed: parsed, deadLettered: try finished(.dead),
            dropped: try finished(.dropped),
            inFlight: waiting
                + (try count("SELECT count(*) FROM unfinished WHERE key >= \(raw.key(0)) AND key < \(raw.end)")),
            searchable: parsed - waiting - counts.superseded, superseded: counts.superseded, retries: counts.retries,
            items: counts.items, publishedItems: counts.publishedItems, liveDocuments: counts.liveDocuments)
        if found != counts { add("counters say \(counts), tables say \(found)") }
        if !counts.isBalanced || counts.searchable < 0 { add("counters are out of balance: \(counts)") }
    }

    /// Invariants (4) and (5).
    mutating func checkSegments() throws {
        var ends = [Int64](repeating: 0, count: entry.partitions)
        for segment in try CatalogRows.liveSegments(db, of: entry) {
            if ends[segment.partition] != segment.startOffset {
                add("live segment '\(segment.id)' begins at \(segment.startOffset), not at \(ends[segment.partition])")
            }
            ends[segment.partition] = segment.endOffset
            for file in [segment.file.name] + [segment.liveDocs?.name].compactMap(\.self) {
                let state = try CatalogRows.fileState(db, name: file)?.state
                if state != .live { add("file '\(file)' of live segment '\(segment.id)' is not live") }
            }
        }
        for (partition, end) in ends.enumerated() {
            let checkpoint = try CatalogRows.checkpoint(db, collection: entry.id, partition: partition)
            if checkpoint != end {
                add("partition \(partition) is covered up to \(end), its checkpoint is \(checkpoint)")
            }
        }
        let strays = try count(
            """
            SELECT count(*) FROM file WHERE collection = \(entry.id) AND state = 1 AND name NOT IN (
                SELECT file_name FROM segment WHERE state = 1
                UNION SELECT live_docs_name FROM segment WHERE state = 1 AND live_docs_name IS NOT NULL)
            """)
        if strays != 0 { add("\(strays) files are live but belong to no live segment") }
    }

    /// Invariant (6), with W3.
    mutating func checkAlerts() throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT id, matched, acknowledged, dead,
                    (SELECT count(*) FROM alert WHERE watch = number AND reason IS NULL) AS pending,
                    (SELECT count(*) FROM alert WHERE watch = number AND reason IS NOT NULL) AS kept
                FROM watch WHERE collection = \(entry.id)
                    AND (pending <> matched - acknowledged - dead OR kept > dead OR dead < 0 OR acknowledged < 0)
                """)
        for row in rows {
            add(
                "watch '\(row[0] as String)' matched \(row[1] as Int64), of which \(row[2] as Int64) are acknowledged and "
                    + "\(row[3] as Int64) dead, but has \(row[4] as Int64) pending and \(row[5] as Int64) dead alerts")
        }
        let keys = try entry.alerts()
        let range = "key >= \(keys.key(0)) AND key < \(keys.end)"
        let lost = try count(
            "SELECT count(*) FROM alert WHERE \(range) AND key NOT IN (SELECT key FROM batch WHERE \(range))")
        let strays = try count("SELECT count(*) FROM alert WHERE watch NOT IN (SELECT number FROM watch)")
        if lost != 0 || strays != 0 { add("\(lost) alerts have lost their item, \(strays) their watch") }
        let homeless = try count(
            "SELECT count(*) FROM watch WHERE rule IS NOT NULL AND rule NOT IN (SELECT number FROM watch WHERE rule IS NULL)")
        if homeless != 0 { add("\(homeless) desks have lost their rule") }
    }

    private func count(_ sql: String) throws -> Int64 { try Int64.fetchOne(db, sql: sql) ?? 0 }

    private mutating func add(_ finding: String) { findings.append("collection '\(entry.name)': \(finding)") }
}
