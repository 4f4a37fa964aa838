// The number of a figure: digits, multipliers and the words inside that make it open.
//
//     number     = value [ more ] [ multiplier [ rest ] ] [ more ] / pair
//                  2400多万, 41万余, 3万4000, 2万5千, 1亿2千万, 1.3万多
//     value      = digits [ "." digits ] / Chinese numeral
//     multiplier = 十 / 百 / 千 / 万 / 亿 and pairs of them (千万, 万亿)
//     rest       = value [ multiplier ]                                 less than the multiplier before it
//     more       = 多 / 余                                              more than the number
//                / 几 [ 十 / 百 ]                                        some of the number's last place: 十几 is 10 to 20
//                / 来                                                   about the number: 十来个
//     pair       = [ [ digit ] 十 ] digit digit [ multiplier ]          五六十, 七八百, 十七八, 两三万: from one to the next

/// A number as it is written.
struct WrittenNumber {
    var value: Double
    /// The place value of the last digit that is written and not zero; tells how far it was rounded.
    var grain: Double
    /// True after 多, 余 or 几.
    var isOpen = false
    /// The other end of the interval that it names by itself, and whether that belongs to it: 五六十, 十几.
    var reach: (upper: Double, isClosed: Bool)?
    /// True after 来, which makes a round number an estimate.
    var isEstimate = false
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
        if let pair = pair(scalars, index) { return pair }
        var cursor = index
        guard let value = Numerals.chinese(scalars, &cursor) else { return nil }
        guard value > 0 else { return nil }
        var number = WrittenNumber(value: value, grain: grain(of: value), end: cursor)
        number.isChinese = true
        number.hasMultiplier = value >= 10_000
        readMore(scalars, &number)
        // 三十多万: the open word may stand before the multiplier.
        if number.isOpen || number.reach != nil || number.isEstimate { readMultiplier(scalars, &number) }
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

    /// 五六十, 七八百, 两三万, 十七八, 七、八个: two digits that follow one another stand for either, and so does 三五.
    private static func pair(_ scalars: [UInt32], _ start: Int) -> WrittenNumber? {
        var cursor = start
        var tens = 0
        if cursor + 1 < scalars.count, scalars[cursor + 1] == 0x5341, let digit = Numerals.chineseDigit(scalars[cursor]) {
            tens = digit * 10
            cursor += 2
        } else if scalars[cursor] == 0x5341 {
            tens = 10
            cursor += 1
        }
        guard cursor + 1 < scalars.count, let low = Numerals.chineseDigit(scalars[cursor]), low > 0 else { return nil }
        cursor += 1
        // 一、二十家 at the start of a paragraph is the first point of a list.
        let isParted = scalars[cursor] == 0x3001
        if isParted {
            guard start > 0 else { return nil }
            cursor += 1
        }
        guard cursor < scalars.count, let high = Numerals.chineseDigit(scalars[cursor]),
            high == low + 1 || (low, high) == (3, 5) && !isParted
        else { return nil }
        cursor += 1
        // 一二三产业 and 二〇二〇 are rows of digits.
        if cursor < scalars.count, Numerals.chineseDigit(scalars[cursor]) != nil { return nil }
        if start > 0, CharacterClass.of(scalars[start - 1]).contains(.chineseNumeral) { return nil }
        var number = WrittenNumber(value: Double(tens + low), grain: 1, end: cursor)
        number.isChinese = true
        number.reach = (Double(tens + high), true)
        readMultiplier(scalars, &number)
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
        guard cursor < scalars.count, number.reach == nil else { return }
        switch scalars[cursor] {
        case "多", "余", "餘": number.isOpen = true
        case "几", "幾":
            number.reach = (number.value + number.grain, false)
            // 一百几十: the tens are left open, not the hundreds.
            if cursor + 1 < scalars.count, let unit = Numerals.unit(scalars[cursor + 1]), unit < 10_000,
                Double(unit) < number.grain
            {
                number.value += Double(unit)
                cursor += 1
            }
        case "来", "來":
            // 十来个, 百来人; but 300来自外地, 三来一补.
            guard number.value >= 10, number.grain > 1, cursor + 1 < scalars.count,
                counted.contains(scalars[cursor + 1])
            else { return }
            number.isEstimate = true
        default: return
        }
        number.end = cursor + 1
    }

    /// What makes a unit of 千 before it.
    private static let afterKilo = ScalarSet("瓦米克卡伏帕焦赫字安")
    /// What follows 来 where it belongs to the number.
    private static let counted = ScalarSet("个個名人位家岁歲天种種次条條块塊页斤米里吨只张張件户戶万萬亿億元")

    /// Numbers that may stand in one, each smaller than the one before: 1亿2千万.
    private static let mostRests = 2

    private static func readMultiplier(_ scalars: [UInt32], _ number: inout WrittenNumber, rests: Int = mostRests) {
        var cursor = number.end
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        var factor = 1.0
        var read = 0
        while cursor < scalars.count, read < 2, let unit = Numerals.unit(scalars[cursor]) {
            // 12.5亿千瓦时: 千 belongs to the unit after it.
            if unit == 1000, cursor + 1 < scalars.count, afterKilo.contains(scalars[cursor + 1]) { break }
            factor *= Double(unit)
            cursor += 1
            read += 1
        }
        guard read > 0 else { return }
        number.hasMultiplier = true
        number.value = whole(number.value * factor)
        number.grain *= factor
        number.reach = number.reach.map { (whole($0.upper * factor), $0.isClosed) }
        number.end = cursor
        guard rests > 0, number.reach == nil, !number.isOpen, cursor < scalars.count,
            Numerals.digit(scalars[cursor]) != nil, let (value, grain, end) = decimal(scalars, cursor)
        else { return }
        var rest = WrittenNumber(value: value, grain: grain, end: end)
        readMultiplier(scalars, &rest, rests: rests - 1)
        // 3万4000 and 2万5千 are one number, 2亿 5个 are two.
        guard rest.value < factor, rest.value >= factor / 10 || rest.hasMultiplier else { return }
        number.value += rest.value
        number.grain = rest.grain
        number.end = rest.end
    }

    /// 39.66亿 is a whole number that a product of binary fractions misses by a little.
    private static func whole(_ value: Double) -> Double {
        abs(value - value.rounded()) < 1e-3 ? value.rounded() : value
    }

    private static func grain(of value: Double) -> Double {
        var grain = 1.0
        while grain * 10 <= value, (value / (grain * 10)).rounded() * grain * 10 == value { grain *= 10 }
        return grain
    }
}
