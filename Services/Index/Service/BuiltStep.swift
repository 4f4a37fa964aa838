// What one step of a partition has built in the scratch folder, before it is published.

import Schemas
import Messages
import SearchCore

/// A new segment, and the older segments' live documents without what it replaces.
struct BuiltStep: Sendable {
    /// New live documents of one older segment.
    struct Change: Sendable {
        let change: LiveDocsChange
        let liveDocs: LiveDocs
        let path: String
    }

    let plan: BatchPlan
    /// Changes of records that are not there.
    let droppedChanges: Int
    let record: SegmentRecord
    let changes: [Change]
    /// The new segment before it is put, and what its documents are: what watches are matched against.
    let arrivals: Arrivals
    private let segmentPath: String
    private let ownLiveDocs: (path: String, file: SegmentFile)?

    /// Builds. Blocks for as long as analysing and writing take.
    init(
        records: [ItemsRecord], current: [OpenSegment], shelf: SegmentShelf, collection: String, partition: Int,
        delta: CheckpointDelta, schema: CollectionSchema
    ) throws {
        let index = IdentityIndex(segments: current)
        let resolution = try RecordResolution(records, schema) { try index.record($0) }
        let records = resolution.records
        droppedChanges = resolution.dropped.count
        let known = try Dictionary(
            records.map { ($0.document.identity, try index.newest($0.document.identity)) },
            uniquingKeysWith: { first, _ in first })
        plan = BatchPlan(records, dropped: resolution.dropped) { known[$0] ?? nil }

        let id = shelf.makeID()
        var builder = SegmentBuilder(schema: schema.index)
        var tombstones: [DocID] = []
        var origins: [Arrivals.Origin?] = []
        for winner in plan.winners {
            let record = records[winner]
            if record.document.isRemoval {
                origins.append(nil)
                tombstones.append(DocID(builder.documentCount))
                try builder.add(ItemIndexing.tombstone(of: record))
            } else if let content = record.record {
                try builder.add(
                    RecordIndexing.document(of: content, record.document, version: record.version, schema))
                origins.append(Arrivals.Origin(record: record, place: 0))
            } else {
                for (place, document) in try ItemIndexing.documents(of: record).enumerated() {
                    try builder.add(document)
                    origins.append(Arrivals.Origin(record: record, place: place))
                }
            }
        }
        let written = try shelf.write(builder, id: id, collection: collection)
        segmentPath = written.path
        var record = SegmentRecord(
            id: id, collection: collection, partition: partition, level: 0, documentCount: written.documentCount,
            startOffset: delta.startOffset, endOffset: delta.endOffset, file: written.file)
        if tombstones.isEmpty {
            ownLiveDocs = nil
        } else {
            var live = LiveDocs(documentCount: written.documentCount)
            for document in tombstones { live.delete(document) }
            let (path, file) = try shelf.write(live, id: id, generation: 1, collection: collection)
            ownLiveDocs = (path, file)
            record.liveDocs = file
            record.liveDocsGeneration = 1
            record.deletedCount = live.deletedCount
        }
        self.record = record
        changes = try Self.changes(replaced: plan.replaced, current: current, shelf: shelf, collection: collection)
        arrivals = Arrivals(
            segmentID: id, submissions: collection, reader: try SegmentReader.open(path: written.path),
            origins: origins, replaced: Set(plan.replaced), current: current,
            schema: schema)
    }

    private static func changes(
        replaced: [String], current: [OpenSegment], shelf: SegmentShelf, collection: String
    ) throws -> [Change] {
        try current.compactMap { segment in
            var live = segment.liveDocs ?? LiveDocs(documentCount: segment.reader.documentCount)
            let before = live.deletedCount
            for identity in replaced {
                for document in try segment.documents(withID: identity) { live.delete(document) }
            }
            guard live.deletedCount > before else { return nil }
            let generation = segment.record.liveDocsGeneration + 1
            let (path, file) = try shelf.write(
                live, id: segment.record.id, generation: generation, collection: collection)
            let change = LiveDocsChange(
                segmentID: segment.record.id, expectedGeneration: segment.record.liveDocsGeneration,
                newGeneration: generation, file: file, deletedCount: live.deletedCount)
            return Change(change: change, liveDocs: live, path: path)
        }
    }

    func putAll(_ shelf: SegmentShelf) throws {
        try shelf.put(segmentPath, as: record.file)
        if let ownLiveDocs { try shelf.put(ownLiveDocs.path, as: ownLiveDocs.file) }
        for change in changes { try shelf.put(change.path, as: change.change.file) }
    }

    func discardScratch(_ shelf: SegmentShelf) {
        shelf.discard(segmentPath)
        if let ownLiveDocs { shelf.discard(ownLiveDocs.path) }
        for change in changes { shelf.discard(change.path) }
    }

    /// The live segments after the publish.
    func apply(to current: [OpenSegment], _ shelf: SegmentShelf) throws -> [OpenSegment] {
        var result = current
        for change in changes {
            guard let place = result.firstIndex(where: { $0.record.id == change.change.segmentID }) else { continue }
            result[place].liveDocs = change.liveDocs
            result[place].record.liveDocs = change.change.file
            result[place].record.liveDocsGeneration = change.change.newGeneration
            result[place].record.deletedCount = change.change.deletedCount
        }
        return result + [try shelf.open(record)]
    }
}

/// Finds the newest version of an identity among live segments.
private struct IdentityIndex {
    let segments: [OpenSegment]

    func newest(_ identity: String) throws -> BatchPlan.Known? {
        var result: BatchPlan.Known?
        for segment in segments {
            for document in try segment.documents(withID: identity) {
                let version = segment.reader.version(of: document)
                let isLive = segment.isLive(document)
                if let known = result, known.version > version || (known.version == version && !isLive) { continue }
                result = BatchPlan.Known(version: version, isLive: isLive)
            }
        }
        return result
    }

    /// The live record of an identity, with its version.
    func record(_ identity: String) throws -> (Int64, RecordContent)? {
        for segment in segments {
            for document in try segment.documents(withID: identity) where segment.isLive(document) {
                let stored = try MessagePackDecoder.decode(StoredItem.self, from: segment.reader.stored(document))
                guard let record = stored.record else { continue }
                return (segment.reader.version(of: document), record)
            }
        }
        return nil
    }
}
