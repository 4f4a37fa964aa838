// Who asks: a key, a tenant of a key, or anybody on a gateway that has no keys.

import Messages
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
    /// What every search is narrowed to; nil for a request without a tenant token.
    let filter: Query?
    /// The same as the token has it.
    var filterText: String?

    /// Anybody, on a gateway without keys.
    static let open = Principal(
        id: "open", tenant: nil, scopes: Set(AccessScope.allCases), collections: nil, filter: nil)

    /// A filter that counts next to nothing in the score, so that it narrows and does not rank.
    private static let filterFactor: Float = 0.001

    /// The query, narrowed to what this principal may see.
    func narrowed(_ query: Query) -> Query {
        guard let filter else { return query }
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
