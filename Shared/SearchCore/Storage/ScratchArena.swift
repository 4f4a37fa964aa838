// Working memory of one evaluation: allocated in pieces, freed together.

/// Owns raw memory for cursors and windows. Everything it hands out is valid while the arena lives; evaluators keep
/// the arena in a property beside the buffers.
@safe
final class ScratchArena {
    private var allocations: [UnsafeMutableRawPointer]

    init() {
        unsafe allocations = []
    }

    /// Zero-filled room for `count` values of a trivial type.
    func buffer<Element: BitwiseCopyable>(of type: Element.Type, count: Int) -> ScratchBuffer<Element> {
        let bytes = max(count, 1) * MemoryLayout<Element>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        unsafe allocations.append(memory)
        return unsafe ScratchBuffer(base: memory.bindMemory(to: Element.self, capacity: max(count, 1)), count: count)
    }

    deinit {
        for unsafe memory in unsafe allocations { unsafe memory.deallocate() }
    }
}

/// A fixed array in an arena. Bounds are asserted in debug builds and not checked in release builds: every index comes
/// from a loop over `0..<count`, a document of a decoded (hence validated) block, or a place inside the current window.
@safe
struct ScratchBuffer<Element: BitwiseCopyable> {
    let base: UnsafeMutablePointer<Element>
    let count: Int

    init(base: UnsafeMutablePointer<Element>, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    @inline(__always)
    subscript(index: Int) -> Element {
        get {
            assert(index >= 0 && index < count)
            return unsafe base[index]
        }
        nonmutating set {
            assert(index >= 0 && index < count)
            unsafe base[index] = newValue
        }
    }

    /// Sets every element.
    func fill(_ value: Element) {
        unsafe base.update(repeating: value, count: count)
    }
}
