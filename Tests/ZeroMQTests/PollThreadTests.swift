// The poll thread as a watcher of sockets, as a clock, and as the executor of actors.

import Synchronization
import Testing
import ZeroMQ

/// The intended use: an actor that owns its sockets and lives on their thread.
private actor EchoService {
    nonisolated let thread: PollThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }
    private var router: Socket
    private var registration: Registration?
    private(set) var echoed = 0

    init(thread: PollThread) throws {
        self.thread = thread
        router = try Socket(.router)
    }

    func start() throws -> String {
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        registration = thread.register(router) { [weak self] in self?.assumeIsolated { $0.drain() } }
        return endpoint
    }

    func quit() {
        if let registration { thread.unregister(registration) }
    }

    private func drain() {
        for message in (try? router.receiveBatch(limit: 64)) ?? [] {
            if (try? router.send(message)) == .sent { echoed += 1 }
        }
    }
}

/// Anything that wants to run on the thread.
private actor Guest {
    nonisolated let thread: PollThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }
    var log: [Int] = []
    /// What a test keeps alive on the thread.
    var kept: AnyObject?

    init(thread: PollThread) {
        self.thread = thread
    }

    func run<Result: Sendable>(_ body: @Sendable (isolated Guest) throws -> Result) rethrows -> Result {
        try body(self)
    }

    func note(_ number: Int) {
        log.append(number)
    }

    /// Schedules timers that note their numbers; returns when the one with the latest deadline has fired.
    ///
    /// - Returns: the numbers in the order of their firing, and the milliseconds that it took to schedule them: on a busy
    ///   machine the thread may be held up in between, and the deadlines are then farther apart than the delays.
    func noteInOrder(
        _ delays: [Int], cancelling: Set<Int> = []
    ) async -> (order: [Int], schedulingMilliseconds: Int64) {
        log = []
        var took: Int64 = 0
        await withCheckedContinuation { continuation in
            let start = PollThread.monotonicNanoseconds()
            var timers: [TimerID] = []
            for (number, delay) in delays.enumerated() {
                timers.append(thread.schedule(after: delay) { [weak self] in self?.assumeIsolated { $0.note(number) } })
            }
            for number in cancelling { thread.cancel(timers[number]) }
            thread.schedule(after: delays.max() ?? 0) { continuation.resume() }
            took = (PollThread.monotonicNanoseconds() - start) / 1_000_000
        }
        return (log, took)
    }
}

