// The state of `ModelLedger`: journal half. Everything is recomputed from lists; nothing is fast.
import Ledger
import Messages

struct LedgerModel {
    struct Stream {
        var low: Int64 = 0
        var next: Int64 = 0
        var batches: [StoredBatch] = []
        var memory: [String: AppendReceipt] = [:]
    }

    struct Submission {
        var stage: SubmissionState.Stage = .accepted
        var items: [ItemRange] = []
        var deadLetters: [DeadLetter] = []
        var warnings: [String] = []
        var retries = 0
        var finishedAt: Int64?
        var document: StoredBatch
    }

    struct Collection {
        var name: String
        var version: Int64 = 0
        var partitions: [PartitionLease]
        var submissions: [Submission] = []
        var retries: Int64 = 0
        var superseded: Int64 = 0
        var liveDocuments: Int64 = 0
        var watchesVersion: Int64 = 0
        var declaration: StoredDeclaration?
        /// The record that has each value of a unique field.
        var owners: [RecordClaims.Value: String] = [:]
        var keys: [String: [(version: Int64, key: RecordKey)]] = [:]
        /// By identity.
        var tokens: [String: [RecordClaims.Value: Int64]] = [:]
    }

    struct Segment {
        var state: SegmentState
        var record: SegmentRecord
    }

    struct File {
        var state: SegmentState
        var changedAt: Int64
        var collection: String
    }

    let mutation: Mutation?
    var collections: [String: Collection] = [:]
    var streams: [TopicPartition: Stream] = [:]
    var segments: [String: Segment] = [:]
    var files: [String: File] = [:]
    /// By id.
    var watches: [String: StandingQuery] = [:]
    var lastWatch: Int64 = 0
    var former: [String: (version: Int64, epoch: Int64)] = [:]

    init(mutation: Mutation?) { self.mutation = mutation }

    func journalCollection(_ name: String) throws(LedgerError) -> Collection {
        guard let collection = collections[name] else { throw LedgerError(.unknownCollection, "none") }
        return collection
    }

    func stream(_ name: TopicPartition) throws(LedgerError) -> Stream {
        _ = try journalCollection(name.collection)
        guard let stream = streams[name] else { throw LedgerError(.invalid, "no such stream") }
        return stream
    }
}

// MARK: - Appends and outcomes

extension LedgerModel {
    mutating func append(_ appends: [JournalAppend], _ now: Int64) throws(LedgerError) -> [AppendReceipt] {
        for append in appends {
            _ = try stream(append.destination)
            try check(append.batch, records: append.destination.topic == .raw ? 1 : LedgerLimits.recordCount)
            if let parsed = append.parsed {
                guard append.destination.topic == .raw, parsed.isWellFormed,
                    try journalCollection(append.destination.collection).partitions.indices.contains(parsed.partition)
                else { throw LedgerError(.invalid, "bad outcome") }
            }
        }
        let before = self
        do throws(LedgerError) {
            var receipts: [AppendReceipt] = []
            for append in appends {
                let receipt = self.append(append.batch, to: append.destination, now)
                if let claims = append.claims, !receipt.isDuplicate {
                    try claim(claims, append.destination.collection, version: receipt.firstOffset)
                }
                if let parsed = append.parsed, !receipt.isDuplicate {
                    let name = append.destination.collection
                    _ = finish(parsed.completion(in: name, rawOffset: receipt.firstOffset), now)
                }
                receipts.append(receipt)
            }
            return receipts
        } catch {
            self = before
            throw error
        }
    }

    private mutating func claim(
        _ claims: RecordClaims, _ collection: String, version: Int64
    ) throws(LedgerError) {
        if let last = claims.erasedVersion, mutation != .keepsErasedKeys {
            collections[collection]?.keys[claims.identity]?.removeAll { $0.version <= last }
            let tokens = collections[collection]?.tokens[claims.identity] ?? [:]
            collections[collection]?.tokens[claims.identity] = tokens.filter { $0.value > last }
        }
        if claims.erasedVersion == nil {
            var tokens = collections[collection]?.tokens[claims.identity] ?? [:]
            if mutation != .keepsTokens { tokens = tokens.filter { !claims.released.contains($0.key.field) } }
            for token in claims.tokens { tokens[token] = version }
            collections[collection]?.tokens[claims.identity] = tokens
        }
        if let key = claims.key { collections[collection]?.keys[claims.identity, default: []].append((version, key)) }
        var owners = collections[collection]?.owners ?? [:]
        owners = owners.filter { value, identity in
            identity != claims.identity || !claims.released.contains(value.field) || claims.values.contains(value)
        }
        for value in claims.values {
            if let owner = owners[value], owner != claims.identity, mutation != .sharesUniqueValues {
                throw LedgerError(.valueTaken(field: value.field, identity: claims.identity), "taken")
            }
            owners[value] = claims.identity
        }
        collections[collection]?.owners = owners
    }

