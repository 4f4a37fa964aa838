// Takes alerts to webhooks, one deliverer for the whole stack at a time.
//
//     POST <url>
//     Content-Type: application/json
//     Kuaibao-Watch: <id>        Kuaibao-Alert: <sequence>        Kuaibao-Attempt: <1…>
//     Kuaibao-Signature: t=<milliseconds since 1970>,v1=<hex HMAC-SHA256 of "<t>.<body>" under the watch's secret>
//
//     <the alert as JSON>
//
// Any 2xx takes the alert, 410 gives it up at once, everything else is tried again. Redirects are not followed.

import Foundation
import Logging
import Messages
import ServiceKit
import ServiceLifecycle
import Synchronization
import Transport
import WebClient

/// Delivers the alerts of all watches that have a webhook.
actor Deliverer {
    /// How often watches are looked for.
    private static let turnMilliseconds: Int64 = 250
    /// How long the right to deliver lasts; kept with every turn.
    private static let rightMilliseconds: Int64 = 15_000
    /// Watches served at once, and alerts read at once.
    private static let servedAtOnce = 16
    private static let page = 16
    /// Watches of one question to the ledger.
    private static let listed = 1000
    private static let requestMilliseconds: Int64 = 10_000
    private static let answerBytes = 64 << 10

    struct Counters: Sendable {
        var sent = 0
        var taken = 0
        var failed = 0
        var buried = 0
        var ledgerFailures = 0
    }

    private let desk: WatchDesk
    private let client: WebClient
    private let policy: DeliveryPolicy
    private let holder: String
    private let logger: Logger
    private let monotonic: @Sendable () -> Int64
    private let wall: @Sendable () -> Int64
    private var machines: [String: DeliveryMachine] = [:]
    private var served: Set<String> = []
    private var isStopping = false
    private(set) var counters = Counters()

    init(
        desk: WatchDesk, client: WebClient, policy: DeliveryPolicy, holder: String, logger: Logger,
        monotonic: @escaping @Sendable () -> Int64, wall: @escaping @Sendable () -> Int64
    ) {
        self.desk = desk
        self.client = client
        self.policy = policy
        self.holder = holder
        self.logger = logger
        self.monotonic = monotonic
        self.wall = wall
    }

    /// Delivers until the task is cancelled or the service is to stop.
    func run() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled, !isStopping {
                    for state in await waiting() {
                        served.insert(state.watch.id)
                        group.addTask { await self.serve(state.watch) }
                    }
                    try? await Task.sleep(for: .milliseconds(Self.turnMilliseconds))
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            // Unstructured because the handler cannot await; it only sets a flag.
            Task { await self.stop() }
        }
    }

    private func stop() { isStopping = true }

    /// Watches that have something to deliver now and are not served already.
    private func waiting() async -> [WatchState] {
        do {
            guard try await desk.ledger.holdDelivery(holder: holder, durationMilliseconds: Self.rightMilliseconds)
            else {
                return []
            }
            let now = monotonic()
            var found: [WatchState] = []
            var after: Int64 = 0
            while found.count + served.count < Self.servedAtOnce {
                let page = try await desk.ledger.watches(
                    WatchSelection(kind: .webhook, isPending: true, after: after, limit: Self.listed))
                found += page.filter { state in
                    !served.contains(state.watch.id) && (machines[state.watch.id]?.dueAt ?? 0) <= now
                }
                guard page.count == Self.listed, let last = page.last else {
                    let known = Set(page.map(\.watch.id))
                    if after == 0 { machines = machines.filter { known.contains($0.key) || served.contains($0.key) } }
                    break
                }
                after = last.watch.number
            }
            return Array(found.prefix(Self.servedAtOnce - served.count))
        } catch {
            counters.ledgerFailures += 1
            logger.debug("webhooks wait for the ledger", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// Delivers what a watch has until there is nothing, or something must wait.
    private func serve(_ watch: Watch) async {
        defer { served.remove(watch.id) }
        var machine = machines[watch.id] ?? DeliveryMachine(policy)
        defer { machines[watch.id] = machine }
        while !Task.isCancelled, !isStopping {
            do {
                switch machine.next(now: monotonic()) {
                case .rest: return
                case .read:
                    machine.read(try await desk.alerts(watch.id, after: 0, limit: Self.page), now: monotonic())
                case .send(let alert, let attempt):
                    machine.answered(await send(alert, attempt, watch), now: monotonic())
                case .acknowledge(let sequence):
                    _ = try await desk.ledger.acknowledge(.these([sequence]), ofWatch: watch.id)
                    machine.settled(now: monotonic())
                case .bury(let sequence, let reason, let attempts):
                    counters.buried += 1
                    logger.notice(
                        "an alert was given up",
                        metadata: ["watch": "\(watch.id)", "alert": "\(sequence)", "reason": "\(reason)"])
                    _ = try await desk.ledger.buryAlert(
                        ofWatch: watch.id, sequence: sequence, reason: reason, attempts: attempts)
                    machine.settled(now: monotonic())
                }
            } catch {
                counters.ledgerFailures += 1
                machine.broken(now: monotonic())
                return
            }
        }
        machine.broken(now: monotonic())
    }

    private func send(_ alert: Alert, _ attempt: Int, _ watch: Watch) async -> DeliveryMachine.Outcome {
        counters.sent += 1
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let url = watch.destination.url, let secret = watch.destination.secret,
            let body = try? encoder.encode(alert)
        else { return .refused("the watch has no address") }
        let request = WebRequest(
            .post, url,
            headers: [
                ("Content-Type", "application/json"), ("Kuaibao-Watch", watch.id),
                ("Kuaibao-Alert", "\(alert.sequence)"), ("Kuaibao-Attempt", "\(attempt)"),
                ("Kuaibao-Signature", WebhookSignature.header(Array(body), secret: secret, at: wall())),
            ], body: Array(body),
            limits: WebLimits(totalMilliseconds: Self.requestMilliseconds, bodyBytes: Self.answerBytes, redirects: 0))
        do {
            let status = try await client.send(request).status
            switch status {
            case 200..<300:
                counters.taken += 1
                return .taken
            case 410:
                counters.failed += 1
                return .refused("the receiver answered 410, it wants no more")
            default:
                counters.failed += 1
                return .failed("the receiver answered \(status)")
            }
        } catch {
            counters.failed += 1
            return .failed("\(error.code): \(error.message)")
        }
    }
}

/// Proves to a receiver that a request comes from this house and is fresh.
enum WebhookSignature {
    static func header(_ body: [UInt8], secret: String, at milliseconds: Int64) -> String {
        "t=\(milliseconds),v1=" + digest(body, secret: secret, at: milliseconds)
    }

    static func digest(_ body: [UInt8], secret: String, at milliseconds: Int64) -> String {
        MessageAuthentication.sha256(Array("\(milliseconds).".utf8) + body, key: Array(secret.utf8))
    }
}
