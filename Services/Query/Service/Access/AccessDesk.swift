// The door of the HTTP API and the ask link: recognises keys and tenant tokens, and keeps one of them from taking what is for all.
//
// Invariants
//  (1) A gateway is open only while its file of keys has never had a key. A file that vanishes or cannot be read leaves
//      the last state that was read.
//  (2) A change of the file counts within `reloadMilliseconds`.
//  (3) Whether a key does not exist, is wrong, expired or revoked: the status is 401, and nothing else is told apart but
//      to the holder of the right secret.

import Foundation
import Messages
import ServiceKit
import Synchronization

/// A refusal that says when to come again.
struct RetryLater: Error {
    let error: KuaibaoError
    let seconds: Int
}

/// Recognises who asks. Used by all connections.
final class AccessDesk: Sendable {
    static let reloadMilliseconds: Int64 = 250
    /// Verified tokens that are remembered, so that a signature is checked once.
    static let tokenLimit = 4096
    /// Seconds of its rate that a key may use at once.
    static let burstSeconds = 2.0

    struct Limits: Sendable {
        /// Requests a second of a key without a rate of its own; 0 for no limit.
        var requestsPerSecond = 0
        /// Requests under way at once for one key.
        var concurrentRequests = 256
    }

    struct Counters: Sendable {
        var refused = 0
        var limited = 0
        var reloads = 0
        var reloadFailures = 0
    }

    private struct Bucket {
        var tokens: Double
        var filledAt: Int64
    }

    private struct State {
        var keys: [String: APIKey] = [:]
        var checkedAt: Int64 = .min
        var stamp: FileStamp?
        var buckets: [String: Bucket] = [:]
        var underWay: [String: Int] = [:]
        /// By the token's text.
        var tokens: [String: TenantToken] = [:]
        var counters = Counters()
    }

    private let path: String
    private let limits: Limits
    private let monotonic: @Sendable () -> Int64
    private let wall: @Sendable () -> Int64
    private let state = Mutex(State())

    /// - Throws: `corrupt` or `notReady` for a file of keys that cannot be read: a gateway does not start half open.
    init(
        path: String, limits: Limits, monotonic: @escaping @Sendable () -> Int64, wall: @escaping @Sendable () -> Int64
    ) throws(KuaibaoError) {
        self.path = path
        self.limits = limits
        self.monotonic = monotonic
        self.wall = wall
        let file = try APIKeyFile(path: path)
        state.withLock {
            $0.keys = Self.table(file)
            $0.stamp = FileStamp(path: path)
            $0.checkedAt = monotonic()
        }
    }

    /// True while no key was ever made: everybody who reaches the gateway may do everything.
    var isOpen: Bool {
        reload()
        return state.withLock { $0.keys.isEmpty }
    }

    var counters: Counters { state.withLock { $0.counters } }

    /// Who asks, by the header `Authorization`.
    ///
    /// - Throws: `unauthenticated`.
    func principal(authorization: String?) throws(KuaibaoError) -> Principal {
        reload()
        let isOpen = state.withLock { $0.keys.isEmpty }
        guard let text = authorization else {
            guard isOpen else { throw refuse("this gateway has keys, and the request has none") }
            return .open
        }
        guard text.lowercased().hasPrefix("bearer ") else {
            throw refuse("the header Authorization is not \"Bearer\" and a key")
        }
        return try holder(of: text.dropFirst(7).trimmingCharacters(in: .whitespaces))
    }

    /// Who asks, by the key or tenant token of a message; nil where it has none.
    ///
    /// - Throws: `unauthenticated`.
    func principal(key: String?) throws(KuaibaoError) -> Principal {
        reload()
        if let key { return try holder(of: key) }
        guard state.withLock({ $0.keys.isEmpty }) else { throw refuse("this gateway has keys, and the request has none") }
        return .open
    }

    private func holder(of credential: String) throws(KuaibaoError) -> Principal {
        if TenantToken.isToken(credential) { return try tenant(credential) }
        guard let secret = KeySecret(credential),
            let key = state.withLock({ $0.keys[secret.id] }), secret.matches(key)
        else { throw refuse("there is no such key") }
        if let refusal = key.refusal(at: wall()) { throw refuse("the key \(key.id) \(refusal)") }
        return Principal(
            id: key.id, tenant: nil, scopes: Set(key.scopes), collections: Self.collections(of: key), filter: nil)
    }

