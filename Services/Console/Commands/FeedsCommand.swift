// `kuaibao feeds`: the feeds that a running gateway polls, and what one would bring.

import ArgumentParser
import Documents
import Feeds
import Foundation
import Messages
import ServiceKit
import WebClient

struct FeedsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feeds", abstract: "订阅源与站点地图。 Feeds and sitemaps.",
        discussion: """
            轮询由 ingest 的设置 feeds-file 打开。 Polling is switched on by ingest's setting feeds-file.
            例 Examples:
              kuaibao feeds
              kuaibao feeds check feeds.yaml
              kuaibao feeds try https://example.org/rss.xml
            """,
        subcommands: [List.self, Check.self, Try.self], defaultSubcommand: List.self)

    /// What the gateway knows of its feeds.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "正在轮询的订阅源。 The feeds that are polled.")

        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let (_, status) = try await gateway.client().get("/v1/status", as: StatusReply.self)
            let feeds = status.ingest?.feeds ?? []
            if gateway.json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                Terminal.write(Array(try encoder.encode(feeds)) + [10])
            } else if feeds.isEmpty {
                Terminal.write("没有订阅源 no feeds are polled; ingest's setting feeds-file names a file of them")
            } else {
                for feed in feeds { Terminal.write(Self.line(feed)) }
            }
        }

        private static func line(_ feed: FeedStatus) -> String {
            let looked = feed.lookedAt.map { "看过 looked at \(time($0))" } ?? "未看 not yet"
            let problem = feed.problem.map { Terminal.styled("  ! \($0) ×\(feed.failures)", .bad) } ?? ""
            return
                "\(feed.address)  → \(feed.collection)  \(looked)  下次 next \(time(feed.nextAt))  等待 waiting \(feed.waiting)\(problem)"
        }

        private static func time(_ milliseconds: Int64) -> String {
            Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
        }
    }

    /// Reads a file of feeds.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "检查订阅文件。 Check a file of feeds.")

        @Argument(help: "文件。 File.") var file: String

        func run() throws {
            let bytes = try AddCommand.read(file)
            for source in try FeedList.read(String(decoding: bytes, as: UTF8.self)) {
                let only = source.only.isEmpty ? "" : "  only \(source.only)"
                Terminal.write(
                    "\(source.address.text)  → \(source.collection)  every \(source.everyMilliseconds / 60_000) min  up to \(source.pageLimit) pages\(only)"
                )
            }
        }
    }

    /// Fetches one feed and its first page, politely, and shows what would come of them.
    struct Try: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "try", abstract: "试一个订阅源，不保存。 Look at one feed; nothing is kept.")

        @Option(help: "允许的内网网段。 Networks that may be reached although they are not public.") var allow: [String] = []
        @Option(help: "显示的页数。 Pages that are shown.") var pages = 20
        @Flag(help: "不取第一页。 Do not fetch the first page.") var listOnly = false
        @Argument(help: "地址。 Address.") var address: String

        func run() async throws {
            guard let addressGuard = AddressGuard(allowing: allow) else {
                throw KuaibaoError(
                    .invalidRequest, "--allow \(allow.joined(separator: " "))", fix: "write networks like 10.1.0.0/16")
            }
            let client = WebClient(
                WebClient.Configuration(userAgent: "Kuaibao/\(Release.version)", addressGuard: addressGuard, threads: 1)
            )
            defer { client.stop() }
            do {
                try await look(client)
            } catch let error as WebClientError {
                throw error.wireError
            } catch let error as DocumentError {
                throw error.asKuaibaoError
            }
        }

        private func look(_ client: WebClient) async throws {
            let feed = try WebAddress(address)
            guard try await isAllowed(feed, client) else {
                return Terminal.write(Terminal.styled("! robots.txt 不许取 forbids \(feed.target)", .bad))
            }
            let response = try await client.send(WebRequest(.get, feed.text, limits: WebLimits(bodyBytes: 16 << 20)))
            Terminal.write(
                "状态 status \(response.status)  \(response.body.count) bytes  \(response.headers["content-type"] ?? "")")
            guard response.isSuccess else { return }
            let list = try LinkList.read(response.body, contentType: response.headers["content-type"], limit: 50_000)
            guard list.isList else {
                throw KuaibaoError(
                    .unsupportedFormat, "\(feed.shown) is no RSS, RDF, Atom or sitemap",
                    fix: "look for the feed's own address in the page")
            }
            Terminal.write("页面 pages \(list.pages.count)  站点地图 sitemaps \(list.lists.count)")
            for link in list.pages.prefix(max(0, pages)) {
                Terminal.write("  \(link.revision ?? "-")  \(link.address)")
            }
            guard !listOnly, let first = list.pages.first else { return }
            try await show(try WebAddress(first.address, relativeTo: WebAddress(response.address)), client)
        }

        private func show(_ page: WebAddress, _ client: WebClient) async throws {
            guard try await isAllowed(page, client) else {
                return Terminal.write(Terminal.styled("! robots.txt 不许取 forbids \(page.target)", .bad))
            }
            let response = try await client.send(WebRequest(.get, page.text))
            guard response.isSuccess else { return Terminal.write("第一页 first page: status \(response.status)") }
            let description = DocumentDescription(
                identity: page.text, contentType: response.headers["content-type"], sourceAddress: page.text)
            let parsed = try DocumentParser().parse(response.body, description)
            Terminal.write("第一页 first page: \(parsed.format), \(parsed.encoding), 条目 items \(parsed.items.count)")
            for item in parsed.items.prefix(5) {
                Terminal.write(
                    "  \(item.published?.value.text ?? "-")  \(item.title)  \(item.sources.map(\.value).joined(separator: "、"))"
                )
            }
        }

        private func isAllowed(_ address: WebAddress, _ client: WebClient) async throws -> Bool {
            let robots = try WebAddress("/robots.txt", relativeTo: address)
            let response = try await client.send(WebRequest(.get, robots.text, limits: WebLimits(bodyBytes: 512 << 10)))
            guard response.isSuccess else { return response.status < 500 && response.status != 429 }
            return RobotsRules(response.body, robot: "kuaibao").allows(address.target)
        }
    }
}
