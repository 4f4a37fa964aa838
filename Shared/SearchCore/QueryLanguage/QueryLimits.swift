// What a query may cost before it is refused.

import Messages

/// Bounds on one query; beyond them it is refused with `query-too-complex`.
package struct QueryLimits: Sendable {
    /// UTF-8 bytes of a query's text. Default 4,096: some 1,300 Chinese characters.
    package var bytes = 4_096
    /// Brackets within brackets, with signs of negation. Default 64.
    package var depth = 64
    /// Nodes within nodes of the tree. Default 24, so that the tree passes the codecs' limit of 64 containers.
    package var treeDepth = 24
    /// Leaves of the tree. Default 256.
    package var clauses = 256
    /// Characters between those of a phrase. Default 100.
    package var slop = 100
    /// Typing mistakes in a word; the evaluator's limit.
    package var edits = 2
    /// The factor of a boost, which is above 0. Default 1,000.
    package var boost: Float = 1_000

    package init() {}

    /// The defaults.
    package static let standard = QueryLimits()
}

/// Makes the two errors that a query can be refused with.
enum QueryRefusal {
    /// A mistake in the text or the tree.
    static func invalid(_ message: String, fix: String, range: Range<Int>? = nil) -> KuaibaoError {
        KuaibaoError(.invalidQuery, message, fix: fix, range: range)
    }

    /// Too much of something.
    static func tooComplex(_ message: String, fix: String, range: Range<Int>? = nil) -> KuaibaoError {
        KuaibaoError(.queryTooComplex, message, fix: fix, range: range)
    }

    /// `text` as it stands in a message: quoted, and cut after 40 characters.
    static func quoted(_ text: String) -> String {
        text.unicodeScalars.count > 40 ? "“\(String(text.unicodeScalars.prefix(40)))…”" : "“\(text)”"
    }
}
