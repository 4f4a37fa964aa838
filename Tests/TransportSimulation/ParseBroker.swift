// The ingest gateway's parse link around the real `LeaseQueue`: what `IngestGateway` does with it, with a simulated disk.

import Messages
import Transport

/// A deliberate mistake in the driver, to show that the checker sees it.
package enum ParseMistake: String, CaseIterable, Sendable {
    /// Results of an earlier broker are taken for this one's.
    case noEpochCheck
    /// The death of a worker is not noticed.
    case noReleaseAfterDeath
    /// Some answers are dropped, so that the worker's place is never given back.
    case creditLeak
    /// After a failed commit the documents are offered twice.
    case doubleOffer
    /// A document is acknowledged before it is on disk.
    case earlyReceipt
    /// A submission that is sent again under its key is appended again.
    case nonIdempotentAppend
    /// Results are taken without looking whether their lease is live.
    case noLivenessCheck
    /// Documents are given up one delivery too early.
    case earlyGiveUp
    /// A lease that was never sent counts as a failed delivery.
    case unsentBlamed
    /// What a worker holds is counted in leases only.
    case noByteCredit
    /// A worker that leaves in good order is taken for one that died of its documents.
    case goodbyeBlamed
}

final class ParseBroker: BrokerRole {
    private let world: World
    private let checker: ParseChecker
    private let mistake: ParseMistake?
    private let network: () -> SimulatedNetwork?
    private let commitsFailUntil: () -> Int64
    private let epoch: Int64
    /// Documents in memory at once.
    private let feedLimit: Int
    private(set) var queue: LeaseQueue
    /// Documents in the queue or on their way to the disk.
    private var records: Set<Int> = []
    private var lastRead = -1
    private var isReading = false
    private var pendingCommits: [Int: [(document: Int, outcome: Outcome, source: Int?)]] = [:]
    private var nextCommit = 0
    private var pendingAppends: [Int: Submission] = [:]
    private var nextAppend = 0
    private var isAlive = true
    private var unsentLeases: Set<LeaseTicket> = []
    /// The documents of every lease of this life, for `noLivenessCheck`.
    private var history: [LeaseTicket: [Int]] = [:]

    static func entry(_ document: Int) -> LeaseQueue.Entry {
        LeaseQueue.Entry(
            id: SubmissionID(collection: "c", rawOffset: Int64(document)), byteCount: 100 + document % 7 * 50)
    }

    init(
        world: World, checker: ParseChecker, epoch: Int64, timing: Timing, limits: LeaseQueue.Limits, feedLimit: Int,
        mistake: ParseMistake? = nil, commitsFailUntil: @escaping () -> Int64,
        network: @escaping () -> SimulatedNetwork?
    ) {
        self.world = world
        self.checker = checker
        self.epoch = epoch
        self.feedLimit = feedLimit
        self.mistake = mistake
        self.commitsFailUntil = commitsFailUntil
        self.network = network
        var timing = timing
        if mistake == .noReleaseAfterDeath {
            timing.liveness = 1_000_000
            timing.leaseMilliseconds = 1_000_000_000
        }
        if mistake == .earlyGiveUp { timing.deliveryLimit -= 1 }
        queue = LeaseQueue(epoch: epoch, timing: timing, limits: limits)
        checker.brokerStarted()
    }

    // MARK: BrokerRole

    func start() { fill() }

    func tick() {
        perform(queue.tick(now: world.now))
        world.reach(.leaseOverdue, queue.roster.all.reduce(0) { $0 + $1.overdue })
        checker.forget { [queue] in queue.roster.worker($0) == nil }
        fill()
    }

    /// What was on its way to the disk is there, or is not.
    func die() {
        isAlive = false
        countLandmarks()
        for number in pendingCommits.keys.sorted() where world.random.chance(50) {
            world.reach(.commitSurvivedDeath)
            for (document, outcome, source) in pendingCommits[number] ?? [] {
                checker.finish(document, outcome, parsedFrom: source)
            }
        }
        for number in pendingAppends.keys.sorted() where world.random.chance(50) {
            guard let submission = pendingAppends[number] else { continue }
            world.reach(.appendSurvivedDeath)
            append(submission)
        }
    }

