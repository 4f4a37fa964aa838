// The actors of the simulation. A step is at most one call of the engine or the store, and between any two steps an actor
// may crash: it forgets everything and begins anew under another name.
import Ledger
import Messages

protocol SimulatedActor {
    /// Does one step.
    ///
    /// - Throws: `LawBroken` where a law does not hold.
    mutating func step(_ world: SimulatedWorld, _ random: inout SeededGenerator) throws
}

/// Hands documents in; sends one batch in five twice, and old ones again long after.
struct Producer: SimulatedActor {
    let name: String
    private var sent: [JournalBatch] = []

    init(name: String) { self.name = name }

    mutating func step(_ world: SimulatedWorld, _ random: inout SeededGenerator) throws {
        let isRepeat = random.oneIn(5) && !sent.isEmpty
        let batch =
            isRepeat
            ? sent[Int.random(in: 0..<sent.count, using: &random)]
            : JournalBatch(batchID: "\(name)-\(sent.count)", payload: [UInt8.random(in: 0..<24, using: &random)])
        if !isRepeat { sent.append(batch) }
        let receipt = try world.engine.append(batch, to: SimulatedWorld.raw, now: world.tick())
        try world.acknowledge(batch.batchID, receipt.firstOffset)
        world.count(isRepeat ? "resent" : "sent")
    }
}

/// Parses what is unfinished; several of them get the same documents and finish them more than once.
struct Parser: SimulatedActor {
    private var held: [StoredBatch] = []
    /// False in the last phase, where nothing fails any more.
    var gives = true

    init() {}

    mutating func step(_ world: SimulatedWorld, _ random: inout SeededGenerator) throws {
        guard !held.isEmpty else {
            let limit = Int.random(in: 1...6, using: &random)
            held = try world.engine.unfinished(SimulatedWorld.collection, after: nil, limit: limit, maxBytes: 100)
            return
        }
        if gives, random.oneIn(12) {
            held = []
            return world.count("parser crashes")
        }
        let completions = held.map { document -> Completion in
            let identity = document.payload.first ?? 0
            let isDead = gives && random.oneIn(10)
            let parsed = SimulatedDocument(identity: identity, version: document.firstOffset)
            let batch = JournalBatch(batchID: "items-\(document.firstOffset)", payload: parsed.payload)
            return Completion(
                collection: SimulatedWorld.collection, rawOffset: document.firstOffset,
                appends: isDead ? [] : [ItemAppend(partition: Int(identity) % SimulatedWorld.partitions, batch: batch)],
                deadLetters: isDead ? [DeadLetter(reason: "unreadable-document", message: "", attempts: 1)] : [])
        }
        let receipts = try world.engine.finish(completions, now: world.tick())
        for receipt in receipts { world.count(receipt.status.rawValue) }
        if !(gives && random.oneIn(4)) { held = [] }
    }
}

/// Retries and drops dead letters, trims what may be trimmed, and tries to trim what may not.
struct Housekeeper: SimulatedActor {
    init() {}

    mutating func step(_ world: SimulatedWorld, _ random: inout SeededGenerator) throws {
        let name = SimulatedWorld.collection
        do {
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                let dead = try world.engine.deadLetters(name, from: 0, limit: 5, maxBytes: 1_000)
                guard let document = dead.randomElement(using: &random)?.document else { return }
                guard document.payload.count == 1 else {
                    throw LawBroken(description: "a dead letter lost its document")
                }
                if random.oneIn(4) {
                    try world.engine.dropDeadLetter(name, rawOffset: document.firstOffset, now: world.tick())
                    world.count("dropped")
                } else {
                    try world.engine.retryDeadLetter(name, rawOffset: document.firstOffset)
                    world.count("retried")
                }
            case 1:
                let next = try world.engine.bounds(SimulatedWorld.raw).next
                _ = try world.engine.trim(SimulatedWorld.raw, below: Int64.random(in: 0...next, using: &random))
                world.count("trimmed")
            default:
                try world.tail()
                let partition = Int.random(in: 0..<SimulatedWorld.partitions, using: &random)
                let limit = Int64.random(in: 0...world.tailed(partition), using: &random)
                _ = try world.engine.trim(SimulatedWorld.items(partition), below: limit)
                world.count("trimmed")
            }
        } catch let error as LedgerError {
            switch error.code {
            case .notDead, .notTrimmable: world.count("trim refused")
            default: throw error
            }
        }
    }
}

/// A publish on its way: staged, then put file by file, then published.
struct PendingPublish {
    var request: PublishRequest
    var stage: StageRequest
    var puts: [(String, SimulatedFile)]
    var isStaged = false

    /// Does the next step; true when it is published.
    mutating func step(_ world: SimulatedWorld) throws -> Bool {
        guard isStaged else {
            try world.engine.stage(stage, now: world.tick())
            isStaged = true
            return false
        }
        guard puts.isEmpty else {
            let (name, file) = puts.removeFirst()
            try world.put(name, file)
            return false
        }
        _ = try world.engine.publish(request, now: world.tick())
        return true
    }
}

