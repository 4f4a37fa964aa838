// When a child that has ended is started again, as a value.

import Messages

/// Doubles the pause with each death, and forgets past deaths once a child has lived for a while.
struct RestartPolicy: Sendable, Hashable {
    /// First pause; a single crash costs this much.
    static let firstMilliseconds: Int64 = 100
    /// Longest pause: a child that cannot start does not fill the log.
    static let longestMilliseconds: Int64 = 5000
    /// A child that lives this long starts over with the first pause.
    static let steadyMilliseconds: Int64 = 10_000

    /// Exit statuses of `invalid-request`, of `not-allowed` and of `conflict` (docs/operations/errors.md).
    private static let refusals: Set<Int32> = [
        ErrorCode.invalidRequest.exitStatus, ErrorCode.notAllowed.exitStatus, ErrorCode.conflict.exitStatus,
    ]

    /// Whether a child that ended so soon, with this status, would end so again.
    static func isRefusal(_ status: Int32, afterMilliseconds lived: Int64) -> Bool {
        lived < steadyMilliseconds && refusals.contains(status)
    }

    private var pause = Self.firstMilliseconds

    /// The pause before the next start, in milliseconds.
    mutating func died(afterMilliseconds lived: Int64) -> Int64 {
        if lived >= Self.steadyMilliseconds { pause = Self.firstMilliseconds }
        let now = pause
        pause = min(pause * 2, Self.longestMilliseconds)
        return now
    }
}
