// The query gateway's search link around the real `ScatterBoard`: what `SearchLink` does with it.

import Messages
import Transport

/// A deliberate mistake in the driver, to show that the checker sees it.
package enum SearchMistake: String, CaseIterable, Sendable {
    /// Answers to an earlier broker are taken for this one's.
    case noEpochCheck
    /// The death of a worker is not noticed.
    case noReassignment
    /// Some answers are dropped before the board hears of them.
    case creditLeak
    /// The second answer to a hedged part is merged too.
    case doubleMerge
    /// The clock is looked at, and deadlines are not.
    case noDeadline
}

final class SearchBroker: BrokerRole {
    private let world: World
    private let checker: SearchChecker
    private let mistake: SearchMistake?
    private let network: () -> SimulatedNetwork?
    private let epoch: Int64
    private(set) var board: ScatterBoard
    private var unsentAsks: Set<LeaseTicket> = []

    init(
        world: World, checker: SearchChecker, epoch: Int64, timing: Timing, mistake: SearchMistake?,
        network: @escaping () -> SimulatedNetwork?
    ) {
        self.world = world
        self.checker = checker
        self.epoch = epoch
        self.mistake = mistake
        self.network = network
        var timing = timing
        if mistake == .noReassignment {
            timing.liveness = 1_000_000
            timing.hedgeMilliseconds = 1_000_000_000
        }
        board = ScatterBoard(epoch: epoch, timing: timing, partsWeightPerWorker: 2)
        checker.brokerStarted()
    }

    // MARK: BrokerRole

    func start() {}

    func die() { countLandmarks() }

    /// Call at the end of a life.
    func countLandmarks() {
        world.reach(.hedged, board.counts.hedged)
        world.reach(.reassigned, board.counts.reassigned)
        world.reach(.askAbandoned, board.counts.abandoned)
        world.reach(.queryExpired, board.counts.expired)
        world.reach(.queryUnserved, board.counts.unserved)
        world.reach(.lateAnswer, board.counts.lateAnswers)
    }

    func tick() {
        checker.tick()
        perform(board.tick(now: world.now))
        checker.ticked()
        checker.forget { [board] in board.roster.worker($0) == nil }
    }

    func receive(_ peer: PeerID, _ message: Upward) {
        switch message {
        case .connected: send(.who, to: peer)
        case .ready(var ready):
            if mistake == .noReassignment { ready.name += "/\(peer.identity)" }
            perform(board.join(peer, ready, now: world.now))
            send(.heartbeat, to: peer)
        case .heartbeat: perform(board.heartbeat(peer, now: world.now))
        case .goodbye: perform(board.gone(peer, now: world.now))
        case .done(let ticket, let load): takeResult(peer, ticket, load)
        case .failed(let ticket, _):
            checker.answered(ticket, by: peer)
            perform(board.fail(peer, checked(ticket), now: world.now))
        }
        checker.forget { [board] in board.roster.worker($0) == nil }
    }

    func begin(_ query: Int64, parts: Int, deadline: Int64) {
        checker.begin(query, parts: parts, deadline: deadline)
        world.note("query \(query) of \(parts) parts begins")
        let named = (0..<parts).map { ScatterBoard.Part(name: "s\($0)", weight: 1) }
        let latest = mistake == .noDeadline ? deadline + 1000 : deadline
        perform(board.begin(query: query, parts: named, deadline: latest, now: world.now))
        world.reach(.queryWaited, board.waitingCount)
    }

    // MARK: Answers

    private func checked(_ ticket: LeaseTicket) -> LeaseTicket {
        mistake == .noEpochCheck ? LeaseTicket(epoch: epoch, sequence: ticket.sequence) : ticket
    }

    private func takeResult(_ peer: PeerID, _ ticket: LeaseTicket, _ load: Load) {
        checker.answered(ticket, by: peer)
        if mistake == .creditLeak, world.random.chance(3) { return }
        guard let (query, parts) = board.answer(peer, checked(ticket), now: world.now) else {
            if mistake == .doubleMerge, ticket.epoch == epoch { checker.merge(load.query, load.ids) }
            return
        }
        if query != load.query || Set(parts) != Set(load.ids.map { "s\($0)" }) {
            world.violate("an answer to query \(load.query) counts for query \(query)")
        }
        checker.merge(query, load.ids)
        perform(board.settle(query))
    }

    // MARK: The board's actions

    private func perform(_ actions: [ScatterBoard.Action]) {
        for case .ask(_, _, let ticket, _) in actions { unsentAsks.insert(ticket) }
        for action in actions {
            switch action {
            case .ask(let peer, let query, let ticket, let parts): ask(peer, query, ticket, parts)
            case .askWho(let peer): send(.who, to: peer)
            case .heartbeat(let peer): send(.heartbeat, to: peer)
            case .complete(let query): end(query, .complete, [])
            case .expired(let query, let missing): end(query, .expired, missing)
            case .unserved(let query, let missing): end(query, .unserved, missing)
            }
        }
    }

    private func end(_ query: Int64, _ end: SearchChecker.End, _ missing: [String]) {
        world.note("query \(query) is \(end)")
        let openWorkers = board.roster.all.count { $0.ready.window > 0 }
        checker.end(query, end, missing: Self.numbers(missing), openWorkers: openWorkers)
    }

    private func ask(_ peer: PeerID, _ query: Int64, _ ticket: LeaseTicket, _ parts: [String]) {
        defer { unsentAsks.remove(ticket) }
        let window = network()?.links[peer]?.worker.window ?? 0
        let load = Load(query: query, ids: Self.numbers(parts))
        guard network()?.down(.lease(ticket, load), to: peer) == true else { return gone(peer) }
        world.note("ask \(ticket.sequence): query \(query), \(parts), of \(peer.identity)")
        checker.asked(query, ticket, of: peer, window: window)
    }

    private func send(_ message: Downward, to peer: PeerID) {
        if network()?.down(message, to: peer) == true {
            board.sent(peer, now: world.now)
        } else if board.roster.worker(peer) != nil {
            gone(peer)
        }
    }

    private func gone(_ peer: PeerID) {
        if mistake == .noReassignment { return }
        perform(board.gone(peer, unsent: unsentAsks, now: world.now))
    }

    private static func numbers(_ parts: [String]) -> [Int] { parts.compactMap { Int($0.dropFirst()) } }
}
