// What each endpoint of the HTTP API asks and answers. `APIEndpoints` has their addresses; docs/http.md tells people.

import Schemas
import Foundation
import HTTPTypes
import Hummingbird
import Messages
import NIOCore
import ServiceKit

/// Everything that the routes ask.
struct Desks: Sendable {
    let search: SearchDesk
    let documents: DocumentDesk
    let reader: ReaderDesk
    let status: StatusDesk
    let digest: DigestDesk
    let figures: FigureDesk
    let watches: WatchDesk
    let preview: PreviewDesk
    let events: EventStreams
    let records: RecordDesk
    let collections: CollectionDesk
    let board: BoardDesk
    let personal: PersonalDesk
    let microseconds: @Sendable () -> Int64
    /// Milliseconds since 1970, UTC.
    let wall: @Sendable () -> Int64
}

enum HTTPRoutes {
    /// A route for every endpoint; an endpoint without a handler is left out, which a test notices.
    static func routes(_ desks: Desks, documentBytes: Int) -> [Route] {
        let handlers = health(desks).merging(searches(desks), uniquingKeysWith: { first, _ in first })
            .merging(reading(desks), uniquingKeysWith: { first, _ in first })
            .merging(desk(desks), uniquingKeysWith: { first, _ in first })
            .merging(watches(desks), uniquingKeysWith: { first, _ in first })
            .merging(documents(desks, documentBytes: documentBytes), uniquingKeysWith: { first, _ in first })
            .merging(submissions(desks), uniquingKeysWith: { first, _ in first })
            .merging(collections(desks, documentBytes: documentBytes), uniquingKeysWith: { first, _ in first })
        return APIEndpoints.all.compactMap { endpoint in
            handlers[endpoint.name].map { Route(endpoint: endpoint, handler: $0) }
        }
    }

    private static func health(_ desks: Desks) -> [String: Route.Handler] {
        [
            "live": { _ in HTTPAnswers.json(["status": "live"]) },
            "ready": { _ in
                let problems = await desks.status.problems()
                guard problems.isEmpty else {
                    throw KuaibaoError(
                        .notReady, problems.joined(separator: "; "), fix: "wait, or start what is missing")
                }
                return HTTPAnswers.json(["status": "ready"])
            },
            "openapi": { _ in HTTPAnswers.text(OpenAPIDocument.text, type: "application/yaml; charset=utf-8") },
            "status": { _ in HTTPAnswers.json(await desks.status.reply()) },
            "metrics": { _ in
                HTTPAnswers.text(await desks.status.metrics(), type: "text/plain; version=0.0.4; charset=utf-8")
            },
        ]
    }

    // MARK: Search

    private static func searches(_ desks: Desks) -> [String: Route.Handler] {
        [
            "search": { call in
                let parameters = call.parameters
                return try await answer(
                    SearchRequest(
                        collection: call.collection, q: parameters["q"] ?? "", limit: try parameters.integer("limit"),
                        offset: try parameters.integer("offset"), cursor: parameters["cursor"],
                        sort: try order(parameters), order: parameters["order"], near: parameters["near"],
                        facets: parameters.list("facets"),
                        histogram: try parameters.flag("histogram"),
                        snippetCharacters: try parameters.integer("snippet"), explain: try parameters.flag("explain"),
                        collapse: try parameters.flag("collapse"),
                        collapseBy: parameters["collapseBy"]?.split(separator: ",").map(String.init),
                        asOf: parameters["asOf"],
                        timeoutMilliseconds: try parameters.integer("timeout")), call, desks)
            },
            "searchByTree": { call in
                var search = try await body(SearchRequestBody.self, of: call, what: "search").request
                search.collection = call.collection
                return try await answer(search, call, desks, isPrivate: true)
            },
            "export": { call in
                let parameters = call.parameters
                let format = try parameters.choice("format", ExportFormat.self) ?? .ndjson
                let stream = try await ExportStream(
                    SearchRequest(
                        collection: call.collection, q: parameters["q"] ?? "", sort: try order(parameters),
                        order: parameters["order"], near: parameters["near"]),
                    for: call.principal, desk: desks.search)
                return ExportAnswer.response(stream, format)
            },
        ]
    }

    private static func order(_ parameters: Parameters) throws(KuaibaoError) -> RequestedOrder? {
        try parameters.choice("sort", RequestedOrder.self)
    }

    private static func answer(
        _ request: SearchRequest, _ call: Call, _ desks: Desks, isPrivate: Bool = false
    ) async throws -> Response {
        let started = desks.microseconds()
        do {
            let reply = try await desks.search.answer(request, for: call.principal, isPrivate: isPrivate)
            desks.status.noteSearch(microseconds: desks.microseconds() - started, failed: false)
            return HTTPAnswers.json(reply)
        } catch {
            desks.status.noteSearch(microseconds: desks.microseconds() - started, failed: true)
            throw error
        }
    }

    // MARK: Reading

