// `kuaibao suggest`: what could be typed next.

import ArgumentParser
import Foundation
import Messages

struct SuggestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suggest", abstract: "补全：汉字、拼音或首字母。 What a reader may be about to type.",
        discussion:
            "例 Examples:\n  kuaibao suggest 复工\n  kuaibao suggest fgfc\n  kuaibao suggest 公安 --fields department")

    /// How often an answer that is not complete is asked for again, and how long each wait is: tables of a large
    /// collection take seconds when they are first wanted.
    private static let tries = 20
    private static let pause = Duration.milliseconds(500)

    @OptionGroup var gateway: GatewayOptions

    @Option(help: "条数。 Suggestions to show, 1 to 50.") var limit = 10
    @Option(help: "字段，用逗号分开。 Fields to suggest from, with commas; of bulletins department, source, district, title.")
    var fields: String?
    @Option(help: "集合。 Collection.") var collection = "bulletins"
    @Argument(help: "已输入的字。 What is typed so far.") var typed: [String]

    func run() async throws {
        var parameters = [("q", typed.joined(separator: " ")), ("limit", "\(limit)")]
        if let fields { parameters.append(("fields", fields)) }
        let client = try gateway.client()
        let path = "/v1/collections/\(GatewayClient.encode(collection))/suggest"
        var (bytes, reply) = try await client.get(path, parameters, as: SuggestReply.self)
        for _ in 0..<Self.tries where !reply.complete {
            try await Task.sleep(for: Self.pause)
            (bytes, reply) = try await client.get(path, parameters, as: SuggestReply.self)
        }
        if gateway.json { return Terminal.write(bytes) }
        for one in reply.suggestions {
            let facts = [one.field, one.count.map { "\($0) 条 items" }, one.date, one.match.rawValue].compactMap { $0 }
            Terminal.write("\(one.text)  \(Terminal.styled(facts.joined(separator: " · "), .dim))")
        }
        if reply.suggestions.isEmpty { Terminal.note("没有建议。 There is no suggestion.") }
        if !reply.complete { Terminal.note("不完整：有的分段还没有建议表。 Incomplete: some segments have no table yet.") }
    }
}
