// A removal waits for the older versions of its document, and for nothing else.

import IngestService
import Messages
import Testing

@Suite struct VersionOrderTests {
    private func id(_ offset: Int64) -> SubmissionID { SubmissionID(collection: "c", rawOffset: offset) }

    @Test func aRemovalWaitsForOlderVersionsOnly() {
        var order = VersionOrder()
        let older = order.began(id(1), identity: "a", mustFollow: false)
        let removal = order.began(id(2), identity: "a", mustFollow: true)
        let newer = order.began(id(3), identity: "a", mustFollow: false)
        let other = order.began(id(4), identity: "b", mustFollow: true)
        #expect(older && !removal && newer && other)
        #expect(order.finished(id(3), identity: "a") == nil)
        #expect(order.finished(id(1), identity: "a") == id(2))
        #expect(order.finished(id(2), identity: "a") == nil)
        #expect(order.finished(id(4), identity: "b") == nil)
        #expect(order.count == 0)
    }

    @Test func removalsOfOneDocumentFollowEachOther() {
        var order = VersionOrder()
        _ = order.began(id(1), identity: "a", mustFollow: false)
        _ = order.began(id(2), identity: "a", mustFollow: true)
        _ = order.began(id(3), identity: "a", mustFollow: true)
        #expect(order.finished(id(1), identity: "a") == id(2))
        #expect(order.finished(id(2), identity: "a") == id(3))
        #expect(order.finished(id(3), identity: "a") == nil)
        #expect(order.count == 0)
    }

    /// Random documents and ends: no removal ends before an older version, and all end.
    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func nothingOvertakesAndNothingIsForgotten(seed: UInt64) {
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        var order = VersionOrder()
        var free: [Int64] = []
        var underway: [Int64: String] = [:]
        var begun: Int64 = 0
        while begun < 200 || !underway.isEmpty {
            if begun < 200, free.isEmpty || random(2) == 0 {
                let identity = "d\(random(4))"
                let isRemoval = random(3) == 0
                let mayGoOn = order.began(id(begun), identity: identity, mustFollow: isRemoval)
                let hasOlder = underway.contains { $0.value == identity }
                #expect(mayGoOn == !(isRemoval && hasOlder), "seed \(seed)")
                underway[begun] = identity
                if mayGoOn { free.append(begun) }
                begun += 1
                continue
            }
            guard !free.isEmpty else {
                Issue.record("seed \(seed): \(underway.count) submissions wait for ever")
                return
            }
            let offset = free.remove(at: random(free.count))
            let identity = underway.removeValue(forKey: offset) ?? ""
            if let next = order.finished(id(offset), identity: identity) {
                let isOldest = !underway.contains { $0.value == identity && $0.key < next.rawOffset }
                #expect(isOldest, "seed \(seed)")
                free.append(next.rawOffset)
            }
        }
        #expect(order.count == 0)
    }
}
