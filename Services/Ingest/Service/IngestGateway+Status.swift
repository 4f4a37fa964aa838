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
                (
                    name: name, counts: try engine.counts(name), snapshot: try engine.snapshot(name),
                    holders: try engine.holders(name).filter { $0.expiresAt > now },
                    next: try (0..<engine.snapshot(name).partitions.count).map { partition in
                        try engine.bounds(TopicPartition(collection: name, topic: .items, partition: partition)).next
                    }
                )
            }
        }
        let time = monotonic()
        let workers = queue.roster.all
        let waiting = queue.waitingByCollection
        let leased = queue.leasedByCollection
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
                    liveItems: segments.reduce(0) { $0 + $1.documentCount - $1.deletedCount })
            },
            parseWorkers: workers.map { worker in
                WorkerStatus(
                    name: worker.ready.name, boot: worker.ready.boot, window: worker.ready.window,
                    held: worker.held, finished: worker.finished, silentMilliseconds: time - worker.lastHeard)
            },
            partitions: stored.flatMap { entry in
                entry.snapshot.partitions.map { partition in
                    let lease = entry.holders.first { $0.partition == partition.partition }
                    return PartitionStatus(
                        collection: entry.name, partition: partition.partition, holder: lease?.holder,
                        epoch: lease?.epoch ?? 0, checkpoint: partition.checkpoint,
                        next: partition.partition < entry.next.count ? entry.next[partition.partition] : 0,
                        segments: partition.segments.count)
                }
            },
            counters: counterTable())
    }

    private func counterTable() -> [String: Double] {
        var table: [String: Double] = [
            "ingest_documents_accepted_total": Double(counters.accepted),
            "ingest_accepted_bytes_total": Double(counters.acceptedBytes),
            "ingest_documents_duplicate_total": Double(counters.duplicates),
            "ingest_submissions_refused_total": Double(counters.refused),
            "ingest_submissions_refused_busy_total": Double(counters.refusedBusy),
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
        table["ingest_leases_total"] = Double(queue.counts.leases)
        table["ingest_leased_documents_finished_total"] = Double(queue.counts.finished)
        table["ingest_leased_documents_reclaimed_total"] = Double(queue.counts.reclaimed)
        table["ingest_leased_documents_handed_back_total"] = Double(queue.counts.handedBack)
        table["ingest_late_results_total"] = Double(queue.counts.lateResults)
        let ports = [
            ("submit", submitPort.counters), ("parse", parsePort.counters), ("ledger", ledgerPort.counters),
        ]
        for (name, port) in ports {
            table["ingest_\(name)_messages_received_total"] = Double(port.received)
            table["ingest_\(name)_messages_rejected_total"] = Double(port.rejected)
            table["ingest_\(name)_messages_unreachable_total"] = Double(port.unreachable)
            table["ingest_\(name)_messages_full_total"] = Double(port.full)
        }
        return table
    }
}
