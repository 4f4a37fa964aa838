// The submit link: documents in, receipts out after the disk.

import Ledger
import Logging
import Messages
import ServiceKit
import Transport

extension IngestGateway {
    func drainSubmit() {
        guard let batch = try? submitPort.receive(limit: Self.receiveBatch) else { return }
        for case .message(let peer, let message) in batch where !submitPort.isOver(message, of: peer, now: wall()) {
            switch message.kind {
            case .ping: answerPing(peer, message)
            case .submit: accept(peer, message)
            default:
                submitPort.refuse(
                    message, from: peer,
                    KuaibaoError(
                        .unknownKind, "the submit link does not take \(message.header.kind)",
                        fix: "send submit or ping"))
            }
        }
    }

    private func answerPing(_ peer: PeerID, _ message: Message) {
        guard let reply = try? message.reply(.pong, id: nextMessageID(), encoding: [String: String]()) else { return }
        submitPort.send(reply, to: peer)
    }

    private func accept(_ peer: PeerID, _ message: Message) {
        do {
            let request = try message.body(as: SubmitRequest.self)
            let (works, bytes) = try admit(
                request, payload: message.payload.first ?? [], trace: TraceParent.checked(message.header.trace))
            // Unstructured because the answer comes from the disk, long after this message was read; bounded by bytes.
            Task { await self.append(works, bytes: bytes, collection: request.collection, peer, message) }
        } catch {
            counters.refused += 1
            submitPort.refuse(message, from: peer, wireError(error))
        }
    }

    /// Takes documents of this process, with the checks and the promise of the submit link.
    func submit(_ request: SubmitRequest, payload: [UInt8]) async throws -> SubmitReply {
        let works: [Accepted]
        let bytes: Int
        do {
            (works, bytes) = try admit(request, payload: payload, trace: nil)
        } catch {
            counters.refused += 1
            throw wireError(error)
        }
        do {
            return try await commit(works, bytes: bytes, collection: request.collection)
        } catch {
            throw wireError(error)
        }
    }

    /// Checks a request and takes its place on the way to the disk, which `commit` gives back.
    private func admit(
        _ request: SubmitRequest, payload: [UInt8], trace: String?
    ) throws(KuaibaoError) -> (works: [Accepted], bytes: Int) {
        let works = try appends(of: request, payload: payload, trace: trace)
        let bytes = works.reduce(0) { $0 + $1.append.batch.payload.count }
        guard pendingBytes + bytes <= Self.pendingBytesLimit else {
            counters.refusedBusy += 1
            throw KuaibaoError(
                .busy, "\(pendingBytes) bytes wait for the disk already", fix: "send the same documents again later")
        }
        pendingBytes += bytes
        pendingCommits += 1
        return (works, bytes)
    }

    private struct Accepted: Sendable {
        let description: DocumentDescription
        /// The description, written.
        let head: [UInt8]
        let bytes: [UInt8]
        let append: JournalAppend

        var identity: String { description.identity }

        /// The append of a record that was read.
        ///
        /// - Parameter partition: where its item record goes at once; nil where it waits for a worker.
        func append(
            as record: DeclaredCollection.Prepared, partition: Int?
        ) throws(KuaibaoError) -> JournalAppend {
            var append = append
            var head = head
            if record.description != description || record.bytes != bytes {
                head = try record.description.encode()
                append.batch.payload = RawRecord(description: record.description, bytes: record.bytes).encode(head: head)
            }
            append.claims = record.claims
            guard let partition else { return append }
            let (item, gap) = try ItemsRecord.encodeWithGap(head: head, record: record.record)
            append.parsed = ParsedAppend(
                partition: partition, payload: item, offsetPlace: gap,
                removes: description.isRemoval ? description.identity : nil)
            return append
        }
    }

