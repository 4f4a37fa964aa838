// A sorted table of byte keys: ranges of keys that begin so, and the least numbers in a range.
//
// The keys lie in an array of bytes that the owner keeps, since several tables may share one: a key begins at its row's
// start and ends before the next zero byte. No key and no looked-for beginning has a zero byte in it.
//
// Invariants: (1) rows ascend by key, then by number. (2) `least[b]` is the least number of rows b·64 ..< b·64+64, so that a
// walk for the least numbers passes over blocks that have none.

/// Rows of (key, number). Read by many threads; nothing in it changes.
struct KeyTable: Sendable {
    private let starts: [UInt32]
    private let numbers: [UInt32]
    private let least: [UInt32]

    private static let blockSize = 64

    /// Collects rows in any order. 16 B a row while it does.
    struct Builder {
        private struct Row {
            /// The first eight bytes of the key: most comparisons end with them.
            var head: UInt64
            var start: UInt32
            var number: UInt32
        }

        private var rows: [Row] = []

        mutating func add(start: Int, number: Int, in bytes: [UInt8]) {
            var head: UInt64 = 0
            var isOver = false
            for place in start..<(start + 8) {
                isOver = isOver || place >= bytes.count || bytes[place] == 0
                head = head << 8 | (isOver ? 0 : UInt64(bytes[place]))
            }
            rows.append(Row(head: head, start: UInt32(start), number: UInt32(number)))
        }

        /// - Complexity: O(n log n) comparisons.
        consuming func sorted(in bytes: [UInt8]) -> KeyTable {
            rows.sort { first, second in
                if first.head != second.head { return first.head < second.head }
                // A zero byte within the heads ends both keys.
                var (one, other) = (Int(first.start) + 8, Int(second.start) + 8)
                if first.head & 0xFF != 0 {
                    while bytes[one] == bytes[other], bytes[one] != 0 {
                        one += 1
                        other += 1
                    }
                    if bytes[one] != bytes[other] { return bytes[one] < bytes[other] }
                }
                return first.number < second.number
            }
            return KeyTable(starts: rows.map(\.start), numbers: rows.map(\.number))
        }
    }

    private init(starts: [UInt32], numbers: [UInt32]) {
        self.starts = starts
        self.numbers = numbers
        least = stride(from: 0, to: numbers.count, by: Self.blockSize).map { first in
            numbers[first..<min(first + Self.blockSize, numbers.count)].min() ?? .max
        }
    }

    var whole: Range<Int> { 0..<starts.count }
    var byteCount: Int { starts.count * 8 + least.count * 4 }

    /// Where a row's key begins.
    func start(_ row: Int) -> Int { Int(starts[row]) }
    func number(_ row: Int) -> UInt32 { numbers[row] }

    /// The rows within `range` whose keys have `piece[from...]` at `offset`.
    ///
    /// - Precondition: all keys of `range` have their first `offset` bytes in common.
    /// - Complexity: O(log n · piece).
    func range(
        of piece: [UInt8], from: Int = 0, at offset: Int = 0, within range: Range<Int>, in bytes: [UInt8]
    ) -> Range<Int> {
        guard from < piece.count else { return range }
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = (low + high) / 2
            if order(middle, offset, piece, from, bytes) < 0 { low = middle + 1 } else { high = middle }
        }
        let first = low
        high = range.upperBound
        while low < high {
            let middle = (low + high) / 2
            if order(middle, offset, piece, from, bytes) <= 0 { low = middle + 1 } else { high = middle }
        }
        return first..<low
    }

    /// Whether the row's key at `offset` is below the piece (-1), begins with it (0), or is above it (1).
    private func order(_ row: Int, _ offset: Int, _ piece: [UInt8], _ from: Int, _ bytes: [UInt8]) -> Int {
        var place = Int(starts[row]) + offset
        for index in from..<piece.count {
            let byte = bytes[place]
            if byte != piece[index] { return byte < piece[index] ? -1 : 1 }
            place += 1
        }
        return 0
    }

    /// Offers the numbers of some rows, but for blocks that have none below the bound. As if written
    /// `for row in range { top.offer(numbers[row], …) }`.
    @inline(__always)
    func offer(
        _ range: Range<Int>, to top: inout TopEntries, groups: [UInt32], isVisible: (UInt32) -> Bool
    ) {
        var row = range.lowerBound
        while row < range.upperBound {
            let block = row / Self.blockSize
            let end = min(range.upperBound, (block + 1) * Self.blockSize)
            if least[block] < top.bound {
                for place in row..<end where numbers[place] < top.bound {
                    top.offer(numbers[place], group: groups[Int(numbers[place])], isVisible: isVisible)
                }
            }
            row = end
        }
    }
}

/// The least numbers among those offered, one of each group.
struct TopEntries {
    let limit: Int
    /// Groups that have been taken before.
    let taken: Set<UInt32>
    /// Ascending.
    private(set) var found: [(number: UInt32, group: UInt32)] = []
    /// Numbers from here on are not wanted.
    private(set) var bound: UInt32

    init(limit: Int, taken: Set<UInt32>) {
        self.limit = limit
        self.taken = taken
        bound = limit > 0 ? .max : 0
    }

    /// - Complexity: O(limit).
    mutating func offer(_ number: UInt32, group: UInt32, isVisible: (UInt32) -> Bool) {
        guard number < bound, !taken.contains(group) else { return }
        let same = found.firstIndex { $0.group == group }
        if let same, found[same].number <= number { return }
        guard isVisible(number) else { return }
        if let same { found.remove(at: same) }
        let place = found.firstIndex { $0.number > number } ?? found.count
        found.insert((number, group), at: place)
        if found.count > limit { found.removeLast() }
        if found.count == limit, let last = found.last { bound = last.number }
    }
}
