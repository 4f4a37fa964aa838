// The console's commands and how its failures end the process.

import ArgumentParser
import Foundation
import Messages
import ServiceKit

/// `kuaibao`, with one subcommand a file.
struct Kuaibao: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kuaibao",
        abstract: "快报：把公告变成有日期、有来源、可检索的条目。 Turns bulletins into dated, sourced, searchable items.",
        discussion: """
            先启动：kuaibao up    再检索：kuaibao search 复工复产
            Start with `kuaibao up`, then `kuaibao search 复工复产`.
            """,
        version: Release.version,
        subcommands: [
            UpCommand.self,
            AddCommand.self,
            CollectionCommand.self,
            InspectCommand.self,
            WatchFolderCommand.self,
            FeedsCommand.self,
            SearchCommand.self,
            CompareCommand.self,
            SuggestCommand.self,
            DigestCommand.self,
            FiguresCommand.self,
            WatchCommand.self,
            StatusCommand.self,
            DeadLettersCommand.self,
            CheckCommand.self,
            HealthCommand.self,
            KeysCommand.self,
            LinkBenchCommand.self,
            APIKeysCommand.self,
            MCPCommand.self,
            BackupCommand.self,
            RestoreCommand.self,
            BenchCommand.self,
            ReindexCommand.self,
            ManualCommand.self,
        ])
}

/// What `Main` calls.
package enum KuaibaoCommand {
    package static func run() async {
        do {
            var command = try Kuaibao.parseAsRoot(arguments(Array(CommandLine.arguments.dropFirst())))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as KuaibaoError {
            ServiceRun.fail(error)
        } catch let error as CocoaError {
            ServiceRun.fail(
                KuaibaoError(.invalidRequest, error.localizedDescription, fix: "check the path and its permissions"))
        } catch {
            Kuaibao.exit(withError: error)
        }
    }

    /// In a query, `-隔离` is a word that must not be there: it goes behind `--`, where it is no option.
    static func arguments(_ typed: [String]) -> [String] {
        guard typed.first == SearchCommand.configuration.commandName, !typed.contains("--") else { return typed }
        let isExclusion = { (argument: String) in
            argument.hasPrefix("-") && argument.unicodeScalars.dropFirst().first.map { !$0.isASCII || $0 == "\"" } ?? false
        }
        let excluded = typed.filter(isExclusion)
        return excluded.isEmpty ? typed : typed.filter { !isExclusion($0) } + ["--"] + excluded
    }
}

/// Options of every command that talks to a gateway.
struct GatewayOptions: ParsableArguments {
    /// `KUAIBAO_URL`, or the gateway of `kuaibao up`.
    static let usualAddress = ProcessInfo.processInfo.environment["KUAIBAO_URL"] ?? "http://127.0.0.1:8080"

    @Option(help: "网关地址。 Address of the query gateway.")
    var url = GatewayOptions.usualAddress

    @Flag(help: "输出 JSON。 Print JSON.")
    var json = false

    /// The API key comes from the variable `KUAIBAO_KEY`: a command line can be seen by others.
    func client() throws(KuaibaoError) -> GatewayClient {
        try GatewayClient(url, key: ProcessInfo.processInfo.environment["KUAIBAO_KEY"])
    }
}
