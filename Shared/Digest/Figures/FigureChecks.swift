// Figures that cannot be true together, and sums that do not add up.
//
// Both are shown with their rows, for a reader to judge; neither changes a figure.
//
// contradiction  rows of different items, with the same subject (four characters or more), unit and date (their own or their
//                item's), whose intervals have no number in common. An item that states several values of a subject lists a series (人口数 of three
//                kinds of zones), and takes no part.
// sum            a sentence lists two or more figures of one unit and kind. Where it states a total (共, 合计, 总计) the sum must
//                be able to equal it; where the list follows 其中 it must not exceed it. Without a total the sum is told.

import Messages

enum FigureChecks {
    static let shortestSubject = 4
    /// Figures of one sentence that are summed.
    static let mostSummed = 16

    // MARK: Contradictions

    static func contradictions(_ rows: [FigureRow]) -> [Contradiction] {
        contradictions(
            rows.compactMap { row in
                guard let date = row.date, row.dateBasis != FigureRow.latestDay else { return nil }
                return FigureClaim(
                    number: row.number, id: row.id, subject: row.subject, unit: row.unit, date: date, day: row.day,
                    quote: row.quote,
                    interval: FigureInterval(row.lower, row.upper, row.includesLower, row.includesUpper))
            })
    }

    /// - Parameter claims: ascending by number.
    /// - Complexity: O(n log n).
    static func contradictions(_ claims: [FigureClaim]) -> [Contradiction] {
        var groups: [String: [FigureClaim]] = [:]
        for claim in claims where claim.subject.count >= shortestSubject {
            groups["\(claim.subject)\u{0}\(claim.unit)\u{0}\(claim.date)", default: []].append(claim)
        }
        var found: [Contradiction] = []
        for key in groups.keys.sorted() {
            guard let group = groups[key], group.count > 1 else { continue }
            let byItem = Dictionary(grouping: group, by: \.id)
            let single = byItem.values.filter { $0.count == 1 }.flatMap { $0 }.sorted { $0.number < $1.number }
            // Whoever excludes any claim excludes the one that ends first or the one that begins last.
            guard let lowest = single.map(\.interval).min(by: { $0.endsBefore($1) }),
                let highest = single.map(\.interval).max(by: { $0.beginsBefore($1) })
            else { continue }
            let rows = single.filter { lowest.isBelow($0.interval) || $0.interval.isBelow(highest) }
            guard let first = single.first, !rows.isEmpty else { continue }
            let quotes = rows.map { "“\($0.quote)”" }
            found.append(
                Contradiction(
                    rows: rows.map(\.number),
                    words: "\(first.subject)（\(first.day ?? first.date)）说法不一：\(quotes.joined(separator: "、"))"))
        }
        return found
    }

    // MARK: Sums

    static func sums(_ rows: [FigureRow]) -> [FigureSum] {
        var sentences: [String: [FigureRow]] = [:]
        for row in rows where !row.unit.isEmpty && row.unit != "%" {
            sentences["\(row.id)\u{0}\(row.unit)\u{0}\(row.sentence)", default: []].append(row)
        }
        return sentences.values.filter { (2...mostSummed).contains($0.count) }
            .compactMap { sum($0.sorted { $0.range.lower < $1.range.lower }) }
            .sorted { ($0.rows.first ?? 0) < ($1.rows.first ?? 0) }
    }

    private static func sum(_ rows: [FigureRow]) -> FigureSum? {
        let sentence = rows[0].sentence
        let total = rows.first { isTotal($0, in: sentence) }
        let parts = rows.filter { $0.number != total?.number }
        // Without a stated total only a list of three or more of one kind is worth adding up.
        guard parts.count >= (total == nil ? 3 : 2), isOneKind(parts) else { return nil }
        let lower = parts.reduce(Double?.some(0)) { sum, row in sum.flatMap { sum in row.lower.map { sum + $0 } } }
        let upper = parts.reduce(Double?.some(0)) { sum, row in sum.flatMap { sum in row.upper.map { sum + $0 } } }
        let list = parts.map { "“\($0.quote)”" }.joined(separator: "、")
        guard let total else {
            guard let lower, lower == upper else { return nil }
            return FigureSum(
                rows: parts.map(\.number), totalRow: nil, lower: lower, upper: upper, unit: rows[0].unit, agrees: nil,
                words: "\(list)合计\(number(lower))\(rows[0].unit)")
        }
        let isShare = sentence.contains("其中")
        let isOver = lower.flatMap { lower in total.upper.map { lower > $0 } } ?? false
        let isUnder = upper.flatMap { upper in total.lower.map { upper < $0 } } ?? false
        let agrees = !(isOver || isUnder && !isShare)
        return FigureSum(
            rows: parts.map(\.number), totalRow: total.number, lower: lower, upper: upper, unit: rows[0].unit,
            agrees: agrees, words: "\(list)\(agrees ? "与" : "加起来不等于")总数“\(total.quote)”\(agrees ? "相合" : "")")
    }

    /// 共, 合计, 总计 right before the figure.
    private static func isTotal(_ row: FigureRow, in sentence: String) -> Bool {
        guard let place = sentence.firstRange(of: row.quote) else { return false }
        let before = sentence[..<place.lowerBound].suffix(6)
        return ["共", "合计", "总计", "总数", "累计共"].contains { before.contains($0) }
    }

    /// Subjects that end alike (封控区, 管控区, 防范区) or are equal count things of one kind.
    private static func isOneKind(_ rows: [FigureRow]) -> Bool {
        let ends = Set(rows.map { $0.subject.suffix(1) })
        return ends.count == 1 && !rows[0].subject.isEmpty
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}

/// What an item says of a subject on a day.
struct FigureClaim: Sendable, Hashable {
    /// The row, or the place among the claims.
    var number: Int
    /// `<document>#<ordinal>`.
    let id: String
    let subject: String
    let unit: String
    /// ISO 8601, truncated where a part is unknown; the day in Chinese words.
    let date: String
    let day: String?
    let quote: String
    let interval: FigureInterval
}

/// The numbers that a figure may stand for; a bound that is nil is unbounded.
struct FigureInterval: Sendable, Hashable {
    let lower: Double?
    let upper: Double?
    let includesLower: Bool
    let includesUpper: Bool

    init(_ lower: Double?, _ upper: Double?, _ includesLower: Bool, _ includesUpper: Bool) {
        (self.lower, self.upper) = (lower, upper)
        (self.includesLower, self.includesUpper) = (includesLower, includesUpper)
    }

    /// Whether all of it is less than all of `other`.
    func isBelow(_ other: FigureInterval) -> Bool {
        guard let upper, let lower = other.lower else { return false }
        return upper < lower || upper == lower && !(includesUpper && other.includesLower)
    }

    func endsBefore(_ other: FigureInterval) -> Bool {
        let (own, theirs) = (upper ?? .infinity, other.upper ?? .infinity)
        return own != theirs ? own < theirs : !includesUpper && other.includesUpper
    }

    func beginsBefore(_ other: FigureInterval) -> Bool {
        let (own, theirs) = (lower ?? -.infinity, other.lower ?? -.infinity)
        return own != theirs ? own < theirs : includesLower && !other.includesLower
    }
}
