// Segment files in a directory of a local disk, one folder a collection.
//
//     <root>/<collection>/<file>          a file of the store; complete, never written again
//     <root>/<collection>/.put-<file>     a file on its way in; locked by the process that writes it
//
// Put: make and lock the temporary file -> copy -> sync it -> link it under its name, which fails if the name is there
// (S1) -> sync the folder -> remove the temporary name. A crash leaves at most the temporary file. Its lock ends with the
// process, so whoever opens the store next can tell it from one that is still being written, and removes it.
//
// Several processes may use one directory at once. It must be on a disk of this machine: locks and links are those of
// one kernel.
package import Messages
import Glibc
import Synchronization

/// A segment store in a directory. The laws are in SegmentStore.swift.
package final class DirectorySegmentStore: SegmentStore {
    private let root: String
    /// What `fetch` has verified since this process opened the store; names that were deleted are taken out.
    private let verified = Mutex<[String: FileFingerprint]>([:])

    /// Opens the store, makes its directory if needed and removes what crashed puts left behind.
    ///
    /// - Throws: `io`, `diskFull`.
    package init(directory: String) throws(SegmentStoreError) {
        root = directory
        try Self.makeDirectory(directory)
        for collection in try entries(of: root) where (try? SegmentFileName(collection + "/x")) != nil {
            let folder = root + "/" + collection
            for entry in try entries(of: folder) where entry.hasPrefix(Self.temporaryPrefix) {
                Self.removeIfAbandoned(folder + "/" + entry)
            }
        }
    }

    package func put(_ name: String, fromFile localPath: String) throws(SegmentStoreError) {
        let name = try SegmentFileName(name)
        let folder = root + "/" + name.collection
        let path = folder + "/" + name.file
        let temporary = folder + "/" + Self.temporaryPrefix + name.file
        // Not needed for S1, but spares the copy.
        guard unsafe access(path, F_OK) != 0 else { throw Self.exists(name) }
        try Self.makeDirectory(folder)
        do throws(SystemError) {
            let source = try OpenFile(path: localPath, flags: O_RDONLY)
            guard try source.status().isRegular else { throw SystemError(number: EISDIR) }
            let target = try Self.makeTemporary(temporary)
            defer { unsafe unlink(temporary) }
            _ = try target.append(contentsOf: source)
            try target.sync()
            guard unsafe link(temporary, path) == 0 else { throw SystemError() }
            try OpenFile(path: folder, flags: O_RDONLY | O_DIRECTORY).sync()
        } catch {
            throw Self.failure(error, name.text, "cannot put '\(localPath)' as '\(name.text)'")
        }
    }

    package func fetch(_ file: SegmentFile) throws(SegmentStoreError) -> String {
        let name = try SegmentFileName(file.name)
        let path = root + "/" + name.text
        let expected = FileFingerprint(byteCount: file.byteCount, checksum: file.checksum)
        let known = verified.withLock { $0[name.text] }
        guard let known, unsafe access(path, F_OK) == 0 else {
            verified.withLock { $0[name.text] = nil }
            try verify(file)
            verified.withLock { $0[name.text] = expected }
            return path
        }
        guard known == expected else { throw Self.corrupt(name, expected: expected, found: known) }
        return path
    }

    package func verify(_ file: SegmentFile) throws(SegmentStoreError) {
        let name = try SegmentFileName(file.name)
        let expected = FileFingerprint(byteCount: file.byteCount, checksum: file.checksum)
        let found: FileFingerprint
        do throws(SystemError) {
            found = try OpenFile(path: root + "/" + name.text, flags: O_RDONLY | O_NOFOLLOW).fingerprint()
        } catch {
            throw Self.failure(error, name.text, "cannot read '\(name.text)'")
        }
        guard found == expected else {
            verified.withLock { $0[name.text] = nil }
            throw Self.corrupt(name, expected: expected, found: found)
        }
    }

    package func delete(_ name: String) throws(SegmentStoreError) {
        let name = try SegmentFileName(name)
        verified.withLock { $0[name.text] = nil }
        let folder = root + "/" + name.collection
        guard unsafe unlink(folder + "/" + name.file) == 0 else {
            let error = SystemError()
            if error.number == ENOENT { return }
            throw Self.failure(error, name.text, "cannot delete '\(name.text)'")
        }
        do throws(SystemError) {
            // Else the file could come back after a loss of power, when the catalog has forgotten it.
            try OpenFile(path: folder, flags: O_RDONLY | O_DIRECTORY).sync()
        } catch {
            throw Self.failure(error, name.text, "cannot delete '\(name.text)' for good")
        }
    }

    package func names() throws(SegmentStoreError) -> [String] {
        var names: [String] = []
        for collection in try entries(of: root) where (try? SegmentFileName(collection + "/x")) != nil {
            for entry in try entries(of: root + "/" + collection) {
                guard let name = try? SegmentFileName(collection + "/" + entry) else { continue }
                names.append(name.text)
            }
        }
        return names.sorted()
    }
}

