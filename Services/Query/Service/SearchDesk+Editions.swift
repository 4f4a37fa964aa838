// Editions: records of one thing, each from a day on. Which of them was in force on a day is found before the query is asked, so that an
// older edition is not shown because the newer one does not match.
//
// A collection has editions where the identity of its records has a date and keywords: a notice's edition, a zone's division. Records
// with the same keywords are editions of one thing; the last one that begins on or before the day is in force then.

import Messages
import Records
import Schemas
import SearchCore

extension SearchDesk {
    /// Things whose editions can be told apart in one search; each is a clause of the query.
    static let editionLimit = 400

    /// A query that only the editions in force on a day match.
    ///
    /// - Throws: `invalidRequest` for a collection without editions, or something that is no day; `queryTooComplex` for more things
    ///   than `editionLimit`.
    func editions(
        of request: SearchRequest, on text: String, _ schema: CollectionSchema, for principal: Principal
    ) async throws -> Query {
        guard let day = DateText.read(text).flatMap(Self.day) else {
            throw KuaibaoError(.invalidRequest, "asOf is \"\(text.prefix(80))\"", fix: "give a day: 2020-03-20")
        }
        let (date, keywords) = try Self.identity(schema, for: principal)
        let before = Query.dates(DateRange(lower: nil, upper: day + 1), field: date)
        let found = try await search(
            SearchRequest(
                collection: request.collection, query: before, limit: Self.editionLimit + 1, order: "-" + date,
                collapseBy: keywords, timeoutMilliseconds: request.timeoutMilliseconds), for: principal)
        guard found.hits.count <= Self.editionLimit else {
            throw KuaibaoError(
                .queryTooComplex, "more than \(Self.editionLimit) things have editions on \(text.prefix(80))",
                fix: "ask for one of them, with its latest date: \(keywords[0]):… and order=-\(date)")
        }
        return .or(
            found.hits.compactMap { hit in
                guard let values = hit.record?.values, let from = values[date]?.text.flatMap(DateText.read).flatMap(Self.day)
                else { return nil }
                let names = keywords.compactMap { field in values[field]?.text.map { Query.term($0, field: field) } }
                return .and(names + [.dates(DateRange(lower: from, upper: from + 1), field: date)])
            })
    }

    /// The date and the keywords of the identity.
    private static func identity(
        _ schema: CollectionSchema, for principal: Principal
    ) throws(KuaibaoError) -> (date: String, keywords: [String]) {
        let hidden = schema.veil(for: principal).hidden
        let fields = (schema.declaration?.identity ?? []).compactMap { name in
            schema.declaration?.fields.first { $0.name == name && !hidden.contains($0.name) }
        }
        let keywords = fields.filter { $0.type == .keyword && !$0.isList }.map(\.name)
        guard let date = fields.first(where: { $0.type == .date && $0.isSorted })?.name, !keywords.isEmpty,
            fields.count == keywords.count + 1
        else {
            throw KuaibaoError(
                .invalidRequest, "the records of this collection have no editions",
                fix: "asOf is for collections whose identity is keywords and one date with sort")
        }
        return (date, keywords)
    }

    private static func day(_ date: PartialDate) -> Int? {
        guard let year = date.year, let month = date.month, let day = date.day else { return nil }
        return CalendarDay(year: year, month: month, day: day)?.daysSince1970
    }
}
