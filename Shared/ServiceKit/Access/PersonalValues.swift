// Personal values at rest: each record's are sealed with a key of its own, and that key with the master key of the data folder.
//
//     sealed value = base64url( key id, 8 bytes | nonce, 24 bytes | XChaCha20-Poly1305 of the value's UTF-8 )
//     sealed key   = nonce, 24 bytes | XChaCha20-Poly1305 of the key, 32 bytes
//
// The associated data are collection, identity and field (of a key: collection and identity), so that a sealed text moved to
// another place opens nothing. Whoever erases a record's key has erased its values wherever they stand: in the journal, in
// segments, in backups of segments. The ledger keeps the sealed keys, and of personal keywords keyed hashes (BLAKE2b) by which whole
// values are found, which go with the keys; the master key is a file beside it, and is not in
// backups made by `kuaibao backup`.

import CSodium
import Foundation
package import Messages

/// Seals and opens personal values.
package enum PersonalValues {
    static let keyBytes = 32
    static let idBytes = 8

    /// A new key.
    package static func makeKey() -> RecordKey {
        RecordKey(id: Sodium.random(idBytes), bytes: Sodium.random(keyBytes))
    }

    /// - Parameter place: collection, identity and field.
    package static func seal(_ text: String, with key: RecordKey, at place: [String]) -> String {
        Base64URL.encode(key.id + AEAD.seal(Array(text.utf8), key: key.bytes, data: AEAD.data(place)))
    }

    /// Nil where none of the keys opens it: it is erased, or was sealed for another place.
    package static func open(_ sealed: String, with keys: [RecordKey], at place: [String]) -> String? {
        guard let bytes = Base64URL.decode(sealed), bytes.count > idBytes else { return nil }
        let id = Array(bytes[..<idBytes])
        for key in keys where key.id == id {
            guard let plain = AEAD.open(Array(bytes[idBytes...]), key: key.bytes, data: AEAD.data(place)) else {
                continue
            }
            return String(validating: plain, as: UTF8.self)
        }
        return nil
    }
}

/// The key that the keys of records are sealed with.
package struct MasterKey: Sendable {
    private let bytes: [UInt8]

    /// Reads the file, or makes it with a new key.
    ///
    /// - Throws: `corrupt` for a file that is no key, `unavailable` where it cannot be read or written.
    package init(path: String) throws(KuaibaoError) {
        if let text = try? String(contentsOfFile: path, encoding: .utf8) {
            guard let known = Hex.decode(text.trimmingCharacters(in: .whitespacesAndNewlines)),
                known.count == PersonalValues.keyBytes
            else {
                throw KuaibaoError(.corrupt, "\(path) is no key", fix: "restore it from where you keep a copy")
            }
            bytes = known
            return
        }
        guard !FileManager.default.fileExists(atPath: path) else {
            throw KuaibaoError(.unavailable, "\(path) cannot be read", fix: "let this user read it")
        }
        bytes = Sodium.random(PersonalValues.keyBytes)
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data((Hex.encode(bytes) + "\n").utf8), attributes: [.posixPermissions: 0o600])
        else {
            throw KuaibaoError(.unavailable, "\(path) cannot be written", fix: "is the folder writable and not full?")
        }
    }

    /// What stands for a value that no two records may share: equal for equal values of one field, and without the key
    /// of no use to whoever guesses values.
    package func token(of text: String, at place: [String]) -> [UInt8] {
        Sodium.hash(AEAD.data(place) + Array(text.utf8), key: bytes)
    }

    /// What a personal keyword is found by: equal for values of one field that are equal but for white space, width and the
    /// case of letters. The key is the collection's own, made of the master key.
    package func searchToken(of text: String, in collection: String, field: String) -> [UInt8] {
        let key = Sodium.hash(AEAD.data(["search", collection]), key: bytes)
        let folded = text.precomposedStringWithCompatibilityMapping.lowercased().filter { !$0.isWhitespace }
        return Sodium.hash(AEAD.data([field]) + Array(folded.utf8), key: key)
    }

    /// - Parameter place: collection and identity.
    package func seal(_ key: RecordKey, at place: [String]) -> RecordKey {
        RecordKey(id: key.id, bytes: AEAD.seal(key.bytes, key: bytes, data: AEAD.data(place)))
    }

    /// Nil for a key that was sealed by another master key or for another record.
    package func open(_ key: RecordKey, at place: [String]) -> RecordKey? {
        AEAD.open(key.bytes, key: bytes, data: AEAD.data(place)).map { RecordKey(id: key.id, bytes: $0) }
    }
}

/// XChaCha20-Poly1305 with a random nonce in front.
private enum AEAD {
    private static let nonceBytes = 24
    private static let tagBytes = 16

    /// Parts with their lengths, so that no two places have the same bytes.
    static func data(_ place: [String]) -> [UInt8] {
        place.flatMap { part in Array("\(part.utf8.count):".utf8) + Array(part.utf8) }
    }

    static func seal(_ plain: [UInt8], key: [UInt8], data: [UInt8]) -> [UInt8] {
        precondition(key.count == PersonalValues.keyBytes, "a key has 32 bytes")
        let nonce = Sodium.random(nonceBytes)
        var sealed = [UInt8](repeating: 0, count: plain.count + tagBytes)
        let status = unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
            &sealed, nil, plain, UInt64(plain.count), data, UInt64(data.count), nil, nonce, key)
        precondition(status == 0, "libsodium sealed nothing")
        return nonce + sealed
    }

    static func open(_ bytes: [UInt8], key: [UInt8], data: [UInt8]) -> [UInt8]? {
        guard bytes.count >= nonceBytes + tagBytes, key.count == PersonalValues.keyBytes else { return nil }
        let sealed = Array(bytes[nonceBytes...])
        var plain = [UInt8](repeating: 0, count: sealed.count - tagBytes)
        let status = unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
            &plain, nil, nil, sealed, UInt64(sealed.count), data, UInt64(data.count), Array(bytes[..<nonceBytes]), key)
        return status == 0 ? plain : nil
    }
}
