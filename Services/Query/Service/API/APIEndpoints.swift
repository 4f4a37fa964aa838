// All addresses of the HTTP API.

import Messages
import ServiceKit

enum APIEndpoints {
    static let all: [Endpoint] = health + reading + desk + watches + writing + collections + operating

    private static let json = "application/json"

    // MARK: For supervisors and programs

    private static let health = [
        Endpoint(
            name: "live", method: .get, path: "/health/live", scope: nil, summary: "The process serves.",
            answers: [.init(status: 200, mediaType: json, schema: "State", summary: "It does.")]),
        Endpoint(
            name: "ready", method: .get, path: "/health/ready", scope: nil, summary: "Searches can be answered.",
            answers: [.init(status: 200, mediaType: json, schema: "State", summary: "They can.")], errors: [.notReady]),
        Endpoint(
            name: "openapi", method: .get, path: "/openapi.yaml", scope: nil, summary: "This document.",
            answers: [.init(status: 200, mediaType: "application/yaml", schema: nil, summary: "OpenAPI 3.1.")]),
    ]

    // MARK: Reading

    private static let query = Endpoint.Parameter(
        name: "q", kind: .text, summary: "The query as text. An absent one is empty and finds everything.")
    private static let sort = Endpoint.Parameter(
        name: "sort", kind: .choice(RequestedOrder.allCases.map(\.rawValue)),
        summary: "The order; relevance unless given.")
    private static let order = Endpoint.Parameter(
        name: "order", kind: .text, summary: "A field of a declared collection to order by; - before it reverses.")
    private static let near = Endpoint.Parameter(
        name: "near", kind: .text, summary: "A place, latitude first; the nearest come first.")
    private static let searchErrors: [ErrorCode] = [
        .invalidQuery, .queryTooComplex, .unknownCollection, .conflict, .notReady, .unavailable, .deadlineExceeded,
        .corrupt,
    ]
    private static let documentErrors: [ErrorCode] = [
        .notFound, .unknownCollection, .conflict, .notReady, .unavailable, .deadlineExceeded, .corrupt,
    ]

