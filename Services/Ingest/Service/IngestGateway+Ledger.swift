// The ledger link: journal reads and catalog operations for index workers and query gateways.

import Ledger
import Messages
import ServiceKit
import Transport

extension IngestGateway {
    /// How long a report is shown, in milliseconds, and of how many workers.
    static let reportMilliseconds: Int64 = 10_000
    static let reportLimit = 256

    func drainLedger() {
        guard let batch = try? ledgerPort.receive(limit: Self.receiveBatch) else { return }
        for case .message(let peer, let message) in batch where !ledgerPort.isOver(message, of: peer, now: wall()) {
            switch message.kind {
            case .ping:
                if let reply = try? message.reply(.pong, id: nextMessageID(), encoding: [String: String]()) {
                    ledgerPort.send(reply, to: peer)
                }
            case .ledgerRequest: call(peer, message)
            default:
                ledgerPort.refuse(
                    message, from: peer,
                    KuaibaoError(
                        .unknownKind, "the ledger link does not take \(message.header.kind)",
                        fix: "send ledger or ping"))
            }
        }
    }

    private func call(_ peer: PeerID, _ message: Message) {
        do {
            let request = try message.body(as: LedgerRequest.self)
            if let role = peer.role, !role.mayCall(request) {
                return ledgerPort.deny(message, of: peer, "ask this of the ledger")
            }
            guard pendingCalls < Self.pendingCallLimit else {
                throw KuaibaoError(.busy, "\(pendingCalls) ledger calls wait already", fix: "ask again later")
            }
            pendingCalls += 1
            counters.ledgerCalls += 1
            // Unstructured because the disk answers later; bounded by `pendingCallLimit`.
            Task {
                defer { pendingCalls -= 1 }
                do {
                    let (reply, payload) = try await answer(request)
                    let answer = try message.reply(.ledgerReply, id: nextMessageID(), encoding: reply, payload: payload)
                    ledgerPort.send(answer, to: peer)
                } catch {
                    ledgerPort.refuse(message, from: peer, wireError(error))
                }
            }
        } catch {
            ledgerPort.refuse(message, from: peer, wireError(error))
        }
    }

    private func answer(_ request: LedgerRequest) async throws -> (LedgerReply, [[UInt8]]) {
        do {
            if case .read(let stream, let from, let maxBatches, let maxBytes) = request {
                return try await read(stream, from: from, maxBatches: maxBatches, maxBytes: maxBytes)
            }
            if case .alerts(let watch, let after, let limit, let isDead) = request {
                return try await alerts(ofWatch: watch, after: after, limit: limit, isDead: isDead)
            }
            return (try await answerPlain(request), [])
        } catch let refusal as CatalogRefusal {
            if case .publish(let publish) = request { noteRefusal(of: publish, refusal) }
            return (.refused(refusal), [])
        }
    }

    private func answerPlain(_ request: LedgerRequest) async throws -> LedgerReply {
        switch request {
        case .collections:
            return .collections(try await committer.read { engine in try engine.collections() })
        case .acquire(let collection, let partition, let holder, let duration):
            return .acquire(try await acquire(collection, partition, holder, duration))
        case .release(let collection, let partition, let holder, let epoch):
            balancers[collection]?.forget(holder)
            try await committer.perform { engine, _ in
                try engine.release(
                    PartitionLease(
                        collection: collection, partition: partition, epoch: epoch, checkpoint: 0, holder: holder,
                        expiresAt: 0))
            }
            return .done
        case .stage(let stage):
            try await committer.perform { engine, now in try engine.stage(stage, now: now) }
            return .done
        case .publish(let publish):
            let version = try await committer.perform { engine, now in try engine.publish(publish, now: now) }
            counters.publishes += 1
            publishNews(topic: "version", News(collection: publish.collection, version: version))
            noteAlerts(of: publish, version)
            return .publish(version: version)
        case .segmentState(let id):
            return .segmentState(try await committer.read { engine in try engine.segmentState(id) })
        case .snapshot(let collection):
            return .snapshot(try await committer.read { engine in try engine.snapshot(collection) })
        case .version(let collection):
            return .version(try await committer.read { engine in try engine.version(collection) })
        case .submission(let collection, let rawOffset):
            return .submission(
                try await committer.read { engine in try engine.outcome(collection, rawOffset: rawOffset) })
        case .deadLetters(let collection, let from, let limit):
            return .deadLetters(try await deadLetters(collection, from: from, limit: limit))
        case .retryDeadLetter(let collection, let rawOffset):
            try await retry(collection, rawOffset)
            return .done
        case .dropDeadLetter(let collection, let rawOffset):
            try await committer.perform { engine, now in
                try engine.dropDeadLetter(collection, rawOffset: rawOffset, now: now)
            }
            return .done
        case .condemn(let deadGrace, let stagedGrace, let limit):
            return .condemn(
                try await committer.perform { engine, now in
                    try engine.condemn(
                        now: now, deadGraceMilliseconds: deadGrace, stagedGraceMilliseconds: stagedGrace,
                        limit: limit)
                })
        case .forget(let names):
            try await committer.perform { engine, _ in try engine.forget(names) }
            return .done
        case .status:
            return .status(try await status())
        case .report(let holder, let counters):
            note(counters, of: holder)
            return .done
        case .declare(let text, let isNew):
            return .declare(try await declare(text, isNew: isNew))
        case .removeCollection(let name):
            try await removeCollection(name)
            return .done
        case .progress(let collection, let from, let to):
            guard from <= to else { throw CatalogRefusal.invalid("\(from) is behind \(to)") }
            return .progress(try await committer.read { engine in try engine.progress(collection, from..<to) })
        case .recordKeys(let collection, let identity):
            return .recordKeys(try await recordKeys(collection, identity))
        case .recordsWith(let collection, let field, let value, let limit):
            let token = try masterKey().searchToken(of: value, in: collection, field: field)
            return .recordsWith(
                try await committer.read { engine in
                    try engine.records(collection, field: field, token: token, limit: limit)
                })
        case .read, .alerts:
            throw KuaibaoError(.internal, "a read took the wrong way", fix: "report this")
        case .createWatch, .deleteWatch, .watch, .watches, .watchRules, .watchHeads, .watchDues, .noteDelivered,
            .acknowledge, .buryAlert, .retryAlerts, .holdDelivery:
            return try await answerWatches(request)
        }
    }

