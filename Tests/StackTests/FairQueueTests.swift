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
        // The flood has more in than a key that is not alone may have.
        #expect(queue.leave("flood") == [quiet])
        #expect(queue.leave("flood") == [flood[0]])
        #expect(queue.leave("quiet") == [])
        #expect(queue.leave("flood") == [flood[1]])
        // Nobody else has asked for long.
        #expect(queue.forget(before: 1) == [flood[2]])
    }

    @Test func aKeyLeavesAThreadToEachOther() {
        var queue = FairQueue(limit: 8, threads: 4)
        #expect(queue.enter("plain", now: 0) == nil)
        #expect(queue.leave("plain") == [])
        let costly = (0..<8).map { _ in queue.enter("costly", now: 1) }
        #expect(costly.prefix(3).allSatisfy { $0 == nil } && costly.dropFirst(3).allSatisfy { $0 != nil })
        #expect(queue.enter("plain", now: 2) == nil)
        #expect(queue.enter("third", now: 2) == nil)
        // Two others now: two threads of the four.
        #expect(queue.leave("costly") == [])
        #expect(queue.leave("costly") == [costly[3]])
        #expect(queue.leave("plain") == [] && queue.leave("third") == [])
        // Alone again, it has room for all.
        #expect(queue.forget(before: 3) == costly.dropFirst(4).compactMap(\.self))
    }

    @Test(arguments: 1...20)
    func nobodyIsLostAndKeysTakeTurns(_ seed: Int) {
        var random = Generator(state: UInt64(seed))
        let threads = 1 + seed % 3
        var queue = FairQueue(limit: 3, threads: threads)
        var inside: [Int: Int] = [:]
        var asked: [Int: Int64] = [:]
        var waiting: [FairQueue.Ticket: (key: Int, since: Int64)] = [:]
        var share: Int { asked.count > 1 ? max(1, threads - (asked.count - 1)) : 3 }
        func admit(_ tickets: [FairQueue.Ticket]) {
            for ticket in tickets {
                guard let key = waiting.removeValue(forKey: ticket)?.key else {
                    Issue.record("seed \(seed): ticket \(ticket) was named twice")
                    continue
                }
                #expect(!waiting.contains { $0.value.key == key && $0.key < ticket }, "seed \(seed): out of order")
                #expect(inside[key, default: 0] < share, "seed \(seed)")
                inside[key, default: 0] += 1
            }
        }
        for now in 0..<2000 {
            switch Int.random(in: 0..<11, using: &random) {
            case 0..<5:
                let key = Int.random(in: 0..<8, using: &random) < 6 ? 0 : Int.random(in: 1..<4, using: &random)
                asked[key] = Int64(now)
                if let ticket = queue.enter("\(key)", now: Int64(now)) {
                    waiting[ticket] = (key, Int64(now))
                } else {
                    #expect(inside[key, default: 0] < share, "seed \(seed)")
                    inside[key, default: 0] += 1
                }
            case 5..<9 where !inside.isEmpty:
                guard let key = inside.keys.sorted().randomElement(using: &random) else { continue }
                inside[key] = inside[key] == 1 ? nil : inside[key, default: 0] - 1
                admit(queue.leave("\(key)"))
            case 9:
                let keys = Set(waiting.values.map(\.key)).union(inside.keys)
                asked = asked.filter { $0.value >= Int64(now) - 20 || keys.contains($0.key) }
                admit(queue.forget(before: Int64(now) - 20))
            default:
                for ticket in queue.expire(before: Int64(now) - 300) {
                    #expect(waiting.removeValue(forKey: ticket).map { $0.since < now - 300 } == true, "seed \(seed)")
                }
            }
            let count = inside.values.reduce(0, +)
            #expect(queue.inside == count && count <= 3 && queue.waitingCount == waiting.count, "seed \(seed)")
            if count < 3 {
                for key in Set(waiting.values.map(\.key)) {
                    #expect(inside[key, default: 0] >= share, "seed \(seed): \(key) waits while there is room")
                }
            }
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
        gate.leave("a")
        try await next.value
        ticking.cancel()
        await ticking.value
    }
}
