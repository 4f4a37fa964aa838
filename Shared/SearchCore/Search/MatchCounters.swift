// Facet and histogram counts of one segment, filled while windows are visited.

/// Counts values of matching documents by ordinal, and turns ordinals into values at the end.
struct MatchCounters {
    private var facets: [(name: String, field: KeywordField, counts: [Int32])] = []
    private var dateFacets: [(name: String, column: ColumnReader, counts: CodeCounts)] = []
    private var histogram: (column: ColumnReader, counts: CodeCounts)?

    var isEmpty: Bool { facets.isEmpty && dateFacets.isEmpty && histogram == nil }

    init(_ search: SearchPlan, schema: IndexSchema, context: SegmentContext) throws(SearchCoreError) {
        for name in search.facets {
            let index = try Self.field(name, [.keyword, .date], schema)
            guard context.has(index) else { continue }
            if schema.fields[index].kind == .keyword {
                let keyword = try context.keyword(index)
                facets.append((name, keyword, [Int32](repeating: 0, count: keyword.dictionary.termCount)))
            } else {
                dateFacets.append((name, try context.column(index), CodeCounts()))
            }
        }
        if let name = search.histogramField {
            let index = try Self.field(name, [.date], schema)
            if context.has(index) { histogram = (try context.column(index), CodeCounts()) }
        }
    }

    /// Counts the members of a window.
    mutating func count(_ start: UInt32, _ matched: WindowBits) {
        for index in facets.indices {
            let column = facets[index].field.column
            facets[index].counts.withUnsafeCounts { counts in
                matched.forEachMember { place in
                    column.forEach(start &+ UInt32(place)) { counts.increment($0) }
                }
            }
        }
        for index in dateFacets.indices {
            dateFacets[index].counts.count(dateFacets[index].column, start, matched, shift: 0)
        }
        if let column = histogram?.column { histogram?.counts.count(column, start, matched, shift: 5) }
    }

    /// Puts the counts, by value, in `result`.
    func finish(into result: inout PartialResult) throws(SearchCoreError) {
        for facet in facets {
            var used = facet.counts.indices.filter { facet.counts[$0] > 0 }
            var isComplete = true
            if used.count > SearchPlan.maximumFacetValues {
                used.sort { (facet.counts[$0], $1) > (facet.counts[$1], $0) }
                used.removeLast(used.count - SearchPlan.maximumFacetValues)
                isComplete = false
            }
            var values = FacetResult(isComplete: isComplete)
            values.counts.reserveCapacity(used.count)
            try facet.field.dictionary.forEachTerm(at: isComplete ? used : used.sorted()) { ordinal, key in
                values.counts[KeywordTerm.value(key), default: 0] += Int(facet.counts[ordinal])
            }
            result.facets[facet.name] = values
        }
        for facet in dateFacets {
            var values = FacetResult()
            facet.counts.forEach { code, count in values.counts[PackedDate(code: code).text, default: 0] += count }
            result.facets[facet.name] = values
        }
        if let histogram {
            histogram.counts.forEach { month, count in
                result.histogram[PackedDate(code: month << 5).monthText, default: 0] += count
            }
        }
    }

    private static func field(_ name: String, _ kinds: [FieldKind], _ schema: IndexSchema) throws(SearchCoreError)
        -> Int
    {
        guard let index = schema.index(of: name), kinds.contains(schema.fields[index].kind) else {
            throw SearchCoreError(.invalidQuery, "the values of '\(name)' cannot be counted")
        }
        return index
    }
}

/// Counts of date codes: an array over the range of codes seen, as dates of a collection lie close together.
struct CodeCounts {
    private var lowest: Int64 = 0
    private var counts: [Int32] = []
    /// Codes outside the array's reach.
    private var others: [Int64: Int] = [:]

    /// Widest range kept as an array, 256 KiB: a hundred years of days, or all months there are.
    private static let maximumSpan = 1 << 16
    /// The array grows by this many codes at least, so that it grows seldom.
    private static let step = 512

    @inline(__always)
    mutating func increment(_ code: Int64) {
        let place = code &- lowest
        if place >= 0 && place < Int64(counts.count) {
            counts[Int(place)] &+= 1
        } else {
            insert(code)
        }
    }

    /// Counts the codes, without their low `shift` bits, of the members of a window.
    mutating func count(_ column: ColumnReader, _ start: UInt32, _ matched: WindowBits, shift: Int64) {
        // A local value, so that each document changes an array and not a property of a property.
        var local = CodeCounts()
        swap(&local, &self)
        matched.forEachMember { place in
            column.forEach(start &+ UInt32(place)) { local.increment($0 &>> shift) }
        }
        swap(&local, &self)
    }

    func forEach(_ body: (Int64, Int) -> Void) {
        for (place, count) in counts.enumerated() where count > 0 { body(lowest + Int64(place), Int(count)) }
        for (code, count) in others { body(code, count) }
    }

    private mutating func insert(_ code: Int64) {
        // Codes without a year lie far below all others and would make the array long.
        guard code >= 512, code < 1 << 40 else {
            others[code, default: 0] += 1
            return
        }
        if counts.isEmpty {
            lowest = code - Int64(Self.step) / 2
            counts = [Int32](repeating: 0, count: Self.step)
        }
        let span = Int(max(code + 1, lowest + Int64(counts.count)) - min(code, lowest))
        guard span <= Self.maximumSpan else {
            others[code, default: 0] += 1
            return
        }
        if code < lowest {
            let room = Int(lowest - code) + Self.step
            counts.insert(contentsOf: repeatElement(0, count: room), at: 0)
            lowest -= Int64(room)
        } else if code >= lowest + Int64(counts.count) {
            let room = Int(code - lowest) - counts.count + 1 + Self.step
            counts.append(contentsOf: repeatElement(0, count: room))
        }
        counts[Int(code - lowest)] += 1
    }
}

/// A borrowed array of counts.
@safe
private struct UnsafeCounts {
    private let base: UnsafeMutableBufferPointer<Int32>

    init(base: UnsafeMutableBufferPointer<Int32>) {
        unsafe self.base = base
    }

    /// Ordinals outside, from a damaged column, are not counted.
    @inline(__always)
    func increment(_ ordinal: Int64) {
        guard ordinal >= 0, unsafe ordinal < Int64(base.count) else { return }
        unsafe base[Int(ordinal)] &+= 1
    }
}

extension [Int32] {
    @inline(__always)
    fileprivate mutating func withUnsafeCounts(_ body: (UnsafeCounts) -> Void) {
        unsafe withUnsafeMutableBufferPointer { buffer in
            unsafe body(UnsafeCounts(base: buffer))
        }
    }
}
