// The exclusive right to a data directory: a locked file that holds the owner's process number.
//
// The lock is the kernel's (`flock`), so it ends with the process, however that ends; the number in the file is only for
// the error message of whoever comes second. The file itself stays.
import Foundation
import Glibc
import Synchronization

/// Asks for a data directory before anything else is started on it.
package enum DataDirectory {
    /// - Throws: `locked(processID:)` while a ledger has it open; `io` where the lock file cannot be made.
    package static func requireFree(_ directory: String) throws(LedgerError) {
        try DataDirectoryLock(directory: directory, processID: getpid()).free()
    }
}

/// Holds a data directory against other processes, and against a second opening in this one, until it is freed or ends.
final class DataDirectoryLock: Sendable {
    /// The name of the lock file in the data directory.
    static let fileName = "ledger.lock"

    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Throws: `locked(processID:)` if another owner is alive; `io` if the file cannot be made.
    init(directory: String, processID: Int32) throws(LedgerError) {
        let path = directory + "/" + Self.fileName
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else {
            throw LedgerError(
                .io, "cannot open lock file '\(path)'; check the directory and its permissions",
                cause: Self.systemError())
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let failure = errno
            let owner = Self.readProcessID(opened)
            close(opened)
            guard failure == EWOULDBLOCK else {
                throw LedgerError(.io, "cannot lock '\(path)'", cause: "error number \(failure)")
            }
            let name = owner.map { "process \($0)" } ?? "another process"
            throw LedgerError(
                .locked(processID: owner),
                "data directory '\(directory)' is in use by \(name); stop it or choose another directory")
        }
        descriptor = opened
        let text = Array("\(processID)\n".utf8)
        guard ftruncate(opened, 0) == 0, unsafe pwrite(opened, text, text.count, 0) == text.count else {
            let cause = Self.systemError()
            close(opened)
            throw LedgerError(.io, "cannot write lock file '\(path)'", cause: cause)
        }
    }

    deinit { close(descriptor) }

    /// Lets the next owner in, before this value ends.
    func free() { flock(descriptor, LOCK_UN) }

    private static func systemError() -> String { "error number \(errno)" }

    private static func readProcessID(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count], as: UTF8.self).prefix { $0.isNumber })
    }
}
