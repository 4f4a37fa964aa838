// And, not, everything, extras.

/// All documents.
final class EverythingNode: WindowNode {
    private let documentCount: Int

    override init(_ context: SegmentContext) {
        documentCount = context.documentCount
        super.init(context)
    }

    override var cost: Int { documentCount }

    override var exactCount: Int? { documentCount }

    override func nextCandidate(from: UInt32) -> UInt32 { from < UInt32(documentCount) ? from : endOfList }

    override func match(_ start: UInt32, within: WindowBits) { matched.copy(within) }

    override func upperBound(_ window: Int) -> Int64 { 0 }
}

/// Documents of all parts. The rarest part is asked first and narrows the window for the next.
final class EveryNode: WindowNode {
    private let parts: [WindowNode]
    private let documentCount: Int
    /// Whether finding what all parts have, before anything is scored, costs less than scoring the first parts.
    private let isMatchedFirst: Bool

    init(_ context: SegmentContext, _ parts: [WindowNode]) {
        self.parts = parts.sorted { $0.cost < $1.cost }
        isMatchedFirst = parts.allSatisfy { $0 is TermNode || $0 is ColumnNode || $0 is BitsNode }
        documentCount = context.documentCount
        super.init(context)
    }

    override var cost: Int { parts[0].cost }

    override var exactCount: Int? { parts.contains { $0.exactCount == 0 } ? 0 : nil }

    /// The parts where all are terms of a short list.
    var shortTerms: [TermNode]? { TermNode.short(parts) }

    /// The first parts score documents that a later part may lack.
    override var scoresOnlyMatches: Bool { false }

    override var readsPositions: Bool { parts.contains { $0.readsPositions } }

    /// Documents of all parts are few beside those of each: scoring them while they are counted costs less than a pass for the best.
    override var isScoredWhileCounted: Bool { true }

    override var isCorrupt: Bool { parts.contains { $0.isCorrupt } }

    override func nextCandidate(from: UInt32) -> UInt32 {
        var candidate = from
        for part in parts {
            candidate = part.nextCandidate(from: candidate)
            if candidate == endOfList { return candidate }
        }
        return candidate
    }

    override func rewind() {
        for part in parts { part.rewind() }
    }

    override func upperBound(_ window: Int) -> Int64 {
        var sum: Int64 = 0
        for part in parts {
            let bound = part.upperBound(window)
            if bound < 0 { return -1 }
            sum += bound
        }
        return sum
    }

    override func match(_ start: UInt32, within: WindowBits) {
        var narrowed = within
        for part in parts {
            part.match(start, within: narrowed)
            narrowed = part.matched
            if narrowed.isEmptyWindow { break }
        }
        matched.copy(narrowed)
    }

    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores, _ goal: ScoreGoal) {
        let window = Int(start) / Window.size
        var total: Int64 = 0
        for part in parts {
            let bound = part.upperBound(window)
            guard bound >= 0 else { return matched.clear() }
            total += bound
        }
        guard goal.base + total >= goal.needed else { return matched.clear() }
        if isMatchedFirst {
            match(start, within: within)
            return scoreBest(start, into: scores, needed: goal.needed - goal.headroom)
        }
        var narrowed = within
        var rest = total
        for part in parts {
            // Before this part, a document has what it had and at most the bounds of the parts done.
            rest -= part.upperBound(window)
            let partGoal = ScoreGoal(
                base: goal.base + total - part.upperBound(window), headroom: goal.headroom + rest, needed: goal.needed)
            part.matchAndScore(start, within: narrowed, into: scores, partGoal)
            narrowed = part.matched
            narrowed.keep(scores, atLeast: goal.needed - goal.headroom - rest)
            if narrowed.isEmptyWindow { break }
        }
        matched.copy(narrowed)
    }

    /// Each part is scored only for documents that can still be among the best.
    override func scoreBest(_ start: UInt32, into scores: WindowScores, needed: Int64) {
        let window = Int(start) / Window.size
        var rest = parts.reduce(0) { $0 + max(0, $1.upperBound(window)) }
        for part in parts {
            rest -= max(0, part.upperBound(window))
            part.score(start, mask: matched, into: scores)
            matched.keep(scores, atLeast: needed - rest)
            if matched.isEmptyWindow { return }
        }
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        // Parts that were not asked, as another was empty, have left-overs of an earlier window; then so is the mask.
        guard !mask.isEmptyWindow else { return }
        for part in parts { part.score(start, mask: mask, into: scores) }
    }
}

