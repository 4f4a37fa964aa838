// Days of the moon's calendar, as bulletins write them, in the common calendar.
//
//     day    = [ 农历 / 阴历 ] 正月 / 腊月 number                      正月十五, 腊月二十三, 腊月廿三
//            / 农历 month number                                    农历八月十五
//            / [ 农历 ] 闰 month number                              闰四月初一
//            / 大年初 number / 大年三十 / 除夕 / 元宵节 / 春节            春节 only where it is the day: 春节当天, 是春节
//     number = 初一 … 三十, 廿一 … 廿九
//
// The year is the one written before (2020年正月十五, 今年除夕), else the one in which the day lies between 275 days before the
// item and 90 days after it, as for other days without a year. Without the item's date and a written year the day stays open: it is
// not read. 闰四月 is the leap month after the fourth one, in the years that have it.
//
// The months are a table of one number a year from 1900 to 2049. Bits 15…4 tell from the first month on which months have
// thirty days, bits 3…0 name the leap month, bit 16 says that it has thirty days. The years from 1949 on are held against ICU's
// Chinese calendar in the tests.

import Messages

/// Reads and converts days of the moon's calendar.
enum MoonCalendar {
    /// The day that starts at `index`, and where the words end.
    /// - Parameter year: the year that is written before it; nil where none is.
    static func read(_ scalars: [UInt32], at index: Int, year: Int?, published: PartialDate?) -> (date: PartialDate, end: Int)? {
        guard let (month, day, isLeap, end) = monthAndDay(scalars, index) else { return nil }
        return resolve(month: month, day: day, isLeap: isLeap, year: year, published: published).map { ($0, end) }
    }

    /// The year that is written at `index` before a day of the moon's calendar, and where the day's words start; no year where
    /// none is written. Nil where neither a year nor such words can start.
    static func writtenYear(_ scalars: [UInt32], at index: Int, published: PartialDate?) -> (year: Int?, start: Int)? {
        var cursor = index
        if let year = Numerals.integer(scalars, &cursor, digits: 4...4) {
            guard cursor + 1 < scalars.count, scalars[cursor] == 0x5E74, (1900...2100).contains(year) else { return nil }
            return (year, cursor + 1)
        }
        if index + 2 < scalars.count, scalars[index + 1] == 0x5E74, let year = published?.year {
            switch scalars[index] {
            case "今", "本": return (year, index + 2)
            case "去": return (year - 1, index + 2)
            case "明": return (year + 1, index + 2)
            default: break
            }
        }
        switch scalars[index] {
        case "正", "腊", "臘", "除", "元", "春", "大", "农", "農", "阴", "陰", "夏", "闰", "閏": return (nil, index)
        default: return nil
        }
    }

    // MARK: Words

    /// The last day of the year, whose number differs from year to year.
    private static let lastDay = 99

    private static func monthAndDay(_ scalars: [UInt32], _ index: Int) -> (month: Int, day: Int, isLeap: Bool, end: Int)? {
        func stands(_ word: String, _ place: Int) -> Bool {
            var cursor = place
            for scalar in word.unicodeScalars {
                guard cursor < scalars.count, scalars[cursor] == scalar.value else { return false }
                cursor += 1
            }
            return true
        }
        if stands("除夕", index) { return (12, lastDay, false, index + (stands("除夕夜", index) ? 3 : 2)) }
        if stands("元宵节", index) || stands("元宵節", index) { return (1, 15, false, index + 3) }
        if stands("春节", index) || stands("春節", index) { return isDayItself(scalars, index + 2) ? (1, 1, false, index + 2) : nil }
        if stands("大年三十", index) { return (12, lastDay, false, index + 4) }
        if stands("大年", index), index + 2 < scalars.count { return day(scalars, index + 2).map { (1, $0.day, false, $0.end) } }
        let isNamed = ["农历", "農曆", "阴历", "陰曆", "夏历", "农暦"].contains { stands($0, index) }
        var cursor = isNamed ? index + 2 : index
        guard cursor + 1 < scalars.count else { return nil }
        let isLeap = scalars[cursor] == 0x95F0 || scalars[cursor] == 0x958F  // 闰
        if isLeap { cursor += 1 }
        let month: Int
        if stands("正月", cursor) {
            (month, cursor) = (1, cursor + 2)
        } else if stands("腊月", cursor) || stands("臘月", cursor) {
            (month, cursor) = (12, cursor + 2)
        } else if isNamed || isLeap, let number = Numerals.smallChinese(scalars, &cursor), (1...12).contains(number), cursor < scalars.count,
            scalars[cursor] == 0x6708
        {
            (month, cursor) = (number, cursor + 1)
        } else {
            return nil
        }
        return day(scalars, cursor).map { (month, $0.day, isLeap, $0.end) }
    }

