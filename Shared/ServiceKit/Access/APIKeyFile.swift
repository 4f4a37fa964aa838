// The file of API keys: the console writes it, the query gateway reads it.
//
// JSON: `{"version":1,"keys":[…]}`. It is replaced as a whole (temporary file, fsync, rename, fsync of the folder) while a lock file
// beside it is held, so that readers see one state or the next and two writers do not undo each other. A revoked key
// keeps its record: a file that has had keys never looks like one without.

import Foundation
package import Messages

/// The keys of one gateway.
package struct APIKeyFile: Codable, Sendable, Hashable {
    package static let formatVersion = 1
    /// Most keys of a file.
    package static let keyLimit = 10_000
    /// Largest file that is read, in bytes.
    private static let byteLimit = 16 << 20

    package private(set) var version = Self.formatVersion
    package var keys: [APIKey] = []

    package init() {}

    /// Reads the file; one that does not exist has no keys.
    ///
    /// - Throws: `corrupt` for a file that cannot be read, `notReady` for one of a newer release.
    package init(path: String) throws(KuaibaoError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        let damaged = KuaibaoError(
            .corrupt, "the file of API keys \(path) cannot be read",
            fix: "restore it, or move it away and make new keys")
        guard let data = FileManager.default.contents(atPath: path), data.count <= Self.byteLimit,
            let file = try? JSONDecoder().decode(APIKeyFile.self, from: data)
        else { throw damaged }
        guard file.version <= Self.formatVersion else {
            throw KuaibaoError(
                .notReady, "\(path) has version \(file.version), this program reads \(Self.formatVersion)",
                fix: "run a newer release")
        }
        self = file
    }

    /// Changes the file under its lock and returns what the change returns.
    ///
    /// - Throws: what `change` throws (nothing is written then), or `unavailable` where the file cannot be written.
    package static func update<Value>(
        path: String, _ change: (inout APIKeyFile) throws(KuaibaoError) -> Value
    ) throws(KuaibaoError) -> Value {
        let folder = (path as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let lock = unsafe open(path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX) == 0 else { throw unwritable(path) }
        defer { close(lock) }
        var file = try APIKeyFile(path: path)
        let value = try change(&file)
        guard file.keys.count <= Self.keyLimit else {
            throw KuaibaoError(.invalidRequest, "\(file.keys.count) keys", fix: "a file holds at most \(Self.keyLimit)")
        }
        try file.write(path: path, folder: folder)
        return value
    }

    private func write(path: String, folder: String) throws(KuaibaoError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { throw Self.unwritable(path) }
        let temporary = path + ".new"
        let descriptor = unsafe open(temporary, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.unwritable(path) }
        var isWritten = true
        do {
            try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: data + Data("\n".utf8))
        } catch {
            isWritten = false
        }
        isWritten = isWritten && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten, unsafe rename(temporary, path) == 0 else { throw Self.unwritable(path) }
        let place = unsafe open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if place >= 0 {
            fsync(place)
            close(place)
        }
    }

    private static func unwritable(_ path: String) -> KuaibaoError {
        KuaibaoError(
            .unavailable, "the file of API keys \(path) cannot be written",
            fix: "is the folder there, writable and not full?")
    }
}
