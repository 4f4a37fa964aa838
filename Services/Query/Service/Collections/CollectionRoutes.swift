// Declared collections in the HTTP API: declarations, records, and what is counted of them.

import Records
import Foundation
import HTTPTypes
import Hummingbird
import Messages
import ServiceKit

extension APIEndpoints {
    private static let json = "application/json"
    private static let declarationErrors: [ErrorCode] = [
        .invalidDeclaration, .conflict, .documentTooLarge, .unknownCollection, .notReady, .unavailable,
        .deadlineExceeded,
        .diskFull,
    ]
    private static let recordErrors: [ErrorCode] = [
        .invalidRecord, .unknownCollection, .emptyDocument, .documentTooLarge, .unsupportedFormat, .notReady,
        .unavailable,
        .deadlineExceeded, .diskFull, .conflict, .notFound, .corrupt,
    ]
    private static let submitParameters: [Endpoint.Parameter] = [
        .init(name: "key", kind: .text, summary: "Names this submission: sending it again changes nothing."),
        .init(
            name: "wait", kind: .choice(["accepted", "searchable"]), summary: "When to answer; accepted unless given."),
    ]
    private static let submitted = [
        Endpoint.Answer(status: 200, mediaType: json, schema: "RecordsSubmitted", summary: "They were waited for."),
        Endpoint.Answer(status: 202, mediaType: json, schema: "RecordsSubmitted", summary: "They are on disk."),
    ]

    private static let boardParameters: [Endpoint.Parameter] = [
        .init(name: "by", kind: .text, summary: "The facet that is counted by.", isRequired: true),
        .init(name: "q", kind: .text, summary: "Which records are counted; all unless given."),
        .init(name: "expected", kind: .text, summary: "A collection whose records are to report, for the coverage."),
        .init(name: "expected-q", kind: .text, summary: "Which of those; all unless given."),
    ]
    private static let boardErrors: [ErrorCode] = [
        .invalidQuery, .queryTooComplex, .unknownCollection, .conflict, .notReady, .unavailable, .deadlineExceeded,
        .corrupt,
    ]

