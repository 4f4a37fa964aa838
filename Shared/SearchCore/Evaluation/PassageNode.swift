// The densest passage of a document: an extra of long texts and questions.
//
// A document's score is the greatest sum of weights of different terms that stand within so many positions, which is
// never more than the sum over the terms it holds. So most documents are passed over by their terms alone; positions are
// read for those that the passage could lift to the goal.

/// A passage in one field. Only asked for scores: as an extra it never decides what matches.
final class PassageNode: WindowNode {
    private let context: SegmentContext
    private let terms: [TermNode]
    /// A weight a term, in score units.
    private let weights: [Int32]
    private let width: UInt32
    /// Occurrences of the current document: position * 2^32 + term, sorted.
    private var occurrences: [UInt64] = []
    /// How often each term stands in the current passage.
    private var counts: [UInt32]
    private let positions: ScratchBuffer<PositionBuffer>

    static func make(
        _ context: SegmentContext, _ passage: Passage, text: TextField, weights: [Int32]
    ) throws(SearchCoreError) -> WindowNode {
        var terms: [TermNode] = []
        var kept: [Int32] = []
        for (member, weight) in zip(passage.members, weights) {
            guard let list = try text.list(member.key) else { continue }
            terms.append(TermNode(context, list, norms: nil, scorer: nil))
            kept.append(weight)
        }
        guard !terms.isEmpty else { return WindowNode(context) }
        return PassageNode(context, terms, kept, width: passage.width)
    }

    private init(_ context: SegmentContext, _ terms: [TermNode], _ weights: [Int32], width: Int) {
        self.context = context
        self.terms = terms
        self.weights = weights
        self.width = UInt32(clamping: width)
        counts = Array(repeating: 0, count: terms.count)
        positions = context.arena.buffer(of: PositionBuffer.self, count: 1)
        unsafe positions.base.initialize(to: PositionBuffer(arena: context.arena))
        super.init(context)
    }

    /// Positions are dear.
    override var cost: Int { terms.reduce(0) { $0 + $1.cost } * 8 }

    override var isDear: Bool { true }

    override var exactCount: Int? { nil }

    override var isCorrupt: Bool { terms.contains { $0.isCorrupt } }

    override func nextCandidate(from: UInt32) -> UInt32 {
        terms.reduce(endOfList) { min($0, $1.nextCandidate(from: from)) }
    }

    override func rewind() {
        for term in terms { term.rewind() }
    }

    override func upperBound(_ window: Int) -> Int64 {
        var sum: Int64 = -1
        for (term, weight) in zip(terms, weights) where term.upperBound(window) >= 0 {
            sum = max(sum, 0) + Int64(weight)
        }
        return sum
    }

    override func match(_ start: UInt32, within: WindowBits) {
        matched.clear()
        for term in terms {
            term.match(start, within: within)
            matched.formUnion(term.matched)
        }
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        score(start, mask, into: scores, floor: Int64.min)
    }

    override func addScores(_ start: UInt32, mask: WindowBits, into scores: WindowScores, floor: Int64) {
        match(start, within: mask)
        score(start, mask, into: scores, floor: floor)
    }

    /// Scores documents of the window that was matched last. `mask` may be `matched` itself.
    private func score(_ start: UInt32, _ mask: WindowBits, into scores: WindowScores, floor: Int64) {
        for term in terms { term.cursor.seek(to: start) }
        matched.forEachMember { place in
            guard mask.contains(place) else { return }
            var most = Int64(scores[place])
            for (term, weight) in zip(terms, weights) where term.matched.contains(place) { most &+= Int64(weight) }
            guard most >= floor else { return }
            scores[place] &+= best(start &+ UInt32(place), place)
        }
    }

    /// The score of one document.
    private func best(_ document: UInt32, _ place: Int) -> Int32 {
        occurrences.removeAll(keepingCapacity: true)
        for number in terms.indices where terms[number].matched.contains(place) {
            let term = terms[number]
            term.cursor.advance(to: document)
            // A damaged list may have ended.
            guard term.cursor.document == document else { continue }
            term.cursor.positions(into: &positions[0], arena: context.arena)
            for index in 0..<positions[0].count {
                occurrences.append(UInt64(positions[0][index]) << 32 | UInt64(number))
            }
        }
        occurrences.sort()
        return densest()
    }

    /// Slides over the occurrences; the passage ends with each in turn.
    private func densest() -> Int32 {
        var best: Int32 = 0
        var sum: Int32 = 0
        var first = 0
        for occurrence in occurrences {
            let number = Int(occurrence & 0xFFFF_FFFF)
            let position = occurrence >> 32
            if counts[number] == 0 { sum &+= weights[number] }
            counts[number] &+= 1
            while position &- (occurrences[first] >> 32) >= UInt64(width) {
                let left = Int(occurrences[first] & 0xFFFF_FFFF)
                counts[left] &-= 1
                if counts[left] == 0 { sum &-= weights[left] }
                first &+= 1
            }
            best = max(best, sum)
        }
        for occurrence in occurrences[first...] { counts[Int(occurrence & 0xFFFF_FFFF)] = 0 }
        return best
    }
}
