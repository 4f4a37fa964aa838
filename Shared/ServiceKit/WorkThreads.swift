// Threads for work that computes for long, so that neither a socket's thread nor the cooperative pool is held up.

import Foundation
import Synchronization

/// A fixed number of threads that run closures in the order they were given.
///
/// The queue is not bounded here: a worker's credit window bounds what is ever submitted.
package final class WorkThreads: Sendable {
    private struct State: Sendable {
        var waiting: [@Sendable () -> Void] = []
        /// Since when each thread has been running its closure, by the thread's number.
        var runningSince: [Int: Int64] = [:]
        var isStopped = false
    }

    private let condition = NSCondition()
    private let state = Mutex(State())
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - count: threads, at least 1.
    ///   - now: monotonic milliseconds.
    package init(name: String, count: Int, now: @escaping @Sendable () -> Int64 = SystemClock.monotonicMilliseconds) {
        self.now = now
        for number in 0..<max(1, count) {
            let thread = Thread { [self] in loop(number) }
            thread.name = "\(name)-\(number)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Runs a closure on one of the threads.
    package func submit(_ body: @escaping @Sendable () -> Void) {
        condition.lock()
        state.withLock { $0.waiting.append(body) }
        condition.signal()
        condition.unlock()
    }

    /// How long the oldest of the closures that run now has been running, in milliseconds; 0 where none does.
    package var longestMilliseconds: Int64 {
        guard let oldest = state.withLock({ $0.runningSince.values.min() }) else { return 0 }
        return max(0, now() - oldest)
    }

    /// Ends the threads after the closures that are running; waiting ones are dropped.
    package func stop() {
        condition.lock()
        state.withLock {
            $0.isStopped = true
            $0.waiting.removeAll()
        }
        condition.broadcast()
        condition.unlock()
    }

    private func loop(_ number: Int) {
        while let body = next() {
            let since = now()
            state.withLock { $0.runningSince[number] = since }
            body()
            state.withLock { $0.runningSince[number] = nil }
        }
    }

    private func next() -> (@Sendable () -> Void)? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let (body, isStopped) = state.withLock { state in
                (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isStopped)
            }
            if let body { return body }
            if isStopped { return nil }
            condition.wait()
        }
    }
}

extension WorkThreads {
    /// Runs a blocking or long call on one of the threads and waits for it without holding a thread up.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit { continuation.resume(with: Result { try body() }) }
        }
    }
}
