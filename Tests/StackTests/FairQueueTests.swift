// Turns: the queue as a value, against a model and by its promise; the gate as requests meet it.

import Messages
import Synchronization
import Testing

@testable import QueryService

@Suite(.timeLimit(.minutes(2))) struct FairQueueTests {
    /// The same numbers for the same seed.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    @Test func aFloodOfOneKeyIsPassedByAnother() {
        var queue = FairQueue(limit: 2)
        #expect(queue.enter("flood", now: 0) == nil)
        #expect(queue.enter("flood", now: 0) == nil)
        let flood = (0..<100).compactMap { _ in queue.enter("flood", now: 0) }
        #expect(flood.count == 100)
        let quiet = queue.enter("quiet", now: 0)
        // One of the flood is ahead, then it is the other key's turn.
        #expect(queue.leave() == [flood[0]])
        #expect(queue.leave() == [quiet])
        #expect(queue.leave() == [flood[1]])
    }

    @Test(arguments: 1...20)
    func nobodyIsLostAndKeysTakeTurns(_ seed: Int) {
        var random = Generator(state: UInt64(seed))
        var queue = FairQueue(limit: 3)
        var inside = 0
        var waiting: [FairQueue.Ticket: (key: Int, since: Int64)] = [:]
        /// Others that were let in since a ticket is the first of its key, by key.
        var passed: [FairQueue.Ticket: [Int: Int]] = [:]
        func admit(_ tickets: [FairQueue.Ticket]) {
            for ticket in tickets {
                let key = waiting.removeValue(forKey: ticket)?.key
                #expect(key != nil, "seed \(seed): ticket \(ticket) was named twice")
                inside += 1
                passed[ticket] = nil
                let first = Dictionary(grouping: waiting, by: \.value.key).compactMap { $0.value.map(\.key).min() }
                for other in first where waiting[other]?.key != key {
                    passed[other, default: [:]][key ?? -1, default: 0] += 1
                    // Within one wait at the head of its key's queue each other key passes at most once, and once more
                    // for the turn that was running.
                    #expect(passed[other]?[key ?? -1] ?? 0 <= 2, "seed \(seed)")
                }
            }
        }
        for now in 0..<2000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let key = Int.random(in: 0..<8, using: &random) < 6 ? 0 : Int.random(in: 1..<4, using: &random)
                if let ticket = queue.enter("\(key)", now: Int64(now)) {
                    waiting[ticket] = (key, Int64(now))
                } else {
                    inside += 1
                }
            case 5..<9 where inside > 0:
                inside -= 1
                admit(queue.leave())
            default:
                let late = queue.expire(before: Int64(now) - 300)
                for ticket in late {
                    #expect(waiting.removeValue(forKey: ticket).map { $0.since < now - 300 } == true, "seed \(seed)")
                    passed[ticket] = nil
                }
            }
            #expect(queue.inside == inside && inside <= 3 && queue.waitingCount == waiting.count, "seed \(seed)")
            #expect(waiting.isEmpty || inside == 3, "seed \(seed): somebody waits while there is room")
        }
    }

    @Test func aRaisedLimitLetsMoreIn() {
        var queue = FairQueue(limit: 1)
        _ = queue.enter("a", now: 0)
        let tickets = (0..<4).compactMap { queue.enter("\($0)", now: 0) }
        #expect(queue.widen(to: 4) == Array(tickets.prefix(3)))
        #expect(queue.inside == 4)
    }

    @Test func whoseTurnDoesNotComeIsRefused() async throws {
        let clock = Mutex<Int64>(0)
        let gate = FairGate { clock.withLock { $0 } }
        for _ in 0..<FairGate.leastInside { try await gate.enter("a") }
        let late = Task { try await gate.enter("b") }
        while gate.counters.waiting == 0 { await Task.yield() }
        clock.withLock { $0 = FairGate.patience + 1 }
        let ticking = Task { await gate.run { 0 } }
        await #expect(throws: RetryLater.self) { try await late.value }
        #expect(gate.counters.refused == 1)
        let next = Task { try await gate.enter("c") }
        while gate.counters.waiting == 0 { await Task.yield() }
        gate.leave()
        try await next.value
        ticking.cancel()
        await ticking.value
    }
}
