// `kuaibao search`: hits as a reader wants them.

import ArgumentParser
import Foundation
import Messages

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "检索。 Search.",
        discussion: "例 Examples:\n  kuaibao search 复工复产\n  kuaibao search '复工 部门:公安局 日期:2020-02..2020-03'")

    @OptionGroup var gateway: GatewayOptions

    @Option(help: "条数。 Hits to show.") var limit = 10
    @Option(help: "跳过的条数。 Hits to pass over.") var offset = 0
    @Option(help: "relevance, newest 或 oldest。") var sort = "relevance"
    @Option(help: "集合。 Collection.") var collection = "bulletins"
    @Option(help: "要计数的字段，用逗号分开。 Fields to count, with commas.") var facets: String?
    @Argument(help: "检索式。 The query.") var query: [String]

    func run() async throws {
        var parameters = [
            ("q", query.joined(separator: " ")), ("limit", "\(limit)"), ("offset", "\(offset)"), ("sort", sort),
        ]
        if let facets { parameters.append(("facets", facets)) }
        let client = try gateway.client()
        let (bytes, reply) = try await client.get(
            "/v1/collections/\(GatewayClient.encode(collection))/search", parameters, as: SearchReply.self)
        if gateway.json { return Terminal.write(bytes) }
        for (number, hit) in reply.hits.enumerated() { Self.show(hit, number: offset + number + 1) }
        for (field, counts) in (reply.facets ?? [:]).sorted(by: { $0.key < $1.key }) {
            let line = counts.prefix(12).map { "\($0.value) \($0.count)" }.joined(separator: " · ")
            Terminal.write("\(Terminal.styled(field, .bold))  \(line)")
        }
        Terminal.write(Self.summary(reply))
    }

    static func summary(_ reply: SearchReply) -> String {
        let time = (reply.timings["total"] ?? 0).formatted(.number.precision(.fractionLength(1)))
        let complete = reply.complete ? "" : Terminal.styled("  不完整 incomplete", .bad)
        return Terminal.styled(
            "共 \(reply.total) 条 hits  ·  \(time) ms  ·  版本 version \(reply.version)", .dim) + complete
    }

    static func show(_ hit: SearchHit, number: Int) {
        Terminal.write("\(Terminal.styled("\(number).", .dim)) \(marked(hit.title))")
        var facts = [hit.date ?? "日期不明 no date"]
        if let department = hit.department { facts.append(department) }
        if !hit.sources.isEmpty { facts.append("来源 " + hit.sources.joined(separator: "、")) }
        if let file = hit.file { facts.append(file) }
        facts += hit.flags.map { "⚑ \($0)" }
        Terminal.write("   " + Terminal.styled(facts.joined(separator: " · "), .dim))
        let snippet = marked(hit.snippet)
        if !snippet.isEmpty { Terminal.write("   " + snippet) }
        Terminal.write("")
    }

    /// A text with its marks in colour; without colours in 【】.
    static func marked(_ text: MarkedText) -> String {
        let scalars = Array(text.text.unicodeScalars)
        var result = ""
        var place = 0
        func plain(to end: Int) {
            for scalar in scalars[place..<end] { result.unicodeScalars.append(scalar == "\n" ? " " : scalar) }
            place = end
        }
        for mark in text.marks where mark.count == 2 {
            guard place <= mark[0], mark[0] <= mark[1], mark[1] <= scalars.count else { continue }
            plain(to: mark[0])
            var inner = ""
            inner.unicodeScalars.append(contentsOf: scalars[mark[0]..<mark[1]])
            result += Terminal.isStyled ? Terminal.styled(inner, .mark) : "【\(inner)】"
            place = mark[1]
        }
        plain(to: scalars.count)
        return result
    }
}
