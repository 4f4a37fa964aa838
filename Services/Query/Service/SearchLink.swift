// The search link's broker: spreads queries over the query workers and gathers their answers.

import Logging
import Messages
import ServiceKit
import Transport
import ZeroMQ

/// Owns the search ROUTER; its executor is the socket's thread.
actor SearchLink {
    static let tickMilliseconds = 10
    static let receiveBatch = 256
    /// Queries under way at once; more are refused as busy.
    static let queryLimit = 1024
    /// How long a query waits for a worker to join where there is none: one that died is back within about this time.
    static let joinMilliseconds: Int64 = 1000

    /// What came back for one query.
    struct Gathered: Sendable {
        var outcomes: [WorkerOutcome] = []
        var workers: [WorkerAnswer] = []
        /// Places of segments that nobody answered for.
        var missing: [Int] = []
    }

    /// The epoch of tickets of what no query asked for; the board's are instants.
    private static let preparingEpoch: Int64 = 0
    /// How long workers may take to open a version before searches go on to it anyway.
    static let prepareMilliseconds: Int64 = 100
    /// Versions of a collection that nobody has searched for so long are opened by the first search.
    static let idleMilliseconds: Int64 = 3000
    /// Versions of a collection that a worker is known to have.
    private static let rememberedVersions = SegmentCache.keptVersions / 2

    private struct Preparing {
        var left: Set<PeerID>
        let deadline: Int64
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct Running {
        let kept: SnapshotKeeper.Kept
        let parts: [ScatterBoard.Part]
        let places: [String: Int]
        let task: WorkerTask
        let trace: String?
        let deadline: Int64
        let continuation: CheckedContinuation<Gathered, any Error>
        var gathered = Gathered()
        var refusal: KuaibaoError?
        /// Until when the query waits for a worker to join; nil while it is with the board.
        var parkedUntil: Int64?
        var wasParked = false
    }

    private nonisolated let thread: PollThread
    private nonisolated let documentsPerWorker: Int
    private var port: RouterPort
    private var board: ScatterBoard
    private let boot: String
    private let monotonic: @Sendable () -> Int64
    private let wall: @Sendable () -> Int64
    private var running: [Int64: Running] = [:]
    private var nextQuery: Int64 = 0
    /// Asks that are not sent yet, while the board's actions are done one after the other.
    private var unsentAsks: Set<LeaseTicket> = []
    private var nextMessage = 0
    /// The versions of each collection that a worker was sent last, ascending in time; fewer than it keeps.
    private var sentVersions: [PeerID: [String: [Int64]]] = [:]
    /// When each collection was searched last, monotonic milliseconds.
    private var searchedAt: [String: Int64] = [:]
    /// Versions that workers are opening before searches ask for them, by the sequence of their tickets.
    private var preparing: [Int64: Preparing] = [:]
    private var nextPreparing: Int64 = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    init(
        endpoint: String, door: LinkDoor, thread: PollThread, boot: String, epoch: Int64, documentsPerWorker: Int,
        timing: Timing, monotonic: @escaping @Sendable () -> Int64, wall: @escaping @Sendable () -> Int64
    ) throws {
        self.thread = thread
        self.documentsPerWorker = documentsPerWorker
        self.boot = boot
        self.monotonic = monotonic
        self.wall = wall
        board = ScatterBoard(epoch: epoch, timing: timing, partsWeightPerWorker: documentsPerWorker)
        port = try RouterPort(.search, endpoint: endpoint, door: door, makeID: { "search-\(boot.prefix(8))" })
    }

    var endpoint: String { port.endpoint }
    var portCounters: PortCounters { port.counters }
    var counts: ScatterBoard.Counts { board.counts }
    var runningCount: Int { running.count }
    /// Queries under way, shares of them that wait for a worker with room, and asks that occupy a window.
    var depth: (running: Int, waiting: Int, asks: Int) { (running.count, board.waitingCount, board.askCount) }
    var workers: [WorkerRoster.Worker] { board.roster.all }
    /// Tasks that all workers together take at once.
    var window: Int { board.roster.all.reduce(0) { $0 + $1.ready.window } }

    func start() {
        port.register(with: thread) { [weak self] in self?.assumeIsolated { $0.drain() } }
        tick()
    }

    /// How many workers a query over this snapshot will be spread over. It does not depend on who is there, and is asked
    /// without a hop to the link's thread.
    nonisolated func spread(of kept: SnapshotKeeper.Kept) -> Int {
        ScatterBoard.spread(weight: kept.documentCount, perWorker: documentsPerWorker)
    }

    /// Spreads a task over the workers that hold the parts, and waits for all answers, or for the deadline.
    ///
    /// - Parameters:
    ///   - parts: places of segments in the snapshot; nil for all.
    ///   - deadline: monotonic milliseconds.
    /// - Throws: `busy`, `unavailable` without any worker, `deadlineExceeded` where nothing came in time, or the error
    ///   that a worker answered.
    func scatter(
        _ task: WorkerTask, over kept: SnapshotKeeper.Kept, parts: [Int]? = nil, deadline: Int64
    ) async throws -> Gathered {
        searchedAt[kept.snapshot.collection] = monotonic()
        guard running.count < Self.queryLimit else {
            throw KuaibaoError(.busy, "\(running.count) queries are under way", fix: "ask again in a moment")
        }
        let places = parts ?? Array(kept.segments.indices)
        let named = places.map {
            ScatterBoard.Part(name: kept.segments[$0].id, weight: kept.segments[$0].documentCount)
        }
        let placeOf = Dictionary(
            places.map { (kept.segments[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
        return try await withCheckedThrowingContinuation { continuation in
            nextQuery += 1
            let query = nextQuery
            running[query] = Running(
                kept: kept, parts: named, places: placeOf, task: task, trace: TraceParent.current, deadline: deadline,
                continuation: continuation)
            perform(board.begin(query: query, parts: named, deadline: deadline, now: monotonic()))
        }
    }

    /// Lets all workers open what a version has new, where its collection is being searched; so no search waits for that.
    /// Returns when they have, or after `prepareMilliseconds`.
    func prepare(_ kept: SnapshotKeeper.Kept) async {
        let time = monotonic()
        let collection = kept.snapshot.collection
        guard let last = searchedAt[collection], time - last < Self.idleMilliseconds else { return }
        let peers = board.roster.all.filter { $0.ready.window > 0 }.map(\.peer)
        guard !peers.isEmpty else { return }
        await withCheckedContinuation { continuation in
            nextPreparing += 1
            let sequence = nextPreparing
            preparing[sequence] = Preparing(
                left: Set(peers), deadline: time + Self.prepareMilliseconds, continuation: continuation)
            let lease = WorkerLease(
                ticket: LeaseTicket(epoch: Self.preparingEpoch, sequence: sequence), collection: collection,
                version: kept.snapshot.version, snapshot: kept.snapshot, parts: Array(kept.segments.indices),
                task: .known([]), deadline: wall() + Self.prepareMilliseconds)
            for peer in peers {
                guard let message = try? Message(Header(kind: .lease, id: nextMessageID()), encoding: lease),
                    port.send(message, to: peer) == .sent
                else {
                    prepared(sequence, by: peer)
                    continue
                }
                remember(kept.snapshot, sentTo: peer)
            }
        }
    }

    /// A worker has opened a version, or cannot.
    private func prepared(_ sequence: Int64, by peer: PeerID) {
        guard preparing[sequence]?.left.remove(peer) != nil, preparing[sequence]?.left.isEmpty == true else { return }
        preparing.removeValue(forKey: sequence)?.continuation.resume()
    }

    private func endLatePreparing() {
        let time = monotonic()
        for (sequence, entry) in preparing where entry.deadline <= time {
            preparing[sequence] = nil
            entry.continuation.resume()
        }
    }

    private func remember(_ snapshot: CollectionSnapshot, sentTo peer: PeerID) {
        let versions = sentVersions[peer]?[snapshot.collection] ?? []
        guard !versions.contains(snapshot.version) else { return }
        sentVersions[peer, default: [:]][snapshot.collection] =
            Array((versions + [snapshot.version]).suffix(Self.rememberedVersions))
    }

    // MARK: From the socket

    private func drain() {
        guard let batch = try? port.receive(limit: Self.receiveBatch) else { return }
        for incoming in batch {
            switch incoming {
            case .connected(let peer): send(.who, to: peer)
            case .message(let peer, let message): handle(peer, message)
            }
        }
    }

    private func handle(_ peer: PeerID, _ message: Message) {
        let time = monotonic()
        switch message.kind {
        case .ready:
            guard let ready = try? message.body(as: Ready.self) else {
                return port.refuse(
                    message, from: peer,
                    KuaibaoError(.invalidMessage, "a ready without name, boot and window", fix: "send all three"))
            }
            if board.roster.worker(peer)?.ready.boot != ready.boot { sentVersions[peer] = nil }
            perform(board.join(peer, ready, now: time))
            send(.heartbeat, to: peer)
        case .heartbeat:
            perform(board.heartbeat(peer, now: time))
            if let report = try? message.body(as: WorkerReport.self) { board.note(report, of: peer) }
        case .goodbye:
            sentVersions[peer] = nil
            perform(board.gone(peer, now: time))
        case .done: takeResult(peer, message)
        case .failed:
            guard let failure = try? message.body(as: LeaseFailure.self) else {
                return port.refuse(
                    message, from: peer,
                    KuaibaoError(.invalidMessage, "a failure without ticket and error", fix: "send both"))
            }
            sentVersions[peer] = nil
            guard failure.ticket.epoch != Self.preparingEpoch else {
                return prepared(failure.ticket.sequence, by: peer)
            }
            perform(board.fail(peer, failure.ticket, now: time))
        case .ping:
            if let reply = try? message.reply(.pong, id: nextMessageID(), encoding: [String: String]()) {
                port.send(reply, to: peer)
            }
        default:
            port.refuse(
                message, from: peer,
                KuaibaoError(
                    .unknownKind, "the search link does not take \(message.header.kind)",
                    fix: "send ready, heartbeat, done, failed or goodbye"))
        }
    }

    private func takeResult(_ peer: PeerID, _ message: Message) {
        let result: WorkerResult
        do {
            result = try message.body(as: WorkerResult.self)
        } catch {
            return port.refuse(message, from: peer, error)
        }
        guard result.ticket.epoch != Self.preparingEpoch else { return prepared(result.ticket.sequence, by: peer) }
        let name = board.roster.worker(peer)?.ready.name ?? "unknown"
        guard let (query, parts) = board.answer(peer, result.ticket, now: monotonic()) else { return }
        if case .refused(let error) = result.outcome {
            running[query]?.refusal = error
        } else {
            running[query]?.gathered.outcomes.append(result.outcome)
        }
        running[query]?.gathered.workers.append(
            WorkerAnswer(name: name, segments: parts.count, milliseconds: Double(result.microseconds) / 1000))
        perform(board.settle(query))
    }

    // MARK: The board's actions

    private func perform(_ actions: [ScatterBoard.Action]) {
        for case .ask(_, _, let ticket, _) in actions { unsentAsks.insert(ticket) }
        for action in actions {
            switch action {
            case .ask(let peer, let query, let ticket, let parts): ask(peer, query, ticket, parts)
            case .askWho(let peer): send(.who, to: peer)
            case .heartbeat(let peer): send(.heartbeat, to: peer)
            case .complete(let query): end(query, missing: [])
            case .expired(let query, let missing): end(query, missing: missing, expired: true)
            case .unserved(let query, let missing): park(query, missing: missing)
            }
        }
    }

    private func ask(_ peer: PeerID, _ query: Int64, _ ticket: LeaseTicket, _ parts: [String]) {
        defer { unsentAsks.remove(ticket) }
        guard let state = running[query] else { return }
        let snapshot = state.kept.snapshot
        let isKnown = sentVersions[peer]?[snapshot.collection]?.contains(snapshot.version) == true
        let lease = WorkerLease(
            ticket: ticket, collection: snapshot.collection, version: snapshot.version,
            snapshot: isKnown ? nil : snapshot, parts: parts.compactMap { state.places[$0] }, task: state.task,
            deadline: wall() + max(0, state.deadline - monotonic()))
        let header = Header(kind: .lease, id: nextMessageID(), trace: state.trace)
        guard let message = try? Message(header, encoding: lease) else { return }
        guard port.send(message, to: peer) == .sent else {
            sentVersions[peer] = nil
            return perform(board.gone(peer, unsent: unsentAsks, now: monotonic()))
        }
        remember(snapshot, sentTo: peer)
    }

    /// Keeps a query that no worker is there for, once, until one joins; ends it where others have had it.
    private func park(_ query: Int64, missing: [String]) {
        guard let state = running[query], !state.wasParked, state.gathered.workers.isEmpty,
            !board.roster.all.contains(where: { $0.ready.window > 0 })
        else { return end(query, missing: missing) }
        running[query]?.wasParked = true
        running[query]?.parkedUntil = min(state.deadline, monotonic() + Self.joinMilliseconds)
    }

    /// Gives parked queries back to the board when a worker has joined, and ends those that have waited long enough.
    private func unpark() {
        let time = monotonic()
        let hasWorker = board.roster.all.contains { $0.ready.window > 0 }
        for (query, state) in running.sorted(by: { $0.key < $1.key }) {
            guard let until = state.parkedUntil, hasWorker || until <= time else { continue }
            running[query]?.parkedUntil = nil
            if hasWorker {
                perform(board.begin(query: query, parts: state.parts, deadline: state.deadline, now: time))
            } else {
                end(query, missing: state.parts.map(\.name))
            }
        }
    }

    private func end(_ query: Int64, missing: [String], expired: Bool = false) {
        guard var state = running.removeValue(forKey: query) else { return }
        if let refusal = state.refusal { return state.continuation.resume(throwing: refusal) }
        state.gathered.missing = missing.compactMap { state.places[$0] }
        if state.gathered.outcomes.isEmpty, !missing.isEmpty {
            let error =
                expired
                ? KuaibaoError(
                    .deadlineExceeded, "no query worker answered in time", fix: "ask for less, or allow more time")
                : KuaibaoError(
                    .unavailable, "no query worker is there", fix: "start one: query --role worker, or see /v1/status")
            return state.continuation.resume(throwing: error)
        }
        state.continuation.resume(returning: state.gathered)
    }

    private func send(_ kind: Kind, to peer: PeerID) {
        guard let message = try? Message(Header(kind: kind, id: nextMessageID())) else { return }
        if port.send(message, to: peer) == .sent {
            board.sent(peer, now: monotonic())
        } else if board.roster.worker(peer) != nil {
            sentVersions[peer] = nil
            perform(board.gone(peer, now: monotonic()))
        }
    }

    private func nextMessageID() -> String {
        nextMessage += 1
        return "\(boot.prefix(8))-\(nextMessage)"
    }

    private func tick() {
        perform(board.tick(now: monotonic()))
        if !preparing.isEmpty { endLatePreparing() }
        if running.values.contains(where: { $0.parkedUntil != nil }) { unpark() }
        for peer in sentVersions.keys where board.roster.worker(peer) == nil { sentVersions[peer] = nil }
        thread.schedule(after: Self.tickMilliseconds) { [weak self] in self?.assumeIsolated { $0.tick() } }
    }
}
