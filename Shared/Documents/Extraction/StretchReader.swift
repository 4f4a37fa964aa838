// Stretches of time: weeks, quarters, half-years and rows of months. Each gives its first and its last day or month.
//
//     stretch = [ year ] ( half / quarter / months )             今年上半年, 2024年一季度, 1-10月, 前7个月
//             / ( 本 / 上 / 下 / 这 ) ( 周 [ 末 ] / 季度 )             weeks begin on Monday
//             / ( 近 / 最近 / 过去 ) count unit                      近一周: seven days, of which the last is the item's
//             / 未来 count unit                                     未来三天: from the day after the item's
//     year    = 今年 / 本年 / 去年 / 上年 / 前年 / 明年 / four digits 年
//     half    = 上半年 / 下半年
//     quarter = [ 第 ] ( 一 … 四 / 1 … 4 ) 季度 / 前 ( 两 / 二 / 三 ) [ 个 ] 季度
//     months  = 前 count 个月 / month ( - / — / 至 … ) month 月 [ 份 ]
//     third   = month 月 ( 上旬 / 中旬 / 下旬 )                     days 1-10, 11-20, 21 to the last; without the item's date without a year
//     count   = 1 … 31 in either numerals;  unit = 天 / 日 / 周 / 个星期 / 个月
//
// Without a year a half or quarter is that of the item's year, unless it would begin more than 100 days after the item: then
// it is that of the year before. Rows of months report what has passed: they never end after the item's month.

import Messages

/// Reads stretches of time.
enum StretchReader {
    /// The first and last day or month, and where the words end.
    typealias Match = (first: PartialDate, last: PartialDate, end: Int)

    /// How far after the item a half or quarter may begin and be that of the item's year, in days.
    private static let farAheadDays = 100

    /// The stretch that starts at `index`; nil where none does, or where the item's date does not say which one it is.
    static func read(_ scalars: [UInt32], at index: Int, published: PartialDate?) -> Match? {
        guard index + 1 < scalars.count else { return nil }
        if Numerals.digit(scalars[index]) != nil || Numerals.chineseDigit(scalars[index]) != nil || scalars[index] == 0x5341 {
            return numbered(scalars, index, published)
        }
        switch scalars[index] {
        case "今", "去", "明", "本", "上", "前", "下", "这", "這":
            if let (year, next) = spokenYear(scalars, index, published) {
                return yearPart(scalars, next, year: year, published)
            }
            return yearPart(scalars, index, year: nil, published) ?? week(scalars, index, published)
                ?? currentQuarter(scalars, index, published)
        case "近", "最", "过", "過", "未": return counted(scalars, index, published)
        default: return nil
        }
    }

    // MARK: Parts of a year

    /// 2024年一季度, 1-10月, 一季度, 第三季度.
    private static func numbered(_ scalars: [UInt32], _ index: Int, _ published: PartialDate?) -> Match? {
        var cursor = index
        if let year = Numerals.integer(scalars, &cursor, digits: 4...4), (1900...2100).contains(year) {
            guard cursor < scalars.count, scalars[cursor] == 0x5E74 else { return nil }
            return yearPart(scalars, cursor + 1, year: year, published)
        }
        if index > 0, !CharacterClass.of(scalars[index - 1]).isDisjoint(with: [.digit, .chineseNumeral]) { return nil }
        return yearPart(scalars, index, year: nil, published) ?? thirdOfMonth(scalars, index, published)
    }

    /// 5月中旬, without a year of its own.
    private static func thirdOfMonth(_ scalars: [UInt32], _ index: Int, _ published: PartialDate?) -> Match? {
        var cursor = index
        guard let month = small(scalars, &cursor), (1...12).contains(month), cursor < scalars.count, scalars[cursor] == 0x6708
        else { return nil }
        return third(scalars, after: cursor + 1, year: year(of: month...month, hasPassed: false, published), month: month)
    }

    /// The days that 上旬, 中旬 or 下旬 after a month mean, and where the words end.
    static func third(_ scalars: [UInt32], after index: Int, year: Int?, month: Int) -> Match? {
        guard index + 1 < scalars.count, scalars[index + 1] == 0x65EC else { return nil }
        let days: ClosedRange<Int>
        switch scalars[index] {
        case "上": days = 1...10
        case "中": days = 11...20
        // The last day of a February of an unknown year is not known either.
        case "下": days = 21...(month == 2 && year == nil ? 28 : DateReader.days(in: month, year: year))
        default: return nil
        }
        return (
            PartialDate(year: year, month: month, day: days.lowerBound), PartialDate(year: year, month: month, day: days.upperBound),
            index + 2
        )
    }

