// What a `GroupCommitter` counts; read by value, given to whatever exports metrics.
import Messages

/// Counts since the committer was made; `queued…` tell the present moment.
package struct CommitMetrics: Sendable, Equatable {
    /// Transactions of appends and outcomes.
    package var commits: Int64 = 0
    /// Calls that were answered by them.
    package var works: Int64 = 0
    /// Batches appended, duplicates not counted.
    package var batches: Int64 = 0
    /// Records of these batches.
    package var records: Int64 = 0
    /// Bytes of payload of these batches.
    package var payloadBytes: Int64 = 0
    /// Batches whose id was known.
    package var duplicateBatches: Int64 = 0
    /// Outcomes recorded, duplicates not counted.
    package var completions: Int64 = 0
    /// Outcomes that were known, or whose submission is unknown.
    package var refusedCompletions: Int64 = 0
    /// Other calls that ran between the transactions, such as publishes.
    package var tasks: Int64 = 0
    /// Calls that were invalid in themselves.
    package var invalidWorks: Int64 = 0
    /// Calls that found the queue full.
    package var busyWorks: Int64 = 0
    /// Transactions that found no space.
    package var diskFullCommits: Int64 = 0
    /// Time spent in transactions of appends and outcomes, the disk's time included.
    package var commitNanoseconds: Int64 = 0
    /// The longest of them.
    package var longestCommitNanoseconds: Int64 = 0
    /// Transactions by time: element i counts those of at most 64 µs · 2^i, the last one all longer ones.
    package var times = [Int64](repeating: 0, count: CommitMetrics.timeClasses + 1)
    /// Transactions by size: element i counts those with 2^i … 2^(i+1) - 1 calls.
    package var groupSizes = [Int64](repeating: 0, count: CommitMetrics.groupSizeClasses)
    /// Calls that wait.
    package var queuedWorks: Int = 0
    /// Bytes that they hold.
    package var queuedBytes: Int = 0

    /// Bounded classes of `times`: up to 67 s.
    package static let timeClasses = 21
    /// Size classes of `groupSizes`; the last one is open.
    package static let groupSizeClasses = 16

    package init() {}

    /// Counts one transaction that succeeded.
    mutating func count(groupOf works: Int, nanoseconds: Int64) {
        commits += 1
        self.works += Int64(works)
        commitNanoseconds += nanoseconds
        longestCommitNanoseconds = max(longestCommitNanoseconds, nanoseconds)
        times[(0..<Self.timeClasses).first { nanoseconds <= Int64(64_000) << $0 } ?? Self.timeClasses] += 1
        let sizeClass = Int.bitWidth - 1 - max(works, 1).leadingZeroBitCount
        groupSizes[min(sizeClass, Self.groupSizeClasses - 1)] += 1
    }

    /// Counts what one work came to.
    mutating func count(_ work: JournalWork, _ result: Result<JournalReceipt, LedgerError>) {
        switch (work, result) {
        case (.append(let appends), .success(.appended(let receipts))):
            for (append, receipt) in zip(appends, receipts) {
                if receipt.isDuplicate {
                    duplicateBatches += 1
                } else {
                    batches += 1
                    records += Int64(append.batch.recordCount)
                    payloadBytes += Int64(append.batch.payload.count)
                }
            }
        case (.finish(let completions), .success(.finished(let receipts))):
            for (completion, receipt) in zip(completions, receipts) {
                guard receipt.status == .finished else {
                    refusedCompletions += 1
                    continue
                }
                self.completions += 1
                for append in completion.appends {
                    batches += 1
                    records += Int64(append.batch.recordCount)
                    payloadBytes += Int64(append.batch.payload.count)
                }
            }
        default:
            invalidWorks += 1
        }
    }
}