// MARK: - Steps

extension DirectorySegmentStore {
    private static let temporaryPrefix = ".put-"
    /// How often a temporary file may be swept away by another process's opening before it is locked.
    private static let temporaryAttempts = 16

    /// Makes and locks a temporary file; an abandoned one in its place is removed first.
    private static func makeTemporary(_ path: String) throws(SystemError) -> OpenFile {
        for _ in 0..<temporaryAttempts {
            let file: OpenFile
            do throws(SystemError) {
                file = try OpenFile(path: path, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
            } catch {
                guard error.number == EEXIST, removeIfAbandoned(path) else { throw error }
                continue
            }
            // Another process may have taken it for abandoned between the two calls, and removed it.
            if try file.tryLock(), try file.status().linkCount > 0 { return file }
        }
        throw SystemError(number: EBUSY)
    }

    /// Removes a temporary file unless a process that is alive writes it.
    @discardableResult
    private static func removeIfAbandoned(_ path: String) -> Bool {
        guard let file = try? OpenFile(path: path, flags: O_RDONLY | O_NOFOLLOW) else { return true }
        guard (try? file.tryLock()) == true else { return false }
        return unsafe unlink(path) == 0
    }

    /// Makes a directory and the missing ones above it, and syncs its name.
    private static func makeDirectory(_ path: String) throws(SegmentStoreError) {
        guard unsafe access(path, F_OK) != 0 else { return }
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        let parentPath = path.hasPrefix("/") ? "/" + parent : (parent.isEmpty ? "." : parent)
        if parentPath != "/", parentPath != "." { try makeDirectory(parentPath) }
        do throws(SystemError) {
            guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemError() }
            try OpenFile(path: parentPath, flags: O_RDONLY | O_DIRECTORY).sync()
        } catch {
            throw failure(error, path, "cannot make directory '\(path)'")
        }
    }

    /// The names in a directory but `.` and `..`; none if it is gone or no directory.
    private func entries(of path: String) throws(SegmentStoreError) -> [String] {
        guard let directory = unsafe opendir(path) else {
            let error = SystemError()
            if error.number == ENOTDIR || error.number == ENOENT { return [] }
            throw Self.failure(error, path, "cannot list '\(path)'")
        }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw Self.failure(SystemError(), path, "cannot list '\(path)'") }
        return names
    }

    private static func failure(_ error: SystemError, _ name: String, _ message: String) -> SegmentStoreError {
        let code: SegmentStoreError.Code =
            switch error.number {
            case ENOENT: .notFound
            case EEXIST: .exists
            case ENOSPC, EDQUOT: .diskFull
            default: .io
            }
        return SegmentStoreError(code, name: name, message, errorNumber: error.number)
    }

    private static func exists(_ name: SegmentFileName) -> SegmentStoreError {
        SegmentStoreError(.exists, name: name.text, "'\(name.text)' is in the store; names are never used again")
    }

    private static func corrupt(
        _ name: SegmentFileName, expected: FileFingerprint, found: FileFingerprint
    ) -> SegmentStoreError {
        SegmentStoreError(
            .corrupt(expected: expected, found: found), name: name.text,
            "'\(name.text)' has \(found.byteCount) bytes with checksum \(found.checksum), the catalog says "
                + "\(expected.byteCount) bytes with checksum \(expected.checksum)")
    }
}
