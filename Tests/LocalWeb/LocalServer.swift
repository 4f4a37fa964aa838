// A small HTTP server on a free port of 127.0.0.1, for tests of what fetches and delivers. One request a connection, a thread
// each; answers may be as broken as a test wishes.

import Foundation
import Glibc
import Synchronization

/// A request as it came.
package struct LocalRequest: Sendable, Hashable {
    package var method: String
    /// Path and query.
    package var target: String
    /// Names in lowercase; of several the last.
    package var headers: [String: String]
    package var body: [UInt8]
}

/// What the server does with a request.
package enum LocalAnswer: Sendable {
    case response(_ status: Int, headers: [(String, String)] = [], body: [UInt8] = [])
    /// These bytes and the end of the connection.
    case raw([UInt8])
    /// These bytes over and over, until the client goes or `stop`.
    case flood(head: [UInt8], piece: [UInt8])
    /// Nothing, until the client goes or `stop`.
    case silence

    package static func text(
        _ text: String, type: String = "text/plain; charset=utf-8", headers: [(String, String)] = []
    )
        -> LocalAnswer
    {
        .response(200, headers: [("Content-Type", type)] + headers, body: Array(text.utf8))
    }
}

package final class LocalServer: Sendable {
    private struct State: Sendable {
        var requests: [LocalRequest] = []
        var open = 0
        var mostOpen = 0
    }

    private let listener: LoopbackListener
    private let answer: @Sendable (LocalRequest) -> LocalAnswer
    private let state = Mutex(State())

    package init(_ answer: @escaping @Sendable (LocalRequest) -> LocalAnswer) throws {
        self.answer = answer
        listener = try LoopbackListener()
        listener.start(name: "local-server") { [self] connection in
            state.withLock { state in
                state.open += 1
                state.mostOpen = max(state.mostOpen, state.open)
            }
            serve(connection)
            state.withLock { $0.open -= 1 }
        }
    }

    package var port: Int { listener.port }

    package var address: String { "http://127.0.0.1:\(port)" }

    package var requests: [LocalRequest] { state.withLock { $0.requests } }

    /// The most connections that were open at once.
    package var mostOpen: Int { state.withLock { $0.mostOpen } }

    package func stop() { listener.stop() }

    private var isStopped: Bool { listener.isStopped }

    private func serve(_ connection: Int32) {
        guard let request = read(connection) else { return }
        state.withLock { $0.requests.append(request) }
        switch answer(request) {
        case .response(let status, let headers, let body):
            var head = "HTTP/1.1 \(status) Answer\r\nConnection: close\r\n"
            for (name, value) in headers { head += "\(name): \(value)\r\n" }
            head += "Content-Length: \(body.count)\r\n\r\n"
            _ = write(connection, Array(head.utf8) + (request.method == "HEAD" ? [] : body))
        case .raw(let bytes):
            _ = write(connection, bytes)
        case .flood(let head, let piece):
            guard write(connection, head) else { return }
            while !isStopped, write(connection, piece) {}
        case .silence:
            waitForEnd(connection)
        }
    }

    private func waitForEnd(_ connection: Int32) {
        var poller = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        while !isStopped, unsafe poll(&poller, 1, 50) == 0 {}
    }

    private func write(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes[start...].withUnsafeBytes {
                unsafe send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            start += count
        }
        return true
    }

    private func read(_ connection: Int32) -> LocalRequest? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            if let request = Self.request(bytes) { return request }
            let count = unsafe recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            // A client that wants TLS begins with a byte that is no letter; it is not served.
            guard buffer[0] != 0x16 || !bytes.isEmpty else { return nil }
            bytes += buffer[..<count]
        }
    }

    /// The request in some bytes; nil until it is whole.
    private static func request(_ bytes: [UInt8]) -> LocalRequest? {
        let end = Array("\r\n\r\n".utf8)
        guard let head = bytes.firstRange(of: end) else { return nil }
        let lines = String(decoding: bytes[..<head.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let body = Array(bytes[head.upperBound...])
        guard body.count >= headers["content-length"].flatMap({ Int($0) }) ?? 0 else { return nil }
        return LocalRequest(method: String(words[0]), target: String(words[1]), headers: headers, body: body)
    }
}
