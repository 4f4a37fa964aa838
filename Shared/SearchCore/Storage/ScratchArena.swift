// Working memory of one evaluation: allocated in pieces, freed together.

/// Owns raw memory for cursors and windows. Everything it hands out is valid while the arena lives; evaluators keep
/// the arena in a property beside the buffers.
@safe
final class ScratchArena {
    private var chunks: [UnsafeMutableRawPointer]
    private var free: UnsafeMutableRawPointer?
    private var left = 0

    /// Small buffers share chunks of this size: one allocation serves the cursors of a usual query.
    private static let chunkBytes = 64 * 1024
    /// One cache line, so that no two buffers share one.
    private static let alignment = 64

    init() {
        unsafe chunks = []
    }

    /// Room for `count` values of a trivial type; the content is undefined.
    func buffer<Element: BitwiseCopyable>(of type: Element.Type, count: Int) -> ScratchBuffer<Element> {
        let wanted = max(count, 1) * MemoryLayout<Element>.stride
        let bytes = (wanted + Self.alignment - 1) / Self.alignment * Self.alignment
        let memory = unsafe allocate(bytes)
        return unsafe ScratchBuffer(base: memory.bindMemory(to: Element.self, capacity: max(count, 1)), count: count)
    }

    /// A copy of an array.
    func buffer<Element: BitwiseCopyable>(of type: Element.Type, copying array: [Element]) -> ScratchBuffer<Element> {
        let copy = buffer(of: type, count: array.count)
        unsafe array.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { unsafe copy.base.update(from: base, count: source.count) }
        }
        return copy
    }

    private func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        if let memory = unsafe free, bytes <= left {
            unsafe free = memory + bytes
            left -= bytes
            return unsafe memory
        }
        let size = max(bytes, Self.chunkBytes)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.alignment)
        unsafe chunks.append(memory)
        if size - bytes > left {
            unsafe free = memory + bytes
            left = size - bytes
        }
        return unsafe memory
    }

    deinit {
        for unsafe chunk in unsafe chunks { unsafe chunk.deallocate() }
    }
}

/// A fixed array in an arena. Bounds are asserted in debug builds and not checked in release builds: every index comes
/// from a loop over `0..<count`, a document of a decoded (hence validated) block, or a place inside the current window.
@safe
struct ScratchBuffer<Element: BitwiseCopyable>: BitwiseCopyable {
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
        nonmutating _modify {
            assert(index >= 0 && index < count)
            yield unsafe &base[index]
        }
    }

    /// Sets every element.
    func fill(_ value: Element) {
        unsafe base.update(repeating: value, count: count)
    }
}
