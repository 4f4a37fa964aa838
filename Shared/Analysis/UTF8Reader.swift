// One Unicode scalar from possibly broken UTF-8.

/// A scalar and the bytes it takes.
struct DecodedScalar {
    var value: UInt32
    /// 1…4.
    var length: Int
}

enum UTF8Reader {
    /// What a byte that starts no well-formed sequence reads as; it takes one byte.
    static let replacement = DecodedScalar(value: 0xFFFD, length: 1)

    /// Reads the scalar at `index`, which is below `limit`; `limit` is at most `text.count`.
    @inline(__always)
    static func scalar(_ text: [UInt8], at index: Int, limit: Int) -> DecodedScalar {
        let first = UInt32(text[index])
        if first < 0x80 { return DecodedScalar(value: first, length: 1) }
        let rest = limit - index
        // The common case first: three bytes, E0…EF.
        if first & 0xF0 == 0xE0 {
            guard rest >= 3 else { return replacement }
            let second = UInt32(text[index + 1])
            let third = UInt32(text[index + 2])
            guard second & 0xC0 == 0x80, third & 0xC0 == 0x80 else { return replacement }
            let value = (first & 0x0F) << 12 | (second & 0x3F) << 6 | (third & 0x3F)
            let isSurrogate = value & 0xF800 == 0xD800
            guard value >= 0x800, !isSurrogate else { return replacement }
            return DecodedScalar(value: value, length: 3)
        }
        if first & 0xE0 == 0xC0 {
            guard rest >= 2 else { return replacement }
            let second = UInt32(text[index + 1])
            let value = (first & 0x1F) << 6 | (second & 0x3F)
            guard second & 0xC0 == 0x80, value >= 0x80 else { return replacement }
            return DecodedScalar(value: value, length: 2)
        }
        guard first & 0xF8 == 0xF0, rest >= 4 else { return replacement }
        let second = UInt32(text[index + 1])
        let third = UInt32(text[index + 2])
        let fourth = UInt32(text[index + 3])
        guard second & 0xC0 == 0x80, third & 0xC0 == 0x80, fourth & 0xC0 == 0x80 else { return replacement }
        let value = (first & 0x07) << 18 | (second & 0x3F) << 12 | (third & 0x3F) << 6 | (fourth & 0x3F)
        guard value >= 0x1_0000, value <= 0x10_FFFF else { return replacement }
        return DecodedScalar(value: value, length: 4)
    }

    /// Appends the UTF-8 of a scalar value.
    @inline(__always)
    static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        if value < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value))
        } else if value < 0x800 {
            bytes.append(UInt8(truncatingIfNeeded: 0xC0 | value >> 6))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
        } else if value < 0x1_0000 {
            bytes.append(UInt8(truncatingIfNeeded: 0xE0 | value >> 12))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value >> 6 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
        } else {
            bytes.append(UInt8(truncatingIfNeeded: 0xF0 | value >> 18))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value >> 12 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value >> 6 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
        }
    }

    /// The bytes that a scalar value takes, 1…4.
    @inline(__always)
    static func length(_ value: UInt32) -> Int {
        value < 0x80 ? 1 : value < 0x800 ? 2 : value < 0x1_0000 ? 3 : 4
    }
}
