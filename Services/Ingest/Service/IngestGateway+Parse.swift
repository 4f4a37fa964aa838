// The parse link: documents out under leases, items in.

import CKernels
import Ledger
import Logging
import Messages
import Transport
import ZeroMQ

extension IngestGateway {
    func drainParse() {
        guard let batch = try? parsePort.receive(limit: Self.receiveBatch) else { return }
        for incoming in batch {
            switch incoming {
            case .connected(let peer): askWho(peer)
            case .message(let peer, let message): handleParse(peer, message)
            }
        }
    }

    private func handleParse(_ peer: PeerID, _ message: Message) {
        let time = monotonic()
        switch message.kind {
        case .ready:
            guard let ready = readyBody(peer, message) else { return }
            codecs[peer] = message.codec
            perform(queue.join(peer, ready, now: time))
            send(.heartbeat, to: peer)
        case .heartbeat:
            perform(queue.heartbeat(peer, now: time))
            if let report = try? message.body(as: WorkerReport.self) { queue.note(report, of: peer) }
        case .goodbye: perform(queue.goodbye(peer, now: time))
        case .done: takeResult(peer, message)
        case .failed: takeFailure(peer, message)
        case .ping:
            if let reply = try? message.reply(.pong, id: nextMessageID(), encoding: [String: String]()) {
                parsePort.send(reply, to: peer)
            }
        default:
            parsePort.refuse(
                message, from: peer,
                KuaibaoError(
                    .unknownKind, "the parse link does not take \(message.header.kind)",
                    fix: "send ready, heartbeat, done, failed or goodbye"))
        }
    }

    private func readyBody(_ peer: PeerID, _ message: Message) -> Ready? {
        do {
            return try message.body(as: Ready.self)
        } catch {
            parsePort.refuse(message, from: peer, error)
            return nil
        }
    }

    // MARK: Results

    private func takeResult(_ peer: PeerID, _ message: Message) {
        let result: ParseResult
        do {
            result = try message.body(as: ParseResult.self)
        } catch {
            counters.badResults += 1
            parsePort.refuse(message, from: peer, error)
            return
        }
        let payload = message.payload.first ?? []
        let ids = result.outcomes.compactMap { SubmissionID($0.submission) }
        let total = result.outcomes.reduce(0) { $0 + max(0, min($1.recordBytes, payload.count + 1)) }
        let isWellFormed =
            total == payload.count
            && result.outcomes.allSatisfy { $0.recordBytes >= 0 && ($0.failure != nil) == ($0.recordBytes == 0) }
        if queue.isLive(result.ticket), !isWellFormed || !queue.holds(result.ticket, ids) {
            counters.badResults += 1
            let reason = "a parse result does not fit its lease"
            parsePort.refuse(
                message, from: peer,
                KuaibaoError(.invalidMessage, reason, fix: "send one outcome for each document of the lease"))
            perform(queue.fail(peer, result.ticket, reason: reason, isHandedBack: false, now: monotonic()))
            return
        }
        guard let finished = queue.finish(peer, result.ticket, now: monotonic()) else { return }
        perform(finished.actions)
        var position = 0
        var completions: [Completion] = []
        for (id, outcome) in zip(ids, result.outcomes) {
            let record = Array(payload[position..<position + outcome.recordBytes])
            position += outcome.recordBytes
            completions.append(completion(of: outcome, id, record))
        }
        commit(completions, entries: finished.entries)
    }

    private func takeFailure(_ peer: PeerID, _ message: Message) {
        guard let failure = try? message.body(as: LeaseFailure.self) else {
            counters.badResults += 1
            return
        }
        perform(
            queue.fail(
                peer, failure.ticket, reason: failure.error.message, isHandedBack: failure.isHandedBack,
                now: monotonic()))
    }

    private func completion(of outcome: ParseOutcome, _ id: SubmissionID, _ record: [UInt8]) -> Completion {
        if let failure = outcome.failure { return dead(id, failure, attempts: 1, warnings: outcome.warnings) }
        let identity = records[id]?.description.identity ?? ""
        let batch = JournalBatch(batchID: "raw/\(id.rawOffset)", payload: record)
        return Completion(
            collection: id.collection, rawOffset: id.rawOffset,
            appends: [ItemAppend(partition: partition(of: identity, in: id.collection), batch: batch)],
            warnings: outcome.warnings)
    }

