// Watches and their alerts from another process. All of these calls may be repeated.

package import Messages

extension LedgerClient {
    /// - Returns: the watch as the ledger keeps it.
    package func createWatch(_ watch: Watch) async throws -> WatchState {
        guard case .watch(let state?) = try await call(.createWatch(watch)) else { throw unexpected() }
        return state
    }

    package func deleteWatch(_ id: String) async throws { _ = try await call(.deleteWatch(id)) }

    package func watch(_ id: String) async throws -> WatchState? {
        guard case .watch(let state) = try await call(.watch(id)) else { throw unexpected() }
        return state
    }

    package func watches(_ selection: WatchSelection) async throws -> [WatchState] {
        guard case .watches(let states) = try await call(.watches(selection)) else { throw unexpected() }
        return states
    }

    package func watchRules(_ collection: String, after: Int64, limit: Int) async throws -> WatchRules {
        let request = LedgerRequest.watchRules(collection: collection, after: after, limit: limit)
        guard case .watchRules(let rules) = try await call(request) else { throw unexpected() }
        return rules
    }

    package func watchHeads(_ ids: [String]) async throws -> [Int64] {
        guard case .watchHeads(let heads) = try await call(.watchHeads(ids)), heads.count == ids.count else {
            throw unexpected()
        }
        return heads
    }

    /// How late the pending alerts of these watches are, in order.
    package func watchDues(_ ids: [String]) async throws -> [AlertDue] {
        guard case .watchDues(let dues) = try await call(.watchDues(ids)), dues.count == ids.count else {
            throw unexpected()
        }
        return dues
    }

    /// Says that somebody was given a watch's alerts up to this one.
    package func noteDelivered(ofWatch id: String, through sequence: Int64) async throws {
        _ = try await call(.noteDelivered(watch: id, through: sequence))
    }

    /// Pending alerts, or dead letters, behind a sequence.
    package func alerts(
        ofWatch id: String, after: Int64, limit: Int, isDead: Bool = false
    ) async throws -> [StoredAlert] {
        let request = LedgerRequest.alerts(watch: id, after: after, limit: limit, isDead: isDead)
        let (reply, payload) = try await callWithPayload(request)
        guard case .alerts(var alerts, let byteCounts) = reply, byteCounts.count == alerts.count else {
            throw unexpected()
        }
        for (index, part) in try parts(of: payload, byteCounts).enumerated() { alerts[index].payload = part }
        return alerts
    }

    package func acknowledge(_ choice: AlertChoice, ofWatch id: String) async throws -> AlertCounts {
        try await counts(.acknowledge(watch: id, choice))
    }

    package func buryAlert(
        ofWatch id: String, sequence: Int64, reason: String, attempts: Int
    ) async throws -> AlertCounts {
        try await counts(.buryAlert(watch: id, sequence: sequence, reason: reason, attempts: attempts))
    }

    package func retryAlerts(ofWatch id: String, sequences: [Int64]) async throws -> AlertCounts {
        try await counts(.retryAlerts(watch: id, sequences))
    }

    /// Asks for the right to deliver, or keeps it.
    package func holdDelivery(holder: String, durationMilliseconds: Int64) async throws -> Bool {
        let request = LedgerRequest.holdDelivery(holder: holder, durationMilliseconds: durationMilliseconds)
        guard case .holdDelivery(let isHeld) = try await call(request) else { throw unexpected() }
        return isHeld
    }

    private func counts(_ request: LedgerRequest) async throws -> AlertCounts {
        guard case .alertCounts(let counts) = try await call(request) else { throw unexpected() }
        return counts
    }
}
