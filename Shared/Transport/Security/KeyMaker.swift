// Makes the folders of keys: one for each role, and one for each further client.
//
// Everything here may be repeated: a key that exists is kept, what is derived from keys is written again. So an
// interrupted run is mended by the next one.

import Foundation
import Glibc
package import Messages
import ZeroMQ

/// Writes folders that `KeyFolder` reads, under one root.
package struct KeyMaker: Sendable {
    /// The name of the one key that every role begins with.
    package static let firstName = "default"

    package let root: String

    package init(root: String) { self.root = root }

    /// The folder of a role's key.
    package func folder(of role: LinkRole, name: String = KeyMaker.firstName) -> String {
        name == Self.firstName ? "\(root)/\(role.rawValue)" : "\(root)/\(role.rawValue)-\(name)"
    }

    /// Makes what is missing of the keys of all roles.
    ///
    /// - Returns: the roles that got a new key.
    /// - Throws: `invalidRequest` where a file cannot be written or one that is there is damaged.
    @discardableResult
    package func makeAll() throws(KuaibaoError) -> [LinkRole] {
        var made: [LinkRole] = []
        for role in LinkRole.allCases {
            if try makeSecret(role, Self.firstName) { made.append(role) }
        }
        var list = try allowList()
        for role in LinkRole.allCases {
            let key = try publicKey(role)
            _ = list.remove(role, name: Self.firstName)
            try list.add(AllowList.Entry(key: key, role: role, name: Self.firstName))
        }
        for role in LinkRole.allCases { try writeServers(into: folder(of: role)) }
        try write(list)
        return made
    }

    /// Makes a further key of a role and lets it in.
    ///
    /// - Returns: the folder for the new key's owner.
    /// - Throws: `conflict` where the name is taken.
    package func add(_ role: LinkRole, name: String) throws(KuaibaoError) -> String {
        var list = try allowList()
        guard list.role(ofUser: "\(role.rawValue)/\(name)") == nil else {
            throw KuaibaoError(.conflict, "\(role.rawValue)/\(name) has a key already", fix: "choose another name")
        }
        // Checked before anything is written: a name becomes a part of a path.
        _ = try AllowList.Entry(key: try publicKey(role), role: role, name: name)
        try makeSecret(role, name)
        try list.add(AllowList.Entry(key: try publicKey(role, name), role: role, name: name))
        let folder = folder(of: role, name: name)
        try writeServers(into: folder)
        try write(list)
        return folder
    }

    /// Takes a key's rights away.
    ///
    /// - Throws: `notFound` where there is no such key.
    package func revoke(_ role: LinkRole, name: String) throws(KuaibaoError) {
        var list = try allowList()
        guard list.remove(role, name: name) else {
            throw KuaibaoError(
                .notFound, "there is no key \(role.rawValue)/\(name)", fix: "kuaibao keys list shows all")
        }
        try write(list)
    }

    /// The list of the ingest gateway; the query gateway's is the same. Empty where there is none yet.
    package func allowList() throws(KuaibaoError) -> AllowList {
        let path = "\(folder(of: .ingestGateway))/\(KeyFolder.allowFile)"
        guard FileManager.default.fileExists(atPath: path) else { return AllowList() }
        return try AllowList(text: KeyFolder.read(path, limit: AllowList.textBytes))
    }

    // MARK: Files

    /// True where the key is new.
    @discardableResult
    private func makeSecret(_ role: LinkRole, _ name: String) throws(KuaibaoError) -> Bool {
        let folder = folder(of: role, name: name)
        let path = "\(folder)/\(KeyFolder.secretFile)"
        guard !FileManager.default.fileExists(atPath: path) else { return false }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Self.unwritable(folder, error.localizedDescription)
        }
        let secret: Curve.SecretKey
        do {
            secret = try Curve.makeKeyPair().secretKey
        } catch {
            throw KuaibaoError(.internal, error.message, fix: "reinstall libzmq and libsodium")
        }
        try Self.write("\(role.rawValue) \(name) \(secret.revealed())\n", to: path, mode: 0o600)
        return true
    }

    private func publicKey(_ role: LinkRole, _ name: String = KeyMaker.firstName) throws(KuaibaoError) -> Curve.PublicKey {
        let path = "\(folder(of: role, name: name))/\(KeyFolder.secretFile)"
        let fields = try KeyFolder.read(path, limit: 4096).split(whereSeparator: \.isWhitespace)
        guard fields.count == 3, fields[0] == role.rawValue, fields[1] == name,
            let secret = Curve.SecretKey(z85: String(fields[2])), let key = try? Curve.publicKey(of: secret)
        else {
            throw KuaibaoError(
                .invalidRequest, "\(path) does not hold the secret key of \(role.rawValue)/\(name)",
                fix: "remove it and run kuaibao keys again")
        }
        return key
    }

    private func writeServers(into folder: String) throws(KuaibaoError) {
        for server in LinkRole.allCases where server.bindsLinks {
            try Self.write("\(try publicKey(server).z85)\n", to: KeyFolder.publicFile(folder, of: server), mode: 0o644)
        }
    }

    private func write(_ list: AllowList) throws(KuaibaoError) {
        for server in LinkRole.allCases where server.bindsLinks {
            try Self.write(list.text, to: "\(folder(of: server))/\(KeyFolder.allowFile)", mode: 0o644)
        }
    }

    /// Writes a file whole or not at all; its mode holds from the first moment on.
    private static func write(_ text: String, to path: String, mode: mode_t) throws(KuaibaoError) {
        let draft = "\(path).new"
        unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw unwritable(draft, unsafe String(cString: strerror(errno))) }
        let bytes = Array(text.utf8)
        let isWritten = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            == bytes.count && fsync(descriptor) == 0
        let number = errno
        close(descriptor)
        guard isWritten, unsafe rename(draft, path) == 0 else {
            unsafe unlink(draft)
            throw unwritable(path, unsafe String(cString: strerror(isWritten ? errno : number)))
        }
    }

    private static func unwritable(_ path: String, _ reason: String) -> KuaibaoError {
        KuaibaoError(.invalidRequest, "cannot write \(path): \(reason)", fix: "choose a folder that you may write")
    }
}
