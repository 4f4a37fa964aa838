// Values of the catalog: segments, leases, publishes and refusals. They are kept by the ledger and cross its link.
//
// Life of a segment (and, in the same way, of every file it names):
//
//     (none) --stage--> staged --publish: add--> live --publish: remove--> dead --condemn--> condemned --forget--> (none)
//                       staged --condemn, after the grace for staged ones--> condemned
//
// Nothing leads out of `condemned` but `forget`, so what the collector deletes can never become live.

/// One immutable file of the segment store. The name is never used for other bytes.
package struct SegmentFile: Codable, Sendable, Hashable {
    /// `<collection>/<unique name>`; see `SegmentFileName` for what is allowed.
    package var name: String
    package var byteCount: Int64
    /// CRC-32C of all bytes.
    package var checksum: UInt32

    package init(name: String, byteCount: Int64, checksum: UInt32) {
        self.name = name
        self.byteCount = byteCount
        self.checksum = checksum
    }
}

/// What the catalog knows of one segment.
package struct SegmentRecord: Codable, Sendable, Hashable {
    /// Unique for ever; a UUID.
    package var id: String
    package var collection: String
    package var partition: Int
    /// How many merges deep; 0 for a segment built from the journal.
    package var level: Int
    /// Documents in the file, deleted ones included. May be 0: a range of removals still needs its segment.
    package var documentCount: Int
    /// Documents that `liveDocs` names as deleted.
    package var deletedCount: Int
    /// The half-open range of `items` offsets that this segment covers; never empty.
    package var startOffset: Int64
    package var endOffset: Int64
    package var file: SegmentFile
    /// Names the deleted documents; nil while none is deleted. A newer file replaces it as deletes arrive.
    package var liveDocs: SegmentFile?
    /// 0 for a new segment, grows with every replacement of `liveDocs`.
    package var liveDocsGeneration: Int

    package init(
        id: String, collection: String, partition: Int, level: Int, documentCount: Int, deletedCount: Int = 0,
        startOffset: Int64, endOffset: Int64, file: SegmentFile, liveDocs: SegmentFile? = nil,
        liveDocsGeneration: Int = 0
    ) {
        self.id = id
        self.collection = collection
        self.partition = partition
        self.level = level
        self.documentCount = documentCount
        self.deletedCount = deletedCount
        self.startOffset = startOffset
        self.endOffset = endOffset
        self.file = file
        self.liveDocs = liveDocs
        self.liveDocsGeneration = liveDocsGeneration
    }
}

/// Where a segment is in its life.
package enum SegmentState: String, Codable, Sendable, Hashable {
    case staged
    case live
    case dead
    case condemned
}

/// The exclusive, timed right to index one partition.
package struct PartitionLease: Codable, Sendable, Hashable {
    package var collection: String
    package var partition: Int
    /// Grows at every take-over; fences the holder before.
    package var epoch: Int64
    /// The first `items` offset that is not in the index.
    package var checkpoint: Int64
    /// Unique to one run of one process.
    package var holder: String
    package var expiresAt: Int64

    package init(
        collection: String, partition: Int, epoch: Int64, checkpoint: Int64, holder: String, expiresAt: Int64
    ) {
        self.collection = collection
        self.partition = partition
        self.epoch = epoch
        self.checkpoint = checkpoint
        self.holder = holder
        self.expiresAt = expiresAt
    }
}

/// Announces files before they are put into the segment store, so that a crash leaves nothing unknown behind.
package struct StageRequest: Codable, Sendable, Hashable {
    package var collection: String
    package var partition: Int
    /// The lease's epoch; nil for a merge done without the lease.
    package var epoch: Int64?
    /// Their `file`, and `liveDocs` where set, are staged with them.
    package var segments: [SegmentRecord]
    /// Further live-docs files, for segments that are live or staged already.
    package var liveDocs: [SegmentFile]

    package init(
        collection: String, partition: Int, epoch: Int64?, segments: [SegmentRecord], liveDocs: [SegmentFile] = []
    ) {
        self.collection = collection
        self.partition = partition
        self.epoch = epoch
        self.segments = segments
        self.liveDocs = liveDocs
    }
}