/// Holds the lease of a partition and indexes it; crashes, and sleeps past its lease to wake up as a zombie.
struct Indexer: SimulatedActor {
    let name: String
    private var boot = 0
    private var serial = 0
    private var lease: PartitionLease?
    private var pending: PendingPublish?
    private var asleepUntil: Int64 = 0
    /// False in the last phase, where nothing fails any more.
    var fails = true

    init(name: String) { self.name = name }

    private mutating func restart() {
        boot += 1
        lease = nil
        pending = nil
    }

    mutating func step(_ world: SimulatedWorld, _ random: inout SeededGenerator) throws {
        guard world.tick() >= asleepUntil else { return }
        if fails, random.oneIn(25) {
            restart()
            return world.count("indexer crashes")
        }
        if fails, random.oneIn(40) {
            asleepUntil = world.tick() + Int64.random(in: 20...300, using: &random)
            return world.count("naps")
        }
        do {
            try work(world, &random)
        } catch let refusal as CatalogRefusal {
            switch refusal {
            case .fenced: world.count("fenced")
            case .moved: world.count("moved")
            case .notLive, .liveDocsChanged: world.count("index publish lost to a merge")
            case .notStaged: world.count("staged too long ago")
            default: throw refusal
            }
            if case .notLive = refusal { pending = nil } else { restart() }
            if !fails { lease = nil }
        }
    }

    private mutating func work(_ world: SimulatedWorld, _ random: inout SeededGenerator) throws {
        if var publish = pending {
            if try publish.step(world) {
                world.count("indexed")
                pending = nil
            } else {
                pending = publish
            }
            return
        }
        guard let held = lease else {
            let partition = Int.random(in: 0..<SimulatedWorld.partitions, using: &random)
            lease = try world.engine.acquire(
                SimulatedWorld.collection, partition: partition, holder: "\(name)-\(boot)",
                durationMilliseconds: Int64.random(in: 20...200, using: &random), now: world.tick())
            return
        }
        if random.oneIn(12) {
            try world.engine.release(held)
            lease = nil
            return
        }
        pending = try build(held, world, &random)
        if pending == nil { lease = try world.engine.renew(held, durationMilliseconds: 100, now: world.tick()) }
    }

    /// Reads on from the checkpoint and prepares the segment; nil if there is nothing to read.
    private mutating func build(
        _ held: PartitionLease, _ world: SimulatedWorld, _ random: inout SeededGenerator
    ) throws -> PendingPublish? {
        let snapshot = try world.engine.snapshot(SimulatedWorld.collection).partitions[held.partition]
        let stream = SimulatedWorld.items(held.partition)
        let batches: [StoredBatch]
        do {
            batches = try world.engine.read(
                stream, from: snapshot.checkpoint, maxBatches: Int.random(in: 1...8, using: &random), maxBytes: 1_000)
        } catch let error as LedgerError {
            // Another holder has published and trimmed since the snapshot.
            guard case .trimmed = error.code else { throw error }
            return nil
        }
        guard let end = batches.last?.endOffset, let places = try world.documents(snapshot) else { return nil }
        var live = Dictionary(places.map { ($0.document.identity, $0) }) { first, _ in first }
        var fresh: [UInt8: SimulatedDocument] = [:]
        var deleted: [String: (segment: SegmentRecord, positions: Set<Int>)] = [:]
        var superseded = 0
        var searchable = 0
        for batch in batches {
            guard let document = SimulatedDocument(batch.payload) else { throw LawBroken(description: "bad items") }
            let known = fresh[document.identity] ?? live[document.identity]?.document
            guard document.version > known?.version ?? -1 else {
                superseded += 1
                continue
            }
            if known == nil { searchable += 1 } else { superseded += 1 }
            if let old = live.removeValue(forKey: document.identity) {
                deleted[old.segment.id, default: (old.segment, old.deleted)].positions.insert(old.position)
            }
            fresh[document.identity] = document
        }
        serial += 1
        let id = "\(name)-\(boot)-\(serial)"
        let documents = fresh.values.sorted { $0.version < $1.version }
        let file = SegmentFile(name: "c/\(id).seg", byteCount: 1, checksum: 1)
        let record = SegmentRecord(
            id: id, collection: SimulatedWorld.collection, partition: held.partition, level: 0,
            documentCount: documents.count, startOffset: snapshot.checkpoint, endOffset: end, file: file)
        var puts: [(String, SimulatedFile)] = [(file.name, .documents(documents))]
        let changes = deleted.values.sorted { $0.segment.id < $1.segment.id }.enumerated().map { number, change in
            let file = SegmentFile(name: "c/\(id)-\(number).live", byteCount: 1, checksum: 2)
            puts.append((file.name, .deleted(change.positions)))
            let generation = change.segment.liveDocsGeneration
            return LiveDocsChange(
                segmentID: change.segment.id, expectedGeneration: generation, newGeneration: generation + 1, file: file,
                deletedCount: change.positions.count)
        }
        let request = PublishRequest(
            collection: SimulatedWorld.collection, partition: held.partition, epoch: held.epoch,
            advance: CheckpointDelta(startOffset: snapshot.checkpoint, endOffset: end), add: [record],
            liveDocs: changes,
            documentsSearchable: searchable, documentsSuperseded: superseded,
            alerts: [AlertBatch(batchID: "alert-\(id)", payload: [1])])
        let stage = StageRequest(
            collection: SimulatedWorld.collection, partition: held.partition, epoch: held.epoch, segments: [record],
            liveDocs: changes.map(\.file))
        return PendingPublish(request: request, stage: stage, puts: puts)
    }
}