    /// 初一, 十五, 廿三, 三十 at `index`.
    private static func day(_ scalars: [UInt32], _ index: Int) -> (day: Int, end: Int)? {
        guard index + 1 < scalars.count else { return nil }
        var cursor = index
        if scalars[index] == 0x521D || scalars[index] == 0x5EFF {  // 初, 廿
            cursor += 1
            guard let number = Numerals.smallChinese(scalars, &cursor), (1...10).contains(number) else { return nil }
            let isTwenty = scalars[index] == 0x5EFF
            guard !isTwenty || number < 10 else { return nil }
            return (isTwenty ? 20 + number : number, cursor)
        }
        guard let number = Numerals.smallChinese(scalars, &cursor), (11...30).contains(number) else { return nil }
        return (number, cursor)
    }

    /// 春节期间, 春节前 and 春节假期 are no day; 春节当天 and 今天是春节。 are.
    private static func isDayItself(_ scalars: [UInt32], _ end: Int) -> Bool {
        guard end < scalars.count else { return false }
        if end + 1 < scalars.count, scalars[end] == 0x5F53 || scalars[end] == 0x7576 { return true }  // 当天
        let isSaid = end > 2 && (scalars[end - 3] == 0x662F || scalars[end - 3] == 0x5E74)  // 是, 年
        return isSaid && !CharacterClass.of(scalars[end]).isDisjoint(with: [.sentenceEnd, .clauseMark])
    }

    // MARK: Conversion

    private static func resolve(month: Int, day: Int, isLeap: Bool, year: Int?, published: PartialDate?) -> PartialDate? {
        if let year {
            // 腊月 and 除夕 of a year lie in its January or in the next one's: the item's date decides.
            let found = [year - 1, year].compactMap { common(year: $0, month: month, day: day, isLeap: isLeap) }.filter { $0.year == year }
            return found.count == 1 ? found[0] : nearest(found, published)
        }
        guard let itemYear = published?.year else { return nil }
        return nearest(((itemYear - 1)...(itemYear + 1)).compactMap { common(year: $0, month: month, day: day, isLeap: isLeap) }, published)
    }

    /// How far before and after the item a day without a year may lie, in days.
    private static let reach = -275...90

    /// The first of `dates` that lies near the item; nil where none does.
    static func nearest(_ dates: [PartialDate], _ published: PartialDate?) -> PartialDate? {
        guard let published, let item = number(published) else { return nil }
        return dates.first { date in number(date).map { reach.contains($0 - item) } ?? false }
    }

    private static func number(_ date: PartialDate) -> Int? {
        guard let year = date.year, let month = date.month else { return nil }
        return CalendarDay.number(year: year, month: month, day: date.day ?? 15)
    }

    /// The day of the common calendar; nil outside the table, or where the month has no such day.
    /// - Parameter isLeap: of the leap month that follows `month`; nil where the year has none there.
    static func common(year: Int, month: Int, day: Int, isLeap: Bool = false) -> PartialDate? {
        guard let first = newYear(year), (1...12).contains(month) else { return nil }
        let entry = years[year - firstYear]
        var days = first
        for earlier in 1..<month { days += length(entry, earlier) + leapLength(entry, after: earlier) }
        // Where the year ends with a leap month its last day is that one's; this has not happened within the table.
        if isLeap { days += length(entry, month) }
        let longest = isLeap ? leapLength(entry, after: month) : length(entry, month)
        let wanted = day == lastDay ? longest : day
        guard wanted >= 1, wanted <= longest else { return nil }
        return CalendarDay(daysSince1970: days + wanted - 1)?.date
    }

