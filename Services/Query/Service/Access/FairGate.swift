// Lets searches in, a few at once, so that one key's flood does not hold up another key's question.
//
// As many are in as the query workers take at once, and a few more to keep them busy; while several keys ask, each leaves a
// search thread to every other one. Who waits longer than `patience` is refused as busy.

import Messages
import ServiceKit
import Synchronization

/// The gate before the search desk. Used by all connections.
final class FairGate: Sendable {
    /// How long a request waits for its turn, in milliseconds.
    static let patience: Int64 = 5000
    /// Requests in at once where no worker has said how many it takes.
    static let leastInside = 8
    /// How long a key that does not ask any more has a thread left to it, in milliseconds.
    static let memory: Int64 = 5000
    /// How often waiting requests are looked at, in milliseconds.
    static let tickMilliseconds = 200

    struct Counters: Sendable {
        /// Requests that had to wait for their turn.
        var waited = 0
        /// Requests that were refused because their turn did not come.
        var refused = 0
        var waiting = 0
    }

    private struct State {
        var queue = FairQueue(limit: FairGate.leastInside)
        var continuations: [FairQueue.Ticket: CheckedContinuation<Bool, Never>] = [:]
        var counters = Counters()

        mutating func take(_ tickets: [FairQueue.Ticket]) -> [CheckedContinuation<Bool, Never>] {
            tickets.compactMap { continuations.removeValue(forKey: $0) }
        }
    }

    private let monotonic: @Sendable () -> Int64
    private let state = Mutex(State())

    init(monotonic: @escaping @Sendable () -> Int64) { self.monotonic = monotonic }

    var counters: Counters {
        state.withLock { state in
            var counters = state.counters
            counters.waiting = state.queue.waitingCount
            return counters
        }
    }

    /// Waits for the key's turn; `leave` must follow.
    ///
    /// - Throws: `RetryLater` where it does not come within `patience`.
    func enter(_ key: String) async throws {
        let isIn = await withCheckedContinuation { continuation in
            let isIn = state.withLock { state -> Bool in
                guard let ticket = state.queue.enter(key, now: monotonic()) else { return true }
                state.continuations[ticket] = continuation
                state.counters.waited += 1
                return false
            }
            if isIn { continuation.resume(returning: true) }
        }
        guard isIn else {
            throw RetryLater(
                error: KuaibaoError(
                    .busy, "this key's requests wait for each other, and this one's turn did not come",
                    fix: "ask less at once"), seconds: 1)
        }
    }

    /// A request of `key` that was let in is done.
    func leave(_ key: String) { resume(state.withLock { state in state.take(state.queue.leave(key)) }, true) }

    /// Adapts to the workers, and refuses who has waited too long, until the task is cancelled.
    ///
    /// - Parameter window: how many tasks all query workers together take at once.
    func run(window: @escaping @Sendable () async -> Int) async {
        while !Task.isCancelled {
            // A worker's window is twice its threads.
            let window = await window()
            let limit = max(Self.leastInside, window)
            resume(
                state.withLock { state in
                    let admitted = state.queue.widen(to: limit, threads: window / 2)
                    return state.take(admitted + state.queue.forget(before: monotonic() - Self.memory))
                }, true)
            let late = state.withLock { state in
                let late = state.queue.expire(before: monotonic() - Self.patience)
                state.counters.refused += late.count
                return state.take(late)
            }
            resume(late, false)
            try? await Task.sleep(for: .milliseconds(Self.tickMilliseconds))
        }
    }

    private func resume(_ continuations: [CheckedContinuation<Bool, Never>], _ isIn: Bool) {
        for continuation in continuations { continuation.resume(returning: isIn) }
    }
}
