// Membership, liveness and credit of the workers of one link.

import Messages
import Testing
import Transport

struct WorkerRosterTests {
    private var roster = WorkerRoster(timing: Timing())

    // MARK: Membership

    @Test mutating func aRepeatedReadyReplacesTheWindowAndKeepsWhatIsHeld() {
        #expect(roster.join(ada, ready("a", window: 2), now: 0) == [])
        roster.hold(ada)
        #expect(roster.join(ada, ready("a", window: 5), now: 1) == [])
        #expect(roster.worker(ada)?.held == 1)
        #expect(roster.worker(ada)?.ready.window == 5)
        #expect(roster.count == 1)
    }

    @Test mutating func aNewBootOfANameReplacesTheEarlierOne() {
        _ = roster.join(ada, ready("a", boot: "1"), now: 0)
        roster.hold(ada)
        #expect(roster.join(bob, ready("a", boot: "2"), now: 1) == [ada])
        #expect(roster.worker(ada) == nil)
        #expect(roster.worker(bob)?.held == 0)
    }

    @Test mutating func theSameProcessOnANewConnectionReplacesItsOldConnection() {
        _ = roster.join(ada, ready("a", boot: "1"), now: 0)
        #expect(roster.join(bob, ready("a", boot: "1"), now: 1) == [ada])
        #expect(roster.all.map(\.peer) == [bob])
    }

    @Test mutating func anotherProcessOnTheSameConnectionBeginsWithNothingHeld() {
        _ = roster.join(ada, ready("a", boot: "1"), now: 0)
        roster.hold(ada)
        #expect(roster.join(ada, ready("a", boot: "2"), now: 1) == [ada])
        #expect(roster.worker(ada)?.held == 0)
    }

    @Test mutating func aKnownPeerThatTakesAnothersNameReplacesIt() {
        _ = roster.join(ada, ready("a", boot: "1"), now: 0)
        _ = roster.join(bob, ready("b", boot: "2"), now: 0)
        #expect(roster.join(bob, ready("a", boot: "2"), now: 1) == [ada])
        #expect(roster.all.map(\.peer) == [bob])
    }

    @Test mutating func twoLivingProcessesOfOneNameBothStayAfterTheFirstMixUp() {
        _ = roster.join(ada, ready("a", boot: "1"), now: 0)
        #expect(roster.join(bob, ready("a", boot: "2"), now: 1) == [ada])
        #expect(roster.join(ada, ready("a", boot: "1"), now: 2) == [])
        #expect(roster.join(bob, ready("a", boot: "2"), now: 3) == [])
        #expect(roster.all.map(\.peer) == [ada, bob])
    }

    @Test mutating func aReconnectionIsNoticedAlsoWhereTwoProcessesUseOneName() {
        _ = roster.join(ada, ready("a", boot: "1"), now: 0)
        _ = roster.join(bob, ready("a", boot: "2"), now: 1)
        _ = roster.join(ada, ready("a", boot: "1"), now: 2)
        #expect(roster.join(cid, ready("a", boot: "2"), now: 3) == [bob])
    }

    @Test(arguments: [(Int.min, 0), (-1, 0), (0, 0), (1, 1), (1024, 1024), (1025, 1024), (Int.max, 1024)])
    mutating func aWindowIsBelievedWithinBounds(said: Int, believed: Int) {
        _ = roster.join(ada, ready("a", window: said), now: 0)
        #expect(roster.worker(ada)?.ready.window == believed)
    }

    @Test(arguments: [(Int.min, 1), (0, 1), (1, 1), (Int.max, Int.max)])
    mutating func aWindowOfBytesIsAtLeastOne(said: Int, believed: Int) {
        _ = roster.join(ada, ready("a", windowBytes: said), now: 0)
        #expect(roster.worker(ada)?.ready.windowBytes == believed)
        #expect(roster.worker(ada)?.fits(.max) == true)
        roster.hold(ada, bytes: 7)
        #expect(roster.worker(ada)?.freeBytes == max(0, believed - 7))
    }

    @Test mutating func aReportIsKeptUnlessItIsStrangeOrTooLong() {
        _ = roster.join(ada, ready("a"), now: 0)
        roster.note(WorkerReport(counters: ["joins_total": 3]), of: ada)
        roster.note(WorkerReport(counters: ["joins\n": 4]), of: ada)
        roster.note(WorkerReport(counters: ["": 4]), of: ada)
        roster.note(WorkerReport(counters: [String(repeating: "a", count: 65): 4]), of: ada)
        let many = (0..<33).map { (String(repeating: "b", count: $0 + 1), $0) }
        roster.note(WorkerReport(counters: Dictionary(uniqueKeysWithValues: many)), of: ada)
        roster.note(WorkerReport(counters: ["joins_total": 5]), of: bob)
        #expect(roster.worker(ada)?.report.counters == ["joins_total": 3])
        #expect(roster.all.map(\.report.counters) == [["joins_total": 3]])
    }

    @Test mutating func workersAreListedByNameAndBoot() {
        _ = roster.join(cid, ready("b"), now: 0)
        _ = roster.join(ada, ready("c"), now: 0)
        _ = roster.join(bob, ready("a"), now: 0)
        #expect(roster.all.map(\.ready.name) == ["a", "b", "c"])
    }

    // MARK: Liveness

    @Test(arguments: [(3000, true), (3001, false)] as [(Int64, Bool)])
    mutating func aWorkerIsDeadAfterMoreThanTheExpiryOfSilence(silence: Int64, isAlive: Bool) {
        _ = roster.join(ada, ready("a"), now: 0)
        for time in stride(from: 0, through: silence, by: 100) { _ = roster.look(now: time) }
        #expect(roster.expire(now: silence).isEmpty == isAlive)
        #expect((roster.worker(ada) != nil) == isAlive)
    }

