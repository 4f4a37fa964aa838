// What a merge has built in the scratch folder, and how deletes that arrived meanwhile are carried over.

import Schemas
import Foundation
import Messages
import SearchCore

/// Neighbouring segments as one, not yet published.
struct MergedSegment: Sendable {
    /// Ready to be staged and published.
    struct Output: Sendable {
        let record: SegmentRecord
        let removals: [SegmentRemoval]
        fileprivate let files: [(path: String, file: SegmentFile)]

        func putAll(_ shelf: SegmentShelf) throws {
            for (path, file) in files { try shelf.put(path, as: file) }
        }
    }

    private let inputs: [OpenSegment]
    private let record: SegmentRecord
    private let path: String
    /// For each input, where its documents went.
    private let mappings: [DocumentMapping]

    /// Merges. Blocks for as long as reading and writing take.
    init(_ inputs: [OpenSegment], shelf: SegmentShelf, collection: String) throws {
        let id = shelf.makeID()
        let path = shelf.scratch + "/" + id + ".seg"
        let merger = try SegmentMerger(inputs.map { MergeInput(reader: $0.reader, liveDocs: $0.liveDocs) })
        let merged = try merger.write(to: path, segmentID: id)
        self.inputs = inputs
        self.path = path
        mappings = merged.mappings
        let records = inputs.map(\.record)
        record = SegmentRecord(
            id: id, collection: collection, partition: records.first?.partition ?? 0,
            level: (records.map(\.level).max() ?? 0) + 1, documentCount: merged.summary.documentCount,
            startOffset: records.map(\.startOffset).min() ?? 0, endOffset: records.map(\.endOffset).max() ?? 0,
            file: shelf.file(id, collection, merged.summary))
    }

    /// Builds one segment again, for a changed declaration, of what it keeps of its records.
    ///
    /// - Complexity: as building it, and its documents are held in memory.
    init(rebuilding input: OpenSegment, for schema: CollectionSchema, shelf: SegmentShelf, collection: String) throws {
        let id = shelf.makeID()
        let path = shelf.scratch + "/" + id + ".seg"
        var builder = SegmentBuilder(schema: schema.index)
        var mapping: [DocID] = []
        for document in 0..<DocID(input.reader.documentCount) {
            guard input.isLive(document) else {
                mapping.append(DocumentMapping.dropped)
                continue
            }
            let stored = try MessagePackDecoder.decode(StoredItem.self, from: input.reader.stored(document))
            guard let record = stored.record else {
                throw KuaibaoError(.corrupt, "segment \(input.record.id) has no records", fix: "run kuaibao check")
            }
            mapping.append(DocID(builder.documentCount))
            try builder.add(
                RecordIndexing.document(
                    of: RecordMerging.adapted(record, to: schema), stored.document,
                    version: input.reader.version(of: document), schema))
        }
        let summary = try builder.write(to: path, segmentID: id)
        inputs = [input]
        self.path = path
        mappings = [DocumentMapping(newDocuments: mapping)]
        record = SegmentRecord(
            id: id, collection: collection, partition: input.record.partition, level: input.record.level,
            documentCount: summary.documentCount, startOffset: input.record.startOffset,
            endOffset: input.record.endOffset, file: shelf.file(id, collection, summary))
    }

    /// Reads the new file back whole before it may replace its inputs.
    func checkScratch() throws { try SegmentReader.open(path: path).verifyAll() }

    func discardScratch(_ shelf: SegmentShelf) { shelf.discard(path) }

    /// The output against the inputs' present state; nil where an input is no longer live.
    func carryDeletes(from current: [OpenSegment], shelf: SegmentShelf) throws -> Output? {
        var live = LiveDocs(documentCount: record.documentCount)
        var removals: [SegmentRemoval] = []
        for (input, mapping) in zip(inputs, mappings) {
            guard let now = current.first(where: { $0.record.id == input.record.id }) else { return nil }
            removals.append(
                SegmentRemoval(segmentID: now.record.id, expectedGeneration: now.record.liveDocsGeneration))
            if let later = now.liveDocs { mapping.apply(deletesOf: later, to: &live) }
        }
        var files = [(path: path, file: record.file)]
        var record = record
        if live.deletedCount > 0 {
            let (path, file) = try shelf.write(live, id: record.id, generation: 1, collection: record.collection)
            files.append((path, file))
            record.liveDocs = file
            record.liveDocsGeneration = 1
            record.deletedCount = live.deletedCount
        }
        return Output(record: record, removals: removals, files: files)
    }
}
