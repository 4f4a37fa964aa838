// Facet and histogram counts of one segment, filled while windows are visited.

/// Counts values of matching documents by ordinal, and turns ordinals into values at the end.
struct MatchCounters {
    private var facets: [(name: String, field: KeywordField, counts: [Int32])] = []
    private var dateFacets: [(name: String, column: ColumnReader, counts: CodeCounts)] = []
    private var histogram: (column: ColumnReader, counts: CodeCounts)?
    /// Members of a window whose values the counts have no place for.
    private let missed: WindowBits

    /// Bits of a packed date below its month.
    private static let dayBits: UInt32 = 5

    var isEmpty: Bool { facets.isEmpty && dateFacets.isEmpty && histogram == nil }

    init(_ search: SearchPlan, schema: IndexSchema, context: SegmentContext) throws(SearchCoreError) {
        let isCounting = !search.facets.isEmpty || search.histogramField != nil
        missed = context.arena.buffer(of: UInt64.self, count: isCounting ? Window.words : 0)
        for name in search.facets {
            let index = try Self.field(name, [.keyword, .date], schema)
            guard context.has(index) else { continue }
            if schema.fields[index].kind == .keyword {
                let keyword = try context.keyword(index)
                facets.append((name, keyword, [Int32](repeating: 0, count: keyword.dictionary.termCount)))
            } else {
                let column = try context.column(index)
                dateFacets.append((name, column, CodeCounts(column, shift: 0, context.arena)))
            }
        }
        if let name = search.histogramField {
            let index = try Self.field(name, [.date], schema)
            if context.has(index) {
                let column = try context.column(index)
                histogram = (column, CodeCounts(column, shift: Self.dayBits, context.arena))
            }
        }
    }

    /// Counts the members of a window.
    mutating func count(_ start: UInt32, _ matched: WindowBits) {
        for index in facets.indices {
            // What has no place is no value, or an ordinal of a damaged column.
            _ = facets[index].field.column.count(
                start, matched, shift: 0, lowest: 0, into: &facets[index].counts, lows: nil, missed: missed)
        }
        for index in dateFacets.indices {
            dateFacets[index].counts.count(dateFacets[index].column, start, matched, missed)
        }
        if let column = histogram?.column { histogram?.counts.count(column, start, matched, missed) }
    }

