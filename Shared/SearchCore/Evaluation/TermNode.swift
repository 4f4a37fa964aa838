// A term's posting list, window by window.

import CKernels

/// A term of a text field, or a value of a keyword field (then without a scorer).
final class TermNode: WindowNode {
    private let context: SegmentContext
    private let norms: ByteView?
    private let scorer: LeafScorer?
    private let contributions: ScratchBuffer<Int32>
    /// One cursor, in raw memory: calls on it pay no exclusivity checks.
    let cursorBox: ScratchBuffer<PostingCursor>
    private var bounds: WindowBounds?
    /// All documents of the list in the window that begins with `ownStart`, and the first one's place in the list.
    private let own: WindowBits
    private var ownStart = endOfList
    private var firstOrdinal = 0

    /// With fewer documents wanted for each block of a window, stepping from one to the next beats marking all: a step costs as much as
    /// decoding and marking about 16 postings.
    private static let wantedForMarking = 8
    /// Below this share of a window's documents wanted, stepping from one to the next beats scoring all between.
    private static let sparseShare = 32
    /// From this many wanted documents a block on, scoring all of it beats searching for each.
    private static let wantedForWholeBlocks = 12

    init(_ context: SegmentContext, _ list: PostingList, norms: ByteView?, scorer: LeafScorer?) {
        self.context = context
        self.norms = norms
        self.scorer = scorer
        cursorBox = context.arena.buffer(of: PostingCursor.self, count: 1)
        unsafe cursorBox.base.initialize(to: PostingCursor(list, arena: context.arena))
        contributions = context.arena.buffer(of: Int32.self, count: PostingFormat.blockSize)
        own = context.arena.buffer(of: UInt64.self, count: Window.words)
        super.init(context)
    }

    /// The cursor, for whoever reads positions of documents that matched.
    @inline(__always)
    var cursor: PostingCursor {
        get { cursorBox[0] }
        _modify { yield &cursorBox[0] }
    }

    override var cost: Int { cursor.list.info.documentFrequency }

    override var exactCount: Int? { cursor.list.info.documentFrequency }

    override var isCorrupt: Bool { cursor.isCorrupt }

    override func nextCandidate(from: UInt32) -> UInt32 {
        cursor.advance(to: from)
        return cursor.document
    }

    override func rewind() { cursor.seek(to: 0) }

    override func upperBound(_ window: Int) -> Int64 {
        if let bounds { return bounds.bound(window) }
        let place = cursor.document
        let made = WindowBounds(&cursor, norms: norms, scorer: scorer, context)
        bounds = made
        // A list of one block was walked to its end.
        if cursor.list.tableOffset < 0 { cursor.seek(to: place) }
        return made.bound(window)
    }

    // MARK: A term alone

    /// Whether documents have scores.
    var isScored: Bool { scorer != nil && norms != nil }

    /// Whether the list is one short block of postings with scores.
    var isShort: Bool { isScored && cursor.list.tableOffset < 0 }

    /// The parts as short lists, where all of them are, and not too many.
    static func short(_ parts: [WindowNode]) -> [TermNode]? {
        guard parts.count <= maximumShortLists else { return nil }
        var terms: [TermNode] = []
        for part in parts {
            guard let term = part as? TermNode, term.isShort else { return nil }
            terms.append(term)
        }
        return terms
    }

    /// Each document takes a look at every list.
    private static let maximumShortLists = 16

    var blockCount: Int { cursor.list.blockCount }

    /// The most that a document of the block scores.
    func bound(ofBlock block: Int) -> Int32 {
        guard let scorer else { return 0 }
        // The only posting of a term has no stored bound.
        return cursor.list.info.documentFrequency == 1 ? scorer.largest : scorer.bound(cursor.list.bound(ofBlock: block))
    }

