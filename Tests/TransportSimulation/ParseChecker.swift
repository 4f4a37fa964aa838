// What must hold of the parse link, kept apart from the code under test: it sees only what is sent, and the journal.

import Messages
import Transport

/// What a document does to whoever parses it.
enum Nature {
    case good
    /// Good, and takes seconds.
    case slow
    /// Kills the process.
    case kills
    /// Never ends.
    case hangs
    /// Makes the worker refuse the whole lease.
    case fails

    var isHarmless: Bool { self == .good || self == .slow }
}

/// Documents under a key of their submitter's.
struct Submission {
    let key: Int
    let natures: [Nature]
}

/// How a document ended.
enum Outcome {
    case parsed
    case dead(reason: String)
}

/// The durable part of the ingest gateway, and the judge of it.
final class ParseChecker {
    private let world: World
    private let timing: Timing
    /// Documents are numbered from 0; their natures.
    private(set) var accepted: [Nature] = []
    private(set) var outcomes: [Int: Outcome] = [:]
    /// Keys of submissions that are on disk, and of those whose submitter was told so.
    private var stored: Set<Int> = []
    private var acknowledged: Set<Int> = []
    /// Of the present life of the broker: the ticket of each document's last grant, and how often it was sent.
    private var lastTickets: [Int: LeaseTicket] = [:]
    private var sentCounts: [Int: Int] = [:]
    /// Deliveries that count for nothing: handed back, or done and not kept by the disk.
    private var excused: [Int: Int] = [:]
    /// Documents that the queue gave up, and that had been delivered often enough by then.
    private var givenUp: Set<Int> = []
    private var documents: [LeaseTicket: [Int]] = [:]
    /// Tickets that each worker was sent on its present connection and has not answered for.
    private var unanswered: [PeerID: Set<LeaseTicket>] = [:]

    init(world: World, timing: Timing) {
        self.world = world
        self.timing = timing
    }

    var isComplete: Bool { outcomes.count == accepted.count }

    /// Documents are on disk.
    func accept(_ natures: [Nature]) { accepted += natures }

    /// A submission is on disk: once, however often it was sent (J3).
    ///
    /// - Parameter looksForKey: false for a journal that forgets to look whether it has the key.
    func append(_ submission: Submission, looksForKey: Bool) {
        let isNew = stored.insert(submission.key).inserted
        if !isNew { world.reach(.submissionRepeated) }
        if !isNew, looksForKey { return }
        if !isNew { world.violate("submission \(submission.key) is in the journal twice") }
        accept(submission.natures)
    }

    /// The submitter was told that the submission is safe.
    func acknowledge(_ submission: Submission) { acknowledged.insert(submission.key) }

    /// Documents without outcome after a number, in order.
    func unfinished(after last: Int, limit: Int) -> [Int] {
        var found: [Int] = []
        for document in accepted.indices.dropFirst(last + 1) where outcomes[document] == nil {
            found.append(document)
            if found.count == limit { break }
        }
        return found
    }

    // MARK: Events

    func brokerStarted() {
        lastTickets = [:]
        sentCounts = [:]
        excused = [:]
        givenUp = []
        documents = [:]
        unanswered = [:]
    }

    /// The queue ordered this grant.
    func granted(_ ticket: LeaseTicket, _ documents: [Int], to peer: PeerID, _ queue: LeaseQueue) {
        if documents.isEmpty { world.violate("lease \(ticket.sequence) is empty") }
        for document in documents {
            if let before = lastTickets.updateValue(ticket, forKey: document), queue.isLive(before) {
                world.violate("document \(document) is leased under \(before.sequence) and \(ticket.sequence) at once")
            }
            if outcomes[document] != nil { world.violate("document \(document) is leased although it has an outcome") }
        }
        if Set(documents).count != documents.count { world.violate("lease \(ticket.sequence) has a document twice") }
    }

