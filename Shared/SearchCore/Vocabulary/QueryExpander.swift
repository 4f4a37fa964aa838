// What else a reader's words may be called: the query with alternatives, made before it goes to the workers.
//
// A word typed without quotes is also looked for
// - by the other words of its group (`WordGroups`): 疾控 finds 疾病预防控制, 软件 finds 軟體;
// - with its numbers in the other numerals: 三千五百家 finds 3500家, 3月8日 finds 三月八日;
// - in singular and plural, where it is a Latin word: notices finds notice.
// Alternatives count less than the word itself. Phrases in quotes, keyword fields, what is excluded, questions and long
// texts stay as they are.
//
// Invariant: whatever matches a query matches what it is expanded to; an expanded query is not expanded further.

package import Analysis
package import Messages

/// Expands queries. A value without state: share it freely.
package struct QueryExpander: Sendable {
    private let schema: IndexSchema
    private let analyzer: Analyzer
    private let groups: WordGroups

    /// What an alternative counts against the word that was typed. A phrase weighs as much as it is long, so one longer than
    /// the word counts less in proportion.
    package static let alternativeWeight: Float = 0.8
    /// Alternatives of one word, and of a query: each is looked up in every text field.
    package static let maximumAlternatives = 6
    package static let maximumAdded = 24

    package init(schema: IndexSchema, groups: WordGroups = .builtIn, analyzer: Analyzer = Analyzer()) {
        self.schema = schema
        self.groups = groups
        self.analyzer = analyzer
    }

    package func expand(_ query: Query) -> Query {
        var left = Self.maximumAdded
        return expand(query, &left)
    }

    private func expand(_ query: Query, _ left: inout Int) -> Query {
        switch query {
        case .text(let text, let field): return expand(text, field, &left) ?? query
        case .boost(let part, let factor): return .boost(expand(part, &left), factor: factor)
        case .or(let parts): return .or(parts.map { expand($0, &left) })
        case .and(let parts):
            // Texts that are one question together stay together.
            let isQuestion = PlanCompiler.joiningProse(parts).count < parts.count
            return .and(
                parts.map { part in
                    if isQuestion, case .text(_, nil) = part { return part }
                    return expand(part, &left)
                })
        default: return query
        }
    }

    /// Nil where there is nothing to add.
    private func expand(_ text: String, _ field: String?, _ left: inout Int) -> Query? {
        if let field {
            guard let index = schema.index(of: field), schema.fields[index].kind == .text else { return nil }
        }
        guard !PlanCompiler.isProse(text) else { return nil }
        var isExpanded = false
        var parts: [Query] = []
        for piece in PlanCompiler.pieces(of: text).map(String.init) {
            let others = Array(alternatives(of: piece).prefix(min(Self.maximumAlternatives, left)))
            left -= others.count
            guard !others.isEmpty else {
                parts.append(.text(piece, field: field))
                continue
            }
            isExpanded = true
            let added = others.map { other in
                let length = min(1, Float(max(2, piece.count)) / Float(max(2, other.count)))
                return Query.boost(.phrase(other, field: field, slop: 0), factor: Self.alternativeWeight * length)
            }
            parts.append(.or([.text(piece, field: field)] + added))
        }
        guard isExpanded else { return nil }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    /// Other ways to write one piece of a text, the most telling first.
    func alternatives(of piece: String) -> [String] {
        let folded = analyzer.folded(piece)
        var result = groups.replacements(in: folded, limit: Self.maximumAlternatives)
        for other in [Numerals.swapped(folded), LatinPlural.other(folded)] {
            if let other, other != folded, !result.contains(other) { result.append(other) }
        }
        return result
    }
}

/// Singular and plural of English words, by their endings alone: stemming as light as it gets (Harman, "How Effective Is
/// Suffixing?", 1991, the S stemmer, and the way back).
enum LatinPlural {
    /// Shorter words are names and abbreviations more often than nouns.
    private static let shortest = 4

    /// The other number of a word of a-z; nil for anything else.
    static func other(_ word: String) -> String? {
        guard word.utf8.count >= shortest, word.utf8.allSatisfy({ $0 >= 0x61 && $0 <= 0x7A }) else { return nil }
        if word.hasSuffix("ies") { return String(word.dropLast(3)) + "y" }
        for ending in ["sses", "shes", "ches", "xes"] where word.hasSuffix(ending) { return String(word.dropLast(2)) }
        if word.hasSuffix("s") {
            let isSingular = word.hasSuffix("ss") || word.hasSuffix("us") || word.hasSuffix("is")
            return isSingular ? nil : String(word.dropLast())
        }
        let beforeY = word.utf8.dropLast().last
        if word.hasSuffix("y"), let beforeY, !"aeiou".utf8.contains(beforeY) { return String(word.dropLast()) + "ies" }
        if word.hasSuffix("x") || word.hasSuffix("sh") || word.hasSuffix("ch") { return word + "es" }
        return word + "s"
    }
}

/// Numbers of a text in the other numerals.
enum Numerals {
    /// Digits of a number that is written out; longer ones are codes.
    private static let longest = 8

    /// The text with its Chinese numerals as digits, or, where it has none, its digits as Chinese numerals; nil where there
    /// is nothing to change. Single numerals stay where no unit of time follows: 一带一路 is no number.
    static func swapped(_ text: String) -> String? {
        let scalars = Array(text.unicodeScalars)
        return digits(scalars) ?? chinese(scalars)
    }

    private static func digits(_ scalars: [Unicode.Scalar]) -> String? {
        var result = String.UnicodeScalarView()
        var isChanged = false
        var index = 0
        while index < scalars.count {
            if let (value, end) = ChineseNumerals.integer(scalars[index...]),
                end - index > 1 || (end < scalars.count && units.contains(scalars[end]))
            {
                result.append(contentsOf: String(value).unicodeScalars)
                isChanged = true
                index = end
            } else {
                result.append(scalars[index])
                index += 1
            }
        }
        return isChanged ? String(result) : nil
    }

    private static func chinese(_ scalars: [Unicode.Scalar]) -> String? {
        var result = ""
        var isChanged = false
        var index = 0
        while index < scalars.count {
            var end = index
            while end < scalars.count, ("0"..."9").contains(scalars[end]) { end += 1 }
            let next = end < scalars.count ? scalars[end] : nil
            // A number alone is asked for as it is; one with a sign or letter behind it is part of a code.
            if end > index, end - index <= longest, let next, (0x3400...0x9FFF).contains(next.value),
                index == 0 || (0x3400...0x9FFF).contains(scalars[index - 1].value),
                let value = Int(String(String.UnicodeScalarView(scalars[index..<end])))
            {
                let isYear = next == "年" && end - index == 4
                result += isYear ? spelled(scalars[index..<end]) : counted(value)
                isChanged = true
                index = end
            } else {
                let stop = max(end, index + 1)
                result += String(String.UnicodeScalarView(scalars[index..<stop]))
                index = stop
            }
        }
        return isChanged ? result : nil
    }

    private static let units: Set<Unicode.Scalar> = ["年", "月", "日", "号", "时", "届", "期", "批"]
    private static let signs = Array("零一二三四五六七八九")

    /// 2020 as 二〇二〇.
    private static func spelled(_ digits: ArraySlice<Unicode.Scalar>) -> String {
        String(digits.map { $0 == "0" ? "〇" : signs[Int($0.value) - 0x30] })
    }

    /// 3500 as 三千五百, 12 as 十二, 10 004 as 一万零四.
    static func counted(_ value: Int) -> String {
        if value == 0 { return String(signs[0]) }
        if value >= 10_000 {
            let rest = value % 10_000
            return counted(value / 10_000) + "万"
                + (rest == 0 ? "" : (rest < 1000 ? "零" : "") + section(rest, isFirst: false))
        }
        return section(value, isFirst: true)
    }

    /// A number below 10,000. - Parameter isFirst: nothing stands before it, so that ten is 十 and not 一十.
    private static func section(_ value: Int, isFirst: Bool) -> String {
        var result = ""
        var rest = value
        var isZeroPending = false
        for (factor, sign) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
            let digit = rest / factor
            rest %= factor
            guard digit > 0 else {
                isZeroPending = !result.isEmpty
                continue
            }
            if isZeroPending { result += "零" }
            isZeroPending = false
            let isBareTen = factor == 10 && digit == 1 && result.isEmpty && isFirst
            result += (isBareTen ? "" : String(signs[digit])) + sign
        }
        return result
    }
}
