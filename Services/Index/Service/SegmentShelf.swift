// The segment files of this process: built in a scratch folder, put into the store, opened from it.

import CKernels
import Foundation
import Messages
import SearchCore
import SegmentStore

/// A live segment, open for look-ups.
struct OpenSegment: Sendable {
    var record: SegmentRecord
    let reader: SegmentReader
    var liveDocs: LiveDocs?

    /// Documents that match an identity, deleted ones included.
    func documents(withID identity: String) throws(SearchCoreError) -> [DocID] {
        try reader.documents(withID: identity)
    }

    /// What the choice of merges needs to know.
    var mergeSize: MergePolicy.Segment {
        MergePolicy.Segment(documentCount: record.documentCount, deletedCount: record.deletedCount)
    }

    func isLive(_ document: DocID) -> Bool { liveDocs?.isLive(document) ?? true }
}

/// Writes and opens segment files. All calls block.
struct SegmentShelf: Sendable {
    let store: any SegmentStore
    /// A folder of this process, on the disk of the segments; abandoned ones are removed by later processes.
    let scratch: String
    let makeID: @Sendable () -> String

    /// Opens a live segment and its live documents.
    func open(_ record: SegmentRecord) throws -> OpenSegment {
        let reader = try SegmentReader.open(path: try store.fetch(record.file))
        let liveDocs = try record.liveDocs.map { try LiveDocs(decoding: try readFile(try store.fetch($0))) }
        return OpenSegment(record: record, reader: reader, liveDocs: liveDocs)
    }

    /// Writes a built segment into the scratch folder.
    ///
    /// - Returns: where it stands, and how the store will know it.
    func write(
        _ builder: SegmentBuilder, id: String, collection: String
    ) throws -> (path: String, file: SegmentFile, documentCount: Int) {
        let path = scratch + "/" + id + ".seg"
        let summary = try builder.write(to: path, segmentID: id)
        return (path, file(id, collection, summary), summary.documentCount)
    }

    func file(_ id: String, _ collection: String, _ summary: SegmentSummary) -> SegmentFile {
        SegmentFile(
            name: "\(collection)/\(id).seg", byteCount: Int64(summary.byteCount), checksum: summary.checksum)
    }

    /// Writes live documents into the scratch folder.
    func write(_ liveDocs: LiveDocs, id: String, generation: Int, collection: String) throws -> (String, SegmentFile) {
        let bytes = liveDocs.encode()
        let name = "\(id)-\(generation)-\(makeID().prefix(8)).live"
        let path = scratch + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let checksum = unsafe bytes.withUnsafeBytes { unsafe kb_crc32c(0, $0.baseAddress, $0.count) }
        return (path, SegmentFile(name: "\(collection)/\(name)", byteCount: Int64(bytes.count), checksum: checksum))
    }

    /// Puts a scratch file into the store and removes it from the scratch folder.
    func put(_ path: String, as file: SegmentFile) throws {
        do {
            try store.put(file.name, fromFile: path)
        } catch let error where error.code == .exists {
            // The same bytes under the same name, from a try before: `fetch` checks them.
            _ = try store.fetch(file)
        }
        discard(path)
    }

    /// Removes a scratch file; one that is left behind goes with its folder.
    func discard(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    private func readFile(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
