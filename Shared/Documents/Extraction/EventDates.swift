// Dates in running text that lean on the item's own date.
//
// A date without a year takes the item's year, and the year before where that would lie more than 90 days after the item.
// `10日` takes month and year from the item: it is the last such day not after it. 今天, 昨天, 前天 count from the item.
// Without the item's date they say nothing.

import Messages

/// Completes dates of the text by the item's date.
enum EventDates {
    /// How far after the item an event may lie before it is taken for the year before, in days.
    private static let farAheadDays = 90

    /// `date` with the year of `published` where it has none.
    static func complete(_ date: PartialDate, published: Found<PartialDate>?) -> (
        date: PartialDate, rule: String, certainty: Double
    ) {
        guard date.year == nil, let month = date.month, let published, let year = published.value.year else {
            return (date, "text", 1)
        }
        var result = date
        result.year = year
        if let day = date.day, let itemMonth = published.value.month {
            let distance =
                CalendarDays.number(year: year, month: month, day: day)
                - CalendarDays.number(year: year, month: itemMonth, day: published.value.day ?? 1)
            if distance > farAheadDays { result.year = year - 1 }
            guard DateReader.isValid(year: result.year, month: month, day: day) else { return (date, "text", 1) }
        }
        return (result, "year-of-item", min(0.9, published.basis.certainty))
    }

    /// `5日在普陀区`: a day without a month, where the words around show that it is no duration.
    static func bareDay(_ scalars: [UInt32], at index: Int, published: PartialDate?) -> (date: PartialDate, end: Int)? {
        guard Numerals.digit(scalars[index]) != nil, let published, let itemMonth = published.month,
            let itemDay = published.day
        else { return nil }
        var cursor = index
        guard let day = Numerals.integer(scalars, &cursor, digits: 1...2), (1...31).contains(day),
            cursor < scalars.count,
            DateReader.isDayMark(scalars[cursor]), cursor + 1 < scalars.count, followers.contains(scalars[cursor + 1])
        else { return nil }
        if index > 0, durations.contains(scalars[index - 1]) { return nil }
        var date = PartialDate(year: published.year, month: itemMonth, day: day)
        if day > itemDay {
            let previous = itemMonth == 1 ? 12 : itemMonth - 1
            date.month = previous
            if itemMonth == 1 { date.year = published.year.map { $0 - 1 } }
        }
        guard let month = date.month, DateReader.isValid(year: date.year, month: month, day: day) else { return nil }
        return (date, cursor + 1)
    }

    /// What follows a day that is a date.
    private static let followers: Set<UInt32> = Set("上下晚早凌中专在召举电讯，,起至发宣表印从赴到主出前往对通就又应".unicodeScalars.map(\.value))
    /// What stands before a count of days.
    private static let durations: Set<UInt32> = Set("第近每至满约月-–—~～/.连超足共过".unicodeScalars.map(\.value))
}

/// Words that count from the item's date.
///
///     今天, 昨天, 前天, 大前天, 明天, 后天     the day                 rule `relative`
///     上周五, 本周三, 下星期一               weeks begin on Monday    rule `relative`
///     上月28日, 本月3日, 上月, 本月           the month               rule `relative`
///     去年3月5日, 今年5月, 前年3月            the year                rule `relative-year`
///
/// 本周, 上周, 去年 and 今年 alone are longer than a date can say.
enum RelativeDate {
    /// A day, month or year that a word means.
    typealias Match = (date: PartialDate, end: Int, rule: String)

    /// Days from the item's for the words of two characters, by the first one.
    private static let days: [UInt32: Int] = [
        0x4ECA: 0, 0x6628: -1, 0x524D: -2, 0x660E: 1, 0x540E: 2, 0x5F8C: 2,  // 今 昨 前 明 后 後
    ]

    /// The date that the word at `index` means. `今天（7月25日）` is left to the date in brackets.
    static func read(_ scalars: [UInt32], at index: Int, published: PartialDate?) -> Match? {
        guard index + 1 < scalars.count, let published, let match = word(scalars, index, published) else { return nil }
        if match.end < scalars.count, scalars[match.end] == 0xFF08 || scalars[match.end] == 0x28 { return nil }
        return match
    }

    private static func word(_ scalars: [UInt32], _ index: Int, _ published: PartialDate) -> Match? {
        var next = index + 1
        // Recognised text may hold a space inside the word.
        Numerals.skipSpaces(scalars, &next, limit: 1)
        guard next < scalars.count else { return nil }
        switch scalars[next] {
        case "天", "日", "晨", "早", "晚", "夜": return day(scalars, index, next, published)
        case "年": return year(scalars, index, next + 1, published)
        case "月": return month(scalars, index, next + 1, published)
        case "个", "個":
            guard next + 1 < scalars.count, scalars[next + 1] == 0x6708 else { return nil }  // 上个月
            return month(scalars, index, next + 2, published)
        case "周", "週", "星", "礼", "禮": return week(scalars, index, next, published)
        case "前", "后", "後":
            // 大前天, 大后天.
            guard scalars[index] == 0x5927, next + 1 < scalars.count, scalars[next + 1] == 0x5929 else { return nil }
            return moved(published, scalars[next] == 0x524D ? -3 : 3, end: next + 2)
        default: return nil
        }
    }

