// What the ingest gateway does for its disk now and then: looks how much room is left, and forgets payloads that nobody needs
// any more.
//
// Documents are refused while less than a reserve is free. The reserve is for what was accepted: its items, its outcomes and the
// catalog must still find room, else nothing would ever become trimmable. It takes documents again by itself.
//
// An item's payload is needed until its partition's checkpoint is behind it, a raw document's until it has an outcome (dead
// letters keep theirs), an alert's until every watch has settled it. The ledger refuses to trim past that (J5). Beyond it, how long payloads stay is a setting: raw
// documents are what the index could be built from again. The memory of batch ids and of outcomes stays for ever (J4).

import Ledger
import Logging
import Messages

/// How long payloads stay in the journal after their last reader, in milliseconds; nil for ever.
package struct JournalRetention: Sendable, Hashable {
    package var rawMilliseconds: Int64?
    package var itemsMilliseconds: Int64?

    package init(rawMilliseconds: Int64? = nil, itemsMilliseconds: Int64? = nil) {
        self.rawMilliseconds = rawMilliseconds
        self.itemsMilliseconds = itemsMilliseconds
    }

    /// Settings in hours; -1 keeps for ever.
    package init(rawHours: Int, itemsHours: Int) {
        func milliseconds(_ hours: Int) -> Int64? { hours < 0 ? nil : Int64(hours) * 3_600_000 }
        self.init(rawMilliseconds: milliseconds(rawHours), itemsMilliseconds: milliseconds(itemsHours))
    }

    func age(_ topic: Topic) -> Int64? {
        switch topic {
        case .raw: rawMilliseconds
        case .items, .alerts: itemsMilliseconds
        case .deadLetters: nil
        }
    }
}

extension IngestGateway {
    /// Time between two rounds of upkeep, in milliseconds.
    static let upkeepMilliseconds: Int64 = 1000
    /// Batches forgotten in one transaction, so that no append waits long behind it.
    static let trimBatches = 2048
    /// Transactions of one round and stream.
    static let trimTurns = 8

    /// Begins a round where it is time for one.
    func upkeep() {
        let time = monotonic()
        guard !isUpkeepRunning, time >= upkeepDueAt, committer.isServing else { return }
        isUpkeepRunning = true
        // Unstructured because the disk answers later; one round at a time.
        Task {
            await lookAtDisk()
            await trimAll()
            await purgeEnded()
            await scrub()
            upkeepDueAt = monotonic() + Self.upkeepMilliseconds
            isUpkeepRunning = false
        }
    }

    /// Whether documents must wait for room on the disk.
    var isDiskLow: Bool { diskFreeBytes.map { $0 < configuration.diskReserveBytes } ?? false }

    /// Asks how much room is left, on a thread of the ledger.
    func lookAtDisk() async {
        let measure = configuration.freeBytes
        let wasLow = isDiskLow
        diskFreeBytes = try? await committer.read { _ in measure() }
        guard isDiskLow != wasLow else { return }
        let free = diskFreeBytes ?? -1
        if wasLow {
            logger.notice("there is room on the disk again; documents are taken", metadata: ["free": "\(free)"])
        } else {
            logger.error(
                "the disk is nearly full; documents are refused until there is room",
                metadata: ["free": "\(free)", "reserve": "\(configuration.diskReserveBytes)"])
        }
    }

    private func trimAll() async {
        for (name, feed) in feeds {
            var streams = [.raw, .alerts].map { TopicPartition(collection: name, topic: $0) }
            streams += (0..<feed.partitions).map { TopicPartition(collection: name, topic: .items, partition: $0) }
            for stream in streams {
                guard let age = configuration.retention.age(stream.topic) else { continue }
                do {
                    for _ in 0..<Self.trimTurns {
                        guard try await trim(stream, olderThan: wall() - age) else { break }
                    }
                } catch {
                    counters.trimFailures += 1
                    logger.warning(
                        "the journal was not trimmed", metadata: ["error": "\(error)", "stream": "\(stream)"])
                }
            }
        }
    }

    /// Forgets one portion of a stream.
    ///
    /// - Returns: whether there may be more.
    private func trim(_ stream: TopicPartition, olderThan time: Int64) async throws -> Bool {
        let limit = Self.trimBatches
        let (low, old) = try await committer.read { engine in
            (
                try engine.bounds(stream).low,
                time <= 0 ? 0 : try engine.oldOffset(stream, before: time, maxBatches: limit)
            )
        }
        guard old > low else { return false }
        let reached = try await committer.perform { engine, _ in
            do {
                return try engine.trim(stream, below: old)
            } catch let error as LedgerError {
                guard case .notTrimmable(let needed) = error.code else { throw error }
                return needed > low ? try engine.trim(stream, below: needed) : low
            }
        }
        counters.trimmedRecords += Int(reached - low)
        return reached == old
    }
}
