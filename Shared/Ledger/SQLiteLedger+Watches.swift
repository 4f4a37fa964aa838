// Watches and their alerts in the SQLite engine.
//
// `watch` has the counters of the balance; `alert` has a row for each pending alert and each dead letter that is kept. What is
// pending is what was matched and is neither acknowledged nor dead, so W3 holds by construction and an audit compares it with
// the rows.
package import Messages
import Foundation
import GRDB

extension SQLiteLedger {
    package func createWatch(_ watch: Watch, now: Int64) throws -> Watch {
        let entry = try catalogEntry(watch.collection)
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.checkInstant(now, "time")
            try WatchChecks.check(watch)
        }
        return try write { db in
            if let stored = try WatchRows.state(db, id: watch.id)?.watch {
                var asked = watch
                asked.number = stored.number
                asked.createdAt = stored.createdAt
                asked.createdVersion = stored.createdVersion
                guard asked == stored else { throw CatalogRefusal.watchExists(watch.id) }
                return stored
            }
            try WatchRows.checkRoom(db, for: watch)
            var stored = watch
            stored.createdAt = now
            stored.createdVersion = try CatalogRows.version(db, collection: entry.id)
            try WatchRows.insert(db, stored, collection: entry.id)
            stored.number = db.lastInsertedRowID
            try WatchRows.nextVersion(db, collection: entry.id)
            return stored
        }
    }

    package func deleteWatch(_ id: String) throws {
        try write { db in
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT number, collection, rule FROM watch WHERE id = ?"), arguments: [id])
            guard let row else { return }
            let number: Int64 = row[0]
            try db.cachedStatement(
                sql: "DELETE FROM alert WHERE watch = ? OR watch IN (SELECT number FROM watch WHERE rule = ?)"
            ).execute(arguments: [number, number])
            try db.cachedStatement(sql: "DELETE FROM watch WHERE number = ? OR rule = ?")
                .execute(arguments: [number, number])
            // Index workers know rules and not their desks.
            if row[2] as Int64? == nil { try WatchRows.nextVersion(db, collection: row[1]) }
        }
    }

    package func watch(_ id: String) throws -> WatchState? { try read { db in try WatchRows.state(db, id: id) } }

    package func watches(_ selection: WatchSelection) throws -> [WatchState] {
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.check(selection.limit, "number of watches", in: 1...LedgerLimits.readCount)
        }
        return try read { db in try WatchRows.states(db, selection) }
    }

    package func watchRules(_ collection: String, after: Int64, limit: Int) throws -> WatchRules {
        let entry = try catalogEntry(collection)
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.check(limit, "number of rules", in: 1...LedgerLimits.readCount)
        }
        return try read { db in
            let rules = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT number, query, filter, route FROM watch WHERE collection = ? AND number > ? AND rule IS NULL
                        ORDER BY number LIMIT ?
                        """), arguments: [entry.id, after, limit]
            ).map { WatchRule(number: $0[0], q: $0[1], filter: $0[2], route: $0[3]) }
            let count = try Int.fetchOne(
                db.cachedStatement(sql: "SELECT count(*) FROM watch WHERE collection = ? AND rule IS NULL"),
                arguments: [entry.id])
            return WatchRules(
                version: try WatchRows.version(db, collection: entry.id), count: count ?? 0, rules: rules)
        }
    }

    package func watchHeads(_ ids: [String]) throws -> [Int64] {
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.check(ids.count, "number of watches", in: 0...LedgerLimits.readCount)
        }
        return try read { db in
            let statement = try db.cachedStatement(sql: "SELECT matched FROM watch WHERE id = ?")
            return try ids.map { try Int64.fetchOne(statement, arguments: [$0]) ?? -1 }
        }
    }

    package func watchDues(_ ids: [String], now: Int64) throws -> [AlertDue] {
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.check(ids.count, "number of watches", in: 0...LedgerLimits.readCount)
            try LedgerLimits.checkInstant(now, "time")
        }
        return try read { db in try ids.map { try WatchRows.due(db, id: $0, now: now) } }
    }

    package func noteDelivered(ofWatch id: String, through sequence: Int64) throws {
        try write { db in
            try db.cachedStatement(
                sql: "UPDATE watch SET delivered = max(delivered, min(matched, ?)) WHERE id = ?"
            ).execute(arguments: [sequence, id])
        }
    }

    package func alertCounts(_ collection: String) throws -> (watches: Int, counts: AlertCounts) {
        let entry = try catalogEntry(collection)
        return try read { db in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT count(*), coalesce(sum(matched), 0), coalesce(sum(acknowledged), 0), coalesce(sum(dead), 0)
                        FROM watch WHERE collection = ?
                        """), arguments: [entry.id])
            guard let row else { return (0, AlertCounts()) }
            return (row[0], WatchRows.counts(matched: row[1], acknowledged: row[2], dead: row[3]))
        }
    }
}