    /// 今年, 去年 and their like before a part of the year.
    private static func spokenYear(_ scalars: [UInt32], _ index: Int, _ published: PartialDate?) -> (year: Int, next: Int)? {
        guard scalars[index + 1] == 0x5E74, index + 2 < scalars.count, let year = published?.year else { return nil }
        switch scalars[index] {
        case "今", "本": return (year, index + 2)
        case "去", "上": return (year - 1, index + 2)
        case "前": return (year - 2, index + 2)
        case "明": return (year + 1, index + 2)
        default: return nil
        }
    }

    /// A half, a quarter or a row of months at `index`.
    private static func yearPart(_ scalars: [UInt32], _ index: Int, year: Int?, _ published: PartialDate?) -> Match? {
        guard let (months, end, hasPassed) = months(scalars, index) else { return nil }
        guard let year = year ?? self.year(of: months, hasPassed: hasPassed, published) else { return nil }
        return (
            PartialDate(year: year, month: months.lowerBound), PartialDate(year: year, month: months.upperBound), end
        )
    }

    private static func year(of months: ClosedRange<Int>, hasPassed: Bool, _ published: PartialDate?) -> Int? {
        guard let published, let year = published.year, let month = published.month else { return nil }
        if hasPassed { return months.upperBound > month ? year - 1 : year }
        let start = CalendarDay.number(year: year, month: months.lowerBound, day: 1)
        let ahead = start - CalendarDay.number(year: year, month: month, day: published.day ?? 1)
        return ahead > farAheadDays ? year - 1 : year
    }

    /// The months that the words at `index` mean, where these end, and whether they report what has passed.
    private static func months(_ scalars: [UInt32], _ index: Int) -> (months: ClosedRange<Int>, end: Int, hasPassed: Bool)? {
        func stands(_ word: String, _ place: Int) -> Bool { starts(scalars, place, word) }
        guard index < scalars.count else { return nil }
        if stands("上半年", index) { return (1...6, index + 3, false) }
        if stands("下半年", index) { return (7...12, index + 3, false) }
        if scalars[index] == 0x524D { return firstMonths(scalars, index) }  // 前
        var cursor = index
        if scalars[cursor] == 0x7B2C { cursor += 1 }  // 第
        guard cursor < scalars.count else { return nil }
        let start = cursor
        guard let number = small(scalars, &cursor) else { return nil }
        if (1...4).contains(number), stands("季度", cursor) {
            return ((number * 3 - 2)...(number * 3), cursor + 2, false)
        }
        return start == index ? monthRow(scalars, first: number, cursor) : nil
    }

    /// 前三季度, 前两个季度, 前7个月.
    private static func firstMonths(_ scalars: [UInt32], _ index: Int) -> (ClosedRange<Int>, Int, Bool)? {
        var cursor = index + 1
        guard cursor < scalars.count, let count = small(scalars, &cursor), cursor < scalars.count else { return nil }
        if scalars[cursor] == 0x4E2A || scalars[cursor] == 0x500B { cursor += 1 }  // 个
        if starts(scalars, cursor, "季度"), (2...3).contains(count) { return (1...(count * 3), cursor + 2, true) }
        let isMonths = cursor > index + 2 && cursor < scalars.count && scalars[cursor] == 0x6708
        guard isMonths, (2...12).contains(count), scalars[cursor - 1] == 0x4E2A || scalars[cursor - 1] == 0x500B else {
            return nil
        }
        return (1...count, cursor + 1, true)
    }

    private static let rangeMarks = ScalarSet("-–—~～－至到")

    /// The rest of 1-10月: a mark and the last month. A day after it makes a date of it (1-10月5日 is none).
    private static func monthRow(_ scalars: [UInt32], first: Int, _ index: Int) -> (ClosedRange<Int>, Int, Bool)? {
        var cursor = index
        if cursor < scalars.count, scalars[cursor] == 0x6708 { cursor += 1 }  // 1月至10月
        guard cursor < scalars.count, rangeMarks.contains(scalars[cursor]) else { return nil }
        if cursor + 1 < scalars.count, scalars[cursor + 1] == scalars[cursor] { cursor += 1 }
        cursor += 1
        guard cursor < scalars.count, let last = small(scalars, &cursor), cursor < scalars.count, scalars[cursor] == 0x6708,
            (1...12).contains(first), (1...12).contains(last), first < last
        else { return nil }
        cursor += 1
        if cursor < scalars.count, scalars[cursor] == 0x4EFD { return (first...last, cursor + 1, true) }  // 份
        var next = cursor
        Numerals.skipSpaces(scalars, &next, limit: 1)
        if next < scalars.count, small(scalars, &next) != nil { return nil }
        return (first...last, cursor, true)
    }

