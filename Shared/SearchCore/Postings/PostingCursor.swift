// Steps through a posting list in document order, decoding a block only when it is entered.
//
// Invariants
// 1. `document` is `endOfList` or a document of the list, below the segment's document count: each decoded block is
//    checked to ascend strictly from the last document of the block before to its own.
// 2. Frequencies and position offsets of a block are decoded when first asked for; the place of the last group of
//    positions that was read is kept, so that documents read in order cost no search for theirs.
// 3. A block that contradicts the format sets `isCorrupt` and ends the list; evaluators look at the flag at the end.

import CKernels

/// The document that every list has behind its last one.
let endOfList = UInt32.max

/// The scratch memory of a cursor, for walking many lists one after the other.
struct CursorBuffers {
    let documents: ScratchBuffer<UInt32>
    let frequencies: ScratchBuffer<UInt32>
    let occurrenceStarts: ScratchBuffer<UInt32>

    init(_ detail: PostingDetail, arena: ScratchArena) {
        let size = PostingFormat.blockSize
        documents = arena.buffer(of: UInt32.self, count: size)
        frequencies = arena.buffer(of: UInt32.self, count: detail == .positions ? size : 0)
        occurrenceStarts = arena.buffer(of: UInt32.self, count: detail == .positions ? size + 1 : 0)
    }
}

/// A cursor on a posting list. A plain value in raw memory: copying it copies the place, not the scratch buffers.
struct PostingCursor {
    let list: PostingList
    /// Documents of the current block.
    let documents: ScratchBuffer<UInt32>
    private let frequencies: ScratchBuffer<UInt32>
    private let occurrenceStarts: ScratchBuffer<UInt32>
    /// The current block; `list.blockCount` at the end.
    private(set) var block = -1
    /// Postings in the current block.
    private(set) var blockLength = 0
    /// Place in the current block.
    private(set) var index = 0
    /// The current document, or `endOfList`. Before the first move: the first document.
    private(set) var document: UInt32 = endOfList
    private(set) var isCorrupt = false
    private var hasFrequencies = false
    private var hasOccurrenceStarts = false
    /// The group of positions that was read last in this block, and where it begins.
    private var positionGroup = 0
    private var positionGroupOffset = 0
    private var place = BlockPlace(gaps: 0, gapBits: 0, frequencyBits: 0, positions: 0)

    /// Stands on the first posting.
    init(_ list: PostingList, arena: ScratchArena) {
        self.init(list, CursorBuffers(list.detail, arena: arena))
    }

    /// Stands on the first posting. - Parameter buffers: of a cursor that is no longer used.
    init(_ list: PostingList, _ buffers: CursorBuffers) {
        self.list = list
        documents = buffers.documents
        frequencies = buffers.frequencies
        occurrenceStarts = buffers.occurrenceStarts
        enter(0)
    }

    /// Moves to the next posting.
    @inline(__always)
    mutating func next() {
        index &+= 1
        if index < blockLength {
            document = documents[index]
        } else {
            enter(block &+ 1)
        }
    }

    /// Moves to the first posting at or behind `target`; stays when it is already there. As if written
    /// `while document < target { next() }`.
    @inline(__always)
    mutating func advance(to target: UInt32) {
        guard document < target else { return }
        if documents[blockLength &- 1] < target {
            enter(findBlock(from: block &+ 1, target: target))
            guard document < target else { return }
        }
        // Whoever wants most documents wants the next one: there is one, as the block's last is not below the target.
        let next = index &+ 1
        stand(at: documents[next] >= target ? next : placeInBlock(of: target))
    }

    /// The first place of the block whose document is not below `target`, which its last document is not.
    /// Seven steps without branches: a wrong guess of a branch costs more than the steps saved.
    @inline(__always)
    private func placeInBlock(of target: UInt32) -> Int {
        var place = 0
        place &+= documents[place &+ 63] < target ? 64 : 0
        place &+= documents[place &+ 31] < target ? 32 : 0
        place &+= documents[place &+ 15] < target ? 16 : 0
        place &+= documents[place &+ 7] < target ? 8 : 0
        place &+= documents[place &+ 3] < target ? 4 : 0
        place &+= documents[place &+ 1] < target ? 2 : 0
        place &+= documents[place] < target ? 1 : 0
        return place
    }

