// Appends little-endian integers to an array of bytes.

/// A growing array of bytes with the format's integer encodings.
struct ByteWriter {
    var bytes: [UInt8] = []

    var count: Int { bytes.count }

    mutating func append(_ value: UInt8) { bytes.append(value) }

    mutating func append(_ values: [UInt8]) { bytes.append(contentsOf: values) }

    mutating func append(_ values: ArraySlice<UInt8>) { bytes.append(contentsOf: values) }

    mutating func append16(_ value: UInt16) {
        bytes.append(UInt8(truncatingIfNeeded: value))
        bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    }

    mutating func append32(_ value: UInt32) {
        append16(UInt16(truncatingIfNeeded: value))
        append16(UInt16(truncatingIfNeeded: value >> 16))
    }

    mutating func append64(_ value: UInt64) {
        append32(UInt32(truncatingIfNeeded: value))
        append32(UInt32(truncatingIfNeeded: value >> 32))
    }

    /// Seven bits a byte, low first; the high bit marks that more follow.
    mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func appendVarint(_ value: Int) { appendVarint(UInt64(value)) }

    mutating func appendZeros(_ count: Int) {
        for _ in 0..<count { bytes.append(0) }
    }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}
