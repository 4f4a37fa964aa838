// `kuaibao watch-folder`: sends what appears or changes in a folder, over restarts.
//
// The folder is looked through at a fixed interval instead of listening for events: that also works on network file systems
// and on folders of a container's host, and a scan of 100,000 files takes about as long as listing them.

import ArgumentParser
import Foundation
import Messages
import ServiceKit
import UnixSignals

struct WatchFolderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch-folder", abstract: "守着文件夹，新文件自动加入。 Add what appears in a folder.",
        discussion: """
            写完的文件才加入；删除文件不会删除已加入的内容。 Files are sent once they are whole; deleting one removes nothing.
            记录存在 --state 指定的文件里，重启后接着来。 What was sent is remembered in --state and survives a restart.
            例 Example: kuaibao watch-folder ./inbox
            """)

    @OptionGroup var gateway: GatewayOptions
    @Option(help: "集合。 Collection.") var collection = "bulletins"
    @Option(help: "间隔秒数。 Seconds between two looks, 0.1 to 3600.") var interval = 2.0
    @Option(help: "记录文件。 Where to remember what was sent.") var state: String?
    @Flag(help: "处理完现有文件就退出。 Leave when what is there has been sent.") var once = false
    @Argument(help: "文件夹。 Folder.") var folder: String

    func validate() throws {
        guard (0.1...3600).contains(interval) else { throw ValidationError("--interval is 0.1 to 3600 seconds") }
    }

    func run() async throws {
        let root = URL(fileURLWithPath: folder).standardizedFileURL.path
        let statePath = try state ?? Self.defaultState(root, gateway.url)
        let job = Job(
            client: try gateway.client(), collection: collection, interval: interval, once: once, root: root,
            statePath: statePath)
        Terminal.note("守着 watching \(root) · 记录 state \(statePath)")
        // Unstructured so that a signal can end it; this function waits for it.
        let loop = Task { try await job.follow() }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let listener = Task {
            for await _ in signals { return loop.cancel() }
        }
        defer { listener.cancel() }
        try await loop.value
    }

    /// One file for each folder and gateway, outside of the folder.
    private static func defaultState(_ root: String, _ url: String) throws(KuaibaoError) -> String {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["XDG_STATE_HOME"] ?? (environment["HOME"] ?? ".") + "/.local/state"
        let folder = home + "/kuaibao"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw KuaibaoError(.invalidRequest, "\(folder) cannot be made", fix: "name a file with --state")
        }
        return "\(folder)/watch-\(ContentKey.hash([root, url])).json"
    }
}

/// What one run of the command does.
private struct Job: Sendable {
    /// After a failure of the gateway, the longest pause before the next try, in seconds.
    private static let longestPause = 60.0

    let client: GatewayClient
    let collection: String
    let interval: Double
    let once: Bool
    let root: String
    let statePath: String

    /// Looks, sends and waits until it is cancelled.
    func follow() async throws {
        var watch = FolderWatch(known: try Self.load(statePath))
        var pause = interval
        var quietRounds = 0
        while !Task.isCancelled {
            let due = watch.scan(try Self.stamps(root))
            var isReachable = true
            for path in due where isReachable && !Task.isCancelled {
                isReachable = await send(path, &watch)
                if isReachable { try Self.save(watch.known, statePath) }
            }
            pause = isReachable ? interval : min(pause * 2, Self.longestPause)
            quietRounds = due.isEmpty ? quietRounds + 1 : 0
            if once, quietRounds >= 2 { return }
            do { try await Task.sleep(for: .seconds(pause)) } catch { return }
        }
    }

    /// Sends one file; false where the gateway cannot take it now.
    private func send(_ path: String, _ watch: inout FolderWatch) async -> Bool {
        guard let bytes = try? AddCommand.read(path) else { return true }
        let content = ContentKey.hash([], bytes)
        guard watch.isNew(path, content: content) else {
            watch.settle(path, content: content)
            return true
        }
        let options = AddCommand.Options(collection: collection, wait: false)
        var inputs = AddInputs(files: [path], stdinName: "")
        while let step = inputs.step() {
            let outcome: AddCommand.Outcome
            switch step {
            case .failure(let name, let error): outcome = AddCommand.Outcome(file: name, error: error)
            case .input(let input):
                let key = watch.key(path, content: content) + "/" + ContentKey.hash([input.name])
                outcome = await AddCommand.send(input, client: client, options: options, key: key)
            }
            if let code = outcome.error?.code, [.unavailable, .busy, .notReady, .deadlineExceeded].contains(code) {
                Terminal.note("✗ \(path)  \(outcome.error?.message ?? "")  稍后再试 trying again later")
                return false
            }
            AddCommand.show(outcome)
        }
        watch.settle(path, content: content)
        return true
    }

    // MARK: Files

    private static func stamps(_ root: String) throws(KuaibaoError) -> [String: FolderWatch.Stamp] {
        var found: [String: FolderWatch.Stamp] = [:]
        for path in try AddCommand.files([root]) {
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
                let size = attributes[.size] as? Int, let modified = attributes[.modificationDate] as? Date
            else { continue }
            found[path] = FolderWatch.Stamp(size: size, modified: Int64(modified.timeIntervalSince1970 * 1e9))
        }
        return found
    }

    private static func load(_ path: String) throws(KuaibaoError) -> [String: FolderWatch.Known] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            return try JSONDecoder().decode([String: FolderWatch.Known].self, from: data)
        } catch {
            throw KuaibaoError(
                .corrupt, "\(path) cannot be read: \(error)", fix: "delete it; files that say the same are not added twice")
        }
    }

    private static func save(_ known: [String: FolderWatch.Known], _ path: String) throws(KuaibaoError) {
        do {
            try JSONEncoder().encode(known).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw KuaibaoError(.diskFull, "\(path) cannot be written: \(error)", fix: "make space, or name another --state")
        }
    }
}
