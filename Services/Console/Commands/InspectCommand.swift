// `kuaibao inspect`: what the parser makes of a document, without a running stack.

import ArgumentParser
import Containment
import Documents
import Foundation
import Inspection
import Messages

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "看解析结果：原文、条目、字段与丢弃。 Show what is made of a document.",
        discussion: """
            不需要启动服务，也不保存任何东西。 Needs no running stack and keeps nothing.
            例 Examples:
              kuaibao inspect 通报.txt
              kuaibao inspect 页面.html --html 报告.html
              curl -s https://example.org/ | kuaibao inspect - --name page.html --json
            """)

    @Argument(help: "文件，- 表示标准输入。 A file, or - for standard input.") var file: String
    @Option(help: "标准输入的名字。 Name of what comes from standard input.") var name = "stdin"
    @Option(help: "内容类型，如 text/html。 Media type; else the name and the text decide.") var type: String?
    @Option(help: "年份提示。 The year, where the text has none.") var year: Int?
    @Option(help: "编码提示。 The encoding, where it is misread.") var encoding: String?
    @Option(help: "CSV 或 JSON 各列的含义：标目=title,经办=department。 What columns are.") var fields: String?
    @Option(help: "另存为网页。 Write a page of its own, original and items side by side.") var html: String?
    @Flag(help: "输出 JSON。 Print JSON.") var json = false
    @Flag(help: "把丢弃与标记也全部写出。 Write out discards and markup too.") var all = false

    /// What `--json` prints.
    private struct Report: Encodable {
        let name: String
        let bytes: Int
        let parsed: ParsedDocument
    }

    func run() async throws {
        let shown = file == "-" ? name : file
        let bytes = try AddCommand.read(file)
        var hints: [String: String] = [:]
        if let year { hints["year"] = "\(year)" }
        if let encoding { hints["encoding"] = encoding }
        if let fields {
            _ = try FieldMapping(fields)
            hints[FieldMapping.hint] = fields
        }
        let description = DocumentDescription(identity: shown, contentType: type, sourceAddress: shown, hints: hints)
        let inspection = try Self.inspect(bytes, description)
        if let html {
            try Self.save(PageReport(inspection).page(), to: html)
            Terminal.note("已写入 wrote \(html)")
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
            let report = Report(name: shown, bytes: bytes.count, parsed: inspection.parsed)
            Terminal.write(Array(try encoder.encode(report)) + [10])
        } else if html == nil {
            let report = TerminalReport(
                inspection, style: Terminal.isStyled ? .coloured : .plain, discards: all ? .whole : .folded)
            Terminal.write(Array(report.text().utf8))
        }
    }

    private static func inspect(_ bytes: [UInt8], _ description: DocumentDescription) throws(KuaibaoError) -> Inspection
    {
        do {
            let (parsed, text) = try DocumentParser(pdf: PopplerLayout()).inspect(bytes, description)
            return Inspection(
                name: description.identity, byteCount: text.originalCount, text: text.bytes, parsed: parsed,
                readable: text.readable, lineStarts: text.lineStarts, place: text.range(of:))
        } catch {
            throw error.asKuaibaoError
        }
    }

    private static func save(_ text: String, to path: String) throws(KuaibaoError) {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw KuaibaoError(
                .invalidRequest, "\(path) cannot be written: \(error.localizedDescription)",
                fix: "choose a folder that exists and that you may write to")
        }
    }
}
