// One open file of the system, closed when it goes out of scope. The only place here that touches pointers.
import CKernels
import Glibc

/// An owned file descriptor; calls are repeated when a signal interrupts them.
@safe
struct OpenFile: ~Copyable {
    /// Bytes read or written at once.
    static let chunkBytes = 1 << 20

    private let descriptor: Int32

    /// - Throws: the system's error number.
    init(path: String, flags: Int32, mode: mode_t = 0o644) throws(SystemError) {
        let opened = unsafe open(path, flags | O_CLOEXEC, mode)
        guard opened >= 0 else { throw SystemError() }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Whether it is an ordinary file, how long it is, and how many names it has.
    func status() throws(SystemError) -> (isRegular: Bool, byteCount: Int64, linkCount: Int) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError() }
        return (status.st_mode & S_IFMT == S_IFREG, Int64(status.st_size), Int(status.st_nlink))
    }

    /// Waits until the disk has the content (of a directory: its names).
    func sync() throws(SystemError) {
        guard fsync(descriptor) == 0 else { throw SystemError() }
    }

    /// Takes the exclusive lock; false while another open file has it.
    func tryLock() throws(SystemError) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let error = SystemError()
            if error.number == EWOULDBLOCK { return false }
            guard error.number == EINTR else { throw error }
        }
        return true
    }

    /// Copies the rest of another file to the end of this one and returns how much it was.
    func append(contentsOf source: borrowing OpenFile) throws(SystemError) -> FileFingerprint {
        try source.forEachChunk { chunk throws(SystemError) in try self.write(chunk) }
    }

    /// Reads the rest of the file.
    func fingerprint() throws(SystemError) -> FileFingerprint {
        try forEachChunk { _ throws(SystemError) in }
    }

    private func forEachChunk(
        _ body: (ArraySlice<UInt8>) throws(SystemError) -> Void
    ) throws(SystemError) -> FileFingerprint {
        var buffer = [UInt8](repeating: 0, count: Self.chunkBytes)
        var found = FileFingerprint(byteCount: 0, checksum: 0)
        while true {
            let count = unsafe read(descriptor, &buffer, Self.chunkBytes)
            guard count >= 0 else {
                let error = SystemError()
                guard error.number == EINTR else { throw error }
                continue
            }
            guard count > 0 else { return found }
            found.byteCount += Int64(count)
            found.checksum = unsafe kb_crc32c(found.checksum, buffer, count)
            try body(buffer[..<count])
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                let error = SystemError()
                guard error.number == EINTR else { throw error }
                continue
            }
            rest = rest.dropFirst(count)
        }
    }
}

/// An error of the system, by its number.
struct SystemError: Error {
    var number: Int32

    /// The error of the call just made.
    init() { number = errno }

    init(number: Int32) { self.number = number }
}
