// The timer queue against a sorted list.

import Testing
import ZeroMQ

@Suite struct TimerQueueTests {
    /// SplitMix64, for the same numbers in every run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func itFiresWhatASortedListFires(seed: UInt64) {
        var generator = Generator(state: seed)
        var queue = TimerQueue<Int>()
        var oracle: [(deadline: Int64, body: Int, timer: TimerID)] = []
        var made = 0
        for step in 0..<3_000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                let deadline = Int64.random(in: 0..<200, using: &generator)
                let timer = queue.insert(deadline: deadline, made)
                let place = oracle.firstIndex { $0.deadline > deadline } ?? oracle.count
                oracle.insert((deadline, made, timer), at: place)
                made += 1
            case 5..<8:
                guard let victim = oracle.indices.randomElement(using: &generator) else { continue }
                queue.cancel(oracle.remove(at: victim).timer)
            default:
                let now = Int64.random(in: 0..<200, using: &generator)
                while let body = queue.popDue(now, before: queue.nextNumber) {
                    guard let first = oracle.first, first.deadline <= now else {
                        Issue.record("timer \(body) is early in step \(step), seed \(seed)")
                        return
                    }
                    #expect(oracle.removeFirst().body == body, "step \(step), seed \(seed)")
                }
                #expect(oracle.first.map { $0.deadline > now } ?? true, "step \(step), seed \(seed)")
            }
            #expect(queue.count == oracle.count, "step \(step), seed \(seed)")
            #expect(queue.nextDeadline() == oracle.first?.deadline, "step \(step), seed \(seed)")
        }
    }

    @Test func timersMadeAfterALimitWait() {
        var queue = TimerQueue<String>()
        _ = queue.insert(deadline: 5, "old")
        let limit = queue.nextNumber
        _ = queue.insert(deadline: 1, "new")
        #expect(queue.popDue(9, before: limit) == nil)
        #expect(queue.popDue(9, before: queue.nextNumber) == "new")
        #expect(queue.popDue(9, before: limit) == "old")
        #expect(queue.popDue(9, before: .max) == nil)
    }

    @Test func cancellingTwiceOrAfterTheFactDoesNothing() {
        var queue = TimerQueue<Int>()
        let first = queue.insert(deadline: 1, 1)
        let second = queue.insert(deadline: 2, 2)
        queue.cancel(first)
        queue.cancel(first)
        #expect(queue.popDue(9, before: .max) == 2)
        queue.cancel(second)
        #expect(queue.count == 0)
        #expect(queue.nextDeadline() == nil)
    }
}
