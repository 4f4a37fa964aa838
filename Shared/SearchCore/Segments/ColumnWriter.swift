// Columns with any number of values a document: a `values` section and, where some document has several, `starts`.
//
// One value at most everywhere: `values` has a row a document. For ordinals it holds ordinal + 1, 0 for none; for numbers
// a document without a value makes the column use `starts`.
// Several: `starts` has documents + 1 rows, row d is the first value of document d; `values` has all values in order.

import CKernels

/// Gathers the values of one column.
struct ColumnWriter {
    private(set) var starts: [Int64] = [0]
    private(set) var values: [Int64] = []
    private var isMultiple = false
    private var hasGaps = false

    var approximateBytes: Int { (starts.count + values.count) * 8 }

    /// Adds the next document's values.
    mutating func add(_ documentValues: [Int64]) {
        values.append(contentsOf: documentValues)
        starts.append(Int64(values.count))
        if documentValues.count > 1 { isMultiple = true }
        if documentValues.isEmpty { hasGaps = true }
    }

    /// Writes ordinals, each mapped by `ordinalOf`.
    func writeOrdinals(into file: SegmentFileWriter, field: Int, ordinalOf: [Int64]) throws(SearchCoreError) {
        if isMultiple {
            try file.section(.starts, field: field, FixedColumn.encode(starts))
            try file.section(.values, field: field, FixedColumn.encode(values.map { ordinalOf[Int($0)] }))
            return
        }
        var rows: [Int64] = []
        rows.reserveCapacity(starts.count)
        for document in 0..<(starts.count - 1) {
            let isEmpty = starts[document] == starts[document + 1]
            rows.append(isEmpty ? 0 : ordinalOf[Int(values[Int(starts[document])])] + 1)
        }
        try file.section(.values, field: field, FixedColumn.encode(rows))
    }

    /// Writes numbers.
    func writeNumbers(into file: SegmentFileWriter, field: Int) throws(SearchCoreError) {
        if isMultiple || hasGaps { try file.section(.starts, field: field, FixedColumn.encode(starts)) }
        try file.section(.values, field: field, FixedColumn.encode(values))
    }
}

/// Reads a column of ordinals or numbers.
struct ColumnReader: Sendable {
    private let starts: FixedColumn?
    private let values: FixedColumn
    /// Whether a row without `starts` holds value + 1, 0 for none.
    private let isShifted: Bool

    /// More values than the builder takes of one document in one field. A column of equal values takes no bytes for them, so that
    /// damaged starts could claim billions.
    static let maximumRow = Int64(KB_MAXIMUM_ROW)

    init(starts: ByteView?, values: ByteView, documentCount: Int, isShifted: Bool) throws(SearchCoreError) {
        self.isShifted = isShifted
        if let starts {
            self.starts = try FixedColumn(starts, expectedCount: documentCount + 1)
            let total = try values.uint64(at: 0)
            guard total <= UInt64(Int32.max) else { throw SearchCoreError(.corrupt, "a column has \(total) values") }
            self.values = try FixedColumn(values, expectedCount: Int(total))
        } else {
            self.starts = nil
            self.values = try FixedColumn(values, expectedCount: documentCount)
        }
    }

    /// Calls `body` with each value of the document. Damaged bounds give no value.
    @inline(__always)
    func forEach(_ document: UInt32, _ body: (Int64) -> Void) {
        guard let starts else {
            let value = values[Int(document)]
            if !isShifted { return body(value) }
            if value > 0 { body(value &- 1) }
            return
        }
        let first = starts[Int(document)]
        let end = starts[Int(document) + 1]
        guard first >= 0, first <= end, end <= Int64(values.count), end - first <= Self.maximumRow else { return }
        for index in first..<end { body(values[Int(index)]) }
    }

    /// Bounds of all values.
    var bounds: (least: Int64, greatest: Int64) {
        let (least, greatest) = values.bounds
        return isShifted && starts == nil && least > Int64.min ? (least - 1, greatest - 1) : (least, greatest)
    }

    /// Counts the values of the window's members by their code, value >> shift: `counts[code - lowest]`, and `lows[code]` for others.
    /// - Parameter missed: gets the members that have a code outside of both; nothing of those is counted.
    /// - Returns: how many members that are.
    func count(
        _ start: UInt32, _ members: WindowBits, shift: UInt32, lowest: Int64, into counts: inout [Int32], lows: ScratchBuffer<Int32>?,
        missed: WindowBits
    ) -> Int {
        // A row of a shifted column holds the value and one more. No such column is counted by more than whole values.
        assert(!isShifted || shift == 0)
        let zero = isShifted && starts == nil ? lowest &+ 1 : lowest
        return unsafe counts.withUnsafeMutableBufferPointer { buffer in
            // An array without elements may have no address; nothing is written there.
            guard let base = buffer.baseAddress else {
                missed.copy(members)
                return members.memberCount()
            }
            let tally = unsafe kb_tally(
                counts: base, limit: UInt64(buffer.count), lowest: UInt64(bitPattern: zero), lows: lows?.base,
                lowLimit: UInt64(lows?.count ?? 0), shift: shift)
            // In bounds: rows behind the columns' counts are passed over, and codes outside the array are not counted.
            guard let starts else {
                return Int(
                    unsafe kb_count_rows(
                        members.base, UInt32(Window.words), UInt64(start), values.raw, tally, missed.base))
            }
            return Int(
                unsafe kb_count_lists(
                    members.base, UInt32(Window.words), UInt64(start), starts.raw, values.raw, tally, missed.base))
        }
    }

    /// The document's values.
    func all(_ document: UInt32) -> [Int64] {
        var result: [Int64] = []
        forEach(document) { result.append($0) }
        return result
    }
}

/// Doubles as integers that sort alike.
enum SortableDouble {
    static func encode(_ value: Double) -> Int64 {
        let bits = Int64(bitPattern: value.bitPattern)
        return bits >= 0 ? bits : bits ^ Int64.max
    }

    static func decode(_ value: Int64) -> Double {
        Double(bitPattern: UInt64(bitPattern: value >= 0 ? value : value ^ Int64.max))
    }
}