    private static func reading(_ desks: Desks) -> [String: Route.Handler] {
        [
            "suggest": { call in
                let parameters = call.parameters
                return HTTPAnswers.json(
                    try await desks.search.suggest(
                        SuggestRequest(
                            collection: call.collection, typed: parameters["q"] ?? "",
                            limit: try parameters.integer("limit"), fields: parameters.list("fields"),
                            timeoutMilliseconds: try parameters.integer("timeout")), for: call.principal))
            },
            "similar": { call in
                guard let id = call.parameters["id"], !id.isEmpty else {
                    throw KuaibaoError(.invalidRequest, "there is no id", fix: "give the id of a hit")
                }
                let limit = try call.parameters.integer("limit") ?? 10
                guard (1...100).contains(limit) else {
                    throw KuaibaoError(.invalidRequest, "limit is \(limit)", fix: "use 1 to 100")
                }
                return HTTPAnswers.json(
                    try await desks.reader.similar(to: id, in: call.collection, limit: limit, for: call.principal))
            },
            "document": { call in
                if let fields = call.parameters.list("unmask") {
                    return HTTPAnswers.json(try await desks.personal.document(call, fields))
                }
                return HTTPAnswers.json(
                    try await desks.reader.document(call.id, in: call.collection, for: call.principal))
            },
            "original": { call in
                let original = try await desks.reader.original(call.id, in: call.collection, for: call.principal)
                return HTTPAnswers.original(original)
            },
            "token": { call in
                let request = try await body(TokenRequest.self, of: call, what: "tenant token")
                return HTTPAnswers.json(
                    try request.sign(
                        credential: call.credential, call.principal, now: desks.wall(),
                        schemas: await desks.search.keeper.known))
            },
        ]
    }

    // MARK: Documents

    private static func documents(_ desks: Desks, documentBytes: Int) -> [String: Route.Handler] {
        [
            "addDocument": { call in
                let parameters = call.parameters
                if try await desks.search.keeper.snapshot(call.collection).schema.declaration != nil {
                    return try await records(
                        .init(collection: call.collection, identity: parameters["identity"]), call, desks,
                        limit: documentBytes)
                }
                let wait = try waits(parameters)
                if let year = try parameters.integer("hint.year"), !(1900...2100).contains(year) {
                    throw KuaibaoError(.invalidRequest, "hint.year is \(year)", fix: "use 1900 to 2100")
                }
                if let fields = parameters["hint.fields"] { _ = try FieldMapping(fields) }
                let bytes = try await collect(call.request, limit: documentBytes)
                let document = SubmittedDocument(
                    identity: parameters["identity"], contentType: call.request.headers[.contentType],
                    sourceAddress: parameters["source"], hints: parameters.all(prefix: "hint."), byteCount: bytes.count,
                    submissionKey: parameters["key"])
                return try await submit(document, bytes, call, wait: wait, desks)
            },
            "removeDocument": { call in
                let document = SubmittedDocument(
                    identity: call.id, byteCount: 0, isRemoval: true, submissionKey: call.parameters["key"])
                return try await submit(document, [], call, wait: try waits(call.parameters), desks)
            },
        ]
    }

    /// The header of W3C's trace context.
    private static let traceHeader = HTTPField.Name("traceparent")

    static func trace(of call: Call) -> String? {
        TraceParent.checked(traceHeader.flatMap { call.request.headers[$0] })
    }

    private static func submit(
        _ document: SubmittedDocument, _ bytes: [UInt8], _ call: Call, wait: Bool, _ desks: Desks
    ) async throws -> Response {
        let accepted = try await desks.documents.submit(
            document, bytes, collection: call.collection, wait: wait,
            trace: trace(of: call))
        return HTTPAnswers.json(accepted, status: accepted.state == nil ? .accepted : .ok)
    }

    static func waits(_ parameters: Parameters) throws(KuaibaoError) -> Bool {
        switch parameters["wait"] {
        case nil, "accepted": return false
        case "searchable": return true
        case let text?:
            throw KuaibaoError(.invalidRequest, "wait is \"\(text.prefix(80))\"", fix: "use accepted or searchable")
        }
    }

    private static func submissions(_ desks: Desks) -> [String: Route.Handler] {
        [
            "submission": { call in HTTPAnswers.json(try await desks.documents.state(of: call.id)) },
            "deadLetters": { call in
                HTTPAnswers.json([
                    "dead": try await desks.documents.deadLetters(
                        call.collection, from: Int64(try call.parameters.integer("from") ?? 0),
                        limit: try call.parameters.integer("limit") ?? 100)
                ])
            },
            "retryAll": { call in try await changeDead(.retry, call, desks) },
            "dropAll": { call in try await changeDead(.drop, call, desks) },
            "retry": { call in HTTPAnswers.json(try await desks.documents.retry(call.id)) },
            "drop": { call in HTTPAnswers.json(try await desks.documents.drop(call.id)) },
        ]
    }

    private static func changeDead(
        _ change: DocumentDesk.DeadLetterChange, _ call: Call, _ desks: Desks
    ) async throws -> Response {
        HTTPAnswers.json(
            try await desks.documents.changeDeadLetters(
                change, of: call.collection, from: Int64(try call.parameters.integer("from") ?? 0),
                reason: call.parameters["reason"]))
    }

    // MARK: Bodies

    static let bodyLimit = 1 << 20

    static func body<Value: Decodable>(
        _ type: Value.Type, of call: Call, what: String
    ) async throws -> Value {
        let bytes = try await collect(call.request, limit: bodyLimit)
        do {
            try NoNulls.check(try Codec.json.decode(JSONValue.self, from: bytes), what: what)
            return try Codec.json.decode(type, from: bytes)
        } catch let error as KuaibaoError {
            throw error
        } catch {
            throw KuaibaoError(
                .invalidRequest, "the body is no \(what): \(codingReason(error))", fix: "send JSON as docs/http.md says")
        }
    }

    static func collect(_ request: Request, limit: Int) async throws -> [UInt8] {
        do {
            let buffer = try await request.body.collect(upTo: limit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw KuaibaoError(
                .documentTooLarge, "a body of more than \(limit) bytes",
                fix: "send less at once, or raise the setting document-bytes")
        }
    }
}
