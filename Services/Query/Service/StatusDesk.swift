// The whole stack's status: the ingest gateway's, asked for, and the query gateway's own.

import Messages
import ServiceKit
import Synchronization
import Transport

/// Puts the status together, and prints it for Prometheus.
final class StatusDesk: Sendable {
    /// How long the ledger may be silent before the gateway is not ready, in milliseconds.
    static let contactMilliseconds: Int64 = 5000

    private struct State {
        var searches = 0
        var searchErrors = 0
        var latency = LatencyHistogram()
        var httpResponses: [Int: Int] = [:]
        weak var ask: AskLink?
        var documents: DocumentDesk?
        weak var board: AlertBoard?
        var events: EventStreams?
        weak var deliverer: Deliverer?
        weak var digests: DailyDigests?
    }

    private let ledger: LedgerClient
    private let keeper: SnapshotKeeper
    private let link: SearchLink
    private let cache: ResultCache
    private let access: AccessDesk
    private let audit: AuditLog
    private let compression: Compression
    private let gate: FairGate
    private let door: LinkDoor
    private let monotonic: @Sendable () -> Int64
    private let state = Mutex(State())

    init(
        ledger: LedgerClient, keeper: SnapshotKeeper, link: SearchLink, cache: ResultCache, access: AccessDesk,
        audit: AuditLog, compression: Compression, gate: FairGate, door: LinkDoor,
        monotonic: @escaping @Sendable () -> Int64
    ) {
        self.ledger = ledger
        self.keeper = keeper
        self.link = link
        self.cache = cache
        self.access = access
        self.audit = audit
        self.compression = compression
        self.gate = gate
        self.door = door
        self.monotonic = monotonic
    }

    /// Shows these counts from now on; the link is made after the desk, because it answers with it.
    func show(_ ask: AskLink, _ documents: DocumentDesk, _ board: AlertBoard, _ events: EventStreams) {
        state.withLock { state in
            state.ask = ask
            state.documents = documents
            state.board = board
            state.events = events
        }
    }

    /// Shows these counts too.
    func show(_ deliverer: Deliverer, _ digests: DailyDigests) {
        state.withLock { state in
            state.deliverer = deliverer
            state.digests = digests
        }
    }

    func noteSearch(microseconds: Int64, failed: Bool) {
        state.withLock { state in
            state.searches += 1
            if failed { state.searchErrors += 1 }
            state.latency.record(microseconds: microseconds)
        }
    }

    func noteResponse(status: Int) { state.withLock { $0.httpResponses[status, default: 0] += 1 } }

    /// Why the gateway cannot answer searches now; empty when it can.
    func problems() async -> [String] {
        var problems: [String] = []
        if await keeper.versions.isEmpty {
            problems.append("the ledger was not reached yet: start ingest --role gateway")
        } else if monotonic() - (await keeper.lastContact) > Self.contactMilliseconds {
            problems.append("the ledger does not answer: searches go on with the versions known, documents are refused")
        }
        if await link.workers.isEmpty { problems.append("no query worker has joined: start query --role worker") }
        return problems
    }

