// What the targets read: parameters from the input, sections that end where nothing may be touched.

import Foundation

@testable import SearchCore

struct Input {
    var bytes: ArraySlice<UInt8>

    mutating func byte() -> Int { Int(bytes.popFirst() ?? 0) }
    mutating func pair() -> Int { byte() | byte() << 8 }

    /// The next bytes, as many as the next one says.
    mutating func piece() -> ArraySlice<UInt8> {
        let length = min(byte(), bytes.count)
        defer { bytes = bytes.dropFirst(length) }
        return bytes.prefix(length)
    }
}

/// Memory that ends at a page that nobody may touch.
final class Fence: @unchecked Sendable {  // because the fuzzer has one thread
    private static let room = 64 * 1024
    private let base: UnsafeMutableRawPointer

    init() {
        let memory = mmap(nil, Self.room + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED, mprotect(memory + Self.room, 4096, PROT_NONE) == 0 else {
            fatalError("no memory")
        }
        base = memory
    }

    /// The bytes, with the zeros that end every section.
    func section(_ bytes: ArraySlice<UInt8>) -> ByteView {
        let padding = SegmentFormat.sectionPadding
        let view = plain(bytes, room: bytes.count + padding)
        memset(base + Self.room - padding, 0, padding)
        return view
    }

    func plain(_ bytes: ArraySlice<UInt8>) -> ByteView { plain(bytes, room: bytes.count) }

    private func plain(_ bytes: ArraySlice<UInt8>, room: Int) -> ByteView {
        guard room <= Self.room else { fatalError("\(room) bytes") }
        let start = base + Self.room - room
        bytes.withUnsafeBytes { source in
            if let address = source.baseAddress { memcpy(start, address, source.count) }
        }
        return ByteView(base: start, count: room)
    }
}

let fences = (Fence(), Fence())

/// Errors are what a damaged file should give; only those that say nothing are wrong.
func tolerant(_ body: () throws(SearchCoreError) -> Void) {
    do throws(SearchCoreError) { try body() } catch {
        if error.message.isEmpty { fatalError("an error without words") }
    }
}
