// A second engine: the laws in memory, as plainly as they can be written. The oracle of the random tests, and, with one
// check left out at a time, the proof that the suite notices.
import Ledger
import Messages
import Synchronization

/// A check that a broken engine leaves out.
enum Mutation: CaseIterable, Sendable {
    case appendsTwice
    /// Records are found by what they had before.
    case keepsTokens
    case forgetsBatchesWithTrim
    case trimsPastCheckpoint
    case skipsTrimmedSilently
    case finishesTwice
    case losesDeadLetterOnTrim
    case keepsDeadPastRemoval
    case ignoresEpoch
    case ignoresOffset
    case ignoresEpochAndOffset
    case keepsEpochAtTakeOver
    case ignoresJournalEnd
    case addsWithoutStaging
    case removesWithoutLiveCheck
    case ignoresLiveDocsGeneration
    case publishesCondemned
    case ignoresCover
    case losesAlerts
    case skipsVersions
    case condemnsAtOnce
    case condemnsLive
    case forgetsReplacedLiveDocs
    case countsSupersededOnly
    case halfPublishOnRefusal
    case ignoresWatchesVersion
    case acknowledgesTwice
    case settlesDeadByRetry
    case forgetsWatchAlertsOnOverflow
    case readsAcknowledged
    case routesToTheRule
    case leavesDesksBehind
    case sharesUniqueValues
    case restartsVersions
    case restartsEpochs
    case forgetsGenerations
    case keepsErasedKeys
}

/// `LedgerEngine` in memory.
final class ModelLedger: LedgerEngine {
    private let state: Mutex<LedgerModel>

    private let beforeCommit: @Sendable (_ works: Int) throws -> Void

    init(mutation: Mutation? = nil, beforeCommit: @escaping @Sendable (_ works: Int) throws -> Void = { _ in }) {
        state = Mutex(LedgerModel(mutation: mutation))
        self.beforeCommit = beforeCommit
    }

    func commit(_ works: [JournalWork], now: Int64) throws -> [Result<JournalReceipt, LedgerError>] {
        try beforeCommit(works.count)
        return state.withLock { model in
            works.map { work in
                Result { () throws(LedgerError) in
                    switch work {
                    case .append(let appends): .appended(try model.append(appends, now))
                    case .finish(let completions): .finished(try model.finish(completions, now))
                    }
                }
            }
        }
    }

    func read(_ stream: TopicPartition, from: Int64, maxBatches: Int, maxBytes: Int) throws -> [StoredBatch] {
        try state.withLock { try $0.read(stream, from, maxBatches, maxBytes) }
    }

    func bounds(_ stream: TopicPartition) throws -> JournalBounds { try state.withLock { try $0.bounds(stream) } }

    func trim(_ stream: TopicPartition, below limit: Int64) throws -> Int64 {
        try state.withLock { try $0.trim(stream, limit) }
    }

    func oldOffset(_ stream: TopicPartition, before time: Int64, maxBatches: Int) throws -> Int64 {
        try state.withLock { state in
            let stream = try state.stream(stream)
            // A dead letter below the low mark is kept, and is no part of the journal any more.
            return stream.batches.prefix(maxBatches).prefix { $0.appendedAt < time }.last?.endOffset ?? stream.low
        }
    }

    func receipt(ofBatch batchID: String, in stream: TopicPartition) throws -> AppendReceipt? {
        try state.withLock { try $0.stream(stream).memory[batchID] }
    }

    func unfinished(_ collection: String, after offset: Int64?, limit: Int, maxBytes: Int) throws -> [StoredBatch] {
        try state.withLock { try $0.unfinished(collection, offset, limit, maxBytes) }
    }

    func outcome(_ collection: String, rawOffset: Int64) throws -> SubmissionState? {
        try state.withLock { try $0.outcome(collection, rawOffset) }
    }

    func deadLetters(_ collection: String, from: Int64, limit: Int, maxBytes: Int) throws -> [DeadDocument] {
        try state.withLock { try $0.deadLetters(collection, from, limit, maxBytes) }
    }

    func retryDeadLetter(_ collection: String, rawOffset: Int64) throws {
        try state.withLock { try $0.retry(collection, rawOffset) }
    }

    func dropDeadLetter(_ collection: String, rawOffset: Int64, now: Int64) throws {
        try state.withLock { try $0.drop(collection, rawOffset, now) }
    }

    func counts(_ collection: String) throws -> CollectionCounts { try state.withLock { try $0.counts(collection) } }

    func ensureCollection(_ name: String, partitions: Int) throws {
        try state.withLock { try $0.ensureCollection(name, partitions) }
    }

    func collections() throws -> [CollectionRecord] {
        state.withLock { model in
            model.collections.values.map {
                CollectionRecord(
                    name: $0.name, partitions: $0.partitions.count, version: $0.version,
                    watchesVersion: $0.watchesVersion == 0 ? nil : $0.watchesVersion,
                    generation: $0.declaration?.generation)
            }
            .sorted { $0.name < $1.name }
        }
    }

    func acquire(
        _ collection: String, partition: Int, holder: String, durationMilliseconds: Int64, now: Int64
    ) throws -> PartitionLease? {
        try state.withLock { try $0.acquire(collection, partition, holder, durationMilliseconds, now) }
    }

