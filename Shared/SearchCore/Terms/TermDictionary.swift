// The term dictionary of one field: term bytes -> TermInfo, terms in ascending byte order.
//
// Layout of the `terms` section (all integers little-endian)
//     0  u32  term count
//     4  u32  block count = ceil(term count / 16)
//     8  u64  bytes of block data
//    16  u64 x block count      first eight bytes of the block's first term, as a big-endian number, zero-filled
//        u32 x (block count+1)  offset of each block in the block data; the last one is the length of the data
//        block data
// A block: varint base (offset in the postings section), then up to 16 entries:
//     varint shared, varint rest, rest bytes      the term: `shared` bytes of its predecessor, then the rest
//     varint documentFrequency
//     when it is 1: varint document [, varint frequency, varint positionBytes]
//     else:         [u16 bound,] varint postingBytes [, varint positionBytes]
// The parts in brackets exist where the field has positions. Offsets of lists follow from the base and the lengths, each
// list with a block table beginning at the next multiple of 4.
//
// Invariants
// 1. Terms are strictly ascending; the ordinal of a term is its rank, 16 * block + place in the block.
// 2. A lookup touches O(log blocks) prefix numbers, which lie together, and one block.

/// Constants of the dictionary.
enum TermDictionaryFormat {
    static let blockSize = 16
    static let headerBytes = 16
    /// Longer terms are cut by the analyser or refused by the builder.
    static let maximumTermBytes = 4096
}

/// Builds the dictionary section; terms arrive in ascending order.
struct TermDictionaryWriter {
    private let detail: PostingDetail
    private var prefixes: [UInt64] = []
    private var offsets: [UInt32] = []
    private var data = ByteWriter()
    private var previous: [UInt8] = []
    private(set) var termCount = 0

    init(detail: PostingDetail) {
        self.detail = detail
    }

    /// Adds a term. - Precondition: it is greater than every term before.
    mutating func add(_ term: [UInt8], _ info: TermInfo) {
        var shared = 0
        if termCount % TermDictionaryFormat.blockSize == 0 {
            prefixes.append(TermDictionary.prefixNumber(term))
            offsets.append(UInt32(data.count))
            data.appendVarint(info.offset)
        } else {
            let common = min(term.count, previous.count)
            while shared < common && term[shared] == previous[shared] { shared += 1 }
        }
        data.appendVarint(shared)
        data.appendVarint(term.count - shared)
        data.append(term[shared...])
        data.appendVarint(info.documentFrequency)
        if info.documentFrequency == 1 {
            data.appendVarint(UInt64(info.singleDocument))
            if detail == .positions {
                data.appendVarint(UInt64(info.singleFrequency))
                data.appendVarint(info.positionBytes)
            }
        } else {
            if detail == .positions { data.append16(info.bound) }
            data.appendVarint(info.postingBytes)
            if detail == .positions { data.appendVarint(info.positionBytes) }
        }
        previous = term
        termCount += 1
    }

    /// The section's bytes.
    func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(data.count + prefixes.count * 12 + 64)
        writer.append32(UInt32(termCount))
        writer.append32(UInt32(prefixes.count))
        writer.append64(UInt64(data.count))
        for prefix in prefixes { writer.append64(prefix) }
        for offset in offsets { writer.append32(offset) }
        writer.append32(UInt32(data.count))
        writer.append(data.bytes)
        return writer.bytes
    }
}

/// Reads a dictionary section.
struct TermDictionary: Sendable {
    let termCount: Int
    let detail: PostingDetail
    private let blockCount: Int
    /// Room for most terms, so that their bytes are allocated once.
    private static let usualTermBytes = 64
    private let prefixes: ByteView
    private let offsets: ByteView
    private let data: ByteView

    init(_ view: ByteView, detail: PostingDetail) throws(SearchCoreError) {
        self.detail = detail
        termCount = Int(try view.uint32(at: 0))
        blockCount = Int(try view.uint32(at: 4))
        let dataBytes = try view.uint64(at: 8)
        let size = TermDictionaryFormat.blockSize
        guard blockCount == (termCount + size - 1) / size, dataBytes <= UInt64(view.count) else {
            throw SearchCoreError(.corrupt, "a dictionary of \(termCount) terms claims \(blockCount) blocks")
        }
        let header = TermDictionaryFormat.headerBytes
        prefixes = try view.slice(header, blockCount * 8)
        offsets = try view.slice(header + blockCount * 8, (blockCount + 1) * 4)
        data = try view.slice(header + blockCount * 12 + 4, Int(dataBytes))
    }

