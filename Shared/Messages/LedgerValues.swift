// Values of the journal: what is appended, read and finished. They are kept by the ledger and cross the `ledger` link.
//
// Definitions:
//  - A *stream* is one (collection, topic, partition). Its offsets count records, begin at 0 and have no holes.
//  - A *batch* is what is appended at once: it occupies the half-open range [firstOffset, firstOffset + recordCount).
//  - A *submission* is one raw document: one batch of one record in partition 0 of the topic `raw`. Its offset there,
//    together with its collection, names it for ever.
//  - An *outcome* is what became of a submission: items, or a dead letter. It is recorded once.
//
// Times are milliseconds since 1970, UTC. On the wire a payload travels as a frame of its own: a sender empties
// `payload` before it encodes the value (`withoutPayload`), a receiver puts the frame back.

/// What a stream holds.
package enum Topic: String, Codable, Sendable, Hashable, CaseIterable {
    /// Raw documents; partition 0 only, one record a batch.
    case raw
    /// Items on their way to the index; as many partitions as the collection has.
    case items
    /// Notes on documents that were given up; partition 0 only. The dead letters themselves are outcomes.
    case deadLetters = "dead"
    /// Matches of standing queries; partition 0 only, appended by the publish that made them searchable.
    case alerts
}

/// The name of one stream.
package struct TopicPartition: Codable, Sendable, Hashable {
    package var collection: String
    package var topic: Topic
    /// 0-based.
    package var partition: Int

    package init(collection: String, topic: Topic, partition: Int = 0) {
        self.collection = collection
        self.topic = topic
        self.partition = partition
    }
}

/// Records appended together under one identity.
package struct JournalBatch: Codable, Sendable, Hashable {
    /// Chosen by the sender, 1…200 bytes. The same id in the same stream is the same batch, for ever.
    package var batchID: String
    /// 1…1 000 000; exactly 1 in the topic `raw`.
    package var recordCount: Int
    /// Opaque to the ledger; compressed by the caller if at all.
    package var payload: [UInt8]

    package init(batchID: String, recordCount: Int = 1, payload: [UInt8]) {
        self.batchID = batchID
        self.recordCount = recordCount
        self.payload = payload
    }

    /// The same batch with an empty payload, for a header frame.
    package var withoutPayload: JournalBatch {
        JournalBatch(batchID: batchID, recordCount: recordCount, payload: [])
    }
}

/// One append: a batch and where it goes.
package struct JournalAppend: Codable, Sendable, Hashable {
    package var destination: TopicPartition
    package var batch: JournalBatch
    /// Values of unique fields that a raw record takes and gives up, in the same commit.
    package var claims: RecordClaims?
    /// What a raw record became already; nil where it waits for its outcome.
    package var parsed: ParsedAppend?

    package init(
        _ destination: TopicPartition, _ batch: JournalBatch, claims: RecordClaims? = nil, parsed: ParsedAppend? = nil
    ) {
        self.destination = destination
        self.batch = batch
        self.claims = claims
        self.parsed = parsed
    }
}

/// The outcome of a raw record that needs no parser, recorded in the commit that appends it: one batch of one item record.
package struct ParsedAppend: Codable, Sendable, Hashable {
    /// Bytes of the raw offset in `payload`, big-endian.
    package static let offsetBytes = 8

    package var partition: Int
    /// The item record, with a gap for the raw offset, which is known in the commit only.
    package var payload: [UInt8]
    /// Where the gap begins.
    package var offsetPlace: Int
    /// The identity of a document that this submission removes, as of a `Completion`.
    package var removes: String?

    package init(partition: Int, payload: [UInt8], offsetPlace: Int, removes: String? = nil) {
        self.partition = partition
        self.payload = payload
        self.offsetPlace = offsetPlace
        self.removes = removes
    }

    /// Whether the gap lies within the payload.
    package var isWellFormed: Bool { offsetPlace >= 0 && offsetPlace <= payload.count - Self.offsetBytes }

    /// The outcome of the raw record at an offset.
    ///
    /// - Precondition: `isWellFormed`.
    package func completion(in collection: String, rawOffset: Int64) -> Completion {
        var payload = payload
        for byte in 0..<Self.offsetBytes {
            payload[offsetPlace + byte] = UInt8(truncatingIfNeeded: rawOffset >> (8 * (Self.offsetBytes - 1 - byte)))
        }
        let batch = JournalBatch(batchID: "raw/\(rawOffset)", payload: payload)
        return Completion(
            collection: collection, rawOffset: rawOffset, appends: [ItemAppend(partition: partition, batch: batch)],
            removes: removes)
    }
}

