// A read-only view of bytes that checks every bound, for everything that is read from a file.
//
// Invariants
// 1. `base ..< base + count` stays mapped and unchanged while any copy of the view is used. A view of a mapped file is
//    only handed out by `SegmentReader`, whose callers hold it for the whole call; a view of an array lives inside the
//    closure that made it.
// 2. The throwing readers check before they load. The `unchecked` readers are for loops over a region that was checked
//    as a whole; they assert the bound in debug builds.

/// Bytes of a file, read with bounds checks; integers are little-endian and may be unaligned.
@safe
struct ByteView: @unchecked Sendable {  // because the memory behind it is never written after it was mapped
    let base: UnsafeRawPointer
    let count: Int

    init(base: UnsafeRawPointer, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    /// The bytes `offset ..< offset + length`.
    /// - Throws: `corrupt` when they are not all inside.
    func slice(_ offset: Int, _ length: Int) throws(SearchCoreError) -> ByteView {
        guard offset >= 0, length >= 0, offset <= count, length <= count - offset else {
            throw SearchCoreError(.corrupt, "bytes \(offset)+\(length) lie outside a region of \(count) bytes")
        }
        return unsafe ByteView(base: base + offset, count: length)
    }

    func uint8(at offset: Int) throws(SearchCoreError) -> UInt8 {
        try check(offset, 1)
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    func uint32(at offset: Int) throws(SearchCoreError) -> UInt32 {
        try check(offset, 4)
        return uncheckedUInt32(at: offset)
    }

    func uint64(at offset: Int) throws(SearchCoreError) -> UInt64 {
        try check(offset, 8)
        return uncheckedUInt64(at: offset)
    }

    @inline(__always)
    func uncheckedUInt8(at offset: Int) -> UInt8 {
        assert(offset >= 0 && offset < count)
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always)
    func uncheckedUInt16(at offset: Int) -> UInt16 {
        assert(offset >= 0 && offset + 2 <= count)
        return unsafe UInt16(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    @inline(__always)
    func uncheckedUInt32(at offset: Int) -> UInt32 {
        assert(offset >= 0 && offset + 4 <= count)
        return unsafe UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inline(__always)
    func uncheckedUInt64(at offset: Int) -> UInt64 {
        assert(offset >= 0 && offset + 8 <= count)
        return unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Reads a variable-length integer (seven bits a byte, low first, at most ten bytes) and moves `offset` behind it.
    @inline(__always)
    func varint(at offset: inout Int) throws(SearchCoreError) -> UInt64 {
        // Most are one byte.
        if offset >= 0, offset < count {
            let byte = uncheckedUInt8(at: offset)
            if byte < 0x80 {
                offset &+= 1
                return UInt64(byte)
            }
        }
        return try longVarint(at: &offset)
    }

    private func longVarint(at offset: inout Int) throws(SearchCoreError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard offset >= 0, offset < count, shift < 64 else {
                throw SearchCoreError(.corrupt, "a variable-length integer does not end at byte \(offset) of \(count)")
            }
            let byte = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// Reads a variable-length integer that must not exceed `limit`.
    @inline(__always)
    func varint(at offset: inout Int, limit: Int) throws(SearchCoreError) -> Int {
        let value = try varint(at: &offset)
        guard value <= UInt64(limit) else {
            throw SearchCoreError(.corrupt, "the value \(value) exceeds \(limit) before byte \(offset)")
        }
        return Int(value)
    }

    /// Appends the bytes `offset ..< offset + length` to `bytes`. - Precondition: they are inside.
    func append(_ offset: Int, _ length: Int, to bytes: inout [UInt8]) {
        precondition(offset >= 0 && length >= 0 && offset + length <= count)
        unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: base + offset, count: length))
    }

    /// Copies the bytes `offset ..< offset + length` over those of `bytes` from `place` on. - Precondition: both are inside.
    func copy(_ offset: Int, _ length: Int, into bytes: inout [UInt8], at place: Int) {
        precondition(offset >= 0 && length >= 0 && offset + length <= count && place >= 0 && place + length <= bytes.count)
        unsafe bytes.withUnsafeMutableBytes { unsafe $0.baseAddress?.advanced(by: place).copyMemory(from: base + offset, byteCount: length) }
    }

    /// A copy of the bytes.
    var bytes: [UInt8] {
        unsafe [UInt8](UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Checksum of all bytes. - Complexity: O(count).
    var checksum: UInt32 { unsafe crc32c(UnsafeRawBufferPointer(start: base, count: count)) }

    /// Compares as byte strings: negative, zero or positive. - Complexity: O(length).
    func compare(offset: Int, length: Int, to other: [UInt8]) -> Int {
        let common = min(length, other.count)
        for index in 0..<common {
            let mine = uncheckedUInt8(at: offset + index)
            if mine != other[index] { return mine < other[index] ? -1 : 1 }
        }
        return length - other.count
    }

    private func check(_ offset: Int, _ length: Int) throws(SearchCoreError) {
        guard offset >= 0, offset <= count - length else {
            throw SearchCoreError(.corrupt, "bytes \(offset)+\(length) lie outside a region of \(count) bytes")
        }
    }
}
