// What a poll thread watches: sockets with their handlers, and timers. Used on that thread only.
//
// One turn: poll, then one call of each readable socket's handler, which takes a bounded batch; what is left makes the
// next poll return at once. So every socket, job and timer has its turn, however busy one socket is.

import CZeroMQ
import Glibc

/// Names a socket's registration on a `PollThread`.
package struct Registration: Sendable, Hashable {
    let number: UInt64
}

/// The thread-bound half of a `PollThread`.
@safe
final class PollLoop: @unchecked Sendable {  // because its thread checks itself before every call
    private struct Watch {
        let core: SocketCore
        let onReadable: () -> Void
        /// Called once when the socket can send again.
        var onWritable: (() -> Void)?
    }

    private let waker: WakeCounter
    private var watches: [UInt64: Watch] = [:]
    private var nextNumber: UInt64 = 0
    private var timers = TimerQueue<() -> Void>()
    /// The waker and then every watched socket, as libzmq wants them; `numbers` names the watches from index 1 on.
    private var items: [zmq_pollitem_t] = unsafe []
    private var numbers: [UInt64] = []
    private var itemsAreStale = true

    init(waker: WakeCounter) {
        self.waker = waker
    }

    // MARK: Sockets

    func register(_ core: SocketCore, onReadable: @escaping () -> Void) -> Registration {
        precondition(core.attach(waker), "a socket is registered on one poll thread at a time")
        let number = nextNumber
        nextNumber += 1
        watches[number] = Watch(core: core, onReadable: onReadable)
        itemsAreStale = true
        return Registration(number: number)
    }

    func unregister(_ registration: Registration) {
        guard let watch = watches.removeValue(forKey: registration.number) else { return }
        watch.core.detach()
        itemsAreStale = true
    }

    func whenWritable(_ registration: Registration, _ body: @escaping () -> Void) {
        watches[registration.number]?.onWritable = body
        itemsAreStale = true
    }

    /// Drops every socket and timer.
    func removeAll() {
        for watch in watches.values { watch.core.detach() }
        watches = [:]
        timers.removeAll()
        itemsAreStale = true
    }

    // MARK: Timers

    func schedule(deadline: Int64, _ body: @escaping () -> Void) -> TimerID {
        timers.insert(deadline: deadline, body)
    }

    func cancel(_ timer: TimerID) {
        timers.cancel(timer)
    }

    /// Fires what is due; what the timers themselves schedule waits for the next turn.
    func fireTimers(now: Int64) {
        let limit = timers.nextNumber
        while let body = timers.popDue(now, before: limit) { body() }
    }

    /// Milliseconds until the next timer, rounded up; at most `longest`.
    func timeout(now: Int64, longest: Int64) -> Int64 {
        guard let deadline = timers.nextDeadline() else { return longest }
        guard deadline > now else { return 0 }
        let (distance, overflows) = deadline.subtractingReportingOverflow(now)
        return overflows ? longest : min(longest, (distance - 1) / 1_000_000 + 1)
    }

    // MARK: Polling

    /// Waits until a socket is ready, the waker is signalled, or `milliseconds` have gone; then calls the handlers.
    ///
    /// - Parameter afterWait: called between the wait and the handlers.
    func turn(milliseconds: Int64, afterWait: () -> Void) {
        prepareItems()
        let ready = unsafe zmq_poll(&items, Int32(items.count), Int(milliseconds))
        let failure = ready < 0 ? zmq_errno() : 0
        afterWait()
        if failure == ETERM || failure == ENOTSOCK {
            // The context was terminated: no socket will ever be ready again.
            removeAll()
            return
        }
        guard ready > 0 else { return }
        if unsafe items[0].revents != 0 {
            waker.clear()
            dropAbandoned()
        }
        var readable: [UInt64] = []
        var writable: [UInt64] = []
        for (index, number) in numbers.enumerated() {
            let events = unsafe Int32(items[index + 1].revents)
            if events & ZMQ_POLLOUT != 0 { writable.append(number) }
            if events & ZMQ_POLLIN != 0 { readable.append(number) }
        }
        for number in writable { callWritable(number) }
        // A handler may unregister any socket, so each is looked up again.
        for number in readable {
            if let handler = watches[number]?.onReadable { handler() }
        }
    }

    private func callWritable(_ number: UInt64) {
        guard let body = watches[number]?.onWritable else { return }
        watches[number]?.onWritable = nil
        itemsAreStale = true
        body()
    }

    /// Forgets sockets whose owner has gone; each signalled the waker when it went.
    private func dropAbandoned() {
        for (number, watch) in watches where watch.core.isAbandoned { unregister(Registration(number: number)) }
    }

    private func prepareItems() {
        guard itemsAreStale else { return }
        itemsAreStale = false
        numbers = watches.keys.sorted()
        unsafe items = [unsafe zmq_pollitem_t(socket: nil, fd: waker.file, events: Int16(ZMQ_POLLIN), revents: 0)]
        for number in numbers {
            guard let watch = watches[number] else { continue }
            let events = watch.onWritable == nil ? ZMQ_POLLIN : ZMQ_POLLIN | ZMQ_POLLOUT
            unsafe items.append(zmq_pollitem_t(socket: watch.core.raw, fd: -1, events: Int16(events), revents: 0))
        }
    }
}
