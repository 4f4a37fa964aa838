// Who is to blame when a worker dies: a document that kills becomes a dead letter, and takes no other with it.

import Messages
import Testing
import Transport

struct LeaseQueueBlameTests {
    private var queue = evenQueue()

    // MARK: Suspects

    @Test mutating func aFailedLeaseOfManyIsLeasedOneByOne() {
        _ = queue.join(ada, ready("a", window: 1), now: 0)
        let grant = queue.offer(entries(1...3), now: 0).grants[0]
        #expect(grant.offsets == [1, 2, 3])
        let again = queue.fail(ada, grant.ticket, reason: "x", isHandedBack: false, now: 1)
        #expect(again.grants.map(\.offsets) == [[1]])
        #expect(queue.waitingCount == 2)
    }

    @Test mutating func suspectsGoBeforeFreshDocuments() {
        _ = queue.join(ada, ready("a"), now: 0)
        let grant = queue.offer(entries(1...1), now: 0).grants[0]
        _ = queue.offer(entries(2...9), now: 0)
        let again = queue.fail(ada, grant.ticket, reason: "x", isHandedBack: false, now: 1)
        #expect(again.grants.map(\.offsets) == [[1]])
    }

    @Test mutating func aSuspectThatIsOfferedAgainIsStillLeasedAlone() {
        let suspect = LeaseQueue.Entry(id: submission(1), byteCount: 1, failures: 1)
        _ = queue.offer([suspect] + entries(2...3), now: 0)
        #expect(queue.join(ada, ready("a"), now: 0).grants.map(\.offsets) == [[1]])
    }

    @Test mutating func aSuspectIsTriedByAnotherWorker() {
        _ = queue.join(ada, ready("a", window: 4), now: 0)
        _ = queue.join(bob, ready("b", window: 1), now: 0)
        let grants = queue.offer(entries(1...2), now: 0).grants
        #expect(grants.map(\.peer) == [ada, bob])
        // Bob is full, and Ada, where it failed, waits for him in vain.
        #expect(queue.fail(ada, grants[0].ticket, reason: "x", isHandedBack: false, now: 1) == [])
        #expect(queue.finish(bob, grants[1].ticket, now: 2)?.actions.grants.map(\.peer) == [bob])
    }

    @Test mutating func aSuspectIsTriedBySameWorkerWhereNoOtherTakesWork() {
        _ = queue.join(ada, ready("a"), now: 0)
        _ = queue.join(bob, ready("b", window: 0), now: 0)
        let grant = queue.offer(entries(1...1), now: 0).grants[0]
        #expect(queue.fail(ada, grant.ticket, reason: "x", isHandedBack: false, now: 1).grants.map(\.peer) == [ada])
    }

    @Test mutating func aWorkerThatFailsEverythingAtOnceDoesNotDrainTheQueueIntoDeadLetters() {
        _ = queue.join(ada, ready("a", window: 2), now: 0)
        _ = queue.join(bob, ready("b", window: 2), now: 0)
        var pending = queue.offer(entries(1...40), now: 0)
        var givenUp: [Int] = []
        var finished = 0
        while let grant = pending.grants.first {
            pending.removeAll { [$0].grants.first == grant }
            if grant.peer == ada {
                pending += queue.fail(ada, grant.ticket, reason: "no memory", isHandedBack: false, now: 1)
            } else if let result = queue.finish(bob, grant.ticket, now: 1) {
                finished += result.entries.count
                pending += result.actions
            }
            givenUp += pending.givenUp
            pending.removeAll { $0.isGiveUp }
        }
        #expect(givenUp == [])
        #expect(finished == 40)
    }

    // MARK: The delivery limit

    @Test mutating func aDocumentThatFailsAtEachDeliveryIsGivenUpAtTheLimit() {
        _ = queue.join(ada, ready("a"), now: 0)
        var actions = queue.offer(entries(1...1), now: 0)
        for _ in 1...2 {
            actions = queue.fail(ada, actions.grants[0].ticket, reason: "bad", isHandedBack: false, now: 1)
            #expect(actions.givenUp == [])
        }
        actions = queue.fail(ada, actions.grants[0].ticket, reason: "bad", isHandedBack: false, now: 1)
        let entry = LeaseQueue.Entry(id: submission(1), byteCount: 10, failures: 3)
        #expect(actions == [.giveUp(entry, reason: "bad")])
        #expect(queue.counts.gaveUp == 1)
        #expect(queue.waitingCount + queue.leasedCount == 0)
    }

