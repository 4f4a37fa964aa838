// The new items of a step, and the alerts that they make.
//
// An item is new unless the version of its document that it replaces had an item with the same title and body: who adds a page
// again, or indexes a collection anew, tells nobody anything. A record is new unless it has the values that it had before.
// Removals and items without a live place make no alerts.

import Messages
import Schemas
import SearchCore

/// What a step's items made watches say.
struct MatchCounts: Sendable, Hashable {
    var items = 0
    var unchanged = 0
    var alerts = 0
    /// Alerts that were left out because one document alone made more than a publish takes.
    var dropped = 0
    var evaluations = 0
    /// Matchings that were done again because watches had changed.
    var rematches = 0

    mutating func add(_ other: MatchCounts) {
        items += other.items
        unchanged += other.unchanged
        alerts += other.alerts
        dropped += other.dropped
        evaluations += other.evaluations
        rematches += other.rematches
    }
}

/// The documents of a new segment as watches see them.
struct Arrivals: Sendable {
    /// Bytes of the alerts of one publish, which travel in one message.
    static let alertBytes = 8 << 20
    /// Items with alerts of one publish; the ledger takes a few more.
    static let alertItems = 60_000
    /// Bytes that a watch's number takes at most.
    private static let numberBytes = 9
    static let excerptCharacters = 200
    /// Longer values are cut: an alert tells what came, the item itself has it whole.
    private static let titleCharacters = 300
    private static let listed = 20
    /// Longer values have no desk; of a keyword of records more than this is not allowed.
    private static let deskBytes = 4000

    /// Where a document came from.
    struct Origin: Sendable {
        let record: ItemsRecord
        let place: Int

        /// Of a record of a declared collection, which has no items, the short form. Made when it is asked for: few records
        /// have a watch.
        func item(_ schema: CollectionSchema) -> Item {
            record.record.map { RecordIndexing.item(of: $0, record.document.identity, schema) }
                ?? record.parsed.items[place]
        }
    }

    /// The alerts of a step, matched with one version of the watches.
    struct Matched: Sendable {
        let version: Int64
        let alerts: [AlertBatch]
        let isWithinLimits: Bool
        var counts: MatchCounts
        /// Those that a publish takes: all, or as many as fit where a step of one document has more.
        private(set) var sent: [AlertBatch]

        init(version: Int64, alerts: [AlertBatch], counts: MatchCounts) {
            self.version = version
            self.alerts = alerts
            self.counts = counts
            var bytes = 0
            sent = []
            for alert in alerts {
                bytes += alert.payload.count + alert.alertCount * Arrivals.numberBytes
                bytes += (alert.routes ?? []).reduce(0) { $0 + $1.desks.reduce(0) { $0 + $1.utf8.count } }
                guard bytes <= Arrivals.alertBytes, sent.count < Arrivals.alertItems else { break }
                sent.append(alert)
            }
            isWithinLimits = sent.count == alerts.count
            let made = { (list: [AlertBatch]) in list.reduce(0) { $0 + $1.alertCount } }
            self.counts.alerts = made(sent)
            self.counts.dropped = made(alerts) - made(sent)
        }
    }

    let segmentID: String
    /// The collection, which submissions are named by.
    let submissions: String
    let reader: SegmentReader
    /// By document; nil for one that remembers a removal.
    let origins: [Origin?]
    /// Identities whose documents this step replaces.
    let replaced: Set<String>
    /// The segments before this step.
    let current: [OpenSegment]
    let schema: CollectionSchema