    /// Checks a request and makes its records.
    private func appends(
        of request: SubmitRequest, payload: [UInt8], trace: String?
    ) throws(KuaibaoError) -> [Accepted] {
        guard !refusesDocuments else {
            throw KuaibaoError(.unavailable, "the ingest gateway is stopping", fix: "send it again in a few seconds")
        }
        guard !isDiskLow else {
            counters.refusedDisk += 1
            throw KuaibaoError(
                .diskFull,
                "\(diskFreeBytes ?? 0) bytes are free on the ledger's disk, \(configuration.diskReserveBytes) are kept",
                fix: "make room; documents are taken again within seconds")
        }
        guard feeds[request.collection] != nil else {
            throw KuaibaoError(
                .unknownCollection, "there is no collection \"\(request.collection)\"",
                fix: "use one of: \(feeds.keys.sorted().joined(separator: ", "))")
        }
        guard !request.documents.isEmpty else {
            throw KuaibaoError(.invalidRequest, "a submission without documents", fix: "send at least one")
        }
        var position = 0
        var result: [Accepted] = []
        for document in request.documents {
            let (end, overflow) = position.addingReportingOverflow(document.byteCount)
            guard document.byteCount >= 0, !overflow, end <= payload.count else {
                throw KuaibaoError(
                    .invalidRequest, "the documents' sizes go beyond the \(payload.count) bytes that came with them",
                    fix: "put all documents end to end into the first payload frame")
            }
            result.append(try accepted(document, Array(payload[position..<end]), collection: request.collection, trace))
            position = end
        }
        guard position == payload.count else {
            throw KuaibaoError(
                .invalidRequest, "\(payload.count - position) bytes belong to no document",
                fix: "give each document its size in bytes")
        }
        return result
    }

    private func accepted(
        _ document: SubmittedDocument, _ bytes: [UInt8], collection: String, _ trace: String?
    ) throws(KuaibaoError) -> Accepted {
        let isRemoval = document.isRemoval ?? false
        guard bytes.count <= configuration.documentBytes else {
            throw KuaibaoError(
                .documentTooLarge, "a document of \(bytes.count) bytes",
                fix: "send at most \(configuration.documentBytes), or raise the setting document-bytes")
        }
        guard isRemoval || !bytes.isEmpty else {
            throw KuaibaoError(.emptyDocument, "a document without bytes", fix: "send its content")
        }
        guard !isRemoval || bytes.isEmpty else {
            throw KuaibaoError(.invalidRequest, "a removal that carries bytes", fix: "send no bytes with a removal")
        }
        guard
            let identity = document.identity ?? document.sourceAddress ?? (isRemoval ? nil : ContentHash.hex(of: bytes))
        else {
            throw KuaibaoError(.invalidRequest, "a removal without identity", fix: "name the document to remove")
        }
        guard (1...512).contains(identity.utf8.count) else {
            throw KuaibaoError(
                .invalidRequest, "an identity of \(identity.utf8.count) bytes", fix: "use 1 to 512 bytes")
        }
        let description = DocumentDescription(
            identity: identity, contentType: document.contentType, sourceAddress: document.sourceAddress,
            hints: document.hints ?? [:], acceptedAt: wall(), isRemoval: isRemoval, trace: trace)
        nextBatch += 1
        let batchID = document.submissionKey.map { "key/\($0)" } ?? "boot/\(configuration.boot)/\(nextBatch)"
        guard (1...128).contains(document.submissionKey?.utf8.count ?? 1) else {
            throw KuaibaoError(
                .invalidRequest, "a submission key of \(document.submissionKey?.utf8.count ?? 0) bytes",
                fix: "use 1 to 128")
        }
        let head = try description.encode()
        let record = RawRecord(description: description, bytes: bytes)
        return Accepted(
            description: description, head: head, bytes: bytes,
            append: JournalAppend(
                TopicPartition(collection: collection, topic: .raw),
                JournalBatch(batchID: batchID, payload: record.encode(head: head))))
    }

    /// Records one hop of a traced document.
    func noteHop(_ hop: String, _ description: DocumentDescription, _ id: SubmissionID) {
        guard let trace = description.trace else { return }
        logger.info(
            "hop",
            metadata: [
                "trace": "\(trace)", "hop": "\(hop)", "submission": "\(id.text)",
                "milliseconds": "\(wall() - description.acceptedAt)",
            ])
    }

    /// Whether nothing of a collection waits for a worker, so that what comes now overtakes nothing.
    private func isAtRest(_ collection: String) -> Bool {
        guard let feed = feeds[collection], !feed.hasMore, !feed.isReading, feed.waitingAppends == 0 else {
            return false
        }
        return !records.keys.contains { $0.collection == collection }
    }

