// How many matches have each value of a field.
//
// Values stand in the order of their bytes, one after the other in one array: counts of segments and of workers are put together
// by merging ordered lists, and a value becomes a text only when it is shown. A dictionary of texts took two thirds of a search
// over 100,000 jobs with three facets.

package import Messages

/// Counts of a field's values over the matches.
package struct FacetResult: Sendable, Hashable {
    /// The UTF-8 of all values.
    private var text: [UInt8]
    /// Where each value ends in `text`.
    private var ends: [Int]
    /// By value, each 1 or more.
    private var tallies: [Int]
    /// False when a part had more than `SearchPlan.maximumFacetValues` values and left the rarest out.
    package var isComplete: Bool

    package init(isComplete: Bool = true) {
        text = []
        ends = []
        tallies = []
        self.isComplete = isComplete
    }

    /// Counts by value.
    package init(counts: [String: Int]) {
        self.init()
        for (value, count) in counts.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            text += Array(value.utf8)
            ends.append(text.count)
            tallies.append(count)
        }
    }

    /// How many different values there are.
    package var count: Int { tallies.count }

    /// Counts by value. - Complexity: O(values), a text for each.
    package var counts: [String: Int] {
        Dictionary(tallies.indices.map { (value(at: $0), tallies[$0]) }, uniquingKeysWith: saturatingSum)
    }

    /// The most frequent values, then in value order. - Complexity: O(values · log limit), and the shift of `limit` places for each
    /// value that is among the best so far.
    package func top(_ limit: Int) -> [FacetCount] {
        guard limit > 0 else { return [] }
        // Places by count, the greatest first, equal counts in value order.
        var best: [Int] = []
        for place in tallies.indices {
            let count = tallies[place]
            if best.count == limit, let last = best.last, tallies[last] >= count { continue }
            var low = 0
            var high = best.count
            while low < high {
                let middle = (low + high) / 2
                if tallies[best[middle]] >= count { low = middle + 1 } else { high = middle }
            }
            best.insert(place, at: low)
            if best.count > limit { best.removeLast() }
        }
        return best.map { FacetCount(value: value(at: $0), count: tallies[$0]) }
    }

    /// Adds counts of disjoint documents. - Complexity: O(values of both).
    package mutating func merge(_ other: FacetResult) {
        guard !other.tallies.isEmpty, !tallies.isEmpty else {
            let isWhole = isComplete && other.isComplete
            if tallies.isEmpty { self = other }
            isComplete = isWhole
            return
        }
        var result = FacetResult(isComplete: isComplete && other.isComplete)
        result.text.reserveCapacity(text.count + other.text.count)
        result.ends.reserveCapacity(ends.count + other.ends.count)
        result.tallies.reserveCapacity(ends.count + other.ends.count)
        var (first, second) = (0, 0)
        while first < tallies.count || second < other.tallies.count {
            let order = first == tallies.count ? 1 : second == other.tallies.count ? -1 : compare(first, other, second)
            if order <= 0 {
                result.text.append(contentsOf: text[range(at: first)])
            } else {
                result.text.append(contentsOf: other.text[other.range(at: second)])
            }
            result.ends.append(result.text.count)
            result.tallies.append(
                order < 0
                    ? tallies[first]
                    : order > 0 ? other.tallies[second] : saturatingSum(tallies[first], other.tallies[second]))
            if order <= 0 { first += 1 }
            if order >= 0 { second += 1 }
        }
        self = result
    }

    /// The sum of some parts, two by two, so that no value is copied more often than the logarithm of their number.
    static func merged(_ parts: [FacetResult]) -> FacetResult {
        var left = parts
        while left.count > 1 {
            var next: [FacetResult] = []
            for place in stride(from: 0, to: left.count, by: 2) {
                var sum = left[place]
                if place + 1 < left.count { sum.merge(left[place + 1]) }
                next.append(sum)
            }
            left = next
        }
        return left.first ?? FacetResult()
    }

    /// Makes room for `count` values.
    mutating func reserve(_ count: Int) {
        text.reserveCapacity(count * Self.usualBytes)
        ends.reserveCapacity(count)
        tallies.reserveCapacity(count)
    }

    /// Appends a value; `finish` puts what was appended in order.
    mutating func append(_ value: ArraySlice<UInt8>, count: Int) {
        text.append(contentsOf: value)
        ends.append(text.count)
        tallies.append(count)
    }

    /// Puts appended values in order, and equal ones together.
    mutating func finish() {
        let isOrdered = tallies.indices.dropFirst().allSatisfy { compare($0 - 1, self, $0) < 0 }
        if isOrdered { return }
        let unordered = self
        let order = tallies.indices.sorted { unordered.compare($0, unordered, $1) < 0 }
        self = FacetResult(isComplete: isComplete)
        var last: Int?
        for place in order {
            if let last, unordered.compare(last, unordered, place) == 0 {
                tallies[tallies.count - 1] = saturatingSum(tallies[tallies.count - 1], unordered.tallies[place])
            } else {
                append(unordered.text[unordered.range(at: place)], count: unordered.tallies[place])
            }
            last = place
        }
    }

    /// Room for a value, in bytes.
    private static let usualBytes = 24

    private func range(at place: Int) -> Range<Int> { (place == 0 ? 0 : ends[place - 1])..<ends[place] }

    private func value(at place: Int) -> String { String(decoding: text[range(at: place)], as: UTF8.self) }

    /// Compares two values as bytes: negative, zero or positive.
    private func compare(_ place: Int, _ other: FacetResult, _ otherPlace: Int) -> Int {
        let (mine, theirs) = (range(at: place), other.range(at: otherPlace))
        for index in 0..<min(mine.count, theirs.count) {
            let (one, two) = (text[mine.lowerBound + index], other.text[theirs.lowerBound + index])
            if one != two { return one < two ? -1 : 1 }
        }
        return mine.count - theirs.count
    }
}

