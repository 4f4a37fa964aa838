// Who works on a link: membership, liveness and credit, as a value without clock or socket.
//
// Definitions. A worker is a peer that has sent `ready`. Its window is the number of leases, and of their bytes, that it will
// hold at once; it is absolute, so a repeated or newer `ready` simply replaces it. A lease occupies its place of the window
// until the worker has answered for it, even when its work was given to another meanwhile (then it is overdue): a stuck
// worker gets no more. A worker is dead after `expiry` of silence, counted only while the broker itself was listening.
//
// Invariants:
//  (1) held(worker) grows only by `hold`, and the caller holds only where `fits` says so: held ≤ window at that time, and
//      heldBytes ≤ windowBytes unless one document is all that is held.
//  (2) 0 ≤ overdue(worker) ≤ held(worker).
//  (3) One name has one boot: a `ready` with a known name and a new boot removes the earlier incarnation. If a boot that
//      was removed so speaks again, two processes use one name; from then on both stay, each under its own boot.

package import Messages

/// The workers of one link.
package struct WorkerRoster: Sendable {
    /// The largest window that is believed; a greater one counts as this. Bounds what one faulty peer can take.
    package static let windowLimit = 1024
    /// Names whose removed boot is remembered; beyond it all are forgotten, which costs one needless removal each.
    private static let rememberedNames = 1024
    /// Bytes of a name that is remembered so.
    private static let rememberedBytes = 256

    /// One joined worker.
    package struct Worker: Sendable, Hashable {
        package let peer: PeerID
        package var ready: Ready
        /// Leases that it has not answered for yet, overdue ones included.
        package var held: Int
        /// Those of `held` whose work was given to another.
        package var overdue: Int
        /// Bytes of all of `held`.
        package var heldBytes = 0
        /// When anything last came from it, in the caller's milliseconds.
        package var lastHeard: Int64
        /// When anything last went to it.
        package var lastSent: Int64
        /// Leases it has finished since it joined.
        package var finished: Int
        /// What it last told of its process.
        package var report = WorkerReport(counters: [:])

        /// Share of its window that is free, 0…1; a closed window is 0.
        package var freeShare: Double {
            ready.window <= 0 ? 0 : Double(max(0, ready.window - held)) / Double(ready.window)
        }

        /// Whether its window has room for one more lease.
        package var hasRoom: Bool { held < ready.window }
        /// Bytes that its window has room for beside what it holds.
        package var freeBytes: Int { max(0, (ready.windowBytes ?? .max) - heldBytes) }
        /// Whether one more document may go to it: who holds nothing takes one of any size.
        package func fits(_ bytes: Int) -> Bool { hasRoom && (held == 0 || bytes <= freeBytes) }
        /// Leases that are still its own.
        package var liveCount: Int { held - overdue }
        /// Whether it will have room at some time, if it only ends what is its own.
        package var canServe: Bool { overdue < ready.window }

        /// As the status shows it.
        package func status(now: Int64) -> WorkerStatus {
            WorkerStatus(
                name: ready.name, boot: ready.boot, window: ready.window, held: held, finished: finished,
                silentMilliseconds: now - lastHeard, heldBytes: ready.windowBytes == nil ? nil : heldBytes,
                windowBytes: ready.windowBytes, counters: report.counters.isEmpty ? nil : report.counters)
        }

        /// A total order of the workers of one roster.
        fileprivate static func precedes(_ one: Worker, _ other: Worker) -> Bool {
            (one.ready.name, one.ready.boot) < (other.ready.name, other.ready.boot)
        }
    }

    private var workers: [PeerID: Worker] = [:]
    private let timing: Timing
    /// The last boot that each name's newer boot has removed.
    private var removedBoots: [String: String] = [:]
    private var sharedNames: Set<String> = []
    private var lastLook: Int64?

    package init(timing: Timing) { self.timing = timing }

    /// All workers, by name, then by boot.
    package var all: [Worker] { workers.values.sorted(by: Worker.precedes) }

    package var count: Int { workers.count }

    package func worker(_ peer: PeerID) -> Worker? { workers[peer] }

    // MARK: Membership

    /// Adds or updates a worker.
    ///
    /// - Returns: the peers whose leases are lost: an earlier boot of the same name, the same process on an earlier
    ///   connection, and the peer itself where another process now speaks on its connection.
    package mutating func join(_ peer: PeerID, _ ready: Ready, now: Int64) -> [PeerID] {
        if lastLook == nil { lastLook = now }
        var ready = ready
        ready.window = min(max(0, ready.window), Self.windowLimit)
        ready.windowBytes = ready.windowBytes.map { max(1, $0) }
        let replaced = takePlace(of: ready, peer)
        if var known = workers[peer], known.ready.boot == ready.boot {
            known.ready = ready
            known.lastHeard = now
            workers[peer] = known
            return replaced
        }
        let isOtherProcess = workers[peer] != nil
        workers[peer] = Worker(
            peer: peer, ready: ready, held: 0, overdue: 0, lastHeard: now, lastSent: now, finished: 0)
        return isOtherProcess ? replaced + [peer] : replaced
    }

    /// Removes the workers whose place a newcomer takes.
    private mutating func takePlace(of ready: Ready, _ peer: PeerID) -> [PeerID] {
        if removedBoots[ready.name] == ready.boot { sharedNames.insert(ready.name) }
        let isShared = sharedNames.contains(ready.name)
        let replaced = all.filter { worker in
            worker.peer != peer && worker.ready.name == ready.name && (!isShared || worker.ready.boot == ready.boot)
        }
        for worker in replaced {
            workers[worker.peer] = nil
            guard worker.ready.boot != ready.boot, ready.name.utf8.count <= Self.rememberedBytes else { continue }
            if removedBoots.count >= Self.rememberedNames {
                removedBoots = [:]
                sharedNames = []
            }
            removedBoots[ready.name] = worker.ready.boot
        }
        return replaced.map(\.peer)
    }

    /// Forgets a worker, if it was known.
    @discardableResult
    package mutating func remove(_ peer: PeerID) -> Worker? { workers.removeValue(forKey: peer) }

    /// Closes a worker's window until it says ready again.
    package mutating func close(_ peer: PeerID) { workers[peer]?.ready.window = 0 }

    // MARK: Liveness

    /// Notes a sign of life.
    ///
    /// - Returns: false where the peer has not joined, so that it should be asked who it is.
    package mutating func heard(_ peer: PeerID, now: Int64) -> Bool {
        guard workers[peer] != nil else { return false }
        workers[peer]?.lastHeard = now
        return true
    }

    /// Keeps what a worker tells of its process, unless that is too much or has strange names.
    package mutating func note(_ report: WorkerReport, of peer: PeerID) {
        if report.isAcceptable { workers[peer]?.report = report }
    }

    /// Notes that something was sent to a worker.
    package mutating func sent(_ peer: PeerID, now: Int64) { workers[peer]?.lastSent = now }

    /// Notes that the broker looks at the clock; call first at every tick.
    ///
    /// A broker that was stopped for a while (by a debugger, a slow disk, a suspended machine) has messages waiting that it
    /// has not read. It must not take its own deafness for its workers' silence: one look counts for at most a heartbeat's
    /// interval.
    ///
    /// - Returns: the time that does not count, in milliseconds: other waits are longer by it.
    package mutating func look(now: Int64) -> Int64 {
        let last = lastLook ?? now
        lastLook = now
        let deaf = max(0, now - last - timing.heartbeatMilliseconds)
        guard deaf > 0 || now < last else { return 0 }
        for peer in workers.keys {
            guard var worker = workers[peer] else { continue }
            worker.lastHeard = min(now, worker.lastHeard + deaf)
            worker.lastSent = min(now, worker.lastSent)
            workers[peer] = worker
        }
        return deaf
    }

    /// Removes and returns the workers that have been silent for longer than the expiry, by name, then by boot.
    package mutating func expire(now: Int64) -> [Worker] {
        let dead = workers.values.filter { now - $0.lastHeard > timing.expiryMilliseconds }
        for worker in dead { workers[worker.peer] = nil }
        return dead.sorted(by: Worker.precedes)
    }

    /// Workers to which nothing was sent for a heartbeat's interval, by name, then by boot.
    package func dueForHeartbeat(now: Int64) -> [PeerID] {
        workers.values.filter { now - $0.lastSent >= timing.heartbeatMilliseconds }
            .sorted(by: Worker.precedes).map(\.peer)
    }

    // MARK: Credit

    /// Whether a worker's window has room for one more lease.
    package func canHold(_ peer: PeerID) -> Bool { workers[peer]?.hasRoom ?? false }

    package mutating func hold(_ peer: PeerID, bytes: Int = 0) {
        workers[peer]?.held += 1
        workers[peer]?.heldBytes += bytes
    }

    /// Notes that a worker answered for a lease of its own.
    package mutating func release(_ peer: PeerID, bytes: Int = 0, wasFinished: Bool) {
        guard var worker = workers[peer] else { return }
        worker.held = max(worker.overdue, worker.held - 1)
        worker.heldBytes = max(0, worker.heldBytes - bytes)
        if wasFinished { worker.finished += 1 }
        workers[peer] = worker
    }

    /// Notes that the work of a lease is given to another, while this worker has not answered for it.
    package mutating func overrun(_ peer: PeerID) {
        guard let worker = workers[peer] else { return }
        workers[peer]?.overdue = min(worker.held, worker.overdue + 1)
    }

    /// Notes that a worker answered for an overdue lease.
    package mutating func releaseOverdue(_ peer: PeerID, bytes: Int = 0) {
        guard var worker = workers[peer], worker.overdue > 0 else { return }
        worker.overdue -= 1
        worker.held -= 1
        worker.heldBytes = max(0, worker.heldBytes - bytes)
        workers[peer] = worker
    }

    /// Whether any worker takes work, now or later.
    package var hasOpenWindow: Bool { workers.values.contains { $0.ready.window > 0 } }
    /// Whether any worker has room.
    package var hasRoom: Bool { workers.values.contains(where: \.hasRoom) }
    /// Sum of all windows.
    package var totalWindow: Int { workers.values.reduce(0) { $0 + $1.ready.window } }

    /// Of the workers with room that fulfil a condition, the one with the largest free share of its window; ties go to the
    /// one with fewer leases, then by name.
    ///
    /// - Complexity: O(workers).
    package func freest(where isUsable: (Worker) -> Bool = { _ in true }) -> Worker? {
        var best: Worker?
        for worker in workers.values where worker.hasRoom && isUsable(worker) {
            guard let other = best else {
                best = worker
                continue
            }
            let isBetter =
                if worker.freeShare != other.freeShare {
                    worker.freeShare > other.freeShare
                } else if worker.held != other.held {
                    worker.held < other.held
                } else {
                    Worker.precedes(worker, other)
                }
            if isBetter { best = worker }
        }
        return best
    }
}
