// The figures that a query names, as a table.
//
// A word of the query may name an indicator or the topic of an item. So items are looked for that have the word or state a
// figure of it, and of their figures those are shown whose subject has one of the words. An indicator that is a rate
// (复工率) is also stated without its name: 软件和信息服务业企业80%以上复工. Such figures are a percentage whose subject has the name
// without 率.

import Digest
import Messages
import SearchCore
import ServiceKit

/// Makes tables of figures of what searches find.
struct FigureDesk: Sendable {
    /// Items that are read unless the request says otherwise.
    static let usualItems = 500

    let search: SearchDesk
    let threads: WorkThreads

    /// - Throws: as `SearchDesk.search`.
    func table(_ request: SearchRequest, isAll: Bool, for principal: Principal) async throws -> FigureTable {
        let schema = try await search.keeper.snapshot(request.collection).schema
        let asked = try search.check(request, schema, for: principal)
        var wider = request
        wider.q = nil
        wider.query = asked.query.withStatedFigures
        let found = try await search.items(wider, for: principal)
        let items = try await found.items(on: threads)
        let conditions = asked.query.figureConditions
        let options = FigureCompiler.Options(
            query: asked.understood, version: found.version, complete: found.complete, total: found.total, isAll: isAll)
        return try await threads.run {
            FigureCompiler(options) { figure in conditions.contains { $0.holds(figure) } }.compile(items)
        }
    }
}

extension Query {
    private static let anyNumber = NumberRange(lower: nil, upper: nil)

    /// The query with every word also met by a figure of that subject.
    fileprivate var withStatedFigures: Query {
        switch self {
        case .text(let text, nil): .or([self] + Self.figures(text, Self.anyNumber, ""))
        case .phrase(let text, nil, _): .or([self] + Self.figures(text, Self.anyNumber, ""))
        case .figure(let subject, let range, let unit): .or(Self.figures(subject, range, unit))
        case .and(let parts): .and(parts.map(\.withStatedFigures))
        case .or(let parts): .or(parts.map(\.withStatedFigures))
        case .boost(let part, let factor): .boost(part.withStatedFigures, factor: factor)
        default: self
        }
    }

    /// What a figure must meet to be one that the query names; one of these is enough.
    fileprivate var figureConditions: [FigureCondition] {
        let named: [Query] =
            switch self {
            case .text(let text, nil), .phrase(let text, nil, _): Self.figures(text, Self.anyNumber, "")
            case .figure(let subject, let range, let unit): Self.figures(subject, range, unit)
            default: []
            }
        let own = named.compactMap { query -> FigureCondition? in
            guard case .figure(let subject, let range, let unit) = query else { return nil }
            return FigureCondition(subject: subject, range: range, unit: unit)
        }
        switch self {
        case .and(let parts), .or(let parts): return parts.flatMap(\.figureConditions)
        case .boost(let part, _): return part.figureConditions
        default: return own
        }
    }

    /// A figure of this subject; for a rate also a percentage of what it is the rate of.
    private static func figures(_ subject: String, _ range: NumberRange, _ unit: String) -> [Query] {
        var result = [Query.figure(subject: subject, range: range, unit: unit)]
        if subject.count > 2, subject.hasSuffix("率"), unit.isEmpty || unit == "%" {
            result.append(.figure(subject: String(subject.dropLast()), range: range, unit: "%"))
        }
        return result
    }
}
