// `kuaibao digest`: a query compiled, printed or written to a file.

import ArgumentParser
import Foundation
import Messages

struct DigestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest", abstract: "汇编：把检索结果编成可以分享的文件。 Compiles what a query finds.",
        discussion: """
            例 Examples:
              kuaibao digest 复工复产 --by department
              kuaibao digest '复工复产 日期:2020-02' --format docx -o 复工复产.docx
            """)

    @OptionGroup var gateway: GatewayOptions

    @Option(help: "分组：date, department, source, district。 Grouping.") var by = "date"
    @Option(help: "格式：text, markdown, html, json, docx, pdf。 Format; by the file's suffix unless given.")
    var format: String?
    @Option(help: "正文：body 全文, summary 摘录, title 只要标题。 How much of each text.") var text = "body"
    @Option(help: "标题。 Title; the query unless given.") var title: String?
    @Option(help: "至多多少条，不超过 20000（docx 1000）。 Items at most.") var limit = 200
    @Option(help: "先取哪些：relevance, newest, oldest。 Which items come first.") var sort = "relevance"
    @Option(help: "集合。 Collection.") var collection = "bulletins"
    @Option(name: .shortAndLong, help: "写到文件。 Write to this file.") var output: String?
    @Argument(help: "检索式。 The query.") var query: [String]

    private static let suffixes = [
        "txt": "text", "md": "markdown", "html": "html", "json": "json", "docx": "docx", "pdf": "pdf",
    ]

    func run() async throws {
        let suffix = output.map { URL(filePath: $0).pathExtension.lowercased() } ?? ""
        let format = gateway.json ? "json" : format ?? Self.suffixes[suffix] ?? "text"
        guard output != nil || !["docx", "pdf"].contains(format) else {
            throw KuaibaoError(.invalidRequest, "\(format) is not printed", fix: "name a file with -o")
        }
        var parameters = [
            ("q", query.joined(separator: " ")), ("by", by), ("format", format == "pdf" ? "html" : format),
            ("text", text), ("limit", "\(limit)"), ("sort", sort),
        ]
        if let title { parameters.append(("title", title)) }
        let bytes = try await gateway.client().get("/v1/collections/\(collection)/digest", parameters)
        guard let output else { return Terminal.write(bytes) }
        if format == "pdf" {
            try PDFPrinter().print(html: bytes, to: output)
        } else {
            do {
                try Data(bytes).write(to: URL(filePath: output))
            } catch {
                throw KuaibaoError(
                    .invalidRequest, "\"\(output)\" cannot be written", fix: "name a file in a folder of yours")
            }
        }
        Terminal.note("已写入 written: \(output)")
    }
}

/// Prints a page to PDF with a browser that is installed.
struct PDFPrinter {
    static let browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"]
    static let timeoutSeconds = 60.0

    /// - Throws: `unavailable` without a browser, `internal` where it wrote nothing.
    func print(html: [UInt8], to output: String) throws {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let browser = Self.browsers.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let browser else {
            throw KuaibaoError(
                .unavailable, "no browser that prints PDF is on the PATH",
                fix: "install chromium, or write html and print it from your browser")
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "kuaibao-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let page = folder.appending(path: "digest.html")
        let printed = folder.appending(path: "digest.pdf")
        try Data(html).write(to: page)
        let process = Process()
        process.executableURL = URL(filePath: browser)
        process.arguments = [
            "--headless", "--disable-gpu", "--no-pdf-header-footer", "--user-data-dir=\(folder.path)/profile",
            "--print-to-pdf=\(printed.path)", page.absoluteString,
        ]
        // A browser refuses its sandbox to the superuser; the page holds no script and has no network of its own.
        if getuid() == 0 { process.arguments?.insert("--no-sandbox", at: 0) }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        if ended.wait(timeout: .now() + Self.timeoutSeconds) == .timedOut { process.terminate() }
        guard FileManager.default.fileExists(atPath: printed.path) else {
            throw KuaibaoError(
                .internal, "\(browser) wrote no PDF", fix: "write html and print it from your browser")
        }
        try Data(contentsOf: printed).write(to: URL(filePath: output))
    }
}
