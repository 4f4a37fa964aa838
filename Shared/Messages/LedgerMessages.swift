// The ledger link: the journal and the catalog for processes that do not own them.

/// One call of the ledger. Payload bytes (of `read`'s answer) travel end to end in the first payload frame.
package enum LedgerRequest: Codable, Sendable, Hashable {
    case collections
    case acquire(collection: String, partition: Int, holder: String, durationMilliseconds: Int64)
    case release(collection: String, partition: Int, holder: String, epoch: Int64)
    case read(TopicPartition, from: Int64, maxBatches: Int, maxBytes: Int)
    case stage(StageRequest)
    case publish(PublishRequest)
    case segmentState(String)
    case snapshot(collection: String)
    case version(collection: String)
    case submission(collection: String, rawOffset: Int64)
    case deadLetters(collection: String, from: Int64, limit: Int)
    case retryDeadLetter(collection: String, rawOffset: Int64)
    case dropDeadLetter(collection: String, rawOffset: Int64)
    case condemn(deadGraceMilliseconds: Int64, stagedGraceMilliseconds: Int64, limit: Int)
    case forget([String])
    case status
    /// An index worker's counts since its start, by name; kept for the status.
    case report(holder: String, counters: [String: Int])
    // Watches; see `Watches` in the ledger.
    case createWatch(Watch)
    case deleteWatch(String)
    case watch(String)
    case watches(WatchSelection)
    case watchRules(collection: String, after: Int64, limit: Int)
    /// How many alerts each of these watches has had.
    case watchHeads([String])
    /// How late the pending alerts of each of these watches are.
    case watchDues([String])
    /// Somebody was given a watch's alerts up to this sequence.
    case noteDelivered(watch: String, through: Int64)
    /// Alerts of a watch behind a sequence; their payloads stand end to end in the payload frame.
    case alerts(watch: String, after: Int64, limit: Int, isDead: Bool)
    case acknowledge(watch: String, AlertChoice)
    case buryAlert(watch: String, sequence: Int64, reason: String, attempts: Int)
    case retryAlerts(watch: String, [Int64])
    /// The right to deliver to webhooks and digest files, for a time; only one gateway has it.
    case holdDelivery(holder: String, durationMilliseconds: Int64)
    /// Makes a collection of this declaration, or gives the one that is there a new declaration.
    case declare(text: String, isNew: Bool)
    /// Ends a declared collection with all it holds.
    case removeCollection(String)
    /// How far the submissions `from..<to` have come, all together.
    case progress(collection: String, from: Int64, to: Int64)
    /// The keys of a record's personal values.
    case recordKeys(collection: String, identity: String)
    /// Records that have this value in a field of personal keywords; not more than `limit`.
    case recordsWith(collection: String, field: String, value: String, limit: Int)
}

/// The answer to a `LedgerRequest` of the same name.
package enum LedgerReply: Codable, Sendable, Hashable {
    case collections([CollectionRecord])
    /// Nil while another holder's lease is alive.
    case acquire(PartitionLease?)
    case done
    /// Batches without payload, and the bytes of each in the payload frame.
    case read([StoredBatch], byteCounts: [Int], bounds: JournalBounds)
    case publish(version: Int64)
    /// Nil for a segment that the catalog does not know (any more).
    case segmentState(SegmentState?)
    case snapshot(CollectionSnapshot)
    case version(Int64)
    /// Nil where there is no such submission.
    case submission(SubmissionState?)
    case deadLetters([DeadDocumentSummary])
    case condemn([CondemnedFile])
    case status(IngestStatus)
    /// Nil where there is no such watch.
    case watch(WatchState?)
    case watches([WatchState])
    case watchRules(WatchRules)
    /// In the order asked; -1 for a watch that does not exist.
    case watchHeads([Int64])
    /// In the order asked; nothing due of a watch that does not exist.
    case watchDues([AlertDue])
    /// Alerts without payload, and the bytes of each in the payload frame.
    case alerts([StoredAlert], byteCounts: [Int])
    case alertCounts(AlertCounts)
    /// Whether the asker has the right.
    case holdDelivery(Bool)
    case declare(CollectionRecord)
    case progress(SubmissionProgress)
    case recordKeys([RecordKey])
    /// Identities, ascending.
    case recordsWith([String])
    /// The catalog refused; nothing was changed.
    case refused(CatalogRefusal)
}

/// How far some submissions have come.
package struct SubmissionProgress: Codable, Sendable, Hashable {
    /// Without an outcome, or with items that are not in the index.
    package var waiting: Int
    /// Given up, for now or for good.
    package var dead: Int

    package init(waiting: Int, dead: Int) {
        self.waiting = waiting
        self.dead = dead
    }
}

/// A document that was given up, without its bytes.
package struct DeadDocumentSummary: Codable, Sendable, Hashable {
    package var submission: String
    package var description: DocumentDescription
    package var byteCount: Int
    package var deadLetters: [DeadLetter]
    package var retries: Int
    package var diedAt: Int64

    package init(
        submission: String, description: DocumentDescription, byteCount: Int, deadLetters: [DeadLetter], retries: Int,
        diedAt: Int64
    ) {
        self.submission = submission
        self.description = description
        self.byteCount = byteCount
        self.deadLetters = deadLetters
        self.retries = retries
        self.diedAt = diedAt
    }
}
