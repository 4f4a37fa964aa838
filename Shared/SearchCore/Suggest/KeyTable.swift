// A sorted table of byte keys, all bytes in one array.

/// Finds the numbers of keys that begin so.
struct KeyTable: Sendable {
    struct Row: Sendable {
        var start: UInt32
        var length: UInt16
        var number: UInt32
    }

    private let bytes: [UInt8]
    private let rows: [Row]

    private init(bytes: [UInt8], rows: [Row]) {
        self.bytes = bytes
        self.rows = rows
    }

    /// Collects keys in any order.
    struct Builder {
        private var bytes: [UInt8] = []
        private var rows: [Row] = []

        /// Keys are cut at `keyLimit` bytes, and passed over when the table is full.
        mutating func add(_ key: [UInt8], _ number: Int) {
            guard !key.isEmpty, bytes.count < KeyTable.byteLimit else { return }
            let kept = key.prefix(KeyTable.keyLimit)
            rows.append(
                Row(start: UInt32(bytes.count), length: UInt16(kept.count), number: UInt32(truncatingIfNeeded: number)))
            bytes += kept
        }

        /// - Complexity: O(n log n).
        consuming func sorted() -> KeyTable {
            let bytes = bytes
            rows.sort { first, second in
                let one = bytes[Int(first.start)..<(Int(first.start) + Int(first.length))]
                let other = bytes[Int(second.start)..<(Int(second.start) + Int(second.length))]
                if one.elementsEqual(other) { return first.number < second.number }
                return one.lexicographicallyPrecedes(other)
            }
            return KeyTable(bytes: bytes, rows: rows)
        }
    }

    private static let keyLimit = 240
    private static let byteLimit = 1 << 30

    /// The numbers of keys that begin with `prefix`, by key, at most `limit`. - Complexity: O(log n + limit).
    func numbers(from prefix: [UInt8], limit: Int) -> [Int] {
        guard !prefix.isEmpty else { return [] }
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if key(rows[middle]).lexicographicallyPrecedes(prefix) { low = middle + 1 } else { high = middle }
        }
        var result: [Int] = []
        while low < rows.count, result.count < limit, key(rows[low]).starts(with: prefix) {
            result.append(Int(rows[low].number))
            low += 1
        }
        return result
    }

    private func key(_ row: Row) -> ArraySlice<UInt8> { bytes[Int(row.start)..<(Int(row.start) + Int(row.length))] }
}
