// The folder with what one process needs to prove who it is and to know whom it talks to.
//
//     secret                  "ROLE NAME KEY": the secret key, in Z85; readable by its owner only
//     ingest-gateway.public   the public key of the ingest gateway, in Z85
//     query-gateway.public    the public key of the query gateway, in Z85
//     allow                   gateways only: who may connect (`AllowList`)
//
// `KeyMaker` writes such folders, one for each role.

import Foundation
package import Messages
package import ZeroMQ

/// The keys of one process, read once at its start.
package struct KeyFolder: Sendable {
    package static let secretFile = "secret"
    package static let allowFile = "allow"
    /// Bytes of a key file.
    private static let fileBytes = 4096

    package let path: String
    package let role: LinkRole
    package let name: String
    package let publicKey: Curve.PublicKey
    package let secretKey: Curve.SecretKey
    private let servers: [LinkRole: Curve.PublicKey]

    /// Reads and checks all keys.
    ///
    /// - Throws: `notAllowed` where the keys are of another role, published, or readable by everybody;
    ///   `invalidRequest` where a file is missing or damaged.
    package init(path: String) throws(KuaibaoError) {
        let secretPath = "\(path)/\(Self.secretFile)"
        try Self.checkMode(secretPath)
        let fields = try Self.read(secretPath, limit: Self.fileBytes).split(whereSeparator: \.isWhitespace)
        guard fields.count == 3, let role = LinkRole(rawValue: String(fields[0])),
            let secret = Curve.SecretKey(z85: String(fields[2]))
        else {
            throw Self.damaged(secretPath, "ROLE NAME KEY")
        }
        do {
            publicKey = try Curve.publicKey(of: secret)
        } catch {
            throw KuaibaoError(.internal, error.message, fix: "reinstall libzmq and libsodium")
        }
        guard !Curve.isPublished(publicKey) else {
            throw KuaibaoError(
                .notAllowed, "the key in \(secretPath) is printed in a manual, so everybody has it",
                fix: "make keys with kuaibao keys")
        }
        var servers: [LinkRole: Curve.PublicKey] = [:]
        for server in LinkRole.allCases where server.bindsLinks {
            let file = Self.publicFile(path, of: server)
            let text = try Self.read(file, limit: Self.fileBytes).trimmingCharacters(in: .whitespacesAndNewlines)
            guard let key = Curve.PublicKey(z85: text), !Curve.isPublished(key) else {
                throw Self.damaged(file, "a public key of 40 characters")
            }
            servers[server] = key
        }
        self.path = path
        self.role = role
        name = String(fields[1])
        secretKey = secret
        self.servers = servers
    }

    package static func publicFile(_ path: String, of server: LinkRole) -> String { "\(path)/\(server.rawValue).public" }

    /// The part of a server socket; its domain is the link.
    package func serving(_ link: Link) -> CurveRole { .server(secretKey: secretKey, domain: link.rawValue) }

    /// The part of a client socket.
    package func connecting(to link: Link) throws(KuaibaoError) -> CurveRole {
        guard let server = servers[link.server] else {
            throw Self.damaged(Self.publicFile(path, of: link.server), "a public key")
        }
        return .client(serverKey: server, publicKey: publicKey, secretKey: secretKey)
    }

    /// The allow-list's text as it is now.
    package func allowListText() throws(KuaibaoError) -> String {
        try Self.read("\(path)/\(Self.allowFile)", limit: AllowList.textBytes)
    }

    /// A file's text, unless it is longer than `limit` bytes.
    static func read(_ path: String, limit: Int) throws(KuaibaoError) -> String {
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            data = try file.read(upToCount: limit + 1) ?? Data()
        } catch {
            throw KuaibaoError(
                .invalidRequest, "cannot read the key file \(path): \(error.localizedDescription)",
                fix: "make keys with kuaibao keys, and let this process read its own folder")
        }
        guard data.count <= limit, let text = String(validating: data, as: UTF8.self) else {
            throw damaged(path, "text of at most \(limit) bytes")
        }
        return text
    }

    private static func checkMode(_ path: String) throws(KuaibaoError) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue, mode & 0o007 != 0 else { return }
        throw KuaibaoError(
            .notAllowed, "everybody can read the secret key \(path) (mode \(String(mode, radix: 8)))",
            fix: "chmod 600 \(path)")
    }

    private static func damaged(_ path: String, _ expected: String) -> KuaibaoError {
        KuaibaoError(.invalidRequest, "\(path) does not hold \(expected)", fix: "make keys with kuaibao keys")
    }
}
