// The ways of documents through the lease queue, edge by edge.

import Messages
import Testing
import Transport

struct LeaseQueueTests {
    private var queue = evenQueue(epoch: 7)

    // MARK: Granting

    @Test mutating func documentsWaitUntilAWorkerJoins() {
        #expect(queue.offer(entries(1...2), now: 0) == [])
        #expect(queue.waitingCount == 2)
        let grants = queue.join(ada, ready("a"), now: 1).grants
        #expect(grants == [Grant(peer: ada, ticket: LeaseTicket(epoch: 7, sequence: 1), offsets: [1, 2])])
        #expect(queue.waitingCount == 0)
        #expect(queue.leasedCount == 2)
        #expect(queue.leaseCount == 1)
    }

    @Test mutating func aWorkerIsGrantedAsManyLeasesAsItsWindow() {
        _ = queue.join(ada, ready("a", window: 2), now: 0)
        let grants = queue.offer(entries(1...3), now: 1).grants
        #expect(grants.map(\.offsets) == [[1, 2], [3]])
        #expect(queue.offer(entries(4...4), now: 2) == [])
        #expect(queue.finish(ada, grants[0].ticket, now: 3)?.actions.grants.map(\.offsets) == [[4]])
    }

    @Test mutating func fewDocumentsAreSpreadOverAllPlaces() {
        _ = queue.join(ada, ready("a", window: 2), now: 0)
        _ = queue.join(bob, ready("b", window: 2), now: 0)
        #expect(queue.offer(entries(1...8), now: 0).grants.map(\.offsets) == [[1, 2], [3, 4], [5], [6]])
        #expect(queue.waitingCount == 2)
    }

    @Test(arguments: [(1, 6), (2, 3), (3, 2), (6, 1), (7, 1), (100, 1)])
    func leasesShrinkWithTheQueueSoThatTheSlowestHoldsLittleAtTheEnd(leasesPerPlace: Int, first: Int) {
        var limits = LeaseQueue.Limits()
        limits.leasesPerPlace = leasesPerPlace
        var shared = LeaseQueue(epoch: 1, limits: limits)
        _ = shared.join(ada, ready("a"), now: 0)
        #expect(shared.offer(entries(1...6), now: 0).grants.map(\.offsets.count) == [first])
    }

    @Test mutating func aLeaseIsBoundedInDocuments() {
        _ = queue.join(ada, ready("a"), now: 0)
        #expect(queue.offer(entries(1...65), now: 0).grants.map(\.offsets.count) == [64])
    }

    @Test mutating func aLeaseIsBoundedInBytes() {
        _ = queue.join(ada, ready("a"), now: 0)
        #expect(queue.offer(entries(1...9, byteCount: 300_000), now: 0).grants.map(\.offsets) == [[1, 2, 3]])
    }

    @Test mutating func aWorkerIsGrantedNoMoreBytesThanItsWindow() {
        _ = queue.join(ada, ready("a", window: 4, windowBytes: 25), now: 0)
        let grants = queue.offer(entries(1...5), now: 0).grants
        #expect(grants.map(\.offsets) == [[1, 2]])
        #expect(queue.roster.worker(ada)?.freeBytes == 5)
        let next = queue.finish(ada, grants[0].ticket, now: 1)?.actions.grants ?? []
        #expect(next.map(\.offsets) == [[3], [4]])
        // A greater window counts at once; so does a smaller one, though what is held is held.
        #expect(queue.join(ada, ready("a", window: 4, windowBytes: 30), now: 2).grants.map(\.offsets) == [[5]])
        #expect(queue.join(ada, ready("a", window: 4, windowBytes: 1), now: 3) == [])
        #expect(queue.roster.worker(ada)?.heldBytes == 30)
        #expect(queue.roster.worker(ada)?.freeBytes == 0)
    }

    @Test mutating func aDocumentLargerThanAWindowWaitsForAWorkerThatHoldsNothing() {
        _ = queue.join(ada, ready("a", window: 4, windowBytes: 25), now: 0)
        let first = queue.offer(entries(1...1), now: 0).grants
        let giant = LeaseQueue.Entry(id: submission(2), byteCount: 100)
        #expect(queue.offer([giant] + entries(3...3), now: 0) == [])
        let second = queue.finish(ada, first[0].ticket, now: 1)?.actions.grants ?? []
        #expect(second.map(\.offsets) == [[2]])
        // It occupies its bytes until its worker answers, also after its deadline.
        for second in 1...31 as ClosedRange<Int64> {
            _ = queue.heartbeat(ada, now: second * 1000)
            #expect(queue.tick(now: second * 1000).grants == [])
        }
        #expect(queue.roster.worker(ada)?.overdue == 1)
        #expect(queue.roster.worker(ada)?.heldBytes == 100)
        #expect(queue.finish(ada, second[0].ticket, now: 31_001) == nil)
        #expect(queue.roster.worker(ada)?.heldBytes == 0)
        #expect(queue.tick(now: 31_002).grants.map(\.offsets) == [[2]])
    }

