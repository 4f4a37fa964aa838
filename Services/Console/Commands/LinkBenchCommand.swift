// `kuaibao link-bench`: the house's transport as an echo or a broker, to be measured beside a program in C. Not shown in the help.

import ArgumentParser
import Messages
import UnixSignals
import ZeroMQ

struct LinkBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link-bench", abstract: "连接测速。 An echo or a broker for Benchmarks/Reliability/throughput.py.",
        shouldDisplay: false)

    @Argument(help: "Where clients connect.") var front: String
    @Option(help: "Where workers connect; an echo without.") var back: String?

    func run() async throws {
        let thread = try PollThread(name: "link-bench")
        let relay = try LinkRelay(thread: thread, front: front, back: back)
        await relay.start()
        Terminal.write("ready")
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { break }
        thread.stop()
    }
}

/// Hands messages from a ROUTER back to their senders, or to the workers of a second ROUTER in turn and back.
private actor LinkRelay {
    /// Messages taken from one socket before the other gets its turn, as in the services.
    private static let batch = 256

    private nonisolated let thread: PollThread
    private let front: Socket
    /// Bound for a broker; an echo does not use it.
    private let back: Socket
    private let isBroker: Bool
    private var workers: [Frame] = []
    private var next = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    init(thread: PollThread, front: String, back: String?) throws {
        self.thread = thread
        isBroker = back != nil
        let frontSocket = try Socket(.router)
        let backSocket = try Socket(.router)
        try frontSocket.bind(front)
        if let back { try backSocket.bind(back) }
        self.front = frontSocket
        self.back = backSocket
    }

    func start() {
        thread.register(front) { [weak self] in self?.assumeIsolated { $0.drainFront() } }
        if isBroker { thread.register(back) { [weak self] in self?.assumeIsolated { $0.drainBack() } } }
    }

    private func drainFront() {
        for message in (try? front.receiveBatch(limit: Self.batch)) ?? [] {
            guard isBroker else {
                _ = try? front.send(message)
                continue
            }
            guard !workers.isEmpty else { continue }
            next = (next + 1) % workers.count
            _ = try? back.send([workers[next]] + message)
        }
    }

    /// A worker joins with an empty message; anything else goes back to the client that its second frame names.
    private func drainBack() {
        for message in (try? back.receiveBatch(limit: Self.batch)) ?? [] {
            if message.count == 2, message[1].isEmpty {
                workers.append(message[0])
            } else {
                _ = try? front.send(Array(message.dropFirst()))
            }
        }
    }
}
