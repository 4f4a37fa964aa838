// Where backups are: one folder for many of them, which share the segment files.
//
//     <folder>/segments/<collection>/<file>     immutable files, each copied once
//     <folder>/backups/<name>/ledger.sqlite     one committed state of the ledger
//     <folder>/backups/<name>/api-keys.json     the keys, if there were any
//     <folder>/backups/<name>/manifest.json     what belongs to it; written last: a backup without it is none
//
// A name is the time in UTC, `20200208T010203Z`; names order backups by age.

import Foundation
import Ledger
import Messages
import SegmentStore
import ServiceKit

/// What belongs to one backup.
struct BackupManifest: Codable, Sendable {
    var release: String
    /// Milliseconds since 1970, UTC.
    var takenAt: Int64
    var ledgerBytes: Int64
    /// By collection.
    var versions: [String: Int64]
    var files: [SegmentFile]
}

/// What a backup or a restore did.
struct BackupReport: Encodable, Sendable {
    var name: String
    var files: Int
    /// Segment files that were not in the folder of backups before.
    var copiedFiles: Int
    var copiedBytes: Int64
    var ledgerBytes: Int64
    var seconds: Double
    /// What `check` found in the data as restored; nil where it was not asked for.
    var problems: [String]?
}

/// Takes and restores backups.
struct BackupStore {
    /// Attempts to copy the segments of one ledger state: a merge may remove one meanwhile.
    private static let attempts = 3

    let folder: String
    private let manager = FileManager.default

    init(folder: String) { self.folder = folder }

    /// Names of the backups that are whole, oldest first.
    func names() -> [String] {
        let names = (try? manager.contentsOfDirectory(atPath: folder + "/backups")) ?? []
        return names.filter { manager.fileExists(atPath: path(of: $0) + "/manifest.json") }.sorted()
    }

    func manifest(of name: String) throws(KuaibaoError) -> BackupManifest {
        let path = path(of: name) + "/manifest.json"
        guard let data = manager.contents(atPath: path),
            let manifest = try? JSONDecoder().decode(BackupManifest.self, from: data)
        else {
            throw KuaibaoError(
                .notFound, "there is no whole backup \"\(name)\" in \(folder)", fix: "see kuaibao backup --list")
        }
        return manifest
    }

    // MARK: Taking

    /// Copies a data folder while its stack runs, or stands still.
    func take(dataDir: String, name: String, now: Int64) throws -> BackupReport {
        guard manager.fileExists(atPath: dataDir + "/ledger/" + SQLiteLedger.fileName) else {
            throw KuaibaoError(.notFound, "there is no ledger under \(dataDir)", fix: "give --data-dir")
        }
        let started = Date()
        let place = path(of: name)
        guard !manager.fileExists(atPath: place) else {
            throw KuaibaoError(.conflict, "the backup \(name) exists", fix: "wait a second, or give --name")
        }
        try manager.createDirectory(atPath: place, withIntermediateDirectories: true)
        do {
            var report = BackupReport(name: name, files: 0, copiedFiles: 0, copiedBytes: 0, ledgerBytes: 0, seconds: 0)
            for attempt in 1...Self.attempts {
                let isLast = attempt == Self.attempts
                if try copy(dataDir: dataDir, place: place, now: now, isLast: isLast, &report) { break }
            }
            report.seconds = Date().timeIntervalSince(started)
            return report
        } catch {
            try? manager.removeItem(atPath: place)
            throw error
        }
    }

    /// One attempt; false where a segment was removed meanwhile and there is another attempt.
    private func copy(
        dataDir: String, place: String, now: Int64, isLast: Bool, _ report: inout BackupReport
    ) throws -> Bool {
        let file = place + "/" + SQLiteLedger.fileName
        try? manager.removeItem(atPath: file)
        try LedgerBackup.copy(directory: dataDir + "/ledger", toFile: file)
        let (versions, files) = try Self.contents(ofLedger: file, scratch: place + "/reading")
        let source = try DirectorySegmentStore(directory: dataDir + "/segments")
        let target = try DirectorySegmentStore(directory: folder + "/segments")
        let known = Set(try target.names())
        var bar = ProgressBar("segments", total: files.count)
        for entry in files {
            if !known.contains(entry.name) {
                do {
                    try target.put(entry.name, fromFile: try source.fetch(entry))
                } catch {
                    guard error.code == .notFound, !isLast else { throw error }
                    return false
                }
                report.copiedFiles += 1
                report.copiedBytes += entry.byteCount
            }
            bar.advance()
        }
        let keys = dataDir + "/api-keys.json"
        if manager.fileExists(atPath: keys) {
            try? manager.removeItem(atPath: place + "/api-keys.json")
            try manager.copyItem(atPath: keys, toPath: place + "/api-keys.json")
        }
        report.files = files.count
        report.ledgerBytes = Self.size(of: file)
        let manifest = BackupManifest(
            release: Release.version, takenAt: now, ledgerBytes: report.ledgerBytes, versions: versions, files: files)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(manifest).write(to: URL(fileURLWithPath: place + "/manifest.json"), options: .atomic)
        return true
    }