    @Test mutating func aSuspectWaitsForRoomInBytesToo() {
        _ = queue.join(ada, ready("a", window: 2, windowBytes: 15), now: 0)
        let grants = queue.offer(entries(1...1), now: 0).grants
        _ = queue.offer(entries(2...2), now: 0)
        let next = queue.fail(ada, grants[0].ticket, reason: "failed", isHandedBack: false, now: 1).grants
        // The suspect goes first and alone; the other one does not fit beside it.
        #expect(next.map(\.offsets) == [[1]])
    }

    @Test mutating func aDocumentLargerThanTheBoundIsLeasedAlone() {
        _ = queue.join(ada, ready("a"), now: 0)
        let giant = LeaseQueue.Entry(id: submission(1), byteCount: 50 << 20)
        let grants = queue.offer([giant] + entries(2...3), now: 0).grants
        #expect(grants.map(\.offsets) == [[1]])
        #expect(queue.finish(ada, grants[0].ticket, now: 1)?.actions.grants.map(\.offsets) == [[2, 3]])
    }

    @Test func limitsOfZeroStillLetOneDocumentThrough() {
        var limits = LeaseQueue.Limits()
        limits.documents = 0
        limits.bytes = 0
        limits.leasesPerPlace = 0
        var narrow = LeaseQueue(epoch: 1, limits: limits)
        _ = narrow.join(ada, ready("a", window: 3), now: 0)
        #expect(narrow.offer(entries(1...2), now: 0).grants.map(\.offsets) == [[1], [2]])
    }

    @Test mutating func theFreestWorkerIsServedFirst() {
        _ = queue.join(ada, ready("a", window: 2), now: 0)
        let first = queue.offer(entries(1...1), now: 0).grants
        #expect(first.map(\.peer) == [ada])
        _ = queue.join(bob, ready("b", window: 2), now: 1)
        #expect(queue.offer(entries(2...2), now: 1).grants.map(\.peer) == [bob])
    }

    @Test mutating func countsByCollectionFollowTheDocuments() {
        _ = queue.offer(entries(1...3) + [LeaseQueue.Entry(id: SubmissionID(collection: "d", rawOffset: 1), byteCount: 1)], now: 0)
        #expect(queue.waitingByCollection == ["c": 3, "d": 1])
        _ = queue.join(ada, ready("a"), now: 0)
        #expect(queue.waitingByCollection == [:])
        #expect(queue.leasedByCollection == ["c": 3, "d": 1])
    }

    // MARK: Results

    @Test mutating func aResultFinishesItsLeaseOnce() {
        let grant = leaseOne(to: ada, "a")
        #expect(queue.isLive(grant.ticket))
        #expect(queue.finish(ada, grant.ticket, now: 1)?.entries.map(\.id) == [submission(1)])
        #expect(!queue.isLive(grant.ticket))
        #expect(queue.finish(ada, grant.ticket, now: 2) == nil)
        #expect(queue.counts.finished == 1)
        #expect(queue.counts.lateResults == 1)
        #expect(queue.roster.worker(ada)?.held == 0)
        #expect(queue.roster.worker(ada)?.finished == 1)
    }

    @Test mutating func aResultOfAnotherEpochIsLate() {
        let grant = leaseOne(to: ada, "a")
        let old = LeaseTicket(epoch: 6, sequence: grant.ticket.sequence)
        #expect(!queue.isLive(old))
        #expect(!queue.holds(old, [submission(1)]))
        #expect(queue.finish(ada, old, now: 1) == nil)
        #expect(queue.fail(ada, old, reason: "x", isHandedBack: false, now: 1) == [])
        #expect(queue.isLive(grant.ticket))
        #expect(queue.counts.lateResults == 2)
    }

    @Test mutating func aResultFromAnotherPeerIsLate() {
        let grant = leaseOne(to: ada, "a")
        _ = queue.join(bob, ready("b"), now: 0)
        #expect(queue.finish(bob, grant.ticket, now: 1) == nil)
        #expect(queue.fail(cid, grant.ticket, reason: "x", isHandedBack: true, now: 1) == [])
        #expect(queue.isLive(grant.ticket))
        #expect(queue.roster.worker(ada)?.held == 1)
    }

