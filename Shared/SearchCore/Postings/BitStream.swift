// Little-endian bit streams of fixed width, for blocks shorter than 128 values.

extension ByteWriter {
    /// Appends `values`, each in `bits` bits (0...32), and fills the last byte with zeros.
    mutating func appendBits(_ values: ArraySlice<UInt32>, bits: Int) {
        guard bits > 0 else { return }
        var pending: UInt64 = 0
        var filled = 0
        for value in values {
            pending |= UInt64(value) << UInt64(filled)
            filled += bits
            while filled >= 8 {
                append(UInt8(truncatingIfNeeded: pending))
                pending >>= 8
                filled -= 8
            }
        }
        if filled > 0 { append(UInt8(truncatingIfNeeded: pending)) }
    }
}

extension ByteView {
    /// Value `index` of the bit stream at `offset`. The eight bytes from the value's first byte on must be inside.
    @inline(__always)
    func uncheckedBits(at offset: Int, index: Int, bits: Int) -> UInt32 {
        let first = index &* bits
        let word = uncheckedUInt64(at: offset &+ (first &>> 3))
        return UInt32(truncatingIfNeeded: (word &>> UInt64(first & 7)) & ((1 &<< UInt64(bits)) &- 1))
    }
}
