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
            scalars[cursor] == 0x65E5, cursor + 1 < scalars.count, followers.contains(scalars[cursor + 1])
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

/// 今天, 昨天下午, 前天 by the item's date.
enum RelativeDate {
    private static let words: [(text: [UInt32], days: Int)] = [
        ("今天", 0), ("今日", 0), ("今晨", 0), ("今早", 0), ("今晚", 0), ("昨天", -1), ("昨日", -1), ("昨晚", -1), ("昨夜", -1),
        ("前天", -2), ("前日", -2), ("明天", 1), ("明日", 1),
    ].map { ($0.0.unicodeScalars.map(\.value), $0.1) }

    /// The day that the word at `index` means. `今天（7月25日）` is left to the date in brackets.
    static func read(_ scalars: [UInt32], at index: Int, published: PartialDate?) -> (
        date: PartialDate, end: Int, rule: String
    )? {
        guard index + 1 < scalars.count, let published else { return nil }
        var next = index + 1
        // Recognised text may hold a space inside the word.
        Numerals.skipSpaces(scalars, &next, limit: 1)
        guard next < scalars.count else { return nil }
        for word in words where scalars[index] == word.text[0] && scalars[next] == word.text[1] {
            let end = next + 1
            if end < scalars.count, scalars[end] == 0xFF08 || scalars[end] == 0x28 { return nil }
            guard let date = CalendarDays.adding(word.days, to: published) else { return nil }
            return (PartialDate(year: date.year, month: date.month, day: date.day), end, "relative")
        }
        return nil
    }
}
