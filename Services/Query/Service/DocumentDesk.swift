// Documents through the query gateway: handed on to the ingest gateway, and asked after.

import Messages
import Transport

/// What a submission's sender is told.
struct Submitted: Codable, Sendable {
    let submission: String
    let identity: String
    let isDuplicate: Bool
    /// Where it has come to; nil where the sender did not wait.
    let state: SubmissionState?
    /// The collection's version that shows it, where the sender waited.
    let version: Int64?
}

/// Hands documents on and follows them.
struct DocumentDesk: Sendable {
    /// How long `wait=searchable` waits, in milliseconds.
    static let waitMilliseconds: Int64 = 30_000
    /// How long the disk of the ingest gateway may take, in milliseconds.
    static let submitMilliseconds: Int64 = 10_000

    let submit: RequestClient
    let ledger: LedgerClient
    let keeper: SnapshotKeeper
    let monotonic: @Sendable () -> Int64

    func submit(
        _ document: SubmittedDocument, _ bytes: [UInt8], collection: String, wait: Bool
    ) async throws -> Submitted {
        let message = try await submit.request(
            .submit, SubmitRequest(collection: collection, documents: [document]), payload: [bytes],
            timeoutMilliseconds: Self.submitMilliseconds)
        guard let receipt = try message.body(as: SubmitReply.self).receipts.first,
            let id = SubmissionID(receipt.submission)
        else {
            throw KuaibaoError(.internal, "the ingest gateway sent no receipt", fix: "run one release everywhere")
        }
        guard wait else {
            return Submitted(
                submission: receipt.submission, identity: receipt.identity, isDuplicate: receipt.isDuplicate,
                state: nil, version: nil)
        }
        let (state, version) = try await follow(id)
        return Submitted(
            submission: receipt.submission, identity: receipt.identity, isDuplicate: receipt.isDuplicate, state: state,
            version: version)
    }

    /// Waits until a submission is searchable here, or dead.
    private func follow(_ id: SubmissionID) async throws -> (SubmissionState, Int64?) {
        let deadline = monotonic() + Self.waitMilliseconds
        var pause = 2
        while monotonic() < deadline {
            guard let state = try await ledger.submission(id) else { throw Self.unknown(id.text) }
            switch state.stage {
            case .dead, .dropped: return (state, nil)
            case .searchable:
                let version = try await ledger.version(id.collection)
                await keeper.hint(News(collection: id.collection, version: version))
                while await !keeper.sees(version, of: id.collection), monotonic() < deadline {
                    try await Task.sleep(for: .milliseconds(1))
                }
                return (state, version)
            case .accepted, .parsed: break
            }
            try await Task.sleep(for: .milliseconds(pause))
            pause = min(pause * 2, 100)
        }
        throw KuaibaoError(
            .deadlineExceeded, "\(id.text) is accepted, but was not searchable within \(Self.waitMilliseconds) ms",
            fix: "ask GET /v1/submissions/\(id.text) later; see /v1/status for what is slow")
    }

    func state(of text: String) async throws -> SubmissionState {
        guard let state = try await ledger.submission(try Self.id(text)) else { throw Self.unknown(text) }
        return state
    }

    func deadLetters(_ collection: String, from: Int64, limit: Int) async throws -> [DeadDocumentSummary] {
        try await ledger.deadLetters(collection, from: from, limit: limit)
    }

    func retry(_ text: String) async throws -> SubmissionState {
        try await ledger.retryDeadLetter(try Self.id(text))
        return try await state(of: text)
    }

    func drop(_ text: String) async throws -> SubmissionState {
        try await ledger.dropDeadLetter(try Self.id(text))
        return try await state(of: text)
    }

    private static func id(_ text: String) throws(KuaibaoError) -> SubmissionID {
        guard let id = SubmissionID(text) else { throw unknown(text) }
        return id
    }

    private static func unknown(_ text: String) -> KuaibaoError {
        KuaibaoError(
            .notFound, "there is no submission \"\(text)\"", fix: "use the name from the receipt: COLLECTION-NUMBER")
    }
}
