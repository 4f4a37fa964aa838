// The analyst's part of the HTTP API: digests and figures.

import Digest
import Foundation
import HTTPTypes
import Hummingbird
import Messages
import NIOCore
import SearchCore
import ServiceKit

extension APIEndpoints {
    static let desk = [
        Endpoint(
            name: "digest", method: .get, path: "/v1/collections/{collection}/digest", scope: .search,
            summary: "What a query finds, compiled: grouped, without duplicates, every line with its source.",
            parameters: [
                .init(name: "q", kind: .text, summary: "The query as text; everything unless given."),
                .init(name: "by", kind: choices(DigestGrouping.self), summary: "The headings; date unless given."),
                .init(name: "format", kind: choices(DigestFormat.self), summary: "The form; text unless given."),
                .init(
                    name: "text", kind: choices(DigestExtent.self), summary: "How much of each text; body unless given."
                ),
                .init(name: "title", kind: .text, summary: "At most 200 characters; the query unless given."),
                .init(
                    name: "limit", kind: .integer(DigestDesk.items),
                    summary:
                        "Items at most; \(DigestDesk.usualItems) unless given. Of more than \(SearchDesk.Limits.hits.upperBound) the text comes in pieces; not as docx."
                ),
                .init(name: "sort", kind: choices(RequestedOrder.self), summary: "Which items come first."),
                .init(
                    name: "timeout", kind: .integer(SearchDesk.Limits.timeoutMilliseconds),
                    summary: "Milliseconds allowed; 5000 unless given."),
                .init(name: "download", kind: .flag, summary: "Answers as a file to save."),
            ],
            answers: DigestFormat.allCases.map {
                .init(
                    status: 200, mediaType: $0.plainMediaType, schema: $0 == .json ? "Digest" : nil,
                    summary: "The digest.")
            }, errors: errors),
        Endpoint(
            name: "figures", method: .get, path: "/v1/collections/{collection}/figures", scope: .search,
            summary: "The figures that a query names, with date, place, sentence and item.",
            parameters: [
                .init(name: "q", kind: .text, summary: "The query as text, for example 复工率>70%."),
                .init(
                    name: "limit", kind: .integer(SearchDesk.Limits.hits),
                    summary: "Items to read at most; \(FigureDesk.usualItems) unless given."),
                .init(name: "all", kind: .flag, summary: "Shows all figures of the items."),
                .init(
                    name: "timeout", kind: .integer(SearchDesk.Limits.timeoutMilliseconds),
                    summary: "Milliseconds allowed; 5000 unless given."),
            ],
            answers: [.init(status: 200, mediaType: "application/json", schema: "FigureTable", summary: "The table.")],
            errors: errors),
    ]

    private static let errors: [ErrorCode] = [
        .invalidQuery, .queryTooComplex, .unknownCollection, .conflict, .notReady, .unavailable, .deadlineExceeded,
        .corrupt,
    ]

    private static func choices<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type
    ) -> Endpoint.Parameter.Kind where Choice.RawValue == String { .choice(Choice.allCases.map(\.rawValue)) }
}

extension HTTPRoutes {
    static func desk(_ desks: Desks) -> [String: Route.Handler] {
        [
            "digest": { call in
                let parameters = call.parameters
                let format = try parameters.choice("format", DigestFormat.self) ?? .text
                let request = DigestDesk.Request(
                    search: SearchRequest(
                        collection: call.collection, q: parameters["q"] ?? "",
                        sort: try parameters.choice("sort", RequestedOrder.self),
                        timeoutMilliseconds: try parameters.integer("timeout")),
                    limit: try parameters.integer("limit") ?? DigestDesk.usualItems, title: parameters["title"],
                    grouping: try parameters.choice("by", DigestGrouping.self) ?? .date,
                    extent: try parameters.choice("text", DigestExtent.self) ?? .body, format: format)
                let isDownload = try parameters.flag("download") ?? (format == .docx)
                guard SearchDesk.Limits.hits.contains(request.limit) else {
                    let stream = try await desks.digest.stream(request, for: call.principal)
                    let body = ResponseBody { writer in
                        var stream = stream
                        while let piece = try await stream.next() { try await writer.write(ByteBuffer(bytes: piece)) }
                        try await writer.finish(nil)
                    }
                    return file(
                        Response(status: .ok, headers: [.contentType: format.mediaType], body: body),
                        name: "汇编 \(stream.title).\(format.suffix)", isDownload: isDownload)
                }
                let written = try await desks.digest.write(request, for: call.principal)
                var response = file(
                    HTTPAnswers.respond(written.bytes, type: format.mediaType, status: .ok),
                    name: "汇编 \(written.title).\(format.suffix)", isDownload: isDownload)
                if let timing = HTTPField.Name("Server-Timing") {
                    response.headers[timing] = written.milliseconds.map { "\($0.name);dur=\($0.value)" }.joined(
                        separator: ", ")
                }
                return response
            },
            "figures": { call in
                let table = try await desks.figures.table(
                    SearchRequest(
                        collection: call.collection, q: call.parameters["q"] ?? "",
                        limit: try call.parameters.integer("limit") ?? FigureDesk.usualItems,
                        timeoutMilliseconds: try call.parameters.integer("timeout")),
                    isAll: try call.parameters.flag("all") ?? false, for: call.principal)
                return HTTPAnswers.json(table)
            },
        ]
    }

    /// A written file: to be shown, or to be saved under its name (RFC 6266). A page in it can run nothing.
    private static func file(_ written: Response, name: String, isDownload: Bool) -> Response {
        var response = written
        let safe = name.map { "/\\:*?\"<>|".contains($0) || $0.isNewline ? "-" : $0 }
        let plain = CharacterSet.alphanumerics.intersection(ascii)
        let encoded = String(safe).addingPercentEncoding(withAllowedCharacters: plain) ?? ""
        response.headers[.contentDisposition] = "\(isDownload ? "attachment" : "inline"); filename*=UTF-8''\(encoded)"
        response.headers[.contentSecurityPolicy] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    private static let ascii = CharacterSet(charactersIn: Unicode.Scalar(0)...Unicode.Scalar(127))
}
