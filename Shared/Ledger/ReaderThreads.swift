// Threads that may block on the disk, and the queue before them.
import Dispatch
import Foundation
import Synchronization

/// Stack of a ledger thread; SQLite and the decoding of rows need far less.
let ledgerThreadStackBytes = 2 << 20

/// A fixed number of threads that run short blocking calls, first in, first out.
///
/// Everything that was taken is run, also after `stop`.
final class ReaderThreads: Sendable {
    private let queueLimit: Int
    private let threadCount: Int
    /// Counts what is queued, and one more a thread once stopped.
    private let available = DispatchSemaphore(value: 0)
    private let state = Mutex(State())

    init(count: Int, queueLimit: Int) {
        self.queueLimit = queueLimit
        threadCount = max(1, count)
        for number in 0..<threadCount {
            let thread = Thread { self.run() }
            thread.name = "ledger-reader-\(number)"
            thread.stackSize = ledgerThreadStackBytes
            thread.start()
        }
    }

    /// Queues a call; false if the queue is full or stopped.
    func submit(_ call: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isStopped, state.queue.count < queueLimit else { return false }
            state.queue.append(call)
            return true
        }
        if isTaken { available.signal() }
        return isTaken
    }

    /// Ends the threads once the queue is empty.
    func stop() {
        let isFirst = state.withLock { state in
            defer { state.isStopped = true }
            return !state.isStopped
        }
        guard isFirst else { return }
        for _ in 0..<threadCount { available.signal() }
    }

    private struct State {
        var queue = FirstInFirstOut<@Sendable () -> Void>()
        var isStopped = false
    }

    private func run() {
        while true {
            available.wait()
            guard let call = state.withLock({ $0.queue.popFirst() }) else { return }
            call()
        }
    }
}

/// A queue as an array with a moving head.
struct FirstInFirstOut<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var first: Element? { head < elements.count ? elements[head] : nil }

    mutating func append(_ element: Element) { elements.append(element) }

    /// - Complexity: O(1) amortised.
    mutating func popFirst() -> Element? {
        guard head < elements.count, let element = elements[head] else { return nil }
        elements[head] = nil
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 1_024, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }
}