    @Test mutating func aLeaseHoldsExactlyItsDocuments() {
        _ = queue.join(ada, ready("a"), now: 0)
        let ticket = queue.offer(entries(1...2), now: 0).grants[0].ticket
        #expect(queue.holds(ticket, [submission(2), submission(1)]))
        #expect(!queue.holds(ticket, [submission(1)]))
        #expect(!queue.holds(ticket, [submission(1), submission(1)]))
        #expect(!queue.holds(ticket, [submission(1), submission(2), submission(2)]))
        #expect(!queue.holds(ticket, [submission(1), submission(3)]))
    }

    @Test mutating func aWorkerWithAClosedWindowFinishesWhatItHolds() {
        let grant = leaseOne(to: ada, "a")
        _ = queue.join(ada, ready("a", window: 0), now: 1)
        #expect(queue.offer(entries(2...2), now: 1) == [])
        #expect(queue.finish(ada, grant.ticket, now: 2)?.entries.count == 1)
        #expect(queue.tick(now: 2).grants == [])
        #expect(queue.join(ada, ready("a", window: 1), now: 3).grants.map(\.offsets) == [[2]])
    }

    @Test mutating func aSmallerWindowTakesNothingAwayAndGrantsNothingUntilThereIsRoom() {
        _ = queue.join(ada, ready("a", window: 3), now: 0)
        let grants = queue.offer(entries(1...3), now: 0).grants
        _ = queue.offer(entries(4...4), now: 0)
        #expect(queue.join(ada, ready("a", window: 1), now: 1) == [])
        #expect(queue.finish(ada, grants[0].ticket, now: 1)?.actions == [])
        #expect(queue.finish(ada, grants[1].ticket, now: 1)?.actions == [])
        #expect(queue.finish(ada, grants[2].ticket, now: 1)?.actions.grants.map(\.offsets) == [[4]])
    }

    // MARK: Handing back

    @Test mutating func workHandedBackIsFirstAgainAndCountsNoFailure() {
        let grant = leaseOne(to: ada, "a")
        _ = queue.offer(entries(2...2), now: 0)
        #expect(queue.fail(ada, grant.ticket, reason: "drains", isHandedBack: true, now: 1) == [])
        #expect(queue.counts.handedBack == 1)
        let again = queue.join(bob, ready("b"), now: 2)
        #expect(again.grants.map(\.offsets) == [[1, 2]])
        guard case .grant(_, _, let entries) = again[0] else { return }
        #expect(entries.map(\.failures) == [0, 0])
    }

    @Test mutating func aWorkerThatHandsWorkBackGetsNoMoreUntilItSaysReady() {
        let grant = leaseOne(to: ada, "a")
        #expect(queue.fail(ada, grant.ticket, reason: "drains", isHandedBack: true, now: 1) == [])
        #expect(queue.tick(now: 1).grants == [])
        #expect(queue.join(ada, ready("a"), now: 2).grants.count == 1)
    }

    @Test mutating func goodbyeHandsEverythingBackInOrder() {
        _ = queue.join(ada, ready("a", window: 2), now: 0)
        _ = queue.offer(entries(1...4), now: 0)
        #expect(queue.goodbye(ada, now: 1) == [])
        #expect(queue.roster.count == 0)
        #expect(queue.leaseCount == 0)
        #expect(queue.join(bob, ready("b"), now: 2).grants.map(\.offsets) == [[1, 2, 3, 4]])
        #expect(queue.goodbye(cid, now: 3) == [])
    }

    // MARK: Workers that are lost

    @Test mutating func aSilentWorkersDocumentsGoToAnother() {
        _ = leaseOne(to: ada, "a")
        var actions: [LeaseQueue.Action] = []
        for time in stride(from: Int64(0), through: 3000, by: 500) { actions += queue.tick(now: time) }
        #expect(actions.grants == [])
        _ = queue.join(bob, ready("b"), now: 3000)
        #expect(queue.tick(now: 3001).grants.map(\.peer) == [bob])
        #expect(queue.counts.reclaimed == 1)
        #expect(queue.roster.worker(ada) == nil)
    }

    @Test mutating func aWorkerThatRestartedIsReplacedAtOnce() {
        _ = leaseOne(to: ada, "a")
        let grants = queue.join(bob, ready("a", boot: "2"), now: 1).grants
        #expect(grants.map(\.peer) == [bob])
        #expect(queue.roster.worker(bob)?.held == 1)
    }

    @Test mutating func aWorkerThatConnectedAnewIsGrantedItsWorkAnew() {
        let before = leaseOne(to: ada, "a")
        let after = queue.join(bob, ready("a"), now: 1).grants
        #expect(after.map(\.offsets) == [[1]])
        #expect(queue.finish(bob, before.ticket, now: 2) == nil)
        #expect(queue.finish(bob, after[0].ticket, now: 3) != nil)
    }

