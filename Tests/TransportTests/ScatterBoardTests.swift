// The ways of queries over the scatter board, edge by edge.

import Messages
import Testing
import Transport

struct ScatterBoardTests {
    private var board = ScatterBoard(epoch: 7, partsWeightPerWorker: 10)

    // MARK: Spreading

    @Test mutating func aQueryWithoutPartsIsCompleteAtOnce() {
        #expect(board.begin(query: 1, parts: [], deadline: 100, now: 0) == [.complete(query: 1)])
        #expect(board.runningCount == 0)
    }

    @Test mutating func aQueryWithoutWorkersIsNotServed() {
        #expect(
            board.begin(query: 1, parts: parts(2), deadline: 100, now: 0)
                == [.unserved(query: 1, missing: ["s0", "s1"])])
        #expect(board.counts.unserved == 1)
        #expect(board.runningCount == 0)
    }

    @Test mutating func workersWithClosedWindowsAreNone() {
        _ = board.join(ada, ready("a", window: 0), now: 0)
        #expect(board.begin(query: 1, parts: parts(1), deadline: 100, now: 0).ends.count == 1)
    }

    @Test(arguments: [(-5, 1), (0, 1), (1, 1), (10, 1), (11, 2), (20, 2), (21, 3), (Int.max, Int.max / 10 + 1)])
    func aQueryIsWorthAWorkerForEachWeight(weight: Int, workers: Int) {
        #expect(board.spread(weight: weight) == workers)
    }

    @Test mutating func aLightQueryGoesToOneWorkerTheLeastLoaded() {
        _ = board.join(ada, ready("a", window: 4), now: 0)
        _ = board.join(bob, ready("b", window: 4), now: 0)
        let first = board.begin(query: 1, parts: parts(3), deadline: 100, now: 0).asks
        #expect(first.map(\.peer) == [ada])
        #expect(first[0].parts == ["s0", "s1", "s2"])
        #expect(board.begin(query: 2, parts: parts(3), deadline: 100, now: 0).asks.map(\.peer) == [bob])
    }

    @Test mutating func aHeavyQuerysPartsAreDisjointAndWhole() {
        for (peer, name) in [(ada, "a"), (bob, "b"), (cid, "c")] { _ = board.join(peer, ready(name, window: 4), now: 0) }
        let asks = board.begin(query: 1, parts: parts(40, weight: 10), deadline: 100, now: 0).asks
        #expect(asks.count == 3)
        #expect(asks.flatMap(\.parts).count == 40)
        #expect(Set(asks.flatMap(\.parts)) == Set((0..<40).map { "s\($0)" }))
    }

    @Test mutating func partsStayWithTheirWorkersFromQueryToQueryAndWhenAnotherJoins() {
        for (peer, name) in [(ada, "a"), (bob, "b")] { _ = board.join(peer, ready(name, window: 4), now: 0) }
        func homes(_ asks: [Ask]) -> [String: PeerID] {
            Dictionary(uniqueKeysWithValues: asks.flatMap { ask in ask.parts.map { ($0, ask.peer) } })
        }
        let first = homes(board.begin(query: 1, parts: parts(40, weight: 10), deadline: 100, now: 0).asks)
        #expect(first == homes(board.begin(query: 2, parts: parts(40, weight: 10), deadline: 100, now: 0).asks))
        _ = board.join(cid, ready("c", window: 4), now: 0)
        let third = homes(board.begin(query: 3, parts: parts(40, weight: 10), deadline: 100, now: 0).asks)
        let moved = third.filter { $0.value != first[$0.key] }
        #expect(Set(moved.values) == [cid])
    }

    // MARK: Answers

    @Test mutating func aQueryIsCompleteWhenAllPartsAreAnswered() {
        let asks = beginOnTwo()
        #expect(asks.count == 2)
        let first = board.answer(asks[0].peer, asks[0].ticket, now: 1)
        #expect(first?.query == 1)
        #expect(first?.parts == asks[0].parts)
        #expect(board.settle(1) == [])
        #expect(board.answer(asks[1].peer, asks[1].ticket, now: 2)?.parts == asks[1].parts)
        #expect(board.settle(1) == [.complete(query: 1)])
        #expect(board.settle(1) == [])
        #expect(board.askCount == 0)
    }

    @Test mutating func anAnswerCountsOnce() {
        let asks = beginOnTwo()
        #expect(board.answer(asks[0].peer, asks[0].ticket, now: 1) != nil)
        #expect(board.answer(asks[0].peer, asks[0].ticket, now: 1) == nil)
        #expect(board.counts.lateAnswers == 1)
    }

    @Test mutating func anAnswerOfAnotherEpochOrPeerIsLate() {
        let asks = beginOnTwo()
        let old = LeaseTicket(epoch: 6, sequence: asks[0].ticket.sequence)
        #expect(board.answer(asks[0].peer, old, now: 1) == nil)
        #expect(board.answer(asks[1].peer, asks[0].ticket, now: 1) == nil)
        #expect(board.fail(asks[1].peer, asks[0].ticket, now: 1) == [])
        #expect(board.answer(asks[0].peer, asks[0].ticket, now: 1) != nil)
        #expect(board.counts.lateAnswers == 3)
    }

    // MARK: Deadlines and cancelling

    @Test mutating func aQueryExpiresAtItsDeadlineWithWhatIsMissing() {
        let asks = beginOnTwo(deadline: 200)
        _ = board.answer(asks[0].peer, asks[0].ticket, now: 1)
        #expect(board.tick(now: 199).ends == [])
        #expect(board.tick(now: 200).ends == [.expired(query: 1, missing: asks[1].parts.sorted())])
        #expect(board.answer(asks[1].peer, asks[1].ticket, now: 201) == nil)
        #expect(board.settle(1) == [])
        #expect(board.counts.expired == 1)
    }

    @Test mutating func aCancelledQueryNeverEnds() {
        let asks = beginOnTwo(deadline: 200)
        board.cancel(1)
        #expect(board.runningCount == 0)
        #expect(board.tick(now: 200).ends == [])
        #expect(board.answer(asks[0].peer, asks[0].ticket, now: 201) == nil)
        #expect(board.roster.worker(asks[0].peer)?.held == 0)
    }

    @Test mutating func aForgottenQuerysWorkOccupiesItsPlaceUntilItIsAnswered() {
        _ = board.join(ada, ready("a", window: 1), now: 0)
        let ask = board.begin(query: 1, parts: parts(1), deadline: 5000, now: 0).asks[0]
        board.cancel(1)
        #expect(board.begin(query: 2, parts: parts(1), deadline: 5000, now: 1) == [])
        #expect(board.answer(ada, ask.ticket, now: 2) == nil)
        #expect(board.tick(now: 3).asks.map(\.query) == [2])
    }

    @Test mutating func anAskThatIsNeverAnsweredGivesItsPlaceBackAnExpiryAfterTheDeadline() {
        _ = board.join(ada, ready("a", window: 1), now: 0)
        _ = board.begin(query: 1, parts: parts(1), deadline: 1000, now: 0)
        for time in stride(from: Int64(500), through: 3999, by: 500) { _ = tickAlive([ada], now: time) }
        #expect(board.askCount == 1)
        _ = tickAlive([ada], now: 4000)
        #expect(board.askCount == 0)
        #expect(board.counts.abandoned == 1)
        #expect(board.roster.worker(ada)?.held == 0)
    }

    @Test mutating func aThousandForgottenQueriesLeaveNothingBehind() {
        _ = board.join(ada, ready("a", window: 4), now: 0)
        for query in 1...1000 {
            let time = Int64(query)
            _ = board.begin(query: Int64(query), parts: parts(3), deadline: time + 10, now: time)
            _ = tickAlive([ada], now: time)
            if query % 3 == 0 { board.cancel(Int64(query)) }
        }
        #expect(board.askCount == 4)
        #expect(board.waitingCount <= 11)
        _ = tickAlive([ada], now: 1100)
        #expect(board.runningCount + board.waitingCount == 0)
        for time in stride(from: Int64(1500), through: 5000, by: 500) { _ = tickAlive([ada], now: time) }
        #expect(board.askCount == 0)
        #expect(board.roster.worker(ada)?.held == 0)
    }

    // MARK: Windows

    @Test mutating func aQueryWaitsWhileEveryWindowIsFull() {
        _ = board.join(ada, ready("a", window: 1), now: 0)
        let first = board.begin(query: 1, parts: parts(1), deadline: 5000, now: 0).asks[0]
        #expect(board.begin(query: 2, parts: parts(1), deadline: 5000, now: 0) == [])
        #expect(board.begin(query: 3, parts: parts(1), deadline: 5000, now: 0) == [])
        #expect(board.waitingCount == 2)
        _ = board.answer(ada, first.ticket, now: 1)
        let next = board.settle(1)
        #expect(next.ends == [.complete(query: 1)])
        #expect(next.asks.map(\.query) == [2])
        #expect(board.roster.worker(ada)?.held == 1)
    }

    @Test mutating func aWaitingQueryIsServedByANewWorkerAndByAWiderWindow() {
        _ = board.join(ada, ready("a", window: 1), now: 0)
        for query in 1...3 { _ = board.begin(query: Int64(query), parts: parts(1), deadline: 5000, now: 0) }
        #expect(board.join(bob, ready("b", window: 1), now: 1).asks.map(\.query) == [2])
        #expect(board.join(ada, ready("a", window: 2), now: 2).asks.map(\.query) == [3])
    }

    @Test mutating func aWaitingQueryExpiresOrEndsWithTheLastWorker() {
        _ = board.join(ada, ready("a", window: 1), now: 0)
        for query in 1...3 { _ = board.begin(query: Int64(query), parts: parts(1), deadline: query == 2 ? 100 : 5000, now: 0) }
        #expect(board.tick(now: 100).ends == [.expired(query: 2, missing: ["s0"])])
        #expect(
            Set(board.gone(ada, now: 101)) == [.unserved(query: 1, missing: ["s0"]), .unserved(query: 3, missing: ["s0"])])
        #expect(board.runningCount + board.waitingCount + board.askCount == 0)
    }

    // MARK: Heartbeats

    @Test mutating func aStrangerIsAskedWhoItIs() {
        #expect(board.heartbeat(ada, now: 0) == [.askWho(ada)])
        _ = board.join(ada, ready("a"), now: 0)
        #expect(board.heartbeat(ada, now: 1) == [])
    }

    @Test mutating func anIdleLinkGetsAHeartbeatAndAnAskSparesIt() {
        _ = board.join(ada, ready("a", window: 2), now: 0)
        #expect(board.tick(now: 1000).heartbeats == [ada])
        board.sent(ada, now: 1000)
        _ = board.begin(query: 1, parts: parts(1), deadline: 60_000, now: 1500)
        #expect(board.tick(now: 2400).heartbeats == [])
        #expect(board.tick(now: 2500).heartbeats == [ada])
    }

    // MARK: Help

    /// A query of forty heavy parts on two workers.
    private mutating func beginOnTwo(deadline: Int64 = 5000) -> [Ask] {
        _ = board.join(ada, ready("a", window: 4), now: 0)
        _ = board.join(bob, ready("b", window: 4), now: 0)
        return board.begin(query: 1, parts: parts(40, weight: 10), deadline: deadline, now: 0).asks
    }

    private mutating func tickAlive(_ peers: [PeerID], now: Int64) -> [ScatterBoard.Action] {
        for peer in peers { _ = board.heartbeat(peer, now: now) }
        return board.tick(now: now)
    }
}
