// Rows of the journal's tables as values, for the writer and the readers of the SQLite engine.
import Foundation
import GRDB
import Messages

/// Item ranges as text: `partition:start-end`, separated by commas. Shorter and quicker than JSON, one per submission.
enum ItemRangesText {
    static func encode(_ ranges: [ItemRange]) -> String {
        ranges.map { "\($0.partition):\($0.startOffset)-\($0.endOffset)" }.joined(separator: ",")
    }

    /// - Throws: `corrupt` for anything that `encode` does not write.
    static func decode(_ text: String) throws(LedgerError) -> [ItemRange] {
        var ranges: [ItemRange] = []
        for part in text.split(separator: ",") {
            let halves = part.split(separator: ":", omittingEmptySubsequences: false)
            let bounds = halves.last?.split(separator: "-", omittingEmptySubsequences: false) ?? []
            guard halves.count == 2, bounds.count == 2, let partition = Int(halves[0]), let start = Int64(bounds[0]),
                let end = Int64(bounds[1]), partition >= 0, start >= 0, start < end
            else {
                throw LedgerError(.corrupt, "item ranges '\(text.prefix(80))' cannot be read; restore from a backup")
            }
            ranges.append(ItemRange(partition: partition, startOffset: start, endOffset: end))
        }
        return ranges
    }
}

enum JournalRows {
    /// An outcome as it is stored.
    struct Outcome {
        var state: StoredOutcome
        var finishedAt: Int64
        var retries: Int
        var items: [ItemRange]
        var deadLetters: [DeadLetter]
        var warnings: [String]
    }

    static func receipt(_ db: Database, batchID: String, in keys: StreamKey) throws -> AppendReceipt? {
        let statement = try db.cachedStatement(
            sql: "SELECT first_offset, record_count FROM batch_memory WHERE stream = ? AND batch_id = ?")
        return try Row.fetchOne(statement, arguments: [keys.stream, batchID]).map {
            AppendReceipt(firstOffset: $0[0], recordCount: $0[1], isDuplicate: true)
        }
    }

    static func outcome(_ db: Database, key: Int64) throws -> Outcome? {
        let statement = try db.cachedStatement(
            sql: "SELECT state, finished_at, retries, items, dead_letters, warnings FROM outcome WHERE key = ?")
        guard let row = try Row.fetchOne(statement, arguments: [key]) else { return nil }
        guard let state = StoredOutcome(rawValue: row[0]) else {
            throw LedgerError(.corrupt, "outcome \(key) has the unknown state \(row[0] as Int); restore from a backup")
        }
        return Outcome(
            state: state, finishedAt: row[1], retries: row[2], items: try ItemRangesText.decode(row[3]),
            deadLetters: try decode(row[4]), warnings: try decode(row[5]))
    }

    /// Deletes a raw document that was kept below the low mark only because it was dead or unfinished.
    static func discardIfTrimmed(_ db: Database, offset: Int64, in raw: StreamKey) throws {
        try db.cachedStatement(sql: "DELETE FROM batch WHERE key = ? AND ? < (SELECT low FROM stream WHERE id = ?)")
            .execute(arguments: [raw.key(offset), offset, raw.stream])
    }

    static func bounds(_ db: Database, _ keys: StreamKey) throws -> JournalBounds {
        let statement = try db.cachedStatement(sql: "SELECT low, next FROM stream WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [keys.stream]) else {
            throw LedgerError(.corrupt, "stream \(keys.stream) is missing; restore from a backup")
        }
        return JournalBounds(low: row[0], next: row[1])
    }

    /// The payload's size in a row as `batch` takes it, without reading it.
    static func payloadBytes(_ row: Row) throws -> Int {
        if let plainBytes = row[5] as Int? { return plainBytes }
        return try row.withUnsafeData(atIndex: 4) { $0?.count ?? 0 }
    }

    /// A batch from a row whose first columns are key, record count, id, time, payload and its plain size.
    static func batch(_ row: Row, in keys: StreamKey) throws -> StoredBatch {
        StoredBatch(
            firstOffset: keys.offset(row[0]), recordCount: row[1], batchID: row[2],
            payload: try row.withUnsafeData(atIndex: 4) { try PayloadCodec.unpack($0 ?? Data(), plainBytes: row[5]) },
            appendedAt: row[3])
    }

    /// JSON of a list, nil for an empty one.
    static func encode(_ list: [some Encodable]) throws -> String? {
        guard !list.isEmpty else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(list), as: UTF8.self)
    }

    static func decode<Element: Decodable>(_ text: String?) throws -> [Element] {
        guard let text else { return [] }
        do {
            return try JSONDecoder().decode([Element].self, from: Data(text.utf8))
        } catch {
            throw LedgerError(.corrupt, "an outcome cannot be read; restore from a backup", cause: "\(error)")
        }
    }
}

/// Takes rows until a number of them or of payload bytes is reached, but at least one. A first row that is larger than the
/// bytes alone ends it.
struct ReadBudget {
    private var countLeft: Int
    private var bytesLeft: Int
    private var isFirst = true

    init(count: Int, bytes: Int) {
        countLeft = count
        bytesLeft = bytes
    }

    /// Whether a row with this payload still fits; call once a row, stop at the first false.
    mutating func take(_ payloadBytes: Int) -> Bool {
        guard countLeft > 0, isFirst || payloadBytes <= bytesLeft else { return false }
        isFirst = false
        countLeft -= 1
        bytesLeft -= payloadBytes
        return true
    }
}
