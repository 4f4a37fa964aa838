// A whole result set, page by page, on one version: newline-delimited JSON or CSV.
//
// The first page is read before the answer's head is sent, so that a wrong query gets its error. If a later page cannot
// be read whole, the connection is closed before the end of the body: a client sees a broken transfer, never a short list
// that looks whole.

import Foundation
import Messages
import Records
import SearchCore

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

/// Reads a result set in pages. A value: `next` returns the rest.
struct ExportStream: Sendable {
    static let pageHits = 500
    /// How long one page may take, in milliseconds.
    static let pageMilliseconds: Int64 = 30_000

    let desk: SearchDesk
    private let veil: Veil
    let kept: SnapshotKeeper.Kept
    let total: Int
    private var plan: SearchPlan
    private(set) var items: [ExportedItem]
    private(set) var isLast: Bool

    /// Reads the first page.
    ///
    /// - Throws: what a search throws, and `unavailable` where a segment was not searched.
    init(_ request: SearchRequest, for principal: Principal, desk: SearchDesk) async throws {
        var kept = try await desk.keeper.snapshot(request.collection)
        let checked = try desk.check(request, kept.schema, for: principal)
        let veil = checked.veil
        var plan = checked.plan
        plan.limit = Self.pageHits
        plan.facets = []
        plan.histogramField = nil
        var page: (partial: PartialResult, items: [ExportedItem])
        do {
            page = try await Self.page(&plan, kept, desk, veil)
        } catch let error as KuaibaoError where error.code == .conflict {
            kept = try await desk.newerSnapshot(than: kept)
            plan.statistics = nil
            page = try await Self.page(&plan, kept, desk, veil)
        }
        await desk.keeper.pin(kept)
        self.desk = desk
        self.veil = veil
        self.kept = kept
        self.plan = plan
        total = page.partial.total
        items = page.items
        isLast = page.partial.hits.count < Self.pageHits
        self.plan.after = page.partial.hits.last?.place
        self.plan.total = .atLeast
    }

    /// Goes on to the next page.
    mutating func advance() async throws {
        let page = try await Self.page(&plan, kept, desk, veil)
        items = page.items
        isLast = page.partial.hits.count < Self.pageHits
        plan.after = page.partial.hits.last?.place
    }

    private static func page(
        _ plan: inout SearchPlan, _ kept: SnapshotKeeper.Kept, _ desk: SearchDesk, _ veil: Veil
    ) async throws -> (partial: PartialResult, items: [ExportedItem]) {
        let deadline = desk.monotonic() + pageMilliseconds
        var missing: Set<Int> = []
        if plan.statistics == nil {
            plan.statistics = try await desk.statistics(of: plan.query, kept, deadline, missing: &missing)
        }
        let show = HitShow(marking: .all, snippetCharacters: 0, explains: false, collapses: false)
        let gathered = try await desk.link.scatter(
            .search(plan, isWhole: false, passOver: 0, show: show), over: kept, deadline: deadline)
        missing.formUnion(gathered.missing)
        var parts: [PartialResult] = []
        for case .search(let part, _) in gathered.outcomes { parts.append(part) }
        let merged = PartialResult.merge(parts, limit: plan.limit)
        var items: [HitReference: StoredItem] = [:]
        if !merged.hits.isEmpty {
            let fetched = try await desk.link.scatter(
                .items(merged.hits.map(\.reference)), over: kept, parts: kept.places(of: merged.hits),
                deadline: deadline)
            missing.formUnion(fetched.missing)
            for case .items(let part) in fetched.outcomes {
                for entry in part { items[entry.reference] = try entry.item() }
            }
        }
        guard missing.isEmpty else {
            throw KuaibaoError(.unavailable, "not every segment could be read", fix: "export again; see /v1/status")
        }
        return (
            merged,
            merged.hits.compactMap { items[$0.reference] }.map {
                ExportedItem(
                    record: $0.record.map { veil.shown(ShownRecord(values: $0.values), now: 0) },
                    id: "\($0.document.identity)#\($0.item.ordinal)", document: $0.document.identity,
                    file: $0.document.sourceAddress, format: $0.format, acceptedAt: $0.document.acceptedAt,
                    item: $0.item)
            }
        )
    }
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
