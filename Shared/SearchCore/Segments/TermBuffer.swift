// The inverted lists of one field while a segment is being built: a hash table of terms and an arena of byte slices.
//
// A term of at most seven bytes is its own key: its bytes from the high end of a 64-bit number, its length in the low
// byte. So a Chinese pair with its tier byte is compared in one instruction, and keys sort as the terms do. A longer
// term has its first seven bytes and 0xFF as key; its bytes and their number (u16) stand in the arena before its first
// slice.
//
// A term's postings are a byte stream in slices of the arena, each twice as long as the one before up to a limit, linked
// by the offset in the four bytes behind a slice's payload. The stream of a field with positions is, for each occurrence,
//     varint position distance * 2 + isFirstInDocument [, varint document distance]
// and of a field without positions, for each document, its varint distance. The document before the first is -1.
//
// Cost: 16 B a slot (two a term at most four), 32 B a term, about 5 B a posting. Slots, terms and slices lie far apart,
// so tokens are taken in batches whose memory is asked for ahead.

import Analysis
import CKernels

/// Terms and postings of one field, in memory.
@safe
final class TermBuffer {
    /// The state behind a pointer: calls on it pay no exclusivity checks, which took a third of the time of indexing.
    private let core: UnsafeMutablePointer<TermCore>

    init(detail: PostingDetail) {
        unsafe core = .allocate(capacity: 1)
        unsafe core.initialize(to: TermCore(detail: detail))
    }

    deinit {
        unsafe core.pointee.free()
        unsafe core.deinitialize(count: 1)
        unsafe core.deallocate()
    }

    var termCount: Int { unsafe core.pointee.termCount }

    /// Bytes held in memory.
    var approximateBytes: Int { unsafe core.pointee.approximateBytes }

    var isNearlyFull: Bool { unsafe core.pointee.arenaUsed > TermCore.maximumArenaBytes }

    /// Records one term of a document. Documents never descend.
    /// - Returns: the term's number in order of first appearance.
    func add(term: [UInt8], tier: UInt8, document: UInt32) -> Int {
        unsafe term.withUnsafeBufferPointer { bytes in
            let key = unsafe TermCore.key(bytes, tier: tier)
            let number = unsafe core.pointee.find(key, bytes, tier: tier)
            unsafe core.pointee.record(number, document: document, position: 0)
            return number
        }
    }

    /// Records all tokens of a document's text. Documents never descend; positions never descend.
    /// - Returns: the length of the text in positions.
    func add(_ buffer: TokenBuffer, document: UInt32) -> Int {
        unsafe buffer.termBytes.withUnsafeBufferPointer { bytes in
            unsafe buffer.tokens.withUnsafeBufferPointer { tokens in
                unsafe core.pointee.add(tokens, bytes, document: document)
            }
        }
    }

    /// The terms' numbers in ascending order of their bytes. - Complexity: O(n log n).
    func sortedNumbers() -> [UInt32] { unsafe core.pointee.sortedNumbers() }

    /// A term's bytes, tier byte included.
    func bytes(of number: Int) -> [UInt8] { unsafe core.pointee.bytes(of: number) }

    /// Feeds a term's postings to `encoder`. - Parameter norms: a norm a document; empty for fields without positions.
    func replay(_ number: Int, norms: [UInt8], into encoder: inout PostingListEncoder) {
        unsafe core.pointee.replay(number, norms: norms, into: &encoder)
    }
}

/// The state of a `TermBuffer`.
@safe
private struct TermCore {
    /// An entry of the hash table; `number` is 0 when free, else the term's number + 1.
    struct Slot {
        var key: UInt64
        var number: UInt32
    }

    struct TermState {
        var key: UInt64
        var firstSlice: UInt32
        var cursor: UInt32
        var limit: UInt32
        var payload: UInt32
        /// The last document + 1; 0 before the first.
        var nextDocument: UInt32
        var lastPosition: UInt32
    }

    let detail: PostingDetail
    private var slots: UnsafeMutablePointer<Slot>
    private var slotMask: Int
    private var states: UnsafeMutablePointer<TermState>
    private var stateCapacity: Int
    private(set) var termCount = 0
    private var arena: UnsafeMutablePointer<UInt8>
    private var arenaCapacity: Int
    private(set) var arenaUsed = 0

