// A peer that speaks just enough ZMTP 3.1 to be accepted, over a plain TCP connection, and then falls silent.

import Glibc
import Testing

/// A plain TCP connection to a port of this machine. It closes when released.
final class RawPeer {
    private let file: Int32

    /// Connects to an endpoint of the form `tcp://127.0.0.1:port`.
    init(_ endpoint: String) throws {
        let port = try #require(endpoint.split(separator: ":").last.flatMap { UInt16($0) })
        file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(file, $0, size) }
        }
        try #require(result == 0)
    }

    deinit {
        close(file)
    }

    func send(_ bytes: [UInt8]) {
        _ = unsafe write(file, bytes, bytes.count)
    }

    /// Greets with mechanism NULL and introduces itself as a DEALER.
    func shakeHands() {
        let mechanism = Array("NULL".utf8) + [UInt8](repeating: 0, count: 16)
        send([0xff] + [UInt8](repeating: 0, count: 8) + [0x7f, 3, 1] + mechanism + [UInt8](repeating: 0, count: 32))
        let property = [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6] + Array("DEALER".utf8)
        let command = [5] + Array("READY".utf8) + property
        send([4, UInt8(command.count)] + command)
    }

    /// Sends a message of one short frame.
    func send(message: String) {
        send([0, UInt8(message.utf8.count)] + Array(message.utf8))
    }
}
