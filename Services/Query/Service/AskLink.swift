// The ask link: searches and status for any ZeroMQ client.

import Logging
import Messages
import ServiceKit
import Transport
import ZeroMQ

/// Owns the ask ROUTER; its executor is the socket's thread.
actor AskLink {
    static let receiveBatch = 256
    static let tickMilliseconds = 500
    /// Requests under way at once; more are refused as busy.
    static let pendingLimit = 1024
    /// Of them, those that wait for alerts.
    static let waitingLimit = 512

    private nonisolated let thread: PollThread
    private var port: RouterPort
    private let search: SearchDesk
    private let status: StatusDesk
    private let watches: AskWatches
    private let door: AskDoor
    private var waiting = 0
    private let boot: String
    private let logger: Logger
    private var pending = 0
    private var nextMessage = 0
    private(set) var answered = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    init(
        endpoint: String, link: LinkDoor, door: AskDoor, thread: PollThread, boot: String, search: SearchDesk,
        status: StatusDesk, watches: AskWatches, logger: Logger
    ) throws {
        self.door = door
        self.logger = logger
        self.thread = thread
        self.boot = boot
        self.search = search
        self.status = status
        self.watches = watches
        port = try RouterPort(.ask, endpoint: endpoint, door: link, makeID: { "ask-\(boot.prefix(8))" })
    }

    var endpoint: String { port.endpoint }
    var portCounters: PortCounters { port.counters }

    func start() {
        port.register(with: thread) { [weak self] in self?.assumeIsolated { $0.drain() } }
        tick()
    }

    /// Keeps the events of connections from piling up.
    private func tick() {
        port.countHandshakes()
        thread.schedule(after: Self.tickMilliseconds) { [weak self] in self?.assumeIsolated { $0.tick() } }
    }

    private func drain() {
        guard let batch = try? port.receive(limit: Self.receiveBatch) else { return }
        for case .message(let peer, let message) in batch where !port.isOver(message, of: peer, now: search.wall()) {
            switch message.kind {
            case .ping: send(try? message.reply(.pong, id: nextMessageID(), encoding: [String: String]()), to: peer)
            case .search, .status, .watch: begin(peer, message)
            default:
                port.refuse(
                    message, from: peer,
                    KuaibaoError(
                        .unknownKind, "the ask link does not take \(message.header.kind)",
                        fix: "send search, status, watch or ping"))
            }
        }
    }

    private func begin(_ peer: PeerID, _ message: Message) {
        guard pending < Self.pendingLimit else {
            return port.refuse(
                message, from: peer,
                KuaibaoError(.busy, "\(pending) requests are under way", fix: "ask again in a moment"))
        }
        let isWatch = message.kind == .watch
        guard !isWatch || waiting < Self.waitingLimit else {
            return port.refuse(
                message, from: peer,
                KuaibaoError(.busy, "\(waiting) requests wait for alerts", fix: "ask again in a moment"))
        }
        pending += 1
        if isWatch { waiting += 1 }
        // Unstructured because the workers answer later; bounded by `pendingLimit`.
        Task {
            defer {
                pending -= 1
                if isWatch { waiting -= 1 }
            }
            do {
                switch message.kind {
                case .watch: try await answerWatch(peer, message)
                case .status: try await answerStatus(peer, message)
                default: try await answerSearch(peer, message)
                }
            } catch {
                port.refuse(message, from: peer, wireError(error))
            }
        }
    }

    private func answerWatch(_ peer: PeerID, _ message: Message) async throws {
        let request = try message.body(as: WatchRequest.self)
        let reply = try await door.answer(message, .init(kind: .watch, scope: .watch)) { [watches] principal in
            try await watches.reply(to: request, for: principal)
        }
        send(try message.reply(.watchReply, id: nextMessageID(), encoding: reply), to: peer)
    }

    private func answerStatus(_ peer: PeerID, _ message: Message) async throws {
        let reply = try await door.answer(message, .init(kind: .status, scope: .admin)) { [status] _ in
            await status.reply()
        }
        send(try message.reply(.statusReply, id: nextMessageID(), encoding: reply), to: peer)
    }

    private func answerSearch(_ peer: PeerID, _ message: Message) async throws {
        let started = search.microseconds()
        do {
            let request = try within(message.header.deadline, try message.body(as: SearchRequest.self))
            let asked = AskDoor.Asked(
                kind: .search, scope: .search, collection: request.collection, query: request.q, takesTurns: true)
            let reply = try await door.answer(message, asked) { [search, logger] principal in
                try await SearchHop.traced(message.header.trace, logger, microseconds: search.microseconds) {
                    try await search.answer(request, for: principal)
                }
            }
            status.noteSearch(microseconds: search.microseconds() - started, failed: false)
            send(try message.reply(.searchReply, id: nextMessageID(), encoding: reply), to: peer)
        } catch {
            status.noteSearch(microseconds: search.microseconds() - started, failed: true)
            throw error
        }
    }

    /// The request, with no more time than its header's deadline leaves.
    private func within(_ deadline: Int64?, _ request: SearchRequest) throws(KuaibaoError) -> SearchRequest {
        guard let deadline else { return request }
        let left = min(deadline - search.wall(), Int64(SearchDesk.Limits.timeoutMilliseconds.upperBound))
        guard left > 0 else {
            throw KuaibaoError(.deadlineExceeded, "the header's deadline has passed", fix: "allow more time")
        }
        var request = request
        request.timeoutMilliseconds = min(request.timeoutMilliseconds ?? SearchDesk.usualTimeout, Int(left))
        return request
    }

    private func send(_ message: Message?, to peer: PeerID) {
        guard let message else { return }
        answered += 1
        port.send(message, to: peer)
    }

    private func nextMessageID() -> String {
        nextMessage += 1
        return "\(boot.prefix(8))-a\(nextMessage)"
    }
}
