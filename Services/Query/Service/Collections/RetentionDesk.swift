// Records that nobody has replaced for as long as their collection keeps them are removed, by and by.
//
// A sweep looks for records accepted before the limit and hands in their removals like anybody's, each bound to the version
// that was found: the index ignores it where a newer one has come meanwhile. Several gateways may sweep at once: a removal
// has a key made of identity and version, so that it is taken once.

import Records
import Foundation
import Logging
import Messages
import Schemas
import SearchCore
import ServiceKit
import Synchronization
import Transport

/// Sweeps collections that have a retention.
final class RetentionDesk: Sendable {
    /// Time between two sweeps, in milliseconds.
    static let sweepMilliseconds: Int64 = 5000
    /// Records removed at once.
    static let portion = 500
    private static let millisecondsPerDay: Int64 = 86_400_000

    private let documents: DocumentDesk
    private let search: SearchDesk
    private let logger: Logger
    private let removed = Mutex(0)

    init(documents: DocumentDesk, search: SearchDesk, logger: Logger) {
        self.documents = documents
        self.search = search
        self.logger = logger
    }

    /// Removals handed in since the start.
    var removedCount: Int { removed.withLock { $0 } }

    /// Sweeps until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            for (name, schema) in await search.keeper.known {
                guard let days = schema.declaration?.retentionDays else { continue }
                do {
                    while try await sweep(name, before: search.wall() - Int64(days) * Self.millisecondsPerDay) {}
                } catch {
                    logger.info(
                        "old records will be removed later", metadata: ["collection": "\(name)", "error": "\(error)"])
                }
            }
            try? await Task.sleep(for: .milliseconds(Self.sweepMilliseconds))
        }
    }

    /// Removes a portion of what was accepted before an instant.
    ///
    /// - Returns: whether there may be more.
    private func sweep(_ collection: String, before limit: Int64) async throws -> Bool {
        let kept = try await search.keeper.snapshot(collection)
        let old = Query.numbers(
            NumberRange(lower: nil, upper: Double(limit), includesUpper: false), field: CollectionSchema.acceptedField)
        let plan = SearchPlan(
            query: old, limit: Self.portion,
            order: .number(field: CollectionSchema.acceptedField, isDescending: false),
            statistics: CollectionStatistics(),
            total: .atLeast)
        let show = HitShow(marking: .all, snippetCharacters: 0, explains: false, collapses: false)
        let gathered = try await search.link.scatter(
            .search(plan, isWhole: false, passOver: 0, show: show), over: kept,
            deadline: search.monotonic() + ReaderDesk.timeoutMilliseconds)
        var parts: [PartialResult] = []
        for case .search(let part, _) in gathered.outcomes { parts.append(part) }
        let hits = PartialResult.merge(parts, limit: Self.portion).hits
        guard !hits.isEmpty else { return false }
        let removals = hits.map { hit in
            let identity = hit.place.documentID
            return SubmittedDocument(
                identity: identity, hints: [RecordHints.onlyVersion: "\(hit.version)"], byteCount: 0, isRemoval: true,
                submissionKey: "retention/" + ContentHash.hex(of: Array("\(hit.version)/\(identity)".utf8)))
        }
        let receipts = try await documents.submitAll(removals, [], collection: collection, trace: nil)
        removed.withLock { $0 += receipts.count { !$0.isDuplicate } }
        _ = try await documents.followAll(
            receipts.compactMap { SubmissionID($0.submission)?.rawOffset }, of: collection)
        return hits.count == Self.portion
    }
}
