// Whether a port of loopback is free: a stack that starts on another's port would take that one's answers for its own.

import Glibc
import Messages

enum LocalPort {
    /// How much higher the port to ask is than that to submit, in a stack of one machine.
    static let fromSubmitToAsk = 10

    /// - Throws: `conflict` for the first port that somebody listens on.
    static func requireFree(_ ports: [Int]) throws(KuaibaoError) {
        for port in ports where !isFree(port) {
            throw KuaibaoError(
                .conflict, "somebody else listens on port \(port) of this machine",
                fix: "stop it (is another stack running?), or give --http-port and --zmq-port")
        }
    }

    /// Ports that nobody has: one for HTTP, and the one of ZeroMQ to submit at, that to ask free too.
    ///
    /// - Throws: `busy` where none was found in a hundred attempts.
    static func free() throws(KuaibaoError) -> (http: Int, zmq: Int) {
        for _ in 0..<100 {
            let http = Int.random(in: ephemeral)
            let zmq = Int.random(in: ephemeral)
            let ask = zmq + fromSubmitToAsk
            if http != zmq, http != ask, isFree(http), isFree(zmq), isFree(ask) { return (http, zmq) }
        }
        throw KuaibaoError(.busy, "no free port of this machine was found", fix: "try again")
    }

    private static let ephemeral = 20_000...32_000

    /// Binds the port and lets go of it. A port that was closed a moment ago counts as free, as it does for a server.
    static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var yes: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
