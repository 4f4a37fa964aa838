// Stored documents: opaque bytes, gathered in blocks, each block compressed with zstd and readable alone.
//
// Layout of the `store` section
//     block data   each: u32 checksum of the compressed bytes, compressed bytes
//     block table  28 B x blocks { u64 offset, u32 bytes (checksum included), u32 uncompressed bytes, u32 first document,
//                  u32 documents, u32 zero }
//     u32 block count, u32 checksum of the block table
// Uncompressed block: varint length of each document, then the documents' bytes.
//
// Invariants
// 1. Blocks hold consecutive documents and together all documents of the segment.
// 2. Every block read is verified against its checksum before it is decompressed.

import Synchronization

/// Constants of the document store.
enum DocumentStoreFormat {
    /// Documents are gathered up to this many bytes: larger blocks compress better and cost more for each hit shown. On news
    /// text 16 KiB takes 3 % more room than 32 KiB and half the time.
    static let blockBytes = 16 * 1024
    /// No document may store more, so that a damaged length cannot ask for all memory.
    static let maximumDocumentBytes = 64 << 20
    static let maximumBlockBytes = maximumDocumentBytes + blockBytes + (1 << 20)
    static let tableEntryBytes = 28
    static let trailerBytes = 8
    /// zstd's default: measured against 1 and 9 it is the knee of size against time.
    static let compressionLevel: Int32 = 3
}

/// Gathers and compresses documents in memory; the compressed blocks are kept until they are written.
struct DocumentStoreWriter {
    private var lengths = ByteWriter()
    private var pending: [UInt8] = []
    private var pendingCount = 0
    /// The first document behind the finished blocks.
    private var nextDocument = 0
    private(set) var data = ByteWriter()
    private var table = ByteWriter()
    private var blockCount = 0
    private var written = 0

    /// Bytes held in memory.
    var approximateBytes: Int { pending.count + lengths.count + data.count + table.count }

    /// Adds the next document. - Throws: `invalidDocument` when it is too large.
    mutating func add(_ bytes: [UInt8]) throws(SearchCoreError) {
        guard bytes.count <= DocumentStoreFormat.maximumDocumentBytes else {
            throw SearchCoreError(
                .invalidDocument,
                "a document stores \(bytes.count) bytes; at most \(DocumentStoreFormat.maximumDocumentBytes) are kept")
        }
        lengths.appendVarint(bytes.count)
        pending.append(contentsOf: bytes)
        pendingCount += 1
        if pending.count >= DocumentStoreFormat.blockBytes { try closeBlock() }
    }

    /// Adds the documents of a block of another store that `isKept`; a block kept whole is copied as it is.
    /// - Parameter isKept: asked with a document's number in the other store.
    mutating func copy(
        _ index: Int, of store: DocumentStore, isKept: (Int) -> Bool
    ) throws(SearchCoreError) {
        let block = try store.entry(index)
        let documents = block.firstDocument..<(block.firstDocument + block.count)
        guard documents.upperBound <= store.documentCount else {
            throw SearchCoreError(.corrupt, "store block \(index) holds documents that the segment does not have")
        }
        if block.uncompressed >= DocumentStoreFormat.blockBytes / 2, documents.allSatisfy(isKept) {
            if pendingCount > 0 { try closeBlock() }
            appendBlock(
                try store.compressed(block).bytes, uncompressed: block.uncompressed, documents: block.count)
            return
        }
        let bytes = try ZstdDecoder().decompress(try store.compressed(block), count: block.uncompressed)
        var (at, starts) = (0, [0])
        for _ in 0..<block.count { starts.append(starts[starts.count - 1] + (try DocumentStore.varint(bytes, &at))) }
        guard at + starts[block.count] == bytes.count else {
            throw SearchCoreError(.corrupt, "store block \(index) has \(bytes.count) bytes instead of \(at + starts[block.count])")
        }
        for slot in 0..<block.count where isKept(block.firstDocument + slot) {
            try add(Array(bytes[(at + starts[slot])..<(at + starts[slot + 1])]))
        }
    }

    /// Moves finished blocks to the open section of `file`, to bound memory while merging.
    mutating func drain(into file: SegmentFileWriter) throws(SearchCoreError) {
        try file.append(data.bytes)
        written += data.count
        data.removeAll()
    }

    /// Writes what is left: blocks, table, trailer.
    mutating func finish(into file: SegmentFileWriter) throws(SearchCoreError) {
        if pendingCount > 0 { try closeBlock() }
        try drain(into: file)
        var trailer = table
        trailer.append32(UInt32(blockCount))
        trailer.append32(crc32c(table.bytes))
        try file.append(trailer.bytes)
    }

    private mutating func closeBlock() throws(SearchCoreError) {
        var block = lengths.bytes
        block.append(contentsOf: pending)
        appendBlock(try Zstd.compress(block), uncompressed: block.count, documents: pendingCount)
        pendingCount = 0
        pending.removeAll(keepingCapacity: true)
        lengths.removeAll()
    }

    private mutating func appendBlock(_ compressed: [UInt8], uncompressed: Int, documents: Int) {
        table.append64(UInt64(written + data.count))
        table.append32(UInt32(compressed.count + 4))
        table.append32(UInt32(uncompressed))
        table.append32(UInt32(nextDocument))
        table.append32(UInt32(documents))
        table.append32(0)
        data.append32(crc32c(compressed))
        data.append(compressed)
        blockCount += 1
        nextDocument += documents
    }
}

