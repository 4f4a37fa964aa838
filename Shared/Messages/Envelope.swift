// The envelope: what precedes every body on every link.
//
// Layout of a message (docs/protocol/envelope.md has the ABNF):
//
//     [routing id …]  added and removed by ROUTER sockets
//     header          one frame, a Codable `Header`, JSON or MessagePack; its first byte tells which
//     body            one frame, a Codable value in the header's codec; absent for kinds without a body
//     payload …       zero to 14 frames of raw bytes (documents, stored fields); never inside the Codable value
//
// Invariants:
//  (1) A header names protocol, version and kind; a peer that does not know one of them answers `error`, it never traps.
//  (2) A reply carries the request's `id` as its `parent` and uses the request's codec.
//  (3) Unknown fields are ignored; fields are only ever added, and added optional.

/// How the Codable frames of a message are written.
package enum Codec: String, Codable, Sendable, CaseIterable {
    /// RFC 8259 JSON; every peer understands it.
    case json
    /// MessagePack maps with string keys; smaller and about six times faster here.
    case messagePack = "msgpack"
}

/// The first Codable frame of every message.
package struct Header: Codable, Sendable, Equatable {
    /// The protocol's name; always `Header.protocolName`.
    package var `protocol`: String
    /// The protocol's major version.
    package var version: Int
    /// What the message asks or answers, by its wire name; see `Kind`.
    package var kind: String
    /// Names this message; chosen by its sender, at most 64 bytes.
    package var id: String
    /// The `id` of the request that this message answers.
    package var parent: String?
    /// The instant after which nobody waits for the answer: milliseconds since 1970, UTC.
    package var deadline: Int64?
    /// W3C trace context (`traceparent`), passed on unchanged.
    package var trace: String?

    package static let protocolName = "kuaibao"
    package static let currentVersion = 1

    package init(
        kind: Kind, id: String, parent: String? = nil, deadline: Int64? = nil, trace: String? = nil
    ) {
        self.protocol = Self.protocolName
        self.version = Self.currentVersion
        self.kind = kind.rawValue
        self.id = id
        self.parent = parent
        self.deadline = deadline
        self.trace = trace
    }
}

/// Every message of every link, by wire name.
package enum Kind: String, Codable, Sendable, CaseIterable {
    // Any link.
    case error
    case ping
    case pong
    // submit: raw documents in, receipts out.
    case submit
    case receipt
    // parse and search: workers join, are given work, and give it back.
    case ready
    case who
    case heartbeat
    case lease
    case done
    case failed
    case goodbye
    // ledger: journal reads and catalog operations.
    case ledgerRequest = "ledger"
    case ledgerReply = "ledger-reply"
    // ask: queries from any ZeroMQ client.
    case search
    case searchReply = "search-reply"
    case status
    case statusReply = "status-reply"
    case watch
    case watchReply = "watch-reply"
    // news (PUB): a collection has a new version.
    case news
}

/// Limits that every receiver enforces before it looks at a message's content.
package enum EnvelopeLimits {
    /// Frames after the routing ids: header, body and at most 14 payload frames.
    package static let frameCount = 16
    /// Bytes of the header frame.
    package static let headerBytes = 4 << 10
    /// Bytes of the body frame.
    package static let bodyBytes = 16 << 20
    /// Bytes of one payload frame.
    package static let payloadBytes = 64 << 20
}
