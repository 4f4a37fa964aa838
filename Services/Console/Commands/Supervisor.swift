// Runs the stack's processes on one machine: starts them, starts them again when they die, ends them in order.

import Foundation
import Messages
import ServiceKit
import Synchronization

/// One process of the stack.
struct ChildSpecification: Sendable, Hashable {
    let name: String
    let executable: String
    let arguments: [String]
}

/// Owns child processes. Each holds the read end of a pipe of ours as standard input, so that it ends when we are gone,
/// however we went.
final class Supervisor: Sendable {
    /// How long a child may take to end after SIGTERM.
    static let graceSeconds = 10.0

    private struct Child {
        var process: Process
        let input: Pipe
        var startedAt: Int64
        /// The length of its log when it was started.
        let logStart: UInt64
        var policy = RestartPolicy()
        var restarts = 0
    }

    private struct State {
        var children: [String: Child] = [:]
        var isStopping = false
        var refusal: KuaibaoError?
    }

    private let folder: String
    private let logFolder: String
    private let state: Mutex<State>

    /// - Parameters:
    ///   - folder: where the executables are.
    ///   - logFolder: where each child's log goes, `<name>.log`.
    init(folder: String, logFolder: String) throws {
        self.folder = folder
        self.logFolder = logFolder
        state = Mutex(State())
        try FileManager.default.createDirectory(atPath: logFolder, withIntermediateDirectories: true)
    }

    /// Starts a child and keeps it running.
    func start(_ specification: ChildSpecification) throws { try launch(specification, after: nil) }

    /// Process numbers by name, of those that run.
    var processIDs: [String: Int32] {
        state.withLock { $0.children.filter { $0.value.process.isRunning }.mapValues { $0.process.processIdentifier } }
    }

    /// Why a child refused to start: a wrong setting, a key that is not allowed, a port or folder of somebody else's. It is not
    /// started again.
    var refusal: KuaibaoError? { state.withLock { $0.refusal } }

    var restarts: Int { state.withLock { $0.children.values.reduce(0) { $0 + $1.restarts } } }

    /// Ends all children, `last` after the others, so that those can still give their work back to it. Children that
    /// do not end in time are killed.
    func stop(last: String) async {
        state.withLock { $0.isStopping = true }
        let deadline = Date().addingTimeInterval(Self.graceSeconds)
        await end(processIDs.filter { $0.key != last }, deadline: deadline)
        await end(processIDs.filter { $0.key == last }, deadline: deadline)
        for (_, id) in processIDs { kill(id, SIGKILL) }
    }

    private func end(_ children: [String: Int32], deadline: Date) async {
        for (_, id) in children { kill(id, SIGTERM) }
        while Date() < deadline, processIDs.contains(where: { children[$0.key] != nil }) {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private func launch(_ specification: ChildSpecification, after previous: Child?) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: folder + "/" + specification.executable)
        process.arguments = specification.arguments
        var environment = ProcessInfo.processInfo.environment
        environment["KUAIBAO_SUPERVISED"] = "1"
        process.environment = environment
        let input = Pipe()
        process.standardInput = input
        let log = try openLog(specification.name)
        process.standardOutput = log
        process.standardError = log
        let logStart = try log.offset()
        process.terminationHandler = { [weak self] ended in
            try? log.close()
            self?.ended(specification, status: ended.terminationStatus)
        }
        try process.run()
        try? input.fileHandleForReading.close()
        let isLate = state.withLock { state in
            var child = Child(
                process: process, input: input, startedAt: SystemClock.monotonicMilliseconds(), logStart: logStart)
            if let previous {
                child.policy = previous.policy
                child.restarts = previous.restarts + 1
            }
            state.children[specification.name] = child
            return state.isStopping
        }
        if isLate { kill(process.processIdentifier, SIGTERM) }
    }

    private func openLog(_ name: String) throws -> FileHandle {
        let path = "\(logFolder)/\(name).log"
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        // Logs of earlier runs are kept up to this size, then begun anew.
        if try handle.seekToEnd() > 16 << 20 { try handle.truncate(atOffset: 0) }
        return handle
    }

    /// What a service writes last, `error CODE: MESSAGE` and `fix: …` (`ServiceRun.fail`), as an error of our own.
    private func refusal(of name: String, status: Int32, from start: UInt64) -> KuaibaoError {
        let path = "\(logFolder)/\(name).log"
        var lines: [Substring] = []
        if let handle = FileHandle(forReadingAtPath: path) {
            try? handle.seek(toOffset: start)
            let data = (try? handle.read(upToCount: 1 << 20)) ?? Data()
            lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
            try? handle.close()
        }
        let place = lines.lastIndex { $0.hasPrefix("error ") }
        let parts = place.map { lines[$0].dropFirst(6).split(separator: ":", maxSplits: 1) } ?? []
        let fix = place.flatMap { $0 + 1 < lines.count ? lines[$0 + 1] : nil }
        return KuaibaoError(
            parts.first.flatMap { ErrorCode(rawValue: String($0)) } ?? .internal,
            "\(name) does not start: \(parts.last.map { $0.drop { $0 == " " } } ?? "it ended with status \(status)")",
            fix: fix.map { $0.hasPrefix("fix: ") ? String($0.dropFirst(5)) : String($0) } ?? "see \(path)")
    }

    private func ended(_ specification: ChildSpecification, status: Int32) {
        let pause: Int64? = state.withLock { state in
            guard !state.isStopping, var child = state.children[specification.name] else { return nil }
            let lived = SystemClock.monotonicMilliseconds() - child.startedAt
            if child.restarts == 0, RestartPolicy.isRefusal(status, afterMilliseconds: lived) {
                state.refusal = state.refusal ?? refusal(of: specification.name, status: status, from: child.logStart)
                return nil
            }
            let pause = child.policy.died(afterMilliseconds: lived)
            state.children[specification.name] = child
            return pause
        }
        guard let pause else { return }
        Terminal.note("\(specification.name) ended with status \(status); starting it again in \(pause) ms")
        // Unstructured because a death comes from outside; it ends with the start of the child.
        Task {
            try? await Task.sleep(for: .milliseconds(pause))
            let previous = state.withLock { $0.isStopping ? nil : $0.children[specification.name] }
            guard let previous else { return }
            do {
                try launch(specification, after: previous)
            } catch {
                Terminal.note("\(specification.name) could not be started: \(error)")
                ended(specification, status: -1)
            }
        }
    }
}
