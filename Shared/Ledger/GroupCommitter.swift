// Group commit: many callers, one thread that writes, one transaction for all that came in while the last one was synced.
//
// There is no timer: an idle committer commits a lone append at once, a busy one gets larger groups by itself, because
// more has queued up by the time the disk is done. Calls are done in the order they came; a task (a publish, a trim)
// runs between two transactions.
//
// Invariants:
//  (1) A call is answered exactly once, after the transaction that did it is on disk, or with an error.
//  (2) What waits is bounded (`GroupCommitterLimits`); a call past the bound is answered `busy` at once.
//  (3) After the first `io` or `corrupt` nothing is acknowledged any more: waiting and later calls are answered `failed`,
//      and `onFailure` is called once, so that the process can stop and recover from disk.
//  (4) `diskFull` fails its group whole, leaves the engine unchanged and the committer serving.
package import Messages
import Dispatch
import Foundation
import Synchronization

/// How much a `GroupCommitter` takes on.
package struct GroupCommitterLimits: Sendable {
    /// Calls in one transaction. More gains nothing here: past about 1000 the sync is a small part of the time.
    package var groupWorks = 4_096
    /// Payload bytes in one transaction, unless one call alone has more.
    package var groupBytes = 4 << 20
    /// Calls that may wait.
    package var queuedWorks = 65_536
    /// Payload bytes that may wait, unless one call alone has more.
    package var queuedBytes = 128 << 20
    /// Threads for reads.
    package var readerThreads = 3

    package init() {}
}

/// Where a `GroupCommitter` gets the time from.
package struct LedgerClock: Sendable {
    /// Milliseconds since 1970, UTC.
    package var now: @Sendable () -> Int64
    /// Nanoseconds since some fixed instant; never goes back.
    package var uptimeNanoseconds: @Sendable () -> Int64

    package init(now: @escaping @Sendable () -> Int64, uptimeNanoseconds: @escaping @Sendable () -> Int64) {
        self.now = now
        self.uptimeNanoseconds = uptimeNanoseconds
    }
}

