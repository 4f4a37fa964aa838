// Threads for work that computes for long, so that neither a socket's thread nor the cooperative pool is held up.

import Foundation
import Synchronization

/// A fixed number of threads that run closures in the order they were given.
///
/// The queue is not bounded here: a worker's credit window bounds what is ever submitted.
package final class WorkThreads: Sendable {
    private struct State: Sendable {
        var waiting: [@Sendable () -> Void] = []
        var isStopped = false
    }

    private let condition = NSCondition()
    private let state = Mutex(State())

    /// - Parameter count: threads, at least 1.
    package init(name: String, count: Int) {
        for number in 0..<max(1, count) {
            let thread = Thread { [self] in loop() }
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

    private func loop() {
        while let body = next() { body() }
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
