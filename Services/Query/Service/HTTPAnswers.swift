// How answers and errors look over HTTP: JSON bodies, one error shape, one table of codes.

import Foundation
import HTTPTypes
import Hummingbird
import Messages
import NIOCore

/// Builds responses.
enum HTTPAnswers {
    /// The error body: `{"error": {"code": …, "message": …, "fix": …, "range": …}}`.
    private struct ErrorBody: Encodable { let error: KuaibaoError }

    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        guard var text = (try? MessagePackJSON.encode(value)) ?? foundationJSON(value) else {
            return Response(status: .internalServerError)
        }
        text.append(UInt8(ascii: "\n"))
        return respond(text, type: "application/json; charset=utf-8", status: status)
    }

    /// For what MessagePack writes otherwise than JSON: bytes, and containers of more than its depth.
    private static func foundationJSON(_ value: some Encodable) -> [UInt8]? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map(Array.init)
    }

    static func error(_ error: any Error) -> Response {
        let known = known(error)
        var response = json(ErrorBody(error: known), status: HTTPResponse.Status(code: known.code.httpStatus))
        if let later = error as? RetryLater {
            response.headers[.retryAfter] = String(later.seconds)
        } else if known.code == .busy || known.code == .notReady || known.code == .unavailable {
            response.headers[.retryAfter] = "1"
        }
        if known.code == .unauthenticated { response.headers[.wwwAuthenticate] = "Bearer realm=\"kuaibao\"" }
        return response
    }

    static func text(_ text: String, type: String) -> Response {
        respond(Array(text.utf8), type: type, status: .ok)
    }

    /// An original as it came, for keeping and not for looking at: a page in it must not run as one of ours.
    static func original(_ original: ReaderDesk.Original) -> Response {
        let type = original.contentType.flatMap { isHeaderText($0) ? $0 : nil } ?? "application/octet-stream"
        var response = respond(original.bytes, type: type, status: .ok)
        response.headers[.contentDisposition] = "attachment"
        response.headers[.contentSecurityPolicy] = "sandbox"
        return response
    }

    private static func isHeaderText(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    static func respond(_ bytes: [UInt8], type: String, status: HTTPResponse.Status) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func known(_ error: any Error) -> KuaibaoError {
        if let later = error as? RetryLater { return later.error }
        if let error = error as? any HTTPResponseError {
            switch error.status.code {
            case 404:
                return KuaibaoError(
                    .notFound, "there is nothing at this address", fix: "see docs/http.md for the addresses")
            case 413:
                return KuaibaoError(.documentTooLarge, "the body is too large", fix: "send less at once")
            default:
                return KuaibaoError(.invalidRequest, "the request was refused", fix: "see docs/http.md")
            }
        }
        return wireError(error)
    }
}

/// Turns every thrown error, and every address that is not there, into the one error shape, and counts responses.
struct ErrorMiddleware<Context: RequestContext>: RouterMiddleware {
    let status: StatusDesk
    let crossOrigin: CrossOrigin

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = HTTPAnswers.error(error)
        }
        response.headers.append(contentsOf: crossOrigin.headers(for: request))
        status.noteResponse(status: response.status.code)
        return response
    }
}

/// The query parameters of a request, checked: an unknown one is an error, so that a typing mistake is never silent.
struct Parameters {
    private let values: [String: String]

    init(_ request: Request, known: [String]) throws(KuaibaoError) {
        var values: [String: String] = [:]
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = try Self.decoded(parts[0])
            guard known.contains(key) else {
                throw KuaibaoError(
                    .invalidRequest, "unknown parameter \"\(key.prefix(80))\"",
                    fix: "use \(known.joined(separator: ", "))")
            }
            guard values[key] == nil else {
                throw KuaibaoError(
                    .invalidRequest, "the parameter \"\(key)\" stands there twice", fix: "give each parameter once")
            }
            values[key] = parts.count > 1 ? try Self.decoded(parts[1]) : ""
        }
        self.values = values
    }

    /// Form encoding: a plus is a space, as browsers and curl write it.
    private static func decoded(_ text: Substring) throws(KuaibaoError) -> String {
        let spaced = text.utf8.contains(UInt8(ascii: "+")) ? text.replacing("+", with: " ")[...] : text
        guard let decoded = spaced.removingPercentEncoding else {
            throw KuaibaoError(
                .invalidRequest, "a parameter is not percent-encoded UTF-8", fix: "encode it, for example with curl -G")
        }
        return decoded
    }

    subscript(_ name: String) -> String? { values[name] }

    func integer(_ name: String) throws(KuaibaoError) -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = Int(text) else {
            throw KuaibaoError(.invalidRequest, "\(name) is \"\(text.prefix(80))\"", fix: "give a whole number")
        }
        return value
    }

    /// A list separated by commas; nil where the parameter is not given.
    func list(_ name: String) -> [String]? { values[name]?.split(separator: ",").map(String.init) }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Value.Type
    ) throws(KuaibaoError) -> Value? where Value.RawValue == String {
        guard let text = values[name] else { return nil }
        guard let value = Value(rawValue: text) else {
            throw KuaibaoError(
                .invalidRequest, "\(name) is \"\(text.prefix(80))\"",
                fix: "use \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    func flag(_ name: String) throws(KuaibaoError) -> Bool? {
        switch values[name] {
        case nil: return nil
        case "true", "1": return true
        case "false", "0": return false
        case let text?:
            throw KuaibaoError(.invalidRequest, "\(name) is \"\(text.prefix(80))\"", fix: "give true or false")
        }
    }

    /// The parameters whose names begin so, without that beginning.
    func all(prefix: String) -> [String: String] {
        values.filter { $0.key.hasPrefix(prefix) }
            .reduce(into: [:]) { $0[String($1.key.dropFirst(prefix.count))] = $1.value }
    }
}
