// The world of the simulation: an engine, a store that can tell misuse, a clock that counts steps, and what must be true.
//
// Documents have an identity and a version (their raw offset). Of one identity the greatest version that is indexed is
// live; all others are superseded. So the live documents of a partition at checkpoint c are known from its first c items
// alone, and every snapshot can be compared with that, document by document.
import Foundation
import Ledger
import Messages
import Synchronization

/// A document as it stands in the journal and in segments.
struct SimulatedDocument: Hashable, Sendable {
    var identity: UInt8
    var version: Int64

    /// Eight bytes of version, one of identity.
    var payload: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: version >> ($0 * 8)) } + [identity]
    }

    init(identity: UInt8, version: Int64) {
        self.identity = identity
        self.version = version
    }

    init?(_ payload: [UInt8]) {
        guard payload.count == 9 else { return nil }
        version = payload[..<8].reversed().reduce(0) { $0 << 8 | Int64($1) }
        identity = payload[8]
    }
}

/// What a file of the simulated store holds.
enum SimulatedFile: Sendable, Equatable {
    case documents([SimulatedDocument])
    /// Positions of deleted documents.
    case deleted(Set<Int>)
}

final class SimulatedWorld: Sendable {
    static let collection = "c"
    static let partitions = 2
    /// Steps. Readers and builders hold a snapshot for less than the dead grace, builders sleep less than the staged one.
    static let deadGrace: Int64 = 400
    static let stagedGrace: Int64 = 600
    static let longestHold: Int64 = 150

    let engine: any LedgerEngine
    private let clock = Mutex<Int64>(1)
    private let files = Mutex<(present: [String: SimulatedFile], used: Set<String>)>(([:], []))
    private let acknowledged = Mutex<(offsets: [String: Int64], taken: Set<Int64>)>(([:], []))
    private let items = Mutex<[[SimulatedDocument]]>(Array(repeating: [], count: partitions))
    private let tallies = Mutex<[String: Int]>([:])

    init(_ engine: any LedgerEngine) throws {
        self.engine = engine
        try engine.ensureCollection(Self.collection, partitions: Self.partitions)
    }

    static let raw = TopicPartition(collection: collection, topic: .raw)
    static func items(_ partition: Int) -> TopicPartition {
        TopicPartition(collection: collection, topic: .items, partition: partition)
    }

    /// The present time; every call is a later one.
    func tick(_ steps: Int64 = 1) -> Int64 {
        clock.withLock { now in
            now += steps
            return now
        }
    }

    func count(_ what: String) { tallies.withLock { $0[what, default: 0] += 1 } }
    var summary: [String: Int] { tallies.withLock { $0 } }

    // MARK: The store

    func put(_ name: String, _ file: SimulatedFile) throws {
        let isNew = files.withLock { files in
            files.present[name] = file
            return files.used.insert(name).inserted
        }
        guard isNew else { throw LawBroken(description: "S1: name \(name) is used again") }
    }

    func fetch(_ name: String) -> SimulatedFile? { files.withLock { $0.present[name] } }
    func delete(_ name: String) { files.withLock { $0.present[name] = nil } }
    var names: [String] { files.withLock { $0.present.keys.sorted() } }

    // MARK: What must be true

    /// J3: every acknowledgement of one batch id names the same offset.
    func acknowledge(_ batchID: String, _ offset: Int64) throws {
        let (known, isTaken) = acknowledged.withLock { acknowledged in
            let known = acknowledged.offsets.updateValue(offset, forKey: batchID)
            return (known, acknowledged.taken.insert(offset).inserted == (known != nil))
        }
        guard known == nil || known == offset else {
            throw LawBroken(description: "J3: batch \(batchID) has offsets \(known ?? -1) and \(offset)")
        }
        guard !isTaken else { throw LawBroken(description: "J2: two batches share offset \(offset)") }
    }

    var acknowledgedCount: Int { acknowledged.withLock { $0.offsets.count } }

    /// J2: reads the partitions' new items, which follow the known ones without a hole.
    func tail() throws {
        try items.withLock { items in
            for partition in 0..<Self.partitions {
                let from = Int64(items[partition].count)
                let batches = try engine.read(Self.items(partition), from: from, maxBatches: 1_000, maxBytes: 1 << 20)
                for batch in batches {
                    guard batch.firstOffset == Int64(items[partition].count),
                        let document = SimulatedDocument(batch.payload)
                    else {
                        throw LawBroken(
                            description: "J2: batch at \(batch.firstOffset) after \(items[partition].count) items")
                    }
                    items[partition].append(document)
                }
            }
        }
    }

    /// How many items of a partition `tail` has read.
    func tailed(_ partition: Int) -> Int64 { items.withLock { Int64($0[partition].count) } }

    /// The documents that are live when the first `checkpoint` items of a partition are indexed.
    func expectedLive(_ partition: Int, checkpoint: Int64) throws -> Set<SimulatedDocument> {
        try tail()
        return items.withLock { items in
            var newest: [UInt8: SimulatedDocument] = [:]
            for document in items[partition].prefix(Int(checkpoint)) {
                if document.version > newest[document.identity]?.version ?? -1 { newest[document.identity] = document }
            }
            return Set(newest.values)
        }
    }

    /// C4: the segments of a snapshot cover [0, checkpoint) exactly.
    func checkCover(_ snapshot: CollectionSnapshot) throws {
        for partition in snapshot.partitions {
            var end: Int64 = 0
            for segment in partition.segments {
                guard segment.startOffset == end else {
                    throw LawBroken(
                        description: "C4: segment \(segment.id) starts at \(segment.startOffset), not \(end)")
                }
                end = segment.endOffset
            }
            guard end == partition.checkpoint else {
                throw LawBroken(description: "C4: covered to \(end), checkpoint \(partition.checkpoint)")
            }
        }
    }

    /// The live documents of one partition of a snapshot, with their places; nil if a file is gone.
    func documents(_ partition: PartitionSnapshot) throws -> [LivePlace]? {
        var places: [LivePlace] = []
        for segment in partition.segments {
            guard case .documents(let documents)? = fetch(segment.file.name) else { return nil }
            var deleted: Set<Int> = []
            if let file = segment.liveDocs {
                guard case .deleted(let positions)? = fetch(file.name) else { return nil }
                deleted = positions
            }
            guard deleted.count == segment.deletedCount, documents.count == segment.documentCount else {
                throw LawBroken(description: "segment \(segment.id) has other counts than its files")
            }
            for (position, document) in documents.enumerated() where !deleted.contains(position) {
                places.append(LivePlace(segment: segment, position: position, document: document, deleted: deleted))
            }
        }
        return places
    }

    /// The live documents of every partition are the expected ones, each once; the files are there.
    func checkDocuments(_ snapshot: CollectionSnapshot) throws {
        for partition in snapshot.partitions {
            guard let places = try documents(partition) else {
                throw LawBroken(description: "a file of version \(snapshot.version) is gone while it is read")
            }
            let found = places.map(\.document)
            let expected = try expectedLive(partition.partition, checkpoint: partition.checkpoint)
            guard found.count == expected.count, Set(found) == expected else {
                throw LawBroken(
                    description:
                        "version \(snapshot.version), partition \(partition.partition): \(found.count) live documents, "
                        + "\(expected.count) expected")
            }
        }
    }
}

/// A live document and where it is.
struct LivePlace {
    var segment: SegmentRecord
    var position: Int
    var document: SimulatedDocument
    /// All deleted positions of its segment.
    var deleted: Set<Int>
}
