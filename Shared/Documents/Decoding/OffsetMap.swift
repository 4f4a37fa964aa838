// Where a byte of derived text came from.
//
// Text is derived twice on its way to an item: bytes of any encoding become UTF-8, and UTF-8 with markup becomes
// readable text. Both steps write one `OffsetMap`. It is a list of runs; within a run every `textUnit` bytes of derived
// text stand for `sourceUnit` bytes of the source (1:1 for copied text, 3:2 for GBK ideographs, n:m for one character
// reference). A run ends where the next one starts; the source may have gaps between runs. `source` rises with `text` but
// for records of structured documents, whose titles come first whatever their place.
//
// Invariants: (1) `text` of the runs rises strictly; (2) an empty map is the identity.

/// A map from offsets of derived text to offsets of its source.
struct OffsetMap: Sendable {
    /// A stretch with one ratio of lengths.
    struct Run: Sendable {
        var text: Int32
        var source: Int32
        var textUnit: UInt32
        var sourceUnit: UInt32
    }

    private(set) var runs: [Run] = []

    /// The map that changes nothing.
    static let identity = OffsetMap()

    /// Notes that from derived offset `text` on, `textUnit` bytes stand for `sourceUnit` bytes from `source` on.
    /// Continues the last run where that says the same.
    mutating func append(text: Int, source: Int, textUnit: Int = 1, sourceUnit: Int = 1) {
        if let last = runs.last, Int(last.textUnit) == textUnit, Int(last.sourceUnit) == sourceUnit {
            let (units, rest) = (text - Int(last.text)).quotientAndRemainder(dividingBy: textUnit)
            if rest == 0, Int(last.source) + units * sourceUnit == source { return }
        }
        if let last = runs.last, Int(last.text) == text { runs.removeLast() }
        runs.append(
            Run(
                text: Int32(clamping: text), source: Int32(clamping: source), textUnit: UInt32(clamping: textUnit),
                sourceUnit: UInt32(clamping: sourceUnit)))
    }

    /// Forgets what is said of derived offsets from `text` on.
    mutating func truncate(text: Int) {
        while let last = runs.last, Int(last.text) >= text { runs.removeLast() }
    }

    /// The source offset at which the character at derived offset `offset` starts.
    /// - Complexity: O(log n) in the number of runs.
    func start(of offset: Int) -> Int {
        guard let run = run(holding: offset) else { return offset }
        return Int(run.source) + (offset - Int(run.text)) / Int(run.textUnit) * Int(run.sourceUnit)
    }

    /// The source offset just after the character that ends at derived offset `offset`.
    /// - Complexity: O(log n) in the number of runs.
    func end(of offset: Int) -> Int {
        guard offset > 0, let run = run(holding: offset - 1) else { return start(of: offset) }
        let unit = Int(run.textUnit)
        let units = (offset - Int(run.text) + unit - 1) / unit
        return Int(run.source) + units * Int(run.sourceUnit)
    }

    /// The derived offset of the character that holds source offset `source`; between two runs, where the later one starts.
    /// Only for a map whose sources rise with its text.
    /// - Complexity: O(log n) in the number of runs.
    func textOffset(of source: Int) -> Int {
        guard let first = runs.first else { return source }
        guard source > Int(first.source) else { return Int(first.text) }
        var low = 0
        var high = runs.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(runs[middle].source) <= source { low = middle } else { high = middle }
        }
        let run = runs[low]
        let text = Int(run.text) + (source - Int(run.source)) / Int(run.sourceUnit) * Int(run.textUnit)
        return low + 1 < runs.count ? min(text, Int(runs[low + 1].text)) : text
    }

    /// Derived offsets inside `range` at which a run starts, ascending.
    /// - Complexity: O(log n + k).
    func boundaries(in range: Range<Int>) -> [Int] {
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if Int(runs[middle].text) <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return runs[low...].prefix { Int($0.text) < range.upperBound }.map { Int($0.text) }
    }

    private func run(holding offset: Int) -> Run? {
        guard !runs.isEmpty else { return nil }
        var low = 0
        var high = runs.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(runs[middle].text) <= offset { low = middle } else { high = middle }
        }
        return runs[low]
    }
}
