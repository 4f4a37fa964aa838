// The process's one libzmq context.
//
// There is one because closing one context with CURVE can crash another in libzmq 4.3.4, and it lives until the process
// ends because nothing is gained by ending it earlier. It is made with the first socket.

import CZeroMQ
import Glibc
import Synchronization

/// The context that every socket of this process belongs to.
package final class Context: Sendable {
    package static let shared = Context()

    private enum State {
        case settings(ioThreads: Int32, maxSockets: Int32)
        case made(ContextPointer)
        case terminated
    }

    private let state = Mutex(State.settings(ioThreads: 1, maxSockets: 4096))

    private init() {}

    /// Chooses the context's size; possible until the first socket is made.
    ///
    /// - Parameters:
    ///   - ioThreads: threads that move bytes, 1…16; 1 serves about 1 GB/s, take 2 for CURVE above 200 MB/s.
    ///   - maxSockets: sockets open at once, 16…65536.
    /// - Throws: `wrongState` after the first socket, `invalidOption` outside the ranges.
    package func configure(ioThreads: Int = 1, maxSockets: Int = 4096) throws(ZeroMQError) {
        guard (1...16).contains(ioThreads), (16...65_536).contains(maxSockets) else {
            throw ZeroMQError(
                .invalidOption, operation: "configure",
                message: "\(ioThreads) i/o threads and \(maxSockets) sockets are out of range; take 1…16 and 16…65536")
        }
        let isEarly = state.withLock { state in
            guard case .settings = state else { return false }
            state = .settings(ioThreads: Int32(ioThreads), maxSockets: Int32(maxSockets))
            return true
        }
        guard isEarly else {
            throw ZeroMQError(
                .wrongState, operation: "configure",
                message: "the context was made already; configure it before the first socket")
        }
    }

    /// Ends the context, so that what closed sockets still hold is sent before the process exits; each socket's
    /// `linger` bounds that. To be called once, last, when all sockets are closed.
    ///
    /// - Returns: false where sockets were still open or bytes unsent after `milliseconds`; the process may exit anyway.
    package func terminate(within milliseconds: Int) -> Bool {
        let pointer = state.withLock { state -> ContextPointer? in
            defer { state = .terminated }
            guard case .made(let pointer) = state else { return nil }
            return pointer
        }
        guard let pointer else { return true }
        guard let done = try? WakeCounter() else { return false }
        let started = startThread(name: "zmq-terminate") {
            unsafe zmq_ctx_term(pointer.raw)
            done.signal()
        }
        return started && done.wait(milliseconds: milliseconds)
    }

    /// A new socket of this context.
    func makeSocket(_ kind: Socket.Kind) throws(ZeroMQError) -> SocketCore {
        let context = try made()
        guard let raw = unsafe zmq_socket(context.raw, kind.rawType) else { throw .last("make a socket") }
        return unsafe SocketCore(raw: raw)
    }

    private func made() throws(ZeroMQError) -> ContextPointer {
        let result: Result<ContextPointer, ZeroMQError> = state.withLock { state in
            switch state {
            case .made(let pointer): return .success(pointer)
            case .terminated:
                return .failure(
                    ZeroMQError(
                        .terminated, operation: "make a socket",
                        message: "the context was terminated; make no socket after that"))
            case .settings(let ioThreads, let maxSockets):
                guard let raw = unsafe zmq_ctx_new() else { return .failure(.last("make the context")) }
                unsafe zmq_ctx_set(raw, ZMQ_IO_THREADS, ioThreads)
                unsafe zmq_ctx_set(raw, ZMQ_MAX_SOCKETS, maxSockets)
                let pointer = unsafe ContextPointer(raw: raw)
                state = .made(pointer)
                return .success(pointer)
            }
        }
        return try result.get()
    }
}

/// The raw context.
@safe
private struct ContextPointer: @unchecked Sendable {  // because libzmq's contexts may be used by all threads at once
    let raw: UnsafeMutableRawPointer

    @unsafe
    init(raw: UnsafeMutableRawPointer) {
        unsafe self.raw = raw
    }
}
