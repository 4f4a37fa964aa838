// What the query gateway asks of its workers over the search link, and what they answer.

import Messages
import SearchCore

/// The body of a `lease` on the search link.
struct WorkerLease: Codable, Sendable {
    var ticket: LeaseTicket
    var collection: String
    /// The version whose segments `parts` counts.
    var version: Int64
    /// The version's segments, sent once to each worker; nil where the worker has them.
    var snapshot: CollectionSnapshot?
    /// Places of segments in the snapshot: partitions in order, and in each its segments in order.
    var parts: [Int]
    var task: WorkerTask
    /// The instant after which nobody waits: milliseconds since 1970, UTC.
    var deadline: Int64
}

/// One kind of work.
enum WorkerTask: Codable, Sendable {
    /// Counts of the query's terms in the parts.
    case statistics(Query)
    /// The best hits of the parts; with `isWhole` the parts are the whole snapshot, so that the hits are final and come
    /// with their stored fields, the first `passOver` left out.
    case search(SearchPlan, isWhole: Bool, passOver: Int, show: HitShow)
    /// Stored fields of hits of the parts.
    case fetch([ScoredReference], show: HitShow, statistics: CollectionStatistics?)
    /// Whole items of hits of the parts.
    case items([HitReference])
    /// The items of the newest version of one document in the parts; with a filter, those that it lets through.
    case document(String, filter: Query?)
    /// Which of these identities have a live document in the parts.
    case known([String])
    /// What may have been meant by words that found nothing in the parts.
    case corrections(CorrectionTask)
    /// What the parts suggest for typed text.
    case suggest(SuggestTask)
}

/// Typed text, and what may be suggested for it.
struct SuggestTask: Codable, Sendable, Hashable {
    var typed: String
    /// Titles at most, and suggestions that will be shown.
    var limit: Int
    /// What a tenant token adds: only documents that it lets through count.
    var filter: Query?
    /// What the collection suggests from.
    var sources: SuggestionFields
    /// Those of its fields that are wanted and that the asker may see; nil for all.
    var fields: [String]?
}

/// How a hit is shown.
struct HitShow: Codable, Sendable, Hashable {
    /// The reader's query, without what a tenant token adds to it.
    var marking: Query
    var snippetCharacters: Int
    var explains: Bool
    var collapses: Bool
}

/// A hit by its place, and the score that is shown with it.
struct ScoredReference: Codable, Sendable, Hashable {
    var reference: HitReference
    var score: Double
    /// Metres from the place that hits are ordered by.
    var distance: Double?

    init(_ hit: Hit, _ order: HitOrder) {
        reference = hit.reference
        score = hit.score
        guard case .distance = order, hit.place.key != .max else { return }
        distance = Double(hit.place.key) / 1000
    }
}

/// The body of a `done` on the search link.
struct WorkerResult: Codable, Sendable {
    var ticket: LeaseTicket
    var outcome: WorkerOutcome
    var microseconds: Int64
}

/// The answer to a `WorkerTask` of the same name.
enum WorkerOutcome: Codable, Sendable {
    case statistics(CollectionStatistics)
    /// With `hits`, those of the result are the last one alone: a cursor begins behind it.
    case search(PartialResult, hits: [EncodedHit]?)
    case fetch([FetchedHit])
    case items([FetchedItem])
    case document([FoundItem])
    case known([String])
    /// By piece of the task.
    case corrections([[CorrectionCandidate]])
    /// `isWhole` is false where a segment's table is not made yet, or has no room.
    case suggest(SuggestionPart, isWhole: Bool)
    case refused(KuaibaoError)
}

/// A hit as the worker wrote it: the gateway passes most on unread.
typealias EncodedHit = EncodedValue<SearchHit>

/// A hit with its stored fields.
struct FetchedHit: Codable, Sendable {
    var reference: ScoredReference
    var hit: EncodedHit
}

/// A whole item by its place, as it is stored: the gateway reads it, the worker need not.
struct FetchedItem: Codable, Sendable {
    var reference: HitReference
    var stored: [UInt8]
}

/// An item of one document.
struct FoundItem: Codable, Sendable {
    /// The document's place in the topic `raw`.
    var version: Int64
    /// False for an item that the filter keeps back; `item` is nil then.
    var item: StoredItem?
}

/// The segments of a snapshot in the order that `WorkerLease.parts` counts.
extension CollectionSnapshot {
    var flatSegments: [SegmentRecord] { partitions.flatMap(\.segments) }
}
