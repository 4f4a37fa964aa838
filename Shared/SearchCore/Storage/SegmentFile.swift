// The compound file: header, sections, section table, footer. docs/formats/segment.md has the byte tables.
//
// Invariants
// 1. Sections follow one another in table order, each at the next multiple of 8; the gaps are zero.
// 2. Header, table and footer have checksums that are verified at open, together with the file's length; every byte of
//    the file is covered by a checksum or known to be zero.
// 3. The last 8 bytes of every section are zero and belong to nothing, so that a reader of bit streams may load eight
//    bytes at any byte of the section's content.

import Glibc

/// What a section holds. Raw values are part of the format.
enum SectionKind: UInt32 {
    /// JSON: schema, identity, counts, field statistics.
    case description = 1
    /// Term dictionary of a field.
    case terms = 2
    /// Posting lists, each followed by its positions.
    case postings = 3
    /// One length byte a document.
    case norms = 4
    /// Offsets of each document's first value; absent where every document has at most one.
    case starts = 5
    /// A column's values: ordinals of a keyword field, packed dates, numbers.
    case values = 6
    /// Stored documents in compressed blocks.
    case store = 7
    /// Lower bounds of the intervals of figures.
    case lowers = 8
    /// Upper bounds of the intervals of figures.
    case uppers = 9
}

/// Constants of the compound file.
enum SegmentFormat {
    /// "KBSEG", then line ends that a text-mode copy would change.
    static let magic: [UInt8] = [0x4B, 0x42, 0x53, 0x45, 0x47, 0x0D, 0x0A, 0x1A]
    static let version: UInt32 = 3
    /// Earlier versions are refused.
    static let oldestVersion: UInt32 = 3
    static let headerBytes = 24
    static let entryBytes = 32
    static let footerBytes = 48
    /// Zero bytes at the end of each section.
    static let sectionPadding = 8
    /// More sections than any schema within `IndexSchema.maximumFields` makes.
    static let maximumSections = 4096
    /// Documents in one segment; keeps every posting gap sum below 2^32.
    static let maximumDocuments = 1 << 30
}

/// A section's place, from the table at the end of the file.
struct SectionEntry: Sendable, Equatable {
    var kind: UInt32
    var field: UInt32
    var offset: Int
    /// Bytes, padding of invariant 3 included.
    var length: Int
    var checksum: UInt32
}

/// The opened table of a segment file.
struct SegmentFile: Sendable {
    let file: MappedFile
    let path: String
    let entries: [SectionEntry]
    let documentCount: Int

    /// Maps the file and verifies header, table and footer.
    /// - Throws: `io`, `corrupt`, `formatTooOld` or `formatTooNew`.
    init(path: String) throws(SearchCoreError) {
        let file = try MappedFile(path: path)
        // The footer, the section table before it and often a small section or two.
        file.willNeed((file.count - Self.tailBytes)..<file.count)
        let view = file.view
        do {
            try Self.checkHeader(view)
            (entries, documentCount) = try Self.readTable(view)
        } catch {
            throw SearchCoreError(error.code, "\(path): \(error.message)")
        }
        self.file = file
        self.path = path
        announce()
    }

    /// Bytes at the end of a file that are read at open.
    private static let tailBytes = 64 * 1024
    /// Bytes at the beginning of a section that hold its header, and at its end.
    private static let edgeBytes = 4096
    /// Sections up to this size are read whole by the first search: columns and norms of a million documents, descriptions.
    private static let smallBytes = 1 << 20

    /// Has the kernel fetch what the first search needs, all of it at once: one after the other, each access would wait for the disk
    /// by itself, and an index of some segments has hundreds.
    private func announce() {
        for entry in entries {
            let range = entry.offset..<(entry.offset + entry.length)
            let isWhole = entry.length <= Self.smallBytes || entry.kind == SectionKind.norms.rawValue
            if isWhole {
                file.willNeed(range)
            } else {
                file.willNeed(range.lowerBound..<(range.lowerBound + Self.edgeBytes))
                file.willNeed((range.upperBound - Self.edgeBytes)..<range.upperBound)
                // A look-up begins in the first bytes of all blocks, which lie together.
                if entry.kind == SectionKind.terms.rawValue {
                    file.willNeed(range.lowerBound..<(range.lowerBound + Self.lookupBytes))
                }
            }
        }
    }

    /// Bytes at the beginning of a dictionary in which look-ups search: those of 87,000 blocks.
    private static let lookupBytes = 1 << 20

    /// Has the kernel fetch what opening some files reads first.
    static func prepare(paths: [String]) {
        for path in paths {
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else { continue }
            posix_fadvise(descriptor, max(0, Int(status.st_size) - tailBytes), tailBytes, POSIX_FADV_WILLNEED)
            posix_fadvise(descriptor, 0, edgeBytes, POSIX_FADV_WILLNEED)
        }
    }

