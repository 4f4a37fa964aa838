// One partition of one collection, while this process holds its lease: items in, segments out.
//
// One step, and what a crash after it leaves:
//
//     read      items from the checkpoint on                                   nothing
//     build     a segment, and new live documents of older ones (scratch)      scratch files, removed by a later process
//     match     the new items against the collection's watches                 nothing
//     stage     announce the files to the catalog                              staged rows, condemned after their grace
//     put       copy them into the store                                       files of staged rows, deleted with them
//     publish   segments + checkpoint + live documents + alerts, whole or not  done, or all of it again
//
// The ledger refuses a publish whose items were matched with an older set of watches; then they are matched again.
//
// Invariants:
//  (1) `segments` and `lease.checkpoint` are what the last publish (or snapshot) of this holder said.
//  (2) After any refusal or unknown outcome both are read anew before anything else is written.
//  (3) A merge runs beside the steps and is published between them; deletes that arrived meanwhile are carried over.

import Schemas
import Foundation
import Logging
import Messages
import SearchCore
import ServiceKit
import Transport

/// Indexes one partition.
actor PartitionIndexer {
    /// Items records read for one segment; more make larger segments and later answers.
    static let stepBatches = 4096
    static let stepBytes = 16 << 20
    /// How often one step matches again because watches were made meanwhile, before it waits for the next.
    static let rematches = 50

    private(set) var lease: PartitionLease
    private var segments: [OpenSegment]?
    /// Of the last snapshot.
    private var schema = CollectionSchema.bulletins
    private let schemas: SchemaCache
    private let ledger: LedgerClient
    private let shelf: SegmentShelf
    private let queries: StandingQueries
    /// Records of the next step; less after a step whose alerts were too many for one publish.
    private var stepLimit = stepBatches
    private let buildThreads: WorkThreads
    private let mergeThreads: WorkThreads
    private let logger: Logger
    private var isMerging = false
    private var isRunning = false
    private var wasNudged = false
    private var isStopped = false
    private var backoff = Backoff()
    private let now: @Sendable () -> Int64
    private(set) var counters = Counters()

    /// Counts since the lease was taken.
    struct Counters: Sendable {
        var records = 0
        var items = 0
        var publishes = 0
        var merges = 0
        var refusals = 0
        var failures = 0
        var matching = MatchCounts()
        /// Changes of records that were not there.
        var droppedChanges = 0
        /// Segments written anew for a changed declaration.
        var rebuilds = 0

        mutating func add(_ other: Counters) {
            records += other.records
            items += other.items
            publishes += other.publishes
            merges += other.merges
            refusals += other.refusals
            failures += other.failures
            matching.add(other.matching)
            droppedChanges += other.droppedChanges
            rebuilds += other.rebuilds
        }
    }

    init(
        lease: PartitionLease, ledger: LedgerClient, shelf: SegmentShelf, schemas: SchemaCache, queries: StandingQueries,
        buildThreads: WorkThreads, mergeThreads: WorkThreads, logger: Logger, now: @escaping @Sendable () -> Int64
    ) {
        self.lease = lease
        self.schemas = schemas
        self.queries = queries
        self.now = now
        self.ledger = ledger
        self.shelf = shelf
        self.buildThreads = buildThreads
        self.mergeThreads = mergeThreads
        var logger = logger
        logger[metadataKey: "partition"] = "\(lease.collection)/\(lease.partition)"
        self.logger = logger
    }

    /// The lease was kept, with its epoch: where that has changed, an indexer begins anew (`IndexWorker.renew`).
    func keep(_ renewed: PartitionLease) { lease.expiresAt = renewed.expiresAt }

    func stop() { isStopped = true }

    /// The collection has this declaration now.
    func use(generation: Int) {
        if segments != nil, schema.generation != generation { segments = nil }
    }

    /// Indexes all that waits. Calls while it runs make it look once more; after a failure they wait their time.
    func run() async {
        wasNudged = true
        guard !isRunning, backoff.isDue(now()) else { return }
        isRunning = true
        defer { isRunning = false }
        while wasNudged, !isStopped {
            wasNudged = false
            do {
                while try await step(), !isStopped {}
                backoff.succeeded()
            } catch let refusal as CatalogRefusal {
                counters.refusals += 1
                segments = nil
                logger.info("a publish was refused", metadata: ["refusal": "\(refusal)"])
                if case .fenced = refusal { isStopped = true }
            } catch {
                counters.failures += 1
                segments = nil
                guard let times = backoff.failed(now()) else { return }
                logger.warning(
                    "indexing will be tried again", metadata: ["error": "\(error)", "failures": "\(times)"])
                return
            }
        }
    }

    // MARK: A step

    /// - Returns: whether there may be more to do at once.
    private func step() async throws -> Bool {
        let current = try await openSegments()
        let stream = TopicPartition(collection: lease.collection, topic: .items, partition: lease.partition)
        let (batches, bounds) = try await ledger.read(
            stream, from: lease.checkpoint, maxBatches: stepLimit, maxBytes: Self.stepBytes)
        guard let last = batches.last else {
            mergeIfWorthwhile(current)
            return false
        }
        let records = try batches.map { try decode($0) }
        let shelf = shelf
        let collection = lease.collection
        let partition = lease.partition
        let schema = schema
        let delta = CheckpointDelta(startOffset: lease.checkpoint, endOffset: last.endOffset)
        let built = try await buildThreads.run {
            try BuiltStep(
                records: records, current: current, shelf: shelf, collection: collection, partition: partition,
                delta: delta, schema: schema)
        }
        defer { built.discardScratch(shelf) }
        let matched = try await match(built, among: current, atLeast: 0)
        guard matched.isWithinLimits || records.count == 1 else {
            stepLimit = max(1, records.count / 2)
            return true
        }
        try await ledger.stage(
            StageRequest(
                collection: collection, partition: partition, epoch: lease.epoch, segments: [built.record],
                liveDocs: built.changes.map(\.change.file)))
        try await buildThreads.run { try built.putAll(shelf) }
        let request = PublishRequest(
            collection: collection, partition: partition, epoch: lease.epoch, advance: delta, add: [built.record],
            liveDocs: built.changes.map(\.change), documentsSearchable: built.plan.searchableDelta,
            documentsSuperseded: built.plan.superseded)
        guard try await publish(request, built, matched, among: current) else { return true }
        stepLimit = min(Self.stepBatches, stepLimit * 2)
        lease.checkpoint = delta.endOffset
        segments = try built.apply(to: current, shelf)
        counters.records += records.count
        counters.items += built.record.documentCount
        counters.publishes += 1
        counters.droppedChanges += built.droppedChanges
        noteHops(records)
        mergeIfWorthwhile(segments ?? [])
        return last.endOffset < bounds.next
    }

    /// Publishes with the alerts of the items, matched again as long as watches change meanwhile.
    ///
    /// - Returns: false where there were too many alerts for one publish: the step is to be done again with less.
    private func publish(
        _ request: PublishRequest, _ built: BuiltStep, _ first: Arrivals.Matched, among current: [OpenSegment]
    ) async throws -> Bool {
        var matched = first
        var request = request
        for _ in 0..<Self.rematches {
            let isAlone = request.advance.map { $0.endOffset - $0.startOffset == 1 } ?? true
            guard matched.isWithinLimits || isAlone else {
                stepLimit = max(1, stepLimit / 2)
                return false
            }
            request.alerts = matched.sent
            request.watchesVersion = matched.version
            do {
                try await publish(request, marker: built.record.id)
                counters.matching.add(matched.counts)
                return true
            } catch CatalogRefusal.watchesChanged(let version) {
                counters.matching.rematches += 1
                matched = try await match(built, among: current, atLeast: version)
            }
        }
        throw KuaibaoError(.busy, "watches change faster than items can be matched", fix: "make watches more slowly")
    }

    /// The alerts of a step's new items.
    private func match(
        _ built: BuiltStep, among current: [OpenSegment], atLeast version: Int64
    ) async throws -> Arrivals.Matched {
        let set = try await queries.current(
            lease.collection, schema, atLeast: version, segments: current.map(\.reader))
        return try await buildThreads.run { try built.arrivals.match(set) }
    }

    /// Records the last hop of traced documents.
    private func noteHops(_ records: [ItemsRecord]) {
        for record in records {
            guard let trace = record.document.trace else { continue }
            let submission = SubmissionID(collection: lease.collection, rawOffset: record.version)
            logger.info(
                "hop",
                metadata: [
                    "trace": "\(trace)", "hop": "searchable", "submission": "\(submission.text)",
                    "milliseconds": "\(SystemClock.wallMilliseconds() - record.document.acceptedAt)",
                ])
        }
    }

    /// Publishes, and finds out what happened where no answer came.
    private func publish(_ request: PublishRequest, marker: String) async throws {
        do {
            _ = try await ledger.publish(request)
        } catch let error as KuaibaoError where error.code == .deadlineExceeded || error.code == .unavailable {
            guard try await ledger.segmentState(marker) == .live else { throw error }
        }
    }

    private func openSegments() async throws -> [OpenSegment] {
        if let segments { return segments }
        let snapshot = try await ledger.snapshot(lease.collection)
        guard let own = snapshot.partitions.first(where: { $0.partition == lease.partition }) else {
            throw CatalogRefusal.unknownPartition(lease.partition)
        }
        let shelf = shelf
        schema = try schemas.schema(snapshot.declaration)
        let opened = try await buildThreads.run { try own.segments.map { try shelf.open($0) } }
        segments = opened
        lease.checkpoint = own.checkpoint
        return opened
    }

    private func decode(_ batch: StoredBatch) throws -> ItemsRecord {
        let codec = batch.payload.first.flatMap { Codec(firstByte: $0) }
        guard let codec else {
            throw KuaibaoError(
                .corrupt, "items at offset \(batch.firstOffset) cannot be read", fix: "run kuaibao check")
        }
        return try codec.decode(ItemsRecord.self, from: batch.payload)
    }

    // MARK: Merging

    private func mergeIfWorthwhile(_ current: [OpenSegment]) {
        guard !isMerging, !isStopped else { return }
        // What was built for an earlier declaration goes first, a segment at a time; only then do all schemas agree.
        let outdated = current.first { $0.reader.schema != schema.index }
        guard
            let inputs = outdated.map({ [$0] })
                ?? MergePolicy.range(current.map(\.mergeSize)).map({ Array(current[$0]) })
        else { return }
        isMerging = true
        let rebuilt = outdated == nil ? nil : schema
        // Unstructured because it runs beside the steps; one merge of a partition at a time, ended by `isStopped`.
        Task {
            do {
                try await merge(inputs, rebuiltFor: rebuilt)
                if rebuilt == nil { counters.merges += 1 } else { counters.rebuilds += 1 }
            } catch {
                counters.refusals += 1
                logger.info("a merge was given up", metadata: ["error": "\(error)"])
            }
            isMerging = false
            await run()
        }
    }

    private func merge(_ inputs: [OpenSegment], rebuiltFor schema: CollectionSchema?) async throws {
        let shelf = shelf
        let collection = lease.collection
        let merged = try await mergeThreads.run {
            try schema.map { try MergedSegment(rebuilding: inputs[0], for: $0, shelf: shelf, collection: collection) }
                ?? MergedSegment(inputs, shelf: shelf, collection: collection)
        }
        defer { merged.discardScratch(shelf) }
        try await mergeThreads.run { try merged.checkScratch() }
        // From here on no step may publish in between, or its deletes would be missed: wait for it to end.
        while isRunning { try await Task.sleep(for: .milliseconds(1)) }
        isRunning = true
        defer { isRunning = false }
        guard !isStopped, let current = segments else { return }
        guard let output = try merged.carryDeletes(from: current, shelf: shelf) else { return }
        try await ledger.stage(
            StageRequest(
                collection: collection, partition: lease.partition, epoch: lease.epoch, segments: [output.record]))
        try await mergeThreads.run { try output.putAll(shelf) }
        let request = PublishRequest(
            collection: collection, partition: lease.partition, epoch: nil, add: [output.record],
            remove: output.removals)
        do {
            try await publish(request, marker: output.record.id)
        } catch {
            segments = nil
            throw error
        }
        let opened = try await mergeThreads.run { try shelf.open(output.record) }
        let gone = Set(output.removals.map(\.segmentID))
        segments = (current.filter { !gone.contains($0.record.id) } + [opened])
            .sorted { $0.record.startOffset < $1.record.startOffset }
    }
}
