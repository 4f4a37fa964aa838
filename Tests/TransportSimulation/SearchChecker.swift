// What must hold of the search link, kept apart from the code under test.

import Messages
import Transport

final class SearchChecker {
    private struct Open {
        let parts: Set<Int>
        let begun: Int64
        let deadline: Int64
        var merged: Set<Int> = []
        var askCount = 0
    }

    private let world: World
    private let timing: Timing
    private var open: [Int64: Open] = [:]
    private(set) var endedCount = 0
    private(set) var completeCount = 0
    private var unanswered: [PeerID: [LeaseTicket: Int64]] = [:]
    /// Asks whose places may be given back without an answer, because there was none.
    private(set) var silentAsks = 0
    /// A worker that nothing ever happens to, and which takes work, answers every query.
    let hasSteadyWorker: Bool

    init(world: World, timing: Timing, hasSteadyWorker: Bool) {
        self.world = world
        self.timing = timing
        self.hasSteadyWorker = hasSteadyWorker
    }

    var openCount: Int { open.count }

    /// The broker died: whoever asked sees the connection break.
    func brokerStarted() {
        open = [:]
        unanswered = [:]
        silentAsks = 0
    }

    func begin(_ query: Int64, parts: Int, deadline: Int64) {
        open[query] = Open(parts: Set(0..<parts), begun: world.now, deadline: deadline)
    }

    func asked(_ query: Int64, _ ticket: LeaseTicket, of peer: PeerID, window: Int) {
        guard var state = open[query] else { return world.violate("query \(query) is asked for after its end") }
        state.askCount += 1
        open[query] = state
        unanswered[peer, default: [:]][ticket] = state.deadline + timing.expiryMilliseconds
        let count = unanswered[peer]?.count ?? 0
        if count > window { world.violate("\(count) asks are held by a worker with a window of \(window)") }
    }

    func answered(_ ticket: LeaseTicket, by peer: PeerID) { unanswered[peer]?[ticket] = nil }

    /// Forgets workers that the broker no longer knows.
    func forget(where isGone: (PeerID) -> Bool) {
        for peer in unanswered.keys where isGone(peer) { unanswered[peer] = nil }
    }

    /// The broker looks at the clock: places of asks that nobody will answer are free from now on.
    func tick() {
        for (peer, asks) in unanswered {
            for (ticket, until) in asks where until <= world.now {
                silentAsks += 1
                unanswered[peer]?[ticket] = nil
            }
        }
    }

    /// The broker has looked at the clock: no query is open after its deadline. How late that is depends on how long the
    /// broker slept, how often it likes, so this is the exact law.
    func ticked() {
        for (query, state) in open.sorted(by: { $0.key < $1.key }) where state.deadline <= world.now {
            world.violate("query \(query) is open \(world.now - state.deadline) ms after its deadline")
        }
    }

    /// The content of an answer is merged into a query's.
    func merge(_ query: Int64, _ parts: [Int]) {
        guard var state = open[query] else {
            return world.violate("an answer is merged into query \(query) after its end")
        }
        for part in parts where !state.merged.insert(part).inserted {
            world.violate("part \(part) of query \(query) is counted twice")
        }
        open[query] = state
    }

    enum End { case complete, expired, unserved }

    func end(_ query: Int64, _ end: End, missing: [Int], openWorkers: Int) {
        guard let state = open.removeValue(forKey: query) else { return world.violate("query \(query) ends twice") }
        endedCount += 1
        if Set(missing) != state.parts.subtracting(state.merged) {
            world.violate("query \(query) ends with \(missing) missing, and \(state.merged) merged")
        }
        let isLost = state.askCount >= timing.deliveryLimit
        switch end {
        case .complete: completeCount += 1
        case .expired:
            if world.now < state.deadline { world.violate("query \(query) expires before its deadline") }
            if hasSteadyWorker { world.violate("query \(query) expires although a worker is there") }
        case .unserved:
            if openWorkers > 0, !isLost { world.violate("query \(query) is not served although a worker is there") }
        }
    }

    func judge(_ board: ScatterBoard) {
        for query in open.keys.sorted() { world.violate("query \(query) has no end") }
        if board.runningCount + board.waitingCount > 0 {
            world.violate("\(board.waitingCount) shares wait after the end")
        }
        if board.askCount > 0 { world.violate("\(board.askCount) asks occupy windows after the end") }
        for worker in board.roster.all where worker.held > 0 {
            world.violate("\(worker.ready.name) still has \(worker.held) places taken after the end")
        }
        if board.counts.abandoned > silentAsks {
            world.violate("\(board.counts.abandoned) asks were abandoned, and only \(silentAsks) never answered")
        }
    }
}
