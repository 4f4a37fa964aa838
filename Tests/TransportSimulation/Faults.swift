// What goes wrong in a run. Each seed allows a random set of kinds ("swarm testing", Groce and others, 2012), so that rare
// combinations are met, and some runs are quiet.

/// One kind of fault.
enum Fault: CaseIterable {
    case cutLink, holdUp, holdDown, pauseWorker, crashWorker, loseMachine, drainWorker, pauseBroker, crashBroker, lag
    case failCommits, slowDisk

    var isOfBroker: Bool { [.pauseBroker, .crashBroker, .failCommits, .slowDisk].contains(self) }
}

/// Sends faults at random times until a given one.
struct FaultPlan {
    let kinds: [Fault]
    let until: Int64
    /// Greatest time between two faults.
    let gap: Int64

    init(_ random: inout SeededGenerator, until: Int64) {
        let density = random.pick([0, 15, 40, 80] as [UInt64]) ?? 0
        var kinds: [Fault] = []
        for kind in Fault.allCases where random.chance(density) { kinds.append(kind) }
        self.kinds = kinds
        self.until = until
        gap = random.pick([300, 1000, 3000] as [Int64]) ?? 1000
    }

    /// - Parameters:
    ///   - targets: workers that may be hit.
    ///   - failCommits: makes the disk refuse for so many milliseconds.
    func schedule(
        in world: World, _ network: SimulatedNetwork, targets: [SimulatedWorker], hitsBroker: Bool,
        failCommits: @escaping (Int64) -> Void
    ) {
        guard let kind = world.random.pick(kinds.filter { hitsBroker || !$0.isOfBroker }) else { return }
        world.after(world.random.number(20...gap)) {
            guard world.now < until else { return }
            if kind.isOfBroker {
                hit(network, kind, world, failCommits)
            } else if let worker = world.random.pick(targets) {
                hit(worker, kind, world, network)
            }
            schedule(in: world, network, targets: targets, hitsBroker: hitsBroker, failCommits: failCommits)
        }
    }

    private func hit(_ worker: SimulatedWorker, _ kind: Fault, _ world: World, _ network: SimulatedNetwork) {
        switch kind {
        case .cutLink:
            if let link = worker.link { network.cut(link) }
        case .holdUp, .holdDown:
            if let link = worker.link { network.hold(link, up: kind == .holdUp, for: world.random.number(50...6000)) }
        case .pauseWorker: worker.pause(for: world.random.number(50...7000))
        case .crashWorker: worker.crash(restartAfter: world.random.number(50...3000), isMachine: false)
        case .loseMachine: worker.crash(restartAfter: world.random.number(500...8000), isMachine: true)
        case .drainWorker: worker.drain()
        case .lag: network.lag = world.random.pick([1, 5, 50, 300] as [Int64]) ?? 5
        case .pauseBroker, .crashBroker, .failCommits, .slowDisk: break
        }
    }

    private func hit(
        _ network: SimulatedNetwork, _ kind: Fault, _ world: World, _ failCommits: (Int64) -> Void
    ) {
        switch kind {
        case .pauseBroker: network.broker.pause(for: world.random.number(50...6000))
        case .crashBroker: network.broker.die(restartAfter: world.random.number(20...3000), network)
        case .slowDisk:
            world.reach(.diskSlow)
            world.diskLag = world.random.pick([30, 30, 300, 3000] as [Int64]) ?? 30
        default: failCommits(world.random.number(10...2000))
        }
    }
}
