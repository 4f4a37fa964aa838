// Numbers as Chinese text writes them: 2400, ４５００, 1,100, 3.5, 两, 二十八, 一百三十六, 三千.

/// Reads numbers out of scalar values.
enum Numerals {
    /// The value of a digit of either width.
    @inline(__always)
    static func digit(_ scalar: UInt32) -> Int? {
        if (0x30...0x39).contains(scalar) { return Int(scalar) - 0x30 }
        if (0xFF10...0xFF19).contains(scalar) { return Int(scalar) - 0xFF10 }
        return nil
    }

    /// The value of a Chinese digit; nil for units such as 十.
    static func chineseDigit(_ scalar: UInt32) -> Int? {
        switch scalar {
        case "〇", "零": 0
        case "一": 1
        case "二", "两", "兩": 2
        case "三": 3
        case "四": 4
        case "五": 5
        case "六": 6
        case "七": 7
        case "八": 8
        case "九": 9
        default: nil
        }
    }

    /// The value of 十, 百, 千, 万 or 亿 in either script.
    static func unit(_ scalar: UInt32) -> Int? {
        switch scalar {
        case "十": 10
        case "百": 100
        case "千": 1000
        case "万", "萬": 10_000
        case "亿", "億": 100_000_000
        default: nil
        }
    }

    /// Moves `index` over spaces, at most `limit` of them, as recognised text has inside numbers.
    @inline(__always)
    static func skipSpaces(_ scalars: [UInt32], _ index: inout Int, limit: Int = 2) {
        var left = limit
        while left > 0, index < scalars.count, CharacterClass.of(scalars[index]).contains(.space) {
            index += 1
            left -= 1
        }
    }

    /// A whole number of `digits` ASCII or full-width digits at `index`.
    static func integer(_ scalars: [UInt32], _ index: inout Int, digits: ClosedRange<Int>) -> Int? {
        var cursor = index
        var value = 0
        while cursor < scalars.count, cursor - index < digits.upperBound, let digit = digit(scalars[cursor]) {
            value = value * 10 + digit
            cursor += 1
        }
        guard digits.contains(cursor - index) else { return nil }
        if cursor < scalars.count, digit(scalars[cursor]) != nil { return nil }
        index = cursor
        return value
    }

    /// A whole number in Chinese numerals up to 99 (二十八), as dates and short counts have it.
    static func smallChinese(_ scalars: [UInt32], _ index: inout Int) -> Int? {
        var cursor = index
        var value = 0
        var digits = 0
        while cursor < scalars.count, digits < 4 {
            if let digit = chineseDigit(scalars[cursor]) {
                value = digits > 0 && scalars[cursor - 1] != 0x5341 ? value * 10 + digit : value + digit
            } else if scalars[cursor] == 0x5341 {  // 十
                value = (value == 0 ? 1 : value) * 10
            } else {
                break
            }
            digits += 1
            cursor += 1
        }
        guard digits > 0, value < 100 else { return nil }
        index = cursor
        return value
    }

    private static let roundBefore = ScalarSet("上数數几幾近超逾约約破达達")
    /// The second characters of 不足, 不到, 不满, 超过 and their like, each with what stands before it then.
    private static let secondOfRoundBefore: [UInt32: Set<UInt32>] = {
        var result: [UInt32: Set<UInt32>] = [:]
        for (second, first) in [("足", "不"), ("到", "不达達"), ("满", "不未"), ("滿", "不未"), ("过", "超"), ("過", "超"), ("下", "不"), ("止", "不")] {
            for scalar in second.unicodeScalars { result[scalar.value] = Set(first.unicodeScalars.map(\.value)) }
        }
        return result
    }()
    /// 多, 余 and 来 after a round number.
    static let more = ScalarSet("多余餘来來")

    /// Whether the unit at `index` stands for one of itself: 上百, 数千, 超千亿, 不足百; 百余, 万余, 百万余.
    private static func standsForOne(_ scalars: [UInt32], _ index: Int) -> Bool {
        if index > 0 {
            let before = scalars[index - 1]
            if roundBefore.contains(before) { return true }
            if index > 1, secondOfRoundBefore[before]?.contains(scalars[index - 2]) ?? false { return true }
        }
        var next = index + 1
        while next < scalars.count, next - index < 3, unit(scalars[next]) != nil { next += 1 }
        return next < scalars.count && more.contains(scalars[next])
    }

    /// A number in Chinese numerals of any size up to 10^15; 一百三十六, 三千万, 一亿两千万.
    /// - Returns: nil for a unit without a digit before it, except 十, and except beside the words that make an interval
    ///   of a round number (上百, 数千, 超千亿, 百余), where it stands for one.
    static func chinese(_ scalars: [UInt32], _ index: inout Int) -> Double? {
        var cursor = index
        var total = 0.0
        var section = 0.0
        var digit: Int?
        var read = 0
        /// The least of 万 and 亿 so far: 两千万 after 一亿 is added to it, 亿 after 三万 multiplies it.
        var lastLarge = Int.max
        if let unit = unit(scalars[index]), unit > 10, standsForOne(scalars, index) { digit = 1 }
        while cursor < scalars.count, read < 16 {
            if let next = chineseDigit(scalars[cursor]) {
                // 二〇二〇 is a row of digits, not a number built from units.
                if let earlier = digit, earlier != 0 { return nil }
                digit = next
            } else if let unit = unit(scalars[cursor]) {
                if unit < 10_000 {
                    guard digit != nil || unit == 10 else { break }
                    section += Double((digit ?? 1) * unit)
                } else {
                    let part = section + Double(digit ?? 0)
                    guard total + part > 0 else { break }
                    if unit < lastLarge, total > 0 {
                        guard part > 0 else { break }
                        total += part * Double(unit)
                    } else {
                        total = (total + part) * Double(unit)
                    }
                    section = 0
                    lastLarge = unit
                }
                digit = nil
            } else {
                break
            }
            read += 1
            cursor += 1
        }
        guard read > 0 else { return nil }
        index = cursor
        return total + section + Double(digit ?? 0)
    }
}
