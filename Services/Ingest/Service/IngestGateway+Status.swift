// What the ingest gateway tells of itself.

import Ledger
import Messages
import ServiceKit
import Transport

extension IngestGateway {
    func status() async throws -> IngestStatus {
        let names = feeds.keys.sorted()
        let now = wall()
        let stored = try await committer.read { engine in
            try names.map { name in
                let snapshot = try engine.snapshot(name)
                let items = try snapshot.partitions.map { partition in
                    try JournalDepth(engine, name, .items, partition.partition, from: partition.checkpoint)
                }
                return (
                    name: name, counts: try engine.counts(name), snapshot: snapshot,
                    holders: try engine.holders(name).filter { $0.expiresAt > now }, items: items,
                    raw: try engine.bounds(TopicPartition(collection: name, topic: .raw)),
                    alerts: try engine.alertCounts(name)
                )
            }
        }
        let metrics = committer.metrics
        let time = monotonic()
        let door = await configuration.door.counts()
        let polled = await poller?.report()
        let workers = queue.roster.all
        let waiting = queue.waitingByCollection
        let leased = queue.leasedByCollection
        var oldest: [String: Int64] = [:]
        for (id, record) in records {
            oldest[id.collection] = min(oldest[id.collection] ?? .max, record.description.acceptedAt)
        }
        return IngestStatus(
            release: Release.version, startedAt: configuration.startedAt,
            collections: stored.map { entry in
                let segments = entry.snapshot.partitions.flatMap(\.segments)
                return CollectionStatus(
                    name: entry.name, version: entry.snapshot.version, counts: entry.counts,
                    waitingForParse: waiting[entry.name, default: 0],
                    leasedForParse: leased[entry.name, default: 0],
                    waitingForIndex: entry.counts.items - entry.counts.publishedItems,
                    segments: segments.count,
                    liveItems: segments.reduce(0) { $0 + $1.documentCount - $1.deletedCount },
                    parseLagMilliseconds: oldest[entry.name].map { max(0, now - $0) } ?? 0,
                    indexLagMilliseconds: entry.items.compactMap(\.waitingSince).min().map { max(0, now - $0) } ?? 0,
                    rawRecords: entry.raw.next - entry.raw.low,
                    itemsRecords: entry.items.reduce(0) { $0 + $1.bounds.next - $1.bounds.low },
                    watches: entry.alerts.watches, alerts: entry.alerts.counts)
            },
            parseWorkers: workers.map { $0.status(now: time) },
            partitions: stored.flatMap { entry in
                entry.snapshot.partitions.map { partition in
                    let lease = entry.holders.first { $0.partition == partition.partition }
                    return PartitionStatus(
                        collection: entry.name, partition: partition.partition, holder: lease?.holder,
                        epoch: lease?.epoch ?? 0, checkpoint: partition.checkpoint,
                        next: entry.items.first { $0.partition == partition.partition }?.bounds.next ?? 0,
                        segments: partition.segments.count)
                }
            },
            counters: counterTable(door, metrics).merging(polled?.counters ?? [:]) { first, _ in first },
            indexWorkers: indexReports.filter { time - $0.value.at < Self.reportMilliseconds }.mapValues(\.counters),
            commitTimes: metrics.times, commitMicroseconds: metrics.commitNanoseconds / 1000, feeds: polled?.feeds)
    }

