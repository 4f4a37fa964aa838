// How many matches lie in each month.
//
// Months are kept as numbers, in order; their names are made when they are shown. Making 700 names, and putting them into
// dictionaries, took six times as long as counting some thousand matches.

package import Messages

/// Matches by month: years known only in part, months without a year, and no date are buckets too.
package struct MonthCounts: Sendable, Hashable {
    /// `PackedDate` codes without their day, ascending.
    private var months: [Int64] = []
    /// By month, each 1 or more.
    private var tallies: [Int] = []

    package init() {}

    package var isEmpty: Bool { months.isEmpty }

    /// Sum of all counts.
    package var total: Int { tallies.reduce(0, saturatingSum) }

    /// By the bucket's text: `2020-02`; `2020` and `--02` where less is known; the empty text for no date.
    package var counts: [String: Int] {
        Dictionary(zip(months.map(Self.text), tallies), uniquingKeysWith: saturatingSum)
    }

    /// Months in order; what is known only in part comes after them, matches without a date last.
    package var ordered: [FacetCount] {
        let places = months.indices
        let firstDated = places.first { months[$0] >> Self.yearShift > 0 } ?? months.count
        let undated = months.first == 0 ? 0..<1 : 0..<0
        let order = Array(firstDated..<months.count) + Array(undated.upperBound..<firstDated) + Array(undated)
        return order.map { FacetCount(value: Self.text(months[$0]), count: tallies[$0]) }
    }

    /// Adds counts of disjoint documents. - Complexity: O(months of both).
    package mutating func merge(_ other: MonthCounts) {
        if other.isEmpty { return }
        if isEmpty {
            self = other
            return
        }
        var result = MonthCounts()
        var (first, second) = (0, 0)
        while first < months.count || second < other.months.count {
            let takesFirst = second == other.months.count || first < months.count && months[first] <= other.months[second]
            if takesFirst {
                result.append(months[first], tallies[first])
                first += 1
            } else {
                result.append(other.months[second], other.tallies[second])
                second += 1
            }
        }
        self = result
    }

    /// Adds to a bucket that is not before the last one.
    mutating func append(_ month: Int64, _ count: Int) {
        if months.last == month {
            tallies[tallies.count - 1] = saturatingSum(tallies[tallies.count - 1], count)
        } else {
            months.append(month)
            tallies.append(count)
        }
    }

    /// Bits of a month's number below the year.
    private static let yearShift: Int64 = 4

    private static func text(_ month: Int64) -> String { PackedDate(code: month &<< 5).monthText }
}

extension MonthCounts: Codable {
    private enum CodingKeys: String, CodingKey { case months }

    /// Bytes: of each month its number and its count, as in `ByteWriter.appendVarint`.
    /// - Throws: `DecodingError.dataCorrupted`: results come from another process.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var numbers = NumberReader(try container.decode([UInt8].self, forKey: .months))
        while !numbers.isAtEnd {
            guard let number = numbers.next(), let count = numbers.next(),
                months.last.map({ $0 < Int64(bitPattern: number) }) ?? true
            else {
                throw DecodingError.dataCorruptedError(
                    forKey: .months, in: container, debugDescription: "months out of order at byte \(numbers.offset)")
            }
            append(Int64(bitPattern: number), Int(truncatingIfNeeded: count))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var writer = ByteWriter()
        for (month, count) in zip(months, tallies) {
            writer.appendVarint(UInt64(bitPattern: month))
            writer.appendVarint(UInt64(bitPattern: Int64(count)))
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(writer.bytes, forKey: .months)
    }
}
