// Which documents of a segment are live: one bit each, cleared by deletes and newer versions.
//
// Layout of the encoded form
//     0  8  magic "KBLIVE" 0D 0A
//     8  u32 version (1)     12  u32 documents     16  u32 deleted documents     20  u32 zero
//    24  u64 x ceil(documents / 64)   bit i % 64 of word i / 64 is 1 when document i is live; bits behind the last are 0
//     …  u32 CRC-32C of all bytes before

/// A set of live documents. A value: writing it once and replacing it is how deletes become visible.
package struct LiveDocs: Sendable, Hashable {
    package let documentCount: Int
    package private(set) var deletedCount: Int
    private(set) var words: [UInt64]

    private static let magic: [UInt8] = [0x4B, 0x42, 0x4C, 0x49, 0x56, 0x45, 0x0D, 0x0A]
    private static let version: UInt32 = 1
    private static let headerBytes = 24

    /// All documents live.
    package init(documentCount: Int) {
        self.documentCount = documentCount
        deletedCount = 0
        words = [UInt64](repeating: UInt64.max, count: (documentCount + 63) / 64)
        if documentCount % 64 != 0 { words[words.count - 1] = (1 << UInt64(documentCount % 64)) - 1 }
    }

    /// Only these documents live.
    package init(documentCount: Int, live: some Sequence<UInt32>) {
        self.init(documentCount: documentCount)
        deletedCount = documentCount
        for index in words.indices { words[index] = 0 }
        for document in live { revive(document) }
    }

    /// Makes a document live; one that does not exist stays so.
    mutating func revive(_ document: UInt32) {
        guard Int(document) < documentCount, !isLive(document) else { return }
        words[Int(document) / 64] |= 1 << UInt64(document % 64)
        deletedCount -= 1
    }

    package var liveCount: Int { documentCount - deletedCount }

    /// - Precondition: `document` is below `documentCount`.
    package func isLive(_ document: UInt32) -> Bool {
        words[Int(document) / 64] >> UInt64(document % 64) & 1 == 1
    }

    /// Deletes a document; false when it was deleted already or does not exist.
    @discardableResult
    package mutating func delete(_ document: UInt32) -> Bool {
        guard Int(document) < documentCount, isLive(document) else { return false }
        words[Int(document) / 64] &= ~(1 << UInt64(document % 64))
        deletedCount += 1
        return true
    }

    /// The encoded form.
    package func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(Self.magic)
        writer.append32(Self.version)
        writer.append32(UInt32(documentCount))
        writer.append32(UInt32(deletedCount))
        writer.append32(0)
        for word in words { writer.append64(word) }
        writer.append32(crc32c(writer.bytes))
        return writer.bytes
    }

    /// Reads the encoded form.
    /// - Throws: `corrupt`, `formatTooNew`.
    package init(decoding bytes: [UInt8]) throws(SearchCoreError) {
        let result: Result<LiveDocs, SearchCoreError> = unsafe bytes.withUnsafeBytes { raw in
            guard let base = raw.baseAddress else {
                return .failure(SearchCoreError(.corrupt, "the live documents are empty"))
            }
            let view = unsafe ByteView(base: base, count: raw.count)
            return Result { () throws(SearchCoreError) -> LiveDocs in try LiveDocs(view) }
        }
        self = try result.get()
    }

    private init(_ view: ByteView) throws(SearchCoreError) {
        let header = try view.slice(0, Self.headerBytes)
        guard header.compare(offset: 0, length: 8, to: Self.magic) == 0,
            try view.slice(0, view.count - 4).checksum == view.uint32(at: view.count - 4)
        else { throw SearchCoreError(.corrupt, "the live documents have a wrong magic or checksum") }
        let version = try header.uint32(at: 8)
        guard version == Self.version else {
            throw SearchCoreError(.formatTooNew, "live documents of version \(version); upgrade this program")
        }
        let count = Int(try header.uint32(at: 12))
        let wordCount = (count + 63) / 64
        guard view.count == Self.headerBytes + wordCount * 8 + 4 else {
            throw SearchCoreError(.corrupt, "live documents of \(count) documents take \(view.count) bytes")
        }
        self.init(documentCount: count)
        let full = words
        var live = 0
        for index in 0..<wordCount {
            words[index] = view.uncheckedUInt64(at: Self.headerBytes + index * 8)
            guard words[index] & ~full[index] == 0 else {
                throw SearchCoreError(.corrupt, "a live bit stands behind document \(count)")
            }
            live += words[index].nonzeroBitCount
        }
        deletedCount = count - live
        guard try header.uint32(at: 16) == UInt32(deletedCount) else {
            throw SearchCoreError(.corrupt, "\(deletedCount) documents are deleted, not as the header says")
        }
    }
}