extension FacetResult: Codable {
    private enum CodingKeys: String, CodingKey { case values, isComplete }

    /// Values are bytes: of each its length, its UTF-8 and its count, numbers as in `ByteWriter.appendVarint`.
    /// - Throws: `DecodingError.dataCorrupted`: results come from another process.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(isComplete: try container.decode(Bool.self, forKey: .isComplete))
        var numbers = NumberReader(try container.decode([UInt8].self, forKey: .values))
        while !numbers.isAtEnd {
            guard let length = numbers.next(), let value = numbers.bytes(length), let count = numbers.next() else {
                throw DecodingError.dataCorruptedError(
                    forKey: .values, in: container, debugDescription: "a value leaves the counts at byte \(numbers.offset)")
            }
            append(value, count: Int(truncatingIfNeeded: count))
        }
        finish()
    }

    package func encode(to encoder: any Encoder) throws {
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(text.count + 4 * tallies.count)
        for place in tallies.indices {
            let range = range(at: place)
            writer.appendVarint(range.count)
            writer.append(text[range])
            writer.appendVarint(UInt64(bitPattern: Int64(tallies[place])))
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(writer.bytes, forKey: .values)
        try container.encode(isComplete, forKey: .isComplete)
    }
}

/// Reads numbers and bytes that a `ByteWriter` wrote, from a peer that may have written anything.
struct NumberReader {
    private let content: [UInt8]
    private(set) var offset = 0

    init(_ content: [UInt8]) { self.content = content }

    var isAtEnd: Bool { offset == content.count }

    /// The next variable-length integer; nil where none ends within ten bytes.
    mutating func next() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard offset < content.count else { return nil }
            let byte = content[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    /// The next bytes; nil where there are not as many.
    mutating func bytes(_ length: UInt64) -> ArraySlice<UInt8>? {
        guard length <= UInt64(content.count - offset) else { return nil }
        defer { offset += Int(length) }
        return content[offset..<offset + Int(length)]
    }
}