/// What an append claims for a record of a declared collection.
package struct RecordClaims: Codable, Sendable, Hashable {
    /// A value of a unique field.
    package struct Value: Codable, Sendable, Hashable {
        package var field: String
        /// What stands for the value; compared byte by byte.
        package var value: [UInt8]

        package init(field: String, value: [UInt8]) {
            self.field = field
            self.value = value
        }
    }

    package var identity: String
    /// Fields whose values the record gives up, unless they are among `values`.
    package var released: [String]
    package var values: [Value]
    /// What the record is found by, and others too: it stands for personal keywords. Fields that are `released` and not
    /// here have none any more.
    package var tokens: [Value]
    /// The key that the record's personal values are sealed with, itself sealed; nil where it has none.
    package var key: RecordKey?
    /// Erases the keys and the tokens of the record's versions up to this one; nil erases none.
    package var erasedVersion: Int64?

    package init(
        identity: String, released: [String], values: [Value], tokens: [Value] = [], key: RecordKey? = nil,
        erasedVersion: Int64? = nil
    ) {
        self.identity = identity
        self.released = released
        self.values = values
        self.tokens = tokens
        self.key = key
        self.erasedVersion = erasedVersion
    }
}

/// Where a batch stands; given only once it is on disk.
package struct AppendReceipt: Codable, Sendable, Hashable {
    package var firstOffset: Int64
    /// The records of the batch that is stored under this id.
    package var recordCount: Int
    /// True if the batch id was known, so that nothing was appended now.
    package var isDuplicate: Bool

    package init(firstOffset: Int64, recordCount: Int, isDuplicate: Bool) {
        self.firstOffset = firstOffset
        self.recordCount = recordCount
        self.isDuplicate = isDuplicate
    }

    /// One past the last record.
    package var endOffset: Int64 { firstOffset + Int64(recordCount) }
}

/// A batch as it is read.
package struct StoredBatch: Codable, Sendable, Hashable {
    package var firstOffset: Int64
    package var recordCount: Int
    package var batchID: String
    package var payload: [UInt8]
    package var appendedAt: Int64

    package init(firstOffset: Int64, recordCount: Int, batchID: String, payload: [UInt8], appendedAt: Int64) {
        self.firstOffset = firstOffset
        self.recordCount = recordCount
        self.batchID = batchID
        self.payload = payload
        self.appendedAt = appendedAt
    }

    /// One past the last record.
    package var endOffset: Int64 { firstOffset + Int64(recordCount) }

    /// The same batch with an empty payload, for a header frame.
    package var withoutPayload: StoredBatch {
        var copy = self
        copy.payload = []
        return copy
    }
}

/// The readable offsets of a stream: half-open, [low, next).
package struct JournalBounds: Codable, Sendable, Hashable {
    /// The first offset that is still there.
    package var low: Int64
    /// The offset that the next record will get.
    package var next: Int64

    package init(low: Int64, next: Int64) {
        self.low = low
        self.next = next
    }
}

// MARK: - Submissions

/// A half-open range of records of one partition of the topic `items`.
package struct ItemRange: Codable, Sendable, Hashable {
    package var partition: Int
    package var startOffset: Int64
    package var endOffset: Int64

    package init(partition: Int, startOffset: Int64, endOffset: Int64) {
        self.partition = partition
        self.startOffset = startOffset
        self.endOffset = endOffset
    }
}

/// Why a document, or a part of it, was given up.
package struct DeadLetter: Codable, Sendable, Hashable {
    /// A code of the table of errors, for example `unreadable-document`.
    package var reason: String
    /// What failed, in words.
    package var message: String
    /// How often it was tried.
    package var attempts: Int
    /// The document's identity, by which a later removal finds it; nil where it could not be told.
    package var identity: String?

    package init(reason: String, message: String, attempts: Int, identity: String? = nil) {
        self.reason = reason
        self.message = message
        self.attempts = attempts
        self.identity = identity
    }
}

/// Items of one completion for one partition.
package struct ItemAppend: Codable, Sendable, Hashable {
    package var partition: Int
    package var batch: JournalBatch

    package init(partition: Int, batch: JournalBatch) {
        self.partition = partition
        self.batch = batch
    }
}

/// The outcome of one submission.
///
/// With `appends` the submission is parsed, and `deadLetters` tell which parts of it failed. Without `appends` the whole
/// of it is dead, and at least one dead letter says why. Neither is refused. All items of one document belong in one
/// partition, in one batch, because a newer version of the document replaces them there.
package struct Completion: Codable, Sendable, Hashable {
    package var collection: String
    package var rawOffset: Int64
    package var appends: [ItemAppend]
    package var deadLetters: [DeadLetter]
    package var warnings: [String]
    /// The identity of a document that this submission removes: dead letters of its older versions are dropped with it.
    package var removes: String?

    package init(
        collection: String, rawOffset: Int64, appends: [ItemAppend], deadLetters: [DeadLetter] = [],
        warnings: [String] = [], removes: String? = nil
    ) {
        self.collection = collection
        self.rawOffset = rawOffset
        self.appends = appends
        self.deadLetters = deadLetters
        self.warnings = warnings
        self.removes = removes
    }
}

