// Numbers written in Chinese numerals: 三千五百, 一万二千, 十五, 二〇二〇, 百分之七十, 七成, 七成五.

/// Reads Chinese numerals at the start of a value.
enum ChineseNumerals {
    /// The number and its unit; nil where `glyphs` do not begin with Chinese numerals.
    static func read(_ glyphs: ArraySlice<QueryGlyph>) -> QueryNumber? {
        let signs = glyphs.map(\.sign)
        for (words, unit) in [(["百", "分", "之"], "%"), (["千", "分", "之"], "‰")] as [([Unicode.Scalar], String)]
        where signs.starts(with: words) {
            guard let number = numeral(signs[3...]) else { return nil }
            return QueryNumber(value: number.value, unit: unit + text(signs[number.end...]))
        }
        guard let number = numeral(signs[...]) else { return nil }
        if number.end < signs.count, signs[number.end] == "成" {
            let after = number.end + 1
            let half = after < signs.count ? digit(signs[after]) : nil
            let end = half == nil ? after : after + 1
            return QueryNumber(value: number.value * 10 + Double(half ?? 0), unit: "%" + text(signs[end...]))
        }
        return QueryNumber(value: number.value, unit: text(signs[number.end...]))
    }

    /// The whole number in Chinese numerals at the start of `signs` and the index after it; nil where there is none.
    static func integer(_ signs: ArraySlice<Unicode.Scalar>) -> (value: Int, end: Int)? {
        guard let found = numeral(signs), let value = Int(exactly: found.value) else { return nil }
        return (value, found.end)
    }

    /// The number at the start of `signs` and the index after it.
    private static func numeral(_ signs: ArraySlice<Unicode.Scalar>) -> (value: Double, end: Int)? {
        var index = signs.startIndex
        var total = 0.0
        var section = 0.0
        var part: Double?
        var isSpelled = false
        while index < signs.endIndex {
            if let digit = digit(signs[index]) {
                // Two digits in a row are spelled one by one, as in 二〇二〇.
                if let before = part, before != 0 || isSpelled || digit == 0 {
                    part = before * 10 + Double(digit)
                    isSpelled = true
                } else {
                    part = Double(digit)
                }
            } else if let factor = factor(signs[index]) {
                if factor >= 10_000 {
                    total = (total + section + (part ?? 0)) * factor
                    section = 0
                } else {
                    section += (part ?? (factor == 10 || section > 0 ? 1 : 0)) * factor
                }
                guard total + section > 0 else { return nil }
                part = nil
                isSpelled = false
            } else if signs[index] == "点" || signs[index] == "點", let whole = part {
                guard let fraction = fraction(signs[(index + 1)...]) else { break }
                part = whole + fraction.value
                index = fraction.end
                continue
            } else {
                break
            }
            index += 1
        }
        guard index > signs.startIndex else { return nil }
        let value = total + section + (part ?? 0)
        return value.isFinite ? (value, index) : nil
    }

    private static func fraction(_ signs: ArraySlice<Unicode.Scalar>) -> (value: Double, end: Int)? {
        var value = 0.0
        var scale = 0.1
        var index = signs.startIndex
        while index < signs.endIndex, let digit = digit(signs[index]) {
            value += Double(digit) * scale
            scale /= 10
            index += 1
        }
        return index > signs.startIndex ? (value, index) : nil
    }

    private static func digit(_ sign: Unicode.Scalar) -> Int? {
        switch sign {
        case "〇", "零", "○": 0
        case "一", "壹": 1
        case "二", "两", "兩", "贰", "貳": 2
        case "三", "叁", "參": 3
        case "四", "肆": 4
        case "五", "伍": 5
        case "六", "陆", "陸": 6
        case "七", "柒": 7
        case "八", "捌": 8
        case "九", "玖": 9
        default: nil
        }
    }

    private static func factor(_ sign: Unicode.Scalar) -> Double? {
        switch sign {
        case "十", "拾": 10
        case "百", "佰": 100
        case "千", "仟": 1_000
        case "万", "萬": 10_000
        case "亿", "億": 100_000_000
        default: nil
        }
    }

    private static func text(_ signs: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: signs)
        return String(view)
    }
}
