// Virtual time: a queue of events, one source of chance, and the record of what was violated.

/// What the runs must have met, so that their silence means something.
package enum Landmark: String, CaseIterable, Sendable {
    case brokerDied, brokerPaused, workerKilled, workerStuck, machineLost, drained, connectionCut, resultRepeated
    case commitFailed, commitSurvivedDeath, leaseOverdue, handedBack, reclaimed, lateResult, gaveUp, grantUnsent
    case submissionRepeated, appendSurvivedDeath, diskSlow
    case hedged, reassigned, askAbandoned, queryExpired, queryUnserved, lateAnswer, queryWaited
}

/// Runs events in the order of their times; equal times run in the order in which they were scheduled.
final class World {
    private struct Event {
        let time: Int64
        let number: Int
        let action: () -> Void

        func precedes(_ other: Event) -> Bool { (time, number) < (other.time, other.number) }
    }

    /// Milliseconds since the start.
    private(set) var now: Int64 = 0
    var random: SeededGenerator
    /// The longest that a write to the broker's disk takes, in milliseconds.
    var diskLag: Int64 = 30
    private(set) var eventCount = 0
    /// The first promise that was broken; the run ends there.
    private(set) var violation: String?
    private(set) var landmarks: [Landmark: Int] = [:]
    private(set) var trace: [String] = []
    private let isTracing: Bool
    /// A binary heap, least first.
    private var events: [Event] = []
    private var nextNumber = 0

    init(seed: UInt64, isTracing: Bool) {
        random = SeededGenerator(seed: seed)
        self.isTracing = isTracing
    }

    func note(_ text: @autoclosure () -> String) {
        if isTracing { trace.append("\(now) \(text())") }
    }

    func reach(_ landmark: Landmark, _ count: Int = 1) {
        if count > 0 { landmarks[landmark, default: 0] += count }
    }

    func violate(_ text: String) {
        guard violation == nil else { return }
        violation = "at \(now) ms: \(text)"
        note("VIOLATION \(text)")
    }

    func after(_ milliseconds: Int64, _ action: @escaping () -> Void) { at(now + milliseconds, action) }

    func at(_ time: Int64, _ action: @escaping () -> Void) {
        events.append(Event(time: max(now, time), number: nextNumber, action: action))
        nextNumber += 1
        var child = events.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard events[child].precedes(events[parent]) else { break }
            events.swapAt(child, parent)
            child = parent
        }
    }

    /// Runs until a promise is broken, nothing is left to do, `isDone`, or the limit.
    ///
    /// - Returns: false where the limit was reached.
    func run(until limit: Int64, isDone: () -> Bool) -> Bool {
        while violation == nil, !isDone(), let next = events.first {
            guard next.time <= limit else { return false }
            removeFirst()
            now = next.time
            eventCount += 1
            next.action()
        }
        return true
    }

    private func removeFirst() {
        let last = events.removeLast()
        guard !events.isEmpty else { return }
        events[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < events.count {
                if events[child].precedes(events[least]) { least = child }
            }
            guard least != parent else { return }
            events.swapAt(parent, least)
            parent = least
        }
    }
}
