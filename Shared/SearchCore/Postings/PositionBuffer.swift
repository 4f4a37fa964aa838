// Positions of one document, in an arena.

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

    /// Makes room for `capacity` positions; those there are forgotten.
    @inline(__always)
    mutating func reserve(_ capacity: Int, arena: ScratchArena) {
        if capacity > values.count { values = arena.buffer(of: UInt32.self, count: capacity * 2) }
    }

    /// - Precondition: room was reserved.
    @inline(__always)
    mutating func append(_ position: UInt32) {
        values[count] = position
        count &+= 1
    }
}
