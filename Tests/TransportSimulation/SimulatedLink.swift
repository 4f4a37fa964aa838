// Connections as ZeroMQ gives them: each keeps its order and loses nothing while it lasts; any may break at any time, either
// end learns of it late, what was on its way is lost from some point on, and what was received of the old connection may
// be read after the first messages of the new one.

import Messages
import Transport

/// What a lease is about: documents, or parts of a query.
struct Load: Hashable {
    /// 0 for documents.
    var query: Int64 = 0
    var ids: [Int]
}

/// From worker to broker.
enum Upward {
    case connected
    case ready(Ready)
    case heartbeat
    case goodbye
    case done(LeaseTicket, Load)
    case failed(LeaseTicket, isHandedBack: Bool)
}

/// From broker to worker.
enum Downward {
    case who
    case heartbeat
    case lease(LeaseTicket, Load)
}

/// One connection.
final class SimulatedLink {
    let peer: PeerID
    let worker: SimulatedWorker
    let workerLife: Int
    let brokerLife: Int
    fileprivate(set) var isWorkerEndOpen = true
    fileprivate(set) var isBrokerEndOpen = true
    fileprivate var isCut = false
    /// Messages of a cut connection that arrive later than this are lost.
    fileprivate var lostAfter: Int64 = .max
    /// Nothing is read before these times.
    fileprivate var upHeldUntil: Int64 = 0
    fileprivate var downHeldUntil: Int64 = 0
    fileprivate var lastUp: Int64 = 0
    fileprivate var lastDown: Int64 = 0
    /// What is on its way, in order, each with the time at which it is due.
    fileprivate var upward: [(message: Upward, due: Int64)] = []
    fileprivate var downward: [(message: Downward, due: Int64)] = []
    /// The last results that were sent, which a reconnection may repeat.
    fileprivate var recent: [Upward] = []

    init(peer: PeerID, worker: SimulatedWorker, workerLife: Int, brokerLife: Int) {
        self.peer = peer
        self.worker = worker
        self.workerLife = workerLife
        self.brokerLife = brokerLife
    }
}

/// All connections between the workers and the broker.
final class SimulatedNetwork {
    private let world: World
    let broker: SimulatedBroker
    private(set) var links: [PeerID: SimulatedLink] = [:]
    /// The greatest delay of a message, in milliseconds.
    var lag: Int64 = 5
    private var nextIdentity: UInt32 = 0

    init(world: World, broker: SimulatedBroker) {
        self.world = world
        self.broker = broker
    }

    // MARK: Connecting

    /// Connects a worker, again and again until the broker is there.
    func connect(_ worker: SimulatedWorker, repeating recent: [Upward] = []) {
        let life = worker.life
        world.after(world.random.number(1...20)) { [self] in
            guard worker.life == life, worker.isRunning, worker.link == nil else { return }
            guard broker.isRunning else {
                return world.after(world.random.number(100...300)) { [self] in
                    if worker.life == life { connect(worker, repeating: recent) }
                }
            }
            nextIdentity += 1
            let identity = [0, UInt8(truncatingIfNeeded: nextIdentity >> 8), UInt8(truncatingIfNeeded: nextIdentity)]
            let link = SimulatedLink(
                peer: PeerID(identity: identity), worker: worker, workerLife: life, brokerLife: broker.life)
            links[link.peer] = link
            worker.link = link
            world.note("\(worker.name) connects as \(nextIdentity)")
            up(.connected, on: link)
            for message in recent {
                world.reach(.resultRepeated)
                up(message, on: link)
            }
        }
    }

    /// Breaks a connection.
    ///
    /// - Parameters:
    ///   - brokerNotices: when the broker's end knows; nil for soon or late, by chance.
    func cut(_ link: SimulatedLink, brokerNotices: ClosedRange<Int64>? = nil) {
        guard !link.isCut else { return }
        link.isCut = true
        world.reach(.connectionCut)
        world.note("connection \(link.peer.identity.last ?? 0) of \(link.worker.name) breaks")
        link.lostAfter = world.now + world.random.number(0...2 * lag)
        if world.random.chance(30) {
            link.upHeldUntil = max(link.upHeldUntil, world.now + world.random.number(0...400))
        }
        let soon: ClosedRange<Int64> = 0...20
        let late: ClosedRange<Int64> = 500...4000
        let broker = brokerNotices ?? (world.random.chance(70) ? soon : late)
        world.after(world.random.number(broker)) { [self] in
            link.isBrokerEndOpen = false
            links[link.peer] = nil
        }
        let worker = world.random.chance(70) ? soon : late
        world.after(world.random.number(worker)) { [self] in
            link.isWorkerEndOpen = false
            guard link.worker.life == link.workerLife, link.worker.link === link else { return }
            link.worker.link = nil
            connect(link.worker, repeating: world.random.chance(30) ? link.recent : [])
        }
    }

    /// Closes a worker's end in good order: what it sent arrives first.
    func close(_ link: SimulatedLink) {
        link.isWorkerEndOpen = false
        world.at(link.lastUp + 1) { [self] in
            link.isBrokerEndOpen = false
            links[link.peer] = nil
        }
    }

    /// The broker has died: every connection is gone.
    func cutAll() {
        for link in links.values.sorted(by: { $0.peer.identity.lexicographicallyPrecedes($1.peer.identity) }) {
            cut(link)
            link.isBrokerEndOpen = false
        }
        links = [:]
    }

    /// Holds one direction of a connection up; it goes on afterwards, in order.
    func hold(_ link: SimulatedLink, up: Bool, for milliseconds: Int64) {
        if up {
            link.upHeldUntil = world.now + milliseconds
        } else {
            link.downHeldUntil = world.now + milliseconds
        }
    }

    // MARK: Sending

    func up(_ message: Upward, on link: SimulatedLink) {
        guard link.isWorkerEndOpen else { return }
        switch message {
        case .done, .failed:
            link.recent.append(message)
            if link.recent.count > 3 { link.recent.removeFirst() }
        default: break
        }
        link.lastUp = max(link.lastUp, world.now + world.random.number(0...lag))
        link.upward.append((message, link.lastUp))
        world.at(link.lastUp) { [self] in arriveUp(link) }
    }

    /// Delivers the oldest message: there is one such event for each message, so a held one may not be overtaken.
    private func arriveUp(_ link: SimulatedLink) {
        if world.now < link.upHeldUntil { return world.at(link.upHeldUntil) { [self] in arriveUp(link) } }
        let (message, due) = link.upward.removeFirst()
        guard broker.life == link.brokerLife, due <= link.lostAfter else { return }
        broker.run { [broker] in broker.receive(link.peer, message) }
    }

    /// - Returns: false where the broker's end knows that the peer is gone.
    func down(_ message: Downward, to peer: PeerID) -> Bool {
        guard let link = links[peer], link.isBrokerEndOpen else { return false }
        link.lastDown = max(link.lastDown, world.now + world.random.number(0...lag))
        link.downward.append((message, link.lastDown))
        world.at(link.lastDown) { [self] in arriveDown(link) }
        return true
    }

    private func arriveDown(_ link: SimulatedLink) {
        if world.now < link.downHeldUntil { return world.at(link.downHeldUntil) { [self] in arriveDown(link) } }
        let (message, due) = link.downward.removeFirst()
        let worker = link.worker
        guard due <= link.lostAfter, worker.life == link.workerLife, worker.link === link else { return }
        worker.run { worker.receive(message) }
    }
}
