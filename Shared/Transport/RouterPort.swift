// A bound ROUTER socket that speaks messages: what is malformed is answered and counted here, once for every link.

package import Messages
package import ZeroMQ

/// Counts of one socket since the start; every drop and refusal is one of them.
package struct PortCounters: Sendable, Hashable {
    package var received = 0
    package var sent = 0
    /// Messages that could not be read; each was answered with an error unless it was an answer itself.
    package var rejected = 0
    /// Messages that were not sent because their peer is gone.
    package var unreachable = 0
    /// Messages that were not sent because their peer does not read; flow control should prevent it.
    package var full = 0
}

/// The broker's end of a link. Owned by one actor, used on its thread only.
package struct RouterPort: ~Copyable {
    /// What came from a peer.
    package enum Incoming: Sendable {
        case message(PeerID, Message)
        /// A peer has (re)connected and says nothing yet.
        case connected(PeerID)
    }

    package let endpoint: String
    package private(set) var counters = PortCounters()
    private let socket: Socket
    private let makeID: @Sendable () -> String

    /// Binds.
    ///
    /// - Parameters:
    ///   - makeID: names the messages that this port makes itself.
    package init(
        endpoint: String, options: SocketOptions = SocketOptions(), makeID: @escaping @Sendable () -> String
    ) throws(ZeroMQError) {
        let socket = try Socket(.router, options: options)
        self.endpoint = try socket.bind(endpoint)
        self.socket = socket
        self.makeID = makeID
    }

    /// Registers the socket with the thread that owns it.
    package func register(with thread: PollThread, _ onReadable: @escaping () -> Void) {
        thread.register(socket, onReadable: onReadable)
    }

    /// Takes what waits, at most `limit` messages. Malformed ones are answered and left out.
    package mutating func receive(limit: Int) throws(ZeroMQError) -> [Incoming] {
        var result: [Incoming] = []
        for _ in 0..<limit {
            guard let frames = try socket.receive() else { break }
            counters.received += 1
            guard let (peer, rest) = Self.split(frames) else {
                counters.rejected += 1
                continue
            }
            if rest.isEmpty || (rest.count == 1 && rest[0].count == 0) {
                result.append(.connected(peer))
                continue
            }
            do {
                result.append(.message(peer, try Message.decode(frames: rest.map(\.bytes))))
            } catch {
                counters.rejected += 1
                if let reply = error.reply(id: makeID()) { send(reply, to: peer) }
            }
        }
        return result
    }

    /// Sends without waiting.
    @discardableResult
    package mutating func send(_ message: Message, to peer: PeerID) -> SendOutcome {
        var frames = [Frame(peer.identity)]
        if peer.hasDelimiter { frames.append(Frame([])) }
        do {
            frames += try message.encode().map { Frame($0) }
            let outcome = try socket.send(frames)
            switch outcome {
            case .sent: counters.sent += 1
            case .wouldBlock: counters.full += 1
            case .unreachable: counters.unreachable += 1
            }
            return outcome
        } catch {
            counters.full += 1
            return .wouldBlock
        }
    }

    /// Answers a message with an error, in its codec.
    package mutating func refuse(_ message: Message, from peer: PeerID, _ error: KuaibaoError) {
        guard let reply = try? message.errorReply(error, id: makeID()) else { return }
        send(reply, to: peer)
    }

    /// The identity, an empty delimiter if there is one before more frames, and the rest.
    private static func split(_ frames: [Frame]) -> (PeerID, [Frame])? {
        guard let identity = frames.first, identity.count > 0 else { return nil }
        let hasDelimiter = frames.count > 2 && frames[1].count == 0
        let peer = PeerID(identity: identity.bytes, hasDelimiter: hasDelimiter)
        return (peer, Array(frames.dropFirst(hasDelimiter ? 2 : 1)))
    }
}
