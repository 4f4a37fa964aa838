// Columns with any number of values a document: a `values` section and, where some document has several, `starts`.
//
// One value at most everywhere: `values` has a row a document. For ordinals it holds ordinal + 1, 0 for none; for numbers
// a document without a value makes the column use `starts`.
// Several: `starts` has documents + 1 rows, row d is the first value of document d; `values` has all values in order.

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
        guard first >= 0, first <= end, end <= Int64(values.count) else { return }
        for index in first..<end { body(values[Int(index)]) }
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
