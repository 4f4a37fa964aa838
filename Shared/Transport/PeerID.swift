// How a ROUTER names the other end of a connection.

/// The routing frames of one connected peer: its identity, and the empty delimiter that REQ sockets add.
package struct PeerID: Hashable, Sendable {
    /// The identity that the ROUTER gave the connection.
    package var identity: [UInt8]
    /// True where the peer is a REQ socket, which needs the empty frame back.
    package var hasDelimiter: Bool

    package init(identity: [UInt8], hasDelimiter: Bool = false) {
        self.identity = identity
        self.hasDelimiter = hasDelimiter
    }
}
