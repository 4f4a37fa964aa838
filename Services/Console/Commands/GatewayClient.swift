// The query gateway's HTTP API, from the console.

import Foundation
import FoundationNetworking
import Messages

/// Asks a query gateway over HTTP.
struct GatewayClient: Sendable {
    private static let timeoutSeconds = 60.0

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
        let bytes = try await send("GET", path, parameters, body: nil, contentType: nil)
        return (bytes, try decode(type, bytes))
    }

    /// An answer's body, whatever it is.
    func get(_ path: String, _ parameters: [(String, String)] = []) async throws -> [UInt8] {
        try await send("GET", path, parameters, body: nil, contentType: nil)
    }

    func post<Value: Decodable>(
        _ path: String, _ parameters: [(String, String)] = [], body: [UInt8] = [], contentType: String? = nil,
        as type: Value.Type
    ) async throws -> (bytes: [UInt8], value: Value) {
        let bytes = try await send("POST", path, parameters, body: body, contentType: contentType)
        return (bytes, try decode(type, bytes))
    }

    func delete<Value: Decodable>(
        _ path: String, _ parameters: [(String, String)] = [], as type: Value.Type
    ) async throws -> Value {
        try decode(type, try await send("DELETE", path, parameters, body: nil, contentType: nil))
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
        _ method: String, _ path: String, _ parameters: [(String, String)], body: [UInt8]?, contentType: String?
    ) async throws -> [UInt8] {
        let query = parameters.isEmpty ? "" : "?" + Self.encode(parameters)
        var address = base.absoluteString
        while address.hasSuffix("/") { address.removeLast() }
        guard let url = URL(string: address + path + query) else {
            throw KuaibaoError(.invalidRequest, "\"\(path)\" makes no address", fix: "check the name")
        }
        var request = URLRequest(url: url, timeoutInterval: Self.timeoutSeconds)
        request.httpMethod = method
        if let body { request.httpBody = Data(body) }
        if let key { request.setValue("Bearer " + key, forHTTPHeaderField: "Authorization") }
        if let contentType { request.setValue(contentType, forHTTPHeaderField: "Content-Type") }
        let data: Data
        let response: URLResponse
        do {
            (data, response) = try await URLSession.shared.data(for: request)
        } catch {
            throw KuaibaoError(
                .unavailable, "no gateway answers at \(base)", fix: "start one with kuaibao up, or give --url")
        }
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        guard (200..<300).contains(status) else {
            if let failure = try? JSONDecoder().decode(ErrorBody.self, from: data) { throw failure.error }
            throw KuaibaoError(
                .invalidMessage, "\(url) answered status \(status)", fix: "is this a Kuaibao gateway?")
        }
        return Array(data)
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
