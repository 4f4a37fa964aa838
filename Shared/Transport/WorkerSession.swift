// A worker's side of its link as a value: joining, heartbeats, silence of the broker, draining.
//
//     (start) ──tick──▶ joining ──anything from the broker──▶ joined ──drain──▶ draining ──nothing held──▶ ended
//                          ▲                                     │
//                          └──────── expiry of silence ──────────┘
//
// Leases outlive the broker's silence. If the broker only paused, their results are as good as ever; if it has leased the
// work again, or restarted, it recognises late results by their tickets. Only the broker can tell.

package import Messages

/// One connection of one worker to one broker.
package struct WorkerSession: Sendable {
    package enum Action: Sendable, Hashable {
        case sendReady(window: Int)
        case sendHeartbeat
        case sendGoodbye
        /// Never asked for any more: leases outlive the broker's silence.
        case forgetLeases
        /// Everything is done; the process may end.
        case end
    }

    private enum State { case joining, joined, draining, ended }

    private var state = State.joining
    private var lastHeard: Int64
    private var lastSent: Int64
    /// Since when each lease is held.
    private var held: [LeaseTicket: Int64] = [:]
    private var drainDeadline: Int64 = 0
    private let window: Int
    private let timing: Timing

    /// - Parameter window: leases this worker holds at once, at least 1.
    package init(window: Int, timing: Timing, now: Int64) {
        self.window = max(1, window)
        self.timing = timing
        self.lastHeard = now
        self.lastSent = now - timing.heartbeatMilliseconds
    }

    package var isJoined: Bool { state == .joined }
    package var isEnded: Bool { state == .ended }
    package var heldCount: Int { held.count }

    /// Whether a lease is held for so long that its thread must hang. The broker sends no more work for its place in the
    /// window, so a process that is stuck had better end and be started anew.
    package func isStuck(now: Int64) -> Bool {
        held.values.contains { now - $0 > timing.stuckMilliseconds }
    }

    /// Anything but a lease came from the broker.
    package mutating func heard(now: Int64) {
        lastHeard = now
        if state == .joining { state = .joined }
    }

    /// The broker asks who this is: it has restarted, or has given this worker up.
    package mutating func asked(now: Int64) -> [Action] {
        heard(now: now)
        lastSent = now
        return state == .ended ? [] : [.sendReady(window: state == .draining ? 0 : window)]
    }

    /// A lease came.
    ///
    /// - Returns: false where it must be handed back unbegun, because the worker drains.
    package mutating func leased(_ ticket: LeaseTicket, now: Int64) -> Bool {
        heard(now: now)
        guard state == .joined else { return false }
        held[ticket] = now
        return true
    }

    /// The work of a lease is done, well or ill.
    ///
    /// - Returns: whether anyone waits for the result.
    package mutating func finished(_ ticket: LeaseTicket, now: Int64) -> (isWanted: Bool, actions: [Action]) {
        let isWanted = held.removeValue(forKey: ticket) != nil
        if isWanted { lastSent = now }
        return (isWanted, endIfIdle())
    }

    /// Takes no more work; ends when nothing is held, at the latest after the drain time.
    package mutating func drain(now: Int64) -> [Action] {
        guard state != .draining, state != .ended else { return [] }
        state = .draining
        drainDeadline = now + timing.drainMilliseconds
        lastSent = now
        // Also while joining: a `ready` may be on its way already.
        return [.sendReady(window: 0)] + endIfIdle()
    }

    package mutating func tick(now: Int64) -> [Action] {
        if now < lastHeard || now < lastSent { restartClock(now: now) }
        switch state {
        case .ended:
            return []
        case .draining:
            if now < drainDeadline { return beat(now: now) }
            held.removeAll()
            return endIfIdle()
        case .joining:
            guard now - lastSent >= timing.heartbeatMilliseconds else { return [] }
            lastSent = now
            return [.sendReady(window: window)]
        case .joined:
            guard now - lastHeard > timing.expiryMilliseconds else { return beat(now: now) }
            state = .joining
            lastHeard = now
            lastSent = now
            return [.sendReady(window: window)]
        }
    }

    /// A clock that went back must not stop the heartbeats until it has caught up.
    private mutating func restartClock(now: Int64) {
        lastHeard = min(lastHeard, now)
        lastSent = min(lastSent, now)
        drainDeadline = min(drainDeadline, now + timing.drainMilliseconds)
    }

    private mutating func beat(now: Int64) -> [Action] {
        guard now - lastSent >= timing.heartbeatMilliseconds else { return [] }
        lastSent = now
        return [.sendHeartbeat]
    }

    private mutating func endIfIdle() -> [Action] {
        guard state == .draining, held.isEmpty else { return [] }
        state = .ended
        return [.sendGoodbye, .end]
    }
}
