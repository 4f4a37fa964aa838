// A worker's side of its link: every edge of its states.

import Messages
import Testing
import Transport

struct WorkerSessionTests {
    private var session = WorkerSession(window: 2, timing: Timing(), now: 0)

    private func ticket(_ sequence: Int64) -> LeaseTicket { LeaseTicket(epoch: 1, sequence: sequence) }

    // MARK: Joining

    @Test mutating func itSaysReadyAtOnceAndThenAtEachHeartbeatUntilItHearsSomething() {
        #expect(session.tick(now: 0) == [.sendReady(window: 2)])
        #expect(session.tick(now: 999) == [])
        #expect(session.tick(now: 1000) == [.sendReady(window: 2)])
        session.heard(now: 1100)
        #expect(session.isJoined)
        #expect(session.tick(now: 1999) == [])
        #expect(session.tick(now: 2000) == [.sendHeartbeat])
    }

    @Test mutating func itSaysReadyWhenItIsAsked() {
        #expect(session.asked(now: 5) == [.sendReady(window: 2)])
        #expect(session.isJoined)
    }

    @Test func aWindowIsAtLeastOne() {
        var narrow = WorkerSession(window: 0, timing: Timing(), now: 0)
        #expect(narrow.tick(now: 0) == [.sendReady(window: 1)])
    }

    // MARK: Silence

    @Test mutating func whatItSendsSparesAHeartbeat() {
        #expect(session.leased(ticket(1), now: 0) == true)
        #expect(session.finished(ticket(1), now: 900).isWanted)
        #expect(session.tick(now: 1800) == [])
        #expect(session.tick(now: 1900) == [.sendHeartbeat])
    }

    @Test(arguments: [(3000, true), (3001, false)] as [(Int64, Bool)])
    mutating func itJoinsAnewAfterMoreThanTheExpiryOfSilence(silence: Int64, isJoined: Bool) {
        session.heard(now: 0)
        _ = session.tick(now: silence)
        #expect(session.isJoined == isJoined)
    }

    @Test mutating func resultsOfLeasesAreSentAlthoughTheBrokerWasSilentMeanwhile() {
        #expect(session.leased(ticket(1), now: 0) == true)
        #expect(session.tick(now: 3001) == [.sendReady(window: 2)])
        #expect(session.heldCount == 1)
        #expect(session.finished(ticket(1), now: 3500).isWanted)
    }

    @Test mutating func aClockThatGoesBackDoesNotStopTheHeartbeats() {
        session.heard(now: 1_000_000)
        _ = session.tick(now: 1_000_000)
        #expect(session.tick(now: 0) == [])
        #expect(session.tick(now: 1000) == [.sendHeartbeat])
    }

    // MARK: Leases

    @Test mutating func aLeaseIsASignOfLife() {
        #expect(session.leased(ticket(1), now: 0) == true)
        #expect(session.isJoined)
        #expect(session.heldCount == 1)
    }

    @Test mutating func aResultIsWantedOnce() {
        #expect(session.leased(ticket(1), now: 0) == true)
        #expect(session.leased(ticket(1), now: 1) == true)
        #expect(session.finished(ticket(1), now: 2).isWanted)
        #expect(!session.finished(ticket(1), now: 3).isWanted)
        #expect(!session.finished(ticket(9), now: 3).isWanted)
    }

    @Test mutating func leasesOfTwoBrokersAreToldApart() {
        #expect(session.leased(LeaseTicket(epoch: 1, sequence: 1), now: 0) == true)
        #expect(session.leased(LeaseTicket(epoch: 2, sequence: 1), now: 0) == true)
        #expect(session.heldCount == 2)
    }

    @Test mutating func itIsStuckWhenALeaseLastsLongerThanAnyHonestWork() {
        #expect(session.leased(ticket(1), now: 0) == true)
        #expect(session.leased(ticket(2), now: 200_000) == true)
        #expect(!session.isStuck(now: 300_000))
        #expect(session.isStuck(now: 300_001))
        _ = session.finished(ticket(1), now: 300_001)
        #expect(!session.isStuck(now: 300_001))
    }

    // MARK: Draining

    @Test mutating func anIdleWorkerDrainsAtOnce() {
        session.heard(now: 0)
        #expect(session.drain(now: 1) == [.sendReady(window: 0), .sendGoodbye, .end])
        #expect(session.isEnded)
        #expect(session.drain(now: 2) == [])
        #expect(session.tick(now: 60_000) == [])
        #expect(session.asked(now: 60_000) == [])
    }

    @Test mutating func aWorkerThatIsStillJoiningClosesItsWindowToo() {
        _ = session.tick(now: 0)
        #expect(session.drain(now: 1) == [.sendReady(window: 0), .sendGoodbye, .end])
    }

    @Test mutating func aDrainingWorkerFinishesWhatItHoldsAndTakesNothing() {
        #expect(session.leased(ticket(1), now: 0) == true)
        #expect(session.drain(now: 1) == [.sendReady(window: 0)])
        #expect(session.drain(now: 2) == [])
        #expect(session.leased(ticket(2), now: 3) == false)
        #expect(session.heldCount == 1)
        #expect(session.asked(now: 4) == [.sendReady(window: 0)])
        let (isWanted, actions) = session.finished(ticket(1), now: 5)
        #expect(isWanted)
        #expect(actions == [.sendGoodbye, .end])
    }

    @Test mutating func aDrainingWorkerGoesOnSendingHeartbeats() {
        #expect(session.leased(ticket(1), now: 0) == true)
        _ = session.drain(now: 0)
        #expect(session.tick(now: 1000) == [.sendHeartbeat])
        #expect(session.tick(now: 1500) == [])
    }

    @Test mutating func aDrainEndsAtItsDeadlineWhateverIsHeld() {
        #expect(session.leased(ticket(1), now: 0) == true)
        _ = session.drain(now: 0)
        _ = session.tick(now: 7999)
        #expect(!session.isEnded)
        #expect(session.tick(now: 8000) == [.sendGoodbye, .end])
        #expect(!session.finished(ticket(1), now: 8001).isWanted)
    }

    @Test mutating func aClockThatGoesBackDoesNotProlongTheDrain() {
        session.heard(now: 1_000_000)
        #expect(session.leased(ticket(1), now: 1_000_000) == true)
        _ = session.drain(now: 1_000_000)
        _ = session.tick(now: 0)
        #expect(session.tick(now: 8000) == [.sendGoodbye, .end])
    }

    @Test mutating func anEndedWorkerHandsLeasesBack() {
        session.heard(now: 0)
        _ = session.drain(now: 0)
        #expect(session.leased(ticket(1), now: 1) == false)
    }
}

struct TimingTests {
    @Test func theIntervalsAreInTheirOrder() {
        let timing = Timing()
        #expect(timing.heartbeatMilliseconds < timing.expiryMilliseconds)
        #expect(timing.expiryMilliseconds < timing.leaseMilliseconds)
        #expect(timing.hedgeMilliseconds < timing.expiryMilliseconds)
        #expect(timing.expiryMilliseconds == 3000)
    }
}
