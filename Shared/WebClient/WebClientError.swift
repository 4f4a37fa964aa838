// The one error type of the web client.

package import Messages

/// Why an address was not fetched or a message not delivered.
package struct WebClientError: Error, Sendable, Hashable {
    /// Stable codes; they stand in logs, in the state of a feed and in the ledger of a delivery.
    package enum Code: String, Sendable, Codable, CaseIterable {
        /// The address is no `http` or `https` address, or names a user; a header that cannot be sent.
        case invalidAddress = "invalid-address"
        /// The host is at an address that may not be connected to.
        case addressRefused = "address-refused"
        /// The host's name has no address.
        case unknownHost = "unknown-host"
        /// Nobody answers there.
        case unreachable
        /// No secure connection: a certificate that is not trusted, another name, an old protocol.
        case insecure
        case timedOut = "timed-out"
        /// The connection ended in the middle of an answer.
        case brokenConnection = "broken-connection"
        /// The answer is no HTTP, or cannot be unpacked.
        case badAnswer = "bad-answer"
        /// The answer's body or header is longer than was allowed.
        case tooLarge = "too-large"
        case tooManyRedirects = "too-many-redirects"
        /// A redirect that is not followed: a body would go to another host.
        case redirectRefused = "redirect-refused"
        /// As many requests wait as may.
        case busy
        case cancelled
        /// The client was stopped.
        case stopped
    }

    package var code: Code
    /// Lowercase, no full stop; holds no header and no query of an address.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the same request may succeed later without anybody's doing.
    package var isTransient: Bool {
        switch code {
        case .unknownHost, .unreachable, .timedOut, .brokenConnection, .busy, .cancelled, .stopped: true
        case .invalidAddress, .addressRefused, .insecure, .badAnswer, .tooLarge, .tooManyRedirects, .redirectRefused:
            false
        }
    }
}

extension WebClientError: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(message)" }
}

extension WebClientError {
    /// The same error as a user sees it.
    package var wireError: KuaibaoError {
        switch code {
        case .invalidAddress:
            KuaibaoError(.invalidRequest, message, fix: "give an address like https://example.org/news.xml")
        case .addressRefused:
            KuaibaoError(
                .notAllowed, message,
                fix: "allow its network by the setting that the documentation names, if it is yours")
        case .unknownHost, .unreachable, .brokenConnection, .stopped:
            KuaibaoError(.unavailable, message, fix: "check the address and the network, then try again")
        case .insecure:
            KuaibaoError(.unavailable, message, fix: "check the host's certificate and this machine's clock")
        case .timedOut, .cancelled: KuaibaoError(.deadlineExceeded, message, fix: "try again later")
        case .badAnswer, .tooManyRedirects, .redirectRefused:
            KuaibaoError(
                .unreadableDocument, message, fix: "look at the address in a browser and give the one it ends at")
        case .tooLarge: KuaibaoError(.documentTooLarge, message, fix: "give a smaller page, or raise the limit")
        case .busy: KuaibaoError(.busy, message, fix: "try again in a moment")
        }
    }
}
