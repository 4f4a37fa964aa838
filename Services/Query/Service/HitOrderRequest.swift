// How a request orders its hits: by relevance, by date, by a column of a declared collection, or by nearness.

import Schemas
import Geography
import Messages
import Records
import SearchCore

enum HitOrderRequest {
    /// - Throws: `invalidRequest` for a field that has no order, or more than one order.
    static func order(
        _ request: SearchRequest, _ schema: CollectionSchema, hidden: Set<String>
    ) throws(KuaibaoError) -> HitOrder {
        let given = [request.sort?.rawValue, request.order, request.near].compactMap(\.self)
        guard given.count <= 1 else {
            throw KuaibaoError(.invalidRequest, "more than one order", fix: "give one of sort, order and near")
        }
        if let near = request.near { return try distance(near, schema, hidden) }
        if let text = request.order {
            let isDescending = text.hasPrefix("-")
            let field = try column(String(isDescending ? text.dropFirst() : text[...]), schema, hidden)
            return field.type == .date
                ? .date(field: field.name, isDescending: isDescending)
                : .number(field: field.name, isDescending: isDescending)
        }
        let isDescending = request.sort == .newest
        guard let sort = request.sort, sort != .relevance else { return .relevance }
        return schema.dateField.map { .date(field: $0, isDescending: isDescending) }
            ?? .number(field: CollectionSchema.acceptedField, isDescending: isDescending)
    }

    private static func column(
        _ name: String, _ schema: CollectionSchema, _ hidden: Set<String>
    ) throws(KuaibaoError) -> FieldDeclaration {
        if let field = schema.declaration?.field(named: name), field.isSorted, field.type != .point,
            !hidden.contains(field.name)
        {
            return field
        }
        let known = (schema.declaration?.fields ?? []).filter {
            $0.isSorted && $0.type != .point && !hidden.contains($0.name)
        }
        throw KuaibaoError(
            .invalidRequest, "hits cannot be ordered by \"\(name.prefix(80))\"",
            fix: known.isEmpty
                ? "use sort" : "use one of: \(known.map(\.name).joined(separator: ", ")); - before it reverses")
    }

    /// `[field "@"] [system ":"] latitude "," longitude`
    private static func distance(
        _ text: String, _ schema: CollectionSchema, _ hidden: Set<String>
    ) throws(KuaibaoError) -> HitOrder {
        var rest = Substring(text)
        var name = schema.pointField
        if let sign = rest.firstIndex(of: "@") {
            name = schema.declaration?.field(named: String(rest[..<sign])).flatMap { $0.type == .point ? $0.name : nil }
            rest = rest[rest.index(after: sign)...]
        }
        guard let name, !hidden.contains(name) else {
            throw KuaibaoError(
                .invalidRequest, "there is no point field to be near to",
                fix: "ask a collection that has one, or write its name before an @")
        }
        var system = CoordinateSystem.wgs84
        if let colon = rest.firstIndex(of: ":") {
            guard let named = CoordinateSystem(rawValue: rest[..<colon].lowercased()) else {
                throw KuaibaoError(
                    .invalidRequest, "there is no system of coordinates \"\(rest[..<colon].prefix(80))\"",
                    fix: "use wgs84, gcj02 or bd09")
            }
            system = named
            rest = rest[rest.index(after: colon)...]
        }
        guard let point = PlaceText.pair(String(rest)), point.isValid else {
            throw KuaibaoError(
                .invalidRequest, "\"\(text.prefix(80))\" is no place", fix: "write 31.23,121.47, latitude first")
        }
        return .distance(field: name, from: system.toWGS84(point))
    }
}
