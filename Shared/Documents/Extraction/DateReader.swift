// Dates as bulletins write them.
//
//     date     = [ year "年" ] month "月" [ day ( "日" / "号" ) ]        2020年2月8日, 2月8日, 二〇二〇年二月八日
//              / year sep month sep day                               2020-02-08, 2020/2/8, 2020.2.8
//     heading  = [ decoration ] date [ weekday ] [ decoration ]          a line with nothing else
//
// Digits are of either width; recognised text may hold spaces between the parts. A day that its month does not have, or
// a year outside 1900…2100, makes no date. A month alone is a date only together with its year.

import Messages

/// A date and where it ends.
struct DateMatch {
    var date: PartialDate
    /// The index just after the date.
    var end: Int
}

/// Reads dates out of scalar values.
enum DateReader {
    /// The date that starts at `index`; nil where none does.
    static func read(_ scalars: [UInt32], at index: Int) -> DateMatch? {
        if Numerals.digit(scalars[index]) != nil { return western(scalars, index) }
        return Numerals.chineseDigit(scalars[index]) != nil || scalars[index] == 0x5341
            ? chinese(scalars, index) : nil
    }

    /// The date that is all of a line but for marks around it and a day of the week.
    static func heading(_ scalars: [UInt32]) -> DateMatch? {
        guard (3...28).contains(scalars.count) else { return nil }
        var start = 0
        while start < scalars.count, isDecoration(scalars[start]) { start += 1 }
        guard start < scalars.count, let match = read(scalars, at: start) else { return nil }
        guard match.date.day != nil || match.date.year != nil else { return nil }
        var cursor = match.end
        skipWeekday(scalars, &cursor)
        while cursor < scalars.count, isDecoration(scalars[cursor]) || isDayPart(scalars, cursor) { cursor += 1 }
        return cursor == scalars.count ? match : nil
    }

