// A reader of server-sent events as a test needs it: everything that came, and a way to read slowly or to leave.

import Foundation
import Glibc
import Messages
import Synchronization

/// Holds one connection open and keeps what comes.
final class EventListener: Sendable {
    private let descriptor: Int32
    private let received = Mutex<[UInt8]>([])
    private let hasEnded = Mutex(false)

    /// Opens a stream.
    ///
    /// - Parameter isReading: false leaves everything in the buffers of the kernel.
    init(port: Int, path: String, lastEventID: Int64? = nil, key: String? = nil, isReading: Bool = true) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe Glibc.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { throw URLError(.cannotConnectToHost) }
        var head = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        if let lastEventID { head += "Last-Event-ID: \(lastEventID)\r\n" }
        if let key { head += "Authorization: Bearer \(key)\r\n" }
        let bytes = Array((head + "\r\n").utf8)
        let sent = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == bytes.count else { throw URLError(.networkConnectionLost) }
        guard isReading else { return }
        let thread = Thread { [self] in
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = unsafe buffer.withUnsafeMutableBytes {
                    unsafe Glibc.recv(descriptor, $0.baseAddress, $0.count, 0)
                }
                guard count > 0 else { break }
                received.withLock { $0 += buffer[..<count] }
            }
            hasEnded.withLock { $0 = true }
        }
        thread.start()
    }

    /// Everything that came, the frames of HTTP included.
    var text: String { received.withLock { String(decoding: $0, as: UTF8.self) } }

    var isEnded: Bool { hasEnded.withLock { $0 } }

    /// The alerts in the order they came.
    var alerts: [Alert] {
        text.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("data: {") else { return nil }
            return try? JSONDecoder().decode(Alert.self, from: Data(line.dropFirst(6).utf8))
        }
    }

    /// Waits for a condition; a test's time limit ends it.
    func until(_ condition: (EventListener) -> Bool) async throws {
        while !condition(self) { try await Task.sleep(for: .milliseconds(10)) }
    }

    func leave() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    deinit { close(descriptor) }
}
