// The daily digest of a watch: when a day in China has ended, the alerts of that day become one text file, and are settled by it.
//
//     <data-dir>/digests/<watch>/<day>.txt
//
// The file is written beside its place and renamed, so that it is whole or not there; then its alerts are acknowledged. A crash in
// between writes the same file again. Items are those that are searchable now; of one that was replaced or removed meanwhile the
// digest has what its alert says.

import Digest
import Foundation
import Logging
import Messages
import SearchCore
import ServiceKit
import ServiceLifecycle
import Transport

/// The days of alerts that have ended.
enum EndedDays {
    private static let dayMilliseconds: Int64 = 86_400_000
    /// China's clock is so far ahead of UTC.
    private static let offsetMilliseconds: Int64 = 8 * 3_600_000

    /// Alerts by day (UTC+8), ascending; the day that is not over at `now` is left out.
    static func of(_ alerts: [Alert], now: Int64) -> [(day: Int, alerts: [Alert])] {
        func day(_ milliseconds: Int64) -> Int { Int((milliseconds + offsetMilliseconds) / dayMilliseconds) }
        let today = day(now)
        return Dictionary(grouping: alerts) { day($0.matchedAt) }.filter { $0.key < today }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted { $0.sequence < $1.sequence }) }
    }
}

/// Writes the daily digests of all watches that want one.
actor DailyDigests {
    /// How often ended days are looked for.
    private static let turnMilliseconds: Int64 = 10_000
    private static let rightMilliseconds: Int64 = 30_000
    private static let listed = 1000
    private static let page = 500

    struct Counters: Sendable {
        var files = 0
        var failures = 0
    }

    private let desk: WatchDesk
    private let reader: ReaderDesk
    private let threads: WorkThreads
    private let folder: String
    private let holder: String
    private let logger: Logger
    private let wall: @Sendable () -> Int64
    private(set) var counters = Counters()

    init(
        desk: WatchDesk, reader: ReaderDesk, threads: WorkThreads, folder: String, holder: String, logger: Logger,
        wall: @escaping @Sendable () -> Int64
    ) {
        self.desk = desk
        self.reader = reader
        self.threads = threads
        self.folder = folder
        self.holder = holder
        self.logger = logger
        self.wall = wall
    }

    /// Writes until the task is cancelled or the service is to stop.
    func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.turn()
                } catch {
                    await self.fail(error)
                }
                try? await Task.sleep(for: .milliseconds(Self.turnMilliseconds))
            }
        }
    }

    private func fail(_ error: any Error) {
        counters.failures += 1
        logger.warning("a daily digest waits", metadata: ["error": "\(error)"])
    }

    /// Writes what has ended.
    func turn() async throws {
        guard try await desk.ledger.holdDelivery(holder: holder, durationMilliseconds: Self.rightMilliseconds) else {
            return
        }
        var after: Int64 = 0
        while true {
            let page = try await desk.ledger.watches(
                WatchSelection(kind: .digest, isPending: true, after: after, limit: Self.listed))
            for state in page { try await write(state.watch) }
            guard page.count == Self.listed, let last = page.last else { return }
            after = last.watch.number
        }
    }

    private func write(_ watch: Watch) async throws {
        var pending: [Alert] = []
        while true {
            let page = try await desk.alerts(watch.id, after: pending.last?.sequence ?? 0, limit: Self.page)
            pending += page
            guard page.count == Self.page else { break }
        }
        for (day, alerts) in EndedDays.of(pending, now: wall()) {
            let bytes = try await digest(of: alerts, watch, day: day)
            let path = folder + "/" + watch.id
            let file = path + "/" + Self.name(day) + ".txt"
            try await threads.run {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                try Data(bytes).write(to: URL(fileURLWithPath: file), options: .atomic)
            }
            _ = try await desk.ledger.acknowledge(.these(alerts.map(\.sequence)), ofWatch: watch.id)
            counters.files += 1
            logger.info("a daily digest was written", metadata: ["file": "\(file)", "items": "\(alerts.count)"])
        }
    }

    /// The digest of some alerts, as text.
    func digest(of alerts: [Alert], _ watch: Watch, day: Int) async throws -> [UInt8] {
        var items: [StoredItem] = []
        let principal = reading(watch)
        for alert in alerts { items.append(await item(of: alert, in: watch.collection, for: principal)) }
        let options = DigestOptions(
            title: "\(watch.name) \(Self.name(day))", query: watch.q, grouping: .department, extent: .body, version: 0,
            complete: true, total: items.count, words: [], expectedDepartments: [])
        let found = items
        return try await threads.run { Array(TextWriter.write(DigestCompiler(options).compile(found)).utf8) }
    }

    /// Whoever made the watch, with what it may see.
    private func reading(_ watch: Watch) -> Principal {
        Principal(
            id: watch.owner, tenant: watch.tenant, scopes: [.search], collections: nil,
            filter: watch.filter)
    }

    /// The item as it is searchable now, or as its alert tells of it.
    private func item(of alert: Alert, in collection: String, for principal: Principal) async -> StoredItem {
        if let reply = try? await reader.document(alert.item.id, in: collection, for: principal),
            let item = reply.items.first, item.title.hasPrefix(alert.item.title)
        {
            let document = DocumentDescription(identity: reply.identity, sourceAddress: reply.file)
            return StoredItem(document: document, format: reply.format, item: item)
        }
        let told = alert.item
        let found = Basis(rule: "alert", certainty: 1)
        let item = Item(
            ordinal: told.ordinal, title: told.title, body: told.excerpt,
            department: told.department.map { Found($0, found) },
            sources: told.sources.map { Found($0, found) }, flags: told.flags, range: ByteRange(0, 0))
        return StoredItem(
            document: DocumentDescription(identity: told.document, sourceAddress: told.file), format: "text", item: item
        )
    }

    private static func name(_ day: Int) -> String {
        guard let date = CalendarDay(daysSince1970: day) else { return "\(day)" }
        return PartialDate(year: date.year, month: date.month, day: date.day).text
    }
}
