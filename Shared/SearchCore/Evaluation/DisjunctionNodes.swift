// Or, and at least so many of.

/// Documents of at least one part.
final class AnyNode: WindowNode {
    private let parts: [WindowNode]
    /// Part numbers and bounds of the current window, the greatest bound first.
    private var ordered: [(part: Int, bound: Int64)] = []

    init(_ context: SegmentContext, _ parts: [WindowNode]) {
        self.parts = parts.map { $0.scoresOnlyMatches ? $0 : IsolatedNode(context, $0) }
        super.init(context)
    }

    override var cost: Int { parts.reduce(0) { $0 + $1.cost } }

    override var exactCount: Int? { nil }

    /// The parts where all are terms of a short list.
    var shortTerms: [TermNode]? { TermNode.short(parts) }

    override var readsPositions: Bool { parts.contains { $0.readsPositions } }

    override var isCorrupt: Bool { parts.contains { $0.isCorrupt } }

    override func nextCandidate(from: UInt32) -> UInt32 {
        parts.reduce(endOfList) { min($0, $1.nextCandidate(from: from)) }
    }

    override func rewind() {
        for part in parts { part.rewind() }
    }

    override func upperBound(_ window: Int) -> Int64 {
        var sum: Int64 = -1
        for part in parts {
            let bound = part.upperBound(window)
            if bound >= 0 { sum = max(sum, 0) + bound }
        }
        return sum
    }

    override func match(_ start: UInt32, within: WindowBits) {
        matched.clear()
        for part in parts {
            part.match(start, within: within)
            matched.formUnion(part.matched)
        }
    }

    /// MaxScore within the window. Lists are essential from the greatest bound on, until those left could not lift a
    /// document to the goal by themselves; only documents of essential lists are candidates, and the other lists are
    /// asked for the candidates that can still reach the goal.
    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores, _ goal: ScoreGoal) {
        let window = Int(start) / Window.size
        ordered.removeAll(keepingCapacity: true)
        var total: Int64 = 0
        for part in parts.indices {
            let bound = parts[part].upperBound(window)
            guard bound >= 0 else { continue }
            ordered.append((part, bound))
            total += bound
        }
        matched.clear()
        guard goal.base + total >= goal.needed else { return }
        ordered.sort { $0.bound > $1.bound }
        var rest = total
        var next = 0
        var needed = goal.needed
        while next < ordered.count && goal.base + rest >= needed {
            let (number, bound) = ordered[next]
            let others = total - bound
            rest -= bound
            // Lists before this one may have added to a document already: count all others as base, those behind as
            // headroom.
            let partGoal = ScoreGoal(
                base: goal.base + others, headroom: goal.headroom + rest, needed: needed, wanted: goal.wanted)
            parts[number].matchAndScore(start, within: within, into: scores, partGoal)
            matched.formUnion(parts[number].matched)
            next += 1
            if let wanted = goal.wanted, next < ordered.count, parts[ordered[next].part].readsPositions {
                // What the best have so far is the least that a document must reach; worth knowing before a dear part.
                var best = BestScores(limit: wanted, least: needed)
                matched.forEachMember { best.add(Int64(scores[$0])) }
                needed = best.needed
            }
        }
        while next < ordered.count {
            matched.keep(scores, atLeast: needed - goal.headroom - rest)
            if matched.isEmptyWindow { return }
            let (number, bound) = ordered[next]
            parts[number].addScores(start, mask: matched, into: scores)
            rest -= bound
            next += 1
        }
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        for part in parts {
            part.matched.formIntersection(mask)
            part.score(start, mask: part.matched, into: scores)
        }
    }

    override func addScores(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        for part in parts { part.addScores(start, mask: mask, into: scores) }
    }
}

/// A part that scores into an array of its own, and from there only what it matched.
final class IsolatedNode: WindowNode {
    private let part: WindowNode
    private let ownScores: WindowScores

    init(_ context: SegmentContext, _ part: WindowNode) {
        self.part = part
        ownScores = context.arena.buffer(of: Int32.self, count: Window.size)
        super.init(context)
    }

    override var cost: Int { part.cost }

    override var exactCount: Int? { part.exactCount }

