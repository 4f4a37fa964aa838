// A document as it was handed in, before anything was made of it.

/// What is known of a raw document besides its bytes.
package struct DocumentDescription: Codable, Sendable, Hashable {
    /// The identity: the caller's, else derived from the source address, else from the content.
    package var identity: String
    /// The caller's media type, with parameters, if any was given.
    package var contentType: String?
    /// The file name or address the document came from.
    package var sourceAddress: String?
    /// What the caller knows: `year`, `department`, `published`, `language`, `encoding`.
    package var hints: [String: String]
    /// When the front door accepted it: milliseconds since 1970, UTC.
    package var acceptedAt: Int64
    /// True for a request to remove the document with this identity; its bytes are empty.
    package var isRemoval: Bool
    /// The trace context of whoever sent it, as `TraceParent` checked it; nil for none.
    package var trace: String?

    package init(
        identity: String, contentType: String? = nil, sourceAddress: String? = nil, hints: [String: String] = [:],
        acceptedAt: Int64 = 0, isRemoval: Bool = false, trace: String? = nil
    ) {
        self.identity = identity
        self.contentType = contentType
        self.sourceAddress = sourceAddress
        self.hints = hints
        self.acceptedAt = acceptedAt
        self.isRemoval = isRemoval
        self.trace = trace
    }

    /// MessagePack.
    package func encode() throws(KuaibaoError) -> [UInt8] {
        do {
            return try MessagePackEncoder.encode(self)
        } catch {
            throw KuaibaoError(.internal, "a document's description cannot be written: \(error)", fix: "report this")
        }
    }
}
