// One thread that owns sockets, and the executor of the actors that use them.
//
// An actor whose executor is the thread is called where its sockets are polled, so that it may use them without locks
// and without a hop, and the compiler checks that nobody else does:
//
//     actor Gateway {
//         nonisolated let thread: PollThread
//         nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }
//         private var router: Socket
//
//         init(thread: PollThread) throws {
//             self.thread = thread
//             router = try Socket(.router)
//         }
//
//         func start() throws -> String {
//             let endpoint = try router.bind("tcp://127.0.0.1:*")
//             thread.register(router) { [weak self] in self?.assumeIsolated { $0.drain() } }
//             return endpoint
//         }
//
//         private func drain() {
//             for message in (try? router.receiveBatch(limit: 256)) ?? [] { _ = try? router.send(message) }
//         }
//     }
//
// States of the thread, kept in `Inbox.phase`:
//
//     running --stop()--> stopping --no job left--> ended --enqueue--> draining --no job left--> ended
//
// Invariants:
//  (1) Jobs run one at a time, in the order in which they were enqueued, on the thread that `worker` names.
//  (2) `isWaiting` is true only while the thread is in, or about to enter, a poll with a timeout; who enqueues a job then
//      takes it back to false and signals the waker. So a job costs a system call only when the thread is idle.
//  (3) A job that is enqueued after the end still runs, on a thread that is started for it: whoever waits for an actor's
//      answer gets it. But nothing is readable any more and no timer fires.

import CZeroMQ
import Glibc
import Synchronization

