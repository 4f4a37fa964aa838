// What may have been meant by a search that finds nothing: other words, each tried before it is offered.

import Messages
import Schemas
import SearchCore

/// Words that found nothing, and the fields that they were looked for in.
struct CorrectionTask: Codable, Sendable, Hashable {
    var pieces: [String]
    /// Text fields that the asker may see.
    var fields: [String]
}

extension SearchDesk {
    /// Bounds of the corrections of one search.
    private enum CorrectionLimits {
        static let pieces = 8
        /// Candidates of a piece, and searches that are tried.
        static let candidates = 5
        static let offered = 3
        /// Milliseconds that must be left of the request's time.
        static let time: Int64 = 50
    }

    /// Queries with other words that find something for the asker; empty where none is known, or no time is left.
    func corrections(of checked: Checked, _ kept: SnapshotKeeper.Kept) async -> [CorrectedQuery] {
        guard !kept.segments.isEmpty, checked.deadline - monotonic() > CorrectionLimits.time else { return [] }
        // A search of the editions of one day has conditions that another query would lack.
        guard (try? plan(for: checked.query, checked, kept))?.query == checked.plan.query else { return [] }
        var tried: [(query: CorrectedQuery, rank: Double)] = []
        func note(_ query: Query, _ kind: CorrectionKind, cost: Double) async {
            guard let total = try? await total(of: query, checked, kept), total > 0 else { return }
            let text = QueryPrinter(fields: checked.veil.fields(of: kept.schema)).print(query)
            guard !tried.contains(where: { $0.query.query == text }) else { return }
            tried.append((CorrectedQuery(query: text, kind: kind, total: total), Corrector.rank(total: total, cost: cost)))
        }
        for reading in await readings(of: checked, kept).prefix(CorrectionLimits.candidates) {
            await note(reading.query, reading.kind, cost: 0)
        }
        // What is there as it was typed, but elsewhere, was not mistyped.
        if tried.isEmpty {
            for choice in await corrected(checked, kept) { await note(choice.query, choice.kind, cost: choice.cost) }
        }
        // Stable: of equal ranks the one that was expected first.
        let ranked = tried.enumerated().sorted { ($1.element.rank, $0.offset) < ($0.element.rank, $1.offset) }
        return ranked.prefix(CorrectionLimits.offered).map(\.element.query)
    }

    /// Queries with words in the place of mistyped ones; not tried.
    private func corrected(
        _ checked: Checked, _ kept: SnapshotKeeper.Kept
    ) async -> [(query: Query, kind: CorrectionKind, cost: Double)] {
        let pieces = Array(checked.query.correctablePieces.prefix(CorrectionLimits.pieces))
        guard !pieces.isEmpty else { return [] }
        let index = kept.schema.index
        let fields = index.fields.filter { $0.kind == .text && !checked.veil.hidden.contains($0.name) }.map(\.name)
        let task = WorkerTask.corrections(CorrectionTask(pieces: pieces, fields: fields))
        guard let gathered = try? await link.scatter(task, over: kept, deadline: checked.deadline) else { return [] }
        var answers: [[[CorrectionCandidate]]] = []
        for case .corrections(let part) in gathered.outcomes where part.count == pieces.count { answers.append(part) }
        let candidates = pieces.indices.map { place in
            Corrector.merged(answers.map { $0[place] }, limit: CorrectionLimits.candidates)
        }
        return Self.choices(candidates).map { choice in
            var words: [String: String] = [:]
            for (place, candidate) in choice { words[pieces[place]] = candidate.text }
            return (checked.query.replacing(words), choice.map(\.1.kind).first ?? .typo, choice.reduce(0) { $0 + $1.1.cost })
        }
    }

    /// The candidates to try together: for the pieces that have some, the best of each, then others of one piece.
    private static func choices(_ candidates: [[CorrectionCandidate]]) -> [[(Int, CorrectionCandidate)]] {
        let changed = candidates.indices.filter { !candidates[$0].isEmpty }
        guard !changed.isEmpty else { return [] }
        let best = changed.map { ($0, candidates[$0][0]) }
        var result = [best]
        for (slot, place) in changed.enumerated() {
            for candidate in candidates[place].dropFirst() {
                var other = best
                other[slot] = (place, candidate)
                result.append(other)
            }
        }
        return Array(result.prefix(CorrectionLimits.candidates))
    }

    /// A search for the number of hits alone.
    private func plan(for query: Query, _ checked: Checked, _ kept: SnapshotKeeper.Kept) throws(KuaibaoError) -> SearchPlan {
        let expanded = kept.schema.declaration == nil ? expander.expand(query) : query
        return SearchPlan(query: try checked.principal.narrowed(expanded, in: kept.schema), limit: 0)
    }

    private func total(of query: Query, _ checked: Checked, _ kept: SnapshotKeeper.Kept) async throws -> Int {
        guard checked.deadline - monotonic() > CorrectionLimits.time else { return 0 }
        var plan = try plan(for: query, checked, kept)
        var missing: Set<Int> = []
        if link.spread(of: kept) > 1 {
            plan.statistics = try await statistics(of: plan.query, kept, checked.deadline, missing: &missing)
        }
        let task = WorkerTask.search(plan, isWhole: false, passOver: 0, show: checked.show)
        let gathered = try await link.scatter(task, over: kept, deadline: checked.deadline)
        var total = 0
        for case .search(let part, _) in gathered.outcomes { total += part.total }
        return total
    }
}

extension Query {
    /// The words that may be mistyped: of texts that are not negated, no questions, no phrases.
    var correctablePieces: [String] {
        switch self {
        case .text(let text, _): text.split(whereSeparator: \.isWhitespace).map(String.init)
        case .and(let parts), .or(let parts): parts.flatMap(\.correctablePieces)
        case .boost(let part, _): part.correctablePieces
        default: []
        }
    }

    /// The same query with other words for some.
    func replacing(_ words: [String: String]) -> Query {
        switch self {
        case .text(let text, let field):
            let pieces = text.split(whereSeparator: \.isWhitespace).map { words[String($0)] ?? String($0) }
            return .text(pieces.joined(separator: " "), field: field)
        case .and(let parts): return .and(parts.map { $0.replacing(words) })
        case .or(let parts): return .or(parts.map { $0.replacing(words) })
        case .boost(let part, let factor): return .boost(part.replacing(words), factor: factor)
        default: return self
        }
    }
}
