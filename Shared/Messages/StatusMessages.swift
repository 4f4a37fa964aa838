// What the services tell of themselves: to `GET /v1/status`, to ZeroMQ clients and to the console.

/// The ingest gateway's part of the status.
package struct IngestStatus: Codable, Sendable, Hashable {
    package var release: String
    /// Milliseconds since 1970, UTC.
    package var startedAt: Int64
    package var collections: [CollectionStatus]
    /// Parse workers, by name.
    package var parseWorkers: [WorkerStatus]
    /// Index workers: who holds which partitions.
    package var partitions: [PartitionStatus]
    /// Counts since the start, by metric name.
    package var counters: [String: Double]
    /// What index workers tell of themselves: counts since their start, by holder and name.
    package var indexWorkers: [String: [String: Int]]?
    /// Transactions of the ledger by their time, in buckets of `LatencyHistogram`, and the sum of the times.
    package var commitTimes: [Int64]?
    package var commitMicroseconds: Int64?
    /// The feeds that are polled, in the order of their file; nil where none are.
    package var feeds: [FeedStatus]?

    package init(
        release: String, startedAt: Int64, collections: [CollectionStatus], parseWorkers: [WorkerStatus],
        partitions: [PartitionStatus], counters: [String: Double], indexWorkers: [String: [String: Int]]? = nil,
        commitTimes: [Int64]? = nil, commitMicroseconds: Int64? = nil, feeds: [FeedStatus]? = nil
    ) {
        self.release = release
        self.startedAt = startedAt
        self.collections = collections
        self.parseWorkers = parseWorkers
        self.partitions = partitions
        self.counters = counters
        self.indexWorkers = indexWorkers
        self.commitTimes = commitTimes
        self.commitMicroseconds = commitMicroseconds
        self.feeds = feeds
    }
}

/// One feed or sitemap that is polled.
package struct FeedStatus: Codable, Sendable, Hashable {
    package var address: String
    package var collection: String
    /// When it was last looked at and is next, in milliseconds since 1970; nil before the first look.
    package var lookedAt: Int64?
    package var nextAt: Int64
    /// Looks that failed one after the other, and the code of the last failure.
    package var failures: Int
    package var problem: String?
    /// Pages of it that wait to be fetched.
    package var waiting: Int

    package init(
        address: String, collection: String, lookedAt: Int64?, nextAt: Int64, failures: Int, problem: String?,
        waiting: Int
    ) {
        self.address = address
        self.collection = collection
        self.lookedAt = lookedAt
        self.nextAt = nextAt
        self.failures = failures
        self.problem = problem
        self.waiting = waiting
    }
}

/// One collection: the balance of its documents and the depth of its queues.
package struct CollectionStatus: Codable, Sendable, Hashable {
    package var name: String
    package var version: Int64
    package var counts: CollectionCounts
    /// Raw documents that are in the queue for a parse worker; further ones wait in the journal.
    package var waitingForParse: Int
    /// Raw documents that are with a parse worker.
    package var leasedForParse: Int
    /// Records of the topic `items` that no publish has reached.
    package var waitingForIndex: Int64
    package var segments: Int
    /// Items in live segments, deleted ones not counted.
    package var liveItems: Int
    /// Age of the oldest document that waits for, or is with, a parse worker; 0 where none does.
    package var parseLagMilliseconds: Int64?
    /// Age of the oldest parsed record that no publish has reached; 0 where there is none.
    package var indexLagMilliseconds: Int64?
    /// Records that the journal holds: raw documents, items.
    package var rawRecords: Int64?
    package var itemsRecords: Int64?
    /// Watches, and the balance of all their alerts.
    package var watches: Int?
    package var alerts: AlertCounts?

    package init(
        name: String, version: Int64, counts: CollectionCounts, waitingForParse: Int, leasedForParse: Int,
        waitingForIndex: Int64, segments: Int, liveItems: Int, parseLagMilliseconds: Int64? = nil,
        indexLagMilliseconds: Int64? = nil, rawRecords: Int64? = nil, itemsRecords: Int64? = nil,
        watches: Int? = nil, alerts: AlertCounts? = nil
    ) {
        self.name = name
        self.version = version
        self.counts = counts
        self.waitingForParse = waitingForParse
        self.leasedForParse = leasedForParse
        self.waitingForIndex = waitingForIndex
        self.segments = segments
        self.liveItems = liveItems
        self.parseLagMilliseconds = parseLagMilliseconds
        self.indexLagMilliseconds = indexLagMilliseconds
        self.rawRecords = rawRecords
        self.itemsRecords = itemsRecords
        self.watches = watches
        self.alerts = alerts
    }
}

/// One worker as its broker sees it.
package struct WorkerStatus: Codable, Sendable, Hashable {
    package var name: String
    package var boot: String
    package var window: Int
    package var held: Int
    package var finished: Int
    /// Milliseconds since anything came from it.
    package var silentMilliseconds: Int64
    /// Bytes of the documents that it holds, and how many it will hold; nil where only leases count.
    package var heldBytes: Int?
    package var windowBytes: Int?
    /// What it last told of its process, by metric name.
    package var counters: [String: Int]?

    package init(
        name: String, boot: String, window: Int, held: Int, finished: Int, silentMilliseconds: Int64,
        heldBytes: Int? = nil, windowBytes: Int? = nil, counters: [String: Int]? = nil
    ) {
        self.name = name
        self.boot = boot
        self.window = window
        self.held = held
        self.finished = finished
        self.silentMilliseconds = silentMilliseconds
        self.heldBytes = heldBytes
        self.windowBytes = windowBytes
        self.counters = counters
    }
}

/// One partition of a collection and the index worker that holds it.
package struct PartitionStatus: Codable, Sendable, Hashable {
    package var collection: String
    package var partition: Int
    package var holder: String?
    package var epoch: Int64
    package var checkpoint: Int64
    package var next: Int64
    package var segments: Int

    package init(
        collection: String, partition: Int, holder: String?, epoch: Int64, checkpoint: Int64, next: Int64, segments: Int
    ) {
        self.collection = collection
        self.partition = partition
        self.holder = holder
        self.epoch = epoch
        self.checkpoint = checkpoint
        self.next = next
        self.segments = segments
    }
}

/// The whole status, as the query gateway answers it.
package struct StatusReply: Codable, Sendable, Hashable {
    package var release: String
    /// False while a part cannot be asked; `problems` says which and what helps.
    package var complete: Bool
    package var problems: [String]
    package var ingest: IngestStatus?
    package var searchWorkers: [WorkerStatus]
    /// The versions that searches see, by collection.
    package var searchVersions: [String: Int64]
    package var queriesRunning: Int
    package var counters: [String: Double]

    package init(
        release: String, complete: Bool, problems: [String], ingest: IngestStatus?, searchWorkers: [WorkerStatus],
        searchVersions: [String: Int64], queriesRunning: Int, counters: [String: Double]
    ) {
        self.release = release
        self.complete = complete
        self.problems = problems
        self.ingest = ingest
        self.searchWorkers = searchWorkers
        self.searchVersions = searchVersions
        self.queriesRunning = queriesRunning
        self.counters = counters
    }
}
