// Who may connect: ZeroMQ's authentication protocol, ZAP (ZeroMQ RFC 27).
//
// libzmq asks at inproc://zeromq.zap.01 about every connection to a CURVE server, after the client has proved that it has
// the secret half of its key. One handler serves all sockets of the process; it must be started before they bind.
//
//     request   [routing id] [] ["1.0"] [request id] [domain] [address] [peer's routing id] ["CURVE"] [32-byte key]
//     reply     [routing id] [] ["1.0"] [request id] ["200" or "400"] [reason] [user id] []
//
// Invariants:
//  (1) Only mechanism CURVE, in a domain that has a list, with a key on that list, is allowed; all else is denied.
//  (2) Every well-formed request is answered exactly once, else the client would wait for its handshake to time out.
//  (3) A new list holds for handshakes from then on; connections that were made before stay.

import CZeroMQ

/// Serves an allow-list of public keys on a `PollThread`.
package actor ZAPHandler {
    /// For each domain, the user id of each key that may connect.
    package typealias AllowLists = [String: [Curve.PublicKey: String]]

    /// Decisions since the start.
    package struct Counts: Sendable, Equatable {
        package var allowed = 0
        package var denied = 0
        /// Requests that were no requests.
        package var malformed = 0

        package init(allowed: Int = 0, denied: Int = 0, malformed: Int = 0) {
            self.allowed = allowed
            self.denied = denied
            self.malformed = malformed
        }
    }

    package nonisolated let thread: PollThread
    private let socket: Socket
    private var allowLists: AllowLists
    private var registration: Registration?

    package private(set) var counts = Counts()

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Makes a handler; it answers nothing before `start()`.
    ///
    /// - Throws: `invalidKey` where a list has a key that everybody knows, or an empty user id.
    package init(thread: PollThread, allowLists: AllowLists) throws(ZeroMQError) {
        try Self.check(allowLists)
        self.thread = thread
        self.allowLists = allowLists
        var options = SocketOptions()
        options.linger = 0
        socket = try Socket(.router, options: options)
    }

    /// Begins to answer; nothing happens if it has begun.
    ///
    /// - Throws: `addressInUse` where another handler serves this process.
    package func start() throws(ZeroMQError) {
        guard registration == nil else { return }
        try socket.bind(Self.endpoint)
        registration = thread.register(socket) { [weak self] in self?.assumeIsolated { $0.answerAll() } }
    }

    /// Ceases to answer, so that another handler may start; nobody gets in meanwhile.
    package func stop() throws(ZeroMQError) {
        guard let registration else { return }
        thread.unregister(registration)
        self.registration = nil
        try socket.unbind(Self.endpoint)
    }

    private static let endpoint = "inproc://zeromq.zap.01"

    /// Replaces all lists.
    ///
    /// - Throws: `invalidKey` as in `init`; the old lists then stay.
    package func replace(_ allowLists: AllowLists) throws(ZeroMQError) {
        try Self.check(allowLists)
        self.allowLists = allowLists
    }

    private static func check(_ allowLists: AllowLists) throws(ZeroMQError) {
        for (domain, keys) in allowLists {
            for (key, userID) in keys {
                try Curve.refusePublished(key)
                guard !userID.isEmpty, userID.utf8.count <= 255 else {
                    throw ZeroMQError(
                        .invalidKey, operation: "list a key",
                        message:
                            "key \(key) of domain \(domain) has a user id of no or more than 255 bytes; name its user")
                }
            }
        }
    }

    private func answerAll() {
        // An error means that the context is being terminated; the clients see that for themselves.
        guard let requests = try? socket.receiveBatch(limit: 64) else { return }
        for request in requests {
            guard let reply = answer(request) else {
                counts.malformed += 1
                continue
            }
            _ = try? socket.send(reply)
        }
    }

    private func answer(_ request: [Frame]) -> [Frame]? {
        guard request.count >= 8, request[1].isEmpty, request[2].bytes == Array("1.0".utf8) else { return nil }
        let userID = userID(domain: request[4], mechanism: request[7], credentials: request.dropFirst(8))
        if userID == nil { counts.denied += 1 } else { counts.allowed += 1 }
        return [
            request[0], request[1], request[2], request[3], Frame(userID == nil ? "400" : "200"),
            Frame(userID == nil ? "not on the allow-list" : "allowed"), Frame(userID ?? ""), Frame(""),
        ]
    }

    /// The user of a connection; nil where it is denied.
    private func userID(domain: Frame, mechanism: Frame, credentials: ArraySlice<Frame>) -> String? {
        guard mechanism.bytes == Array("CURVE".utf8), credentials.count == 1 else { return nil }
        guard let name = String(validating: domain.bytes, as: UTF8.self), let list = allowLists[name] else {
            return nil
        }
        return credentials.first.flatMap { Curve.PublicKey(bytes: $0.bytes) }.flatMap { list[$0] }
    }
}
