// How a ROUTER names the other end of a connection.

/// The routing frames of one connected peer: its identity, and the empty delimiter that REQ sockets add; and who it is.
package struct PeerID: Hashable, Sendable {
    /// The identity that the ROUTER gave the connection.
    package var identity: [UInt8]
    /// True where the peer is a REQ socket, which needs the empty frame back.
    package var hasDelimiter: Bool
    /// What its key entitles it to; nil on a link without keys, where everybody may do everything.
    package var role: LinkRole?

    package init(identity: [UInt8], hasDelimiter: Bool = false, role: LinkRole? = nil) {
        self.identity = identity
        self.hasDelimiter = hasDelimiter
        self.role = role
    }
}
