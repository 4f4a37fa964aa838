// Documents through the query gateway: handed on to the ingest gateway, and asked after.

import Messages
import Synchronization
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
///
/// Invariants:
///  (1) A document is handed on under a submission key, its sender's or one made here, and again under the same key when
///      no answer comes: an ingest gateway that dies in between stores it once.
///  (2) Bytes of documents that are handed on at once are bounded by `handedOnBytes`.
final class DocumentDesk: Sendable {
    /// How long `wait=searchable` waits, in milliseconds.
    static let waitMilliseconds: Int64 = 30_000
    /// How long a document is handed on again and again, in milliseconds.
    static let submitMilliseconds: Int64 = 10_000
    /// How long the disk of the ingest gateway may take before the document is sent once more, in milliseconds.
    static let attemptMilliseconds: Int64 = 4000
    /// Longest pause between two attempts, in milliseconds.
    static let longestPause = 400
    /// Bytes of documents on their way; more are refused as busy. One document alone may have more.
    static let handedOnBytes = 128 << 20

    struct Counters: Sendable {
        /// Documents sent once more after an attempt without answer.
        var resent = 0
        /// Documents refused because too many bytes were on their way.
        var refusedBusy = 0
        var bytesOnTheirWay = 0
        fileprivate var nextKey = 0
    }

    private let submit: RequestClient
    private let ledger: LedgerClient
    private let keeper: SnapshotKeeper
    private let boot: String
    private let monotonic: @Sendable () -> Int64
    private let state = Mutex(Counters())

    init(
        submit: RequestClient, ledger: LedgerClient, keeper: SnapshotKeeper, boot: String,
        monotonic: @escaping @Sendable () -> Int64
    ) {
        self.submit = submit
        self.ledger = ledger
        self.keeper = keeper
        self.boot = boot
        self.monotonic = monotonic
    }

    var counters: Counters { state.withLock { $0 } }

