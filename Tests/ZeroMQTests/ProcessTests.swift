// What ends a process, or concerns the whole of it; each runs in a process of its own.

import Glibc
import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(5))) struct ProcessTests {
    @Test func aCallFromAnotherThreadTraps() async {
        await #expect(processExitsWith: .failure) {
            let thread = try PollThread(name: "test-trap")
            thread.schedule(after: 0) {}
        }
    }

    @Test func aSecondRegistrationTraps() async {
        await #expect(processExitsWith: .failure) {
            let thread = try PollThread(name: "test-twice")
            try await Twice(thread: thread).register()
        }
    }

    private actor Twice {
        nonisolated let thread: PollThread
        nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

        init(thread: PollThread) {
            self.thread = thread
        }

        func register() throws {
            let pair = try Socket(.pair)
            thread.register(pair) {}
            thread.register(pair) {}
        }
    }

    @Test func theContextIsConfiguredFirstAndTerminatedLast() async {
        await #expect(processExitsWith: .exitCode(7)) {
            try Context.shared.configure(ioThreads: 2, maxSockets: 16)
            do {
                let left = try Socket(.pair)
                let right = try Socket(.pair)
                try right.connect(try left.bind("tcp://127.0.0.1:*"))
                guard try left.wait(for: .writing, milliseconds: 60_000) else { exit(1) }
                _ = try left.send([Frame("x")])
                guard try right.wait(for: .reading, milliseconds: 60_000) else { exit(2) }
                guard try right.receive() == [Frame("x")] else { exit(3) }
                // Sixteen sockets are too many beside these two.
                var sockets: [Box] = []
                do {
                    for _ in 0..<16 { sockets.append(Box(try Socket(.pair))) }
                    exit(4)
                } catch {
                    guard (error as? ZeroMQError)?.code == .tooManySockets else { exit(5) }
                }
            }
            guard Context.shared.terminate(within: 60_000) else { exit(6) }
            do {
                _ = try Socket(.pair)
            } catch {
                exit((error as? ZeroMQError)?.code == .terminated ? 7 : 8)
            }
        }
    }

    @Test func anOpenSocketDoesNotHoldTheProcess() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let box = Box(try Socket(.pair))
            let hasEnded = Context.shared.terminate(within: 50)
            do {
                _ = try box.socket.receive()
            } catch {
                exit(!hasEnded && (error as? ZeroMQError)?.code == .terminated ? 7 : 1)
            }
        }
    }

    private final class Box {
        let socket: Socket

        init(_ socket: consuming Socket) {
            self.socket = socket
        }
    }
}
