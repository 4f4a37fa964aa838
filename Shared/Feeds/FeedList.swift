// The file of feeds and sitemaps that are polled.
//
//     feeds:
//       - https://www.example.gov.cn/rss.xml                # with everything else as it is by default
//       - address: https://news.example.com/sitemap.xml
//         every: 30m                                        # 1m to 7d; default 15m
//         collection: bulletins
//         only: https://news.example.com/policy/            # pages whose address begins so; default all
//         pages: 50                                         # pages fetched after one look, 1 to 1000; default 100

package import Messages
package import WebClient
import Yams

/// One feed or sitemap.
package struct FeedSource: Sendable, Hashable {
    package var address: WebAddress
    /// Time between two looks, in milliseconds. Default 15 minutes.
    package var everyMilliseconds: Int64
    package var collection: String
    /// What addresses of pages must begin with; empty for all.
    package var only: String
    /// Pages that one look may bring. Default 100.
    package var pageLimit: Int

    package init(
        address: WebAddress, everyMilliseconds: Int64 = 900_000, collection: String = "bulletins", only: String = "",
        pageLimit: Int = 100
    ) {
        self.address = address
        self.everyMilliseconds = everyMilliseconds
        self.collection = collection
        self.only = only
        self.pageLimit = pageLimit
    }
}

package enum FeedList {
    private static let fileBytes = 1 << 20
    private static let feedLimit = 2000
    private static let keys = ["address", "every", "collection", "only", "pages"]

    /// - Throws: `invalidRequest` with the line.
    package static func read(_ text: String) throws(KuaibaoError) -> [FeedSource] {
        guard text.utf8.count <= fileBytes else {
            throw mistake(nil, "the file has \(text.utf8.count) bytes; at most \(fileBytes)")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw mistake(nil, "the file is no YAML: \(error)")
        }
        guard let top = root?.mapping, top.count == 1, let list = top["feeds"]?.sequence else {
            throw mistake(root, "the file has something else than a list under feeds:")
        }
        guard list.count <= feedLimit else { throw mistake(root, "\(list.count) feeds; at most \(feedLimit)") }
        var sources: [FeedSource] = []
        for node in list {
            let source = try source(node)
            guard !sources.contains(where: { $0.address == source.address && $0.collection == source.collection })
            else {
                throw mistake(node, "\(source.address.text) stands there twice")
            }
            sources.append(source)
        }
        return sources
    }

    private static func source(_ node: Node) throws(KuaibaoError) -> FeedSource {
        if let text = node.scalar?.string { return FeedSource(address: try address(text, node)) }
        guard let mapping = node.mapping else { throw mistake(node, "a feed is an address, or a map with an address") }
        var values: [String: String] = [:]
        for (key, value) in mapping {
            guard let name = key.string, keys.contains(name), let text = value.scalar?.string else {
                throw mistake(key, "unknown \(key.string ?? "key"); known are \(keys.joined(separator: ", "))")
            }
            values[name] = text
        }
        guard let text = values["address"] else { throw mistake(node, "a feed without address") }
        var source = FeedSource(address: try address(text, node))
        if let text = values["every"] {
            guard let time = milliseconds(text), (60_000...604_800_000).contains(time) else {
                throw mistake(node, "every: \(text); write 1m to 7d, like 15m, 2h or 1d")
            }
            source.everyMilliseconds = time
        }
        if let text = values["pages"] {
            guard let count = Int(text), (1...1000).contains(count) else {
                throw mistake(node, "pages: \(text); 1 to 1000")
            }
            source.pageLimit = count
        }
        source.collection = values["collection"] ?? source.collection
        source.only = values["only"] ?? ""
        return source
    }

    private static func address(_ text: String, _ node: Node) throws(KuaibaoError) -> WebAddress {
        do {
            return try WebAddress(text)
        } catch {
            throw mistake(node, error.message)
        }
    }

    private static func milliseconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()),
            (0..<100_000).contains(count)
        else { return nil }
        return count * unit
    }

    private static func mistake(_ node: Node?, _ message: String) -> KuaibaoError {
        let line = node?.mark.map { "line \($0.line): " } ?? ""
        return KuaibaoError(.invalidRequest, "feeds: \(line)\(message)", fix: "mend the file that feeds-file names")
    }
}
