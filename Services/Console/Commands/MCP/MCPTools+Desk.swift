// The analyst's desk for assistants: digests, figures, watches.

import Digest
import Foundation
import Messages

extension MCPTools {
    /// Rows of figures that are told as text; all are in the structured answer.
    private static let shownFigures = 40
    private static let watchLimit = 100

    static let deskDescriptions: [JSONValue] = [
        describe(
            .digest,
            """
            Compiles what a query finds into a digest (汇编): without duplicates, grouped, every entry verbatim with its sources and doubts.
            """,
            properties: [
                "query": ["type": "string", "description": "The query, as for search"],
                "by": ["type": "string", "enum": ["date", "department", "source", "district"]],
                "text": [
                    "type": "string", "enum": ["body", "summary", "title"], "description": "How much of each text",
                ],
                "limit": ["type": "integer", "minimum": 1, "maximum": 50],
            ], required: ["query"]),
        describe(
            .figures,
            """
            Figures that a query names, each with date, place, quote and item: 复工率>70%. Different populations stay side by side; \
            contradictions and sums are listed.
            """,
            properties: [
                "query": ["type": "string", "description": "An indicator or condition, with other words if need be"]
            ],
            required: ["query"]),
        describe(
            .watches, "Lists the standing queries, with how many alerts each has pending.", properties: [:],
            required: []),
        describe(
            .createWatch, "Makes a standing query: each new item that matches makes an alert until it is acknowledged.",
            properties: [
                "query": ["type": "string", "description": "The query, as for search"],
                "name": ["type": "string", "description": "A name for people"],
                "id": ["type": "string", "description": "a-z, 0-9 and -; the same again changes nothing"],
            ], required: ["query"]),
        describe(
            .alerts, "Alerts of a watch that nobody acknowledged yet, oldest first.",
            properties: [
                "watch": ["type": "string", "description": "The id of the watch"],
                "limit": ["type": "integer", "minimum": 1, "maximum": 50],
            ], required: ["watch"]),
        describe(
            .acknowledge, "Acknowledges the alerts of a watch up to a number; they are not told of again.",
            properties: [
                "watch": ["type": "string", "description": "The id of the watch"],
                "through": [
                    "type": "integer", "minimum": 1, "description": "The number of the last alert that was dealt with",
                ],
            ], required: ["watch", "through"]),
    ]

    func callDesk(_ name: Name, _ arguments: JSONValue) async throws -> (text: String, value: JSONValue) {
        let base = "/v1/collections/\(GatewayClient.encode(collection))"
        switch name {
        case .digest:
            var parameters = [("q", try text("query", in: arguments)), ("limit", "\(try limit(in: arguments))")]
            if let by = arguments["by"]?.string { parameters.append(("by", by)) }
            if let extent = arguments["text"]?.string { parameters.append(("text", extent)) }
            let written = try await client.get(base + "/digest", parameters + [("format", "text")])
            let whole = try await client.get(base + "/digest", parameters + [("format", "json")])
            return (String(decoding: written, as: UTF8.self), try Self.value(whole))
        case .figures:
            let (bytes, table) = try await client.get(
                base + "/figures", [("q", try text("query", in: arguments))], as: FigureTable.self)
            return (Self.describe(table), try Self.value(bytes))
        case .watches:
            let (bytes, answer) = try await client.get(
                "/v1/watches", [("limit", "\(Self.watchLimit)")], as: WatchCommand.ListAnswer.self)
            let lines = answer.watches.map { "[\($0.id)] \($0.name): \($0.q)  pending \($0.counts.pending)" }
            return (lines.isEmpty ? "no watches" : lines.joined(separator: "\n"), try Self.value(bytes))
        case .createWatch:
            var body: [String: JSONValue] = [
                "q": .string(try text("query", in: arguments)), "collection": .string(collection),
            ]
            for key in ["name", "id"] { if let value = arguments[key]?.string { body[key] = .string(value) } }
            let (bytes, view) = try await client.post(
                "/v1/watches", body: JSONValue.object(body).line, contentType: "application/json",
                as: WatchCommand.View.self)
            return ("watching [\(view.id)] \(view.q)", try Self.value(bytes))
        case .alerts:
            let path = WatchCommand.path(try text("watch", in: arguments)) + "/alerts"
            let (bytes, answer) = try await client.get(
                path, [("limit", "\(try limit(in: arguments))")], as: WatchCommand.AlertsAnswer.self)
            let lines = answer.alerts.map { alert in
                "\(alert.sequence). [\(alert.item.id)] \(alert.item.title)\n"
                    + "日期 \(alert.item.date ?? "不明 unknown") · \(alert.item.sources.joined(separator: "、"))\n\(alert.item.excerpt)"
            }
            return (lines.isEmpty ? "no alerts" : lines.joined(separator: "\n\n"), try Self.value(bytes))
        case .acknowledge:
            guard let through = arguments["through"]?.integer else {
                throw KuaibaoError(
                    .invalidRequest, "the argument \"through\" is missing", fix: "give the number of an alert")
            }
            let path = WatchCommand.path(try text("watch", in: arguments)) + "/ack"
            let (bytes, counts) = try await client.post(
                path, body: JSONValue.object(["through": .integer(through)]).line, contentType: "application/json",
                as: AlertCounts.self)
            return ("acknowledged \(counts.acknowledged), pending \(counts.pending)", try Self.value(bytes))
        case .search, .getDocument, .similar:
            throw KuaibaoError(.internal, "a tool took the wrong way", fix: "report this")
        }
    }

    private static func describe(_ table: FigureTable) -> String {
        var lines = table.rows.prefix(shownFigures).map { row in
            "\(row.day ?? "日期不明") \(row.quote) \(row.subject) [\(row.id)]\n\(row.sentence)"
        }
        if table.rows.count > shownFigures { lines.append("… \(table.rows.count - shownFigures) more") }
        lines += table.contradictions.map { "contradiction: \($0.words)" } + table.sums.map { "sum: \($0.words)" }
        if !table.isNamed, !table.rows.isEmpty {
            lines.insert("no figure is named so; these are all of the items", at: 0)
        }
        return lines.isEmpty ? "no figures" : lines.joined(separator: "\n\n")
    }
}
