// The file of what is known of feeds: `feeds/known.ndjson` in the data folder.
//
// Appended to line by line; written anew (temporary file, fsync, rename) when opened and whenever it has grown to four times
// what it would be. All calls run on one thread of its own.

import Feeds
import Foundation
import Glibc
import Messages
import ServiceKit
import Synchronization

/// The log of a `FeedMemory`.
final class FeedLog: Sendable {
    private struct State: Sendable {
        var descriptor: Int32 = -1
        /// Bytes of the file, and when it was last whole.
        var bytes = 0
        var wholeBytes = 0
    }

    private let folder: String
    private let threads = WorkThreads(name: "feed-log", count: 1)
    private let state = Mutex(State())
    /// Below it, a log is not worth being written anew.
    private static let leastBytes = 1 << 20

    private var path: String { folder + "/known.ndjson" }

    /// - Parameter folder: made where it is not there.
    init(folder: String) {
        self.folder = folder
    }

    /// Reads what is there.
    /// - Throws: `unavailable` where the folder cannot be read or written.
    func load() async throws -> FeedMemory {
        try await threads.run { [self] in
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                let isThere = FileManager.default.fileExists(atPath: path)
                var memory = FeedMemory(log: isThere ? Array(try Data(contentsOf: URL(fileURLWithPath: path))) : [])
                memory.trim()
                try rewrite(memory)
                return memory
            } catch {
                throw KuaibaoError(
                    .unavailable, "what is known of feeds, in \(folder), cannot be read or written: \(error)",
                    fix: "check the data folder and its permissions")
            }
        }
    }

    /// Appends changes; `memory` is what they lead to.
    func append(_ changes: [FeedMemory.Change], memory: FeedMemory) async throws {
        try await threads.run { [self] in
            let bytes = try changes.reduce(into: [UInt8]()) { $0 += try FeedMemory.line($1) }
            let (isLarge, isOpen) = state.withLock { state in
                (state.bytes > max(Self.leastBytes, state.wholeBytes * 4), state.descriptor >= 0)
            }
            // A failed write may have left half a line: then the whole is written anew too.
            if isLarge || !isOpen { return try rewrite(memory) }
            try state.withLock { state in
                let count = unsafe write(state.descriptor, bytes, bytes.count)
                guard count == bytes.count else {
                    let number = errno
                    Glibc.close(state.descriptor)
                    state.descriptor = -1
                    throw POSIXError(POSIXErrorCode(rawValue: number) ?? .EIO)
                }
                state.bytes += count
            }
        }
    }

    func close() async {
        try? await threads.run { [self] in
            state.withLock { state in
                if state.descriptor >= 0 {
                    fsync(state.descriptor)
                    Glibc.close(state.descriptor)
                }
                state.descriptor = -1
            }
        }
        threads.stop()
    }

    private func rewrite(_ memory: FeedMemory) throws {
        let bytes = try memory.log()
        try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        state.withLock { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state.descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
            (state.bytes, state.wholeBytes) = (bytes.count, bytes.count)
        }
    }
}
