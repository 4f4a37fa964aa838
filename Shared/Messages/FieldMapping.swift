// What the columns of a CSV or the members of JSON are, where their names do not tell: the hint `fields` of a document.
//
//     mapping = pair *( "," pair )
//     pair    = name "=" role                              公告标题=title,发布单位=department,备注=none

/// Roles of a document's columns or members, by their names as they stand there.
package struct FieldMapping: Sendable, Hashable {
    /// What a column is. `none` is passed over.
    package enum Role: String, Sendable, CaseIterable {
        case title, body, published, source, department, none
    }

    /// Pairs at most.
    package static let limit = 64
    /// The hint's name.
    package static let hint = "fields"

    package private(set) var roles: [String: Role] = [:]

    /// No mapping.
    package init() {}

    /// - Throws: `invalidRequest` for a pair without a name or with an unknown role, a name that stands there twice, or too many pairs.
    package init(_ text: String) throws(KuaibaoError) {
        let pairs = text.split(separator: ",")
        guard pairs.count <= Self.limit else {
            throw KuaibaoError(.invalidRequest, "\(pairs.count) fields are mapped", fix: "map at most \(Self.limit)")
        }
        for pair in pairs {
            guard let mark = pair.lastIndex(of: "="), mark > pair.startIndex, let role = Role(rawValue: String(pair[pair.index(after: mark)...])) else {
                throw KuaibaoError(
                    .invalidRequest, "\"\(pair.prefix(80))\" maps no field",
                    fix: "write NAME=ROLE with one of: \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            guard roles.updateValue(role, forKey: String(pair[..<mark])) == nil else {
                throw KuaibaoError(.invalidRequest, "\"\(pair[..<mark].prefix(80))\" is mapped twice", fix: "map each name once")
            }
        }
    }
}
