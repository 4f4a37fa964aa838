// Records of declared collections as they travel: checked against their declaration, before and after they are indexed.

/// A record, or a change of one.
package struct RecordContent: Codable, Sendable, Hashable {
    /// By the fields' names, in the checked form; in a change null takes a value away.
    package var values: [String: JSONValue]
    /// True for a change of some fields: what it does not name stays.
    package var isPatch: Bool?
    /// When each live field was reported last: milliseconds since 1970, UTC. Set by the index.
    package var reportedAt: [String: Int64]?

    package init(values: [String: JSONValue], isPatch: Bool? = nil, reportedAt: [String: Int64]? = nil) {
        self.values = values
        self.isPatch = isPatch
        self.reportedAt = reportedAt
    }
}

/// The media types that a raw record of a declared collection has. A checked one came through our own door: its places are in
/// WGS-84, whatever system the declaration says.
package enum RecordMediaType {
    /// A whole record, as anybody may submit it.
    package static let whole = "application/json"
    /// A change of some fields (RFC 7396, top level), as anybody may submit it.
    package static let patch = "application/merge-patch+json"
    package static let checkedWhole = "application/vnd.kuaibao.record+json"
    package static let checkedPatch = "application/vnd.kuaibao.record-patch+json"

    package static func isPatch(_ type: String?) -> Bool { type == patch || type == checkedPatch }
    package static func isChecked(_ type: String?) -> Bool { type == checkedWhole || type == checkedPatch }
    package static func checked(isPatch: Bool) -> String { isPatch ? checkedPatch : checkedWhole }
}

/// A record as a reader gets it.
package struct ShownRecord: Codable, Sendable, Hashable {
    package var values: [String: JSONValue]
    /// When each live field was reported last: milliseconds since 1970, UTC.
    package var reportedAt: [String: Int64]?
    /// Seconds since then, when the answer was made.
    package var ages: [String: Double]?
    /// Fields that say something of a person and are not shown.
    package var masked: [String]?
    /// Texts with the places that matched, for fields that are highlighted.
    package var highlights: [String: MarkedText]?

    package init(
        values: [String: JSONValue], reportedAt: [String: Int64]? = nil, ages: [String: Double]? = nil,
        masked: [String]? = nil, highlights: [String: MarkedText]? = nil
    ) {
        self.values = values
        self.reportedAt = reportedAt
        self.ages = ages
        self.masked = masked
        self.highlights = highlights
    }
}

/// Hints of raw records of declared collections.
package enum RecordHints {
    /// A removal of this version of a record alone: one that is newer stays.
    package static let onlyVersion = "only-version"
}

/// A key of personal values. As the ledger keeps it, and as it travels to it, `bytes` are sealed with the master key.
package struct RecordKey: Codable, Sendable, Hashable {
    /// Stands in every value that is sealed with the key.
    package var id: [UInt8]
    package var bytes: [UInt8]

    package init(id: [UInt8], bytes: [UInt8]) {
        self.id = id
        self.bytes = bytes
    }
}

extension JSONValue {
    private static let sealedName = "sealed"

    /// A sealed value as it stands in a record.
    package static func sealed(_ text: String) -> JSONValue { .object([sealedName: .string(text)]) }

    /// The text of a sealed value; nil for all else.
    package var sealedText: String? {
        guard case .object(let members) = self, members.count == 1 else { return nil }
        return members[Self.sealedName]?.text
    }
}