    /// Moves to the first posting at or behind `target`, backwards too.
    /// - Complexity: O(log blocks) where the target is in another block.
    mutating func seek(to target: UInt32) {
        guard !isCorrupt else { return }
        if list.tableOffset < 0 {
            // The only block stays decoded, even when the cursor went past it.
            block = 0
            stand(at: 0)
        } else if document == endOfList {
            enter(findBlock(from: 0, target: target))
        } else if target < documents[0] {
            if block == 0 || list.lastDocument(ofBlock: block &- 1) < target { return stand(at: 0) }
            enter(findBlock(from: 0, target: target))
        } else if target <= document {
            stand(at: 0)
        }
        advance(to: target)
    }

    @inline(__always)
    private mutating func stand(at place: Int) {
        index = place
        document = documents[place]
    }

    /// The first place from the current one on whose document is not below `limit`; `blockLength` when there is none.
    @inline(__always)
    func firstIndex(notBelow limit: UInt32) -> Int {
        documents[blockLength &- 1] < limit ? blockLength : max(index, placeInBlock(of: limit))
    }

    /// The current posting's place in the list.
    @inline(__always)
    var ordinal: Int { block &* PostingFormat.blockSize &+ index }

    /// Moves forward within the block; to the next block when `place` is behind the last posting.
    @inline(__always)
    mutating func move(toIndex place: Int) {
        if place < blockLength {
            index = place
            document = documents[place]
        } else {
            enter(block &+ 1)
        }
    }

    /// The first block from `first` on whose last document is not below `target`; `blockCount` when there is none.
    /// Reads the block table only. - Complexity: O(log distance).
    @inline(__always)
    func findBlock(from first: Int, target: UInt32) -> Int {
        let count = list.blockCount
        guard list.tableOffset >= 0 else {
            // One block; whether it reaches the target is seen after it is decoded.
            return first
        }
        var low = first
        var step = 1
        while low < count && list.lastDocument(ofBlock: low) < target {
            let probe = low &+ step
            guard probe < count && list.lastDocument(ofBlock: probe) < target else {
                // The answer is in low + 1 ... probe (or the end).
                var left = low &+ 1
                var right = min(probe, count)
                while left < right {
                    let middle = (left &+ right) &>> 1
                    if list.lastDocument(ofBlock: middle) < target { left = middle &+ 1 } else { right = middle }
                }
                return left
            }
            low = probe &+ 1
            step = step &* 2
        }
        return low
    }

    /// The last document of block `block`, from the table; for a list without one, its last document.
    @inline(__always)
    func lastDocument(ofBlock block: Int) -> UInt32 {
        if block >= list.blockCount { return endOfList }
        return list.tableOffset >= 0 ? list.lastDocument(ofBlock: block) : documents[blockLength &- 1]
    }

    /// Occurrences in the current document; 1 for lists without frequencies.
    /// - Precondition: the cursor is not at the end.
    @inline(__always)
    mutating func frequency() -> UInt32 {
        guard list.detail == .positions else { return 1 }
        if !hasFrequencies { decodeFrequencies() }
        return frequencies[index]
    }

    /// Occurrences in the current document, for whoever reads its positions next.
    /// - Precondition: the cursor is not at the end; the list has positions.
    @inline(__always)
    mutating func occurrenceCount() -> UInt32 {
        if !hasOccurrenceStarts { sumFrequencies() }
        return occurrenceStarts[index &+ 1] &- occurrenceStarts[index]
    }

    /// Frequencies of the whole current block. - Precondition: the list has frequencies, the cursor is not at its end.
    @inline(__always)
    mutating func blockFrequencies() -> ScratchBuffer<UInt32> {
        if !hasFrequencies { decodeFrequencies() }
        return frequencies
    }

    /// Puts the current document's positions, ascending, in `buffer`. - Complexity: O(frequency + 128).
    /// - Parameter arena: asked for only when the buffer must grow: passing an object costs two atomic counts a call, a third
    ///   of reading a document's few positions.
    @inline(__always)
    mutating func positions(into buffer: inout PositionBuffer, arena: @autoclosure () -> ScratchArena) {
        if let wanted = readPositions(into: &buffer) {
            buffer.reserve(wanted, arena: arena())
            _ = readPositions(into: &buffer)
        }
    }

    /// Puts the current document's positions, ascending, in `buffer`, or says how much room they need.
    @inline(__always)
    mutating func readPositions(into buffer: inout PositionBuffer) -> Int? {
        buffer.count = 0
        return appendPositions(to: &buffer, base: 0)
    }

