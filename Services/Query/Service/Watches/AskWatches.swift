// Watches for ZeroMQ clients: alerts when they ask, or as soon as there are some, and acknowledgements.

import Messages

/// Answers what the ask link is asked of watches.
struct AskWatches: Sendable {
    /// The longest wait for an alert, in milliseconds.
    static let longestWait = 30_000

    let desk: WatchDesk
    let board: AlertBoard
    let monotonic: @Sendable () -> Int64

    /// - Throws: `notFound` for a watch that the principal may not see, as for one that is not there.
    func reply(to request: WatchRequest, for principal: Principal) async throws -> WatchReply {
        switch request {
        case .acknowledge(let watch, let choice):
            return .counts(try await desk.acknowledge(watch, choice, for: principal))
        case .alerts(let watch, let after, let limit, let waitMilliseconds):
            guard WatchDesk.Limits.alerts.contains(limit) else {
                throw KuaibaoError(
                    .invalidRequest, "limit is \(limit)",
                    fix: "use \(WatchDesk.Limits.alerts.lowerBound) to \(WatchDesk.Limits.alerts.upperBound)")
            }
            guard (0...Self.longestWait).contains(waitMilliseconds) else {
                throw KuaibaoError(
                    .invalidRequest, "waitMilliseconds is \(waitMilliseconds)", fix: "use 0 to \(Self.longestWait)")
            }
            let deadline = monotonic() + Int64(waitMilliseconds)
            var head = try await desk.state(watch, for: principal).counts.matched
            while true {
                let alerts = try await desk.alerts(watch, after: after, limit: limit)
                guard alerts.isEmpty, monotonic() < deadline else {
                    await desk.noteDelivered(watch, through: alerts.last?.sequence)
                    return .alerts(alerts)
                }
                guard case .news(let newer) = try await board.wait(for: watch, beyond: head, until: deadline) else {
                    return .alerts(try await desk.alerts(watch, after: after, limit: limit))
                }
                head = newer
            }
        }
    }
}
