// Fetches feeds, sitemaps and the pages that they name, and hands the pages in at the front door.
//
// `FeedSchedule` decides; this actor makes its requests with the web client, whose threads may block, and keeps its memory in a
// log, written on a thread of its own. Nothing here runs on the gateway's thread but the hand-over of a page. Off unless the
// setting `feeds-file` names a file.
//
// A page's identity is the address that its list names; a page that redirects keeps it. The gateway's promise holds: a page
// counts as taken only after the ledger has it.

import Documents
import Feeds
import Foundation
import Logging
import Messages
import ServiceKit
import WebClient

/// The poller of feeds.
actor FeedPoller {
    /// Hands one document in.
    typealias Submit = @Sendable (SubmitRequest, [UInt8]) async throws -> SubmitReply

    /// Our name in robots.txt.
    static let robot = "kuaibao"
    /// Longest time between two looks at the schedule, in milliseconds: what ends meanwhile is noticed then.
    private static let longestSleep: Int64 = 250
    private static let listBytes = 16 << 20
    private static let robotsBytes = 512 << 10
    /// Pages and lists that one list may name; the protocol of sitemaps allows 50,000.
    private static let listLimit = 50_000

    private var schedule: FeedSchedule
    private let log: FeedLog
    private let client: WebClient
    private let documentBytes: Int
    private let submit: Submit
    private let logger: Logger
    private let wall: @Sendable () -> Int64
    private var logFailures = 0

    init(
        sources: [FeedSource], politeness: FeedSchedule.Politeness, log: FeedLog, client: WebClient, documentBytes: Int,
        logger: Logger, wall: @escaping @Sendable () -> Int64, submit: @escaping Submit
    ) async throws {
        self.log = log
        self.client = client
        self.documentBytes = documentBytes
        self.submit = submit
        self.logger = logger
        self.wall = wall
        schedule = FeedSchedule(sources: sources, memory: try await log.load(), politeness: politeness)
    }

    /// Polls until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let now = wall()
                for fetch in schedule.next(now) { group.addTask { await self.perform(fetch) } }
                await keep()
                let pause = min(max(schedule.wakeAt(now) - now, 10), Self.longestSleep)
                do { try await Task.sleep(for: .milliseconds(pause)) } catch { break }
            }
            group.cancelAll()
        }
        await keep()
        client.stop()
        await log.close()
    }

    /// What is told of the feeds.
    func report() -> (feeds: [FeedStatus], counters: [String: Double]) {
        let feeds = schedule.feeds.map { source, record in
            FeedStatus(
                address: source.address.shown, collection: source.collection, lookedAt: record.lookedAt,
                nextAt: record.nextAt,
                failures: record.failures, problem: record.problem, waiting: schedule.waitingPages(of: source))
        }
        let counters = schedule.counters
        var table: [String: Double] = [
            "ingest_feeds": Double(feeds.count), "ingest_feed_looks_total": Double(counters.looks),
            "ingest_feed_looks_unchanged_total": Double(counters.looksUnchanged),
            "ingest_feed_looks_failed_total": Double(counters.looksFailed),
            "ingest_feed_pages_found_total": Double(counters.pagesFound),
            "ingest_feed_pages_taken_total": Double(counters.pagesTaken),
            "ingest_feed_pages_unchanged_total": Double(counters.pagesUnchanged),
            "ingest_feed_pages_failed_total": Double(counters.pagesFailed),
            "ingest_feed_pages_retried_total": Double(counters.pagesRetried),
            "ingest_feed_pages_forbidden_total": Double(counters.pagesForbidden),
            "ingest_feed_pages_beyond_limit_total": Double(counters.pagesBeyondLimit),
            "ingest_feed_pages_known": Double(schedule.memory.pages.count),
            "ingest_feed_pages_waiting": Double(schedule.waitingPages),
            "ingest_feed_host_rests_total": Double(counters.rests),
            "ingest_feed_log_failures_total": Double(logFailures),
        ]
        let web = client.counters
        table["ingest_web_requests_total"] = Double(web.requests)
        table["ingest_web_bytes_total"] = Double(web.bodyBytes)
        for (code, count) in web.failures {
            table["ingest_web_failed_\(code.rawValue.replacing("-", with: "_"))_total"] = Double(count)
        }
        return (feeds, table)
    }

    private func keep() async {
        let changes = schedule.takeChanges()
        guard !changes.isEmpty else { return }
        do {
            try await log.append(changes, memory: schedule.memory)
        } catch {
            logFailures += 1
            logger.warning("what is known of feeds was not written", metadata: ["error": "\(error)"])
        }
    }

    // MARK: One request

    private func perform(_ fetch: FeedSchedule.Fetch) async {
        let outcome = await outcome(of: fetch)
        guard !Task.isCancelled else { return }
        schedule.finish(fetch.id, outcome, now: wall())
        switch outcome {
        case .failed(let code, _):
            logger.info("not fetched", metadata: ["address": "\(fetch.address.shown)", "reason": "\(code)"])
        case .status(let status, _):
            logger.info("not fetched", metadata: ["address": "\(fetch.address.shown)", "reason": "status \(status)"])
        default: break
        }
    }

    private func outcome(of fetch: FeedSchedule.Fetch) async -> FeedSchedule.Outcome {
        let response: WebResponse
        do {
            response = try await client.send(request(fetch))
        } catch {
            return .failed(code: error.code.rawValue, isTransient: error.isTransient)
        }
        if response.status == 304 { return .unchanged }
        if [301, 302, 303, 307, 308].contains(response.status), let location = response.headers["location"] {
            do throws(WebClientError) {
                return .moved(try WebAddress(location, relativeTo: fetch.address))
            } catch {
                return .failed(code: error.code.rawValue, isTransient: false)
            }
        }
        guard response.status == 200 else {
            let wait = response.headers["retry-after"].flatMap { RetryAfter.milliseconds($0, now: wall()) }
            return .status(response.status, retryAfterMilliseconds: wait)
        }
        let marks = (response.headers["etag"], response.headers["last-modified"])
        switch fetch.purpose {
        case .robots: return .robots(RobotsRules(response.body, robot: Self.robot))
        case .list:
            let type = response.headers["content-type"]
            guard let list = try? LinkList.read(response.body, contentType: type, limit: Self.listLimit), list.isList
            else {
                return .failed(code: "no-list", isTransient: false)
            }
            return .list(list, etag: marks.0, modified: marks.1)
        case .page(_, let key):
            if let failure = await handIn(response, as: key) { return failure }
            return .taken(etag: marks.0, modified: marks.1)
        }
    }

    private func request(_ fetch: FeedSchedule.Fetch) -> WebRequest {
        var headers: [(String, String)] = []
        if let etag = fetch.etag { headers.append(("If-None-Match", etag)) }
        if let modified = fetch.modified { headers.append(("If-Modified-Since", modified)) }
        var limits = WebLimits(redirects: 0)
        switch fetch.purpose {
        case .robots:
            limits.bodyBytes = Self.robotsBytes
            // RFC 9309, 2.3.1.2: at least five, to other hosts too.
            limits.redirects = 5
        case .list:
            limits.bodyBytes = Self.listBytes
            headers.append(
                ("Accept", "application/rss+xml, application/atom+xml, application/xml, text/xml;q=0.9, */*;q=0.5"))
        case .page:
            limits.bodyBytes = documentBytes
            headers.append(("Accept", "text/html, application/xhtml+xml, text/plain, application/pdf;q=0.9, */*;q=0.5"))
        }
        return WebRequest(.get, fetch.address.text, headers: headers, limits: limits)
    }

    /// Kinds of content that hold no bulletin.
    private static let otherTypes = [
        "image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript",
    ]

    /// Hands a page in; the failure where it was not taken.
    private func handIn(_ response: WebResponse, as key: FeedKey) async -> FeedSchedule.Outcome? {
        let type = response.headers["content-type"]
        if let type, Self.otherTypes.contains(where: { type.lowercased().hasPrefix($0) }) {
            return .failed(code: "no-document", isTransient: false)
        }
        let document = SubmittedDocument(
            identity: key.address.utf8.count <= 512 ? key.address : ContentHash.hex(of: Array(key.address.utf8)),
            contentType: type, sourceAddress: key.address, byteCount: response.body.count)
        do {
            _ = try await submit(SubmitRequest(collection: key.collection, documents: [document]), response.body)
            return nil
        } catch {
            let code = (error as? KuaibaoError)?.code ?? .internal
            let isTransient = [.busy, .diskFull, .unavailable, .notReady, .internal].contains(code)
            return .failed(code: code.rawValue, isTransient: isTransient)
        }
    }
}
