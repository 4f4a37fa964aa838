// What libcurl's callbacks gather during one hop, and what a failure of it means.

import CCurl

/// The state of one hop. One thread.
final class Exchange {
    private let limits: WebLimits
    private let addressGuard: AddressGuard
    let isCancelled: () -> Bool
    var status = 0
    var milliseconds: Int64 = 0
    private(set) var headers = WebHeaders()
    private(set) var body: [UInt8] = []
    private var headerBytes = 0
    private var overflow: WebClientError?
    /// What the guard said to the last address that it refused, and whether it let one through.
    private var refused: String?
    private var hasConnected = false

    init(limits: WebLimits, guarding addressGuard: AddressGuard, isCancelled: @escaping () -> Bool) {
        self.limits = limits
        self.addressGuard = addressGuard
        self.isCancelled = isCancelled
    }

    /// The exchange that a callback was given.
    static func of(_ context: UnsafeMutableRawPointer?) -> Exchange {
        guard let context = unsafe context else { preconditionFailure("libcurl lost the context that it was given") }
        return unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
    }

    /// Takes a piece of the body; false ends the transfer.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= limits.bodyBytes else {
            overflow = WebClientError(.tooLarge, "the answer has more than \(limits.bodyBytes) bytes")
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    /// Takes one header line, status lines of earlier answers (100, 103) included.
    func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= limits.headerBytes else {
            overflow = WebClientError(.tooLarge, "the answer's header has more than \(limits.headerBytes) bytes")
            return false
        }
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers = WebHeaders()
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            headers.add(String(line[..<colon]), value.trimming { $0.isWhitespace })
        }
        return true
    }

    func mayConnect(to address: NetworkAddress?) -> Bool {
        guard let address else {
            refused = "an address of an unknown kind"
            return false
        }
        if let kind = addressGuard.refusal(of: address) {
            refused = "\(address), which is \(kind)"
            return false
        }
        hasConnected = true
        return true
    }

    /// What went wrong; nil where nothing did.
    func failure(_ code: CURLcode, _ address: WebAddress) -> WebClientError? {
        guard code != CURLE_OK else { return nil }
        if let overflow { return overflow }
        let reason = unsafe String(cString: curl_easy_strerror(code))
        func error(_ code: WebClientError.Code) -> WebClientError {
            WebClientError(code, "\(address.shown): \(reason.prefix(1).lowercased() + reason.dropFirst())")
        }
        if let refused, !hasConnected {
            return WebClientError(.addressRefused, "\(address.host) is at \(refused)")
        }
        switch code {
        case CURLE_URL_MALFORMAT: return error(.invalidAddress)
        case CURLE_COULDNT_RESOLVE_HOST: return error(.unknownHost)
        case CURLE_COULDNT_CONNECT: return error(.unreachable)
        case CURLE_OPERATION_TIMEDOUT: return error(.timedOut)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_USE_SSL_FAILED, CURLE_SSL_ISSUER_ERROR:
            return error(.insecure)
        case CURLE_ABORTED_BY_CALLBACK:
            return WebClientError(.cancelled, "\(address.shown): nobody waits for it any more")
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE: return error(.brokenConnection)
        default: return error(.badAnswer)
        }
    }
}

extension Substring {
    fileprivate func trimming(where isCut: (Character) -> Bool) -> String {
        var text = self
        while let first = text.first, isCut(first) { text.removeFirst() }
        while let last = text.last, isCut(last) { text.removeLast() }
        return String(text)
    }
}
