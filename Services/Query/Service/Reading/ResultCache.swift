// Answers that were given already, by everything that they depend on.
//
// A key holds the version, so that an answer is never older than the collection, and the plan, which holds what a tenant
// token adds to the query: one tenant never gets what was found for another. The memory is bounded by an estimate of its
// bytes; when it is used up, everything goes, because the next version makes most of it useless anyway.

import Messages
import SearchCore
import Synchronization

/// Complete answers of recent versions. Used by all connections.
final class ResultCache: Sendable {
    struct Key: Hashable, Sendable {
        var collection: String
        var version: Int64
        var plan: SearchPlan
        var offset: Int
        var show: HitShow
    }

    struct Counters: Sendable {
        var hits = 0
        var misses = 0
        var bytes = 0
    }

    private struct State {
        var replies: [Key: EncodedReply] = [:]
        /// The newest version of each collection that was kept.
        var newest: [String: Int64] = [:]
        var counters = Counters()
    }

    /// Bytes of an answer without its hits and counts, and of its key.
    private static let fixedBytes = 2048
    /// Bytes of a hit's place in an answer.
    private static let hitBytes = 64
    private static let countBytes = 64

    private let byteLimit: Int
    private let state = Mutex(State())

    /// - Parameter byteLimit: about how many bytes are kept; 0 keeps nothing.
    init(byteLimit: Int) { self.byteLimit = byteLimit }

    var counters: Counters { state.withLock { $0.counters } }

    func reply(to key: Key) -> EncodedReply? {
        guard byteLimit > 0 else { return nil }
        return state.withLock { state in
            let reply = state.replies[key]
            if reply == nil { state.counters.misses += 1 } else { state.counters.hits += 1 }
            return reply
        }
    }

    /// Keeps an answer, unless it is incomplete or large.
    func keep(_ reply: EncodedReply, for key: Key) {
        let size = Self.size(reply)
        guard reply.complete, reply.version == key.version, size <= byteLimit / 8 else { return }
        state.withLock { state in
            if state.counters.bytes + size > byteLimit || state.newest[key.collection, default: .min] < key.version {
                state.replies.removeAll(keepingCapacity: true)
                state.counters.bytes = 0
            }
            state.newest[key.collection] = max(state.newest[key.collection] ?? .min, key.version)
            if state.replies.updateValue(reply, forKey: key) == nil { state.counters.bytes += size }
        }
    }

    private static func size(_ reply: EncodedReply) -> Int {
        let hits = reply.hits.reduce(0) { $0 + hitBytes + $1.bytes.count }
        let counts = (reply.facets ?? [:]).reduce(0) { $0 + $1.value.count } + (reply.histogram?.count ?? 0)
        return fixedBytes + hits + counts * countBytes
    }
}
