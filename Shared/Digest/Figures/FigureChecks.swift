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
        var groups: [String: [FigureRow]] = [:]
        for row in rows where row.subject.count >= shortestSubject && row.date != nil && row.dateBasis != FigureRow.latestDay {
            groups["\(row.subject)\u{0}\(row.unit)\u{0}\(row.date ?? "")", default: []].append(row)
        }
        var found: [Contradiction] = []
        for key in groups.keys.sorted() {
            let byItem = Dictionary(grouping: groups[key] ?? [], by: \.id)
            let single = byItem.values.filter { $0.count == 1 }.flatMap { $0 }.sorted { $0.number < $1.number }
            var rows: Set<Int> = []
            for (place, row) in single.enumerated() {
                for other in single[(place + 1)...] where !overlap(row, other) {
                    rows.formUnion([row.number, other.number])
                }
            }
            guard let first = single.first, !rows.isEmpty else { continue }
            let quotes = single.filter { rows.contains($0.number) }.map { "“\($0.quote)”" }
            found.append(
                Contradiction(
                    rows: rows.sorted(),
                    words: "\(first.subject)（\(first.day ?? first.date ?? "")）说法不一：\(quotes.joined(separator: "、"))"))
        }
        return found
    }

    /// Whether two intervals have a number in common.
    static func overlap(_ left: FigureRow, _ right: FigureRow) -> Bool {
        let isLower = { (a: FigureRow, b: FigureRow) -> Bool in
            guard let upper = a.upper, let lower = b.lower else { return false }
            return upper < lower || upper == lower && !(a.includesUpper && b.includesLower)
        }
        return !isLower(left, right) && !isLower(right, left)
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
