// What can go wrong inside the search core, and how it reads on the wire.

package import Messages

/// A failure of the search core.
package struct SearchCoreError: Error, Sendable, Equatable {
    /// The closed set of causes.
    package enum Code: String, Sendable, CaseIterable {
        /// Bytes of a file or value contradict its format or checksum.
        case corrupt
        /// The file was written by a version that is no longer read.
        case formatTooOld
        /// The file was written by a later version.
        case formatTooNew
        /// A document or value exceeds a limit of the format.
        case invalidDocument
        /// The query asks for a field that is not there, or for something its kind cannot answer.
        case invalidQuery
        /// The query exceeds a limit on depth, clauses or pieces.
        case queryTooComplex
        /// The caller's deadline passed or the caller cancelled.
        case cancelled
        /// The file name is taken; names are never reused.
        case nameTaken
        /// The disk has no room.
        case diskFull
        /// The operating system refused.
        case io
    }

    package var code: Code
    /// What failed, with which value, and what to do: lowercase.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The stable code that peers and users see.
    package var errorCode: ErrorCode {
        switch code {
        case .corrupt, .formatTooOld, .formatTooNew: .corrupt
        case .invalidDocument: .invalidRequest
        case .invalidQuery: .invalidQuery
        case .queryTooComplex: .queryTooComplex
        case .cancelled: .deadlineExceeded
        case .nameTaken: .conflict
        case .diskFull: .diskFull
        case .io: .internal
        }
    }
}
