// Which records of a batch reach the index, and which documents they replace, as a pure value.
//
// Of several records with one identity the greatest version counts, whatever the order of their arrival: two parse
// workers may finish two versions of a document in either order.

import Messages

/// What a batch of records does to one partition.
struct BatchPlan: Sendable, Hashable {
    /// What the index knows of an identity.
    struct Known: Sendable, Hashable {
        var version: Int64
        /// False where the newest version is a removal.
        var isLive: Bool
    }

    /// Indices of the records that are written, in order.
    private(set) var winners: [Int] = []
    /// Identities whose documents in older segments are deleted.
    private(set) var replaced: [String] = []
    /// By how much the number of live documents grows.
    private(set) var searchableDelta = 0
    /// Records and documents that are superseded by this batch; with `searchableDelta` it is the number of records.
    private(set) var superseded = 0

    /// - Parameters:
    ///   - dropped: places of records that reach the index in no form: changes of records that are not there.
    ///   - known: the newest version of an identity in the index, nil for none.
    init(_ records: [ItemsRecord], dropped: Set<Int> = [], known: (String) -> Known?) {
        var newest: [String: Int] = [:]
        for (index, record) in records.enumerated() where !dropped.contains(index) {
            let identity = record.document.identity
            if let other = newest[identity], records[other].version >= record.version { continue }
            newest[identity] = index
        }
        for (index, record) in records.enumerated() where newest[record.document.identity] == index {
            let before = known(record.document.identity)
            if let before, before.version >= record.version { continue }
            winners.append(index)
            if let before {
                replaced.append(record.document.identity)
                if before.isLive { searchableDelta -= 1 }
            }
            if !record.document.isRemoval { searchableDelta += 1 }
        }
        superseded = records.count - searchableDelta
    }
}
