// A phrase: documents that hold all its units, then their positions.

/// A phrase in one field.
final class PhraseNode: WindowNode {
    private let phrase: Phrase
    private let norms: ByteView
    private let scorer: LeafScorer
    /// A cursor a unit.
    private var cursors: [PostingCursor]
    /// Unit numbers, the rarest list first.
    private let order: [Int]
    private let frequencies: ScratchBuffer<UInt32>
    private var positions: [[UInt32]]
    private var places: [Int]
    private let least: Int
    private var boundBlocks: [Int]

    init(
        _ context: SegmentContext, _ phrase: Phrase, _ lists: [PostingList], norms: ByteView, scorer: LeafScorer
    ) {
        self.phrase = phrase
        self.norms = norms
        self.scorer = scorer
        cursors = lists.map { PostingCursor($0, arena: context.arena) }
        order = lists.indices.sorted { lists[$0].info.documentFrequency < lists[$1].info.documentFrequency }
        frequencies = context.arena.buffer(of: UInt32.self, count: Window.size)
        positions = lists.map { _ in [] }
        places = lists.map { _ in 0 }
        boundBlocks = lists.map { _ in 0 }
        least = lists.map(\.info.documentFrequency).min() ?? 0
        super.init(context)
    }

    /// Positions are dear: let plain lists narrow the window first.
    override var cost: Int { least * 8 }

    override var isCorrupt: Bool { cursors.contains { $0.isCorrupt } }

    /// The first document that holds all units, wherever they stand in it.
    override func nextCandidate(from: UInt32) -> UInt32 {
        var target = from
        while true {
            let found = align(target)
            if found == target || found == endOfList { return found }
            target = found
        }
    }

    /// Moves the lists to `target` in turn, each to where the ones before stand.
    private func align(_ target: UInt32) -> UInt32 {
        var place = target
        for unit in order {
            cursors[unit].advance(to: place)
            place = cursors[unit].document
            if place == endOfList { return place }
        }
        return place
    }

    override func match(_ start: UInt32, within: WindowBits) {
        matched.clear()
        var place = within.next(from: 0)
        while place < Window.size {
            let document = start &+ UInt32(place)
            let found = align(document)
            if found == document {
                let frequency = phraseFrequency()
                if frequency > 0 {
                    matched.insert(place)
                    frequencies[place] = frequency
                }
                place &+= 1
            } else {
                let distance = found &- start
                guard distance < UInt32(Window.size) else { return }
                place = Int(distance)
            }
            place = within.next(from: place)
        }
    }

    private func phraseFrequency() -> UInt32 {
        for unit in cursors.indices { cursors[unit].positions(into: &positions[unit]) }
        return phrase.slop == 0
            ? PhraseFrequency.contiguous(positions, phrase.units, &places)
            : PhraseFrequency.sloppy(positions, phrase, &places)
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        var place = mask.next(from: 0)
        while place < Window.size {
            if matched.contains(place) {
                scores[place] &+= scorer.contribution(
                    frequency: frequencies[place], norm: norms.uncheckedUInt8(at: Int(start) &+ place))
            }
            place = mask.next(from: place &+ 1)
        }
    }

    /// A phrase is at most as frequent as each of its units, so the least of their bounds holds.
    override func upperBound(_ start: UInt32) -> Int64 {
        let end = start &+ UInt32(Window.size)
        var bound = Int64(scorer.largest)
        for unit in cursors.indices {
            let list = cursors[unit].list
            guard list.tableOffset >= 0 else {
                if list.info.documentFrequency > 1 { bound = min(bound, Int64(scorer.bound(list.info.bound))) }
                continue
            }
            boundBlocks[unit] = cursors[unit].findBlock(from: boundBlocks[unit], target: start)
            var best: Int32 = 0
            var block = boundBlocks[unit]
            while block < list.blockCount {
                if block > 0 && list.lastDocument(ofBlock: block - 1) &+ 1 >= end { break }
                best = max(best, scorer.bound(list.bound(ofBlock: block)))
                block += 1
            }
            bound = min(bound, Int64(best))
        }
        return bound
    }
}