    /// Call at the end of a life.
    func countLandmarks() {
        world.reach(.reclaimed, queue.counts.reclaimed)
        world.reach(.lateResult, queue.counts.lateResults)
        world.reach(.gaveUp, queue.counts.gaveUp)
    }

    func receive(_ peer: PeerID, _ message: Upward) {
        switch message {
        case .connected: send(.who, to: peer)
        case .ready(var ready):
            if mistake == .noReleaseAfterDeath { ready.name += "/\(peer.identity)" }
            if mistake == .noByteCredit { ready.windowBytes = nil }
            perform(queue.join(peer, ready, now: world.now))
            send(.heartbeat, to: peer)
        case .heartbeat: perform(queue.heartbeat(peer, now: world.now))
        case .goodbye:
            checker.leaves(peer, queue)
            if mistake == .goodbyeBlamed { unreachable(peer) } else { perform(queue.goodbye(peer, now: world.now)) }
        case .done(let ticket, let load): takeResult(peer, ticket, load)
        case .failed(let ticket, let isHandedBack):
            if mistake == .creditLeak, world.random.chance(50) { return checker.answered(ticket, by: peer) }
            if isHandedBack, queue.isLive(ticket) { checker.handedBack(ticket) }
            checker.answered(ticket, by: peer)
            perform(queue.fail(peer, checked(ticket), reason: "failed", isHandedBack: isHandedBack, now: world.now))
        }
        checker.forget { [queue] in queue.roster.worker($0) == nil }
    }

    // MARK: Results

    private func checked(_ ticket: LeaseTicket) -> LeaseTicket {
        mistake == .noEpochCheck ? LeaseTicket(epoch: epoch, sequence: ticket.sequence) : ticket
    }

    private func takeResult(_ peer: PeerID, _ arrived: LeaseTicket, _ load: Load) {
        if mistake == .creditLeak, world.random.chance(3) { return checker.answered(arrived, by: peer) }
        checker.answered(arrived, by: peer)
        let ticket = checked(arrived)
        if mistake == .noLivenessCheck, !queue.isLive(ticket), let documents = history[ticket] {
            return commit(documents.map { ($0, .parsed, $0) }, entries: [])
        }
        let ids = load.ids.map { Self.entry($0).id }
        if mistake != .noEpochCheck, queue.isLive(ticket), !queue.holds(ticket, ids) {
            world.violate("ticket \(ticket.sequence) is live for other documents than were sent under it")
        }
        guard let finished = queue.finish(peer, ticket, now: world.now) else { return }
        perform(finished.actions)
        let documents = finished.entries.map { Int($0.id.rawOffset) }
        let outcomes = documents.enumerated().map { place, document in
            (document, Outcome.parsed, place < load.ids.count ? load.ids[place] : nil)
        }
        commit(outcomes, entries: finished.entries)
    }

    /// Writes outcomes; after a failure the work is done again.
    private func commit(_ outcomes: [(Int, Outcome, Int?)], entries: [LeaseQueue.Entry]) {
        nextCommit += 1
        let number = nextCommit
        pendingCommits[number] = outcomes
        world.after(world.random.number(1...world.diskLag)) { [self] in
            guard isAlive else { return }
            network()?.broker.run { [self] in
                guard isAlive else { return }
                pendingCommits[number] = nil
                if world.now >= commitsFailUntil() {
                    for (document, outcome, source) in outcomes {
                        checker.finish(document, outcome, parsedFrom: source)
                        records.remove(document)
                    }
                    return fill()
                }
                world.reach(.commitFailed)
                world.note("a commit fails")
                world.after(1000) { [self] in
                    guard isAlive else { return }
                    network()?.broker.run { [self] in commitAgain(outcomes, entries) }
                }
            }
        }
    }