    /// The versions of a ledger file, and the segment files that they name. The file itself is not touched: opening a ledger writes.
    private static func contents(
        ofLedger file: String, scratch: String
    ) throws -> (versions: [String: Int64], files: [SegmentFile]) {
        let manager = FileManager.default
        try? manager.removeItem(atPath: scratch)
        try manager.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? manager.removeItem(atPath: scratch) }
        try manager.copyItem(atPath: file, toPath: scratch + "/" + SQLiteLedger.fileName)
        let ledger = try SQLiteLedger(directory: scratch, processID: ProcessInfo.processInfo.processIdentifier)
        defer { try? ledger.close() }
        var versions: [String: Int64] = [:]
        var files: [SegmentFile] = []
        for collection in try ledger.collections() {
            versions[collection.name] = collection.version
            for segment in try ledger.snapshot(collection.name).partitions.flatMap(\.segments) {
                files.append(segment.file)
                if let live = segment.liveDocs { files.append(live) }
            }
        }
        return (versions, files)
    }

    // MARK: Restoring

    /// Puts a backup into a data folder that has no ledger.
    func restore(_ name: String, to dataDir: String) throws -> BackupReport {
        let started = Date()
        let manifest = try manifest(of: name)
        guard !manager.fileExists(atPath: dataDir + "/ledger"), !manager.fileExists(atPath: dataDir + "/segments")
        else {
            throw KuaibaoError(
                .conflict, "\(dataDir) has data already", fix: "move it away, or give another --data-dir")
        }
        let source = try DirectorySegmentStore(directory: folder + "/segments")
        let target = try DirectorySegmentStore(directory: dataDir + "/segments")
        var report = BackupReport(
            name: name, files: manifest.files.count, copiedFiles: 0, copiedBytes: 0, ledgerBytes: manifest.ledgerBytes,
            seconds: 0)
        var bar = ProgressBar("segments", total: manifest.files.count)
        for file in manifest.files {
            try target.put(file.name, fromFile: try source.fetch(file))
            report.copiedFiles += 1
            report.copiedBytes += file.byteCount
            bar.advance()
        }
        // The ledger comes last: a data folder with a ledger has all that the ledger names.
        try manager.createDirectory(atPath: dataDir + "/ledger", withIntermediateDirectories: true)
        let ledger = dataDir + "/ledger/" + SQLiteLedger.fileName
        try manager.copyItem(atPath: path(of: name) + "/" + SQLiteLedger.fileName, toPath: ledger)
        let keys = path(of: name) + "/api-keys.json"
        if manager.fileExists(atPath: keys) { try manager.copyItem(atPath: keys, toPath: dataDir + "/api-keys.json") }
        report.seconds = Date().timeIntervalSince(started)
        return report
    }

    /// Restores a backup into a folder of its own and reads every byte of it there.
    func verify(_ name: String) throws -> [String] {
        let place = folder + "/verifying-\(ProcessInfo.processInfo.processIdentifier)"
        defer { try? manager.removeItem(atPath: place) }
        _ = try restore(name, to: place)
        return try CheckReport(dataDir: place).problems
    }

    /// Removes all but the newest backups, and segment files that none of them names.
    func prune(keeping count: Int) throws -> Int {
        let names = names()
        for name in names.dropLast(count) { try manager.removeItem(atPath: path(of: name)) }
        let wanted = Set(try self.names().flatMap { try manifest(of: $0).files.map(\.name) })
        let store = try DirectorySegmentStore(directory: folder + "/segments")
        for name in try store.names() where !wanted.contains(name) { try store.delete(name) }
        return max(0, names.count - count)
    }

    private func path(of name: String) -> String { folder + "/backups/" + name }

    private static func size(of path: String) -> Int64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.int64Value ?? 0
    }
}
