// Dates in running text that lean on the item's own date.
//
// A date without a year takes the year in which it lies between 275 days before the item and 90 days after it: in December
// 1月11日 is next January's. Of a day that is announced (自7月10日起, 将于11月5日) the year is that in which it is still to come.
// `10日` takes month and year from the item: it is the last such day not after it, unless the same day of the item's own month
// is three times nearer. 今天, 昨天, 前天 count from the item. Without the item's date they say nothing.

import Messages

/// Completes dates of the text by the item's date.
enum EventDates {
    /// How far after the item an event may lie before it is taken for the year before, in days.
    private static let farAheadDays = 90
    /// How far before the item an event may lie before it is taken for the year after; the rest of a year.
    private static let farBehindDays = 275
    /// How far after the item a day may lie that is announced.
    private static let announcedDays = 330

    /// `date` with the year of `published` where it has none.
    /// - Parameter isAnnounced: the words around say that the day is still to come.
    static func complete(_ date: PartialDate, published: Found<PartialDate>?, isAnnounced: Bool = false) -> (
        date: PartialDate, rule: String, certainty: Double
    ) {
        guard date.year == nil, let month = date.month, let published, let year = published.value.year else {
            return (date, "text", 1)
        }
        var result = date
        result.year = year
        if let day = date.day, let itemMonth = published.value.month {
            let distance =
                CalendarDay.number(year: year, month: month, day: day)
                - CalendarDay.number(year: year, month: itemMonth, day: published.value.day ?? 1)
            if distance > (isAnnounced ? announcedDays : farAheadDays) { result.year = year - 1 }
            if distance < -farBehindDays, published.value.day != nil { result.year = year + 1 }
            guard DateReader.isValid(year: result.year, month: month, day: day) else { return (date, "text", 1) }
        }
        return (result, "year-of-item", min(0.9, published.basis.certainty))
    }

    /// Whether the words around the date in `range` say that its day is still to come: 自7月10日起施行, 将于11月5日, 定于3月1日.
    static func isAnnounced(_ scalars: [UInt32], _ range: Range<Int>) -> Bool {
        if range.lowerBound > 1, scalars[range.lowerBound - 1] == 0x4E8E || scalars[range.lowerBound - 1] == 0x65BC {  // 于
            return [0x5C06, 0x5C07, 0x5B9A, 0x62DF, 0x64EC].contains(scalars[range.lowerBound - 2])  // 将 定 拟
        }
        guard range.upperBound + 1 < scalars.count, scalars[range.upperBound] == 0x8D77 else { return false }  // 起
        return [0x65BD, 0x5B9E, 0x5BE6, 0x6267, 0x57F7, 0x751F, 0x6B63].contains(scalars[range.upperBound + 1])  // 施 实 执 生 正
    }

    /// The year of the first day of a range that ends with another month's: 12月20日至1月5日, 1月1日至12月6日.
    static func yearOfRange(_ first: PartialDate, _ scalars: [UInt32], after end: Int, published: Found<PartialDate>?) -> Int? {
        guard first.year == nil, let month = first.month, let day = first.day else { return nil }
        var cursor = end
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        guard cursor + 2 < scalars.count, DateReader.isRangeMark(scalars[cursor]) else { return nil }
        if scalars[cursor + 1] == scalars[cursor] { cursor += 1 }
        guard let second = DateReader.read(scalars, at: cursor + 1)?.date, let lastMonth = second.month, let lastDay = second.day
        else { return nil }
        guard let year = complete(second, published: published).date.year else { return nil }
        return (month, day) <= (lastMonth, lastDay) ? year : year - 1
    }

    /// `5日在普陀区`: a day without a month, where the words around show that it is no duration.
    static func bareDay(_ scalars: [UInt32], at index: Int, published: PartialDate?) -> (date: PartialDate, end: Int)? {
        guard Numerals.digit(scalars[index]) != nil, let published, let itemMonth = published.month,
            let itemDay = published.day
        else { return nil }
        var cursor = index
        guard let day = Numerals.integer(scalars, &cursor, digits: 1...2), (1...31).contains(day),
            cursor < scalars.count,
            DateReader.isDayMark(scalars[cursor]), cursor + 1 < scalars.count,
            followers.contains(scalars[cursor + 1]) || isHour(scalars, cursor + 1)
        else { return nil }
        // 截至23日12时 names a day, 2至3日 a stretch.
        let isUpTo = index > 1 && scalars[index - 1] == 0x81F3 && scalars[index - 2] == 0x622A
        if index > 0, !isUpTo, durations.contains(scalars[index - 1]) { return nil }
        var date = PartialDate(year: published.year, month: itemMonth, day: day)
        let behind = itemDay + DateReader.days(in: itemMonth == 1 ? 12 : itemMonth - 1, year: published.year) - day
        if day > itemDay, (day - itemDay) * nearness >= behind {
            let previous = itemMonth == 1 ? 12 : itemMonth - 1
            date.month = previous
            if itemMonth == 1 { date.year = published.year.map { $0 - 1 } }
        }
        guard let month = date.month, DateReader.isValid(year: date.year, month: month, day: day) else { return nil }
        return (date, cursor + 1)
    }