/// The ledger for callers that must not block. It owns the writing thread and the reading ones until it is stopped.
package final class GroupCommitter: Sendable {
    /// Is called on the committer's thread; must not block.
    package typealias Answer = @Sendable (Result<JournalReceipt, LedgerError>) -> Void

    private let engine: any LedgerEngine
    private let limits: GroupCommitterLimits
    private let clock: LedgerClock
    private let onFailure: @Sendable (LedgerError) -> Void
    private let readers: ReaderThreads
    private let wake = DispatchSemaphore(value: 0)
    private let state = Mutex(State())

    /// Starts the threads.
    ///
    /// - Parameter onFailure: called once, on the committer's thread, after a failure that only a restart can mend.
    package init(
        engine: any LedgerEngine, limits: GroupCommitterLimits = GroupCommitterLimits(), clock: LedgerClock,
        onFailure: @escaping @Sendable (LedgerError) -> Void
    ) {
        self.engine = engine
        self.limits = limits
        self.clock = clock
        self.onFailure = onFailure
        readers = ReaderThreads(count: limits.readerThreads, queueLimit: limits.queuedWorks)
        let thread = Thread { self.run() }
        thread.name = "ledger-writer"
        thread.stackSize = ledgerThreadStackBytes
        thread.start()
    }

    // MARK: Calls

    /// Queues a work; `answer` is called exactly once. For threads that own a socket and must not wait.
    package func submit(_ work: JournalWork, answer: @escaping Answer) {
        let bytes = work.payloadBytes
        let refusal = enqueue(Entry(kind: .work(work, answer), bytes: bytes))
        if let refusal { answer(.failure(refusal)) }
    }

    /// Appends all batches or none, in a transaction shared with other callers.
    package func append(_ appends: [JournalAppend]) async throws -> [AppendReceipt] {
        guard case .appended(let receipts) = try await commit(.append(appends)) else {
            throw LedgerError(.internal, "an append was answered with another receipt")
        }
        return receipts
    }

    /// Appends one batch.
    package func append(_ batch: JournalBatch, to stream: TopicPartition) async throws -> AppendReceipt {
        guard let receipt = try await append([JournalAppend(stream, batch)]).first else {
            throw LedgerError(.internal, "an append was answered without a receipt")
        }
        return receipt
    }

    /// Records all outcomes, in a transaction shared with other callers.
    package func finish(_ completions: [Completion]) async throws -> [CompletionReceipt] {
        guard case .finished(let receipts) = try await commit(.finish(completions)) else {
            throw LedgerError(.internal, "a finish was answered with another receipt")
        }
        return receipts
    }

    /// Runs a call that writes (a publish, a trim, a lease) on the writing thread, in turn with the others.
    ///
    /// `body` gets the engine and the present time in milliseconds.
    package func perform<Value: Sendable>(
        _ body: @escaping @Sendable (any LedgerEngine, Int64) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submitTask(body) { continuation.resume(with: $0) }
        }
    }

    /// The same for threads that must not wait; `answer` is called exactly once, on the committer's thread.
    package func submitTask<Value: Sendable>(
        _ body: @escaping @Sendable (any LedgerEngine, Int64) throws -> Value,
        answer: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        let task = QueuedTask { [engine, clock] refusal in
            if let refusal {
                answer(.failure(refusal))
                return nil
            }
            let result = Result<Value, any Error> { try body(engine, clock.now()) }
            answer(result)
            guard case .failure(let error as LedgerError) = result, error.isFatal else { return nil }
            return error
        }
        let refusal = enqueue(Entry(kind: .task(task), bytes: 0))
        if let refusal { _ = task.run(refusal) }
    }

    /// Runs a call that only reads on a reading thread, concurrently with writes.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any LedgerEngine) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submitRead(body) { continuation.resume(with: $0) }
        }
    }

    /// The same for threads that must not wait; `answer` is called exactly once, on a reading thread.
    package func submitRead<Value: Sendable>(
        _ body: @escaping @Sendable (any LedgerEngine) throws -> Value,
        answer: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        let engine = engine
        let isTaken = readers.submit { answer(Result { try body(engine) }) }
        if !isTaken {
            answer(
                .failure(LedgerError(.busy, "the ledger's readers are stopped or have too much to do; try again later"))
            )
        }
    }

    /// Does what is queued, takes nothing more, and ends the threads.
    package func stop() async {
        await withCheckedContinuation { continuation in
            stop { continuation.resume() }
        }
    }

    /// The same for threads that must not wait; `done` is called once, on the committer's thread or this one.
    package func stop(_ done: @escaping @Sendable () -> Void) {
        readers.stop()
        let hasEnded = state.withLock { state in
            state.isStopping = true
            if !state.hasEnded { state.whenEnded.append(done) }
            return state.hasEnded
        }
        if hasEnded { done() } else { wake.signal() }
    }

    /// The counts so far.
    package var metrics: CommitMetrics { state.withLock { $0.metrics } }

    /// Whether calls are taken.
    package var isServing: Bool { state.withLock { $0.failure == nil && !$0.isStopping } }

    private func commit(_ work: JournalWork) async throws -> JournalReceipt {
        try await withCheckedThrowingContinuation { continuation in
            submit(work) { result in continuation.resume(with: result.mapError { $0 as any Error }) }
        }
    }
}

// MARK: - The queue

extension GroupCommitter {
    private struct QueuedTask: Sendable {
        /// Runs the task, or answers it with the refusal; returns a failure that ends the committer.
        let run: @Sendable (_ refusal: LedgerError?) -> LedgerError?

        init(_ run: @escaping @Sendable (LedgerError?) -> LedgerError?) { self.run = run }
    }

    private struct Entry: Sendable {
        enum Kind: Sendable {
            case work(JournalWork, Answer)
            case task(QueuedTask)
        }

        var kind: Kind
        var bytes: Int
    }

    private struct State {
        var queue = FirstInFirstOut<Entry>()
        var failure: LedgerError?
        var isWaiting = false
        var isStopping = false
        var hasEnded = false
        var whenEnded: [@Sendable () -> Void] = []
        var metrics = CommitMetrics()

        mutating func dequeue() {
            guard let entry = queue.popFirst() else { return }
            metrics.queuedWorks -= 1
            metrics.queuedBytes -= entry.bytes
        }
    }

    private enum Turn: Sendable {
        case group([(work: JournalWork, answer: Answer)])
        case task(QueuedTask)
        case wait
        case end([@Sendable () -> Void])
    }

