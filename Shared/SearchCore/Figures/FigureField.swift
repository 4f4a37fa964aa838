// The figures of a segment: a dictionary of subjects with units, and for each document its figures as intervals.
//
// Sections: terms and postings as in a keyword field, keys being the tier byte, folded subject, zero byte, folded unit;
// `starts` (always) and `values` with the ordinal of each figure's key; `lowers` and `uppers`, a row a figure, with the
// interval's bounds as sortable integers.

import Messages

/// Gathers the figures of one field.
struct FigureWriter {
    private(set) var ordinals = ColumnWriter()
    private(set) var lowers: [Int64] = []
    private(set) var uppers: [Int64] = []

    var approximateBytes: Int { ordinals.approximateBytes + lowers.count * 16 }

    /// Adds the next document's figures. - Parameter figures: the number of the key, and the interval.
    mutating func add(_ figures: [(term: Int64, bounds: ClosedRange<Int64>)]) {
        ordinals.add(figures.map(\.term))
        for figure in figures {
            lowers.append(figure.bounds.lowerBound)
            uppers.append(figure.bounds.upperBound)
        }
    }

    func write(into file: SegmentFileWriter, field: Int, ordinalOf: [Int64]) throws(SearchCoreError) {
        try file.section(.starts, field: field, FixedColumn.encode(ordinals.starts))
        try file.section(.values, field: field, FixedColumn.encode(ordinals.values.map { ordinalOf[Int($0)] }))
        try file.section(.lowers, field: field, FixedColumn.encode(lowers))
        try file.section(.uppers, field: field, FixedColumn.encode(uppers))
    }
}

/// Reads the figures of one field.
struct FigureField: Sendable {
    /// Subjects with units, and the documents that have each.
    let keys: KeywordField
    private let starts: FixedColumn
    private let ordinals: FixedColumn
    private let lowers: FixedColumn
    private let uppers: FixedColumn

    init(_ file: SegmentFile, field: Int) throws(SearchCoreError) {
        keys = try KeywordField(file, field: field)
        starts = try FixedColumn(
            try SegmentReader.need(file, .starts, field), expectedCount: file.documentCount + 1)
        let values = try SegmentReader.need(file, .values, field)
        let total = try values.uint64(at: 0)
        guard total <= UInt64(Int32.max) else { throw SearchCoreError(.corrupt, "a column has \(total) figures") }
        ordinals = try FixedColumn(values, expectedCount: Int(total))
        lowers = try FixedColumn(try SegmentReader.need(file, .lowers, field), expectedCount: Int(total))
        uppers = try FixedColumn(try SegmentReader.need(file, .uppers, field), expectedCount: Int(total))
    }

    /// Calls `body` with each figure of a document. Damaged bounds give no figure.
    func forEach(_ document: UInt32, _ body: (_ ordinal: Int, _ bounds: ClosedRange<Int64>) -> Void) {
        let first = starts[Int(document)]
        let end = starts[Int(document) + 1]
        guard first >= 0, first <= end, end <= Int64(ordinals.count), end - first <= Int64(SegmentBuilder.maximumFigures) else {
            return
        }
        for row in Int(first)..<Int(end) {
            let (ordinal, lower, upper) = (ordinals[row], lowers[row], uppers[row])
            guard ordinal >= 0, ordinal < Int64(keys.dictionary.termCount), lower <= upper else { continue }
            body(Int(ordinal), lower...upper)
        }
    }

    /// The ordinals of the keys that a condition asks for. - Complexity: O(bytes of the dictionary).
    func ordinals(
        of condition: FigureCondition, patience: () throws(SearchCoreError) -> Void
    ) throws(SearchCoreError) -> [(ordinal: Int, info: TermInfo)] {
        var result: [(ordinal: Int, info: TermInfo)] = []
        var terms = try keys.dictionary.iterate()
        while try terms.next() {
            if terms.ordinal % Self.termsPerCheck == 0 { try patience() }
            if condition.isMet(by: terms.term.dropFirst()) { result.append((terms.ordinal, terms.info)) }
        }
        return result
    }

    private static let termsPerCheck = 4096
}
