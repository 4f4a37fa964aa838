// Which addresses may be connected to.
//
// An address that somebody else chose, such as that of a feed, of a link inside it or of a webhook, must not make a gateway
// speak to the network it stands in: to its own ports, to the neighbours behind its firewall, or to the cloud's metadata
// service. Names prove nothing, because whoever owns a name chooses its address and may change it between two look-ups. So the
// address is judged at the one moment that counts: when the socket to it is about to be opened, for each attempt and each hop.
//
// Refused is what the registries of special purpose addresses of IANA (RFC 6890 and its successors) call not globally
// reachable, and all of IPv6 that is not global unicast. An IPv6 address that only stands for an IPv4 one is judged by that:
// mapped ones are refused even where the inner address is public, for no honest name leads to one; those of translators (NAT64,
// 6to4) are refused where the inner address is.

/// The rule that judges addresses.
package struct AddressGuard: Sendable, Hashable {
    /// Ranges that may be connected to although they are special: the setting of somebody who knows their network.
    private let allowed: [NetworkRange]

    package init(allowed: [NetworkRange] = []) {
        self.allowed = allowed
    }

    /// Why an address may not be connected to; nil where it may.
    package func refusal(of address: NetworkAddress) -> String? {
        let meant = address.mapped ?? address
        if allowed.contains(where: { $0.contains(meant) }) { return nil }
        if let kind = Self.kind(of: meant) { return kind }
        return address.mapped == nil ? nil : "IPv4-mapped"
    }

    private static func kind(of address: NetworkAddress) -> String? {
        if let kind = special.first(where: { $0.range.contains(address) })?.kind { return kind }
        guard address.bytes.count == 16 else { return nil }
        if let inner = translated(address) { return kind(of: inner) }
        return globalUnicast.contains { $0.contains(address) } ? nil : "not global"
    }

    /// The IPv4 address that a translator makes of an IPv6 one: NAT64 (RFC 6052) keeps it in the last four bytes, 6to4 (RFC
    /// 3056) in the third to sixth.
    private static func translated(_ address: NetworkAddress) -> NetworkAddress? {
        if nat64.contains(where: { $0.contains(address) }) { return NetworkAddress(Array(address.bytes[12...])) }
        if sixToFour.contains(where: { $0.contains(address) }) { return NetworkAddress(Array(address.bytes[2..<6])) }
        return nil
    }

    private static func ranges(_ texts: String...) -> [NetworkRange] { texts.compactMap { NetworkRange($0) } }

    private static let globalUnicast = ranges("2000::/3")
    private static let nat64 = ranges("64:ff9b::/96")
    private static let sixToFour = ranges("2002::/16")

    /// The special ranges and what they are for.
    private static let special: [(range: NetworkRange, kind: String)] = [
        ("0.0.0.0/8", "this network"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "shared by a carrier (CGNAT)"),
        ("127.0.0.0/8", "loopback"), ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"), ("192.0.2.0/24", "documentation"), ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"), ("198.18.0.0/15", "benchmarking"), ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"), ("224.0.0.0/4", "multicast"), ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"), ("::1/128", "loopback"), ("64:ff9b:1::/48", "local translation"),
        ("100::/64", "discard only"), ("2001::/23", "protocol assignments"), ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"), ("5f00::/16", "segment routing"), ("fc00::/7", "private (unique local)"),
        ("fe80::/10", "link-local"), ("fec0::/10", "site-local"), ("ff00::/8", "multicast"),
    ].compactMap { text, kind in NetworkRange(text).map { ($0, kind) } }
}

extension AddressGuard {
    /// A guard that lets through what a setting lists; nil where an entry is no range.
    package init?(allowing list: [String]) {
        let ranges = list.map { NetworkRange($0) }
        guard !ranges.contains(nil) else { return nil }
        self.init(allowed: ranges.compactMap { $0 })
    }
}
