// Who did what over HTTP, when, and how it ended: one JSON object a line, in files of bounded size and number.
//
//     {"time":"2020-02-08T01:02:03.456Z","key":"3f…","tenant":"…","remote":"127.0.0.1","method":"GET","path":"…",
//      "query":"…","status":200,"milliseconds":1.2}
//
// Lines wait in memory until `flush`, at most `pendingLimit` bytes; beyond it they are dropped and counted. The keys and
// tokens themselves never stand in it.

import Foundation
import Messages
import Synchronization

/// Appends to the audit log; a log without a path keeps nothing.
final class AuditLog: Sendable {
    static let flushMilliseconds = 200
    /// Bytes after which a file is put aside as `.1`, `.2`, …
    static let fileBytes = 16 << 20
    /// Files that are put aside at most.
    static let keptFiles = 4
    static let pendingLimit = 1 << 20
    /// Longest path or query that is kept.
    private static let textLimit = 512

    struct Entry: Encodable, Sendable {
        var time: String
        var key: String
        var tenant: String?
        var remote: String
        var method: String
        var path: String
        var query: String?
        var status: Int
        var milliseconds: Double
    }

    private struct State {
        var pending: [UInt8] = []
        var dropped = 0
        var failures = 0
    }

    private let path: String
    private let state = Mutex(State())
    /// Held while files are written, never together with `state`.
    private let writing = Mutex(())

    init(path: String) { self.path = path }

    /// Lines that were lost because the disk did not keep up, and writes that failed.
    var counters: (dropped: Int, failures: Int) { state.withLock { ($0.dropped, $0.failures) } }

    func note(_ entry: Entry) {
        guard !path.isEmpty else { return }
        var short = entry
        short.path = String(entry.path.prefix(Self.textLimit))
        short.query = entry.query.map { String($0.prefix(Self.textLimit)) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(short) else { return }
        state.withLock { state in
            guard state.pending.count + line.count < Self.pendingLimit else {
                state.dropped += 1
                return
            }
            state.pending += line
            state.pending.append(10)
        }
    }

    /// Writes an entry before it returns.
    ///
    /// - Throws: `notAllowed` where no log is kept, `unavailable` where it cannot be written.
    func keep(_ entry: Entry) throws(KuaibaoError) {
        guard !path.isEmpty else {
            throw KuaibaoError(
                .notAllowed, "personal values are read only where an audit log is kept", fix: "set audit-log")
        }
        let before = counters
        note(entry)
        flush()
        guard counters == before else {
            throw KuaibaoError(.unavailable, "the audit log cannot be written", fix: "make room for it")
        }
    }

    /// Flushes until the task is cancelled, and once more then.
    func run() async {
        guard !path.isEmpty else { return }
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Self.flushMilliseconds))
            flush()
        }
        flush()
    }

    func flush() {
        writing.withLock { _ in
            let bytes = state.withLock { state in
                defer { state.pending.removeAll(keepingCapacity: true) }
                return state.pending
            }
            guard !bytes.isEmpty else { return }
            do {
                try append(bytes)
            } catch {
                state.withLock { $0.failures += 1 }
            }
        }
    }

    private func append(_ bytes: [UInt8]) throws {
        let manager = FileManager.default
        if !manager.fileExists(atPath: path) {
            try manager.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            guard manager.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
                throw CocoaError(.fileWriteUnknown)
            }
        }
        guard let file = FileHandle(forWritingAtPath: path) else { throw CocoaError(.fileWriteUnknown) }
        defer { try? file.close() }
        let end = try file.seekToEnd()
        try file.write(contentsOf: Data(bytes))
        guard Int(end) + bytes.count >= Self.fileBytes else { return }
        try? manager.removeItem(atPath: path + ".\(Self.keptFiles)")
        for number in stride(from: Self.keptFiles - 1, through: 1, by: -1) {
            try? manager.moveItem(atPath: path + ".\(number)", toPath: path + ".\(number + 1)")
        }
        try manager.moveItem(atPath: path, toPath: path + ".1")
    }
}
