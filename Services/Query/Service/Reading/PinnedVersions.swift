// Versions that a cursor goes on with: kept a while after newer ones have come.

import Messages

/// Snapshots by version, of one collection. The least recently used goes first.
struct PinnedVersions: Sendable {
    /// Versions kept at most.
    static let limit = 512
    /// How long an unused one is kept, in milliseconds. Its files live for the index workers' `gc-grace-seconds`, and
    /// longer where a query worker has them open.
    static let lifeMilliseconds: Int64 = 600_000

    private var kept: [Int64: (snapshot: SnapshotKeeper.Kept, usedAt: Int64)] = [:]

    var count: Int { kept.count }

    mutating func pin(_ snapshot: SnapshotKeeper.Kept, now: Int64) {
        kept[snapshot.snapshot.version] = (snapshot, now)
        guard kept.count > Self.limit else { return }
        kept = kept.filter { now - $0.value.usedAt < Self.lifeMilliseconds }
        while kept.count > Self.limit, let oldest = kept.min(by: { $0.value.usedAt < $1.value.usedAt }) {
            kept[oldest.key] = nil
        }
    }

    mutating func use(_ version: Int64, now: Int64) -> SnapshotKeeper.Kept? {
        guard let found = kept[version], now - found.usedAt < Self.lifeMilliseconds else { return nil }
        kept[version]?.usedAt = now
        return found.snapshot
    }
}
