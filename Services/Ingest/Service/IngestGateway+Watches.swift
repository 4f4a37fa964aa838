// Watches and alerts on the ledger link.
//
// An index worker learns of a changed set of watches by a hint, by its poll, or because its publish is refused. Where watches are
// made in a stream, every publish might be refused for ever: so a refusal makes the next watches wait a moment.

import Ledger
import Messages

extension IngestGateway {
    /// How long changes of a collection's watches wait after they refused a publish, in milliseconds.
    static let watchPauseMilliseconds: Int64 = 200
    /// The longest right to deliver that is given, in milliseconds.
    static let deliveryMilliseconds: Int64 = 60_000
    /// Alerts of one reply, and their bytes unless one alone has more.
    static let alertLimit = 1000
    static let alertBytes = 4 << 20

    func answerWatches(_ request: LedgerRequest) async throws -> LedgerReply {
        switch request {
        case .createWatch(let watch):
            await pauseIfPublishing(watch.collection)
            let stored = try await committer.perform { engine, now in
                let made = try engine.createWatch(watch, now: now)
                return try engine.watch(made.id)
            }
            await tellWatches(of: watch.collection)
            return .watch(stored)
        case .deleteWatch(let id):
            guard let collection = try await committer.read({ engine in try engine.watch(id) })?.watch.collection else {
                return .done
            }
            await pauseIfPublishing(collection)
            try await committer.perform { engine, _ in try engine.deleteWatch(id) }
            await tellWatches(of: collection)
            return .done
        case .watch(let id): return .watch(try await committer.read { engine in try engine.watch(id) })
        case .watches(let selection):
            var bounded = selection
            bounded.limit = min(max(1, selection.limit), Self.alertLimit)
            let asked = bounded
            return .watches(try await committer.read { engine in try engine.watches(asked) })
        case .watchRules(let collection, let after, let limit):
            let bounded = min(max(1, limit), 5_000)
            return .watchRules(
                try await committer.read { engine in try engine.watchRules(collection, after: after, limit: bounded) })
        case .watchHeads(let ids): return .watchHeads(try await committer.read { engine in try engine.watchHeads(ids) })
        case .watchDues(let ids):
            let time = wall()
            return .watchDues(try await committer.read { engine in try engine.watchDues(ids, now: time) })
        case .noteDelivered(let watch, let through):
            try await committer.perform { engine, _ in try engine.noteDelivered(ofWatch: watch, through: through) }
            return .done
        case .acknowledge(let watch, let choice):
            counters.acknowledgements += 1
            return .alertCounts(
                try await committer.perform { engine, _ in try engine.acknowledge(choice, ofWatch: watch) })
        case .buryAlert(let watch, let sequence, let reason, let attempts):
            counters.alertsBuried += 1
            return .alertCounts(
                try await committer.perform { engine, now in
                    try engine.buryAlert(
                        ofWatch: watch, sequence: sequence, reason: reason, attempts: attempts, now: now)
                })
        case .retryAlerts(let watch, let sequences):
            counters.alertsRetried += sequences.count
            let counts = try await committer.perform { engine, _ in
                try engine.retryAlerts(ofWatch: watch, sequences: sequences)
            }
            return .alertCounts(counts)
        case .holdDelivery(let holder, let duration): return .holdDelivery(holdDelivery(holder, duration))
        default: throw KuaibaoError(.internal, "a ledger call took the wrong way", fix: "report this")
        }
    }

    func alerts(
        ofWatch id: String, after: Int64, limit: Int, isDead: Bool
    ) async throws -> (LedgerReply, [[UInt8]]) {
        let bounded = min(max(1, limit), Self.alertLimit)
        let stored = try await committer.read { engine in
            try engine.alerts(ofWatch: id, after: after, limit: bounded, maxBytes: Self.alertBytes, isDead: isDead)
        }
        let reply = LedgerReply.alerts(stored.map(\.withoutPayload), byteCounts: stored.map(\.payload.count))
        return (reply, [stored.flatMap(\.payload)])
    }

    /// Counts the alerts of a publish and hints that there are some.
    func noteAlerts(of publish: PublishRequest, _ version: Int64) {
        let count = publish.alerts.reduce(0) { $0 + $1.alertCount }
        guard count > 0 else { return }
        counters.alertsMatched += count
        publishNews(topic: "alerts", News(collection: publish.collection, version: version))
    }

    func noteRefusal(of publish: PublishRequest, _ refusal: CatalogRefusal) {
        counters.publishesRefused += 1
        guard case .watchesChanged = refusal else { return }
        watchPauses[publish.collection] = monotonic() + Self.watchPauseMilliseconds
    }

    private func pauseIfPublishing(_ collection: String) async {
        guard let until = watchPauses[collection] else { return }
        let wait = until - monotonic()
        if wait > 0 { try? await Task.sleep(for: .milliseconds(wait)) }
        if let current = watchPauses[collection], current <= monotonic() { watchPauses[collection] = nil }
    }

    private func tellWatches(of collection: String) async {
        let collections = try? await committer.read { engine in try engine.collections() }
        let version = collections?.first { $0.name == collection }?.watchesVersion ?? 0
        publishNews(topic: "watches", News(collection: collection, version: version))
    }

    /// Of several gateways one delivers. The right is kept in memory: after a restart of this process two may have it for a
    /// moment, and an alert may be sent twice, as it may after any crash.
    private func holdDelivery(_ holder: String, _ duration: Int64) -> Bool {
        let time = monotonic()
        if let current = delivery, current.holder != holder, current.until > time { return false }
        delivery = (holder, time + min(max(0, duration), Self.deliveryMilliseconds))
        return true
    }
}
