// Why a document could not be parsed.

package import Messages

/// A refusal to parse a document: a stable code, what failed with which value, and what to do about it.
package struct DocumentError: Error, Sendable, Equatable {
    /// One of `emptyDocument`, `documentTooLarge`, `unreadableDocument`, `unsupportedFormat`.
    package var code: ErrorCode
    /// What failed and with which value: lowercase, no full stop.
    package var message: String
    /// What the caller can do about it.
    package var fix: String

    package init(_ code: ErrorCode, _ message: String, fix: String) {
        self.code = code
        self.message = message
        self.fix = fix
    }

    /// The same refusal as peers and users see it.
    package var asKuaibaoError: KuaibaoError { KuaibaoError(code, message, fix: fix) }
}
