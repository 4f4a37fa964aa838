// One API key as it is kept: whom it is for, what it allows, how long, and how it is recognised. Never the key itself.

/// What a key allows. No scope contains another.
package enum AccessScope: String, Codable, Sendable, Hashable, CaseIterable {
    /// Search, read documents, export, suggestions, tenant tokens.
    case search
    /// Submit documents and follow submissions.
    case add
    /// Remove documents.
    case delete
    /// Digests, figures and standing queries.
    case watch
    /// Status, metrics, dead letters and collections.
    case admin
    /// Reads personal values of records unmasked, one record at a time.
    case personal
}

/// A key's record.
package struct APIKey: Codable, Sendable, Hashable {
    /// Says that every collection is meant.
    package static let everyCollection = "*"

    /// 16 hexadecimal digits; part of the key, and its name in lists and in the audit log.
    package var id: String
    /// For people: who uses it.
    package var name: String
    /// Ascending by name.
    package var scopes: [AccessScope]
    /// Names of collections, or `*`.
    package var collections: [String]
    /// Milliseconds since 1970, UTC.
    package var createdAt: Int64
    /// From when on it is refused; nil for never.
    package var expiresAt: Int64?
    /// Since when it is refused; nil for a key in use.
    package var revokedAt: Int64?
    /// Requests a second that it may send in the long run; nil for the gateway's setting.
    package var requestsPerSecond: Double?
    /// BLAKE2b-256 of the secret, in hexadecimal digits.
    package var hash: String
    /// Ed25519 public key that the tenant tokens made with this key are checked with, in hexadecimal digits.
    package var publicKey: String

    package init(
        id: String, name: String, scopes: [AccessScope], collections: [String], createdAt: Int64,
        expiresAt: Int64? = nil, revokedAt: Int64? = nil, requestsPerSecond: Double? = nil, hash: String,
        publicKey: String
    ) {
        self.id = id
        self.name = name
        self.scopes = scopes
        self.collections = collections
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.requestsPerSecond = requestsPerSecond
        self.hash = hash
        self.publicKey = publicKey
    }

    /// Why the key is refused at this time; nil when it is good.
    package func refusal(at now: Int64) -> String? {
        if let revokedAt, revokedAt <= now { return "is revoked" }
        if let expiresAt, expiresAt <= now { return "has expired" }
        return nil
    }
}