    @Test mutating func anUnreachableWorkersDocumentsGoToAnother() {
        _ = leaseOne(to: ada, "a")
        _ = queue.join(bob, ready("b"), now: 0)
        #expect(queue.unreachable(ada, now: 1).grants.map(\.peer) == [bob])
        #expect(queue.unreachable(ada, now: 2) == [])
        #expect(queue.unreachable(cid, now: 2) == [])
    }

    @Test mutating func aLeaseBeyondItsDeadlineIsGivenToAnotherAndKeepsItsPlace() {
        let grant = leaseOne(to: ada, "a")
        _ = queue.join(bob, ready("b"), now: 0)
        keepAlive([ada, bob], until: 29_999)
        #expect(queue.tick(now: 30_000).grants.map(\.peer) == [bob])
        #expect(!queue.isLive(grant.ticket))
        #expect(queue.roster.worker(ada)?.held == 1)
        #expect(queue.roster.worker(ada)?.overdue == 1)
        #expect(queue.offer(entries(2...2), now: 30_000) == [])
        #expect(queue.finish(ada, grant.ticket, now: 30_001) == nil)
        #expect(queue.roster.worker(ada)?.held == 0)
        #expect(queue.tick(now: 30_002).grants.map(\.peer) == [ada])
    }

    @Test mutating func aLateFailureFreesItsPlaceToo() {
        let grant = leaseOne(to: ada, "a")
        keepAlive([ada], until: 29_999)
        _ = queue.tick(now: 30_000)
        #expect(queue.fail(ada, grant.ticket, reason: "x", isHandedBack: false, now: 30_001).grants.map(\.peer) == [ada])
        #expect(queue.counts.lateResults == 1)
    }

    @Test mutating func anOverdueWorkerThatRestartsBeginsAnew() {
        let grant = leaseOne(to: ada, "a")
        keepAlive([ada], until: 29_999)
        _ = queue.tick(now: 30_000)
        #expect(queue.join(ada, ready("a", boot: "2"), now: 30_001).grants.map(\.peer) == [ada])
        #expect(queue.roster.worker(ada)?.overdue == 0)
        #expect(queue.finish(ada, grant.ticket, now: 30_002) == nil)
        #expect(queue.roster.worker(ada)?.held == 1)
    }

    // MARK: The clock

    @Test mutating func aBrokerThatWasStoppedReadsTheResultsBeforeItTakesTheWorkBack() {
        let grant = leaseOne(to: ada, "a")
        _ = queue.tick(now: 100)
        #expect(queue.tick(now: 90_000).grants == [])
        #expect(queue.isLive(grant.ticket))
        #expect(queue.finish(ada, grant.ticket, now: 90_001) != nil)
    }

    @Test mutating func aClockThatGoesBackDoesNotProlongALease() {
        _ = queue.join(ada, ready("a"), now: 1_000_000)
        let grant = queue.offer(entries(1...1), now: 1_000_000).grants[0]
        _ = queue.tick(now: 0)
        keepAlive([ada], until: 30_000)
        #expect(!queue.isLive(grant.ticket))
    }

    // MARK: Heartbeats

    @Test mutating func aStrangerIsAskedWhoItIs() {
        #expect(queue.heartbeat(ada, now: 0) == [.askWho(ada)])
        _ = queue.join(ada, ready("a"), now: 0)
        #expect(queue.heartbeat(ada, now: 1) == [])
    }

    @Test mutating func anIdleLinkGetsAHeartbeatAndAGrantSparesIt() {
        _ = queue.join(ada, ready("a"), now: 0)
        #expect(queue.tick(now: 1000) == [.heartbeat(ada)])
        queue.sent(ada, now: 1000)
        _ = queue.offer(entries(1...1), now: 1500)
        #expect(queue.tick(now: 2400) == [])
        #expect(queue.tick(now: 2500) == [.heartbeat(ada)])
    }

    // MARK: Help

    /// A worker with a window of one that holds document 1.
    private mutating func leaseOne(to peer: PeerID, _ name: String) -> Grant {
        _ = queue.join(peer, ready(name), now: 0)
        return queue.offer(entries(1...1), now: 0).grants[0]
    }

    private mutating func keepAlive(_ peers: [PeerID], until end: Int64) {
        for time in stride(from: Int64(500), through: end, by: 500) {
            for peer in peers { _ = queue.heartbeat(peer, now: time) }
            _ = queue.tick(now: time)
        }
    }
}
