// The HTTP API: each address, what it takes and whom it asks. docs/http.md tells it to people, openapi.yaml to programs.

import Foundation
import HTTPTypes
import Hummingbird
import Messages
import NIOCore

/// Everything that the routes ask.
struct Desks: Sendable {
    let search: SearchDesk
    let documents: DocumentDesk
    let status: StatusDesk
    let microseconds: @Sendable () -> Int64
}

enum HTTPRoutes {
    typealias Context = BasicRequestContext

    static func router(_ desks: Desks, documentBytes: Int) -> Router<Context> {
        let router = Router(context: Context.self)
        router.add(middleware: ErrorMiddleware(status: desks.status))
        addPage(to: router)
        addHealth(to: router, desks)
        addSearch(to: router, desks)
        addDocuments(to: router, desks, documentBytes: documentBytes)
        addSubmissions(to: router, desks)
        return router
    }

    private static func addPage(to router: Router<Context>) {
        for file in PageFiles.all {
            router.get(RouterPath(file.path)) { _, _ in
                var response = HTTPAnswers.respond(file.bytes, type: file.type, status: .ok)
                response.headers[.contentSecurityPolicy] = PageFiles.contentSecurityPolicy
                response.headers[.cacheControl] = "no-cache"
                return response
            }
        }
    }

