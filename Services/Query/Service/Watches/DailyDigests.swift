// The daily digest of a watch: when a day in China has ended, the alerts of that day become one text, and are settled by it.
//
//     <data-dir>/digests/<watch>/<day>.txt        of a watch with the destination `digest`
//     a mail with the Message-ID <watch>.<day>    of one with the destination `mail`
//
// The file is written beside its place and renamed, so that it is whole or not there; then its alerts are acknowledged. A crash in
// between writes the same file again. A mail is handed in, and its alerts are acknowledged when the server has taken it; a crash in
// between sends the same mail again. A mail that is not taken is tried again after the pauses of webhooks; after as many attempts,
// or an answer 5xx, its alerts are dead letters. Items are those that are searchable now; of one that was replaced or removed meanwhile the
// digest has what its alert says.

import Digest
import Foundation
import Logging
import Messages
import SearchCore
import ServiceKit
import ServiceLifecycle
import Transport
import WebClient

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
        var mails = 0
        var mailFailures = 0
        /// Alerts that became dead letters.
        var buried = 0
    }

    private let desk: WatchDesk
    private let reader: ReaderDesk
    private let threads: WorkThreads
    private let mailThreads: WorkThreads
    private let policy: DeliveryPolicy
    private let folder: String
    private let holder: String
    private let logger: Logger
    private let monotonic: @Sendable () -> Int64
    private let wall: @Sendable () -> Int64
    /// Failures in a row of the mail server, and when it is asked again: nobody's mail is tried while it is down.
    private var mailPause = (failures: 0, dueAt: Int64(0))
    /// By watch and day.
    private var attempts: [String: (count: Int, dueAt: Int64)] = [:]
    private(set) var counters = Counters()

    init(
        desk: WatchDesk, reader: ReaderDesk, threads: WorkThreads, mailThreads: WorkThreads, policy: DeliveryPolicy,
        folder: String, holder: String, logger: Logger, monotonic: @escaping @Sendable () -> Int64,
        wall: @escaping @Sendable () -> Int64
    ) {
        self.desk = desk
        self.reader = reader
        self.threads = threads
        self.mailThreads = mailThreads
        self.policy = policy
        self.folder = folder
        self.holder = holder
        self.logger = logger
        self.monotonic = monotonic
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

    /// Writes and sends what has ended.
    func turn() async throws {
        guard try await holdsRight() else { return }
        try await turn(.digest)
        if desk.mail != nil, mailPause.dueAt <= monotonic() { try await turn(.mail) }
    }

    private func holdsRight() async throws -> Bool {
        try await desk.ledger.holdDelivery(holder: holder, durationMilliseconds: Self.rightMilliseconds)
    }

    private func turn(_ kind: WatchDestination.Kind) async throws {
        var after: Int64 = 0
        while true {
            let page = try await desk.ledger.watches(
                WatchSelection(kind: kind, isPending: true, after: after, limit: Self.listed))
            for state in page { try await settle(state.watch) }
            guard page.count == Self.listed, let last = page.last else { return }
            after = last.watch.number
        }
    }

    private func settle(_ watch: Watch) async throws {
        var pending: [Alert] = []
        while true {
            let page = try await desk.alerts(watch.id, after: pending.last?.sequence ?? 0, limit: Self.page)
            pending += page
            guard page.count == Self.page else { break }
        }
        for (day, alerts) in EndedDays.of(pending, now: wall()) {
            if watch.destination.kind == .mail {
                try await mail(alerts, watch, day)
            } else {
                try await write(alerts, watch, day)
            }
        }
    }

    private func write(_ alerts: [Alert], _ watch: Watch, _ day: Int) async throws {
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

    private func mail(_ alerts: [Alert], _ watch: Watch, _ day: Int) async throws {
        let key = "\(watch.id).\(Self.name(day))"
        let now = monotonic()
        guard let mail = desk.mail, mailPause.dueAt <= now, (attempts[key]?.dueAt ?? 0) <= now else { return }
        // A mail may take longer than the right lasts.
        guard try await holdsRight() else { return }
        let recipient: Mailbox
        do {
            recipient = try mail.recipient(watch.destination.url ?? "")
        } catch {
            return try await bury(alerts, watch, error.message, attempts: 1)
        }
        let message = MailMessage(
            sender: mail.sender, recipient: recipient, subject: Self.title(watch, day), identity: key, date: wall(),
            text: try await digest(of: alerts, watch, day: day))
        let refusal = try await mailThreads.run { () -> MailSender.Refusal? in
            do throws(MailSender.Refusal) {
                try mail.send(message)
                return nil
            } catch {
                return error
            }
        }
        guard let refusal else {
            mailPause = (0, 0)
            attempts[key] = nil
            counters.mails += 1
            _ = try await desk.ledger.acknowledge(.these(alerts.map(\.sequence)), ofWatch: watch.id)
            return logger.info("a daily digest was sent", metadata: ["mail": "\(key)", "items": "\(alerts.count)"])
        }
        counters.mailFailures += 1
        logger.warning("a daily digest was not taken", metadata: ["mail": "\(key)", "reason": "\(refusal.error)"])
        let count = (attempts[key]?.count ?? 0) + 1
        guard !refusal.isFinal, count < policy.attempts else {
            attempts[key] = nil
            return try await bury(alerts, watch, "\(refusal.error)", attempts: count)
        }
        attempts[key] = (count, now + policy.pause(after: count))
        if refusal.error.isTransient {
            mailPause.failures += 1
            mailPause.dueAt = now + policy.pause(after: mailPause.failures)
        }
    }

    private func bury(_ alerts: [Alert], _ watch: Watch, _ reason: String, attempts: Int) async throws {
        for alert in alerts {
            _ = try await desk.ledger.buryAlert(
                ofWatch: watch.id, sequence: alert.sequence, reason: reason, attempts: attempts)
        }
        counters.buried += alerts.count
    }

    private static func title(_ watch: Watch, _ day: Int) -> String { "\(watch.name) \(name(day))" }

    /// The digest of some alerts, as text.
    func digest(of alerts: [Alert], _ watch: Watch, day: Int) async throws -> [UInt8] {
        var items: [StoredItem] = []
        let principal = reading(watch)
        for alert in alerts { items.append(await item(of: alert, in: watch.collection, for: principal)) }
        let options = DigestOptions(
            title: Self.title(watch, day), query: watch.q, grouping: .department, extent: .body, version: 0,
            complete: true, total: items.count, words: [], expectedDepartments: [])
        let found = items
        return try await threads.run { Array(try TextWriter.write(DigestCompiler(options).compile(found)).utf8) }
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
