// The role `worker` of `index` as a long-lived service.

import Foundation
package import Logging
import Messages
import SearchCore
import SegmentStore
package import ServiceKit
import ServiceLifecycle
import Transport
import ZeroMQ

/// Builds, publishes and merges segments.
package struct IndexWorkerService: Service {
    /// A merge that takes longer than this hangs: an hour, which at 10 MB/s is a segment of 36 GB.
    private static let stuckMergeMilliseconds: Int64 = 3_600_000

    private let settings: Settings
    private let logger: Logger

    package init(settings: Settings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    package func run() async throws {
        let boot = Identifier.random()
        let holder = Identifier.workerName(role: "index") + "-" + boot.prefix(8)
        let directory = settings.string("data-dir") + "/segments"
        let store = try DirectorySegmentStore(directory: directory)
        let scratch = try ScratchFolder.make(under: directory, boot: boot)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let security = try LinkSecurity(
            role: .indexWorker, folder: settings.string("keys"), plainTCP: settings.string("insecure-transport"))
        let ledgerEndpoint = settings.string("ledger-endpoint")
        let newsEndpoint = settings.string("news-endpoint")
        let thread = try PollThread(name: "index-link")
        let ledger = try LedgerClient(
            thread: thread, endpoint: ledgerEndpoint,
            options: try security.connecting(to: .ledger, at: ledgerEndpoint), boot: boot,
            now: SystemClock.monotonicMilliseconds)
        let buildThreads = WorkThreads(name: "build", count: ProcessInfo.processInfo.activeProcessorCount)
        let mergeThreads = WorkThreads(name: "merge", count: try settings.integer("merge-threads", in: 1...16))
        let words = try WordFile.groups(at: settings.string("synonyms"))
        let queries = StandingQueries(
            ledger: ledger, threads: buildThreads, expander: QueryExpander(schema: .bulletins, groups: words),
            logger: logger, wall: SystemClock.wallMilliseconds)
        let worker = IndexWorker(
            holder: holder, ledger: ledger,
            shelf: SegmentShelf(store: store, scratch: scratch, makeID: Identifier.random), queries: queries,
            buildThreads: buildThreads, mergeThreads: mergeThreads,
            deadGraceMilliseconds: Int64(try settings.integer("gc-grace-seconds", in: 65...86_400)) * 1000,
            logger: logger, now: SystemClock.monotonicMilliseconds)
        let news = try NewsSubscriber(
            thread: thread, endpoint: newsEndpoint, options: try security.connecting(to: .news, at: newsEndpoint),
            topic: "items", now: SystemClock.monotonicMilliseconds
        ) { news in
            // Unstructured because it crosses from the socket's thread; it only starts indexing.
            Task { await worker.nudge(news.collection) }
        }
        let watchNews = try NewsSubscriber(
            thread: thread, endpoint: newsEndpoint, options: try security.connecting(to: .news, at: newsEndpoint),
            topic: "watches", now: SystemClock.monotonicMilliseconds
        ) { news in
            // Unstructured because it crosses from the socket's thread; it only notes a number.
            Task { await queries.hint(news) }
        }
        let watch = ThreadWatch(
            thread: thread,
            groups: [
                ThreadWatch.Group(name: "build", limitMilliseconds: Timing().stuckMilliseconds) {
                    buildThreads.longestMilliseconds
                },
                ThreadWatch.Group(name: "merge", limitMilliseconds: Self.stuckMergeMilliseconds) {
                    mergeThreads.longestMilliseconds
                },
            ]
        ) { [logger] group in
            logger.critical("a thread hangs", metadata: ["threads": "\(group.name)"])
            ServiceRun.fail(KuaibaoError.stuckThread)
        }
        await watch.start()
        await news.start()
        await watchNews.start()
        logger.info("index worker has started", metadata: ["holder": "\(holder)", "segments": "\(directory)"])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await worker.run() }
            try? await gracefulShutdown()
            await worker.drain()
            group.cancelAll()
        }
        buildThreads.stop()
        mergeThreads.stop()
        thread.stop()
        logger.info("index worker has stopped")
    }
}

/// Where segments are built before they are put: on the disk of the segments, because a merge may be as large as they are.
/// A live process touches its folder, so that another one does not take it for abandoned.
enum ScratchFolder {
    /// A folder that nobody has touched for this long belongs to a process that was killed; a live one touches its own
    /// with every renewal of its leases, which is a second.
    private static let abandonedSeconds = 3600.0

    /// Tells other processes that this one lives.
    static func touch(_ path: String) {
        try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path)
    }

    /// Makes this process's folder and removes abandoned ones.
    static func make(under directory: String, boot: String) throws -> String {
        let files = FileManager.default
        let root = directory + "/.scratch"
        try files.createDirectory(atPath: root + "/" + boot, withIntermediateDirectories: true)
        for name in try files.contentsOfDirectory(atPath: root) where name != boot {
            let path = root + "/" + name
            guard let touched = try? files.attributesOfItem(atPath: path)[.modificationDate] as? Date,
                Date().timeIntervalSince(touched) > abandonedSeconds
            else { continue }
            try? files.removeItem(atPath: path)
        }
        return root + "/" + boot
    }
}