    /// A grant went into the connection of a worker with this window.
    func sent(_ ticket: LeaseTicket, _ documents: [Int], to peer: PeerID, window: Int, windowBytes: Int?) {
        self.documents[ticket] = documents
        for document in documents {
            sentCounts[document, default: 0] += 1
            let count = deliveries(document)
            if count > timing.deliveryLimit {
                world.violate("document \(document) is delivered for the \(count)th time")
            }
        }
        unanswered[peer, default: []].insert(ticket)
        let count = unanswered[peer]?.count ?? 0
        if count > window { world.violate("\(count) leases are held by a worker with a window of \(window)") }
        let held = (unanswered[peer] ?? []).flatMap { self.documents[$0] ?? [] }
        let bytes = held.reduce(0) { $0 + ParseBroker.entry($1).byteCount }
        if let windowBytes, bytes > windowBytes, held.count > 1 {
            world.violate("\(bytes) bytes are held by a worker with a window of \(windowBytes)")
        }
    }

    func answered(_ ticket: LeaseTicket, by peer: PeerID) { unanswered[peer]?.remove(ticket) }

    func handedBack(_ ticket: LeaseTicket) {
        world.reach(.handedBack)
        excuse(documents[ticket] ?? [])
    }

    /// A worker says goodbye. What it holds under live leases comes back unharmed; a lease whose deadline has passed has
    /// failed already, and that its worker leaves afterwards excuses nothing.
    func leaves(_ peer: PeerID, _ queue: LeaseQueue) {
        for ticket in unanswered[peer] ?? [] where queue.isLive(ticket) { handedBack(ticket) }
    }

    /// The queue gives a document up. What counts is what was delivered until now: the disk may take seconds to keep the
    /// decision, and much happens meanwhile.
    func gaveUp(_ document: Int, reason: String) {
        let count = deliveries(document)
        guard count >= timing.deliveryLimit else {
            return world.violate("document \(document) was given up after \(count) deliveries: \(reason)")
        }
        givenUp.insert(document)
    }

    /// Deliveries of a document that count, in the present life of the broker.
    private func deliveries(_ document: Int) -> Int {
        sentCounts[document, default: 0] - excused[document, default: 0]
    }

    func excuse(_ documents: [Int]) {
        for document in documents { excused[document, default: 0] += 1 }
    }

    /// What the worker of a peer held when it died.
    func held(by peer: PeerID) -> Set<LeaseTicket> { unanswered[peer] ?? [] }

    /// Workers that the broker no longer knows begin anew when they come back.
    func forget(where isGone: (PeerID) -> Bool) {
        for peer in unanswered.keys where isGone(peer) { unanswered[peer] = nil }
    }

    /// An outcome is on disk.
    func finish(_ document: Int, _ outcome: Outcome, parsedFrom source: Int?) {
        if let source, source != document {
            world.violate("the result of document \(source) became the outcome of document \(document)")
        }
        guard outcomes.updateValue(outcome, forKey: document) == nil else {
            return world.violate("document \(document) has two outcomes")
        }
        guard document < accepted.count else { return world.violate("document \(document) was never accepted") }
        guard case .dead(let reason) = outcome else {
            if !accepted[document].isHarmless {
                world.violate("document \(document) \(accepted[document]), and was parsed")
            }
            return
        }
        if !givenUp.contains(document) {
            world.violate("document \(document) became a dead letter without being given up: \(reason)")
        }
    }

    // MARK: The end

    /// - Parameter isQuiet: nothing but documents went wrong in this run.
    func judge(_ queue: LeaseQueue, _ workers: [SimulatedWorker], isQuiet: Bool) {
        for key in acknowledged.subtracting(stored).sorted() {
            world.violate("submission \(key) was acknowledged and is lost")
        }
        for document in accepted.indices where outcomes[document] == nil {
            world.violate("document \(document) has no outcome")
        }
        if queue.waitingCount + queue.leasedCount + queue.leaseCount > 0 {
            world.violate("\(queue.waitingCount) documents wait and \(queue.leaseCount) leases live after the end")
        }
        let hung = workers.filter { $0.hungThreads > 0 }.map(\.name)
        for worker in queue.roster.all where worker.held > 0 && !hung.contains(worker.ready.name) {
            world.violate("\(worker.ready.name) answered for everything, and still has \(worker.held) places taken")
        }
        guard isQuiet else { return }
        for (document, outcome) in outcomes {
            if case .dead = outcome, accepted[document].isHarmless {
                world.violate("document \(document) is harmless, and was given up because of its neighbours")
            }
        }
    }
}
