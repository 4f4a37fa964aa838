// Every sequence of a few events, up to a length, on two workers and a handful of documents: the invariants hold after each.

import Messages
import Testing
import Transport

struct LeaseQueueExhaustiveTests {
    /// What can happen; leases are named by age: 0 is the oldest that was granted.
    private enum Event: CaseIterable {
        case offer, joinAda, joinAdaAnew, joinBob, closeAda, finishOldest, finishNewest, finishByOther, failOldest
        case handBackNewest, goodbyeAda, unreachableAda, unsentNewest, shortTick, expiryTick, leaseTick
    }

    /// A queue, and what one who watches it from outside knows.
    private struct Watched {
        var queue: LeaseQueue
        var now: Int64 = 0
        var boot = 1
        var offered = 0
        var gone: Set<Int> = []
        /// All grants so far.
        var grants: [Grant] = []
        var windows: [PeerID: Int] = [:]
        var failed = false

        mutating func take(_ actions: [LeaseQueue.Action]) {
            grants += actions.grants
            for document in actions.givenUp { finish(document) }
        }

        mutating func finish(_ document: Int) {
            if !gone.insert(document).inserted { failed = true }
        }
    }

    @Test(arguments: [(window: 2, limit: 1, length: 3), (2, 2, 4), (3, 3, 4)])
    func theInvariantsHoldAfterEverySequenceOfEvents(window: Int, limit: Int, length: Int) {
        var timing = Timing()
        timing.deliveryLimit = limit
        var start = Watched(queue: evenQueue(timing: timing))
        apply(.offer, to: &start, window: window)
        apply(.joinAda, to: &start, window: window)
        var path: [Event] = []
        var count = 0
        explore(start, depth: length, window: window, &path, &count)
        let kinds = Event.allCases.count
        #expect(count == (1...length).reduce(0) { sum, length in sum + (1...length).reduce(1) { power, _ in power * kinds } })
    }

    private func explore(_ state: Watched, depth: Int, window: Int, _ path: inout [Event], _ count: inout Int) {
        guard depth > 0 else { return }
        for event in Event.allCases {
            var next = state
            path.append(event)
            apply(event, to: &next, window: window)
            count += 1
            if let broken = brokenInvariant(next) {
                Issue.record("\(broken) after \(path)")
            } else {
                explore(next, depth: depth - 1, window: window, &path, &count)
            }
            path.removeLast()
        }
    }

    private func apply(_ event: Event, to state: inout Watched, window: Int) {
        state.now += 1
        let oldest = state.grants.first { state.queue.isLive($0.ticket) }
        let newest = state.grants.last { state.queue.isLive($0.ticket) }
        switch event {
        case .offer:
            let new = entries(state.offered + 1...state.offered + 3)
            state.offered += 3
            state.take(state.queue.offer(new, now: state.now))
        case .joinAda: join(ada, "a", window, &state)
        case .joinAdaAnew:
            state.boot += 1
            join(ada, "a", window, &state)
        case .joinBob: join(bob, "b", window, &state)
        case .closeAda: join(ada, "a", 0, &state)
        case .finishOldest, .finishNewest, .finishByOther:
            guard let grant = event == .finishNewest ? newest : oldest else { return }
            let peer = event == .finishByOther ? cid : grant.peer
            guard let result = state.queue.finish(peer, grant.ticket, now: state.now) else { return }
            for entry in result.entries { state.finish(Int(entry.id.rawOffset)) }
            state.take(result.actions)
        case .failOldest:
            guard let grant = oldest else { return }
            state.take(state.queue.fail(grant.peer, grant.ticket, reason: "x", isHandedBack: false, now: state.now))
        case .handBackNewest:
            guard let grant = newest else { return }
            state.take(state.queue.fail(grant.peer, grant.ticket, reason: "x", isHandedBack: true, now: state.now))
        case .goodbyeAda: state.take(state.queue.goodbye(ada, now: state.now))
        case .unreachableAda: state.take(state.queue.unreachable(ada, now: state.now))
        case .unsentNewest:
            guard let grant = newest else { return }
            state.take(state.queue.unreachable(grant.peer, unsent: [grant.ticket], now: state.now))
        case .shortTick: tick(100, &state)
        case .expiryTick: for _ in 1...4 { tick(1000, &state) }
        case .leaseTick:
            for _ in 1...31 {
                for peer in [ada, bob] { _ = state.queue.heartbeat(peer, now: state.now) }
                tick(1000, &state)
            }
        }
    }

    private func join(_ peer: PeerID, _ name: String, _ window: Int, _ state: inout Watched) {
        state.windows[peer] = max(window, state.windows[peer] ?? 0)
        let boot = peer == ada ? "\(state.boot)" : "1"
        state.take(state.queue.join(peer, ready(name, boot: boot, window: window), now: state.now))
    }

    private func tick(_ milliseconds: Int64, _ state: inout Watched) {
        state.now += milliseconds
        state.take(state.queue.tick(now: state.now))
    }

    private func brokenInvariant(_ state: Watched) -> String? {
        let queue = state.queue
        if state.failed { return "a document ended twice" }
        if queue.waitingCount + queue.leasedCount + state.gone.count != state.offered {
            return "\(queue.waitingCount) wait, \(queue.leasedCount) are leased, \(state.gone.count) are done"
        }
        let live = state.grants.filter { queue.isLive($0.ticket) }
        let documents = live.flatMap(\.offsets)
        if Set(documents).count != documents.count { return "a document is leased twice" }
        if !state.gone.isDisjoint(with: documents) { return "a document that ended is leased" }
        if live.count != queue.leaseCount || documents.count != queue.leasedCount { return "the counts are wrong" }
        for worker in queue.roster.all {
            let own = live.count { $0.peer == worker.peer }
            if worker.liveCount != own { return "\(worker.ready.name) holds \(own), and \(worker.liveCount) are counted" }
            if worker.held > state.windows[worker.peer] ?? 0 { return "\(worker.ready.name) holds more than its window" }
        }
        if live.contains(where: { queue.roster.worker($0.peer) == nil }) { return "a worker that is gone holds a lease" }
        let isStalled = queue.waitingCount > 0 && live.isEmpty && queue.roster.all.contains { $0.held == 0 && $0.hasRoom }
        return isStalled ? "documents wait although a worker is idle" : nil
    }
}
