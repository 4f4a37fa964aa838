// A query worker's tables of suggestions, one for each segment, made when first asked for.
//
// A small segment's table is made by the call that needs it, so that a new document is suggested at once. A larger one's is
// made on a thread of its own, one after the other; calls meanwhile answer with what is there and say that it is not all.
//
// Invariants: (1) tables take at most `byteLimit`, about; those that were used longest ago go first, and none that one of
// the last `recentCalls` calls used: what does not fit beside them is left out, not made again and again. (2) A set of
// documents that a filter lets through is used only with the very view that it was made for.

import Messages
import SearchCore
import ServiceKit
import Synchronization

/// Makes and keeps tables. Used by several search threads.
final class SuggestionShelf: Sendable {
    /// Documents of a segment whose table a call makes by itself; larger ones are made beside it.
    static let inlineDocuments = 1000
    /// Sets of filters kept at most; of 8 KiB each for 65,536 documents.
    private static let filterLimit = 1024
    /// Segments remembered as refused at most; then all are tried again.
    private static let refusedLimit = 1024
    private static let recentCalls = 64

    struct Counters: Sendable {
        var made = 0
        var evicted = 0
        var refused = 0
        var bytes = 0
    }

    private struct FilterKey: Hashable {
        let segment: String
        let filter: Query
    }

    private struct TableKey: Hashable {
        let segment: String
        let sources: SuggestionFields
    }

    private struct State {
        var tables: [TableKey: (table: SegmentSuggestions, usedAt: Int)] = [:]
        var underWay: Set<TableKey> = []
        /// Segments that could not be read, or that are larger than the shelf.
        var refused: Set<TableKey> = []
        var filters: [FilterKey: (view: SegmentView, documents: LiveDocs)] = [:]
        var calls = 0
        var counters = Counters()

        /// Drops tables that nobody has used lately until there is room, or none is left to drop.
        mutating func makeRoom(for byteCount: Int, in byteLimit: Int) {
            while counters.bytes + byteCount > byteLimit,
                let oldest = tables.min(by: { $0.value.usedAt < $1.value.usedAt }),
                oldest.value.usedAt + SuggestionShelf.recentCalls < calls
            {
                tables[oldest.key] = nil
                counters.bytes -= oldest.value.table.byteCount
                counters.evicted += 1
                refused.removeAll()
            }
        }
    }

    private let byteLimit: Int
    private let thread: WorkThreads
    private let state = Mutex(State())

    /// - Parameter byteLimit: bytes of all tables, about; 0 suggests nothing.
    init(byteLimit: Int, thread: WorkThreads) {
        self.byteLimit = byteLimit
        self.thread = thread
    }

    /// Counts since the start, and the bytes of what is kept, by metric name.
    var figures: [String: Int] {
        let counted = state.withLock { $0.counters }
        return [
            "suggestion_tables_made_total": counted.made, "suggestion_tables_evicted_total": counted.evicted,
            "suggestion_tables_refused_total": counted.refused, "suggestion_bytes": counted.bytes,
        ]
    }

    /// What some segments suggest, and whether all of them had their table.
    ///
    /// - Throws: what the filter's search throws.
    func part(
        for task: SuggestTask, views: [SegmentView], searcher: Searcher, isOver: @escaping @Sendable () -> Bool
    ) throws -> (part: SuggestionPart, isWhole: Bool) {
        guard let typed = TypedText(task.typed) else { return (SuggestionPart(), true) }
        var parts: [SuggestionPart] = []
        var isWhole = true
        state.withLock { $0.calls += 1 }
        for view in views where view.reader.documentCount > 0 {
            guard let table = table(of: view, task.sources) else {
                isWhole = false
                continue
            }
            var visible = view.liveDocs
            if let filter = task.filter { visible = try documents(of: filter, in: view, searcher, isOver) }
            if visible?.liveCount == 0 { continue }
            parts.append(
                try table.part(
                    for: typed, limit: task.limit, reader: view.reader, visible: visible,
                    wanted: task.fields.map(Set.init)))
        }
        return (SuggestionPart.merged(parts, limit: task.limit), isWhole)
    }

    // MARK: Tables

    private func table(of view: SegmentView, _ sources: SuggestionFields) -> SegmentSuggestions? {
        let key = TableKey(segment: view.id, sources: sources)
        let isSmall = view.reader.documentCount <= Self.inlineDocuments
        let (found, isWanted) = state.withLock { state -> (SegmentSuggestions?, Bool) in
            if let found = state.tables[key]?.table {
                state.tables[key]?.usedAt = state.calls
                return (found, false)
            }
            guard byteLimit > 0, !state.refused.contains(key) else { return (nil, false) }
            return (nil, isSmall || state.underWay.insert(key).inserted)
        }
        guard found == nil, isWanted else { return found }
        if isSmall { return make(key, view) }
        thread.submit { [self] in _ = make(key, view) }
        return nil
    }

    private func make(_ key: TableKey, _ view: SegmentView) -> SegmentSuggestions? {
        let table = try? SegmentSuggestions(reader: view.reader, fields: key.sources, title: StoredTitle.text)
        return state.withLock { state in
            state.underWay.remove(key)
            // Another call has made it meanwhile.
            if let known = state.tables[key] { return known.table }
            if let table { state.makeRoom(for: table.byteCount, in: byteLimit) }
            guard let table, state.counters.bytes + table.byteCount <= byteLimit else {
                state.counters.refused += 1
                if state.refused.count >= Self.refusedLimit { state.refused.removeAll() }
                state.refused.insert(key)
                return nil
            }
            state.tables[key] = (table, state.calls)
            state.counters.bytes += table.byteCount
            state.counters.made += 1
            return table
        }
    }

    // MARK: Filters

    private func documents(
        of filter: Query, in view: SegmentView, _ searcher: Searcher, _ isOver: @escaping @Sendable () -> Bool
    ) throws -> LiveDocs {
        let key = FilterKey(segment: view.id, filter: filter)
        if let known = state.withLock({ $0.filters[key] }), known.view === view { return known.documents }
        let documents = try searcher.matching(filter, in: view, isCancelled: isOver)
        state.withLock { state in
            if state.filters.count >= Self.filterLimit { state.filters.removeAll() }
            state.filters[key] = (view, documents)
        }
        return documents
    }
}

/// The title of a stored item; the other members are passed over undecoded.
private struct StoredTitle: Decodable {
    struct Item: Decodable { var title: String }

    var item: Item

    static func text(_ stored: [UInt8]) -> String? {
        try? MessagePackDecoder.decode(StoredTitle.self, from: stored).item.title
    }
}