    /// Queues an entry and wakes the thread; returns why it is not taken.
    private func enqueue(_ entry: Entry) -> LedgerError? {
        let (refusal, mustWake) = state.withLock { state -> (LedgerError?, Bool) in
            if let failure = state.failure {
                return (LedgerError(.failed, "the ledger has failed", cause: failure.description), false)
            }
            guard !state.isStopping else { return (LedgerError(.stopped, "the ledger is stopping"), false) }
            let isOverBytes =
                state.metrics.queuedBytes > 0 && entry.bytes > limits.queuedBytes - state.metrics.queuedBytes
            guard state.metrics.queuedWorks < limits.queuedWorks, !isOverBytes else {
                state.metrics.busyWorks += 1
                return (
                    LedgerError(
                        .busy,
                        "\(state.metrics.queuedWorks) calls with \(state.metrics.queuedBytes) bytes wait for the disk; "
                            + "try again later"), false
                )
            }
            state.metrics.queuedWorks += 1
            state.metrics.queuedBytes += entry.bytes
            state.queue.append(entry)
            defer { state.isWaiting = false }
            return (nil, state.isWaiting)
        }
        if mustWake { wake.signal() }
        return refusal
    }

    /// Takes what is to be done next.
    private func nextTurn() -> Turn {
        state.withLock { state in
            var group: [(work: JournalWork, answer: Answer)] = []
            var bytes = 0
            while let entry = state.queue.first {
                guard case .work(let work, let answer) = entry.kind else { break }
                guard group.count < limits.groupWorks, group.isEmpty || entry.bytes <= limits.groupBytes - bytes else {
                    break
                }
                group.append((work, answer))
                bytes += entry.bytes
                state.dequeue()
            }
            guard group.isEmpty else { return .group(group) }
            if case .task(let task)? = state.queue.first?.kind {
                state.dequeue()
                return .task(task)
            }
            guard !state.isStopping else {
                state.hasEnded = true
                defer { state.whenEnded = [] }
                return .end(state.whenEnded)
            }
            state.isWaiting = true
            return .wait
        }
    }
}

// MARK: - The writing thread

extension GroupCommitter {
    private func run() {
        while true {
            switch nextTurn() {
            case .wait: wake.wait()
            case .group(let group): commitGroup(group)
            case .task(let task):
                let failed = state.withLock { state in
                    state.metrics.tasks += 1
                    return state.failure
                }
                let refusal = failed.map { LedgerError(.failed, "the ledger has failed", cause: $0.description) }
                if let failure = task.run(refusal) { fail(failure) }
            case .end(let whenEnded):
                for done in whenEnded { done() }
                return
            }
        }
    }

    private func commitGroup(_ group: [(work: JournalWork, answer: Answer)]) {
        if let failure = state.withLock({ $0.failure }) {
            let refusal = LedgerError(.failed, "the ledger has failed", cause: failure.description)
            for entry in group { entry.answer(.failure(refusal)) }
            return
        }
        let start = clock.uptimeNanoseconds()
        do {
            let results = try engine.commit(group.map(\.work), now: clock.now())
            let elapsed = clock.uptimeNanoseconds() - start
            guard results.count == group.count else {
                throw LedgerError(.internal, "\(group.count) calls were answered with \(results.count) results")
            }
            state.withLock { state in
                state.metrics.count(groupOf: group.count, nanoseconds: elapsed)
                for (entry, result) in zip(group, results) { state.metrics.count(entry.work, result) }
            }
            for (entry, result) in zip(group, results) { entry.answer(result) }
        } catch {
            let failure = LedgerError(mapping: error, "cannot commit")
            if failure.code == .diskFull { state.withLock { $0.metrics.diskFullCommits += 1 } }
            if failure.isFatal { fail(failure) }
            for entry in group { entry.answer(.failure(failure)) }
        }
    }

    /// Stops acknowledging for good; what waits is answered as its turn comes.
    private func fail(_ failure: LedgerError) {
        let isFirst = state.withLock { state in
            defer { state.failure = state.failure ?? failure }
            return state.failure == nil
        }
        if isFirst { onFailure(failure) }
    }
}

extension LedgerError {
    /// Whether only a restart of the process can tell what is on disk.
    fileprivate var isFatal: Bool { code == .io || code == .corrupt || code == .failed }
}

extension JournalWork {
    /// Bytes that the work holds while it waits.
    fileprivate var payloadBytes: Int {
        switch self {
        case .append(let appends): appends.reduce(0) { $0 + $1.batch.payload.count + ($1.parsed?.payload.count ?? 0) }
        case .finish(let completions):
            completions.reduce(0) { sum, completion in
                completion.appends.reduce(sum) { $0 + $1.batch.payload.count }
            }
        }
    }
}
