// Records of declared collections through the query gateway: read, checked whole, and handed on as documents.
//
// A body with a mistake is refused whole, with the row and column of each; one that fits is handed on in one commit, so
// that all of it is taken or nothing.

import Schemas
import Messages
import Records
import ServiceKit
import Transport

/// What the sender of records is told.
struct RecordsSubmitted: Encodable, Sendable {
    /// The first record's; names the whole body where it is one record.
    let submission: String
    let identity: String
    let isDuplicate: Bool
    let records: Int
    /// One a record, in order; the first ones of many.
    let receipts: [Receipt]
    /// Records that were given up, where the sender waited.
    let dead: Int?
    /// The collection's version that shows them, where the sender waited.
    let version: Int64?
}

/// Takes records.
struct RecordDesk: Sendable {
    /// Receipts that an answer lists.
    static let listedReceipts = 1000
    /// How long a change waits for a record that may be on its way, in milliseconds.
    static let changeMilliseconds: Int64 = 2000
    /// Bytes that are read on the connection's own thread.
    private static let smallBytes = 64 << 10

    let documents: DocumentDesk
    let search: SearchDesk
    let threads: WorkThreads

    /// How records come.
    struct Request: Sendable {
        var collection: String
        var kind = RecordReader.Kind.whole
        /// Names the one record of the body.
        var identity: String?
        var contentType: String?
        var key: String?
        var isWaiting = false
        var trace: String?
    }

    /// - Throws: `invalidRequest` for a collection that has no records, `invalidRecord`, `emptyDocument`,
    ///   `unsupportedFormat`, `notFound` for a change of what is not there, `conflict` for a value that is taken.
    func submit(_ request: Request, _ bytes: [UInt8]) async throws -> RecordsSubmitted {
        let schema = try await search.keeper.snapshot(request.collection).schema
        guard let declaration = schema.declaration else {
            throw KuaibaoError(
                .invalidRequest, "\(request.collection) is built in and has no records", fix: "submit whole documents")
        }
        let format = try Self.format(request.contentType, bytes)
        let prepared =
            bytes.count <= Self.smallBytes
            ? try Self.prepare(request, bytes, format, declaration)
            : try await threads.run { try Self.prepare(request, bytes, format, declaration) }
        if request.kind == .patch {
            try await requireKnown(prepared.documents.compactMap(\.identity), request.collection)
        }
        let receipts = try await documents.submitAll(
            prepared.documents, prepared.bytes, collection: request.collection, trace: request.trace)
        guard let first = receipts.first else {
            throw KuaibaoError(.internal, "the ingest gateway sent no receipt", fix: "run one release everywhere")
        }
        var end: (dead: Int, version: Int64)?
        if request.isWaiting {
            let offsets = receipts.compactMap { SubmissionID($0.submission)?.rawOffset }
            end = try await documents.followAll(offsets, of: request.collection)
        }
        return RecordsSubmitted(
            submission: first.submission, identity: first.identity, isDuplicate: first.isDuplicate,
            records: receipts.count, receipts: Array(receipts.prefix(Self.listedReceipts)), dead: end?.dead,
            version: end?.version)
    }

    /// The format that the content type names; a body that curl calls a form but is JSON is JSON.
    private static func format(_ contentType: String?, _ bytes: [UInt8]) throws(KuaibaoError) -> RecordFormat {
        let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        let isJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        let named = contentType.flatMap { RecordFormat(contentType: $0) }
        if let named, named != .form || !isJSON { return named }
        if isJSON { return .json }
        throw KuaibaoError(
            .unsupportedFormat, "records of the type \"\(contentType?.prefix(80) ?? "none")\"",
            fix: "send application/json, application/x-ndjson, text/csv, application/x-www-form-urlencoded or multipart/form-data")
    }

    private struct Prepared: Sendable {
        var documents: [SubmittedDocument] = []
        var bytes: [UInt8] = []
    }

    private static func prepare(
        _ request: Request, _ bytes: [UInt8], _ format: RecordFormat, _ declaration: CollectionDeclaration
    ) throws -> Prepared {
        let records = try RecordReader(declaration, kind: request.kind)
            .read(bytes, format, contentType: request.contentType ?? "")
        guard request.identity == nil || records.count == 1 else {
            throw KuaibaoError(
                .invalidRequest, "\(records.count) records for one identity", fix: "send one, or leave the identity out"
            )
        }
        var prepared = Prepared()
        prepared.documents.reserveCapacity(records.count)
        for (place, record) in records.enumerated() {
            let identity = try identity(of: record, request, declaration)
            let encoded = RecordText.encode(record.values)
            prepared.bytes += encoded
            prepared.documents.append(
                SubmittedDocument(
                    identity: identity,
                    contentType: RecordMediaType.checked(isPatch: request.kind == .patch),
                    byteCount: encoded.count,
                    submissionKey: request.key.map { records.count == 1 ? $0 : "\($0)/\(place)" }))
        }
        return prepared
    }

    /// Nil for a record that its content names.
    private static func identity(
        of record: CheckedRecord, _ request: Request, _ declaration: CollectionDeclaration
    ) throws(KuaibaoError) -> String? {
        switch (request.identity, record.identity) {
        case (let asked?, let own?) where asked != own:
            throw mistake(record, "the record names itself '\(own.prefix(80))', not '\(asked.prefix(80))'")
        case (let asked?, _): return asked
        case (nil, let own?):
            guard own.utf8.count <= 512 else { throw mistake(record, "an identity of \(own.utf8.count) bytes") }
            return own
        case (nil, nil):
            guard request.kind == .whole, declaration.identity.isEmpty else {
                let names = declaration.identity.joined(separator: ", ")
                throw mistake(record, "nothing names the record; give \(names.isEmpty ? "its identity" : names)")
            }
            return nil
        }
    }

    private static func mistake(_ record: CheckedRecord, _ message: String) -> KuaibaoError {
        let mistake = RecordMistake(row: record.row, column: nil, field: nil, message: message)
        return KuaibaoError(
            .invalidRecord, mistake.text + "; nothing was stored",
            fix: "mend the rows that are named and send all again",
            mistakes: [mistake])
    }

    /// What is changed must be there, or be on its way here.
    private func requireKnown(_ identities: [String], _ collection: String) async throws {
        let deadline = search.monotonic() + Self.changeMilliseconds
        var unknown = Set(identities)
        while true {
            let kept = try await search.keeper.snapshot(collection)
            let gathered = try await search.link.scatter(
                .known(Array(unknown)), over: kept, deadline: search.monotonic() + ReaderDesk.timeoutMilliseconds)
            for case .known(let found) in gathered.outcomes { unknown.subtract(found) }
            guard let first = unknown.sorted().first else { return }
            guard gathered.missing.isEmpty else {
                throw KuaibaoError(
                    .unavailable, "not every segment could be looked into", fix: "ask again; see /v1/status")
            }
            guard search.monotonic() < deadline else {
                let more = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
                throw KuaibaoError(
                    .notFound, "there is no record \"\(first.prefix(200))\"\(more)",
                    fix: "add it first; one that was just added is found as soon as it is searchable")
            }
            try await Task.sleep(for: .milliseconds(25))
        }
    }
}
