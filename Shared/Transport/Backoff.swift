// How a caller behaves while somebody else is away: asks less and less often, and says so now and then.

/// Waits that double from failure to failure, and a limit to what is said about it, as a value.
package struct Backoff: Sendable, Hashable {
    private let firstMilliseconds: Int64
    private let longestMilliseconds: Int64
    private let reportMilliseconds: Int64
    private var failures = 0
    private var dueAt: Int64 = 0
    private var reportDueAt: Int64?
    private var unreported = 0

    /// - Parameters:
    ///   - first: the first wait. Default 100.
    ///   - longest: waits double up to it. Default 5000.
    ///   - report: time between two reports. Default 10000.
    package init(first: Int64 = 100, longest: Int64 = 5000, report: Int64 = 10_000) {
        firstMilliseconds = first
        longestMilliseconds = longest
        reportMilliseconds = report
    }

    /// Whether it is time to try.
    package func isDue(_ now: Int64) -> Bool { now >= dueAt }

    /// Notes a failure.
    ///
    /// - Returns: how many failures there were since the last report, where it is time to report; else nil.
    package mutating func failed(_ now: Int64) -> Int? {
        let doublings = min(failures, 20)
        failures += 1
        unreported += 1
        let wait = firstMilliseconds.multipliedReportingOverflow(by: Int64(1) << Int64(doublings))
        dueAt = now + (wait.overflow ? longestMilliseconds : min(wait.partialValue, longestMilliseconds))
        if let reportDueAt, now < reportDueAt { return nil }
        reportDueAt = now + reportMilliseconds
        defer { unreported = 0 }
        return unreported
    }

    /// Notes that it works again; the next failure is reported at once.
    package mutating func succeeded() {
        guard failures > 0 else { return }
        self = Backoff(first: firstMilliseconds, longest: longestMilliseconds, report: reportMilliseconds)
    }
}