    /// The bytes of the section, or nil when the file has none such.
    func section(_ kind: SectionKind, field: Int) throws(SearchCoreError) -> ByteView? {
        guard let entry = entries.first(where: { $0.kind == kind.rawValue && $0.field == UInt32(field) }) else {
            return nil
        }
        return try file.view.slice(entry.offset, entry.length)
    }

    /// Verifies the checksum of every section and that all gaps are zero. - Complexity: O(file length).
    func verifyAll() throws(SearchCoreError) {
        let view = file.view
        var end = SegmentFormat.headerBytes
        for entry in entries {
            try verifyGap(end..<entry.offset)
            let section = try view.slice(entry.offset, entry.length)
            guard section.checksum == entry.checksum else {
                throw SearchCoreError(
                    .corrupt,
                    "\(path): section \(entry.kind) of field \(entry.field) at byte \(entry.offset) has a wrong checksum; copy it again"
                )
            }
            for offset in entry.length - SegmentFormat.sectionPadding..<entry.length
            where try section.uint8(at: offset) != 0 {
                throw SearchCoreError(.corrupt, "\(path): the padding at byte \(entry.offset + offset) is not zero")
            }
            end = entry.offset + entry.length
        }
        try verifyGap(end..<view.count - SegmentFormat.footerBytes - entries.count * SegmentFormat.entryBytes)
    }

    private func verifyGap(_ gap: Range<Int>) throws(SearchCoreError) {
        for offset in gap where try file.view.uint8(at: offset) != 0 {
            throw SearchCoreError(.corrupt, "\(path): byte \(offset) between sections is not zero; copy it again")
        }
    }

    private static func checkHeader(_ view: ByteView) throws(SearchCoreError) {
        let header = try view.slice(0, SegmentFormat.headerBytes)
        guard header.compare(offset: 0, length: 8, to: SegmentFormat.magic) == 0 else {
            throw SearchCoreError(.corrupt, "the file does not begin with the segment magic; it is not a segment")
        }
        guard try header.slice(0, 20).checksum == header.uint32(at: 20) else {
            throw SearchCoreError(.corrupt, "the header has a wrong checksum; copy the file again")
        }
        let version = try header.uint32(at: 8)
        guard version >= SegmentFormat.oldestVersion else {
            throw SearchCoreError(
                .formatTooOld, "format version \(version) is no longer read; index again: kuaibao reindex")
        }
        guard version <= SegmentFormat.version else {
            throw SearchCoreError(
                .formatTooNew, "format version \(version) is later than \(SegmentFormat.version); upgrade this program")
        }
    }

    private static func readTable(_ view: ByteView) throws(SearchCoreError) -> ([SectionEntry], Int) {
        let footerOffset = view.count - SegmentFormat.footerBytes
        let footer = try view.slice(footerOffset, SegmentFormat.footerBytes)
        guard footer.compare(offset: 40, length: 8, to: SegmentFormat.magic) == 0,
            try footer.slice(0, 36).checksum == footer.uint32(at: 36)
        else {
            throw SearchCoreError(.corrupt, "the footer has a wrong checksum; the file is damaged or cut short")
        }
        let tableOffset = try footer.uint64(at: 0)
        let count = Int(try footer.uint32(at: 8))
        let documents = Int(try footer.uint32(at: 24))
        guard try footer.uint64(at: 16) == UInt64(view.count), count <= SegmentFormat.maximumSections,
            documents <= SegmentFormat.maximumDocuments, tableOffset <= UInt64(footerOffset),
            Int(tableOffset) + count * SegmentFormat.entryBytes == footerOffset
        else {
            throw SearchCoreError(.corrupt, "the footer contradicts the file's length of \(view.count) bytes")
        }
        let table = try view.slice(Int(tableOffset), count * SegmentFormat.entryBytes)
        guard try table.checksum == footer.uint32(at: 12) else {
            throw SearchCoreError(.corrupt, "the section table has a wrong checksum; copy the file again")
        }
        var entries: [SectionEntry] = []
        var end = SegmentFormat.headerBytes
        for index in 0..<count {
            let at = index * SegmentFormat.entryBytes
            let offset = try table.uint64(at: at + 8)
            let length = try table.uint64(at: at + 16)
            guard offset == UInt64((end + 7) / 8 * 8), length >= UInt64(SegmentFormat.sectionPadding),
                length <= tableOffset, offset <= tableOffset - length
            else {
                throw SearchCoreError(
                    .corrupt, "section \(index) lies at \(offset)+\(length), not after the one before")
            }
            end = Int(offset + length)
            entries.append(
                SectionEntry(
                    kind: try table.uint32(at: at), field: try table.uint32(at: at + 4), offset: Int(offset),
                    length: Int(length), checksum: try table.uint32(at: at + 24)))
        }
        guard (end + 7) / 8 * 8 == Int(tableOffset) else {
            throw SearchCoreError(.corrupt, "the section table does not follow the last section")
        }
        return (entries, documents)
    }
}
