// Waiting for one socket, for programs that have nothing else to do meanwhile.

import CZeroMQ
import Glibc

extension Socket {
    /// What a socket can be ready for.
    package enum Readiness: Sendable {
        case reading
        case writing
    }

    /// Blocks the calling thread until the socket is ready, at most `milliseconds`.
    ///
    /// For tools and tests; never on a thread of the cooperative pool. Services use a `PollThread`.
    ///
    /// - Returns: false after `milliseconds` without readiness.
    package func wait(for readiness: Readiness, milliseconds: Int) throws(ZeroMQError) -> Bool {
        let events = readiness == .reading ? ZMQ_POLLIN : ZMQ_POLLOUT
        let end = PollThread.monotonicNanoseconds() / 1_000_000 + Int64(max(0, milliseconds))
        while true {
            var item = unsafe zmq_pollitem_t(socket: core.raw, fd: -1, events: Int16(events), revents: 0)
            let left = max(0, end - PollThread.monotonicNanoseconds() / 1_000_000)
            let ready = unsafe zmq_poll(&item, 1, Int(left))
            if ready >= 0 { return ready > 0 }
            guard zmq_errno() == EINTR else { throw .last("wait") }
        }
    }
}
