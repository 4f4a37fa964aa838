// The two roles of `query` as long-lived services.

import Foundation
import Hummingbird
package import Logging
import Messages
import SearchCore
import SegmentStore
package import ServiceKit
import ServiceLifecycle
import Transport
import WebClient
import ZeroMQ

/// Where a query gateway can be reached, once it serves.
package struct QueryEndpoints: Sendable, Hashable {
    package var httpPort: Int
    package var ask: String
    package var search: String

    package init(httpPort: Int, ask: String, search: String) {
        self.httpPort = httpPort
        self.ask = ask
        self.search = search
    }
}

/// The role `gateway`.
package struct QueryGatewayService: Service {
    /// Threads that compile digests and figures.
    private static let deskThreads = 2
    /// Webhooks that are sent to at once.
    private static let webhookThreads = 8

    private let settings: Settings
    private let logger: Logger
    private let wall: @Sendable () -> Int64
    private let whenReady: @Sendable (QueryEndpoints) -> Void

    /// - Parameters:
    ///   - wall: milliseconds since 1970, UTC.
    ///   - whenReady: told the bound endpoints once the HTTP server listens.
    package init(
        settings: Settings, logger: Logger, wall: @escaping @Sendable () -> Int64 = SystemClock.wallMilliseconds,
        whenReady: @escaping @Sendable (QueryEndpoints) -> Void = { _ in }
    ) {
        self.settings = settings
        self.logger = logger
        self.wall = wall
        self.whenReady = whenReady
    }

    package func run() async throws {
        let isInsecureAllowed = settings.string("insecure-transport") == "true"
        let security = try LinkSecurity(
            role: .queryGateway, folder: settings.string("keys"), plainTCP: settings.string("insecure-transport"))
        let host = settings.string("http-host")
        let port = try settings.integer("http-port", in: 0...65_535)
        let boot = Identifier.random()
        let monotonic = SystemClock.monotonicMilliseconds
        let access = try accessDesk()
        // Whoever reaches a gateway with keys needs one; without keys it stays on this machine.
        if access.isOpen {
            try Endpoints.checkBind("tcp://\(host):\(port)", isInsecureAllowed: isInsecureAllowed)
        }
        let server = try GatewayTLS.server(
            certificate: settings.string("tls-certificate"), key: settings.string("tls-key"))
        let scheme = settings.string("tls-certificate").isEmpty ? "http" : "https"
        let audit = AuditLog(path: settings.string("audit-log"))
        let thread = try PollThread(name: "query-gateway")
        let door = try await LinkDoor(security, links: [.ask, .search])
        let ledgerEndpoint = settings.string("ledger-endpoint")
        let submitEndpoint = settings.string("submit-endpoint")
        let newsEndpoint = settings.string("news-endpoint")
        let ledger = try LedgerClient(
            thread: thread, endpoint: ledgerEndpoint, options: try security.connecting(to: .ledger, at: ledgerEndpoint),
            boot: boot, now: monotonic)
        let submit = try RequestClient(
            thread: thread, endpoint: submitEndpoint, options: try security.connecting(to: .submit, at: submitEndpoint),
            prefix: "s\(boot.prefix(12))", now: monotonic)
        let keeper = SnapshotKeeper(ledger: ledger, logger: logger, now: monotonic)
        let link = try SearchLink(
            endpoint: settings.string("search-endpoint"), door: door, thread: thread, boot: boot,
            epoch: SystemClock.wallMilliseconds(),
            documentsPerWorker: try settings.integer("documents-per-worker", in: 1...1_000_000_000), timing: Timing(),
            monotonic: monotonic, wall: SystemClock.wallMilliseconds)
        await keeper.prepareVersions { await link.prepare($0) }
        let words = try WordFile.groups(at: settings.string("synonyms"))
        logger.info("words of one meaning", metadata: ["groups": "\(words.groupCount)"])
        let search = SearchDesk(
            keeper: keeper, link: link, monotonic: monotonic, microseconds: SystemClock.monotonicMicroseconds,
            wall: wall, expander: QueryExpander(schema: .bulletins, groups: words),
            cache: ResultCache(byteLimit: try settings.integer("cache-bytes", in: 0...1 << 40)),
            personal: PersonalSearch(ledger: ledger, audit: audit, wall: SystemClock.wallMilliseconds))
        let compression = Compression(leastBytes: try settings.integer("compress-bytes", in: 0...1 << 30))
        let gate = FairGate(monotonic: monotonic)
        let status = StatusDesk(
            ledger: ledger, keeper: keeper, link: link, cache: search.cache, access: access, audit: audit,
            compression: compression, gate: gate, door: door, monotonic: monotonic)
        let streamLimit = try settings.integer("event-streams", in: 1...100_000)
        let board = AlertBoard(
            ledger: ledger, logger: logger, waiterLimit: streamLimit + AskLink.waitingLimit, now: monotonic)
        let mail = try MailDesk(settings)
        let watches = WatchDesk(
            ledger: ledger, keeper: keeper, mail: mail, makeID: Identifier.random, wall: SystemClock.wallMilliseconds)
        let events = EventStreams(desk: watches, board: board, limit: streamLimit, monotonic: monotonic)
        let ask = try AskLink(
            endpoint: settings.string("ask-endpoint"), link: door,
            door: AskDoor(
                access: access, gate: gate, audit: audit, microseconds: SystemClock.monotonicMicroseconds,
                wall: SystemClock.wallMilliseconds),
            thread: thread, boot: boot, search: search, status: status,
            watches: AskWatches(desk: watches, board: board, monotonic: monotonic), logger: logger)
        let documents = DocumentDesk(submit: submit, ledger: ledger, keeper: keeper, boot: boot, monotonic: monotonic)
        status.show(ask, documents, board, events)
        let news = try NewsSubscriber(
            thread: thread, endpoint: newsEndpoint, options: try security.connecting(to: .news, at: newsEndpoint),
            topic: "version", now: monotonic
        ) { news in
            // Unstructured because it crosses from the socket's thread; one refresh of a collection at a time.
            Task { await keeper.hint(news) }
        }
        let alertNews = try NewsSubscriber(
            thread: thread, endpoint: newsEndpoint, options: try security.connecting(to: .news, at: newsEndpoint),
            topic: "alerts", now: monotonic
        ) { _ in
            // Unstructured because it crosses from the socket's thread; it only sets a flag.
            Task { await board.hint() }
        }
        await link.start()
        await ask.start()
        await news.start()
        await alertNews.start()
        let isRetaining = try settings.flag("retention")
        let retention = RetentionDesk(documents: documents, search: search, logger: logger)
        let documentBytes = try settings.integer("document-bytes", in: 1...60_000_000)
        let deskThreads = WorkThreads(name: "desk", count: Self.deskThreads)
        let reader = ReaderDesk(search: search, ledger: ledger, documentBytes: documentBytes)
        guard let addressGuard = AddressGuard(allowing: settings.list("webhook-allow")) else {
            throw KuaibaoError(
                .invalidRequest, "webhook-allow is \"\(settings.string("webhook-allow"))\"",
                fix: "list networks, such as 10.0.0.0/8,192.168.1.5")
        }
        let webClient = WebClient(
            WebClient.Configuration(
                userAgent: "kuaibao/\(Release.version)", addressGuard: addressGuard, threads: Self.webhookThreads),
            name: "webhook")
        let policy = DeliveryPolicy(
            attempts: try settings.integer("webhook-attempts", in: 1...50),
            firstPause: Int64(try settings.integer("webhook-pause-milliseconds", in: 10...60_000)))
        let deliverer = Deliverer(
            desk: watches, client: webClient, policy: policy,
            holder: boot, logger: logger, monotonic: monotonic, wall: SystemClock.wallMilliseconds)
        // Mail blocks for as long as its server takes.
        let mailThreads = WorkThreads(name: "mail", count: 1)
        let dailyDigests = DailyDigests(
            desk: watches, reader: reader, threads: deskThreads, mailThreads: mailThreads, policy: policy,
            folder: settings.string("data-dir") + "/digests", holder: boot, logger: logger, monotonic: monotonic,
            wall: wall)
        status.show(deliverer, dailyDigests)
        let desks = Desks(
            search: search,
            documents: documents,
            reader: reader, status: status,
            digest: DigestDesk(search: search, threads: deskThreads, microseconds: SystemClock.monotonicMicroseconds),
            figures: FigureDesk(search: search, threads: deskThreads),
            watches: watches, preview: PreviewDesk(search: search), events: events,
            records: RecordDesk(documents: documents, search: search, threads: deskThreads),
            collections: CollectionDesk(ledger: ledger, keeper: keeper),
            board: BoardDesk(search: search, isClosing: { await board.isClosing }),
            personal: PersonalDesk(
                reader: ReaderDesk(search: search, ledger: ledger, documentBytes: documentBytes), ledger: ledger,
                audit: audit),
            microseconds: SystemClock.monotonicMicroseconds, wall: SystemClock.wallMilliseconds)
        let router = APIRouter(
            routes: HTTPRoutes.routes(desks, documentBytes: documentBytes), access: access, audit: audit,
            status: status,
            crossOrigin: CrossOrigin(allowed: settings.list("cors-origins")), compression: compression, gate: gate,
            microseconds: SystemClock.monotonicMicroseconds, wall: SystemClock.wallMilliseconds, logger: logger)
        let logger = logger
        let whenReady = whenReady
        let application = Application(
            router: router.router(), server: server,
            configuration: .init(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in
                let bound = QueryEndpoints(
                    httpPort: channel.localAddress?.port ?? port, ask: await ask.endpoint, search: await link.endpoint)
                logger.info(
                    "query gateway is ready",
                    metadata: ["http": "\(scheme)://\(host):\(bound.httpPort)/", "ask": "\(bound.ask)"])
                whenReady(bound)
            }, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await keeper.run() }
            if isRetaining { group.addTask { await retention.run() } }
            group.addTask { await audit.run() }
            group.addTask { await board.run() }
            group.addTask { await events.run() }
            group.addTask { await deliverer.run() }
            group.addTask { await dailyDigests.run() }
            group.addTask { await gate.run { await link.window } }
            group.addTask { await door.watch { logger.note(reloadedKeys: $0) } }
            try await application.run()
            group.cancelAll()
        }
        webClient.stop()
        deskThreads.stop()
        mailThreads.stop()
        thread.stop()
        await door.close()
        logger.info("query gateway has stopped")
    }
}

