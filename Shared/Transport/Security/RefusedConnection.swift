// A connection that was refused is tried again.
//
// libzmq connects again after a connection is lost, but not after a handshake was refused: a client whose key is put on the
// list later would wait for ever. So the owner of a connecting socket looks at its handshakes and connects anew.

package import Messages
package import ZeroMQ

/// Watches the handshakes of one connecting socket. Belongs to the socket's owner, who calls `check` regularly.
package struct RefusedConnection: ~Copyable {
    /// Time from a refusal to the next attempt, in milliseconds.
    private static let pauseMilliseconds: Int64 = 1000

    private let monitor: SocketMonitor
    private let endpoint: String
    private var retryAt: Int64?
    /// Handshakes that failed since the start.
    package private(set) var refusals = 0
    /// Connections that were lost since the start.
    package private(set) var losses = 0
    /// True from a refusal until a handshake succeeds.
    package private(set) var isRefused = false

    /// Begins to watch; the socket must not be connected yet.
    package init(of socket: borrowing Socket, endpoint: String) throws(ZeroMQError) {
        monitor = try SocketMonitor(of: socket, kinds: [.handshakeFailed, .handshakeSucceeded, .disconnected])
        self.endpoint = endpoint
    }

    /// Connects again where it is time to.
    ///
    /// - Parameter now: monotonic milliseconds.
    package mutating func check(_ socket: borrowing Socket, now: Int64) {
        while let events = try? monitor.events(), !events.isEmpty {
            for event in events {
                switch event.kind {
                case .handshakeFailed:
                    isRefused = true
                    refusals += 1
                case .handshakeSucceeded: isRefused = false
                default: losses += 1
                }
            }
        }
        guard isRefused else {
            retryAt = nil
            return
        }
        guard let due = retryAt else {
            retryAt = now + Self.pauseMilliseconds
            return
        }
        guard due <= now else { return }
        retryAt = now + Self.pauseMilliseconds
        // The endpoint may be gone from the socket already; then there is nothing to disconnect.
        try? socket.disconnect(endpoint)
        try? socket.connect(endpoint)
    }

    /// What somebody who wants to use the connection is told.
    package var refusal: KuaibaoError? {
        guard isRefused else { return nil }
        return KuaibaoError(
            .notAllowed, "\(endpoint) refuses this process's key, or has keys while this process has none",
            fix: "put the key on the gateway's list with kuaibao keys add, or set keys to the folder of the right role")
    }
}
