// Why a hit was found: each part of the query by itself, over the shown hits alone.
//
// The parts are the leaves of the query that are not negated. Each is searched as a query of its own among the shown
// hits, with the sums of the whole collection, so that its score is the one it has in the answer. What it costs is
// bounded by the number of leaves (`clauseLimit`) and of hits shown.

import Schemas
import Messages
import SearchCore

/// Explains the shown hits of one query.
struct HitExplainer {
    /// Parts that are explained; the others are left out.
    static let clauseLimit = 32
    private static let fieldNames = ["title": "标题", "body": "正文"]

    let query: Query
    let searcher: Searcher
    let snapshot: IndexSnapshot
    /// Sums over the whole collection; nil where the snapshot is all of it.
    let statistics: CollectionStatistics?
    let schema: CollectionSchema

    private var textFields: [String] { schema.index.fields.filter { $0.kind == .text }.map(\.name) }

    /// One explanation a hit, in the order of the hits.
    ///
    /// - Throws: what a search throws.
    func explain(_ references: [HitReference], _ stored: [[UInt8]]) throws -> [Explanation] {
        var views: [SegmentView] = []
        for view in snapshot.views {
            let own = references.filter { $0.segmentID == view.id }.map(\.docID)
            if !own.isEmpty { views.append(try view.restricted(to: own)) }
        }
        let shown = IndexSnapshot(views: views)
        let wholes = try zip(stored, references).map { try HitComposer.item($0, $1) }
        let items = wholes.map(\.item)
        var clauses = [[ExplainedClause]](repeating: [], count: references.count)
        for leaf in Self.leaves(of: query).prefix(Self.clauseLimit) {
            let sums = try statistics ?? searcher.statistics(for: leaf, in: snapshot)
            let found = try searcher.search(
                SearchPlan(query: leaf, limit: references.count, statistics: sums), in: shown)
            let scores = Dictionary(
                found.hits.map { ($0.reference, $0.score) }, uniquingKeysWith: { first, _ in first })
            let printed = QueryPrinter(fields: schema.fields).print(leaf)
            let highlighter = Highlighter(leaf, fields: schema.fields)
            for (place, reference) in references.enumerated() {
                guard let score = scores[reference] else { continue }
                let fields = textFields.compactMap { field -> FacetCount? in
                    let text = Self.text(of: wholes[place], field)
                    let count = highlighter.ranges(in: Array(text.utf8), field: field).count
                    return count > 0 ? FacetCount(value: field, count: count) : nil
                }
                clauses[place].append(ExplainedClause(clause: printed, score: score, fields: fields))
            }
        }
        return zip(clauses, items).map { Explanation(words: Self.words($0, $1), clauses: $0) }
    }

    private static func text(of whole: StoredItem, _ field: String) -> String {
        if let record = whole.record { return record.values[field]?.text ?? "" }
        return field == "title" ? whole.item.title : whole.item.body
    }

    /// The parts of a query that a hit can meet, in order.
    static func leaves(of query: Query) -> [Query] {
        switch query {
        case .and(let parts), .or(let parts): parts.flatMap(leaves)
        case .boost(let part, let factor):
            leaves(of: part).map { .boost($0, factor: factor) }
        case .not, .none: []
        default: [query]
        }
    }

    /// `命中：标题含“复工”；正文含“复产” 3 处；日期 2020-02-08（依据 heading）；来源 2 处`.
    private static func words(_ clauses: [ExplainedClause], _ item: Item) -> String {
        var parts: [String] = []
        for clause in clauses {
            if clause.fields.isEmpty {
                parts.append("符合 \(clause.clause)")
            } else {
                for field in clause.fields {
                    let name = fieldNames[field.value] ?? field.value
                    parts.append("\(name)含“\(clause.clause)”" + (field.count > 1 ? " \(field.count) 处" : ""))
                }
            }
        }
        if let published = item.published { parts.append("日期 \(published.value.text)（依据 \(published.basis.rule)）") }
        if !item.sources.isEmpty { parts.append("来源 \(item.sources.count) 处") }
        return "命中：" + parts.joined(separator: "；")
    }
}
