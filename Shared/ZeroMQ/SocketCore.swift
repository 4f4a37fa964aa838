// The owner of one raw libzmq socket: the only place that closes it.
//
// A `Socket` and its registration on a `PollThread` share one core, so that the thread never polls a closed socket: if
// the `Socket` goes first, the core is marked abandoned, the thread is woken, drops its share, and the last one closes.

import CZeroMQ
import Synchronization

/// A raw socket with its options.
@safe
final class SocketCore: @unchecked Sendable {
    // Unchecked because libzmq lets a socket move between threads with a full fence; `Socket` is not Sendable, so its one
    // owner uses `raw`, and the poll thread uses it only while that owner is isolated to the thread.
    let raw: UnsafeMutableRawPointer
    private let link = Mutex(Link())

    private struct Link {
        var isAbandoned = false
        /// Wakes the thread that polls this socket; nil where none does.
        var waker: WakeCounter?
        var isMonitored = false
    }

    @unsafe
    init(raw: UnsafeMutableRawPointer) {
        unsafe self.raw = raw
    }

    deinit {
        unsafe zmq_close(raw)
    }

    // MARK: Life

    /// Notes that the `Socket` is gone; called by its owner.
    func abandon() {
        endMonitoring()
        let waker = link.withLock { link in
            link.isAbandoned = true
            return link.waker
        }
        waker?.signal()
    }

    /// True when the `Socket` is gone.
    var isAbandoned: Bool { link.withLock { $0.isAbandoned } }

    /// Links the core to the thread that polls it; false where one does already.
    func attach(_ waker: WakeCounter) -> Bool {
        link.withLock { link in
            guard link.waker == nil else { return false }
            link.waker = waker
            return true
        }
    }

    func detach() {
        link.withLock { $0.waker = nil }
    }

    // MARK: Monitoring

    /// Starts to report events to a pair at `endpoint`.
    func monitor(_ events: Int32, at endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_socket_monitor(raw, endpoint, events) == 0 else { throw .last("monitor", endpoint: endpoint) }
        link.withLock { $0.isMonitored = true }
    }

    /// Stops to report, if it was started. It must be called before the socket or the pair is closed, by the owner of
    /// both: libzmq's i/o thread would wait for ever to report to a pair that has gone.
    func endMonitoring() {
        let wasMonitored = link.withLock { link in
            defer { link.isMonitored = false }
            return link.isMonitored
        }
        if wasMonitored { unsafe zmq_socket_monitor(raw, nil, 0) }
    }

    // MARK: Options

    func set(_ option: Int32, _ value: Int, in range: ClosedRange<Int>, _ name: String) throws(ZeroMQError) {
        guard range.contains(value), var number = Int32(exactly: value) else {
            throw ZeroMQError(
                .invalidOption, operation: "set \(name)",
                message: "\(name) is \(value); take \(range.lowerBound)…\(range.upperBound)")
        }
        guard unsafe zmq_setsockopt(raw, option, &number, MemoryLayout<Int32>.size) == 0 else {
            throw .last("set \(name)")
        }
    }

    func set(maxFrameBytes: Int) throws(ZeroMQError) {
        guard maxFrameBytes > 0 else {
            throw ZeroMQError(
                .invalidOption, operation: "set maxFrameBytes",
                message: "maxFrameBytes is \(maxFrameBytes); take at least 1")
        }
        var number = Int64(maxFrameBytes)
        guard unsafe zmq_setsockopt(raw, ZMQ_MAXMSGSIZE, &number, MemoryLayout<Int64>.size) == 0 else {
            throw .last("set maxFrameBytes")
        }
    }

    func set(_ option: Int32, bytes: [UInt8], _ name: String) throws(ZeroMQError) {
        guard unsafe zmq_setsockopt(raw, option, bytes, bytes.count) == 0 else { throw .last("set \(name)") }
    }

    /// An option that is a number.
    func number(_ option: Int32, _ name: String) throws(ZeroMQError) -> Int {
        var number: Int32 = 0
        var size = MemoryLayout<Int32>.size
        guard unsafe zmq_getsockopt(raw, option, &number, &size) == 0 else { throw .last("get \(name)") }
        return Int(number)
    }

    /// The endpoint of the last bind or connect, with the port that was chosen.
    func lastEndpoint() throws(ZeroMQError) -> String {
        var buffer = [UInt8](repeating: 0, count: 512)
        var size = buffer.count
        guard unsafe zmq_getsockopt(raw, ZMQ_LAST_ENDPOINT, &buffer, &size) == 0 else {
            throw .last("get the last endpoint")
        }
        return String(decoding: buffer.prefix(max(0, size - 1)), as: UTF8.self)
    }
}
