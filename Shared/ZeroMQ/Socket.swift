// A libzmq socket as a value with one owner.
//
// Its owner is one thread or one actor whose executor is a `PollThread`. Nothing here waits: what cannot be done now is
// an outcome, not a delay.

import CZeroMQ

/// A ZeroMQ socket. It is closed when it goes out of scope; `SocketOptions.linger` bounds what is still sent then.
package struct Socket: ~Copyable {
    package enum Kind: Sendable, CaseIterable {
        case dealer
        case router
        case pub
        case sub
        case xpub
        case req
        case rep
        case pair

        var rawType: Int32 {
            switch self {
            case .dealer: ZMQ_DEALER
            case .router: ZMQ_ROUTER
            case .pub: ZMQ_PUB
            case .sub: ZMQ_SUB
            case .xpub: ZMQ_XPUB
            case .req: ZMQ_REQ
            case .rep: ZMQ_REP
            case .pair: ZMQ_PAIR
            }
        }
    }

    package let kind: Kind
    let core: SocketCore
    let keptFrames: Int
    /// True where peers are authenticated, so that frames have a user id.
    let readsUserID: Bool

    /// Makes a socket of the process's context.
    ///
    /// - Throws: `invalidOption`, `invalidKey`, `tooManySockets`, `terminated`.
    package init(_ kind: Kind, options: SocketOptions = SocketOptions()) throws(ZeroMQError) {
        guard options.keptFrames > 0 else {
            throw ZeroMQError(
                .invalidOption, operation: "set keptFrames",
                message: "keptFrames is \(options.keptFrames); take at least 1")
        }
        let core = try Context.shared.makeSocket(kind)
        try core.apply(options, to: kind)
        self.kind = kind
        self.core = core
        keptFrames = options.keptFrames
        if case .server = options.curve { readsUserID = true } else { readsUserID = false }
    }

    deinit {
        core.abandon()
    }

    /// Listens at an endpoint: `tcp://[::]:7510`, `tcp://127.0.0.1:*` for a free port, `inproc://name`, `ipc:///path`.
    ///
    /// - Returns: the endpoint with the port that was chosen.
    @discardableResult
    package func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        guard unsafe zmq_bind(core.raw, endpoint) == 0 else { throw .last("bind", endpoint: endpoint) }
        return try core.lastEndpoint()
    }

    /// Connects to an endpoint, now and again after every loss of the connection. Success says nothing about the peer.
    package func connect(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_connect(core.raw, endpoint) == 0 else { throw .last("connect", endpoint: endpoint) }
    }

    /// Ends a `connect`; messages queued for it are dropped after `linger`.
    package func disconnect(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_disconnect(core.raw, endpoint) == 0 else { throw .last("disconnect", endpoint: endpoint) }
    }

    /// Ends a `bind`, given the endpoint that it returned.
    package func unbind(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_unbind(core.raw, endpoint) == 0 else { throw .last("unbind", endpoint: endpoint) }
    }

    /// Asks publishers for messages whose first frame begins so. Topics are prefixes: end them with a delimiter.
    package func subscribe(_ prefix: [UInt8]) throws(ZeroMQError) {
        try core.set(ZMQ_SUBSCRIBE, bytes: prefix, "subscription")
    }

    /// Takes one `subscribe` of the same prefix back.
    package func unsubscribe(_ prefix: [UInt8]) throws(ZeroMQError) {
        try core.set(ZMQ_UNSUBSCRIBE, bytes: prefix, "subscription's end")
    }
}
