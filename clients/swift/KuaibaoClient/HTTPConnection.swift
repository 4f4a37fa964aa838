// One connection to a query gateway: HTTP/1.1 over a plain socket, one request at a time, kept open between them.
//
// It knows what the gateway sends: `Content-Length` or chunks. It has no TLS; put the client beside a proxy that has.

import Foundation
import Glibc

/// What the gateway answered.
public struct HTTPAnswer: Sendable {
    public let status: Int
    /// Names in lower case.
    public let headers: [String: String]
    public let body: [UInt8]
}

/// A blocking connection. It belongs to one thread at a time.
public struct HTTPConnection: ~Copyable {
    /// Longest head of an answer, in bytes.
    private static let headLimit = 64 << 10
    /// Longest body of an answer, in bytes.
    private static let bodyLimit = 1 << 30
    private static let readBytes = 64 << 10

    private let descriptor: Int32
    private let authority: String
    private var pending: [UInt8] = []

    /// Connects.
    ///
    /// - Parameter timeoutSeconds: longest silence while connecting, sending or waiting.
    /// - Throws: `ClientError` where nobody answers there.
    public init(host: String, port: Int, timeoutSeconds: Int = 60) throws(ClientError) {
        descriptor = try Self.connected(host, port, timeoutSeconds)
        authority = "\(host):\(port)"
    }

    deinit { close(descriptor) }

    /// Sends one request and waits for its whole answer.
    ///
    /// - Parameter target: path and query, percent-encoded.
    /// - Throws: `ClientError` where the connection breaks or the answer is no HTTP; the connection is of no use then.
    public mutating func send(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) throws(ClientError) -> HTTPAnswer {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: \(authority)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if !body.isEmpty || method == "POST" { head += "Content-Length: \(body.count)\r\n" }
        try write(Array((head + "\r\n").utf8) + body)
        return try answer(hasBody: method != "HEAD")
    }

    private func write(_ bytes: [UInt8]) throws(ClientError) {
        let descriptor = descriptor
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { raw in
                unsafe Glibc.send(
                    descriptor, raw.baseAddress?.advanced(by: sent), raw.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Self.broken("the connection was closed while sending") }
            sent += count
        }
    }

    private mutating func answer(hasBody: Bool) throws(ClientError) -> HTTPAnswer {
        var end = Self.endOfHead(pending, from: 0)
        while end == nil {
            let known = pending.count
            try fill()
            end = Self.endOfHead(pending, from: max(0, known - 3))
            guard pending.count <= Self.headLimit || end != nil else {
                throw Self.broken("a head of more than \(Self.headLimit) bytes")
            }
        }
        let lines = String(decoding: pending[..<(end ?? 0)], as: UTF8.self).components(separatedBy: "\r\n")
        pending.removeFirst((end ?? 0) + 4)
        let words = lines[0].split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw Self.broken("the answer is no HTTP/1.1")
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        guard hasBody, status != 204, status != 304 else {
            return HTTPAnswer(status: status, headers: headers, body: [])
        }
        if headers["transfer-encoding"]?.lowercased() == "chunked" {
            return HTTPAnswer(status: status, headers: headers, body: try chunks())
        }
        guard let length = Int(headers["content-length"] ?? "0"), (0...Self.bodyLimit).contains(length) else {
            throw Self.broken("the answer's length is \(headers["content-length"] ?? "")")
        }
        return HTTPAnswer(status: status, headers: headers, body: try take(length))
    }

    private mutating func chunks() throws(ClientError) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            guard let size = Int(try line().prefix { $0 != ";" }, radix: 16), size >= 0,
                body.count + size <= Self.bodyLimit
            else {
                throw Self.broken("a chunk without a size, or too large")
            }
            body += try take(size)
            let after = try line()
            guard after.isEmpty else { throw Self.broken("a chunk without an end") }
            if size == 0 { return body }
        }
    }

    private mutating func line() throws(ClientError) -> String {
        while true {
            if let end = pending.firstIndex(of: 10) {
                let text = String(decoding: pending[..<end].filter { $0 != 13 }, as: UTF8.self)
                pending.removeFirst(end + 1)
                return text
            }
            guard pending.count <= Self.headLimit else {
                throw Self.broken("a line of more than \(Self.headLimit) bytes")
            }
            try fill()
        }
    }

    private mutating func take(_ count: Int) throws(ClientError) -> [UInt8] {
        while pending.count < count { try fill() }
        let taken = Array(pending.prefix(count))
        pending.removeFirst(count)
        return taken
    }

    private mutating func fill() throws(ClientError) {
        let descriptor = descriptor
        let known = pending.count
        pending.append(contentsOf: repeatElement(0, count: Self.readBytes))
        let count = unsafe pending.withUnsafeMutableBytes { raw in
            unsafe recv(descriptor, raw.baseAddress?.advanced(by: known), Self.readBytes, 0)
        }
        pending.removeLast(Self.readBytes - max(0, count))
        guard count > 0 else { throw Self.broken("the connection was closed, or the answer took too long") }
    }

    // MARK: Connecting

    /// The first address of the host that answers.
    private static func connected(_ host: String, _ port: Int, _ timeoutSeconds: Int) throws(ClientError) -> Int32 {
        guard (1...65_535).contains(port) else {
            throw ClientError(code: "invalid-request", message: "port \(port)", fix: "use 1 to 65535")
        }
        for address in [host] + Host(name: host).addresses {
            if let descriptor = open(address, UInt16(port), timeoutSeconds) { return descriptor }
        }
        throw ClientError(
            code: "unavailable", message: "no gateway answers at \(host):\(port)", fix: "start one with kuaibao up")
    }

    /// A connection to a numeric address; nil where there is none.
    private static func open(_ address: String, _ port: UInt16, _ timeoutSeconds: Int) -> Int32? {
        var four = sockaddr_in()
        four.sin_family = sa_family_t(AF_INET)
        four.sin_port = port.bigEndian
        if unsafe inet_pton(AF_INET, address, &four.sin_addr) == 1 {
            return open(AF_INET, &four, timeoutSeconds)
        }
        var six = sockaddr_in6()
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = port.bigEndian
        guard unsafe inet_pton(AF_INET6, address, &six.sin6_addr) == 1 else { return nil }
        return open(AF_INET6, &six, timeoutSeconds)
    }

    private static func open<Address>(_ family: Int32, _ address: inout Address, _ timeoutSeconds: Int) -> Int32? {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        var yes: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(descriptor, generic, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        }
        if isConnected { return descriptor }
        close(descriptor)
        return nil
    }

    private static func endOfHead(_ bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for place in start...(bytes.count - 4)
        where bytes[place] == 13 && bytes[place + 1] == 10 && bytes[place + 2] == 13 && bytes[place + 3] == 10 {
            return place
        }
        return nil
    }

    private static func broken(_ message: String) -> ClientError {
        ClientError(code: "unavailable", message: message, fix: "ask again on a new connection")
    }
}
