// The driver of a worker over a real socket: what it does about a thread that never comes back.

import Foundation
import Messages
import Synchronization
import Testing
import Transport
import ZeroMQ

@Suite(.timeLimit(.minutes(5))) struct WorkerLoopTests {
    /// A connection that is made anew is announced at once: a broker that does not know its worker any more asks who it is
    /// without waiting for a heartbeat.
    @Test func aNewConnectionIsAnnouncedBeforeTheNextHeartbeat() async throws {
        let first = try Socket(.router)
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        let thread = try PollThread(name: "test-worker")
        // The clock stands still, so no heartbeat ever comes.
        let loop = try WorkerLoop(
            thread: thread, endpoint: endpoint,
            introduction: Ready(name: "w", boot: "1", window: 2, release: "test"), timing: Timing(), now: { 0 },
            makeID: { "id" }, runner: { $0() }, work: { $0 })
        await loop.start()
        try Self.expectProbe(first)
        try first.unbind(endpoint)
        drop(first)
        let second = try Socket(.router)
        while (try? second.bind(endpoint)) == nil { try await Task.sleep(for: .milliseconds(10)) }
        try Self.expectProbe(second)
        thread.stop()
        await thread.waitUntilStopped()
    }

    /// Waits for the empty message of a new connection; a `ready` may come before it.
    private static func expectProbe(_ broker: borrowing Socket) throws {
        while true {
            try #require(try broker.wait(for: .reading, milliseconds: 60_000))
            guard let frames = try broker.receive() else { continue }
            if frames.count == 2, frames[1].count == 0 { return }
        }
    }

    private func drop(_ socket: consuming Socket) { _ = socket.kind }

    @Test func theBrokerIsToldOfTheProcess() async throws {
        let broker = try Socket(.router)
        let thread = try PollThread(name: "test-worker")
        let clock = Mutex<Int64>(0)
        let loop = try WorkerLoop(
            thread: thread, endpoint: try broker.bind("tcp://127.0.0.1:*"),
            introduction: Ready(name: "w", boot: "1", window: 2, release: "test"), timing: Timing(),
            now: { clock.withLock { $0 } }, makeID: { "id" }, report: { ["resident_bytes": 5] }, runner: { $0() },
            work: { $0 })
        await loop.start()
        try Self.expectProbe(broker)
        var identity: Frame?
        var report: WorkerReport?
        while report == nil {
            clock.withLock { $0 += 100 }
            guard try broker.wait(for: .reading, milliseconds: 50), let frames = try broker.receive() else { continue }
            let message = try? Message.decode(frames: frames.dropFirst().map(\.bytes))
            if identity == nil {
                identity = frames[0]
                let joined = try Message(Header(kind: .heartbeat, id: "h")).encode().map { Frame($0) }
                #expect(try broker.send([frames[0]] + joined) == .sent)
            }
            if message?.kind == .heartbeat { report = try? message?.body(as: WorkerReport.self) }
        }
        #expect(report?.counters["resident_bytes"] == 5)
        #expect(report?.counters["joins_total", default: 0] ?? 0 > 0)
        #expect(report?.isAcceptable == true)
        thread.stop()
        await thread.waitUntilStopped()
    }

    @Test func aThreadThatHangsIsToldOnce() async throws {
        let broker = try Socket(.router)
        let thread = try PollThread(name: "test-worker")
        let clock = Mutex<Int64>(0)
        let told = Mutex(0)
        let release = DispatchSemaphore(value: 0)
        let loop = try WorkerLoop(
            thread: thread, endpoint: try broker.bind("tcp://127.0.0.1:*"),
            introduction: Ready(name: "w", boot: "1", window: 2, release: "test"), timing: Timing(),
            now: { clock.withLock { $0 } }, makeID: { "id" }, whenStuck: { told.withLock { $0 += 1 } },
            runner: { body in Thread { body() }.start() },
            work: { message in
                release.wait()
                return message
            })
        await loop.start()
        let patience = 60_000
        try #require(try broker.wait(for: .reading, milliseconds: patience))
        let ready = try #require(try broker.receive())
        let lease = try Message(
            Header(kind: .lease, id: "l"), encoding: ["ticket": LeaseTicket(epoch: 1, sequence: 1)])
        // Anything but a lease says that it has joined.
        for message in [try Message(Header(kind: .heartbeat, id: "h")), lease] {
            #expect(try broker.send([ready[0]] + message.encode().map { Frame($0) }) == .sent)
        }
        while await loop.counters.leases == 0 { try await Task.sleep(for: .milliseconds(5)) }
        clock.withLock { $0 = Timing().stuckMilliseconds }
        for _ in 0..<3 { _ = await loop.counters }
        #expect(told.withLock { $0 } == 0)
        clock.withLock { $0 = Timing().stuckMilliseconds + 1 }
        while told.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        try await Task.sleep(for: .milliseconds(200))
        #expect(told.withLock { $0 } == 1)
        release.signal()
        while await loop.counters.results == 0 { try await Task.sleep(for: .milliseconds(5)) }
        thread.stop()
        await thread.waitUntilStopped()
    }
}
