// Who works on a link: membership, liveness and credit, as a value without clock or socket.
//
// Definitions. A worker is a peer that has sent `ready`. Its window is the number of leases it will hold at once; it is
// absolute, so a repeated or newer `ready` simply replaces it. A worker is dead after `expiry` of silence.
//
// Invariants:
//  (1) held(worker) grows only by `hold`, and the caller holds only where `canHold` says so: held ≤ window at that time.
//  (2) One name has one boot: a `ready` with a known name and a new boot removes the earlier incarnation.

package import Messages

/// The workers of one link.
package struct WorkerRoster: Sendable {
    /// One joined worker.
    package struct Worker: Sendable, Hashable {
        package let peer: PeerID
        package var ready: Ready
        /// Leases it holds now.
        package var held: Int
        /// When anything last came from it, in the caller's milliseconds.
        package var lastHeard: Int64
        /// When anything last went to it.
        package var lastSent: Int64
        /// Leases it has finished since it joined.
        package var finished: Int

        /// Share of its window that is free, 0…1; a closed window is 0.
        package var freeShare: Double {
            ready.window <= 0 ? 0 : Double(max(0, ready.window - held)) / Double(ready.window)
        }
    }

    private var workers: [PeerID: Worker] = [:]
    private let timing: Timing

    package init(timing: Timing) { self.timing = timing }

    /// All workers, by name, then by boot.
    package var all: [Worker] {
        workers.values.sorted { ($0.ready.name, $0.ready.boot) < ($1.ready.name, $1.ready.boot) }
    }

    package var count: Int { workers.count }

    package func worker(_ peer: PeerID) -> Worker? { workers[peer] }

    /// Adds or updates a worker.
    ///
    /// - Returns: the peers whose place it takes: an earlier boot of the same name, now dead.
    package mutating func join(_ peer: PeerID, _ ready: Ready, now: Int64) -> [PeerID] {
        if var known = workers[peer], known.ready.boot == ready.boot {
            known.ready = ready
            known.lastHeard = now
            workers[peer] = known
            return []
        }
        let replaced = workers.values.filter { $0.ready.name == ready.name && $0.peer != peer }.map(\.peer)
        let sameConnection = workers[peer] == nil ? [] : [peer]
        for old in replaced + sameConnection { workers[old] = nil }
        workers[peer] = Worker(peer: peer, ready: ready, held: 0, lastHeard: now, lastSent: now, finished: 0)
        return replaced + sameConnection
    }

    /// Notes a sign of life.
    ///
    /// - Returns: false where the peer has not joined, so that it should be asked who it is.
    package mutating func heard(_ peer: PeerID, now: Int64) -> Bool {
        guard workers[peer] != nil else { return false }
        workers[peer]?.lastHeard = now
        return true
    }

    /// Notes that something was sent to a worker.
    package mutating func sent(_ peer: PeerID, now: Int64) { workers[peer]?.lastSent = now }

    /// Forgets a worker, if it was known.
    @discardableResult
    package mutating func remove(_ peer: PeerID) -> Worker? { workers.removeValue(forKey: peer) }

    /// Removes and returns the workers that have been silent for longer than the expiry.
    package mutating func expire(now: Int64) -> [Worker] {
        let dead = workers.values.filter { now - $0.lastHeard > timing.expiryMilliseconds }
        for worker in dead { workers[worker.peer] = nil }
        return dead.sorted { $0.ready.name < $1.ready.name }
    }

    /// Workers to which nothing was sent for a heartbeat's interval.
    package func dueForHeartbeat(now: Int64) -> [PeerID] {
        workers.values.filter { now - $0.lastSent >= timing.heartbeatMilliseconds }.map(\.peer)
    }

    /// Whether a worker's window has room for one more lease.
    package func canHold(_ peer: PeerID) -> Bool {
        guard let worker = workers[peer] else { return false }
        return worker.held < worker.ready.window
    }

    package mutating func hold(_ peer: PeerID) { workers[peer]?.held += 1 }

    /// Notes that a lease of this worker ended.
    package mutating func release(_ peer: PeerID, wasFinished: Bool) {
        guard var worker = workers[peer] else { return }
        worker.held = max(0, worker.held - 1)
        if wasFinished { worker.finished += 1 }
        workers[peer] = worker
    }

    /// The worker with the largest free share of its window; ties go to the one with fewer leases, then by name.
    package func freest() -> Worker? {
        all.filter { $0.held < $0.ready.window }
            .max { one, other in
                if one.freeShare != other.freeShare { return one.freeShare < other.freeShare }
                if one.held != other.held { return one.held > other.held }
                return one.ready.name > other.ready.name
            }
    }
}
