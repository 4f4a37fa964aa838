// Hints from the news socket. They may be lost, so whoever listens also polls.

package import Messages
package import ZeroMQ

/// One SUB socket. Its executor is the socket's thread.
package actor NewsSubscriber {
    private nonisolated let thread: PollThread
    private let socket: Socket
    private let handler: @Sendable (News) -> Void

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - topic: `items` or `version`; news of all collections under it are taken.
    ///   - handler: called on the socket's thread; must not block.
    package init(
        thread: PollThread, endpoint: String, topic: String, handler: @escaping @Sendable (News) -> Void
    ) throws(ZeroMQError) {
        self.thread = thread
        self.handler = handler
        let socket = try Socket(.sub, options: SocketOptions())
        // The slash ends the topic: SUB matches prefixes.
        try socket.subscribe(Array("\(topic)/".utf8))
        try socket.connect(endpoint)
        self.socket = socket
    }

    package func start() {
        thread.register(socket) { [weak self] in self?.assumeIsolated { $0.drain() } }
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
