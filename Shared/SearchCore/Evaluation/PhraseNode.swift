// A contiguous phrase: documents that hold all its units, then their positions.
//
// A phrase is at most as frequent as its rarest unit in a document, so that unit's frequency bounds the phrase's score
// before any position is read. Where only the best of a window are wanted, documents with the greatest such bounds are
// looked at first: what they score leaves few others worth a look. In a document positions are read a unit at a
// time, the unit with the fewest first, and reading ends as soon as too few places are left for the document to count.
// Where many documents of a batch are left, they are looked at together (`PhraseJoin`).

/// A contiguous phrase in one field.
final class PhraseNode: WindowNode {
    private let context: SegmentContext
    private let norms: ByteView
    private let scorer: LeafScorer
    /// A list a unit, the rarest first.
    private let units: [TermNode]
    /// Their cursors and distances, in the same order.
    private let cursors: ScratchBuffer<ScratchBuffer<PostingCursor>>
    private let offsets: ScratchBuffer<UInt32>
    /// Where the phrase may begin, and the positions of one unit.
    private let positions: ScratchBuffer<PositionBuffer>
    private let frequencies: ScratchBuffer<UInt32>
    /// By place: the most that the phrase can score, from the frequencies of its units.
    private let most: WindowScores
    /// By place: the same from one unit.
    private let limits: WindowScores
    private let join: PhraseJoin
    /// Documents that were looked at before the others.
    private let seen: WindowBits

    /// Documents with the greatest bounds that are looked at first, for each one wanted.
    private static let firstLook = 2
    /// From so many documents of a batch on they are looked at together.
    private static let leastJoined = 12
    /// From so many documents of a window on it is worth asking all units for their bounds.
    private static let leastBounded = 64

    /// - Parameter lists: of all units of the phrase.
    static func make(
        _ context: SegmentContext, _ phrase: Phrase, _ lists: [PostingList], norms: ByteView, scorer: LeafScorer
    ) -> PhraseNode {
        let costs = lists.map(\.info.documentFrequency)
        let cover = PhraseCover.cover(phrase.units, costs: costs)
        let narrowing = PhraseCover.narrowing(cover, costs: costs)
        let chosen = (cover + [narrowing].compactMap(\.self)).map {
            (list: lists[$0], offset: phrase.units[$0].offset, isInCover: $0 != narrowing)
        }
        return PhraseNode(context, chosen, norms: norms, scorer: scorer)
    }

    private init(
        _ context: SegmentContext, _ lists: [(list: PostingList, offset: UInt32, isInCover: Bool)], norms: ByteView,
        scorer: LeafScorer
    ) {
        self.context = context
        self.norms = norms
        self.scorer = scorer
        let ordered = lists.sorted { $0.list.info.documentFrequency < $1.list.info.documentFrequency }
        units = ordered.map { TermNode(context, $0.list, norms: norms, scorer: scorer) }
        cursors = context.arena.buffer(of: ScratchBuffer<PostingCursor>.self, count: lists.count)
        offsets = context.arena.buffer(of: UInt32.self, count: lists.count)
        for (unit, node) in units.enumerated() {
            cursors[unit] = node.cursorBox
            offsets[unit] = ordered[unit].offset
        }
        positions = context.arena.buffer(of: PositionBuffer.self, count: 2)
        for buffer in 0..<2 {
            unsafe (positions.base + buffer).initialize(to: PositionBuffer(arena: context.arena))
        }
        frequencies = context.arena.buffer(of: UInt32.self, count: Window.size)
        most = context.arena.buffer(of: Int32.self, count: Window.size)
        limits = context.arena.buffer(of: Int32.self, count: Window.size)
        join = PhraseJoin(context, cursors, offsets, units: ordered.indices.filter { ordered[$0].isInCover })
        seen = context.arena.buffer(of: UInt64.self, count: Window.words)
        super.init(context)
    }

    /// Positions are dear: let plain lists narrow the window first.
    override var cost: Int { units[0].cost * 8 }

    override var exactCount: Int? { nil }
    override var readsPositions: Bool { true }

    override var isCorrupt: Bool { units.contains { $0.isCorrupt } }