    /// The appends as they reach the disk. Records of declared collections are read on the ledger's reading threads: they need
    /// no worker, so they have their outcome in the commit that takes them. Those that do not fit wait for a worker, which
    /// makes dead letters of them, as do all while older ones wait.
    private func prepared(_ works: [Accepted], in collection: String) async throws -> [JournalAppend] {
        guard let declared = declared[collection] else { return works.map(\.append) }
        let goesOn = isAtRest(collection)
        guard goesOn || declared.readsRecords else { return works.map(\.append) }
        let master = declared.readsRecords ? try masterKey() : nil
        let partitions = works.map { partition(of: $0.identity, in: collection) }
        let appends = try await committer.read { _ in
            try zip(works, partitions).map { work, partition throws -> JournalAppend in
                do throws(KuaibaoError) {
                    return try work.append(
                        as: try declared.prepared(work.description, work.bytes, master: master),
                        partition: goesOn ? partition : nil)
                } catch {
                    guard !declared.readsRecords, error.code == .invalidRecord || error.code == .emptyDocument else {
                        throw error
                    }
                    return work.append
                }
            }
        }
        if appends.contains(where: { $0.claims?.erasedVersion != nil }) { needsScrub = true }
        return appends
    }

    /// What was read while nothing waited, where something waits by now: it waits too, so that it overtakes nothing.
    private func settled(_ appends: [JournalAppend], in collection: String) -> [JournalAppend] {
        guard appends.contains(where: { $0.parsed != nil }), !isAtRest(collection) else { return appends }
        return appends.map { append in
            var append = append
            append.parsed = nil
            return append
        }
    }

    private func append(
        _ works: [Accepted], bytes: Int, collection: String, _ peer: PeerID, _ message: Message
    ) async {
        do {
            let reply = try await commit(works, bytes: bytes, collection: collection)
            if let answer = try? message.reply(.receipt, id: nextMessageID(), encoding: reply) {
                submitPort.send(answer, to: peer)
            }
        } catch {
            submitPort.refuse(message, from: peer, wireError(error))
        }
    }

    /// Waits for the disk.
    private func commit(_ works: [Accepted], bytes: Int, collection: String) async throws -> SubmitReply {
        defer {
            pendingBytes -= bytes
            pendingCommits -= 1
        }
        let receipts: [AppendReceipt]
        let appends: [JournalAppend]
        do {
            appends = try await settled(prepared(works, in: collection), in: collection)
            let waiting = appends.contains { $0.parsed == nil } ? 1 : 0
            feeds[collection]?.waitingAppends += waiting
            defer { feeds[collection]?.waitingAppends -= waiting }
            receipts = try await committer.append(appends)
            if waiting > 0 { feeds[collection]?.hasMore = true }
        } catch {
            // A record that does not fit, or wants what another has, is no failure of ours.
            let isRefusal = [.invalidRecord, .conflict, .emptyDocument].contains(wireError(error).code)
            if isRefusal { counters.refused += 1 } else { counters.commitFailures += 1 }
            throw error
        }
        var parsed = 0
        for ((work, append), receipt) in zip(zip(works, appends), receipts) where !receipt.isDuplicate {
            let id = SubmissionID(collection: collection, rawOffset: receipt.firstOffset)
            noteHop("accepted", work.description, id)
            guard append.parsed != nil else { continue }
            noteHop("parsed", work.description, id)
            parsed += 1
        }
        counters.parsed += parsed
        counters.accepted += receipts.count { !$0.isDuplicate }
        counters.acceptedBytes += bytes
        counters.duplicates += receipts.count { $0.isDuplicate }
        if parsed > 0 { publishNews(topic: "items", News(collection: collection, version: 0)) }
        fill(collection)
        return SubmitReply(
            receipts: zip(works, receipts).map { work, receipt in
                Receipt(
                    submission: SubmissionID(collection: collection, rawOffset: receipt.firstOffset).text,
                    identity: work.identity, isDuplicate: receipt.isDuplicate)
            })
    }
}
