// Whole documents, their originals, and items that are like another.

import Schemas
import Messages
import SearchCore
import Transport

/// Answers what a reader asks about one document.
struct ReaderDesk: Sendable {
    /// How long the workers may take, in milliseconds.
    static let timeoutMilliseconds: Int64 = 5000

    let search: SearchDesk
    let ledger: LedgerClient
    /// Largest original, in bytes; bounds what is read from the ledger.
    let documentBytes: Int

    /// An original, or the part of it that one item was read from.
    struct Original: Sendable {
        var bytes: [UInt8]
        var contentType: String?
        var file: String?
        var submission: String
    }

    /// The items of a document, by its identity, or one item by its id (`<identity>#<ordinal>`).
    ///
    /// - Throws: `notFound` where there is none, or none that the principal may see.
    func document(_ id: String, in collection: String, for principal: Principal) async throws -> DocumentReply {
        try await record(id, in: collection, for: principal).reply
    }

    /// The same, with the values of a record as they are stored.
    func record(
        _ id: String, in collection: String, for principal: Principal
    ) async throws -> (reply: DocumentReply, stored: [String: JSONValue]) {
        var reply = try await found(id, in: collection, for: principal).reply
        let stored = reply.record?.values ?? [:]
        let veil = try await search.keeper.snapshot(collection).schema.veil(for: principal)
        reply.record = reply.record.map { veil.shown($0, now: search.wall()) }
        return (reply, stored)
    }

    /// The bytes as they were submitted.
    ///
    /// A tenant gets the whole only where it may see every item of it.
    func original(_ id: String, in collection: String, for principal: Principal) async throws -> Original {
        let (reply, isWhole, first, isPart) = try await found(id, in: collection, for: principal)
        guard reply.record == nil else {
            throw KuaibaoError(
                .invalidRequest, "a record has no original", fix: "its values are in the answer without /original")
        }
        let item = isPart ? first : nil
        guard isWhole || item != nil else {
            throw KuaibaoError(
                .notAllowed, "this document has items that the tenant token does not show",
                fix: "ask for the original of one item: IDENTITY%23NUMBER")
        }
        guard let submission = SubmissionID(reply.submission) else {
            throw KuaibaoError(.internal, "\"\(reply.submission)\" names no submission", fix: "report this")
        }
        let (batches, _) = try await ledger.read(
            TopicPartition(collection: collection, topic: .raw), from: submission.rawOffset, maxBatches: 1,
            maxBytes: documentBytes + (1 << 16))
        guard let batch = batches.first, batch.firstOffset == submission.rawOffset else {
            throw KuaibaoError(
                .notFound, "the original of \"\(id)\" is not kept any more", fix: "its items are: ask without /original"
            )
        }
        var bytes = try RawRecord(decoding: batch.payload).bytes
        if let range = item?.range {
            guard range.lower >= 0, range.lower <= range.upper, range.upper <= bytes.count else {
                throw KuaibaoError(.corrupt, "item \(id) ends behind its document", fix: "run kuaibao check")
            }
            bytes = Array(bytes[range.lower..<range.upper])
        }
        return Original(bytes: bytes, contentType: reply.contentType, file: reply.file, submission: reply.submission)
    }

