// The poller as the settings want it.

import Feeds
import Foundation
import Logging
import Messages
import ServiceKit
import WebClient

extension FeedPoller {
    /// A poller that hands in at a gateway; nil where no file of feeds is named.
    /// - Throws: `invalidRequest` for a setting or a file that cannot be used.
    static func make(_ settings: Settings, gateway: IngestGateway, logger: Logger) async throws -> FeedPoller? {
        let path = settings.string("feeds-file")
        guard !path.isEmpty else { return nil }
        let sources = try FeedList.read(try text(of: path))
        guard let addressGuard = AddressGuard(allowing: settings.list("feeds-allow-networks")) else {
            throw KuaibaoError(
                .invalidRequest, "setting feeds-allow-networks is \"\(settings.string("feeds-allow-networks"))\"",
                fix: "write addresses or networks like 10.1.0.0/16, separated by commas")
        }
        var politeness = FeedSchedule.Politeness()
        politeness.delayMilliseconds = Int64(try settings.integer("feeds-delay-seconds", in: 0...3600)) * 1000
        let client = WebClient(
            WebClient.Configuration(
                userAgent: "Kuaibao/\(Release.version)", addressGuard: addressGuard,
                certificateFile: settings.string("feeds-certificates"), threads: politeness.concurrency),
            name: "feeds")
        logger.info("feeds are polled", metadata: ["feeds": "\(sources.count)", "file": "\(path)"])
        return try await FeedPoller(
            sources: sources, politeness: politeness, log: FeedLog(folder: settings.string("data-dir") + "/feeds"),
            client: client, documentBytes: try settings.integer("document-bytes", in: 1...60_000_000), logger: logger,
            wall: SystemClock.wallMilliseconds, submit: { try await gateway.submit($0, payload: $1) })
    }

    private static func text(of path: String) throws(KuaibaoError) -> String {
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8)
        else {
            throw KuaibaoError(
                .invalidRequest, "the file of feeds \(path) cannot be read as UTF-8",
                fix: "name a file that is there in feeds-file")
        }
        return text
    }
}
