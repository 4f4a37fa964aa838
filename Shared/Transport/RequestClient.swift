// A client of a ROUTER: asks, and matches answers to questions by their ids.

package import Messages
package import ZeroMQ

/// Requests over one DEALER socket. Its executor is the socket's thread.
///
/// An answer that nobody waits for any more is counted and dropped. A request is sent once; whoever asks knows whether
/// asking again is safe. When the connection is lost, what was asked over it ends as `unavailable`: its answer cannot come.
package actor RequestClient {
    /// Requests under way at once; more are refused as `busy`.
    private static let pendingLimit = 4096
    /// How often deadlines are looked at, in milliseconds.
    private static let sweepMilliseconds = 20

    private struct Pending {
        let continuation: CheckedContinuation<Message, any Error>
        let deadline: Int64
    }

    private nonisolated let thread: PollThread
    private let socket: Socket
    private var connection: RefusedConnection
    private let endpoint: String
    private let prefix: String
    private let now: @Sendable () -> Int64
    private var nextNumber = 0
    private var pending: [String: Pending] = [:]
    private(set) var lateAnswers = 0
    private var isStarted = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Connects; the connection itself is made, and made again, in the background.
    ///
    /// - Parameters:
    ///   - prefix: makes the ids of this client unique among its peers; at most 40 bytes.
    ///   - now: monotonic milliseconds.
    package init(
        thread: PollThread, endpoint: String, options: SocketOptions = SocketOptions(), prefix: String,
        now: @escaping @Sendable () -> Int64
    ) throws(ZeroMQError) {
        self.thread = thread
        self.endpoint = endpoint
        self.prefix = prefix
        self.now = now
        let socket = try Socket(.dealer, options: options)
        let connection = try RefusedConnection(of: socket, endpoint: endpoint)
        try socket.connect(endpoint)
        self.socket = socket
        self.connection = connection
    }

    /// Sends a request and waits for its answer.
    ///
    /// - Throws: the `KuaibaoError` that the peer answered; `busy`, `unavailable`, `deadlineExceeded`, or `notAllowed`
    ///   where the peer refuses our key, of our own.
    package func request(
        _ kind: Kind, _ body: some Encodable & Sendable, payload: [[UInt8]] = [], timeoutMilliseconds: Int64,
        trace: String? = nil
    ) async throws -> Message {
        start()
        guard pending.count < Self.pendingLimit else {
            throw KuaibaoError(.busy, "\(pending.count) requests to \(endpoint) wait already", fix: "ask again later")
        }
        nextNumber += 1
        let id = "\(prefix)-\(nextNumber)"
        let message = try Message(Header(kind: kind, id: id, trace: trace), encoding: body, payload: payload)
        let frames = try message.encode().map { Frame($0) }
        let outcome = try socket.send(frames)
        guard outcome == .sent else {
            if let refusal = connection.refusal { throw refusal }
            throw KuaibaoError(
                .unavailable, "nobody answers at \(endpoint)", fix: "start the service there, or wait for it to return")
        }
        let deadline = now() + timeoutMilliseconds
        let answer = try await withCheckedThrowingContinuation { continuation in
            pending[id] = Pending(continuation: continuation, deadline: deadline)
        }
        if answer.kind == .error { throw try answer.body(as: KuaibaoError.self) }
        return answer
    }

    private func start() {
        guard !isStarted else { return }
        isStarted = true
        thread.register(socket) { [weak self] in self?.assumeIsolated { $0.drain() } }
        sweepLater()
    }

    private func drain() {
        while let frames = try? socket.receive() {
            guard let message = try? Message.decode(frames: frames.map(\.bytes)), let parent = message.header.parent,
                let waiting = pending.removeValue(forKey: parent)
            else {
                lateAnswers += 1
                continue
            }
            waiting.continuation.resume(returning: message)
        }
    }

    private func failAll() {
        let lost = pending
        pending = [:]
        for waiting in lost.values {
            waiting.continuation.resume(
                throwing: KuaibaoError(
                    .unavailable, "the connection to \(endpoint) was lost while an answer was awaited",
                    fix: "ask again; what was asked may have been done"))
        }
    }

    private func sweepLater() {
        thread.schedule(after: Self.sweepMilliseconds) { [weak self] in self?.assumeIsolated { $0.sweep() } }
    }

    private func sweep() {
        let time = now()
        let losses = connection.losses
        connection.check(socket, now: time)
        // What had been answered before the loss waits in the socket.
        if connection.losses > losses {
            drain()
            failAll()
        }
        for (id, waiting) in pending where waiting.deadline <= time {
            pending[id] = nil
            waiting.continuation.resume(
                throwing: KuaibaoError(
                    .deadlineExceeded, "no answer from \(endpoint) in time", fix: "ask again; see /v1/status for why"))
        }
        sweepLater()
    }
}
