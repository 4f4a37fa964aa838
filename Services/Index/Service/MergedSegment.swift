// What a merge has built in the scratch folder, and how deletes that arrived meanwhile are carried over.

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
