// The parse link's work as a value: raw documents wait, are leased under credit, and come back or are leased again.
//
// States of a document, and the function of each edge:
//
//     (unknown) ──offer──▶ waiting ──grant──▶ leased ──finish──▶ (gone)
//                             ▲                  │
//                             ├──── reclaim ─────┤  failure, silence, disconnection, deadline: failures + 1
//                             ├──── hand back ───┤  a draining worker, or never sent: no failure is counted
//                             │                  └──reclaim──▶ dead letter, when failures reach the delivery limit
//
// A lease whose deadline has passed is overdue: its documents are reclaimed, and its ticket goes on occupying the worker's
// window until the worker answers for it or leaves.
//
// Who is to blame. When a worker dies, any document that it held may have killed it. A document that failed once is a
// suspect: it is leased alone, and to another worker than the one where it failed, if there is one that takes work. At
// its last delivery it is leased to a worker that holds nothing else, and that gets nothing else until it is done; one
// worker at a time is kept free for that. So no good document is given up because of its neighbours.
//
// Invariants:
//  (1) A document is in exactly one of: waiting, one live lease.
//  (2) A result counts only under the ticket of a live lease; any other is late, counted and dropped.
//  (3) A suspect is leased alone, so that it cannot take others down with it.
//  (4) A document is given up only by a failure in which it was the only thing that its worker held.
//  (5) For each worker: tickets that it has not answered for ≤ window, and their bytes ≤ its window's bytes, unless they are
//      of one document.

import DequeModule
package import Messages

