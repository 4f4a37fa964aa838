// The hash table of terms and the arena of byte slices in which a field's postings wait to be written.
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
// The stream of a term without positions in such a field is, for each document, its varint distance and how often it
// stands there; the last number is still in the entry.
//
// A term's state is its entry in the hash table, half a cache line; terms and slices lie far apart, so tokens are taken
// in batches: first the entries of all are asked for, then the slices that they name, then they are written. Cost: 32 B an entry with 1.3 to 2.7 entries a term, about 5 B a posting.

import Analysis
import CKernels

/// Terms and their streams. Owned by a `TermBuffer`, which frees it.
@safe
struct TermTable {
    /// An entry of the hash table: a term and the end of its stream; free when `number` is 0.
    struct Entry {
        var key: UInt64
        /// The term's number + 1.
        var number: UInt32
        var firstSlice: UInt32
        /// Where the next byte goes, and where the slice's payload ends.
        var cursor: UInt32
        var limit: UInt32
        /// The last document + 1; 0 before the first.
        var nextDocument: UInt32
        /// The last position, or without positions the frequency in the last document; and in the high bits how often the
        /// slices have doubled.
        var positionAndLevel: UInt32

        static let free = Entry(
            key: 0, number: 0, firstSlice: 0, cursor: 0, limit: 0, nextDocument: 0, positionAndLevel: 0)
    }

    /// An occurrence between the passes over a batch.
    @safe
    private struct Occurrence {
        var key: UInt64
        var term: UnsafeBufferPointer<UInt8>
        var position: UInt32
        var tier: UInt8
        var place: Int
    }

    let detail: PostingDetail
    private let staged: UnsafeMutablePointer<Occurrence>
    private var entries: UnsafeMutablePointer<Entry>
    private var mask: Int
    /// Where each term's entry is, by its number.
    private var places: [UInt32] = []
    private var arena: UnsafeMutablePointer<UInt8>
    private var arenaCapacity: Int
    private(set) var arenaUsed = 0

    /// Payload of a term's first slice: most terms are rare.
    static let firstPayload = 8
    static let largestLevel = 9
    static let linkBytes = 4
    static let initialEntries = 1 << 12
    /// Bits of a position; a text of the builder's largest size has fewer positions.
    static let positionBits: UInt32 = 28
    static let positionMask: UInt32 = (1 << positionBits) - 1
    /// Low byte of the key of a term longer than seven bytes.
    static let longMark: UInt64 = 0xFF
    /// Arena offsets are 32 bits.
    static let maximumArenaBytes = 3 << 30
    /// Tokens whose memory is asked for ahead.
    static let batchSize = 32

    init(detail: PostingDetail) {
        self.detail = detail
        unsafe entries = .allocate(capacity: Self.initialEntries)
        unsafe entries.initialize(repeating: .free, count: Self.initialEntries)
        mask = Self.initialEntries - 1
        arenaCapacity = 1 << 16
        unsafe arena = .allocate(capacity: arenaCapacity)
        unsafe staged = .allocate(capacity: 2 * Self.batchSize)
    }

    func free() {
        unsafe staged.deallocate()
        unsafe entries.deallocate()
        unsafe arena.deallocate()
    }

    var termCount: Int { places.count }

    var approximateBytes: Int { (mask + 1) * MemoryLayout<Entry>.stride + places.count * 4 + arenaUsed }

    // MARK: Adding

    mutating func add(
        _ tokens: UnsafeBufferPointer<Token>, _ bytes: UnsafeBufferPointer<UInt8>, document: UInt32
    ) -> Int {
        var length: UInt32 = 0
        var first = 0
        while first < tokens.count {
            let end = min(first + Self.batchSize, tokens.count)
            // A token is one occurrence, or two where a character is at an edge.
            reserve(2 * (end - first))
            var count = 0
            for index in first..<end {
                let token = unsafe tokens[index]
                let term = unsafe Self.term(token, bytes)
                guard !term.isEmpty else { continue }
                length = max(length, token.position &+ 1)
                let tier = TermTier(token.kind)
                unsafe stage(tier, term, token.position, &count)
                if tier == .character, unsafe Self.isAtEdge(tokens, index) {
                    unsafe stage(.edge, term, token.position, &count)
                }
            }
            for slot in 0..<count {
                let occurrence = unsafe staged + slot
                let place = unsafe find(occurrence.pointee.key, occurrence.pointee.term, tier: occurrence.pointee.tier)
                unsafe occurrence.pointee.place = place
                unsafe kb_prefetch(arena + Int(entries[place].cursor))
            }
            for slot in 0..<count {
                let occurrence = unsafe staged[slot]
                if TermTier.hasPositions(occurrence.tier) {
                    record(occurrence.place, document: document, position: occurrence.position)
                } else {
                    tally(occurrence.place, document: document)
                }
            }
            first = end
        }
        return Int(length)
    }

