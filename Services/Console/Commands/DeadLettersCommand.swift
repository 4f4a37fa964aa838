// `kuaibao dead-letters`: what could not be parsed, kept whole; list, show, retry, drop.

import ArgumentParser
import Foundation
import Messages

struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "未能解析的文件。 Documents that could not be parsed.")

    /// Entries asked for at once.
    private static let page = 1000

    @OptionGroup var gateway: GatewayOptions
    @Option(help: "集合。 Collection.") var collection = "bulletins"
    @Option(help: "显示一个的全部。 Submission to show in full.") var show: String?
    @Option(help: "重试的编号，或 all。 Submission to try again, or all.") var retry: String?
    @Option(help: "放弃的编号，或 all。 Submission to give up for good, or all.") var drop: String?
    @Option(help: "只限此原因，与 all 同用。 With all: only those given up for this reason, a code.") var reason: String?

    private struct DeadList: Decodable { let dead: [DeadDocumentSummary] }

    func validate() throws {
        guard [show, retry, drop].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("give one of --show, --retry and --drop")
        }
        guard reason == nil || retry == "all" || drop == "all" else {
            throw ValidationError("--reason goes with --retry all or --drop all")
        }
    }

    func run() async throws {
        let client = try gateway.client()
        if let retry { return try await change("retry", retry, client) }
        if let drop { return try await change("drop", drop, client) }
        if let show {
            let found = try await all(client, from: SubmissionID(show)?.rawOffset ?? 0, limit: 1)
            guard let entry = found.first(where: { $0.submission == show }) else {
                throw KuaibaoError(
                    .notFound, "there is no dead letter \"\(show)\"", fix: "kuaibao dead-letters lists them")
            }
            return try describe(entry)
        }
        if gateway.json {
            let path = "/v1/collections/\(GatewayClient.encode(collection))/dead-letters"
            return Terminal.write(try await client.get(path, [("limit", "\(Self.page)")], as: DeadList.self).bytes)
        }
        let dead = try await all(client)
        for entry in dead {
            let name = entry.description.sourceAddress ?? entry.description.identity
            Terminal.write("\(Terminal.styled(entry.submission, .bold))  \(name)  \(entry.byteCount) bytes")
            for letter in entry.deadLetters { Terminal.write("   \(letter.reason): \(letter.message)") }
        }
        Terminal.write(Terminal.styled("共 \(dead.count) dead letters", .dim))
    }

    /// Retries or drops one, or all that there are now.
    private func change(_ verb: String, _ which: String, _ client: GatewayClient) async throws {
        guard which == "all" else {
            _ = try await client.post("/v1/submissions/\(GatewayClient.encode(which))/\(verb)", as: SubmissionState.self)
            return Terminal.write("\(verb) \(which)")
        }
        struct ManyDead: Decodable {
            let changed: Int
            let next: Int64?
        }
        var changed = 0
        var from: Int64? = 0
        while let start = from {
            let done = try await client.post(
                "/v1/collections/\(GatewayClient.encode(collection))/dead-letters/\(verb)",
                [("from", "\(start)")] + (reason.map { [("reason", $0)] } ?? []), as: ManyDead.self
            ).value
            changed += done.changed
            from = done.next
        }
        Terminal.write("\(verb) 共 \(changed)")
    }

    /// Dead letters in order, page by page.
    private func all(
        _ client: GatewayClient, from first: Int64 = 0, limit: Int = .max
    ) async throws -> [DeadDocumentSummary] {
        var found: [DeadDocumentSummary] = []
        var from = first
        while found.count < limit {
            let page = try await client.get(
                "/v1/collections/\(GatewayClient.encode(collection))/dead-letters",
                [("from", "\(from)"), ("limit", "\(min(limit, Self.page))")], as: DeadList.self
            ).value.dead
            found += page
            guard let last = page.last.flatMap({ SubmissionID($0.submission) }) else { break }
            from = last.rawOffset + 1
        }
        return found
    }

    private func describe(_ entry: DeadDocumentSummary) throws {
        if gateway.json { return Terminal.write([UInt8](try JSONEncoder().encode(entry)) + [0x0A]) }
        let description = entry.description
        Terminal.write(Terminal.styled(entry.submission, .bold))
        let rows: [(String, String?)] = [
            ("标识 identity", description.identity), ("来源 source", description.sourceAddress),
            ("类型 content type", description.contentType),
            ("提示 hints", description.hints.isEmpty ? nil : "\(description.hints)"), ("大小 bytes", "\(entry.byteCount)"),
            ("接收 accepted", Self.date(description.acceptedAt)), ("放弃 given up", Self.date(entry.diedAt)),
            ("重试 retries", "\(entry.retries)"),
        ]
        for (name, value) in rows where value != nil { Terminal.write("  \(name)  \(value ?? "")") }
        for letter in entry.deadLetters {
            Terminal.write("  \(letter.reason)  \(letter.message)  (\(letter.attempts) attempts)")
        }
    }

    private static func date(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).ISO8601Format()
    }
}
