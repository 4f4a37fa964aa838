// One document as a reader gets it whole: its items with all that was found in them, and where its original is.

/// The answer to a question for one document.
package struct DocumentReply: Codable, Sendable, Hashable {
    /// The collection's version that was looked into.
    package var version: Int64
    package var identity: String
    /// The submission that brought it, which names its original.
    package var submission: String
    package var file: String?
    package var contentType: String?
    package var format: String
    /// Milliseconds since 1970, UTC.
    package var acceptedAt: Int64
    /// By their place in the document.
    package var items: [Item]
    /// The record, in declared collections; `items` is empty then.
    package var record: ShownRecord?

    package init(
        version: Int64, identity: String, submission: String, file: String?, contentType: String?, format: String,
        acceptedAt: Int64, items: [Item], record: ShownRecord? = nil
    ) {
        self.version = version
        self.identity = identity
        self.submission = submission
        self.file = file
        self.contentType = contentType
        self.format = format
        self.acceptedAt = acceptedAt
        self.items = items
        self.record = record
    }
}