    /// The first eight bytes as a number that sorts as the bytes do.
    static func prefixNumber(_ term: [UInt8]) -> UInt64 {
        var number: UInt64 = 0
        for index in 0..<8 {
            number = number << 8 | (index < term.count ? UInt64(term[index]) : 0)
        }
        return number
    }

    /// The entry of `term` and its ordinal, or nil when the field has no such term.
    /// - Complexity: O(log blocks + term length + 16).
    func find(_ term: [UInt8]) throws(SearchCoreError) -> (ordinal: Int, info: TermInfo)? {
        guard let block = try blockThatMayHold(term) else { return nil }
        var walk = try blockWalk(block)
        // `matched` bytes of `term` are shared with the entry before, which is smaller than `term`.
        var matched = 0
        while try walk.next() {
            if walk.shared > matched { continue }
            if walk.shared < matched { return nil }
            let rest = walk.suffixLength
            var index = 0
            while index < rest, matched + index < term.count,
                data.uncheckedUInt8(at: walk.suffixOffset + index) == term[matched + index]
            {
                index += 1
            }
            if index == rest && matched + index == term.count {
                return (block * TermDictionaryFormat.blockSize + walk.index, walk.info)
            }
            if index < rest
                && (matched + index == term.count
                    || data.uncheckedUInt8(at: walk.suffixOffset + index) > term[matched + index])
            {
                return nil
            }
            matched += index
        }
        return nil
    }

    /// The term of rank `ordinal`. - Complexity: O(16). - Throws: `corrupt` when there is none.
    func term(at ordinal: Int) throws(SearchCoreError) -> [UInt8] {
        guard ordinal >= 0, ordinal < termCount else {
            throw SearchCoreError(.corrupt, "there is no term \(ordinal) among \(termCount)")
        }
        var walk = try termWalk(ordinal / TermDictionaryFormat.blockSize)
        let last = ordinal % TermDictionaryFormat.blockSize
        var entries = InlineArray<16, TermWalk.Entry>(repeating: TermWalk.Entry())
        for slot in 0...last { entries[slot] = try walk.next() }
        // From the end: an entry has its rest, those before it what it shares, none more than once.
        var bytes = [UInt8](repeating: 0, count: entries[last].shared + entries[last].length)
        var missing = bytes.count
        for slot in stride(from: last, through: 0, by: -1) where entries[slot].shared < missing {
            let entry = entries[slot]
            guard missing <= entry.shared + entry.length else {
                throw SearchCoreError(.corrupt, "a term shares \(missing) bytes with one of \(entry.shared + entry.length)")
            }
            data.copy(entry.offset, missing - entry.shared, into: &bytes, at: entry.shared)
            missing = entry.shared
        }
        guard missing == 0 else { throw SearchCoreError(.corrupt, "the first term of a dictionary block shares bytes") }
        return bytes
    }

    /// The rank of the first term that is not below `term`, and whether it equals it.
    func lowerBound(_ term: [UInt8]) throws(SearchCoreError) -> (ordinal: Int, isEqual: Bool) {
        guard let block = try blockThatMayHold(term) else { return (0, false) }
        var walk = try blockWalk(block)
        var bytes: [UInt8] = []
        while try walk.next() {
            try walk.apply(to: &bytes)
            if !bytes.lexicographicallyPrecedes(term) {
                return (block * TermDictionaryFormat.blockSize + walk.index, bytes == term)
            }
        }
        return (min(termCount, (block + 1) * TermDictionaryFormat.blockSize), false)
    }

