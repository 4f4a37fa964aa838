// Random query trees and random query texts, from a seed.

import Messages
import SearchCore

/// A reproducible source: SplitMix64 (Steele, Lea, Flood, 2014).
struct QueryLanguageRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }
    mutating func flip() -> Bool { Bool.random(using: &self) }

    // MARK: Trees

    private static let pieces = [
        "复工", "复产", "疫情", "a", "B", "covid", "19", "7", "AND", "OR", "NOT", "并且", "或者", "不含", "-", "－", "!", "！", "+",
        "(", ")",
        "（", "）", "\"", "“", "”", "「", "」", "『", ":", "：", "~", "～", "*", "＊", "^", "|", "||", "｜", "&", "&&", ">", "＞",
        "<", ">=", "≥", "=",
        "\\", "＼", " ", "　", "\n", ".", "..", "…", "至", "%", "％", "//", "/", "，", "。", "\u{0}", "\u{FFFD}", "title",
        "date", "日期", "e", "é", "#", "?", "？",
        // Long enough to be prose.
        "常态化疫情防控工作指南",
    ]

    /// A text that holds something to search for.
    mutating func text() -> String {
        var result = ""
        for _ in 0..<Int.random(in: 0...3, using: &self) { result += pick(Self.pieces) }
        result += pick(["复工", "x", "8", "AND", "或者", "日期", "department"])
        for _ in 0..<Int.random(in: 0...3, using: &self) { result += pick(Self.pieces) }
        return flip()
            ? result
            : pick(Self.pieces.filter { !$0.isEmpty && $0.unicodeScalars.allSatisfy(\.properties.isAlphabetic) })
    }

    /// Any tree, normal or not, of the built-in collection's fields.
    mutating func tree(depth: Int) -> Query {
        func textField(_ random: inout Self) -> String? { random.pick([nil, nil, "title", "body"]) }
        func words(_ random: inout Self) -> String? { random.pick([nil, "title", "department", "flag"]) }
        switch Int.random(in: 0..<(depth > 0 ? 18 : 12), using: &self) {
        case 0: return pick([.all, .none])
        case 1, 2: return .text(text(), field: textField(&self))
        case 3: return .phrase(text(), field: textField(&self), slop: Int.random(in: 0...5, using: &self))
        case 4: return .prefix(text(), field: words(&self))
        case 5 where flip():
            return flip()
                ? .wildcard(
                    pick(["co?id", "c*d", "疫?防控", "疫情*防控", "c??d*", "*vid", "2?20", "复*工?复产"]), field: textField(&self))
                : .wildcard(
                    pick(["上*海", "a.b?c", "x\\*y*z", "-a*b", "NOT*a?b", "a*\\?", "*:*", "a\\\\*b"]), field: pick(["department", "flag"]))
        case 5: return .fuzzy(text(), field: words(&self), edits: Int.random(in: 1...2, using: &self))
        case 6:
            return flip()
                ? .prefix("", field: pick([nil, "flag"]))
                : .term(flip() ? text() : "", field: pick(["department", "source", "flag"]))
        case 7: return .dates(dates(), field: pick(["published", "event"]))
        case 8:
            return .monthDay(
                month: Int.random(in: 1...12, using: &self), day: flip() ? nil : Int.random(in: 1...29, using: &self),
                field: "published")
        case 9: return .numbers(numbers(), field: "count")
        case 10, 11:
            return .figure(
                subject: text(), range: numbers(),
                unit: pick(["", "%", "人次", "家", "千克", "万", "e3", "a b", "1x", "..", "元/月"]))
        case 12, 13: return .and((0..<Int.random(in: 0...4, using: &self)).map { _ in tree(depth: depth - 1) })
        case 14, 15: return .or((0..<Int.random(in: 0...4, using: &self)).map { _ in tree(depth: depth - 1) })
        case 16: return .not(tree(depth: depth - 1))
        default: return .boost(tree(depth: depth - 1), factor: pick([1, 2, 0.5, 0.1, 999.5, 1e-7]))
        }
    }

    private mutating func dates() -> DateRange {
        let months = [18_262, 18_293, 18_322, 18_353, 18_628]  // 2020-01-01, 02-01, 03-01, 04-01, 2021-01-01
        let lower = flip() ? pick(months) : Int.random(in: -700_000...700_000, using: &self)
        let upper = flip() ? max(lower + 1, pick(months)) : lower + Int.random(in: 1...900, using: &self)
        return pick([
            DateRange(lower: lower, upper: upper), DateRange(lower: lower, upper: nil),
            DateRange(lower: nil, upper: upper),
            DateRange(lower: nil, upper: nil), DateRange(lower: lower, upper: lower + 1),
        ])
    }

    private mutating func numbers() -> NumberRange {
        let lower = pick([0, -1, 70, 4_500, 0.5, 1e20, -1e-9, 99.95])
        let upper = lower + lower.magnitude + pick([1, 0.25, 1e21])
        let includes = (flip(), flip())
        return pick([
            NumberRange(lower: lower, upper: lower), NumberRange(lower: nil, upper: nil, includesLower: false),
            NumberRange(lower: lower, upper: nil, includesLower: includes.0),
            NumberRange(lower: nil, upper: upper, includesUpper: includes.1),
            NumberRange(lower: lower, upper: upper, includesLower: includes.0, includesUpper: includes.1),
        ])
    }

    // MARK: Texts

    private static let fragments = [
        "复工", "title:", "标题：", "日期:", "2020-02", "..", "2月8日", "--02-08", "\"", "“", "”", "~4", "~", "*", "^2", "^",
        "(", ")", "（", "）", " ",
        "　", "-", "!", "NOT ", " OR ", " AND ", "||", "&&", "复工率>70%", ">=", "≤", "=", "\\", "部们:", "a", "3~5",
        "http://x", ":", "：", "｜", "?", "？", "co?d", "疫?情", "来源:上?海",
    ]

    /// A text of the language's pieces in any order.
    mutating func queryText() -> String {
        (0..<Int.random(in: 0...12, using: &self)).map { _ in pick(Self.fragments) }.joined()
    }
}

/// The built-in fields, a number field and a second date field.
let queryLanguageFields = QueryFields(
    QueryFields.bulletins.all + [
        QueryField("count", .number, aliases: ["人数"]), QueryField("event", .date, aliases: ["发生于"]),
    ])
