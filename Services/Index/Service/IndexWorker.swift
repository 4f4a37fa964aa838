// An index worker: takes partitions, keeps their leases, indexes when told that there is something, collects garbage.

import Schemas
import Foundation
import Logging
import Messages
import SearchCore
import SegmentStore
import ServiceKit
import Transport
import ZeroMQ

/// Owns the partition indexers of one process.
actor IndexWorker {
    /// A lease outlives two missed renewals, and its partition is taken over within about three seconds of a death.
    static let leaseMilliseconds: Int64 = 3000
    static let renewMilliseconds: Int64 = 1000
    /// Without hints the journal is still looked at this often.
    static let pollMilliseconds: Int64 = 250
    static let garbageMilliseconds: Int64 = 10_000
    /// A staged file whose publish never came is kept this long, in milliseconds.
    static let stagedGraceMilliseconds: Int64 = 900_000
    static let garbageBatch = 256

    private struct Place: Hashable {
        let collection: String
        let partition: Int
    }

    private let holder: String
    private let ledger: LedgerClient
    private let shelf: SegmentShelf
    private let queries: StandingQueries
    private let schemas = SchemaCache()
    private let buildThreads: WorkThreads
    private let mergeThreads: WorkThreads
    private let deadGraceMilliseconds: Int64
    private let logger: Logger
    private let now: @Sendable () -> Int64
    private var indexers: [Place: PartitionIndexer] = [:]
    private var isStopping = false
    private var lastGarbage: Int64 = 0
    private var isCollecting = false
    /// Counts of the indexers that have ended.
    private var formerCounters = PartitionIndexer.Counters()
    private var garbageFiles = 0

    init(
        holder: String, ledger: LedgerClient, shelf: SegmentShelf, queries: StandingQueries, buildThreads: WorkThreads,
        mergeThreads: WorkThreads, deadGraceMilliseconds: Int64, logger: Logger, now: @escaping @Sendable () -> Int64
    ) {
        self.holder = holder
        self.queries = queries
        self.ledger = ledger
        self.shelf = shelf
        self.buildThreads = buildThreads
        self.mergeThreads = mergeThreads
        self.deadGraceMilliseconds = deadGraceMilliseconds
        self.logger = logger
        self.now = now
    }

    /// Keeps leases and looks for work until the task is cancelled.
    func run() async {
        var nextRenewal: Int64 = 0
        while !Task.isCancelled, !isStopping {
            if now() >= nextRenewal {
                nextRenewal = now() + Self.renewMilliseconds
                ScratchFolder.touch(shelf.scratch)
                await renewAll()
                await report()
                collectGarbageBeside()
            }
            nudgeAll()
            try? await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
        }
    }

    /// There are new items: look at once.
    func nudge(_ collection: String) {
        for (place, indexer) in indexers where place.collection == collection {
            // Unstructured because one partition must not wait for another; an indexer runs once at a time.
            Task { await indexer.run() }
        }
    }

    /// Ends what is running and gives all leases back, all at once: a ledger that is gone costs one time-out.
    func drain() async {
        isStopping = true
        let ending = indexers.values
        indexers = [:]
        let ledger = ledger
        await withTaskGroup(of: Void.self) { group in
            for indexer in ending {
                group.addTask {
                    await indexer.stop()
                    try? await ledger.release(await indexer.lease)
                }
            }
        }
    }

    /// Tells the ledger what this worker has done, for the metrics of the stack.
    private func report() async {
        var sum = formerCounters
        for indexer in indexers.values { sum.add(await indexer.counters) }
        let known = await queries.sizes
        do {
            try await ledger.report(
                holder: holder,
                counters: [
                    "partitions": indexers.count, "records_total": sum.records, "items_total": sum.items,
                    "publishes_total": sum.publishes, "merges_total": sum.merges, "refusals_total": sum.refusals,
                    "failures_total": sum.failures, "garbage_files_total": garbageFiles,
                    "watches": known.watches, "watches_unanchored": known.unanchored, "watches_broken": known.broken,
                    "alerts_total": sum.matching.alerts, "alerts_dropped_total": sum.matching.dropped,
                    "matched_items_total": sum.matching.items, "unchanged_items_total": sum.matching.unchanged,
                    "watch_evaluations_total": sum.matching.evaluations, "rematches_total": sum.matching.rematches,
                    "changes_dropped_total": sum.droppedChanges, "rebuilds_total": sum.rebuilds,
                ])
        } catch {
            logger.debug("counts were not reported", metadata: ["error": "\(error)"])
        }
    }

    private func nudgeAll() {
        for collection in Set(indexers.keys.map(\.collection)) { nudge(collection) }
    }

    private func renewAll() async {
        do {
            let collections = try await ledger.collections()
            await leaveEnded(Set(collections.map(\.name)))
            for collection in collections {
                await queries.hint(News(collection: collection.name, version: collection.watchesVersion ?? 0))
                for partition in 0..<collection.partitions where !isStopping {
                    let place = Place(collection: collection.name, partition: partition)
                    if let generation = collection.generation { await indexers[place]?.use(generation: generation) }
                    do {
                        try await renew(place)
                    } catch CatalogRefusal.unknownCollection {
                        // It has ended since the list was made.
                        break
                    }
                }
            }
        } catch {
            logger.debug("leases were not renewed", metadata: ["error": "\(error)"])
        }
    }

    /// Stops indexing collections that are no more.
    private func leaveEnded(_ known: Set<String>) async {
        for (place, indexer) in indexers where !known.contains(place.collection) {
            logger.info("a collection has ended", metadata: ["partition": "\(place.collection)/\(place.partition)"])
            indexers[place] = nil
            await indexer.stop()
            formerCounters.add(await indexer.counters)
        }
    }

    private func renew(_ place: Place) async throws {
        let lease = try await ledger.acquire(
            place.collection, partition: place.partition, holder: holder,
            durationMilliseconds: Self.leaseMilliseconds)
        if let lease, let indexer = indexers[place], await indexer.lease.epoch != lease.epoch {
            // Somebody else had it meanwhile, or the collection ended and began anew: what the indexer knows is of before,
            // and one that was fenced has stopped for good.
            indexers[place] = nil
            await indexer.stop()
            formerCounters.add(await indexer.counters)
        }
        switch (lease, indexers[place]) {
        case (let lease?, let indexer?): await indexer.keep(lease)
        case (let lease?, nil):
            logger.info("took a partition", metadata: ["partition": "\(place.collection)/\(place.partition)"])
            let indexer = PartitionIndexer(
                lease: lease, ledger: ledger, shelf: shelf, schemas: schemas, queries: queries, buildThreads: buildThreads,
                mergeThreads: mergeThreads, logger: logger, now: now)
            indexers[place] = indexer
            Task { await indexer.run() }
        case (nil, let indexer?):
            // Another worker has it, or is to have it: stop, and give it back if it is still ours.
            logger.info("left a partition", metadata: ["partition": "\(place.collection)/\(place.partition)"])
            indexers[place] = nil
            await indexer.stop()
            formerCounters.add(await indexer.counters)
            try await ledger.release(await indexer.lease)
        case (nil, nil): break
        }
    }

    // MARK: Garbage

    /// Collects garbage without holding up the leases: its deletions wait behind merges, which may take minutes.
    private func collectGarbageBeside() {
        guard !isCollecting else { return }
        isCollecting = true
        // Unstructured for that reason; one at a time, and what it leaves undone is done again.
        Task {
            await collectGarbage()
            isCollecting = false
        }
    }

    /// Deletes files that nothing refers to: condemn, delete, forget, each of which may be repeated.
    private func collectGarbage() async {
        guard indexers.keys.contains(where: { $0.partition == 0 }), now() - lastGarbage >= Self.garbageMilliseconds
        else { return }
        lastGarbage = now()
        do {
            let files = try await ledger.condemn(
                deadGraceMilliseconds: deadGraceMilliseconds, stagedGraceMilliseconds: Self.stagedGraceMilliseconds,
                limit: Self.garbageBatch)
            guard !files.isEmpty else { return }
            let shelf = shelf
            let deleted = try await mergeThreads.run {
                try files.map { file in
                    try shelf.store.delete(file.name)
                    return file.name
                }
            }
            try await ledger.forget(deleted)
            garbageFiles += deleted.count
            logger.debug("collected garbage", metadata: ["files": "\(deleted.count)"])
        } catch {
            logger.info("garbage will be collected later", metadata: ["error": "\(error)"])
        }
    }
}