    /// Notes an occurrence of the batch and asks for the memory of its entry.
    @inline(__always)
    private func stage(
        _ tier: TermTier, _ term: UnsafeBufferPointer<UInt8>, _ position: UInt32, _ count: inout Int
    ) {
        let key = unsafe Self.key(term, tier: tier.rawValue)
        unsafe kb_prefetch(entries + place(Self.hash(key, term)))
        // In bounds: two for each token of a batch.
        unsafe (staged + count).initialize(
            to: Occurrence(key: key, term: term, position: position, tier: tier.rawValue, place: 0))
        count &+= 1
    }

    /// Whether a character begins or ends its run. Inside one it stands between the pair that it ends and the pair that it
    /// begins: see invariant 2 of `Analyzer`.
    @inline(__always)
    private static func isAtEdge(_ tokens: UnsafeBufferPointer<Token>, _ index: Int) -> Bool {
        guard index > 0, index &+ 1 < tokens.count else { return true }
        let endsPair = unsafe tokens[index &- 1].kind == .bigram
        return unsafe !endsPair || !(tokens[index &+ 1].kind == .bigram)
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

    /// Records one term and returns its number.
    mutating func add(_ term: UnsafeBufferPointer<UInt8>, tier: UInt8, document: UInt32) -> Int {
        reserve(1)
        let found = unsafe find(Self.key(term, tier: tier), term, tier: tier)
        record(found, document: document, position: 0)
        return unsafe Int(entries[found].number) - 1
    }

    /// - Precondition: `place` is that of a term.
    @inline(__always)
    private mutating func record(_ place: Int, document: UInt32, position: UInt32) {
        assert(place >= 0 && place <= mask)
        let entry = unsafe entries + place
        let distance = unsafe document &+ 1 &- entry.pointee.nextDocument
        if detail == .documents {
            guard distance > 0 else { return }
            unsafe append(distance, to: entry)
        } else if distance > 0 {
            unsafe append(position &<< 1 | 1, to: entry)
            unsafe append(distance, to: entry)
        } else {
            let last = unsafe entry.pointee.positionAndLevel & Self.positionMask
            unsafe append((position &- last) &<< 1, to: entry)
        }
        unsafe entry.pointee.nextDocument = document &+ 1
        unsafe entry.pointee.positionAndLevel =
            entry.pointee.positionAndLevel & ~Self.positionMask | (position & Self.positionMask)
    }

    /// Counts an occurrence of a term without positions. - Precondition: `place` is that of a term.
    @inline(__always)
    private mutating func tally(_ place: Int, document: UInt32) {
        assert(place >= 0 && place <= mask)
        let entry = unsafe entries + place
        let distance = unsafe document &+ 1 &- entry.pointee.nextDocument
        if distance > 0 {
            if unsafe entry.pointee.nextDocument > 0 {
                unsafe append(entry.pointee.positionAndLevel & Self.positionMask, to: entry)
            }
            unsafe append(distance, to: entry)
            unsafe entry.pointee.nextDocument = document &+ 1
            unsafe entry.pointee.positionAndLevel = entry.pointee.positionAndLevel & ~Self.positionMask
        }
        unsafe entry.pointee.positionAndLevel &+= 1
    }

    // MARK: Reading

    /// Asks for the memory of a term's entry, soon to be read.
    func prefetchEntry(_ number: Int) { unsafe kb_prefetch(entries + Int(places[number])) }

    /// Asks for the memory of a term's first slice. Best some terms after `prefetchEntry`.
    func prefetchSlice(_ number: Int) { unsafe kb_prefetch(arena + Int(entries[Int(places[number])].firstSlice)) }

    func sortedNumbers() -> [UInt32] {
        var order = places.enumerated().map { number, place in
            unsafe SortKey(key: entries[Int(place)].key, number: UInt32(number))
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
        let entry = unsafe entries[Int(places[number])]
        if entry.key & 0xFF == Self.longMark {
            let (start, count) = longBytes(entry)
            return (start..<(start + count)).map { unsafe arena[$0] }
        }
        return (0..<Int(entry.key & 0xFF)).map { UInt8(truncatingIfNeeded: entry.key >> UInt64(56 - 8 * $0)) }
    }

    /// Where the bytes of a long term stand in the arena.
    private func longBytes(_ entry: Entry) -> (start: Int, count: Int) {
        let end = Int(entry.firstSlice) - 2
        let count = unsafe Int(arena[end]) | Int(arena[end + 1]) << 8
        return (end - count, count)
    }

    func replay(_ number: Int, norms: [UInt8], into encoder: inout PostingListEncoder) {
        let entry = unsafe entries[Int(places[number])]
        var reader = unsafe TermStreamReader(arena: arena, cursor: Int(entry.firstSlice), end: Int(entry.cursor))
        // Documents count from 1 here.
        var document: UInt32 = 0
        if detail == .documents {
            while !reader.isAtEnd {
                document &+= reader.varint()
                encoder.add(document: document &- 1, norm: 0)
            }
            return
        }
        if !TermTier.hasPositions(UInt8(truncatingIfNeeded: entry.key &>> 56)) {
            while !reader.isAtEnd {
                document &+= reader.varint()
                let frequency = reader.isAtEnd ? entry.positionAndLevel & Self.positionMask : reader.varint()
                encoder.add(document: document &- 1, frequency: frequency, norm: norms[Int(document &- 1)])
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
    private static func key(_ term: UnsafeBufferPointer<UInt8>, tier: UInt8) -> UInt64 {
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
    private func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> 20) & mask }

    /// The place of a term's entry, new or known.
    @inline(__always)
    private mutating func find(_ key: UInt64, _ term: UnsafeBufferPointer<UInt8>, tier: UInt8) -> Int {
        var place = unsafe place(Self.hash(key, term))
        while true {
            if unsafe entries[place].number == 0 { return unsafe insert(term, tier: tier, key: key, place: place) }
            if unsafe entries[place].key == key {
                if key & 0xFF != Self.longMark { return place }
                if unsafe isLong(entries[place], term) { return place }
            }
            place = (place &+ 1) & mask
        }
    }

    private func isLong(_ entry: Entry, _ term: UnsafeBufferPointer<UInt8>) -> Bool {
        let (start, count) = longBytes(entry)
        guard count == term.count + 1 else { return false }
        for index in 0..<term.count where unsafe arena[start + 1 + index] != term[index] { return false }
        return true
    }

    /// Makes room for `count` more terms, so that entries stay where they are while these are added.
    private mutating func reserve(_ count: Int) {
        while (places.count + count) * 4 > (mask + 1) * 3 { grow() }
    }

    /// Makes an entry at the free `place`. - Precondition: there is room for it.
    private mutating func insert(_ term: UnsafeBufferPointer<UInt8>, tier: UInt8, key: UInt64, place: Int) -> Int {
        if key & 0xFF == Self.longMark {
            let count = term.count + 1
            let start = allocate(count + 2)
            unsafe arena[start] = tier
            for index in 0..<term.count { unsafe arena[start + 1 + index] = term[index] }
            unsafe arena[start + count] = UInt8(truncatingIfNeeded: count)
            unsafe arena[start + count + 1] = UInt8(truncatingIfNeeded: count >> 8)
        }
        let slice = allocate(Self.firstPayload + Self.linkBytes)
        places.append(UInt32(place))
        unsafe entries[place] = Entry(
            key: key, number: UInt32(places.count), firstSlice: UInt32(slice), cursor: UInt32(slice),
            limit: UInt32(slice + Self.firstPayload), nextDocument: 0, positionAndLevel: 0)
        return place
    }

    private func freePlace(_ hash: UInt64) -> Int {
        var place = place(hash)
        while unsafe entries[place].number != 0 { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let old = unsafe entries
        let count = (mask + 1) * 2
        unsafe entries = .allocate(capacity: count)
        unsafe entries.initialize(repeating: .free, count: count)
        mask = count - 1
        for number in places.indices {
            let entry = unsafe old[Int(places[number])]
            var hash: UInt64
            if entry.key & 0xFF == Self.longMark {
                let (start, length) = longBytes(entry)
                unsafe hash = Self.hash(
                    entry.key, UnsafeBufferPointer(start: UnsafePointer(arena + start + 1), count: length - 1))
            } else {
                unsafe hash = Self.hash(entry.key, UnsafeBufferPointer(start: nil, count: 0))
            }
            let place = freePlace(hash)
            places[number] = UInt32(place)
            unsafe entries[place] = entry
        }
        unsafe old.deallocate()
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
    private mutating func append(_ value: UInt32, to entry: UnsafeMutablePointer<Entry>) {
        var rest = value
        while rest >= 0x80 {
            unsafe appendByte(UInt8(truncatingIfNeeded: rest) | 0x80, to: entry)
            rest = rest &>> 7
        }
        unsafe appendByte(UInt8(truncatingIfNeeded: rest), to: entry)
    }

    @inline(__always)
    private mutating func appendByte(_ byte: UInt8, to entry: UnsafeMutablePointer<Entry>) {
        if unsafe entry.pointee.cursor == entry.pointee.limit { unsafe extend(entry) }
        // In bounds: the cursor is inside its slice.
        unsafe arena[Int(entry.pointee.cursor)] = byte
        unsafe entry.pointee.cursor &+= 1
    }

    private mutating func extend(_ entry: UnsafeMutablePointer<Entry>) {
        let level = unsafe min(Int(entry.pointee.positionAndLevel >> Self.positionBits) + 1, Self.largestLevel)
        let payload = Self.firstPayload << level
        let slice = allocate(payload + Self.linkBytes)
        let link = unsafe arena + Int(entry.pointee.limit)
        unsafe UnsafeMutableRawPointer(link).storeBytes(of: UInt32(slice), as: UInt32.self)
        unsafe entry.pointee.cursor = UInt32(slice)
        unsafe entry.pointee.limit = UInt32(slice + payload)
        unsafe entry.pointee.positionAndLevel =
            entry.pointee.positionAndLevel & Self.positionMask | UInt32(level) << Self.positionBits
    }
}
