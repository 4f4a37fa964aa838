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
    }

    let folder: String
    let httpPort: Int
    let submit: String
    let ask: String
    let parse: String
    private let groups: [ServiceGroup]
    private let tasks: [Task<Void, any Error>]

    /// Starts a stack and waits until it is ready.
    init(_ shape: Shape = Shape(), folder existing: String? = nil) async throws {
        let folder = try existing ?? Self.makeFolder()
        self.folder = folder
        let sockets = try Self.makeFolder()
        var environment: [String: String] = [:]
        environment["KUAIBAO_DATA_DIR"] = folder
        environment["KUAIBAO_SUBMIT_ENDPOINT"] = "ipc://\(sockets)/submit"
        environment["KUAIBAO_PARSE_ENDPOINT"] = "ipc://\(sockets)/parse"
        environment["KUAIBAO_LEDGER_ENDPOINT"] = "ipc://\(sockets)/ledger"
        environment["KUAIBAO_NEWS_ENDPOINT"] = "ipc://\(sockets)/news"
        environment["KUAIBAO_ASK_ENDPOINT"] = "ipc://\(sockets)/ask"
        environment["KUAIBAO_SEARCH_ENDPOINT"] = "ipc://\(sockets)/search"
        environment["KUAIBAO_HTTP_PORT"] = "0"
        environment["KUAIBAO_PARTITIONS"] = "\(shape.partitions)"
        environment["KUAIBAO_DOCUMENTS_PER_WORKER"] = "\(shape.documentsPerWorker)"
        environment["KUAIBAO_THREADS"] = "1"
        environment["KUAIBAO_DOCUMENT_BYTES"] = "\(4 << 20)"
        let logger = ServiceRun.makeLogger(label: "test", level: "error")
        func settings(_ keys: [SettingKey], _ more: [String: String] = [:]) throws -> Settings {
            try Settings(
                keys: keys, arguments: [], environment: environment.merging(more, uniquingKeysWith: { _, own in own }))
        }
        let (ready, signal) = AsyncStream.makeStream(of: QueryEndpoints.self)
        var services: [any Service] = [
            IngestGatewayService(settings: try settings(IngestSettings.keys), logger: logger),
            QueryGatewayService(settings: try settings(QuerySettings.keys, shape.gateway), logger: logger) { endpoints in
                signal.yield(endpoints)
                signal.finish()
            },
        ]
        for _ in 0..<shape.parseWorkers {
            services.append(IngestWorkerService(settings: try settings(IngestSettings.keys), logger: logger))
        }
        for _ in 0..<shape.indexWorkers {
            services.append(IndexWorkerService(settings: try settings(IndexSettings.keys), logger: logger))
        }
        for _ in 0..<shape.queryWorkers {
            services.append(QueryWorkerService(settings: try settings(QuerySettings.keys), logger: logger))
        }
        groups = services.map { ServiceGroup(configuration: .init(services: [$0], logger: logger)) }
        tasks = groups.map { group in Task { try await group.run() } }
        var port = 0
        for await endpoints in ready { port = endpoints.httpPort }
        httpPort = port
        submit = "ipc://\(sockets)/submit"
        ask = "ipc://\(sockets)/ask"
        parse = "ipc://\(sockets)/parse"
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
            let holders = Set(status.ingest?.partitions.compactMap(\.holder) ?? [])
            let held = status.ingest?.partitions.count { $0.holder != nil } ?? 0
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
