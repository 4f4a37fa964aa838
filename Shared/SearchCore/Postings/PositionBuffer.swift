// Positions of one document, in an arena.

import CKernels

/// A growing list of positions. A plain value in raw memory; copies share the memory.
struct PositionBuffer {
    private var values: ScratchBuffer<UInt32>
    var count = 0

    /// Most terms stand a few times in a document.
    private static let initialCapacity = 64

    init(arena: ScratchArena) {
        values = arena.buffer(of: UInt32.self, count: Self.initialCapacity)
    }

    @inline(__always)
    subscript(index: Int) -> UInt32 {
        assert(index < count)
        return values[index]
    }

    /// The positions as an array.
    var array: [UInt32] { (0..<count).map { values[$0] } }

    /// Positions that there is room for.
    var capacity: Int { values.count }

    /// Makes room for `capacity` positions; those there are forgotten.
    @inline(__always)
    mutating func reserve(_ capacity: Int, arena: @autoclosure () -> ScratchArena) {
        if capacity > values.count { values = arena().buffer(of: UInt32.self, count: capacity * 2) }
    }

    /// Makes room for `capacity` positions and keeps those there.
    mutating func grow(to capacity: Int, arena: ScratchArena) {
        guard capacity > values.count else { return }
        let larger = arena.buffer(of: UInt32.self, count: capacity * 2)
        unsafe larger.base.update(from: values.base, count: count)
        values = larger
    }

    /// Appends `number` values that `body` writes. - Precondition: room was reserved.
    @inline(__always)
    mutating func append(_ number: Int, _ body: (UnsafeMutablePointer<UInt32>) -> UInt32) -> UInt32 {
        assert(count + number <= values.count)
        let result = unsafe body(values.base + count)
        count &+= number
        return result
    }

    /// Moves all positions down by `offset`; those below it are dropped.
    @inline(__always)
    mutating func subtract(_ offset: UInt32) {
        guard offset > 0 else { return }
        var kept = 0
        for index in 0..<count where values[index] >= offset {
            values[kept] = values[index] &- offset
            kept &+= 1
        }
        count = kept
    }

    /// Keeps the positions p for which `others` has p + offset; both ascend. - Complexity: O(count + others).
    @inline(__always)
    mutating func keep(those others: PositionBuffer, behindBy offset: UInt32) {
        // In bounds: `count` of each buffer are filled.
        let kept = unsafe kb_keep_at_distance(
            values.base, UInt32(count), others.values.base, UInt32(others.count), offset)
        count = Int(kept)
    }

    /// Appends `number` sums of a bit stream's values from `first` on, beginning with `base`; answers the last one.
    /// - Precondition: room was reserved; the values lie inside the view, with eight bytes behind them.
    @inline(__always)
    mutating func appendSums(
        of view: ByteView, at offset: Int, from first: Int, count number: Int, bits: Int, base: UInt32
    ) -> UInt32 {
        assert(count + number <= values.count && offset + (first + number) * bits / 8 + 8 <= view.count)
        let last = unsafe kb_sum_bits(
            view.base.advanced(by: offset).assumingMemoryBound(to: UInt8.self), UInt32(first), UInt32(number),
            UInt32(bits), base, values.base + count)
        count &+= number
        return last
    }

    /// - Precondition: room was reserved.
    @inline(__always)
    mutating func append(_ position: UInt32) {
        values[count] = position
        count &+= 1
    }
}
