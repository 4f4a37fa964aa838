// What can go wrong between us and libzmq.

import CZeroMQ

/// A refused or failed operation on a socket, a key or the context.
package struct ZeroMQError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The closed set of failures that a caller can tell apart.
    package enum Code: String, Sendable, CaseIterable {
        /// The endpoint is bound already, here or by another process.
        case addressInUse
        /// The endpoint's interface or name does not exist on this machine.
        case addressNotAvailable
        /// The endpoint cannot be read, or nothing was bound or connected to it.
        case invalidEndpoint
        /// The operation does not belong to this kind of socket, or not now.
        case wrongState
        /// An option's value is outside its range.
        case invalidOption
        /// A key is not one, or is one that everybody knows.
        case invalidKey
        /// The process has as many sockets or files as it may have.
        case tooManySockets
        /// The context was terminated.
        case terminated
        /// Any other failure of the system; see `errno`.
        case system
    }

    package let code: Code
    /// What was tried, for example `bind`.
    package let operation: String
    package let endpoint: String?
    /// The system's error number; 0 where the refusal is ours.
    package let errno: Int32
    /// What failed, with which value, and what to do.
    package let message: String

    package init(_ code: Code, operation: String, endpoint: String? = nil, errno: Int32 = 0, message: String) {
        self.code = code
        self.operation = operation
        self.endpoint = endpoint
        self.errno = errno
        self.message = message
    }

    package var description: String {
        message
    }

    /// The error that libzmq has just reported on this thread.
    static func last(_ operation: String, endpoint: String? = nil) -> ZeroMQError {
        let number = zmq_errno()
        let (code, advice) = meaning(of: number)
        let reason = unsafe zmq_strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        let place = endpoint.map { " \($0)" } ?? ""
        return ZeroMQError(
            code, operation: operation, endpoint: endpoint, errno: number,
            message: "\(operation)\(place) failed: \(reason.lowercased()); \(advice)")
    }

    private static func meaning(of number: Int32) -> (Code, String) {
        switch number {
        case EADDRINUSE: (.addressInUse, "choose another port or stop what listens there")
        case EADDRNOTAVAIL, ENODEV: (.addressNotAvailable, "name an interface or address of this machine")
        case ENOENT, EPROTONOSUPPORT, ENOCOMPATPROTO:
            (.invalidEndpoint, "check the endpoint, for example tcp://host:7510")
        case EINVAL: (.invalidOption, "check the value and the endpoint")
        case EFSM, ENOTSUP: (.wrongState, "check which operations this kind of socket has")
        case EMFILE: (.tooManySockets, "raise the limit of open files or of the context's sockets")
        case ETERM, ENOTSOCK: (.terminated, "use no socket after the context was terminated")
        default: (.system, "see the system's error \(number)")
        }
    }
}
