// Pages of other sites: which may read answers (CORS), and that none may change anything unasked.

import HTTPTypes
import Hummingbird
import Messages

/// The rule for requests that a browser sends for a page of another origin.
struct CrossOrigin: Sendable {
    /// Origins whose pages may read answers; `*` for all.
    let allowed: [String]

    private static let exposed = "Kuaibao-Total, Kuaibao-Version, Retry-After"
    private static let headers = "Authorization, Content-Type"
    /// Seconds that a browser may remember a preflight.
    private static let maxAge = "600"

    /// The headers that let the request's page read the answer; none for a page that may not.
    func headers(for request: Request) -> HTTPFields {
        var fields = HTTPFields()
        guard let origin = request.headers[.origin], isAllowed(origin) else { return fields }
        fields[.accessControlAllowOrigin] = allowed.contains("*") ? "*" : origin
        fields[.vary] = "Origin"
        fields[.accessControlExposeHeaders] = Self.exposed
        if request.method == .options {
            fields[.accessControlAllowHeaders] = Self.headers
            fields[.accessControlMaxAge] = Self.maxAge
        }
        return fields
    }

    /// - Throws: `notAllowed` for a change that a page of another origin asks for: a browser sends simple requests
    ///   without asking, and a gateway on this machine may be open.
    func requireSameOrigin(_ request: Request) throws(KuaibaoError) {
        guard let origin = request.headers[.origin], !isAllowed(origin) else { return }
        let host = request.head.authority ?? ""
        guard origin != "http://\(host)", origin != "https://\(host)" else { return }
        throw KuaibaoError(
            .notAllowed, "a page of \(origin.prefix(200)) asked for a change",
            fix: "add its origin to the setting cors-origins")
    }

    private func isAllowed(_ origin: String) -> Bool { allowed.contains("*") || allowed.contains(origin) }
}