    override func nextCandidate(from: UInt32) -> UInt32 {
        var candidate = from
        for unit in units {
            candidate = unit.nextCandidate(from: candidate)
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
        for unit in units {
            bound = min(bound, unit.upperBound(window))
            if bound < 0 { return bound }
        }
        return bound
    }

    override func match(_ start: UInt32, within: WindowBits) {
        matched.clear()
        units[0].match(start, within: within)
        guard let candidates = narrow(start, units[0].matched) else { return }
        for batch in 0..<Window.size / PhraseJoin.batchSize {
            let places = Self.places(batch)
            let count = candidates.memberCount(places)
            if count == 0 { continue }
            if count >= Self.leastJoined, join.count(start, candidates, batch: batch) {
                candidates.forEachMember(places) { place in
                    let frequency = join.frequencies[place &- places.lowerBound]
                    if frequency > 0 {
                        matched.insert(place)
                        frequencies[place] = frequency
                    }
                }
                continue
            }
            beginReading(start &+ UInt32(places.lowerBound))
            candidates.forEachMember(places) { place in
                let frequency = frequency(in: start &+ UInt32(place), norm: 0, least: 0)
                if frequency > 0 {
                    matched.insert(place)
                    frequencies[place] = frequency
                }
            }
        }
    }

    private static func places(_ batch: Int) -> ClosedRange<Int> {
        batch * PhraseJoin.batchSize...(batch + 1) * PhraseJoin.batchSize - 1
    }

    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores, _ goal: ScoreGoal) {
        matched.clear()
        most.fill(0)
        let rarest = units[0]
        rarest.matchAndScore(
            start, within: within, into: most, ScoreGoal(base: goal.base, headroom: 0, needed: goal.needed))
        rarest.matched.keep(most, atLeast: goal.needed - goal.base)
        guard let candidates = narrow(start, rarest.matched) else { return }
        tighten(start, candidates)
        candidates.keep(most, atLeast: goal.needed - goal.base)
        var best = BestScores(limit: goal.wanted ?? Int.max, least: goal.needed)
        beginReading(start)
        seen.clear()
        // Where no window was looked at before, there is nothing yet that a document must reach.
        if let wanted = goal.wanted, goal.needed <= 0 {
            // The bounds of the first documents to look at.
            var bounds = BestScores(limit: wanted * Self.firstLook, least: 0)
            candidates.forEachMember { bounds.add(Int64(scores[$0]) &+ Int64(most[$0])) }
            var left = wanted * Self.firstLook
            if bounds.needed > 0 {
                candidates.forEachMember { place in
                    guard left > 0, Int64(scores[place]) &+ Int64(most[place]) >= bounds.needed else { return }
                    left &-= 1
                    seen.insert(place)
                    look(start, place, scores, goal.headroom, &best)
                }
            }
        }
        candidates.subtract(seen)
        for batch in 0..<Window.size / PhraseJoin.batchSize {
            lookAtBatch(batch, of: candidates, start, scores, goal.headroom, &best)
        }
    }

    /// Scores the candidates of a batch, unless they cannot be among the best.
    private func lookAtBatch(
        _ batch: Int, of candidates: WindowBits, _ start: UInt32, _ scores: WindowScores, _ headroom: Int64,
        _ best: inout BestScores
    ) {
        let places = Self.places(batch)
        let least = best.needed &- headroom
        candidates.forEachMember(places) { place in
            if Int64(scores[place]) &+ Int64(most[place]) < least { candidates.remove(place) }
        }
        let count = candidates.memberCount(places)
        if count == 0 { return }
        if count >= Self.leastJoined, join.count(start, candidates, batch: batch) {
            candidates.forEachMember(places) { place in
                let frequency = join.frequencies[place &- places.lowerBound]
                if frequency > 0 { settle(start, place, frequency, scores, &best) }
            }
            return
        }
        beginReading(start &+ UInt32(places.lowerBound))
        candidates.forEachMember(places) { look(start, $0, scores, headroom, &best) }
    }

