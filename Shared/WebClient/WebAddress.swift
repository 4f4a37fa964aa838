// Addresses as libcurl reads them. The same code judges an address and later connects to it, so the two never read it
// differently.

import CCurl

/// A checked `http` or `https` address without user, password and fragment.
package struct WebAddress: Sendable, Hashable {
    /// The whole address, with what is not ASCII percent-encoded.
    package let text: String
    package let scheme: String
    /// Lowercase; an IPv6 address stands in brackets.
    package let host: String
    package let port: Int
    /// Path and query, as they are asked for; begins with a slash.
    package let target: String

    /// Longest address that is taken, in bytes.
    package static let longest = 8192

    /// Reads an address, or a reference relative to another one.
    /// - Throws: `invalidAddress`.
    package init(_ reference: String, relativeTo base: WebAddress? = nil) throws(WebClientError) {
        let blanks = reference.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
        guard !reference.isEmpty, reference.utf8.count <= Self.longest, !blanks else {
            throw WebClientError(
                .invalidAddress, "an address of \(reference.utf8.count) bytes, or with control characters")
        }
        guard let url = unsafe curl_url() else {
            throw WebClientError(.invalidAddress, "no memory is left for an address")
        }
        defer { unsafe curl_url_cleanup(url) }
        let flags = UInt32(CURLU_URLENCODE | CURLU_DISALLOW_USER)
        if let base { _ = unsafe curl_url_set(url, CURLUPART_URL, base.text, flags) }
        guard unsafe curl_url_set(url, CURLUPART_URL, reference, flags) == CURLUE_OK,
            unsafe curl_url_set(url, CURLUPART_FRAGMENT, nil, 0) == CURLUE_OK
        else { throw Self.unreadable(reference) }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var pointer: UnsafeMutablePointer<CChar>?
            guard unsafe curl_url_get(url, part, &pointer, UInt32(flags)) == CURLUE_OK, let pointer = unsafe pointer
            else { return nil }
            defer { unsafe curl_free(pointer) }
            return unsafe String(cString: pointer)
        }
        // Names know no case; libcurl keeps it.
        if let host = part(CURLUPART_HOST) { _ = unsafe curl_url_set(url, CURLUPART_HOST, host.lowercased(), 0) }
        guard let text = part(CURLUPART_URL), let scheme = part(CURLUPART_SCHEME)?.lowercased(),
            scheme == "http" || scheme == "https", let host = part(CURLUPART_HOST), !host.isEmpty,
            let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap({ Int($0) }), text.utf8.count <= Self.longest
        else { throw Self.unreadable(reference) }
        self.text = text
        self.scheme = scheme
        self.host = host
        self.port = port
        target = (part(CURLUPART_PATH) ?? "/") + (part(CURLUPART_QUERY).map { "?" + $0 } ?? "")
    }

    /// Who answers there: `scheme://host:port`.
    package var origin: String { "\(scheme)://\(host):\(port)" }

    /// Without the query, which may hold a secret.
    package var shown: String { String(text.prefix { $0 != "?" }) }

    private static func unreadable(_ reference: String) -> WebClientError {
        // What stands before an @ may be a password.
        let shown = reference.prefix(200).split(separator: "@").last.map(String.init) ?? ""
        return WebClientError(.invalidAddress, "\"\(shown.prefix { $0 != "?" })\" is no http or https address")
    }
}
