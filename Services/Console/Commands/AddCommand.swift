// `kuaibao add`: hands files in and tells what was made of them.

import ArgumentParser
import Foundation
import Glibc
import Messages

struct AddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "加入文件、文件夹或压缩包。 Add files, folders and archives.",
        discussion: """
            压缩包 zip、tar、gz、zst 与网页存档 warc 逐个成员加入。 Members of zip, tar, gz, zst and pages of WARC are added one by one.
            例 Examples:
              kuaibao add 通报.txt news/ '2022/*.html' 档案.zip crawl.warc.gz
              cat page.html | kuaibao add - --name page.html
            """)

    /// Files on their way at once.
    private static let concurrency = 4

    @OptionGroup var gateway: GatewayOptions
    @Option(help: "集合。 Collection.") var collection = "bulletins"
    @Option(help: "年份提示。 The year, where the text has none.") var year: Int?
    @Option(help: "CSV 或 JSON 各列的含义：公告标题=title,发布单位=department。 What columns are: title, body, published, source, department, none.")
    var fields: String?
    @Option(help: "标准输入的名字。 Name of what comes from standard input.") var name = "stdin"
    @Flag(inversion: .prefixedNo, help: "等到可检索。 Wait until it can be found.") var wait = true
    @Flag(help: "跳过内容相同且加入过的。 Skip what was added before with the same content.") var newOnly = false
    @Argument(help: "文件、文件夹、通配符、压缩包，- 表示标准输入。 Files, folders, patterns, archives, or - for standard input.") var paths:
        [String]

    /// What became of one file.
    struct Outcome: Codable, Sendable {
        var file: String
        var submission: String?
        var stage: String?
        /// True where the same content had been added before and nothing was stored.
        var isUnchanged: Bool?
        /// True where the collection had a document of this identity, whose items the new ones supersede; nil where that could
        /// not be asked (a key without the scope search).
        var isSuperseding: Bool?
        var items: Int?
        /// How many records it had, in a declared collection.
        var records: Int?
        var warnings: [String] = []
        var error: KuaibaoError?
    }

    func validate() throws {
        if let year, !(1900...2100).contains(year) { throw ValidationError("--year is \(year); use 1900 to 2100") }
    }

    func run() async throws {
        if let fields { _ = try FieldMapping(fields) }
        let files = try Self.files(paths)
        guard !files.isEmpty else {
            throw KuaibaoError(
                .invalidRequest, "there is no file in \(paths.joined(separator: ", "))", fix: "name files, or a folder that has some")
        }
        let outcomes = await Self.add(
            files, client: try gateway.client(),
            options: Options(
                collection: collection, year: year, fields: fields, stdinName: name, wait: wait, newOnly: newOnly))
        if gateway.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            Terminal.write(Array(try encoder.encode(outcomes)) + [10])
        } else {
            for outcome in outcomes { Self.show(outcome) }
            if outcomes.count > 1 { Terminal.write(Self.summary(outcomes)) }
        }
        if let failed = outcomes.compactMap(\.error).first { throw failed }
    }

    /// How documents are handed in.
    struct Options: Sendable {
        var collection = "bulletins"
        var year: Int?
        /// See `FieldMapping`.
        var fields: String?
        var stdinName = "stdin"
        var wait = true
        var newOnly = false
    }

    /// Hands documents in, a few at once, and shows how far it is.
    static func add(_ files: [String], client: GatewayClient, options: Options) async -> [Outcome] {
        let sizes = files.map { (try? FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int) ?? 0 }
        var bar = AddProgress("加入 adding", totalBytes: sizes.reduce(0, +))
        var inputs = AddInputs(files: files, stdinName: options.stdinName)
        var outcomes: [Outcome?] = []
        await withTaskGroup(of: (Int, Outcome).self) { group in
            var running = 0
            while true {
                while running < concurrency, let step = inputs.step() {
                    let number = outcomes.count
                    outcomes.append(nil)
                    switch step {
                    case .failure(let name, let error): outcomes[number] = Outcome(file: name, error: error)
                    case .input(let input):
                        running += 1
                        group.addTask { (number, await send(input, client: client, options: options)) }
                    }
                }
                guard let (number, outcome) = await group.next() else { break }
                running -= 1
                outcomes[number] = outcome
                bar.advance(toBytes: inputs.bytesDone)
            }
        }
        bar.finish()
        if inputs.skipped > 0 { Terminal.note("略过 skipped \(inputs.skipped) members that are no documents") }
        return outcomes.compactMap { $0 }
    }

    private struct Submitted: Decodable {
        let submission: String
        let isDuplicate: Bool
        let state: SubmissionState?
        let records: Int?
        let version: Int64?
    }

    static func send(_ input: AddInput, client: GatewayClient, options: Options, key: String? = nil) async -> Outcome {
        var outcome = Outcome(file: input.name)
        do {
            var parameters = [("source", input.name)]
            if options.wait { parameters.append(("wait", "searchable")) }
            if let year = options.year { parameters.append(("hint.year", "\(year)")) }
            if let fields = options.fields { parameters.append(("hint.fields", fields)) }
            if let key = key ?? (options.newOnly ? contentKey(input, options) : nil) { parameters.append(("key", key)) }
            let hadOne = await isKnown(input.name, client, options.collection)
            let (_, submitted) = try await client.post(
                "/v1/collections/\(GatewayClient.encode(options.collection))/documents", parameters, body: input.bytes,
                contentType: input.contentType, as: Submitted.self)
            outcome.submission = submitted.submission
            outcome.isUnchanged = submitted.isDuplicate
            outcome.isSuperseding = submitted.isDuplicate ? nil : hadOne
            outcome.records = submitted.records
            let isFound = submitted.records != nil && submitted.version != nil
            outcome.stage = submitted.state?.stage.rawValue ?? (isFound ? "searchable" : "accepted")
            outcome.warnings = submitted.state?.warnings ?? []
            if let letter = submitted.state?.deadLetters.first {
                outcome.error = KuaibaoError(
                    ErrorCode(rawValue: letter.reason) ?? .unreadableDocument, "\(input.name): \(letter.message)",
                    fix: "it is kept whole as a dead letter; see kuaibao dead-letters")
            }
        } catch {
            outcome.error = error as? KuaibaoError ?? KuaibaoError(.internal, "\(error)", fix: "report this")
        }
        return outcome
    }

    /// Whether the collection has a document of this identity; nil where the answer does not come or may not be asked for.
    private static func isKnown(_ identity: String, _ client: GatewayClient, _ collection: String) async -> Bool? {
        do {
            _ = try await client.get(
                "/v1/collections/\(GatewayClient.encode(collection))/documents/\(GatewayClient.encode(identity))")
            return true
        } catch {
            return (error as? KuaibaoError)?.code == .notFound ? false : nil
        }
    }

    /// Names a submission by what it says, so that the same again changes nothing: identity, hints and content.
    private static func contentKey(_ input: AddInput, _ options: Options) -> String {
        let hints = (options.year.map(String.init) ?? "") + (options.fields.map { "|" + $0 } ?? "")
        return "content/" + ContentKey.hash([input.name, input.contentType ?? "", hints], input.bytes)
    }

    static func read(_ file: String) throws(KuaibaoError) -> [UInt8] {
        do {
            if file == "-" { return Array(try FileHandle.standardInput.readToEnd() ?? Data()) }
            return Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            if kind(of: file) == .typeDirectory {
                throw KuaibaoError(.invalidRequest, "\(file) is a folder", fix: "name a file in it")
            }
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
        case "pdf": "application/pdf"
        case "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        case "warc": "application/warc"
        default: nil
        }
    }

    /// All regular files under the given paths, in order; hidden ones are left out.
    static func files(_ paths: [String]) throws(KuaibaoError) -> [String] {
        var result: [String] = []
        for path in paths.map(plain) {
            guard path != "-" else {
                result.append(path)
                continue
            }
            guard !path.isEmpty else {
                throw KuaibaoError(.invalidRequest, "a file without a name", fix: "name a file or a folder")
            }
            guard let kind = kind(of: path) else {
                let matches = matches(path)
                if !matches.isEmpty {
                    result += try files(matches)
                    continue
                }
                throw KuaibaoError(.invalidRequest, "there is no file \(path)", fix: "check the name")
            }
            guard kind == .typeDirectory else {
                result.append(path)
                continue
            }
            let inside = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
            for name in inside.sorted() where !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
                let full = path == "." ? name : path + "/" + name
                if self.kind(of: full) == .typeRegular { result.append(full) }
            }
        }
        return result
    }

    /// One spelling for each file, since a document is known by its name: `./news//a.txt`, `news/../news/a.txt` and the absolute
    /// path are `news/a.txt` in the folder that has `news`.
    static func plain(_ path: String) -> String {
        guard path != "-", !path.isEmpty else { return path }
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            // A symbolic link may lead elsewhere than up and down again.
            if part == "..", let last = parts.last, last != "..", !isLink((path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")) {
                parts.removeLast()
            } else {
                parts.append(part)
            }
        }
        let joined = (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
        let here = FileManager.default.currentDirectoryPath + "/"
        let result = joined.hasPrefix(here) ? String(joined.dropFirst(here.count)) : joined
        return result.isEmpty ? "." : result
    }

    private static func isLink(_ path: String) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeSymbolicLink
    }

    /// What a path leads to; nil for nothing.
    private static func kind(of path: String) -> FileAttributeType? {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return try? FileManager.default.attributesOfItem(atPath: resolved)[.type] as? FileAttributeType
    }

    /// Files that a pattern with `*`, `?` or `[…]` names, sorted; none for a name that is no pattern.
    private static func matches(_ pattern: String) -> [String] {
        guard pattern.contains(where: { "*?[".contains($0) }) else { return [] }
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(pattern, GLOB_TILDE, nil, &found) == 0 else { return [] }
        let count = unsafe Int(found.gl_pathc)
        return (0..<count).compactMap { index in
            unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
        }
    }

    /// How many were added, superseded what was there, were unchanged and refused.
    static func summary(_ outcomes: [Outcome]) -> String {
        let refused = outcomes.count { $0.error != nil }
        let unchanged = outcomes.count { $0.error == nil && $0.isUnchanged == true }
        let superseding = outcomes.count { $0.error == nil && $0.isSuperseding == true }
        let added = outcomes.count - refused - unchanged - superseding
        return Terminal.styled("加入 added \(added) · 替换 superseded \(superseding) · 未变 unchanged \(unchanged) · 拒收 refused \(refused)", .bold)
    }

    static func show(_ outcome: Outcome) {
        if let error = outcome.error {
            Terminal.write("\(Terminal.styled("✗", .bad)) \(outcome.file)  \(error.code.rawValue): \(error.message)")
            return
        }
        let warnings = outcome.warnings.isEmpty ? "" : "  " + outcome.warnings.joined(separator: ", ")
        Terminal.write(
            "\(Terminal.styled("✓", .good)) \(outcome.file)  \(outcome.isUnchanged == true ? "未变 unchanged" : outcome.stage ?? "")"
                + (outcome.isSuperseding == true ? "  替换 superseded" : "")
                + (outcome.records.map { "  \($0) 条记录 records" } ?? "")
                + Terminal.styled(warnings, .dim))
    }
}
