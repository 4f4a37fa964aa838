// A tenant token: an API key's right to search, narrowed to what a filter lets through, signed by the key's owner.
//
//     token     = "kbt1." payload "." signature
//     payload   = base64url of the JSON form of `TenantToken`
//     signature = base64url of Ed25519 over the bytes of `"kbt1." payload`
//
// A token is made without asking the gateway, by whoever has the key. It allows reading: search, documents,
// suggestions, similar items, counts and exports, and where the key may watch, watches of its own; all behind the filter. It ends with its key at the latest.

package import Messages

import Foundation

/// What a token says.
package struct TenantToken: Codable, Sendable, Hashable {
    private static let prefix = "kbt1."
    /// Longest token that is read, in bytes.
    package static let byteLimit = 4096

    /// The id of the key that signed it.
    package var key: String
    /// Whom it is for; stands in the audit log.
    package var tenant: String
    /// The filter, in the query language; never empty.
    package var filter: String
    /// From when on it is refused: milliseconds since 1970, UTC.
    package var expiresAt: Int64

    package init(key: String, tenant: String, filter: String, expiresAt: Int64) {
        self.key = key
        self.tenant = tenant
        self.filter = filter
        self.expiresAt = expiresAt
    }

    package static func isToken(_ text: String) -> Bool { text.hasPrefix(prefix) }

    /// The token's text, signed with the key.
    ///
    /// - Throws: `invalidRequest` for a filter or a tenant that makes it too long.
    package func signed(with secret: KeySecret) throws(KuaibaoError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let payload = try? encoder.encode(self) else {
            throw KuaibaoError(.internal, "a token could not be written", fix: "report this")
        }
        let head = Self.prefix + Base64URL.encode(Array(payload))
        let text = head + "." + Base64URL.encode(secret.sign(Array(head.utf8)))
        guard text.utf8.count <= Self.byteLimit else {
            throw KuaibaoError(
                .invalidRequest, "a token of \(text.utf8.count) bytes",
                fix: "give a shorter filter; at most \(Self.byteLimit)")
        }
        return text
    }

    /// Reads what a token says, without believing it: `isSigned` must follow.
    package init?(unverified text: String) {
        guard text.utf8.count <= Self.byteLimit, text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64URL.decode(String(parts[1])),
            let token = try? JSONDecoder().decode(TenantToken.self, from: Data(payload)), !token.filter.isEmpty
        else { return nil }
        self = token
    }

    /// Whether the text bears the signature of this key.
    package static func isSigned(_ text: String, by key: APIKey) -> Bool {
        guard let dot = text.lastIndex(of: "."), let publicKey = Hex.decode(key.publicKey),
            let signature = Base64URL.decode(String(text[text.index(after: dot)...]))
        else { return false }
        return Sodium.isSignature(signature, of: Array(text[..<dot].utf8), publicKey: publicKey)
    }
}
