// Who goes next: requests of one key wait for each other, not for those of another key.
//
// A value without clock or lock. At most `limit` requests are in; the others wait in a queue for each key, and the keys that
// have somebody waiting take turns. So a request waits for the requests ahead of it of its own key, and for one request of
// each other key in between, however many those have. Requests that are in are not interrupted: so that one key's costly
// ones do not hold every search thread, a key leaves one thread to each other key that has asked lately.
//
//     enter -> in (room, its key has a share left)     `enter` answers nil
//     enter -> waiting                                 `enter` answers a ticket; `leave`, `widen` or `forget` names it later,
//                                                      or `expire` does
//     in -> gone                                       `leave`
//
// Invariants: (1) `inside` ≤ `limit`, but for a limit that was lowered. (2) A key is in `turns` once exactly while it has
// somebody waiting. (3) Every waiting ticket is named exactly once. (4) While `inside` < `limit`, every key that has somebody
// waiting has its share inside. (5) The share is at least 1, and without limit for a key that is alone.

/// The queues of one gate.
struct FairQueue: Sendable {
    /// Names one waiting request.
    typealias Ticket = Int64

    private struct Waiting {
        let ticket: Ticket
        let since: Int64
    }

    private(set) var limit: Int
    /// Searches that run at once; more requests than that may be in, to keep them busy.
    private var threads: Int
    private(set) var inside = 0
    private var queues: [String: [Waiting]] = [:]
    private var turns: [String] = []
    private var insideOf: [String: Int] = [:]
    /// When each key asked last; keys that have not for long are forgotten.
    private var askedAt: [String: Int64] = [:]
    private var lastTicket: Ticket = 0

    /// - Parameters:
    ///   - limit: requests that are in at once, at least 1.
    ///   - threads: searches that run at once; nil for as many as are in.
    init(limit: Int, threads: Int? = nil) {
        self.limit = max(1, limit)
        self.threads = max(1, threads ?? limit)
    }

    var waitingCount: Int { queues.values.reduce(0) { $0 + $1.count } }

    /// How many requests of one key may be in: all where it is alone.
    private var share: Int { askedAt.count > 1 ? max(1, threads - (askedAt.count - 1)) : limit }

    /// Nil where the request is in; else its ticket.
    mutating func enter(_ key: String, now: Int64) -> Ticket? {
        askedAt[key] = now
        if inside < limit, queues[key] == nil, insideOf[key, default: 0] < share {
            inside += 1
            insideOf[key, default: 0] += 1
            return nil
        }
        lastTicket += 1
        if queues[key] == nil { turns.append(key) }
        queues[key, default: []].append(Waiting(ticket: lastTicket, since: now))
        return lastTicket
    }

    /// A request of `key` is done; who is in now instead.
    mutating func leave(_ key: String) -> [Ticket] {
        inside -= 1
        if let others = insideOf[key] { insideOf[key] = others > 1 ? others - 1 : nil }
        return admit()
    }

    /// Changes the limit and the searches that run at once; who is in now.
    mutating func widen(to limit: Int, threads: Int? = nil) -> [Ticket] {
        self.limit = max(1, limit)
        self.threads = max(1, threads ?? limit)
        return admit()
    }

    /// Leaves no thread any more to keys that have not asked since `instant` and have nothing in; who is in now.
    ///
    /// - Complexity: O(keys).
    mutating func forget(before instant: Int64) -> [Ticket] {
        askedAt = askedAt.filter { $0.value >= instant || insideOf[$0.key] != nil || queues[$0.key] != nil }
        return admit()
    }

    /// Takes out those that wait since before `instant`.
    ///
    /// - Complexity: O(keys · waiting).
    mutating func expire(before instant: Int64) -> [Ticket] {
        var gone: [Ticket] = []
        for (key, waiting) in queues {
            // A queue is in the order of arrival.
            let late = waiting.prefix { $0.since < instant }
            guard !late.isEmpty else { continue }
            gone += late.map(\.ticket)
            let rest = Array(waiting.dropFirst(late.count))
            queues[key] = rest.isEmpty ? nil : rest
            if rest.isEmpty { turns.removeAll { $0 == key } }
        }
        return gone
    }

    /// - Complexity: O(keys that wait) a call, and O(1) for each that is let in.
    private mutating func admit() -> [Ticket] {
        var admitted: [Ticket] = []
        var passedOver = 0
        while inside < limit, passedOver < turns.count {
            let key = turns.removeFirst()
            guard var waiting = queues[key], let next = waiting.first else { continue }
            guard insideOf[key, default: 0] < share else {
                // It keeps its place among those that are passed over.
                turns.append(key)
                passedOver += 1
                continue
            }
            waiting.removeFirst()
            queues[key] = waiting.isEmpty ? nil : waiting
            if !waiting.isEmpty { turns.append(key) }
            inside += 1
            insideOf[key, default: 0] += 1
            admitted.append(next.ticket)
            passedOver = 0
        }
        return admitted
    }
}