/// Raw documents on their way through the parse workers.
package struct LeaseQueue: Sendable {
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

    /// A waiting document that failed before, or has only one delivery.
    private struct Suspect: Sendable {
        let entry: Entry
        /// The worker's name where it failed last.
        let avoids: String?
    }

    private struct Lease: Sendable {
        let peer: PeerID
        let name: String
        /// Empty once the lease is overdue.
        var entries: [Entry]
        /// Of the entries as they were granted.
        let bytes: Int
        let avoids: String?
        var deadline: Int64
        var isOverdue = false
    }

    package private(set) var roster: WorkerRoster
    package private(set) var counts = Counts()
    private var fresh: Deque<Entry> = []
    private var suspects: Deque<Suspect> = []
    /// By sequence: live and overdue leases.
    private var leases: [Int64: Lease] = [:]
    /// Workers that hold a document at its last delivery.
    private var exclusive: Set<PeerID> = []
    private var nextSequence: Int64 = 1
    private let epoch: Int64
    private let timing: Timing
    private let limits: Limits

    /// - Parameter epoch: this broker's boot number, greater than any earlier one's.
    package init(epoch: Int64, timing: Timing = Timing(), limits: Limits = Limits()) {
        self.epoch = epoch
        self.timing = timing
        self.limits = limits
        self.roster = WorkerRoster(timing: timing)
    }

    package var waitingCount: Int { fresh.count + suspects.count }
    package var leasedCount: Int { leases.values.reduce(0) { $0 + $1.entries.count } }
    package var leaseCount: Int { leases.values.count { !$0.isOverdue } }

    /// Waiting documents of each collection.
    package var waitingByCollection: [String: Int] { Self.count(Array(fresh) + suspects.map(\.entry)) }

    /// Leased documents of each collection.
    package var leasedByCollection: [String: Int] { Self.count(leases.values.flatMap(\.entries)) }

    private static func count(_ entries: [Entry]) -> [String: Int] {
        entries.reduce(into: [:]) { $0[$1.id.collection, default: 0] += 1 }
    }

    /// Whether a live lease has exactly these documents, in any order.
    package func holds(_ ticket: LeaseTicket, _ ids: [SubmissionID]) -> Bool {
        guard isLive(ticket), let lease = leases[ticket.sequence] else { return false }
        return lease.entries.count == ids.count && Set(lease.entries.map(\.id)) == Set(ids)
    }

    /// Whether a lease is live under this ticket.
    package func isLive(_ ticket: LeaseTicket) -> Bool {
        guard ticket.epoch == epoch, let lease = leases[ticket.sequence] else { return false }
        return !lease.isOverdue
    }

    // MARK: Work comes and goes

    /// Puts documents at the end of the queue and grants what can be granted.
    ///
    /// - Parameter entries: none of them in the queue already.
    package mutating func offer(_ entries: [Entry], now: Int64) -> [Action] {
        for entry in entries {
            if isSuspect(entry) { suspects.append(Suspect(entry: entry, avoids: nil)) } else { fresh.append(entry) }
        }
        return grantAll(now: now)
    }

    /// The documents of a lease whose result has come, or nil where the ticket is no longer live.
    ///
    /// - Returns: the entries that are now finished, and what to do next.
    package mutating func finish(
        _ peer: PeerID, _ ticket: LeaseTicket, now: Int64
    ) -> (entries: [Entry], actions: [Action])? {
        _ = roster.heard(peer, now: now)
        guard let lease = take(peer, ticket, wasFinished: true) else { return nil }
        counts.finished += lease.entries.count
        return (lease.entries, grantAll(now: now))
    }

    /// A worker gave a lease back: with a failure, or unbegun while draining.
    ///
    /// A worker that hands work back gets no more until it says ready again.
    package mutating func fail(
        _ peer: PeerID, _ ticket: LeaseTicket, reason: String, isHandedBack: Bool, now: Int64
    ) -> [Action] {
        _ = roster.heard(peer, now: now)
        guard let lease = take(peer, ticket, wasFinished: false) else { return grantAll(now: now) }
        var actions: [Action] = []
        if isHandedBack {
            roster.close(peer)
            handBack(lease)
        } else {
            actions = reclaim(lease, reason: reason, isCertain: true)
        }
        return actions + grantAll(now: now)
    }

    /// Takes a lease that its worker has answered for; nil where the answer is late.
    private mutating func take(_ peer: PeerID, _ ticket: LeaseTicket, wasFinished: Bool) -> Lease? {
        guard ticket.epoch == epoch, let lease = leases[ticket.sequence], lease.peer == peer else {
            counts.lateResults += 1
            return nil
        }
        leases[ticket.sequence] = nil
        if lease.isOverdue {
            counts.lateResults += 1
            roster.releaseOverdue(peer, bytes: lease.bytes)
            return nil
        }
        exclusive.remove(peer)
        roster.release(peer, bytes: lease.bytes, wasFinished: wasFinished)
        return lease
    }

    // MARK: Workers come and go

    package mutating func join(_ peer: PeerID, _ ready: Ready, now: Int64) -> [Action] {
        let replaced = roster.join(peer, ready, now: now)
        var actions: [Action] = []
        for dead in replaced { actions += reclaimAll(of: dead, reason: "worker restarted or connected anew") }
        return actions + grantAll(now: now)
    }

    package mutating func heartbeat(_ peer: PeerID, now: Int64) -> [Action] {
        roster.heard(peer, now: now) ? [] : [.askWho(peer)]
    }

    /// Keeps what a worker tells of its process.
    package mutating func note(_ report: WorkerReport, of peer: PeerID) { roster.note(report, of: peer) }

    /// A worker leaves in good order; what it still held is handed back without counting a failure.
    package mutating func goodbye(_ peer: PeerID, now: Int64) -> [Action] {
        roster.remove(peer)
        for (_, lease) in takeAll(of: peer).reversed() { handBack(lease) }
        return grantAll(now: now)
    }

    /// The transport could not reach a peer.
    ///
    /// - Parameter unsent: grants that the driver was asked for and has not sent yet, to whichever peers: they were never
    ///   delivered, so their documents are not to blame. Often something else finds out that a peer is gone before them.
    package mutating func unreachable(_ peer: PeerID, unsent: Set<LeaseTicket> = [], now: Int64) -> [Action] {
        roster.remove(peer)
        return reclaimAll(of: peer, unsent: unsent, reason: "worker unreachable") + grantAll(now: now)
    }

    /// Notes that something was sent to a peer, which spares a heartbeat.
    package mutating func sent(_ peer: PeerID, now: Int64) { roster.sent(peer, now: now) }

    /// Finds dead workers, overdue leases and idle links.
    package mutating func tick(now: Int64) -> [Action] {
        var actions: [Action] = []
        let deaf = roster.look(now: now)
        for worker in roster.expire(now: now) {
            actions += reclaimAll(of: worker.peer, reason: "worker silent")
        }
        actions += reclaimOverdue(deaf: deaf, now: now)
        actions += roster.dueForHeartbeat(now: now).map { .heartbeat($0) }
        return actions + grantAll(now: now)
    }

    private mutating func reclaimOverdue(deaf: Int64, now: Int64) -> [Action] {
        var late: [(sequence: Int64, lease: Lease)] = []
        for (sequence, lease) in leases where !lease.isOverdue {
            // A broker that was deaf reads the results first; a clock that went back must not prolong a lease.
            let deadline = min(lease.deadline + deaf, now + timing.leaseMilliseconds)
            if deadline != lease.deadline { leases[sequence]?.deadline = deadline }
            if deadline <= now { late.append((sequence, lease)) }
        }
        // Blame is decided by what the worker held before any of them was reclaimed.
        let isAlone = Dictionary(
            late.map { ($0.lease.peer, roster.worker($0.lease.peer)?.held == 1) }, uniquingKeysWith: { first, _ in first })
        var actions: [Action] = []
        for (sequence, lease) in late.sorted(by: { $0.sequence < $1.sequence }) {
            leases[sequence]?.isOverdue = true
            leases[sequence]?.entries = []
            exclusive.remove(lease.peer)
            roster.overrun(lease.peer)
            actions += reclaim(lease, reason: "lease expired", isCertain: isAlone[lease.peer] ?? true)
        }
        return actions
    }

    // MARK: Taking back

    /// Removes all leases of a peer and returns the live ones, in order; the peer is no longer in the roster, or has
    /// nothing held there.
    private mutating func takeAll(of peer: PeerID) -> [(sequence: Int64, lease: Lease)] {
        exclusive.remove(peer)
        let own = leases.filter { $0.value.peer == peer }.sorted { $0.key < $1.key }
        for (sequence, _) in own { leases[sequence] = nil }
        return own.filter { !$0.value.isOverdue }.map { ($0.key, $0.value) }
    }

    private mutating func reclaimAll(of peer: PeerID, unsent: Set<LeaseTicket> = [], reason: String) -> [Action] {
        let hasOverdue = leases.values.contains { $0.peer == peer && $0.isOverdue }
        let own = takeAll(of: peer)
        let kept = Set(unsent.map(\.sequence))
        let delivered = own.filter { !kept.contains($0.sequence) }
        for (sequence, lease) in own.reversed() where kept.contains(sequence) { handBack(lease) }
        var actions: [Action] = []
        for (_, lease) in delivered {
            actions += reclaim(lease, reason: reason, isCertain: delivered.count == 1 && !hasOverdue)
        }
        return actions
    }

    /// - Parameter isCertain: whether this lease alone can be the cause; else its documents keep a last delivery.
    private mutating func reclaim(_ lease: Lease, reason: String, isCertain: Bool) -> [Action] {
        let isBlamed = isCertain && lease.entries.count == 1
        let bound = isBlamed ? Int.max : timing.deliveryLimit - 1
        var actions: [Action] = []
        for var entry in lease.entries {
            if entry.failures < bound { entry.failures += 1 }
            if isBlamed && entry.failures >= timing.deliveryLimit {
                counts.gaveUp += 1
                actions.append(.giveUp(entry, reason: reason))
            } else {
                counts.reclaimed += 1
                suspects.append(Suspect(entry: entry, avoids: lease.name))
            }
        }
        return actions
    }

    /// Puts the documents of a lease back to the front, in order.
    private mutating func handBack(_ lease: Lease) {
        counts.handedBack += lease.entries.count
        for entry in lease.entries.reversed() {
            if isSuspect(entry) {
                suspects.prepend(Suspect(entry: entry, avoids: lease.avoids))
            } else {
                fresh.prepend(entry)
            }
        }
    }

    private func isSuspect(_ entry: Entry) -> Bool { entry.failures > 0 || isAtLastDelivery(entry) }

    private func isAtLastDelivery(_ entry: Entry) -> Bool { entry.failures + 1 >= timing.deliveryLimit }

    // MARK: Giving out

    private mutating func grantAll(now: Int64) -> [Action] {
        guard waitingCount > 0, roster.hasRoom else { return [] }
        var actions: [Action] = []
        let reserved = grantSuspects(now: now, into: &actions)
        // A large document at the front waits for a worker that holds nothing; what is behind it waits with it.
        while let next = fresh.first,
            let worker = roster.freest(where: { [exclusive] in
                $0.fits(next.byteCount) && $0.peer != reserved && !exclusive.contains($0.peer)
            })
        {
            actions.append(grant(worker, nextLoad(freeBytes: worker.freeBytes), now: now))
        }
        return actions
    }

    /// Grants suspects in order, each as soon as there is a worker for it.
    ///
    /// - Returns: the worker that is kept free for a document at its last delivery.
    private mutating func grantSuspects(now: Int64, into actions: inout [Action]) -> PeerID? {
        var reserved: PeerID?
        var waiting: Deque<Suspect> = []
        var serving = roster.all.filter(\.canServe)
        while !suspects.isEmpty,
            serving.contains(where: { $0.hasRoom && $0.peer != reserved && !exclusive.contains($0.peer) })
        {
            let suspect = suspects.removeFirst()
            let isLast = isAtLastDelivery(suspect.entry)
            let candidates = candidates(among: serving, for: suspect)
            let free = candidates.filter {
                $0.fits(suspect.entry.byteCount) && $0.peer != reserved && (!isLast || $0.held == 0)
            }
            if let best = free.max(by: { $0.freeShare < $1.freeShare }) {
                if isLast { exclusive.insert(best.peer) }
                actions.append(grant(best, [suspect.entry], avoids: suspect.avoids, now: now))
                serving = roster.all.filter(\.canServe)
                continue
            }
            waiting.append(suspect)
            if isLast, reserved == nil { reserved = candidates.min { $0.held < $1.held }?.peer }
        }
        suspects.prepend(contentsOf: waiting)
        return reserved
    }

    /// Workers that take a suspect, now or after what they hold: others than the one where it failed, if there are any. A
    /// worker with overdue leases may be about to die of them, so it gets no last delivery.
    private func candidates(
        among serving: [WorkerRoster.Worker], for suspect: Suspect
    ) -> [WorkerRoster.Worker] {
        let sound = isAtLastDelivery(suspect.entry) ? serving.filter { $0.overdue == 0 } : serving
        let others = sound.filter { $0.ready.name != suspect.avoids }
        return (others.isEmpty ? sound : others).filter { !exclusive.contains($0.peer) }
    }

    private mutating func grant(
        _ worker: WorkerRoster.Worker, _ entries: [Entry], avoids: String? = nil, now: Int64
    ) -> Action {
        let ticket = LeaseTicket(epoch: epoch, sequence: nextSequence)
        nextSequence += 1
        let bytes = entries.reduce(0) { $0 + $1.byteCount }
        leases[ticket.sequence] = Lease(
            peer: worker.peer, name: worker.ready.name, entries: entries, bytes: bytes, avoids: avoids,
            deadline: now + timing.leaseMilliseconds)
        roster.hold(worker.peer, bytes: bytes)
        roster.sent(worker.peer, now: now)
        counts.leases += 1
        return .grant(worker.peer, ticket, entries)
    }

    /// The next documents for one lease.
    ///
    /// A lease takes a share of what waits, so that the last documents are spread over all workers instead of waiting for
    /// the slowest: Polychronopoulos and Kuck, "Guided self-scheduling", 1987, with smaller shares as in Hummel,
    /// Schonberg and Flynn, "Factoring", 1992.
    ///
    /// - Parameter freeBytes: room of the worker's window; the first document goes whatever its size.
    private mutating func nextLoad(freeBytes: Int) -> [Entry] {
        let leases = max(1, roster.totalWindow) * max(1, limits.leasesPerPlace)
        let share = (fresh.count + leases - 1) / leases
        let bound = max(1, min(limits.documents, share))
        var load: [Entry] = []
        var bytes = 0
        while let next = fresh.first, load.count < bound {
            if !load.isEmpty && bytes + next.byteCount > min(limits.bytes, freeBytes) { break }
            load.append(next)
            bytes += next.byteCount
            fresh.removeFirst()
        }
        return load
    }
}
