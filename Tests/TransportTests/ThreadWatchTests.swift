// The watch over threads: a real one that never comes back is told once, a busy one never.

import Foundation
import ServiceKit
import Synchronization
import Testing
import Transport
import ZeroMQ

@Suite(.timeLimit(.minutes(1))) struct ThreadWatchTests {
    @Test func aThreadThatHangsIsToldOnceAndBusyOnesAreNot() async throws {
        let clock = Mutex<Int64>(0)
        let now: @Sendable () -> Int64 = { clock.withLock { $0 } }
        let hanging = WorkThreads(name: "hangs", count: 1, now: now)
        let busy = WorkThreads(name: "busy", count: 1, now: now)
        let release = DispatchSemaphore(value: 0)
        let done = Mutex(0)
        hanging.submit { release.wait() }
        let thread = try PollThread(name: "test-watch")
        let told = Mutex<[String]>([])
        let asked = Mutex(0)
        let watch = ThreadWatch(
            thread: thread,
            groups: [
                ThreadWatch.Group(name: "busy", limitMilliseconds: 50) { busy.longestMilliseconds },
                ThreadWatch.Group(name: "hangs", limitMilliseconds: 50) {
                    asked.withLock { $0 += 1 }
                    return hanging.longestMilliseconds
                },
            ],
            intervalMilliseconds: 1
        ) { group in told.withLock { $0.append(group.name) } }
        await watch.start()
        for step in 1...50 {
            busy.submit { done.withLock { $0 += 1 } }
            while done.withLock({ $0 }) < step { try await Task.sleep(for: .milliseconds(1)) }
            clock.withLock { $0 = Int64(step) }
        }
        let before = asked.withLock { $0 }
        while asked.withLock({ $0 }) < before + 3 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(told.withLock { $0 } == [])
        clock.withLock { $0 = 51 }
        while told.withLock({ $0 }).isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        try await Task.sleep(for: .milliseconds(50))
        #expect(told.withLock { $0 } == ["hangs"])
        release.signal()
        hanging.stop()
        busy.stop()
        thread.stop()
        await thread.waitUntilStopped()
    }
}
