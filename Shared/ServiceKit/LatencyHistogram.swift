// Durations counted in fixed buckets, as Prometheus wants them.

/// A histogram of durations with power-of-two bounds from 64 µs to about 67 s.
package struct LatencyHistogram: Sendable, Hashable {
    /// Upper bounds in microseconds, ascending; the last bucket is unbounded.
    package static let boundsMicroseconds: [Int64] = (0...20).map { Int64(64) << $0 }

    package private(set) var counts = [Int64](repeating: 0, count: Self.boundsMicroseconds.count + 1)
    package private(set) var sumMicroseconds: Int64 = 0

    package init() {}

    /// Takes counts that were made elsewhere; nil for another number of buckets.
    package init?(counts: [Int64], sumMicroseconds: Int64) {
        guard counts.count == self.counts.count else { return nil }
        self.counts = counts
        self.sumMicroseconds = sumMicroseconds
    }

    package var count: Int64 { counts.reduce(0, +) }

    package mutating func record(microseconds: Int64) {
        let value = max(0, microseconds)
        let bucket = Self.boundsMicroseconds.firstIndex { value <= $0 } ?? Self.boundsMicroseconds.count
        counts[bucket] += 1
        sumMicroseconds += value
    }
}