@Suite(.timeLimit(.minutes(5))) struct PollThreadTests {
    @Test func anActorOnTheThreadServesItsSockets() async throws {
        let thread = try PollThread(name: "test-echo")
        let service = try EchoService(thread: thread)
        let endpoint = try await service.start()
        let dealer = try Socket(.dealer)
        try dealer.connect(endpoint)
        for round in 0..<100 {
            try send(dealer, frames("round", "\(round)"))
            #expect(try receive(dealer) == frames("round", "\(round)"))
        }
        #expect(await service.echoed == 100)
        await service.quit()
        #expect(try dealer.send(frames("late")) == .sent)
        #expect(await service.echoed == 100)
        thread.stop()
        await thread.waitUntilStopped()
    }

    @Test func aSocketThatGoesAwayIsForgottenAndClosed() async throws {
        let thread = try PollThread(name: "test-gone")
        let endpoint: String
        do {
            let service = try EchoService(thread: thread)
            endpoint = try await service.start()
        }
        // The thread closes the socket, so the endpoint becomes free.
        let successor = try Socket(.router)
        var isBound = false
        for _ in 0..<12_000 where !isBound {
            isBound = (try? successor.bind(endpoint)) != nil
            await Task.yield()
            if !isBound { _ = try successor.wait(for: .reading, milliseconds: 5) }
        }
        #expect(isBound)
        thread.stop()
        await thread.waitUntilStopped()
    }

    @Test func jobsRunInOrderOnTheThread() async throws {
        let thread = try PollThread(name: "test-jobs")
        let guest = Guest(thread: thread)
        #expect(!thread.isCurrent)
        for number in 0..<1_000 { await guest.note(number) }
        #expect(await guest.log == Array(0..<1_000))
        #expect(await guest.run { $0.thread.isCurrent })
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<500 { group.addTask { await guest.note(number) } }
        }
        #expect(await guest.log.count == 1_500)
        thread.stop()
        await thread.waitUntilStopped()
    }

    @Test func timersFireInTheOrderOfTheirDeadlines() async throws {
        let thread = try PollThread(name: "test-timers")
        let guest = Guest(thread: thread)
        // Deadlines in the order of the delays need all to be scheduled within the least difference of two.
        var run = await guest.noteInOrder([30, 10, 20, 10, 0], cancelling: [2])
        while run.schedulingMilliseconds >= 10 { run = await guest.noteInOrder([30, 10, 20, 10, 0], cancelling: [2]) }
        #expect(run.order == [4, 1, 3, 0])
        thread.stop()
        await thread.waitUntilStopped()
    }

    @Test func timersNeverFireEarly() async throws {
        let thread = try PollThread(name: "test-early")
        let guest = Guest(thread: thread)
        for delay in [0, 1, 2, 7, 15] {
            let start = PollThread.monotonicNanoseconds()
            _ = await guest.noteInOrder([delay])
            #expect(PollThread.monotonicNanoseconds() - start >= Int64(delay) * 1_000_000)
        }
        thread.stop()
        await thread.waitUntilStopped()
    }

    @Test func timersThatScheduleThemselvesLeaveRoomForJobs() async throws {
        let thread = try PollThread(name: "test-fair")
        let guest = Guest(thread: thread)
        await guest.run { guest in
            func again(_ thread: PollThread) { thread.schedule(after: 0) { again(thread) } }
            again(guest.thread)
        }
        for number in 0..<100 { await guest.note(number) }
        #expect(await guest.log.count == 100)
        thread.stop()
        await thread.waitUntilStopped()
    }

    @Test func stoppingTwiceUnderLoadRunsWhatIsQueued() async throws {
        let thread = try PollThread(name: "test-stop")
        let service = try EchoService(thread: thread)
        let dealer = try Socket(.dealer)
        try dealer.connect(try await service.start())
        let guest = Guest(thread: thread)
        let calls = Task.detached {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<2_000 { group.addTask { await guest.note(number) } }
            }
        }
        for number in 0..<500 { try send(dealer, frames("\(number)")) }
        thread.stop()
        thread.stop()
        await thread.waitUntilStopped()
        await thread.waitUntilStopped()
        await calls.value
        // Calls after the end are still answered, so nobody waits for ever.
        #expect(await guest.log.sorted() == Array(0..<2_000))
        thread.stop()
    }

    @Test func handlersMayUnregisterOneAnother() async throws {
        let thread = try PollThread(name: "test-unregister")
        let calls = Mutex(0)
        let guest = Guest(thread: thread)
        try await guest.run { guest in
            let left = try Socket(.pair)
            let right = try Socket(.pair)
            try left.bind("inproc://unregister-left")
            try right.bind("inproc://unregister-right")
            let leftPeer = try Socket(.pair)
            let rightPeer = try Socket(.pair)
            try leftPeer.connect("inproc://unregister-left")
            try rightPeer.connect("inproc://unregister-right")
            #expect(try leftPeer.send(frames("x")) == .sent)
            #expect(try rightPeer.send(frames("x")) == .sent)
            let thread = guest.thread
            var registrations: [Registration] = []
            let handler = {
                calls.withLock { $0 += 1 }
                for registration in registrations { thread.unregister(registration) }
            }
            registrations = [thread.register(left, onReadable: handler), thread.register(right, onReadable: handler)]
            let sockets = Sockets(left: left, right: right)
            // They stay open until the end of the test.
            guest.kept = sockets
        }
        while calls.withLock({ $0 }) == 0 { _ = await guest.noteInOrder([1]) }
        // Whoever comes second would be called in the same or the next round of the thread.
        _ = await guest.noteInOrder([20])
        #expect(calls.withLock { $0 } == 1)
        await guest.run { $0.kept = nil }
        thread.stop()
        await thread.waitUntilStopped()
    }

    /// Keeps two sockets.
    private final class Sockets {
        let left: Socket
        let right: Socket

        init(left: consuming Socket, right: consuming Socket) {
            self.left = left
            self.right = right
        }
    }

    @Test func whenWritableIsCalledOnceWhenThereIsRoom() async throws {
        let thread = try PollThread(name: "test-writable")
        let guest = Guest(thread: thread)
        let router = try Socket(.router)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        let sender = try Sender(thread: thread)
        #expect(try await sender.sendWhenPossible(endpoint) == .wouldBlock)
        #expect(try receive(router).last == Frame("first"))
        _ = await guest.noteInOrder([0])
        #expect(await sender.calls == 1)
        thread.stop()
        await thread.waitUntilStopped()
    }

    private actor Sender {
        nonisolated let thread: PollThread
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }
        private var dealer: Socket
        private(set) var calls = 0

        init(thread: PollThread) throws {
            self.thread = thread
            dealer = try Socket(.dealer)
        }

        func sendWhenPossible(_ endpoint: String) throws -> SendOutcome {
            let registration = thread.register(dealer) {}
            let outcome = try dealer.send([Frame("first")])
            thread.whenWritable(registration) { [weak self] in
                self?.assumeIsolated {
                    $0.calls += 1
                    _ = try? $0.dealer.send([Frame("first")])
                }
            }
            try dealer.connect(endpoint)
            return outcome
        }
    }

    @Test func twoThreadsExchangeManyMessages() async throws {
        let serverThread = try PollThread(name: "test-server")
        let clientThread = try PollThread(name: "test-client")
        let service = try EchoService(thread: serverThread)
        let client = try Flood(thread: clientThread, total: 20_000, window: 100)
        #expect(try await client.run(try await service.start()) == 20_000)
        #expect(await service.echoed == 20_000)
        for thread in [serverThread, clientThread] {
            thread.stop()
            await thread.waitUntilStopped()
        }
    }
}

