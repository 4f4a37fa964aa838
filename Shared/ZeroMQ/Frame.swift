// One frame of a message.
//
// A received frame of at least `ownedBytes` keeps libzmq's own memory and frees it when the last reference goes; a smaller
// one is copied at once, because libzmq would otherwise keep the whole 8 KiB block of its receive buffer for it.
//
// Invariants:
//  (1) A frame's bytes never change, so it may be read by all threads at once.
//  (2) Its memory stays where it is while the frame lives: libzmq's message is never moved, and the array is a `let`
//      whose storage nobody can change while the frame holds it.

import CZeroMQ

/// Immutable bytes, received or to be sent.
@safe
package final class Frame: @unchecked Sendable {
    // Unchecked because of the message's pointer; see invariant (1).

    /// Received frames from this size on are kept without a copy.
    package static let ownedBytes = 8 << 10
    /// Sent frames from this size on are not copied; the frame lives until libzmq has sent it.
    package static let lentBytes = 16 << 10

    @safe
    private enum Storage {
        case array([UInt8])
        /// libzmq's message, allocated by `init(receiving:)` and closed by `deinit`.
        case message(UnsafeMutablePointer<zmq_msg_t>)
    }

    private let storage: Storage
    /// Bytes in the frame.
    package let count: Int
    /// Who sent it, as the `ZAPHandler` named the peer's key; nil without authentication, and for a ROUTER's routing id.
    package let userID: String?

    package init(_ bytes: [UInt8]) {
        storage = .array(bytes)
        count = bytes.count
        userID = nil
    }

    package convenience init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// Takes a received message over; `message` is left empty and must still be closed.
    init(receiving message: inout zmq_msg_t, readsUserID: Bool) {
        count = unsafe zmq_msg_size(&message)
        userID = readsUserID ? Self.userID(of: &message) : nil
        if count < Self.ownedBytes {
            let start = unsafe zmq_msg_data(&message)
            storage = .array(unsafe Array(UnsafeRawBufferPointer(start: start, count: count)))
        } else {
            let owned = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
            unsafe zmq_msg_init(owned)
            unsafe zmq_msg_move(owned, &message)
            unsafe storage = .message(owned)
        }
    }

    deinit {
        if case .message(let message) = storage {
            unsafe zmq_msg_close(message)
            unsafe message.deallocate()
        }
    }

    package var isEmpty: Bool { count == 0 }

    /// The bytes; copied where libzmq owns them.
    package var bytes: [UInt8] {
        switch storage {
        case .array(let bytes): bytes
        case .message: unsafe withUnsafeBytes { unsafe Array($0) }
        }
    }

    /// Calls `body` with the bytes in place.
    package func withSpan<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result
    {
        try unsafe withUnsafeBytes { (buffer) throws(Failure) in try unsafe body(buffer.bytes) }
    }

    /// Calls `body` with the bytes in place; the pointer is good for the call only.
    @unsafe
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch storage {
        case .array(let bytes):
            // The standard library's form rethrows untyped, so the result is carried out of it.
            let result = unsafe bytes.withUnsafeBytes { buffer in
                Swift.Result { () throws(Failure) in try unsafe body(buffer) }
            }
            return try result.get()
        case .message(let message):
            return try unsafe body(UnsafeRawBufferPointer(start: zmq_msg_data(message), count: count))
        }
    }

    /// Makes a message that lends this frame's bytes to libzmq and keeps the frame until they are sent.
    ///
    /// The array's address outlives its closure here because of invariant (2).
    func lend(to message: inout zmq_msg_t) -> Bool {
        let retained = unsafe Unmanaged.passRetained(self)
        let result = unsafe withUnsafeBytes { buffer in
            unsafe zmq_msg_init_data(
                &message, UnsafeMutableRawPointer(mutating: buffer.baseAddress), buffer.count, releaseLentFrame,
                retained.toOpaque())
        }
        if result != 0 { unsafe retained.release() }
        return result == 0
    }

    private static func userID(of message: inout zmq_msg_t) -> String? {
        guard let text = unsafe zmq_msg_gets(&message, "User-Id") else { return nil }
        return unsafe String(cString: text)
    }
}

extension Frame: Equatable {
    package static func == (left: Frame, right: Frame) -> Bool {
        left === right || left.bytes == right.bytes
    }
}

extension Frame: CustomStringConvertible {
    package var description: String { "Frame(\(count) bytes)" }
}

/// Called by libzmq, on any thread, when it needs a lent frame's bytes no more.
private func releaseLentFrame(_ bytes: UnsafeMutableRawPointer?, _ frame: UnsafeMutableRawPointer?) {
    guard let frame = unsafe frame else { return }
    unsafe Unmanaged<Frame>.fromOpaque(frame).release()
}
