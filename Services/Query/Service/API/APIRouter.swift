// From the table of endpoints to a router: for each request the key, the scope, the parameters, then the handler.

import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Messages
import NIOCore
import ServiceKit

/// What a request carries besides itself.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The peer's address, without its port.
    let remote: String
    /// Closes the connection.
    let letGo: @Sendable () -> Void

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        let channel = source.channel
        letGo = { channel.close(promise: nil) }
        remote = source.channel.remoteAddress?.ipAddress ?? ""
    }
}

/// A request that was let in.
struct Call: Sendable {
    let request: Request
    /// The named parts of the address, decoded.
    let path: [String: String]
    let parameters: Parameters
    let principal: Principal
    /// What `Authorization` held.
    let credential: String?
    /// Closes the connection, for an answer that nobody takes.
    let letGo: @Sendable () -> Void

    var collection: String { path["collection"] ?? "" }
    var id: String { path["id"] ?? "" }
}

/// An endpoint and what answers it.
struct Route: Sendable {
    typealias Handler = @Sendable (Call) async throws -> Response

    let endpoint: Endpoint
    let handler: Handler
}

/// Builds the router.
struct APIRouter: Sendable {
    let routes: [Route]
    let access: AccessDesk
    let audit: AuditLog
    let status: StatusDesk
    let crossOrigin: CrossOrigin
    let compression: Compression
    let gate: FairGate
    let microseconds: @Sendable () -> Int64
    let wall: @Sendable () -> Int64
    let logger: Logger

    /// The header of W3C's trace context.
    private static let traceHeader = HTTPField.Name("traceparent")

    func router() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: CompressionMiddleware(compression: compression))
        router.add(middleware: ErrorMiddleware(status: status, crossOrigin: crossOrigin))
        let methods = Dictionary(grouping: routes, by: \.endpoint.path).mapValues { $0.map(\.endpoint.method.rawValue) }
        let files = PageFiles.all.map { ($0.path, [Endpoint.Method.get.rawValue]) }
        router.add(
            middleware: MethodMiddleware(addresses: AddressTable(methods.merging(files, uniquingKeysWith: { $1 }))))
        addPage(to: router)
        for route in routes { add(route, to: router) }
        return router
    }

    private func addPage(to router: Router<GatewayContext>) {
        for file in PageFiles.all {
            router.get(RouterPath(file.path)) { _, _ in
                var response = HTTPAnswers.respond(file.bytes, type: file.type, status: .ok)
                response.headers[.contentSecurityPolicy] = PageFiles.contentSecurityPolicy
                response.headers[.cacheControl] = "no-cache"
                return response
            }
        }
    }

    private static func routerPath(_ path: String) -> RouterPath {
        RouterPath(path.replacing("{", with: ":").replacing("}", with: ""))
    }

    private func add(_ route: Route, to router: Router<GatewayContext>) {
        let endpoint = route.endpoint
        guard let method = HTTPRequest.Method(rawValue: endpoint.method.rawValue) else { return }
        let names = endpoint.pathParameters
        let known = endpoint.parameters.map(\.name)
        router.on(Self.routerPath(endpoint.path), method: method) { request, context in
            let started = microseconds()
            var principal: Principal?
            do {
                let credential = request.headers[.authorization]
                let asker: Principal = try endpoint.scope == nil ? .open : access.principal(authorization: credential)
                principal = asker
                var path: [String: String] = [:]
                for name in names {
                    let text = try context.parameters.require(name)
                    path[name] = text.removingPercentEncoding ?? text
                }
                if endpoint.method != .get { try crossOrigin.requireSameOrigin(request) }
                if let scope = endpoint.scope {
                    try asker.require(scope, collection: path["collection"] ?? Self.collection(endpoint, path))
                    try access.begin(asker)
                }
                defer { if endpoint.scope != nil { access.end(asker) } }
                let parameters = try Parameters(request, known: known)
                for parameter in endpoint.parameters { try parameter.check(parameters[parameter.name]) }
                let call = Call(
                    request: request, path: path, parameters: parameters, principal: asker, credential: credential,
                    letGo: context.letGo)
                let trace = Self.traceHeader.flatMap { request.headers[$0] }
                let response = try await SearchHop.traced(trace, logger, microseconds: microseconds) {
                    try await answer(call, route, from: context.remote)
                }
                note(request, context, endpoint, asker, response.status.code, started)
                return response
            } catch {
                let response = HTTPAnswers.error(error)
                note(request, context, endpoint, principal, response.status.code, started)
                return response
            }
        }
    }

    /// The handler's answer; what asks the query workers waits for its turn first.
    private func answer(_ call: Call, _ route: Route, from remote: String) async throws -> Response {
        guard route.endpoint.scope == .search else { return try await route.handler(call) }
        // Without keys the peer's address stands for one.
        let key = call.principal == .open ? remote : call.principal.id
        try await gate.enter(key)
        defer { gate.leave(key) }
        return try await route.handler(call)
    }

    /// The collection that a submission's id names.
    private static func collection(_ endpoint: Endpoint, _ path: [String: String]) -> String? {
        endpoint.path.hasPrefix("/v1/submissions/") ? path["id"].flatMap { SubmissionID($0)?.collection } : nil
    }

    private func note(
        _ request: Request, _ context: GatewayContext, _ endpoint: Endpoint, _ principal: Principal?, _ code: Int,
        _ started: Int64
    ) {
        guard endpoint.scope != nil else { return }
        let time = Date(timeIntervalSince1970: Double(wall()) / 1000)
        audit.note(
            AuditLog.Entry(
                time: time.formatted(.iso8601.time(includingFractionalSeconds: true)), key: principal?.id ?? "refused",
                tenant: principal?.tenant, remote: context.remote, method: request.method.rawValue,
                path: request.uri.path, query: request.uri.query, status: code,
                milliseconds: Double(microseconds() - started) / 1000))
    }
}
