// A client of the ask link: the same search over ZeroMQ, without HTTP.
//
//     let client = try AskClient(endpoint: "tcp://127.0.0.1:7520")
//     let answer = try await client.search("复工复产")

import Foundation
import Messages
import Transport
import ZeroMQ

/// Asks one gateway over ZeroMQ. Owns a thread and a socket until `close`.
public final class AskClient: Sendable {
    private let thread: PollThread
    private let client: RequestClient
    private let collection: String
    private let key: String?

    /// - Parameter key: an API key or a tenant token, for a gateway that has keys.
    /// - Throws: `ClientError` for an endpoint that is none.
    public init(
        endpoint: String = "tcp://127.0.0.1:7520", collection: String = "bulletins", key: String? = nil
    ) throws(ClientError) {
        self.key = key
        self.collection = collection
        do {
            thread = try PollThread(name: "ask-client")
            client = try RequestClient(
                thread: thread, endpoint: endpoint, prefix: "ask-\(UUID().uuidString.prefix(8))",
                now: Self.now)
        } catch {
            throw ClientError(code: "invalid-request", message: "\(error)", fix: "write it like tcp://127.0.0.1:7520")
        }
    }

    /// Time between two tries while there is no connection, in milliseconds.
    private static let pauseMilliseconds: Int64 = 20

    /// Searches. A connection that is not there yet, or has just been lost, is waited for.
    ///
    /// - Throws: `ClientError` with the gateway's stable code, or `unavailable` where nobody answers in time.
    public func search(
        _ query: String, limit: Int = 10, cursor: String? = nil, timeoutMilliseconds: Int64 = 10_000
    ) async throws -> SearchAnswer {
        do {
            let request = SearchRequest(collection: collection, q: query, limit: limit, cursor: cursor, key: key)
            let deadline = Self.now() + timeoutMilliseconds
            while true {
                do {
                    let left = max(1, deadline - Self.now())
                    let message = try await client.request(.search, request, timeoutMilliseconds: left)
                    return try message.body(as: SearchAnswer.self)
                } catch let error as KuaibaoError
                    where error.code == .unavailable && Self.now() + Self.pauseMilliseconds < deadline
                {
                    // Asking again does no harm: a search changes nothing.
                    try await Task.sleep(for: .milliseconds(Self.pauseMilliseconds))
                }
            }
        } catch let error as KuaibaoError {
            throw ClientError(code: error.code.rawValue, message: error.message, fix: error.fix)
        }
    }

    private static func now() -> Int64 { Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000) }

    public func close() { thread.stop() }
}
