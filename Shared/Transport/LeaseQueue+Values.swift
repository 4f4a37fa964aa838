// What goes into a lease queue and comes out of it.

package import Messages

extension LeaseQueue {
    /// One waiting or leased document.
    package struct Entry: Sendable, Hashable {
        package let id: SubmissionID
        package let byteCount: Int
        /// Deliveries that have failed.
        package var failures: Int

        package init(id: SubmissionID, byteCount: Int, failures: Int = 0) {
            self.id = id
            self.byteCount = byteCount
            self.failures = failures
        }
    }

    /// What the driver has to do.
    package enum Action: Sendable, Hashable {
        case grant(PeerID, LeaseTicket, [Entry])
        case askWho(PeerID)
        case heartbeat(PeerID)
        case giveUp(Entry, reason: String)
    }

    /// Sizes of one lease.
    package struct Limits: Sendable, Hashable {
        /// Documents in one lease, at least 1. Default 64.
        package var documents = 64
        /// Bytes in one lease, unless a single document is larger. Default 1 MiB.
        package var bytes = 1 << 20
        /// Leases that one place of a window needs at least to empty the queue, at least 1. Default 3: six thousand documents
        /// on three unequal workers took 1.22 of the ideal time with 1, 1.12 with 2, 1.07 with 3 (MakespanTests).
        package var leasesPerPlace = 3

        package init() {}
    }

    /// Counts since the start.
    package struct Counts: Sendable, Hashable {
        package var leases = 0
        package var finished = 0
        package var reclaimed = 0
        package var handedBack = 0
        package var gaveUp = 0
        package var lateResults = 0
    }
}
