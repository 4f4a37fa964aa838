// Internet addresses and networks as values.

import Glibc

/// An IPv4 or IPv6 address: 4 or 16 bytes, in the order of the wire.
package struct NetworkAddress: Sendable, Hashable {
    package let bytes: [UInt8]

    /// - Precondition: 4 or 16 bytes.
    package init(_ bytes: [UInt8]) {
        precondition(bytes.count == 4 || bytes.count == 16, "an internet address has 4 or 16 bytes")
        self.bytes = bytes
    }

    /// An address as people write it; nil for anything else, names and short forms like 127.1 too.
    package init?(_ text: String) {
        if let bytes = Self.bytes(text, family: AF_INET, count: 4) {
            self.bytes = bytes
        } else if let bytes = Self.bytes(text, family: AF_INET6, count: 16) {
            self.bytes = bytes
        } else {
            return nil
        }
    }

    private static func bytes(_ text: String, family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return unsafe inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    /// The IPv4 address inside of an IPv6 one that stands for it (`::ffff:a.b.c.d`); nil for all others.
    package var mapped: NetworkAddress? {
        guard bytes.count == 16, bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff else {
            return nil
        }
        return NetworkAddress(Array(bytes[12...]))
    }
}

extension NetworkAddress: CustomStringConvertible {
    package var description: String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard unsafe inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// All addresses that begin with the same bits, for example `10.0.0.0/8`.
package struct NetworkRange: Sendable, Hashable {
    private let first: NetworkAddress
    private let prefixBits: Int

    /// A range as `ADDRESS/BITS`, or a single address; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = NetworkAddress(String(parts[0])) else { return nil }
        let allBits = address.bytes.count * 8
        if parts.count == 2 {
            guard let bits = Int(parts[1]), (0...allBits).contains(bits) else { return nil }
            prefixBits = bits
        } else {
            prefixBits = allBits
        }
        first = address
    }

    package func contains(_ address: NetworkAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        for index in 0..<(prefixBits / 8) where address.bytes[index] != first.bytes[index] { return false }
        let restBits = prefixBits % 8
        guard restBits > 0 else { return true }
        let mask = ~(UInt8.max >> UInt8(restBits))
        return address.bytes[prefixBits / 8] & mask == first.bytes[prefixBits / 8] & mask
    }
}