/// What a completion came to.
package struct CompletionReceipt: Codable, Sendable, Hashable {
    package enum Status: String, Codable, Sendable, Hashable {
        /// The outcome was recorded now.
        case finished
        /// The submission had an outcome; nothing was recorded or appended.
        case duplicate
        /// The collection has no raw document at this offset; nothing was recorded or appended.
        case unknown
    }

    package var rawOffset: Int64
    package var status: Status
    /// The items of the recorded outcome; empty for a dead or unknown submission.
    package var items: [ItemRange]

    package init(rawOffset: Int64, status: Status, items: [ItemRange]) {
        self.rawOffset = rawOffset
        self.status = status
        self.items = items
    }
}

/// How far a submission has come.
package struct SubmissionState: Codable, Sendable, Hashable {
    package enum Stage: String, Codable, Sendable, Hashable {
        /// On disk, not parsed yet (or put back for another try).
        case accepted
        /// Its items are in the journal, not all of them in the index.
        case parsed
        /// All its items are behind the checkpoints of their partitions.
        case searchable
        /// Given up; waits for a retry or to be dropped.
        case dead
        /// Given up for good.
        case dropped
    }

    package var stage: Stage
    /// Where its items stand; empty until it is parsed.
    package var items: [ItemRange]
    /// Why it, or parts of it, failed the last time.
    package var deadLetters: [DeadLetter]
    package var warnings: [String]
    /// How often it was put back from the dead letters.
    package var retries: Int
    /// When the last outcome was recorded; nil while there is none.
    package var finishedAt: Int64?

    package init(
        stage: Stage, items: [ItemRange] = [], deadLetters: [DeadLetter] = [], warnings: [String] = [],
        retries: Int = 0, finishedAt: Int64? = nil
    ) {
        self.stage = stage
        self.items = items
        self.deadLetters = deadLetters
        self.warnings = warnings
        self.retries = retries
        self.finishedAt = finishedAt
    }
}

/// A document that was given up, as the list of dead letters shows it.
package struct DeadDocument: Codable, Sendable, Hashable {
    /// The document whole; its `firstOffset` is the submission's offset.
    package var document: StoredBatch
    package var deadLetters: [DeadLetter]
    package var retries: Int
    package var diedAt: Int64

    package init(document: StoredBatch, deadLetters: [DeadLetter], retries: Int, diedAt: Int64) {
        self.document = document
        self.deadLetters = deadLetters
        self.retries = retries
        self.diedAt = diedAt
    }
}

/// The balance of a collection, in submissions unless said otherwise.
///
/// `accepted = searchable + superseded + deadLettered + dropped + inFlight`, in every committed state.
package struct CollectionCounts: Codable, Sendable, Hashable {
    /// Ever acknowledged.
    package var accepted: Int64
    /// Have items in the journal.
    package var parsed: Int64
    /// Wait among the dead letters.
    package var deadLettered: Int64
    /// Given up for good.
    package var dropped: Int64
    /// Accepted and not yet reflected by a publish, a dead letter or a drop.
    package var inFlight: Int64
    /// Reflected by a publish and not superseded.
    package var searchable: Int64
    /// Reflected by a publish, and replaced by a newer version or removed; a request for removal itself counts here.
    package var superseded: Int64
    /// Put back from the dead letters, counted each time.
    package var retries: Int64
    /// Items (records of the topic `items`) ever appended.
    package var items: Int64
    /// Items behind the checkpoints.
    package var publishedItems: Int64
    /// The sum of `documentsSearchable` of all publishes: what the index workers say. An audit compares it to
    /// `searchable`.
    package var liveDocuments: Int64

    package init(
        accepted: Int64 = 0, parsed: Int64 = 0, deadLettered: Int64 = 0, dropped: Int64 = 0, inFlight: Int64 = 0,
        searchable: Int64 = 0, superseded: Int64 = 0, retries: Int64 = 0, items: Int64 = 0, publishedItems: Int64 = 0,
        liveDocuments: Int64 = 0
    ) {
        self.accepted = accepted
        self.parsed = parsed
        self.deadLettered = deadLettered
        self.dropped = dropped
        self.inFlight = inFlight
        self.searchable = searchable
        self.superseded = superseded
        self.retries = retries
        self.items = items
        self.publishedItems = publishedItems
        self.liveDocuments = liveDocuments
    }

    /// Whether the closed loop is closed.
    package var isBalanced: Bool {
        accepted == searchable + superseded + deadLettered + dropped + inFlight
    }
}
