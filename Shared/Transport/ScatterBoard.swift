// The search link's work as a value: a query is spread over workers by parts, and its answers are gathered.
//
// A part is what one worker can answer alone: a segment. Parts are placed by rendezvous hashing (Thaler and Ravishankar,
// "Using name-based mappings to increase hit rates", 1998), so that a worker keeps the segments it has warm, among the
// workers whose window has room. A query that would give every worker less than `partsWeightPerWorker` goes to fewer.
//
// States of an assignment (one worker, some parts of one query):
//
//     begin ──▶ open ──answer──▶ counted, if its parts were still unanswered
//                │
//                ├─ failure, silence, disconnection: its parts are assigned anew (reassign)
//                └─ older than the hedge delay: its parts are also asked of another worker (hedge); the first answer counts
//
// Invariants:
//  (1) The parts of a query are the disjoint union of answered, and those of open assignments (a hedged part is in two).
//  (2) A query ends exactly once: `complete` when all parts are answered, `expired` at its deadline, or `unserved` when no
//      worker is left.
//  (3) Two open assignments of one query have equal or disjoint parts, so an answer is wanted whole or not at all.

package import Messages

/// Queries on their way through the search workers.
package struct ScatterBoard: Sendable {
    /// A part of the collection and its weight (documents).
    package struct Part: Sendable, Hashable {
        package let name: String
        package let weight: Int

        package init(name: String, weight: Int) {
            self.name = name
            self.weight = weight
        }
    }

    /// What the driver has to do.
    package enum Action: Sendable, Hashable {
        /// Ask this worker for these parts.
        case ask(PeerID, query: Int64, LeaseTicket, parts: [String])
        case askWho(PeerID)
        case heartbeat(PeerID)
        /// All parts are answered.
        case complete(query: Int64)
        /// The deadline has come; these parts are missing.
        case expired(query: Int64, missing: [String])
        /// No worker is left; these parts are missing.
        case unserved(query: Int64, missing: [String])
    }

    /// Counts since the start.
    package struct Counts: Sendable, Hashable {
        package var queries = 0
        package var asks = 0
        package var reassigned = 0
        package var hedged = 0
        package var expired = 0
        package var unserved = 0
        package var lateAnswers = 0
    }

    private struct Assignment: Sendable {
        let query: Int64
        let peer: PeerID
        let parts: [String]
        let askedAt: Int64
        var isHedged: Bool
    }

    private struct Running: Sendable {
        var unanswered: Set<String>
        let deadline: Int64
    }

    package private(set) var roster: WorkerRoster
    package private(set) var counts = Counts()
    private var running: [Int64: Running] = [:]
    private var assignments: [Int64: Assignment] = [:]
    private var nextSequence: Int64 = 1
    private let epoch: Int64
    private let timing: Timing
    private let partsWeightPerWorker: Int

    /// - Parameters:
    ///   - epoch: this broker's boot number.
    ///   - partsWeightPerWorker: least weight worth a worker of its own; smaller queries go to fewer workers.
    package init(epoch: Int64, timing: Timing = Timing(), partsWeightPerWorker: Int) {
        self.epoch = epoch
        self.timing = timing
        self.partsWeightPerWorker = max(1, partsWeightPerWorker)
        self.roster = WorkerRoster(timing: timing)
    }

    package var runningCount: Int { running.count }

    // MARK: Queries

    /// Spreads a query. A query without parts is complete at once.
    package mutating func begin(query: Int64, parts: [Part], deadline: Int64, now: Int64) -> [Action] {
        counts.queries += 1
        guard !parts.isEmpty else { return [.complete(query: query)] }
        running[query] = Running(unanswered: Set(parts.map(\.name)), deadline: deadline)
        let workers = spread(weight: parts.reduce(0) { $0 + $1.weight })
        let actions = assign(query, parts.map(\.name), spread: workers, excluding: [], now: now)
        return actions ?? end(query, unserved: true)
    }

    /// How many workers a query of this weight is worth, at least 1; there may be fewer.
    package func spread(weight: Int) -> Int {
        max(1, (weight + partsWeightPerWorker - 1) / partsWeightPerWorker)
    }

    /// A worker answered.
    ///
    /// - Returns: the query and the parts that this answer newly covers (nil where it is late or already covered whole),
    ///   and what to do next.
    package mutating func answer(
        _ peer: PeerID, _ ticket: LeaseTicket, now: Int64
    ) -> (query: Int64, parts: [String])? {
        _ = roster.heard(peer, now: now)
        guard let assignment = take(peer, ticket, wasFinished: true) else { return nil }
        guard let query = running[assignment.query], query.unanswered.isSuperset(of: assignment.parts) else {
            counts.lateAnswers += 1
            return nil
        }
        running[assignment.query]?.unanswered.subtract(assignment.parts)
        return (assignment.query, assignment.parts)
    }

    /// Ends a query if nothing of it is unanswered; call after the answer's content was merged.
    package mutating func settle(_ query: Int64) -> [Action] {
        guard let state = running[query], state.unanswered.isEmpty else { return [] }
        forget(query)
        return [.complete(query: query)]
    }

    /// A worker could not answer: its parts go to another.
    package mutating func fail(_ peer: PeerID, _ ticket: LeaseTicket, now: Int64) -> [Action] {
        _ = roster.heard(peer, now: now)
        guard let assignment = take(peer, ticket, wasFinished: false) else { return [] }
        return reassign([assignment], now: now)
    }

    /// Nobody waits for the query any more.
    package mutating func cancel(_ query: Int64) { forget(query) }

    // MARK: Workers

    package mutating func join(_ peer: PeerID, _ ready: Ready, now: Int64) -> [Action] {
        let replaced = roster.join(peer, ready, now: now)
        return replaced.flatMap { reassign(takeAll(of: $0), now: now) }
    }

    package mutating func heartbeat(_ peer: PeerID, now: Int64) -> [Action] {
        roster.heard(peer, now: now) ? [] : [.askWho(peer)]
    }

    /// A worker has left, in good order or because the transport cannot reach it.
    package mutating func gone(_ peer: PeerID, now: Int64) -> [Action] {
        roster.remove(peer)
        return reassign(takeAll(of: peer), now: now)
    }

    package mutating func sent(_ peer: PeerID, now: Int64) { roster.sent(peer, now: now) }

    /// Finds dead workers, slow answers, deadlines and idle links.
    package mutating func tick(now: Int64) -> [Action] {
        var actions: [Action] = []
        for worker in roster.expire(now: now) { actions += reassign(takeAll(of: worker.peer), now: now) }
        for (query, state) in running.sorted(by: { $0.key < $1.key }) where state.deadline <= now {
            actions += end(query, unserved: false)
        }
        actions += hedge(now: now)
        actions += roster.dueForHeartbeat(now: now).map { .heartbeat($0) }
        return actions
    }

    // MARK: Inside

    /// Assigns parts to workers with room; nil where there is no worker at all.
    private mutating func assign(
        _ query: Int64, _ parts: [String], spread: Int, excluding: Set<PeerID>, now: Int64
    ) -> [Action]? {
        var candidates = roster.all.filter { !excluding.contains($0.peer) && $0.ready.window > 0 }
        guard !candidates.isEmpty else { return nil }
        let withRoom = candidates.filter { $0.held < $0.ready.window }
        if !withRoom.isEmpty { candidates = withRoom }
        if spread < candidates.count {
            // Least loaded first; a query for few workers goes where there is most room.
            candidates = Array(
                candidates.sorted {
                    ($0.held, $0.finished, $0.ready.name) < ($1.held, $1.finished, $1.ready.name)
                }.prefix(spread))
        }
        var placed: [PeerID: [String]] = [:]
        for part in parts {
            let best = candidates.max { Self.affinity(part, $0.ready.name) < Self.affinity(part, $1.ready.name) }
            guard let best else { continue }
            placed[best.peer, default: []].append(part)
        }
        return candidates.compactMap { worker in
            placed[worker.peer].map { ask(worker.peer, query, $0, now: now) }
        }
    }

    private mutating func ask(_ peer: PeerID, _ query: Int64, _ parts: [String], now: Int64) -> Action {
        let ticket = LeaseTicket(epoch: epoch, sequence: nextSequence)
        nextSequence += 1
        assignments[ticket.sequence] = Assignment(
            query: query, peer: peer, parts: parts, askedAt: now, isHedged: false)
        roster.hold(peer)
        roster.sent(peer, now: now)
        counts.asks += 1
        return .ask(peer, query: query, ticket, parts: parts)
    }

    private mutating func take(_ peer: PeerID, _ ticket: LeaseTicket, wasFinished: Bool) -> Assignment? {
        guard ticket.epoch == epoch, let assignment = assignments[ticket.sequence], assignment.peer == peer else {
            counts.lateAnswers += 1
            return nil
        }
        assignments[ticket.sequence] = nil
        roster.release(peer, wasFinished: wasFinished)
        return assignment
    }

    private mutating func takeAll(of peer: PeerID) -> [Assignment] {
        let sequences = assignments.filter { $0.value.peer == peer }.map(\.key).sorted()
        return sequences.compactMap { assignments.removeValue(forKey: $0) }
    }

    private mutating func reassign(_ lost: [Assignment], now: Int64) -> [Action] {
        var actions: [Action] = []
        for assignment in lost {
            guard let query = running[assignment.query] else { continue }
            let covered = Set(assignments.values.filter { $0.query == assignment.query }.flatMap(\.parts))
            let open = assignment.parts.filter { query.unanswered.contains($0) && !covered.contains($0) }
            guard !open.isEmpty else { continue }
            counts.reassigned += 1
            let again = assign(
                assignment.query, open, spread: 1, excluding: [assignment.peer], now: now)
                ?? assign(assignment.query, open, spread: 1, excluding: [], now: now)
            actions += again ?? end(assignment.query, unserved: true)
        }
        return actions
    }

    private mutating func hedge(now: Int64) -> [Action] {
        var actions: [Action] = []
        let late = assignments.filter { !$0.value.isHedged && now - $0.value.askedAt >= timing.hedgeMilliseconds }
        for (sequence, assignment) in late.sorted(by: { $0.key < $1.key }) {
            assignments[sequence]?.isHedged = true
            guard running[assignment.query]?.unanswered.isSuperset(of: assignment.parts) == true else { continue }
            let others = roster.all.filter { $0.peer != assignment.peer && $0.held < $0.ready.window }
            guard let other = others.max(by: { $0.freeShare < $1.freeShare }) else { continue }
            counts.hedged += 1
            let action = ask(other.peer, assignment.query, assignment.parts, now: now)
            assignments[nextSequence - 1]?.isHedged = true
            actions.append(action)
        }
        return actions
    }

    private mutating func end(_ query: Int64, unserved: Bool) -> [Action] {
        guard let state = running[query] else { return [] }
        let missing = state.unanswered.sorted()
        forget(query)
        if unserved { counts.unserved += 1 } else { counts.expired += 1 }
        return [unserved ? .unserved(query: query, missing: missing) : .expired(query: query, missing: missing)]
    }

    private mutating func forget(_ query: Int64) {
        running[query] = nil
        // Open assignments stay until their answer comes or their worker dies: they hold the worker's credit.
    }

    /// FNV-1a over part and worker, finished by a multiply-shift mix so that short names spread too.
    private static func affinity(_ part: String, _ worker: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ 0xff) &* 0x0000_0100_0000_01b3
        for byte in worker.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        hash ^= hash >> 33
        hash = hash &* 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 33
        return hash
    }
}