    /// Days in a month; February has 29 where the year is not known.
    static func days(in month: Int, year: Int?) -> Int {
        switch month {
        case 2:
            guard let year else { return 29 }
            return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }

    /// Whether these parts make a date.
    static func isValid(year: Int?, month: Int, day: Int?) -> Bool {
        guard (1...12).contains(month) else { return false }
        if let year, !(1900...2100).contains(year) { return false }
        guard let day else { return true }
        return day >= 1 && day <= days(in: month, year: year)
    }

    // MARK: Forms

    private static func western(_ scalars: [UInt32], _ start: Int) -> DateMatch? {
        if start > 0, Numerals.digit(scalars[start - 1]) != nil { return nil }
        var cursor = start
        if let year = Numerals.integer(scalars, &cursor, digits: 4...4) {
            return afterYear(scalars, cursor, year: year, month: westernPart)
        }
        return monthDay(scalars, start, year: nil, part: westernPart)
    }

    private static func westernPart(_ scalars: [UInt32], _ index: inout Int) -> Int? {
        Numerals.integer(scalars, &index, digits: 1...2)
    }

    private static func chinese(_ scalars: [UInt32], _ start: Int) -> DateMatch? {
        if start > 0, CharacterClass.of(scalars[start - 1]).contains(.chineseNumeral) { return nil }
        if start + 4 < scalars.count, scalars[start + 4] == 0x5E74 {  // 年
            let digits = (start..<(start + 4)).map { Numerals.chineseDigit(scalars[$0]) }
            if digits.allSatisfy({ $0 != nil }) {
                let year = digits.reduce(0) { $0 * 10 + ($1 ?? 0) }
                return afterYear(scalars, start + 4, year: year, month: Numerals.smallChinese)
            }
        }
        return monthDay(scalars, start, year: nil, part: Numerals.smallChinese)
    }

    private typealias PartReader = (_ scalars: [UInt32], _ index: inout Int) -> Int?

    /// After a year: `年`, or a separator that stands twice.
    private static func afterYear(_ scalars: [UInt32], _ index: Int, year: Int, month part: PartReader) -> DateMatch? {
        guard (1900...2100).contains(year) else { return nil }
        var cursor = index
        Numerals.skipSpaces(scalars, &cursor)
        guard cursor < scalars.count else { return nil }
        if scalars[cursor] == 0x5E74 {
            cursor += 1
            Numerals.skipSpaces(scalars, &cursor)
            return monthDay(scalars, cursor, year: year, part: part)
        }
        let separator = scalars[cursor]
        guard [0x2D, 0x2F, 0x2E, 0xFF0D, 0xFF0F, 0xFF0E].contains(separator) else { return nil }
        cursor += 1
        Numerals.skipSpaces(scalars, &cursor)
        guard let month = westernPart(scalars, &cursor) else { return nil }
        Numerals.skipSpaces(scalars, &cursor)
        guard cursor < scalars.count, scalars[cursor] == separator else { return nil }
        cursor += 1
        Numerals.skipSpaces(scalars, &cursor)
        guard let day = westernPart(scalars, &cursor), isValid(year: year, month: month, day: day) else { return nil }
        return DateMatch(date: PartialDate(year: year, month: month, day: day), end: cursor)
    }

    private static func monthDay(_ scalars: [UInt32], _ index: Int, year: Int?, part: PartReader) -> DateMatch? {
        var cursor = index
        guard cursor < scalars.count, let month = part(scalars, &cursor) else { return nil }
        Numerals.skipSpaces(scalars, &cursor)
        guard cursor < scalars.count, scalars[cursor] == 0x6708 else { return nil }  // 月
        cursor += 1
        let afterMonth = cursor
        Numerals.skipSpaces(scalars, &cursor)
        if cursor < scalars.count, let day = part(scalars, &cursor) {
            Numerals.skipSpaces(scalars, &cursor)
            let isDay = cursor < scalars.count && (scalars[cursor] == 0x65E5 || scalars[cursor] == 0x53F7)  // 日 号
            if isDay, isValid(year: year, month: month, day: day) {
                return DateMatch(date: PartialDate(year: year, month: month, day: day), end: cursor + 1)
            }
        }
        guard let year, isValid(year: year, month: month, day: nil) else { return nil }
        return DateMatch(date: PartialDate(year: year, month: month), end: afterMonth)
    }

    // MARK: Around a heading

    private static let decorations: Set<UInt32> = Set(
        " \t\u{3000}\u{A0}【】[]（）()〔〕◆●■▲★◇○□▼·•-—–_*#=:：|｜~～，,。.、>》《<".unicodeScalars.map(\.value))

    private static func isDecoration(_ scalar: UInt32) -> Bool { decorations.contains(scalar) }

    /// 上午, 下午, 晚 and the like after a date heading.
    private static func isDayPart(_ scalars: [UInt32], _ index: Int) -> Bool {
        ["上", "下", "午", "晚", "晨", "早", "夜", "间"].contains { $0 ~= scalars[index] }
    }

    private static func skipWeekday(_ scalars: [UInt32], _ index: inout Int) {
        var cursor = index
        while cursor < scalars.count, isDecoration(scalars[cursor]) { cursor += 1 }
        var length = 0
        if cursor + 2 < scalars.count, scalars[cursor] == 0x661F, scalars[cursor + 1] == 0x671F { length = 3 }  // 星期
        if cursor + 2 < scalars.count, scalars[cursor] == 0x793C, scalars[cursor + 1] == 0x62DC { length = 3 }  // 礼拜
        if length == 0, cursor + 1 < scalars.count, scalars[cursor] == 0x5468 { length = 2 }  // 周
        guard length > 0 else { return }
        let day = scalars[cursor + length - 1]
        if ["一", "二", "三", "四", "五", "六", "日", "天"].contains(where: { $0 ~= day }) { index = cursor + length }
    }
}
