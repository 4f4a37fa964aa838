// A keyed hash that other programs can check: HMAC-SHA256 (RFC 2104, RFC 4231) by libsodium.

import CSodium

package enum MessageAuthentication {
    private static let digestBytes = 32

    /// HMAC-SHA256 of a message, as hexadecimal digits.
    package static func sha256(_ message: [UInt8], key: [UInt8]) -> String {
        var state = crypto_auth_hmacsha256_state()
        var digest = [UInt8](repeating: 0, count: digestBytes)
        let status = unsafe [
            crypto_auth_hmacsha256_init(&state, key, key.count),
            crypto_auth_hmacsha256_update(&state, message, UInt64(message.count)),
            crypto_auth_hmacsha256_final(&state, &digest),
        ]
        precondition(status.allSatisfy { $0 == 0 }, "libsodium refused an HMAC of \(message.count) bytes")
        return Hex.encode(digest)
    }
}