/// Reads stored documents.
struct DocumentStore: Sendable {
    private let data: ByteView
    private let table: ByteView
    private let tableChecksum: UInt32
    let blockCount: Int
    let documentCount: Int
    /// Whether the table's checksum was found right.
    private let check: TableCheck

    /// Shared by copies of a store, so that the table, a megabyte for a million documents, is read by the first who needs it.
    private final class TableCheck: Sendable {
        let isVerified = Atomic(false)
    }

    init(_ view: ByteView, documentCount: Int) throws(SearchCoreError) {
        check = TableCheck()
        let trailer = view.count - SegmentFormat.sectionPadding - DocumentStoreFormat.trailerBytes
        let count = Int(try view.uint32(at: trailer))
        let tableBytes = count * DocumentStoreFormat.tableEntryBytes
        table = try view.slice(trailer - tableBytes, tableBytes)
        tableChecksum = try view.uint32(at: trailer + 4)
        data = try view.slice(0, trailer - tableBytes)
        blockCount = count
        self.documentCount = documentCount
    }

    /// The stored bytes of one document. - Complexity: O(log blocks + block size).
    func read(_ document: Int) throws(SearchCoreError) -> [UInt8] {
        var reader = DocumentStoreReader(self)
        return try reader.read(document, with: ZstdDecoder())
    }

    /// The block that holds a document.
    fileprivate func block(of document: Int) throws(SearchCoreError) -> Int {
        guard document >= 0, document < documentCount else {
            throw SearchCoreError(.corrupt, "there is no document \(document) among \(documentCount)")
        }
        var low = 0
        var high = blockCount
        while low < high {
            let middle = (low + high) / 2
            if try entry(middle).firstDocument <= document { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { throw SearchCoreError(.corrupt, "no store block holds document \(document)") }
        return low - 1
    }

    /// A block's entry in the table.
    struct Entry {
        var offset: Int
        var size: Int
        var uncompressed: Int
        var firstDocument: Int
        var count: Int
    }

    func entry(_ index: Int) throws(SearchCoreError) -> Entry {
        if !check.isVerified.load(ordering: .relaxed) {
            guard table.checksum == tableChecksum else {
                throw SearchCoreError(.corrupt, "the block table of the document store has a wrong checksum")
            }
            check.isVerified.store(true, ordering: .relaxed)
        }
        let entry = index * DocumentStoreFormat.tableEntryBytes
        let offset = try table.uint64(at: entry)
        let size = Int(try table.uint32(at: entry + 8))
        let uncompressed = Int(try table.uint32(at: entry + 12))
        guard offset <= UInt64(data.count), size >= 4, uncompressed <= DocumentStoreFormat.maximumBlockBytes else {
            throw SearchCoreError(.corrupt, "store block \(index) lies at \(offset)+\(size)")
        }
        return Entry(
            offset: Int(offset), size: size, uncompressed: uncompressed,
            firstDocument: Int(try table.uint32(at: entry + 16)), count: Int(try table.uint32(at: entry + 20)))
    }

    /// The compressed bytes of a block, verified.
    func compressed(_ entry: Entry) throws(SearchCoreError) -> ByteView {
        let compressed = try data.slice(entry.offset + 4, entry.size - 4)
        guard try compressed.checksum == data.uint32(at: entry.offset) else {
            throw SearchCoreError(.corrupt, "the store block at \(entry.offset) has a wrong checksum")
        }
        return compressed
    }

    fileprivate static func pick(_ slot: Int, of count: Int, from bytes: [UInt8]) throws(SearchCoreError) -> [UInt8] {
        guard slot < count else { throw SearchCoreError(.corrupt, "a store block of \(count) documents lacks \(slot)") }
        var at = 0
        var (start, length) = (0, 0)
        for index in 0..<count {
            let size = try varint(bytes, &at)
            if index < slot { start += size }
            if index == slot { length = size }
        }
        guard at + start + length <= bytes.count else {
            throw SearchCoreError(.corrupt, "document \(slot) leaves its store block of \(bytes.count) bytes")
        }
        return [UInt8](bytes[(at + start)..<(at + start + length)])
    }

    fileprivate static func varint(_ bytes: [UInt8], _ at: inout Int) throws(SearchCoreError) -> Int {
        var value = 0
        var shift = 0
        while at < bytes.count, shift <= 28 {
            let byte = bytes[at]
            at += 1
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw SearchCoreError(.corrupt, "a length in a store block does not end")
    }
}

/// Reads several documents of one store; the last block stays decompressed.
struct DocumentStoreReader {
    private let store: DocumentStore
    private var block = -1
    private var entry = DocumentStore.Entry(offset: 0, size: 0, uncompressed: 0, firstDocument: 0, count: 0)
    private var bytes: [UInt8] = []

    init(_ store: DocumentStore) {
        self.store = store
    }

    /// The stored bytes of one document. - Complexity: O(log blocks + block size).
    mutating func read(_ document: Int, with decoder: ZstdDecoder) throws(SearchCoreError) -> [UInt8] {
        let wanted = try store.block(of: document)
        if wanted != block {
            entry = try store.entry(wanted)
            bytes = try decoder.decompress(try store.compressed(entry), count: entry.uncompressed)
            block = wanted
        }
        return try DocumentStore.pick(document - entry.firstDocument, of: entry.count, from: bytes)
    }
}
