// What a client gets: the parts of the gateway's answers that programs use. docs/http.md explains them.

/// A refusal, with its stable code; docs/operations/errors.md lists them.
public struct ClientError: Error, Decodable, Sendable, Hashable {
    public let code: String
    public let message: String
    /// What helps.
    public let fix: String

    public init(code: String, message: String, fix: String) {
        self.code = code
        self.message = message
        self.fix = fix
    }
}

public enum SearchOrder: String, Sendable {
    case relevance
    case newest
    case oldest
}

public struct SearchAnswer: Decodable, Sendable {
    /// The collection's version that was searched.
    public let version: Int64
    /// False when a part of the collection was not searched.
    public let complete: Bool
    public let total: Int
    public let hits: [Hit]
    /// Goes on behind the last hit; nil where nothing is behind it.
    public let cursor: String?
    /// The query as it was understood.
    public let understood: String
    /// Where nothing was found: queries that may have been meant, the likeliest first.
    public let corrections: [Correction]?

    public struct Correction: Decodable, Sendable {
        public let query: String
        /// `typo`, `homophone`, `look-alike`, `pinyin`, `field` or `apart`.
        public let kind: String
        public let total: Int
    }

    public struct Hit: Decodable, Sendable {
        /// `<document>#<number>`.
        public let id: String
        public let document: String
        public let score: Double
        public let title: Marked
        public let snippet: Marked
        /// ISO 8601, truncated where a part is unknown.
        public let date: String?
        public let department: String?
        public let sources: [String]
        public let file: String?
    }

    /// A text and what is marked in it: half-open ranges of Unicode scalars.
    public struct Marked: Decodable, Sendable {
        public let text: String
        public let marks: [[Int]]
    }
}

public struct Receipt: Decodable, Sendable {
    /// Names the submission; ask `/v1/submissions/` for it.
    public let submission: String
    public let identity: String
    /// True when this submission was known already.
    public let isDuplicate: Bool
}
