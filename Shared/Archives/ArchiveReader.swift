// Reading archives with libarchive: zip, tar, and single packed files, packed with gzip, zstd, bzip2 or xz.
//
// Nothing is written to the disk: a member is handed over as bytes with the name it claims, and what a name may mean is
// the caller's business. Limits are checked on what really comes out, never on what a header promises.

import CArchive
import Glibc

/// Walks through one archive, member by member. One thread; not copied, closes itself.
@safe
package struct ArchiveReader: ~Copyable {
    /// One member.
    package struct Entry: Sendable, Hashable {
        /// Its name as written, in no known encoding; it may be absolute or climb out with `..`.
        package var name: [UInt8]
        /// False for folders, links and devices, which have no bytes of their own.
        package var isFile: Bool
    }

    /// What may be inside of the packing.
    package enum Content: Sendable {
        /// A zip or tar.
        case archive
        /// One packed file without a name, such as `page.html.gz`.
        case single
        /// Whatever it turns out to be; a single packed file is one member called `data`.
        case any
    }

    private static let chunkBytes = 64 << 10
    /// Made once and never freed; nil where the system has none, which changes nothing. Unsafe because a pointer is not Sendable;
    /// a locale is never changed once it is made, so all threads may read it (POSIX.1-2017, uselocale).
    private nonisolated(unsafe) static let unicode = unsafe newlocale(Int32(LC_CTYPE_MASK), "C.UTF-8", nil)

    private let handle: OpaquePointer
    private let limits: ArchiveLimits
    private let content: Content
    /// A copy of an archive in memory, which libarchive reads in place; nil for a file.
    private let copy: UnsafeMutableRawBufferPointer?
    private let packedBytes: Int
    private var entryCount = 0
    private var unpackedBytes = 0

    /// Opens an archive in memory.
    /// - Throws: `damaged` where it is none of the wanted kind.
    package init(_ bytes: [UInt8], content: Content, limits: ArchiveLimits) throws(ArchiveError) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        unsafe copy.copyBytes(from: bytes)
        let opened = unsafe Self.open(content) { handle in
            unsafe archive_read_open_memory(handle, copy.baseAddress, bytes.count)
        }
        switch unsafe opened {
        case .success(let handle): unsafe self.init(handle, copy, bytes.count, content, limits)
        case .failure(let error):
            unsafe copy.deallocate()
            throw error
        }
    }

    /// Opens an archive in a file, which is read as it is needed.
    /// - Parameter fileBytes: the file's size, for judging how tightly it is packed.
    package init(path: String, fileBytes: Int, content: Content, limits: ArchiveLimits) throws(ArchiveError) {
        let handle = try unsafe Self.open(content) { handle in
            unsafe archive_read_open_filename(handle, path, Self.chunkBytes)
        }.get()
        unsafe self.init(handle, nil, fileBytes, content, limits)
    }

    private init(
        _ handle: OpaquePointer, _ copy: UnsafeMutableRawBufferPointer?, _ packedBytes: Int, _ content: Content,
        _ limits: ArchiveLimits
    ) {
        self.content = content
        unsafe self.handle = handle
        unsafe self.copy = copy
        self.packedBytes = packedBytes
        self.limits = limits
    }

    private static func open(_ content: Content, _ open: (OpaquePointer) -> Int32) -> Result<OpaquePointer, ArchiveError> {
        guard let handle = unsafe archive_read_new() else {
            return unsafe .failure(ArchiveError(.damaged, "no memory is left to open an archive"))
        }
        var statuses = unsafe [
            archive_read_support_filter_gzip(handle), archive_read_support_filter_zstd(handle),
            archive_read_support_filter_bzip2(handle), archive_read_support_filter_xz(handle),
        ]
        if content != .single {
            unsafe statuses += [archive_read_support_format_zip(handle), archive_read_support_format_tar(handle)]
        }
        if content != .archive { unsafe statuses.append(archive_read_support_format_raw(handle)) }
        if statuses.allSatisfy({ $0 == ARCHIVE_OK || $0 == ARCHIVE_WARN }), unsafe open(handle) == ARCHIVE_OK {
            return unsafe .success(handle)
        }
        let error = unsafe failure(handle, "the archive cannot be opened")
        unsafe _ = archive_read_free(handle)
        return unsafe .failure(error)
    }

    deinit {
        unsafe _ = archive_read_free(handle)
        unsafe copy?.deallocate()
    }

    /// The next member; nil at the end.
    package mutating func next() throws(ArchiveError) -> Entry? {
        // Names are converted by the thread's locale, and only a Unicode one keeps Chinese.
        let before = unsafe uselocale(Self.unicode)
        defer { unsafe _ = uselocale(before) }
        var pointer: OpaquePointer?
        let status = unsafe archive_read_next_header(handle, &pointer)
        if status == ARCHIVE_EOF { return nil }
        guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry = unsafe pointer else {
            throw failure("member \(entryCount + 1) cannot be read")
        }
        entryCount += 1
        let isPacked = unsafe archive_filter_count(handle) > 1
        guard content != .single || isPacked else {
            throw ArchiveError(.damaged, "the file is not packed")
        }
        guard entryCount <= limits.entries else {
            throw ArchiveError(.tooMany, "more than \(limits.entries) members")
        }
        let isFile = unsafe archive_entry_filetype(entry) == UInt32(0o100000)
        guard unsafe archive_entry_is_encrypted(entry) == 0 else {
            throw ArchiveError(.encrypted, "member \(entryCount) is encrypted")
        }
        return Entry(name: unsafe Self.name(of: entry), isFile: isFile)
    }

    private static func name(of entry: OpaquePointer) -> [UInt8] {
        // Unicode where the archive says it is; else the bytes as they are, for the caller to make out.
        if let name = unsafe archive_entry_pathname_utf8(entry) { return unsafe bytes(name) }
        if let name = unsafe archive_entry_pathname(entry) { return unsafe bytes(name) }
        return []
    }

    private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while unsafe text[index] != 0 {
            unsafe result.append(UInt8(bitPattern: text[index]))
            index += 1
        }
        return result
    }

    /// All bytes of the current member.
    /// - Throws: `tooLarge` or `bomb` as soon as a limit is passed; `damaged` for broken data.
    package mutating func read() throws(ArchiveError) -> [UInt8] {
        var result: [UInt8] = []
        while true {
            let chunk = try readChunk()
            if chunk.isEmpty { return result }
            result += chunk
            guard result.count <= limits.entryBytes else {
                throw ArchiveError(.tooLarge, "member \(entryCount) has more than \(limits.entryBytes) bytes")
            }
        }
    }

    /// The next bytes of the current member; empty at its end.
    private mutating func readChunk() throws(ArchiveError) -> [UInt8] {
        var count = 0
        let chunk = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, initialized in
            count = unsafe archive_read_data(handle, buffer.baseAddress, buffer.count)
            initialized = max(count, 0)
        }
        guard count >= 0 else { throw failure("member \(entryCount) cannot be unpacked") }
        unpackedBytes += count
        guard unpackedBytes <= limits.totalBytes else {
            throw ArchiveError(.tooLarge, "it unpacks to more than \(limits.totalBytes) bytes")
        }
        let (allowed, overflow) = max(packedBytes, 1).multipliedReportingOverflow(by: limits.ratio)
        guard overflow || unpackedBytes <= max(allowed, limits.ratioFreeBytes) else {
            throw ArchiveError(
                .bomb, "\(packedBytes) bytes unpack to \(unpackedBytes) and more, over \(limits.ratio) times their size")
        }
        return chunk
    }

    private func failure(_ what: String) -> ArchiveError { unsafe Self.failure(handle, what) }

    private static func failure(_ handle: OpaquePointer, _ what: String) -> ArchiveError {
        let reason = unsafe archive_error_string(handle).map { unsafe String(cString: $0) } ?? "unknown reason"
        let isEncrypted = reason.contains("ncrypt") || reason.contains("assphrase")
        return ArchiveError(isEncrypted ? .encrypted : .damaged, "\(what): \(reason)")
    }
}
