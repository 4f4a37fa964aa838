// Timers in the order of their deadlines: a binary heap, with cancelled entries left in place until they surface or are
// more than half of it.
//
// Invariants:
//  (1) `bodies` has exactly the timers that will fire; `heap` has an entry for each of them and may have others.
//  (2) heap[i] <= heap[2 i + 1] and heap[i] <= heap[2 i + 2].

/// Names a timer of a `PollThread`.
package struct TimerID: Sendable, Hashable {
    let number: UInt64
}

/// Actions with deadlines; timers of one deadline fire in the order in which they were made.
package struct TimerQueue<Body> {
    private struct Entry {
        let deadline: Int64
        let number: UInt64

        static func < (left: Entry, right: Entry) -> Bool {
            left.deadline == right.deadline ? left.number < right.number : left.deadline < right.deadline
        }
    }

    private var heap: [Entry] = []
    private var bodies: [UInt64: Body] = [:]
    /// The number of the next timer; those made from now on have at least this one.
    package private(set) var nextNumber: UInt64 = 0

    package init() {}

    package var count: Int { bodies.count }

    /// Adds a timer.
    ///
    /// - Complexity: O(log n).
    package mutating func insert(deadline: Int64, _ body: Body) -> TimerID {
        let entry = Entry(deadline: deadline, number: nextNumber)
        nextNumber += 1
        bodies[entry.number] = body
        heap.append(entry)
        siftUp(heap.count - 1)
        return TimerID(number: entry.number)
    }

    /// Removes a timer; nothing happens if it has fired.
    ///
    /// - Complexity: O(1) amortised, O(log n) more when it surfaces.
    package mutating func cancel(_ timer: TimerID) {
        bodies[timer.number] = nil
        if heap.count > 64, heap.count > 2 * bodies.count { rebuild() }
    }

    /// The earliest deadline.
    package mutating func nextDeadline() -> Int64? {
        while let first = heap.first, bodies[first.number] == nil { removeFirst() }
        return heap.first?.deadline
    }

    /// Removes the earliest timer if it is due at `now` and was made before number `limit`.
    package mutating func popDue(_ now: Int64, before limit: UInt64) -> Body? {
        guard let deadline = nextDeadline(), deadline <= now, let number = heap.first?.number, number < limit else {
            return nil
        }
        removeFirst()
        return bodies.removeValue(forKey: number)
    }

    package mutating func removeAll() {
        heap = []
        bodies = [:]
    }

    // MARK: Heap

    private mutating func removeFirst() {
        let last = heap.removeLast()
        if heap.isEmpty { return }
        heap[0] = last
        siftDown(0)
    }

    private mutating func rebuild() {
        heap = heap.filter { bodies[$0.number] != nil }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index] < heap[parent] else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            if least == index { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