/// Merges neighbours without a lease, racing with other mergers and with deletes.
struct Merger: SimulatedActor {
    let name: String
    private var serial = 0
    private var pending: PendingPublish?

    init(name: String) { self.name = name }

    mutating func step(_ world: SimulatedWorld, _ random: inout SeededGenerator) throws {
        if random.oneIn(25) {
            pending = nil
            return world.count("merger crashes")
        }
        do {
            guard var publish = pending else {
                pending = try plan(world, &random)
                return
            }
            if try publish.step(world) {
                world.count("merged")
                pending = nil
            } else {
                pending = publish
            }
        } catch let refusal as CatalogRefusal {
            switch refusal {
            case .notLive: world.count("merge lost to a merge")
            case .liveDocsChanged: world.count("merge lost to deletes")
            case .notStaged: world.count("staged too long ago")
            default: throw refusal
            }
            pending = nil
        }
    }

    private mutating func plan(_ world: SimulatedWorld, _ random: inout SeededGenerator) throws -> PendingPublish? {
        let snapshot = try world.engine.snapshot(SimulatedWorld.collection)
        guard var partition = snapshot.partitions.randomElement(using: &random), partition.segments.count > 1 else {
            return nil
        }
        let count = Int.random(in: 2...min(4, partition.segments.count), using: &random)
        let start = Int.random(in: 0...(partition.segments.count - count), using: &random)
        let inputs = Array(partition.segments[start..<(start + count)])
        partition.segments = inputs
        guard let places = try world.documents(partition), let first = inputs.first, let last = inputs.last else {
            return nil
        }
        serial += 1
        let id = "\(name)-\(serial)"
        let record = SegmentRecord(
            id: id, collection: SimulatedWorld.collection, partition: partition.partition, level: 1,
            documentCount: places.count, startOffset: first.startOffset, endOffset: last.endOffset,
            file: SegmentFile(name: "c/\(id).seg", byteCount: 1, checksum: 1))
        let request = PublishRequest(
            collection: SimulatedWorld.collection, partition: partition.partition, epoch: nil, add: [record],
            remove: inputs.map { SegmentRemoval(segmentID: $0.id, expectedGeneration: $0.liveDocsGeneration) })
        let stage = StageRequest(
            collection: SimulatedWorld.collection, partition: partition.partition, epoch: nil, segments: [record])
        return PendingPublish(
            request: request, stage: stage, puts: [(record.file.name, .documents(places.map(\.document)))])
    }
}

/// Condemns, deletes, forgets; crashes between any two of them.
struct Collector: SimulatedActor {
    private var deleting: [String] = []
    private var forgetting: [String] = []

    init() {}

    mutating func step(_ world: SimulatedWorld, _ random: inout SeededGenerator) throws {
        if random.oneIn(15) {
            (deleting, forgetting) = ([], [])
            return world.count("collector crashes")
        }
        if let name = deleting.popLast() {
            world.delete(name)
            forgetting.append(name)
            return world.count("deleted")
        }
        guard forgetting.isEmpty else {
            try world.engine.forget(forgetting)
            forgetting = []
            return
        }
        deleting = try world.engine.condemn(
            now: world.tick(), deadGraceMilliseconds: SimulatedWorld.deadGrace,
            stagedGraceMilliseconds: SimulatedWorld.stagedGrace, limit: Int.random(in: 1...20, using: &random)
        ).map(\.name)
    }
}

/// Takes a snapshot, holds it for a while, then reads every file of it.
struct Reader: SimulatedActor {
    private var held: (snapshot: CollectionSnapshot, until: Int64)?
    private var version: Int64 = 0

    init() {}

    mutating func step(_ world: SimulatedWorld, _ random: inout SeededGenerator) throws {
        if let (snapshot, until) = held {
            guard world.tick() >= until else { return }
            held = nil
            try world.checkDocuments(snapshot)
            return world.count("snapshots read")
        }
        let snapshot = try world.engine.snapshot(SimulatedWorld.collection)
        guard snapshot.version >= version else {
            throw LawBroken(description: "C4: version \(snapshot.version) after \(version)")
        }
        version = snapshot.version
        try world.checkCover(snapshot)
        let counts = try world.engine.counts(SimulatedWorld.collection)
        guard counts.isBalanced, counts.searchable == counts.liveDocuments, counts.searchable >= 0 else {
            throw LawBroken(description: "J7: \(counts)")
        }
        held = (snapshot, world.tick() + Int64.random(in: 0...SimulatedWorld.longestHold, using: &random))
    }
}
