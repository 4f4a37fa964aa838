// One run of the parse link: documents of all natures, workers of all speeds, and faults, under one seed.

import Messages
import Transport

/// How a run ended.
package struct Verdict {
    package let seed: UInt64
    package let violation: String?
    /// Virtual time that the run took.
    package let milliseconds: Int64
    package let eventCount: Int
    /// Equal for two runs that did the same.
    package let digest: UInt64
    package let trace: [String]
    package let landmarks: [Landmark: Int]

    init(_ world: World, seed: UInt64) {
        self.seed = seed
        violation = world.violation
        milliseconds = world.now
        eventCount = world.eventCount
        digest = world.random.state &+ UInt64(world.eventCount) &* 31 &+ UInt64(world.now)
        trace = world.trace
        landmarks = world.landmarks
    }
}

package enum ParseScenario {
    /// No fault begins later than this.
    private static let faultsEnd: Int64 = 12_000
    /// Everything has an outcome by then, at the latest: hanging documents take three leases and a restart each.
    private static let patience: Int64 = 600_000
    /// Places of windows are free again after that.
    private static let settling: Int64 = 60_000

    /// The product's intervals, with shorter leases, which spares virtual time.
    static var timing: Timing {
        var timing = Timing()
        timing.leaseMilliseconds = 10_000
        timing.stuckMilliseconds = 20_000
        return timing
    }

    package static func run(seed: UInt64, mistake: ParseMistake? = nil, isTracing: Bool = false) -> Verdict {
        let world = World(seed: seed, isTracing: isTracing)
        let checker = ParseChecker(world: world, timing: timing)
        let plan = FaultPlan(&world.random, until: faultsEnd)
        var parse: ParseBroker?
        var network: SimulatedNetwork?
        var commitsFailUntil: Int64 = 0
        var limits = LeaseQueue.Limits()
        limits.documents = 8
        limits.bytes = 1500
        let broker = SimulatedBroker(world: world) { epoch in
            let role = ParseBroker(
                world: world, checker: checker, epoch: epoch, timing: timing, limits: limits, feedLimit: 48,
                mistake: mistake, commitsFailUntil: { commitsFailUntil }, network: { network })
            parse = role
            return role
        }
        let net = SimulatedNetwork(world: world, broker: broker)
        network = net
        // In a fifth of the runs workers are short of memory too: documents have 100 to 400 bytes.
        let workers = makeWorkers(world, checker, net, windowBytes: seed % 5 == 4 ? 700 : nil)
        watchDeaths(of: workers, world, checker, plan) { parse?.queue }
        broker.start()
        let batches = makeBatches(&world.random)
        var unsent = batches.count
        var lastSent: Int64 = 0
        submit(batches, world, broker) {
            parse?.submit($0, receipt: $1)
        } whenAcknowledged: {
            unsent -= 1
            lastSent = world.now
        }
        plan.schedule(in: world, net, targets: workers, hitsBroker: true) { commitsFailUntil = world.now + $0 }

        let isDone = {
            unsent == 0 && world.now > max(faultsEnd, lastSent + 100) && broker.isRunning && !broker.isPaused
                && checker.isComplete
        }
        let isInTime = world.run(until: faultsEnd + patience, isDone: isDone)
        if !isInTime { world.note("not everything has an outcome in time") }
        let end = world.now + settling
        _ = world.run(until: end) {
            world.now < end - settling + 100 ? false : parse?.queue.roster.all.allSatisfy { $0.held == 0 } ?? false
        }
        if let queue = parse?.queue, world.violation == nil {
            checker.judge(queue, workers, isQuiet: plan.kinds.isEmpty)
        }
        parse?.countLandmarks()
        // The run's objects refer to each other; what is scheduled still would keep them.
        network = nil
        parse = nil
        return Verdict(world, seed: seed)
    }

    // MARK: What a seed decides

    private static func makeWorkers(
        _ world: World, _ checker: ParseChecker, _ network: SimulatedNetwork, windowBytes: Int?
    ) -> [SimulatedWorker] {
        (1...world.random.count(1...4)).map { number in
            let threads = world.random.count(1...3)
            let slowness = world.random.number(1...8)
            let worker = SimulatedWorker(
                name: "w\(number)", window: world.random.count(1...2 * threads), windowBytes: windowBytes,
                threads: threads, world: world, timing: timing
            ) { load, _ in
                let natures = load.ids.map { checker.accepted[$0] }
                var duration = load.ids.reduce(Int64(1)) { sum, id in sum + Int64(id % 5) * slowness }
                if natures.contains(.slow) { duration += world.random.number(500...6000) }
                if natures.contains(.kills) { return .crash(after: world.random.number(0...duration)) }
                if natures.contains(.hangs) { return .hang }
                if natures.contains(.fails) { return .failed(after: duration) }
                return .done(after: duration)
            }
            worker.network = network
            world.after(world.random.number(0...2000)) { worker.start() }
            return worker
        }
    }

    /// What a dead worker held is leased again soon, unless the network keeps its last words back.
    private static func watchDeaths(
        of workers: [SimulatedWorker], _ world: World, _ checker: ParseChecker, _ plan: FaultPlan,
        queue: @escaping () -> LeaseQueue?
    ) {
        guard !plan.kinds.contains(where: { $0.isOfBroker || $0 == .holdUp || $0 == .lag }) else { return }
        // The expiry, a tick, and what a broken connection may hold back.
        let bound = timing.expiryMilliseconds + SimulatedBroker.tickMilliseconds + 450
        for worker in workers {
            worker.onDeath = { link in
                let held = checker.held(by: link.peer)
                world.after(bound) {
                    guard let queue = queue() else { return }
                    for ticket in held where queue.isLive(ticket) {
                        world.violate("lease \(ticket.sequence) lives \(bound) ms after its worker")
                    }
                }
            }
        }
    }

    private static func makeBatches(_ random: inout SeededGenerator) -> [[Nature]] {
        let harm = random.pick([0, 0, 2, 6] as [UInt64]) ?? 0
        let harmful = random.pick([[.kills], [.kills, .fails], [.kills, .hangs, .fails]] as [[Nature]]) ?? []
        let slow = random.pick([0, 0, 3, 10] as [UInt64]) ?? 0
        return (0..<random.count(3...14)).map { _ in
            (0..<random.count(1...10)).map { _ in
                guard random.chance(harm) else { return random.chance(slow) ? .slow : .good }
                return random.pick(harmful) ?? .good
            }
        }
    }

    /// Hands a submission to the broker, with what to call for its receipt.
    private typealias Accept = (Submission, _ receipt: @escaping () -> Void) -> Void

    private static func submit(
        _ batches: [[Nature]], _ world: World, _ broker: SimulatedBroker, _ accept: @escaping Accept,
        whenAcknowledged: @escaping () -> Void
    ) {
        var time: Int64 = 0
        for (key, batch) in batches.enumerated() {
            time += world.random.number(5...900)
            let submitter = Submitter(
                submission: Submission(key: key, natures: batch), world: world, broker: broker, accept: accept,
                whenAcknowledged: whenAcknowledged)
            world.at(time) { submitter.send() }
        }
    }

    /// Sends one submission again and again, under the same key, until a receipt comes.
    private final class Submitter {
        private let submission: Submission
        private let world: World
        private let broker: SimulatedBroker
        private let accept: Accept
        private let whenAcknowledged: () -> Void
        private var isAcknowledged = false

        init(
            submission: Submission, world: World, broker: SimulatedBroker, accept: @escaping Accept,
            whenAcknowledged: @escaping () -> Void
        ) {
            self.submission = submission
            self.world = world
            self.broker = broker
            self.accept = accept
            self.whenAcknowledged = whenAcknowledged
        }

        func send() {
            guard !isAcknowledged else { return }
            guard broker.isRunning, !broker.isPaused else { return world.after(100) { [self] in send() } }
            accept(submission) { [self] in
                // The connection may break before the receipt is there.
                guard !world.random.chance(5) else { return }
                world.after(world.random.number(0...20)) { [self] in acknowledge() }
            }
            world.after(3000) { [self] in send() }
        }

        private func acknowledge() {
            guard !isAcknowledged else { return }
            isAcknowledged = true
            whenAcknowledged()
        }
    }
}
