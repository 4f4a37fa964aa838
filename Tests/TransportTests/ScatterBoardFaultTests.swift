// Queries whose workers fail, hang, die or leave.

import Messages
import Testing
import Transport

struct ScatterBoardFaultTests {
    private var board = ScatterBoard(epoch: 1, partsWeightPerWorker: 1000)

    // MARK: Losing

    @Test mutating func aFailedPartGoesToAnotherWorker() {
        let ask = beginOnAda(others: [bob])
        let again = board.fail(ada, ask.ticket, now: 1).asks
        #expect(again.map(\.peer) == [bob])
        #expect(again[0].parts == ask.parts)
        #expect(board.roster.worker(ada)?.held == 0)
        #expect(board.counts.reassigned == 1)
    }

    @Test mutating func aFailedPartWaitsForABusyWorkerRatherThanFailAtTheSame() {
        let ask = beginOnAda(others: [])
        _ = board.join(bob, ready("b", window: 1), now: 0)
        let busy = board.begin(query: 2, parts: parts(1), deadline: 9000, now: 0).asks[0]
        #expect(busy.peer == bob)
        #expect(board.fail(ada, ask.ticket, now: 1) == [])
        _ = board.answer(bob, busy.ticket, now: 2)
        #expect(board.settle(2).asks.map(\.peer) == [bob])
    }

    @Test mutating func theOnlyWorkerIsAskedAgainUntilTheLimit() {
        var ask = beginOnAda(others: [])
        for _ in 1...2 { ask = board.fail(ada, ask.ticket, now: 1).asks[0] }
        #expect(board.fail(ada, ask.ticket, now: 1) == [.unserved(query: 1, missing: ["s0", "s1"])])
        #expect(board.askCount == 0)
        #expect(board.roster.worker(ada)?.held == 0)
    }

    @Test mutating func aQueryThatKillsItsWorkersIsGivenUpAtTheLimit() {
        _ = beginOnAda(others: [bob, cid])
        var deaths = 0
        var actions = board.join(ada, ready("1", boot: "new"), now: 1)
        while let ask = actions.asks.first, deaths < 10 {
            deaths += 1
            let name = board.roster.worker(ask.peer)?.ready.name ?? ""
            actions = board.join(ask.peer, ready(name, boot: "boot \(deaths)"), now: 2)
        }
        #expect(deaths == 2)
        #expect(actions == [.unserved(query: 1, missing: ["s0", "s1"])])
        #expect(board.roster.all.map(\.held) == [0, 0, 0])
    }

    @Test mutating func anAskThatCouldNotBeSentDoesNotCount() {
        let peers = (10...20).map { PeerID(identity: [$0]) }
        for (number, peer) in peers.enumerated() { _ = board.join(peer, ready("w\(number)"), now: 0) }
        var asks = board.begin(query: 1, parts: parts(2), deadline: 9000, now: 0).asks
        for _ in 1...10 { asks = board.gone(asks[0].peer, unsent: [asks[0].ticket], now: 0).asks }
        #expect(asks.count == 1)
        #expect(board.roster.count == 1)
    }

    @Test mutating func aSilentWorkersPartsGoToAnother() {
        let ask = beginOnAda(others: [])
        _ = pass(from: 0, to: 3000)
        _ = board.join(bob, ready("b"), now: 3000)
        let actions = board.tick(now: 3001)
        #expect(actions.asks.map(\.peer) == [bob])
        #expect(actions.asks[0].parts == ask.parts)
        #expect(board.roster.worker(ada) == nil)
    }

    @Test mutating func withTheLastWorkerTheQueryIsNotServed() {
        _ = beginOnAda(others: [])
        #expect(board.gone(ada, now: 1) == [.unserved(query: 1, missing: ["s0", "s1"])])
    }

    @Test mutating func aWorkerThatTakesTheNameOfAnotherLeaksNoPlace() {
        let ask = beginOnAda(others: [bob])
        #expect(ask.peer == ada)
        // Bob's connection now speaks for a new process of Ada's name: both are replaced at once.
        let actions = board.join(bob, ready("1", boot: "new", window: 4), now: 1)
        #expect(actions.asks.map(\.peer) == [bob])
        #expect(board.roster.worker(bob)?.held == 1)
        _ = board.answer(bob, actions.asks[0].ticket, now: 2)
        #expect(board.settle(1) == [.complete(query: 1)])
        #expect(board.roster.worker(bob)?.held == 0)
    }

    @Test mutating func answersOfAReplacedConnectionAreLate() {
        let before = beginOnAda(others: [])
        let after = board.join(bob, ready("1"), now: 1).asks[0]
        #expect(board.answer(ada, before.ticket, now: 2) == nil)
        #expect(board.answer(bob, after.ticket, now: 2)?.parts == ["s0", "s1"])
    }

    // MARK: Hedging

