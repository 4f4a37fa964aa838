// A digest (汇编): a query's items compiled for readers, grouped, attributed, and with what is doubtful about them.
//
// Invariants:
//  (1) Titles and paragraphs are verbatim: each is a piece of the item that `id` names.
//  (2) Every item that was taken is an entry or the duplicate of one entry, exactly once: `taken = entries + merged`.
//  (3) Entries are numbered 1… in the order of the groups, so that a doubt can point to another entry.

package import Messages

/// What the entries are grouped by.
package enum DigestGrouping: String, Codable, Sendable, CaseIterable {
    case date, department, source, district
}

/// How much of each item's text is shown.
package enum DigestExtent: String, Codable, Sendable, CaseIterable {
    case title, summary, body
}

/// A compiled query.
package struct Digest: Codable, Sendable, Hashable {
    package var title: String
    /// How the query was understood, in the query language.
    package var query: String
    package var grouping: DigestGrouping
    package var extent: DigestExtent
    /// The collection's version that was read, and whether all of it was.
    package var version: Int64
    package var complete: Bool
    /// Items that match the query; items that were read of them.
    package var total: Int
    package var taken: Int
    /// Items that were merged into others as near-duplicates.
    package var merged: Int
    /// The first and last day that is known of the entries, in Chinese words; nil where none is.
    package var firstDay: String?
    package var lastDay: String?
    package var groups: [DigestGroup]
    package var gaps: [CoverageGap]
    /// Kinds of doubts and how many entries have them, most frequent first.
    package var doubts: [DoubtCount]
}

/// Entries under one heading.
package struct DigestGroup: Codable, Sendable, Hashable {
    /// The heading; where nothing is known, words that say so.
    package var name: String
    /// False where the heading says that nothing is known.
    package var isKnown: Bool
    package var entries: [DigestEntry]
}

/// One item of a digest, with its duplicates.
package struct DigestEntry: Codable, Sendable, Hashable {
    package var number: Int
    /// `<document>#<ordinal>`.
    package var id: String
    package var title: String
    /// The body, or those of its sentences that were chosen.
    package var paragraphs: [String]
    /// True where `paragraphs` are fewer than the body has.
    package var isAbridged: Bool
    package var date: PartialDate?
    /// The date as ISO 8601, truncated where a part is unknown; the day in Chinese words.
    package var dateText: String?
    package var day: String?
    package var dateBasis: Basis?
    package var department: String?
    package var departmentBasis: Basis?
    /// The item's own sources, then those of its duplicates that are not among them.
    package var sources: [String]
    package var districts: [String]
    package var file: String?
    package var range: ByteRange
    package var flags: [String]
    package var doubts: [DigestDoubt]
    package var duplicates: [DigestDuplicate]
}

/// An item that was merged into an entry.
package struct DigestDuplicate: Codable, Sendable, Hashable {
    package var id: String
    package var title: String
    package var dateText: String?
    package var day: String?
    package var sources: [String]
    package var file: String?
    package var range: ByteRange
}

/// A reason to look twice.
package struct DigestDoubt: Codable, Sendable, Hashable {
    /// `wrong-body`, `repeated-clause`, `count-mismatch`, `ocr-spaces`, `year-inferred`, `year-unknown`, `date-unknown`,
    /// `source-shared`, `department-inferred`, `contradiction`.
    package var code: String
    /// A sentence in Chinese.
    package var words: String
    /// The entry that it is about, besides its own.
    package var other: Int?

    /// True where the text itself may be wrong; false where a field was inferred or is missing.
    package var isGrave: Bool {
        ["wrong-body", "repeated-clause", "count-mismatch", "contradiction"].contains(code)
    }
}

/// How many entries have a kind of doubt.
package struct DoubtCount: Codable, Sendable, Hashable {
    package var code: String
    package var count: Int
}

/// A stretch without any entry between the first and the last one.
package struct CoverageGap: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable {
        /// Days without an entry, both ends included.
        case days
        /// Months without an entry, both ends included.
        case months
        /// A department that the collection knows and the digest has nothing of.
        case department
    }

    package var kind: Kind
    /// ISO 8601 (`2020-02-05`, `--02-05`, `2020-03`), or the department's name.
    package var from: String
    package var to: String
    /// In Chinese: `2月5日至2月8日`.
    package var words: String
}
