// Sending and receiving whole messages without waiting.

import CZeroMQ

/// What became of a message that was to be sent.
package enum SendOutcome: Sendable, Equatable {
    /// libzmq has taken it. Whether it arrives is for the application's own acknowledgement to say.
    case sent
    /// Nothing was taken: no peer is connected, or its queue is at the high-water mark.
    case wouldBlock
    /// Nothing will arrive: a ROUTER knows no peer of that routing id, or the peer went while the message was handed over.
    case unreachable
}

extension Socket {
    /// Hands a message over to libzmq: all its frames or none. For a ROUTER the first frame is the routing id.
    ///
    /// - Complexity: O(bytes of frames below `Frame.lentBytes`) + O(frames).
    /// - Throws: `wrongState` where this kind of socket cannot send now, `terminated`, `system`.
    @discardableResult
    package func send(_ frames: [Frame]) throws(ZeroMQError) -> SendOutcome {
        guard !frames.isEmpty else {
            throw ZeroMQError(.wrongState, operation: "send", message: "a message has no frame; give at least one")
        }
        var outcome = SendOutcome.sent
        for (index, frame) in frames.enumerated() {
            let isLast = index == frames.count - 1
            let failure = send(frame, flags: isLast ? ZMQ_DONTWAIT : ZMQ_DONTWAIT | ZMQ_SNDMORE)
            switch failure {
            case 0: continue
            case EAGAIN:
                if index == 0 { return .wouldBlock }
                // The peer went after the first frame. libzmq drops what is left of the message, so it must be handed
                // over to the end; else the next message would be taken for its rest.
                outcome = .unreachable
            case EHOSTUNREACH: return .unreachable
            default: throw .last("send")
            }
        }
        return outcome
    }

    /// Receives one message, if one waits.
    ///
    /// - Returns: its frames, at most `SocketOptions.keptFrames` of them; nil when nothing waits.
    /// - Throws: `wrongState` where this kind of socket cannot receive now, `terminated`, `system`.
    package func receive() throws(ZeroMQError) -> [Frame]? {
        var message = zmq_msg_t()
        unsafe zmq_msg_init(&message)
        defer { unsafe zmq_msg_close(&message) }
        var frames: [Frame] = []
        while true {
            guard unsafe zmq_msg_recv(&message, core.raw, ZMQ_DONTWAIT) >= 0 else {
                switch zmq_errno() {
                case EINTR: continue
                case EAGAIN where frames.isEmpty: return nil
                default: throw .last("receive")
                }
            }
            let hasMore = unsafe zmq_msg_more(&message) != 0
            if frames.count < keptFrames {
                frames.append(Frame(receiving: &message, readsUserID: readsUserID))
            }
            if !hasMore { return frames }
        }
    }

    /// Receives what waits, at most `limit` messages, so that one busy socket does not keep a thread from the others.
    package func receiveBatch(limit: Int = 256) throws(ZeroMQError) -> [[Frame]] {
        var messages: [[Frame]] = []
        while messages.count < limit, let frames = try receive() { messages.append(frames) }
        return messages
    }

    /// Sends one frame; the error number, or 0.
    private func send(_ frame: Frame, flags: Int32) -> Int32 {
        frame.count < Frame.lentBytes ? sendCopy(frame, flags) : sendLent(frame, flags)
    }

    private func sendCopy(_ frame: Frame, _ flags: Int32) -> Int32 {
        unsafe frame.withUnsafeBytes { buffer in
            while unsafe zmq_send(core.raw, buffer.baseAddress, buffer.count, flags) < 0 {
                let number = zmq_errno()
                if number != EINTR { return number }
            }
            return 0
        }
    }

    private func sendLent(_ frame: Frame, _ flags: Int32) -> Int32 {
        var message = zmq_msg_t()
        guard frame.lend(to: &message) else { return zmq_errno() }
        while unsafe zmq_msg_send(&message, core.raw, flags) < 0 {
            let number = zmq_errno()
            if number != EINTR {
                unsafe zmq_msg_close(&message)
                return number
            }
        }
        return 0
    }
}