/// Sends numbered messages, keeps `window` of them in flight, and checks that all come back in order.
actor Flood {
    nonisolated let thread: PollThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }
    private var dealer: Socket
    private let total: Int
    private let window: Int
    private let payload: Frame
    private var sent = 0
    private var received = 0
    private var done: CheckedContinuation<Int, any Error>?

    init(thread: PollThread, total: Int, window: Int, payload: [UInt8] = []) throws {
        self.thread = thread
        self.total = total
        self.window = window
        self.payload = Frame(payload)
        dealer = try Socket(.dealer)
    }

    func run(_ endpoint: String) async throws -> Int {
        try dealer.connect(endpoint)
        return try await withCheckedThrowingContinuation { continuation in
            done = continuation
            let registration = thread.register(dealer) { [weak self] in self?.assumeIsolated { $0.drain() } }
            thread.whenWritable(registration) { [weak self] in self?.assumeIsolated { $0.fill() } }
        }
    }

    private func fill() {
        while sent < total, sent - received < window, (try? dealer.send([Frame("\(sent)"), payload])) == .sent {
            sent += 1
        }
    }

    private func drain() {
        for message in (try? dealer.receiveBatch(limit: 64)) ?? [] {
            guard message.count == 2, message[0] == Frame("\(received)"), message[1].count == payload.count else {
                done?.resume(
                    throwing: ZeroMQError(.system, operation: "flood", message: "message \(received) is wrong"))
                done = nil
                return
            }
            received += 1
        }
        fill()
        if received == total {
            done?.resume(returning: received)
            done = nil
        }
    }
}