    /// The first year of the table, and the day on which it begins: 31 January 1900.
    private static let firstYear = 1900
    private static let firstDay = CalendarDay.number(year: 1900, month: 1, day: 31)

    private static func length(_ entry: UInt32, _ month: Int) -> Int { entry >> UInt32(16 - month) & 1 == 1 ? 30 : 29 }

    private static func leapLength(_ entry: UInt32, after month: Int) -> Int {
        guard entry & 0xF == UInt32(month) else { return 0 }
        return entry >> 16 & 1 == 1 ? 30 : 29
    }

    /// The day on which a year begins, counted from 1970-01-01.
    private static func newYear(_ year: Int) -> Int? {
        guard year >= firstYear, year < firstYear + years.count else { return nil }
        return starts[year - firstYear]
    }

    private static let starts: [Int] = {
        var starts: [Int] = []
        var day = firstDay
        for entry in years {
            starts.append(day)
            for month in 1...12 { day += length(entry, month) + leapLength(entry, after: month) }
        }
        return starts
    }()

    private static let years: [UInt32] = [
        0x04bd8, 0x04ae0, 0x0a570, 0x054d5, 0x0d260, 0x0d950, 0x16554, 0x056a0, 0x09ad0, 0x055d2,  // 1900
        0x04ae0, 0x0a5b6, 0x0a4d0, 0x0d250, 0x1d255, 0x0b540, 0x0d6a0, 0x0ada2, 0x095b0, 0x14977,  // 1910
        0x04970, 0x0a4b0, 0x0b4b5, 0x06a50, 0x06d40, 0x1ab54, 0x02b60, 0x09570, 0x052f2, 0x04970,  // 1920
        0x06566, 0x0d4a0, 0x0ea50, 0x06e95, 0x05ad0, 0x02b60, 0x186e3, 0x092e0, 0x1c8d7, 0x0c950,  // 1930
        0x0d4a0, 0x1d8a6, 0x0b550, 0x056a0, 0x1a5b4, 0x025d0, 0x092d0, 0x0d2b2, 0x0a950, 0x0b557,  // 1940
        0x06ca0, 0x0b550, 0x15355, 0x04da0, 0x0a5b0, 0x14573, 0x052b0, 0x0a9a8, 0x0e950, 0x06aa0,  // 1950
        0x0aea6, 0x0ab50, 0x04b60, 0x0aae4, 0x0a570, 0x05260, 0x0f263, 0x0d950, 0x05b57, 0x056a0,  // 1960
        0x096d0, 0x04dd5, 0x04ad0, 0x0a4d0, 0x0d4d4, 0x0d250, 0x0d558, 0x0b540, 0x0b6a0, 0x195a6,  // 1970
        0x095b0, 0x049b0, 0x0a974, 0x0a4b0, 0x0b27a, 0x06a50, 0x06d40, 0x0af46, 0x0ab60, 0x09570,  // 1980
        0x04af5, 0x04970, 0x064b0, 0x074a3, 0x0ea50, 0x06b58, 0x05ac0, 0x0ab60, 0x096d5, 0x092e0,  // 1990
        0x0c960, 0x0d954, 0x0d4a0, 0x0da50, 0x07552, 0x056a0, 0x0abb7, 0x025d0, 0x092d0, 0x0cab5,  // 2000
        0x0a950, 0x0b4a0, 0x0baa4, 0x0ad50, 0x055d9, 0x04ba0, 0x0a5b0, 0x15176, 0x052b0, 0x0a930,  // 2010
        0x07954, 0x06aa0, 0x0ad50, 0x05b52, 0x04b60, 0x0a6e6, 0x0a4e0, 0x0d260, 0x0ea65, 0x0d530,  // 2020
        0x05aa0, 0x076a3, 0x096d0, 0x04afb, 0x04ad0, 0x0a4d0, 0x1d0b6, 0x0d250, 0x0d520, 0x0dd45,  // 2030
        0x0b5a0, 0x056d0, 0x055b2, 0x049b0, 0x0a577, 0x0a4b0, 0x0aa50, 0x1b255, 0x06d20, 0x0ada0,  // 2040
    ]
}
