// Dates as feeds and lists of posts write them: how long ago.
//
//     age = 刚刚 / count ( 秒 / 分钟 / 小时 ) 前 / count ( 天 / 周 ) 前 / ( 今天 / 昨天 / 前天 ) [ hour ":" minute ]

import Messages

/// Reads ages.
enum AgeReader {
    /// The day that `text` means for somebody who reads it at `now`; with the minute where the words and `now` have one.
    static func read(_ text: String, before now: PartialDate) -> PartialDate? {
        let scalars = text.unicodeScalars.map(\.value).filter { !CharacterClass.of($0).contains(.space) }
        guard (2...12).contains(scalars.count), now.day != nil else { return nil }
        if let days = days[Array(scalars.prefix(2))] { return day(scalars, days, now) }
        if scalars == just { return now }
        guard scalars.last == 0x524D else { return nil }  // 前
        var cursor = 0
        guard let count = Numerals.integer(scalars, &cursor, digits: 1...3) ?? Numerals.smallChinese(scalars, &cursor) else { return nil }
        let unit = Array(scalars[cursor..<(scalars.count - 1)])
        if unit == [0x5929] || unit == [0x65E5] { return whole(-count, now) }  // 天 日
        if unit == [0x5468] || unit == [0x9031] { return whole(-7 * count, now) }  // 周
        guard let minutes = minutes[unit], let minute = now.minuteOfDay else { return nil }
        return moved(now, minute - count * minutes)
    }

    private static let just = "刚刚".unicodeScalars.map(\.value)
    private static let days: [[UInt32]: Int] = ["今天": 0, "昨天": -1, "前天": -2].reduce(into: [:]) {
        $0[$1.key.unicodeScalars.map(\.value)] = $1.value
    }
    private static let minutes: [[UInt32]: Int] = ["秒": 0, "分钟": 1, "分鐘": 1, "小时": 60, "小時": 60, "个小时": 60].reduce(into: [:]) {
        $0[$1.key.unicodeScalars.map(\.value)] = $1.value
    }

    private static func whole(_ days: Int, _ now: PartialDate) -> PartialDate? {
        CalendarDays.adding(days, to: now).map { PartialDate(year: $0.year, month: $0.month, day: $0.day) }
    }

    private static func day(_ scalars: [UInt32], _ days: Int, _ now: PartialDate) -> PartialDate? {
        guard var date = whole(days, now) else { return nil }
        guard scalars.count > 2 else { return date }
        var cursor = 2
        guard let hour = Numerals.integer(scalars, &cursor, digits: 1...2), hour < 24, cursor < scalars.count, scalars[cursor] == 0x3A
        else { return nil }
        cursor += 1
        guard let minute = Numerals.integer(scalars, &cursor, digits: 2...2), minute < 60 else { return nil }
        date.minuteOfDay = hour * 60 + minute
        date.utcOffsetMinutes = now.utcOffsetMinutes
        return date
    }

    private static func moved(_ now: PartialDate, _ minute: Int) -> PartialDate? {
        let days = minute >= 0 ? 0 : (minute + 1) / 1440 - 1
        guard var date = whole(days, now) else { return nil }
        date.minuteOfDay = minute - days * 1440
        date.utcOffsetMinutes = now.utcOffsetMinutes
        return date
    }
}