    /// Calls `body` with the terms of ascending ordinals; those of one block are read in one pass.
    func forEachTerm(at ordinals: [Int], _ body: (Int, [UInt8]) -> Void) throws(SearchCoreError) {
        var block = -1
        var walk = TermWalk(data: data, offset: 0, end: 0, detail: detail)
        // Entries of the block that were walked.
        var slots = 0
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.usualTermBytes)
        for ordinal in ordinals {
            guard ordinal >= 0, ordinal < termCount else {
                throw SearchCoreError(.corrupt, "there is no term \(ordinal) among \(termCount)")
            }
            let wanted = ordinal / TermDictionaryFormat.blockSize
            if wanted != block {
                walk = try termWalk(wanted)
                block = wanted
                slots = 0
                bytes.removeAll(keepingCapacity: true)
            }
            while slots <= ordinal % TermDictionaryFormat.blockSize {
                let entry = try walk.next()
                guard entry.shared <= bytes.count else {
                    throw SearchCoreError(.corrupt, "a term shares \(entry.shared) bytes with one of \(bytes.count)")
                }
                bytes.removeLast(bytes.count - entry.shared)
                data.append(entry.offset, entry.length, to: &bytes)
                slots += 1
            }
            body(ordinal, bytes)
        }
    }

    /// Walks the terms from rank `ordinal` on, in order.
    func iterate(from ordinal: Int = 0) throws(SearchCoreError) -> TermIterator {
        try TermIterator(self, from: ordinal)
    }

    /// The last block whose first term is not above `term`; nil when all terms are above it.
    private func blockThatMayHold(_ term: [UInt8]) throws(SearchCoreError) -> Int? {
        let number = Self.prefixNumber(term)
        var low = 0
        var high = blockCount
        while low < high {
            let middle = (low + high) / 2
            if prefixes.uncheckedUInt64(at: middle * 8) < number { low = middle + 1 } else { high = middle }
        }
        // Blocks from `low` on begin with the same eight bytes or later ones; step over those not above the term.
        high = blockCount
        var first = low
        while first < high {
            let middle = (first + high) / 2
            let isAbove: Bool
            if prefixes.uncheckedUInt64(at: middle * 8) > number {
                isAbove = true
            } else {
                var walk = try blockWalk(middle)
                guard try walk.next() else { throw SearchCoreError(.corrupt, "dictionary block \(middle) is empty") }
                isAbove = data.compare(offset: walk.suffixOffset, length: walk.suffixLength, to: term) > 0
            }
            if isAbove { high = middle } else { first = middle + 1 }
        }
        return first == 0 ? nil : first - 1
    }

    /// Where a block lies in the data. - Throws: `corrupt` where there is none such.
    private func place(of block: Int) throws(SearchCoreError) -> (start: Int, end: Int) {
        guard block >= 0, block < blockCount else {
            throw SearchCoreError(.corrupt, "there is no dictionary block \(block) among \(blockCount)")
        }
        let start = Int(offsets.uncheckedUInt32(at: block * 4))
        let end = Int(offsets.uncheckedUInt32(at: block * 4 + 4))
        guard start <= end, end <= data.count else {
            throw SearchCoreError(.corrupt, "a dictionary block lies at \(start)..<\(end) of \(data.count) bytes")
        }
        return (start, end)
    }

    fileprivate func blockWalk(_ block: Int) throws(SearchCoreError) -> BlockWalk {
        let (start, end) = try place(of: block)
        let size = TermDictionaryFormat.blockSize
        return try BlockWalk(
            data: data, start: start, end: end, count: min(size, termCount - block * size), detail: detail)
    }
}

extension TermDictionary {
    /// The terms of a block alone. - Throws: `corrupt`.
    private func termWalk(_ block: Int) throws(SearchCoreError) -> TermWalk {
        let (start, end) = try place(of: block)
        var walk = TermWalk(data: data, offset: start, end: end, detail: detail)
        try walk.pass(1)
        return walk
    }
}

/// Steps through the terms of one block and passes over what else their entries hold.
private struct TermWalk {
    /// A term: so many bytes of the one before, then those at `offset`.
    struct Entry: BitwiseCopyable {
        var shared = 0
        var offset = 0
        var length = 0
    }

    let data: ByteView
    var offset: Int
    /// Not above the number of bytes.
    let end: Int
    let detail: PostingDetail

    /// The next entry's term. - Throws: `corrupt`, behind the last entry too.
    @inline(__always)
    mutating func next() throws(SearchCoreError) -> Entry {
        let shared = try data.varint(at: &offset, limit: TermDictionaryFormat.maximumTermBytes)
        let length = try data.varint(at: &offset, limit: TermDictionaryFormat.maximumTermBytes)
        guard length < end - offset else {
            throw SearchCoreError(.corrupt, "a term of \(length) bytes leaves its dictionary block")
        }
        let entry = Entry(shared: shared, offset: offset, length: length)
        offset += length
        let isSingle = data.uncheckedUInt8(at: offset) == 1
        let hasPositions = detail == .positions
        if isSingle {
            try pass(hasPositions ? 4 : 2)
        } else {
            try pass(1)
            if hasPositions { offset += 2 }
            try pass(hasPositions ? 2 : 1)
        }
        return entry
    }

    /// Passes over some variable-length integers.
    @inline(__always)
    mutating func pass(_ count: Int) throws(SearchCoreError) {
        for _ in 0..<count {
            while offset < end, data.uncheckedUInt8(at: offset) >= 0x80 { offset += 1 }
            offset += 1
        }
        guard offset <= end else {
            throw SearchCoreError(.corrupt, "a dictionary entry leaves its block at byte \(offset)")
        }
    }
}

