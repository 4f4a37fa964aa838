// The best hits of one segment: a bounded heap with the worst on top.

/// A hit inside one segment, in the order of results: smaller is better.
struct LocalHit: Comparable {
    /// The sort key: minus the score, or the rank of the date.
    var key: Int64
    /// Rank of the documentID among those of the segment; equal ranks are equal documentIDs.
    var identity: Int32
    var itemOrdinal: UInt32
    var document: UInt32

    @inline(__always)
    static func < (first: LocalHit, second: LocalHit) -> Bool {
        if first.key != second.key { return first.key < second.key }
        if first.identity != second.identity { return first.identity < second.identity }
        if first.itemOrdinal != second.itemOrdinal { return first.itemOrdinal < second.itemOrdinal }
        return first.document < second.document
    }
}

/// Where results continue: only hits strictly behind this place count.
struct AfterPlace {
    var key: Int64
    /// Rank of the first documentID of the segment that is not below the cursor's.
    var identity: Int32
    /// Whether that documentID equals the cursor's.
    var isSameDocument: Bool
    var itemOrdinal: UInt32

    func isBehind(_ hit: LocalHit) -> Bool {
        if hit.key != key { return hit.key > key }
        if hit.identity != identity { return hit.identity > identity }
        return !isSameDocument || hit.itemOrdinal > itemOrdinal
    }
}

/// Keeps the `limit` best hits offered. - Complexity: O(log limit) an accepted offer.
struct TopHits {
    private let reader: SegmentReader
    private let limit: Int
    private let after: AfterPlace?
    private var heap: [LocalHit] = []
    /// Hits with a key above this cannot be among the best: the worst key kept, or what other segments have.
    private(set) var worstKey: Int64

    /// - Parameter worstKey: keys above it are beaten already by `limit` hits of other segments.
    init(reader: SegmentReader, limit: Int, after: AfterPlace?, worstKey: Int64) {
        self.reader = reader
        self.limit = limit
        self.after = after
        self.worstKey = limit == 0 ? Int64.min : worstKey
        heap.reserveCapacity(min(limit, 4096))
    }

    /// Offers a document. Ties are looked at by identity.
    @inline(__always)
    mutating func offer(_ document: UInt32, key: Int64) {
        guard key <= worstKey else { return }
        insert(document, key)
    }

    private mutating func insert(_ document: UInt32, _ key: Int64) {
        guard limit > 0 else { return }
        let hit = LocalHit(
            key: key, identity: Int32(truncatingIfNeeded: reader.identityOrdinal(of: document)),
            itemOrdinal: reader.itemOrdinal(of: document), document: document)
        if let after, !after.isBehind(hit) { return }
        if heap.count < limit {
            heap.append(hit)
            siftUp(heap.count - 1)
        } else {
            guard hit < heap[0] else { return }
            heap[0] = hit
            siftDown()
        }
        if heap.count == limit { worstKey = min(worstKey, heap[0].key) }
    }

    /// The hits, best first.
    func sorted() -> [LocalHit] { heap.sorted() }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[parent] < heap[child] else { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count && heap[child] < heap[child + 1] { child += 1 }
            guard heap[parent] < heap[child] else { return }
            heap.swapAt(parent, child)
            parent = child
        }
    }
}

/// The least score that the best few of some documents have. - Complexity: O(limit) an accepted score.
struct BestScores {
    private let limit: Int
    /// Ascending.
    private var scores: [Int64] = []
    /// Scores below this are beaten.
    private(set) var needed: Int64

    /// Of more than this many documents the least score is not worth keeping.
    private static let maximumLimit = 256

    init(limit: Int, least: Int64) {
        self.limit = limit <= Self.maximumLimit ? limit : Int.max
        needed = least
    }

    mutating func add(_ score: Int64) {
        guard limit < Int.max, score >= needed else { return }
        let place = scores.firstIndex { $0 >= score } ?? scores.count
        scores.insert(score, at: place)
        if scores.count > limit { scores.removeFirst() }
        if scores.count == limit, let least = scores.first { needed = max(needed, least) }
    }
}