    private static let reading = [
        Endpoint(
            name: "search", method: .get, path: "/v1/collections/{collection}/search", scope: .search,
            summary: "Searches, the query as text.",
            parameters: [
                query,
                .init(
                    name: "limit", kind: .integer(SearchDesk.Limits.hits), summary: "Hits to return; 10 unless given."),
                .init(
                    name: "offset", kind: .integer(SearchDesk.Limits.offset),
                    summary: "Hits to pass over; 0 unless given."),
                .init(name: "cursor", kind: .text, summary: "Goes on behind an earlier answer, on its version."),
                sort, order, near,
                .init(name: "facets", kind: .text, summary: "Fields to count, with commas; at most 8."),
                .init(name: "histogram", kind: .flag, summary: "Counts hits by month."),
                .init(
                    name: "snippet", kind: .integer(SearchDesk.Limits.snippetCharacters),
                    summary: "Longest snippet in characters; 120 unless given."),
                .init(name: "explain", kind: .flag, summary: "Says of each hit why it was found."),
                .init(
                    name: "collapse", kind: .flag,
                    summary: "Puts near-duplicates among the hits under the first of them."),
                .init(
                    name: "collapseBy", kind: .text,
                    summary: "Keyword fields, with commas; of the hits with the same values only the first is shown."),
                .init(
                    name: "asOf", kind: .text,
                    summary: "A day, 2020-03-20: only editions that were in force then, where the identity has a date."),
                .init(
                    name: "timeout", kind: .integer(SearchDesk.Limits.timeoutMilliseconds),
                    summary: "Milliseconds allowed; 5000 unless given."),
            ],
            answers: [.init(status: 200, mediaType: json, schema: "SearchReply", summary: "Hits.")],
            errors: searchErrors),
        Endpoint(
            name: "searchByTree", method: .post, path: "/v1/collections/{collection}/search", scope: .search,
            summary: "Searches, the query as text or as a tree.",
            body: .init(
                mediaType: json, schema: "SearchRequest", summary: "Exactly one of q and query.",
                example: #"{"q":"复工复产","limit":3}"#),
            answers: [.init(status: 200, mediaType: json, schema: "SearchReply", summary: "Hits.")],
            errors: searchErrors + [.documentTooLarge]),
        Endpoint(
            name: "export", method: .get, path: "/v1/collections/{collection}/export", scope: .search,
            summary: "All items that match, whole, as a stream.",
            parameters: [
                query, sort, order, near,
                .init(
                    name: "format", kind: .choice(ExportFormat.allCases.map(\.rawValue)),
                    summary: "ndjson unless given."),
            ],
            answers: [
                .init(status: 200, mediaType: "application/x-ndjson", schema: nil, summary: "An item a line."),
                .init(status: 200, mediaType: "text/csv", schema: nil, summary: "An item a row, after a row of names."),
            ], errors: searchErrors),
        Endpoint(
            name: "similar", method: .get, path: "/v1/collections/{collection}/similar", scope: .search,
            summary: "Items that share rare words with another.",
            parameters: [
                .init(name: "id", kind: .text, summary: "A document or the id of a hit.", isRequired: true),
                .init(name: "limit", kind: .integer(1...100), summary: "Items to return; 10 unless given."),
            ],
            answers: [.init(status: 200, mediaType: json, schema: "SearchReply", summary: "Hits.")],
            errors: documentErrors),
        Endpoint(
            name: "suggest", method: .get, path: "/v1/collections/{collection}/suggest", scope: .search,
            summary: "What a reader may be about to type: names and titles, by characters, pinyin or initials.",
            parameters: [
                .init(name: "q", kind: .text, summary: "What is typed so far.", isRequired: true),
                .init(
                    name: "limit", kind: .integer(SuggestRequest.limits),
                    summary: "Suggestions to return; 10 unless given."),
                .init(
                    name: "fields", kind: .text,
                    summary:
                        "Fields to suggest from, with commas; of bulletins department, source, district, title. All unless given."
                ),
                .init(
                    name: "timeout", kind: .integer(SearchDesk.Limits.timeoutMilliseconds),
                    summary: "Milliseconds allowed; 1000 unless given."),
            ],
            answers: [.init(status: 200, mediaType: json, schema: "SuggestReply", summary: "Suggestions.")],
            errors: [.unknownCollection, .conflict, .notReady, .unavailable, .deadlineExceeded, .corrupt]),
        Endpoint(
            name: "document", method: .get, path: "/v1/collections/{collection}/documents/{id}", scope: .search,
            summary: "The items of a document, or one item by the id of a hit, with all that was found in them.",
            parameters: [
                .init(
                    name: "unmask", kind: .text,
                    summary:
                        "Personal fields of a record to show, with commas; needs the scope personal and an audit log.")
            ],
            answers: [.init(status: 200, mediaType: json, schema: "DocumentReply", summary: "The document.")],
            errors: documentErrors + [.notAllowed]),
        Endpoint(
            name: "original", method: .get, path: "/v1/collections/{collection}/documents/{id}/original",
            scope: .search,
            summary: "The bytes as they were submitted; for the id of a hit, those of the item.",
            answers: [.init(status: 200, mediaType: "*/*", schema: nil, summary: "The original.")],
            errors: documentErrors),
        Endpoint(
            name: "token", method: .post, path: "/v1/tokens", scope: .search,
            summary: "Signs a tenant token with the key of the request.",
            body: .init(
                mediaType: json, schema: "TokenRequest", summary: "Whom it is for and what it may see.",
                example: #"{"tenant":"desk-3","filter":"部门:公安局","seconds":3600}"#),
            answers: [.init(status: 200, mediaType: json, schema: "TokenReply", summary: "The token.")],
            errors: [.invalidQuery, .queryTooComplex, .documentTooLarge]),
    ]

    // MARK: Writing

    private static let wait = Endpoint.Parameter(
        name: "wait", kind: .choice(["accepted", "searchable"]), summary: "When to answer; accepted unless given.")
    private static let key = Endpoint.Parameter(
        name: "key", kind: .text, summary: "Names this submission: sending it again changes nothing.")
    private static let submitErrors: [ErrorCode] = [
        .unknownCollection, .emptyDocument, .documentTooLarge, .unsupportedFormat, .notReady, .unavailable,
        .deadlineExceeded, .diskFull, .conflict, .notFound, .invalidRecord,
    ]
    private static let submitted = [
        Endpoint.Answer(status: 200, mediaType: json, schema: "Submitted", summary: "It was waited for."),
        Endpoint.Answer(status: 202, mediaType: json, schema: "Submitted", summary: "It is on disk."),
    ]

    private static let writing = [
        Endpoint(
            name: "addDocument", method: .post, path: "/v1/collections/{collection}/documents", scope: .add,
            summary: "Submits one document.",
            parameters: [
                .init(name: "identity", kind: .text, summary: "Names the document; a later one replaces it."),
                .init(name: "source", kind: .text, summary: "File name or address."), key, wait,
                .init(name: "hint.year", kind: .text, summary: "The year that dates without one are of."),
                .init(name: "hint.department", kind: .text, summary: "Who issued it."),
                .init(name: "hint.published", kind: .text, summary: "When it was issued."),
                .init(name: "hint.language", kind: .text, summary: "BCP 47."),
                .init(name: "hint.encoding", kind: .text, summary: "IANA name."),
                .init(
                    name: "hint.fields", kind: .text,
                    summary: "What columns of CSV or members of JSON are: NAME=ROLE, with commas; title, body, published, source, department or none."),
            ],
            body: .init(mediaType: "*/*", schema: nil, summary: "The document's bytes.", example: "通报\n\n复工复产。"),
            answers: submitted, errors: submitErrors),
        Endpoint(
            name: "removeDocument", method: .delete, path: "/v1/collections/{collection}/documents/{id}",
            scope: .delete, summary: "Removes one document by its identity; one that is not there is no mistake.",
            parameters: [key, wait], answers: submitted, errors: submitErrors),
        Endpoint(
            name: "submission", method: .get, path: "/v1/submissions/{id}", scope: .add,
            summary: "What became of a submission.",
            answers: [.init(status: 200, mediaType: json, schema: "SubmissionState", summary: "Its state.")],
            errors: [.notFound, .unknownCollection, .notReady, .unavailable, .deadlineExceeded]),
    ]

    // MARK: Operating

    private static let ledgerErrors: [ErrorCode] = [
        .notFound, .unknownCollection, .notReady, .unavailable, .deadlineExceeded,
    ]

    private static let manyDead: [Endpoint.Parameter] = [
        .init(name: "reason", kind: .text, summary: "Only those given up for this reason, a code."),
        .init(
            name: "from", kind: .integer(0...Int(Int32.max)),
            summary: "The number of a submission to begin at, such as an earlier answer's next; 0 unless given."),
    ]

    private static let operating = [
        Endpoint(
            name: "deadLetters", method: .get, path: "/v1/collections/{collection}/dead-letters", scope: .admin,
            summary: "Documents that were given up, oldest first.",
            parameters: [
                .init(
                    name: "from", kind: .integer(0...Int(Int32.max)),
                    summary: "The number of a submission; 0 unless given."),
                .init(name: "limit", kind: .integer(1...1000), summary: "At most so many; 100 unless given."),
            ],
            answers: [.init(status: 200, mediaType: json, schema: "DeadLetters", summary: "The documents.")],
            errors: ledgerErrors),
        Endpoint(
            name: "retryAll", method: .post, path: "/v1/collections/{collection}/dead-letters/retry", scope: .admin,
            summary: "Puts all dead letters back into the queue, at most 1000 at once.", parameters: manyDead,
            answers: [.init(status: 200, mediaType: json, schema: "ManyDead", summary: "How many.")],
            errors: ledgerErrors),
        Endpoint(
            name: "dropAll", method: .post, path: "/v1/collections/{collection}/dead-letters/drop", scope: .admin,
            summary: "Gives all dead letters up for good, at most 1000 at once.", parameters: manyDead,
            answers: [.init(status: 200, mediaType: json, schema: "ManyDead", summary: "How many.")],
            errors: ledgerErrors),
        Endpoint(
            name: "retry", method: .post, path: "/v1/submissions/{id}/retry", scope: .admin,
            summary: "Puts a dead letter back into the queue.",
            answers: [.init(status: 200, mediaType: json, schema: "SubmissionState", summary: "Its state.")],
            errors: ledgerErrors + [.conflict]),
        Endpoint(
            name: "drop", method: .post, path: "/v1/submissions/{id}/drop", scope: .admin,
            summary: "Gives a dead letter up for good.",
            answers: [.init(status: 200, mediaType: json, schema: "SubmissionState", summary: "Its state.")],
            errors: ledgerErrors + [.conflict]),
        Endpoint(
            name: "status", method: .get, path: "/v1/status", scope: .admin,
            summary: "Queues, workers, versions, counters.",
            answers: [.init(status: 200, mediaType: json, schema: "StatusReply", summary: "The status.")]),
        Endpoint(
            name: "metrics", method: .get, path: "/metrics", scope: .admin, summary: "For Prometheus.",
            answers: [.init(status: 200, mediaType: "text/plain", schema: nil, summary: "Counters and gauges.")]),
    ]
}