    @Test mutating func aDocumentAtItsLastDeliveryHasItsWorkerForItself() {
        _ = queue.join(ada, ready("a", window: 4), now: 0)
        let last = LeaseQueue.Entry(id: submission(1), byteCount: 1, failures: 2)
        let grants = queue.offer([last] + entries(2...9), now: 0).grants
        #expect(grants.map(\.offsets) == [[1]])
        #expect(queue.offer(entries(10...10), now: 0) == [])
        #expect(queue.finish(ada, grants[0].ticket, now: 1)?.actions.grants.count == 4)
    }

    @Test mutating func aWorkerIsKeptFreeForALastDeliveryWhileOthersWorkOn() {
        _ = queue.join(ada, ready("a", window: 2), now: 0)
        _ = queue.join(bob, ready("b", window: 2), now: 0)
        var held = queue.offer(entries(1...4), now: 0).grants
        _ = queue.offer(entries(5...20), now: 0)
        let last = LeaseQueue.Entry(id: submission(99), byteCount: 1, failures: 2)
        #expect(queue.offer([last], now: 0) == [])
        // Both finish in turn; one of them is granted no more until the last delivery was made to it.
        var served: [Grant] = []
        while !served.contains(where: { $0.offsets == [99] }), !held.isEmpty {
            let grant = held.removeFirst()
            let new = queue.finish(grant.peer, grant.ticket, now: 1)?.actions.grants ?? []
            served += new
            held += new
        }
        guard let alone = served.first(where: { $0.offsets == [99] }) else {
            Issue.record("the last delivery was never made")
            return
        }
        #expect(queue.roster.worker(alone.peer)?.held == 1)
        #expect(queue.roster.worker(alone.peer == ada ? bob : ada)?.held == 2)
    }

    @Test mutating func aLimitOfOneDeliveryLeasesEveryDocumentByItself() {
        var timing = Timing()
        timing.deliveryLimit = 1
        queue = evenQueue(timing: timing)
        _ = queue.join(ada, ready("a", window: 4), now: 0)
        _ = queue.join(bob, ready("b", window: 4), now: 0)
        #expect(queue.offer(entries(1...9), now: 0).grants.map(\.offsets) == [[1], [2]])
        #expect(queue.unreachable(ada, now: 1).givenUp == [1])
    }

    @Test(arguments: 1...8)
    mutating func aPoisonKillsAtMostTheLimitAndNobodyElseIsGivenUp(window: Int) {
        let poison = 13
        var pending = [queue.join(ada, ready("a", boot: "0", window: window), now: 0), queue.offer(entries(1...40), now: 0)]
            .flatMap(\.self)
        var deaths = 0
        var givenUp: [Int] = []
        var finished: Set<Int> = []
        var time: Int64 = 0
        // The worker works on all its leases at once, and dies as soon as the poison is among them.
        while !pending.isEmpty, time < 1000 {
            time += 1
            let held = pending.grants
            givenUp += pending.givenUp
            pending = []
            if held.contains(where: { $0.offsets.contains(poison) }) {
                deaths += 1
                pending = queue.join(ada, ready("a", boot: "\(deaths)", window: window), now: time)
            } else {
                for grant in held {
                    let result = queue.finish(ada, grant.ticket, now: time)
                    finished.formUnion(result?.entries.map { Int($0.id.rawOffset) } ?? [])
                    pending += result?.actions ?? []
                }
            }
        }
        #expect(givenUp == [poison])
        #expect(finished == Set(1...40).subtracting([poison]))
        #expect(deaths == 3)
    }

    // MARK: Uncertain blame