/// Steps through the entries of one block.
private struct BlockWalk {
    private let data: ByteView
    private var offset: Int
    private let end: Int
    private let count: Int
    private let detail: PostingDetail
    private var listOffset: Int
    private(set) var index = -1
    private(set) var shared = 0
    private(set) var suffixOffset = 0
    private(set) var suffixLength = 0
    private(set) var info = TermInfo(documentFrequency: 0)

    /// Bounds every length read from the data, so that sums cannot overflow.
    private static let lengthLimit = 1 << 40

    init(data: ByteView, start: Int, end: Int, count: Int, detail: PostingDetail) throws(SearchCoreError) {
        self.data = data
        self.end = end
        self.count = count
        self.detail = detail
        offset = start
        listOffset = try data.varint(at: &offset, limit: Self.lengthLimit)
    }

    /// Reads the next entry; false at the block's end.
    mutating func next() throws(SearchCoreError) -> Bool {
        guard index + 1 < count else { return false }
        index += 1
        shared = try data.varint(at: &offset, limit: TermDictionaryFormat.maximumTermBytes)
        suffixLength = try data.varint(at: &offset, limit: TermDictionaryFormat.maximumTermBytes)
        guard suffixLength <= end - offset, index > 0 || shared == 0 else {
            throw SearchCoreError(.corrupt, "a term of \(suffixLength) bytes leaves its dictionary block")
        }
        suffixOffset = offset
        offset += suffixLength
        let frequency = try data.varint(at: &offset, limit: SegmentFormat.maximumDocuments)
        guard frequency > 0 else { throw SearchCoreError(.corrupt, "a dictionary entry has no documents") }
        info = TermInfo(documentFrequency: frequency)
        if frequency == 1 {
            info.singleDocument = UInt32(try data.varint(at: &offset, limit: SegmentFormat.maximumDocuments))
            info.singleFrequency = 1
            if detail == .positions {
                info.singleFrequency = UInt32(try data.varint(at: &offset, limit: PostingFormat.maximumFrequency))
                info.positionBytes = try data.varint(at: &offset, limit: Self.lengthLimit)
            }
        } else {
            if detail == .positions {
                info.bound = UInt16(try data.uint8(at: offset)) | UInt16(try data.uint8(at: offset + 1)) << 8
                offset += 2
            }
            info.postingBytes = try data.varint(at: &offset, limit: Self.lengthLimit)
            if detail == .positions { info.positionBytes = try data.varint(at: &offset, limit: Self.lengthLimit) }
        }
        guard offset <= end, listOffset <= Self.lengthLimit else {
            throw SearchCoreError(.corrupt, "a dictionary entry leaves its block at byte \(offset)")
        }
        info.offset = TermInfo.aligned(listOffset, documentFrequency: frequency)
        listOffset = info.offset + info.postingBytes + info.positionBytes
        return true
    }

    /// Turns the bytes of the entry before into those of this entry.
    func apply(to bytes: inout [UInt8]) throws(SearchCoreError) {
        guard shared <= bytes.count else {
            throw SearchCoreError(.corrupt, "a term shares \(shared) bytes with one of \(bytes.count)")
        }
        bytes.removeLast(bytes.count - shared)
        data.append(suffixOffset, suffixLength, to: &bytes)
    }
}

/// Walks a dictionary in term order.
struct TermIterator {
    private let dictionary: TermDictionary
    private var walk: BlockWalk?
    private var block: Int
    /// The current term; valid after `next` returned true.
    private(set) var term: [UInt8] = []
    /// The current term's entry.
    private(set) var info = TermInfo(documentFrequency: 0)
    /// The current term's rank; -1 + start before the first `next`.
    private(set) var ordinal: Int

    fileprivate init(_ dictionary: TermDictionary, from start: Int) throws(SearchCoreError) {
        self.dictionary = dictionary
        block = start / TermDictionaryFormat.blockSize
        ordinal = block * TermDictionaryFormat.blockSize - 1
        while ordinal + 1 < start {
            guard try next() else { break }
        }
    }

    /// Moves to the next term; false at the end.
    mutating func next() throws(SearchCoreError) -> Bool {
        guard ordinal + 1 < dictionary.termCount else {
            ordinal = dictionary.termCount
            return false
        }
        if try walk?.next() != true {
            var fresh = try dictionary.blockWalk(walk == nil ? block : block + 1)
            if walk != nil { block += 1 }
            guard try fresh.next() else { throw SearchCoreError(.corrupt, "dictionary block \(block) is empty") }
            walk = fresh
            term.removeAll(keepingCapacity: true)
        }
        guard let walk else { return false }
        try walk.apply(to: &term)
        info = walk.info
        ordinal += 1
        return true
    }
}
