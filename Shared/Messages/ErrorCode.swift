// The one table of error codes: the same on the wire, over HTTP and in the console's exit status.

/// A failure as every peer and every user sees it.
package struct KuaibaoError: Error, Codable, Sendable, Hashable {
    /// The stable code.
    package var code: ErrorCode
    /// What failed and with which value: lowercase, no full stop.
    package var message: String
    /// What the caller can do about it.
    package var fix: String
    /// Where in the caller's text the mistake stands: a half-open range of UTF-8 bytes, for `invalid-query`.
    package var range: Range<Int>?
    /// What is wrong with which record, for `invalid-record`; the first ones where there are many.
    package var mistakes: [RecordMistake]?

    package init(
        _ code: ErrorCode, _ message: String, fix: String, range: Range<Int>? = nil, mistakes: [RecordMistake]? = nil
    ) {
        self.code = code
        self.message = message
        self.fix = fix
        self.range = range
        self.mistakes = mistakes
    }
}

/// One thing that is wrong with a record.
package struct RecordMistake: Codable, Sendable, Hashable {
    /// The line of the text in which the record begins, from 1.
    package var row: Int
    /// The cell of a CSV row, or the character of a JSON line where the value begins, from 1; nil for the whole record.
    package var column: Int?
    package var field: String?
    package var message: String

    package init(row: Int, column: Int?, field: String?, message: String) {
        self.row = row
        self.column = column
        self.field = field
        self.message = message
    }

    /// For people: `row 3, column 2 (status): …`.
    package var text: String {
        var place = "row \(row)"
        if let column { place += ", column \(column)" }
        if let field { place += " (\(field))" }
        return "\(place): \(message)"
    }
}

/// A stable error code: its wire name, its HTTP status and the console's exit status.
package enum ErrorCode: String, Codable, Sendable, CaseIterable {
    case invalidRequest = "invalid-request"
    case invalidQuery = "invalid-query"
    case queryTooComplex = "query-too-complex"
    case invalidMessage = "invalid-message"
    case unknownVersion = "unknown-version"
    case unknownKind = "unknown-kind"
    case unauthenticated
    case notAllowed = "not-allowed"
    case notFound = "not-found"
    case unknownCollection = "unknown-collection"
    case methodNotAllowed = "method-not-allowed"
    case conflict
    case emptyDocument = "empty-document"
    case documentTooLarge = "document-too-large"
    case unreadableDocument = "unreadable-document"
    case unsupportedFormat = "unsupported-format"
    case parserFailed = "parser-failed"
    case invalidDeclaration = "invalid-declaration"
    case invalidRecord = "invalid-record"
    case busy
    case notReady = "not-ready"
    case deadlineExceeded = "deadline-exceeded"
    case diskFull = "disk-full"
    case corrupt
    case unavailable
    case `internal`

    /// The HTTP status code that carries this error.
    package var httpStatus: Int {
        switch self {
        case .invalidRequest, .invalidQuery, .invalidMessage, .unknownVersion, .unknownKind, .emptyDocument: 400
        case .unauthenticated: 401
        case .notAllowed: 403
        case .notFound, .unknownCollection: 404
        case .methodNotAllowed: 405
        case .conflict: 409
        case .documentTooLarge: 413
        case .unsupportedFormat: 415
        case .queryTooComplex, .unreadableDocument, .invalidDeclaration, .invalidRecord, .parserFailed: 422
        case .busy: 429
        case .internal, .corrupt: 500
        case .notReady, .unavailable: 503
        case .deadlineExceeded: 504
        case .diskFull: 507
        }
    }

    /// The console's exit status; 0 is success and 1 is left to unexpected failures.
    package var exitStatus: Int32 {
        switch self {
        case .invalidRequest, .invalidMessage, .methodNotAllowed: 2
        case .invalidQuery, .queryTooComplex: 3
        case .notFound, .unknownCollection: 4
        case .emptyDocument, .documentTooLarge, .unreadableDocument, .unsupportedFormat, .invalidDeclaration,
            .invalidRecord, .parserFailed:
            5
        case .unknownVersion, .unknownKind: 6
        case .unauthenticated, .notAllowed: 7
        case .conflict: 8
        case .busy, .notReady, .unavailable, .deadlineExceeded: 9
        case .diskFull: 10
        case .corrupt: 11
        case .internal: 12
        }
    }
}
