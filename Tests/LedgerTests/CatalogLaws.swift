// The laws of the catalog as functions that throw where an engine breaks them.
import Ledger
import Messages

let catalogLaws: [Law] = [
    Law("collections are made once, with a fixed number of partitions") { bench in
        try bench.engine.ensureCollection("c", partitions: 2)
        try bench.expectRefusal(.partitionsDiffer(stored: 2)) { try bench.engine.ensureCollection("c", partitions: 3) }
        try bench.engine.ensureCollection("b-1_x", partitions: 1)
        try bench.expectEqual(
            try bench.engine.collections(),
            [
                CollectionRecord(name: "b-1_x", partitions: 1, version: 0),
                CollectionRecord(name: "c", partitions: 2, version: 0),
            ], "list")
        for name in ["", "A", "a/b", "../a", "a b", "é"] {
            do { try bench.engine.ensureCollection(name, partitions: 1) } catch CatalogRefusal.invalid { continue }
            throw LawBroken(description: "name '\(name)' is accepted")
        }
        try bench.expectRefusal(.unknownCollection("x")) { _ = try bench.engine.snapshot("x") }
        try bench.expectRefusal(.unknownCollection("x")) { _ = try bench.engine.version("x") }
        try bench.expectRefusal(.unknownPartition(2)) { _ = try bench.lease(2) }
    },
    Law("C3 the epoch grows at every take-over, and not at a renewal") { bench in
        let first = try bench.lease(holder: "a", duration: 100)
        try bench.expectEqual(first.epoch, 1, "first epoch")
        try bench.expectEqual(first.expiresAt, 1_100, "expiry")
        bench.now = 1_050
        let other = try bench.engine.acquire("c", partition: 0, holder: "b", durationMilliseconds: 100, now: bench.now)
        try bench.expectEqual(other, nil, "while it is alive")
        try bench.expectEqual(try bench.lease(holder: "a", duration: 100).epoch, 1, "the same holder")
        bench.now = 1_150
        let second = try bench.lease(holder: "b", duration: 100)
        try bench.expectEqual(second.epoch, 2, "after it expired")
        try bench.expectRefusal(.fenced(current: 2)) {
            _ = try bench.engine.renew(first, durationMilliseconds: 100, now: bench.now)
        }
        bench.now = 1_400
        try bench.expectEqual(
            try bench.engine.renew(second, durationMilliseconds: 100, now: bench.now).expiresAt, 1_500,
            "renewed late, but nobody took over")
        bench.now = 1_600
        try bench.expectEqual(try bench.lease(holder: "b").epoch, 3, "the same name after expiry is a take-over")
        try bench.expectEqual(try bench.lease(1, holder: "z").epoch, 1, "the other partition")
        try bench.expectEqual(try bench.engine.holders("c").map(\.holder), ["b", "z"], "holders")
    },
    Law("a released lease is free at once, a lost one stays with its new holder") { bench in
        let first = try bench.lease(holder: "a")
        try bench.engine.release(first)
        let second = try bench.lease(holder: "b")
        try bench.expectEqual(second.epoch, 2, "epoch")
        try bench.engine.release(first)
        try bench.expectEqual(
            try bench.engine.acquire("c", partition: 0, holder: "a", durationMilliseconds: 1, now: bench.now), nil,
            "still b's")
        try bench.expectRefusal(.fenced(current: 2)) {
            try bench.append("i")
            try bench.index("s", 0..<1, epoch: first.epoch)
        }
    },
    Law("C1 and C4 a publish adds, advances, alerts and counts a version, whole") { bench in
        try bench.append("i", 5)
        let lease = try bench.lease()
        let record = bench.segment("s", 0, 5)
        try bench.stage([record], epoch: lease.epoch)
        try bench.expectEqual(try bench.engine.segmentState("s"), .staged, "staged")
        let alert = AlertBatch(batchID: "w", recordCount: 2, payload: [1, 2])
        try bench.expectEqual(
            try bench.publish(bench.request(lease.epoch, 0..<5, add: [record], searchable: 4, alerts: [alert])), 1,
            "version")
        let snapshot = try bench.snapshot()
        try bench.expectEqual(snapshot.version, 1, "version")
        try bench.expectEqual(
            snapshot.partitions,
            [
                PartitionSnapshot(partition: 0, checkpoint: 5, segments: [record]),
                PartitionSnapshot(partition: 1, checkpoint: 0, segments: []),
            ], "snapshot")
        try bench.expectEqual(try bench.engine.segmentState("s"), .live, "live")
        try bench.expectEqual(try bench.read(Bench.alerts).map(\.payload), [[1, 2]], "alerts")
        try bench.expectEqual(try bench.engine.bounds(Bench.alerts).next, 2, "alert records")
        try bench.expectEqual(try bench.engine.holders("c").first?.checkpoint, 5, "the lease's checkpoint")
        try bench.expectEqual(try bench.lease().checkpoint, 5, "the next lease's checkpoint")
        try bench.expectEqual(try bench.counts().liveDocuments, 4, "live documents")
    },
    Law("C1 a refused publish leaves no trace") { bench in
        try bench.append("i", 5)
        let lease = try bench.lease()
        try bench.index("s", 0..<2, epoch: lease.epoch)
        let before = try bench.snapshot()
        let (good, missing) = (bench.segment("good", 2, 4), bench.segment("missing", 4, 5))
        try bench.stage([good], epoch: lease.epoch)
        let alert = AlertBatch(batchID: "w", payload: [1])
        try bench.expectRefusal(.notStaged(["missing"])) {
            try bench.publish(bench.request(lease.epoch, 2..<5, add: [good, missing], alerts: [alert]))
        }
        try bench.expectEqual(try bench.snapshot(), before, "snapshot")
        try bench.expectEqual(try bench.engine.segmentState("good"), .staged, "the good segment")
        try bench.expectEqual(try bench.engine.bounds(Bench.alerts).next, 0, "alerts")
        try bench.publish(bench.request(lease.epoch, 2..<4, add: [good]))
    },
    Law("C2 an old epoch is refused") { bench in
        try bench.append("i", 5)
        let old = try bench.lease(holder: "a", duration: 10)
        let record = bench.segment("s", 0, 5)
        try bench.stage([record], epoch: old.epoch)
        bench.now += 20
        let new = try bench.lease(holder: "b")
        try bench.expectRefusal(.fenced(current: 2)) {
            try bench.publish(bench.request(old.epoch, 0..<5, add: [record]))
        }
        try bench.expectRefusal(.fenced(current: 2)) { try bench.stage([bench.segment("t", 0, 5)], epoch: old.epoch) }
        try bench.expectRefusal(.fenced(current: 2)) { try bench.publish(bench.request(7, 0..<5, add: [record])) }
        try bench.expectEqual(try bench.snapshot().version, 0, "version")
        try bench.index("n", 0..<5, epoch: new.epoch)
    },
    Law("C2 a partition that nobody holds refuses epoch 0, and an advance needs an epoch") { bench in
        try bench.append("i")
        let record = bench.segment("s", 0, 1)
        try bench.stage([record])
        try bench.expectRefusal(.fenced(current: 0)) { try bench.publish(bench.request(0, 0..<1, add: [record])) }
        try bench.expectRefusal(.epochMissing) { try bench.publish(bench.request(nil, 0..<1, add: [record])) }
    },
    Law("C2 a start that is not the checkpoint is refused") { bench in
        try bench.append("i", 6)
        let lease = try bench.lease()
        let (first, second, third) = (bench.segment("s", 0, 3), bench.segment("t", 0, 3), bench.segment("u", 4, 6))
        try bench.stage([first, second, third], epoch: lease.epoch)
        try bench.publish(bench.request(lease.epoch, 0..<3, add: [first]))
        try bench.expectRefusal(.moved(current: 3)) {
            try bench.publish(bench.request(lease.epoch, 0..<3, add: [second]))
        }
        try bench.expectRefusal(.moved(current: 3)) {
            try bench.publish(bench.request(lease.epoch, 4..<6, add: [third]))
        }
        try bench.expectExactCover(try bench.snapshot())
    },
    Law("an advance ends within the journal and is not empty") { bench in
        try bench.append("i", 2)
        let lease = try bench.lease()
        try bench.expectRefusal(.beyondJournal(next: 2)) { try bench.index("s", 0..<3, epoch: lease.epoch) }
        do { try bench.publish(bench.request(lease.epoch, 0..<0)) } catch CatalogRefusal.invalid { return }
        throw LawBroken(description: "an empty advance is accepted")
    },
    Law("C4 versions grow by one") { bench in
        try bench.append("i", 3)
        try bench.append("j", 3, to: Bench.items(1))
        let (lease0, lease1) = (try bench.lease(0), try bench.lease(1))
        try bench.expectEqual(try bench.index("a", 0..<1, epoch: lease0.epoch), 1, "first")
        try bench.expectEqual(try bench.index("b", 0..<1, epoch: lease1.epoch, partition: 1), 2, "second")
        try bench.expectEqual(try bench.index("c", 1..<3, epoch: lease0.epoch), 3, "third")
        try bench.expectEqual(try bench.engine.version("c"), 3, "asked for")
        try bench.expectEqual(try bench.engine.collections().map(\.version), [3], "in the list")
        try bench.expectExactCover(try bench.snapshot())
    },
    Law("C4 what is added covers what is removed and the advance, exactly") { bench in
        try bench.append("i", 10)
        let lease = try bench.lease()
        let parts = [bench.segment("a", 0, 2), bench.segment("b", 2, 4), bench.segment("c", 4, 6)]
        let wrong: [(Range<Int64>, [SegmentRecord])] = [
            (0..<7, parts), (0..<5, parts), (0..<6, [parts[0], parts[2]]), (0..<6, []),
            (0..<6, parts + [bench.segment("d", 3, 5)]), (0..<4, [parts[0], bench.segment("e", 1, 4)]),
        ]
        try bench.stage(parts + [bench.segment("d", 3, 5), bench.segment("e", 1, 4)], epoch: lease.epoch)
        for (advance, add) in wrong {
            try bench.expectRefusal(.notCovering) { try bench.publish(bench.request(lease.epoch, advance, add: add)) }
        }
        try bench.publish(bench.request(lease.epoch, 0..<6, add: parts.reversed()))
        let snapshot = try bench.snapshot()
        try bench.expectExactCover(snapshot)
        try bench.expectEqual(snapshot.partitions[0].segments.map(\.id), ["a", "b", "c"], "ascending")
        let merged = [bench.segment("m1", 0, 4, level: 1), bench.segment("m2", 0, 6, level: 1)]
        try bench.stage(merged)
        try bench.expectRefusal(.notCovering) {
            try bench.publish(bench.request(nil, add: [merged[0]], remove: [("a", 0)]))
        }
        try bench.expectRefusal(.notCovering) {
            try bench.publish(bench.request(nil, add: [merged[1]], remove: [("a", 0), ("c", 0)]))
        }
        try bench.expectRefusal(.notCovering) { try bench.publish(bench.request(nil, remove: [("a", 0)])) }
        try bench.publish(bench.request(nil, add: [merged[0]], remove: [("b", 0), ("a", 0)]))
        try bench.expectExactCover(try bench.snapshot())
        try bench.expectEqual(try bench.snapshot().partitions[0].segments.map(\.id), ["m1", "c"], "after the merge")
        try bench.expectEqual(try bench.engine.segmentState("a"), .dead, "an input")
    },
    Law("C5 of two merges of one input, one wins") { bench in
        try bench.append("i", 3)
        let lease = try bench.lease()
        for number in 0..<3 { try bench.index("s\(number)", Int64(number)..<Int64(number + 1), epoch: lease.epoch) }
        let (left, right) = (bench.segment("left", 0, 2, level: 1), bench.segment("right", 1, 3, level: 1))
        try bench.stage([left])
        try bench.stage([right])
        try bench.publish(bench.request(nil, add: [left], remove: [("s0", 0), ("s1", 0)]))
        try bench.expectRefusal(.notLive(["s1"])) {
            try bench.publish(bench.request(nil, add: [right], remove: [("s1", 0), ("s2", 0)]))
        }
        try bench.expectExactCover(try bench.snapshot())
        try bench.expectRefusal(.notLive(["left"])) {
            try bench.publish(bench.request(nil, remove: [("left", 0)], partition: 1))
        }
    },
    Law("C5 only what was staged is added, with the values that were staged") { bench in
        try bench.append("i", 2)
        let lease = try bench.lease()
        let record = bench.segment("s", 0, 2)
        try bench.expectRefusal(.notStaged(["s"])) {
            try bench.publish(bench.request(lease.epoch, 0..<2, add: [record]))
        }
        try bench.stage([record], epoch: lease.epoch)
        try bench.stage([record], epoch: lease.epoch)
        var other = record
        other.documentCount = 1
        try bench.expectRefusal(.nameInUse(["s"])) { try bench.stage([other], epoch: lease.epoch) }
        try bench.expectRefusal(.differsFromStaged(["s"])) {
            try bench.publish(bench.request(lease.epoch, 0..<2, add: [other]))
        }
        try bench.publish(bench.request(lease.epoch, 0..<2, add: [record]))
        try bench.expectRefusal(.nameInUse(["s"])) { try bench.stage([record], epoch: lease.epoch) }
        try bench.expectRefusal(.nameInUse(["c/s.seg"])) {
            var thief = bench.segment("t", 0, 2)
            thief.file = record.file
            try bench.stage([thief], epoch: lease.epoch)
        }
        try bench.expectEqual(try bench.snapshot().partitions[0].segments, [record], "what is live")
    },
    Law("C5 deletes that came after a merge was read refuse the merge") { bench in
        try bench.append("i", 4)
        let lease = try bench.lease()
        try bench.index("a", 0..<2, epoch: lease.epoch)
        try bench.index("b", 2..<4, epoch: lease.epoch)
        let merged = bench.segment("m", 0, 4, level: 1)
        try bench.stage([merged], liveDocs: [bench.file("a-1.live"), bench.file("a-2.live")])
        func change(_ expected: Int, _ new: Int, deleted: Int = 1) -> LiveDocsChange {
            LiveDocsChange(
                segmentID: "a", expectedGeneration: expected, newGeneration: new, file: bench.file("a-\(new).live"),
                deletedCount: deleted)
        }
        try bench.expectRefusal(.epochMissing) { try bench.publish(bench.request(nil, liveDocs: [change(0, 1)])) }
        try bench.expectRefusal(.notStaged(["c/a-9.live"])) {
            try bench.publish(bench.request(lease.epoch, liveDocs: [change(0, 9)]))
        }
        try bench.publish(bench.request(lease.epoch, liveDocs: [change(0, 1)]))
        try bench.expectRefusal(.liveDocsChanged(["a"])) {
            try bench.publish(bench.request(lease.epoch, liveDocs: [change(0, 2)]))
        }
        try bench.expectRefusal(.liveDocsChanged(["a"])) {
            try bench.publish(bench.request(nil, add: [merged], remove: [("a", 0), ("b", 0)]))
        }
        let live = try bench.snapshot().partitions[0].segments[0]
        try bench.expectEqual(live.liveDocs, bench.file("a-1.live"), "the file")
        try bench.expectEqual([live.liveDocsGeneration, live.deletedCount], [1, 1], "generation and count")
        for wrong in [change(1, 2, deleted: 0), change(1, 2, deleted: 3), change(1, 1)] {
            do { try bench.publish(bench.request(lease.epoch, liveDocs: [wrong])) } catch CatalogRefusal.invalid {
                continue
            }
            throw LawBroken(description: "\(wrong) is accepted")
        }
        var fresh = merged
        fresh.deletedCount = 1
        fresh.liveDocs = bench.file("m-1.live")
        fresh.liveDocsGeneration = 1
        try bench.expectRefusal(.notStaged(["c/m-1.live"])) {
            try bench.publish(bench.request(nil, add: [fresh], remove: [("a", 1), ("b", 0)]))
        }
        try bench.stage([], liveDocs: [bench.file("m-1.live")])
        try bench.publish(bench.request(nil, add: [fresh], remove: [("a", 1), ("b", 0)]))
        try bench.expectEqual(try bench.snapshot().partitions[0].segments, [fresh], "merged with its deletes")
    },
    Law("C6 what was condemned is never published") { bench in
        try bench.append("i", 2)
        let lease = try bench.lease()
        let record = bench.segment("s", 0, 2)
        try bench.stage([record], epoch: lease.epoch)
        bench.now += 500
        let early = try bench.engine.condemn(
            now: bench.now, deadGraceMilliseconds: 0, stagedGraceMilliseconds: 501, limit: 9)
        try bench.expectEqual(early, [], "within the grace")
        bench.now += 1
        let condemned = [CondemnedFile(name: "c/s.seg", collection: "c")]
        for _ in 0..<2 {
            try bench.expectEqual(
                try bench.engine.condemn(
                    now: bench.now, deadGraceMilliseconds: 0, stagedGraceMilliseconds: 501, limit: 9),
                condemned, "condemned, and told again until forgotten")
        }
        try bench.expectEqual(try bench.engine.segmentState("s"), .condemned, "its state")
        try bench.expectRefusal(.notStaged(["s"])) {
            try bench.publish(bench.request(lease.epoch, 0..<2, add: [record]))
        }
        try bench.expectRefusal(.nameInUse(["s"])) { try bench.stage([record], epoch: lease.epoch) }
        try bench.engine.forget(["c/s.seg", "c/unknown"])
        try bench.expectEqual(try bench.engine.segmentState("s"), nil, "forgotten")
        try bench.expectRefusal(.notStaged(["s"])) {
            try bench.publish(bench.request(lease.epoch, 0..<2, add: [record]))
        }
        try bench.expectEqual(
            try bench.engine.condemn(now: bench.now, deadGraceMilliseconds: 0, stagedGraceMilliseconds: 0, limit: 9),
            [], "none left")
    },
    Law("C7 the state of a staged segment tells how an unknown publish ended") { bench in
        try bench.append("i", 2)
        let lease = try bench.lease()
        try bench.expectEqual(try bench.engine.segmentState("s"), nil, "unknown")
        let record = bench.segment("s", 0, 2)
        try bench.stage([record], epoch: lease.epoch)
        try bench.expectEqual(try bench.engine.segmentState("s"), .staged, "not done")
        try bench.publish(bench.request(lease.epoch, 0..<2, add: [record]))
        try bench.expectEqual(try bench.engine.segmentState("s"), .live, "done")
        try bench.expectRefusal(.moved(current: 2)) {
            try bench.publish(bench.request(lease.epoch, 0..<2, add: [record]))
        }
    },
    Law("garbage: dead files go after the grace, live ones never") { bench in
        try bench.append("i", 4)
        let lease = try bench.lease()
        try bench.index("a", 0..<2, epoch: lease.epoch)
        try bench.index("b", 2..<4, epoch: lease.epoch)
        try bench.stage([], liveDocs: [bench.file("a-1.live"), bench.file("a-2.live")])
        for generation in 1...2 {
            let change = LiveDocsChange(
                segmentID: "a", expectedGeneration: generation - 1, newGeneration: generation,
                file: bench.file("a-\(generation).live"), deletedCount: generation)
            try bench.publish(bench.request(lease.epoch, liveDocs: [change]))
        }
        func condemn(_ limit: Int = 99) throws -> [String] {
            try bench.engine.condemn(
                now: bench.now, deadGraceMilliseconds: 100, stagedGraceMilliseconds: 100, limit: limit
            )
            .map(\.name)
        }
        try bench.expectEqual(try condemn(), [], "nothing is old")
        bench.now += 100
        try bench.expectEqual(try condemn(), ["c/a-1.live"], "the replaced live-docs file")
        try bench.expectEqual(try bench.engine.segmentState("a"), .live, "its segment")
        try bench.engine.forget(["c/a-1.live", "c/a.seg"])
        let merged = bench.segment("m", 0, 4, level: 1)
        try bench.stage([merged])
        try bench.publish(bench.request(nil, add: [merged], remove: [("a", 2), ("b", 0)]))
        bench.now += 99
        try bench.expectEqual(try condemn(), [], "within the grace")
        bench.now += 1
        try bench.expectEqual(try condemn(2), ["c/a-2.live", "c/a.seg"], "no more than asked for")
        try bench.expectEqual(try condemn(), ["c/a-2.live", "c/a.seg", "c/b.seg"], "inputs and live docs")
        try bench.engine.forget(["c/a-2.live", "c/a.seg", "c/m.seg"])
        try bench.expectEqual(try condemn(), ["c/b.seg"], "until forgotten")
        try bench.expectEqual(
            [try bench.engine.segmentState("a"), try bench.engine.segmentState("b")], [nil, .condemned], "states")
        bench.now += 100_000
        _ = try condemn()
        try bench.expectEqual(try bench.engine.segmentState("m"), .live, "the live one")
    },
    Law("a request outside its limits is refused") { bench in
        try bench.append("i", 2)
        let lease = try bench.lease()
        func expectInvalid(_ what: String, _ body: () throws -> Void) throws {
            do { try body() } catch CatalogRefusal.invalid { return }
            throw LawBroken(description: "\(what) is accepted")
        }
        try expectInvalid("a segment named twice") {
            try bench.stage([bench.segment("s", 0, 1), bench.segment("s", 0, 1)], epoch: lease.epoch)
        }
        try expectInvalid("a segment of another partition") {
            try bench.stage([bench.segment("s", 0, 1, partition: 1)], epoch: lease.epoch)
        }
        try expectInvalid("a file of another collection") {
            try bench.stage([], liveDocs: [SegmentFile(name: "d/x", byteCount: 1, checksum: 1)], epoch: lease.epoch)
        }
        try expectInvalid("an empty range") { try bench.stage([bench.segment("s", 1, 1)], epoch: lease.epoch) }
        try expectInvalid("deletes without a file") {
            var record = bench.segment("s", 0, 2)
            record.deletedCount = 1
            try bench.stage([record], epoch: lease.epoch)
        }
        try expectInvalid("nothing to publish") { try bench.publish(bench.request(lease.epoch)) }
        try expectInvalid("a negative count") { try bench.publish(bench.request(lease.epoch, 0..<2, superseded: -1)) }
    },
    Law("collections do not touch each other") { bench in
        try bench.engine.ensureCollection("d", partitions: 2)
        try bench.append("i", 2)
        let lease = try bench.lease()
        let record = bench.segment("s", 0, 2)
        try bench.index("s", 0..<2, epoch: lease.epoch)
        try bench.expectRefusal(.notLive(["s"])) {
            var request = bench.request(nil, remove: [("s", 0)])
            request.collection = "d"
            try bench.publish(request)
        }
        try bench.expectRefusal(.nameInUse(["s"])) {
            var other = record
            other.collection = "d"
            other.file.name = "d/s.seg"
            try bench.engine.stage(
                StageRequest(collection: "d", partition: 0, epoch: nil, segments: [other]), now: bench.now)
        }
        try bench.expectEqual(try bench.engine.version("d"), 0, "version of the other")
        try bench.expectEqual(try bench.engine.snapshot("d").partitions.map(\.checkpoint), [0, 0], "its checkpoints")
        try bench.expectEqual(try bench.engine.counts("d"), CollectionCounts(), "its counts")
    },
]
