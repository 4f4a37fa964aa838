// The driver of a worker over a real socket: what it does about a thread that never comes back.

import Foundation
import Messages
import Synchronization
import Testing
import Transport
import ZeroMQ

@Suite(.timeLimit(.minutes(5))) struct WorkerLoopTests {
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
