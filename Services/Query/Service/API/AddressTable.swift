// Which methods an address takes: every other method, known or not, is 405 with `Allow`, and OPTIONS says what there is.

import HTTPTypes
import Hummingbird
import Messages

/// The addresses of a gateway, and what each takes.
struct AddressTable: Sendable {
    private struct Address: Sendable {
        /// Nil stands for a part in braces.
        let parts: [Substring?]
        let methods: [String]

        func matches(_ path: [Substring]) -> Bool {
            parts.count == path.count && zip(parts, path).allSatisfy { $0 == nil || $0 == $1 }
        }
    }

    /// Those with fewer parts in braces first: `/v1/watches/preview` before `/v1/watches/{id}`.
    private let addresses: [Address]

    /// - Parameter methods: by path, with parts in braces.
    init(_ methods: [String: [String]]) {
        addresses = methods.map { path, methods in
            let parts = path.split(separator: "/").map { $0.hasPrefix("{") ? nil : $0 }
            return Address(parts: parts, methods: methods)
        }
        .sorted { $0.parts.count { $0 == nil } < $1.parts.count { $0 == nil } }
    }

    /// The text of `Allow` for an address; nil where there is none.
    ///
    /// - Complexity: O(addresses).
    func allow(at path: String) -> String? {
        let parts = path.split(separator: "/")
        guard let address = addresses.first(where: { $0.matches(parts) }) else { return nil }
        let head = address.methods.contains("GET") ? ["HEAD"] : []
        return (address.methods + head + ["OPTIONS"]).joined(separator: ", ")
    }
}

/// Answers what no route takes at an address that there is.
struct MethodMiddleware<Context: RequestContext>: RouterMiddleware {
    let addresses: AddressTable

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError where error.status == .notFound {
            // Handlers have errors of their own: this one is the router's.
            guard let allow = addresses.allow(at: request.uri.path) else { throw error }
            guard request.method == .options else {
                var response = HTTPAnswers.error(
                    KuaibaoError(
                        .methodNotAllowed, "this address does not take \(request.method.rawValue.prefix(80))",
                        fix: "use \(allow)"))
                response.headers[.allow] = allow
                return response
            }
            var response = Response(status: .noContent)
            response.headers[.allow] = allow
            response.headers[.accessControlAllowMethods] = allow
            return response
        }
    }
}
