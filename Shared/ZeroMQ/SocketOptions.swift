// A socket's settings, all chosen before it is bound or connected. libzmq's own defaults wait for ever, queue to peers
// that are gone, and drop silently; these do not.

import CZeroMQ

/// Settings of one socket. Times in milliseconds.
package struct SocketOptions: Sendable {
    /// How long closed sockets keep unsent messages; 0…60000. Default 1000; 0 for sockets whose questions nobody repeats.
    package var linger = 1_000
    /// Messages queued for each peer before `send` would block; 1…1000000. Set it above the credit: 2 × window + 16.
    package var sendHighWaterMark = 1_000
    /// Messages queued from each peer; 1…1000000.
    package var receiveHighWaterMark = 1_000
    /// Largest frame in bytes; a peer that sends a larger one is disconnected. Default 64 MiB; control links: 1 MiB.
    package var maxFrameBytes = 64 << 20
    /// Frames kept of one message. The rest is read and dropped, so that a message of too many frames is seen as that.
    /// Default 32: routing ids, 16 frames of an envelope, and room to notice the surplus.
    package var keptFrames = 32
    /// Time between heartbeats; 0 sends none. Default 500: a connection whose packets vanish is seen to be dead after at most
    /// this and `heartbeatTimeout` together, 3 s, so that a peer at a new address is found within 4.
    package var heartbeatInterval = 500
    /// Silence after a heartbeat that ends the connection. Default 2500.
    package var heartbeatTimeout = 2_500
    /// Silence after which the peer ends the connection on its side. Default 3500.
    package var heartbeatTimeToLive = 3_500
    /// First wait before connecting again. Default 100.
    package var reconnectInterval = 100
    /// Added to `reconnectInterval`: a number that differs from process to process, 0…200, so that peers of a restarted
    /// service do not come back all at once. Given by the caller, because nothing here is random.
    package var reconnectJitter = 0
    /// Longest wait before connecting again; waits double up to it, and up to `reconnectInterval` is added by chance. Default
    /// 300: 0.4 s after a peer is back everybody has tried. A peer that is not there costs its clients a refused connection
    /// each; one that is back has a thousand handshakes of CURVE to do, which take it about a second in any case.
    package var reconnectIntervalMax = 300
    /// Time allowed for connecting. Default 2000.
    package var connectTimeout = 2_000
    /// Time allowed for the handshake, so that idle connections do not pile up. Default 5000.
    package var handshakeInterval = 5_000
    /// Connections that may wait to be accepted. Default 1024.
    package var backlog = 1_024
    /// DEALER: an empty message announces each new connection to the ROUTER, as soon as the DEALER is polled. Default off.
    package var probesRouter = false
    /// Encryption and authentication. Default none; for TCP between machines always choose one.
    package var curve = CurveRole.none

    package init() {}
}

/// A socket's part in CURVE.
package enum CurveRole: Sendable {
    /// No encryption, and anybody may connect.
    case none
    /// Serves clients whose keys the `ZAPHandler` lists under this domain; without a handler, nobody.
    case server(secretKey: Curve.SecretKey, domain: String)
    /// Connects to the server that has this key.
    case client(serverKey: Curve.PublicKey, publicKey: Curve.PublicKey, secretKey: Curve.SecretKey)
}

extension SocketCore {
    /// Applies all settings that concern this kind of socket.
    func apply(_ options: SocketOptions, to kind: Socket.Kind) throws(ZeroMQError) {
        try set(ZMQ_LINGER, options.linger, in: 0...60_000, "linger")
        try set(ZMQ_SNDHWM, options.sendHighWaterMark, in: 1...1_000_000, "sendHighWaterMark")
        try set(ZMQ_RCVHWM, options.receiveHighWaterMark, in: 1...1_000_000, "receiveHighWaterMark")
        try set(maxFrameBytes: options.maxFrameBytes)
        try set(ZMQ_HEARTBEAT_IVL, options.heartbeatInterval, in: 0...600_000, "heartbeatInterval")
        try set(ZMQ_HEARTBEAT_TIMEOUT, options.heartbeatTimeout, in: 0...600_000, "heartbeatTimeout")
        try set(ZMQ_HEARTBEAT_TTL, options.heartbeatTimeToLive, in: 0...600_000, "heartbeatTimeToLive")
        let (interval, overflows) = options.reconnectInterval.addingReportingOverflow(options.reconnectJitter)
        try set(ZMQ_RECONNECT_IVL, overflows ? -1 : interval, in: 1...600_000, "reconnectInterval + reconnectJitter")
        try set(ZMQ_RECONNECT_IVL_MAX, options.reconnectIntervalMax, in: 0...600_000, "reconnectIntervalMax")
        try set(ZMQ_CONNECT_TIMEOUT, options.connectTimeout, in: 0...600_000, "connectTimeout")
        try set(ZMQ_HANDSHAKE_IVL, options.handshakeInterval, in: 1...600_000, "handshakeInterval")
        try set(ZMQ_BACKLOG, options.backlog, in: 1...65_535, "backlog")
        try set(ZMQ_IPV6, 1, in: 1...1, "ipv6")
        try set(ZMQ_TCP_KEEPALIVE, 1, in: 1...1, "tcpKeepalive")
        try set(ZMQ_TCP_KEEPALIVE_IDLE, 60, in: 60...60, "tcpKeepaliveIdle")
        switch kind {
        case .dealer:
            try set(ZMQ_IMMEDIATE, 1, in: 1...1, "immediate")
            if options.probesRouter { try set(ZMQ_PROBE_ROUTER, 1, in: 1...1, "probesRouter") }
        case .router: try set(ZMQ_ROUTER_MANDATORY, 1, in: 1...1, "routerMandatory")
        case .xpub: try set(ZMQ_XPUB_VERBOSER, 1, in: 1...1, "xpubVerboser")
        case .pub, .sub, .req, .rep, .pair: break
        }
        try apply(options.curve)
    }

    private func apply(_ role: CurveRole) throws(ZeroMQError) {
        switch role {
        case .none: break
        case .server(let secretKey, let domain):
            guard !domain.isEmpty else {
                throw ZeroMQError(
                    .invalidOption, operation: "set curve", message: "a server's domain is empty; name one")
            }
            try Curve.refusePublished(secretKey)
            try set(ZMQ_CURVE_SERVER, 1, in: 1...1, "curve server")
            try set(ZMQ_CURVE_SECRETKEY, bytes: secretKey.bytes, "curve secret key")
            try set(ZMQ_ZAP_DOMAIN, bytes: Array(domain.utf8), "domain")
            try set(ZMQ_ZAP_ENFORCE_DOMAIN, 1, in: 1...1, "enforce domain")
        case .client(let serverKey, let publicKey, let secretKey):
            try Curve.refusePublished(secretKey)
            try Curve.refusePublished(publicKey)
            try Curve.refusePublished(serverKey)
            try set(ZMQ_CURVE_SERVERKEY, bytes: serverKey.bytes, "curve server key")
            try set(ZMQ_CURVE_PUBLICKEY, bytes: publicKey.bytes, "curve public key")
            try set(ZMQ_CURVE_SECRETKEY, bytes: secretKey.bytes, "curve secret key")
        }
    }
}