    private static func moved(_ published: PartialDate, _ days: Int, end: Int) -> Match? {
        CalendarDays.adding(days, to: published).map {
            (PartialDate(year: $0.year, month: $0.month, day: $0.day), end, "relative")
        }
    }

    private static func day(_ scalars: [UInt32], _ index: Int, _ last: Int, _ published: PartialDate) -> Match? {
        guard let days = days[scalars[index]] else { return nil }
        switch (scalars[index], scalars[last]) {
        // 前晚, 后晚 and 明早 are said, 前夜 and 后夜 mean other things; 后天性, 日后.
        case ("前", "夜"), ("后", "夜"), ("後", "夜"), ("后", "日"), ("後", "日"), ("前", "晨"), ("后", "晨"), ("後", "晨"): return nil
        case ("后", "天") where last + 1 < scalars.count && scalars[last + 1] == 0x6027: return nil
        // 目前日均, 以前日期: 前日 is a word where none stands before it.
        case ("前", "日"), ("前", "天"):
            if index > 0, [0x76EE, 0x4EE5, 0x4E4B, 0x5F53, 0x7576, 0x63D0, 0x65E5, 0x5929].contains(scalars[index - 1]) { return nil }
        default: break
        }
        return moved(published, days, end: last + 1)
    }

    private static func year(_ scalars: [UInt32], _ index: Int, _ end: Int, _ published: PartialDate) -> Match? {
        guard let year = published.year else { return nil }
        let offset: Int
        switch scalars[index] {
        case "今", "本": offset = 0
        case "去": offset = -1
        case "前": offset = -2
        case "明": offset = 1
        default: return nil
        }
        var cursor = end
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        return DateReader.monthAndDay(scalars, at: cursor, year: year + offset).map { ($0.date, $0.end, "relative-year") }
    }

    /// What makes another word of 月: 上月球, 本月亮.
    private static let afterMonth: Set<UInt32> = Set("球亮台臺饼餅票季子".unicodeScalars.map(\.value))

    private static func month(_ scalars: [UInt32], _ index: Int, _ end: Int, _ published: PartialDate) -> Match? {
        guard let month = published.month else { return nil }
        let offset: Int
        switch scalars[index] {
        case "本", "这", "這": offset = 0
        case "上": offset = -1
        case "下": offset = 1
        default: return nil
        }
        // 以上月份, 基本月薪: the word is a part of others.
        if index > 0, [0x4EE5, 0x57FA, 0x8D44, 0x6210].contains(scalars[index - 1]) { return nil }
        var date = PartialDate(year: published.year, month: month + offset)
        if date.month == 0 { date = PartialDate(year: published.year.map { $0 - 1 }, month: 12) }
        if date.month == 13 { date = PartialDate(year: published.year.map { $0 + 1 }, month: 1) }
        var cursor = end
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        if cursor < scalars.count, let month = date.month,
            let day = Numerals.integer(scalars, &cursor, digits: 1...2) ?? Numerals.smallChinese(scalars, &cursor),
            cursor < scalars.count, DateReader.isDayMark(scalars[cursor]),
            DateReader.isValid(year: date.year, month: month, day: day)
        {
            return (PartialDate(year: date.year, month: month, day: day), cursor + 1, "relative")
        }
        if end < scalars.count, afterMonth.contains(scalars[end]) { return nil }
        return (date, end, "relative")
    }

    private static func week(_ scalars: [UInt32], _ index: Int, _ next: Int, _ published: PartialDate) -> Match? {
        guard let year = published.year, let month = published.month, let day = published.day else { return nil }
        let offset: Int
        switch scalars[index] {
        case "本", "这", "這": offset = 0
        case "上": offset = -7
        case "下": offset = 7
        default: return nil
        }
        // 星期 and 礼拜 have two characters.
        let place = scalars[next] == 0x5468 || scalars[next] == 0x9031 ? next + 1 : next + 2
        guard place < scalars.count, let weekday = DateReader.weekday(scalars[place]) else { return nil }
        // 上周日均, 本周日报: 日 belongs to the next word.
        if scalars[place] == 0x65E5, place + 1 < scalars.count, [0x5747, 0x62A5, 0x5E38, 0x671F].contains(scalars[place + 1]) {
            return nil
        }
        // Day 0, 1 January 1970, was a Thursday.
        let today = ((CalendarDays.number(year: year, month: month, day: day) + 3) % 7 + 7) % 7
        return moved(published, weekday - today + offset, end: place + 1)
    }
}