    private func check(_ batch: JournalBatch, records: Int) throws(LedgerError) {
        let id = batch.batchID.utf8
        guard (1...records).contains(batch.recordCount), (1...LedgerLimits.batchIDBytes).contains(id.count),
            !id.contains(0),
            batch.payload.count <= LedgerLimits.payloadBytes
        else { throw LedgerError(.invalid, "bad batch") }
    }

    mutating func append(_ batch: JournalBatch, to name: TopicPartition, _ now: Int64) -> AppendReceipt {
        var stream = streams[name] ?? Stream()
        if let known = stream.memory[batch.batchID], mutation != .appendsTwice { return known }
        let stored = StoredBatch(
            firstOffset: stream.next, recordCount: batch.recordCount, batchID: batch.batchID, payload: batch.payload,
            appendedAt: now)
        stream.batches.append(stored)
        stream.next = stored.endOffset
        stream.memory[batch.batchID] = AppendReceipt(
            firstOffset: stored.firstOffset, recordCount: batch.recordCount, isDuplicate: true)
        streams[name] = stream
        if name.topic == .raw { collections[name.collection]?.submissions.append(Submission(document: stored)) }
        return AppendReceipt(firstOffset: stored.firstOffset, recordCount: batch.recordCount, isDuplicate: false)
    }

    mutating func finish(_ completions: [Completion], _ now: Int64) throws(LedgerError) -> [CompletionReceipt] {
        for completion in completions {
            let collection = try journalCollection(completion.collection)
            guard completion.rawOffset >= 0, !completion.appends.isEmpty || !completion.deadLetters.isEmpty,
                completion.appends.allSatisfy({ collection.partitions.indices.contains($0.partition) })
            else { throw LedgerError(.invalid, "bad completion") }
            for append in completion.appends { try check(append.batch, records: LedgerLimits.recordCount) }
        }
        return completions.map { finish($0, now) }
    }

    private mutating func finish(_ completion: Completion, _ now: Int64) -> CompletionReceipt {
        let offset = Int(completion.rawOffset)
        guard var submission = collections[completion.collection]?.submissions.element(at: offset) else {
            return CompletionReceipt(rawOffset: completion.rawOffset, status: .unknown, items: [])
        }
        guard submission.stage == .accepted || mutation == .finishesTwice else {
            return CompletionReceipt(rawOffset: completion.rawOffset, status: .duplicate, items: submission.items)
        }
        submission.items = completion.appends.map { append in
            var batch = append.batch
            if mutation == .finishesTwice { batch.batchID += "-\(now)" }
            let name = TopicPartition(collection: completion.collection, topic: .items, partition: append.partition)
            let receipt = self.append(batch, to: name, now)
            return ItemRange(
                partition: append.partition, startOffset: receipt.firstOffset, endOffset: receipt.endOffset)
        }
        submission.stage = submission.items.isEmpty ? .dead : .parsed
        submission.deadLetters = completion.deadLetters
        submission.warnings = completion.warnings
        submission.finishedAt = now
        collections[completion.collection]?.submissions[offset] = submission
        if let removed = completion.removes, mutation != .keepsDeadPastRemoval {
            for older in 0..<offset {
                guard let other = collections[completion.collection]?.submissions[older], other.stage == .dead,
                    other.deadLetters.first?.identity == removed
                else { continue }
                collections[completion.collection]?.submissions[older].stage = .dropped
                collections[completion.collection]?.submissions[older].finishedAt = now
            }
        }
        return CompletionReceipt(rawOffset: completion.rawOffset, status: .finished, items: submission.items)
    }

    mutating func retry(_ name: String, _ rawOffset: Int64) throws(LedgerError) {
        var submission = try dead(name, rawOffset)
        submission = Submission(retries: submission.retries + 1, document: submission.document)
        collections[name]?.submissions[Int(rawOffset)] = submission
        collections[name]?.retries += 1
    }

    mutating func drop(_ name: String, _ rawOffset: Int64, _ now: Int64) throws(LedgerError) {
        var submission = try dead(name, rawOffset)
        submission.stage = .dropped
        submission.finishedAt = now
        collections[name]?.submissions[Int(rawOffset)] = submission
    }

    private func dead(_ name: String, _ rawOffset: Int64) throws(LedgerError) -> Submission {
        guard let submission = try journalCollection(name).submissions.element(at: Int(rawOffset)),
            submission.stage == .dead
        else { throw LedgerError(.notDead, "not dead") }
        return submission
    }
}

// MARK: - Reads

extension LedgerModel {
    func read(
        _ name: TopicPartition, _ from: Int64, _ maxBatches: Int, _ maxBytes: Int
    ) throws(LedgerError) -> [StoredBatch] {
        let stream = try stream(name)
        guard from >= stream.low || mutation == .skipsTrimmedSilently else {
            throw LedgerError(.trimmed(low: stream.low), "trimmed")
        }
        return Self.take(stream.batches.filter { $0.endOffset > from }, maxBatches, maxBytes) { $0 }
    }

