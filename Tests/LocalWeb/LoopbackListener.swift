// A socket that listens on a free port of 127.0.0.1, for the small servers of tests: a thread each connection.

import Foundation
import Glibc
import Synchronization

/// Accepts connections until it is stopped.
final class LoopbackListener: Sendable {
    let port: Int
    private let descriptor: Int32
    private let stopped = Mutex(false)

    struct Failure: Error {}

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(descriptor, pointer, size) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, pointer, &size) == 0
            }
        }
        guard descriptor >= 0, isBound else { throw Failure() }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    var isStopped: Bool { stopped.withLock { $0 } }

    /// Calls `serve` for each connection, on a thread of its own, and closes the connection afterwards.
    func start(name: String, _ serve: @escaping @Sendable (Int32) -> Void) {
        let thread = Thread { [self] in
            while !isStopped {
                let connection = Glibc.accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread {
                    serve(connection)
                    close(connection)
                }
            }
        }
        thread.name = name
        thread.start()
    }

    func stop() {
        let isFirst = stopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        if isFirst {
            shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
        }
    }
}