    static let collections = [
        Endpoint(
            name: "board", method: .get, path: "/v1/collections/{collection}/board", scope: .search,
            summary: "Records by area, with how many are expected and the coverage.", parameters: boardParameters,
            answers: [.init(status: 200, mediaType: json, schema: "Board", summary: "The numbers.")],
            errors: boardErrors),
        Endpoint(
            name: "boardEvents", method: .get, path: "/v1/collections/{collection}/board/events", scope: .search,
            summary: "The same as server-sent events: at once, and again whenever a number changes.",
            parameters: boardParameters,
            answers: [.init(status: 200, mediaType: "text/event-stream", schema: "ServerEvent", summary: "Events named board.")],
            errors: boardErrors),
        Endpoint(
            name: "listCollections", method: .get, path: "/v1/collections", scope: .search,
            summary: "The collections that the key may see.",
            answers: [.init(status: 200, mediaType: json, schema: "Collections", summary: "The collections.")],
            errors: [.notReady]),
        Endpoint(
            name: "createCollection", method: .post, path: "/v1/collections", scope: .admin,
            summary: "Makes a collection of a declaration.",
            body: .init(
                mediaType: "application/yaml", schema: nil, summary: "The declaration; docs/collections.md.",
                example: "collection: example\nidentity: id\nfields:\n  id: keyword\n"),
            answers: [.init(status: 201, mediaType: json, schema: "Collection", summary: "It is made.")],
            errors: declarationErrors),
        Endpoint(
            name: "showCollection", method: .get, path: "/v1/collections/{collection}", scope: .search,
            summary: "Its fields, and how many records it has.",
            answers: [.init(status: 200, mediaType: json, schema: "Collection", summary: "The collection.")],
            errors: [.unknownCollection, .notReady]),
        Endpoint(
            name: "changeCollection", method: .put, path: "/v1/collections/{collection}", scope: .admin,
            summary: "Gives a collection a new declaration; its segments are written anew behind it.",
            body: .init(
                mediaType: "application/yaml", schema: nil, summary: "The whole declaration.",
                example: "collection: example\nidentity: id\nfields:\n  id: keyword\n"),
            answers: [.init(status: 200, mediaType: json, schema: "Collection", summary: "It is changed.")],
            errors: declarationErrors),
        Endpoint(
            name: "removeCollection", method: .delete, path: "/v1/collections/{collection}", scope: .admin,
            summary: "Ends a declared collection with all its records.",
            answers: [.init(status: 200, mediaType: json, schema: "State", summary: "It is gone.")],
            errors: [.unknownCollection, .notReady, .unavailable, .deadlineExceeded, .conflict, .diskFull]),
        Endpoint(
            name: "changeRecords", method: .patch, path: "/v1/collections/{collection}/documents", scope: .add,
            summary: "Changes some fields of records that their identity fields name.",
            parameters: submitParameters,
            body: .init(
                mediaType: "*/*", schema: nil, summary: "JSON, NDJSON or CSV; null takes a value away.",
                example: #"[{"id":"A1","status":"忙碌"}]"#),
            answers: submitted, errors: recordErrors),
        Endpoint(
            name: "changeRecord", method: .patch, path: "/v1/collections/{collection}/documents/{id}", scope: .add,
            summary: "Changes some fields of one record.", parameters: submitParameters,
            body: .init(
                mediaType: "*/*", schema: nil, summary: "A JSON object or a form; null takes a value away.",
                example: #"{"status":"忙碌"}"#),
            answers: submitted, errors: recordErrors),
    ]
}

extension HTTPRoutes {
    static func collections(_ desks: Desks, documentBytes: Int) -> [String: Route.Handler] {
        [
            "board": { call in
                HTTPAnswers.json(try await desks.board.board(boardRequest(call), for: call.principal))
            },
            "boardEvents": { call in try await desks.board.events(boardRequest(call), for: call.principal) },
            "listCollections": { call in
                HTTPAnswers.json(["collections": await desks.collections.list(for: call.principal)])
            },
            "createCollection": { call in
                let reply = try await desks.collections.declare(
                    try await text(of: call), isNew: true, for: call.principal)
                return HTTPAnswers.json(reply, status: .created)
            },
            "showCollection": { call in
                HTTPAnswers.json(try await desks.collections.show(call.collection, for: call.principal))
            },
            "changeCollection": { call in
                HTTPAnswers.json(
                    try await desks.collections.declare(
                        try await text(of: call), isNew: false, for: call.principal, expected: call.collection))
            },
            "removeCollection": { call in
                try await desks.collections.remove(call.collection)
                return HTTPAnswers.json(["status": "removed"])
            },
            "changeRecords": { call in
                try await records(.init(collection: call.collection, kind: .patch), call, desks, limit: documentBytes)
            },
            "changeRecord": { call in
                try await records(
                    .init(collection: call.collection, kind: .patch, identity: call.id), call, desks,
                    limit: documentBytes)
            },
        ]
    }

    private static func boardRequest(_ call: Call) -> BoardDesk.Request {
        BoardDesk.Request(
            collection: call.collection, q: call.parameters["q"] ?? "", by: call.parameters["by"] ?? "",
            expected: call.parameters["expected"], expectedQuery: call.parameters["expected-q"] ?? "")
    }

    /// Hands the records of a request's body in.
    static func records(
        _ request: RecordDesk.Request, _ call: Call, _ desks: Desks, limit: Int
    ) async throws -> Response {
        var request = request
        request.contentType = call.request.headers[.contentType]
        request.key = call.parameters["key"]
        request.isWaiting = try waits(call.parameters)
        request.trace = trace(of: call)
        let reply = try await desks.records.submit(request, try await collect(call.request, limit: limit))
        return HTTPAnswers.json(reply, status: request.isWaiting ? .ok : .accepted)
    }

    private static func text(of call: Call) async throws -> String {
        guard let text = String(validating: try await collect(call.request, limit: bodyLimit), as: UTF8.self) else {
            throw KuaibaoError(.invalidDeclaration, "the declaration is not UTF-8", fix: "save the file as UTF-8")
        }
        return text
    }
}
