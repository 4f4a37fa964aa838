// The inverted lists of one field while a segment is being built: a hash table of terms and an arena of byte slices.
//
// A term of at most seven bytes is its own key: its bytes from the high end of a 64-bit number, its length in the low
// byte. So a Chinese bigram with its tier byte is compared in one instruction, and keys sort as the terms do. A longer
// term has its first seven bytes and 0xFF as key and its bytes in `longTerms`.
//
// A term's postings are a byte stream in slices of the arena, each twice as long as the one before, linked by the
// offset in the four bytes behind a slice's payload. The stream of a field with positions is, for each occurrence,
//     varint position distance * 2 + isFirstInDocument [, varint document distance]
// and of a field without positions, for each document, its varint distance. Distances count from 0.
//
// Measured cost: about 32 B a term and 5 B a posting.

/// Terms and postings of one field, in memory.
@safe
final class TermBuffer {
    private let detail: PostingDetail
    private var slots: UnsafeMutablePointer<UInt32>
    private var slotMask: Int
    private var states: UnsafeMutablePointer<TermState>
    private var stateCapacity: Int
    private(set) var termCount = 0
    private var arena: UnsafeMutablePointer<UInt8>
    private var arenaCapacity: Int
    private var arenaUsed = 0
    private var longTerms: [UInt8] = []

    /// Payload of a term's first slice: most terms are rare.
    private static let firstPayload = 8
    private static let largestPayload = 4096
    private static let linkBytes = 4
    /// Room behind the write place for one varint, so that it never crosses a slice.
    private static let initialSlots = 1 << 12
    private static let longMark: UInt64 = 0xFF
    /// Arena offsets are 32 bits.
    static let maximumArenaBytes = 3 << 30

    private struct TermState {
        var key: UInt64
        /// Offset in `longTerms`, for long terms.
        var longOffset: UInt32
        var longLength: UInt32
        var firstSlice: UInt32
        var cursor: UInt32
        var limit: UInt32
        var payload: UInt32
        var lastDocument: UInt32
        var lastPosition: UInt32
        var documents: UInt32
    }

    init(detail: PostingDetail) {
        self.detail = detail
        unsafe slots = .allocate(capacity: Self.initialSlots)
        unsafe slots.initialize(repeating: 0, count: Self.initialSlots)
        slotMask = Self.initialSlots - 1
        stateCapacity = 1024
        unsafe states = .allocate(capacity: stateCapacity)
        arenaCapacity = 1 << 16
        unsafe arena = .allocate(capacity: arenaCapacity)
    }

    deinit {
        unsafe slots.deallocate()
        unsafe states.deallocate()
        unsafe arena.deallocate()
    }

    /// Bytes held in memory.
    var approximateBytes: Int {
        (slotMask + 1) * 4 + termCount * MemoryLayout<TermState>.stride + arenaUsed + longTerms.count
    }

    var isNearlyFull: Bool { arenaUsed > Self.maximumArenaBytes }

    /// Records an occurrence. Documents never descend; positions never descend within a document.
    /// - Parameter term: the term's bytes, at least one.
    /// - Returns: the term's number in order of first appearance.
    @discardableResult
    @inline(__always)
    func add(term: UnsafeBufferPointer<UInt8>, tier: UInt8, document: UInt32, position: UInt32) -> Int {
        let number = unsafe find(term, tier: tier)
        // In bounds: `find` returns a number below `termCount`.
        let state = unsafe states + number
        if detail == .documents {
            let distance = unsafe document &- state.pointee.lastDocument
            if unsafe state.pointee.documents == 0 || distance > 0 {
                unsafe state.pointee.documents &+= 1
                unsafe state.pointee.lastDocument = document
                unsafe append(distance, to: state)
            }
        } else if unsafe state.pointee.documents == 0 || state.pointee.lastDocument != document {
            let distance = unsafe document &- state.pointee.lastDocument
            unsafe state.pointee.documents &+= 1
            unsafe state.pointee.lastDocument = document
            unsafe append(position &<< 1 | 1, to: state)
            unsafe append(distance, to: state)
            unsafe state.pointee.lastPosition = position
        } else {
            unsafe append((position &- state.pointee.lastPosition) &<< 1, to: state)
            unsafe state.pointee.lastPosition = position
        }
        return number
    }