    private func dead(
        _ id: SubmissionID, _ error: KuaibaoError, attempts: Int, warnings: [String] = []
    ) -> Completion {
        Completion(
            collection: id.collection, rawOffset: id.rawOffset, appends: [],
            deadLetters: [
                DeadLetter(
                    reason: error.code.rawValue, message: error.message, attempts: attempts,
                    identity: records[id]?.description.identity)
            ],
            warnings: warnings)
    }

    /// All versions of one document are in one partition, so that the newer replaces the older there.
    func partition(of identity: String, in collection: String) -> Int {
        let bytes = Array(identity.utf8)
        let hash = unsafe bytes.withUnsafeBytes { unsafe kb_crc32c(0, $0.baseAddress, $0.count) }
        return Int(hash % UInt32(feeds[collection]?.partitions ?? 1))
    }

    /// Records outcomes. They stay in memory until the disk has them; after a failed commit the work is done again.
    private func commit(_ completions: [Completion], entries: [LeaseQueue.Entry]) {
        // Outcomes of a collection that has ended meanwhile are of no use to anybody.
        for completion in completions where feeds[completion.collection] == nil {
            forget(SubmissionID(collection: completion.collection, rawOffset: completion.rawOffset))
        }
        let completions = completions.filter { feeds[$0.collection] != nil }
        guard !completions.isEmpty else { return }
        pendingCommits += 1
        // Unstructured because the disk answers later; bounded by the workers' windows.
        Task {
            defer { pendingCommits -= 1 }
            do {
                _ = try await committer.finish(completions)
                for completion in completions {
                    if completion.appends.isEmpty { counters.deadLettered += 1 } else { counters.parsed += 1 }
                    let id = SubmissionID(collection: completion.collection, rawOffset: completion.rawOffset)
                    if let record = records[id] {
                        noteHop(completion.appends.isEmpty ? "dead" : "parsed", record.description, id)
                    }
                    forget(id)
                }
                for collection in Set(completions.map(\.collection)) {
                    publishNews(topic: "items", News(collection: collection, version: 0))
                    fill(collection)
                }
            } catch {
                counters.commitFailures += 1
                logger.error(
                    "outcomes were not committed", metadata: ["error": "\(error)", "count": "\(completions.count)"])
                try? await Task.sleep(for: .milliseconds(Self.retryMilliseconds))
                if entries.isEmpty {
                    commit(completions, entries: [])
                } else {
                    perform(queue.offer(entries, now: monotonic()))
                }
            }
        }
    }

    private func forget(_ id: SubmissionID) {
        guard let record = records.removeValue(forKey: id) else { return }
        recordBytes -= record.bytes.count
        guard let next = order.finished(id, identity: record.description.identity), let following = records[next] else {
            return
        }
        if following.description.isRemoval {
            finishRemoval(following, next)
        } else {
            perform(queue.offer([LeaseQueue.Entry(id: next, byteCount: following.bytes.count)], now: monotonic()))
        }
    }

    // MARK: The queue's actions

    func perform(_ actions: [LeaseQueue.Action]) {
        for case .grant(_, let ticket, _) in actions { unsentLeases.insert(ticket) }
        for action in actions {
            switch action {
            case .grant(let peer, let ticket, let entries): grant(peer, ticket, entries)
            case .askWho(let peer): askWho(peer)
            case .heartbeat(let peer): send(.heartbeat, to: peer)
            case .giveUp(let entry, let reason):
                let error = KuaibaoError(
                    .unreadableDocument, "given up after \(entry.failures) deliveries: \(reason)",
                    fix: "look at the document, then retry or drop the dead letter")
                commit([dead(entry.id, error, attempts: entry.failures)], entries: [])
            }
        }
    }

