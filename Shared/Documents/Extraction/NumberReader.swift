// The number of a figure: digits, multipliers and the words inside that make it open.
//
//     number     = value [ more ] [ multiplier [ value ] ] [ more ]     2400多万, 41万余, 3万4000, 1.3万多
//     value      = digits [ "." digits ] / Chinese numeral
//     multiplier = 十 / 百 / 千 / 万 / 亿 and pairs of them (千万, 万亿)
//     more       = 多 / 余 / 几

/// A number as it is written.
struct WrittenNumber {
    var value: Double
    /// The place value of the last digit that is written and not zero; tells how far it was rounded.
    var grain: Double
    /// True after 多, 余 or 几.
    var isOpen = false
    var hasMultiplier = false
    /// True where it is written in Chinese numerals alone.
    var isChinese = false
    /// The index just after it.
    var end: Int
}

/// Reads numbers.
enum NumberReader {
    /// The number at `index`; nil where none starts.
    static func read(_ scalars: [UInt32], at index: Int) -> WrittenNumber? {
        if Numerals.digit(scalars[index]) != nil { return western(scalars, index) }
        var cursor = index
        guard let value = Numerals.chinese(scalars, &cursor), value > 0 else { return nil }
        var number = WrittenNumber(value: value, grain: grain(of: value), end: cursor)
        number.isChinese = true
        number.hasMultiplier = value >= 10_000
        readMore(scalars, &number)
        // 三十多万: the open word may stand before the multiplier.
        if number.isOpen { readMultiplier(scalars, &number) }
        return number
    }

    private static func western(_ scalars: [UInt32], _ start: Int) -> WrittenNumber? {
        guard let (value, grain, end) = decimal(scalars, start) else { return nil }
        var number = WrittenNumber(value: value, grain: grain, end: end)
        readMore(scalars, &number)
        readMultiplier(scalars, &number)
        readMore(scalars, &number)
        return number
    }

    /// Digits with marks between groups of three and a decimal point. At most 15 digits, what a Double holds exactly.
    private static func decimal(_ scalars: [UInt32], _ start: Int) -> (value: Double, grain: Double, end: Int)? {
        var cursor = start
        var value = 0.0
        var grain = 0.0
        var place = 1.0
        var digits = 0
        var trailingZeros = 0
        while cursor < scalars.count, digits < 15 {
            if let digit = Numerals.digit(scalars[cursor]) {
                value = value * 10 + Double(digit)
                digits += 1
                trailingZeros = digit == 0 ? trailingZeros + 1 : 0
                cursor += 1
            } else if digits > 0, isGroupMark(scalars, cursor) {
                cursor += 1
            } else {
                break
            }
        }
        guard digits > 0, digits < 15 else { return nil }
        for _ in 0..<trailingZeros { place *= 10 }
        grain = place
        if cursor + 1 < scalars.count, scalars[cursor] == 0x2E || scalars[cursor] == 0xFF0E,
            Numerals.digit(scalars[cursor + 1]) != nil
        {
            cursor += 1
            var scale = 1.0
            while cursor < scalars.count, digits < 15, let digit = Numerals.digit(scalars[cursor]) {
                value = value * 10 + Double(digit)
                scale *= 10
                digits += 1
                cursor += 1
            }
            value /= scale
            grain = 1 / scale
        }
        return (value, grain, cursor)
    }

    /// A comma with exactly three digits after it.
    private static func isGroupMark(_ scalars: [UInt32], _ index: Int) -> Bool {
        guard scalars[index] == 0x2C || scalars[index] == 0xFF0C, index + 3 < scalars.count else { return false }
        let group = (1...3).allSatisfy { Numerals.digit(scalars[index + $0]) != nil }
        let isLonger = index + 4 < scalars.count && Numerals.digit(scalars[index + 4]) != nil
        return group && !isLonger
    }

    private static func readMore(_ scalars: [UInt32], _ number: inout WrittenNumber) {
        var cursor = number.end
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        guard cursor < scalars.count else { return }
        let isMore =
            scalars[cursor] == 0x591A || scalars[cursor] == 0x4F59 || scalars[cursor] == 0x9918
            || scalars[cursor] == 0x51E0  // 多 余 餘 几
        guard isMore else { return }
        number.isOpen = true
        number.end = cursor + 1
    }

    private static func readMultiplier(_ scalars: [UInt32], _ number: inout WrittenNumber) {
        var cursor = number.end
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        var factor = 1.0
        var read = 0
        while cursor < scalars.count, read < 2, let unit = Numerals.unit(scalars[cursor]) {
            factor *= Double(unit)
            cursor += 1
            read += 1
        }
        guard read > 0 else { return }
        number.hasMultiplier = true
        number.value *= factor
        // 39.66亿 is a whole number that a product of binary fractions misses by a little.
        if abs(number.value - number.value.rounded()) < 1e-3 { number.value = number.value.rounded() }
        number.grain *= factor
        number.end = cursor
        // 3万4000: the rest in digits.
        guard cursor < scalars.count, Numerals.digit(scalars[cursor]) != nil,
            let (rest, grain, end) = decimal(scalars, cursor), rest < factor
        else { return }
        number.value += rest
        number.grain = grain
        number.end = end
    }

    private static func grain(of value: Double) -> Double {
        var grain = 1.0
        while grain * 10 <= value, (value / (grain * 10)).rounded() * grain * 10 == value { grain *= 10 }
        return grain
    }
}
