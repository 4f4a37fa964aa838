// What clients send in bodies of JSON.

import Schemas
import Foundation
import Messages
import SearchCore
import ServiceKit

/// A search request whose collection stands in the address.
struct SearchRequestBody: Decodable {
    let request: SearchRequest

    private enum Key: String, CodingKey, CaseIterable {
        case q, query, limit, offset, cursor, sort, order, near, facets, histogram, snippetCharacters, explain,
            collapse, collapseBy, asOf, timeoutMilliseconds
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        for key in try decoder.container(keyedBy: AnyKey.self).allKeys where Key(rawValue: key.stringValue) == nil {
            throw KuaibaoError(
                .invalidRequest, "unknown field \"\(key.stringValue.prefix(80))\"",
                fix: "use \(Key.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let container = try decoder.container(keyedBy: Key.self)
        request = SearchRequest(
            collection: "", q: try container.decodeIfPresent(String.self, forKey: .q),
            query: try container.decodeIfPresent(Query.self, forKey: .query),
            limit: try container.decodeIfPresent(Int.self, forKey: .limit),
            offset: try container.decodeIfPresent(Int.self, forKey: .offset),
            cursor: try container.decodeIfPresent(String.self, forKey: .cursor),
            sort: try container.decodeIfPresent(RequestedOrder.self, forKey: .sort),
            order: try container.decodeIfPresent(String.self, forKey: .order),
            near: try container.decodeIfPresent(String.self, forKey: .near),
            facets: try container.decodeIfPresent([String].self, forKey: .facets),
            histogram: try container.decodeIfPresent(Bool.self, forKey: .histogram),
            snippetCharacters: try container.decodeIfPresent(Int.self, forKey: .snippetCharacters),
            explain: try container.decodeIfPresent(Bool.self, forKey: .explain),
            collapse: try container.decodeIfPresent(Bool.self, forKey: .collapse),
            collapseBy: try container.decodeIfPresent([String].self, forKey: .collapseBy),
            asOf: try container.decodeIfPresent(String.self, forKey: .asOf),
            timeoutMilliseconds: try container.decodeIfPresent(Int.self, forKey: .timeoutMilliseconds))
    }
}

/// The body of `POST /v1/tokens`.
struct TokenRequest: Decodable {
    /// Seconds that a token may live at most: a year.
    static let secondsRange = 1...31_536_000

    let tenant: String
    let filter: String
    let seconds: Int

    /// The token, signed with the key that the request came with.
    ///
    /// - Throws: `invalidRequest`, `invalidQuery` or `queryTooComplex` for what the token would say; `notAllowed` where
    ///   the request came without a key of its own.
    func sign(
        credential: String?, _ principal: Principal, now: Int64, schemas: [String: CollectionSchema]
    ) throws(KuaibaoError) -> TokenReply {
        guard principal.tenant == nil, let text = credential?.dropFirst(7).trimmingCharacters(in: .whitespaces),
            let secret = KeySecret(text)
        else {
            throw KuaibaoError(
                .notAllowed, "a tenant token is signed with an API key, and the request came without one",
                fix: "make one: kuaibao api-keys create")
        }
        guard Self.secondsRange.contains(seconds) else {
            throw KuaibaoError(
                .invalidRequest, "seconds is \(seconds)",
                fix: "use \(Self.secondsRange.lowerBound) to \(Self.secondsRange.upperBound)")
        }
        guard !tenant.isEmpty, tenant.utf8.count <= 200 else {
            throw KuaibaoError(.invalidRequest, "tenant has \(tenant.utf8.count) bytes", fix: "use 1 to 200")
        }
        try checkFilter(schemas.filter { principal.collections?.contains($0.key) ?? true }.map(\.value))
        let token = TenantToken(
            key: secret.id, tenant: tenant, filter: filter, expiresAt: now + Int64(seconds) * 1000)
        return TokenReply(token: try token.signed(with: secret), expiresAt: token.expiresAt)
    }
}

extension TokenRequest {
    /// The filter must say something, and at least one collection must have the fields that it names. A collection that
    /// lacks them is closed to the token.
    private func checkFilter(_ schemas: [CollectionSchema]) throws(KuaibaoError) {
        var refusal: KuaibaoError?
        var isFitting = false
        for schema in schemas.isEmpty ? [.bulletins] : schemas.sorted(by: { $0.generation < $1.generation }) {
            do throws(KuaibaoError) {
                guard try QueryParser(fields: schema.fields, today: nil).parse(filter) != .all else {
                    throw KuaibaoError(
                        .invalidRequest, "the filter lets everything through", fix: "say what the tenant may see")
                }
                isFitting = true
            } catch {
                if error.code == .invalidRequest { throw error }
                refusal = refusal ?? error
            }
        }
        if !isFitting, let refusal { throw refusal }
    }
}

/// The answer to `POST /v1/tokens`.
struct TokenReply: Encodable {
    let token: String
    /// Milliseconds since 1970, UTC.
    let expiresAt: Int64
}

/// A member that is null is a mistake of the sender, not a member that is left out: the schemas name no null.
enum NoNulls {
    /// The one member inside of which there may be some, by the grammar of a query's JSON form.
    private static let exempt = "query"

    /// - Throws: `invalidRequest` with the member's place.
    static func check(_ body: JSONValue, what: String) throws(KuaibaoError) {
        guard case .object(let members) = body else { return }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) where name != exempt || value == .null {
            guard let place = place(of: value, at: name) else { continue }
            throw KuaibaoError(
                .invalidRequest, "the body is no \(what): \(place.prefix(80)) is null", fix: "leave it out, or give a value"
            )
        }
    }

    private static func place(of value: JSONValue, at path: String) -> String? {
        switch value {
        case .null: path
        case .list(let values):
            values.enumerated().lazy.compactMap { place(of: $1, at: "\(path)[\($0)]") }.first
        case .object(let members):
            members.sorted(by: { $0.key < $1.key }).lazy.compactMap { place(of: $1, at: "\(path).\($0)") }.first
        default: nil
        }
    }
}
