// Sums that a sentence states about itself.
//
//     parts, total     甲区12例、乙区5例，共18例            the parts before the total must add up to it
//     total, parts     共18例，分别为甲区12例、乙区5例      the parts after it must add up to it
//     total, 其中      共18例，其中甲区20例                 no part may be larger than the total
//
// Only exact figures of one unit are compared, and only where every figure of the sentence that could be a part has that
// unit; what is left out or added by 等, 约 or 多 is no statement. Parts after 其中 may overlap, so they are not added up.

import Messages

/// Checks the figures of one sentence.
struct SumCheck {
    private struct Term {
        var value: Double
        var unit: String
        var isExact: Bool
        var start: Int
        var end: Int
    }

    private var terms: [Term] = []
    /// Sums with more parts are tables, which are read row by row.
    private static let mostTerms = 64

    private static let totalWords = ["合计", "共计", "总计", "总共", "一共", "共有", "共"].map { $0.unicodeScalars.map(\.value) }
    private static let listWords = ["分别", "包括"].map { $0.unicodeScalars.map(\.value) }
    private static let within = "其中".unicodeScalars.map(\.value)
    /// Words after which numbers are no parts of the sum, or that leave some out.
    private static let breaks = ["等", "同比", "环比", "增加", "减少", "增长", "下降", "比", "较", "累计", "其余", "另有", "平均", "每", "人均", "不足"]
        .map { $0.unicodeScalars.map(\.value) }

    /// Notes a figure that stands at `range` of the sentence's scalars.
    mutating func note(_ figure: Figure, at range: Range<Int>) {
        guard terms.count < Self.mostTerms else { return }
        let isExact = figure.lower != nil && figure.lower == figure.upper && figure.comparator.isEmpty
        terms.append(
            Term(
                value: figure.lower ?? 0, unit: figure.unit, isExact: isExact, start: range.lowerBound,
                end: range.upperBound))
    }

    /// The doubt about the sentence at `sentence`, if its figures contradict one another; forgets the figures.
    mutating func finish(_ text: ScalarText, sentence: Range<Int>) -> Doubt? {
        defer { terms.removeAll(keepingCapacity: true) }
        guard terms.count >= 2 else { return nil }
        let scalars = text.scalars
        guard let place = terms.indices.first(where: { isTotal(terms[$0], scalars, from: sentence.lowerBound) }) else {
            return nil
        }
        let total = terms[place]
        guard total.isExact, !total.unit.isEmpty, total.unit != "%" else { return nil }
        let before = Array(terms[..<place])
        let after = Array(terms[(place + 1)...])
        if let first = after.first, Self.contains(Self.within, in: scalars, total.end..<first.start) {
            return excess(of: after, over: total, text, sentence)
        }
        if let first = after.first, let last = after.last,
            Self.listWords.contains(where: { Self.contains($0, in: scalars, total.end..<first.start) }),
            isPlain(after, like: total, scalars, total.end..<min(last.end + 6, sentence.upperBound))
        {
            return mismatch(after, total, text, sentence)
        }
        guard let first = before.first, isPlain(before, like: total, scalars, first.start..<total.start) else { return nil }
        return mismatch(before, total, text, sentence)
    }

    /// Whether 共 or the like stands just before a figure.
    private func isTotal(_ term: Term, _ scalars: [UInt32], from start: Int) -> Bool {
        // Up to four characters of what is counted may stand between: 共报告病例18例.
        let window = max(start, term.start - 7)..<term.start
        return Self.totalWords.contains { word in
            let found = Self.place(of: word, in: scalars, window)
            // 公共, 共同 and 共享 are other words.
            return found.map { place in
                let before = place > start ? scalars[place - 1] : 0
                let after = place + word.count < scalars.count ? scalars[place + word.count] : 0
                let isOther = before == 0x516C || after == 0x540C || after == 0x4EAB || before == 0x4E2D
                return !isOther
                    && !scalars[(place + word.count)..<term.start].contains {
                        !CharacterClass.of($0).isDisjoint(with: [.clauseMark, .digit])
                    }
            } ?? false
        }
    }

    /// At least two exact figures of the total's unit and nothing that takes some of them out.
    private func isPlain(_ parts: [Term], like total: Term, _ scalars: [UInt32], _ range: Range<Int>) -> Bool {
        parts.count >= 2 && parts.allSatisfy { $0.isExact && $0.unit == total.unit }
            && !Self.breaks.contains { Self.contains($0, in: scalars, range) }
            && !Self.contains(Self.within, in: scalars, range)
    }

    private func mismatch(_ parts: [Term], _ total: Term, _ text: ScalarText, _ sentence: Range<Int>) -> Doubt? {
        let sum = parts.reduce(0) { $0 + $1.value }
        // Half a unit of the sixth digit: parts may be decimal fractions.
        guard abs(sum - total.value) > max(1e-6 * abs(total.value), 1e-9) else { return nil }
        let formula = parts.map { Self.number($0.value) }.joined(separator: " + ")
        return Doubt(
            flag: "sum-mismatch",
            detail: "\(formula) = \(Self.number(sum)), the text says \(Self.number(total.value)) \(total.unit)",
            quote: text.string(sentence))
    }

    private func excess(of parts: [Term], over total: Term, _ text: ScalarText, _ sentence: Range<Int>) -> Doubt? {
        guard let larger = parts.first(where: { $0.isExact && $0.unit == total.unit && $0.value > total.value }) else {
            return nil
        }
        return Doubt(
            flag: "sum-mismatch",
            detail: "\(Self.number(larger.value)) is a part of \(Self.number(total.value)) \(total.unit)",
            quote: text.string(sentence))
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    private static func contains(_ word: [UInt32], in scalars: [UInt32], _ range: Range<Int>) -> Bool {
        place(of: word, in: scalars, range) != nil
    }

    private static func place(of word: [UInt32], in scalars: [UInt32], _ range: Range<Int>) -> Int? {
        guard range.count >= word.count else { return nil }
        return (range.lowerBound...(range.upperBound - word.count)).last { start in
            scalars[start] == word[0] && scalars[start..<(start + word.count)].elementsEqual(word)
        }
    }
}
