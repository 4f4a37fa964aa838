// What the laws and the random tests share: engines to run on, short ways to say things, temporary directories.
import Foundation
import Ledger
import Messages

/// The engines that the suite runs on. A further engine is one more case.
enum EngineKind: String, CaseIterable, Sendable, CustomStringConvertible {
    case sqlite
    case model

    var description: String { rawValue }
}

/// A directory of its own, removed with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A law that does not hold.
struct LawBroken: Error, CustomStringConvertible {
    var description: String
}

/// An engine with one collection `c` of two partitions, and short ways to use it.
final class Bench {
    static let collection = "c"
    /// Small, so that tests pass them.
    static let bounds = WatchBounds(pendingAlerts: 12, deadAlerts: 4, desks: 3)

    let engine: any LedgerEngine
    private let directory: TemporaryDirectory?
    /// The time given to the engine; tests move it.
    var now: Int64 = 1_000

    init(_ kind: EngineKind) throws {
        switch kind {
        case .sqlite:
            let directory = try TemporaryDirectory()
            self.directory = directory
            var options = SQLiteLedgerOptions()
            options.watchBounds = Self.bounds
            engine = try SQLiteLedger(directory: directory.path, processID: 1, options: options)
        case .model:
            directory = nil
            engine = ModelLedger()
        }
        try engine.ensureCollection(Self.collection, partitions: 2)
    }

    init(mutation: Mutation) throws {
        directory = nil
        engine = ModelLedger(mutation: mutation)
        try engine.ensureCollection(Self.collection, partitions: 2)
    }

    static let raw = TopicPartition(collection: collection, topic: .raw)
    static let alerts = TopicPartition(collection: collection, topic: .alerts)
    static func items(_ partition: Int = 0) -> TopicPartition {
        TopicPartition(collection: collection, topic: .items, partition: partition)
    }

    func expect(_ condition: Bool, _ what: String, line: UInt = #line) throws {
        guard condition else { throw LawBroken(description: "\(what) (line \(line))") }
    }

