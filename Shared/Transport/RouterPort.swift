// A bound ROUTER socket that speaks messages: what is malformed or not allowed is answered and counted here, once for
// every link.

package import Messages
package import ZeroMQ

/// Counts of one socket since the start; every drop and refusal is one of them.
package struct PortCounters: Sendable, Hashable {
    package var received = 0
    package var sent = 0
    /// Messages that could not be read; each was answered with an error unless it was an answer itself.
    package var rejected = 0
    /// Messages of peers whose key does not entitle them; each was answered with `not-allowed`.
    package var denied = 0
    /// Connections that ended before they were made: no key, a wrong one, or another protocol.
    package var failedHandshakes = 0
    /// Requests whose deadline had passed when they were read; each was answered with `deadline-exceeded`.
    package var expired = 0
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
    private var counts = PortCounters()
    private let link: Link
    private let door: LinkDoor
    private let socket: Socket
    private let handshakes: SocketMonitor
    private let makeID: @Sendable () -> String

    /// Binds.
    ///
    /// - Parameters:
    ///   - door: says who may come in and what each may do.
    ///   - makeID: names the messages that this port makes itself.
    /// - Throws: `notAllowed` for TCP without keys that was not allowed; a `ZeroMQError`.
    package init(
        _ link: Link, endpoint: String, door: LinkDoor, makeID: @escaping @Sendable () -> String
    ) throws {
        let socket = try Socket(.router, options: try door.security.serving(link, at: endpoint))
        let handshakes = try SocketMonitor(of: socket, kinds: [.handshakeFailed, .handshakeLost])
        let bound = try socket.bind(endpoint)
        self.endpoint = bound
        self.socket = socket
        self.handshakes = handshakes
        self.link = link
        self.door = door
        self.makeID = makeID
    }

    /// The counts so far.
    package var counters: PortCounters {
        mutating get {
            countHandshakes()
            return counts
        }
    }

    /// Reads what the connections went through; to be called now and again, because such events wait in memory.
    package mutating func countHandshakes() {
        while let events = try? handshakes.events(), !events.isEmpty { counts.failedHandshakes += events.count }
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
            counts.received += 1
            guard case (var peer, let rest)? = Self.split(frames) else {
                counts.rejected += 1
                continue
            }
            if door.isLocked {
                guard let role = door.role(of: frames.last?.userID) else {
                    deny(rest, of: peer)
                    continue
                }
                peer.role = role
            }
            if rest.isEmpty || (rest.count == 1 && rest[0].count == 0) {
                result.append(.connected(peer))
                continue
            }
            do {
                let message = try Message.decode(frames: rest.map(\.bytes))
                guard mayTake(message, from: peer) else {
                    deny(rest, of: peer)
                    continue
                }
                result.append(.message(peer, message))
            } catch {
                counts.rejected += 1
                if let reply = error.reply(id: makeID()) { send(reply, to: peer) }
            }
        }
        return result
    }

    private func mayTake(_ message: Message, from peer: PeerID) -> Bool {
        switch peer.role?.right(on: link) {
        case nil: !door.isLocked
        case .nothing: false
        case .ping: message.kind == .ping
        case .everything: true
        }
    }

    /// Counts and answers a message that its sender's key does not entitle it to.
    private mutating func deny(_ frames: [Frame], of peer: PeerID) {
        counts.denied += 1
        guard let message = try? Message.decode(frames: frames.map(\.bytes)) else { return }
        let who = peer.role?.rawValue ?? "a key that is not on the allow-list"
        refuse(
            message, from: peer,
            KuaibaoError(
                .notAllowed, "\(who) may not send \(message.header.kind) on the link \(link.rawValue)",
                fix: "use the key of the role that this link is for"))
    }

    /// Answers a message that the link as such allows, but not to this peer.
    package mutating func deny(_ message: Message, of peer: PeerID, _ what: String) {
        counts.denied += 1
        refuse(
            message, from: peer,
            KuaibaoError(
                .notAllowed, "\(peer.role?.rawValue ?? "nobody") may not \(what)",
                fix: "use the key of the role that this is for"))
    }

    /// Whether the header's deadline has passed: nobody waits for the answer, and the request is answered as such.
    ///
    /// - Parameter now: milliseconds since 1970, UTC.
    package mutating func isOver(_ message: Message, of peer: PeerID, now: Int64) -> Bool {
        guard let deadline = message.header.deadline, deadline <= now else { return false }
        counts.expired += 1
        refuse(
            message, from: peer,
            KuaibaoError(
                .deadlineExceeded, "the header's deadline passed \(now - deadline) ms ago",
                fix: "allow more time, or set the clock"))
        return true
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
            case .sent: counts.sent += 1
            case .wouldBlock: counts.full += 1
            case .unreachable: counts.unreachable += 1
            }
            return outcome
        } catch {
            counts.full += 1
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
