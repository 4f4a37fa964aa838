// A phrase: documents that hold all its units, then their positions.

/// A phrase in one field.
final class PhraseNode: WindowNode {
    private let context: SegmentContext
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
    private var bounds: [WindowBounds] = []

    init(
        _ context: SegmentContext, _ phrase: Phrase, _ lists: [PostingList], norms: ByteView, scorer: LeafScorer
    ) {
        self.context = context
        self.phrase = phrase
        self.norms = norms
        self.scorer = scorer
        cursors = lists.map { PostingCursor($0, arena: context.arena) }
        order = lists.indices.sorted { lists[$0].info.documentFrequency < lists[$1].info.documentFrequency }
        frequencies = context.arena.buffer(of: UInt32.self, count: Window.size)
        positions = lists.map { _ in [] }
        places = lists.map { _ in 0 }
        least = lists.map(\.info.documentFrequency).min() ?? 0
        super.init(context)
    }

    /// Positions are dear: let plain lists narrow the window first.
    override var cost: Int { least * 8 }

    override var exactCount: Int? { nil }

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

    override func rewind() { seek(to: 0) }

    /// A phrase is at most as frequent as each of its units, so the least of their bounds holds.
    override func upperBound(_ window: Int) -> Int64 {
        if bounds.isEmpty {
            for unit in cursors.indices {
                bounds.append(WindowBounds(&cursors[unit], norms: norms, scorer: scorer, context))
            }
        }
        var bound = Int64(scorer.largest)
        for unit in bounds.indices { bound = min(bound, bounds[unit].bound(window)) }
        return bound
    }

    override func match(_ start: UInt32, within: WindowBits) {
        find(start, within) { _, _ in true }
    }

    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores, _ goal: ScoreGoal) {
        find(start, within) { place, frequency in
            // What is in the scores already, and the most that this phrase can add, before positions are read.
            let most = scorer.contribution(frequency: frequency, norm: norms.uncheckedUInt8(at: Int(start) &+ place))
            return Int64(scores[place]) + Int64(most) + goal.headroom >= goal.needed
        }
        score(start, mask: matched, into: scores)
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        mask.forEachMember { place in
            guard matched.contains(place) else { return }
            scores[place] &+= scorer.contribution(
                frequency: frequencies[place], norm: norms.uncheckedUInt8(at: Int(start) &+ place))
        }
    }

    /// Finds the documents of the window that hold the phrase and are worth a look at their positions.
    /// - Parameter isWorth: asked with the place and the least frequency of the units, for documents with all units.
    @inline(__always)
    private func find(_ start: UInt32, _ within: WindowBits, _ isWorth: (Int, UInt32) -> Bool) {
        matched.clear()
        seek(to: start)
        var place = within.next(from: 0)
        while place < Window.size {
            let document = start &+ UInt32(place)
            let found = align(document)
            if found == document {
                if isWorth(place, leastFrequency()) {
                    let frequency = phraseFrequency()
                    if frequency > 0 {
                        matched.insert(place)
                        frequencies[place] = frequency
                    }
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

    private func seek(to start: UInt32) {
        for unit in cursors.indices { cursors[unit].seek(to: start) }
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

    private func leastFrequency() -> UInt32 {
        var least = UInt32.max
        for unit in cursors.indices { least = min(least, cursors[unit].frequency()) }
        return least
    }

    private func phraseFrequency() -> UInt32 {
        for unit in cursors.indices { cursors[unit].positions(into: &positions[unit]) }
        return phrase.slop == 0
            ? PhraseFrequency.contiguous(positions, phrase.units, &places)
            : PhraseFrequency.sloppy(positions, phrase, &places)
    }
}