    private func counterTable(_ door: LinkDoor.Counts, _ metrics: CommitMetrics) -> [String: Double] {
        var table: [String: Double] = [
            "ingest_documents_accepted_total": Double(counters.accepted),
            "ingest_accepted_bytes_total": Double(counters.acceptedBytes),
            "ingest_documents_duplicate_total": Double(counters.duplicates),
            "ingest_submissions_refused_total": Double(counters.refused),
            "ingest_submissions_refused_busy_total": Double(counters.refusedBusy),
            "ingest_submissions_refused_disk_total": Double(counters.refusedDisk),
            "ingest_disk_free_bytes": Double(diskFreeBytes ?? -1),
            "ingest_documents_parsed_total": Double(counters.parsed),
            "ingest_documents_dead_total": Double(counters.deadLettered),
            "ingest_commit_failures_total": Double(counters.commitFailures),
            "ingest_bad_parse_results_total": Double(counters.badResults),
            "ingest_ledger_calls_total": Double(counters.ledgerCalls),
            "ingest_publishes_total": Double(counters.publishes),
            "ingest_publishes_refused_total": Double(counters.publishesRefused),
            "ingest_news_sent_total": Double(counters.newsSent),
            "ingest_pending_bytes": Double(pendingBytes),
        ]
        table["ingest_news_renewal_failures_total"] = Double(counters.newsRenewalFailures)
        table["ingest_leases_total"] = Double(queue.counts.leases)
        table["ingest_leased_documents_finished_total"] = Double(queue.counts.finished)
        table["ingest_leased_documents_reclaimed_total"] = Double(queue.counts.reclaimed)
        table["ingest_leased_documents_handed_back_total"] = Double(queue.counts.handedBack)
        table["ingest_late_results_total"] = Double(queue.counts.lateResults)
        table["ingest_journal_records_trimmed_total"] = Double(counters.trimmedRecords)
        table["ingest_journal_trim_failures_total"] = Double(counters.trimFailures)
        table["ingest_alerts_matched_total"] = Double(counters.alertsMatched)
        table["ingest_alert_acknowledgements_total"] = Double(counters.acknowledgements)
        table["ingest_alerts_buried_total"] = Double(counters.alertsBuried)
        table["ingest_alerts_retried_total"] = Double(counters.alertsRetried)
        table["ingest_ledger_works_total"] = Double(metrics.works)
        table["ingest_ledger_payload_bytes_total"] = Double(metrics.payloadBytes)
        table["ingest_ledger_tasks_total"] = Double(metrics.tasks)
        table["ingest_ledger_busy_total"] = Double(metrics.busyWorks)
        table["ingest_ledger_disk_full_commits_total"] = Double(metrics.diskFullCommits)
        table["ingest_ledger_longest_commit_seconds"] = Double(metrics.longestCommitNanoseconds) / 1e9
        table["ingest_ledger_queued_works"] = Double(metrics.queuedWorks)
        table["ingest_ledger_queued_bytes"] = Double(metrics.queuedBytes)
        table["ingest_link_keys_admitted_total"] = Double(door.admitted)
        table["ingest_link_keys_denied_total"] = Double(door.denied)
        table["ingest_link_key_reloads_total"] = Double(door.reloads)
        table["ingest_link_key_reloads_failed_total"] = Double(door.failedReloads)
        for (name, value) in ProcessFigures.now() { table["ingest_\(name)"] = Double(value) }
        let ports = [
            ("submit", submitPort.counters), ("parse", parsePort.counters), ("ledger", ledgerPort.counters),
        ]
        for (name, port) in ports {
            table["ingest_\(name)_messages_received_total"] = Double(port.received)
            table["ingest_\(name)_messages_rejected_total"] = Double(port.rejected)
            table["ingest_\(name)_messages_denied_total"] = Double(port.denied)
            table["ingest_\(name)_messages_expired_total"] = Double(port.expired)
            table["ingest_\(name)_handshakes_failed_total"] = Double(port.failedHandshakes)
            table["ingest_\(name)_messages_unreachable_total"] = Double(port.unreachable)
            table["ingest_\(name)_messages_full_total"] = Double(port.full)
        }
        return table
    }
}

/// How much of a stream of items waits, and since when.
private struct JournalDepth: Sendable {
    let partition: Int
    let bounds: JournalBounds
    /// When the first batch that waits was appended; nil where none does.
    let waitingSince: Int64?

    init(_ engine: any LedgerEngine, _ collection: String, _ topic: Topic, _ partition: Int, from: Int64) throws {
        let stream = TopicPartition(collection: collection, topic: topic, partition: partition)
        self.partition = partition
        bounds = try engine.bounds(stream)
        waitingSince =
            from < bounds.next
            ? try engine.read(stream, from: from, maxBatches: 1, maxBytes: 0).first?.appendedAt : nil
    }
}
