// A copy of a ledger that another process is using, taken from outside.

import Foundation
import GRDB

package enum LedgerBackup {
    /// Writes one committed state of a data directory's ledger into a new file, while its owner goes on.
    ///
    /// The owner's file is opened for reading only. Readers do not hold up writers in WAL mode; the log grows while the
    /// copy is made. - Complexity: O(bytes of the ledger).
    /// - Throws: `invalid` where `path` exists, `corrupt`, `tooNew`, `io`, `diskFull`.
    package static func copy(directory: String, toFile path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw LedgerError(.invalid, "backup file '\(path)' exists; choose a new name")
        }
        let source = directory + "/" + SQLiteLedger.fileName
        do {
            guard let header = try LedgerFileHeader.read(source) else {
                throw LedgerError(.invalid, "there is no ledger '\(source)'")
            }
            try header.check(path: source)
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(SQLiteLedgerOptions().busyTimeoutSeconds)
            let queue = try DatabaseQueue(path: source, configuration: configuration)
            let copy = try DatabaseQueue(path: path)
            try queue.backup(to: copy)
            try copy.close()
            try queue.close()
        } catch let error as LedgerError {
            throw error
        } catch {
            throw LedgerError(mapping: error, "cannot write backup '\(path)'")
        }
    }
}
