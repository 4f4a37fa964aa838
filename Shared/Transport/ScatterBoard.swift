// The search link's work as a value: a query is spread over workers by parts, and its answers are gathered.
//
// A part is what one worker can answer alone: a segment. Parts are placed by rendezvous hashing (Thaler and Ravishankar,
// "Using name-based mappings to increase hit rates", 1998), so that a worker keeps the segments it has warm, among the
// workers whose window has room. A query that would give every worker less than `partsWeightPerWorker` goes to fewer.
//
// Definitions. A share is some parts of one query that are asked for together. An ask is one request for a share to one
// worker, under one ticket; it occupies a place of the worker's window until the worker answers or leaves. An ask whose
// share is answered or whose query has ended is idle; its place is given back at last an expiry after the query's deadline,
// because a worker stops at the deadline by itself.
//
// States of a share, and the function of each edge:
//
//     begin ──▶ waiting ──serve──▶ asked ──answer──▶ counted, once
//                  ▲                 │
//                  ├──── lose ───────┤  its last ask failed, or the worker is silent, disconnected or restarted
//                  │                 └─ hedge: its last ask is old, another worker is asked too; the first answer counts
//                  └ no worker has room; served in order of arrival, what was lost first
//
// Invariants:
//  (1) The unanswered parts of a query are the disjoint union of its waiting and its asked shares.
//  (2) A query ends exactly once: `complete` when all parts are answered, `expired` at its deadline, or `unserved` when no
//      worker takes work, or when a share was lost as often as the delivery limit: it may be what kills the workers.
//  (3) For each worker: tickets that it has not answered for ≤ window.

import DequeModule
package import Messages

