// Waits double up to their bound, and little is said meanwhile.

import Testing
import Transport

@Suite struct BackoffTests {
    @Test func waitsDoubleUpToTheLongest() {
        var backoff = Backoff(first: 100, longest: 1000, report: 10_000)
        var now: Int64 = 0
        var waits: [Int64] = []
        for _ in 0..<70 {
            _ = backoff.failed(now)
            var wait: Int64 = 0
            while !backoff.isDue(now + wait) { wait += 1 }
            waits.append(wait)
            now += wait
        }
        #expect(waits.prefix(6) == [100, 200, 400, 800, 1000, 1000])
        #expect(waits.dropFirst(4).allSatisfy { $0 == 1000 })
    }

    @Test func failuresAreReportedNowAndThenWithTheirNumber() {
        var backoff = Backoff(first: 100, longest: 1000, report: 10_000)
        let reports = stride(from: Int64(0), through: 20_000, by: 1000).compactMap { backoff.failed($0) }
        #expect(reports == [1, 10, 10])
        backoff.succeeded()
        #expect(backoff.isDue(0))
        #expect(backoff.failed(20_001) == 1)
    }
}