    /// Payload of a term's first slice: most terms are rare.
    static let firstPayload = 8
    static let largestPayload = 4096
    static let linkBytes = 4
    static let initialSlots = 1 << 12
    /// Low byte of the key of a term longer than seven bytes.
    static let longMark: UInt64 = 0xFF
    /// Arena offsets are 32 bits.
    static let maximumArenaBytes = 3 << 30
    /// Tokens whose memory is asked for ahead.
    static let batchSize = 16

    init(detail: PostingDetail) {
        self.detail = detail
        unsafe slots = .allocate(capacity: Self.initialSlots)
        unsafe slots.initialize(repeating: Slot(key: 0, number: 0), count: Self.initialSlots)
        slotMask = Self.initialSlots - 1
        stateCapacity = 1024
        unsafe states = .allocate(capacity: stateCapacity)
        arenaCapacity = 1 << 16
        unsafe arena = .allocate(capacity: arenaCapacity)
    }

    func free() {
        unsafe slots.deallocate()
        unsafe states.deallocate()
        unsafe arena.deallocate()
    }

    var approximateBytes: Int {
        (slotMask + 1) * MemoryLayout<Slot>.stride + termCount * MemoryLayout<TermState>.stride + arenaUsed
    }

    // MARK: Adding

    mutating func add(
        _ tokens: UnsafeBufferPointer<Token>, _ bytes: UnsafeBufferPointer<UInt8>, document: UInt32
    ) -> Int {
        var length: UInt32 = 0
        var first = 0
        unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: Self.batchSize) { keys in
            unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: Self.batchSize) { numbers in
                while first < tokens.count {
                    let count = min(Self.batchSize, tokens.count - first)
                    for index in 0..<count {
                        let term = unsafe Self.term(tokens[first + index], bytes)
                        let tier = unsafe TermTier(tokens[first + index].kind).rawValue
                        let key = unsafe Self.key(term, tier: tier)
                        unsafe keys[index] = key
                        unsafe kb_prefetch(slots + slot(Self.hash(key, term)))
                    }
                    for index in 0..<count {
                        let term = unsafe Self.term(tokens[first + index], bytes)
                        guard !term.isEmpty else {
                            unsafe numbers[index] = -1
                            continue
                        }
                        let tier = unsafe TermTier(tokens[first + index].kind).rawValue
                        let number = unsafe find(keys[index], term, tier: tier)
                        unsafe numbers[index] = number
                        unsafe kb_prefetch(states + number)
                    }
                    for index in 0..<count where unsafe numbers[index] >= 0 {
                        unsafe kb_prefetch(arena + Int(states[numbers[index]].cursor))
                    }
                    for index in 0..<count where unsafe numbers[index] >= 0 {
                        let position = unsafe tokens[first + index].position
                        unsafe record(numbers[index], document: document, position: position)
                        length = max(length, position &+ 1)
                    }
                    first += count
                }
            }
        }
        return Int(length)
    }

    /// The bytes of a token's term; empty when the token does not lie in `bytes` or is too long to be kept.
    @inline(__always)
    private static func term(_ token: Token, _ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        let start = Int(token.termStart)
        let count = Int(token.termLength)
        guard start + count <= bytes.count, count < TermDictionaryFormat.maximumTermBytes else {
            return unsafe UnsafeBufferPointer(start: nil, count: 0)
        }
        return unsafe UnsafeBufferPointer(rebasing: bytes[start..<(start + count)])
    }

    /// - Precondition: `number` is below `termCount`.
    @inline(__always)
    mutating func record(_ number: Int, document: UInt32, position: UInt32) {
        assert(number >= 0 && number < termCount)
        let state = unsafe states + number
        let distance = unsafe document &+ 1 &- state.pointee.nextDocument
        if detail == .documents {
            guard distance > 0 else { return }
            unsafe append(distance, to: state)
        } else if distance > 0 {
            unsafe append(position &<< 1 | 1, to: state)
            unsafe append(distance, to: state)
        } else {
            unsafe append((position &- state.pointee.lastPosition) &<< 1, to: state)
        }
        unsafe state.pointee.nextDocument = document &+ 1
        unsafe state.pointee.lastPosition = position
    }

    // MARK: Reading

    func sortedNumbers() -> [UInt32] {
        var order = (0..<termCount).map { number in
            unsafe SortKey(key: states[number].key, number: UInt32(number))
        }
        order.sort { first, second in
            if first.key != second.key { return first.key < second.key }
            return bytes(of: Int(first.number)).lexicographicallyPrecedes(bytes(of: Int(second.number)))
        }
        return order.map(\.number)
    }

    private struct SortKey {
        var key: UInt64
        var number: UInt32
    }

    func bytes(of number: Int) -> [UInt8] {
        precondition(number >= 0 && number < termCount)
        let state = unsafe states[number]
        if state.key & 0xFF == Self.longMark {
            let (start, count) = longBytes(state)
            return (start..<(start + count)).map { unsafe arena[$0] }
        }
        return (0..<Int(state.key & 0xFF)).map { UInt8(truncatingIfNeeded: state.key >> UInt64(56 - 8 * $0)) }
    }

    /// Where the bytes of a long term stand in the arena.
    private func longBytes(_ state: TermState) -> (start: Int, count: Int) {
        let end = Int(state.firstSlice) - 2
        let count = unsafe Int(arena[end]) | Int(arena[end + 1]) << 8
        return (end - count, count)
    }

    func replay(_ number: Int, norms: [UInt8], into encoder: inout PostingListEncoder) {
        precondition(number >= 0 && number < termCount)
        let state = unsafe states[number]
        var reader = unsafe StreamReader(arena: arena, cursor: Int(state.firstSlice), end: Int(state.cursor))
        // Documents count from 1 here.
        var document: UInt32 = 0
        if detail == .documents {
            while !reader.isAtEnd {
                document &+= reader.varint()
                encoder.add(document: document &- 1, norm: 0)
            }
            return
        }
        while !reader.isAtEnd {
            let value = reader.varint()
            if value & 1 == 1 {
                if document > 0 { encoder.add(document: document &- 1, norm: norms[Int(document &- 1)]) }
                document &+= reader.varint()
            }
            encoder.addPositionGap(value >> 1)
        }
        if document > 0 { encoder.add(document: document &- 1, norm: norms[Int(document &- 1)]) }
    }

    // MARK: The hash table

    @inline(__always)
    static func key(_ term: UnsafeBufferPointer<UInt8>, tier: UInt8) -> UInt64 {
        var key = UInt64(tier) &<< 56
        var shift: UInt64 = 48
        for index in 0..<min(term.count, 6) {
            unsafe key |= UInt64(term[index]) &<< shift
            shift = shift &- 8
        }
        return key | (term.count <= 6 ? UInt64(term.count &+ 1) : longMark)
    }

    @inline(__always)
    private static func hash(_ key: UInt64, _ term: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash = key
        if key & 0xFF == longMark {
            for index in 6..<max(term.count, 6) { hash = unsafe (hash ^ UInt64(term[index])) &* 0x0000_0100_0000_01B3 }
        }
        hash ^= hash &>> 32
        return hash &* 0x9E37_79B9_7F4A_7C15
    }

    @inline(__always)
    private func slot(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> 20) & slotMask }

    /// The number of a term, new or known.
    @inline(__always)
    mutating func find(_ key: UInt64, _ term: UnsafeBufferPointer<UInt8>, tier: UInt8) -> Int {
        var place = unsafe slot(Self.hash(key, term))
        while true {
            let entry = unsafe slots[place]
            if entry.number == 0 { return unsafe insert(term, tier: tier, key: key, slot: place) }
            if entry.key == key {
                let number = Int(entry.number &- 1)
                if key & 0xFF != Self.longMark { return number }
                if unsafe isLong(number, term) { return number }
            }
            place = (place &+ 1) & slotMask
        }
    }

    private func isLong(_ number: Int, _ term: UnsafeBufferPointer<UInt8>) -> Bool {
        let (start, count) = unsafe longBytes(states[number])
        guard count == term.count + 1 else { return false }
        for index in 0..<term.count where unsafe arena[start + 1 + index] != term[index] { return false }
        return true
    }

    private mutating func insert(_ term: UnsafeBufferPointer<UInt8>, tier: UInt8, key: UInt64, slot: Int) -> Int {
        let number = termCount
        if number == stateCapacity {
            let larger = UnsafeMutablePointer<TermState>.allocate(capacity: stateCapacity * 2)
            unsafe larger.moveInitialize(from: states, count: stateCapacity)
            unsafe states.deallocate()
            unsafe states = larger
            stateCapacity *= 2
        }
        if key & 0xFF == Self.longMark {
            let count = term.count + 1
            let start = allocate(count + 2)
            unsafe arena[start] = tier
            for index in 0..<term.count { unsafe arena[start + 1 + index] = term[index] }
            unsafe arena[start + count] = UInt8(truncatingIfNeeded: count)
            unsafe arena[start + count + 1] = UInt8(truncatingIfNeeded: count >> 8)
        }
        let slice = allocate(Self.firstPayload + Self.linkBytes)
        unsafe states[number] = TermState(
            key: key, firstSlice: UInt32(slice), cursor: UInt32(slice), limit: UInt32(slice + Self.firstPayload),
            payload: UInt32(Self.firstPayload), nextDocument: 0, lastPosition: 0)
        termCount += 1
        unsafe slots[slot] = Slot(key: key, number: UInt32(number + 1))
        if termCount * 2 > slotMask { growSlots() }
        return number
    }

    private mutating func growSlots() {
        let count = (slotMask + 1) * 2
        unsafe slots.deallocate()
        unsafe slots = .allocate(capacity: count)
        unsafe slots.initialize(repeating: Slot(key: 0, number: 0), count: count)
        slotMask = count - 1
        for number in 0..<termCount {
            let state = unsafe states[number]
            var hash = state.key
            if hash & 0xFF == Self.longMark {
                let (start, length) = longBytes(state)
                unsafe hash = Self.hash(
                    state.key, UnsafeBufferPointer(start: UnsafePointer(arena + start + 1), count: length - 1))
            } else {
                unsafe hash = Self.hash(state.key, UnsafeBufferPointer(start: nil, count: 0))
            }
            var place = slot(hash)
            while unsafe slots[place].number != 0 { place = (place + 1) & slotMask }
            unsafe slots[place] = Slot(key: state.key, number: UInt32(number + 1))
        }
    }

    // MARK: The arena

    private mutating func allocate(_ count: Int) -> Int {
        let start = arenaUsed
        let end = start + count
        if end > arenaCapacity {
            let capacity = max(arenaCapacity * 2, end)
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
            unsafe larger.moveInitialize(from: arena, count: arenaUsed)
            unsafe arena.deallocate()
            unsafe arena = larger
            arenaCapacity = capacity
        }
        arenaUsed = end
        return start
    }

    @inline(__always)
    private mutating func append(_ value: UInt32, to state: UnsafeMutablePointer<TermState>) {
        var rest = value
        while rest >= 0x80 {
            unsafe appendByte(UInt8(truncatingIfNeeded: rest) | 0x80, to: state)
            rest = rest &>> 7
        }
        unsafe appendByte(UInt8(truncatingIfNeeded: rest), to: state)
    }

    @inline(__always)
    private mutating func appendByte(_ byte: UInt8, to state: UnsafeMutablePointer<TermState>) {
        if unsafe state.pointee.cursor == state.pointee.limit { unsafe extend(state) }
        // In bounds: the cursor is inside its slice.
        unsafe arena[Int(state.pointee.cursor)] = byte
        unsafe state.pointee.cursor &+= 1
    }

    private mutating func extend(_ state: UnsafeMutablePointer<TermState>) {
        let payload = unsafe min(Int(state.pointee.payload) * 2, Self.largestPayload)
        let slice = allocate(payload + Self.linkBytes)
        let link = unsafe arena + Int(state.pointee.limit)
        unsafe UnsafeMutableRawPointer(link).storeBytes(of: UInt32(slice), as: UInt32.self)
        unsafe state.pointee.cursor = UInt32(slice)
        unsafe state.pointee.limit = UInt32(slice + payload)
        unsafe state.pointee.payload = UInt32(payload)
    }
}

/// Reads a term's stream across its slices.
@safe
private struct StreamReader {
    private let arena: UnsafeMutablePointer<UInt8>
    private var cursor: Int
    private var payload: Int
    private var limit: Int
    private let end: Int

    init(arena: UnsafeMutablePointer<UInt8>, cursor: Int, end: Int) {
        unsafe self.arena = arena
        self.cursor = cursor
        payload = TermCore.firstPayload
        limit = cursor + TermCore.firstPayload
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
                payload = min(payload * 2, TermCore.largestPayload)
                limit = cursor + payload
            }
            let byte = unsafe arena[cursor]
            cursor &+= 1
            value |= UInt32(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift = shift &+ 7
        }
    }
}