    func reply() async -> StatusReply {
        let ingest = try? await ledger.status()
        var problems = await problems()
        if let ingest {
            if ingest.parseWorkers.isEmpty { problems.append("no parse worker has joined: start ingest --role worker") }
            if !ingest.partitions.contains(where: { $0.holder != nil }) {
                problems.append("no index worker holds a partition: start index")
            }
        }
        let time = monotonic()
        let counts = await link.counts
        let doorCounts = await door.counts()
        let own = state.withLock { $0 }
        var counters: [String: Double] = [:]
        counters["query_searches_total"] = Double(own.searches)
        counters["query_search_errors_total"] = Double(own.searchErrors)
        counters["query_worker_asks_total"] = Double(counts.asks)
        counters["query_worker_asks_hedged_total"] = Double(counts.hedged)
        counters["query_worker_asks_reassigned_total"] = Double(counts.reassigned)
        counters["query_expired_total"] = Double(counts.expired)
        counters["query_unserved_total"] = Double(counts.unserved)
        counters["query_late_answers_total"] = Double(counts.lateAnswers)
        counters["query_worker_asks_abandoned_total"] = Double(counts.abandoned)
        let depth = await link.depth
        counters["query_running"] = Double(depth.running)
        counters["query_shares_waiting"] = Double(depth.waiting)
        counters["query_worker_asks_open"] = Double(depth.asks)
        for (name, port) in [("ask", await own.ask?.portCounters), ("search", await link.portCounters)] {
            guard let port else { continue }
            counters["query_\(name)_messages_received_total"] = Double(port.received)
            counters["query_\(name)_messages_rejected_total"] = Double(port.rejected)
            counters["query_\(name)_messages_denied_total"] = Double(port.denied)
            counters["query_\(name)_messages_expired_total"] = Double(port.expired)
            counters["query_\(name)_messages_unreachable_total"] = Double(port.unreachable)
            counters["query_\(name)_messages_full_total"] = Double(port.full)
            counters["query_\(name)_handshakes_failed_total"] = Double(port.failedHandshakes)
        }
        if let documents = own.documents?.counters {
            counters["query_documents_resent_total"] = Double(documents.resent)
            counters["query_documents_refused_busy_total"] = Double(documents.refusedBusy)
            counters["query_documents_bytes"] = Double(documents.bytesOnTheirWay)
        }
        if let streams = own.events?.counters {
            counters["query_event_streams"] = Double(streams.open)
            counters["query_event_streams_opened_total"] = Double(streams.opened)
            counters["query_event_streams_refused_total"] = Double(streams.refused)
            counters["query_event_streams_stalled_total"] = Double(streams.stalled)
            counters["query_events_sent_total"] = Double(streams.sent)
        }
        if let counts = await own.deliverer?.counters {
            counters["query_webhooks_sent_total"] = Double(counts.sent)
            counters["query_webhooks_taken_total"] = Double(counts.taken)
            counters["query_webhooks_failed_total"] = Double(counts.failed)
            counters["query_webhooks_given_up_total"] = Double(counts.buried)
            counters["query_webhook_ledger_failures_total"] = Double(counts.ledgerFailures)
        }
        if let counts = await own.digests?.counters {
            counters["query_daily_digests_total"] = Double(counts.files)
            counters["query_mails_total"] = Double(counts.mails)
            counters["query_mail_failures_total"] = Double(counts.mailFailures)
            counters["query_mail_given_up_total"] = Double(counts.buried)
            counters["query_daily_digest_failures_total"] = Double(counts.failures)
        }
        if let board = own.board {
            let asked = await board.counters
            counters["query_alert_waits"] = Double(await board.waiting)
            counters["query_alert_questions_total"] = Double(asked.questions)
            counters["query_alert_question_failures_total"] = Double(asked.failures)
            counters["query_alert_waits_refused_total"] = Double(asked.refused)
        }
        for (name, value) in ProcessFigures.now() { counters["query_\(name)"] = Double(value) }
        counters["query_link_keys_admitted_total"] = Double(doorCounts.admitted)
        counters["query_link_keys_denied_total"] = Double(doorCounts.denied)
        counters["query_link_key_reloads_total"] = Double(doorCounts.reloads)
        counters["query_link_key_reloads_failed_total"] = Double(doorCounts.failedReloads)
        return StatusReply(
            release: Release.version, complete: ingest != nil, problems: problems, ingest: ingest,
            searchWorkers: await link.workers.map { $0.status(now: time) },
            searchVersions: await keeper.versions, queriesRunning: await link.runningCount,
            counters: counters.merging(doorCounters(), uniquingKeysWith: { own, _ in own }))
    }

    private func doorCounters() -> [String: Double] {
        let cached = cache.counters
        let door = access.counters
        let log = audit.counters
        let packed = compression.counters
        let turns = gate.counters
        return [
            "query_http_compressed_total": Double(packed.compressed),
            "query_http_compression_passed_over_total": Double(packed.passedOver),
            "query_http_compression_bytes_in_total": Double(packed.bytesIn),
            "query_http_compression_bytes_out_total": Double(packed.bytesOut),
            "query_turns_waited_total": Double(turns.waited),
            "query_turns_refused_total": Double(turns.refused),
            "query_turns_waiting": Double(turns.waiting),
            "query_cache_hits_total": Double(cached.hits),
            "query_cache_misses_total": Double(cached.misses),
            "query_cache_bytes": Double(cached.bytes),
            "query_keys_refused_total": Double(door.refused),
            "query_keys_limited_total": Double(door.limited),
            "query_keys_reloads_total": Double(door.reloads),
            "query_keys_reload_failures_total": Double(door.reloadFailures),
            "query_audit_dropped_total": Double(log.dropped),
            "query_audit_failures_total": Double(log.failures),
        ]
    }

