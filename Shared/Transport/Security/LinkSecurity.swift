// How one process's sockets are protected: with keys, or not at all where that was allowed.
//
// Rule: a local socket (ipc, inproc) may be plain, because the file system protects it. TCP needs keys, unless the setting
// `insecure-transport` says `loopback` (this machine only, as `kuaibao up` does) or `true`. With keys every link is
// encrypted, local sockets too.

package import Messages
package import ZeroMQ

/// The protection of one process's links.
package struct LinkSecurity: Sendable {
    /// Values of `insecure-transport`.
    package enum PlainTCP: String, Sendable, CaseIterable {
        case refused = "false"
        case loopback
        case everywhere = "true"
    }

    /// Nil where links are plain.
    package let keys: KeyFolder?
    private let plainTCP: PlainTCP

    /// - Parameters:
    ///   - role: what this process is.
    ///   - folder: the folder of its keys; empty for none.
    ///   - plainTCP: the setting `insecure-transport`.
    /// - Throws: `invalidRequest` for another word; what `KeyFolder` throws; `notAllowed` for keys of another role.
    package init(role: LinkRole, folder: String, plainTCP: String) throws(KuaibaoError) {
        guard let plain = PlainTCP(rawValue: plainTCP.lowercased()) else {
            throw KuaibaoError(
                .invalidRequest, "setting insecure-transport is \"\(plainTCP)\"", fix: "give false, loopback or true")
        }
        self.plainTCP = plain
        keys = folder.isEmpty ? nil : try KeyFolder(path: folder)
        if let keys, keys.role != role {
            throw KuaibaoError(
                .notAllowed, "\(folder) holds the keys of \(keys.role.rawValue), this process is \(role.rawValue)",
                fix: "set keys to the folder of \(role.rawValue)")
        }
    }

    /// Keys of any role, for a client that takes what it is given.
    package init(keys: KeyFolder?, plainTCP: PlainTCP) {
        self.keys = keys
        self.plainTCP = plainTCP
    }

    /// Settings of a socket that binds.
    ///
    /// - Throws: `notAllowed` for plain TCP that was not allowed.
    package func serving(_ link: Link, at endpoint: String) throws(KuaibaoError) -> SocketOptions {
        var options = SocketOptions()
        if let keys { options.curve = keys.serving(link) } else { try checkPlain(endpoint) }
        return options
    }

    /// Settings of a socket that connects.
    ///
    /// - Throws: `notAllowed` for plain TCP that was not allowed.
    package func connecting(to link: Link, at endpoint: String) throws(KuaibaoError) -> SocketOptions {
        var options = SocketOptions()
        if let keys { options.curve = try keys.connecting(to: link) } else { try checkPlain(endpoint) }
        return options
    }

    private func checkPlain(_ endpoint: String) throws(KuaibaoError) {
        guard endpoint.hasPrefix("tcp://") else { return }
        let address = endpoint.dropFirst(6)
        let isLoopback = ["127.", "localhost:", "[::1]:"].contains { address.hasPrefix($0) }
        switch plainTCP {
        case .everywhere: return
        case .loopback where isLoopback: return
        case .loopback, .refused:
            throw KuaibaoError(
                .notAllowed, "\(endpoint) is not encrypted: this process has no keys",
                fix: "make keys with kuaibao keys and set keys to this role's folder, or set insecure-transport to "
                    + (isLoopback ? "loopback" : "true, on a network that you trust"))
        }
    }
}