    /// Puts the counts, by value, in `result`.
    func finish(into result: inout PartialResult) throws(SearchCoreError) {
        for facet in facets {
            var used = facet.counts.indices.filter { facet.counts[$0] > 0 }
            let isComplete = used.count <= SearchPlan.maximumFacetValues
            if !isComplete {
                used.sort { (facet.counts[$0], $1) > (facet.counts[$1], $0) }
                used.removeLast(used.count - SearchPlan.maximumFacetValues)
                used.sort()
            }
            var values = FacetResult(isComplete: isComplete)
            values.reserve(used.count)
            try facet.field.dictionary.forEachTerm(at: used) { ordinal, key in
                values.append(KeywordTerm.shown(key), count: Int(facet.counts[ordinal]))
            }
            values.finish()
            result.facets[facet.name] = values
        }
        for facet in dateFacets {
            var values = FacetResult()
            facet.counts.forEach { code, count in
                values.append(Array(PackedDate(code: code).text.utf8)[...], count: count)
            }
            values.finish()
            result.facets[facet.name] = values
        }
        if let histogram { histogram.counts.forEach { result.histogram.append($0, $1) } }
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

/// Counts of date codes without their low bits: an array over the codes that there may be, as dates of a collection lie close
/// together, or over those seen; and one of codes without a year, which lie far below.
struct CodeCounts {
    private let shift: UInt32
    /// Not below `lowCount` where codes are counted in `lows` too.
    private var lowest: Int64 = 0
    private var counts: [Int32] = []
    /// By code.
    private let lows: ScratchBuffer<Int32>
    /// Codes outside the arrays' reach.
    private var others: [Int64: Int] = [:]

    /// Widest range kept as an array, 256 KiB: a hundred years of days, or all months there are.
    private static let maximumSpan = 1 << 16
    /// Widest range of a column for which the array is made at once, 16 KiB: all months of two hundred years.
    private static let maximumFirstSpan: Int64 = 1 << 12
    /// Codes below this are of dates without a year.
    private static let lowCount = 512
    /// Codes from here on are of no date.
    private static let codeLimit: Int64 = 1 << 40
    /// The array grows by this many codes at least, so that it grows seldom.
    private static let step = 512

    init(_ arena: ScratchArena) {
        shift = 0
        lows = arena.buffer(of: Int32.self, count: Self.lowCount)
        lows.fill(0)
    }

    /// For the values of a column. The arena must live as long.
    init(_ column: ColumnReader, shift: UInt32, _ arena: ScratchArena) {
        self.shift = shift
        lows = arena.buffer(of: Int32.self, count: Self.lowCount)
        lows.fill(0)
        let (least, greatest) = (column.bounds.least >> Int64(shift), column.bounds.greatest >> Int64(shift))
        let (span, isOver) = greatest.subtractingReportingOverflow(least)
        guard !isOver, span < Self.maximumFirstSpan, least >= Self.lowCount, greatest < Self.codeLimit else { return }
        lowest = least
        counts = [Int32](repeating: 0, count: Int(span) + 1)
    }

    @inline(__always)
    mutating func increment(_ code: Int64) {
        let place = code &- lowest
        if place >= 0 && place < Int64(counts.count) {
            counts[Int(place)] &+= 1
        } else {
            insert(code)
        }
    }

    /// Counts the values of the members of a window.
    /// - Parameter missed: scratch.
    mutating func count(_ column: ColumnReader, _ start: UInt32, _ matched: WindowBits, _ missed: WindowBits) {
        let misses = column.count(
            start, matched, shift: shift, lowest: lowest, into: &counts, lows: lows, missed: missed)
        guard misses > 0 else { return }
        missed.forEachMember { place in
            column.forEach(start &+ UInt32(place)) { increment($0 >> Int64(shift)) }
        }
    }

    /// Calls `body` with each code and its count, ascending.
    func forEach(_ body: (Int64, Int) -> Void) {
        let outside = others.sorted { $0.key < $1.key }
        for (code, count) in outside where code < 0 { body(code, count) }
        for code in 0..<lows.count where lows[code] > 0 { body(Int64(code), Int(lows[code])) }
        for (code, count) in outside where code >= 0 && code < lowest { body(code, count) }
        for place in counts.indices where counts[place] > 0 { body(lowest + Int64(place), Int(counts[place])) }
        for (code, count) in outside where code >= max(lowest, 0) { body(code, count) }
    }

    private mutating func insert(_ code: Int64) {
        if code >= 0, code < Int64(Self.lowCount) {
            lows[Int(code)] &+= 1
            return
        }
        guard code >= 0, code < Self.codeLimit else {
            others[code, default: 0] += 1
            return
        }
        if counts.isEmpty {
            lowest = max(Int64(Self.lowCount), code - Int64(Self.step) / 2)
            counts = [Int32](repeating: 0, count: Self.step)
        }
        // A code that once was too far stays so: the array only grows, and never beyond its widest range.
        let end = lowest + Int64(counts.count)
        let span = Int(max(code + 1, end) - min(code, lowest))
        guard span <= Self.maximumSpan else {
            others[code, default: 0] += 1
            return
        }
        if code < lowest {
            let first = max(Int64(Self.lowCount), code - Int64(Self.step), end - Int64(Self.maximumSpan))
            let room = Int(lowest - first)
            counts.insert(contentsOf: repeatElement(0, count: room), at: 0)
            lowest -= Int64(room)
        } else if code >= end {
            let room = min(code + 1 + Int64(Self.step), lowest + Int64(Self.maximumSpan)) - end
            counts.append(contentsOf: repeatElement(0, count: Int(room)))
        }
        counts[Int(code - lowest)] += 1
    }
}