/// A half-open range of `items` offsets that a publish adds to the checkpoint.
package struct CheckpointDelta: Codable, Sendable, Hashable {
    package var startOffset: Int64
    package var endOffset: Int64

    package init(startOffset: Int64, endOffset: Int64) {
        self.startOffset = startOffset
        self.endOffset = endOffset
    }
}

/// A live segment that a publish removes.
package struct SegmentRemoval: Codable, Sendable, Hashable {
    package var segmentID: String
    /// The live-docs generation that the merge has read: a delete that came later refuses the merge, so none is lost.
    package var expectedGeneration: Int

    package init(segmentID: String, expectedGeneration: Int) {
        self.segmentID = segmentID
        self.expectedGeneration = expectedGeneration
    }
}

/// Deletes in a live segment.
package struct LiveDocsChange: Codable, Sendable, Hashable {
    package var segmentID: String
    package var expectedGeneration: Int
    /// Greater than `expectedGeneration`.
    package var newGeneration: Int
    /// Was staged; replaces the segment's live-docs file.
    package var file: SegmentFile
    /// Documents of the segment that are deleted now, all together.
    package var deletedCount: Int

    package init(
        segmentID: String, expectedGeneration: Int, newGeneration: Int, file: SegmentFile, deletedCount: Int
    ) {
        self.segmentID = segmentID
        self.expectedGeneration = expectedGeneration
        self.newGeneration = newGeneration
        self.file = file
        self.deletedCount = deletedCount
    }
}

/// An item of a publish that watches matched: one record of the topic `alerts`, and one alert for each of the watches.
package struct AlertBatch: Codable, Sendable, Hashable {
    package var batchID: String
    /// 1 where there are watches.
    package var recordCount: Int
    /// An `AlertItem`; opaque to the ledger.
    package var payload: [UInt8]
    /// Numbers of the watches that matched, each once; nil for none.
    package var watches: [Int64]?
    /// Rules that matched, each once and not among `watches`, with the desks that are concerned; nil for none.
    package var routes: [AlertRoute]?

    package init(
        batchID: String, recordCount: Int = 1, payload: [UInt8], watches: [Int64]? = nil, routes: [AlertRoute]? = nil
    ) {
        self.batchID = batchID
        self.recordCount = recordCount
        self.payload = payload
        self.watches = watches
        self.routes = routes
    }

    /// Alerts that this makes.
    package var alertCount: Int { (watches?.count ?? 0) + (routes ?? []).reduce(0) { $0 + $1.desks.count } }
}

/// The desks of one rule that an item is for.
package struct AlertRoute: Codable, Sendable, Hashable {
    /// The rule's number.
    package var rule: Int64
    /// Values of the rule's field, each once, at least one.
    package var desks: [String]

    package init(rule: Int64, desks: [String]) {
        self.rule = rule
        self.desks = desks
    }
}

/// One change of one partition's live segments, made whole or not at all.
package struct PublishRequest: Codable, Sendable, Hashable {
    package var collection: String
    package var partition: Int
    /// The lease's epoch; nil only for a merge, which has neither `advance` nor `liveDocs`.
    package var epoch: Int64?
    /// Starts at the checkpoint; nil for a merge.
    package var advance: CheckpointDelta?
    /// Staged before; as staged but for `deletedCount`, `liveDocs` and `liveDocsGeneration`, which may be newer.
    package var add: [SegmentRecord]
    package var remove: [SegmentRemoval]
    package var liveDocs: [LiveDocsChange]
    /// By how much the number of live documents grows, in submissions; negative where more go than come.
    package var documentsSearchable: Int
    /// How many submissions this publish supersedes: earlier versions of its documents, removed documents, the requests
    /// for removal themselves. Together with `documentsSearchable` this is the number of submissions of `advance`.
    package var documentsSuperseded: Int
    /// Appended to the topic `alerts` by the same commit.
    package var alerts: [AlertBatch]
    /// The version of the watches that the items of `advance` were matched with; must be the stored one. Nil is version 0,
    /// that of a collection that never had a watch.
    package var watchesVersion: Int64?

    package init(
        collection: String, partition: Int, epoch: Int64?, advance: CheckpointDelta? = nil, add: [SegmentRecord],
        remove: [SegmentRemoval] = [], liveDocs: [LiveDocsChange] = [], documentsSearchable: Int = 0,
        documentsSuperseded: Int = 0, alerts: [AlertBatch] = [], watchesVersion: Int64? = nil
    ) {
        self.collection = collection
        self.partition = partition
        self.epoch = epoch
        self.advance = advance
        self.add = add
        self.remove = remove
        self.liveDocs = liveDocs
        self.documentsSearchable = documentsSearchable
        self.documentsSuperseded = documentsSuperseded
        self.alerts = alerts
        self.watchesVersion = watchesVersion
    }
}

