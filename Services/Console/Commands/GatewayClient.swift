// The query gateway's HTTP API, from the console.

import Foundation
import Messages
import ServiceKit
import WebClient

/// Asks a query gateway over HTTP.
struct GatewayClient: Sendable {
    /// What the longest answers need: a whole digest, an export. A gateway that is not there is told by the connection.
    private static let limits = WebLimits(totalMilliseconds: 600_000, bodyBytes: 1 << 30, redirects: 0)
    /// One for the process: its threads start with the first request. The person at the console chose the address, so
    /// every network may be reached.
    private static let web = WebClient(
        WebClient.Configuration(
            userAgent: "kuaibao/" + Release.version,
            addressGuard: AddressGuard(allowed: ["0.0.0.0/0", "::/0"].compactMap { NetworkRange($0) }), threads: 8))

    private let base: URL
    private let key: String?

    init(_ address: String, key: String? = nil) throws(KuaibaoError) {
        guard let url = URL(string: address), url.scheme == "http" || url.scheme == "https", url.host != nil else {
            throw KuaibaoError(
                .invalidRequest, "\"\(address)\" is no address", fix: "write it like http://127.0.0.1:8080")
        }
        base = url
        self.key = key
    }

    /// An answer's body as it came, and as a value.
    func get<Value: Decodable>(
        _ path: String, _ parameters: [(String, String)] = [], as type: Value.Type
    ) async throws -> (bytes: [UInt8], value: Value) {
        let bytes = try await send(.get, path, parameters, body: nil, contentType: nil)
        return (bytes, try decode(type, bytes))
    }

    /// An answer's body, whatever it is.
    func get(_ path: String, _ parameters: [(String, String)] = []) async throws -> [UInt8] {
        try await send(.get, path, parameters, body: nil, contentType: nil)
    }

    func post<Value: Decodable>(
        _ path: String, _ parameters: [(String, String)] = [], body: [UInt8] = [], contentType: String? = nil,
        as type: Value.Type
    ) async throws -> (bytes: [UInt8], value: Value) {
        let bytes = try await send(.post, path, parameters, body: body, contentType: contentType)
        return (bytes, try decode(type, bytes))
    }

    func delete<Value: Decodable>(
        _ path: String, _ parameters: [(String, String)] = [], as type: Value.Type
    ) async throws -> Value {
        try decode(type, try await send(.delete, path, parameters, body: nil, contentType: nil))
    }

    /// The same by any other method.
    func call<Value: Decodable>(
        _ method: WebMethod, _ path: String, _ parameters: [(String, String)] = [], body: [UInt8]? = nil,
        contentType: String? = nil, as type: Value.Type
    ) async throws -> (bytes: [UInt8], value: Value) {
        let bytes = try await send(method, path, parameters, body: body, contentType: contentType)
        return (bytes, try decode(type, bytes))
    }

    private struct ErrorBody: Decodable { let error: KuaibaoError }

    private func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw KuaibaoError(
                .invalidMessage, "\(base) answered something else than was asked for: \(error)",
                fix: "run one release of console and gateway")
        }
    }

    private func send(
        _ method: WebMethod, _ path: String, _ parameters: [(String, String)], body: [UInt8]?, contentType: String?
    ) async throws -> [UInt8] {
        let query = parameters.isEmpty ? "" : "?" + Self.encode(parameters)
        var address = base.absoluteString
        while address.hasSuffix("/") { address.removeLast() }
        guard let url = URL(string: address + path + query) else {
            throw KuaibaoError(.invalidRequest, "\"\(path)\" makes no address", fix: "check the name")
        }
        var headers: [(String, String)] = []
        if let key { headers.append(("Authorization", "Bearer " + key)) }
        if let contentType { headers.append(("Content-Type", contentType)) }
        let answer: WebResponse
        do {
            answer = try await Self.web.send(
                WebRequest(
                    method, url.absoluteString, headers: headers, body: body ?? [], limits: Self.limits))
        } catch {
            throw KuaibaoError(
                .unavailable, "no gateway answers at \(base): \(error.message)",
                fix: "start one with kuaibao up, or give --url")
        }
        guard answer.isSuccess else {
            if let failure = try? JSONDecoder().decode(ErrorBody.self, from: Data(answer.body)) { throw failure.error }
            throw KuaibaoError(
                .invalidMessage, "\(url) answered status \(answer.status)", fix: "is this a Kuaibao gateway?")
        }
        return answer.body
    }

    private static func encode(_ parameters: [(String, String)]) -> String {
        parameters.map { name, value in "\(name)=\(encode(value))" }.joined(separator: "&")
    }

    /// A text as a part of an address: percent-encoded, slashes too.
    static func encode(_ text: String) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        allowed.formIntersection(CharacterSet(charactersIn: Unicode.Scalar(0)...Unicode.Scalar(127)))
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }
}
