// `kuaibao collection`: declared collections, from the file that declares one to the records that come out again.

import ArgumentParser
import Foundation
import Messages
import WebClient

struct CollectionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collection", abstract: "记录集合：建立、列出、查看、修改、导出、删除。 Collections of records.",
        discussion: """
            例 Examples:
              kuaibao collection create 采样点.yaml
              kuaibao add 采样点.csv --collection sampling-sites
              kuaibao collection set sampling-sites HP-001 status=忙碌 queue=35
              kuaibao search --collection sampling-sites '忙闲:空闲' --near 31.2304,121.4737
              kuaibao collection export sampling-sites 采样点.csv
            """,
        subcommands: [
            CreateCollection.self, ChangeCollection.self, ListCollections.self, ShowCollection.self,
            DeleteCollection.self, ExportCollection.self, SetFields.self,
        ])

    static func path(_ name: String) -> String { "/v1/collections/\(GatewayClient.encode(name))" }

    static func show(_ collection: ShownCollection) {
        let kind = collection.generation.map { "第 \($0) 版 generation \($0)" } ?? "内置 built in"
        Terminal.write(
            "\(Terminal.styled(collection.name, .bold))  \(collection.title)  \(collection.documents) 条 records  "
                + Terminal.styled("\(kind) · 版本 version \(collection.version)", .dim))
    }
}

/// A collection as the gateway tells it.
struct ShownCollection: Decodable {
    struct Field: Decodable {
        let name: String
        let type: String
        let names: [String]
        let flags: [String]
        let values: [String]?
    }

    let name: String
    let title: String
    let version: Int64
    let documents: Int
    let generation: Int?
    let identity: [String]?
    let fields: [Field]
    let declaration: String?
}

struct CreateCollection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "按 YAML 文件建立集合。 Makes a collection of a YAML file.")

    @OptionGroup var gateway: GatewayOptions
    @Argument(help: "YAML 文件。 The declaration.") var file: String

    func run() async throws {
        let (bytes, made) = try await gateway.client().call(
            .post, "/v1/collections", body: try AddCommand.read(file), contentType: "application/yaml",
            as: ShownCollection.self)
        if gateway.json { return Terminal.write(bytes) }
        CollectionCommand.show(made)
    }
}

struct ChangeCollection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "换一份声明，后台重建索引。 Gives a collection a new declaration; reindexes behind it.")

    @OptionGroup var gateway: GatewayOptions
    @Argument(help: "集合。 Collection.") var name: String
    @Argument(help: "YAML 文件。 The whole new declaration.") var file: String

    func run() async throws {
        let (bytes, changed) = try await gateway.client().call(
            .put, CollectionCommand.path(name), body: try AddCommand.read(file), contentType: "application/yaml",
            as: ShownCollection.self)
        if gateway.json { return Terminal.write(bytes) }
        CollectionCommand.show(changed)
    }
}

struct ListCollections: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "列出集合。 Lists the collections.")

    @OptionGroup var gateway: GatewayOptions

    private struct List: Decodable { let collections: [ShownCollection] }

    func run() async throws {
        let (bytes, list) = try await gateway.client().get("/v1/collections", as: List.self)
        if gateway.json { return Terminal.write(bytes) }
        for collection in list.collections { CollectionCommand.show(collection) }
    }
}

struct ShowCollection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "查看集合的字段。 Shows the fields.")

    @OptionGroup var gateway: GatewayOptions
    @Flag(help: "只输出声明。 Print the declaration alone.") var declaration = false
    @Argument(help: "集合。 Collection.") var name: String

    func run() async throws {
        let (bytes, shown) = try await gateway.client().get(CollectionCommand.path(name), as: ShownCollection.self)
        if declaration {
            guard let text = shown.declaration else {
                throw KuaibaoError(
                    .notAllowed, "the declaration of \(name) is not shown",
                    fix: "use a key with the scope admin; a built-in collection has none")
            }
            return Terminal.write(Array(text.utf8))
        }
        if gateway.json { return Terminal.write(bytes) }
        CollectionCommand.show(shown)
        for field in shown.fields {
            var facts = [field.type] + field.flags
            if let values = field.values { facts.append(values.prefix(12).joined(separator: "|")) }
            let names = field.names.isEmpty ? "" : "（\(field.names.joined(separator: "、"))）"
            Terminal.write("  \(field.name)\(names)  " + Terminal.styled(facts.joined(separator: " · "), .dim))
        }
    }
}

