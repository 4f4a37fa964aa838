// A worker process's driver: joins a broker, takes leases, runs them on work threads, sends results back.

package import Messages
package import ZeroMQ

/// Drives a `WorkerSession` over one DEALER socket. Its executor is the socket's thread.
package actor WorkerLoop {
    /// Does the work of one lease and returns its result: a message of kind `done` or `failed`.
    package typealias Work = @Sendable (Message) -> Message
    /// Runs a closure away from the socket's thread.
    package typealias Runner = @Sendable (@escaping @Sendable () -> Void) -> Void

    /// Counts since the start.
    package struct Counters: Sendable, Hashable {
        package var leases = 0
        package var results = 0
        package var unwantedResults = 0
        package var handedBack = 0
        package var rejected = 0
        package var joins = 0
        /// Handshakes that the broker refused.
        package var refusals = 0
    }

    private static let tickMilliseconds = 50
    /// How often the broker is told of this process.
    private static let reportMilliseconds: Int64 = 2000

    private nonisolated let thread: PollThread
    private let socket: Socket
    private var connection: RefusedConnection
    private let introduction: Ready
    private let work: Work
    private let runner: Runner
    private let whenRefused: @Sendable (KuaibaoError) -> Void
    private let whenStuck: @Sendable () -> Void
    private let report: @Sendable () -> [String: Int]
    private var lastReport: Int64
    private let now: @Sendable () -> Int64
    private let makeID: @Sendable () -> String
    private var session: WorkerSession
    private var isStarted = false
    private var isStuck = false
    private var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    package private(set) var counters = Counters()

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - introduction: name, boot and window of this worker.
    ///   - work: called by `runner`, at most `window` times at once.
    ///   - now: monotonic milliseconds.
    ///   - whenRefused: called on the socket's thread for each time that the broker refuses our key.
    ///   - report: what the broker is told of this process beside our own counts, by metric name; called on the socket's
    ///     thread.
    ///   - whenStuck: called on the socket's thread, once, when a thread hangs. Its place of the window is lost until the
    ///     process is started anew, so a process does well to end.
    package init(
        thread: PollThread, endpoint: String, options: SocketOptions = SocketOptions(), introduction: Ready,
        timing: Timing, now: @escaping @Sendable () -> Int64, makeID: @escaping @Sendable () -> String,
        report: @escaping @Sendable () -> [String: Int] = { [:] },
        whenRefused: @escaping @Sendable (KuaibaoError) -> Void = { _ in },
        whenStuck: @escaping @Sendable () -> Void = {}, runner: @escaping Runner, work: @escaping Work
    ) throws(ZeroMQError) {
        self.thread = thread
        self.introduction = introduction
        self.work = work
        self.runner = runner
        self.whenRefused = whenRefused
        self.whenStuck = whenStuck
        self.report = report
        self.now = now
        lastReport = now()
        self.makeID = makeID
        session = WorkerSession(window: introduction.window, timing: timing, now: now())
        // The broker asks who this is as soon as a connection is made anew, instead of at the next heartbeat.
        var options = options
        options.probesRouter = true
        let socket = try Socket(.dealer, options: options)
        let connection = try RefusedConnection(of: socket, endpoint: endpoint)
        try socket.connect(endpoint)
        self.socket = socket
        self.connection = connection
    }

    /// Begins to work; returns at once.
    package func start() {
        guard !isStarted else { return }
        isStarted = true
        thread.register(socket) { [weak self] in self?.assumeIsolated { $0.drainSocket() } }
        tick()
    }

    /// Takes no more work, finishes what is held, says goodbye.
    package func drain() async {
        perform(session.drain(now: now()))
        guard !session.isEnded else { return }
        await withCheckedContinuation { waitingForEnd.append($0) }
    }

    private func tick() {
        connection.check(socket, now: now())
        if connection.refusals > counters.refusals, let refusal = connection.refusal { whenRefused(refusal) }
        counters.refusals = connection.refusals
        perform(session.tick(now: now()))
        guard !session.isEnded else { return }
        if session.isJoined, now() - lastReport >= Self.reportMilliseconds { sendReport() }
        if !isStuck, session.isStuck(now: now()) {
            isStuck = true
            whenStuck()
        }
        thread.schedule(after: Self.tickMilliseconds) { [weak self] in self?.assumeIsolated { $0.tick() } }
    }

    private func sendReport() {
        lastReport = now()
        let own = [
            "leases_total": counters.leases, "results_total": counters.results,
            "unwanted_results_total": counters.unwantedResults, "leases_handed_back_total": counters.handedBack,
            "messages_rejected_total": counters.rejected, "joins_total": counters.joins,
            "handshakes_refused_total": counters.refusals,
        ]
        send(.heartbeat, WorkerReport(counters: own.merging(report()) { own, _ in own }))
    }

    private func drainSocket() {
        while let frames = try? socket.receive() {
            do {
                handle(try Message.decode(frames: frames.map(\.bytes)))
            } catch {
                counters.rejected += 1
                if let reply = error.reply(id: makeID()) { send(reply) }
            }
        }
    }

    private func handle(_ message: Message) {
        switch message.kind {
        case .who: perform(session.asked(now: now()))
        case .lease: take(message)
        default: session.heard(now: now())
        }
    }

    private func take(_ message: Message) {
        guard let ticket = try? message.body(as: TicketGlimpse.self).ticket else {
            counters.rejected += 1
            if let reply = try? message.errorReply(
                KuaibaoError(.invalidMessage, "a lease without ticket", fix: "send ticket.epoch and ticket.sequence"),
                id: makeID())
            {
                send(reply)
            }
            return
        }
        guard session.leased(ticket, now: now()) else {
            counters.handedBack += 1
            let failure = LeaseFailure(
                ticket: ticket, error: KuaibaoError(.unavailable, "this worker drains", fix: "lease it to another"),
                isHandedBack: true)
            if let reply = try? message.reply(.failed, id: makeID(), encoding: failure) { send(reply) }
            return
        }
        counters.leases += 1
        let work = work
        runner { [weak self] in
            let result = work(message)
            // Unstructured because it crosses from a work thread to this actor; it only sends, and never waits.
            Task { [weak self] in await self?.finish(ticket, result) }
        }
    }

    private func finish(_ ticket: LeaseTicket, _ result: Message) {
        let (isWanted, actions) = session.finished(ticket, now: now())
        if isWanted {
            counters.results += 1
            send(result)
        } else {
            counters.unwantedResults += 1
        }
        perform(actions)
    }

    private func perform(_ actions: [WorkerSession.Action]) {
        for action in actions {
            switch action {
            case .sendReady(let window):
                var ready = introduction
                ready.window = window
                counters.joins += 1
                send(.ready, ready)
            case .sendHeartbeat: sendEmpty(.heartbeat)
            case .sendGoodbye: sendEmpty(.goodbye)
            case .forgetLeases: break
            case .end:
                for waiting in waitingForEnd { waiting.resume() }
                waitingForEnd = []
            }
        }
    }

    private func send(_ kind: Kind, _ body: some Encodable) {
        if let message = try? Message(Header(kind: kind, id: makeID()), encoding: body) { send(message) }
    }

    private func sendEmpty(_ kind: Kind) {
        if let message = try? Message(Header(kind: kind, id: makeID())) { send(message) }
    }

    /// A message that cannot be sent now is dropped: the broker notices by heartbeat or deadline, and leases again.
    private func send(_ message: Message) {
        guard let frames = try? message.encode() else { return }
        _ = try? socket.send(frames.map { Frame($0) })
    }
}

/// As much of any lease's body as a session needs.
private struct TicketGlimpse: Decodable {
    let ticket: LeaseTicket
}
