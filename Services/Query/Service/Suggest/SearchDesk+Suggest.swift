// Suggestions from request to reply: check, ask the workers that hold the segments, merge.

import Messages
import Schemas
import SearchCore
import Transport

/// A request for suggestions, as an edge has it.
struct SuggestRequest: Sendable {
    /// Suggestions returned unless told otherwise.
    static let usualLimit = 10
    static let limits = 1...50
    /// Milliseconds after which what came is answered; typing goes on meanwhile.
    static let usualTimeout = 1000

    var collection: String
    var typed: String
    var limit: Int?
    /// Fields to suggest from; nil for all.
    var fields: [String]?
    var timeoutMilliseconds: Int?
}

extension SearchDesk {
    /// What a reader may be about to type.
    ///
    /// - Throws: `invalidRequest` for a limit or field that is not there, and what `search` throws.
    func suggest(_ request: SuggestRequest, for principal: Principal) async throws -> SuggestReply {
        let started = microseconds()
        let limit = request.limit ?? SuggestRequest.usualLimit
        guard SuggestRequest.limits.contains(limit) else {
            throw KuaibaoError(
                .invalidRequest, "limit is \(limit)",
                fix: "use \(SuggestRequest.limits.lowerBound) to \(SuggestRequest.limits.upperBound)")
        }
        let timeout = request.timeoutMilliseconds ?? SuggestRequest.usualTimeout
        let kept = try await keeper.snapshot(request.collection)
        let veil = kept.schema.veil(for: principal)
        let sources = kept.schema.suggestions
        // A field that the principal does not see suggests nothing, and is not told apart from one that is not there.
        let visible = sources.all.filter { !veil.hidden.contains($0) }
        for field in request.fields ?? [] where !visible.contains(field) {
            throw KuaibaoError(
                .invalidRequest, "\"\(field.prefix(80))\" has no suggestions",
                fix: visible.isEmpty ? "no field of this collection has" : "use some of: \(visible.joined(separator: ", "))")
        }
        let task = SuggestTask(
            typed: request.typed, limit: limit, filter: try principal.filter(in: kept.schema), sources: sources,
            fields: request.fields ?? (visible.count < sources.all.count ? visible : nil))
        let deadline = monotonic() + Int64(timeout)
        do {
            return try await suggest(task, kept, veil, deadline: deadline, started: started)
        } catch let error as KuaibaoError where error.code == .conflict {
            // A worker could not open a segment that was merged away: a newer version has its documents.
            return try await suggest(
                task, try await newerSnapshot(than: kept), veil, deadline: deadline, started: started)
        }
    }

    private func suggest(
        _ task: SuggestTask, _ kept: SnapshotKeeper.Kept, _ veil: Veil, deadline: Int64, started: Int64
    ) async throws -> SuggestReply {
        var parts: [SuggestionPart] = []
        var isWhole = true
        // Without a segment there is nobody to ask and nothing to suggest.
        if !kept.segments.isEmpty, TypedText(task.typed) != nil {
            let gathered = try await link.scatter(.suggest(task), over: kept, deadline: deadline)
            isWhole = gathered.missing.isEmpty
            for case .suggest(let part, let isPartWhole) in gathered.outcomes {
                parts.append(part)
                isWhole = isWhole && isPartWhole
            }
        }
        let merged = SuggestionPart.merged(parts, limit: task.limit)
        return SuggestReply(
            version: kept.snapshot.version, complete: isWhole,
            suggestions: merged.suggestions(
                limit: task.limit, from: task.sources, fields: veil.fields(of: kept.schema)),
            timings: ["total": Double(microseconds() - started) / 1000])
    }
}