    private static func addHealth(to router: Router<Context>, _ desks: Desks) {
        router.get("health/live") { _, _ in HTTPAnswers.json(["status": "live"]) }
        router.get("health/ready") { _, _ in
            let problems = await desks.status.problems()
            guard problems.isEmpty else {
                throw KuaibaoError(.notReady, problems.joined(separator: "; "), fix: "wait, or start what is missing")
            }
            return HTTPAnswers.json(["status": "ready"])
        }
        router.get("v1/status") { _, _ in HTTPAnswers.json(await desks.status.reply()) }
        router.get("metrics") { _, _ in
            HTTPAnswers.text(await desks.status.metrics(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    // MARK: Search

    private static let searchParameters = [
        "q", "limit", "offset", "sort", "facets", "histogram", "snippet", "timeout",
    ]

    private static func addSearch(to router: Router<Context>, _ desks: Desks) {
        router.get("v1/collections/:collection/search") { request, context in
            let parameters = try Parameters(request, known: searchParameters)
            let sort = try parameters["sort"].map { text throws(KuaibaoError) in
                guard let order = RequestedOrder(rawValue: text) else {
                    throw KuaibaoError(
                        .invalidRequest, "sort is \"\(text)\"", fix: "use relevance, newest or oldest")
                }
                return order
            }
            return try await answer(
                SearchRequest(
                    collection: try context.parameters.require("collection"), q: parameters["q"] ?? "",
                    limit: try parameters.integer("limit"), offset: try parameters.integer("offset"), sort: sort,
                    facets: parameters["facets"]?.split(separator: ",").map(String.init),
                    histogram: try parameters.flag("histogram"),
                    snippetCharacters: try parameters.integer("snippet"),
                    timeoutMilliseconds: try parameters.integer("timeout")), desks)
        }
        router.post("v1/collections/:collection/search") { request, context in
            let body = try await collect(request, limit: 1 << 20)
            var search: SearchRequest
            do {
                search = try Codec.json.decode(SearchRequestBody.self, from: body).request
            } catch let error as KuaibaoError {
                throw error
            } catch {
                throw KuaibaoError(.invalidRequest, "the body is no search: \(error)", fix: "send JSON with q or query")
            }
            search.collection = try context.parameters.require("collection")
            return try await answer(search, desks)
        }
    }

    private static func answer(_ request: SearchRequest, _ desks: Desks) async throws -> Response {
        let started = desks.microseconds()
        do {
            let reply = try await desks.search.search(request)
            desks.status.noteSearch(microseconds: desks.microseconds() - started, failed: false)
            return HTTPAnswers.json(reply)
        } catch {
            desks.status.noteSearch(microseconds: desks.microseconds() - started, failed: true)
            throw error
        }
    }

    // MARK: Documents

    private static let documentParameters = [
        "wait", "identity", "source", "key", "hint.year", "hint.department", "hint.published", "hint.language",
        "hint.encoding",
    ]

    private static func addDocuments(to router: Router<Context>, _ desks: Desks, documentBytes: Int) {
        router.post("v1/collections/:collection/documents") { request, context in
            let parameters = try Parameters(request, known: documentParameters)
            let bytes = try await collect(request, limit: documentBytes)
            let document = SubmittedDocument(
                identity: parameters["identity"], contentType: request.headers[.contentType],
                sourceAddress: parameters["source"], hints: parameters.all(prefix: "hint."), byteCount: bytes.count,
                submissionKey: parameters["key"])
            let accepted = try await desks.documents.submit(
                document, bytes, collection: try context.parameters.require("collection"),
                wait: try waitStage(parameters["wait"]))
            return HTTPAnswers.json(accepted, status: accepted.state == nil ? .accepted : .ok)
        }
        router.delete("v1/collections/:collection/documents/:identity") { request, context in
            let parameters = try Parameters(request, known: ["wait", "key"])
            let identity = try context.parameters.require("identity")
            let document = SubmittedDocument(
                identity: identity.removingPercentEncoding ?? identity, byteCount: 0, isRemoval: true,
                submissionKey: parameters["key"])
            let accepted = try await desks.documents.submit(
                document, [], collection: try context.parameters.require("collection"),
                wait: try waitStage(parameters["wait"]))
            return HTTPAnswers.json(accepted, status: accepted.state == nil ? .accepted : .ok)
        }
    }

    private static func waitStage(_ text: String?) throws(KuaibaoError) -> Bool {
        switch text {
        case nil, "accepted": return false
        case "searchable": return true
        case let text?:
            throw KuaibaoError(.invalidRequest, "wait is \"\(text)\"", fix: "use accepted or searchable")
        }
    }

    private static func addSubmissions(to router: Router<Context>, _ desks: Desks) {
        router.get("v1/submissions/:id") { _, context in
            HTTPAnswers.json(try await desks.documents.state(of: try context.parameters.require("id")))
        }
        router.get("v1/collections/:collection/dead-letters") { request, context in
            let parameters = try Parameters(request, known: ["from", "limit"])
            return HTTPAnswers.json([
                "dead": try await desks.documents.deadLetters(
                    try context.parameters.require("collection"), from: Int64(try parameters.integer("from") ?? 0),
                    limit: try parameters.integer("limit") ?? 100)
            ])
        }
        router.post("v1/submissions/:id/retry") { _, context in
            HTTPAnswers.json(try await desks.documents.retry(try context.parameters.require("id")))
        }
        router.post("v1/submissions/:id/drop") { _, context in
            HTTPAnswers.json(try await desks.documents.drop(try context.parameters.require("id")))
        }
    }

    private static func collect(_ request: Request, limit: Int) async throws -> [UInt8] {
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

/// A search request whose collection stands in the address.
private struct SearchRequestBody: Decodable {
    let request: SearchRequest

    private enum Key: String, CodingKey, CaseIterable {
        case q, query, limit, offset, sort, facets, histogram, snippetCharacters, timeoutMilliseconds
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        for key in try decoder.container(keyedBy: AnyKey.self).allKeys where Key(rawValue: key.stringValue) == nil {
            throw KuaibaoError(
                .invalidRequest, "unknown field \"\(key.stringValue)\"",
                fix: "use \(Key.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let container = try decoder.container(keyedBy: Key.self)
        request = SearchRequest(
            collection: "", q: try container.decodeIfPresent(String.self, forKey: .q),
            query: try container.decodeIfPresent(Query.self, forKey: .query),
            limit: try container.decodeIfPresent(Int.self, forKey: .limit),
            offset: try container.decodeIfPresent(Int.self, forKey: .offset),
            sort: try container.decodeIfPresent(RequestedOrder.self, forKey: .sort),
            facets: try container.decodeIfPresent([String].self, forKey: .facets),
            histogram: try container.decodeIfPresent(Bool.self, forKey: .histogram),
            snippetCharacters: try container.decodeIfPresent(Int.self, forKey: .snippetCharacters),
            timeoutMilliseconds: try container.decodeIfPresent(Int.self, forKey: .timeoutMilliseconds))
    }
}
