// The fields of a collection, as the index sees them.

/// What a field holds and how it can be asked.
package enum FieldKind: String, Codable, Sendable {
    /// Analysed text, ranked.
    case text
    /// Exact strings, any number a document.
    case keyword
    /// One calendar date with precision.
    case date
    /// Whole numbers, any number a document.
    case integer
    /// Numbers, any number a document.
    case number
    /// One place on the earth.
    case point
    /// One polygon on the earth.
    case area
    /// Stated numbers with subject, unit and interval, any number a document.
    case figure
}

/// One field of a schema.
package struct IndexField: Codable, Sendable, Hashable {
    package var name: String
    package var kind: FieldKind
    /// How much a match in this text field counts; 1 for other kinds.
    package var weight: Double
    /// Whether values are counted as facets.
    package var isFaceted: Bool

    package init(name: String, kind: FieldKind, weight: Double = 1, isFaceted: Bool = false) {
        self.name = name
        self.kind = kind
        self.weight = weight
        self.isFaceted = isFaceted
    }
}

/// The fields of a collection. Every segment carries its schema; segments of one collection agree on it.
package struct IndexSchema: Codable, Sendable, Hashable {
    /// More fields than any collection needs; bounds the section table.
    package static let maximumFields = 256

    package var fields: [IndexField]

    /// - Throws: `invalidQuery`… never; `invalidDocument` when names repeat, are empty, or are too many.
    package init(fields: [IndexField]) throws(SearchCoreError) {
        guard fields.count <= Self.maximumFields else {
            throw SearchCoreError(
                .invalidDocument, "a schema of \(fields.count) fields; at most \(Self.maximumFields) are allowed")
        }
        for (index, field) in fields.enumerated() {
            guard !field.name.isEmpty, !fields[..<index].contains(where: { $0.name == field.name }) else {
                throw SearchCoreError(.invalidDocument, "the field name '\(field.name)' is empty or used twice")
            }
        }
        self.fields = fields
    }

    private init(trusted fields: [IndexField]) {
        self.fields = fields
    }

    /// The place of the field with this name.
    package func index(of name: String) -> Int? {
        fields.firstIndex { $0.name == name }
    }

    /// The name by which queries ask for the hidden keys of near-duplicates (`Query.term`, the key in hexadecimal digits). A
    /// field of a schema with this name goes before it.
    package static let nearField = "near"

    /// The built-in collection of public bulletins. Titles count twice: a title states what the body is about.
    package static let bulletins = IndexSchema(trusted: [
        IndexField(name: "title", kind: .text, weight: 2),
        IndexField(name: "body", kind: .text, weight: 1),
        IndexField(name: "department", kind: .keyword, isFaceted: true),
        IndexField(name: "source", kind: .keyword, isFaceted: true),
        IndexField(name: "district", kind: .keyword, isFaceted: true),
        IndexField(name: "format", kind: .keyword, isFaceted: true),
        IndexField(name: "language", kind: .keyword, isFaceted: true),
        IndexField(name: "file", kind: .keyword, isFaceted: true),
        IndexField(name: "flag", kind: .keyword, isFaceted: true),
        IndexField(name: "published", kind: .date, isFaceted: true),
        IndexField(name: "figure", kind: .figure),
    ])
}