    /// The few blocks with the greatest bounds: what they hold leaves few others worth a look.
    func promisingBlocks() -> [Int] {
        let list = cursor.list
        guard list.blockCount > Self.promisingCount else { return [] }
        var best: [Int] = []
        for block in 0..<list.blockCount {
            let bound = list.bound(ofBlock: block)
            if best.count == Self.promisingCount, let last = best.last, list.bound(ofBlock: last) >= bound { continue }
            let place = best.firstIndex { list.bound(ofBlock: $0) < bound } ?? best.count
            best.insert(block, at: place)
            if best.count > Self.promisingCount { best.removeLast() }
        }
        return best
    }

    private static let promisingCount = 4

    /// Decodes a block and scores its documents; nil where it is damaged.
    func scoredBlock(
        _ block: Int
    ) -> (documents: ScratchBuffer<UInt32>, scores: ScratchBuffer<Int32>, count: Int)? {
        guard let scorer, let norms else { return nil }
        cursor.enter(block)
        guard cursor.document != endOfList else { return nil }
        let count = cursor.blockLength
        scorer.contributions(
            cursor.documents, cursor.blockFrequencies(), from: 0, count: count, norms: norms, into: contributions)
        return (cursor.documents, contributions, count)
    }

    // MARK: Windows

    override func match(_ start: UInt32, within: WindowBits) {
        matched.clear()
        let end = start &+ UInt32(Window.size)
        cursor.seek(to: start)
        guard cursor.document < end else { return }
        let blocks = cursor.findBlock(from: cursor.block, target: end) &- cursor.block &+ 1
        if within.hasFewer(than: blocks &* Self.wantedForMarking) {
            step(start, within) { place, _ in matched.insert(place) }
            return
        }
        mark(start, end)
        for word in 0..<Window.words { matched[word] = own[word] & within[word] }
    }

