// `kuaibao reindex`: parses and indexes every document again, in a data folder of its own, behind the running stack.
//
// The raw documents of the old ledger are submitted in their order to a new stack over the new folder, so that each keeps
// its submission's number. What comes in meanwhile is replayed by further passes. With the old stack stopped, `--swap` replays
// what is left, takes over the watches with their pending alerts, and exchanges the folders; the old data stays beside them. A run that was
// broken off goes on where it was. Records of declared collections are not submitted, because their personal values are sealed: they go
// from ledger to ledger as they were accepted, before the new stack starts, and it reads and indexes them.

import ArgumentParser
import Foundation
import Ledger
import Messages
import ServiceKit

struct ReindexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex", abstract: "在旁边重新解析和索引。 Parses and indexes everything again, beside the running stack.",
        discussion: """
            先不停服务运行一次，停服务后再用 --swap 运行一次。
            Run it once while the stack runs, stop the stack, run it again with --swap, start the stack.
            """)

    private static let readySeconds = 60.0
    private static let batchBytes = 16 << 20

    @Option(help: "数据文件夹。 Data folder.") var dataDir = "./var/kuaibao"
    @Option(help: "新的数据文件夹，默认旁边的 -new。 Folder for the new data; beside it with -new unless given.") var into: String?
    @Flag(help: "停服务后交换两个文件夹。 Exchange the folders; the stack must be stopped.") var swap = false
    @Flag(help: "输出 JSON。 Print JSON.") var json = false

    /// What was done.
    struct Report: Encodable {
        var replayed: Int64 = 0
        var documents: Int64 = 0
        /// Records of declared collections, changes and removals among them.
        var records: Int64 = 0
        /// Watches that were taken over, with what they still have to tell.
        var watches = 0
        var isSwapped = false
        var previous: String?
        var seconds = 0.0
    }

    func run() async throws {
        let old = URL(fileURLWithPath: dataDir).path
        let new = into.map { URL(fileURLWithPath: $0).path } ?? old + "-new"
        guard FileManager.default.fileExists(atPath: old + "/ledger/" + SQLiteLedger.fileName) else {
            throw KuaibaoError(.notFound, "there is no ledger under \(old)", fix: "give --data-dir")
        }
        let started = Date()
        var report = Report()
        // Held to the end of the exchange: nobody writes the old ledger any more.
        var owned = swap ? try Self.own(old) : nil
        defer { try? owned?.close() }
        report.records =
            if let owned {
                try Self.adoptRecords(from: owned, of: old, into: new)
            } else {
                try await Self.withCopy(of: old) { try Self.adoptRecords(from: $0, of: old, into: new) }
            }
        let stack = try await Self.start(new)
        do {
            try await replay(old, stack.client, &report)
            if let owned { try await Self.compareRecords(with: owned, stack.client) }
        } catch {
            Self.stop(stack.process)
            throw BackupCommand.known(error)
        }
        Self.stop(stack.process)
        if swap {
            if let owned { report.watches = try Self.adoptWatches(from: owned, into: new) }
            try owned?.close()
            owned = nil
            let previous = old + "-before-" + Date().formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
            for kept in ["/api-keys.json", "/digests"] where FileManager.default.fileExists(atPath: old + kept) {
                try FileManager.default.copyItem(atPath: old + kept, toPath: new + kept)
            }
            try FileManager.default.moveItem(atPath: old, toPath: previous)
            try FileManager.default.moveItem(atPath: new, toPath: old)
            report.isSwapped = true
            report.previous = previous
        }
        report.seconds = Date().timeIntervalSince(started)
        if json { return try APIKeysCommand.print(report) }
        Terminal.write(
            "\(report.replayed) 份文件重新处理 documents replayed, \(report.documents) in all, "
                + "\(report.records) 条记录 records taken over, \(Int(report.seconds)) s")
        Terminal.write(
            report.isSwapped
                ? "已交换，可以启动。 Exchanged; start the stack. 旧数据 old data: \(report.previous ?? "")"
                : "停服务后运行 Stop the stack, then run: kuaibao reindex --data-dir \(dataDir) --swap")
    }

    // MARK: Replaying

    /// Passes over the old ledger until one finds nothing new, then waits until all of it is done with.
    private func replay(_ old: String, _ client: GatewayClient, _ report: inout Report) async throws {
        while true {
            var isChanged = false
            var passed = report
            try await Self.withCopy(of: old) { ledger in
                for collection in try ledger.collections() where try ledger.declaration(collection.name) == nil {
                    isChanged = try await pass(ledger, collection.name, client, &passed) || isChanged
                }
            }
            report = passed
            if !isChanged { break }
        }
        while try await client.get("/v1/status", as: StatusReply.self).value.ingest?.collections
            .contains(where: { $0.counts.inFlight > 0 }) ?? true
        {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Reads a copy of a ledger that may be in use.
    private static func withCopy<Value>(
        of folder: String, _ body: (SQLiteLedger) async throws -> Value
    ) async throws -> Value {
        let copy = FileManager.default.temporaryDirectory.path + "/kuaibao-reindex-" + Identifier.random().prefix(12)
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try LedgerBackup.copy(directory: folder + "/ledger", toFile: copy + "/" + SQLiteLedger.fileName)
        let ledger = try SQLiteLedger(directory: copy, processID: ProcessInfo.processInfo.processIdentifier)
        defer { try? ledger.close() }
        return try await body(ledger)
    }

    // MARK: Declared collections

    private static func declared(_ ledger: SQLiteLedger) throws -> [String] {
        try ledger.collections().map(\.name).filter { try ledger.declaration($0) != nil }
    }

    /// Takes the records over that the new ledger has not, with the key of their personal values.
    private static func adoptRecords(from ledger: SQLiteLedger, of old: String, into new: String) throws -> Int64 {
        let names = try declared(ledger)
        guard !names.isEmpty else { return 0 }
        try FileManager.default.createDirectory(atPath: new, withIntermediateDirectories: true)
        let key = "/personal.key"
        if FileManager.default.fileExists(atPath: old + key), !FileManager.default.fileExists(atPath: new + key) {
            try FileManager.default.copyItem(atPath: old + key, toPath: new + key)
        }
        let own = try own(new)
        defer { try? own.close() }
        do {
            return try names.reduce(0) {
                $0 + (try own.adoptRecords(of: $1, from: ledger, now: SystemClock.wallMilliseconds()))
            }
        } catch let error as LedgerError {
            throw error.wireError
        }
    }

    /// No record may be lost because the present declaration does not take it any more.
    ///
    /// - Throws: `conflict`.
    private static func compareRecords(with old: SQLiteLedger, _ client: GatewayClient) async throws {
        let status = try await client.get("/v1/status", as: StatusReply.self).value
        for name in try declared(old) {
            let before = try old.counts(name).searchable
            let now = status.ingest?.collections.first { $0.name == name }?.counts.searchable ?? 0
            guard now < before else { continue }
            throw KuaibaoError(
                .conflict, "of \(before) records of \(name) only \(now) are there when they are read again",
                fix: "the dead letters of the new folder say why: kuaibao up --data-dir with it, kuaibao dead-letters")
        }
    }

    // MARK: Documents

    /// Submits the documents that the new stack has not; true where there were some.
    private func pass(
        _ ledger: SQLiteLedger, _ collection: String, _ client: GatewayClient, _ report: inout Report
    ) async throws -> Bool {
        let stream = TopicPartition(collection: collection, topic: .raw)
        let bounds = try ledger.bounds(stream)
        guard bounds.low == 0 else {
            throw KuaibaoError(
                .conflict, "the oldest documents of \(collection) are not kept any more", fix: "restore a backup")
        }
        let status = try await client.get("/v1/status", as: StatusReply.self).value
        var next = status.ingest?.collections.first { $0.name == collection }?.counts.accepted ?? 0
        report.documents = bounds.next
        guard next < bounds.next else { return false }
        var bar = ProgressBar(collection, total: Int(bounds.next - next))
        while next < bounds.next {
            let batches = try ledger.read(stream, from: next, maxBatches: 256, maxBytes: Self.batchBytes)
            guard !batches.isEmpty else {
                throw KuaibaoError(
                    .corrupt, "a hole at \(next) of the documents of \(collection)", fix: "run kuaibao check")
            }
            for batch in batches {
                let number = try await submit(
                    try RawRecord(decoding: batch.payload), batch.firstOffset, collection, client)
                guard number == batch.firstOffset else {
                    throw KuaibaoError(
                        .conflict, "document \(batch.firstOffset) became number \(number)",
                        fix: "empty the new folder and run it again")
                }
                next = batch.endOffset
                report.replayed += 1
                bar.advance()
            }
        }
        return true
    }

    /// Hands one document over and returns its number there.
    private func submit(
        _ raw: RawRecord, _ offset: Int64, _ collection: String, _ client: GatewayClient
    ) async throws -> Int64 {
        struct Receipt: Decodable { let submission: String }
        let base = "/v1/collections/\(GatewayClient.encode(collection))/documents"
        let key = ("key", "reindex-\(offset)")
        let receipt: Receipt
        if raw.description.isRemoval {
            receipt = try await client.delete(
                base + "/" + GatewayClient.encode(raw.description.identity), [key], as: Receipt.self)
        } else {
            var parameters = [key, ("identity", raw.description.identity)]
            if let source = raw.description.sourceAddress { parameters.append(("source", source)) }
            for (name, value) in raw.description.hints.sorted(by: { $0.key < $1.key }) {
                parameters.append(("hint." + name, value))
            }
            receipt = try await client.post(
                base, parameters, body: raw.bytes,
                contentType: raw.description.contentType ?? "application/octet-stream",
                as: Receipt.self
            ).value
        }
        return SubmissionID(receipt.submission)?.rawOffset ?? -1
    }

    private static func adoptWatches(from old: SQLiteLedger, into folder: String) throws -> Int {
        let new = try own(folder)
        defer { try? new.close() }
        return try new.adoptWatches(from: old, now: SystemClock.wallMilliseconds())
    }

    // MARK: The new stack

    private static func own(_ folder: String) throws -> SQLiteLedger {
        do {
            return try SQLiteLedger(directory: folder + "/ledger", processID: ProcessInfo.processInfo.processIdentifier)
        } catch let error as LedgerError {
            throw error.wireError
        }
    }

    /// A stack over the new folder, on ports that nobody has.
    private static func start(_ folder: String) async throws -> (process: Process, client: GatewayClient) {
        let (http, zmq) = try LocalPort.free()
        let process = Process()
        process.executableURL = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = [
            "up", "--data-dir", folder, "--http-port", "\(http)", "--zmq-port", "\(zmq)", "--log-level", "warning",
        ]
        process.standardOutput = FileHandle.nullDevice
        // Records that are due for removal are removed by the stack that they are taken from.
        process.environment = ProcessInfo.processInfo.environment.merging(["KUAIBAO_RETENTION": "false"]) { $1 }
        try process.run()
        let client = try GatewayClient("http://127.0.0.1:\(http)")
        let deadline = Date().addingTimeInterval(readySeconds)
        while Date() < deadline, process.isRunning {
            if let status = try? await client.get("/v1/status", as: StatusReply.self).value, status.problems.isEmpty {
                return (process, client)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        stop(process)
        throw KuaibaoError(.notReady, "the new stack was not ready", fix: "look into \(folder)/log/")
    }

    private static func stop(_ process: Process) {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }
}
