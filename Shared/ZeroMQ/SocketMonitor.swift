// What a socket's connections go through, as hints: libzmq may drop events, and an event says how things were. That a
// peer is alive is for heartbeats to say.

import CZeroMQ
import Synchronization

/// The stream of one socket's connection events, until the monitor or the socket goes out of scope.
///
/// Belongs to the owner of the watched socket, who must read the events: libzmq's i/o thread would wait for a place in the
/// queue after `queuedEvents` of them.
package struct SocketMonitor: ~Copyable {
    /// Something that happened to a connection.
    package struct Event: Sendable, Equatable {
        package enum Kind: Sendable, Hashable {
            case listening
            case accepted
            /// The transport is connected; the handshake follows.
            case connected
            case connectionDelayed
            case retried
            case handshakeSucceeded
            /// The peer was refused, or broke the protocol; `value` is an error number. libzmq does not try again.
            case handshakeFailed
            /// The connection was lost before the handshake was done; libzmq tries again.
            case handshakeLost
            case bindFailed
            case closed
            case disconnected
            case monitorStopped
        }

        package let kind: Kind
        /// An error number, a file, or milliseconds, as libzmq says for that event.
        package let value: Int
        package let endpoint: String
    }

    /// Events that may wait to be read; some 20 MB.
    private static let queuedEvents = 100_000

    /// To be registered on the `PollThread` that reads the events.
    package let socket: Socket
    private weak var watched: SocketCore?

    /// Starts to watch `watched`. One monitor a socket.
    ///
    /// - Parameter kinds: the events that are wanted; nil for all.
    package init(of watched: borrowing Socket, kinds wanted: Set<Event.Kind>? = nil) throws(ZeroMQError) {
        let endpoint = "inproc://monitor-\(monitorNumber.add(1, ordering: .relaxed).newValue)"
        var mask: Int32 = 0
        for (event, kind) in kinds where wanted?.contains(kind) ?? true { mask |= event }
        var options = SocketOptions()
        options.linger = 0
        options.receiveHighWaterMark = Self.queuedEvents
        let pair = try Socket(.pair, options: options)
        try watched.core.monitor(mask, at: endpoint)
        do {
            try pair.connect(endpoint)
        } catch {
            watched.core.endMonitoring()
            throw error
        }
        socket = pair
        self.watched = watched.core
    }

    deinit {
        watched?.endMonitoring()
    }

    /// The events that wait, oldest first.
    package func events(limit: Int = 256) throws(ZeroMQError) -> [Event] {
        var events: [Event] = []
        while events.count < limit, let frames = try socket.receive() {
            if let event = Self.event(frames) { events.append(event) }
        }
        return events
    }

    /// Reads the two frames of an event: number (16 bits) and value (32 bits) in the machine's order; the endpoint.
    private static func event(_ frames: [Frame]) -> Event? {
        guard frames.count == 2, frames[0].count == 6 else { return nil }
        let (number, value) = frames[0].withSpan { span in
            (
                unsafe span.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt16.self),
                unsafe span.unsafeLoadUnaligned(fromByteOffset: 2, as: UInt32.self)
            )
        }
        guard let kind = kinds.first(where: { $0.event == Int32(number) })?.kind else { return nil }
        return Event(kind: kind, value: Int(value), endpoint: String(decoding: frames[1].bytes, as: UTF8.self))
    }
}

private let monitorNumber = Atomic<Int>(0)

private let kinds: [(event: Int32, kind: SocketMonitor.Event.Kind)] = [
    (ZMQ_EVENT_LISTENING, .listening), (ZMQ_EVENT_ACCEPTED, .accepted), (ZMQ_EVENT_CONNECTED, .connected),
    (ZMQ_EVENT_CONNECT_DELAYED, .connectionDelayed), (ZMQ_EVENT_CONNECT_RETRIED, .retried),
    (ZMQ_EVENT_HANDSHAKE_SUCCEEDED, .handshakeSucceeded),
    (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, .handshakeLost),
    (ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, .handshakeFailed), (ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, .handshakeFailed),
    (ZMQ_EVENT_BIND_FAILED, .bindFailed), (ZMQ_EVENT_CLOSED, .closed), (ZMQ_EVENT_DISCONNECTED, .disconnected),
    (ZMQ_EVENT_MONITOR_STOPPED, .monitorStopped),
]
