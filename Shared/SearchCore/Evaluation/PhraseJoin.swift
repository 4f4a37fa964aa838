// Where a phrase stands in many documents at once: the units' positions as keys of one number each, list against list.
//
// Reading a document's few positions costs more in branches guessed wrongly than in work. So where many documents of a batch
// are wanted, a unit's positions are written one behind the other as keys, (document in the batch + 1) << keyShift + position,
// whole blocks of postings at a time where most of their documents are wanted; keys ascend, and those of two units that stand at the
// phrase's distance are found four by four (CKernels). A key that a document has which is not wanted is passed over at the end.
//
// Invariants
// 1. Positions of a batch are below `positionLimit`, or the join refuses it: so a key plus or less a phrase's distance is never the
//    key of another document, and the keys of a batch fit in 32 bits.
// 2. The unit at distance 0 is among the units, so no key stands for a phrase that begins before its text.

/// Finds how often a phrase stands in the documents of a batch.
final class PhraseJoin {
    private let context: SegmentContext
    private let cursors: ScratchBuffer<ScratchBuffer<PostingCursor>>
    private let offsets: ScratchBuffer<UInt32>
    /// The units, the one with the fewest bytes of positions first.
    private let order: [Int]
    /// Keys of the first unit that are left, and those of another one.
    private let keys: ScratchBuffer<PositionBuffer>
    /// Documents of the window whose positions are still wanted; none outside of the batch.
    private let wanted: WindowBits
    private let bases: ScratchBuffer<UInt32>
    /// By place in the batch: how often the phrase stands in the document. Says nothing of documents that were not wanted.
    let frequencies: ScratchBuffer<UInt32>

    /// Documents of a batch: their keys stay in the second-level cache.
    static let batchSize = 1024
    static let batchWords = batchSize / 64
    /// Bits of a position in a key: with batchSize + 1 below them they fill 32 bits.
    private static let keyShift: UInt32 = 21
    /// Keeps invariant 1 for phrases of any span.
    private static let positionLimit = 1 << keyShift - UInt32(2 * PlanLimits.maximumPhrasePositions)
    /// Occurrences of a block that are read together.
    private static let maximumBlockKeys = 4096
    /// What a document read by itself costs beside its positions, each of which costs two, to write and to compare.
    private static let documentCost = 24
    private static let positionCost = 2

    /// - Parameter units: those whose positions are looked at, together every character of the phrase.
    init(
        _ context: SegmentContext, _ cursors: ScratchBuffer<ScratchBuffer<PostingCursor>>, _ offsets: ScratchBuffer<UInt32>,
        units: [Int]
    ) {
        self.context = context
        self.cursors = cursors
        self.offsets = offsets
        order = units.sorted {
            cursors[$0][0].list.info.positionBytes < cursors[$1][0].list.info.positionBytes
        }
        keys = context.arena.buffer(of: PositionBuffer.self, count: 2)
        for buffer in 0..<2 { unsafe (keys.base + buffer).initialize(to: PositionBuffer(arena: context.arena)) }
        wanted = context.arena.buffer(of: UInt64.self, count: Window.words)
        bases = context.arena.buffer(of: UInt32.self, count: Self.maximumBlockKeys)
        frequencies = context.arena.buffer(of: UInt32.self, count: Self.batchSize)
        wanted.clear()
    }

    /// Counts the phrase in the candidates of one batch of the window, all of which have all units.
    /// - Returns: false where a position is too great for a key; then `frequencies` say nothing.
    /// - Complexity: O(occurrences of the units in the batch).
    func count(_ start: UInt32, _ candidates: WindowBits, batch: Int) -> Bool {
        frequencies.fill(0)
        let words = batch * Self.batchWords..<(batch + 1) * Self.batchWords
        for word in words { wanted[word] = candidates[word] }
        defer { for word in words { wanted[word] = 0 } }
        let first = batch * Self.batchSize
        guard read(order[0], start, first, into: 0) else { return false }
        for (number, unit) in order.enumerated().dropFirst() {
            if keys[0].count == 0 { return true }
            if number > 1 { narrow(words) }
            guard read(unit, start, first, into: 1) else { return false }
            keys[0].keep(those: keys[1], behindBy: offsets[unit] &- offsets[order[0]])
        }
        for index in 0..<keys[0].count {
            // Masked, as keys of a damaged list may be anything.
            let place = Int(keys[0][index] &>> Self.keyShift &- 1) & (Self.batchSize - 1)
            frequencies[place] &+= 1
        }
        return true
    }

