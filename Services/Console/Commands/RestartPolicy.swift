// When a child that has ended is started again, as a value.

/// Doubles the pause with each death, and forgets past deaths once a child has lived for a while.
struct RestartPolicy: Sendable, Hashable {
    /// First pause; a single crash costs this much.
    static let firstMilliseconds: Int64 = 100
    /// Longest pause: a child that cannot start does not fill the log.
    static let longestMilliseconds: Int64 = 5000
    /// A child that lives this long starts over with the first pause.
    static let steadyMilliseconds: Int64 = 10_000

    private var pause = Self.firstMilliseconds

    /// The pause before the next start, in milliseconds.
    mutating func died(afterMilliseconds lived: Int64) -> Int64 {
        if lived >= Self.steadyMilliseconds { pause = Self.firstMilliseconds }
        let now = pause
        pause = min(pause * 2, Self.longestMilliseconds)
        return now
    }
}
