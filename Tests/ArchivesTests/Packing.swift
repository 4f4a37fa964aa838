// Small writers of zip and gzip for the tests, so that no packer is needed.

/// CRC-32 (ISO 3309), bit by bit.
private func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var value: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        value ^= UInt32(byte)
        for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
}

private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// Zip archives whose members are stored.
enum ZipWriter {
    static func zip(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var result: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            let name = Array(member.name.utf8)
            let common =
                little(20, 2) + little(0x800, 2) + little(0, 2) + little(0, 4) + little(Int(checksum(member.bytes)), 4)
                + little(member.bytes.count, 4) + little(member.bytes.count, 4) + little(name.count, 2) + little(0, 2)
            directory += [0x50, 0x4B, 1, 2] + little(20, 2) + common + little(0, 6) + little(0, 4)
            directory += little(result.count, 4) + name
            result += [0x50, 0x4B, 3, 4] + common + name + member.bytes
        }
        let start = result.count
        result += directory
        result += [0x50, 0x4B, 5, 6] + little(0, 4) + little(members.count, 2) + little(members.count, 2)
        return result + little(directory.count, 4) + little(start, 4) + little(0, 2)
    }
}

/// Gzip files (RFC 1952) made of the simplest blocks of deflate (RFC 1951).
enum Gzip {
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let block: [UInt8] = [1] + little(bytes.count, 2) + little(~bytes.count & 0xFFFF, 2) + bytes
        return head + block + little(Int(checksum(bytes)), 4) + little(bytes.count, 4)
    }

    /// `count` zeros, packed about a thousandfold: one fixed block of one literal and copies of 258 bytes at distance 1.
    static func zeros(_ count: Int) -> [UInt8] {
        var bits = BitWriter()
        bits.write(0b011, 3)
        bits.writeCode(0b0011_0000, 8)
        let copies = (count - 1) / 258
        for _ in 0..<copies {
            // Length 258 is symbol 285, code 11000101; distance 1 is symbol 0, five bits.
            bits.writeCode(0b1100_0101, 8)
            bits.writeCode(0, 5)
        }
        bits.writeCode(0, 7)
        let unpacked = copies * 258 + 1
        // The checksum is not reached by a reader that refuses early; for small ones it must be right.
        let sum = unpacked < 1 << 20 ? Int(checksum(repeatElement(0, count: unpacked))) : 0
        return head + bits.finish() + little(sum, 4) + little(unpacked, 4)
    }

    private static let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]

    private struct BitWriter {
        private var bytes: [UInt8] = []
        private var current = 0
        private var count = 0

        mutating func write(_ value: Int, _ width: Int) {
            current |= value << count
            count += width
            while count >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: current))
                current >>= 8
                count -= 8
            }
        }

        /// Huffman codes stand with their highest bit first.
        mutating func writeCode(_ code: Int, _ width: Int) {
            for bit in stride(from: width - 1, through: 0, by: -1) { write(code >> bit & 1, 1) }
        }

        mutating func finish() -> [UInt8] {
            if count > 0 { write(0, 8 - count) }
            return bytes
        }
    }
}
