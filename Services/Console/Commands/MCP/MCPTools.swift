// What an assistant may do: search, read one document, find its like, compile a digest, list figures, look after watches. All but
// making a watch and acknowledging its alerts only read.

import Foundation
import Messages

/// The tools and their arguments.
struct MCPTools: Sendable {
    enum Name: String, CaseIterable, Sendable {
        case search
        case getDocument = "get_document"
        case similar
        case digest
        case figures
        case watches
        case createWatch = "create_watch"
        case alerts
        case acknowledge = "acknowledge_alerts"

        /// Whether it changes something.
        var isChange: Bool { self == .createWatch || self == .acknowledge }
    }

    static let instructions = """
        快报：公告、通报和汇编拆成的条目，每条有日期、部门、来源。回答时请引用条目的编号、日期和来源；没有查到就说没有查到。
        Items of Chinese public bulletins with date, department and sources. Cite the id, the date and the source of what you use; \
        say so when nothing was found.
        """

    let client: GatewayClient
    let collection: String

    /// Characters of a body that are shown at most; the whole is in the structured answer.
    private static let bodyCharacters = 4000
    private static let limitRange = 1...50

    // MARK: Descriptions

    static let descriptions: [JSONValue] = [
        describe(
            .search,
            """
            Searches public bulletins. The query language: words side by side must all be there; OR; -word; "a phrase"; \
            部门:上海市公安局 (or 部门:*公安局), 来源:…, 日期:2020-02..2020-03, 标题:…; word* for beginnings. Hits have id, title, date, department, sources.
            """,
            properties: [
                "query": ["type": "string", "description": "The query. Chinese words work best: 复工复产 部门:上海市公安局"],
                "limit": ["type": "integer", "minimum": 1, "maximum": 50, "description": "Hits; 10 unless given"],
                "sort": ["type": "string", "enum": ["relevance", "newest", "oldest"]],
                "cursor": ["type": "string", "description": "The cursor of an earlier answer, for the hits behind it"],
            ], required: ["query"]),
        describe(
            .getDocument, "Reads one item whole (by the id of a hit, DOCUMENT#NUMBER) or all items of a document.",
            properties: ["id": ["type": "string", "description": "The id of a hit, or its document"]], required: ["id"]),
        describe(
            .similar, "Finds items about the same as another.",
            properties: [
                "id": ["type": "string", "description": "The id of a hit"],
                "limit": ["type": "integer", "minimum": 1, "maximum": 50],
            ], required: ["id"]),
    ] + deskDescriptions

    static func describe(
        _ name: Name, _ text: String, properties: JSONValue, required: [JSONValue]
    ) -> JSONValue {
        [
            "name": .string(name.rawValue), "description": .string(text),
            "inputSchema": [
                "type": "object", "properties": properties, "required": .array(required), "additionalProperties": false,
            ],
            "annotations": ["readOnlyHint": .bool(!name.isChange), "openWorldHint": false],
        ]
    }

    // MARK: Calls

    /// Text for the model, and the gateway's answer.
    func call(_ name: Name, _ arguments: JSONValue) async throws -> (text: String, value: JSONValue) {
        let base = "/v1/collections/\(GatewayClient.encode(collection))"
        switch name {
        case .search:
            var parameters = [("q", try text("query", in: arguments)), ("limit", "\(try limit(in: arguments))")]
            if let sort = arguments["sort"]?.string { parameters.append(("sort", sort)) }
            if let cursor = arguments["cursor"]?.string { parameters.append(("cursor", cursor)) }
            return try await hits(base + "/search", parameters)
        case .similar:
            return try await hits(
                base + "/similar", [("id", try text("id", in: arguments)), ("limit", "\(try limit(in: arguments))")])
        case .getDocument:
            let id = try text("id", in: arguments)
            let (bytes, document) = try await client.get(
                base + "/documents/\(GatewayClient.encode(id))", as: DocumentReply.self)
            return (Self.describe(document), try Self.value(bytes))
        case .digest, .figures, .watches, .createWatch, .alerts, .acknowledge:
            return try await callDesk(name, arguments)
        }
    }

    private func hits(_ path: String, _ parameters: [(String, String)]) async throws -> (String, JSONValue) {
        let (bytes, reply) = try await client.get(path, parameters, as: SearchReply.self)
        var lines = [
            "\(reply.total) hits for: \(reply.understood)"
                + (reply.complete ? "" : " (INCOMPLETE: some workers did not answer)")
        ]
        for hit in reply.hits {
            lines.append("")
            lines.append("[\(hit.id)] \(hit.title.text)")
            lines.append(Self.facts(hit.date, hit.department, hit.sources, hit.file, hit.range))
            lines.append(hit.snippet.text)
        }
        if let cursor = reply.cursor { lines.append("\nmore: cursor \(cursor)") }
        return (lines.joined(separator: "\n"), try Self.value(bytes))
    }

    private static func describe(_ document: DocumentReply) -> String {
        document.items.map { item in
            [
                "[\(document.identity)#\(item.ordinal)] \(item.title)",
                facts(
                    item.published?.value.text, item.department?.value, item.sources.map(\.value), document.file,
                    item.range),
                String(item.body.prefix(bodyCharacters)) + (item.body.count > bodyCharacters ? "…" : ""),
            ].joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    private static func facts(
        _ date: String?, _ department: String?, _ sources: [String], _ file: String?, _ range: ByteRange
    ) -> String {
        var parts = ["日期 \(date ?? "不明 unknown")"]
        if let department { parts.append("部门 \(department)") }
        if !sources.isEmpty { parts.append("来源 \(sources.joined(separator: "、"))") }
        if let file { parts.append("原文 \(file) bytes \(range.lower)-\(range.upper)") }
        return parts.joined(separator: " · ")
    }

    static func value(_ bytes: [UInt8]) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    }

    func text(_ name: String, in arguments: JSONValue) throws(KuaibaoError) -> String {
        guard let text = arguments[name]?.string else {
            throw KuaibaoError(.invalidRequest, "the argument \"\(name)\" is missing", fix: "give it as a string")
        }
        return text
    }

    func limit(in arguments: JSONValue) throws(KuaibaoError) -> Int {
        guard let value = arguments["limit"] else { return 10 }
        guard let limit = value.integer, Self.limitRange.contains(limit) else {
            throw KuaibaoError(.invalidRequest, "limit is out of bounds", fix: "use 1 to 50")
        }
        return limit
    }
}