    @Test mutating func aSlowPartIsAskedOfASecondWorkerAndTheFirstAnswerCounts() {
        let first = beginOnAda(others: [bob])
        #expect(pass(from: 0, to: 240).asks == [])
        let second = board.tick(now: 250).asks
        #expect(second.map(\.peer) == [bob])
        #expect(second[0].parts == first.parts)
        #expect(board.counts.hedged == 1)
        #expect(board.answer(bob, second[0].ticket, now: 260)?.parts == first.parts)
        #expect(board.settle(1) == [.complete(query: 1)])
        #expect(board.answer(ada, first.ticket, now: 270) == nil)
        #expect(board.askCount == 0)
        #expect(board.roster.all.map(\.held) == [0, 0])
    }

    @Test mutating func aHedgeIsMadeAsSoonAsThereIsAnotherWorker() {
        _ = beginOnAda(others: [])
        #expect(pass(from: 0, to: 1000).asks == [])
        _ = board.join(bob, ready("b"), now: 1000)
        #expect(board.tick(now: 1010).asks.map(\.peer) == [bob])
    }

    @Test mutating func aHedgeWhoseWorkerDiesIsMadeAgain() {
        _ = beginOnAda(others: [bob, cid])
        let second = board.tick(now: 250).asks[0]
        #expect(board.gone(second.peer, now: 300) == [])
        #expect(pass(from: 260, to: 740).asks == [])
        let third = board.tick(now: 750).asks
        #expect(third.count == 1)
        #expect(third[0].peer != ada)
        #expect(third[0].peer != second.peer)
    }

    @Test mutating func aHedgeThatFailsLeavesTheFirstAskAndIsMadeAgain() {
        _ = beginOnAda(others: [bob])
        let second = board.tick(now: 250).asks[0]
        #expect(board.fail(bob, second.ticket, now: 260) == [])
        #expect(pass(from: 260, to: 740).asks == [])
        #expect(board.tick(now: 750).asks.map(\.peer) == [bob])
    }

    @Test mutating func twoHangingWorkersDoNotKeepAThirdFromAnswering() {
        _ = beginOnAda(others: [bob, cid])
        let second = board.tick(now: 250).asks[0]
        #expect(pass(from: 260, to: 740).asks == [])
        let third = board.tick(now: 750).asks
        #expect(third.count == 1)
        #expect(Set([ada, second.peer, third[0].peer]).count == 3)
        #expect(pass(from: 760, to: 2500).asks == [])
    }

    @Test mutating func theFirstAnswererMayDieAfterTheHedgeWasMade() {
        _ = beginOnAda(others: [bob])
        let second = board.tick(now: 250).asks[0]
        #expect(board.gone(ada, now: 300) == [])
        #expect(board.answer(bob, second.ticket, now: 310)?.parts == ["s0", "s1"])
        #expect(board.settle(1) == [.complete(query: 1)])
    }

    @Test mutating func aHedgeTakesOnlyFreePlaces() {
        _ = beginOnAda(others: [])
        _ = board.join(bob, ready("b", window: 1), now: 0)
        let busy = board.begin(query: 2, parts: parts(1), deadline: 9000, now: 200).asks[0]
        #expect(busy.peer == bob)
        #expect(pass(from: 200, to: 440).asks == [])
        _ = board.answer(bob, busy.ticket, now: 445)
        #expect(board.settle(2) == [.complete(query: 2)])
        #expect(board.tick(now: 450).asks.map(\.peer) == [bob])
    }

    @Test mutating func endedQueriesAreNotHedged() {
        _ = beginOnAda(others: [bob])
        board.cancel(1)
        #expect(board.tick(now: 250).asks == [])
    }

    @Test mutating func aBrokerThatWasStoppedHedgesNothingBeforeItHasReadTheAnswers() {
        let ask = beginOnAda(others: [bob])
        _ = board.tick(now: 10)
        #expect(board.tick(now: 4000).asks == [])
        #expect(board.answer(ada, ask.ticket, now: 4001) != nil)
        #expect(board.settle(1) == [.complete(query: 1)])
    }

    @Test mutating func aClockThatGoesBackDelaysNoHedge() {
        _ = board.join(ada, ready("a", window: 4), now: 1_000_000)
        _ = board.begin(query: 1, parts: parts(1), deadline: 2_000_000, now: 1_000_000)
        _ = board.join(bob, ready("b", window: 4), now: 1_000_000)
        _ = board.tick(now: 1_000_010)
        #expect(pass(from: 0, to: 240).asks == [])
        #expect(board.tick(now: 250).asks.map(\.peer) == [bob])
    }

    // MARK: Help

    /// Ticks as the driver does.
    private mutating func pass(from start: Int64, to end: Int64) -> [ScatterBoard.Action] {
        stride(from: start, through: end, by: 10).flatMap { board.tick(now: $0) }
    }

    /// A light query on Ada, while others wait.
    private mutating func beginOnAda(others: [PeerID]) -> Ask {
        _ = board.join(ada, ready("1", window: 4), now: 0)
        let ask = board.begin(query: 1, parts: parts(2), deadline: 9000, now: 0).asks[0]
        for (number, peer) in others.enumerated() { _ = board.join(peer, ready("\(number + 2)", window: 4), now: 0) }
        return ask
    }
}
