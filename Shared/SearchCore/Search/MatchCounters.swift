// Facet and histogram counts of one segment, filled while windows are visited.

/// Counts values of matching documents by ordinal, and turns ordinals into values at the end.
struct MatchCounters {
    private var facets: [(name: String, field: KeywordField, counts: [Int32])] = []
    private var dateFacets: [(name: String, column: ColumnReader, counts: [Int64: Int])] = []
    private var histogram: (column: ColumnReader, counts: [Int64: Int])?

    var isEmpty: Bool { facets.isEmpty && dateFacets.isEmpty && histogram == nil }

    init(_ search: SearchPlan, schema: IndexSchema, context: SegmentContext) throws(SearchCoreError) {
        for name in search.facets {
            let index = try Self.field(name, [.keyword, .date], schema)
            if schema.fields[index].kind == .keyword {
                let keyword = try context.keyword(index)
                facets.append((name, keyword, [Int32](repeating: 0, count: keyword.dictionary.termCount)))
            } else {
                dateFacets.append((name, try context.column(index), [:]))
            }
        }
        if let name = search.histogramField {
            histogram = (try context.column(try Self.field(name, [.date], schema)), [:])
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
            let column = dateFacets[index].column
            matched.forEachMember { place in
                column.forEach(start &+ UInt32(place)) { dateFacets[index].counts[$0, default: 0] += 1 }
            }
        }
        if let column = histogram?.column {
            var last: Int64 = -1
            var run = 0
            matched.forEachMember { place in
                column.forEach(start &+ UInt32(place)) { value in
                    let month = value >> 5
                    if month != last {
                        if run > 0 { histogram?.counts[last, default: 0] += run }
                        last = month
                        run = 0
                    }
                    run += 1
                }
            }
            if run > 0 { histogram?.counts[last, default: 0] += run }
        }
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
            for ordinal in used {
                let key = try facet.field.dictionary.term(at: ordinal)
                values.counts[KeywordTerm.value(key), default: 0] += Int(facet.counts[ordinal])
            }
            result.facets[facet.name] = values
        }
        for facet in dateFacets {
            var values = FacetResult()
            for (code, count) in facet.counts { values.counts[PackedDate(code: code).text, default: 0] += count }
            result.facets[facet.name] = values
        }
        if let histogram {
            for (month, count) in histogram.counts {
                result.histogram[PackedDate(code: month << 5).monthText, default: 0] += count
            }
        }
    }

    private static func field(_ name: String, _ kinds: [FieldKind], _ schema: IndexSchema) throws(SearchCoreError) -> Int {
        guard let index = schema.index(of: name), kinds.contains(schema.fields[index].kind) else {
            throw SearchCoreError(.invalidQuery, "the values of '\(name)' cannot be counted")
        }
        return index
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
