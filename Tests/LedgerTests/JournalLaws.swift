// The laws of the journal as functions that throw where an engine breaks them.
import Ledger
import Messages

/// One law on a fresh engine.
struct Law: Sendable, CustomStringConvertible {
    let name: String
    let check: @Sendable (Bench) throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (Bench) throws -> Void) {
        self.name = name
        self.check = check
    }

    var description: String { name }
}

let journalLaws: [Law] = [
    Law("J2 offsets are dense and in order, stream by stream") { bench in
        try bench.expectEqual(try bench.append("a", 3).firstOffset, 0, "first batch")
        try bench.expectEqual(try bench.append("b", 2).firstOffset, 3, "second batch")
        try bench.expectEqual(try bench.append("c", 1, to: Bench.items(1)).firstOffset, 0, "other partition")
        try bench.expectEqual(try bench.append("d", 4).firstOffset, 5, "third batch")
        let batches = try bench.read(Bench.items())
        try bench.expectEqual(batches.map(\.batchID), ["a", "b", "d"], "order")
        try bench.expectEqual(batches.map(\.firstOffset), [0, 3, 5], "offsets")
        try bench.expectEqual(try bench.engine.bounds(Bench.items()), JournalBounds(low: 0, next: 9), "bounds")
    },
    Law("what is read is what was appended") { bench in
        bench.now = 77
        let payloads: [[UInt8]] = [[], [0], Array(0...255), [UInt8](repeating: 9, count: 100_000)]
        for (number, payload) in payloads.enumerated() {
            let batch = JournalBatch(batchID: "数-\(number)", recordCount: 1, payload: payload)
            _ = try bench.engine.append(batch, to: Bench.raw, now: bench.now)
        }
        let batches = try bench.read(Bench.raw)
        try bench.expectEqual(batches.map(\.payload), payloads, "payloads")
        try bench.expectEqual(batches.map(\.batchID), ["数-0", "数-1", "数-2", "数-3"], "ids")
        try bench.expectEqual(batches.map(\.appendedAt), [77, 77, 77, 77], "times")
    },
    Law("a read begins with the batch that holds the offset and ends at the limits") { bench in
        for (number, count) in [3, 2, 4].enumerated() { try bench.append("b\(number)", count) }
        func read(_ from: Int64, _ count: Int = 10, _ bytes: Int = 100) throws -> [Int64] {
            try bench.engine.read(Bench.items(), from: from, maxBatches: count, maxBytes: bytes).map(\.firstOffset)
        }
        try bench.expectEqual(try (0..<9).map { try read($0).first }, [0, 0, 0, 3, 3, 5, 5, 5, 5], "first batch")
        try bench.expectEqual(try read(9), [], "at the end")
        try bench.expectEqual(try read(500), [], "past the end")
        try bench.expectEqual(try read(0, 2), [0, 3], "two batches")
        try bench.expectEqual(try read(0, 10, 6), [0, 3], "six bytes")
        try bench.expectEqual(try read(0, 10, 5), [0], "five bytes")
        try bench.expectEqual(try read(4, 10, 0), [3], "always one")
    },
    Law("J3 the same batch id gives the same offsets and no second copy") { bench in
        try bench.append("a", 3)
        let again = try bench.append("a", 3)
        try bench.expectEqual(again, AppendReceipt(firstOffset: 0, recordCount: 3, isDuplicate: true), "receipt")
        try bench.expectEqual(try bench.engine.bounds(Bench.items()).next, 3, "next offset")
        try bench.expectEqual(try bench.append("a", 1, to: Bench.items(1)).isDuplicate, false, "another stream")
        try bench.expectEqual(try bench.append("b").firstOffset, 3, "the next batch")
        try bench.expectEqual(try bench.engine.receipt(ofBatch: "a", in: Bench.items()), again, "asked for")
        try bench.expectEqual(try bench.engine.receipt(ofBatch: "z", in: Bench.items()), nil, "unknown id")
    },
    Law("J3 also within one call and within one group") { bench in
        let work = JournalWork.append([
            JournalAppend(Bench.raw, bench.batch("x")), JournalAppend(Bench.raw, bench.batch("y")),
            JournalAppend(Bench.raw, bench.batch("x")),
        ])
        let results = try bench.engine.commit([work, work], now: bench.now)
        let receipts = try results.map { result -> [AppendReceipt] in
            guard case .appended(let receipts) = try result.get() else { return [] }
            return receipts
        }
        try bench.expectEqual(receipts[0].map(\.firstOffset), [0, 1, 0], "first call")
        try bench.expectEqual(receipts[0].map(\.isDuplicate), [false, false, true], "first call")
        try bench.expectEqual(receipts[1].map(\.isDuplicate), [true, true, true], "second call")
        try bench.expectEqual(try bench.counts().accepted, 2, "accepted")
    },
    Law("an invalid work of a group fails alone and leaves nothing") { bench in
        let bad = JournalWork.append([
            JournalAppend(Bench.items(), bench.batch("good")), JournalAppend(Bench.items(), bench.batch("bad", 0)),
        ])
        let good = JournalWork.append([JournalAppend(Bench.items(), bench.batch("fine"))])
        let missing = JournalWork.append([JournalAppend(Bench.items(7), bench.batch("p"))])
        let results = try bench.engine.commit([bad, good, missing], now: bench.now)
        func isInvalid(_ index: Int) -> Bool {
            if case .failure(let error) = results[index] { error.code == .invalid } else { false }
        }
        try bench.expect(isInvalid(0) && isInvalid(2), "the bad ones fail")
        try bench.expectEqual(try bench.read(Bench.items()).map(\.batchID), ["fine"], "what is stored")
        try bench.expectError(.unknownCollection) {
            try bench.append("a", to: TopicPartition(collection: "other", topic: .raw))
        }
        try bench.expectError(.invalid) { try bench.append("two records", 2, to: Bench.raw) }
        try bench.expectError(.invalid) { try bench.append("") }
    },
    Law("J4 the memory of batch ids outlives trimming") { bench in
        try bench.append("a", 2, to: Bench.alerts)
        try bench.append("b", 2, to: Bench.alerts)
        try bench.expectEqual(try bench.engine.trim(Bench.alerts, below: 4), 4, "low mark")
        try bench.expectEqual(
            try bench.append("a", 2, to: Bench.alerts),
            AppendReceipt(firstOffset: 0, recordCount: 2, isDuplicate: true), "resent after the trim")
        try bench.expectEqual(try bench.append("c", to: Bench.alerts).firstOffset, 4, "offsets go on")
    },
    Law("the old part of a stream ends at the first batch that is not old") { bench in
        for (number, count) in [3, 2, 1].enumerated() {
            bench.now = Int64(number * 10 + 10)
            try bench.append("b\(number)", count)
        }
        func old(_ time: Int64, _ batches: Int = 10) throws -> Int64 {
            try bench.engine.oldOffset(Bench.items(), before: time, maxBatches: batches)
        }
        try bench.expectEqual(try [10, 11, 20, 21, 30, 31].map { try old($0) }, [0, 3, 3, 5, 5, 6], "offsets")
        try bench.expectEqual(try old(31, 1), 3, "one batch")
        try bench.expectEqual(try bench.engine.oldOffset(Bench.items(1), before: 31, maxBatches: 9), 0, "empty stream")
    },
    Law("J5 reading below the low mark is an error") { bench in
        for name in ["a", "b", "c"] { try bench.append(name, 2, to: Bench.alerts) }
        try bench.expectEqual(try bench.engine.trim(Bench.alerts, below: 3), 2, "only whole batches go")
        try bench.expectError(.trimmed(low: 2)) { _ = try bench.read(Bench.alerts, from: 1) }
        try bench.expectEqual(try bench.read(Bench.alerts, from: 2).map(\.batchID), ["b", "c"], "the rest")
        try bench.expectEqual(try bench.engine.trim(Bench.alerts, below: 1), 2, "a lower trim changes nothing")
        try bench.expectEqual(try bench.engine.trim(Bench.alerts, below: 6), 6, "all")
        try bench.expectEqual(try bench.read(Bench.alerts, from: 6).map(\.batchID), [], "empty")
        try bench.expectEqual(try bench.engine.bounds(Bench.alerts), JournalBounds(low: 6, next: 6), "bounds")
    },
    Law("J5 items are not trimmed past the checkpoint") { bench in
        try bench.append("a", 4)
        try bench.append("b", 4)
        let lease = try bench.lease()
        try bench.index("s", 0..<4, epoch: lease.epoch)
        try bench.expectError(.notTrimmable(limit: 4)) { _ = try bench.engine.trim(Bench.items(), below: 5) }
        try bench.expectEqual(try bench.engine.trim(Bench.items(), below: 4), 4, "low mark")
    },
    Law("J5 raw documents are not trimmed past the first unfinished one") { bench in
        for number in 0..<4 { try bench.submit("d\(number)") }
        try bench.parse(0)
        try bench.parse(2)
        try bench.expectError(.notTrimmable(limit: 1)) { _ = try bench.engine.trim(Bench.raw, below: 3) }
        try bench.expectEqual(try bench.engine.trim(Bench.raw, below: 1), 1, "low mark")
        try bench.parse(1)
        try bench.expectEqual(try bench.engine.trim(Bench.raw, below: 3), 3, "low mark")
        try bench.expectEqual(
            try bench.engine.unfinished("c", after: nil, limit: 9, maxBytes: 99).map(\.firstOffset), [3], "left")
    },
    Law("unfinished documents come in order, after an offset, within limits") { bench in
        for number in 0..<6 { try bench.submit("d\(number)") }
        try bench.parse(1)
        try bench.kill(4)
        func offsets(_ after: Int64?, _ limit: Int = 10, _ bytes: Int = 100) throws -> [Int64] {
            try bench.engine.unfinished("c", after: after, limit: limit, maxBytes: bytes).map(\.firstOffset)
        }
        try bench.expectEqual(try offsets(nil), [0, 2, 3, 5], "all")
        try bench.expectEqual(try offsets(0), [2, 3, 5], "after 0")
        try bench.expectEqual(try offsets(3), [5], "after 3")
        try bench.expectEqual(try offsets(5), [], "after the last")
        try bench.expectEqual(try offsets(nil, 2), [0, 2], "two")
        try bench.expectEqual(try offsets(nil, 10, 6), [0, 2], "six bytes")
        try bench.expectEqual(
            try bench.engine.unfinished("c", after: 1, limit: 1, maxBytes: 1).map(\.batchID), ["d2"], "its id")
    },
    Law("J6 an outcome is recorded once") { bench in
        try bench.submit("d")
        let first = try bench.parse(0, count: 2)
        try bench.expectEqual(first.status, .finished, "first")
        let again = try bench.finish(0, [ItemAppend(partition: 1, batch: bench.batch("other"))])
        try bench.expectEqual(again, CompletionReceipt(rawOffset: 0, status: .duplicate, items: first.items), "second")
        try bench.expectEqual(try bench.kill(0).status, .duplicate, "a dead letter for it")
        try bench.expectEqual(try bench.engine.bounds(Bench.items(1)).next, 0, "nothing appended")
        try bench.expectEqual(try bench.engine.bounds(Bench.items(0)).next, 2, "one copy")
        try bench.expectEqual(try bench.parse(1).status, .unknown, "no such document")
        try bench.expectEqual(try bench.engine.outcome("c", rawOffset: 1), nil, "no such state")
        try bench.expectError(.invalid) { _ = try bench.finish(0, []) }
    },
    Law("a submission's stages: accepted, parsed, searchable") { bench in
        try bench.submit("d")
        try bench.submit("e")
        try bench.expectEqual(
            try bench.engine.outcome("c", rawOffset: 0), SubmissionState(stage: .accepted), "at first")
        bench.now = 2_000
        let receipt = try bench.finish(
            0,
            [
                ItemAppend(partition: 0, batch: bench.batch("i0", 2)),
                ItemAppend(partition: 1, batch: bench.batch("i1", 3)),
            ],
            [DeadLetter(reason: "empty-document", message: "page 3", attempts: 1)])
        let ranges = [
            ItemRange(partition: 0, startOffset: 0, endOffset: 2),
            ItemRange(partition: 1, startOffset: 0, endOffset: 3),
        ]
        try bench.expectEqual(receipt.items, ranges, "ranges")
        func stageOfFirst() throws -> SubmissionState.Stage? {
            let state = try bench.engine.outcome("c", rawOffset: 0)
            return state?.stage
        }
        try bench.expectEqual(try stageOfFirst(), .parsed, "parsed")
        let lease0 = try bench.lease(0)
        let lease1 = try bench.lease(1)
        try bench.index("s0", 0..<2, epoch: lease0.epoch)
        try bench.expectEqual(try stageOfFirst(), .parsed, "one partition of two")
        try bench.expectEqual(try bench.counts().searchable, 0, "not counted yet")
        try bench.index("s1", 0..<2, epoch: lease1.epoch, partition: 1)
        try bench.expectEqual(try stageOfFirst(), .parsed, "a part of the second")
        try bench.index("s2", 2..<3, epoch: lease1.epoch, partition: 1)
        let state = try bench.engine.outcome("c", rawOffset: 0)
        try bench.expectEqual(state?.stage, .searchable, "all")
        try bench.expectEqual(state?.deadLetters.map(\.message), ["page 3"], "parts that failed")
        try bench.expectEqual(state?.finishedAt, 2_000, "time")
        try bench.expectEqual(try bench.counts().searchable, 1, "counted once")
        try bench.expectEqual(try bench.engine.outcome("c", rawOffset: 1)?.stage, .accepted, "the other one")
    },
    Law("dead letters are kept whole, through trims, until retried or dropped") { bench in
        for number in 0..<4 { try bench.submit("d\(number)") }
        bench.now = 5_000
        try bench.kill(1, reason: "unsupported-format")
        try bench.kill(2)
        try bench.parse(0)
        try bench.expectEqual(try bench.engine.trim(Bench.raw, below: 3), 3, "trim goes on past them")
        let dead = try bench.engine.deadLetters("c", from: 0, limit: 10, maxBytes: 1_000)
        try bench.expectEqual(dead.map(\.document.firstOffset), [1, 2], "listed")
        try bench.expectEqual(
            dead.first?.document,
            StoredBatch(
                firstOffset: 1, recordCount: 1, batchID: "d1", payload: [2, 2, 2], appendedAt: 1_000), "whole")
        try bench.expectEqual(dead.first?.deadLetters.first?.reason, "unsupported-format", "reason")
        try bench.expectEqual(dead.first?.diedAt, 5_000, "time")
        try bench.expectEqual(
            try bench.engine.deadLetters("c", from: 2, limit: 1, maxBytes: 0).map(\.document.batchID), ["d2"], "from 2")
        try bench.engine.retryDeadLetter("c", rawOffset: 1)
        try bench.expectEqual(
            try bench.engine.outcome("c", rawOffset: 1), SubmissionState(stage: .accepted, retries: 1), "again")
        try bench.expectEqual(
            try bench.engine.unfinished("c", after: nil, limit: 9, maxBytes: 99).map(\.payload),
            [[2, 2, 2], [2, 2, 2]],
            "back among the unfinished, below the low mark")
        try bench.expectError(.notDead) { try bench.engine.retryDeadLetter("c", rawOffset: 1) }
        try bench.expectError(.notDead) { try bench.engine.dropDeadLetter("c", rawOffset: 0, now: 1) }
        try bench.expectError(.notTrimmable(limit: 1)) { _ = try bench.engine.trim(Bench.raw, below: 4) }
        try bench.expectEqual(try bench.parse(1).status, .finished, "the second try")
        try bench.engine.dropDeadLetter("c", rawOffset: 2, now: 6_000)
        try bench.expectEqual(try bench.engine.outcome("c", rawOffset: 2)?.stage, .dropped, "dropped")
        try bench.expectEqual(try bench.engine.deadLetters("c", from: 0, limit: 9, maxBytes: 99), [], "none left")
        let counts = try bench.counts()
        try bench.expectEqual(
            [counts.accepted, counts.parsed, counts.dropped, counts.retries, counts.inFlight], [4, 2, 1, 1, 3], "counts"
        )
    },
    Law("J6 a removal drops the dead letters of older versions of its document") { bench in
        for number in 0..<6 { try bench.submit("d\(number)") }
        func kill(_ offset: Int64, _ identity: String?) throws {
            let letter = DeadLetter(reason: "unreadable-document", message: "m", attempts: 1, identity: identity)
            _ = try bench.finish(offset, [], [letter])
        }
        try kill(0, "文件/甲 \"[0]\"")
        try kill(1, "other")
        try kill(2, nil)
        try kill(5, "文件/甲 \"[0]\"")
        _ = try bench.engine.trim(Bench.raw, below: 2)
        bench.now = 7_000
        func remove(_ offset: Int64, _ identity: String) throws -> CompletionReceipt.Status? {
            let append = ItemAppend(partition: 0, batch: bench.batch("items-\(offset)"))
            let completion = Completion(
                collection: Bench.collection, rawOffset: offset, appends: [append], removes: identity)
            let receipts = try bench.engine.finish([completion], now: bench.now)
            return receipts.first?.status
        }
        try bench.expectEqual(try remove(4, "文件/甲 \"[0]\""), .finished, "the removal")
        func stages() throws -> [SubmissionState.Stage?] {
            try (0..<Int64(6)).map { offset in
                let state = try bench.engine.outcome("c", rawOffset: offset)
                return state?.stage
            }
        }
        try bench.expectEqual(
            try stages(), [.dropped, .dead, .dead, .accepted, .parsed, .dead], "the older version only")
        try bench.expectEqual(try bench.engine.outcome("c", rawOffset: 0)?.finishedAt, 7_000, "time")
        try bench.expectError(.notDead) { try bench.engine.retryDeadLetter("c", rawOffset: 0) }
        try bench.expectEqual(try remove(4, "other"), .duplicate, "the same removal again")
        try bench.expectEqual(try stages()[1], .dead, "which changes nothing")
        let counts = try bench.counts()
        try bench.expect(counts.isBalanced, "balance of \(counts)")
        try bench.expectEqual([counts.deadLettered, counts.dropped], [3, 1], "counts")
    },
    Law("J7 the balance holds at every step") { bench in
        func check(_ wanted: [Int64], line: UInt = #line) throws {
            let counts = try bench.counts()
            try bench.expect(counts.isBalanced, "balance of \(counts)", line: line)
            try bench.expectEqual(
                [
                    counts.accepted, counts.inFlight, counts.searchable, counts.superseded, counts.deadLettered,
                    counts.dropped,
                ],
                wanted, "counts", line: line)
        }
        try check([0, 0, 0, 0, 0, 0])
        for number in 0..<5 { try bench.submit("d\(number)") }
        try check([5, 5, 0, 0, 0, 0])
        for number in 0..<4 { try bench.parse(Int64(number), count: number + 1) }
        try bench.kill(4)
        try check([5, 4, 0, 0, 1, 0])
        let lease = try bench.lease()
        try bench.index("s0", 0..<3, epoch: lease.epoch)
        try check([5, 2, 2, 0, 1, 0])
        try bench.index("s1", 3..<5, epoch: lease.epoch)
        try check([5, 2, 2, 0, 1, 0])
        try bench.index("s2", 5..<10, epoch: lease.epoch, superseded: 3)
        try check([5, 0, 1, 3, 1, 0])
        try bench.engine.dropDeadLetter("c", rawOffset: 4, now: 1)
        try check([5, 0, 1, 3, 0, 1])
        let counts = try bench.counts()
        try bench.expectEqual([counts.items, counts.publishedItems], [10, 10], "items")
    },
    Law("J7 a publish cannot supersede more than was published") { bench in
        try bench.submit("d")
        try bench.parse(0)
        let lease = try bench.lease()
        try bench.expectRefusal(.notBalanced) { try bench.index("s", 0..<1, epoch: lease.epoch, superseded: 2) }
        try bench.index("s", 0..<1, epoch: lease.epoch, superseded: 1)
        try bench.expectEqual(try bench.counts().superseded, 1, "superseded")
    },
    Law("J7 two submissions may share one batch of items") { bench in
        try bench.submit("d")
        try bench.submit("e")
        try bench.submit("f")
        let shared = [ItemAppend(partition: 0, batch: bench.batch("shared"))]
        let first = try bench.finish(0, shared)
        try bench.expectEqual(try bench.finish(1, shared).items, first.items, "the same items")
        let lease = try bench.lease()
        try bench.index("s", 0..<1, epoch: lease.epoch)
        try bench.expectEqual(try bench.counts().searchable, 2, "both")
        _ = try bench.finish(2, shared)
        try bench.expectEqual(try bench.counts().searchable, 3, "one that comes after the publish")
        try bench.expectEqual(try bench.engine.outcome("c", rawOffset: 2)?.stage, .searchable, "its state")
        try bench.expect(try bench.counts().isBalanced, "balance")
    },
]