    func expectEqual<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String, line: UInt = #line) throws {
        guard found == wanted else { throw LawBroken(description: "\(what): \(found), not \(wanted) (line \(line))") }
    }

    func expectRefusal(_ wanted: CatalogRefusal, line: UInt = #line, _ body: () throws -> Void) throws {
        do { try body() } catch let refusal as CatalogRefusal {
            return try expectEqual(refusal, wanted, "refusal", line: line)
        }
        throw LawBroken(description: "not refused, expected \(wanted) (line \(line))")
    }

    func expectError(_ wanted: LedgerError.Code, line: UInt = #line, _ body: () throws -> Void) throws {
        do { try body() } catch let error as LedgerError {
            return try expectEqual(error.code, wanted, "error", line: line)
        }
        throw LawBroken(description: "no error, expected \(wanted) (line \(line))")
    }

    // MARK: Short ways

    func batch(_ id: String, _ count: Int = 1, bytes: Int = 3) -> JournalBatch {
        JournalBatch(
            batchID: id, recordCount: count, payload: [UInt8](repeating: UInt8(id.utf8.count & 0xFF), count: bytes))
    }

    @discardableResult
    func append(_ id: String, _ count: Int = 1, to stream: TopicPartition = Bench.items()) throws -> AppendReceipt {
        try engine.append(batch(id, count), to: stream, now: now)
    }

    /// Accepts a raw document and returns its offset.
    @discardableResult
    func submit(_ id: String) throws -> Int64 { try append(id, to: Self.raw).firstOffset }

    /// Finishes a submission with one batch of items.
    @discardableResult
    func parse(_ rawOffset: Int64, partition: Int = 0, count: Int = 1) throws -> CompletionReceipt {
        try finish(
            rawOffset, [ItemAppend(partition: partition, batch: batch("items-\(rawOffset)-\(partition)", count))])
    }

    @discardableResult
    func kill(_ rawOffset: Int64, reason: String = "unreadable-document") throws -> CompletionReceipt {
        try finish(rawOffset, [], [DeadLetter(reason: reason, message: "no text", attempts: 3)])
    }

    func finish(_ rawOffset: Int64, _ appends: [ItemAppend], _ letters: [DeadLetter] = []) throws -> CompletionReceipt {
        let completion = Completion(
            collection: Self.collection, rawOffset: rawOffset, appends: appends, deadLetters: letters)
        guard let receipt = try engine.finish([completion], now: now).first else {
            throw LawBroken(description: "no receipt")
        }
        return receipt
    }

    func lease(_ partition: Int = 0, holder: String = "a", duration: Int64 = 1_000) throws -> PartitionLease {
        guard
            let lease = try engine.acquire(
                Self.collection, partition: partition, holder: holder, durationMilliseconds: duration, now: now)
        else { throw LawBroken(description: "no lease for \(holder)") }
        return lease
    }

    func file(_ name: String) -> SegmentFile { SegmentFile(name: "c/\(name)", byteCount: 10, checksum: 7) }

    func segment(_ id: String, _ start: Int64, _ end: Int64, partition: Int = 0, level: Int = 0) -> SegmentRecord {
        SegmentRecord(
            id: id, collection: Self.collection, partition: partition, level: level, documentCount: Int(end - start),
            startOffset: start, endOffset: end, file: file("\(id).seg"))
    }

    func stage(_ segments: [SegmentRecord], liveDocs: [SegmentFile] = [], epoch: Int64? = nil, partition: Int = 0)
        throws
    {
        try engine.stage(
            StageRequest(
                collection: Self.collection, partition: partition, epoch: epoch, segments: segments, liveDocs: liveDocs),
            now: now)
    }

    func request(
        _ epoch: Int64?, _ advance: Range<Int64>? = nil, add: [SegmentRecord] = [], remove: [(String, Int)] = [],
        liveDocs: [LiveDocsChange] = [], searchable: Int = 0, superseded: Int = 0, alerts: [AlertBatch] = [],
        partition: Int = 0
    ) -> PublishRequest {
        PublishRequest(
            collection: Self.collection, partition: partition, epoch: epoch,
            advance: advance.map { CheckpointDelta(startOffset: $0.lowerBound, endOffset: $0.upperBound) }, add: add,
            remove: remove.map { SegmentRemoval(segmentID: $0.0, expectedGeneration: $0.1) }, liveDocs: liveDocs,
            documentsSearchable: searchable, documentsSuperseded: superseded, alerts: alerts)
    }

    @discardableResult
    func publish(_ request: PublishRequest) throws -> Int64 { try engine.publish(request, now: now) }

    /// Stages and publishes one new segment over `range`.
    @discardableResult
    func index(_ id: String, _ range: Range<Int64>, epoch: Int64, partition: Int = 0, superseded: Int = 0) throws
        -> Int64
    {
        let record = segment(id, range.lowerBound, range.upperBound, partition: partition)
        try stage([record], epoch: epoch, partition: partition)
        return try publish(request(epoch, range, add: [record], superseded: superseded, partition: partition))
    }

    func counts() throws -> CollectionCounts { try engine.counts(Self.collection) }
    func snapshot() throws -> CollectionSnapshot { try engine.snapshot(Self.collection) }
    func read(_ stream: TopicPartition, from: Int64 = 0) throws -> [StoredBatch] {
        try engine.read(stream, from: from, maxBatches: 1_000, maxBytes: 1 << 20)
    }

    /// C4 for every partition.
    func expectExactCover(_ snapshot: CollectionSnapshot, line: UInt = #line) throws {
        for partition in snapshot.partitions {
            var offset: Int64 = 0
            for segment in partition.segments {
                try expectEqual(segment.startOffset, offset, "start of \(segment.id)", line: line)
                offset = segment.endOffset
            }
            try expectEqual(offset, partition.checkpoint, "end of partition \(partition.partition)", line: line)
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): small and seeded.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True once in `n` times.
    mutating func oneIn(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &self) == 0 }
}