    /// Counts a request in; `end` must follow for each that this lets through.
    ///
    /// - Throws: `RetryLater` when the key has used up its rate or its places.
    func begin(_ principal: Principal) throws {
        guard principal != .open else { return }
        let now = monotonic()
        let wait: (seconds: Int, what: String)? = state.withLock { state in
            let current = state.underWay[principal.id] ?? 0
            if current >= limits.concurrentRequests {
                state.counters.limited += 1
                return (1, "\(current) requests of this key are under way")
            }
            let rate = state.keys[principal.id]?.requestsPerSecond ?? Double(limits.requestsPerSecond)
            if rate > 0 {
                let capacity = max(1, rate * Self.burstSeconds)
                var bucket = state.buckets[principal.id] ?? Bucket(tokens: capacity, filledAt: now)
                bucket.tokens = min(capacity, bucket.tokens + Double(now - bucket.filledAt) / 1000 * rate)
                bucket.filledAt = now
                defer { state.buckets[principal.id] = bucket }
                guard bucket.tokens >= 1 else {
                    state.counters.limited += 1
                    return (
                        max(1, Int(((1 - bucket.tokens) / rate).rounded(.up))), "more than \(rate) requests a second"
                    )
                }
                bucket.tokens -= 1
            }
            state.underWay[principal.id] = current + 1
            return nil
        }
        guard let wait else { return }
        throw RetryLater(
            error: KuaibaoError(.busy, wait.what, fix: "ask again in \(wait.seconds) s"), seconds: wait.seconds)
    }

    func end(_ principal: Principal) {
        guard principal != .open else { return }
        state.withLock { state in
            let left = (state.underWay[principal.id] ?? 1) - 1
            state.underWay[principal.id] = left > 0 ? left : nil
        }
    }

    // MARK: Tenant tokens

    /// What a tenant may do where its key may: everything of it stays behind the filter.
    private static let tenantScopes: Set<AccessScope> = [.search, .watch]

    private func tenant(_ text: String) throws(KuaibaoError) -> Principal {
        let token: TenantToken
        if let known = state.withLock({ $0.tokens[text] }) {
            token = known
        } else {
            guard let read = TenantToken(unverified: text),
                let key = state.withLock({ $0.keys[read.key] }), TenantToken.isSigned(text, by: key)
            else { throw refuse("the tenant token is not signed by a key of this gateway") }
            token = read
            state.withLock { state in
                if state.tokens.count >= Self.tokenLimit { state.tokens.removeAll() }
                state.tokens[text] = read
            }
        }
        guard let key = state.withLock({ $0.keys[token.key] }) else { throw refuse("the tenant token's key is gone") }
        if let refusal = key.refusal(at: wall()) { throw refuse("the tenant token's key \(refusal)") }
        guard token.expiresAt > wall() else { throw refuse("the tenant token has expired") }
        guard key.scopes.contains(.search) else { throw refuse("the tenant token's key has no scope \"search\"") }
        return Principal(
            id: key.id, tenant: token.tenant, scopes: Self.tenantScopes.intersection(key.scopes),
            collections: Self.collections(of: key), filter: token.filter)
    }

    // MARK: The file

    private func reload() {
        let now = monotonic()
        let isDue = state.withLock { state in
            guard now - state.checkedAt >= Self.reloadMilliseconds else { return false }
            state.checkedAt = now
            return true
        }
        guard isDue, let stamp = FileStamp(path: path), stamp != state.withLock({ $0.stamp }) else { return }
        do {
            let file = try APIKeyFile(path: path)
            state.withLock { state in
                // Invariant 1: from keys to no keys there is no way but a restart.
                guard !file.keys.isEmpty || state.keys.isEmpty else { return }
                if Self.table(file) != state.keys { state.tokens.removeAll() }
                state.keys = Self.table(file)
                state.stamp = stamp
                state.counters.reloads += 1
            }
        } catch {
            state.withLock { $0.counters.reloadFailures += 1 }
        }
    }

    private func refuse(_ why: String) -> KuaibaoError {
        state.withLock { $0.counters.refused += 1 }
        return KuaibaoError(
            .unauthenticated, why,
            fix: "send the header \"Authorization: Bearer KEY\", over ZeroMQ the member key; kuaibao api-keys create makes one")
    }

    private static func table(_ file: APIKeyFile) -> [String: APIKey] {
        Dictionary(file.keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func collections(of key: APIKey) -> Set<String>? {
        key.collections.contains(APIKey.everyCollection) ? nil : Set(key.collections)
    }
}

/// What tells one state of a file from the next: a replaced file has another number.
private struct FileStamp: Hashable {
    private let number: UInt64
    private let size: UInt64
    private let changedAt: Date?

    /// Nil where there is no file.
    init?(path: String) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
        number = (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
        size = (attributes[.size] as? NSNumber)?.uint64Value ?? 0
        changedAt = attributes[.modificationDate] as? Date
    }
}
