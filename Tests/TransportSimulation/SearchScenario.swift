// One run of the search link: queries with deadlines, workers of all speeds, and faults, under one seed.

import Messages
import Transport

package enum SearchScenario {
    /// No query and no fault begins later than this.
    private static let faultsEnd: Int64 = 10_000
    /// Longer than the longest deadline, the broker's longest pause, and the expiry.
    private static let settling: Int64 = 60_000

    package static func run(seed: UInt64, mistake: SearchMistake? = nil, isTracing: Bool = false) -> Verdict {
        let world = World(seed: seed, isTracing: isTracing)
        var timing = Timing()
        timing.stuckMilliseconds = 60_000
        let plan = FaultPlan(&world.random, until: faultsEnd)
        // In every second run the first worker and the broker are spared, and nothing kills or hangs it.
        let isSteady = world.random.chance(50)
        let checker = SearchChecker(world: world, timing: timing, hasSteadyWorker: isSteady)
        var search: SearchBroker?
        var network: SimulatedNetwork?
        let broker = SimulatedBroker(world: world) { epoch in
            let role = SearchBroker(
                world: world, checker: checker, epoch: epoch, timing: timing, mistake: mistake, network: { network })
            search = role
            return role
        }
        let net = SimulatedNetwork(world: world, broker: broker)
        network = net
        let workers = makeWorkers(world, net, timing, isSteady: isSteady)
        broker.start()
        begin(world, broker, isSteady: isSteady) { search }
        let targets = isSteady ? Array(workers.dropFirst()) : workers
        plan.schedule(in: world, net, targets: targets, hitsBroker: !isSteady) { _ in }

        let end = faultsEnd + settling
        let isInTime = world.run(until: end) {
            guard let board = search?.board, world.now > faultsEnd, broker.isRunning, checker.openCount == 0 else {
                return false
            }
            return board.askCount == 0
        }
        if !isInTime { world.note("not every query has an end in time") }
        if let board = search?.board, world.violation == nil { checker.judge(board) }
        search?.countLandmarks()
        network = nil
        search = nil
        return Verdict(world, seed: seed)
    }

    private static func makeWorkers(
        _ world: World, _ network: SimulatedNetwork, _ timing: Timing, isSteady: Bool
    ) -> [SimulatedWorker] {
        let sluggish = world.random.pick([0, 5, 20] as [UInt64]) ?? 0
        let mishap = world.random.pick([0, 0, 3, 10] as [UInt64]) ?? 0
        return (1...world.random.count(1...4)).map { number in
            let isSpared = isSteady && number == 1
            let threads = isSpared ? 3 : world.random.count(1...3)
            let slowness = isSpared ? 2 : world.random.number(1...30)
            let worker = SimulatedWorker(
                name: "w\(number)", window: threads * 2, threads: threads, world: world, timing: timing
            ) { load, _ in
                var duration = Int64(load.ids.count) * slowness + world.random.number(0...5)
                guard !isSpared else { return .done(after: duration) }
                if world.random.chance(sluggish) { duration += world.random.number(200...3000) }
                guard world.random.chance(mishap) else { return .done(after: duration) }
                switch world.random.count(0...2) {
                case 0: return .failed(after: duration)
                case 1: return .crash(after: duration)
                default: return .hang
                }
            }
            worker.network = network
            world.after(isSpared ? 0 : world.random.number(0...2000)) { worker.start() }
            return worker
        }
    }

    private static func begin(
        _ world: World, _ broker: SimulatedBroker, isSteady: Bool, search: @escaping () -> SearchBroker?
    ) {
        // The spared worker has joined by then.
        var time: Int64 = 500
        var query: Int64 = 0
        let gap = world.random.pick([20, 100, 400] as [Int64]) ?? 100
        let count = world.random.count(10...60)
        while time < faultsEnd, query < count {
            query += 1
            let number = query
            world.at(time) {
                let parts = world.random.count(1...6)
                let allowed = isSteady ? world.random.number(15_000...20_000) : world.random.number(200...8000)
                broker.run { search()?.begin(number, parts: parts, deadline: world.now + allowed) }
            }
            time += world.random.number(1...gap)
        }
    }
}
