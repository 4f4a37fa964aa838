// Keys of CURVE, ZeroMQ's encryption and authentication (ZeroMQ RFC 25, 26): pairs on Curve25519.

import CZeroMQ

/// Makes and checks CURVE keys.
package enum Curve {
    /// A key that peers may know. Two are equal when their bytes are.
    package struct PublicKey: Sendable, Hashable, CustomStringConvertible {
        /// The 32 bytes.
        package let bytes: [UInt8]

        /// Takes 32 bytes; nil for any other count.
        package init?(bytes: [UInt8]) {
            guard bytes.count == Curve.keyBytes else { return nil }
            self.bytes = bytes
        }

        /// Reads the 40 characters that `z85` gives; nil for anything else.
        package init?(z85: String) {
            guard let bytes = Z85.decode(z85) else { return nil }
            self.init(bytes: bytes)
        }

        package var z85: String { Z85.encode(bytes) ?? "" }

        package var description: String { z85 }
    }

    /// A key that only its owner may know. It does not show itself in logs.
    package struct SecretKey: Sendable, CustomStringConvertible, CustomReflectable {
        let bytes: [UInt8]

        /// Takes 32 bytes; nil for any other count.
        package init?(bytes: [UInt8]) {
            guard bytes.count == Curve.keyBytes else { return nil }
            self.bytes = bytes
        }

        /// Reads 40 characters of Z85; nil for anything else.
        package init?(z85: String) {
            guard let bytes = Z85.decode(z85) else { return nil }
            self.init(bytes: bytes)
        }

        /// The key's text, for the file that keeps it.
        package func revealed() -> String { Z85.encode(bytes) ?? "" }

        package var description: String { "SecretKey(hidden)" }
        package var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// Bytes of either key.
    package static let keyBytes = 32

    /// Makes a new pair from the system's random source.
    package static func makeKeyPair() throws(ZeroMQError) -> (publicKey: PublicKey, secretKey: SecretKey) {
        var publicText = [CChar](repeating: 0, count: 41)
        var secretText = [CChar](repeating: 0, count: 41)
        guard unsafe zmq_curve_keypair(&publicText, &secretText) == 0 else { throw .last("make a key pair") }
        guard let publicKey = PublicKey(z85: text(publicText)), let secretKey = SecretKey(z85: text(secretText)) else {
            throw badKey("make a key pair")
        }
        return (publicKey, secretKey)
    }

    /// The public key that belongs to a secret one.
    package static func publicKey(of secretKey: SecretKey) throws(ZeroMQError) -> PublicKey {
        var publicText = [CChar](repeating: 0, count: 41)
        guard unsafe zmq_curve_public(&publicText, secretKey.revealed()) == 0 else {
            throw .last("derive a public key")
        }
        guard let publicKey = PublicKey(z85: text(publicText)) else { throw badKey("derive a public key") }
        return publicKey
    }

    // MARK: Published keys

    /// True for the public keys of zmq_curve(7), whose secret halves are printed beside them.
    package static func isPublished(_ key: PublicKey) -> Bool { publishedPublic.contains(key.z85) }

    /// Refuses a key that everybody knows.
    static func refusePublished(_ key: PublicKey) throws(ZeroMQError) {
        if isPublished(key) { throw published }
    }

    static func refusePublished(_ key: SecretKey) throws(ZeroMQError) {
        if publishedSecret.contains(key.revealed()) { throw published }
    }

    private static let publishedPublic = [
        "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
    ]

    private static let publishedSecret = [
        "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs", "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6",
    ]

    private static var published: ZeroMQError {
        ZeroMQError(
            .invalidKey, operation: "take a key",
            message: "the key is printed in the manual page zmq_curve, so everybody has it; make a key pair of your own"
        )
    }

    private static func badKey(_ operation: String) -> ZeroMQError {
        ZeroMQError(
            .invalidKey, operation: operation, message: "\(operation) gave no key of 40 characters; reinstall libzmq")
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
