// The journal: ordered streams of batches, and the outcomes of the raw documents among them.
//
// Laws, kept by every engine and tested by one suite:
//  J1 What is acknowledged survives SIGKILL of every process (and the loss of power, as far as the disk keeps its word).
//  J2 Offsets of a stream are dense and appear in order: a reader never sees a hole that fills later.
//  J3 The same batch id in the same stream again gives the same offsets and stores no second copy, also within one call.
//  J4 That memory outlives trimming.
//  J5 Trimming never passes the least checkpoint: the lowest unfinished submission for `raw`, the partition's checkpoint
//     for `items`, the lowest record that an alert refers to for `alerts`. Reading below the low mark is an error, never a silent skip.
//  J6 An outcome is recorded once. A submission put back from the dead letters waits for a new one.
//     A removal that is finished drops the dead letters of older versions of its document in the same commit, so that no
//     retry brings back what was removed.
//  J7 accepted = searchable + superseded + deadLettered + dropped + inFlight, in every committed state.
//
// All calls block on the disk. Call them from the ledger's own threads only (`GroupCommitter`), never from a cooperative
// one.
package import Messages

/// A unit of work of a group commit.
package enum JournalWork: Sendable {
    /// Batches that are appended all or none.
    case append([JournalAppend])
    /// Outcomes that are recorded all or none.
    case finish([Completion])
}

/// What one unit of work came to, in its own order.
package enum JournalReceipt: Sendable, Equatable {
    case appended([AppendReceipt])
    case finished([CompletionReceipt])
}

/// Ordered, durable streams of batches. The laws are at the top of this file.
package protocol Journal: Sendable {
    /// Does all works in one transaction, in order, and returns when it is on disk.
    ///
    /// A work that is invalid in itself fails alone and changes nothing; the others are done.
    ///
    /// - Throws: `LedgerError` (`diskFull`, `io`, `failed`, …) if nothing at all was done.
    func commit(_ works: [JournalWork], now: Int64) throws -> [Result<JournalReceipt, LedgerError>]

    /// Batches from the one that holds offset `from` on, ascending, without holes.
    ///
    /// At most `maxBatches` of them, and no more than `maxBytes` of payload unless the first alone is larger. Empty past
    /// the end.
    ///
    /// - Throws: `trimmed(low:)` if `from` is below the low mark; `unknownCollection`, `invalid`.
    func read(_ stream: TopicPartition, from: Int64, maxBatches: Int, maxBytes: Int) throws -> [StoredBatch]

    /// The readable offsets.
    func bounds(_ stream: TopicPartition) throws -> JournalBounds

    /// Forgets whole batches that end at or before `limit`, and returns the new low mark.
    ///
    /// Dead letters keep their raw document until they are retried or dropped.
    ///
    /// - Throws: `notTrimmable(limit:)` if that would pass the least checkpoint (J5).
    func trim(_ stream: TopicPartition, below limit: Int64) throws -> Int64

    /// The end of the leading batches that were all appended before `time`, of the first `maxBatches` that are kept; the
    /// low mark where there is none. What is behind it may be trimmed as far as nobody needs it.
    func oldOffset(_ stream: TopicPartition, before time: Int64, maxBatches: Int) throws -> Int64

    /// Where the batch with this id stands, trimmed or not; nil if it was never appended.
    func receipt(ofBatch batchID: String, in stream: TopicPartition) throws -> AppendReceipt?

    // MARK: Submissions

    /// Raw documents without an outcome, ascending by offset, from the first after `offset` on (nil: from the start).
    ///
    /// Limits as with `read`.
    ///
    /// - Complexity: O(log n + returned), whatever the number of finished ones.
    func unfinished(_ collection: String, after offset: Int64?, limit: Int, maxBytes: Int) throws -> [StoredBatch]

    /// How far a submission has come; nil if there is none at this offset.
    func outcome(_ collection: String, rawOffset: Int64) throws -> SubmissionState?

    /// Dead submissions with their documents, ascending, from offset `from` on. Limits as with `read`.
    func deadLetters(_ collection: String, from: Int64, limit: Int, maxBytes: Int) throws -> [DeadDocument]

    /// Puts a dead submission back to the unfinished ones, and counts it.
    ///
    /// - Throws: `notDead` if it is not among the dead letters.
    func retryDeadLetter(_ collection: String, rawOffset: Int64) throws

    /// Gives a dead submission up for good.
    ///
    /// - Throws: `notDead` if it is not among the dead letters.
    func dropDeadLetter(_ collection: String, rawOffset: Int64, now: Int64) throws

    /// The balance of a collection (J7).
    func counts(_ collection: String) throws -> CollectionCounts
}

extension Journal {
    /// Appends all batches in one transaction of their own.
    package func append(_ appends: [JournalAppend], now: Int64) throws -> [AppendReceipt] {
        let results = try commit([.append(appends)], now: now)
        guard case .appended(let receipts)? = try results.first?.get() else {
            throw LedgerError(.internal, "an append was answered with another receipt")
        }
        return receipts
    }

    /// Appends one batch in a transaction of its own.
    package func append(_ batch: JournalBatch, to stream: TopicPartition, now: Int64) throws -> AppendReceipt {
        guard let receipt = try append([JournalAppend(stream, batch)], now: now).first else {
            throw LedgerError(.internal, "an append was answered without a receipt")
        }
        return receipt
    }

    /// Records all outcomes in one transaction of their own.
    package func finish(_ completions: [Completion], now: Int64) throws -> [CompletionReceipt] {
        let results = try commit([.finish(completions)], now: now)
        guard case .finished(let receipts)? = try results.first?.get() else {
            throw LedgerError(.internal, "a finish was answered with another receipt")
        }
        return receipts
    }
}
