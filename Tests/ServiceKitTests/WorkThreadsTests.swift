// Threads for long work: that they tell how long they have been at it.

import Foundation
import ServiceKit
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct WorkThreadsTests {
    @Test func threadsTellHowLongTheOldestWorkHasRun() async throws {
        let clock = Mutex<Int64>(100)
        let threads = WorkThreads(name: "test", count: 2, now: { clock.withLock { $0 } })
        defer { threads.stop() }
        #expect(threads.longestMilliseconds == 0)
        let first = DispatchSemaphore(value: 0)
        let second = DispatchSemaphore(value: 0)
        let begun = Mutex(0)
        for (start, release) in [(100, first), (130, second)] as [(Int64, DispatchSemaphore)] {
            clock.withLock { $0 = start }
            let before = begun.withLock { $0 }
            threads.submit {
                begun.withLock { $0 += 1 }
                release.wait()
            }
            while begun.withLock({ $0 }) == before { try await Task.sleep(for: .milliseconds(1)) }
        }
        clock.withLock { $0 = 170 }
        #expect(threads.longestMilliseconds == 70)
        first.signal()
        while threads.longestMilliseconds == 70 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(threads.longestMilliseconds == 40)
        second.signal()
        while threads.longestMilliseconds != 0 { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func aProcessKnowsItsMemoryTimeAndFiles() {
        let figures = ProcessFigures.now()
        #expect(figures["resident_bytes", default: 0] > 1 << 20)
        #expect(figures["processor_milliseconds_total"] != nil)
        #expect(figures["open_files", default: 0] > 2)
    }
}
