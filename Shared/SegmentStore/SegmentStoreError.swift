// The segment store's one error type.
package import Messages

/// A failure of the segment store: what failed, with which value, and what to do.
package struct SegmentStoreError: Error, Sendable, Equatable {
    package enum Code: Sendable, Equatable {
        /// The name is not `<collection>/<file>` in the allowed characters.
        case invalidName
        case notFound
        /// The name is taken (S1).
        case exists
        /// Length or checksum differ from what the catalog says.
        case corrupt(expected: FileFingerprint, found: FileFingerprint)
        case diskFull
        case io
    }

    package var code: Code
    /// The name of the file in question.
    package var name: String
    /// Lowercase, no full stop.
    package var message: String
    /// The system's error number, where there is one.
    package var errorNumber: Int32?

    package init(_ code: Code, name: String, _ message: String, errorNumber: Int32? = nil) {
        self.code = code
        self.name = name
        self.message = message
        self.errorNumber = errorNumber
    }
}

/// What identifies a file's content.
package struct FileFingerprint: Sendable, Hashable {
    package var byteCount: Int64
    /// CRC-32C of all bytes.
    package var checksum: UInt32

    package init(byteCount: Int64, checksum: UInt32) {
        self.byteCount = byteCount
        self.checksum = checksum
    }
}

extension SegmentStoreError: CustomStringConvertible {
    package var description: String {
        errorNumber.map { "\(message) (error number \($0))" } ?? message
    }
}

extension SegmentStoreError {
    /// The same error as a peer sees it.
    package var wireError: KuaibaoError {
        switch code {
        case .invalidName: KuaibaoError(.invalidRequest, message, fix: "use <collection>/<file> as the name")
        case .notFound: KuaibaoError(.notFound, message, fix: "read a newer snapshot of the collection")
        case .exists: KuaibaoError(.conflict, message, fix: "choose a new name")
        case .corrupt: KuaibaoError(.corrupt, message, fix: "restore the file from a backup or index its range again")
        case .diskFull: KuaibaoError(.diskFull, message, fix: "free space on the data volume and try again")
        case .io: KuaibaoError(.unavailable, description, fix: "look at the data volume")
        }
    }
}
