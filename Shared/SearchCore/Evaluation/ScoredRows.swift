// Postings picked from here and there that are scored together.

/// Working memory of one evaluation for as many postings as `size`.
struct ScoredRows {
    let documents: ScratchBuffer<UInt32>
    let ordinals: ScratchBuffer<UInt32>
    let frequencies: ScratchBuffer<UInt32>
    private let contributions: ScratchBuffer<Int32>

    /// A quarter of a window: the four arrays are 16 KiB.
    static let size = 1024

    init(_ arena: ScratchArena) {
        documents = arena.buffer(of: UInt32.self, count: Self.size)
        ordinals = arena.buffer(of: UInt32.self, count: Self.size)
        frequencies = arena.buffer(of: UInt32.self, count: Self.size)
        contributions = arena.buffer(of: Int32.self, count: Self.size)
    }

    /// Adds what the first `count` documents score to a window's scores.
    @inline(__always)
    func add(_ count: Int, from start: UInt32, _ scorer: LeafScorer, _ norms: ByteView, to scores: WindowScores) {
        if count == 0 { return }
        scorer.contributions(documents, frequencies, from: 0, count: count, norms: norms, into: contributions)
        for row in 0..<count { scores[Int(documents[row] &- start)] &+= contributions[row] }
    }
}