extension QueryGatewayService {
    private func accessDesk() throws(KuaibaoError) -> AccessDesk {
        let asked = settings.string("api-keys")
        return try AccessDesk(
            path: asked.isEmpty ? settings.string("data-dir") + "/api-keys.json" : asked,
            limits: AccessDesk.Limits(
                requestsPerSecond: try settings.integer("key-rate", in: 0...1_000_000),
                concurrentRequests: try settings.integer("key-requests", in: 1...1024)),
            monotonic: SystemClock.monotonicMilliseconds, wall: SystemClock.wallMilliseconds)
    }
}

/// The role `worker`: searches.
package struct QueryWorkerService: Service {
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
            name: Identifier.workerName(role: "search"), boot: boot, window: threadCount * 2,
            release: Release.version)
        let store = try DirectorySegmentStore(directory: settings.string("data-dir") + "/segments")
        let makeID: @Sendable () -> String = { "search-\(boot.prefix(8))" }
        let tableThread = WorkThreads(name: "suggest", count: 1)
        let shelf = SuggestionShelf(
            byteLimit: try settings.integer("suggest-bytes", in: 0...1 << 40), thread: tableThread)
        let cache = SegmentCache(store: store)
        let work = SearchWork(
            cache: cache, shelf: shelf, wall: SystemClock.wallMilliseconds,
            microseconds: SystemClock.monotonicMicroseconds, makeID: makeID, noteHop: { [logger] in $0.log(logger) })
        let threads = WorkThreads(name: "search", count: threadCount)
        let thread = try PollThread(name: "search-link")
        let endpoint = settings.string("search-endpoint")
        let security = try LinkSecurity(
            role: .queryWorker, folder: settings.string("keys"), plainTCP: settings.string("insecure-transport"))
        let loop = try WorkerLoop(
            thread: thread, endpoint: endpoint, options: try security.connecting(to: .search, at: endpoint),
            introduction: introduction, timing: Timing(), now: SystemClock.monotonicMilliseconds, makeID: makeID,
            report: {
                ProcessFigures.now().merging(cache.figures) { own, _ in own }
                    .merging(shelf.figures) { own, _ in own }
            },
            whenRefused: { [logger] in
                logger.error("not let in", metadata: ["error": "\($0.message)", "fix": "\($0.fix)"])
            },
            whenStuck: { ServiceRun.fail(KuaibaoError.stuckThread) }, runner: { threads.submit($0) },
            work: { work.result(of: $0) })
        await loop.start()
        logger.info(
            "query worker has started", metadata: ["name": "\(introduction.name)", "threads": "\(threadCount)"])
        try? await gracefulShutdown()
        await loop.drain()
        threads.stop()
        tableThread.stop()
        thread.stop()
        logger.info("query worker has stopped")
    }
}
