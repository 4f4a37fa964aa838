// A parser in a process of its own: the worker's end.
//
// The child is this program again in the role `parser`. It reads one request after the other from its standard input and
// writes one answer each; both are frames with their length in front. A child that dies, hangs or answers nonsense is
// killed, the document is tried again in a fresh one, and after `attempts` tries it is refused with the reason. Nothing a
// document does to the parser reaches the worker or the documents beside it.
//
//     request = length u64 | record                      whatever the two ends agreed on
//     answer  = length u64 | record

package import Messages
import Synchronization

/// Children that parse, as many as are asked at once; idle ones are kept.
package final class ParserChildren: Sendable {
    /// How children are started and how long they may take.
    package struct Configuration: Sendable {
        package var program: String
        package var arguments: [String]
        /// Longest time for one document and one try, in milliseconds.
        package var milliseconds: Int64
        package var addressBytes: Int
        /// Longest answer in bytes.
        package var answerBytes: Int
        /// Tries before a document is refused.
        package var attempts: Int
        /// Documents that one child parses before it is replaced, so that nothing of theirs stays for long.
        package var documentsPerChild: Int

        package init(
            program: String, arguments: [String], milliseconds: Int64 = 30_000, addressBytes: Int = 2 << 30,
            answerBytes: Int = 512 << 20, attempts: Int = 3, documentsPerChild: Int = 10_000
        ) {
            self.program = program
            self.arguments = arguments
            self.milliseconds = max(milliseconds, 1)
            self.addressBytes = addressBytes
            self.answerBytes = answerBytes
            self.attempts = max(attempts, 1)
            self.documentsPerChild = max(documentsPerChild, 1)
        }
    }

    /// Counts since the start.
    package struct Counters: Sendable, Hashable {
        package var started = 0
        package var died = 0
        package var overdue = 0
    }

    private struct State: ~Copyable {
        var idle: [IdleChild] = []
        var counters = Counters()
    }

    private let configuration: Configuration
    private let state = Mutex(State())

    package init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    package var counters: Counters { state.withLock { $0.counters } }

    /// The answer to a request.
    /// - Throws: `parserFailed` after the last try, with how each ended; `unavailable` where no child can be started.
    package func answer(_ request: [UInt8]) throws(KuaibaoError) -> [UInt8] {
        var reasons: [String] = []
        for _ in 0..<configuration.attempts {
            let child = try take()
            let deadline = ContainedProcess.milliseconds() + configuration.milliseconds
            do {
                let answer = try child.request(request, answerBytes: configuration.answerBytes, deadline: deadline)
                give(child)
                return answer
            } catch {
                reasons.append(describe(error, child.stop()))
            }
        }
        throw KuaibaoError(
            .parserFailed,
            "the parser failed on it \(configuration.attempts) times: \(reasons.joined(separator: "; "))",
            fix: "it is kept whole; retry it after an update, or send it in another format")
    }

    private func describe(_ failure: ContainedProcess.Failure, _ end: ContainedProcess.End?) -> String {
        state.withLock { state in
            if failure == .deadline { state.counters.overdue += 1 } else { state.counters.died += 1 }
        }
        switch failure {
        case .deadline: return "not done within \(configuration.milliseconds) ms"
        case .ended: return "ended by \(end?.text ?? "itself")"
        case .tooMuchOutput: return "its answer was longer than \(configuration.answerBytes) bytes"
        }
    }

    private func take() throws(KuaibaoError) -> IdleChild {
        if let child = state.withLock({ $0.idle.popLast() }) { return child }
        let process = try ContainedProcess(
            path: configuration.program, arguments: configuration.arguments,
            limits: ContainmentLimits(addressBytes: configuration.addressBytes, openFiles: 64), group: .own)
        state.withLock { $0.counters.started += 1 }
        return IdleChild(process)
    }

    private func give(_ child: IdleChild) {
        guard child.documents < configuration.documentsPerChild else { return }
        state.withLock { $0.idle.append(child) }
    }
}

/// A child that one thread at a time has taken.
private final class IdleChild: Sendable {
    private struct Held: ~Copyable {
        var process: ContainedProcess?
        var documents = 0
    }

    private let held: Mutex<Held>

    init(_ process: consuming sending ContainedProcess) {
        held = Mutex(Held(process: process))
    }

    var documents: Int { held.withLock { $0.documents } }

    func request(_ bytes: [UInt8], answerBytes: Int, deadline: Int64) throws(ContainedProcess.Failure) -> [UInt8] {
        try held.withLock { held throws(ContainedProcess.Failure) in
            held.documents += 1
            guard var process = held.process.take() else { throw .ended }
            let answer: Result<[UInt8], ContainedProcess.Failure>
            do throws(ContainedProcess.Failure) {
                answer = .success(try process.request(bytes, answerBytes: answerBytes, deadline: deadline))
            } catch {
                answer = .failure(error)
            }
            held.process = consume process
            return try answer.get()
        }
    }

    func stop() -> ContainedProcess.End? {
        held.withLock { $0.process.take()?.stop() }
    }
}