    /// Appends the current document's positions, ascending, each plus `base`, or says how much room the buffer needs.
    mutating func appendPositions(to buffer: inout PositionBuffer, base: UInt32) -> Int? {
        guard list.detail == .positions, document != endOfList else { return nil }
        if !hasOccurrenceStarts { sumFrequencies() }
        let total = Int(occurrenceStarts[blockLength])
        let size = PostingFormat.positionGroupSize
        let groupCount = (total &+ size &- 1) / size
        var occurrence = Int(occurrenceStarts[index])
        let end = Int(occurrenceStarts[index &+ 1])
        // Each occurrence is counted by the format in groups with a width byte each: a damaged frequency that claims
        // more than the section can hold is found here, before memory is asked for.
        guard place.positions + groupCount <= list.positionEnd else {
            fail()
            return nil
        }
        let wanted = buffer.count &+ end &- occurrence
        if wanted > buffer.capacity { return wanted }
        var group = positionGroup
        var groupOffset = positionGroupOffset
        if group == 0 || occurrence / size < group {
            group = 0
            groupOffset = place.positions + groupCount
        }
        var position = base
        while occurrence < end {
            let wantedGroup = occurrence / size
            while group < wantedGroup {
                groupOffset &+= 4 &* Int(list.section.uncheckedUInt8(at: place.positions &+ group))
                group &+= 1
            }
            let width = Int(list.section.uncheckedUInt8(at: place.positions &+ group))
            let inGroup = min(size, total &- group &* size)
            guard width <= 32, groupOffset + (inGroup * width + 7) / 8 <= list.positionEnd else {
                fail()
                return nil
            }
            let groupEnd = min(end, (group &+ 1) &* size)
            // In bounds: the group was checked, and eight bytes of padding follow every section.
            position = buffer.appendSums(
                of: list.section, at: groupOffset, from: occurrence &- group &* size, count: groupEnd &- occurrence,
                bits: width, base: position)
            occurrence = groupEnd
        }
        positionGroup = group
        positionGroupOffset = groupOffset
        return nil
    }

    /// Occurrences in the documents from the current one up to place `stop` of the block; nil where the list is damaged.
    /// - Precondition: the list has positions, the cursor is not at its end, `stop` is behind the current place.
    mutating func occurrences(to stop: Int) -> Int? {
        if !hasOccurrenceStarts { sumFrequencies() }
        let size = PostingFormat.positionGroupSize
        // As in `appendPositions`: no memory is asked for more than the section can hold.
        guard place.positions + (Int(occurrenceStarts[blockLength]) &+ size &- 1) / size <= list.positionEnd else {
            fail()
            return nil
        }
        return Int(occurrenceStarts[stop] &- occurrenceStarts[index])
    }

    /// Appends the positions of those documents as keys: (document - `before`) << `shift` + position.
    /// - Parameter bases: scratch, as large as `occurrences(to:)`, for which the buffer has room.
    /// - Returns: all positions or-ed together; `UInt32.max` where the list is damaged. - Complexity: O(occurrences).
    mutating func appendKeys(
        to stop: Int, before: UInt32, shift: UInt32, bases: ScratchBuffer<UInt32>, to buffer: inout PositionBuffer
    ) -> UInt32 {
        let total = occurrenceStarts[blockLength]
        let widths = place.positions
        let groups = widths &+ (Int(total) &+ PostingFormat.positionGroupSize &- 1) / PostingFormat.positionGroupSize
        let bytes = unsafe list.section.base.assumingMemoryBound(to: UInt8.self)
        let count = Int(occurrenceStarts[stop] &- occurrenceStarts[index])
        assert(count <= bases.count && buffer.count + count <= buffer.capacity && groups <= list.positionEnd)
        // In bounds: the widths were checked by `occurrences(to:)`, the groups are by the kernel; eight bytes of padding follow.
        return unsafe buffer.append(count) { out in
            unsafe kb_position_keys(
                bytes + widths, bytes + groups, bytes + list.positionEnd, total, occurrenceStarts.base + index,
                documents.base + index, UInt32(truncatingIfNeeded: stop &- index), before, shift, bases.base, out)
        }
    }

    /// The same for documents of the block by their ascending places in it, some of those up to `stop`.
    mutating func appendKeys(
        of places: ScratchBuffer<UInt32>, count: Int, before: UInt32, shift: UInt32, to buffer: inout PositionBuffer
    ) -> UInt32 {
        let total = occurrenceStarts[blockLength]
        let widths = place.positions
        let groups = widths &+ (Int(total) &+ PostingFormat.positionGroupSize &- 1) / PostingFormat.positionGroupSize
        let bytes = unsafe list.section.base.assumingMemoryBound(to: UInt8.self)
        var written: UInt32 = 0
        // In bounds for the same reason.
        let seen = unsafe buffer.append(0) { out in
            unsafe kb_wanted_position_keys(
                bytes + widths, bytes + groups, bytes + list.positionEnd, total, occurrenceStarts.base, documents.base,
                places.base, UInt32(truncatingIfNeeded: count), before, shift, out, &written)
        }
        buffer.count &+= Int(written)
        return seen
    }

