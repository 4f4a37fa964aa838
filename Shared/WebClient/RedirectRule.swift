// What follows from one answer: the end, or another request. Pure.
//
// A redirect within the origin (scheme, host, port) repeats the request. One to another origin takes along only what says how
// the answer should look: a key for one host is no business of another. A body is never sent to another origin.

/// Decides on redirects.
enum RedirectRule {
    enum Step: Sendable, Hashable {
        case finished
        case follow(WebRequest, WebAddress)
    }

    /// Headers that go along to another origin.
    private static let harmless: Set<String> = [
        "accept", "accept-language", "user-agent", "if-none-match", "if-modified-since",
    ]

    /// - Parameter followed: redirects that were followed before this answer.
    /// - Throws: `tooManyRedirects`, `redirectRefused`, `invalidAddress`.
    static func step(
        after request: WebRequest, at address: WebAddress, status: Int, location: String?, followed: Int
    ) throws(WebClientError) -> Step {
        guard [301, 302, 303, 307, 308].contains(status), let location, request.limits.redirects > 0 else {
            return .finished
        }
        guard followed < request.limits.redirects else {
            throw WebClientError(.tooManyRedirects, "\(address.shown) leads on after \(followed) redirects")
        }
        let next = try WebAddress(location, relativeTo: address)
        var request = request
        request.address = next.text
        // RFC 9110, 15.4: 303 asks to look elsewhere; after 301 and 302 browsers turn POST into GET, and servers count on it.
        if status == 303 && request.method != .head || (status == 301 || status == 302) && request.method == .post {
            request.method = .get
            request.body = []
            request.headers.keep { !$0.name.hasPrefix("content-") }
        }
        if next.origin != address.origin {
            guard request.method == .get || request.method == .head else {
                throw WebClientError(
                    .redirectRefused, "\(address.shown) sends a \(request.method.rawValue) on to \(next.host)")
            }
            request.body = []
            request.headers.keep { harmless.contains($0.name) }
        }
        return .follow(request, next)
    }
}
