// And, or, at least so many of, not, and extras.

/// All documents.
final class EverythingNode: WindowNode {
    private let documentCount: Int

    override init(_ context: SegmentContext) {
        documentCount = context.documentCount
        super.init(context)
    }

    override var cost: Int { documentCount }

    override func nextCandidate(from: UInt32) -> UInt32 { from < UInt32(documentCount) ? from : endOfList }

    override func match(_ start: UInt32, within: WindowBits) { matched.copy(within) }
}

/// Documents of all parts. The rarest part is asked first and narrows the window for the next.
final class EveryNode: WindowNode {
    private let parts: [WindowNode]

    init(_ context: SegmentContext, _ parts: [WindowNode]) {
        self.parts = parts.sorted { $0.cost < $1.cost }
        super.init(context)
    }

    override var cost: Int { parts[0].cost }

    override var isCorrupt: Bool { parts.contains { $0.isCorrupt } }

    override func nextCandidate(from: UInt32) -> UInt32 {
        var candidate = from
        for part in parts {
            candidate = part.nextCandidate(from: candidate)
            if candidate == endOfList { return candidate }
        }
        return candidate
    }

    override func match(_ start: UInt32, within: WindowBits) {
        var narrowed = within
        for part in parts {
            part.match(start, within: narrowed)
            narrowed = part.matched
            if narrowed.next(from: 0) == Window.size { break }
        }
        matched.copy(narrowed)
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        // Parts that were not asked have left-overs of an earlier window; then nothing matched here.
        guard matched.next(from: 0) < Window.size else { return }
        // `matched` is inside each part's own set, so it is safe to narrow it to what is wanted.
        matched.formIntersection(mask)
        for part in parts { part.score(start, mask: matched, into: scores) }
    }

    override func upperBound(_ start: UInt32) -> Int64 { parts.reduce(0) { $0 + $1.upperBound(start) } }
}

/// Documents of at least one part.
final class AnyNode: WindowNode {
    private let parts: [WindowNode]

    init(_ context: SegmentContext, _ parts: [WindowNode]) {
        self.parts = parts
        super.init(context)
    }

    override var cost: Int { parts.reduce(0) { $0 + $1.cost } }

    override var isCorrupt: Bool { parts.contains { $0.isCorrupt } }

    override func nextCandidate(from: UInt32) -> UInt32 {
        parts.reduce(endOfList) { min($0, $1.nextCandidate(from: from)) }
    }

    override func match(_ start: UInt32, within: WindowBits) {
        matched.clear()
        for part in parts {
            part.match(start, within: within)
            matched.formUnion(part.matched)
        }
    }

    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores) {
        matched.clear()
        for part in parts {
            part.matchAndScore(start, within: within, into: scores)
            matched.formUnion(part.matched)
        }
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        for part in parts { part.score(start, mask: mask, into: scores) }
    }

    override func upperBound(_ start: UInt32) -> Int64 { parts.reduce(0) { $0 + $1.upperBound(start) } }
}

/// Documents of at least `minimum` parts.
final class CountingNode: WindowNode {
    private let parts: [WindowNode]
    private let minimum: Int
    private let counts: ScratchBuffer<UInt16>

    init(_ context: SegmentContext, _ parts: [WindowNode], minimum: Int) {
        self.parts = parts
        self.minimum = minimum
        counts = context.arena.buffer(of: UInt16.self, count: Window.size)
        super.init(context)
    }

    override var cost: Int { parts.reduce(0) { $0 + $1.cost } }

    override var isCorrupt: Bool { parts.contains { $0.isCorrupt } }

    override func nextCandidate(from: UInt32) -> UInt32 {
        parts.reduce(endOfList) { min($0, $1.nextCandidate(from: from)) }
    }

    override func match(_ start: UInt32, within: WindowBits) {
        counts.fill(0)
        matched.clear()
        let wanted = UInt16(minimum)
        for part in parts {
            part.match(start, within: within)
            var place = part.matched.next(from: 0)
            while place < Window.size {
                counts[place] &+= 1
                if counts[place] == wanted { matched.insert(place) }
                place = part.matched.next(from: place &+ 1)
            }
        }
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        matched.formIntersection(mask)
        for part in parts { part.score(start, mask: matched, into: scores) }
    }

    override func upperBound(_ start: UInt32) -> Int64 { parts.reduce(0) { $0 + $1.upperBound(start) } }
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

    override var isCorrupt: Bool { part.isCorrupt }

    override func nextCandidate(from: UInt32) -> UInt32 { from < UInt32(documentCount) ? from : endOfList }

    override func match(_ start: UInt32, within: WindowBits) {
        part.match(start, within: within)
        matched.copy(within)
        matched.subtract(part.matched)
    }
}

/// Documents of the base; extras only add to their scores.
final class AddingNode: WindowNode {
    private let base: WindowNode
    private let extras: [WindowNode]

    init(_ context: SegmentContext, base: WindowNode, extras: [WindowNode]) {
        self.base = base
        self.extras = extras
        super.init(context)
    }

    override var cost: Int { base.cost }

    override var isCorrupt: Bool { base.isCorrupt || extras.contains { $0.isCorrupt } }

    override func nextCandidate(from: UInt32) -> UInt32 { base.nextCandidate(from: from) }

    override func match(_ start: UInt32, within: WindowBits) {
        base.match(start, within: within)
        matched.copy(base.matched)
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        matched.formIntersection(mask)
        guard matched.next(from: 0) < Window.size else { return }
        base.score(start, mask: matched, into: scores)
        for extra in extras {
            extra.match(start, within: matched)
            extra.score(start, mask: matched, into: scores)
        }
    }

    override func upperBound(_ start: UInt32) -> Int64 {
        extras.reduce(base.upperBound(start)) { $0 + $1.upperBound(start) }
    }
}