    override var isCorrupt: Bool { part.isCorrupt }

    override func nextCandidate(from: UInt32) -> UInt32 { part.nextCandidate(from: from) }

    override func rewind() { part.rewind() }

    override func upperBound(_ window: Int) -> Int64 { part.upperBound(window) }

    override func match(_ start: UInt32, within: WindowBits) {
        part.match(start, within: within)
        matched.copy(part.matched)
    }

    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores, _ goal: ScoreGoal) {
        ownScores.fill(0)
        // The own array begins empty: all that others have added or will add is headroom.
        part.matchAndScore(
            start, within: within, into: ownScores,
            ScoreGoal(base: goal.base, headroom: goal.base, needed: goal.needed))
        matched.copy(part.matched)
        matched.forEachMember { scores[$0] &+= ownScores[$0] }
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        part.score(start, mask: mask, into: scores)
    }
}

/// Documents of at least `minimum` parts, counted in bit planes: bit i of plane p is bit p of document i's count.
final class CountingNode: WindowNode {
    private let parts: [WindowNode]
    private let minimum: Int
    /// `planeCount` planes of `Window.words` words each.
    private let planes: ScratchBuffer<UInt64>
    private let planeCount: Int

    init(_ context: SegmentContext, _ parts: [WindowNode], minimum: Int) {
        self.parts = parts
        self.minimum = minimum
        planeCount = Int.bitWidth - parts.count.leadingZeroBitCount
        planes = context.arena.buffer(of: UInt64.self, count: planeCount * Window.words)
        super.init(context)
    }

    override var cost: Int { parts.reduce(0) { $0 + $1.cost } }

    override var exactCount: Int? { nil }

    override var readsPositions: Bool { parts.contains { $0.readsPositions } }

    override var isCorrupt: Bool { parts.contains { $0.isCorrupt } }

    override func nextCandidate(from: UInt32) -> UInt32 {
        parts.reduce(endOfList) { min($0, $1.nextCandidate(from: from)) }
    }

    override func rewind() {
        for part in parts { part.rewind() }
    }

    override func upperBound(_ window: Int) -> Int64 {
        var sum: Int64 = 0
        var present = 0
        for part in parts {
            let bound = part.upperBound(window)
            guard bound >= 0 else { continue }
            sum += bound
            present += 1
        }
        return present < minimum ? -1 : sum
    }

    override func match(_ start: UInt32, within: WindowBits) {
        planes.fill(0)
        for part in parts {
            part.match(start, within: within)
            count(part.matched)
        }
        compare()
    }

    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores, _ goal: ScoreGoal) {
        let window = Int(start) / Window.size
        let total = upperBound(window)
        guard total >= 0, goal.base + total >= goal.needed else { return matched.clear() }
        match(start, within: within)
        var rest = total
        for part in parts {
            let bound = part.upperBound(window)
            guard bound >= 0 else { continue }
            matched.keep(scores, atLeast: goal.needed - goal.headroom - rest)
            if matched.isEmptyWindow { return }
            part.matched.formIntersection(matched)
            part.score(start, mask: part.matched, into: scores)
            rest -= bound
        }
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        for part in parts {
            part.matched.formIntersection(mask)
            part.score(start, mask: part.matched, into: scores)
        }
    }

    /// Adds one to the count of every member.
    private func count(_ members: WindowBits) {
        for word in 0..<Window.words {
            var carry = members[word]
            var plane = word
            while carry != 0 {
                let old = planes[plane]
                planes[plane] = old ^ carry
                carry &= old
                plane &+= Window.words
            }
        }
    }

    /// Puts the documents with counts of at least `minimum` in `matched`.
    private func compare() {
        for word in 0..<Window.words {
            // Compares from the highest plane down: `greater` are those above the minimum so far, `equal` the ties.
            var greater: UInt64 = 0
            var equal = UInt64.max
            for plane in stride(from: planeCount - 1, through: 0, by: -1) {
                let bits = planes[plane * Window.words + word]
                if minimum >> plane & 1 == 1 {
                    equal &= bits
                } else {
                    greater |= equal & bits
                    equal &= ~bits
                }
            }
            matched[word] = greater | equal
        }
    }
}