    /// Keeps a report: of a few workers, of a few counters, with names that a metric may have.
    private func note(_ reported: [String: Int], of holder: String) {
        let time = monotonic()
        indexReports = indexReports.filter { time - $0.value.at < Self.reportMilliseconds }
        guard indexReports.count < Self.reportLimit || indexReports[holder] != nil, holder.utf8.count <= 200,
            WorkerReport(counters: reported).isAcceptable
        else { return }
        indexReports[holder] = IndexReport(counters: reported, at: time)
    }

    private func read(
        _ stream: TopicPartition, from: Int64, maxBatches: Int, maxBytes: Int
    ) async throws -> (LedgerReply, [[UInt8]]) {
        let bytes = min(max(1, maxBytes), EnvelopeLimits.payloadBytes / 2)
        let batches = min(max(1, maxBatches), 10_000)
        let (stored, bounds) = try await committer.read { engine in
            (try engine.read(stream, from: from, maxBatches: batches, maxBytes: bytes), try engine.bounds(stream))
        }
        let reply = LedgerReply.read(
            stored.map(\.withoutPayload), byteCounts: stored.map(\.payload.count), bounds: bounds)
        return (reply, [stored.flatMap(\.payload)])
    }

    private func acquire(
        _ collection: String, _ partition: Int, _ holder: String, _ duration: Int64
    ) async throws -> PartitionLease? {
        guard balancers[collection] != nil else { throw CatalogRefusal.unknownCollection(collection) }
        let now = wall()
        let leases = try await committer.read { engine in
            try engine.holders(collection).filter { $0.expiresAt > now }
        }
        let held = Dictionary(leases.map { ($0.partition, $0.holder) }, uniquingKeysWith: { first, _ in first })
        guard balancers[collection]?.mayHold(partition, holder, held: held, now: monotonic()) == true else {
            return nil
        }
        return try await committer.perform { engine, now in
            try engine.acquire(
                collection, partition: partition, holder: holder, durationMilliseconds: duration, now: now)
        }
    }

    // MARK: Dead letters

    private func deadLetters(_ collection: String, from: Int64, limit: Int) async throws -> [DeadDocumentSummary] {
        let dead = try await committer.read { engine in
            try engine.deadLetters(collection, from: from, limit: min(max(1, limit), 1000), maxBytes: 64 << 20)
        }
        return dead.map { entry in
            let record = try? RawRecord(decoding: entry.document.payload)
            return DeadDocumentSummary(
                submission: SubmissionID(collection: collection, rawOffset: entry.document.firstOffset).text,
                description: record?.description ?? DocumentDescription(identity: ""),
                byteCount: record?.bytes.count ?? 0, deadLetters: entry.deadLetters, retries: entry.retries,
                diedAt: entry.diedAt)
        }
    }

    /// Puts a dead letter back and into the queue at once: the feed has long read past its offset.
    private func retry(_ collection: String, _ rawOffset: Int64) async throws {
        let batches = try await committer.perform { engine, _ in
            try engine.retryDeadLetter(collection, rawOffset: rawOffset)
            let before = rawOffset == 0 ? nil : rawOffset - 1
            return try engine.unfinished(collection, after: before, limit: 1, maxBytes: 1)
        }
        if batches.first?.firstOffset == rawOffset { enqueue(batches, collection) }
    }
}