    @Test mutating func aDocumentAtItsLastDeliveryAvoidsAWorkerWithAHangingThread() {
        _ = queue.join(ada, ready("a", window: 2), now: 0)
        _ = queue.offer([LeaseQueue.Entry(id: submission(1), byteCount: 1, failures: 1)], now: 0)
        stayAlive(until: 29_999)
        #expect(queue.tick(now: 30_000).grants == [])
        #expect(queue.waitingCount == 1)
        #expect(queue.offer(entries(2...2), now: 30_000).grants.map(\.offsets) == [[2]])
        #expect(queue.join(bob, ready("b", window: 2), now: 30_001).grants.map(\.offsets) == [[1]])
    }

    @Test mutating func aDeathIsNotTheFaultOfADocumentBesideAHangingOne() {
        _ = queue.join(ada, ready("a", window: 2), now: 0)
        _ = queue.offer([LeaseQueue.Entry(id: submission(1), byteCount: 1, failures: 1)], now: 0)
        stayAlive(until: 29_999)
        _ = queue.tick(now: 30_000)
        _ = queue.offer(entries(2...2), now: 30_000)
        var actions = queue.join(ada, ready("a", boot: "2", window: 2), now: 30_001)
        #expect(actions.givenUp == [])
        #expect(actions.grants.map(\.offsets) == [[1]])
        actions = queue.finish(ada, actions.grants[0].ticket, now: 30_002)?.actions ?? []
        #expect(actions.grants.map(\.offsets) == [[2]])
    }

    @Test mutating func documentsBehindAHangingOneKeepALastDelivery() {
        _ = queue.join(ada, ready("a", window: 2), now: 0)
        let waiting = LeaseQueue.Entry(id: submission(2), byteCount: 1, failures: 1)
        let hanging = LeaseQueue.Entry(id: submission(1), byteCount: 1, failures: 1)
        #expect(queue.offer([hanging, waiting], now: 0).grants.count == 2)
        stayAlive(until: 29_999)
        #expect(queue.tick(now: 30_000).givenUp == [])
        #expect(queue.waitingCount == 2)
        #expect(queue.roster.worker(ada)?.overdue == 2)
        stayAlive(from: 30_500, until: 120_000)
        #expect(queue.waitingCount == 2)
    }

    @Test mutating func aHangingDocumentIsGivenUpWhenItHangsAlone() {
        _ = queue.join(ada, ready("a", window: 2), now: 0)
        _ = queue.offer([LeaseQueue.Entry(id: submission(1), byteCount: 1, failures: 2)], now: 0)
        stayAlive(until: 29_999)
        #expect(queue.tick(now: 30_000).givenUp == [1])
    }

    // MARK: Never delivered

    @Test mutating func aGrantThatCouldNotBeSentIsNoFailure() {
        _ = queue.join(ada, ready("a"), now: 0)
        let last = LeaseQueue.Entry(id: submission(1), byteCount: 1, failures: 2)
        let grant = queue.offer([last], now: 0).grants[0]
        _ = queue.join(bob, ready("b"), now: 0)
        let actions = queue.unreachable(ada, unsent: [grant.ticket], now: 0)
        #expect(actions == [.grant(bob, LeaseTicket(epoch: 1, sequence: 2), [last])])
    }

    @Test mutating func whatWasSentBeforeTheUnsentGrantIsBlamed() {
        _ = queue.join(ada, ready("a", window: 2), now: 0)
        _ = queue.offer(entries(1...1), now: 0)
        let unsent = queue.offer(entries(2...2), now: 1).grants[0]
        _ = queue.unreachable(ada, unsent: [unsent.ticket], now: 1)
        let actions = queue.join(bob, ready("b", window: 2), now: 2)
        let failures = actions.flatMap { action in
            guard case .grant(_, _, let entries) = action else { return [LeaseQueue.Entry]() }
            return entries
        }
        #expect(failures == [
            LeaseQueue.Entry(id: submission(1), byteCount: 10, failures: 1),
            LeaseQueue.Entry(id: submission(2), byteCount: 10, failures: 0),
        ])
    }

    // MARK: Help

    private mutating func stayAlive(from start: Int64 = 500, until end: Int64) {
        for time in stride(from: start, through: end, by: 500) {
            _ = queue.heartbeat(ada, now: time)
            _ = queue.tick(now: time)
        }
    }
}

extension LeaseQueue.Action {
    fileprivate var isGiveUp: Bool {
        if case .giveUp = self { true } else { false }
    }
}
