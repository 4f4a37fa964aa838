// Numbers with units, and ranges of them, as they stand in a query.
//
//     value    = "*" [unit] / number [unit] / [number [unit]] range [number [unit]]
//     range    = [“<” excludes the lower bound] ".." ["<" excludes the upper bound]
//     number   = [sign] digits ["." digits] [exponent] *( multiplier [digits…] )  / Chinese numerals
//     multiplier = 十 百 千 万 亿
//     unit     = the rest: % 人次 家 万元 (万 multiplies, 元 is the unit) …
//
// 1.5万 is 15000, 3万4000 is 34000, 百分之七十 is 70 with the unit %, 七成 is 70 %.

import Messages

/// A number and the unit written after it.
struct QueryNumber: Equatable {
    var value: Double
    var unit: String
}

/// Bounds with one unit for both.
struct QueryNumberRange: Equatable {
    var bounds: NumberRange
    var unit: String
}

enum QueryNumberReader {
    static let fix = "write a number with its unit, such as 70%, 4500, 1.5万人次, or a range such as 70%..90%"

    /// Units that begin with a character that would else multiply.
    private static let multiplierUnits = ["千克", "千米", "千瓦", "千卡", "千伏", "千帕", "百帕", "百分点", "千字", "千分"]

    /// Reads a whole value after `=` or `:`.
    ///
    /// - Throws: `invalidQuery` at the part that is no number.
    static func range(_ glyphs: ArraySlice<QueryGlyph>) throws(KuaibaoError) -> QueryNumberRange {
        if let first = glyphs.first, first.sign == "*" {
            let unit = QueryGlyphs.text(glyphs.dropFirst())
            return QueryNumberRange(bounds: NumberRange(lower: nil, upper: nil), unit: unit)
        }
        guard let mark = QueryDateReader.rangeMark(glyphs) else {
            let number = try number(glyphs)
            return QueryNumberRange(bounds: NumberRange(lower: number.value, upper: number.value), unit: number.unit)
        }
        var before = glyphs[..<mark.lowerBound]
        var after = glyphs[mark.upperBound...]
        let excludesLower = before.last?.sign == "<"
        let excludesUpper = after.first?.sign == "<"
        if excludesLower { before = before.dropLast() }
        if excludesUpper { after = after.dropFirst() }
        let whole = QueryDateReader.range(glyphs)
        guard !before.isEmpty || !after.isEmpty else {
            throw QueryRefusal.invalid("a range needs a number on at least one side", fix: fix, range: whole)
        }
        let lower = before.isEmpty ? nil : try number(before)
        let upper = after.isEmpty ? nil : try number(after)
        let units = Set([lower?.unit, upper?.unit].compactMap { $0 }.filter { !$0.isEmpty })
        guard units.count <= 1 else {
            throw QueryRefusal.invalid(
                "the ends of a range have different units, \(units.sorted().joined(separator: " and "))",
                fix: "give both ends the same unit", range: whole)
        }
        let bounds = NumberRange(
            lower: lower?.value, upper: upper?.value, includesLower: lower == nil || !excludesLower,
            includesUpper: upper == nil || !excludesUpper)
        guard !bounds.isEmpty else {
            let text = QueryRefusal.quoted(QueryGlyphs.text(glyphs))
            throw QueryRefusal.invalid("the range \(text) holds no number", fix: "swap its ends", range: whole)
        }
        return QueryNumberRange(bounds: bounds, unit: units.first ?? "")
    }

    /// Reads one number and its unit.
    ///
    /// - Throws: `invalidQuery` where there is no number.
    static func number(_ glyphs: ArraySlice<QueryGlyph>) throws(KuaibaoError) -> QueryNumber {
        if let number = ChineseNumerals.read(glyphs) ?? decimal(glyphs) { return number }
        throw QueryRefusal.invalid(
            "\(QueryRefusal.quoted(QueryGlyphs.text(glyphs))) is not a number", fix: fix,
            range: QueryDateReader.range(glyphs))
    }

    private static func decimal(_ glyphs: ArraySlice<QueryGlyph>) -> QueryNumber? {
        var index = glyphs.startIndex
        var isNegative = false
        if index < glyphs.endIndex, glyphs[index].sign == "-" || glyphs[index].sign == "+" {
            isNegative = glyphs[index].sign == "-"
            index += 1
        }
        guard var total = plain(glyphs, &index) else { return nil }
        // 3万4千 adds up from the left; each multiplier applies to the number before it.
        var part = total
        total = 0
        while index < glyphs.endIndex, let factor = multiplier(glyphs[index...]) {
            index += 1
            if factor >= 10_000 {
                total = (total + part) * factor
            } else {
                total += part * factor
            }
            part = 0
            if index < glyphs.endIndex, glyphs[index].isDigit { part = plain(glyphs, &index) ?? 0 }
        }
        total += part
        guard total.isFinite else { return nil }
        return QueryNumber(value: isNegative ? -total : total, unit: QueryGlyphs.text(glyphs[index...]))
    }

    /// Digits with commas, a fraction and an exponent.
    private static func plain(_ glyphs: ArraySlice<QueryGlyph>, _ index: inout Int) -> Double? {
        func isDigit(_ at: Int) -> Bool { at < glyphs.endIndex && glyphs[at].isDigit }
        func sign(_ at: Int) -> Unicode.Scalar? { at < glyphs.endIndex ? glyphs[at].sign : nil }
        var text = ""
        func take() {
            text.unicodeScalars.append(glyphs[index].sign)
            index += 1
        }
        guard isDigit(index) else { return nil }
        while isDigit(index) || sign(index) == "," && isDigit(index + 1) {
            if isDigit(index) { take() } else { index += 1 }
        }
        if sign(index) == ".", isDigit(index + 1) {
            take()
            while isDigit(index) { take() }
        }
        let hasExponentSign = sign(index + 1) == "-" || sign(index + 1) == "+"
        if sign(index) == "e" || sign(index) == "E", isDigit(index + (hasExponentSign ? 2 : 1)) {
            take()
            if hasExponentSign { take() }
            while isDigit(index) { take() }
        }
        return Double(text)
    }

    /// What the character at the start multiplies by, unless it begins a unit.
    private static func multiplier(_ glyphs: ArraySlice<QueryGlyph>) -> Double? {
        let start = QueryGlyphs.text(glyphs.prefix(3))
        guard !multiplierUnits.contains(where: start.hasPrefix) else { return nil }
        return switch glyphs.first?.sign {
        case "十": 10
        case "百": 100
        case "千": 1_000
        case "万", "萬": 10_000
        case "亿", "億": 100_000_000
        default: nil
        }
    }
}

extension NumberRange {
    /// Whether no number is within the bounds.
    var isEmpty: Bool {
        guard let lower, let upper else { return false }
        return lower > upper || lower == upper && !(includesLower && includesUpper)
    }
}
