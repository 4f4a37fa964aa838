// Who waits for which watch's alerts, and whether there are any.
//
// All waiting streams and long requests share one question to the ledger: how many alerts has each of these watches had? It is
// asked when a hint comes and once a second, and only for watches that somebody waits for.
//
// Invariants
//  (1) A waiter is resumed exactly once: with news, at its deadline, when the watch is gone, or when the board closes.
//  (2) Waiters are bounded by `waiterLimit`; beyond it a wait is refused as busy.

import Logging
import Messages
import ServiceLifecycle
import Transport

/// Wakes those who wait for alerts.
actor AlertBoard {
    /// How often the ledger is asked without a hint, and how exact deadlines are.
    static let pollMilliseconds: Int64 = 1000
    /// Hints within this time are one question.
    static let gatherMilliseconds: Int64 = 20
    /// Watches of one question.
    static let askedAtOnce = 4096

    /// How a wait ended.
    enum Outcome: Sendable, Hashable {
        /// The watch has had this many alerts.
        case news(head: Int64)
        case deadline
        /// The watch was deleted.
        case gone
        case closing
    }

    struct Counters: Sendable {
        var questions = 0
        var failures = 0
        var refused = 0
    }

    private struct Waiter {
        let watch: String
        let beyond: Int64
        let deadline: Int64
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private let ledger: LedgerClient
    private let logger: Logger
    private let now: @Sendable () -> Int64
    private let waiterLimit: Int
    private var waiters: [Int: Waiter] = [:]
    private var nextWaiter = 0
    private var isHinted = false
    private var isClosed = false
    private(set) var counters = Counters()

    init(ledger: LedgerClient, logger: Logger, waiterLimit: Int, now: @escaping @Sendable () -> Int64) {
        self.ledger = ledger
        self.logger = logger
        self.waiterLimit = waiterLimit
        self.now = now
    }

    /// Whether the gateway stops: streams are to end.
    var isClosing: Bool { isClosed }

    /// Those who wait now.
    var waiting: Int { waiters.count }

    /// There may be alerts.
    func hint() { isHinted = true }

    /// Waits until a watch has had more alerts than `beyond`.
    ///
    /// - Parameter deadline: monotonic milliseconds.
    /// - Throws: `busy` where too many wait.
    func wait(for watch: String, beyond: Int64, until deadline: Int64) async throws(KuaibaoError) -> Outcome {
        guard !isClosed else { return .closing }
        guard waiters.count < waiterLimit else {
            counters.refused += 1
            throw KuaibaoError(
                .busy, "\(waiters.count) already wait for alerts",
                fix: "ask again later, or raise the setting event-streams")
        }
        nextWaiter += 1
        let number = nextWaiter
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume(returning: .closing) }
                waiters[number] = Waiter(watch: watch, beyond: beyond, deadline: deadline, continuation: continuation)
            }
        } onCancel: {
            // Unstructured because a cancelled task can await nothing; it only ends a wait.
            Task { await self.end(number, .closing) }
        }
    }

    /// Asks the ledger until the task is cancelled or the service is to stop; then everybody is sent home.
    func run() async {
        await withGracefulShutdownHandler {
            var nextPoll: Int64 = 0
            while !Task.isCancelled, !isClosed {
                let time = now()
                if isHinted || time >= nextPoll {
                    isHinted = false
                    nextPoll = time + Self.pollMilliseconds
                    await ask()
                    endLate()
                }
                try? await Task.sleep(for: .milliseconds(Self.gatherMilliseconds))
            }
        } onGracefulShutdown: {
            // Unstructured because the handler cannot await; it only closes the board.
            Task { await self.close() }
        }
        close()
    }

    /// Ends all waits, now and later.
    func close() {
        isClosed = true
        let all = waiters
        waiters = [:]
        for waiter in all.values { waiter.continuation.resume(returning: .closing) }
    }

    private func ask() async {
        let watches = Array(Set(waiters.values.map(\.watch)))
        for start in stride(from: 0, to: watches.count, by: Self.askedAtOnce) {
            let asked = Array(watches[start..<min(start + Self.askedAtOnce, watches.count)])
            counters.questions += 1
            do {
                let heads = try await ledger.watchHeads(asked)
                tell(Dictionary(zip(asked, heads), uniquingKeysWith: { first, _ in first }))
            } catch {
                counters.failures += 1
                logger.debug("the ledger was not asked for alerts", metadata: ["error": "\(error)"])
            }
        }
    }

    private func tell(_ heads: [String: Int64]) {
        for (number, waiter) in waiters {
            guard let head = heads[waiter.watch] else { continue }
            if head < 0 { end(number, .gone) } else if head > waiter.beyond { end(number, .news(head: head)) }
        }
    }

    private func endLate() {
        let time = now()
        for (number, waiter) in waiters where waiter.deadline <= time { end(number, .deadline) }
    }

    private func end(_ number: Int, _ outcome: Outcome) {
        waiters.removeValue(forKey: number)?.continuation.resume(returning: outcome)
    }
}