    /// Matches the new items. Blocks for as long as that takes.
    func match(_ set: StandingQueries.Set) throws -> Matched {
        var counts = MatchCounts()
        guard set.matcher.index.count > 0 else { return Matched(version: set.version, alerts: [], counts: counts) }
        var documents: [DocID] = []
        var known: [String: Set<ItemText>] = [:]
        for (document, origin) in origins.enumerated() {
            guard let origin else { continue }
            let identity = origin.record.document.identity
            if replaced.contains(identity) {
                let texts = try known[identity] ?? liveTexts(of: identity)
                known[identity] = texts
                let item = origin.item(schema)
                let own = ItemText(title: item.title, body: item.body, values: origin.record.record?.values)
                if texts.contains(own) {
                    counts.unchanged += 1
                    continue
                }
            }
            documents.append(DocID(document))
        }
        counts.items = documents.count
        let result = try set.matcher.match(reader, documents: documents)
        counts.evaluations = result.evaluations
        var alerts: [AlertBatch] = []
        for (document, watches) in result.matches {
            guard let origin = origins[Int(document)] else { continue }
            let (own, routes) = desks(of: watches, origin, set)
            alerts.append(
                AlertBatch(
                    batchID: "\(segmentID)/\(document)", payload: try MessagePackEncoder.encode(alertItem(origin)),
                    watches: own.isEmpty ? nil : own, routes: routes.isEmpty ? nil : routes))
        }
        return Matched(version: set.version, alerts: alerts, counts: counts)
    }

    /// Watches that get an item themselves, and rules with the desks that get it. An item without a value stays with its rule.
    private func desks(
        of watches: [Int64], _ origin: Origin, _ set: StandingQueries.Set
    ) -> (own: [Int64], routes: [AlertRoute]) {
        guard watches.contains(where: { set.routes[$0] != nil }) else { return (watches, []) }
        var own: [Int64] = []
        var routes: [AlertRoute] = []
        for number in watches {
            // What the ledger takes for no name is no desk: an alert that it refused would be refused for ever.
            let names = (set.routes[number].map { values(of: origin, $0) } ?? []).filter {
                (1...Self.deskBytes).contains($0.utf8.count) && !$0.utf8.contains(0)
            }
            let desks = Set(names).sorted()
            if desks.isEmpty { own.append(number) } else { routes.append(AlertRoute(rule: number, desks: desks)) }
        }
        return (own, routes)
    }

    /// What an item has in the field that a rule is routed by.
    private func values(of origin: Origin, _ field: String) -> [String] {
        if let record = origin.record.record { return (record.values[field]?.elements ?? []).compactMap(\.text) }
        let item = origin.item(schema)
        return switch field {
        case "department": item.department.map { [$0.value] } ?? []
        case "source": item.sources.map(\.value)
        case "district": item.districts
        default: []
        }
    }

    private func alertItem(_ origin: Origin) -> AlertItem {
        let document = origin.record.document
        let item = origin.item(schema)
        return AlertItem(
            id: "\(document.identity)#\(item.ordinal)", document: document.identity, ordinal: item.ordinal,
            submission: SubmissionID(collection: submissions, rawOffset: origin.record.version).text,
            title: String(item.title.prefix(Self.titleCharacters)),
            excerpt: String(item.body.prefix(Self.excerptCharacters)), date: item.published?.value.text,
            department: item.department?.value, sources: Array(item.sources.map(\.value).prefix(Self.listed)),
            file: document.sourceAddress, flags: Array(item.flags.prefix(Self.listed)))
    }

    /// The texts of the live items of a document, before this step.
    private func liveTexts(of identity: String) throws -> Set<ItemText> {
        var result: Set<ItemText> = []
        for segment in current {
            for document in try segment.documents(withID: identity) where segment.isLive(document) {
                let stored = try segment.reader.stored(document)
                guard !stored.isEmpty else { continue }
                let text = try MessagePackDecoder.decode(StoredText.self, from: stored)
                result.insert(ItemText(title: text.item.title, body: text.item.body, values: text.record?.values))
            }
        }
        return result
    }
}

/// What makes an item new.
private struct ItemText: Sendable, Hashable {
    let title: String
    let body: String
    /// Of a record.
    let values: [String: JSONValue]?
}

/// The part of a `StoredItem` that is compared.
private struct StoredText: Decodable {
    struct Item: Decodable {
        let title: String
        let body: String
    }

    let item: Item
    let record: RecordContent?
}