    /// The terms' numbers in ascending order of their bytes. - Complexity: O(n log n).
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

    /// A term's bytes, tier byte included.
    func bytes(of number: Int) -> [UInt8] {
        precondition(number >= 0 && number < termCount)
        let state = unsafe states[number]
        if state.key & 0xFF == Self.longMark {
            return Array(longTerms[Int(state.longOffset)..<Int(state.longOffset + state.longLength)])
        }
        return (0..<Int(state.key & 0xFF)).map { UInt8(truncatingIfNeeded: state.key >> UInt64(56 - 8 * $0)) }
    }

    /// Feeds a term's postings to `encoder`. - Parameter norms: a norm a document; empty for fields without positions.
    func replay(_ number: Int, norms: [UInt8], into encoder: inout PostingListEncoder) {
        precondition(number >= 0 && number < termCount)
        let state = unsafe states[number]
        var reader = unsafe StreamReader(
            arena: arena, cursor: Int(state.firstSlice), payload: Self.firstPayload, end: Int(state.cursor))
        var document: UInt32 = 0
        var gaps: [UInt32] = []
        var isOpen = false
        while !reader.isAtEnd {
            let value = reader.varint()
            if detail == .documents {
                document &+= value
                encoder.add(document: document, frequency: 1, norm: 0)
                continue
            }
            if value & 1 == 1 {
                if isOpen { Self.close(&gaps, document, norms, &encoder) }
                isOpen = true
                document &+= reader.varint()
            }
            gaps.append(value >> 1)
        }
        if isOpen { Self.close(&gaps, document, norms, &encoder) }
    }

    private static func close(
        _ gaps: inout [UInt32], _ document: UInt32, _ norms: [UInt8], _ encoder: inout PostingListEncoder
    ) {
        encoder.add(document: document, frequency: UInt32(gaps.count), norm: norms[Int(document)])
        for gap in gaps { encoder.addPositionGap(gap) }
        gaps.removeAll(keepingCapacity: true)
    }

    // MARK: The hash table

    @inline(__always)
    private func find(_ term: UnsafeBufferPointer<UInt8>, tier: UInt8) -> Int {
        var key = UInt64(tier) &<< 56
        let count = term.count
        var shift: UInt64 = 48
        for index in 0..<min(count, 6) {
            unsafe key |= UInt64(term[index]) &<< shift
            shift = shift &- 8
        }
        var hash: UInt64
        if count <= 6 {
            key |= UInt64(count &+ 1)
            hash = key
        } else {
            key |= Self.longMark
            hash = key
            for index in 6..<count { hash = unsafe (hash ^ UInt64(term[index])) &* 0x0000_0100_0000_01B3 }
        }
        hash = (hash ^ (hash &>> 32)) &* 0x9E37_79B9_7F4A_7C15
        var slot = Int(truncatingIfNeeded: hash &>> 20) & slotMask
        while true {
            let entry = unsafe slots[slot]
            if entry == 0 { return unsafe insert(term, tier: tier, key: key, slot: slot) }
            let number = Int(entry &- 1)
            if unsafe states[number].key == key {
                if count <= 6 { return number }
                if unsafe isLong(number, tier, term) { return number }
            }
            slot = (slot &+ 1) & slotMask
        }
    }

    private func isLong(_ number: Int, _ tier: UInt8, _ term: UnsafeBufferPointer<UInt8>) -> Bool {
        let state = unsafe states[number]
        guard Int(state.longLength) == term.count + 1 else { return false }
        let start = Int(state.longOffset) + 1
        for index in 0..<term.count where unsafe longTerms[start + index] != term[index] { return false }
        return true
    }

