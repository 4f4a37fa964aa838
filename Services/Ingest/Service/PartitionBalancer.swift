// Shares the partitions of a collection among the index workers that are alive, as a value.
//
// Every worker tries to acquire (or keep) partitions; the balancer says whether it may. A worker that has more than its
// share, while another has less than the floor, is refused its next renewal, and the other one gets the partition.
// Safety does not rest on this: a worker that was refused and writes all the same is fenced by the catalog.

/// Who may hold which partition of one collection.
struct PartitionBalancer: Sendable {
    private let partitionCount: Int
    /// A worker that has not asked for this long no longer counts, in milliseconds.
    private let forgetMilliseconds: Int64
    private var lastSeen: [String: Int64] = [:]

    init(partitionCount: Int, forgetMilliseconds: Int64) {
        self.partitionCount = partitionCount
        self.forgetMilliseconds = forgetMilliseconds
    }

    /// Whether `holder` may acquire or keep `partition`.
    ///
    /// - Parameter held: partition → the holder of its live lease.
    mutating func mayHold(_ partition: Int, _ holder: String, held: [Int: String], now: Int64) -> Bool {
        lastSeen[holder] = now
        lastSeen = lastSeen.filter { now - $0.value <= forgetMilliseconds }
        let workers = lastSeen.keys
        let ceiling = (partitionCount + workers.count - 1) / workers.count
        let floor = partitionCount / workers.count
        let counts = held.values.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        let own = counts[holder, default: 0]
        guard held[partition] == holder else { return own < ceiling }
        if own <= floor { return true }
        let needy = workers.contains { $0 != holder && counts[$0, default: 0] < floor }
        return own <= ceiling && !needy
    }

    /// Forgets a worker that has left.
    mutating func forget(_ holder: String) { lastSeen[holder] = nil }
}
