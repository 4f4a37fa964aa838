// Windows of documents: sets as bits, scores as an array, both small enough for the first-level cache.

/// Constants and loops over one window of documents. Window w holds the documents w * size ..< (w + 1) * size.
enum Window {
    /// Documents of a window. Smaller windows have tighter score bounds, larger ones fewer steps.
    static let size = 4096
    static let words = size / 64

    /// Windows of a segment.
    static func count(documentCount: Int) -> Int { (documentCount + size - 1) / size }
}

/// A set of documents of the current window: bit i is document start + i.
typealias WindowBits = ScratchBuffer<UInt64>
/// Scores of the current window by document - start.
typealias WindowScores = ScratchBuffer<Int32>

extension ScratchBuffer where Element == UInt64 {
    /// The first member at or behind `place`, or `Window.size`.
    @inline(__always)
    func next(from place: Int) -> Int {
        guard place < Window.size else { return Window.size }
        var word = place &>> 6
        var bits = self[word] & (UInt64.max &<< UInt64(place & 63))
        while bits == 0 {
            word &+= 1
            if word == Window.words { return Window.size }
            bits = self[word]
        }
        return word &<< 6 &+ bits.trailingZeroBitCount
    }

    @inline(__always)
    func contains(_ place: Int) -> Bool {
        self[place &>> 6] &>> UInt64(place & 63) & 1 == 1
    }

    @inline(__always)
    func insert(_ place: Int) {
        self[place &>> 6] |= 1 &<< UInt64(place & 63)
    }

    @inline(__always)
    func remove(_ place: Int) {
        self[place &>> 6] &= ~(1 &<< UInt64(place & 63))
    }

    /// Number of members of a window.
    func memberCount() -> Int {
        var count = 0
        for word in 0..<Window.words { count &+= self[word].nonzeroBitCount }
        return count
    }

    /// Number of members with these places.
    func memberCount(_ places: ClosedRange<Int>) -> Int {
        let (first, last) = (places.lowerBound &>> 6, places.upperBound &>> 6)
        let low = UInt64.max &<< UInt64(places.lowerBound & 63)
        let high = UInt64.max &>> UInt64(63 &- places.upperBound & 63)
        if first == last { return (self[first] & low & high).nonzeroBitCount }
        var count = (self[first] & low).nonzeroBitCount &+ (self[last] & high).nonzeroBitCount
        var word = first &+ 1
        while word < last {
            count &+= self[word].nonzeroBitCount
            word &+= 1
        }
        return count
    }

    /// Whether a window has fewer members than `limit`: ends at the first word that reaches it.
    func hasFewer(than limit: Int) -> Bool {
        var count = 0
        for word in 0..<Window.words {
            count &+= self[word].nonzeroBitCount
            if count >= limit { return false }
        }
        return true
    }

    var isEmptyWindow: Bool {
        var union: UInt64 = 0
        for word in 0..<Window.words { union |= self[word] }
        return union == 0
    }

    func clear() {
        for word in 0..<Window.words { self[word] = 0 }
    }

    func copy(_ other: WindowBits) {
        for word in 0..<Window.words { self[word] = other[word] }
    }

    func formUnion(_ other: WindowBits) {
        for word in 0..<Window.words { self[word] |= other[word] }
    }

    func formIntersection(_ other: WindowBits) {
        for word in 0..<Window.words { self[word] &= other[word] }
    }

    func subtract(_ other: WindowBits) {
        for word in 0..<Window.words { self[word] &= ~other[word] }
    }

    /// Calls `body` with each member, ascending.
    @inline(__always)
    func forEachMember(_ body: (Int) -> Void) {
        for word in 0..<Window.words {
            var bits = self[word]
            while bits != 0 {
                body(word &<< 6 &+ bits.trailingZeroBitCount)
                bits &= bits &- 1
            }
        }
    }

    /// Calls `body` with each member of these places, ascending; it may remove the member. - Precondition: whole words.
    @inline(__always)
    func forEachMember(_ places: ClosedRange<Int>, _ body: (Int) -> Void) {
        assert(places.lowerBound % 64 == 0 && (places.upperBound + 1) % 64 == 0)
        for word in places.lowerBound / 64...places.upperBound / 64 {
            var bits = self[word]
            while bits != 0 {
                body(word &<< 6 &+ bits.trailingZeroBitCount)
                bits &= bits &- 1
            }
        }
    }

    /// Removes members whose score is below `least`.
    func keep(_ scores: WindowScores, atLeast least: Int64) {
        guard least > 0 else { return }
        guard least <= Int64(Int32.max) else { return clear() }
        let limit = Int32(least)
        for word in 0..<Window.words {
            var bits = self[word]
            var kept = bits
            while bits != 0 {
                let lowest = bits & (0 &- bits)
                if scores[word &<< 6 &+ bits.trailingZeroBitCount] < limit { kept ^= lowest }
                bits ^= lowest
            }
            self[word] = kept
        }
    }
}
