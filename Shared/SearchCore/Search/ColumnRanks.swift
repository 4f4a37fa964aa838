// The keys of hits that are ordered by a column: ascending is the order of results.

import Geography
import Messages

/// Ranks documents of one segment by a column.
struct ColumnRanks {
    private enum Kind {
        case dates(isDescending: Bool)
        case numbers(isDescending: Bool)
        case distance(from: GeoPoint)
    }

    /// The key of documents that have no value.
    private static let missing = Int64.max
    /// Metres of a degree of latitude, a little less than there are (6,371,008.8 m · π / 180): bounds stay below distances.
    private static let metresPerDegree = 111_194.9
    private static let unitsPerMetre = 1000.0

    /// Nil where the segment was built before the collection had the field.
    private let column: ColumnReader?
    private let kind: Kind

    /// Nil for an order by relevance.
    /// - Throws: `invalidQuery` for a field that is of another kind.
    init?(_ order: HitOrder, schema: IndexSchema, context: SegmentContext) throws(SearchCoreError) {
        let field: String
        let kinds: [FieldKind]
        switch order {
        case .relevance: return nil
        case .date(let name, let isDescending):
            (field, kinds, kind) = (name, [.date], .dates(isDescending: isDescending))
        case .number(let name, let isDescending):
            (field, kinds, kind) = (name, [.integer, .number], .numbers(isDescending: isDescending))
        case .distance(let name, let point):
            (field, kinds, kind) = (name, [.point], .distance(from: point))
        }
        guard let index = schema.index(of: field), kinds.contains(schema.fields[index].kind) else {
            throw SearchCoreError(
                .invalidQuery,
                "results cannot be ordered by '\(field)'; it is not a \(kinds.map(\.rawValue).joined(separator: " or ")) field"
            )
        }
        column = context.has(index) ? try context.column(index) : nil
    }

    /// The key of a document, or nil where it is certainly above `worst`.
    @inline(__always)
    func key(_ document: UInt32, worst: Int64) -> Int64? {
        var key = Self.missing
        guard let column else { return key }
        switch kind {
        case .dates(let isDescending):
            column.forEach(document) { key = min(key, PackedDate(code: $0).rank(descending: isDescending)) }
        case .numbers(let isDescending):
            // The complement of a number sorts the other way round, and none overflows.
            column.forEach(document) { key = min(key, isDescending ? ~$0 : $0) }
        case .distance(let from):
            column.forEach(document) { code in
                let point = PackedPoint(code: code).point
                let north = abs(point.latitude - from.latitude) * Self.metresPerDegree
                // What is too far in latitude alone needs no sine.
                guard north * Self.unitsPerMetre <= Double(worst) else { return }
                key = min(key, Int64((point.distance(to: from) * Self.unitsPerMetre).rounded()))
            }
        }
        return key <= worst ? key : nil
    }
}
