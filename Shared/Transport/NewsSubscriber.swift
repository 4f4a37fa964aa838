// Hints from the news socket. They may be lost, so whoever listens also polls.

package import Messages
package import ZeroMQ

/// One SUB socket. Its executor is the socket's thread.
package actor NewsSubscriber {
    private nonisolated let thread: PollThread
    private let socket: Socket
    private var connection: RefusedConnection
    private let now: @Sendable () -> Int64
    private static let tickMilliseconds = 250
    private let handler: @Sendable (News) -> Void

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - topic: `items` or `version`; news of all collections under it are taken.
    ///   - now: monotonic milliseconds.
    ///   - handler: called on the socket's thread; must not block.
    package init(
        thread: PollThread, endpoint: String, options: SocketOptions = SocketOptions(), topic: String,
        now: @escaping @Sendable () -> Int64, handler: @escaping @Sendable (News) -> Void
    ) throws(ZeroMQError) {
        self.thread = thread
        self.handler = handler
        let socket = try Socket(.sub, options: options)
        // The slash ends the topic: SUB matches prefixes.
        try socket.subscribe(Array("\(topic)/".utf8))
        let connection = try RefusedConnection(of: socket, endpoint: endpoint)
        try socket.connect(endpoint)
        self.socket = socket
        self.connection = connection
        self.now = now
    }

    package func start() {
        thread.register(socket) { [weak self] in self?.assumeIsolated { $0.drain() } }
        tick()
    }

    private func tick() {
        connection.check(socket, now: now())
        thread.schedule(after: Self.tickMilliseconds) { [weak self] in self?.assumeIsolated { $0.tick() } }
    }

    private func drain() {
        while let frames = try? socket.receive() {
            guard let message = try? Message.decode(frames: frames.dropFirst().map(\.bytes)),
                let news = try? message.body(as: News.self)
            else { continue }
            handler(news)
        }
    }
}
