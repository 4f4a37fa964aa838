// The secret part of an API key, and what is derived from it. Hashes and signatures are libsodium's.
//
//     key      = "kbk_" id "_" secret
//     id       = 16 hexadecimal digits
//     secret   = 32 random bytes in base64url without padding, 43 characters
//     hash     = BLAKE2b-256(secret bytes)                                   ; what is kept
//     signing  = Ed25519 key pair of the seed BLAKE2b-256(secret bytes, key "kuaibao tenant token")
//
// A secret has 256 random bits, so that a fast hash keeps it: nobody can try them all. Who reads the file of keys has
// the hash and the public half of the signing pair, and can neither use a key nor sign a token.

import CSodium
import Foundation

/// A key as its owner has it.
package struct KeySecret: Sendable {
    static let byteCount = 32
    private static let prefix = "kbk_"

    package let id: String
    private let bytes: [UInt8]

    /// A new key of random bytes.
    package static func random() -> KeySecret {
        var generator = SystemRandomNumberGenerator()
        return KeySecret(
            id: String(Identifier.random().prefix(16)),
            bytes: (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    private init(id: String, bytes: [UInt8]) {
        self.id = id
        self.bytes = bytes
    }

    /// Reads a key's text; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count == 64, text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: "_", maxSplits: 1)
        guard parts.count == 2, parts[0].utf8.count == 16, let bytes = Base64URL.decode(String(parts[1])),
            bytes.count == Self.byteCount
        else { return nil }
        self.init(id: String(parts[0]), bytes: bytes)
    }

    /// The key as its owner keeps it; shown once.
    package var text: String { Self.prefix + id + "_" + Base64URL.encode(bytes) }

    /// What is kept of it.
    package var hash: String { Hex.encode(Sodium.hash(bytes)) }

    /// The public half of its signing pair.
    package var publicKey: String { Hex.encode(Sodium.signingPair(seed: signingSeed).publicKey) }

    /// Whether this is the key that the record is of; takes the same time for every wrong one.
    package func matches(_ record: APIKey) -> Bool {
        guard let expected = Hex.decode(record.hash) else { return false }
        return Sodium.areEqual(Sodium.hash(bytes), expected)
    }

    /// The Ed25519 signature of a message, 64 bytes.
    func sign(_ message: [UInt8]) -> [UInt8] {
        Sodium.sign(message, secretKey: Sodium.signingPair(seed: signingSeed).secretKey)
    }

    private var signingSeed: [UInt8] { Sodium.hash(bytes, key: Array("kuaibao tenant token".utf8)) }
}

/// The few functions of libsodium that keys need, over arrays.
enum Sodium {
    private static let hashBytes = 32
    static let publicKeyBytes = 32
    private static let secretKeyBytes = 64
    static let signatureBytes = 64

    /// Random bytes of the system.
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// BLAKE2b-256, with a key of at most 64 bytes where one is given.
    static func hash(_ bytes: [UInt8], key: [UInt8] = []) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: hashBytes)
        let status = unsafe crypto_generichash(&hash, hashBytes, bytes, UInt64(bytes.count), key, key.count)
        precondition(status == 0, "libsodium refused a hash of \(hashBytes) bytes")
        return hash
    }

    /// - Precondition: the seed has 32 bytes.
    static func signingPair(seed: [UInt8]) -> (publicKey: [UInt8], secretKey: [UInt8]) {
        precondition(seed.count == 32, "a signing seed has 32 bytes")
        var publicKey = [UInt8](repeating: 0, count: publicKeyBytes)
        var secretKey = [UInt8](repeating: 0, count: secretKeyBytes)
        let status = unsafe crypto_sign_seed_keypair(&publicKey, &secretKey, seed)
        precondition(status == 0, "libsodium made no signing pair")
        return (publicKey, secretKey)
    }

    static func sign(_ message: [UInt8], secretKey: [UInt8]) -> [UInt8] {
        precondition(secretKey.count == secretKeyBytes, "a signing key has 64 bytes")
        var signature = [UInt8](repeating: 0, count: signatureBytes)
        let status = unsafe crypto_sign_detached(&signature, nil, message, UInt64(message.count), secretKey)
        precondition(status == 0, "libsodium signed nothing")
        return signature
    }

    static func isSignature(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureBytes, publicKey.count == publicKeyBytes else { return false }
        return unsafe crypto_sign_verify_detached(signature, message, UInt64(message.count), publicKey) == 0
    }

    /// Compares in a time that does not tell where the first difference is.
    static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Base64 with the alphabet of addresses and without padding (RFC 4648, section 5).
package enum Base64URL {
    package static func encode(_ bytes: [UInt8]) -> String {
        let letters = Data(bytes).base64EncodedData().compactMap { letter -> UInt8? in
            switch letter {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: letter
            }
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// Nil for text that is none, or that is not written in the one shortest way.
    package static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.allSatisfy({ isLetterOfAlphabet($0) }) else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let plain = text.replacing("-", with: "+").replacing("_", with: "/") + padding
        guard let data = Data(base64Encoded: plain) else { return nil }
        let bytes = Array(data)
        return encode(bytes) == text ? bytes : nil
    }

    private static func isLetterOfAlphabet(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// Lower-case hexadecimal digits.
enum Hex {
    static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
