// `kuaibao add`: hands files in and tells what was made of them.

import ArgumentParser
import Foundation
import Messages

struct AddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "加入文件或文件夹。 Add files and folders.",
        discussion: "例 Examples:\n  kuaibao add 通报.txt news/\n  cat page.html | kuaibao add - --name page.html")

    /// Files on their way at once.
    private static let concurrency = 4

    @OptionGroup var gateway: GatewayOptions
    @Option(help: "集合。 Collection.") var collection = "bulletins"
    @Option(help: "年份提示。 The year, where the text has none.") var year: Int?
    @Option(help: "标准输入的名字。 Name of what comes from standard input.") var name = "stdin"
    @Flag(inversion: .prefixedNo, help: "等到可检索。 Wait until it can be found.") var wait = true
    @Argument(help: "文件、文件夹，- 表示标准输入。 Files, folders, or - for standard input.") var paths: [String]

    /// What became of one file.
    struct Outcome: Codable, Sendable {
        var file: String
        var submission: String?
        var stage: String?
        var items: Int?
        var warnings: [String] = []
        var error: KuaibaoError?
    }

    func run() async throws {
        let files = try Self.files(paths)
        let outcomes = try await Self.add(
            files, client: try gateway.client(), collection: collection, year: year, stdinName: name, wait: wait)
        if gateway.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            Terminal.write(Array(try encoder.encode(outcomes)) + [10])
        } else {
            for outcome in outcomes { Self.show(outcome) }
        }
        if let failed = outcomes.compactMap(\.error).first { throw failed }
    }

    /// Hands files in, a few at once, and shows how far it is.
    static func add(
        _ files: [String], client: GatewayClient, collection: String, year: Int?, stdinName: String, wait: Bool
    ) async throws -> [Outcome] {
        var bar = ProgressBar("加入 adding", total: files.count)
        return await withTaskGroup(of: (Int, Outcome).self) { group in
            var outcomes = [Outcome?](repeating: nil, count: files.count)
            var next = 0
            func begin() {
                guard next < files.count else { return }
                let (number, file) = (next, files[next])
                next += 1
                group.addTask {
                    (
                        number,
                        await send(
                            file, client: client, collection: collection, year: year, stdinName: stdinName, wait: wait)
                    )
                }
            }
            for _ in 0..<concurrency { begin() }
            while let (number, outcome) = await group.next() {
                outcomes[number] = outcome
                bar.advance()
                begin()
            }
            return outcomes.compactMap { $0 }
        }
    }

    private struct Submitted: Decodable {
        let submission: String
        let state: SubmissionState?
    }

    private static func send(
        _ file: String, client: GatewayClient, collection: String, year: Int?, stdinName: String, wait: Bool
    ) async -> Outcome {
        let shown = file == "-" ? stdinName : file
        var outcome = Outcome(file: shown)
        do {
            let bytes = try read(file)
            var parameters = [("source", shown)]
            if wait { parameters.append(("wait", "searchable")) }
            if let year { parameters.append(("hint.year", "\(year)")) }
            let (_, submitted) = try await client.post(
                "/v1/collections/\(GatewayClient.encode(collection))/documents", parameters, body: bytes,
                contentType: mediaType(of: shown), as: Submitted.self)
            outcome.submission = submitted.submission
            outcome.stage = submitted.state?.stage.rawValue ?? "accepted"
            outcome.warnings = submitted.state?.warnings ?? []
            if let letter = submitted.state?.deadLetters.first {
                outcome.error = KuaibaoError(
                    ErrorCode(rawValue: letter.reason) ?? .unreadableDocument, "\(shown): \(letter.message)",
                    fix: "it is kept whole as a dead letter; see kuaibao dead-letters")
            }
        } catch {
            outcome.error = error as? KuaibaoError ?? KuaibaoError(.internal, "\(error)", fix: "report this")
        }
        return outcome
    }

    static func read(_ file: String) throws(KuaibaoError) -> [UInt8] {
        do {
            if file == "-" { return Array(try FileHandle.standardInput.readToEnd() ?? Data()) }
            return Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            throw KuaibaoError(.invalidRequest, "\(file) cannot be read", fix: "check the name and its permissions")
        }
    }

    /// The media type that a file's name suggests; nil lets the parser look at the bytes.
    static func mediaType(of name: String) -> String? {
        switch (name as NSString).pathExtension.lowercased() {
        case "html", "htm": "text/html"
        case "md", "markdown": "text/markdown"
        case "json": "application/json"
        case "ndjson", "jsonl": "application/x-ndjson"
        case "csv": "text/csv"
        case "xml", "rss", "atom": "application/xml"
        default: nil
        }
    }

    /// All regular files under the given paths, in order; hidden ones are left out.
    static func files(_ paths: [String]) throws(KuaibaoError) -> [String] {
        var result: [String] = []
        for path in paths {
            guard path != "-" else {
                result.append(path)
                continue
            }
            guard let kind = kind(of: path) else {
                throw KuaibaoError(.invalidRequest, "there is no file \(path)", fix: "check the name")
            }
            guard kind == .typeDirectory else {
                result.append(path)
                continue
            }
            let inside = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
            for name in inside.sorted() where !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
                let full = path + "/" + name
                if self.kind(of: full) == .typeRegular { result.append(full) }
            }
        }
        return result
    }

    /// What a path leads to; nil for nothing.
    private static func kind(of path: String) -> FileAttributeType? {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return try? FileManager.default.attributesOfItem(atPath: resolved)[.type] as? FileAttributeType
    }

    static func show(_ outcome: Outcome) {
        if let error = outcome.error {
            Terminal.write("\(Terminal.styled("✗", .bad)) \(outcome.file)  \(error.code.rawValue): \(error.message)")
            return
        }
        let warnings = outcome.warnings.isEmpty ? "" : "  " + outcome.warnings.joined(separator: ", ")
        Terminal.write(
            "\(Terminal.styled("✓", .good)) \(outcome.file)  \(outcome.stage ?? "")"
                + Terminal.styled(warnings, .dim))
    }
}
