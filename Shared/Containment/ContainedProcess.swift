// A program under limits, spoken to over sockets with a deadline for everything.
//
//     running ── exchange, write, read ──▶ running
//        │ deadline, broken pipe, end
//        ▼
//      gone     `stop` reaps it; a child that still runs is killed with its whole process group
//
// Invariants: (1) no call waits longer than its deadline; (2) once `stop` or `deinit` has returned, the process and, where
// it leads a group, its children have been killed and it is reaped.

import CContainment
import Glibc
package import Messages

/// What a contained program may use.
package struct ContainmentLimits: Sendable, Hashable {
    /// Address space in bytes; a program that asks for more is refused memory and ends.
    package var addressBytes: Int
    /// Processor time of the whole life in seconds; 0 for no limit.
    package var processorSeconds: Int
    /// Open files at once.
    package var openFiles: Int

    package init(addressBytes: Int, processorSeconds: Int = 0, openFiles: Int = 64) {
        self.addressBytes = max(addressBytes, 1 << 20)
        self.processorSeconds = max(processorSeconds, 0)
        self.openFiles = max(openFiles, 8)
    }
}

/// A child process whose standard input and output are sockets of ours. One thread at a time; not copied.
@safe
package struct ContainedProcess: ~Copyable {
    /// Why an exchange failed.
    package enum Failure: Error, Sendable, Equatable {
        case deadline
        /// It ended, by itself or by a signal.
        case ended
        /// Its output is longer than was allowed.
        case tooMuchOutput
    }

    /// Whether the child leads a process group, so that its own children die with it.
    package enum Group: Sendable { case own, parents }

    /// How it ended and what it used.
    package struct End: Sendable, Hashable {
        package var exitStatus: Int32?
        package var signal: Int32?
        /// The largest resident set in bytes, its own reaped children included.
        package var peakBytes: Int
        /// Processor time in seconds, that of its own reaped children included.
        package var processorSeconds: Double

        /// In words: `exit status 1`, `signal 9`.
        package var text: String { signal.map { "signal \($0)" } ?? "exit status \(exitStatus ?? -1)" }
    }

    private static let chunkBytes = 64 << 10

    private let process: pid_t
    private let group: Group
    private var input: Int32
    private let output: Int32
    private var hasEnded = false

    /// Starts a program. Its standard error is thrown away.
    /// - Throws: `unavailable` where it cannot be started.
    package init(
        path: String, arguments: [String], limits: ContainmentLimits, group: Group
    ) throws(KuaibaoError) {
        func failed(_ what: String, _ number: Int32) -> KuaibaoError {
            KuaibaoError(
                .unavailable, "\(path) cannot be started: \(what) failed with error \(number)",
                fix: "is it installed and executable? see scripts/packages.txt")
        }
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        // Sockets and not pipes, so that writing to a child that has died is an error and not a signal.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &toChild) == 0 else { throw failed("socketpair", errno) }
        guard unsafe socketpair(AF_UNIX, kind, 0, &fromChild) == 0 else {
            let reason = errno
            for descriptor in toChild { close(descriptor) }
            throw failed("socketpair", reason)
        }
        let nowhere = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
        var bounds = kb_limits(
            address_bytes: UInt64(limits.addressBytes), cpu_seconds: UInt64(limits.processorSeconds),
            open_files: UInt64(limits.openFiles), may_write_files: 0, own_group: group == .own ? 1 : 0,
            may_call_all: 0)
        var environment = ["LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "SWIFT_BACKTRACE=enable=no"]
        // Where the system does not know the place of our libraries, the child must be told it too.
        if let folders = unsafe getenv("LD_LIBRARY_PATH") {
            environment.append("LD_LIBRARY_PATH=" + (unsafe String(cString: folders)))
        }
        let started = unsafe Self.withCStrings([path] + arguments) { argv in
            unsafe Self.withCStrings(environment) { environment in
                unsafe kb_start(path, argv, environment, toChild[0], fromChild[1], nowhere, &bounds)
            }
        }
        for descriptor in [toChild[0], fromChild[1], nowhere] where descriptor >= 0 { close(descriptor) }
        guard started > 0 else {
            close(toChild[1])
            close(fromChild[0])
            throw failed("start", -started)
        }
        process = started
        self.group = group
        input = toChild[1]
        output = fromChild[0]
        for descriptor in [input, output] {
            let flags = fcntl(descriptor, F_GETFL)
            _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        }
    }

    deinit {
        if !hasEnded { _ = Self.end(process, group, isKilled: true) }
        if input >= 0 { close(input) }
        close(output)
    }

    /// Kills it if it still runs, and tells how it ended.
    package consuming func stop() -> End {
        hasEnded = true
        return Self.end(process, group, isKilled: true)
    }

    /// Waits for it to end by itself, at most until the deadline, and tells how it ended.
    package consuming func finish(deadline: Int64) -> End {
        hasEnded = true
        if input >= 0 {
            close(input)
            input = -1
        }
        var byte: UInt8 = 0
        while Self.milliseconds() < deadline {
            // The end of its output comes with its own end.
            guard Self.wait(for: output, POLLIN, deadline: deadline) else { break }
            let count = unsafe read(output, &byte, 1)
            if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { break }
        }
        return Self.end(process, group, isKilled: Self.milliseconds() >= deadline)
    }

    /// Sends bytes and takes as many as there are until the child closes its output, both at once.
    /// - Parameter deadline: on the monotonic clock, in milliseconds.
    package mutating func exchange(_ bytes: [UInt8], outputBytes: Int, deadline: Int64) throws(Failure) -> [UInt8] {
        try transfer(bytes, deadline: deadline, closesInput: true) { result, isAtEnd in
            if result.count > outputBytes { return .failed(.tooMuchOutput) }
            return isAtEnd ? .complete : .more
        }
    }

    /// Sends a request and takes an answer whose length stands in its first eight bytes, little-endian.
    package mutating func request(_ bytes: [UInt8], answerBytes: Int, deadline: Int64) throws(Failure) -> [UInt8] {
        let answer = try transfer(
            FrameLength.encode(bytes.count) + bytes, deadline: deadline, closesInput: false
        ) { result, isAtEnd in
            if let length = FrameLength.decode(result) {
                if length > answerBytes { return .failed(.tooMuchOutput) }
                if result.count >= FrameLength.byteCount + length { return .complete }
            }
            return isAtEnd ? .failed(.ended) : .more
        }
        return Array(answer.dropFirst(FrameLength.byteCount))
    }

    private enum Progress { case more, complete, failed(Failure) }

    private mutating func transfer(
        _ bytes: [UInt8], deadline: Int64, closesInput: Bool, judge: ([UInt8], _ isAtEnd: Bool) -> Progress
    ) throws(Failure) -> [UInt8] {
        var result: [UInt8] = []
        var sent = 0
        while true {
            var polls = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
            if sent < bytes.count { polls.append(pollfd(fd: input, events: Int16(POLLOUT), revents: 0)) }
            let left = deadline - Self.milliseconds()
            guard left > 0 else { throw .deadline }
            let ready = unsafe poll(&polls, UInt(polls.count), Int32(clamping: left))
            if ready < 0, errno != EINTR { throw .ended }
            if polls.count > 1, polls[1].revents != 0 {
                sent += try send(bytes, from: sent)
                if sent == bytes.count, closesInput {
                    close(input)
                    input = -1
                }
            }
            guard polls[0].revents != 0 else { continue }
            let isAtEnd = receive(into: &result)
            switch judge(result, isAtEnd) {
            case .complete: return result
            case .failed(let failure): throw failure
            case .more: break
            }
        }
    }

    private func send(_ bytes: [UInt8], from start: Int) throws(Failure) -> Int {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[start...].prefix(Self.chunkBytes))
            return unsafe Glibc.send(input, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return count }
        guard errno == EAGAIN || errno == EINTR else { throw .ended }
        return 0
    }

    /// Takes what is there; true at the end of the output.
    private func receive(into result: inout [UInt8]) -> Bool {
        var count = 0
        let chunk = unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, initialized in
            count = unsafe read(output, buffer.baseAddress, buffer.count)
            initialized = max(count, 0)
        }
        result += chunk
        return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
    }

    // MARK: The system

    /// Whether children are kept from the network and from changing files by a filter of system calls.
    package static var hasFilter: Bool { kb_filters() == 1 }

    private static func end(_ process: pid_t, _ group: Group, isKilled: Bool) -> End {
        if isKilled {
            kill(process, SIGKILL)
        }
        var status: Int32 = 0
        var usage = rusage()
        while unsafe wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
        // Whatever it left behind in its group goes too; the group's number cannot be in use again while members live.
        if group == .own { kill(-process, SIGKILL) }
        let signal = status & 0x7F
        return End(
            exitStatus: signal == 0 ? (status >> 8) & 0xFF : nil, signal: signal == 0 ? nil : signal,
            peakBytes: usage.ru_maxrss * 1024, processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime))
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    private static func wait(for descriptor: Int32, _ event: Int32, deadline: Int64) -> Bool {
        var poll = [pollfd(fd: descriptor, events: Int16(event), revents: 0)]
        let left = Int32(clamping: max(0, deadline - milliseconds()))
        return unsafe Glibc.poll(&poll, 1, left) > 0
    }

    /// Milliseconds of the monotonic clock, on which all deadlines of this module stand.
    package static func milliseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let pointers = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeBufferPointer { buffer in
            // The buffer holds at least the closing nil, so it has an address.
            guard let base = buffer.baseAddress else { preconditionFailure("an array with an element has an address") }
            return unsafe body(base)
        }
    }
}

/// The length before a frame: eight bytes, little-endian.
package enum FrameLength {
    package static let byteCount = 8

    package static func encode(_ length: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    }

    /// The length that stands at the start of `bytes`; nil where they are too few. A negative one reads as the largest.
    package static func decode(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= byteCount else { return nil }
        let value = (0..<byteCount).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << UInt64(8 * $1) }
        return Int(clamping: value)
    }
}