/// A named schema and its number of partitions, fixed when it is created.
package struct CollectionRecord: Codable, Sendable, Hashable {
    package var name: String
    package var partitions: Int
    /// Grows by one with every publish and every change of the declaration.
    package var version: Int64
    /// Grows with every watch that is made or deleted; nil is 0.
    package var watchesVersion: Int64?
    /// Counts the declarations that it has had, from 1; nil for a built-in collection.
    package var generation: Int?

    package init(
        name: String, partitions: Int, version: Int64, watchesVersion: Int64? = nil, generation: Int? = nil
    ) {
        self.name = name
        self.partitions = partitions
        self.version = version
        self.watchesVersion = watchesVersion
        self.generation = generation
    }
}

/// The declaration of a collection as it is kept: the YAML text that was given, word for word.
package struct StoredDeclaration: Codable, Sendable, Hashable {
    package var generation: Int
    package var text: String

    package init(generation: Int, text: String) {
        self.generation = generation
        self.text = text
    }
}

/// The live segments of one partition; their ranges cover [0, checkpoint) exactly.
package struct PartitionSnapshot: Codable, Sendable, Hashable {
    package var partition: Int
    package var checkpoint: Int64
    /// Ascending by `startOffset`.
    package var segments: [SegmentRecord]

    package init(partition: Int, checkpoint: Int64, segments: [SegmentRecord]) {
        self.partition = partition
        self.checkpoint = checkpoint
        self.segments = segments
    }
}

/// A consistent cut through one collection.
package struct CollectionSnapshot: Codable, Sendable, Hashable {
    package var collection: String
    package var version: Int64
    /// Every partition, ascending.
    package var partitions: [PartitionSnapshot]
    /// What its records are; nil for a built-in collection.
    package var declaration: StoredDeclaration?

    package init(
        collection: String, version: Int64, partitions: [PartitionSnapshot], declaration: StoredDeclaration? = nil
    ) {
        self.collection = collection
        self.version = version
        self.partitions = partitions
        self.declaration = declaration
    }
}

/// Why the catalog refuses a change. The stored state is unchanged.
package enum CatalogRefusal: Error, Codable, Sendable, Hashable {
    /// The lease was taken over; `current` is the stored epoch. Acquire again.
    case fenced(current: Int64)
    /// `advance` does not start at the checkpoint. Read on from `current`.
    case moved(current: Int64)
    /// `advance` ends beyond the journal's end.
    case beyondJournal(next: Int64)
    /// These segments (or live-docs files, by name) are not staged: never were, are live already, or are condemned.
    case notStaged([String])
    /// These segments are added with other values than they were staged with.
    case differsFromStaged([String])
    /// These segments are not live: another merge won.
    case notLive([String])
    /// Deletes have arrived in these segments since they were read.
    case liveDocsChanged([String])
    /// These segment ids or file names are in use.
    case nameInUse([String])
    /// The added segments do not cover exactly what the removed ones and `advance` cover.
    case notCovering
    /// More would be superseded than was ever published, or counts overflow.
    case notBalanced
    /// An advance or a change of live docs without an epoch.
    case epochMissing
    case unknownCollection(String)
    case unknownPartition(Int)
    /// Watches were made or deleted since the items were matched. Match them again with version `current`.
    case watchesChanged(current: Int64)
    /// No watch has this id.
    case unknownWatch(String)
    /// Another watch has this id.
    case watchExists(String)
    /// The owner, or the ledger, has as many watches as it may.
    case tooManyWatches(limit: Int)
    /// The collection exists with another number of partitions.
    case partitionsDiffer(stored: Int)
    /// A value is outside its limits; the text says which.
    case invalid(String)
}

/// A file that nothing refers to and that may be deleted from the segment store.
package struct CondemnedFile: Codable, Sendable, Hashable {
    package var name: String
    package var collection: String

    package init(name: String, collection: String) {
        self.name = name
        self.collection = collection
    }
}