    /// Leaves only documents with keys in `wanted`.
    private func narrow(_ words: Range<Int>) {
        for word in words { wanted[word] = 0 }
        for index in 0..<keys[0].count {
            let place = Int(keys[0][index] &>> Self.keyShift &- 1) & (Self.batchSize - 1)
            wanted.insert(words.lowerBound &* 64 &+ place)
        }
    }

    /// Writes a unit's positions in the wanted documents, and perhaps in others, as keys.
    private func read(_ unit: Int, _ start: UInt32, _ first: Int, into buffer: Int) -> Bool {
        let cursor = cursors[unit]
        let before = start &+ UInt32(first) &- 1
        let end = before &+ UInt32(Self.batchSize) &+ 1
        keys[buffer].count = 0
        cursor[0].seek(to: start &+ UInt32(first))
        var place = wanted.next(from: first)
        while place < Window.size {
            cursor[0].advance(to: start &+ UInt32(place))
            // A damaged list may have ended.
            guard cursor[0].document < end else { break }
            let stop = cursor[0].firstIndex(notBelow: end)
            let last = Int(cursor[0].documents[stop &- 1] &- start)
            if let count = cursor[0].occurrences(to: stop), count <= Self.maximumBlockKeys {
                keys[buffer].grow(to: keys[buffer].count &+ count, arena: context.arena)
                let number = wanted.memberCount(place...last)
                let all = stop &- cursor[0].index
                let costOfEach = number &* (Self.documentCost &+ Self.positionCost &* count / all)
                let positions: UInt32
                if number == all || Self.positionCost &* count <= costOfEach {
                    positions = cursor[0].appendKeys(
                        to: stop, before: before, shift: Self.keyShift, bases: bases, to: &keys[buffer])
                } else {
                    let chosen = choose(cursor, start, place...last, stop, number)
                    positions = cursor[0].appendKeys(
                        of: bases, count: chosen, before: before, shift: Self.keyShift, to: &keys[buffer])
                }
                guard positions < Self.positionLimit else { return false }
            } else {
                guard readEach(cursor, start, place...last, before, into: buffer) else { return false }
            }
            place = wanted.next(from: last &+ 1)
        }
        return true
    }

    /// Puts the places in the block of the wanted documents, about `number`, from the current one up to `stop` in `bases`; says how many.
    private func choose(
        _ cursor: ScratchBuffer<PostingCursor>, _ start: UInt32, _ places: ClosedRange<Int>, _ stop: Int, _ number: Int
    ) -> Int {
        var count = 0
        if number &* Self.lookedAtForOne >= stop &- cursor[0].index {
            let documents = cursor[0].documents
            for slot in cursor[0].index..<stop {
                let place = Int(documents[slot] &- start)
                bases[count] = UInt32(truncatingIfNeeded: slot)
                count &+= Int(truncatingIfNeeded: wanted[place &>> 6] &>> UInt64(place & 63) & 1)
            }
            return count
        }
        var place = places.lowerBound
        while place <= places.upperBound {
            let document = start &+ UInt32(place)
            cursor[0].advance(to: document)
            if cursor[0].document == document {
                bases[count] = UInt32(truncatingIfNeeded: cursor[0].index)
                count &+= 1
            }
            place = wanted.next(from: place &+ 1)
        }
        return count
    }

    /// Looking at so many documents of a block costs as much as a search for one.
    private static let lookedAtForOne = 10

    /// The same, one document after the other, where a block has very many positions.
    private func readEach(
        _ cursor: ScratchBuffer<PostingCursor>, _ start: UInt32, _ places: ClosedRange<Int>, _ before: UInt32, into buffer: Int
    ) -> Bool {
        var place = places.lowerBound
        while place <= places.upperBound {
            let document = start &+ UInt32(place)
            cursor[0].advance(to: document)
            guard cursor[0].document < endOfList else { return true }
            if cursor[0].document == document {
                let base = (document &- before) &<< Self.keyShift
                if let room = cursor[0].appendPositions(to: &keys[buffer], base: base) {
                    keys[buffer].grow(to: room, arena: context.arena)
                    _ = cursor[0].appendPositions(to: &keys[buffer], base: base)
                }
                let count = keys[buffer].count
                // Positions ascend: the last one is the greatest.
                guard count == 0 || keys[buffer][count &- 1] &- base < Self.positionLimit else { return false }
            }
            place = wanted.next(from: place &+ 1)
        }
        return true
    }
}
