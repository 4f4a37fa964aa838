// The whole stack in one process: gateways and workers as services, on sockets of their own and a folder of its own.

import Foundation
import IndexService
import IngestService
import Logging
import Messages
import QueryService
import ServiceKit
import ServiceLifecycle
import Synchronization
import Transport

/// A stack for one test; everything it makes lies in one temporary folder and ends with `stop()`.
final class RunningStack: Sendable {
    struct Shape: Sendable {
        var parseWorkers = 1
        var indexWorkers = 1
        var queryWorkers = 1
        /// 1 spreads every query over all query workers.
        var documentsPerWorker = 100_000
        var partitions = 4
        /// More settings of the query gateway, by the name of the variable.
        var gateway: [String: String] = [:]
        /// More settings of the ingest gateway.
        var ingest: [String: String] = [:]
        /// False forgets payloads of the journal as soon as nobody needs them.
        var keepsJournal = true
        /// Bytes that must be free on the disk for documents to be taken.
        var diskReserve: Int?
        /// A folder of keys: every link is then TCP with CURVE.
        var keys: String?
        /// By how much the query gateway's wall clock is ahead, in milliseconds.
        var gatewayAhead: Int64 = 0
    }

    let folder: String
    let httpPort: Int
    let submit: String
    let ask: String
    let parse: String
    let ledger: String
    let news: String
    let search: String
    private let groups: [ServiceGroup]
    private let tasks: [Task<Void, any Error>]

    /// Starts a stack and waits until it is ready.
    init(_ shape: Shape = Shape(), folder existing: String? = nil) async throws {
        let folder = try existing ?? Self.makeFolder()
        self.folder = folder
        let sockets = try Self.makeFolder()
        var environment: [String: String] = [:]
        environment["KUAIBAO_DATA_DIR"] = folder
        for name in ["submit", "parse", "ledger", "news", "ask", "search"] {
            environment["KUAIBAO_\(name.uppercased())_ENDPOINT"] =
                shape.keys == nil ? "ipc://\(sockets)/\(name)" : "tcp://127.0.0.1:*"
        }
        environment["KUAIBAO_HTTP_PORT"] = "0"
        if let reserve = shape.diskReserve { environment["KUAIBAO_DISK_RESERVE_BYTES"] = "\(reserve)" }
        if !shape.keepsJournal {
            environment["KUAIBAO_KEEP_RAW_HOURS"] = "0"
            environment["KUAIBAO_KEEP_ITEMS_HOURS"] = "0"
        }
        environment["KUAIBAO_PARTITIONS"] = "\(shape.partitions)"
        environment["KUAIBAO_DOCUMENTS_PER_WORKER"] = "\(shape.documentsPerWorker)"
        environment["KUAIBAO_THREADS"] = "1"
        // This process is the tests and cannot be started again as a parser.
        environment["KUAIBAO_CONTAINMENT"] = "none"
        environment["KUAIBAO_DOCUMENT_BYTES"] = "\(4 << 20)"
        let logger = ServiceRun.makeLogger(label: "test", level: "error")
        func settings(
            _ keys: [SettingKey], _ role: LinkRole, _ more: [String: String] = [:]
        ) throws -> Settings {
            var environment = environment.merging(more, uniquingKeysWith: { _, own in own })
            if let folder = shape.keys { environment["KUAIBAO_KEYS"] = KeyMaker(root: folder).folder(of: role) }
            return try Settings(keys: keys, arguments: [], environment: environment)
        }
        var groups: [ServiceGroup] = []
        var tasks: [Task<Void, any Error>] = []
        func start(_ service: any Service) {
            let group = ServiceGroup(configuration: .init(services: [service], logger: logger))
            groups.append(group)
            tasks.append(Task { try await group.run() })
        }
        // The gateways first: they choose the ports.
        let (bound, bind) = AsyncStream.makeStream(of: IngestEndpoints.self)
        start(
            IngestGatewayService(settings: try settings(IngestSettings.keys, .ingestGateway, shape.ingest), logger: logger) {
                bind.yield($0)
                bind.finish()
            })
        var endpoints = IngestEndpoints(submit: "", parse: "", ledger: "", news: "")
        for await chosen in bound { endpoints = chosen }
        environment["KUAIBAO_SUBMIT_ENDPOINT"] = endpoints.submit
        environment["KUAIBAO_PARSE_ENDPOINT"] = endpoints.parse
        environment["KUAIBAO_LEDGER_ENDPOINT"] = endpoints.ledger
        environment["KUAIBAO_NEWS_ENDPOINT"] = endpoints.news
        let (ready, signal) = AsyncStream.makeStream(of: QueryEndpoints.self)
        start(
            QueryGatewayService(
                settings: try settings(QuerySettings.keys, .queryGateway, shape.gateway), logger: logger,
                wall: { [ahead = shape.gatewayAhead] in SystemClock.wallMilliseconds() + ahead }
            ) {
                signal.yield($0)
                signal.finish()
            })
        var front = QueryEndpoints(httpPort: 0, ask: "", search: "")
        for await chosen in ready { front = chosen }
        environment["KUAIBAO_ASK_ENDPOINT"] = front.ask
        environment["KUAIBAO_SEARCH_ENDPOINT"] = front.search
        for _ in 0..<shape.parseWorkers {
            start(IngestWorkerService(settings: try settings(IngestSettings.keys, .parseWorker), logger: logger))
        }
        for _ in 0..<shape.indexWorkers {
            start(IndexWorkerService(settings: try settings(IndexSettings.keys, .indexWorker), logger: logger))
        }
        for _ in 0..<shape.queryWorkers {
            start(QueryWorkerService(settings: try settings(QuerySettings.keys, .queryWorker), logger: logger))
        }
        self.groups = groups
        self.tasks = tasks
        httpPort = front.httpPort
        submit = endpoints.submit
        parse = endpoints.parse
        ledger = endpoints.ledger
        news = endpoints.news
        ask = front.ask
        search = front.search
        try await waitUntilReady(shape)
    }

    /// Drains all services and waits for their ends.
    func stop() async throws {
        // Workers first, so that they can give their work back.
        for group in groups.dropFirst() { await group.triggerGracefulShutdown() }
        for task in tasks.dropFirst() { try await task.value }
        await groups[0].triggerGracefulShutdown()
        try await tasks[0].value
    }

    private func waitUntilReady(_ shape: Shape) async throws {
        while true {
            let status: StatusReply = try await get("/v1/status")
            let parsers = status.ingest?.parseWorkers.count ?? 0
            // Declared collections of an earlier stack of this folder have partitions too.
            let partitions = status.ingest?.partitions.filter { $0.collection == "bulletins" } ?? []
            let holders = Set(partitions.compactMap(\.holder))
            let held = partitions.count { $0.holder != nil }
            // Without parse workers that is the one problem there is.
            let problems = status.problems.count - (shape.parseWorkers == 0 ? 1 : 0)
            if problems == 0, parsers == shape.parseWorkers, holders.count == shape.indexWorkers,
                held == shape.partitions, status.searchWorkers.count == shape.queryWorkers
            {
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    static func makeFolder() throws -> String {
        let path = "/tmp/kbt-" + Identifier.random().prefix(12)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}