    private func insert(_ term: UnsafeBufferPointer<UInt8>, tier: UInt8, key: UInt64, slot: Int) -> Int {
        let number = termCount
        if number == stateCapacity {
            let larger = UnsafeMutablePointer<TermState>.allocate(capacity: stateCapacity * 2)
            unsafe larger.moveInitialize(from: states, count: stateCapacity)
            unsafe states.deallocate()
            unsafe states = larger
            stateCapacity *= 2
        }
        let slice = allocateSlice(payload: Self.firstPayload)
        let isLong = key & 0xFF == Self.longMark
        let longOffset = longTerms.count
        if isLong {
            longTerms.append(tier)
            unsafe longTerms.append(contentsOf: term)
        }
        unsafe states[number] = TermState(
            key: key, longOffset: UInt32(longOffset), longLength: UInt32(longTerms.count - longOffset),
            firstSlice: UInt32(slice), cursor: UInt32(slice), limit: UInt32(slice + Self.firstPayload),
            payload: UInt32(Self.firstPayload), lastDocument: 0, lastPosition: 0, documents: 0)
        termCount += 1
        unsafe slots[slot] = UInt32(number + 1)
        if termCount * 2 > slotMask { growSlots() }
        return number
    }

    private func growSlots() {
        let count = (slotMask + 1) * 2
        unsafe slots.deallocate()
        unsafe slots = .allocate(capacity: count)
        unsafe slots.initialize(repeating: 0, count: count)
        slotMask = count - 1
        for number in 0..<termCount {
            let term = bytes(of: number)
            var hash = unsafe states[number].key
            if hash & 0xFF == Self.longMark {
                for index in 7..<term.count { hash = (hash ^ UInt64(term[index])) &* 0x0000_0100_0000_01B3 }
            }
            hash = (hash ^ (hash &>> 32)) &* 0x9E37_79B9_7F4A_7C15
            var slot = Int(truncatingIfNeeded: hash &>> 20) & slotMask
            while unsafe slots[slot] != 0 { slot = (slot + 1) & slotMask }
            unsafe slots[slot] = UInt32(number + 1)
        }
    }

    // MARK: The arena

    private func allocateSlice(payload: Int) -> Int {
        let start = arenaUsed
        let end = start + payload + Self.linkBytes
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
    private func append(_ value: UInt32, to state: UnsafeMutablePointer<TermState>) {
        var rest = value
        while rest >= 0x80 {
            unsafe appendByte(UInt8(truncatingIfNeeded: rest) | 0x80, to: state)
            rest = rest &>> 7
        }
        unsafe appendByte(UInt8(truncatingIfNeeded: rest), to: state)
    }

    @inline(__always)
    private func appendByte(_ byte: UInt8, to state: UnsafeMutablePointer<TermState>) {
        if unsafe state.pointee.cursor == state.pointee.limit { unsafe extend(state) }
        // In bounds: the cursor is inside its slice.
        unsafe arena[Int(state.pointee.cursor)] = byte
        unsafe state.pointee.cursor &+= 1
    }

    private func extend(_ state: UnsafeMutablePointer<TermState>) {
        let payload = unsafe min(Int(state.pointee.payload) * 2, Self.largestPayload)
        let slice = allocateSlice(payload: payload)
        let link = unsafe arena + Int(state.pointee.limit)
        unsafe UnsafeMutableRawPointer(link).storeBytes(of: UInt32(slice), as: UInt32.self)
        unsafe state.pointee.cursor = UInt32(slice)
        unsafe state.pointee.limit = UInt32(slice + payload)
        unsafe state.pointee.payload = UInt32(payload)
    }

    /// Reads a term's stream across its slices.
    @safe
    private struct StreamReader {
        let arena: UnsafeMutablePointer<UInt8>
        var cursor: Int
        var payload: Int
        var limit: Int
        let end: Int

        init(arena: UnsafeMutablePointer<UInt8>, cursor: Int, payload: Int, end: Int) {
            unsafe self.arena = arena
            self.cursor = cursor
            self.payload = payload
            limit = cursor + payload
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
                    payload = min(payload * 2, TermBuffer.largestPayload)
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
}