    /// Near-duplicates of another item, most alike first, then items that share rare words with it, best first; without those of
    /// its own document.
    func similar(
        to id: String, in collection: String, limit: Int, for principal: Principal
    ) async throws -> SearchReply {
        let found = try await self.found(id, in: collection, for: principal)
        let reply = found.reply
        guard let item = found.item else { throw Self.unknown(id) }
        let kept = try await search.keeper.snapshot(collection)
        let deadline = search.monotonic() + Self.timeoutMilliseconds
        let candidates = SimilarQuery.candidates(of: item)
        let field = kept.schema.bodyField
        guard let probe = SimilarQuery.probe(candidates, field: field) else { throw Self.unknown(id) }
        var missing: Set<Int> = []
        let sums = try await search.statistics(of: probe, kept, deadline, missing: &missing)
        let query = SimilarQuery.query(candidates, statistics: sums, field: field)
        // The document's own items come first of all; as many more are asked for as it has.
        let own = min(max(reply.items.count, 1) + 32, SearchDesk.Limits.hits.upperBound - limit)
        var answer = try await search.search(
            SearchRequest(collection: collection, query: query, limit: limit + own), for: principal)
        let before = answer.hits.count
        answer.hits.removeAll { $0.document == reply.identity }
        answer.total -= before - answer.hits.count
        if let signature = item.signature, kept.schema.declaration == nil {
            var copies = try await search.copies(
                of: signature, in: collection, deadline: Int(Self.timeoutMilliseconds), for: principal)
            copies.hits.removeAll { $0.document == reply.identity }
            let known = Set(answer.hits.map(\.id))
            answer.total += copies.hits.count { !known.contains($0.id) }
            let ids = Set(copies.hits.map(\.id))
            answer.hits = Array((copies.hits + answer.hits.filter { !ids.contains($0.id) }).prefix(limit))
            answer.complete = answer.complete && copies.complete
        }
        answer.hits = Array(answer.hits.prefix(limit))
        answer.cursor = nil
        answer.complete = answer.complete && missing.isEmpty
        return answer
    }

    // MARK: Finding

    private func found(
        _ id: String, in collection: String, for principal: Principal
    ) async throws -> (reply: DocumentReply, isWhole: Bool, item: Item?, isPart: Bool) {
        if let found = try await find(id, ordinal: nil, in: collection, for: principal) { return found }
        // An item's id: the identity, a number sign, the ordinal.
        guard let sign = id.lastIndex(of: "#"), let ordinal = Int(id[id.index(after: sign)...]),
            let found = try await find(String(id[..<sign]), ordinal: ordinal, in: collection, for: principal)
        else { throw Self.unknown(id) }
        return found
    }

    private func find(
        _ identity: String, ordinal: Int?, in collection: String, for principal: Principal
    ) async throws -> (reply: DocumentReply, isWhole: Bool, item: Item?, isPart: Bool)? {
        let kept = try await search.keeper.snapshot(collection)
        do {
            return try await find(identity, ordinal: ordinal, kept, principal)
        } catch let error as KuaibaoError where error.code == .conflict {
            return try await find(identity, ordinal: ordinal, try await search.newerSnapshot(than: kept), principal)
        }
    }

    private func find(
        _ identity: String, ordinal: Int?, _ kept: SnapshotKeeper.Kept, _ principal: Principal
    ) async throws -> (reply: DocumentReply, isWhole: Bool, item: Item?, isPart: Bool)? {
        let gathered = try await search.link.scatter(
            .document(identity, filter: try principal.filter(in: kept.schema)), over: kept,
            deadline: search.monotonic() + Self.timeoutMilliseconds)
        guard gathered.missing.isEmpty else {
            throw KuaibaoError(
                .unavailable, "not every segment could be looked into", fix: "ask again; see /v1/status")
        }
        var items: [FoundItem] = []
        for case .document(let part) in gathered.outcomes { items += part }
        let newest = items.map(\.version).max()
        items = items.filter { $0.version == newest }
        let visible = items.compactMap(\.item).sorted { $0.item.ordinal < $1.item.ordinal }
        let shown = visible.filter { ordinal == nil || $0.item.ordinal == ordinal }
        guard let version = newest, let first = shown.first else { return nil }
        let reply = DocumentReply(
            version: kept.snapshot.version, identity: first.document.identity,
            submission: "\(kept.snapshot.collection)-\(version)", file: first.document.sourceAddress,
            contentType: first.document.contentType, format: first.format, acceptedAt: first.document.acceptedAt,
            items: first.record == nil ? shown.map(\.item) : [],
            record: first.record.map { ShownRecord(values: $0.values, reportedAt: $0.reportedAt) })
        return (reply, visible.count == items.count, first.item, ordinal != nil)
    }

    private static func unknown(_ id: String) -> KuaibaoError {
        KuaibaoError(
            .notFound, "there is no document or item \"\(id.prefix(200))\"",
            fix: "use the document or id of a hit, percent-encoded: # is %23")
    }
}
