// Parts that are precomputed sets of the whole segment, and parts that look at a column.

import Geography
import Messages

/// Documents of one or more disjoint sets, each with a constant score.
final class BitsNode: WindowNode {
    private let levels: [ScratchBuffer<UInt64>]
    private let contributions: [Int32]
    private let count: Int

    init(_ context: SegmentContext, _ levels: [ScratchBuffer<UInt64>], weight: Float) {
        self.levels = levels
        contributions = levels.indices.map { ExpansionScore.contribution(weight: weight, distance: $0) }
        count = levels.reduce(0) { sum, level in
            (0..<level.count).reduce(sum) { $0 + level[$1].nonzeroBitCount }
        }
        super.init(context)
    }

    override var cost: Int { count }

    override var exactCount: Int? { count }

    override func nextCandidate(from: UInt32) -> UInt32 {
        var word = Int(from / 64)
        var mask = UInt64.max << UInt64(from % 64)
        while word < levels[0].count {
            let bits = levels.reduce(0) { $0 | $1[word] } & mask
            if bits != 0 { return UInt32(word * 64 + bits.trailingZeroBitCount) }
            mask = UInt64.max
            word += 1
        }
        return endOfList
    }

    override func match(_ start: UInt32, within: WindowBits) {
        let first = Int(start / 64)
        for word in 0..<Window.words {
            matched[word] = levels.reduce(0) { $0 | $1[first + word] } & within[word]
        }
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        let first = Int(start / 64)
        for (level, contribution) in zip(levels, contributions) where contribution > 0 {
            for word in 0..<Window.words {
                var bits = level[first + word] & mask[word] & matched[word]
                while bits != 0 {
                    scores[word * 64 + bits.trailingZeroBitCount] &+= contribution
                    bits &= bits &- 1
                }
            }
        }
    }

    override func upperBound(_ window: Int) -> Int64 {
        for (level, contribution) in zip(levels, contributions) {
            let words = (window * Window.words)..<((window + 1) * Window.words)
            if words.contains(where: { level[$0] != 0 }) { return Int64(contribution) }
        }
        return -1
    }
}

/// Whether a packed date may lie within a half-open range of days.
struct DateTest: Sendable {
    let lower: Int?
    let upper: Int?
    /// The codes of the range's bounds, where these are days of the calendar; codes of whole dates sort as the days.
    private let lowerCode: Int64?
    private let upperCode: Int64?

    init(lower: Int?, upper: Int?) {
        self.lower = lower
        self.upper = upper
        lowerCode = Self.code(lower, unbounded: Int64.min)
        upperCode = Self.code(upper, unbounded: Int64.max)
    }

    func holds(_ code: Int64) -> Bool {
        // A whole date on a day that every month has: compare codes. Others go by their days.
        let isPlain = code >> 9 > 0 && code & 31 > 0 && code & 31 <= 28
        if isPlain, let lowerCode, let upperCode { return code >= lowerCode && code < upperCode }
        guard let days = PackedDate(code: code).days else { return false }
        return (upper.map { days.lowerBound < $0 } ?? true) && (lower.map { days.upperBound >= $0 } ?? true)
    }

    private static func code(_ day: Int?, unbounded: Int64) -> Int64? {
        guard let day else { return unbounded }
        return PackedDate.code(day: day)
    }
}

/// Documents whose column passes a test; score 0.
final class ColumnNode: WindowNode {
    enum Test {
        case dates(DateTest)
        case monthDay(month: Int, day: Int?)
        case numbers(ClosedRange<Int64>)
        case within(ShapeTest)

        /// Whether one of the document's values passes.
        @inline(__always)
        func holds(_ column: ColumnReader, _ document: DocID) -> Bool {
            var holds = false
            column.forEach(document) { value in
                switch self {
                case .dates(let test): holds = holds || test.holds(value)
                case .monthDay(let month, let day):
                    let date = PackedDate(code: value)
                    holds = holds || (date.month == month && (day == nil || date.day == day))
                case .numbers(let range): holds = holds || range.contains(value)
                case .within(let shape): holds = holds || shape.contains(PackedPoint(code: value).point)
                }
            }
            return holds
        }
    }

    private let column: ColumnReader
    private let test: Test
    private let documentCount: Int

    init(_ context: SegmentContext, _ column: ColumnReader, _ test: Test) {
        self.column = column
        self.test = test
        documentCount = context.documentCount
        super.init(context)
    }

    /// Every document must be looked at, so lists go first.
    override var cost: Int { documentCount * 2 }

    override var exactCount: Int? { nil }

    override func upperBound(_ window: Int) -> Int64 { 0 }

    override func nextCandidate(from: UInt32) -> UInt32 { from < UInt32(documentCount) ? from : endOfList }

    override func match(_ start: UInt32, within: WindowBits) {
        matched.clear()
        within.forEachMember { place in
            if test.holds(column, start &+ UInt32(place)) { matched.insert(place) }
        }
    }
}

/// Documents whose area holds a point; score 0.
final class AreaNode: WindowNode {
    private let column: ColumnReader
    private let point: GeoPoint
    private let documentCount: Int

    init(_ context: SegmentContext, _ column: ColumnReader, _ point: GeoPoint) {
        self.column = column
        self.point = point
        documentCount = context.documentCount
        super.init(context)
    }

    /// Every document must be looked at, and some of their corners.
    override var cost: Int { documentCount * 4 }

    override var exactCount: Int? { nil }

    override func upperBound(_ window: Int) -> Int64 { 0 }

    override func nextCandidate(from: UInt32) -> UInt32 { from < UInt32(documentCount) ? from : endOfList }

    override func match(_ start: UInt32, within: WindowBits) {
        matched.clear()
        within.forEachMember { place in
            if GeoColumn.covers(column.all(start &+ UInt32(place)), point) { matched.insert(place) }
        }
    }
}
