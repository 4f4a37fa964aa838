// A term's posting list, window by window.

/// A term of a text field, or a value of a keyword field (then without a scorer).
final class TermNode: WindowNode {
    private let context: SegmentContext
    private let list: PostingList
    private let norms: ByteView?
    private let scorer: LeafScorer?
    private var cursor: PostingCursor
    /// Follows behind `cursor` for documents that are scored after matching; made when first needed.
    private var scoreCursor: PostingCursor?
    private var boundBlock = 0

    /// Below this share of a window's wanted documents, stepping from one to the next beats decoding all between.
    private static let sparseShare = 32

    init(_ context: SegmentContext, _ list: PostingList, norms: ByteView?, scorer: LeafScorer?) {
        self.context = context
        self.list = list
        self.norms = norms
        self.scorer = scorer
        cursor = PostingCursor(list, arena: context.arena)
        super.init(context)
    }

    override var cost: Int { list.info.documentFrequency }

    override var isCorrupt: Bool { cursor.isCorrupt || scoreCursor?.isCorrupt == true }

    override func nextCandidate(from: UInt32) -> UInt32 {
        cursor.advance(to: from)
        return cursor.document
    }

    override func match(_ start: UInt32, within: WindowBits) {
        matched.clear()
        let end = start &+ UInt32(Window.size)
        cursor.advance(to: start)
        guard cursor.document < end else { return }
        if within.memberCount() < Window.size / Self.sparseShare {
            matchSparse(start, within)
            return
        }
        while cursor.document < end {
            let stop = cursor.firstIndex(notBelow: end)
            for index in cursor.index..<stop {
                matched.insert(Int(cursor.documents[index] &- start))
            }
            cursor.move(toIndex: stop)
        }
        matched.formIntersection(within)
    }

    private func matchSparse(_ start: UInt32, _ within: WindowBits) {
        var place = within.next(from: Int(cursor.document &- start))
        while place < Window.size {
            cursor.advance(to: start &+ UInt32(place))
            let distance = cursor.document &- start
            guard distance < UInt32(Window.size) else { return }
            if Int(distance) == place {
                matched.insert(place)
                place &+= 1
            } else {
                place = Int(distance)
            }
            place = within.next(from: place)
        }
    }

    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores) {
        guard let scorer, let norms else { return match(start, within: within) }
        matched.clear()
        let end = start &+ UInt32(Window.size)
        cursor.advance(to: start)
        while cursor.document < end {
            let frequencies = cursor.blockFrequencies()
            let stop = cursor.firstIndex(notBelow: end)
            for index in cursor.index..<stop {
                let document = cursor.documents[index]
                let place = Int(document &- start)
                matched.insert(place)
                scores[place] &+= scorer.contribution(
                    frequency: frequencies[index], norm: norms.uncheckedUInt8(at: Int(document)))
            }
            cursor.move(toIndex: stop)
        }
        matched.formIntersection(within)
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        guard let scorer, let norms else { return }
        var cursor = scoreCursor ?? PostingCursor(list, arena: context.arena)
        var word = 0
        while word < Window.words {
            var bits = mask[word] & matched[word]
            while bits != 0 {
                let place = word &<< 6 &+ bits.trailingZeroBitCount
                bits &= bits &- 1
                let document = start &+ UInt32(place)
                cursor.advance(to: document)
                guard cursor.document == document else { continue }
                scores[place] &+= scorer.contribution(
                    frequency: cursor.frequency(), norm: norms.uncheckedUInt8(at: Int(document)))
            }
            word &+= 1
        }
        scoreCursor = cursor
    }

    override func upperBound(_ start: UInt32) -> Int64 {
        guard let scorer else { return 0 }
        let end = start &+ UInt32(Window.size)
        guard list.tableOffset >= 0 else {
            guard cursor.document < end else { return 0 }
            return Int64(list.info.documentFrequency == 1 ? scorer.largest : scorer.bound(list.info.bound))
        }
        // The first block that may reach into the window; windows ascend, so it is not before the last one.
        boundBlock = cursor.findBlock(from: boundBlock, target: start)
        var best: Int32 = 0
        var block = boundBlock
        while block < list.blockCount {
            if block > 0 && list.lastDocument(ofBlock: block - 1) &+ 1 >= end { break }
            best = max(best, scorer.bound(list.bound(ofBlock: block)))
            block += 1
        }
        return Int64(best)
    }
}