    /// Puts the list's documents of the window in `own`. - Precondition: the cursor is on the first of them.
    private func mark(_ start: UInt32, _ end: UInt32) {
        own.clear()
        ownStart = start
        firstOrdinal = cursor.ordinal
        while cursor.document < end {
            let stop = cursor.firstIndex(notBelow: end)
            // In bounds: from the current document, not below the start, to the last one below the end.
            unsafe kb_mark(
                cursor.documents.base + cursor.index, UInt32(truncatingIfNeeded: stop &- cursor.index), start, own.base)
            cursor.move(toIndex: stop)
        }
    }

    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores, _ goal: ScoreGoal) {
        guard let scorer, let norms else { return match(start, within: within) }
        matched.clear()
        let end = start &+ UInt32(Window.size)
        cursor.seek(to: start)
        guard cursor.document < end else { return }
        if within.hasFewer(than: Window.size / Self.sparseShare) {
            step(start, within) { place, cursor in
                matched.insert(place)
                scores[place] &+= scorer.contribution(
                    frequency: cursor.frequency(), norm: norms.uncheckedUInt8(at: Int(start) &+ place))
            }
            return
        }
        // What a posting must contribute; a document with less is left out.
        let least = Int32(clamping: goal.needed - goal.base)
        let rows = context.rows
        while cursor.document < end {
            // A block whose best posting is too little is passed over undecoded.
            let isTooLittle = Int64(scorer.bound(cursor.list.bound(ofBlock: cursor.block))) + goal.base < goal.needed
            if isTooLittle && cursor.list.info.documentFrequency > 1 {
                cursor.enter(cursor.block &+ 1)
                continue
            }
            let stop = cursor.firstIndex(notBelow: end)
            let first = cursor.index
            let documents = cursor.documents
            scorer.contributions(
                documents, cursor.blockFrequencies(), from: first, count: stop &- first, norms: norms,
                into: contributions)
            // In bounds: from the current document, not below the start, to the last one below the end.
            if least > 0 {
                let kept = unsafe kb_keep_least(
                    documents.base + first, contributions.base, UInt32(truncatingIfNeeded: stop &- first), least,
                    rows.documents.base, contributions.base)
                unsafe kb_mark_and_add(rows.documents.base, contributions.base, kept, start, matched.base, scores.base)
            } else {
                unsafe kb_mark_and_add(
                    documents.base + first, contributions.base, UInt32(truncatingIfNeeded: stop &- first), start,
                    matched.base, scores.base)
            }
            cursor.move(toIndex: stop)
        }
        matched.formIntersection(within)
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        addScores(start, mask: mask, into: scores)
    }

    override func addScores(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        guard let scorer, let norms else { return }
        if ownStart == start { return addMarked(start, mask, scores, scorer, norms) }
        cursor.seek(to: start)
        let list = cursor.list
        let blocksInWindow =
            list.info.documentFrequency / (context.documentCount / Window.size + 1) / PostingFormat.blockSize + 1
        if !mask.hasFewer(than: blocksInWindow * Self.wantedForWholeBlocks + 1) {
            addWholeBlocks(start, mask, scores, scorer, norms)
            return
        }
        step(start, mask) { place, cursor in
            scores[place] &+= scorer.contribution(
                frequency: cursor.frequency(), norm: norms.uncheckedUInt8(at: Int(start) &+ place))
        }
    }

    /// Scores documents of the marked window: their places in the list follow from the bits, and no block is decoded again.
    private func addMarked(
        _ start: UInt32, _ mask: WindowBits, _ scores: WindowScores, _ scorer: LeafScorer, _ norms: ByteView
    ) {
        let rows = context.rows
        let list = cursor.list
        let wordCount = ScoredRows.size / 64
        var ordinal = UInt32(truncatingIfNeeded: firstOrdinal)
        for word in stride(from: 0, to: Window.words, by: wordCount) {
            // In bounds: both sets have the words of a window, the rows are as many as the bits.
            let count = Int(
                unsafe kb_ranks(
                    own.base + word, mask.base + word, UInt32(wordCount), start &+ UInt32(word &* 64), &ordinal,
                    rows.documents.base, rows.ordinals.base))
            var row = 0
            while row < count {
                if list.info.documentFrequency == 1 {
                    rows.frequencies[row] = list.info.singleFrequency
                    break
                }
                let block = Int(rows.ordinals[row]) / PostingFormat.blockSize
                // Its documents were decoded, so the block has a place.
                guard let place = list.place(ofBlock: block) else { return }
                while row < count {
                    let index = Int(rows.ordinals[row]) &- block &* PostingFormat.blockSize
                    guard index < PostingFormat.blockSize else { break }
                    rows.frequencies[row] = list.frequency(place, block: block, index: index)
                    row &+= 1
                }
            }
            rows.add(count, from: start, scorer, norms, to: scores)
        }
    }

    /// Scores every posting of the window and adds those that are wanted.
    private func addWholeBlocks(
        _ start: UInt32, _ mask: WindowBits, _ scores: WindowScores, _ scorer: LeafScorer, _ norms: ByteView
    ) {
        let end = start &+ UInt32(Window.size)
        while cursor.document < end {
            let stop = cursor.firstIndex(notBelow: end)
            let first = cursor.index
            let documents = cursor.documents
            scorer.contributions(
                documents, cursor.blockFrequencies(), from: first, count: stop &- first, norms: norms,
                into: contributions)
            for index in first..<stop {
                let place = Int(documents[index] &- start)
                // All ones for a wanted document, else zero: no branch to guess.
                let wanted = 0 &- Int32(truncatingIfNeeded: mask[place &>> 6] &>> UInt64(place & 63) & 1)
                scores[place] &+= contributions[index &- first] & wanted
            }
            cursor.move(toIndex: stop)
        }
    }

    /// Calls `found` for every document of `wanted` that the list has, stepping over all others.
    @inline(__always)
    private func step(_ start: UInt32, _ wanted: WindowBits, _ found: (Int, inout PostingCursor) -> Void) {
        guard cursor.document &- start < UInt32(Window.size) else { return }
        var place = wanted.next(from: Int(cursor.document &- start))
        while place < Window.size {
            cursor.advance(to: start &+ UInt32(place))
            let distance = cursor.document &- start
            guard distance < UInt32(Window.size) else { return }
            if Int(distance) == place {
                found(place, &cursor)
                place &+= 1
            } else {
                place = Int(distance)
            }
            place = wanted.next(from: place)
        }
    }
}
