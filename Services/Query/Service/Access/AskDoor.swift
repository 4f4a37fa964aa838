// The door of the ask link: what HTTP asks of a request, a message is asked too.
//
// A message's body names an API key or a tenant token in the member `key`. Scope, collection, filter, rate, places, turns and
// the audit log are those of the HTTP API; on a gateway without keys a message needs none.

import Foundation
import Messages
import ServiceKit

/// The member of a body that names who asks; the others belong to the request.
struct AskCredential: Codable, Sendable {
    var key: String?
}

/// Lets messages in.
struct AskDoor: Sendable {
    /// What stands for the address of a ZeroMQ client, which has none, in the audit log.
    private static let remote = "zeromq"

    /// What a message asks for.
    struct Asked: Sendable {
        let kind: Kind
        let scope: AccessScope
        /// Nil where the request names none.
        var collection: String?
        /// Nil where the request has none.
        var query: String?
        /// Whether it asks the query workers, and so waits for its turn.
        var takesTurns = false
    }

    let access: AccessDesk
    let gate: FairGate
    let audit: AuditLog
    let microseconds: @Sendable () -> Int64
    let wall: @Sendable () -> Int64

    /// Answers for who holds the message's key.
    ///
    /// - Throws: `unauthenticated`, `notAllowed`, `busy`, and what `answer` throws.
    func answer<Reply: Sendable>(
        _ message: Message, _ asked: Asked, with answer: @Sendable (Principal) async throws -> Reply
    ) async throws -> Reply {
        let started = microseconds()
        var principal: Principal?
        do {
            let key = message.body.isEmpty ? nil : try message.body(as: AskCredential.self).key
            let asker = try access.principal(key: key)
            principal = asker
            try asker.require(asked.scope, collection: asked.collection)
            try access.begin(asker)
            defer { access.end(asker) }
            let turn = asker == .open ? Self.remote : asker.id
            if asked.takesTurns { try await gate.enter(turn) }
            defer { if asked.takesTurns { gate.leave(turn) } }
            let reply = try await answer(asker)
            note(asked, asker, 200, started)
            return reply
        } catch {
            let known = (error as? RetryLater)?.error ?? wireError(error)
            note(asked, principal, known.code.httpStatus, started)
            throw known
        }
    }

    private func note(_ asked: Asked, _ principal: Principal?, _ status: Int, _ started: Int64) {
        let time = Date(timeIntervalSince1970: Double(wall()) / 1000)
        audit.note(
            AuditLog.Entry(
                time: time.formatted(.iso8601.time(includingFractionalSeconds: true)), key: principal?.id ?? "refused",
                tenant: principal?.tenant, remote: Self.remote, method: "ASK",
                path: asked.collection.map { "\(asked.kind.rawValue)/\($0)" } ?? asked.kind.rawValue,
                query: asked.query, status: status, milliseconds: Double(microseconds() - started) / 1000))
    }
}
