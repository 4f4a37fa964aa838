// Little-endian bit streams of fixed width, for blocks shorter than 128 values.

extension ByteWriter {
    /// Appends `count` bytes that `body` fills.
    mutating func appendUninitialized(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Void) {
        guard count > 0 else { return }
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: count))
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            // In bounds: `count` bytes were appended.
            guard let base = buffer.baseAddress else { return }
            unsafe body(base + start)
        }
    }

    /// Appends `count` values from `first` on, each in `bits` bits (0...32), and fills the last byte with zeros.
    mutating func appendBits(_ values: ScratchBuffer<UInt32>, from first: Int, count: Int, bits: Int) {
        let byteCount = (count * bits + 7) / 8
        unsafe appendUninitialized(byteCount) { out in
            var pending: UInt64 = 0
            var filled = 0
            var place = 0
            for index in first..<(first + count) {
                pending |= UInt64(values[index]) &<< UInt64(filled)
                filled &+= bits
                while filled >= 8 {
                    // In bounds: at most `byteCount` whole bytes are filled.
                    unsafe out[place] = UInt8(truncatingIfNeeded: pending)
                    place &+= 1
                    pending = pending &>> 8
                    filled &-= 8
                }
            }
            if filled > 0 { unsafe out[place] = UInt8(truncatingIfNeeded: pending) }
        }
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