    // MARK: Around the item's date

    /// What makes another word of 周: 本周期, 上周刊.
    private static let afterWeek = ScalarSet("期刊岁歲边邊长長转轉年折报報")

    private static func week(_ scalars: [UInt32], _ index: Int, _ published: PartialDate?) -> Match? {
        guard let published, published.day != nil, scalars[index + 1] == 0x5468 || scalars[index + 1] == 0x9031 else { return nil }
        let offset: Int
        switch scalars[index] {
        case "本", "这", "這": offset = 0
        case "上": offset = -7
        case "下": offset = 7
        default: return nil
        }
        var end = index + 2
        if end < scalars.count, afterWeek.contains(scalars[end]) { return nil }
        guard let weekday = CalendarDays.weekday(of: published) else { return nil }
        var days = (0 - weekday + offset)...(6 - weekday + offset)
        if end < scalars.count, scalars[end] == 0x672B {  // 末
            days = (days.upperBound - 1)...days.upperBound
            end += 1
        }
        return span(days, published, end)
    }

    /// 本季度, 上季度, 上个季度.
    private static func currentQuarter(_ scalars: [UInt32], _ index: Int, _ published: PartialDate?) -> Match? {
        guard let year = published?.year, let month = published?.month, scalars[index] == 0x672C || scalars[index] == 0x4E0A else {
            return nil
        }
        let isCounted = scalars[index + 1] == 0x4E2A || scalars[index + 1] == 0x500B
        let place = isCounted ? index + 2 : index + 1
        guard starts(scalars, place, "季度") else { return nil }
        var quarter = (month - 1) / 3 + (scalars[index] == 0x4E0A ? -1 : 0)
        var quarterYear = year
        if quarter < 0 { (quarter, quarterYear) = (3, year - 1) }
        return (
            PartialDate(year: quarterYear, month: quarter * 3 + 1), PartialDate(year: quarterYear, month: quarter * 3 + 3),
            place + 2
        )
    }

    /// 近一周, 最近三天, 过去两个月, 未来三天.
    private static func counted(_ scalars: [UInt32], _ index: Int, _ published: PartialDate?) -> Match? {
        guard let published, published.day != nil else { return nil }
        var cursor = index
        let isAhead = scalars[index] == 0x672A
        switch scalars[index] {
        case "近": cursor += 1
        case "最" where scalars[index + 1] == 0x8FD1: cursor += 2
        case "过" where scalars[index + 1] == 0x53BB: cursor += 2
        case "過" where scalars[index + 1] == 0x53BB: cursor += 2
        case "未" where scalars[index + 1] == 0x6765 || scalars[index + 1] == 0x4F86: cursor += 2
        default: return nil
        }
        guard cursor < scalars.count, let count = small(scalars, &cursor), (1...31).contains(count), cursor < scalars.count else {
            return nil
        }
        let days: Int
        switch scalars[cursor] {
        case "天", "日": days = count
        case "周", "週":
            if cursor + 1 < scalars.count, afterWeek.contains(scalars[cursor + 1]) { return nil }
            days = count * 7
        case "个", "個":
            if starts(scalars, cursor + 1, "月") {
                guard !isAhead, let first = CalendarDays.addingMonths(-count, to: published) else { return nil }
                return (first, PartialDate(year: published.year, month: published.month, day: published.day), cursor + 2)
            }
            guard starts(scalars, cursor + 1, "星期") else { return nil }
            (days, cursor) = (count * 7, cursor + 2)
        default: return nil
        }
        return span(isAhead ? 1...days : (1 - days)...0, published, cursor + 1)
    }

    private static func span(_ days: ClosedRange<Int>, _ published: PartialDate, _ end: Int) -> Match? {
        guard let first = CalendarDays.adding(days.lowerBound, to: published),
            let last = CalendarDays.adding(days.upperBound, to: published)
        else { return nil }
        return (
            PartialDate(year: first.year, month: first.month, day: first.day),
            PartialDate(year: last.year, month: last.month, day: last.day), end
        )
    }

    // MARK: Characters

    /// A number up to 99 in either numerals; 两 is two.
    private static func small(_ scalars: [UInt32], _ index: inout Int) -> Int? {
        Numerals.integer(scalars, &index, digits: 1...2) ?? Numerals.smallChinese(scalars, &index)
    }

    private static func starts(_ scalars: [UInt32], _ index: Int, _ word: String) -> Bool {
        var cursor = index
        for scalar in word.unicodeScalars {
            guard cursor < scalars.count, scalars[cursor] == scalar.value else { return false }
            cursor += 1
        }
        return true
    }
}