    func bounds(_ name: TopicPartition) throws(LedgerError) -> JournalBounds {
        let stream = try stream(name)
        return JournalBounds(low: stream.low, next: stream.next)
    }

    mutating func trim(_ name: TopicPartition, _ limit: Int64) throws(LedgerError) -> Int64 {
        var stream = try stream(name)
        let collection = try journalCollection(name.collection)
        let least: Int64 =
            switch name.topic {
            case .raw: collection.submissions.firstIndex { $0.stage == .accepted }.map(Int64.init) ?? stream.next
            case .items: collection.partitions[name.partition].checkpoint
            case .alerts:
                watches.values.filter { $0.watch.collection == name.collection }
                    .flatMap { $0.alerts.filter(\.isKept).map(\.offset) }.min() ?? stream.next
            case .deadLetters: stream.next
            }
        guard limit <= least || mutation == .trimsPastCheckpoint else {
            throw LedgerError(.notTrimmable(limit: least), "needed")
        }
        let gone = stream.batches.prefix { $0.endOffset <= limit }
        stream.batches.removeFirst(gone.count)
        stream.low = max(stream.low, gone.last?.endOffset ?? 0)
        if mutation == .forgetsBatchesWithTrim { for batch in gone { stream.memory[batch.batchID] = nil } }
        if mutation == .losesDeadLetterOnTrim, name.topic == .raw {
            for batch in gone {
                collections[name.collection]?.submissions[Int(batch.firstOffset)].document.payload = []
            }
        }
        streams[name] = stream
        return stream.low
    }

    func unfinished(
        _ name: String, _ offset: Int64?, _ limit: Int, _ maxBytes: Int
    ) throws(LedgerError) -> [StoredBatch] {
        let waiting = try journalCollection(name).submissions.filter { $0.stage == .accepted }.map(\.document)
        return Self.take(waiting.filter { $0.firstOffset > offset ?? -1 }, limit, maxBytes) { $0 }
    }

    func deadLetters(
        _ name: String, _ from: Int64, _ limit: Int, _ maxBytes: Int
    ) throws(LedgerError) -> [DeadDocument] {
        let dead = try journalCollection(name).submissions.filter {
            $0.stage == .dead && $0.document.firstOffset >= from
        }
        let documents = dead.map {
            DeadDocument(
                document: $0.document, deadLetters: $0.deadLetters, retries: $0.retries, diedAt: $0.finishedAt ?? -1)
        }
        return Self.take(documents, limit, maxBytes) { $0.document }
    }

    func outcome(_ name: String, _ rawOffset: Int64) throws(LedgerError) -> SubmissionState? {
        let collection = try journalCollection(name)
        guard let submission = collection.submissions.element(at: Int(rawOffset)) else { return nil }
        return SubmissionState(
            stage: isReflected(submission, collection) ? .searchable : submission.stage, items: submission.items,
            deadLetters: submission.deadLetters, warnings: submission.warnings, retries: submission.retries,
            finishedAt: submission.finishedAt)
    }

    func counts(_ name: String) throws(LedgerError) -> CollectionCounts {
        let collection = try journalCollection(name)
        func count(_ stages: SubmissionState.Stage...) -> Int64 {
            Int64(collection.submissions.count { stages.contains($0.stage) })
        }
        let reflected = Int64(collection.submissions.count { isReflected($0, collection) })
        var counts = CollectionCounts(
            accepted: Int64(collection.submissions.count), parsed: count(.parsed), deadLettered: count(.dead),
            dropped: count(.dropped), inFlight: count(.accepted, .parsed) - reflected,
            searchable: reflected - collection.superseded, superseded: collection.superseded,
            retries: collection.retries, liveDocuments: collection.liveDocuments)
        if mutation == .countsSupersededOnly { counts.inFlight = count(.accepted, .parsed) - collection.superseded }
        for (partition, lease) in collection.partitions.enumerated() {
            counts.items += streams[TopicPartition(collection: name, topic: .items, partition: partition)]?.next ?? 0
            counts.publishedItems += lease.checkpoint
        }
        return counts
    }

    private func isReflected(_ submission: Submission, _ collection: Collection) -> Bool {
        submission.stage == .parsed
            && submission.items.allSatisfy { $0.endOffset <= collection.partitions[$0.partition].checkpoint }
    }

    private static func take<Value>(
        _ values: [Value], _ count: Int, _ bytes: Int, _ batch: (Value) -> StoredBatch
    ) -> [Value] {
        var taken: [Value] = []
        var sum = 0
        for value in values {
            sum += batch(value).payload.count
            guard taken.count < count, taken.isEmpty || sum <= bytes else { break }
            taken.append(value)
        }
        return taken
    }
}

extension Array {
    /// The element at an index, nil outside.
    func element(at index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
