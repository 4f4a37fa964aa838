// One request to one address, without redirects, on one handle of libcurl.
//
// Safety: the handle belongs to the thread that made it. Everything that the callbacks touch is in `Exchange`, which outlives
// `curl_easy_perform`; after it, `curl_easy_reset` takes all pointers back out of the handle.

import CCurl
import Synchronization

/// A handle of libcurl with its connections and its memory of names. One thread.
@safe
struct WebHop: ~Copyable {
    /// Nil where libcurl had no memory for it.
    private let handle: UnsafeMutableRawPointer?
    private let settings: WebClient.Configuration

    /// The answer, and how long it took.
    struct Answer {
        var status: Int
        var headers: WebHeaders
        var body: [UInt8]
        var milliseconds: Int64
    }

    /// Made once: libcurl's own set-up, which is safe from several threads since 7.84.
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(_ settings: WebClient.Configuration) {
        unsafe handle = Self.isReady ? curl_easy_init() : nil
        self.settings = settings
    }

    deinit { unsafe curl_easy_cleanup(handle) }

    /// Performs one request. Blocks.
    /// - Parameter isCancelled: asked about once a second and after each piece of data.
    func perform(
        _ request: WebRequest, at address: WebAddress, milliseconds: Int64, isCancelled: @escaping () -> Bool
    ) throws(WebClientError) -> Answer {
        guard unsafe handle != nil else { throw WebClientError(.unreachable, "libcurl could not be started") }
        let exchange = Exchange(limits: request.limits, guarding: settings.addressGuard, isCancelled: isCancelled)
        let code = try withExtendedLifetime(exchange) { () throws(WebClientError) -> CURLcode in
            defer { unsafe curl_easy_reset(handle) }
            let list = try unsafe headerList(of: request)
            defer { unsafe curl_slist_free_all(list) }
            set(request, address, milliseconds)
            unsafe attach(exchange, headers: list)
            let code = perform(body: request.body)
            exchange.status = unsafe kuaibao_curl_number(handle, CURLINFO_RESPONSE_CODE)
            exchange.milliseconds = unsafe Int64(kuaibao_curl_size(handle, CURLINFO_TOTAL_TIME_T)) / 1000
            return code
        }
        if let failure = exchange.failure(code, address) { throw failure }
        return Answer(
            status: exchange.status, headers: exchange.headers, body: exchange.body, milliseconds: exchange.milliseconds
        )
    }

    private func perform(body: [UInt8]) -> CURLcode {
        // libcurl does not copy the body; it must stay where it is meanwhile.
        unsafe body.withUnsafeBytes { bytes in
            if unsafe !bytes.isEmpty {
                unsafe kuaibao_curl_set_pointer(
                    handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            }
            return unsafe curl_easy_perform(handle)
        }
    }

    private func set(_ request: WebRequest, _ address: WebAddress, _ milliseconds: Int64) {
        text(CURLOPT_URL, address.text)
        text(CURLOPT_PROTOCOLS_STR, "http,https")
        // Proxies and passwords of the environment are not ours: a proxy would connect where the guard does not see it.
        text(CURLOPT_PROXY, "")
        number(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        number(CURLOPT_NOSIGNAL, 1)
        number(CURLOPT_FOLLOWLOCATION, 0)
        number(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        number(CURLOPT_SSL_VERIFYPEER, 1)
        number(CURLOPT_SSL_VERIFYHOST, 2)
        if !settings.certificateFile.isEmpty { text(CURLOPT_CAINFO, settings.certificateFile) }
        number(CURLOPT_CONNECTTIMEOUT_MS, Int(min(request.limits.connectMilliseconds, max(1, milliseconds))))
        number(CURLOPT_TIMEOUT_MS, Int(max(1, milliseconds)))
        text(CURLOPT_USERAGENT, settings.userAgent)
        text(CURLOPT_ACCEPT_ENCODING, "")
        switch request.method {
        case .get: number(CURLOPT_HTTPGET, 1)
        case .head: number(CURLOPT_NOBODY, 1)
        case .post, .put, .patch, .delete:
            number(CURLOPT_POST, 1)
            text(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            unsafe kuaibao_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            if request.body.isEmpty { text(CURLOPT_COPYPOSTFIELDS, "") }
        }
    }

    /// The request's own headers; libcurl's additions that nobody asked for are taken out.
    private func headerList(of request: WebRequest) throws(WebClientError) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        var lines = ["Expect:"]
        if request.headers["content-type"] == nil { lines.append("Content-Type:") }
        for field in request.headers.fields {
            let isClean = (field.name + field.value).unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
            guard isClean, !field.name.isEmpty, !field.name.contains(where: { ": ".contains($0) }) else {
                unsafe curl_slist_free_all(list)
                throw WebClientError(.invalidAddress, "header \"\(field.name.prefix(60))\" holds what no header may")
            }
            // A semicolon instead of the colon is libcurl's way to send an empty value.
            lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        for line in lines { unsafe list = curl_slist_append(list, line) }
        return unsafe list
    }

    private func attach(_ exchange: Exchange, headers: UnsafeMutablePointer<curl_slist>?) {
        let context = unsafe Unmanaged.passUnretained(exchange).toOpaque()
        unsafe kuaibao_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        unsafe kuaibao_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        unsafe kuaibao_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        unsafe kuaibao_curl_set_pointer(handle, CURLOPT_XFERINFODATA, context)
        unsafe kuaibao_curl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, context)
        unsafe kuaibao_curl_set_sink(handle, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            unsafe Exchange.of(context).take(UnsafeRawBufferPointer(start: data, count: size * count))
                ? size * count : 0
        }
        unsafe kuaibao_curl_set_sink(handle, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            unsafe Exchange.of(context).takeHeader(UnsafeRawBufferPointer(start: data, count: size * count))
                ? size * count : 0
        }
        number(CURLOPT_NOPROGRESS, 0)
        unsafe kuaibao_curl_set_progress(handle) { context, _, _, _, _ in
            unsafe Exchange.of(context).isCancelled() ? 1 : 0
        }
        unsafe kuaibao_curl_set_open_socket(handle) { context, _, peer in
            guard let peer = unsafe peer else { return CURL_SOCKET_BAD }
            var bytes = [UInt8](repeating: 0, count: 16)
            let count = unsafe kuaibao_curl_peer(peer, &bytes)
            let address = count > 0 ? NetworkAddress(Array(bytes.prefix(Int(count)))) : nil
            guard unsafe Exchange.of(context).mayConnect(to: address) else { return CURL_SOCKET_BAD }
            return unsafe kuaibao_curl_socket(peer)
        }
    }

    private func text(_ option: CURLoption, _ value: String) { unsafe kuaibao_curl_set_text(handle, option, value) }

    private func number(_ option: CURLoption, _ value: Int) { unsafe kuaibao_curl_set_number(handle, option, value) }
}
