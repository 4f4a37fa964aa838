// One HTTP request over a connection of its own, with plain blocking sockets.
//
// Foundation's client is not used in the tests: on Linux a request whose peer is killed, or which is cancelled meanwhile, may never
// come back, not even after its time-out.

import Foundation
import Glibc

enum PlainHTTP {
    struct Response: Sendable {
        let status: Int
        /// By lowercase name.
        let headers: [String: String]
        let body: Data
    }

    /// Longest silence of the other side, in seconds; only a failing test waits for it.
    private static let patienceSeconds = 120

    /// Sends a request to a port of this machine and waits for the whole answer, on a thread of its own.
    ///
    /// - Throws: `URLError` where nobody answers, or not to the end.
    static func call(
        port: Int, method: String, target: String, headers: [String: String], body: Data?
    ) async throws -> Response {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        head += "Content-Length: \(body?.count ?? 0)\r\n\r\n"
        let request = Array(head.utf8) + (body.map(Array.init) ?? [])
        return try await withCheckedThrowingContinuation { continuation in
            Thread {
                continuation.resume(with: Result { try parse(try exchange(request, port: port), hasNoBody: method == "HEAD") })
            }.start()
        }
    }

    /// Everything that comes back until the other side closes.
    private static func exchange(_ request: [UInt8], port: Int) throws -> [UInt8] {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(file) }
        var patience = timeval(tv_sec: patienceSeconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(file, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw URLError(.cannotConnectToHost) }
        var sent = 0
        while sent < request.count {
            let count = unsafe request.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return unsafe send(file, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw URLError(.networkConnectionLost) }
            sent += count
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe recv(file, &chunk, chunk.count, 0)
            guard count >= 0 else { throw URLError(.networkConnectionLost) }
            if count == 0 { return answer }
            answer += chunk[..<count]
        }
    }

    private static func parse(_ answer: [UInt8], hasNoBody: Bool) throws -> Response {
        let bytes = Data(answer)
        guard let end = bytes.range(of: Data("\r\n\r\n".utf8)) else { throw URLError(.networkConnectionLost) }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw URLError(.badServerResponse)
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw URLError(.badServerResponse) }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        let body = bytes[end.upperBound...]
        // An answer to HEAD has a length and no body.
        if !hasNoBody, let length = headers["content-length"].flatMap({ Int($0) }) {
            guard body.count == length else { throw URLError(.networkConnectionLost) }
            return Response(status: status, headers: headers, body: Data(body))
        }
        guard headers["transfer-encoding"]?.lowercased() == "chunked" else {
            return Response(status: status, headers: headers, body: Data(body))
        }
        return Response(status: status, headers: headers, body: try unchunked(body))
    }

    /// The content of a chunked body (RFC 9112, section 7.1).
    private static func unchunked(_ body: Data) throws -> Data {
        var rest = body[...]
        var content = Data()
        while let line = rest.range(of: Data("\r\n".utf8)) {
            let size = String(decoding: rest[..<line.lowerBound], as: UTF8.self).prefix { $0 != ";" }
            guard let count = Int(size, radix: 16), rest.distance(from: line.upperBound, to: rest.endIndex) >= count + 2
            else { break }
            if count == 0 { return content }
            let end = rest.index(line.upperBound, offsetBy: count)
            content += rest[line.upperBound..<end]
            rest = rest[rest.index(end, offsetBy: 2)...]
        }
        throw URLError(.networkConnectionLost)
    }
}
