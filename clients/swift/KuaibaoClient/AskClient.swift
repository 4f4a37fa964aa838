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

    /// - Throws: `ClientError` for an endpoint that is none.
    public init(endpoint: String = "tcp://127.0.0.1:7520", collection: String = "bulletins") throws(ClientError) {
        self.collection = collection
        do {
            thread = try PollThread(name: "ask-client")
            client = try RequestClient(
                thread: thread, endpoint: endpoint, prefix: "ask-\(UUID().uuidString.prefix(8))",
                now: { Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000) })
        } catch {
            throw ClientError(code: "invalid-request", message: "\(error)", fix: "write it like tcp://127.0.0.1:7520")
        }
    }

    /// Searches.
    ///
    /// - Throws: `ClientError` with the gateway's stable code, or `unavailable` where nobody answers.
    public func search(
        _ query: String, limit: Int = 10, cursor: String? = nil, timeoutMilliseconds: Int64 = 10_000
    ) async throws -> SearchAnswer {
        do {
            let request = SearchRequest(collection: collection, q: query, limit: limit, cursor: cursor)
            let message = try await client.request(.search, request, timeoutMilliseconds: timeoutMilliseconds)
            return try message.body(as: SearchAnswer.self)
        } catch let error as KuaibaoError {
            throw ClientError(code: error.code.rawValue, message: error.message, fix: error.fix)
        }
    }

    public func close() { thread.stop() }
}
