// Other readings of a search that finds nothing: words of it as the value of a field, or each by itself.
//
//     上海市民政局 复工   →  部门:上海市民政局 复工        the word is a value of a field
//     部门:公安局        →  部门:上海市公安局             the value is a part of others
//     2020年3月 复工     →  日期:2020-03 复工             the word is a date
//     口罩、消毒         →  口罩 消毒                    words that a mark joins

import Messages
import Schemas
import SearchCore

extension SearchDesk {
    /// Bounds of the readings of one search.
    private enum ReadingLimits {
        /// Words and values whose fields are looked for.
        static let words = 3
        /// Values of a word.
        static let values = 2
        /// Shortest word that may be a value, in characters.
        static let shortest = 2
    }

    /// Queries of other readings, the likeliest first; not tried.
    func readings(of checked: Checked, _ kept: SnapshotKeeper.Kept) async -> [(query: Query, kind: CorrectionKind)] {
        var found: [(query: Query, kind: CorrectionKind)] = []
        let pieces = checked.query.correctablePieces
        var apart = checked.query
        for piece in Set(pieces) {
            guard let words = Self.parts(of: piece) else { continue }
            apart = apart.moving(piece, to: .and(words.map { .text($0, field: nil) }))
        }
        if apart != checked.query { found.append((apart, .apart)) }
        for piece in Set(pieces).sorted() {
            if let date = date(piece, checked, kept) { found.append((checked.query.moving(piece, to: date), .field)) }
        }
        for word in Array((checked.query.namedValues.map(\.value) + pieces).prefix(ReadingLimits.words)) {
            for value in await values(of: word, checked, kept) {
                let term = Query.term(value.text, field: value.field)
                let isNamed = checked.query.namedValues.contains { $0.value == word && $0.field == value.field }
                if !isNamed, !pieces.contains(word) { continue }
                found.append((isNamed ? checked.query.renaming(word, to: term) : checked.query.moving(word, to: term), .field))
            }
        }
        return found
    }

    /// Words that a mark of a list joins: 口罩、消毒 as 口罩 and 消毒; nil where there is none.
    private static func parts(of piece: String) -> [String]? {
        let words = piece.split { "、，,；;/／".contains($0) }
        guard words.count > 1, words.count <= 8, words.allSatisfy({ $0.unicodeScalars.contains { !$0.isASCII } }) else { return nil }
        return words.map(String.init)
    }

    /// A word that is a date, as the condition that it makes.
    private func date(_ piece: String, _ checked: Checked, _ kept: SnapshotKeeper.Kept) -> Query? {
        guard let field = kept.schema.dateField, !checked.veil.hidden.contains(field),
            piece.unicodeScalars.contains(where: { "年月日号天周季度".unicodeScalars.contains($0) || $0 == "-" })
        else { return nil }
        let fields = checked.veil.fields(of: kept.schema)
        let chinaDay = Int((wall() / 1000 + 8 * 3600) / 86_400)
        return try? QueryParser(fields: fields, today: CalendarDay(daysSince1970: chinaDay)).parse("\(field):\(piece)")
    }

    /// Values of fields that are the word or have it in them, as suggestions know them.
    private func values(
        of word: String, _ checked: Checked, _ kept: SnapshotKeeper.Kept
    ) async -> [(text: String, field: String)] {
        let sources = kept.schema.suggestions
        let fields = sources.names.filter { !checked.veil.hidden.contains($0) }
        guard word.count >= ReadingLimits.shortest, !fields.isEmpty, TypedText(word) != nil else { return [] }
        let filter: Query?
        do { filter = try checked.principal.filter(in: kept.schema) } catch { return [] }
        let task = SuggestTask(typed: word, limit: ReadingLimits.values * 2, filter: filter, sources: sources, fields: fields)
        guard let gathered = try? await link.scatter(.suggest(task), over: kept, deadline: checked.deadline) else { return [] }
        var parts: [SuggestionPart] = []
        for case .suggest(let part, _) in gathered.outcomes { parts.append(part) }
        let merged = SuggestionPart.merged(parts, limit: task.limit)
        let fitting = merged.suggestions(limit: task.limit, from: sources, fields: checked.veil.fields(of: kept.schema))
            .filter { fields.contains($0.field) && ($0.match == .prefix || $0.match == .inside) }
        return fitting.prefix(ReadingLimits.values).map { ($0.text, $0.field) }
    }
}

extension Query {
    /// Values that conditions of the query name.
    fileprivate var namedValues: [(value: String, field: String)] {
        switch self {
        case .term(let value, let field): [(value, field)]
        case .and(let parts), .or(let parts): parts.flatMap(\.namedValues)
        case .boost(let part, _): part.namedValues
        default: []
        }
    }

    /// The query with a condition in the place of a word.
    fileprivate func moving(_ word: String, to condition: Query) -> Query {
        switch self {
        case .text(let text, let field):
            let pieces = text.split(whereSeparator: \.isWhitespace).map(String.init)
            guard pieces.contains(word) else { return self }
            let rest = pieces.filter { $0 != word }.map { Query.text($0, field: field) }
            if rest.isEmpty { return condition }
            if case .and(let conditions) = condition { return .and(conditions + rest) }
            return .and([condition] + rest)
        case .and(let parts):
            // A conjunction in a conjunction is one.
            return .and(
                parts.flatMap { part -> [Query] in
                    let moved = part.moving(word, to: condition)
                    if case .and(let inner) = moved { return inner }
                    return [moved]
                })
        case .or(let parts): return .or(parts.map { $0.moving(word, to: condition) })
        case .boost(let part, let factor): return .boost(part.moving(word, to: condition), factor: factor)
        default: return self
        }
    }

    /// The query with another condition in the place of one with this value.
    fileprivate func renaming(_ value: String, to condition: Query) -> Query {
        switch self {
        case .term(value, _): condition
        case .and(let parts): .and(parts.map { $0.renaming(value, to: condition) })
        case .or(let parts): .or(parts.map { $0.renaming(value, to: condition) })
        case .boost(let part, let factor): .boost(part.renaming(value, to: condition), factor: factor)
        default: self
        }
    }
}
