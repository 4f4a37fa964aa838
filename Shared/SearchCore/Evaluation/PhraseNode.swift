// A phrase: documents that hold all its units, then their positions.

/// A phrase in one field.
final class PhraseNode: WindowNode {
    private let context: SegmentContext
    private let norms: ByteView
    private let scorer: LeafScorer
    /// A list a unit, in the order of the phrase.
    private let units: [TermNode]
    /// Unit numbers, the rarest list first.
    private let order: [Int]
    private let slop: Int
    private let span: UInt32
    private let offsets: ScratchBuffer<UInt32>
    private let positions: ScratchBuffer<PositionBuffer>
    private let places: ScratchBuffer<Int>
    private let frequencies: ScratchBuffer<UInt32>

    init(
        _ context: SegmentContext, _ phrase: Phrase, _ lists: [PostingList], norms: ByteView, scorer: LeafScorer
    ) {
        self.context = context
        self.norms = norms
        self.scorer = scorer
        units = lists.map { TermNode(context, $0, norms: norms, scorer: scorer) }
        order = lists.indices.sorted { lists[$0].info.documentFrequency < lists[$1].info.documentFrequency }
        slop = phrase.slop
        span = phrase.span
        offsets = context.arena.buffer(of: UInt32.self, count: lists.count)
        positions = context.arena.buffer(of: PositionBuffer.self, count: lists.count)
        places = context.arena.buffer(of: Int.self, count: lists.count)
        frequencies = context.arena.buffer(of: UInt32.self, count: Window.size)
        for unit in lists.indices {
            offsets[unit] = phrase.units[unit].offset
            unsafe (positions.base + unit).initialize(to: PositionBuffer(arena: context.arena))
        }
        super.init(context)
    }

    /// Positions are dear: let plain lists narrow the window first.
    override var cost: Int { units[order[0]].cost * 8 }

    override var exactCount: Int? { nil }
    override var readsPositions: Bool { true }

    override var isCorrupt: Bool { units.contains { $0.isCorrupt } }

    override func nextCandidate(from: UInt32) -> UInt32 {
        var candidate = from
        for unit in order {
            candidate = units[unit].nextCandidate(from: candidate)
            if candidate == endOfList { return candidate }
        }
        return candidate
    }

    override func rewind() {
        for unit in units { unit.rewind() }
    }

    /// A phrase is at most as frequent as each of its units, so the least of their bounds holds.
    override func upperBound(_ window: Int) -> Int64 {
        var bound = Int64(scorer.largest)
        for unit in order {
            bound = min(bound, units[unit].upperBound(window))
            if bound < 0 { return bound }
        }
        return bound
    }

    override func match(_ start: UInt32, within: WindowBits) {
        find(start, within) { _, _ in true }
    }

    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores, _ goal: ScoreGoal) {
        guard let limit = goal.wanted else {
            find(start, within) { place, frequency in
                // What is in the scores already, and the most that this phrase can add, before positions are read.
                let most = scorer.contribution(frequency: frequency, norm: norms.uncheckedUInt8(at: Int(start) &+ place))
                return Int64(scores[place]) &+ Int64(most) &+ goal.headroom >= goal.needed
            }
            return score(start, mask: matched, into: scores)
        }
        var best = BestScores(limit: limit, least: goal.needed)
        find(start, within) { place, frequency in
            let most = scorer.contribution(frequency: frequency, norm: norms.uncheckedUInt8(at: Int(start) &+ place))
            return Int64(most) >= best.needed
        } found: { place, frequency in
            let score = scorer.contribution(frequency: frequency, norm: norms.uncheckedUInt8(at: Int(start) &+ place))
            scores[place] &+= score
            best.add(Int64(score))
        }
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        mask.forEachMember { place in
            guard matched.contains(place) else { return }
            scores[place] &+= scorer.contribution(
                frequency: frequencies[place], norm: norms.uncheckedUInt8(at: Int(start) &+ place))
        }
    }

    /// Finds the documents of the window that hold the phrase and are worth a look at their positions.
    /// - Parameters:
    ///   - isWorth: asked with the place and the least frequency of the units, for documents with all units.
    ///   - found: told of each document found, with the phrase's frequency.
    @inline(__always)
    private func find(
        _ start: UInt32, _ within: WindowBits, _ isWorth: (Int, UInt32) -> Bool,
        found: (Int, UInt32) -> Void = { _, _ in }
    ) {
        matched.clear()
        var candidates = within
        for unit in order {
            units[unit].match(start, within: candidates)
            candidates = units[unit].matched
            if candidates.isEmptyWindow { return }
        }
        for unit in order { units[unit].cursor.seek(to: start) }
        candidates.forEachMember { place in
            let document = start &+ UInt32(place)
            var least = UInt32.max
            for unit in order {
                units[unit].cursor.advance(to: document)
                // A damaged list may have ended.
                guard units[unit].cursor.document == document else { return }
                least = min(least, units[unit].cursor.frequency())
            }
            guard isWorth(place, least) else { return }
            let frequency = phraseFrequency()
            if frequency > 0 {
                matched.insert(place)
                frequencies[place] = frequency
                found(place, frequency)
            }
        }
    }

    private func phraseFrequency() -> UInt32 {
        for unit in units.indices { units[unit].cursor.positions(into: &positions[unit], arena: context.arena) }
        return slop == 0
            ? PhraseFrequency.contiguous(positions, offsets, places)
            : PhraseFrequency.sloppy(positions, span: span, slop: slop, places)
    }
}
