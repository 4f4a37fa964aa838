// Who goes next: requests of one key wait for each other, not for those of another key.
//
// A value without clock or lock. At most `limit` requests are in; the others wait in a queue for each key, and the keys that
// have somebody waiting take turns. So a request waits for the requests ahead of it of its own key, and for one request of
// each other key in between, however many those have.
//
//     enter -> in (room, nobody waits)        `enter` answers true
//     enter -> waiting                        `enter` answers false; `leave` or `widen` names it later, or `expire` does
//     in -> gone                              `leave`
//
// Invariants: (1) `inside` ≤ `limit`, but for a limit that was lowered. (2) A key is in `turns` once exactly while it has
// somebody waiting. (3) Every waiting ticket is named exactly once, by `leave`, `widen` or `expire`.

/// The queues of one gate.
struct FairQueue: Sendable {
    /// Names one waiting request.
    typealias Ticket = Int64

    private struct Waiting {
        let ticket: Ticket
        let since: Int64
    }

    private(set) var limit: Int
    private(set) var inside = 0
    private var queues: [String: [Waiting]] = [:]
    private var turns: [String] = []
    private var lastTicket: Ticket = 0

    /// - Parameter limit: requests that are in at once, at least 1.
    init(limit: Int) { self.limit = max(1, limit) }

    var waitingCount: Int { queues.values.reduce(0) { $0 + $1.count } }

    /// Nil where the request is in; else its ticket.
    mutating func enter(_ key: String, now: Int64) -> Ticket? {
        if inside < limit, turns.isEmpty {
            inside += 1
            return nil
        }
        lastTicket += 1
        if queues[key] == nil { turns.append(key) }
        queues[key, default: []].append(Waiting(ticket: lastTicket, since: now))
        return lastTicket
    }

    /// A request is done; who is in now instead.
    mutating func leave() -> [Ticket] {
        inside -= 1
        return admit()
    }

    /// Changes the limit; who is in now.
    mutating func widen(to limit: Int) -> [Ticket] {
        self.limit = max(1, limit)
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

    private mutating func admit() -> [Ticket] {
        var admitted: [Ticket] = []
        while inside < limit, let key = turns.first {
            turns.removeFirst()
            guard var waiting = queues[key], let next = waiting.first else { continue }
            waiting.removeFirst()
            queues[key] = waiting.isEmpty ? nil : waiting
            if !waiting.isEmpty { turns.append(key) }
            inside += 1
            admitted.append(next.ticket)
        }
        return admitted
    }
}