    /// 12时, 15:30
    private static func isHour(_ scalars: [UInt32], _ index: Int) -> Bool {
        var cursor = index
        guard let hour = Numerals.integer(scalars, &cursor, digits: 1...2), hour <= 24, cursor < scalars.count else { return false }
        return [0x65F6, 0x6642, 0x70B9, 0x9EDE, 0x3A, 0xFF1A].contains(scalars[cursor])  // 时 點 :
    }

    /// How many times nearer a day to come must be than the last such day.
    private static let nearness = 3
    /// What follows a day that is a date.
    private static let followers = ScalarSet("上下晚早凌中专在召举电讯，,起至发宣表印从赴到主出前往对通就又应称说表示公將将報报開开發專電訊舉宣從對應稱說")
    /// What stands before a count of days.
    private static let durations = ScalarSet("第近每至满约月-–—~～/.连超足共过〕］]〉")
}

/// Words that count from the item's date.
///
///     今天, 昨天, 前天, 大前天, 明天, 后天     the day                 rule `relative`
///     上周五, 本周三, 下星期一               weeks begin on Monday    rule `relative`
///     上月28日, 本月3日, 上月, 本月           the month               rule `relative`
///     去年3月5日, 今年5月, 前年3月            the year                rule `relative-year`
///     今（18）日, 昨（17日）                 the day in brackets      rule `relative`
///
/// 本周 and its like have a first and a last day (`StretchReader`); 去年 and 今年 alone are longer than a date can say.
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
        case "起", "从", "在", "获", "從", "獲":
            // 今起, 记者昨从市教育局获悉; 如今在, 从今起.
            let isYesterday = scalars[index] == 0x6628
            guard isYesterday || scalars[next] == 0x8D77 && [0x4ECA, 0x660E].contains(scalars[index]) else { return nil }
            if index > 0, [0x4ECE, 0x5982, 0x5F9E].contains(scalars[index - 1]) { return nil }
            return days[scalars[index]].flatMap { moved(published, $0, end: index + 1) }
        case "（", "(": return bracketed(scalars, index, next, published)
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

    /// 今（18）日, 昨(17日): the number must be that of the day that the word means.
    private static func bracketed(_ scalars: [UInt32], _ index: Int, _ open: Int, _ published: PartialDate) -> Match? {
        guard let days = days[scalars[index]], var match = moved(published, days, end: open) else { return nil }
        var cursor = open + 1
        guard let day = Numerals.integer(scalars, &cursor, digits: 1...2), day == match.date.day else { return nil }
        if cursor < scalars.count, DateReader.isDayMark(scalars[cursor]) { cursor += 1 }
        guard cursor < scalars.count, scalars[cursor] == 0xFF09 || scalars[cursor] == 0x29 else { return nil }
        cursor += 1
        if cursor < scalars.count, DateReader.isDayMark(scalars[cursor]) || scalars[cursor] == 0x5929 { cursor += 1 }
        match.end = cursor
        return match
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
    private static let afterMonth = ScalarSet("球亮台臺饼餅票季子")

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
        guard let today = CalendarDays.weekday(of: published) else { return nil }
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
        return moved(published, weekday - today + offset, end: place + 1)
    }
}

/// 同日, 同一天, 当日, 当天, 當日: the day that the text named last.
enum SameDay {
    /// Where the word ends that starts at `index`; nil where none does.
    static func end(_ scalars: [UInt32], at index: Int) -> Int? {
        guard index + 1 < scalars.count else { return nil }
        let next = scalars[index + 1]
        switch scalars[index] {
        case "当", "當":
            guard next == 0x65E5 || next == 0x5929 else { return nil }
        case "同":
            if next == 0x4E00 {  // 同一天
                return index + 2 < scalars.count && (scalars[index + 2] == 0x5929 || scalars[index + 2] == 0x65E5) ? index + 3 : nil
            }
            guard next == 0x65E5 else { return nil }
        default: return nil
        }
        // 去年同日 is another day; 同日本首相 is with Japan.
        if index > 0, scalars[index - 1] == 0x5E74 || scalars[index - 1] == 0x671F { return nil }
        if next == 0x65E5, index + 2 < scalars.count, notAfterDay.contains(scalars[index + 2]) { return nil }
        return index + 2
    }

    /// Whether the word at `index` means the item's day where the text has named none: 同日 does, 当日 need not.
    static func meansItem(_ scalars: [UInt32], at index: Int) -> Bool { scalars[index] == 0x540C }

    /// 日本, 日军, 日方, 日元, 日语 and other words of Japan; 日常, 日前, 日均.
    private static let notAfterDay = ScalarSet("本军軍方元语語籍韩韓美俄欧歐印澳常前均趋趨渐漸益")
}