    private func commitAgain(_ outcomes: [(Int, Outcome, Int?)], _ entries: [LeaseQueue.Entry]) {
        guard isAlive else { return }
        guard !entries.isEmpty else { return commit(outcomes, entries: []) }
        checker.excuse(entries.map { Int($0.id.rawOffset) })
        perform(queue.offer(entries, now: world.now))
        if mistake == .doubleOffer { perform(queue.offer(entries, now: world.now)) }
    }

    // MARK: The queue's actions

    private func perform(_ actions: [LeaseQueue.Action]) {
        for case .grant(_, let ticket, _) in actions { unsentLeases.insert(ticket) }
        for action in actions {
            switch action {
            case .grant(let peer, let ticket, let entries): grant(peer, ticket, entries)
            case .askWho(let peer): send(.who, to: peer)
            case .heartbeat(let peer): send(.heartbeat, to: peer)
            case .giveUp(let entry, let reason):
                world.note("document \(entry.id.rawOffset) is given up: \(reason)")
                checker.gaveUp(Int(entry.id.rawOffset), reason: reason)
                commit([(Int(entry.id.rawOffset), .dead(reason: reason), nil)], entries: [])
            }
        }
    }

    private func grant(_ peer: PeerID, _ ticket: LeaseTicket, _ entries: [LeaseQueue.Entry]) {
        defer { unsentLeases.remove(ticket) }
        guard queue.isLive(ticket) else { return world.reach(.grantUnsent) }
        let documents = entries.map { Int($0.id.rawOffset) }
        checker.granted(ticket, documents, to: peer, queue)
        if mistake == .noLivenessCheck { history[ticket] = documents }
        let worker = network()?.links[peer]?.worker
        guard network()?.down(.lease(ticket, Load(ids: documents)), to: peer) == true else {
            world.reach(.grantUnsent)
            return unreachable(peer)
        }
        world.note("lease \(ticket.sequence) of \(documents) to \(peer.identity)")
        checker.sent(ticket, documents, to: peer, window: worker?.window ?? 0, windowBytes: worker?.windowBytes)
    }

    private func send(_ message: Downward, to peer: PeerID) {
        if network()?.down(message, to: peer) == true {
            queue.sent(peer, now: world.now)
        } else if queue.roster.worker(peer) != nil {
            unreachable(peer)
        }
    }

    private func unreachable(_ peer: PeerID) {
        if mistake == .noReleaseAfterDeath { return }
        let unsent = mistake == .unsentBlamed ? [] : unsentLeases
        perform(queue.unreachable(peer, unsent: unsent, now: world.now))
    }

    // MARK: Documents come

    /// Takes documents in; the receipt follows the disk.
    func submit(_ submission: Submission, receipt: @escaping () -> Void) {
        func acknowledge() {
            checker.acknowledge(submission)
            receipt()
        }
        if mistake == .earlyReceipt { acknowledge() }
        nextAppend += 1
        let number = nextAppend
        pendingAppends[number] = submission
        world.after(world.random.number(1...world.diskLag)) { [self] in
            guard isAlive else { return }
            network()?.broker.run { [self] in
                guard isAlive else { return }
                pendingAppends[number] = nil
                append(submission)
                if mistake != .earlyReceipt { acknowledge() }
                fill()
            }
        }
    }

    private func append(_ submission: Submission) {
        checker.append(submission, looksForKey: mistake != .nonIdempotentAppend)
    }

    /// Reads on in the journal while the queue has room.
    private func fill() {
        guard !isReading, records.count < feedLimit else { return }
        isReading = true
        let limit = feedLimit - records.count
        world.after(world.random.number(0...3)) { [self] in
            guard isAlive else { return }
            network()?.broker.run { [self] in
                guard isAlive else { return }
                isReading = false
                let found = checker.unfinished(after: lastRead, limit: limit)
                guard let last = found.last else { return }
                lastRead = last
                records.formUnion(found)
                perform(queue.offer(found.map(Self.entry), now: world.now))
                fill()
            }
        }
    }
}