    private func grant(_ peer: PeerID, _ ticket: LeaseTicket, _ entries: [LeaseQueue.Entry]) {
        defer { unsentLeases.remove(ticket) }
        // Its peer was found to be gone meanwhile, and its documents are granted to another.
        guard queue.isLive(ticket) else { return }
        var payload: [UInt8] = []
        payload.reserveCapacity(entries.reduce(0) { $0 + $1.byteCount })
        var documents: [LeasedDocument] = []
        for entry in entries {
            guard let record = records[entry.id] else { continue }
            documents.append(
                LeasedDocument(
                    submission: entry.id.text, rawOffset: entry.id.rawOffset, attempt: entry.failures + 1,
                    byteCount: record.bytes.count, description: record.description))
            payload.append(contentsOf: record.bytes)
        }
        var declarations: [String: StoredDeclaration] = [:]
        for collection in Set(entries.map(\.id.collection)) { declarations[collection] = declared[collection]?.stored }
        let lease = ParseLease(
            ticket: ticket, documents: documents, declarations: declarations.isEmpty ? nil : declarations)
        guard
            let message = try? Message(
                Header(kind: .lease, id: nextMessageID()), codec: codecs[peer] ?? .messagePack, encoding: lease,
                payload: [payload])
        else { return }
        if parsePort.send(message, to: peer) != .sent {
            perform(queue.unreachable(peer, unsent: unsentLeases, now: monotonic()))
        }
    }

    private func askWho(_ peer: PeerID) { send(.who, to: peer) }

    /// Sends a message without body, in JSON: every worker reads it, whatever it has told us so far.
    private func send(_ kind: Kind, to peer: PeerID) {
        guard let message = try? Message(Header(kind: kind, id: nextMessageID()), codec: .json) else { return }
        if parsePort.send(message, to: peer) == .sent {
            queue.sent(peer, now: monotonic())
        } else if queue.roster.worker(peer) != nil {
            perform(queue.unreachable(peer, unsent: unsentLeases, now: monotonic()))
        }
    }

    // MARK: Feeding the queue from the journal

    /// Reads on in a collection's journal while the queue has room.
    func fill(_ collection: String) {
        guard let feed = feeds[collection], feed.hasMore, !feed.isReading, recordBytes < Self.feedBytes,
            records.count < Self.feedDocuments
        else { return }
        feeds[collection]?.isReading = true
        feeds[collection]?.hasMore = false
        let after = feed.lastRead
        let limit = Self.feedDocuments - records.count
        let bytes = Self.feedBytes - recordBytes
        // Unstructured because the disk answers later; one read of a collection at a time.
        Task {
            do {
                let batches = try await committer.read { engine in
                    try engine.unfinished(collection, after: after, limit: limit, maxBytes: bytes)
                }
                enqueue(batches, collection)
                if let last = batches.last { feeds[collection]?.lastRead = last.firstOffset }
                if !batches.isEmpty { feeds[collection]?.hasMore = true }
            } catch {
                logger.error("the journal was not read", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .milliseconds(Self.retryMilliseconds))
                feeds[collection]?.hasMore = true
            }
            feeds[collection]?.isReading = false
            fill(collection)
        }
    }

    /// Puts documents that were read from the journal into the queue.
    func enqueue(_ batches: [StoredBatch], _ collection: String) {
        var entries: [LeaseQueue.Entry] = []
        for batch in batches {
            let id = SubmissionID(collection: collection, rawOffset: batch.firstOffset)
            guard records[id] == nil else { continue }
            do {
                let record = try RawRecord(decoding: batch.payload)
                records[id] = record
                recordBytes += record.bytes.count
                let mayGoOn = order.began(
                    id, identity: record.description.identity,
                    mustFollow: record.description.isRemoval || declared[collection] != nil)
                guard mayGoOn else { continue }
                if record.description.isRemoval {
                    finishRemoval(record, id)
                } else {
                    entries.append(LeaseQueue.Entry(id: id, byteCount: record.bytes.count))
                }
            } catch {
                commit([dead(id, error, attempts: 1)], entries: [])
            }
        }
        perform(queue.offer(entries, now: monotonic()))
    }

    /// A removal needs no parser: its record without items goes straight to the index.
    private func finishRemoval(_ raw: RawRecord, _ id: SubmissionID) {
        let record = ItemsRecord(document: raw.description, version: id.rawOffset, parsed: ItemsRecord.removal)
        guard let bytes = try? MessagePackEncoder.encode(record) else {
            let error = KuaibaoError(.internal, "a removal cannot be written", fix: "report this")
            return commit([dead(id, error, attempts: 1)], entries: [])
        }
        let outcome = ParseOutcome(submission: id.text, itemCount: 0, recordBytes: bytes.count)
        var completion = completion(of: outcome, id, bytes)
        completion.removes = raw.description.identity
        commit([completion], entries: [])
    }
}
