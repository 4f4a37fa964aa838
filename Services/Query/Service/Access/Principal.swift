// Who asks: a key, a tenant of a key, or anybody on a gateway that has no keys.

import Schemas
import Messages
import SearchCore
import ServiceKit

/// What a request may do.
struct Principal: Sendable, Hashable {
    /// The key's id, or `open`.
    let id: String
    /// The tenant, where the request came with a tenant token.
    let tenant: String?
    let scopes: Set<AccessScope>
    /// Nil for every collection.
    let collections: Set<String>?
    /// What every search is narrowed to, in the query language; nil for a request without a tenant token.
    let filter: String?
    /// The same, for standing queries.
    var filterText: String? { filter }

    /// Anybody, on a gateway without keys.
    static let open = Principal(
        id: "open", tenant: nil, scopes: Set(AccessScope.allCases), collections: nil, filter: nil)

    /// A filter that counts next to nothing in the score, so that it narrows and does not rank.
    static let filterFactor: Float = 0.001

    /// The filter for one collection; nil where there is none.
    ///
    /// - Throws: `notAllowed` where the collection has not the fields that the filter names.
    func filter(in schema: CollectionSchema) throws(KuaibaoError) -> Query? {
        guard let filter else { return nil }
        do {
            return try QueryParser(fields: schema.fields, today: nil).parse(filter)
        } catch {
            throw KuaibaoError(
                .notAllowed, "the tenant token's filter does not fit this collection: \(error.message)",
                fix: "ask for a collection that the token was made for")
        }
    }

    /// The query, narrowed to what this principal may see.
    ///
    /// - Throws: `notAllowed` where the filter does not fit the collection.
    func narrowed(_ query: Query, in schema: CollectionSchema) throws(KuaibaoError) -> Query {
        guard let filter = try filter(in: schema) else { return query }
        return .and([query, .boost(filter, factor: Self.filterFactor)])
    }

    /// - Throws: `notAllowed` without the scope or the collection.
    func require(_ scope: AccessScope, collection: String?) throws(KuaibaoError) {
        guard scopes.contains(scope) else {
            throw KuaibaoError(
                .notAllowed, "this \(tenant == nil ? "key" : "tenant token") has no scope \"\(scope.rawValue)\"",
                fix: "use a key that has it: kuaibao api-keys create --scopes \(scope.rawValue)")
        }
        guard let collection, let collections, !collections.contains(collection) else { return }
        throw KuaibaoError(
            .notAllowed, "this key is not for the collection \"\(collection.prefix(80))\"",
            fix: "use a key that names it: kuaibao api-keys create --collections")
    }
}