// MARK: - Alerts

extension SQLiteLedger {
    package func alerts(
        ofWatch id: String, after: Int64, limit: Int, maxBytes: Int, isDead: Bool
    ) throws -> [StoredAlert] {
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.check(limit, "number of alerts", in: 1...LedgerLimits.readCount)
            try LedgerLimits.check(maxBytes, "bytes to read", in: 0...Int.max)
        }
        return try read { db in
            let number = try WatchRows.number(db, id: id)
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT alert.sequence, batch.appended_at, batch.payload, batch.plain_bytes, alert.reason, alert.attempts
                        FROM alert LEFT JOIN batch ON batch.key = alert.key
                        WHERE alert.watch = ? AND alert.sequence > ? AND (alert.reason IS NOT NULL) = ?
                        ORDER BY alert.sequence LIMIT ?
                        """), arguments: [number, after, isDead, limit])
            var result: [StoredAlert] = []
            var budget = ReadBudget(count: limit, bytes: maxBytes)
            while let row = try rows.next() {
                guard let matchedAt = row[1] as Int64? else {
                    throw LedgerError(
                        .corrupt, "alert \(row[0] as Int64) of watch '\(id)' has lost its item; restore from a backup")
                }
                let payload = try row.withUnsafeData(atIndex: 2) {
                    try PayloadCodec.unpack($0 ?? Data(), plainBytes: row[3])
                }
                guard budget.take(payload.count) else { break }
                result.append(
                    StoredAlert(
                        sequence: row[0], matchedAt: matchedAt, payload: payload, reason: row[4], attempts: row[5]))
            }
            return result
        }
    }

    package func acknowledge(_ choice: AlertChoice, ofWatch id: String) throws -> AlertCounts {
        try write { db in
            let number = try WatchRows.number(db, id: id)
            switch choice {
            case .through(let sequence):
                try db.cachedStatement(sql: "DELETE FROM alert WHERE watch = ? AND sequence <= ? AND reason IS NULL")
                    .execute(arguments: [number, sequence])
                let settled = db.changesCount
                try WatchRows.add(db, number, acknowledged: settled)
            case .these(let sequences):
                try CatalogChecks.refusing { () throws(LedgerError) in
                    try LedgerLimits.check(sequences.count, "number of alerts", in: 0...LedgerLimits.readCount)
                }
                // Not `reason IS NOT NULL`: SQLite 3.40 answers 1 to that here, whatever the column holds.
                let statement = try db.cachedStatement(
                    sql: "DELETE FROM alert WHERE watch = ? AND sequence = ? RETURNING reason")
                var (settled, dead) = (0, 0)
                for sequence in sequences {
                    guard let row = try Row.fetchOne(statement, arguments: [number, sequence]) else { continue }
                    settled += 1
                    dead += row[0] as String? == nil ? 0 : 1
                }
                try WatchRows.add(db, number, acknowledged: settled, dead: -dead)
            }
            return try WatchRows.counts(db, number)
        }
    }

    package func buryAlert(
        ofWatch id: String, sequence: Int64, reason: String, attempts: Int, now: Int64
    ) throws -> AlertCounts {
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.checkText(reason, "reason of a dead letter", limit: LedgerLimits.textBytes)
            try LedgerLimits.check(attempts, "number of attempts", in: 0...LedgerLimits.recordCount)
            try LedgerLimits.checkInstant(now, "time")
        }
        return try write { db in
            let number = try WatchRows.number(db, id: id)
            try db.cachedStatement(
                sql: "UPDATE alert SET reason = ?, attempts = ? WHERE watch = ? AND sequence = ? AND reason IS NULL"
            ).execute(arguments: [reason, attempts, number, sequence])
            let buried = db.changesCount
            try WatchRows.add(db, number, dead: buried)
            if buried > 0 { try WatchRows.forgetOldDead(db, number, watchBounds) }
            return try WatchRows.counts(db, number)
        }
    }

    package func retryAlerts(ofWatch id: String, sequences: [Int64]) throws -> AlertCounts {
        try CatalogChecks.refusing { () throws(LedgerError) in
            try LedgerLimits.check(sequences.count, "number of alerts", in: 0...LedgerLimits.readCount)
        }
        return try write { db in
            let number = try WatchRows.number(db, id: id)
            let statement = try db.cachedStatement(
                sql: """
                    UPDATE alert SET reason = NULL, attempts = 0 WHERE watch = ? AND sequence = ? AND reason IS NOT NULL
                    """)
            var revived = 0
            for sequence in sequences {
                try statement.execute(arguments: [number, sequence])
                revived += db.changesCount
            }
            try WatchRows.add(db, number, dead: -revived)
            return try WatchRows.counts(db, number)
        }
    }
}
