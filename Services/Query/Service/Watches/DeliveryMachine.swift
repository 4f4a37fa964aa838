// What one watch's deliverer does next, as a pure value: alerts in order, one at a time, each until it is taken or given up.
//
//     state      on                        does                                   next
//     empty      next                      read                                   reading
//     reading    read, none                rest until the next reading            empty
//     reading    read, some                –                                      ready
//     ready      next, before its time     rest                                   ready
//     ready      next                      send the first alert                   sending
//     sending    taken                     –                                      taken
//     sending    failed, attempts left     its next time is a pause away          ready
//     sending    failed, none left         –                                      given up
//     sending    refused for good          –                                      given up
//     taken      next                      acknowledge                            settling
//     given up   next                      bury                                   settling
//     settling   settled                   drop the alert                         ready or empty
//     any        broken                    forget all: the ledger knows           empty, after a pause
//
// Invariants
//  (1) An alert is sent only while none before it is pending: a watch's alerts are taken in order.
//  (2) An alert is acknowledged only after it was taken, and buried only after its last attempt.
//  (3) What is forgotten is read again: nothing is lost here, and an alert whose acknowledgement broke is sent twice.

import Messages

/// When an alert is tried again.
struct DeliveryPolicy: Sendable, Hashable {
    /// Attempts before an alert is given up.
    var attempts = 8
    /// Milliseconds before the second attempt; each further pause is twice as long.
    var firstPause: Int64 = 1000
    var longestPause: Int64 = 300_000
    /// Milliseconds between two readings that find nothing.
    var idlePause: Int64 = 1000

    /// The pause after so many attempts.
    func pause(after attempts: Int) -> Int64 {
        var pause = firstPause
        for _ in 1..<max(1, attempts) where pause < longestPause { pause *= 2 }
        return min(pause, longestPause)
    }
}

/// One watch's delivery.
struct DeliveryMachine: Sendable {
    enum Action: Sendable, Equatable {
        case read
        case send(Alert, attempt: Int)
        case acknowledge(Int64)
        case bury(Int64, reason: String, attempts: Int)
        case rest(until: Int64)
    }

    /// How an attempt ended.
    enum Outcome: Sendable, Equatable {
        case taken
        case failed(String)
        /// The receiver wants no more of it.
        case refused(String)
    }

    private enum State: Sendable, Equatable {
        case empty(until: Int64)
        case reading
        case ready(due: Int64)
        case sending
        case taken
        case givenUp(String)
        case settling
    }

    private let policy: DeliveryPolicy
    private var state = State.empty(until: 0)
    private var queue: [Alert] = []
    private var attempts = 0

    init(_ policy: DeliveryPolicy) { self.policy = policy }

    /// When there is something to do.
    var dueAt: Int64 {
        switch state {
        case .empty(let until): until
        case .ready(let due): due
        default: 0
        }
    }

    mutating func next(now: Int64) -> Action {
        switch state {
        case .empty(let until):
            guard until <= now else { return .rest(until: until) }
            state = .reading
            return .read
        case .ready(let due):
            guard due <= now else { return .rest(until: due) }
            state = .sending
            attempts += 1
            return .send(queue[0], attempt: attempts)
        case .taken:
            state = .settling
            return .acknowledge(queue[0].sequence)
        case .givenUp(let reason):
            state = .settling
            return .bury(queue[0].sequence, reason: reason, attempts: attempts)
        case .reading, .sending, .settling:
            preconditionFailure("a delivery was asked for the next action before the last one ended")
        }
    }

    /// The pending alerts, ascending, or the first of them.
    mutating func read(_ alerts: [Alert], now: Int64) {
        precondition(state == .reading, "alerts were read that nobody asked for")
        queue = alerts
        attempts = 0
        state = alerts.isEmpty ? .empty(until: now + policy.idlePause) : .ready(due: now)
    }

    mutating func answered(_ outcome: Outcome, now: Int64) {
        precondition(state == .sending, "an answer came to nothing that was sent")
        switch outcome {
        case .taken: state = .taken
        case .refused(let reason): state = .givenUp(reason)
        case .failed(let reason):
            state = attempts < policy.attempts ? .ready(due: now + policy.pause(after: attempts)) : .givenUp(reason)
        }
    }

    /// The ledger has the acknowledgement, or the dead letter.
    mutating func settled(now: Int64) {
        precondition(state == .settling, "nothing was to be settled")
        queue.removeFirst()
        attempts = 0
        state = queue.isEmpty ? .empty(until: now) : .ready(due: now)
    }

    /// The ledger did not answer.
    mutating func broken(now: Int64) {
        queue = []
        attempts = 0
        state = .empty(until: now + policy.firstPause)
    }
}
