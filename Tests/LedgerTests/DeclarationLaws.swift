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