    @Test mutating func aSignOfLifeBeginsTheSilenceAnew() {
        _ = roster.join(ada, ready("a"), now: 0)
        #expect(roster.heard(ada, now: 3000) == true)
        #expect(roster.expire(now: 6000).isEmpty)
        #expect(roster.expire(now: 6001).map(\.peer) == [ada])
    }

    @Test mutating func aStrangerIsNotHeard() { #expect(roster.heard(ada, now: 0) == false) }

    @Test mutating func aBrokerThatWasStoppedDoesNotTakeItsOwnDeafnessForSilence() {
        _ = roster.look(now: 0)
        _ = roster.join(ada, ready("a"), now: 0)
        #expect(roster.look(now: 60_000) == 59_000)
        #expect(roster.expire(now: 60_000).isEmpty)
        _ = roster.look(now: 61_000)
        _ = roster.look(now: 62_000)
        #expect(roster.expire(now: 62_000).isEmpty)
        _ = roster.look(now: 62_001)
        #expect(roster.expire(now: 62_001).map(\.peer) == [ada])
    }

    @Test mutating func aBrokerThatLooksSeldomStillFindsTheDead() {
        _ = roster.join(ada, ready("a"), now: 0)
        var time: Int64 = 0
        var looks = 0
        while roster.worker(ada) != nil, looks < 10 {
            time += 5000
            looks += 1
            _ = roster.look(now: time)
            _ = roster.expire(now: time)
        }
        #expect(looks == 4)
    }

    @Test mutating func aClockThatGoesBackKillsNobodyAndDelaysNothing() {
        _ = roster.look(now: 1_000_000)
        _ = roster.join(ada, ready("a"), now: 1_000_000)
        #expect(roster.look(now: 0) == 0)
        #expect(roster.expire(now: 0).isEmpty)
        #expect(roster.dueForHeartbeat(now: 1000) == [ada])
        #expect(roster.expire(now: 3001).map(\.peer) == [ada])
    }

    @Test mutating func aHeartbeatIsDueAnIntervalAfterTheLastMessage() {
        _ = roster.join(bob, ready("b"), now: 0)
        _ = roster.join(ada, ready("a"), now: 0)
        #expect(roster.dueForHeartbeat(now: 999) == [])
        #expect(roster.dueForHeartbeat(now: 1000) == [ada, bob])
        roster.sent(ada, now: 500)
        #expect(roster.dueForHeartbeat(now: 1000) == [bob])
    }

    // MARK: Credit

    @Test mutating func aWindowHasRoomUntilItIsFull() {
        #expect(!roster.canHold(ada))
        _ = roster.join(ada, ready("a", window: 2), now: 0)
        roster.hold(ada)
        #expect(roster.canHold(ada))
        roster.hold(ada)
        #expect(!roster.canHold(ada))
        roster.release(ada, wasFinished: true)
        #expect(roster.canHold(ada))
        #expect(roster.worker(ada)?.finished == 1)
    }

    @Test mutating func nothingIsReleasedTwice() {
        _ = roster.join(ada, ready("a", window: 2), now: 0)
        roster.hold(ada)
        roster.release(ada, wasFinished: false)
        roster.release(ada, wasFinished: false)
        roster.releaseOverdue(ada)
        #expect(roster.worker(ada)?.held == 0)
        #expect(roster.worker(ada)?.finished == 0)
    }

    @Test mutating func anOverdueLeaseOccupiesItsPlaceUntilItIsAnswered() {
        _ = roster.join(ada, ready("a", window: 1), now: 0)
        roster.hold(ada)
        roster.overrun(ada)
        #expect(!roster.canHold(ada))
        #expect(roster.worker(ada)?.canServe == false)
        #expect(roster.worker(ada)?.liveCount == 0)
        roster.release(ada, wasFinished: true)
        #expect(roster.worker(ada)?.held == 1)
        roster.releaseOverdue(ada)
        #expect(roster.canHold(ada))
    }

    @Test mutating func theFreestWorkerHasTheLargestFreeShare() {
        _ = roster.join(ada, ready("a", window: 4), now: 0)
        _ = roster.join(bob, ready("b", window: 10), now: 0)
        roster.hold(ada)
        roster.hold(bob)
        #expect(roster.freest()?.peer == bob)
        for _ in 0..<4 { roster.hold(bob) }
        #expect(roster.freest()?.peer == ada)
        #expect(roster.freest(where: { $0.peer != ada })?.peer == bob)
    }

    @Test mutating func equallyFreeWorkersAreTakenByLeasesThenByName() {
        _ = roster.join(bob, ready("b", window: 2), now: 0)
        _ = roster.join(ada, ready("a", window: 2), now: 0)
        _ = roster.join(cid, ready("0", window: 4), now: 0)
        for peer in [ada, bob, cid, cid] { roster.hold(peer) }
        #expect(roster.freest()?.peer == ada)
    }

    @Test mutating func aFullOrClosedWindowIsNeverTheFreest() {
        _ = roster.join(ada, ready("a", window: 1), now: 0)
        _ = roster.join(bob, ready("b", window: 0), now: 0)
        roster.hold(ada)
        #expect(roster.freest() == nil)
        #expect(!roster.hasRoom)
        #expect(roster.hasOpenWindow)
        roster.close(ada)
        #expect(!roster.hasOpenWindow)
        #expect(roster.worker(ada)?.freeShare == 0)
    }
}
