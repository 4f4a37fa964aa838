// Where the fields of a collection stand in a segment that was built under an earlier schema of it.
//
// A collection's schema may change while segments of the former one are live. A query is compiled for the present schema; a
// segment that lacks one of its fields, or has it as another kind, has no value of it in any document.

/// Places of the fields of one schema among those of another.
struct FieldMap: Sendable {
    /// Nil where both schemas are the same.
    private let places: [Int?]?

    /// The fields of a segment of the collection's own schema.
    static let same = FieldMap(places: nil)

    private init(places: [Int?]?) { self.places = places }

    /// - Complexity: O(fields · fields) where the schemas differ.
    init(of schema: IndexSchema, in segment: IndexSchema) {
        guard schema != segment else {
            self = .same
            return
        }
        places = schema.fields.map { field in
            guard let place = segment.index(of: field.name), segment.fields[place].kind == field.kind else {
                return nil
            }
            return place
        }
    }

    /// The place of a field in the segment; nil where the segment has no values of it.
    @inline(__always)
    subscript(field: Int) -> Int? {
        guard let places else { return field }
        return field < places.count ? places[field] : nil
    }
}
