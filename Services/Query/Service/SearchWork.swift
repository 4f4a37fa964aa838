// What a query worker does with one lease.

import Messages
import SearchCore

/// Searches the parts of a lease. A pure function of the lease and the immutable segments it names.
struct SearchWork: Sendable {
    private let cache: SegmentCache
    private let wall: @Sendable () -> Int64
    private let microseconds: @Sendable () -> Int64
    private let makeID: @Sendable () -> String

    init(
        cache: SegmentCache, wall: @escaping @Sendable () -> Int64, microseconds: @escaping @Sendable () -> Int64,
        makeID: @escaping @Sendable () -> String
    ) {
        self.cache = cache
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
            return try message.reply(.done, id: makeID(), encoding: result)
        } catch {
            return (try? message.errorReply(wireError(error), id: makeID())) ?? message
        }
    }

    private func perform(_ lease: WorkerLease) throws -> WorkerOutcome {
        let searcher = Searcher(schema: .bulletins)
        let snapshot = IndexSnapshot(views: try cache.views(of: lease))
        let deadline = lease.deadline
        let isOver: @Sendable () -> Bool = { [wall] in wall() > deadline }
        switch lease.task {
        case .statistics(let query):
            return .statistics(try searcher.statistics(for: query, in: snapshot))
        case .search(let plan, let isWhole, let passOver, let snippetCharacters):
            let partial = try searcher.search(plan, in: snapshot, isCancelled: isOver)
            guard isWhole else { return .search(partial, hits: nil) }
            let composer = HitComposer(query: plan.query, snippetCharacters: snippetCharacters)
            let shown = partial.hits.dropFirst(passOver)
            let stored = try searcher.fetch(shown.map(\.reference), in: snapshot)
            return .search(partial, hits: try zip(shown, stored).map { try composer.hit(ScoredReference($0), $1) })
        case .fetch(let references, let query, let snippetCharacters):
            let composer = HitComposer(query: query, snippetCharacters: snippetCharacters)
            let own = Set(snapshot.views.map(\.id))
            let wanted = references.filter { own.contains($0.reference.segmentID) }
            let stored = try searcher.fetch(wanted.map(\.reference), in: snapshot)
            return .fetch(
                try zip(wanted, stored).map { FetchedHit(reference: $0, hit: try composer.hit($0, $1)) })
        }
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
    case let refusal as CatalogRefusal:
        KuaibaoError(.conflict, "the catalog refused: \(refusal)", fix: "ask again")
    default: KuaibaoError(.internal, "\(error)", fix: "report this with the log")
    }
}