/// Documents that the part does not match; score 0.
final class ComplementNode: WindowNode {
    private let part: WindowNode
    private let documentCount: Int

    init(_ context: SegmentContext, _ part: WindowNode) {
        self.part = part
        documentCount = context.documentCount
        super.init(context)
    }

    override var cost: Int { max(documentCount - part.cost, 0) + part.cost }

    override var exactCount: Int? { part.exactCount.map { documentCount - $0 } }

    override var isCorrupt: Bool { part.isCorrupt }

    override func nextCandidate(from: UInt32) -> UInt32 { from < UInt32(documentCount) ? from : endOfList }

    override func match(_ start: UInt32, within: WindowBits) {
        part.match(start, within: within)
        matched.copy(within)
        matched.subtract(part.matched)
    }

    override func upperBound(_ window: Int) -> Int64 { 0 }
}

/// Documents of the base; extras only add to their scores.
final class AddingNode: WindowNode {
    private let base: WindowNode
    private let extras: [WindowNode]
    private var best: [Int32] = []

    init(_ context: SegmentContext, base: WindowNode, extras: [WindowNode]) {
        self.base = base
        self.extras = extras
        super.init(context)
    }

    override var cost: Int { base.cost }

    override var exactCount: Int? { base.exactCount }

    override var scoresOnlyMatches: Bool { base.scoresOnlyMatches }

    override var readsPositions: Bool { base.readsPositions }

    override var isCorrupt: Bool { base.isCorrupt || extras.contains { $0.isCorrupt } }

    override func nextCandidate(from: UInt32) -> UInt32 { base.nextCandidate(from: from) }

    override func rewind() { base.rewind() }

    override func upperBound(_ window: Int) -> Int64 {
        let bound = base.upperBound(window)
        return bound < 0 ? -1 : bound + extraBound(window)
    }

    private func extraBound(_ window: Int) -> Int64 {
        extras.reduce(0) { $0 + max(0, $1.upperBound(window)) }
    }

    override func match(_ start: UInt32, within: WindowBits) {
        base.match(start, within: within)
        matched.copy(base.matched)
    }

    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores, _ goal: ScoreGoal) {
        let window = Int(start) / Window.size
        var rest = extraBound(window)
        let baseGoal = ScoreGoal(
            base: goal.base + rest, headroom: goal.headroom + rest, needed: goal.needed, wanted: goal.wanted)
        base.matchAndScore(start, within: within, into: scores, baseGoal)
        matched.copy(base.matched)
        let needed = max(goal.needed, goal.wanted.map { leastOfBest($0, scores) } ?? goal.needed)
        // The extra that can add most first: after it, fewer documents can still reach the goal. Dear ones last.
        let ordered = extras.map { (extra: $0, bound: $0.upperBound(window), isDear: $0.isDear) }
            .sorted { $0.isDear != $1.isDear ? $1.isDear : $0.bound > $1.bound }
        for (extra, bound, _) in ordered where bound >= 0 {
            matched.keep(scores, atLeast: needed - goal.headroom - rest)
            if matched.isEmptyWindow { return }
            rest -= bound
            extra.addScores(start, mask: matched, into: scores, floor: needed - goal.headroom - rest)
        }
        matched.keep(scores, atLeast: needed - goal.headroom)
    }

    /// The score of the `wanted`-th best match so far: what does not reach it in the end is not among the best.
    private func leastOfBest(_ wanted: Int, _ scores: WindowScores) -> Int64 {
        guard wanted > 0 else { return 0 }
        best.removeAll(keepingCapacity: true)
        matched.forEachMember { best.append(scores[$0]) }
        guard best.count > wanted else { return 0 }
        best.sort(by: >)
        return Int64(best[wanted - 1])
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        guard !mask.isEmptyWindow else { return }
        base.score(start, mask: mask, into: scores)
        for extra in extras { extra.addScores(start, mask: mask, into: scores) }
    }
}