struct DeleteCollection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "删除集合及其全部记录。 Ends a collection with all its records.")

    @OptionGroup var gateway: GatewayOptions
    @Flag(help: "确认删除。 Yes, delete it.") var yes = false
    @Argument(help: "集合。 Collection.") var name: String

    func validate() throws {
        guard yes else { throw ValidationError("this deletes every record of \(name); say --yes") }
    }

    func run() async throws {
        let (bytes, _) = try await gateway.client().call(
            .delete, CollectionCommand.path(name), as: [String: String].self)
        if gateway.json { return Terminal.write(bytes) }
        Terminal.write("已删除 deleted \(name)")
    }
}

struct ExportCollection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "导出记录为 NDJSON 或 CSV。 Writes the records as NDJSON or CSV.")

    @OptionGroup var gateway: GatewayOptions
    @Option(help: "检索式。 Only what this query finds.") var query = ""
    @Argument(help: "集合。 Collection.") var name: String
    @Argument(help: "文件，.csv 或 .ndjson，- 为标准输出。 File; - for standard output.") var file = "-"

    func run() async throws {
        let format = file.lowercased().hasSuffix(".csv") ? "csv" : "ndjson"
        let bytes = try await gateway.client().get(
            CollectionCommand.path(name) + "/export", [("q", query), ("format", format)])
        guard file != "-" else { return Terminal.write(bytes) }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: file))
        } catch {
            throw KuaibaoError(
                .invalidRequest, "\(file) cannot be written", fix: "check the folder and its permissions")
        }
        Terminal.write("\(file)  \(bytes.count) bytes")
    }
}

struct SetFields: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "改一条记录的若干字段。 Changes some fields of one record.",
        discussion: "空值去掉字段。 An empty value takes the field away: kuaibao collection set sites A1 status=忙碌 queue=")

    @OptionGroup var gateway: GatewayOptions
    @Argument(help: "集合。 Collection.") var name: String
    @Argument(help: "记录。 The record's identity.") var identity: String
    @Argument(help: "字段=值。 FIELD=VALUE.") var fields: [String]

    private struct Submitted: Decodable {
        let submission: String
        let version: Int64?
    }

    func run() async throws {
        let client = try gateway.client()
        let shown = try await client.get(CollectionCommand.path(name), as: ShownCollection.self).value
        var values: [String: Messages.JSONValue] = [:]
        for pair in fields {
            guard let sign = pair.firstIndex(of: "=") else {
                throw KuaibaoError(.invalidRequest, "\"\(pair)\" is no change", fix: "write FIELD=VALUE")
            }
            let key = String(pair[..<sign])
            let field = shown.fields.first { $0.name == key || $0.names.contains(key) }
            values[key] = Self.value(String(pair[pair.index(after: sign)...]), field)
        }
        let body = try Codec.json.encode(Messages.JSONValue.object(values))
        let (bytes, changed) = try await client.call(
            .patch, CollectionCommand.path(name) + "/documents/" + GatewayClient.encode(identity),
            [("wait", "searchable")], body: body, contentType: "application/json", as: Submitted.self)
        if gateway.json { return Terminal.write(bytes) }
        Terminal.write("\(identity)  版本 version \(changed.version ?? 0)")
    }

    /// What the field's type makes of a text; the gateway tells what does not fit.
    private static func value(_ text: String, _ field: ShownCollection.Field?) -> Messages.JSONValue {
        if text.isEmpty { return .null }
        func single(_ text: String) -> Messages.JSONValue {
            switch field?.type {
            case "integer": Int64(text).map { .integer($0) } ?? .string(text)
            case "number": Double(text).map { .number($0) } ?? .string(text)
            case "boolean": ["true", "是", "有", "开"].contains(text) ? .boolean(true) : .boolean(false)
            default: .string(text)
            }
        }
        guard field?.flags.contains("list") == true else { return single(text) }
        return .list(text.split(separator: ";").map { single(String($0)) })
    }
}
