// What the dictionary knows of a term: how many documents hold it and where its postings lie.

/// How much a posting list records. Chosen by the field's kind.
enum PostingDetail: Sendable {
    /// Documents only: keyword fields.
    case documents
    /// Documents, frequencies and positions: text fields.
    case positions
}

/// A term's dictionary entry.
struct TermInfo: Sendable, Equatable {
    /// Documents that hold the term, deleted ones included; at least 1.
    var documentFrequency: Int
    /// For a document frequency of 1: the document. Its frequency is `singleFrequency`; no posting block is stored.
    var singleDocument: UInt32 = 0
    var singleFrequency: UInt32 = 0
    /// Upper bound of the saturation of any posting, in 1/65535 (see `Saturation`); 0 for a single document.
    var bound: UInt16 = 0
    /// Where the list begins in the postings section.
    var offset: Int = 0
    /// Bytes of block table and packed postings.
    var postingBytes: Int = 0
    /// Bytes of positions, directly behind the postings.
    var positionBytes: Int = 0

    /// Lists that have a block table begin at a multiple of 4.
    static func aligned(_ offset: Int, documentFrequency: Int) -> Int {
        documentFrequency >= PostingFormat.blockSize ? (offset + 3) / 4 * 4 : offset
    }
}
