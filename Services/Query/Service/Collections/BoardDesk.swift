// A live board: how many records there are by area (or any other facet), how many are expected, and the coverage.
//
// Reported are the records of a query, counted by a field; expected are the records of another collection, the units that
// are to report, counted by the same field. A stream sends the board at once and again whenever a number has changed: it
// looks as soon as the gateway sees a new version, which is within its poll of the news.

import Foundation
import HTTPTypes
import Hummingbird
import Messages
import NIOCore
import ServiceKit
import Synchronization

/// Numbers by area.
struct Board: Codable, Sendable, Hashable {
    struct Row: Codable, Sendable, Hashable {
        let area: String
        let reported: Int
        /// Absent where nothing says how many are expected.
        let expected: Int?
        /// `reported / expected`; absent where none is expected.
        let coverage: Double?

        init(area: String, reported: Int, expected: Int?) {
            self.area = area
            self.reported = reported
            self.expected = expected
            coverage = expected.flatMap { $0 > 0 ? Double(reported) / Double($0) : nil }
        }
    }

    let collection: String
    let by: String
    /// The collection's version that was counted.
    var version: Int64
    /// True when every segment was counted.
    let complete: Bool
    let total: Row
    /// The areas with most reports first; areas that are expected and have none too.
    let rows: [Row]
    /// When it was counted: milliseconds since 1970, UTC.
    var at: Int64
}

/// Counts boards, and streams them.
final class BoardDesk: Sendable {
    /// How often a stream looks for a new version, in milliseconds.
    static let lookMilliseconds = 25
    /// Silence after which a stream says that it lives, in milliseconds.
    static let quietMilliseconds: Int64 = 15_000
    /// Streams at once.
    static let streamLimit = 256

    struct Request: Sendable {
        var collection: String
        var q: String
        var by: String
        /// The collection of those that are to report.
        var expected: String?
        var expectedQuery: String
    }

    private let search: SearchDesk
    /// Whether the gateway stops.
    private let isClosing: @Sendable () async -> Bool
    private let streams = Mutex(0)

    init(search: SearchDesk, isClosing: @escaping @Sendable () async -> Bool) {
        self.search = search
        self.isClosing = isClosing
    }

    var streamCount: Int { streams.withLock { $0 } }

    /// - Throws: what a search throws; `notAllowed` for an expected collection that the principal may not see.
    func board(_ request: Request, for principal: Principal) async throws -> Board {
        let reported = try await count(request.collection, request.q, by: request.by, for: principal)
        var wanted: (total: Int, counts: [String: Int], complete: Bool)?
        if let expected = request.expected {
            try principal.require(.search, collection: expected)
            let reply = try await count(expected, request.expectedQuery, by: request.by, for: principal)
            wanted = (reply.total, Self.counts(reply, request.by), reply.complete)
        }
        let counts = Self.counts(reported, request.by)
        let areas = Set(counts.keys).union((wanted?.counts ?? [:]).keys)
        let rows = areas.map { area in
            Board.Row(area: area, reported: counts[area] ?? 0, expected: wanted.map { $0.counts[area] ?? 0 })
        }.sorted { ($1.reported, $0.area) < ($0.reported, $1.area) }
        return Board(
            collection: request.collection, by: request.by, version: reported.version,
            complete: reported.complete && wanted?.complete ?? true,
            total: Board.Row(area: "", reported: reported.total, expected: wanted?.total), rows: rows, at: search.wall()
        )
    }

    private func count(
        _ collection: String, _ query: String, by field: String, for principal: Principal
    ) async throws -> SearchReply {
        try await search.search(
            SearchRequest(collection: collection, q: query, limit: 0, facets: [field]), for: principal)
    }

    private static func counts(_ reply: SearchReply, _ field: String) -> [String: Int] {
        Dictionary((reply.facets?[field] ?? []).map { ($0.value, $0.count) }, uniquingKeysWith: { first, _ in first })
    }

    /// A stream of boards as server-sent events; the first one is counted before the answer's head is sent.
    ///
    /// - Throws: as `board`; `busy` where too many streams are open.
    func events(_ request: Request, for principal: Principal) async throws -> Response {
        let first = try await board(request, for: principal)
        let isTaken = streams.withLock { count in
            guard count < Self.streamLimit else { return false }
            count += 1
            return true
        }
        guard isTaken else {
            throw KuaibaoError(
                .busy, "\(Self.streamLimit) streams are open", fix: "close one, or ask for the board itself")
        }
        let body = ResponseBody { writer in
            defer { self.streams.withLock { $0 -= 1 } }
            try await self.write(first, request, principal, to: &writer)
            try await writer.finish(nil)
        }
        var headers = HTTPFields()
        headers[.contentType] = "text/event-stream; charset=utf-8"
        headers[.cacheControl] = "no-cache"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Writes until the reader goes away, the collection ends or the gateway stops.
    private func write(
        _ first: Board, _ request: Request, _ principal: Principal, to writer: inout any ResponseBodyWriter
    ) async throws {
        var last = first
        var seen = try await versions(of: request)
        try await writer.write(Self.event(first))
        var spoke = search.monotonic()
        while !Task.isCancelled {
            try await Task.sleep(for: .milliseconds(Self.lookMilliseconds))
            if await isClosing() {
                return try await writer.write(ByteBuffer(string: "event: end\ndata: stopping\n\n"))
            }
            let now = try await versions(of: request)
            if now != seen {
                seen = now
                let next = try await board(request, for: principal)
                var same = next
                same.version = last.version
                same.at = last.at
                if same != last {
                    last = next
                    try await writer.write(Self.event(next))
                    spoke = search.monotonic()
                }
            }
            if search.monotonic() - spoke > Self.quietMilliseconds {
                try await writer.write(ByteBuffer(string: ": quiet\n\n"))
                spoke = search.monotonic()
            }
        }
    }

    private func versions(of request: Request) async throws -> [Int64] {
        var versions = [try await search.keeper.snapshot(request.collection).snapshot.version]
        if let expected = request.expected {
            versions.append(try await search.keeper.snapshot(expected).snapshot.version)
        }
        return versions
    }

    private static func event(_ board: Board) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = String(decoding: try encoder.encode(board), as: UTF8.self)
        return ByteBuffer(string: "id: \(board.version)\nevent: board\ndata: \(data)\n\n")
    }
}
