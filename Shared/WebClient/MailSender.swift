// Mail: one message to one SMTP server at a time, with libcurl (RFC 5321; RFC 3207 for STARTTLS).
//
// The server is the operator's own, named in the settings, so no guard judges its address. Whom mail may go to is the caller's to
// judge.
//
// Safety: handle and message belong to the calling thread until `curl_easy_perform` has ended; the handle is freed before either
// goes away.

import CCurl

/// Where mail is handed in.
package struct MailServer: Sendable, Hashable {
    /// `smtp://host:587`, which is asked for STARTTLS, or `smtps://host:465`, which is TLS from the first byte.
    package var address: String
    /// A name and a password go over TLS only; nil for none.
    package var login: Login?
    /// File of certificates that are trusted instead of the system's; empty for the system's.
    package var certificateFile: String

    package struct Login: Sendable, Hashable {
        package var name: String
        package var password: String

        package init(name: String, password: String) {
            self.name = name
            self.password = password
        }
    }

    /// - Throws: `invalidAddress` for another scheme, or an address that names a user or a path.
    package init(_ address: String, login: Login? = nil, certificateFile: String = "") throws(WebClientError) {
        let rest = ["smtp://", "smtps://"].first { address.hasPrefix($0) }.map { address.dropFirst($0.count) } ?? ""
        let isClean = rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard !rest.isEmpty, isClean, !rest.contains(where: { "/@?#".contains($0) }) else {
            throw WebClientError(
                .invalidAddress, "\"\(address.prefix(80))\" is no mail server; write smtp://host:587 or smtps://host:465")
        }
        self.address = address
        self.login = login
        self.certificateFile = certificateFile
    }

    var isSecureFromTheStart: Bool { address.hasPrefix("smtps://") }
}

/// An address of a mailbox that can stand in a command of SMTP as it is: letters, digits and `.!#$%&'*+/=?^_{|}~-` before the @.
package struct Mailbox: Sendable, Hashable {
    package let text: String
    package let domain: String

    private static let longest = 254

    /// Nil for what is no such address.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= Self.longest else { return nil }
        let isLocal: (Character) -> Bool = {
            $0.isASCII && ($0.isLetter || $0.isNumber || ".!#$%&'*+/=?^_{|}~-".contains($0))
        }
        let isHost: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber || ".-".contains($0)) }
        guard !parts[0].isEmpty, parts[0].allSatisfy(isLocal), !parts[1].isEmpty, parts[1].allSatisfy(isHost),
            !parts[1].hasPrefix("."), !parts[1].hasPrefix("-"), !parts[1].hasSuffix(".")
        else { return nil }
        self.text = text
        domain = parts[1].lowercased()
    }
}

/// Hands mail in.
package enum MailSender {
    /// How a server refused a message.
    package struct Refusal: Error, Sendable, Hashable {
        package var error: WebClientError
        /// True for an answer 5xx: the same message will not be taken later either.
        package var isFinal: Bool
    }

    /// Hands one message in. Blocks for at most `milliseconds`.
    ///
    /// - Parameter message: header and body, lines ended by CR LF.
    package static func send(
        _ message: [UInt8], from sender: Mailbox, to recipient: Mailbox, by server: MailServer, milliseconds: Int
    ) throws(Refusal) {
        guard WebHop.isReady, let handle = unsafe curl_easy_init() else {
            throw Refusal(error: WebClientError(.unreachable, "libcurl could not be started"), isFinal: false)
        }
        defer { unsafe curl_easy_cleanup(handle) }
        let upload = MailUpload(message)
        let recipients = unsafe curl_slist_append(nil, "<\(recipient.text)>")
        defer { unsafe curl_slist_free_all(recipients) }
        func text(_ option: CURLoption, _ value: String) { unsafe kuaibao_curl_set_text(handle, option, value) }
        func number(_ option: CURLoption, _ value: Int) { unsafe kuaibao_curl_set_number(handle, option, value) }
        text(CURLOPT_URL, server.address)
        text(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        text(CURLOPT_PROXY, "")
        number(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        number(CURLOPT_NOSIGNAL, 1)
        number(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        number(CURLOPT_SSL_VERIFYPEER, 1)
        number(CURLOPT_SSL_VERIFYHOST, 2)
        if !server.certificateFile.isEmpty { text(CURLOPT_CAINFO, server.certificateFile) }
        if let login = server.login {
            text(CURLOPT_USERNAME, login.name)
            text(CURLOPT_PASSWORD, login.password)
        }
        if !server.isSecureFromTheStart {
            number(CURLOPT_USE_SSL, Int((server.login == nil ? CURLUSESSL_TRY : CURLUSESSL_ALL).rawValue))
        }
        number(CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
        number(CURLOPT_TIMEOUT_MS, milliseconds)
        text(CURLOPT_MAIL_FROM, "<\(sender.text)>")
        unsafe kuaibao_curl_set_pointer(handle, CURLOPT_MAIL_RCPT, recipients)
        number(CURLOPT_UPLOAD, 1)
        unsafe kuaibao_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(message.count))
        unsafe kuaibao_curl_set_pointer(handle, CURLOPT_READDATA, Unmanaged.passUnretained(upload).toOpaque())
        unsafe kuaibao_curl_set_source(handle) { buffer, size, count, context in
            unsafe MailUpload.of(context).give(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        }
        unsafe kuaibao_curl_set_sink(handle, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
        let code = withExtendedLifetime(upload) { unsafe curl_easy_perform(handle) }
        let answer = unsafe kuaibao_curl_number(handle, CURLINFO_RESPONSE_CODE)
        guard code != CURLE_OK else { return }
        throw refusal(code, answer, server)
    }

    private static func refusal(_ code: CURLcode, _ answer: Int, _ server: MailServer) -> Refusal {
        let reason = unsafe String(cString: curl_easy_strerror(code))
        let isFinal = (500..<600).contains(answer)
        let told = answer >= 400 ? ", which answered \(answer)" : ""
        func refusal(_ kind: WebClientError.Code) -> Refusal {
            Refusal(
                error: WebClientError(
                    kind, "\(server.address)\(told): \(reason.prefix(1).lowercased() + reason.dropFirst())"),
                isFinal: isFinal)
        }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: return refusal(.unknownHost)
        case CURLE_COULDNT_CONNECT: return refusal(.unreachable)
        case CURLE_OPERATION_TIMEDOUT: return refusal(.timedOut)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_USE_SSL_FAILED,
            CURLE_SSL_ISSUER_ERROR:
            return refusal(.insecure)
        case CURLE_GOT_NOTHING where answer < 400, CURLE_RECV_ERROR where answer < 400,
            CURLE_SEND_ERROR where answer < 400:
            return refusal(.brokenConnection)
        default: return refusal(.badAnswer)
        }
    }
}

/// The message while libcurl takes it. One thread.
private final class MailUpload {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func of(_ context: UnsafeMutableRawPointer?) -> MailUpload {
        guard let context = unsafe context else { preconditionFailure("libcurl lost the context that it was given") }
        return unsafe Unmanaged<MailUpload>.fromOpaque(context).takeUnretainedValue()
    }

    /// Fills a buffer with what comes next; 0 at the end.
    func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - place)
        unsafe buffer.copyBytes(from: bytes[place..<(place + count)])
        place += count
        return count
    }
}
