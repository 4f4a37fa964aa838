// The broker's process: it runs, is stopped for a while, dies, and starts anew with nothing but its journal.

import Messages
import Transport

/// What a broker does; a new value for each life of its process.
protocol BrokerRole: AnyObject {
    func start()
    func receive(_ peer: PeerID, _ message: Upward)
    func tick()
    /// The process dies now.
    func die()
}

final class SimulatedBroker {
    static let tickMilliseconds: Int64 = 100

    private let world: World
    private let makeRole: (_ epoch: Int64) -> any BrokerRole
    private(set) var role: (any BrokerRole)?
    private(set) var life = 0
    private(set) var isPaused = false
    private var deferred: [() -> Void] = []

    init(world: World, makeRole: @escaping (_ epoch: Int64) -> any BrokerRole) {
        self.world = world
        self.makeRole = makeRole
    }

    var isRunning: Bool { role != nil }

    func start() {
        guard role == nil else { return }
        life += 1
        world.note("broker starts, epoch \(life)")
        let role = makeRole(Int64(life))
        self.role = role
        role.start()
        tickLater(life)
    }

    /// Runs something of this life: now, after the pause, or never.
    func run(_ action: @escaping () -> Void) {
        guard isRunning else { return }
        if isPaused { deferred.append(action) } else { action() }
    }

    func receive(_ peer: PeerID, _ message: Upward) { role?.receive(peer, message) }

    func pause(for milliseconds: Int64) {
        guard isRunning, !isPaused else { return }
        isPaused = true
        world.reach(.brokerPaused)
        world.note("broker pauses for \(milliseconds) ms")
        let life = life
        world.after(milliseconds) { [self] in
            guard self.life == life else { return }
            isPaused = false
            world.note("broker goes on")
            // A timer may run before what waits in the sockets is read.
            if world.random.chance(50) { role?.tick() }
            let waiting = deferred
            deferred = []
            for action in waiting { run(action) }
        }
    }

    func die(restartAfter milliseconds: Int64, _ network: SimulatedNetwork) {
        guard let role else { return }
        world.reach(.brokerDied)
        world.note("broker dies")
        role.die()
        self.role = nil
        life += 1
        isPaused = false
        deferred = []
        network.cutAll()
        world.after(milliseconds) { [self] in start() }
    }

    private func tickLater(_ life: Int) {
        world.after(Self.tickMilliseconds) { [self] in
            guard self.life == life else { return }
            if !isPaused { role?.tick() }
            tickLater(life)
        }
    }
}
