// What a query worker does with one lease.

import Schemas
import Messages
import SearchCore

/// Searches the parts of a lease. A pure function of the lease and the immutable segments it names.
struct SearchWork: Sendable {
    private let cache: SegmentCache
    private let shelf: SuggestionShelf
    private let wall: @Sendable () -> Int64
    private let microseconds: @Sendable () -> Int64
    private let makeID: @Sendable () -> String
    private let noteHop: @Sendable (SearchHop) -> Void

    /// - Parameter noteHop: told of each lease that has a trace context.
    init(
        cache: SegmentCache, shelf: SuggestionShelf, wall: @escaping @Sendable () -> Int64,
        microseconds: @escaping @Sendable () -> Int64, makeID: @escaping @Sendable () -> String,
        noteHop: @escaping @Sendable (SearchHop) -> Void = { _ in }
    ) {
        self.noteHop = noteHop
        self.cache = cache
        self.shelf = shelf
        self.wall = wall
        self.microseconds = microseconds
        self.makeID = makeID
    }

    /// The result of a lease, as a message of kind `done` or `failed`.
    func result(of message: Message) -> Message {
        let started = microseconds()
        do {
            let lease = try message.body(as: WorkerLease.self)
            let outcome: WorkerOutcome
            do {
                outcome = try perform(lease)
            } catch let error as KuaibaoError where error.code == .notReady {
                // Not the query's fault: the gateway sends the segments and asks again.
                let failure = LeaseFailure(ticket: lease.ticket, error: error, isHandedBack: true)
                return try message.reply(.failed, id: makeID(), encoding: failure)
            } catch {
                outcome = .refused(wireError(error))
            }
            let result = WorkerResult(
                ticket: lease.ticket, outcome: outcome, microseconds: microseconds() - started)
            if let trace = TraceParent.checked(message.header.trace) {
                noteHop(
                    SearchHop("searched", trace: trace, microseconds: result.microseconds, segments: lease.parts.count))
            }
            return try message.reply(.done, id: makeID(), encoding: result)
        } catch {
            return (try? message.errorReply(wireError(error), id: makeID())) ?? message
        }
    }

    private func perform(_ lease: WorkerLease) throws -> WorkerOutcome {
        let (views, schema) = try cache.views(of: lease)
        let searcher = Searcher(schema: schema.index)
        let snapshot = IndexSnapshot(views: views)
        let deadline = lease.deadline
        let isOver: @Sendable () -> Bool = { [wall] in wall() > deadline }
        switch lease.task {
        case .statistics(let query):
            return .statistics(try searcher.statistics(for: query, in: snapshot))
        case .search(let plan, let isWhole, let passOver, let show):
            var partial = try searcher.search(plan, in: snapshot, isCancelled: isOver)
            guard isWhole else { return .search(partial, hits: nil) }
            let shown = partial.hits.dropFirst(passOver).map { ScoredReference($0, plan.order) }
            let hits = try compose(shown, show, plan.statistics, searcher, snapshot, schema).map(\.hit)
            partial.hits = partial.hits.suffix(1)
            return .search(partial, hits: hits)
        case .fetch(let references, let show, let statistics):
            let own = Set(snapshot.views.map(\.id))
            let wanted = references.filter { own.contains($0.reference.segmentID) }
            return .fetch(try compose(wanted, show, statistics, searcher, snapshot, schema))
        case .items(let references):
            let own = Set(snapshot.views.map(\.id))
            let wanted = references.filter { own.contains($0.segmentID) }
            let stored = try searcher.fetch(wanted, in: snapshot)
            return .items(zip(wanted, stored).map { FetchedItem(reference: $0, stored: $1) })
        case .document(let identity, let filter):
            return .document(
                try DocumentFinder(searcher: searcher, snapshot: snapshot).items(of: identity, filter: filter))
        case .known(let identities):
            return .known(
                try identities.filter { identity in
                    try views.contains { view in
                        try view.reader.documents(withID: identity).contains { view.liveDocs?.isLive($0) ?? true }
                    }
                })
        case .corrections(let task):
            var corrector = Corrector(views: snapshot.views, fields: task.fields)
            return .corrections(
                try task.pieces.map { isOver() ? [] : try corrector.candidates(for: $0, limit: Corrector.usualLimit) })
        case .suggest(let task):
            let found = try shelf.part(for: task, views: snapshot.views, searcher: searcher, isOver: isOver)
            return .suggest(found.part, isWhole: found.isWhole)
        }
    }

    private func compose(
        _ references: [ScoredReference], _ show: HitShow, _ statistics: CollectionStatistics?, _ searcher: Searcher,
        _ snapshot: IndexSnapshot, _ schema: CollectionSchema
    ) throws -> [FetchedHit] {
        let composer = HitComposer(show, schema)
        let stored = try searcher.fetch(references.map(\.reference), in: snapshot)
        var hits = try zip(references, stored).map { try composer.hit($0, $1) }
        if show.explains {
            let explainer = HitExplainer(
                query: show.marking, searcher: searcher, snapshot: snapshot, statistics: statistics, schema: schema)
            let explanations = try explainer.explain(references.map(\.reference), stored)
            for place in hits.indices { hits[place].explanation = explanations[place] }
        }
        return try zip(references, hits).map { FetchedHit(reference: $0, hit: try EncodedValue($1)) }
    }
}

/// Every error of the query services as a peer may see it.
func wireError(_ error: any Error) -> KuaibaoError {
    switch error {
    case let error as KuaibaoError: error
    case let error as SearchCoreError:
        KuaibaoError(
            error.errorCode, error.message,
            fix: error.errorCode == .corrupt
                ? "stop the stack and run kuaibao check" : "change the query; see docs/query-language.md")
    case let refusal as CatalogRefusal: wireError(refusal: refusal)
    default: KuaibaoError(.internal, "\(error)", fix: "report this with the log")
    }
}

/// What the ledger refused, as a user may see it.
private func wireError(refusal: CatalogRefusal) -> KuaibaoError {
    switch refusal {
    case .unknownWatch(let id):
        KuaibaoError(.notFound, "there is no watch \"\(id)\"", fix: "list the watches and choose one of them")
    case .watchExists(let id):
        KuaibaoError(.conflict, "another watch has the id \"\(id)\"", fix: "choose another id, or none")
    case .tooManyWatches(let limit):
        KuaibaoError(.conflict, "there are \(limit) watches, no more are allowed", fix: "delete watches that nobody needs")
    case .unknownCollection(let name):
        KuaibaoError(.unknownCollection, "there is no collection \"\(name)\"", fix: "create the collection first")
    case .invalid(let text): KuaibaoError(.invalidRequest, text, fix: "correct the value named here")
    default: KuaibaoError(.conflict, "the catalog refused: \(refusal)", fix: "ask again")
    }
}
