// `kuaibao search`: hits as a reader wants them.

import ArgumentParser
import Foundation
import Messages

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "检索。 Search.",
        discussion: "例 Examples:\n  kuaibao search 复工复产\n  kuaibao search '复工 部门:上海市公安局 日期:2020-02..2020-03'")

    @OptionGroup var gateway: GatewayOptions

    @Option(help: "条数。 Hits to show.") var limit = 10
    @Option(help: "跳过的条数。 Hits to pass over.") var offset = 0
    @Option(help: "relevance, newest 或 oldest。") var sort: String?
    @Option(help: "记录按此字段排序，前加 - 为倒序。 A field of records to order by; - reverses.") var order: String?
    @Option(help: "由近到远：纬度,经度。 Nearest first: LATITUDE,LONGITUDE, with gcj02: or bd09: before it.") var near: String?
    @Option(help: "集合。 Collection.") var collection = "bulletins"
    @Option(help: "要计数的字段，用逗号分开。 Fields to count, with commas.") var facets: String?
    @Option(help: "每个值只显示第一条：关键词字段，用逗号分开。 Keyword fields: of hits with the same values only the first.")
    var collapseBy: String?
    @Option(help: "只看当日有效的版本。 Only the editions in force on this day, 2020-03-20.") var asOf: String?
    @Argument(help: "检索式。 The query.") var query: [String]

    func run() async throws {
        var parameters = [
            ("q", query.joined(separator: " ")), ("limit", "\(limit)"), ("offset", "\(offset)"),
        ]
        if let sort { parameters.append(("sort", sort)) }
        if let order { parameters.append(("order", order)) }
        if let near { parameters.append(("near", near)) }
        if let facets { parameters.append(("facets", facets)) }
        if let collapseBy { parameters.append(("collapseBy", collapseBy)) }
        if let asOf { parameters.append(("asOf", asOf)) }
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
        if let corrections = reply.corrections {
            let line = corrections.map { "\($0.query)（\($0.total)）" }.joined(separator: " · ")
            Terminal.write("您是不是要找 Did you mean: \(line)")
        }
    }

    static func summary(_ reply: SearchReply) -> String {
        let time = (reply.timings["total"] ?? 0).formatted(.number.precision(.fractionLength(1)))
        let complete = reply.complete ? "" : Terminal.styled("  不完整 incomplete", .bad)
        return Terminal.styled(
            "共 \(reply.total) 条 hits  ·  \(time) ms  ·  版本 version \(reply.version)", .dim) + complete
    }

    static func show(_ hit: SearchHit, number: Int) {
        let title = hit.title.text.isEmpty ? Terminal.styled("（无标题 untitled）", .dim) : marked(hit.title)
        Terminal.write("\(Terminal.styled("\(number).", .dim)) \(title)")
        if let record = hit.record { return show(record, hit) }
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

    /// The fields of a record, with the ages of its live values and its distance.
    private static func show(_ record: ShownRecord, _ hit: SearchHit) {
        var facts: [String] = []
        if let distance = hit.distance {
            facts.append(
                distance < 1000
                    ? "\(Int(distance)) 米 m" : "\(Int(distance / 100) / 10).\(Int(distance / 100) % 10) 公里 km")
        }
        for (name, value) in record.values.sorted(by: { $0.key < $1.key }) {
            guard let text = text(value), text != hit.title.text, text != hit.snippet.text else { continue }
            let age = record.ages?[name].map { "（\(ago($0))）" } ?? ""
            facts.append("\(name) \(text.count > 60 ? text.prefix(60) + "…" : text)\(age)")
        }
        Terminal.write("   " + Terminal.styled(facts.joined(separator: " · "), .dim))
        let snippet = marked(hit.snippet)
        if !snippet.isEmpty { Terminal.write("   " + snippet) }
        Terminal.write("")
    }

    static func text(_ value: Messages.JSONValue) -> String? {
        switch value {
        case .string(let text): return text
        case .integer(let number): return "\(number)"
        case .number(let number): return "\(number)"
        case .boolean(let isTrue): return isTrue ? "是" : "否"
        case .list(let values): return values.compactMap(text).joined(separator: "、")
        case .null: return nil
        case .object:
            guard let latitude = value["lat"]?.double, let longitude = value["lon"]?.double else { return nil }
            return "\(latitude),\(longitude)"
        }
    }

    /// `3 分钟前`.
    static func ago(_ seconds: Double) -> String {
        switch seconds {
        case ..<1: "刚刚 now"
        case ..<60: "\(Int(seconds)) 秒前 s ago"
        case ..<3600: "\(Int(seconds / 60)) 分钟前 min ago"
        case ..<86_400: "\(Int(seconds / 3600)) 小时前 h ago"
        default: "\(Int(seconds / 86_400)) 天前 d ago"
        }
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