/// A dedicated thread that polls sockets, runs timers, and executes actors.
package final class PollThread: SerialExecutor {
    private struct Inbox {
        enum Phase {
            case running
            case stopping
            case ended
            case draining
        }

        var phase = Phase.running
        var jobs: [UnownedJob] = []
        var isWaiting = false
        var endWaiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Longest poll: a bound on how late a change would be seen if a wake-up were ever lost.
    private static let longestPollMilliseconds: Int64 = 1_000

    /// What debuggers and logs show.
    package let name: String
    private let clock: @Sendable () -> Int64
    private let inbox = Mutex(Inbox())
    private let waker: WakeCounter
    /// The thread that runs jobs now; 0 where none does.
    private let worker = Atomic<UInt>(0)
    private let loop: PollLoop

    /// Starts the thread; it runs, and keeps this object, until `stop()`.
    ///
    /// - Parameters:
    ///   - name: at most 15 bytes are shown.
    ///   - clock: nanoseconds that never go back; a test may give its own.
    /// - Throws: `tooManySockets` or `system` where the system gives no thread or file.
    package init(
        name: String, clock: @escaping @Sendable () -> Int64 = PollThread.monotonicNanoseconds
    ) throws(ZeroMQError) {
        self.name = name
        self.clock = clock
        waker = try WakeCounter()
        loop = PollLoop(waker: waker)
        guard startThread(name: name, { self.run() }) else {
            throw ZeroMQError(
                .system, operation: "start a thread",
                message: "the system gives no thread for \(name); raise the limit of processes")
        }
    }

    /// The system's monotonic clock.
    package static let monotonicNanoseconds: @Sendable () -> Int64 = {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Ends the thread once it has run what is queued; sockets are unregistered and timers dropped first.
    ///
    /// Returns at once, may be called from any thread and more than once.
    package func stop() {
        inbox.withLock { inbox in
            if inbox.phase == .running { inbox.phase = .stopping }
            inbox.isWaiting = false
        }
        waker.signal()
    }

    /// Returns when the thread has ended after `stop()`.
    package func waitUntilStopped() async {
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                if inbox.phase == .ended || inbox.phase == .draining { return true }
                inbox.endWaiters.append(continuation)
                return false
            }
            if hasEnded { continuation.resume() }
        }
    }

    // MARK: On the thread

    /// Watches a socket: `onReadable` is called on this thread once a turn while messages wait, and should take a
    /// bounded batch of them. It should hold its actor weakly. The socket may go away without being unregistered.
    ///
    /// - Precondition: on this thread; the socket is not registered.
    @discardableResult
    package func register(_ socket: borrowing Socket, onReadable: @escaping () -> Void) -> Registration {
        checkIsolated()
        return loop.register(socket.core, onReadable: onReadable)
    }

    /// Ends a registration; its handler is not called again. Nothing happens if it has ended.
    ///
    /// - Precondition: on this thread.
    package func unregister(_ registration: Registration) {
        checkIsolated()
        loop.unregister(registration)
    }

    /// Calls `body` once when the socket can send again after `SendOutcome.wouldBlock`; replaces an earlier such call.
    ///
    /// - Precondition: on this thread.
    package func whenWritable(_ registration: Registration, _ body: @escaping () -> Void) {
        checkIsolated()
        loop.whenWritable(registration, body)
    }

    /// Calls `body` on this thread after at least that many milliseconds.
    ///
    /// - Precondition: on this thread; `milliseconds` is at least 0.
    @discardableResult
    package func schedule(after milliseconds: Int, _ body: @escaping () -> Void) -> TimerID {
        checkIsolated()
        precondition(milliseconds >= 0, "a timer lies in the past")
        let (distance, overflows) = Int64(milliseconds).multipliedReportingOverflow(by: 1_000_000)
        let (deadline, overflowsAgain) = clock().addingReportingOverflow(overflows ? .max : distance)
        return loop.schedule(deadline: overflowsAgain ? .max : deadline, body)
    }

    /// Takes a timer back; nothing happens if it has fired.
    ///
    /// - Precondition: on this thread.
    package func cancel(_ timer: TimerID) {
        checkIsolated()
        loop.cancel(timer)
    }

    // MARK: SerialExecutor

    package func enqueue(_ job: consuming ExecutorJob) {
        enqueue(UnownedJob(job))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    package func isSameExclusiveExecutionContext(other: PollThread) -> Bool {
        self === other
    }

    package func checkIsolated() {
        precondition(isCurrent, "this runs outside the poll thread that owns it")
    }

    package func isIsolatingCurrentContext() -> Bool? {
        isCurrent
    }

    /// True on the thread itself.
    package var isCurrent: Bool { worker.load(ordering: .relaxed) == UInt(pthread_self()) }

    package func enqueue(_ job: UnownedJob) {
        enum Action { case none, wake, drain }
        let action = inbox.withLock { inbox -> Action in
            inbox.jobs.append(job)
            if inbox.phase == .ended {
                inbox.phase = .draining
                return .drain
            }
            guard inbox.isWaiting else { return .none }
            inbox.isWaiting = false
            return .wake
        }
        switch action {
        case .none: break
        case .wake: waker.signal()
        case .drain:
            let started = startThread(name: name) { self.drain() }
            precondition(started, "the system gives no thread for jobs of \(name) after its end")
        }
    }

    // MARK: The thread

    private func run() {
        worker.store(UInt(pthread_self()), ordering: .relaxed)
        var jobs: [UnownedJob] = []
        while true {
            let isStopping = takeJobs(&jobs)
            if isStopping { loop.removeAll() }
            runJobs(&jobs)
            if isStopping {
                if endIfIdle() { return }
                continue
            }
            loop.fireTimers(now: clock())
            let mayWait = inbox.withLock { inbox in
                inbox.isWaiting = inbox.jobs.isEmpty && inbox.phase == .running
                return inbox.isWaiting
            }
            let timeout = mayWait ? loop.timeout(now: clock(), longest: Self.longestPollMilliseconds) : 0
            loop.turn(milliseconds: timeout) { inbox.withLock { $0.isWaiting = false } }
        }
    }

    /// Runs the jobs that came after the end.
    private func drain() {
        worker.store(UInt(pthread_self()), ordering: .relaxed)
        var jobs: [UnownedJob] = []
        repeat {
            _ = takeJobs(&jobs)
            loop.removeAll()
            runJobs(&jobs)
        } while !endIfIdle()
    }

    /// Fills `jobs`, which is empty, with what is queued; true while stopping.
    private func takeJobs(_ jobs: inout [UnownedJob]) -> Bool {
        let empty = jobs
        let (taken, isStopping) = inbox.withLock { inbox in
            let taken = inbox.jobs
            inbox.jobs = empty
            return (taken, inbox.phase == .stopping)
        }
        jobs = taken
        return isStopping
    }

    private func runJobs(_ jobs: inout [UnownedJob]) {
        let executor = unsafe asUnownedSerialExecutor()
        for job in jobs { unsafe job.runSynchronously(on: executor) }
        jobs.removeAll(keepingCapacity: true)
    }

    /// Leaves the thread if no job is queued.
    private func endIfIdle() -> Bool {
        let waiters = inbox.withLock { inbox -> [CheckedContinuation<Void, Never>]? in
            guard inbox.jobs.isEmpty else { return nil }
            inbox.phase = .ended
            worker.store(0, ordering: .relaxed)
            defer { inbox.endWaiters = [] }
            return inbox.endWaiters
        }
        guard let waiters else { return false }
        for waiter in waiters { waiter.resume() }
        return true
    }
}
