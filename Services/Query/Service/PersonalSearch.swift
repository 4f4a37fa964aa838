// Personal keywords in a search: found as whole values, by whoever may read them.
//
// What they are found by is in the ledger, beside the keys of their records, and goes with them; the index knows nothing of it. So
// a condition on a personal keyword becomes one on the identities of the records that have the value:
//
//     证件号:310… 区:静安   →   (registration:DJ-7 OR registration:DJ-19) 区:静安
//
// Invariants
//  (1) The value stands in no address, no log line, no kept answer and no message to a query worker: it is taken from the body
//      of a POST only, and the answer is not kept.
//  (2) The audit log has a line before anything is looked up.

import Foundation
import Messages
import Records
import Schemas
import SearchCore
import ServiceKit
import Transport

/// Looks personal keywords up.
struct PersonalSearch: Sendable {
    /// Records that one value may have.
    static let recordLimit = 200
    /// Personal values in one query.
    static let valueLimit = 8

    let ledger: LedgerClient
    let audit: AuditLog
    let wall: @Sendable () -> Int64

    /// The personal keywords that a principal may ask for; none without the scope `personal`.
    static func fields(of schema: CollectionSchema, _ veil: Veil, for principal: Principal) -> [QueryField] {
        guard let declaration = schema.declaration, principal.scopes.contains(.personal), principal.tenant == nil else {
            return []
        }
        return declaration.fields
            .filter { $0.isFoundWhole && !veil.hidden.contains($0.name) }
            .map { QueryField($0.name, .keyword, aliases: $0.names) }
    }

    /// The query with the identities of records in the place of personal values.
    ///
    /// - Throws: `invalidQuery` for a personal keyword that is not compared as a whole, `queryTooComplex` for too many of them or
    ///   a value that too many records have, `notAllowed` without an audit log.
    func resolved(
        _ query: Query, _ fields: Set<String>, in schema: CollectionSchema, for principal: Principal
    ) async throws -> Query {
        guard let declaration = schema.declaration else { return query }
        var terms: Set<Term> = []
        try Self.collect(query, fields, &terms)
        guard !terms.isEmpty else { return query }
        guard terms.count <= Self.valueLimit else {
            throw KuaibaoError(
                .queryTooComplex, "\(terms.count) personal values", fix: "ask for at most \(Self.valueLimit) at once")
        }
        try principal.require(.personal, collection: declaration.name)
        let time = Date(timeIntervalSince1970: Double(wall()) / 1000)
        try audit.keep(
            AuditLog.Entry(
                time: time.formatted(.iso8601.time(includingFractionalSeconds: true)), key: principal.id,
                tenant: principal.tenant, remote: "", method: "FIND",
                path: "/v1/collections/\(declaration.name)/search",
                query: Set(terms.map(\.field)).sorted().joined(separator: ","), status: 200, milliseconds: 0))
        var found: [Term: Query] = [:]
        for term in terms {
            let identities = try await ledger.records(
                of: declaration.name, with: term.value, in: term.field, limit: Self.recordLimit + 1)
            guard identities.count <= Self.recordLimit else {
                throw KuaibaoError(
                    .queryTooComplex, "more than \(Self.recordLimit) records have that value of \(term.field)",
                    fix: "add other conditions, or read the records by them")
            }
            let queries = try identities.map { (identity) throws(KuaibaoError) in try Self.query(identity, declaration) }
            found[term] = queries.isEmpty ? Query.none : .or(queries)
        }
        return Self.replaced(query, found)
    }

    private struct Term: Hashable {
        let field: String
        let value: String
    }

    // MARK: The tree

    private static func collect(
        _ query: Query, _ fields: Set<String>, _ terms: inout Set<Term>
    ) throws(KuaibaoError) {
        switch query {
        case .term(let value, let field):
            if fields.contains(field) { terms.insert(Term(field: field, value: value)) }
        case .and(let parts), .or(let parts):
            for part in parts { try collect(part, fields, &terms) }
        case .not(let part), .boost(let part, _): try collect(part, fields, &terms)
        case .text(_, let field?), .phrase(_, let field?, _), .prefix(_, let field?), .wildcard(_, let field?),
            .fuzzy(_, let field?, _):
            guard !fields.contains(field) else {
                throw KuaibaoError(
                    .invalidQuery, "\(field) is personal and compared as a whole", fix: "give the whole value: \(field):…")
            }
        case .all, .none, .text, .phrase, .prefix, .wildcard, .fuzzy, .dates, .monthDay, .numbers, .within, .covers, .figure: break
        }
    }

    private static func replaced(_ query: Query, _ found: [Term: Query]) -> Query {
        switch query {
        case .term(let value, let field): found[Term(field: field, value: value)] ?? query
        case .and(let parts): .and(parts.map { replaced($0, found) })
        case .or(let parts): .or(parts.map { replaced($0, found) })
        case .not(let part): .not(replaced(part, found))
        case .boost(let part, let factor): .boost(replaced(part, found), factor: factor)
        default: query
        }
    }

    /// The query that finds the record of an identity and no other.
    private static func query(_ identity: String, _ declaration: CollectionDeclaration) throws(KuaibaoError) -> Query {
        let cannot = KuaibaoError(
            .invalidRequest, "records of \(declaration.name) cannot be found by personal values",
            fix: "that takes an identity of keywords and whole numbers")
        guard let parts = RecordIdentity.parts(of: identity, declaration) else { throw cannot }
        var queries: [Query] = []
        for (name, part) in zip(declaration.identity, parts) {
            guard let field = declaration.field(named: name), !field.isPersonal, !field.isList else { throw cannot }
            switch field.type {
            case .keyword: queries.append(.term(part, field: name))
            case .integer:
                guard let number = Double(part), number.magnitude < 0x1p53 else { throw cannot }
                queries.append(.numbers(NumberRange(lower: number, upper: number), field: name))
            default: throw cannot
            }
        }
        return queries.count == 1 ? queries[0] : .and(queries)
    }
}
