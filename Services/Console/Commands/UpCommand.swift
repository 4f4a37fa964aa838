// `kuaibao up`: the whole stack on one machine, under one data directory.

import ArgumentParser
import Foundation
import Ledger
import Messages
import ServiceKit
import UnixSignals

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "在本机启动整套服务。 Starts the whole stack on this machine.",
        discussion: "数据都在一个文件夹里。 All data is under one folder. Ctrl-C 停止 stops it.")

    /// Longest time until the stack must be ready.
    private static let readySeconds = 60.0
    /// How long a stack that had the data folder before may take to end.
    private static let endingSeconds = 3.0

    @Option(help: "数据文件夹。 Data folder.") var dataDir = "./var/kuaibao"
    @Option(help: "网页与接口的端口。 Port of page and API.") var httpPort = 8080
    @Option(help: "解析进程数。 Parse workers.") var ingestWorkers = 1
    @Option(help: "索引进程数。 Index workers.") var indexWorkers = 1
    @Option(help: "检索进程数。 Query workers.") var queryWorkers = 2
    @Option(help: "ZeroMQ 提交端口；检索端口为其加十。 Port to submit over ZeroMQ; that to ask is ten higher.") var zmqPort = 7510
    @Option(help: "启动后加入的文件夹。 Folder to load once it runs.") var seeds: String?
    @Option(help: "启动后检索一次。 A query to answer once it runs.") var ask: String?
    @Option(help: "日志级别。 Log level.") var logLevel = "info"
    @Option(help: "配置文件，YAML 或 JSON。 Configuration file of all processes.") var config: String?
    @Flag(help: "装入并回答后退出。 Leave after loading and answering.") var once = false

    func validate() throws {
        guard (0...65_535).contains(httpPort), (1...65_535 - LocalPort.fromSubmitToAsk).contains(zmqPort) else {
            throw ValidationError("ports are 1 to 65535")
        }
        for (name, count) in [("ingest", ingestWorkers), ("index", indexWorkers), ("query", queryWorkers)]
        where !(1...64).contains(count) {
            throw ValidationError("--\(name)-workers is \(count); use 1 to 64")
        }
    }

    func run() async throws {
        let data = URL(fileURLWithPath: dataDir).path
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try await Self.requireFree(data)
        let sockets = try Self.socketFolder(data)
        try LocalPort.requireFree([httpPort, zmqPort, askPort].filter { $0 != 0 })
        let supervisor = try Supervisor(folder: Self.executableFolder(), logFolder: data + "/log")
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        for child in children(data: data, sockets: sockets) { try supervisor.start(child) }
        let client = try GatewayClient(
            "http://127.0.0.1:\(httpPort)", key: ProcessInfo.processInfo.environment["KUAIBAO_KEY"])
        do {
            try await waitUntilReady(client, supervisor, data: data)
            if let seeds { try await load(seeds, client) }
            if let ask { try await answer(ask, client) }
            Terminal.write("网页 page   http://127.0.0.1:\(httpPort)/")
            Terminal.write("ZeroMQ      ask tcp://127.0.0.1:\(askPort)  submit tcp://127.0.0.1:\(zmqPort)")
            Terminal.write("日志 logs   \(data)/log/")
        } catch {
            await supervisor.stop(last: "ingest-gateway")
            throw error
        }
        if !once {
            Terminal.write(Terminal.styled("Ctrl-C 停止 stops it", .dim))
            for await _ in signals { break }
        }
        await supervisor.stop(last: "ingest-gateway")
    }

    /// Where clients ask over ZeroMQ: 7520 where they submit at 7510.
    private var askPort: Int { zmqPort + LocalPort.fromSubmitToAsk }

    /// A second stack on a data folder would take the first one's sockets and logs away. One that was killed may take a moment to end.
    private static func requireFree(_ data: String) async throws {
        guard FileManager.default.fileExists(atPath: data + "/ledger") else { return }
        let deadline = Date().addingTimeInterval(endingSeconds)
        while true {
            do { return try DataDirectory.requireFree(data + "/ledger") } catch {
                guard case .locked = error.code else { throw error.wireError }
                guard Date() < deadline else {
                    throw KuaibaoError(
                        .conflict, error.message, fix: "stop it, or give --data-dir, --http-port and --zmq-port")
                }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    // MARK: The processes

    private func children(data: String, sockets: String) -> [ChildSpecification] {
        let ingest = [
            "--submit-endpoint", "tcp://127.0.0.1:\(zmqPort)", "--parse-endpoint", "ipc://\(sockets)/parse",
            "--ledger-endpoint", "ipc://\(sockets)/ledger", "--news-endpoint", "ipc://\(sockets)/news",
            "--insecure-transport", "loopback", "--log-level", logLevel,
        ]
        let query = [
            "--ask-endpoint", "tcp://127.0.0.1:\(askPort)", "--search-endpoint", "ipc://\(sockets)/search",
            "--submit-endpoint", "tcp://127.0.0.1:\(zmqPort)", "--ledger-endpoint", "ipc://\(sockets)/ledger",
            "--news-endpoint", "ipc://\(sockets)/news", "--data-dir", data, "--insecure-transport", "loopback",
            "--log-level", logLevel,
        ]
        let index = [
            "--ledger-endpoint", "ipc://\(sockets)/ledger", "--news-endpoint", "ipc://\(sockets)/news",
            "--data-dir", data, "--log-level", logLevel,
        ]
        let file = config.map { ["--config", URL(fileURLWithPath: $0).path] } ?? []
        func several(_ name: String, _ count: Int, _ executable: String, _ arguments: [String]) -> [ChildSpecification]
        {
            (1...count).map {
                ChildSpecification(name: "\(name)-\($0)", executable: executable, arguments: arguments + file)
            }
        }
        return [
            ChildSpecification(
                name: "ingest-gateway", executable: "ingest",
                arguments: ["--role", "gateway", "--data-dir", data] + ingest + file),
            ChildSpecification(
                name: "query-gateway", executable: "query",
                arguments: ["--role", "gateway", "--http-port", "\(httpPort)"] + query + file),
        ]
            + several("ingest-worker", ingestWorkers, "ingest", ["--role", "worker"] + ingest)
            + several("index-worker", indexWorkers, "index", ["--role", "worker"] + index)
            + several("query-worker", queryWorkers, "query", ["--role", "worker"] + query)
    }

    /// A folder for local sockets: their paths may have at most 107 bytes, so a long data folder's are elsewhere.
    private static func socketFolder(_ data: String) throws -> String {
        let inside = data + "/run"
        let folder =
            inside.utf8.count <= 80
            ? inside : FileManager.default.temporaryDirectory.path + "/kuaibao-" + ContentHash.hex(of: Array(data.utf8))
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }

    private static func executableFolder() throws(KuaibaoError) -> String {
        do {
            let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return (path as NSString).deletingLastPathComponent
        } catch {
            throw KuaibaoError(.internal, "this program cannot find itself: \(error)", fix: "mount /proc")
        }
    }

    // MARK: Ready, seeds, answer

    private func waitUntilReady(_ client: GatewayClient, _ supervisor: Supervisor, data: String) async throws {
        let deadline = Date().addingTimeInterval(Self.readySeconds)
        var last = ""
        while Date() < deadline {
            if let refusal = supervisor.refusal { throw refusal }
            do {
                _ = try await client.get("/health/ready", as: [String: String].self)
                let status = try await client.get("/v1/status", as: StatusReply.self).value
                if status.problems.isEmpty { return }
                last = status.problems.joined(separator: "; ")
            } catch let error as KuaibaoError where error.code == .unauthenticated || error.code == .notAllowed {
                // The gateway is ready, and its status is for holders of keys.
                return
            } catch let error as KuaibaoError {
                last = error.message
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw KuaibaoError(
            .notReady, "the stack was not ready within \(Int(Self.readySeconds)) s: \(last)",
            fix: "look into \(data)/log/; is another stack using these ports?")
    }

    private func load(_ folder: String, _ client: GatewayClient) async throws {
        let records = folder + "/" + SeedCollections.folder + "/"
        let files = try AddCommand.files([folder]).filter { !$0.hasSuffix("README.md") && !$0.hasPrefix(records) }
        let outcomes = await AddCommand.add(files, client: client, options: AddCommand.Options(newOnly: true))
        for outcome in outcomes { AddCommand.show(outcome) }
        Terminal.write(AddCommand.summary(outcomes))
        try await SeedCollections.load(records, client)
    }

    private func answer(_ query: String, _ client: GatewayClient) async throws {
        let parameters = [("q", query), ("limit", "3")]
        let reply = try await client.get("/v1/collections/bulletins/search", parameters, as: SearchReply.self).value
        Terminal.write("\n" + Terminal.styled("检索 search \(query)", .bold))
        for (number, hit) in reply.hits.enumerated() { SearchCommand.show(hit, number: number + 1) }
        Terminal.write(SearchCommand.summary(reply))
    }
}