    /// Makes `most` what the rarest unit of each document allows: the phrase is at most as frequent as each of them.
    private func tighten(_ start: UInt32, _ candidates: WindowBits) {
        if candidates.hasFewer(than: Self.leastBounded) { return }
        for unit in units.dropFirst() {
            candidates.forEachMember { limits[$0] = 0 }
            unit.score(start, mask: candidates, into: limits)
            candidates.forEachMember { most[$0] = min(most[$0], limits[$0]) }
        }
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        let rows = context.rows
        for batch in 0..<Window.size / ScoredRows.size {
            var count = 0
            mask.forEachMember(batch * ScoredRows.size...(batch + 1) * ScoredRows.size - 1) { place in
                guard matched.contains(place) else { return }
                rows.documents[count] = start &+ UInt32(place)
                rows.frequencies[count] = frequencies[place]
                count &+= 1
            }
            rows.add(count, from: start, scorer, norms, to: scores)
        }
    }

    /// Scores one document, unless it cannot be among the best.
    @inline(__always)
    private func look(
        _ start: UInt32, _ place: Int, _ scores: WindowScores, _ headroom: Int64, _ best: inout BestScores
    ) {
        let before = Int64(scores[place])
        let least = best.needed &- before &- headroom
        guard Int64(most[place]) >= least else { return }
        let norm = norms.uncheckedUInt8(at: Int(start) &+ place)
        let frequency = frequency(in: start &+ UInt32(place), norm: norm, least: least)
        if frequency > 0 { settle(start, place, frequency, scores, &best) }
    }

    /// Scores a document that has the phrase.
    @inline(__always)
    private func settle(
        _ start: UInt32, _ place: Int, _ frequency: UInt32, _ scores: WindowScores, _ best: inout BestScores
    ) {
        let before = Int64(scores[place])
        let score = scorer.contribution(frequency: frequency, norm: norms.uncheckedUInt8(at: Int(start) &+ place))
        matched.insert(place)
        frequencies[place] = frequency
        scores[place] &+= score
        best.add(before &+ Int64(score))
    }

    /// The documents of `first` that all other units have; nil when there is none.
    private func narrow(_ start: UInt32, _ first: WindowBits) -> WindowBits? {
        var candidates = first
        if candidates.isEmptyWindow { return nil }
        for unit in units.dropFirst() {
            unit.match(start, within: candidates)
            candidates = unit.matched
            if candidates.isEmptyWindow { return nil }
        }
        return candidates
    }

    /// Puts all cursors at the window's start.
    private func beginReading(_ start: UInt32) {
        for unit in 0..<cursors.count { cursors[unit][0].seek(to: start) }
    }

    /// How often the phrase stands in a document that all units have: the number of positions p such that every unit has
    /// position p + its distance. 0 where it would score less than `least`, too.
    /// - Complexity: O(sum of the units' frequencies), less where one of them stands seldom.
    private func frequency(in document: UInt32, norm: UInt8, least: Int64) -> UInt32 {
        var rarest = 0
        var fewest = UInt32.max
        for unit in 0..<cursors.count {
            let cursor = cursors[unit]
            cursor[0].advance(to: document)
            // A damaged list may have ended.
            guard cursor[0].document == document else { return 0 }
            let count = cursor[0].occurrenceCount()
            if count < fewest {
                fewest = count
                rarest = unit
            }
        }
        guard least <= 0 || Int64(scorer.contribution(frequency: fewest, norm: norm)) >= least else { return 0 }
        read(rarest, into: 0)
        positions[0].subtract(offsets[rarest])
        for unit in 0..<cursors.count where unit != rarest {
            read(unit, into: 1)
            positions[0].keep(those: positions[1], behindBy: offsets[unit])
            let left = UInt32(truncatingIfNeeded: positions[0].count)
            guard left > 0, least <= 0 || Int64(scorer.contribution(frequency: left, norm: norm)) >= least else {
                return 0
            }
        }
        return UInt32(truncatingIfNeeded: positions[0].count)
    }

    /// Reads a unit's positions. The arena is looked at in a call of its own: counting references to it for every document took a
    /// fifth of a phrase's time.
    @inline(__always)
    private func read(_ unit: Int, into buffer: Int) {
        if let wanted = cursors[unit][0].readPositions(into: &positions[buffer]) { readMany(unit, into: buffer, wanted) }
    }

    @inline(never)
    private func readMany(_ unit: Int, into buffer: Int, _ wanted: Int) {
        positions[buffer].reserve(wanted, arena: context.arena)
        _ = cursors[unit][0].readPositions(into: &positions[buffer])
    }
}
