// A worker's process around the real `WorkerSession`: threads that work, and a socket's thread that speaks.

import Messages
import Transport

/// What happens when a worker works on a load.
enum Course {
    case done(after: Int64)
    case failed(after: Int64)
    case crash(after: Int64)
    case hang
}

final class SimulatedWorker {
    static let tickMilliseconds: Int64 = 200

    let name: String
    let window: Int
    let windowBytes: Int?
    private let threads: Int
    private let world: World
    private let timing: Timing
    private let course: (Load, SimulatedWorker) -> Course
    var network: SimulatedNetwork?
    /// Called when the process dies, with its connection.
    var onDeath: (SimulatedLink) -> Void = { _ in }
    var link: SimulatedLink?
    /// Grows at every start and every death.
    private(set) var life = 0
    private(set) var isRunning = false
    private(set) var isPaused = false
    /// Threads of this life that never come back.
    private(set) var hungThreads = 0
    private var session: WorkerSession
    private var busyThreads = 0
    private var backlog: [(LeaseTicket, Load)] = []
    private var deferred: [() -> Void] = []

    init(
        name: String, window: Int, windowBytes: Int? = nil, threads: Int, world: World, timing: Timing,
        course: @escaping (Load, SimulatedWorker) -> Course
    ) {
        self.name = name
        self.window = window
        self.windowBytes = windowBytes
        self.threads = threads
        self.world = world
        self.timing = timing
        self.course = course
        session = WorkerSession(window: window, timing: timing, now: 0)
    }

    var isIdle: Bool { busyThreads == hungThreads && backlog.isEmpty }

    // MARK: The process

    func start() {
        guard !isRunning else { return }
        life += 1
        isRunning = true
        session = WorkerSession(window: window, timing: timing, now: world.now)
        world.note("\(name) starts, boot \(life)")
        network?.connect(self)
        tickLater(life)
    }

    /// Runs something of this life: now, after the pause, or never.
    func run(_ action: @escaping () -> Void) {
        guard isRunning else { return }
        if isPaused { deferred.append(action) } else { action() }
    }

    func pause(for milliseconds: Int64) {
        guard isRunning, !isPaused else { return }
        isPaused = true
        world.note("\(name) pauses for \(milliseconds) ms")
        let life = life
        world.after(milliseconds) { [self] in
            guard self.life == life else { return }
            isPaused = false
            if world.random.chance(50) { perform(session.tick(now: world.now)) }
            let waiting = deferred
            deferred = []
            for action in waiting { run(action) }
        }
    }

    /// Dies without a word. After the death of a whole machine nobody tells the broker that the connection is gone.
    func crash(restartAfter milliseconds: Int64, isMachine: Bool) {
        guard isRunning else { return }
        world.note("\(name) dies")
        if isMachine { world.reach(.machineLost) }
        if let link {
            onDeath(link)
            network?.cut(link, brokerNotices: isMachine ? 4000...9000 : nil)
        }
        end(restartAfter: milliseconds)
    }

    func drain() {
        guard isRunning, !isPaused else { return }
        world.reach(.drained)
        world.note("\(name) drains")
        perform(session.drain(now: world.now))
    }

    private func end(restartAfter milliseconds: Int64) {
        isRunning = false
        isPaused = false
        life += 1
        link = nil
        deferred = []
        backlog = []
        busyThreads = 0
        hungThreads = 0
        world.after(milliseconds) { [self] in start() }
    }

    private func tickLater(_ life: Int) {
        world.after(Self.tickMilliseconds) { [self] in
            guard self.life == life else { return }
            if !isPaused {
                perform(session.tick(now: world.now))
                if self.life == life, session.isStuck(now: world.now) {
                    world.reach(.workerStuck)
                    world.note("\(name) is stuck")
                    return crash(restartAfter: world.random.number(50...500), isMachine: false)
                }
            }
            tickLater(life)
        }
    }

    // MARK: The socket's thread

    func receive(_ message: Downward) {
        switch message {
        case .who: perform(session.asked(now: world.now))
        case .heartbeat: session.heard(now: world.now)
        case .lease(let ticket, let load):
            guard session.leased(ticket, now: world.now) else { return send(.failed(ticket, isHandedBack: true)) }
            backlog.append((ticket, load))
            work()
        }
    }

    private func perform(_ actions: [WorkerSession.Action]) {
        for action in actions {
            switch action {
            case .sendReady(let window):
                let boot = "\(name)/\(life)"
                send(.ready(Ready(name: name, boot: boot, window: window, windowBytes: windowBytes, release: "")))
            case .sendHeartbeat: send(.heartbeat)
            case .sendGoodbye: send(.goodbye)
            case .forgetLeases: break
            case .end:
                if let link { network?.close(link) }
                end(restartAfter: world.random.number(50...1000))
            }
        }
    }

    /// What cannot be sent now is dropped, as the real driver does.
    private func send(_ message: Upward) {
        if let link { network?.up(message, on: link) }
    }

    // MARK: Threads

    private func work() {
        while busyThreads < threads, !backlog.isEmpty {
            let (ticket, load) = backlog.removeFirst()
            busyThreads += 1
            let life = life
            switch course(load, self) {
            case .done(let duration): finish(after: duration, life, ticket, .done(ticket, load))
            case .failed(let duration): finish(after: duration, life, ticket, .failed(ticket, isHandedBack: false))
            case .crash(let duration):
                world.after(duration) { [self] in
                    guard self.life == life else { return }
                    world.reach(.workerKilled)
                    world.note("\(name) is killed by \(load)")
                    crash(restartAfter: world.random.number(50...2000), isMachine: false)
                }
            case .hang: hungThreads += 1
            }
        }
    }

    private func finish(after duration: Int64, _ life: Int, _ ticket: LeaseTicket, _ result: Upward) {
        world.after(duration) { [self] in
            guard self.life == life else { return }
            run { [self] in
                guard self.life == life else { return }
                busyThreads -= 1
                let (isWanted, actions) = session.finished(ticket, now: world.now)
                if isWanted { send(result) }
                perform(actions)
                if self.life == life { work() }
            }
        }
    }
}
