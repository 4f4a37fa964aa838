// An eventfd: how one thread makes another one's poll return. And how threads are started.

import CZeroMQ
import Glibc

/// A counter that a poll can wait for. It closes its file when released.
final class WakeCounter: Sendable {
    /// The file to poll for reading.
    let file: Int32

    init() throws(ZeroMQError) {
        file = kuaibao_eventfd_open()
        guard file >= 0 else { throw .last("make an event counter") }
    }

    deinit {
        close(file)
    }

    /// Makes the file readable. Cannot fail but by overflow, when it is readable anyway.
    func signal() {
        _ = kuaibao_eventfd_signal(file)
    }

    /// Makes the file unreadable until the next signal.
    func clear() {
        _ = kuaibao_eventfd_clear(file)
    }

    /// Waits for a signal; false after `milliseconds` without one.
    func wait(milliseconds: Int) -> Bool {
        var item = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        let timeout = Int32(clamping: max(0, milliseconds))
        while true {
            let ready = unsafe poll(&item, 1, timeout)
            if ready >= 0 { return ready > 0 }
            guard Glibc.errno == EINTR else { return false }
        }
    }
}

/// Runs `body` on a new detached thread, which leaves the process's signals to other threads.
///
/// - Parameter name: what debuggers show; at most 15 bytes count.
/// - Returns: false where the system gives no thread.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
    let start = unsafe Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var thread = pthread_t()
    let failure = unsafe pthread_create(
        &thread, nil,
        { context in
            guard let context = unsafe context else { return nil }
            let start = unsafe Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
            start.run()
            return nil
        }, start.toOpaque())
    guard failure == 0 else {
        unsafe start.release()
        return false
    }
    pthread_detach(thread)
    return true
}

/// What a new thread is to do.
private final class ThreadStart: Sendable {
    private let name: String
    private let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }

    func run() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM] {
            unsafe sigaddset(&signals, signal)
        }
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        unsafe kuaibao_name_thread(name)
        body()
    }
}
