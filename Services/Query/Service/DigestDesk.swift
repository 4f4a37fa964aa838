// A digest from request to bytes: find the items, compile, write.

import Schemas
import Digest
import Foundation
import Messages
import SearchCore
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

    /// How it is written; the office document's form is only a part of its file.
    var form: any DigestForm.Type {
        switch self {
        case .text: TextWriter.self
        case .markdown: MarkdownWriter.self
        case .html: HTMLWriter.self
        case .json: JSONWriter.self
        case .docx: DOCXWriter.self
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
    /// Items at most. Beyond `SearchDesk.Limits.hits` they are read twice, portion by portion.
    static let items = 0...DigestCompiler.mostItems
    /// Departments that a digest by department expects, the collection's most frequent ones.
    static let expectedDepartments = 30
    static let longestTitle = 200

    struct Request: Sendable {
        var search: SearchRequest
        /// Items at most, of the search's hits.
        var limit: Int
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

    /// A digest of at most `SearchDesk.Limits.hits` items.
    ///
    /// - Throws: as `SearchDesk.search`; `invalidRequest` for a title that is too long.
    func write(_ request: Request, for principal: Principal) async throws -> Written {
        try Self.check(request)
        let started = microseconds()
        var sought = request.search
        sought.limit = request.limit
        let found = try await search.items(sought, for: principal)
        let expected = try await expectedDepartments(request, for: principal)
        let fetched = microseconds()
        let items = try await found.items(on: threads)
        let read = microseconds()
        let options = Self.options(
            request, understood: found.understood, version: found.version, complete: found.complete,
            total: found.total, query: found.query, expected)
        let format = request.format
        let bytes = try await threads.run {
            let digest = DigestCompiler(options).compile(items)
            return format == .docx ? try DOCXWriter.file(digest) : Array(try format.form.write(digest).utf8)
        }
        let ended = microseconds()
        return Written(
            bytes: bytes, title: options.title,
            milliseconds: [
                ("search", Double(fetched - started) / 1000), ("read", Double(read - fetched) / 1000),
                ("compile", Double(ended - read) / 1000),
            ])
    }

    /// A digest of any number of items up to `items`, which is written while it is read by the client.
    ///
    /// - Throws: as `write`, `ResultPages`; `invalidRequest` for an office document of too many items.
    func stream(_ request: Request, for principal: Principal) async throws -> DigestStream {
        try Self.check(request)
        guard request.format != .docx else {
            throw KuaibaoError(
                .invalidRequest, "an office document of \(request.limit) items",
                fix: "ask for at most \(DOCXWriter.mostItems) items, or for text, markdown, html or json")
        }
        var sought = request.search
        sought.limit = nil
        let expected = try await expectedDepartments(request, for: principal)
        var pages = try await ResultPages(sought, for: principal, desk: search)
        var outline = DigestOutline([])
        var hits: [Hit] = []
        while true {
            let (items, room) = (pages.items, request.limit - hits.count)
            hits += pages.hits.prefix(room)
            let isLast = pages.isLast || hits.count >= request.limit
            // The next page comes while this one is looked at.
            async let outlined = threads.run { DigestOutline(items.prefix(room)) }
            if !isLast { try await pages.advance() }
            outline.append(try await outlined)
            if isLast { break }
        }
        let options = Self.options(
            request, understood: pages.checked.understood, version: pages.kept.snapshot.version, complete: true,
            total: pages.total, query: pages.checked.query, expected)
        let whole = outline
        let plan = try await threads.run { whole.plan(options) }
        return DigestStream(
            title: options.title, pages: pages, hits: hits, portions: DigestPortions(plan, request.format.form),
            threads: threads)
    }

    private static func check(_ request: Request) throws(KuaibaoError) {
        if let title = request.title, title.count > longestTitle {
            throw KuaibaoError(
                .invalidRequest, "a title of \(title.count) characters", fix: "give at most \(longestTitle) characters")
        }
    }

    private static func options(
        _ request: Request, understood: String, version: Int64, complete: Bool, total: Int, query: Query,
        _ expected: [String]
    ) -> DigestOptions {
        let asked = request.search.q ?? ""
        return DigestOptions(
            title: request.title ?? (asked.isEmpty ? "全部" : asked), query: understood, grouping: request.grouping,
            extent: request.extent, version: version, complete: complete, total: total, words: query.wantedWords,
            expectedDepartments: expected)
    }

    /// Of a digest by department, the departments that the whole collection has most of.
    private func expectedDepartments(_ request: Request, for principal: Principal) async throws -> [String] {
        let sought = request.search
        guard request.grouping == .department,
            try await search.keeper.snapshot(sought.collection).schema.facets.contains("department")
        else { return [] }
        let reply = try await search.search(
            SearchRequest(
                collection: sought.collection, query: .all, limit: 0, facets: ["department"],
                timeoutMilliseconds: sought.timeoutMilliseconds), for: principal)
        return (reply.facets?["department"] ?? []).prefix(Self.expectedDepartments).map(\.value)
    }
}

/// A planned digest that is read a second time, portion by portion. A value: `next` goes on.
struct DigestStream: Sendable {
    /// Items of a portion.
    static let portion = 200

    let title: String
    private let pages: ResultPages
    private let hits: [Hit]
    private var portions: DigestPortions
    private let threads: WorkThreads

    init(title: String, pages: ResultPages, hits: [Hit], portions: DigestPortions, threads: WorkThreads) {
        (self.title, self.pages, self.hits) = (title, pages, hits)
        (self.portions, self.threads) = (portions, threads)
    }

    /// The next piece of the text; nil after the last. - Throws: `unavailable` where an item cannot be read any more.
    mutating func next() async throws -> [UInt8]? {
        guard !portions.isFinished else { return nil }
        let items = try await pages.items(of: portions.wanted(Self.portion).map { hits[$0] })
        let before = portions
        let (text, after) = try await threads.run {
            var portions = before
            let text = try portions.write(items)
            return (Array(text.utf8), portions)
        }
        portions = after
        return text
    }
}
