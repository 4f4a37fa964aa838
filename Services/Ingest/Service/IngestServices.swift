// The two roles of `ingest` as long-lived services.

import Containment
import Documents
import Foundation
import Ledger
package import Logging
import Messages
package import ServiceKit
import ServiceLifecycle
import Transport
import ZeroMQ

/// The role `gateway`: owns the data directory and four sockets.
package struct IngestGatewayService: Service {
    private let settings: Settings
    private let logger: Logger
    private let whenReady: @Sendable (IngestEndpoints) -> Void

    /// - Parameter whenReady: told the bound endpoints once documents are taken.
    package init(
        settings: Settings, logger: Logger, whenReady: @escaping @Sendable (IngestEndpoints) -> Void = { _ in }
    ) {
        self.settings = settings
        self.logger = logger
        self.whenReady = whenReady
    }

    package func run() async throws {
        let endpoints = IngestEndpoints(settings)
        let security = try LinkSecurity(
            role: .ingestGateway, folder: settings.string("keys"), plainTCP: settings.string("insecure-transport"))
        let door = try await LinkDoor(security, links: [.submit, .parse, .ledger, .news])
        let directory = settings.string("data-dir") + "/ledger"
        let engine: SQLiteLedger
        do {
            engine = try SQLiteLedger(directory: directory, processID: ProcessInfo.processInfo.processIdentifier)
        } catch let error as LedgerError {
            throw error.wireError
        }
        let logger = logger
        let clock = LedgerClock(
            now: SystemClock.wallMilliseconds, uptimeNanoseconds: PollThread.monotonicNanoseconds)
        let committer = GroupCommitter(engine: engine, clock: clock) { error in
            logger.critical("the ledger's disk failed; stopping", metadata: ["error": "\(error)"])
            ServiceRun.fail(error.wireError)
        }
        let thread = try PollThread(name: "ingest-gateway")
        var configuration = IngestGateway.Configuration(
            endpoints: endpoints, partitions: try settings.integer("partitions", in: 1...64),
            documentBytes: try settings.integer("document-bytes", in: 1...60_000_000),
            epoch: SystemClock.wallMilliseconds(), boot: Identifier.random(),
            startedAt: SystemClock.wallMilliseconds(), door: door,
            retention: JournalRetention(
                rawHours: try settings.integer("keep-raw-hours", in: -1...1_000_000),
                itemsHours: try settings.integer("keep-items-hours", in: -1...1_000_000)))
        configuration.diskReserveBytes = Int64(try settings.integer("disk-reserve-bytes", in: 0...1 << 60))
        configuration.masterKeyPath = settings.string("data-dir") + "/personal.key"
        configuration.freeBytes = {
            let attributes = try? FileManager.default.attributesOfFileSystem(forPath: directory)
            return (attributes?[.systemFreeSize] as? NSNumber)?.int64Value
        }
        let gateway = try IngestGateway(
            configuration: configuration,
            thread: thread, committer: committer, logger: logger,
            monotonic: SystemClock.monotonicMilliseconds, wall: SystemClock.wallMilliseconds)
        try await gateway.start()
        let bound = await gateway.boundEndpoints
        logger.info("ingest gateway is ready", metadata: ["submit": "\(bound.submit)", "data": "\(directory)"])
        let poller = try await FeedPoller.make(settings, gateway: gateway, logger: logger)
        if let poller { await gateway.attach(poller) }
        whenReady(bound)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await door.watch { logger.note(reloadedKeys: $0) } }
            if let poller { group.addTask { await poller.run() } }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        await gateway.drain()
        await committer.stop()
        thread.stop()
        try engine.close()
        await door.close()
        logger.info("ingest gateway has stopped")
    }
}

/// The role `worker`: parses.
package struct IngestWorkerService: Service {
    /// Bytes of documents that one worker holds at once: a document of the largest size, or many small ones.
    private static let windowBytes = 64 << 20

    private let settings: Settings
    private let logger: Logger

    package init(settings: Settings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    package func run() async throws {
        let asked = try settings.integer("threads", in: 0...256)
        let threadCount = asked == 0 ? ProcessInfo.processInfo.activeProcessorCount : asked
        let boot = Identifier.random()
        let introduction = Ready(
            name: Identifier.workerName(role: "parse"), boot: boot, window: threadCount * 2,
            windowBytes: Self.windowBytes, release: Release.version)
        let makeID: @Sendable () -> String = { "parse-\(boot.prefix(8))" }
        let children = try parserChildren()
        let work = ParseWork(work: try documentWork(children), makeID: makeID)
        let threads = WorkThreads(name: "parse", count: threadCount)
        let endpoint = settings.string("parse-endpoint")
        let security = try LinkSecurity(
            role: .parseWorker, folder: settings.string("keys"), plainTCP: settings.string("insecure-transport"))
        let thread = try PollThread(name: "parse-link")
        var timing = Timing()
        // Each of three tries of one document may take as long as the setting says.
        timing.stuckMilliseconds = max(
            timing.stuckMilliseconds, Int64(try settings.integer("parse-seconds", in: 1...3600)) * 4000)
        let loop = try WorkerLoop(
            thread: thread, endpoint: endpoint, options: try security.connecting(to: .parse, at: endpoint),
            introduction: introduction, timing: timing,
            now: SystemClock.monotonicMilliseconds, makeID: makeID,
            report: { ProcessFigures.now().merging(children?.figures ?? [:]) { own, _ in own } },
            whenRefused: { [logger] in
                logger.error("not let in", metadata: ["error": "\($0.message)", "fix": "\($0.fix)"])
            },
            whenStuck: { ServiceRun.fail(KuaibaoError.stuckThread) }, runner: { threads.submit($0) },
            work: { work.result(of: $0) })
        await loop.start()
        logger.info(
            "parse worker has started", metadata: ["name": "\(introduction.name)", "threads": "\(threadCount)"])
        try? await gracefulShutdown()
        await loop.drain()
        threads.stop()
        thread.stop()
        logger.info("parse worker has stopped")
    }

    /// The children that parse; nil where the worker parses itself.
    private func parserChildren() throws(KuaibaoError) -> ParserChildren? {
        switch settings.string("containment") {
        case "none": return nil
        case "child":
            return ParserChildren(
                ParserChildren.Configuration(
                    program: "/proc/self/exe",
                    arguments: DirectDocumentWork.arguments(dictionaries: settings.string("dictionaries-dir")),
                    milliseconds: Int64(try settings.integer("parse-seconds", in: 1...3600)) * 1000,
                    addressBytes: try settings.integer("parse-memory", in: (256 << 20)...(1 << 40))))
        default:
            throw KuaibaoError(
                .invalidRequest, "containment \"\(settings.string("containment"))\"",
                fix: "use --containment child or --containment none")
        }
    }

    private func documentWork(_ children: ParserChildren?) throws(KuaibaoError) -> any DocumentWork {
        // Read here too, so that a folder that cannot be used ends the worker and not each of its children.
        let dictionaries = try DictionaryFolder.dictionaries(at: settings.string("dictionaries-dir"))
        if let children { return ContainedDocumentWork(children: children) }
        return DirectDocumentWork(parser: DocumentParser(dictionaries: dictionaries, pdf: PopplerLayout()))
    }
}

extension ParserChildren {
    /// Counts since the start, by metric name.
    fileprivate var figures: [String: Int] {
        let counted = counters
        return [
            "children_started_total": counted.started, "children_died_total": counted.died,
            "children_overdue_total": counted.overdue,
        ]
    }
}
