// Shares and multiples that are written without digits of their own unit.
//
//     三分之二       66.67 %          a half of 半数, and of 半 after a word that bounds it:
//     千分之五       5 ‰              半数            50 %
//     一半          50 %             过半, 超半数      (50 %, …)
//     翻番, 翻一番   2 倍             近半            (…, 50 %]
//     翻两番        4 倍
//     2/3          66.67 %, where a word beside it says that it is a share: 约2/3, 占1/4, 2/3的企业, 1/3以上
//
// Tenths (三成) are a unit of numbers and read with them (`FigureReader`). 半年, 半个月 and 半天 are stretches of time.

/// Reads shares.
enum ShareReader {
    /// A share as a number, its unit, and the word before it that bounds it and is none elsewhere.
    struct Share {
        var number: WrittenNumber
        var unit: String
        var before: (meaning: Comparator, start: Int, end: Int)?
    }

    /// The share that starts at `index`; nil where none does.
    static func read(_ scalars: [UInt32], at index: Int) -> Share? {
        switch scalars[index] {
        case "半": half(scalars, index)
        case "翻": doubling(scalars, index)
        case "一" where index + 1 < scalars.count && scalars[index + 1] == 0x534A:
            share(50, grain: 10, unit: "%", end: index + 2)
        default: fraction(scalars, index)
        }
    }

    private static func share(_ value: Double, grain: Double, unit: String, end: Int) -> Share {
        Share(number: WrittenNumber(value: value, grain: grain, end: end), unit: unit)
    }

    // MARK: Fractions

    /// 三分之二, 千分之五, 十分之九; 百分之 is read with percentages. More than the whole is none.
    private static func fraction(_ scalars: [UInt32], _ index: Int) -> Share? {
        var cursor = index
        if let share = slashed(scalars, index) { return share }
        guard !CharacterClass.of(scalars[index]).isDisjoint(with: [.digit, .chineseNumeral]),
            let denominator = denominator(scalars, &cursor), denominator != 100, cursor + 2 < scalars.count,
            scalars[cursor] == 0x5206, scalars[cursor + 1] == 0x4E4B,
            !CharacterClass.of(scalars[cursor + 2]).isDisjoint(with: [.digit, .chineseNumeral]),
            let part = NumberReader.read(scalars, at: cursor + 2), part.value <= denominator, part.reach == nil
        else { return nil }
        if denominator == 1000 { return share(part.value, grain: part.grain, unit: "‰", end: part.end) }
        let percent = (part.value / denominator * 1e8).rounded() / 1e6
        return share(percent, grain: 100 / denominator, unit: "%", end: part.end)
    }

    /// What may stand before and after 2/3 that is a share and no date, page or score.
    private static let beforeSlashed = ScalarSet("占佔达達有为為到过過足用剩余餘下")
    private static let afterSlashed = ScalarSet("的以左多强弱")

    /// 2/3 beside a word that makes a share of it.
    private static func slashed(_ scalars: [UInt32], _ index: Int) -> Share? {
        var cursor = index
        guard let part = Numerals.integer(scalars, &cursor, digits: 1...2), cursor + 1 < scalars.count,
            scalars[cursor] == 0x2F || scalars[cursor] == 0xFF0F
        else { return nil }
        cursor += 1
        guard let whole = Numerals.integer(scalars, &cursor, digits: 1...3), part > 0, part < whole, whole <= 100 else { return nil }
        let before = index > 0 ? scalars[index - 1] : 0
        let after = cursor < scalars.count ? scalars[cursor] : 0
        guard after != 0x2F, after != 0xFF0F,
            beforeSlashed.contains(before) || afterSlashed.contains(after)
                || Comparator.before(scalars, index).map({ $0.end == index }) ?? false
        else { return nil }
        let percent = (Double(part) / Double(whole) * 1e8).rounded() / 1e6
        return share(percent, grain: 100 / Double(whole), unit: "%", end: cursor)
    }

    private static func denominator(_ scalars: [UInt32], _ index: inout Int) -> Double? {
        if let whole = Numerals.integer(scalars, &index, digits: 1...4) { return whole > 1 ? Double(whole) : nil }
        // 千分之, 万分之.
        if let unit = Numerals.unit(scalars[index]), unit > 10 {
            index += 1
            return Double(unit)
        }
        return Numerals.smallChinese(scalars, &index).flatMap { $0 > 1 ? Double($0) : nil }
    }

    // MARK: Halves

    /// What makes a stretch of time or another word of 半.
    private static let otherHalves = ScalarSet("年月日个個天小载載生夜价價山空场場圈径徑岛島导導自球老醒死途截公里点點块塊身路决決成程")
    /// 经过, 通过 and their like are no comparators.
    private static let notBeforePast = ScalarSet("经通路越度不难經難")

    private static func half(_ scalars: [UInt32], _ index: Int) -> Share? {
        let next = index + 1 < scalars.count ? scalars[index + 1] : 0
        let isNamed = next == 0x6570 || next == 0x6578  // 数
        var result = share(50, grain: 10, unit: "%", end: isNamed ? index + 2 : index + 1)
        guard index > 0 else { return isNamed ? result : nil }
        let before = scalars[index - 1]
        if before == 0x8FC7 || before == 0x904E, index < 2 || !notBeforePast.contains(scalars[index - 2]) {  // 过
            result.before = (.above, index - 1, index)
        }
        if isNamed { return result }
        guard !otherHalves.contains(next), result.before != nil || isBounded(scalars, index) else { return nil }
        return result
    }

    /// 近半, 超半, 逾半: 半 alone is a half only after such a word.
    private static func isBounded(_ scalars: [UInt32], _ index: Int) -> Bool {
        Comparator.before(scalars, index).map { $0.end == index } ?? false
    }

    // MARK: Doublings

    /// 翻番, 翻一番, 翻了两番.
    private static func doubling(_ scalars: [UInt32], _ index: Int) -> Share? {
        var cursor = index + 1
        if cursor < scalars.count, scalars[cursor] == 0x4E86 { cursor += 1 }  // 了
        var times = 1
        if cursor < scalars.count, let digit = Numerals.digit(scalars[cursor]) ?? Numerals.chineseDigit(scalars[cursor]) {
            times = digit
            cursor += 1
        }
        guard cursor < scalars.count, scalars[cursor] == 0x756A, times > 0 else { return nil }  // 番
        return share(Double(1 << times), grain: 1, unit: "倍", end: cursor + 1)
    }
}
