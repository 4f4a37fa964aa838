// A collection as the index and the query language see it: the built-in bulletins, or what a declaration says.
//
//     declared type          in the index        in a query
//     text                   text                words, phrases
//     keyword                keyword             the whole value
//     boolean                keyword true/false  the whole value, also 是 and 否
//     integer, number        integer, number     ranges
//     date                   date                dates with their precision
//     point                  point               circles, boxes, polygons
//     area                   area                places that it holds
//
// Every record also has the number `_accepted`, the instant of its last change in milliseconds; nobody asks for it by name.

package import Messages
package import Records
package import SearchCore
import Synchronization

/// What readers, searchers and indexers need to know of a collection.
package struct CollectionSchema: Sendable {
    /// The instant of a record's last change.
    package static let acceptedField = "_accepted"

    /// Nil for the built-in collection.
    package let declaration: CollectionDeclaration?
    /// 0 for the built-in collection.
    package let generation: Int
    package let index: IndexSchema
    package let fields: QueryFields
    /// Fields whose values can be counted.
    package let facets: [String]
    /// The date that newest and oldest go by, and months are counted of; nil where a record has none.
    package let dateField: String?
    /// The field that hits are shown with, among those of the index.
    package let titleField: String
    /// The text that snippets are cut from.
    package let bodyField: String
    /// What suggestions are taken from: keyword fields that are counted, and the field that hits are shown with.
    package let suggestions: SuggestionFields

    /// The built-in collection.
    package static let bulletins = CollectionSchema()

    private init() {
        declaration = nil
        generation = 0
        index = .bulletins
        fields = .bulletins
        facets = IndexSchema.bulletins.fields.filter { $0.isFaceted && $0.kind == .keyword }.map(\.name)
        dateField = "published"
        titleField = "title"
        bodyField = "body"
        suggestions = .bulletins
    }

    /// - Throws: `invalidDeclaration`.
    package init(_ stored: StoredDeclaration) throws(KuaibaoError) {
        let declaration = try DeclarationReader.read(stored.text)
        self.declaration = declaration
        generation = stored.generation
        var indexed: [IndexField] = []
        var named: [QueryField] = []
        // What says something of a person is not in the index.
        for field in declaration.fields where !field.isPersonal {
            indexed.append(
                IndexField(
                    name: field.name, kind: field.indexKind, weight: field.type == .text ? field.weight : 1,
                    isFaceted: field.isFaceted))
            named.append(field.queryField)
        }
        indexed.append(IndexField(name: Self.acceptedField, kind: .integer))
        do {
            index = try IndexSchema(fields: indexed)
        } catch {
            throw KuaibaoError(.invalidDeclaration, error.message, fix: "declare fewer fields")
        }
        fields = QueryFields(named)
        facets = declaration.fields.filter { $0.isFaceted && !$0.isPersonal }.map(\.name)
        dateField = declaration.fields.first { $0.type == .date && $0.isSorted }?.name
        let texts = declaration.fields.filter { $0.type == .text && !$0.isPersonal }
        let title = declaration.titleField ?? texts.first?.name ?? declaration.fields[0].name
        let others = texts.filter { $0.name != title }
        titleField = title
        let names = declaration.fields.filter {
            $0.type == .keyword && !$0.isPersonal && ($0.isFaceted || $0.name == title)
        }
        suggestions = SuggestionFields(
            names: names.map(\.name), title: texts.contains { $0.name == title } ? title : nil, date: dateField)
        bodyField = (others.first(where: \.isHighlighted) ?? others.first ?? texts.first)?.name ?? title
    }

    /// The point field that places are compared with unless one is named.
    package var pointField: String? { declaration?.fields.first { $0.type == .point }?.name }
}

extension FieldDeclaration {
    var indexKind: FieldKind {
        switch type {
        case .text: .text
        case .keyword, .boolean: .keyword
        case .integer: .integer
        case .number: .number
        case .date: .date
        case .point: .point
        case .area: .area
        }
    }

    var queryField: QueryField {
        switch type {
        case .text: QueryField(name, .text, aliases: names)
        case .keyword: QueryField(name, .keyword, aliases: names)
        case .boolean: .boolean(name, aliases: names)
        case .integer, .number: QueryField(name, .number, aliases: names)
        case .date: QueryField(name, .date, aliases: names)
        case .point: QueryField(name, .point, aliases: names)
        case .area: QueryField(name, .area, aliases: names)
        }
    }
}

/// Schemas of declarations that were read before. Used by several threads.
package final class SchemaCache: Sendable {
    /// Declarations that are remembered; more than a ledger has collections.
    private static let limit = 2048

    private let schemas = Mutex<[StoredDeclaration: CollectionSchema]>([:])

    package init() {}

    /// The schema of a declaration; nil is the built-in one.
    ///
    /// - Throws: `invalidDeclaration` for a declaration that this program cannot read.
    package func schema(_ stored: StoredDeclaration?) throws(KuaibaoError) -> CollectionSchema {
        guard let stored else { return .bulletins }
        if let known = schemas.withLock({ $0[stored] }) { return known }
        let schema = try CollectionSchema(stored)
        schemas.withLock { schemas in
            if schemas.count >= Self.limit { schemas.removeAll() }
            schemas[stored] = schema
        }
        return schema
    }
}
