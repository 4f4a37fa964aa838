// A whole result set written as newline-delimited JSON or CSV.

import Foundation
import Messages
import Records

/// How an export is written.
enum ExportFormat: String, CaseIterable, Sendable {
    case ndjson
    case csv

    var mediaType: String {
        switch self {
        case .ndjson: "application/x-ndjson"
        case .csv: "text/csv; charset=utf-8; header=present"
        }
    }
}

/// One item of an export.
struct ExportedItem: Encodable, Sendable {
    /// The record of a declared collection; an export of those has nothing else.
    var record: ShownRecord?
    let id: String
    let document: String
    let file: String?
    let format: String
    let acceptedAt: Int64
    let item: Item
}

/// The pages of a result set as they are exported. A value: `advance` goes on.
struct ExportStream: Sendable {
    private let veil: Veil
    private var pages: ResultPages

    var kept: SnapshotKeeper.Kept { pages.kept }
    var total: Int { pages.total }
    var isLast: Bool { pages.isLast }

    /// The page's items as the reader may see them.
    var items: [ExportedItem] {
        pages.items.map {
            ExportedItem(
                record: $0.record.map { veil.shown(ShownRecord(values: $0.values), now: 0) },
                id: "\($0.document.identity)#\($0.item.ordinal)", document: $0.document.identity,
                file: $0.document.sourceAddress, format: $0.format, acceptedAt: $0.document.acceptedAt, item: $0.item)
        }
    }

    /// Reads the first page. - Throws: as `ResultPages`.
    init(_ request: SearchRequest, for principal: Principal, desk: SearchDesk) async throws {
        pages = try await ResultPages(request, for: principal, desk: desk)
        veil = pages.checked.veil
    }

    mutating func advance() async throws { try await pages.advance() }
}

/// Writes exported items as text.
enum ExportText {
    private static let columns = [
        "id", "date", "department", "sources", "districts", "title", "body", "file", "flags",
    ]

    /// What stands before the first item. CSV begins with a byte order mark, without which spreadsheets misread Chinese.
    ///
    /// - Parameter fields: the fields of a declared collection; nil for items.
    static func head(_ format: ExportFormat, _ fields: [String]?) -> [UInt8] {
        switch format {
        case .ndjson: []
        case .csv: [0xEF, 0xBB, 0xBF] + Array(((fields ?? columns).joined(separator: ",") + "\r\n").utf8)
        }
    }

    static func lines(_ items: [ExportedItem], _ format: ExportFormat, _ names: [String]?) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes: [UInt8] = []
        for item in items {
            if let names, let record = item.record {
                bytes += try line(record.values, format, names, encoder)
                continue
            }
            switch format {
            case .ndjson:
                bytes += try encoder.encode(item)
                bytes.append(10)
            case .csv: bytes += Array((fields(item).map(cell).joined(separator: ",") + "\r\n").utf8)
            }
        }
        return bytes
    }

    /// A record as it can be handed in again.
    private static func line(
        _ values: [String: JSONValue], _ format: ExportFormat, _ names: [String], _ encoder: JSONEncoder
    ) throws -> [UInt8] {
        switch format {
        case .ndjson: return try encoder.encode(values.mapValues(PlaceText.labelled)) + [10]
        case .csv:
            let cells = names.map { name -> String in
                switch values[name] ?? .null {
                // A number is no formula, whatever it begins with.
                case .integer, .number: "\"\(text(values[name] ?? .null))\""
                case let value: cell(text(value))
                }
            }
            return Array((cells.joined(separator: ",") + "\r\n").utf8)
        }
    }

    /// A value as a cell has it: lists with semicolons, places as latitude and longitude.
    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: return ""
        case .boolean(let isTrue): return isTrue ? "true" : "false"
        case .integer(let number): return "\(number)"
        case .number(let number): return "\(number)"
        case .string(let text): return text
        case .list(let values): return values.map(text).joined(separator: ";")
        case .object:
            if let latitude = value["lat"]?.double, let longitude = value["lon"]?.double {
                return "wgs84:\(latitude),\(longitude)"
            }
            return "wgs84:" + PlaceText.ring(ofChecked: value).map { "\($0.latitude),\($0.longitude)" }.joined(separator: ";")
        }
    }

    private static func fields(_ exported: ExportedItem) -> [String] {
        let item = exported.item
        return [
            exported.id, item.published?.value.text ?? "", item.department?.value ?? "",
            item.sources.map(\.value).joined(separator: "、"), item.districts.joined(separator: "、"), item.title,
            item.body, exported.file ?? "", item.flags.joined(separator: " "),
        ]
    }

    /// A cell in quotes (RFC 4180). One that a spreadsheet would take for a formula gets an apostrophe before it.
    static func cell(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
        return "\"" + (isFormula ? "'" : "") + text.replacing("\"", with: "\"\"") + "\""
    }
}
