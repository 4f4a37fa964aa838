// The submit link: raw documents in, receipts out.

/// Asks the ingest gateway to accept documents; their bytes stand end to end in the first payload frame.
package struct SubmitRequest: Codable, Sendable, Hashable {
    package var collection: String
    package var documents: [SubmittedDocument]

    package init(collection: String, documents: [SubmittedDocument]) {
        self.collection = collection
        self.documents = documents
    }
}

/// One document of a `SubmitRequest`.
package struct SubmittedDocument: Codable, Sendable, Hashable {
    /// The caller's identity for the document; nil derives one from the source address, else from the content.
    package var identity: String?
    package var contentType: String?
    package var sourceAddress: String?
    package var hints: [String: String]?
    /// Bytes of this document in the payload frame.
    package var byteCount: Int
    /// True to remove the document of this identity; `byteCount` is then 0.
    package var isRemoval: Bool?
    /// Names this submission, so that sending it again after a lost answer changes nothing; at most 128 bytes.
    package var submissionKey: String?

    package init(
        identity: String? = nil, contentType: String? = nil, sourceAddress: String? = nil,
        hints: [String: String]? = nil, byteCount: Int, isRemoval: Bool? = nil, submissionKey: String? = nil
    ) {
        self.identity = identity
        self.contentType = contentType
        self.sourceAddress = sourceAddress
        self.hints = hints
        self.byteCount = byteCount
        self.isRemoval = isRemoval
        self.submissionKey = submissionKey
    }
}

/// Answers a `SubmitRequest` after the disk has the documents: one receipt each, in order.
package struct SubmitReply: Codable, Sendable, Hashable {
    package var receipts: [Receipt]

    package init(receipts: [Receipt]) { self.receipts = receipts }
}

/// Proof that a document was accepted.
package struct Receipt: Codable, Sendable, Hashable {
    /// Asks after the submission: `GET /v1/submissions/{id}`.
    package var submission: String
    /// The document's identity, as given or derived.
    package var identity: String
    /// True where the same submission key had been accepted before; nothing was stored again.
    package var isDuplicate: Bool

    package init(submission: String, identity: String, isDuplicate: Bool) {
        self.submission = submission
        self.identity = identity
        self.isDuplicate = isDuplicate
    }
}

/// The name of a submission: the collection and the offset of its raw record.
package struct SubmissionID: Sendable, Hashable {
    package var collection: String
    package var rawOffset: Int64

    package init(collection: String, rawOffset: Int64) {
        self.collection = collection
        self.rawOffset = rawOffset
    }

    /// Reads `<collection>-<offset>`; nil for anything else.
    package init?(_ text: String) {
        guard let dash = text.lastIndex(of: "-"), dash != text.startIndex else { return nil }
        guard let offset = Int64(text[text.index(after: dash)...]), offset >= 0 else { return nil }
        self.init(collection: String(text[..<dash]), rawOffset: offset)
    }

    package var text: String { "\(collection)-\(rawOffset)" }
}