    /// The text of `/metrics`.
    func metrics() async -> String {
        let status = await reply()
        let own = state.withLock { $0 }
        var page = PrometheusPage()
        page.add("kuaibao_ready", .gauge, help: "1 when searches can be answered.", status.problems.isEmpty ? 1 : 0)
        page.add("kuaibao_query_search_seconds", help: "Time of a search at the gateway.", own.latency)
        for (code, count) in own.httpResponses.sorted(by: { $0.key < $1.key }) {
            page.add(
                "kuaibao_query_http_responses_total", .counter, help: "HTTP responses by status.",
                labels: [("status", String(code))], Double(count))
        }
        for (name, value) in status.counters.merging(
            status.ingest?.counters ?? [:], uniquingKeysWith: { own, _ in own }
        )
        .sorted(by: { $0.key < $1.key }) {
            page.add(
                "kuaibao_\(name)", name.hasSuffix("_total") ? .counter : .gauge,
                help: "See docs/operations/metrics.md.", value)
        }
        for collection in status.ingest?.collections ?? [] { add(collection, to: &page) }
        if let times = status.ingest?.commitTimes,
            let histogram = LatencyHistogram(counts: times, sumMicroseconds: status.ingest?.commitMicroseconds ?? 0)
        {
            page.add(
                "kuaibao_ledger_commit_seconds", help: "Time of a transaction of the ledger, the disk's included.",
                histogram)
        }
        for (holder, counts) in (status.ingest?.indexWorkers ?? [:]).sorted(by: { $0.key < $1.key }) {
            for (name, value) in counts.sorted(by: { $0.key < $1.key }) {
                page.add(
                    "kuaibao_index_worker_\(name)", name.hasSuffix("_total") ? .counter : .gauge,
                    help: "Counted by an index worker since its start.", labels: [("worker", holder)], Double(value))
            }
        }
        for (role, workers) in [("parse", status.ingest?.parseWorkers ?? []), ("search", status.searchWorkers)] {
            page.add(
                "kuaibao_workers", .gauge, help: "Workers that have joined.", labels: [("link", role)],
                Double(workers.count))
            for worker in workers {
                let labels = [("link", role), ("worker", worker.name)]
                page.add("kuaibao_worker_leases", .gauge, help: "Leases held now.", labels: labels, Double(worker.held))
                page.add(
                    "kuaibao_worker_window", .gauge, help: "Leases that it takes at once: its credit.", labels: labels,
                    Double(worker.window))
                page.add(
                    "kuaibao_worker_leases_finished_total", .counter, help: "Leases finished.", labels: labels,
                    Double(worker.finished))
                if let held = worker.heldBytes, let window = worker.windowBytes {
                    page.add(
                        "kuaibao_worker_held_bytes", .gauge, help: "Bytes of documents held now.", labels: labels,
                        Double(held))
                    page.add(
                        "kuaibao_worker_window_bytes", .gauge, help: "Bytes of documents that it takes at once.",
                        labels: labels, Double(window))
                }
                for (name, value) in (worker.counters ?? [:]).sorted(by: { $0.key < $1.key }) {
                    page.add(
                        "kuaibao_\(role)_worker_\(name)", name.hasSuffix("_total") ? .counter : .gauge,
                        help: "Told by a worker of its own process.", labels: [("worker", worker.name)], Double(value))
                }
            }
        }
        return page.text
    }

    private func add(_ collection: CollectionStatus, to page: inout PrometheusPage) {
        let labels = [("collection", collection.name)]
        let counts = collection.counts
        if let alerts = collection.alerts {
            page.add("kuaibao_watches", .gauge, help: "Watches.", labels: labels, Double(collection.watches ?? 0))
            page.add(
                "kuaibao_alerts_made_total", .counter, help: "Alerts that the watches that there are have made.",
                labels: labels, Double(alerts.matched))
            for (state, value) in [
                ("acknowledged", alerts.acknowledged), ("pending", alerts.pending), ("dead", alerts.dead),
            ] {
                page.add(
                    "kuaibao_alerts", .gauge, help: "Alerts by what became of them; their sum is those made.",
                    labels: labels + [("state", state)], Double(value))
            }
        }
        for (state, value) in [
            ("searchable", counts.searchable), ("superseded", counts.superseded), ("dead", counts.deadLettered),
            ("dropped", counts.dropped), ("in_flight", counts.inFlight),
        ] {
            page.add(
                "kuaibao_documents", .gauge, help: "Accepted documents by what became of them.",
                labels: labels + [("state", state)], Double(value))
        }
        page.add(
            "kuaibao_documents_accepted_total", .counter, help: "Documents ever accepted.", labels: labels,
            Double(counts.accepted))
        page.add(
            "kuaibao_queue_parse", .gauge, help: "Documents waiting for a parse worker.", labels: labels,
            Double(collection.waitingForParse))
        page.add(
            "kuaibao_queue_parse_leased", .gauge, help: "Documents that parse workers hold.", labels: labels,
            Double(collection.leasedForParse))
        page.add(
            "kuaibao_dead_letter_retries_total", .counter, help: "Dead letters that were put back.", labels: labels,
            Double(counts.retries))
        page.add(
            "kuaibao_queue_index", .gauge, help: "Parsed documents waiting for the index.", labels: labels,
            Double(collection.waitingForIndex))
        for (stage, milliseconds) in [
            ("parse", collection.parseLagMilliseconds), ("index", collection.indexLagMilliseconds),
        ] {
            guard let milliseconds else { continue }
            page.add(
                "kuaibao_lag_seconds", .gauge, help: "Age of the oldest document that waits for this stage.",
                labels: labels + [("stage", stage)], Double(milliseconds) / 1000)
        }
        for (topic, records) in [("raw", collection.rawRecords), ("items", collection.itemsRecords)] {
            guard let records else { continue }
            page.add(
                "kuaibao_journal_records", .gauge, help: "Records in the journal that were not trimmed.",
                labels: labels + [("topic", topic)], Double(records))
        }
        page.add("kuaibao_segments", .gauge, help: "Live segments.", labels: labels, Double(collection.segments))
        page.add("kuaibao_items", .gauge, help: "Live items.", labels: labels, Double(collection.liveItems))
        page.add(
            "kuaibao_version", .gauge, help: "Version of the collection.", labels: labels, Double(collection.version))
    }
}