    func submit(
        _ document: SubmittedDocument, _ bytes: [UInt8], collection: String, wait: Bool, trace: String? = nil
    ) async throws -> Submitted {
        try admit(bytes.count)
        defer { state.withLock { $0.bytesOnTheirWay -= bytes.count } }
        var document = document
        let hasOwnKey = document.submissionKey != nil
        if !hasOwnKey { document.submissionKey = makeKey() }
        let message = try await handOn(
            SubmitRequest(collection: collection, documents: [document]), bytes, trace: trace)
        guard var receipt = try message.body(as: SubmitReply.self).receipts.first,
            let id = SubmissionID(receipt.submission)
        else {
            throw KuaibaoError(.internal, "the ingest gateway sent no receipt", fix: "run one release everywhere")
        }
        // Under a key of ours a duplicate is our own first attempt.
        if !hasOwnKey { receipt.isDuplicate = false }
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

    /// Hands several documents on, all or none; each under a key, so that a repeated attempt changes nothing.
    func submitAll(
        _ documents: [SubmittedDocument], _ bytes: [UInt8], collection: String, trace: String?
    ) async throws -> [Receipt] {
        try admit(bytes.count)
        defer { state.withLock { $0.bytesOnTheirWay -= bytes.count } }
        var documents = documents
        let own = makeKey()
        var areOurs: [Bool] = []
        for place in documents.indices {
            areOurs.append(documents[place].submissionKey == nil)
            if areOurs[place] { documents[place].submissionKey = "\(own)/\(place)" }
        }
        let message = try await handOn(SubmitRequest(collection: collection, documents: documents), bytes, trace: trace)
        var receipts = try message.body(as: SubmitReply.self).receipts
        guard receipts.count == documents.count else {
            throw KuaibaoError(.internal, "\(receipts.count) receipts came", fix: "run one release everywhere")
        }
        for place in receipts.indices where areOurs[place] { receipts[place].isDuplicate = false }
        return receipts
    }

    /// Waits until submissions are searchable here, or dead; together.
    ///
    /// - Returns: how many are dead, and the version that shows the others.
    func followAll(_ offsets: [Int64], of collection: String) async throws -> (dead: Int, version: Int64) {
        let deadline = monotonic() + Self.waitMilliseconds
        var dead = 0
        for range in Self.runs(of: offsets) {
            var pause = 2
            while true {
                let progress = try await ledger.progress(collection, range)
                if progress.waiting == 0 {
                    dead += progress.dead
                    break
                }
                guard monotonic() < deadline else {
                    throw KuaibaoError(
                        .deadlineExceeded,
                        "\(progress.waiting) records are accepted, but were not searchable within \(Self.waitMilliseconds) ms",
                        fix: "ask GET /v1/submissions/\(collection)-\(range.upperBound - 1) later; see /v1/status")
                }
                try await Task.sleep(for: .milliseconds(pause))
                pause = min(pause * 2, 100)
            }
        }
        let version = try await ledger.version(collection)
        await keeper.hint(News(collection: collection, version: version))
        while await !keeper.sees(version, of: collection), monotonic() < deadline {
            try await Task.sleep(for: .milliseconds(1))
        }
        return (dead, version)
    }

    /// Ranges without holes.
    private static func runs(of offsets: [Int64]) -> [Range<Int64>] {
        var runs: [Range<Int64>] = []
        for offset in Set(offsets).sorted() {
            if let last = runs.last, last.upperBound == offset {
                runs[runs.count - 1] = last.lowerBound..<(offset + 1)
            } else {
                runs.append(offset..<(offset + 1))
            }
        }
        return runs
    }

    /// Sends a document until it is answered: once more where the ingest gateway went away or is silent.
    private func handOn(_ request: SubmitRequest, _ bytes: [UInt8], trace: String?) async throws -> Message {
        let deadline = monotonic() + Self.submitMilliseconds
        var pause = 25
        while true {
            do {
                return try await submit.request(
                    .submit, request, payload: [bytes],
                    timeoutMilliseconds: min(Self.attemptMilliseconds, max(1, deadline - monotonic())), trace: trace)
            } catch let error as KuaibaoError where error.code == .unavailable || error.code == .deadlineExceeded {
                guard monotonic() + Int64(pause) < deadline else { throw error }
                state.withLock { $0.resent += 1 }
                try await Task.sleep(for: .milliseconds(pause))
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    private func admit(_ bytes: Int) throws(KuaibaoError) {
        let waiting = state.withLock { state -> Int? in
            guard state.bytesOnTheirWay == 0 || bytes <= Self.handedOnBytes - state.bytesOnTheirWay else {
                state.refusedBusy += 1
                return state.bytesOnTheirWay
            }
            state.bytesOnTheirWay += bytes
            return nil
        }
        guard let waiting else { return }
        throw KuaibaoError(
            .busy, "\(waiting) bytes of documents are on their way already", fix: "send the same document again later")
    }

    private func makeKey() -> String {
        let number = state.withLock { state in
            state.nextKey += 1
            return state.nextKey
        }
        return "gateway/\(boot)/\(number)"
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

    enum DeadLetterChange: Sendable { case retry, drop }

    /// What became of many dead letters.
    struct ManyDead: Encodable, Sendable {
        var changed = 0
        /// Where to go on; nil where there are no more.
        var next: Int64?
    }

    /// Dead letters looked at in one call of `changeDeadLetters`.
    static let deadLettersAtOnce = 1000

    /// Retries or drops the dead letters there are from a number on, a bounded number of them.
    ///
    /// - Parameter reason: the code of those that are meant; nil for all.
    func changeDeadLetters(
        _ change: DeadLetterChange, of collection: String, from: Int64, reason: String?
    ) async throws -> ManyDead {
        let dead = try await ledger.deadLetters(collection, from: from, limit: Self.deadLettersAtOnce)
        var result = ManyDead()
        for entry in dead {
            guard let id = SubmissionID(entry.submission) else { continue }
            result.next = id.rawOffset + 1
            guard reason == nil || entry.deadLetters.contains(where: { $0.reason == reason }) else { continue }
            do {
                switch change {
                case .retry: try await ledger.retryDeadLetter(id)
                case .drop: try await ledger.dropDeadLetter(id)
                }
                result.changed += 1
            } catch let error as KuaibaoError where error.code == .notFound {
                // Somebody else was faster.
                continue
            }
        }
        return result
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
