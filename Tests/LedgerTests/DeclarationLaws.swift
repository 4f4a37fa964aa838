// The laws of declared collections (DeclaredCollections.swift), for every engine.
import Ledger
import Messages

let declarationLaws: [Law] = [
    Law("D1 a declaration is kept word for word, and each raises version and generation") { bench in
        let made = try bench.engine.declareCollection("sites", text: "甲: 1\n", partitions: 2, now: bench.now)
        try bench.expectEqual(made.generation, 1, "first generation")
        try bench.expectEqual(
            try bench.engine.declaration("sites"), StoredDeclaration(generation: 1, text: "甲: 1\n"), "declaration")
        let changed = try bench.engine.changeDeclaration("sites", text: "甲: 2", now: bench.now)
        try bench.expectEqual(changed.generation, 2, "second generation")
        try bench.expectEqual(changed.version, made.version + 1, "version")
        try bench.expectEqual(
            try bench.engine.snapshot("sites").declaration, StoredDeclaration(generation: 2, text: "甲: 2"), "snapshot")
        try bench.expectEqual(
            try bench.engine.collections().map(\.generation), [nil, 2], "generations in the list")
        try bench.expectRefusal(.nameInUse(["sites"])) {
            _ = try bench.engine.declareCollection("sites", text: "x", partitions: 2, now: bench.now)
        }
        try bench.expectEqual(try bench.engine.declaration(Bench.collection), nil, "built in")
        let calls: [() throws -> Void] = [
            { _ = try bench.engine.changeDeclaration(Bench.collection, text: "x", now: bench.now) },
            { try bench.engine.removeCollection(Bench.collection, now: bench.now) },
        ]
        for call in calls {
            do {
                try call()
                throw LawBroken(description: "a built-in collection was changed")
            } catch CatalogRefusal.invalid {}
        }
        try bench.expectRefusal(.unknownCollection("none")) {
            try bench.engine.removeCollection("none", now: bench.now)
        }
    },
    Law("D2 a name that is used again goes on with greater versions and epochs") { bench in
        let raw = TopicPartition(collection: "sites", topic: .raw)
        _ = try bench.engine.declareCollection("sites", text: "a", partitions: 1, now: bench.now)
        _ = try bench.engine.append(JournalBatch(batchID: "d", payload: [1]), to: raw, now: bench.now)
        let items = ItemAppend(partition: 0, batch: JournalBatch(batchID: "i", payload: [2]))
        _ = try bench.engine.finish(
            [Completion(collection: "sites", rawOffset: 0, appends: [items])], now: bench.now)
        let lease = try bench.engine.acquire(
            "sites", partition: 0, holder: "h", durationMilliseconds: 1000, now: bench.now)
        let segment = SegmentRecord(
            id: "seg", collection: "sites", partition: 0, level: 0, documentCount: 1, startOffset: 0, endOffset: 1,
            file: SegmentFile(name: "sites/seg.seg", byteCount: 1, checksum: 1))
        try bench.engine.stage(
            StageRequest(collection: "sites", partition: 0, epoch: lease?.epoch, segments: [segment]), now: bench.now)
        let version = try bench.engine.publish(
            PublishRequest(
                collection: "sites", partition: 0, epoch: lease?.epoch,
                advance: CheckpointDelta(startOffset: 0, endOffset: 1), add: [segment], documentsSearchable: 1),
            now: bench.now)
        try bench.engine.removeCollection("sites", now: bench.now)
        try bench.expectEqual(try bench.engine.collections().map(\.name), [Bench.collection], "collections")
        try bench.expectRefusal(.unknownCollection("sites")) { _ = try bench.engine.snapshot("sites") }
        let again = try bench.engine.declareCollection("sites", text: "b", partitions: 1, now: bench.now)
        try bench.expect(again.version > version, "version \(again.version) is not above \(version)")
        let next = try bench.engine.acquire(
            "sites", partition: 0, holder: "h", durationMilliseconds: 1000, now: bench.now)
        try bench.expect((next?.epoch ?? 0) > (lease?.epoch ?? 0), "the epoch did not grow")
        try bench.expectEqual(try bench.engine.snapshot("sites").partitions[0].segments, [], "segments")
        try bench.expectEqual(try bench.engine.counts("sites"), CollectionCounts(), "counts")
        bench.now += 100
        let garbage = try bench.engine.condemn(
            now: bench.now, deadGraceMilliseconds: 10, stagedGraceMilliseconds: 10, limit: 10)
        try bench.expectEqual(garbage.map(\.name), ["sites/seg.seg"], "garbage")
        try bench.engine.forget(garbage.map(\.name))
        for _ in 0..<100 where try bench.engine.purgeEnded(limit: 1) {}
        try bench.expect(try !bench.engine.purgeEnded(limit: 1), "a purge does not end")
        try bench.expectEqual(try bench.engine.collections().map(\.name), [Bench.collection, "sites"], "names")
    },
    Law("D3 the first has a value until it gives it up") { bench in
        func append(
            _ id: String, _ identity: String, _ values: [UInt8], released: [String] = ["phone"]
        ) -> JournalAppend {
            JournalAppend(
                Bench.raw, JournalBatch(batchID: id, payload: [1]),
                claims: RecordClaims(
                    identity: identity, released: released,
                    values: values.map { RecordClaims.Value(field: "phone", value: [$0]) }))
        }
        func isTaken(_ appends: JournalAppend...) throws -> Bool {
            let results = try bench.engine.commit([.append(appends)], now: bench.now)
            guard case .failure(let error)? = results.first else { return false }
            return error.code == .valueTaken(field: "phone", identity: "b")
        }
        _ = try bench.engine.append([append("1", "a", [7])], now: bench.now)
        let counts = try bench.engine.counts(Bench.collection)
        try bench.expect(try isTaken(append("2", "c", [8]), append("3", "b", [7])), "a taken value was given")
        try bench.expectEqual(try bench.engine.counts(Bench.collection), counts, "counts after a refusal")
        try bench.expect(try !isTaken(append("4", "b", [8])), "a value of a refused append is held")
        _ = try bench.engine.append([append("1", "b", [7])], now: bench.now)
        _ = try bench.engine.append([append("5", "a", [7])], now: bench.now)
        _ = try bench.engine.append([append("6", "a", [], released: [])], now: bench.now)
        try bench.expect(try isTaken(append("7", "b", [7])), "a change of other fields gave the value up")
        _ = try bench.engine.append([append("8", "a", [9])], now: bench.now)
        try bench.expect(try !isTaken(append("9", "b", [7])), "a value that was given up is held")
        _ = try bench.engine.append([append("10", "a", [])], now: bench.now)
        try bench.expect(try !isTaken(append("11", "b", [9])), "a removal holds its value")
    },
    Law("D3a a record that needs no parser has its outcome in the commit that appends it") { bench in
        let payload: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 0, 9]
        func append(_ id: String, partition: Int = 0, place: Int = 1, removes: String? = nil) -> JournalAppend {
            JournalAppend(
                Bench.raw, JournalBatch(batchID: id, payload: [3]),
                parsed: ParsedAppend(partition: partition, payload: payload, offsetPlace: place, removes: removes))
        }
        let dead = DeadLetter(reason: "r", message: "m", attempts: 1, identity: "a")
        _ = try bench.engine.append(JournalBatch(batchID: "0", payload: [1]), to: Bench.raw, now: bench.now)
        _ = try bench.engine.finish(
            [Completion(collection: Bench.collection, rawOffset: 0, appends: [], deadLetters: [dead])], now: bench.now)
        let before = try bench.engine.counts(Bench.collection)
        let receipts = try bench.engine.append([append("1"), append("2", removes: "a"), append("1")], now: bench.now)
        try bench.expectEqual(receipts.map(\.firstOffset), [1, 2, 1], "offsets")
        try bench.expectEqual(receipts.map(\.isDuplicate), [false, false, true], "duplicates")
        let stored = try bench.engine.read(Bench.items(), from: 0, maxBatches: 10, maxBytes: 1000)
        try bench.expectEqual(stored.map(\.payload), [[1, 0, 0, 0, 0, 0, 0, 0, 1, 9], [1, 0, 0, 0, 0, 0, 0, 0, 2, 9]], "items")
        try bench.expectEqual(stored.map(\.batchID), ["raw/1", "raw/2"], "names")
        let counts = try bench.engine.counts(Bench.collection)
        try bench.expectEqual(counts.accepted, before.accepted + 2, "accepted")
        try bench.expect(counts.isBalanced, "the balance is \(counts)")
        try bench.expectEqual(counts.dropped, 1, "a removal drops the dead letters of its document")
        try bench.expectEqual(
            try bench.engine.unfinished(Bench.collection, after: nil, limit: 10, maxBytes: 1000).count, 0, "unfinished")
        for wrong in [append("3", partition: 9), append("3", place: 3), append("3", place: -1)] {
            let results = try bench.engine.commit([.append([append("4"), wrong])], now: bench.now)
            guard case .failure(let error)? = results.first, error.code == .invalid else {
                throw LawBroken(description: "\(wrong.parsed?.offsetPlace ?? 0) was taken")
            }
        }
        try bench.expectEqual(try bench.engine.counts(Bench.collection), counts, "counts after refusals")
    },
    Law("D4 a key is there until the commit that erases it") { bench in
        func append(_ id: String, key: UInt8? = nil, erased: Int64? = nil) throws {
            _ = try bench.engine.append(
                [
                    JournalAppend(
                        Bench.raw, JournalBatch(batchID: id, payload: [1]),
                        claims: RecordClaims(
                            identity: "a", released: [], values: [],
                            key: key.map { RecordKey(id: [$0], bytes: [$0, $0]) }, erasedVersion: erased))
                ], now: bench.now)
        }
        func keys() throws -> [UInt8] {
            try bench.engine.recordKeys(Bench.collection, identity: "a").map { $0.id[0] }
        }
        try append("1", key: 1)
        try append("1", key: 1)
        try append("2", key: 2)
        try append("3")
        try bench.expectEqual(try keys(), [1, 2], "keys")
        try bench.expectEqual(try bench.engine.recordKeys(Bench.collection, identity: "b"), [], "another record")
        try append("4", key: 4, erased: 0)
        try bench.expectEqual(try keys(), [2, 4], "after the first was erased")
        try append("5", erased: .max)
        try bench.expectEqual(try keys(), [], "after all were erased")
        try bench.expect(try bench.engine.scrub(), "the log was not emptied")
    },
    Law("D5 a record is found by the tokens of its newest version, and by none once they are erased") { bench in
        func append(
            _ id: String, _ identity: String, _ tokens: [(String, UInt8)], released: [String] = ["phone", "document"],
            erased: Int64? = nil
        ) throws {
            _ = try bench.engine.append(
                [
                    JournalAppend(
                        Bench.raw, JournalBatch(batchID: id, payload: [1]),
                        claims: RecordClaims(
                            identity: identity, released: released, values: [],
                            tokens: tokens.map { RecordClaims.Value(field: $0.0, value: [$0.1]) }, erasedVersion: erased))
                ], now: bench.now)
        }
        func found(_ field: String, _ token: UInt8, limit: Int = 10) throws -> [String] {
            try bench.engine.records(Bench.collection, field: field, token: [token], limit: limit)
        }
        try append("0", "b", [("phone", 7), ("document", 1)])
        try append("1", "a", [("phone", 7), ("phone", 7)])
        try append("1", "c", [("phone", 7)])
        try bench.expectEqual(try found("phone", 7), ["a", "b"], "two records")
        try bench.expectEqual(try found("phone", 7, limit: 1), ["a"], "the first")
        try bench.expectEqual(try found("document", 7), [], "another field")
        try append("2", "b", [("phone", 8)], released: ["phone"])
        try bench.expectEqual(try found("phone", 7), ["a"], "after a change")
        try bench.expectEqual(try found("document", 1), ["b"], "a field that the change does not name")
        try append("3", "b", [("phone", 9)])
        try bench.expectEqual(try found("document", 1), [], "after a whole record")
        try append("4", "b", [], erased: 2)
        try bench.expectEqual(try found("phone", 9), ["b"], "a removal of an older version")
        try append("5", "b", [], erased: .max)
        try bench.expectEqual(try found("phone", 9), [], "after a removal")
        try bench.expectEqual(try found("phone", 7), ["a"], "another record")
    },
    Law("progress counts what waits and what was given up") { bench in
        for number in 0..<4 {
            _ = try bench.engine.append(
                JournalBatch(batchID: "d\(number)", payload: [1]), to: Bench.raw, now: bench.now)
        }
        let items = ItemAppend(partition: 0, batch: JournalBatch(batchID: "i", payload: [2]))
        let letter = DeadLetter(reason: "r", message: "m", attempts: 1)
        _ = try bench.engine.finish(
            [
                Completion(collection: Bench.collection, rawOffset: 0, appends: [items]),
                Completion(collection: Bench.collection, rawOffset: 1, appends: [], deadLetters: [letter]),
            ], now: bench.now)
        try bench.expectEqual(
            try bench.engine.progress(Bench.collection, 0..<4), SubmissionProgress(waiting: 3, dead: 1), "all")
        try bench.expectEqual(
            try bench.engine.progress(Bench.collection, 1..<3), SubmissionProgress(waiting: 1, dead: 1), "some")
        try bench.expectEqual(
            try bench.engine.progress(Bench.collection, 4..<4), SubmissionProgress(waiting: 0, dead: 0), "none")
    },
]
