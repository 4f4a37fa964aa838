// Reads back what `TermTable` wrote.

/// Reads a term's stream across its slices.
@safe
struct TermStreamReader {
    private let arena: UnsafeMutablePointer<UInt8>
    private var cursor: Int
    private var level = 0
    private var limit: Int
    private let end: Int

    init(arena: UnsafeMutablePointer<UInt8>, cursor: Int, end: Int) {
        unsafe self.arena = arena
        self.cursor = cursor
        limit = cursor + TermTable.firstPayload
        self.end = end
    }

    var isAtEnd: Bool { cursor == end }

    @inline(__always)
    mutating func varint() -> UInt32 {
        var value: UInt32 = 0
        var shift: UInt32 = 0
        while true {
            if cursor == limit {
                // The link was written when the writer left this slice.
                cursor = unsafe Int(UnsafeRawPointer(arena + limit).loadUnaligned(as: UInt32.self))
                level = min(level + 1, TermTable.largestLevel)
                limit = cursor + (TermTable.firstPayload << level)
            }
            let byte = unsafe arena[cursor]
            cursor &+= 1
            value |= UInt32(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift = shift &+ 7
        }
    }
}
