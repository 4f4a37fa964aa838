// A client of the query gateway over HTTP, without FoundationNetworking.
//
//     let client = KuaibaoClient(port: 8080)
//     let answer = try await client.search("复工 部门:上海市公安局", limit: 5)
//     for hit in answer.hits { print(hit.date ?? "", hit.title.text, hit.sources) }

import Foundation
import Synchronization

/// Asks one gateway. Use one value for all tasks: connections are kept and shared, at most `connectionLimit` at rest.
public final class KuaibaoClient: Sendable {
    private static let connectionLimit = 16

    private let host: String
    private let port: Int
    private let key: String?
    private let collection: String
    private let idle = Mutex<[ConnectionBox]>([])

    /// - Parameter key: an API key or a tenant token, where the gateway wants one.
    public init(
        host: String = "127.0.0.1", port: Int = 8080, key: String? = nil, collection: String = "bulletins"
    ) {
        self.host = host
        self.port = port
        self.key = key
        self.collection = collection
    }

    /// Searches.
    ///
    /// - Parameters:
    ///   - query: in the query language; docs/query-language.md.
    ///   - cursor: of an earlier answer, for the hits behind it.
    /// - Throws: `ClientError` with the gateway's stable code.
    public func search(
        _ query: String, limit: Int = 10, cursor: String? = nil, sort: SearchOrder = .relevance
    ) async throws -> SearchAnswer {
        var parameters = [("q", query), ("limit", "\(limit)"), ("sort", sort.rawValue)]
        if let cursor { parameters.append(("cursor", cursor)) }
        return try await value("GET", path("/search"), parameters)
    }

    /// Items that are like another.
    public func similar(to id: String, limit: Int = 10) async throws -> SearchAnswer {
        try await value("GET", path("/similar"), [("id", id), ("limit", "\(limit)")])
    }

    /// The bytes of a document, or of an item, as they were submitted.
    public func original(of id: String) async throws -> [UInt8] {
        try await send("GET", path("/documents/\(Self.encode(id))/original"), [], []).body
    }

    /// Submits a document; waits until searches find it where `waits` is true.
    public func add(
        _ bytes: [UInt8], identity: String? = nil, source: String? = nil, waits: Bool = false
    ) async throws -> Receipt {
        var parameters = [("wait", waits ? "searchable" : "accepted")]
        if let identity { parameters.append(("identity", identity)) }
        if let source { parameters.append(("source", source)) }
        return try await value("POST", path("/documents"), parameters, bytes)
    }

    /// Removes a document.
    public func remove(_ identity: String) async throws -> Receipt {
        try await value("DELETE", path("/documents/\(Self.encode(identity))"), [])
    }

    // MARK: Sending

    private func path(_ rest: String) -> String { "/v1/collections/\(Self.encode(collection))\(rest)" }

    private struct ErrorBody: Decodable { let error: ClientError }

    private func value<Value: Decodable>(
        _ method: String, _ path: String, _ parameters: [(String, String)], _ body: [UInt8] = []
    ) async throws -> Value {
        let answer = try await send(method, path, parameters, body)
        return try JSONDecoder().decode(Value.self, from: Data(answer.body))
    }

    private func send(
        _ method: String, _ path: String, _ parameters: [(String, String)], _ body: [UInt8]
    ) async throws -> HTTPAnswer {
        let query = parameters.map { "\(Self.encode($0.0))=\(Self.encode($0.1))" }.joined(separator: "&")
        let target = query.isEmpty ? path : path + "?" + query
        let headers = key.map { [("Authorization", "Bearer " + $0)] } ?? []
        let answer: HTTPAnswer = try await withCheckedThrowingContinuation { continuation in
            // A thread of its own, because it blocks: threads of Dispatch are those that Swift's tasks run on.
            Thread.detachNewThread { [self] in
                continuation.resume(with: Result { try exchange(method, target, headers, body) })
            }
        }
        guard (200..<300).contains(answer.status) else {
            let known = try? JSONDecoder().decode(ErrorBody.self, from: Data(answer.body))
            throw known?.error
                ?? ClientError(
                    code: "invalid-message", message: "status \(answer.status)", fix: "is this a Kuaibao gateway?")
        }
        return answer
    }

    /// On a kept connection if there is one; a reading request whose kept connection was closed meanwhile gets a new one.
    private func exchange(
        _ method: String, _ target: String, _ headers: [(String, String)], _ body: [UInt8]
    ) throws(ClientError) -> HTTPAnswer {
        if let kept = idle.withLock({ $0.popLast() }) {
            do {
                return try use(kept, method, target, headers, body)
            } catch {
                // Reading twice changes nothing.
                guard method == "GET" else { throw error }
            }
        }
        let fresh = ConnectionBox(try HTTPConnection(host: host, port: port))
        return try use(fresh, method, target, headers, body)
    }

    private func use(
        _ box: ConnectionBox, _ method: String, _ target: String, _ headers: [(String, String)], _ body: [UInt8]
    ) throws(ClientError) -> HTTPAnswer {
        let answer = try box.connection.withLock { (connection) throws(ClientError) in
            try connection.send(method, target, headers: headers, body: body)
        }
        idle.withLock { if $0.count < Self.connectionLimit { $0.append(box) } }
        return answer
    }

    /// Percent-encodes a part of an address.
    static func encode(_ text: String) -> String {
        var allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        allowed.insert(charactersIn: "-._~")
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }
}

/// A connection that can be kept in an array.
private final class ConnectionBox: Sendable {
    let connection: Mutex<HTTPConnection>

    init(_ connection: consuming sending HTTPConnection) { self.connection = Mutex(connection) }
}
