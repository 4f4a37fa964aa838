// `kuaibao backup` and `kuaibao restore`: copies of a data folder, taken while the stack runs.

import ArgumentParser
import Foundation
import Ledger
import Messages
import SegmentStore
import ServiceKit

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "备份，不必停止服务。 Takes a backup; the stack may run.",
        discussion: """
            段文件只复制一次，后来的备份只加新的。 Segment files are copied once; later backups add what is new.
            例 Example:  kuaibao backup --data-dir var/kuaibao --to /backup --keep 7
            """)

    @Option(help: "数据文件夹。 Data folder.") var dataDir = "./var/kuaibao"
    @Option(help: "备份文件夹。 Folder of backups.") var to: String
    @Option(help: "名称，默认为时间。 Name; the time unless given.") var name: String?
    @Option(help: "只留最新的几个。 Keep only the newest so many.") var keep: Int?
    @Flag(help: "不校验。 Do not restore it aside and read every byte.") var skipVerify = false
    @Flag(help: "只列出。 List the backups.") var list = false
    @Flag(help: "输出 JSON。 Print JSON.") var json = false

    func validate() throws {
        guard keep ?? 1 >= 1 else { throw ValidationError("--keep is at least 1") }
        guard name.map({ !$0.isEmpty && !$0.contains("/") && !$0.hasPrefix(".") }) ?? true else {
            throw ValidationError("--name has no slash and does not begin with a point")
        }
    }

    func run() async throws {
        let store = BackupStore(folder: to)
        if list { return try show(store) }
        var report: BackupReport
        do {
            report = try store.take(
                dataDir: dataDir, name: name ?? Self.stamp(), now: SystemClock.wallMilliseconds())
            if !skipVerify { report.problems = try store.verify(report.name) }
            if let keep { _ = try store.prune(keeping: keep) }
        } catch {
            throw Self.known(error)
        }
        try Self.show(report, json: json, verb: "备份 backup")
        if let problems = report.problems, !problems.isEmpty {
            throw KuaibaoError(
                .corrupt, "\(problems.count) problems were found in the backup",
                fix: "run kuaibao check on the data folder")
        }
    }

    private func show(_ store: BackupStore) throws {
        if json { return try APIKeysCommand.print(store.names()) }
        for name in store.names() {
            let manifest = try store.manifest(of: name)
            let bytes = manifest.files.reduce(manifest.ledgerBytes) { $0 + $1.byteCount }
            Terminal.write(
                "\(name)  \(manifest.files.count) files  \(bytes / 1_048_576) MiB  release \(manifest.release)")
        }
    }

    private static func stamp() -> String {
        Date().formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
    }

    static func show(_ report: BackupReport, json: Bool, verb: String) throws {
        if json { return try APIKeysCommand.print(report) }
        for problem in report.problems ?? [] { Terminal.write(Terminal.styled("✗ \(problem)", .bad)) }
        let seconds = report.seconds.formatted(.number.precision(.fractionLength(2)))
        let verified = report.problems.map { $0.isEmpty ? "  已校验 verified" : "  \($0.count) problems" } ?? ""
        Terminal.write(
            "\(verb) \(report.name)  \(report.files) files, \(report.copiedFiles) copied (\(report.copiedBytes / 1024) KiB), "
                + "ledger \(report.ledgerBytes / 1024) KiB, \(seconds) s" + Terminal.styled(verified, .good))
    }

    /// A failure of a store as every command shows it.
    static func known(_ error: any Error) -> any Error {
        switch error {
        case let error as LedgerError: error.wireError
        case let error as SegmentStoreError:
            KuaibaoError(
                error.code == .diskFull ? .diskFull : .corrupt, "\(error)", fix: "is the folder whole and not full?")
        case let error as CocoaError:
            KuaibaoError(
                .unavailable, "a file could not be copied: \(error)", fix: "is the folder writable and not full?")
        default: error
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "从备份恢复。 Restores a backup into a new data folder, and checks it.",
        discussion: "例 Example:  kuaibao restore --from /backup --data-dir var/restored")

    @Option(help: "备份文件夹。 Folder of backups.") var from: String
    @Option(help: "名称，默认为最新的。 Name; the newest unless given.") var name: String?
    @Option(help: "新的数据文件夹。 Data folder without data.") var dataDir: String
    @Flag(help: "输出 JSON。 Print JSON.") var json = false

    func run() async throws {
        let store = BackupStore(folder: from)
        guard let name = name ?? store.names().last else {
            throw KuaibaoError(
                .notFound, "there is no backup in \(from)", fix: "give the folder that backup --to named")
        }
        var report: BackupReport
        do {
            report = try store.restore(name, to: dataDir)
            report.problems = try CheckReport(dataDir: dataDir).problems
        } catch {
            throw BackupCommand.known(error)
        }
        try BackupCommand.show(report, json: json, verb: "恢复 restored")
        if let problems = report.problems, !problems.isEmpty {
            throw KuaibaoError(.corrupt, "\(problems.count) problems were found", fix: "restore another backup")
        }
    }
}
