// A digest from request to bytes: find the items, compile, write.

import Schemas
import Digest
import Foundation
import Messages
import ServiceKit

/// The forms in which a digest is written.
enum DigestFormat: String, CaseIterable, Sendable {
    case text, markdown, html, json, docx

    var mediaType: String {
        switch self {
        case .text: "text/plain; charset=utf-8"
        case .markdown: "text/markdown; charset=utf-8"
        case .html: "text/html; charset=utf-8"
        case .json: "application/json; charset=utf-8"
        case .docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        }
    }

    /// Without its character set.
    var plainMediaType: String { String(mediaType.prefix { $0 != ";" }) }

    var suffix: String {
        switch self {
        case .text: "txt"
        case .markdown: "md"
        default: rawValue
        }
    }
}

/// Compiles digests of what searches find.
struct DigestDesk: Sendable {
    /// Items of a digest unless the request says otherwise.
    static let usualItems = 200
    /// Departments that a digest by department expects, the collection's most frequent ones.
    static let expectedDepartments = 30
    static let longestTitle = 200

    struct Request: Sendable {
        var search: SearchRequest
        var title: String?
        var grouping: DigestGrouping
        var extent: DigestExtent
        var format: DigestFormat
    }

    struct Written: Sendable {
        let bytes: [UInt8]
        let title: String
        let milliseconds: [(name: String, value: Double)]
    }

    let search: SearchDesk
    let threads: WorkThreads
    let microseconds: @Sendable () -> Int64

    /// - Throws: as `SearchDesk.search`; `invalidRequest` for a title that is too long.
    func write(_ request: Request, for principal: Principal) async throws -> Written {
        if let title = request.title, title.count > Self.longestTitle {
            throw KuaibaoError(
                .invalidRequest, "a title of \(title.count) characters",
                fix: "give at most \(Self.longestTitle) characters")
        }
        let started = microseconds()
        let found = try await search.items(request.search, for: principal)
        let expected = request.grouping == .department ? try await departments(request.search, for: principal) : []
        let fetched = microseconds()
        let items = try await found.items(on: threads)
        let read = microseconds()
        let asked = request.search.q ?? ""
        let options = DigestOptions(
            title: request.title ?? (asked.isEmpty ? "全部" : asked), query: found.understood,
            grouping: request.grouping, extent: request.extent, version: found.version, complete: found.complete,
            total: found.total, words: found.query.wantedWords, expectedDepartments: expected)
        let format = request.format
        let bytes = try await threads.run {
            let digest = DigestCompiler(options).compile(items)
            return try Self.bytes(of: digest, format)
        }
        let ended = microseconds()
        return Written(
            bytes: bytes, title: options.title,
            milliseconds: [
                ("search", Double(fetched - started) / 1000), ("read", Double(read - fetched) / 1000),
                ("compile", Double(ended - read) / 1000),
            ])
    }

    private static func bytes(of digest: Digest, _ format: DigestFormat) throws -> [UInt8] {
        switch format {
        case .text: return Array(TextWriter.write(digest).utf8)
        case .markdown: return Array(MarkdownWriter.write(digest).utf8)
        case .html: return Array(HTMLWriter.write(digest).utf8)
        case .docx: return DOCXWriter.write(digest)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(digest)) + [UInt8(ascii: "\n")]
        }
    }

    /// The departments that the whole collection has most of.
    private func departments(_ request: SearchRequest, for principal: Principal) async throws -> [String] {
        guard try await search.keeper.snapshot(request.collection).schema.facets.contains("department") else {
            return []
        }
        let reply = try await search.search(
            SearchRequest(
                collection: request.collection, query: .all, limit: 0, facets: ["department"],
                timeoutMilliseconds: request.timeoutMilliseconds), for: principal)
        return (reply.facets?["department"] ?? []).prefix(Self.expectedDepartments).map(\.value)
    }
}
