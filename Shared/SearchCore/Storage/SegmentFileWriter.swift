// Writes a segment file in one pass: temporary name, fsync, link to the final name, fsync of the directory.

import Foundation

/// Streams sections into a new file. Nothing has the final name until `finish` has made the bytes durable.
final class SegmentFileWriter {
    private let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private var written = 0
    private var fileChecksum: UInt32 = 0
    private var entries: [SectionEntry] = []
    private var sectionStart = 0
    private var sectionChecksum: UInt32 = 0

    /// Bytes gathered before a write call.
    private static let bufferBytes = 1 << 20

    /// Creates `path` + ".partial". - Throws: `nameTaken`, `io`, `diskFull`.
    init(path: String) throws(SearchCoreError) {
        self.path = path
        temporaryPath = path + ".partial"
        guard unsafe access(path, F_OK) != 0 else {
            throw SearchCoreError(.nameTaken, "\(path) exists; segment names are never used again")
        }
        descriptor = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SearchCoreError.system("cannot create", temporaryPath) }
        buffer.reserveCapacity(Self.bufferBytes + 65536)
        var header = ByteWriter()
        header.append(SegmentFormat.magic)
        header.append32(SegmentFormat.version)
        header.append64(0)
        header.append32(crc32c(header.bytes))
        try append(header.bytes)
    }

    deinit {
        if descriptor >= 0 {
            close(descriptor)
            unsafe unlink(temporaryPath)
        }
    }

    /// Bytes of the open section so far.
    var sectionLength: Int { written + buffer.count - sectionStart }

    func beginSection() throws(SearchCoreError) {
        try align()
        try flush()
        sectionStart = written
        sectionChecksum = 0
    }

    func append(_ bytes: [UInt8]) throws(SearchCoreError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    func endSection(_ kind: SectionKind, field: Int) throws(SearchCoreError) {
        buffer.append(contentsOf: [UInt8](repeating: 0, count: SegmentFormat.sectionPadding))
        try flush()
        entries.append(
            SectionEntry(
                kind: kind.rawValue, field: UInt32(field), offset: sectionStart, length: written - sectionStart,
                checksum: sectionChecksum))
    }

    /// Writes a whole section.
    func section(_ kind: SectionKind, field: Int, _ bytes: [UInt8]) throws(SearchCoreError) {
        try beginSection()
        try append(bytes)
        try endSection(kind, field: field)
    }

    /// Writes table and footer, makes the file durable and gives it its name.
    /// - Returns: the file's length in bytes and its CRC-32C.
    func finish(documentCount: Int) throws(SearchCoreError) -> (length: Int, checksum: UInt32) {
        try align()
        let tableOffset = written + buffer.count
        var table = ByteWriter()
        for entry in entries {
            table.append32(entry.kind)
            table.append32(entry.field)
            table.append64(UInt64(entry.offset))
            table.append64(UInt64(entry.length))
            table.append32(entry.checksum)
            table.append32(0)
        }
        let length = tableOffset + table.count + SegmentFormat.footerBytes
        var footer = ByteWriter()
        footer.append64(UInt64(tableOffset))
        footer.append32(UInt32(entries.count))
        footer.append32(crc32c(table.bytes))
        footer.append64(UInt64(length))
        footer.append32(UInt32(documentCount))
        footer.append64(0)
        footer.append32(crc32c(footer.bytes))
        footer.append(SegmentFormat.magic)
        try append(table.bytes)
        try append(footer.bytes)
        try flush()
        try publish()
        return (length, fileChecksum)
    }

    private func align() throws(SearchCoreError) {
        let rest = (written + buffer.count) % 8
        if rest != 0 { try append([UInt8](repeating: 0, count: 8 - rest)) }
    }

    private func flush() throws(SearchCoreError) {
        let succeeded = unsafe buffer.withUnsafeBytes { bytes in
            unsafe fileChecksum = crc32c(bytes, seed: fileChecksum)
            unsafe sectionChecksum = crc32c(bytes, seed: sectionChecksum)
            var done = 0
            while done < bytes.count {
                let wrote = unsafe write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                if wrote < 0 && errno == EINTR { continue }
                guard wrote > 0 else { return false }
                done += wrote
            }
            return true
        }
        guard succeeded else { throw SearchCoreError.system("cannot write", temporaryPath) }
        written += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    private func publish() throws(SearchCoreError) {
        guard fsync(descriptor) == 0 else { throw SearchCoreError.system("cannot make durable", temporaryPath) }
        close(descriptor)
        descriptor = -1
        let linked = unsafe link(temporaryPath, path)
        let taken = linked != 0 && errno == EEXIST
        let failure = SearchCoreError.system("cannot name", path)
        unsafe unlink(temporaryPath)
        guard !taken else { throw SearchCoreError(.nameTaken, "\(path) exists; segment names are never used again") }
        guard linked == 0 else { throw failure }
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let handle = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { throw SearchCoreError.system("cannot open", directory) }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw SearchCoreError.system("cannot make durable", directory) }
    }
}
