// `kuaibao figures`: the figures that a query names, side by side.

import ArgumentParser
import Digest
import Foundation
import Messages

struct FiguresCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "figures", abstract: "数字：列出检索结果里的数字，注明日期和出处。 Figures that a query names.",
        discussion: "例 Examples:\n  kuaibao figures 复工率\n  kuaibao figures '复工率>70% 日期:2020'")

    @OptionGroup var gateway: GatewayOptions

    @Flag(help: "列出这些条目的全部数字。 Show all figures of the items.") var all = false
    @Option(help: "至多读多少条，不超过 1000。 Items to read at most.") var limit = 500
    @Option(help: "集合。 Collection.") var collection = "bulletins"
    @Argument(help: "检索式。 The query.") var query: [String]

    func run() async throws {
        var parameters = [("q", query.joined(separator: " ")), ("limit", "\(limit)")]
        if all { parameters.append(("all", "true")) }
        let (bytes, table) = try await gateway.client().get(
            "/v1/collections/\(collection)/figures", parameters, as: FigureTable.self)
        if gateway.json { return Terminal.write(bytes) }
        for row in table.rows { Self.show(row) }
        for contradiction in table.contradictions { Terminal.write(Terminal.styled("⚑ \(contradiction.words)", .bad)) }
        for sum in table.sums {
            Terminal.write(Terminal.styled("Σ \(sum.words)", sum.agrees == false ? .bad : .dim))
        }
        if !table.isNamed, !table.rows.isEmpty, !all {
            Terminal.write(Terminal.styled("没有以检索词为名的数字，以下为条目中的全部数字。 No figure is named so; these are all.", .dim))
        }
        let left = table.left > 0 ? "，另有 \(table.left) 个未列 not shown" : ""
        let complete = table.complete ? "" : Terminal.styled("  不完整 incomplete", .bad)
        Terminal.write(
            Terminal.styled("\(table.rows.count) 个数字 figures，读了 \(table.taken)/\(table.total) 条 items\(left)", .dim)
                + complete)
    }

    private static func show(_ row: FigureRow) {
        let number = padded("\(row.number)", 4)
        let day = padded(row.day ?? "日期不明", 15)
        Terminal.write(
            "\(Terminal.styled(number, .dim))\(day) \(Terminal.styled(padded(row.quote, 14), .mark)) \(row.subject)")
        var facts = [row.file ?? row.id]
        if row.dateBasis == "latest-day" { facts.append("文中最近日期 the latest day in the text") }
        if !row.places.isEmpty { facts.append(row.places.joined(separator: "、")) }
        if row.mentions > 1 { facts.append("文中 \(row.mentions) 处") }
        Terminal.write("    " + Terminal.styled(facts.joined(separator: " · "), .dim))
        Terminal.write("    " + row.sentence)
    }

    /// Chinese characters take two columns.
    private static func padded(_ text: String, _ columns: Int) -> String {
        let width = text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) }
        return text + String(repeating: " ", count: max(0, columns - width))
    }
}