    /// Enters a block and stands on its first posting.
    mutating func enter(_ newBlock: Int) {
        hasFrequencies = false
        hasOccurrenceStarts = false
        positionGroup = 0
        index = 0
        block = newBlock
        guard newBlock < list.blockCount else {
            block = list.blockCount
            document = endOfList
            return
        }
        if list.info.documentFrequency == 1 {
            documents[0] = list.info.singleDocument
            blockLength = 1
            fillBlock()
            place = BlockPlace(gaps: 0, gapBits: 0, frequencyBits: 0, positions: list.positionOffset)
        } else {
            guard let found = list.place(ofBlock: newBlock) else { return fail() }
            place = found
            blockLength = list.length(ofBlock: newBlock)
            guard decodeDocuments() else { return fail() }
        }
        document = documents[0]
    }

    /// Puts `endOfList` behind the postings of a short block, so that searches need not know its length.
    private func fillBlock() {
        for slot in blockLength..<PostingFormat.blockSize { documents[slot] = endOfList }
    }

    /// Marks the list as damaged and ends it.
    private mutating func fail() {
        isCorrupt = true
        block = list.blockCount
        blockLength = 1
        index = 0
        documents.fill(endOfList)
        document = endOfList
    }

    private mutating func decodeDocuments() -> Bool {
        // The document before the block; -1 as an unsigned number before the first, so that the sums begin at 0.
        let before = block == 0 ? UInt32.max : list.lastDocument(ofBlock: block &- 1)
        if blockLength == PostingFormat.blockSize {
            // In bounds: `place` checked that 16 * gapBits bytes lie before the data's end; the buffer holds 128.
            unsafe kb_unpack128_ascending(
                list.section.base.advanced(by: place.gaps).assumingMemoryBound(to: UInt8.self), UInt32(place.gapBits),
                before, documents.base)
        } else {
            var document = before
            for slot in 0..<blockLength {
                let gap = list.section.uncheckedBits(at: place.gaps, index: slot, bits: place.gapBits)
                document = document &+ gap &+ 1
                documents[slot] = document
            }
            fillBlock()
        }
        let last = documents[blockLength &- 1]
        guard last < list.documentLimit, block == 0 || before < last,
            list.tableOffset < 0 || last == list.lastDocument(ofBlock: block)
        else { return false }
        // Narrow gaps cannot have overflowed (see `safeGapBits`), so the documents ascend; wide ones are looked at.
        if place.gapBits > PostingFormat.safeGapBits {
            guard block == 0 || documents[0] > before else { return false }
            for slot in 1..<max(blockLength, 1) where documents[slot] <= documents[slot &- 1] { return false }
        }
        return true
    }

    private mutating func decodeFrequencies() {
        hasFrequencies = true
        if list.info.documentFrequency == 1 {
            frequencies[0] = list.info.singleFrequency
        } else if blockLength == PostingFormat.blockSize {
            // In bounds for the same reason as the documents.
            unsafe kb_unpack128(
                list.section.base.advanced(by: place.frequencies).assumingMemoryBound(to: UInt8.self),
                UInt32(place.frequencyBits), frequencies.base)
            for slot in 0..<blockLength { frequencies[slot] = frequencies[slot] &+ 1 }
        } else {
            for slot in 0..<blockLength {
                frequencies[slot] =
                    list.section.uncheckedBits(at: place.frequencies, index: slot, bits: place.frequencyBits) &+ 1
            }
        }
    }

    private mutating func sumFrequencies() {
        hasOccurrenceStarts = true
        occurrenceStarts[0] = 0
        // Sums are at most 128 * 2^24: no overflow.
        if blockLength == PostingFormat.blockSize, list.info.documentFrequency > 1 {
            // Frequencies minus one, summed with one more a posting, are where each posting's occurrences end.
            // In bounds for the same reason as the documents; the buffer holds 129.
            unsafe kb_unpack128_ascending(
                list.section.base.advanced(by: place.frequencies).assumingMemoryBound(to: UInt8.self),
                UInt32(place.frequencyBits), 0, occurrenceStarts.base + 1)
            return
        }
        if !hasFrequencies { decodeFrequencies() }
        var sum: UInt32 = 0
        for slot in 0..<blockLength {
            sum = sum &+ frequencies[slot]
            occurrenceStarts[slot &+ 1] = sum
        }
    }
}
