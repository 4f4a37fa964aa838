// The ledger from another process: each call of `LedgerRequest` as a function.

package import Messages
package import ZeroMQ

/// A typed client of the ledger link.
///
/// Every function throws what the ledger answered (`CatalogRefusal` or `KuaibaoError`), and `deadlineExceeded` or
/// `unavailable` where no answer came. All calls but `publish` may simply be repeated; after a `publish` without answer
/// ask `segmentState`.
package struct LedgerClient: Sendable {
    /// Time allowed for one call, in milliseconds.
    package static let timeoutMilliseconds: Int64 = 5000

    private let client: RequestClient

    package init(
        thread: PollThread, endpoint: String, options: SocketOptions = SocketOptions(), boot: String,
        now: @escaping @Sendable () -> Int64
    ) throws(ZeroMQError) {
        client = try RequestClient(
            thread: thread, endpoint: endpoint, options: options, prefix: "l\(boot.prefix(12))", now: now)
    }

    package func collections() async throws -> [CollectionRecord] {
        guard case .collections(let value) = try await call(.collections) else { throw unexpected() }
        return value
    }

    package func acquire(
        _ collection: String, partition: Int, holder: String, durationMilliseconds: Int64
    ) async throws -> PartitionLease? {
        let request = LedgerRequest.acquire(
            collection: collection, partition: partition, holder: holder, durationMilliseconds: durationMilliseconds)
        guard case .acquire(let lease) = try await call(request) else { throw unexpected() }
        return lease
    }

    package func release(_ lease: PartitionLease) async throws {
        _ = try await call(
            .release(
                collection: lease.collection, partition: lease.partition, holder: lease.holder, epoch: lease.epoch))
    }

    /// Batches from `from` on with their payloads, and the stream's bounds.
    package func read(
        _ stream: TopicPartition, from: Int64, maxBatches: Int, maxBytes: Int
    ) async throws -> (batches: [StoredBatch], bounds: JournalBounds) {
        let (reply, payload) = try await callWithPayload(
            .read(stream, from: from, maxBatches: maxBatches, maxBytes: maxBytes))
        guard case .read(var batches, let byteCounts, let bounds) = reply, byteCounts.count == batches.count else {
            throw unexpected()
        }
        for (index, part) in try parts(of: payload, byteCounts).enumerated() { batches[index].payload = part }
        return (batches, bounds)
    }

    package func stage(_ request: StageRequest) async throws { _ = try await call(.stage(request)) }

    /// - Returns: the new version.
    package func publish(_ request: PublishRequest) async throws -> Int64 {
        guard case .publish(let version) = try await call(.publish(request)) else { throw unexpected() }
        return version
    }

    package func segmentState(_ id: String) async throws -> SegmentState? {
        guard case .segmentState(let state) = try await call(.segmentState(id)) else { throw unexpected() }
        return state
    }

    package func snapshot(_ collection: String) async throws -> CollectionSnapshot {
        guard case .snapshot(let snapshot) = try await call(.snapshot(collection: collection)) else {
            throw unexpected()
        }
        return snapshot
    }

    package func version(_ collection: String) async throws -> Int64 {
        guard case .version(let version) = try await call(.version(collection: collection)) else { throw unexpected() }
        return version
    }

    package func submission(_ id: SubmissionID) async throws -> SubmissionState? {
        let request = LedgerRequest.submission(collection: id.collection, rawOffset: id.rawOffset)
        guard case .submission(let state) = try await call(request) else { throw unexpected() }
        return state
    }

    package func deadLetters(_ collection: String, from: Int64, limit: Int) async throws -> [DeadDocumentSummary] {
        let request = LedgerRequest.deadLetters(collection: collection, from: from, limit: limit)
        guard case .deadLetters(let list) = try await call(request) else { throw unexpected() }
        return list
    }

    package func retryDeadLetter(_ id: SubmissionID) async throws {
        _ = try await call(.retryDeadLetter(collection: id.collection, rawOffset: id.rawOffset))
    }

    package func dropDeadLetter(_ id: SubmissionID) async throws {
        _ = try await call(.dropDeadLetter(collection: id.collection, rawOffset: id.rawOffset))
    }

    package func condemn(
        deadGraceMilliseconds: Int64, stagedGraceMilliseconds: Int64, limit: Int
    ) async throws -> [CondemnedFile] {
        let request = LedgerRequest.condemn(
            deadGraceMilliseconds: deadGraceMilliseconds, stagedGraceMilliseconds: stagedGraceMilliseconds,
            limit: limit)
        guard case .condemn(let files) = try await call(request) else { throw unexpected() }
        return files
    }

    package func forget(_ names: [String]) async throws { _ = try await call(.forget(names)) }

    /// Tells the ledger's status what this index worker has done.
    package func report(holder: String, counters: [String: Int]) async throws {
        _ = try await call(.report(holder: holder, counters: counters))
    }

    /// Makes a collection of this declaration, or changes the one that it names.
    package func declare(_ text: String, isNew: Bool) async throws -> CollectionRecord {
        guard case .declare(let record) = try await call(.declare(text: text, isNew: isNew)) else { throw unexpected() }
        return record
    }

    /// Ends a declared collection.
    package func removeCollection(_ name: String) async throws { _ = try await call(.removeCollection(name)) }

    /// The keys of a record's personal values, open.
    /// Identities of records that have a value in a field of personal keywords.
    package func records(
        of collection: String, with value: String, in field: String, limit: Int
    ) async throws -> [String] {
        let request = LedgerRequest.recordsWith(collection: collection, field: field, value: value, limit: limit)
        guard case .recordsWith(let identities) = try await call(request) else { throw unexpected() }
        return identities
    }

    package func recordKeys(_ collection: String, identity: String) async throws -> [RecordKey] {
        guard case .recordKeys(let keys) = try await call(.recordKeys(collection: collection, identity: identity))
        else {
            throw unexpected()
        }
        return keys
    }

    /// How far submissions have come, all together.
    package func progress(_ collection: String, _ offsets: Range<Int64>) async throws -> SubmissionProgress {
        let request = LedgerRequest.progress(
            collection: collection, from: offsets.lowerBound, to: offsets.upperBound)
        guard case .progress(let progress) = try await call(request) else { throw unexpected() }
        return progress
    }

    package func status() async throws -> IngestStatus {
        guard case .status(let status) = try await call(.status) else { throw unexpected() }
        return status
    }

    func call(_ request: LedgerRequest) async throws -> LedgerReply { try await callWithPayload(request).reply }

    /// A reply and the bytes that stand end to end behind it.
    func callWithPayload(_ request: LedgerRequest) async throws -> (reply: LedgerReply, payload: [UInt8]) {
        let message = try await client.request(
            .ledgerRequest, request, timeoutMilliseconds: Self.timeoutMilliseconds)
        let reply = try message.body(as: LedgerReply.self)
        if case .refused(let refusal) = reply { throw refusal }
        return (reply, message.payload.first ?? [])
    }

    /// Bytes that stand end to end, one by one.
    func parts(of bytes: [UInt8], _ byteCounts: [Int]) throws -> [[UInt8]] {
        var position = 0
        return try byteCounts.map { count in
            guard count >= 0, count <= bytes.count - position else { throw unexpected() }
            defer { position += count }
            return Array(bytes[position..<position + count])
        }
    }

    func unexpected() -> KuaibaoError {
        KuaibaoError(
            .invalidMessage, "the ledger gave another answer than was asked for", fix: "run one release everywhere")
    }
}