/// Queries on their way through the search workers.
package struct ScatterBoard: Sendable {
    /// A part of the collection and its weight (documents).
    package struct Part: Sendable, Hashable {
        package let name: String
        package let weight: Int

        package init(name: String, weight: Int) {
            self.name = name
            self.weight = weight
        }
    }

    /// What the driver has to do.
    package enum Action: Sendable, Hashable {
        /// Ask this worker for these parts.
        case ask(PeerID, query: Int64, LeaseTicket, parts: [String])
        case askWho(PeerID)
        case heartbeat(PeerID)
        /// All parts are answered.
        case complete(query: Int64)
        /// The deadline has come; these parts are missing.
        case expired(query: Int64, missing: [String])
        /// No worker is left, or too many have failed at it; these parts are missing.
        case unserved(query: Int64, missing: [String])
    }

    /// Counts since the start.
    package struct Counts: Sendable, Hashable {
        package var queries = 0
        package var asks = 0
        package var reassigned = 0
        package var hedged = 0
        package var expired = 0
        package var unserved = 0
        package var lateAnswers = 0
        /// Asks that were never answered; their places were given back after the deadline.
        package var abandoned = 0
    }

    private struct Share: Sendable {
        let query: Int64
        let parts: [String]
        /// Workers that it may be placed on, at most; it is split over them.
        let spread: Int
        /// Asks that were lost: it may be what kills the workers.
        var losses = 0
        /// Of a waiting share: the worker that failed at it last.
        var avoids: PeerID?
        /// Sequences of its asks that are not lost.
        var asks: [Int64] = []
        /// Asks since it was placed, and the time of the last one.
        var askCount = 0
        var askedAt: Int64 = 0
    }

    private struct Ask: Sendable {
        let share: Int64
        let peer: PeerID
        /// When its place is given back without an answer.
        let abandonAt: Int64
    }

    private struct Running: Sendable {
        var unanswered: Set<String>
        let deadline: Int64
    }

    /// The hedge delay doubles with each hedge of a share, up to this many times.
    private static let hedgeDoublings: Int64 = 6

    package private(set) var roster: WorkerRoster
    package private(set) var counts = Counts()
    private var running: [Int64: Running] = [:]
    /// Asked shares, by number.
    private var shares: [Int64: Share] = [:]
    private var waiting: Deque<Share> = []
    /// By sequence: open and idle asks.
    private var asks: [Int64: Ask] = [:]
    private var nextShare: Int64 = 1
    private var nextSequence: Int64 = 1
    /// The time of the last event.
    private var clock: Int64 = 0
    private var lastTick: Int64?
    private let epoch: Int64
    private let timing: Timing
    private let partsWeightPerWorker: Int

    /// - Parameters:
    ///   - epoch: this broker's boot number.
    ///   - partsWeightPerWorker: least weight worth a worker of its own; smaller queries go to fewer workers.
    package init(epoch: Int64, timing: Timing = Timing(), partsWeightPerWorker: Int) {
        self.epoch = epoch
        self.timing = timing
        self.partsWeightPerWorker = max(1, partsWeightPerWorker)
        self.roster = WorkerRoster(timing: timing)
    }

    package var runningCount: Int { running.count }
    /// Shares that wait for a worker with room.
    package var waitingCount: Int { waiting.count }
    /// Asks that occupy a place of a worker's window.
    package var askCount: Int { asks.count }

    // MARK: Queries

    /// Spreads a query. A query without parts is complete at once.
    ///
    /// - Parameter query: a number that no running query has. The caller bounds how many run at once.
    package mutating func begin(query: Int64, parts: [Part], deadline: Int64, now: Int64) -> [Action] {
        clock = now
        counts.queries += 1
        guard !parts.isEmpty else { return [.complete(query: query)] }
        running[query] = Running(unanswered: Set(parts.map(\.name)), deadline: deadline)
        let workers = spread(weight: parts.reduce(0) { $0 + $1.weight })
        waiting.append(Share(query: query, parts: parts.map(\.name), spread: workers))
        return serve()
    }

    /// How many workers a query of this weight is worth, at least 1; there may be fewer.
    package func spread(weight: Int) -> Int { Self.spread(weight: weight, perWorker: partsWeightPerWorker) }

    /// The same, for a least weight worth a worker of its own.
    package static func spread(weight: Int, perWorker: Int) -> Int {
        weight <= 0 ? 1 : (weight - 1) / max(1, perWorker) + 1
    }

    /// A worker answered.
    ///
    /// - Returns: the query and the parts that this answer newly covers; nil where it is late or already covered.
    package mutating func answer(
        _ peer: PeerID, _ ticket: LeaseTicket, now: Int64
    ) -> (query: Int64, parts: [String])? {
        clock = now
        _ = roster.heard(peer, now: now)
        guard let ask = take(peer, ticket, wasFinished: true), let share = shares.removeValue(forKey: ask.share) else {
            counts.lateAnswers += 1
            return nil
        }
        running[share.query]?.unanswered.subtract(share.parts)
        return (share.query, share.parts)
    }

    /// Ends a query if nothing of it is unanswered, and gives freed places to what waits; call after the answer's content
    /// was merged.
    package mutating func settle(_ query: Int64) -> [Action] {
        guard let state = running[query], state.unanswered.isEmpty else { return serve() }
        forget(query)
        return [.complete(query: query)] + serve()
    }

    /// A worker could not answer: its parts go to another.
    package mutating func fail(_ peer: PeerID, _ ticket: LeaseTicket, now: Int64) -> [Action] {
        clock = now
        _ = roster.heard(peer, now: now)
        guard let ask = take(peer, ticket, wasFinished: false) else {
            counts.lateAnswers += 1
            return serve()
        }
        return lose([(ticket.sequence, ask)]) + serve()
    }

    /// Nobody waits for the query any more.
    package mutating func cancel(_ query: Int64) { forget(query) }

    // MARK: Workers

    package mutating func join(_ peer: PeerID, _ ready: Ready, now: Int64) -> [Action] {
        clock = now
        // All that is lost is taken before anything is asked anew: the newcomer may be one of the replaced.
        let lost = roster.join(peer, ready, now: now).flatMap { takeAll(of: $0) }
        return lose(lost) + serve()
    }

    package mutating func heartbeat(_ peer: PeerID, now: Int64) -> [Action] {
        roster.heard(peer, now: now) ? [] : [.askWho(peer)]
    }

    /// Keeps what a worker tells of its process.
    package mutating func note(_ report: WorkerReport, of peer: PeerID) { roster.note(report, of: peer) }

    /// A worker has left, in good order or because the transport cannot reach it.
    ///
    /// - Parameter unsent: asks that the driver was given and has not sent yet, to whichever peers: they were never delivered,
    ///   so they do not count against the delivery limit.
    package mutating func gone(_ peer: PeerID, unsent: Set<LeaseTicket> = [], now: Int64) -> [Action] {
        clock = now
        roster.remove(peer)
        return lose(takeAll(of: peer), unsent: unsent) + serve()
    }

    package mutating func sent(_ peer: PeerID, now: Int64) { roster.sent(peer, now: now) }

    /// Finds deadlines, dead workers, slow answers and idle links.
    package mutating func tick(now: Int64) -> [Action] {
        let gap = now - (lastTick ?? now)
        lastTick = now
        clock = now
        _ = roster.look(now: now)
        var actions: [Action] = []
        for query in running.filter({ $0.value.deadline <= now }).keys.sorted() {
            counts.expired += 1
            actions.append(.expired(query: query, missing: forget(query)))
        }
        actions += lose(roster.expire(now: now).flatMap { takeAll(of: $0.peer) })
        abandon()
        actions += serve()
        actions += hedge(after: gap)
        return actions + roster.dueForHeartbeat(now: now).map { .heartbeat($0) }
    }

    // MARK: Asking

    /// Places what waits, in order, while workers have room.
    private mutating func serve() -> [Action] {
        var actions: [Action] = []
        if !roster.hasOpenWindow {
            while let next = waiting.first { actions.append(giveUp(next.query)) }
        }
        var kept: Deque<Share> = []
        while !waiting.isEmpty, roster.hasRoom {
            let share = waiting.removeFirst()
            guard let placed = place(share) else {
                kept.append(share)
                continue
            }
            for (worker, part) in placed {
                shares[nextShare] = part
                actions.append(ask(worker, nextShare))
                nextShare += 1
            }
        }
        waiting.prepend(contentsOf: kept)
        return actions
    }

    /// A share for each worker that is to be asked; nil where no worker has room.
    private func place(_ share: Share) -> [(PeerID, Share)]? {
        let open = roster.all.filter { $0.ready.window > 0 }
        let others = open.filter { $0.peer != share.avoids }
        var candidates = (others.isEmpty ? open : others).filter(\.hasRoom)
        guard !candidates.isEmpty else { return nil }
        if share.spread < candidates.count {
            // Least loaded first; a query for few workers goes where there is most room.
            candidates.sort { ($0.held, $0.finished, $0.ready.name) < ($1.held, $1.finished, $1.ready.name) }
            candidates.removeLast(candidates.count - share.spread)
        }
        var placed: [PeerID: [String]] = [:]
        for part in share.parts {
            let best = candidates.max { Self.affinity(part, $0.ready.name) < Self.affinity(part, $1.ready.name) }
            if let best { placed[best.peer, default: []].append(part) }
        }
        return candidates.compactMap { worker in
            placed[worker.peer].map { parts in
                (worker.peer, Share(query: share.query, parts: parts, spread: share.spread, losses: share.losses))
            }
        }
    }

    /// Asks one worker for an asked share.
    private mutating func ask(_ peer: PeerID, _ number: Int64) -> Action {
        let ticket = LeaseTicket(epoch: epoch, sequence: nextSequence)
        nextSequence += 1
        var query: Int64 = 0
        var parts: [String] = []
        if var share = shares[number] {
            (query, parts) = (share.query, share.parts)
            share.asks.append(ticket.sequence)
            share.askCount += 1
            share.askedAt = clock
            shares[number] = share
        }
        let deadline = running[query]?.deadline ?? clock
        asks[ticket.sequence] = Ask(share: number, peer: peer, abandonAt: deadline + timing.expiryMilliseconds)
        roster.hold(peer)
        roster.sent(peer, now: clock)
        counts.asks += 1
        return .ask(peer, query: query, ticket, parts: parts)
    }

    /// Asks a second worker for what a first one has had for long, if another has room. Each further one waits twice as long.
    ///
    /// - Parameter gap: milliseconds since the last tick. They count for at most half the hedge delay, so that a broker
    ///   that was stopped for a while reads the answers first.
    private mutating func hedge(after gap: Int64) -> [Action] {
        let deaf = max(0, gap - timing.hedgeMilliseconds / 2)
        var late: [Int64] = []
        for (number, share) in shares {
            // A clock that went back begins anew.
            let askedAt = min(clock, share.askedAt + deaf)
            if askedAt != share.askedAt { shares[number]?.askedAt = askedAt }
            let doublings = min(Int64(share.askCount) - 1, Self.hedgeDoublings)
            if clock - askedAt >= timing.hedgeMilliseconds << doublings { late.append(number) }
        }
        var actions: [Action] = []
        for number in late.sorted() {
            let asked = shares[number]?.asks.compactMap { asks[$0]?.peer } ?? []
            guard let other = roster.freest(where: { !asked.contains($0.peer) }) else { continue }
            counts.hedged += 1
            actions.append(ask(other.peer, number))
        }
        return actions
    }

    // MARK: Taking back

    /// Takes an ask that its worker has answered for, and gives its place back.
    private mutating func take(_ peer: PeerID, _ ticket: LeaseTicket, wasFinished: Bool) -> Ask? {
        guard ticket.epoch == epoch, let ask = asks[ticket.sequence], ask.peer == peer else { return nil }
        asks[ticket.sequence] = nil
        roster.release(peer, wasFinished: wasFinished)
        return ask
    }

    /// Takes all asks of a peer that is no longer in the roster, or has nothing held there.
    private mutating func takeAll(of peer: PeerID) -> [(sequence: Int64, ask: Ask)] {
        let own = asks.filter { $0.value.peer == peer }.sorted { $0.key < $1.key }
        for (sequence, _) in own { asks[sequence] = nil }
        return own.map { ($0.key, $0.value) }
    }

    /// Puts the shares of lost asks back to the front, in order, unless another worker is still asked for them.
    private mutating func lose(_ lost: [(sequence: Int64, ask: Ask)], unsent: Set<LeaseTicket> = []) -> [Action] {
        var again: [Share] = []
        var actions: [Action] = []
        for (sequence, ask) in lost {
            guard var share = shares[ask.share] else { continue }
            share.asks.removeAll { $0 == sequence }
            if !unsent.contains(LeaseTicket(epoch: epoch, sequence: sequence)) { share.losses += 1 }
            shares[ask.share] = share
            guard share.asks.isEmpty else { continue }
            shares[ask.share] = nil
            if share.losses >= timing.deliveryLimit {
                actions.append(giveUp(share.query))
                continue
            }
            counts.reassigned += 1
            again.append(
                Share(query: share.query, parts: share.parts, spread: 1, losses: share.losses, avoids: ask.peer))
        }
        // Giving up one share ends its query, whose other shares must not come back.
        waiting.prepend(contentsOf: again.filter { running[$0.query] != nil })
        return actions
    }

    /// Gives back the places of asks whose queries ended long ago.
    private mutating func abandon() {
        for (sequence, ask) in asks where ask.abandonAt <= clock {
            asks[sequence] = nil
            roster.release(ask.peer, wasFinished: false)
            counts.abandoned += 1
        }
    }

    private mutating func giveUp(_ query: Int64) -> Action {
        counts.unserved += 1
        return .unserved(query: query, missing: forget(query))
    }

    /// Ends a query. Its asks go on occupying their workers' windows.
    ///
    /// - Returns: the parts that are missing.
    @discardableResult
    private mutating func forget(_ query: Int64) -> [String] {
        let missing = running.removeValue(forKey: query)?.unanswered.sorted() ?? []
        waiting.removeAll { $0.query == query }
        for (number, share) in shares where share.query == query { shares[number] = nil }
        return missing
    }

    /// FNV-1a over part and worker, finished by a multiply-shift mix so that short names spread too.
    private static func affinity(_ part: String, _ worker: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ 0xff) &* 0x0000_0100_0000_01b3
        for byte in worker.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash ^= hash >> 33
        hash = hash &* 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 33
        return hash
    }
}
