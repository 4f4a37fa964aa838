// The parse link's work as a value: raw documents wait, are leased under credit, and come back or are leased again.
//
// States of a document, and the function of each edge:
//
//     (unknown) ──offer──▶ waiting ──grant──▶ leased ──finish──▶ (gone)
//                             ▲                  │
//                             └──── reclaim ─────┤  failure, silence, disconnection, deadline: attempt + 1
//                             └──── hand back ───┤  a draining worker: no attempt is counted
//                                                └──give up──▶ dead letter, when attempts reach the delivery limit
//
// Invariants:
//  (1) A document is in exactly one of: waiting, one live lease.
//  (2) A result counts only under the ticket of a live lease; any other is late, counted and dropped.
//  (3) A document that failed once is leased alone from then on, so that it cannot take others down with it.

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
        /// Documents in one lease. Default 64.
        package var documents = 64
        /// Bytes in one lease, unless a single document is larger. Default 1 MiB.
        package var bytes = 1 << 20

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

    private struct Lease: Sendable {
        var peer: PeerID
        var entries: [Entry]
        var deadline: Int64
    }

    package private(set) var roster: WorkerRoster
    package private(set) var counts = Counts()
    private var fresh: Deque<Entry> = []
    private var retries: Deque<Entry> = []
    private var leases: [Int64: Lease] = [:]
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

    package var waitingCount: Int { fresh.count + retries.count }
    package var leasedCount: Int { leases.values.reduce(0) { $0 + $1.entries.count } }
    package var leaseCount: Int { leases.count }

    /// Waiting documents of each collection.
    package var waitingByCollection: [String: Int] { Self.count(Array(fresh) + Array(retries)) }

    /// Leased documents of each collection.
    package var leasedByCollection: [String: Int] { Self.count(leases.values.flatMap(\.entries)) }

    private static func count(_ entries: [Entry]) -> [String: Int] {
        entries.reduce(into: [:]) { $0[$1.id.collection, default: 0] += 1 }
    }

    /// Whether a live lease has exactly these documents, in any order.
    package func holds(_ ticket: LeaseTicket, _ ids: [SubmissionID]) -> Bool {
        guard ticket.epoch == epoch, let lease = leases[ticket.sequence] else { return false }
        return lease.entries.count == ids.count && Set(lease.entries.map(\.id)) == Set(ids)
    }

    /// Whether a lease is live under this ticket.
    package func isLive(_ ticket: LeaseTicket) -> Bool { ticket.epoch == epoch && leases[ticket.sequence] != nil }

    // MARK: Work comes and goes

    /// Puts new documents at the end of the queue and grants what can be granted.
    package mutating func offer(_ entries: [Entry], now: Int64) -> [Action] {
        fresh.append(contentsOf: entries)
        return grantAll(now: now)
    }

    /// The documents of a lease whose result has come, or nil where the ticket is no longer live.
    ///
    /// - Returns: the entries that are now finished, and what to do next.
    package mutating func finish(
        _ peer: PeerID, _ ticket: LeaseTicket, now: Int64
    ) -> (entries: [Entry], actions: [Action])? {
        _ = roster.heard(peer, now: now)
        guard let lease = take(peer, ticket) else { return nil }
        roster.release(peer, wasFinished: true)
        counts.finished += lease.entries.count
        return (lease.entries, grantAll(now: now))
    }

    /// A worker gave a lease back: with a failure, or unbegun while draining.
    package mutating func fail(
        _ peer: PeerID, _ ticket: LeaseTicket, reason: String, isHandedBack: Bool, now: Int64
    ) -> [Action] {
        _ = roster.heard(peer, now: now)
        guard let lease = take(peer, ticket) else { return [] }
        roster.release(peer, wasFinished: false)
        let actions = isHandedBack ? handBack(lease) : reclaim(lease, reason: reason)
        return actions + grantAll(now: now)
    }

    private mutating func take(_ peer: PeerID, _ ticket: LeaseTicket) -> Lease? {
        guard ticket.epoch == epoch, let lease = leases[ticket.sequence], lease.peer == peer else {
            counts.lateResults += 1
            return nil
        }
        leases[ticket.sequence] = nil
        return lease
    }

    // MARK: Workers come and go

    package mutating func join(_ peer: PeerID, _ ready: Ready, now: Int64) -> [Action] {
        let replaced = roster.join(peer, ready, now: now)
        var actions: [Action] = []
        for dead in replaced { actions += reclaimAll(of: dead, reason: "worker restarted") }
        return actions + grantAll(now: now)
    }

    package mutating func heartbeat(_ peer: PeerID, now: Int64) -> [Action] {
        roster.heard(peer, now: now) ? [] : [.askWho(peer)]
    }

    /// A worker leaves in good order; what it still held is handed back without counting an attempt.
    package mutating func goodbye(_ peer: PeerID, now: Int64) -> [Action] {
        roster.remove(peer)
        for sequence in sequences(of: peer) {
            if let lease = leases.removeValue(forKey: sequence) { _ = handBack(lease) }
        }
        return grantAll(now: now)
    }

    /// The transport could not reach a peer.
    package mutating func unreachable(_ peer: PeerID, now: Int64) -> [Action] {
        roster.remove(peer)
        return reclaimAll(of: peer, reason: "worker unreachable") + grantAll(now: now)
    }

    /// Notes that something was sent to a peer, which spares a heartbeat.
    package mutating func sent(_ peer: PeerID, now: Int64) { roster.sent(peer, now: now) }

    /// Finds dead workers, overdue leases and idle links.
    package mutating func tick(now: Int64) -> [Action] {
        var actions: [Action] = []
        for worker in roster.expire(now: now) {
            actions += reclaimAll(of: worker.peer, reason: "worker silent")
        }
        for (sequence, lease) in leases.sorted(by: { $0.key < $1.key }) where lease.deadline <= now {
            leases[sequence] = nil
            roster.release(lease.peer, wasFinished: false)
            actions += reclaim(lease, reason: "lease expired")
        }
        actions += roster.dueForHeartbeat(now: now).map { .heartbeat($0) }
        return actions + grantAll(now: now)
    }

    // MARK: Inside

    private func sequences(of peer: PeerID) -> [Int64] {
        leases.filter { $0.value.peer == peer }.map(\.key).sorted()
    }

    private mutating func reclaimAll(of peer: PeerID, reason: String) -> [Action] {
        var actions: [Action] = []
        for sequence in sequences(of: peer) {
            guard let lease = leases.removeValue(forKey: sequence) else { continue }
            actions += reclaim(lease, reason: reason)
        }
        return actions
    }

    private mutating func reclaim(_ lease: Lease, reason: String) -> [Action] {
        var actions: [Action] = []
        for var entry in lease.entries {
            // In a lease of many, nobody knows which document did it: only a document leased alone is blamed.
            if lease.entries.count == 1 || entry.failures == 0 { entry.failures += 1 }
            if entry.failures >= timing.deliveryLimit {
                counts.gaveUp += 1
                actions.append(.giveUp(entry, reason: reason))
            } else {
                counts.reclaimed += 1
                retries.append(entry)
            }
        }
        return actions
    }

    private mutating func handBack(_ lease: Lease) -> [Action] {
        counts.handedBack += lease.entries.count
        for entry in lease.entries.reversed() {
            if entry.failures > 0 { retries.prepend(entry) } else { fresh.prepend(entry) }
        }
        return []
    }

    private mutating func grantAll(now: Int64) -> [Action] {
        var actions: [Action] = []
        while waitingCount > 0, let worker = roster.freest() {
            let entries = nextLoad()
            let ticket = LeaseTicket(epoch: epoch, sequence: nextSequence)
            nextSequence += 1
            leases[ticket.sequence] = Lease(
                peer: worker.peer, entries: entries, deadline: now + timing.leaseMilliseconds)
            roster.hold(worker.peer)
            roster.sent(worker.peer, now: now)
            counts.leases += 1
            actions.append(.grant(worker.peer, ticket, entries))
        }
        return actions
    }

    private mutating func nextLoad() -> [Entry] {
        if let suspect = retries.popFirst() { return [suspect] }
        var load: [Entry] = []
        var bytes = 0
        while let next = fresh.first, load.count < limits.documents {
            if !load.isEmpty && bytes + next.byteCount > limits.bytes { break }
            load.append(next)
            bytes += next.byteCount
            fresh.removeFirst()
        }
        return load
    }
}