    func renew(_ lease: PartitionLease, durationMilliseconds: Int64, now: Int64) throws -> PartitionLease {
        try state.withLock { try $0.renew(lease, durationMilliseconds, now) }
    }

    func release(_ lease: PartitionLease) throws { try state.withLock { try $0.release(lease) } }

    func holders(_ collection: String) throws -> [PartitionLease] {
        try state.withLock { model in
            try model.collection(collection).partitions.filter { $0.epoch > 0 }
        }
    }

    func stage(_ request: StageRequest, now: Int64) throws { try state.withLock { try $0.stage(request, now) } }

    func publish(_ request: PublishRequest, now: Int64) throws -> Int64 {
        try state.withLock { try $0.publish(request, now) }
    }

    func segmentState(_ segmentID: String) throws -> SegmentState? {
        state.withLock { $0.segments[segmentID]?.state }
    }

    func snapshot(_ collection: String) throws -> CollectionSnapshot {
        try state.withLock { try $0.snapshot(collection) }
    }

    func version(_ collection: String) throws -> Int64 { try state.withLock { try $0.collection(collection).version } }

    func condemn(
        now: Int64, deadGraceMilliseconds: Int64, stagedGraceMilliseconds: Int64, limit: Int
    ) throws -> [CondemnedFile] {
        state.withLock { $0.condemn(now, deadGraceMilliseconds, stagedGraceMilliseconds, limit) }
    }

    func forget(_ names: [String]) throws { state.withLock { $0.forget(names) } }

    func createWatch(_ watch: Watch, now: Int64) throws -> Watch {
        try state.withLock { try $0.createWatch(watch, now) }
    }

    func deleteWatch(_ id: String) throws { state.withLock { $0.deleteWatch(id) } }

    func watch(_ id: String) throws -> WatchState? { state.withLock { $0.watches[id]?.state } }

    func watches(_ selection: WatchSelection) throws -> [WatchState] { state.withLock { $0.list(selection) } }

    func watchRules(_ collection: String, after: Int64, limit: Int) throws -> WatchRules {
        try state.withLock { try $0.rules(collection, after, limit) }
    }

    func watchHeads(_ ids: [String]) throws -> [Int64] {
        state.withLock { model in ids.map { model.watches[$0].map { Int64($0.alerts.count) } ?? -1 } }
    }

    func watchDues(_ ids: [String], now: Int64) throws -> [AlertDue] {
        state.withLock { model in ids.map { model.due($0, now) } }
    }

    func noteDelivered(ofWatch id: String, through sequence: Int64) throws {
        state.withLock { model in model.noteDelivered(id, sequence) }
    }

    func alertCounts(_ collection: String) throws -> (watches: Int, counts: AlertCounts) {
        try state.withLock { model in
            _ = try model.collection(collection)
            let own = model.watches.values.filter { $0.watch.collection == collection }
            return (own.count, own.reduce(AlertCounts()) { $0 + $1.counts })
        }
    }

    func alerts(
        ofWatch id: String, after: Int64, limit: Int, maxBytes: Int, isDead: Bool
    ) throws -> [StoredAlert] {
        try state.withLock { try $0.alerts(id, after, limit, maxBytes, isDead: isDead) }
    }

    func acknowledge(_ choice: AlertChoice, ofWatch id: String) throws -> AlertCounts {
        try state.withLock { try $0.acknowledge(choice, id) }
    }

    func buryAlert(
        ofWatch id: String, sequence: Int64, reason: String, attempts: Int, now: Int64
    ) throws -> AlertCounts { try state.withLock { try $0.bury(id, sequence, reason, attempts) } }

    func retryAlerts(ofWatch id: String, sequences: [Int64]) throws -> AlertCounts {
        try state.withLock { try $0.retry(id, sequences) }
    }

    func declareCollection(_ name: String, text: String, partitions: Int, now: Int64) throws -> CollectionRecord {
        try state.withLock { try $0.declare(name, text, partitions) }
    }

    func changeDeclaration(_ name: String, text: String, now: Int64) throws -> CollectionRecord {
        try state.withLock { try $0.changeDeclaration(name, text) }
    }

    func declaration(_ name: String) throws -> StoredDeclaration? {
        try state.withLock { try $0.collection(name).declaration }
    }

    func removeCollection(_ name: String, now: Int64) throws { try state.withLock { try $0.remove(name, now) } }

    func purgeEnded(limit: Int) throws -> Bool { false }

    func recordKeys(_ collection: String, identity: String) throws -> [RecordKey] {
        try state.withLock { try $0.collection(collection).keys[identity]?.map(\.key) ?? [] }
    }

    func records(_ collection: String, field: String, token: [UInt8], limit: Int) throws -> [String] {
        let value = RecordClaims.Value(field: field, value: token)
        return try state.withLock { model in
            let found = try model.collection(collection).tokens.filter { $0.value[value] != nil }.map(\.key)
            return Array(found.sorted().prefix(limit))
        }
    }

    func scrub() throws -> Bool { true }

    func progress(_ collection: String, _ offsets: Range<Int64>) throws -> SubmissionProgress {
        try state.withLock { model in
            var progress = SubmissionProgress(waiting: 0, dead: 0)
            for offset in offsets {
                switch try model.outcome(collection, offset)?.stage {
                case .accepted, .parsed: progress.waiting += 1
                case .dead, .dropped: progress.dead += 1
                case .searchable, nil: break
                }
            }
            return progress
        }
    }
}
