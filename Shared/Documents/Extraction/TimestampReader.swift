// Timestamps of metadata: `Mon, 25 Jul 2022 12:11:30 GMT`, `2022-07-25T20:11:30+08:00`, `2016-11-22 09:53`, `20230919`.
//
// A time in UTC is turned into China Standard Time (UTC+08:00), because generators write feeds in UTC whatever the
// page's own zone is, and the day of a bulletin is the day in China. Any other zone is kept; a missing one stays unknown.

import Messages

/// Reads timestamps.
enum TimestampReader {
    /// Minutes east of UTC of China Standard Time.
    static let chinaOffsetMinutes = 480

    /// The date in `text`, as precisely as it is given; nil where there is none.
    /// - Parameter shortYears: what years of two and three digits mean; in traditional script 111-05-18 is 2022-05-18.
    static func read(_ text: String, shortYears: ShortYears = .common) -> PartialDate? {
        let scalars = text.unicodeScalars.map(\.value)
        guard !scalars.isEmpty, scalars.count <= 128 else { return nil }
        if let date = numeric(scalars, shortYears) { return date }
        return internet(text)
    }

    /// The minute of the day in `18:39` or `08:05:59` and nothing else.
    static func minuteOfDay(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hour = Int(parts[0]), let minute = Int(parts[1]),
            parts.allSatisfy({ (1...2).contains($0.utf8.count) }), (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }

    /// Seconds or milliseconds since 1970 in UTC, as programs write them; nil outside the years 2000…2100.
    static func epoch(_ text: String) -> PartialDate? {
        guard (10...13).contains(text.utf8.count), let number = Int(text) else { return nil }
        let seconds = text.utf8.count == 13 ? number / 1000 : number
        guard text.utf8.count == 10 || text.utf8.count == 13, (946_684_800..<4_102_444_800).contains(seconds) else {
            return nil
        }
        let local = seconds + chinaOffsetMinutes * 60
        let days = local / 86_400
        // 2000-01-01 is day 10957; no date within the bound is more than 36,525 steps away, so years are counted off.
        var year = 2000
        var left = days - 10_957
        while true {
            let length = DateReader.days(in: 2, year: year) + 337
            if left < length { break }
            left -= length
            year += 1
        }
        var month = 1
        while left >= DateReader.days(in: month, year: year) {
            left -= DateReader.days(in: month, year: year)
            month += 1
        }
        return PartialDate(
            year: year, month: month, day: left + 1, minuteOfDay: local % 86_400 / 60,
            utcOffsetMinutes: chinaOffsetMinutes)
    }

    /// A date in the forms of `DateReader` or of eight digits, with a time after it.
    private static func numeric(_ scalars: [UInt32], _ shortYears: ShortYears) -> PartialDate? {
        guard let start = scalars.firstIndex(where: { CharacterClass.of($0).contains(.digit) }) else { return nil }
        if let match = DateReader.read(scalars, at: start, shortYears: shortYears) {
            return withTime(match.date, scalars, match.end)
        }
        var cursor = start
        if let date = republican(scalars, &cursor, shortYears) { return withTime(date, scalars, cursor) }
        cursor = start
        if start < 4, let issue = Numerals.integer(scalars, &cursor, digits: 6...6), cursor == scalars.count {
            // 199801 is the first issue of a journal in 1998, of whatever month.
            return (1900...2100).contains(issue / 100) && (1...54).contains(issue % 100) ? PartialDate(year: issue / 100) : nil
        }
        cursor = start
        guard let number = Numerals.integer(scalars, &cursor, digits: 8...8) else { return nil }
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100)
        guard DateReader.isValid(year: year, month: month, day: day) else { return nil }
        return withTime(PartialDate(year: year, month: month, day: day), scalars, cursor)
    }

    /// 111-05-18, 111/5/18: a year of the Republic with separators.
    private static func republican(_ scalars: [UInt32], _ index: inout Int, _ shortYears: ShortYears) -> PartialDate? {
        let start = index
        guard let number = Numerals.integer(scalars, &index, digits: 2...3),
            let year = shortYears == .common ? nil : shortYears.year(number, digits: index - start), index + 1 < scalars.count,
            [0x2D, 0x2F, 0x2E].contains(scalars[index])
        else { return nil }
        let separator = scalars[index]
        index += 1
        guard let month = Numerals.integer(scalars, &index, digits: 1...2), index + 1 < scalars.count, scalars[index] == separator else {
            return nil
        }
        index += 1
        guard let day = Numerals.integer(scalars, &index, digits: 1...2), DateReader.isValid(year: year, month: month, day: day) else {
            return nil
        }
        return PartialDate(year: year, month: month, day: day)
    }

    private static func withTime(_ date: PartialDate, _ scalars: [UInt32], _ index: Int) -> PartialDate {
        var cursor = index
        let separators: Set<UInt32> = [0x20, 0x54, 0x74, 0x2D, 0x3000, 0xA0, 0x0A]
        while cursor < scalars.count, cursor - index < 4, separators.contains(scalars[cursor]) { cursor += 1 }
        if let minute = spokenMinute(scalars, cursor) {
            var result = date
            result.minuteOfDay = minute
            return result
        }
        guard cursor < scalars.count, let hour = Numerals.integer(scalars, &cursor, digits: 1...2), hour < 24,
            cursor < scalars.count, scalars[cursor] == 0x3A || scalars[cursor] == 0xFF1A
        else { return date }
        cursor += 1
        guard let minute = Numerals.integer(scalars, &cursor, digits: 2...2), minute < 60 else { return date }
        var result = date
        result.minuteOfDay = hour * 60 + minute
        // Seconds and fractions are read past.
        while cursor < scalars.count,
            scalars[cursor] == 0x3A || scalars[cursor] == 0x2E || Numerals.digit(scalars[cursor]) != nil
        {
            cursor += 1
        }
        let zone = String(scalars: scalars[min(cursor, scalars.count)...])
        return inChina(result, offset: offset(zone))
    }

    private static let parts: [(text: [UInt32], hours: Int)] = [
        ("上午", 0), ("凌晨", 0), ("早上", 0), ("中午", 12), ("下午", 12), ("晚上", 12), ("傍晚", 12), ("晚", 12),
    ].map { ($0.0.unicodeScalars.map(\.value), $0.1) }

    /// The minute of the day of `上午10时`, `下午3时30分`, `15时` at `index`.
    private static func spokenMinute(_ scalars: [UInt32], _ index: Int) -> Int? {
        guard index < scalars.count else { return nil }
        var cursor = index
        var added = 0
        if let part = parts.first(where: { scalars[index...].starts(with: $0.text) }) {
            cursor += part.text.count
            added = part.hours
        }
        guard cursor < scalars.count, var hour = Numerals.integer(scalars, &cursor, digits: 1...2), hour < 24, cursor < scalars.count,
            [0x65F6, 0x6642, 0x70B9, 0x9EDE].contains(scalars[cursor])  // 时 點
        else { return nil }
        // 中午11时 is before noon.
        if hour < 12, !(scalars[index] == 0x4E2D && hour >= 10) { hour += added }
        cursor += 1
        guard cursor < scalars.count else { return hour * 60 }
        if scalars[cursor] == 0x534A { return hour * 60 + 30 }  // 半
        guard let minute = Numerals.integer(scalars, &cursor, digits: 1...2), minute < 60 else { return hour * 60 }
        return hour * 60 + minute
    }

    /// `June 1, 2022` and `Jun. 1, 2022`, as English pages write a day.
    private static func american(_ parts: [String], _ months: [String]) -> PartialDate? {
        guard parts.count >= 3, let place = parts.indices.dropLast(2).first(where: { months.contains(parts[$0].prefix(3).lowercased()) }),
            let month = months.firstIndex(of: parts[place].prefix(3).lowercased()), let day = Int(parts[place + 1]),
            let year = Int(parts[place + 2]), DateReader.isValid(year: year, month: month + 1, day: day)
        else { return nil }
        return PartialDate(year: year, month: month + 1, day: day)
    }

    /// `Mon, 25 Jul 2022 12:11:30 GMT` (RFC 5322, section 3.3).
    private static func internet(_ text: String) -> PartialDate? {
        let parts = text.split { $0 == " " || $0 == "," }.map(String.init)
        let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        guard let place = parts.firstIndex(where: { months.contains($0.prefix(3).lowercased()) }), place > 0,
            place + 1 < parts.count, let month = months.firstIndex(of: parts[place].prefix(3).lowercased()),
            let day = Int(parts[place - 1]), let year = Int(parts[place + 1]),
            DateReader.isValid(year: year, month: month + 1, day: day)
        else { return american(parts, months) }
        let date = PartialDate(year: year, month: month + 1, day: day)
        guard place + 2 < parts.count else { return date }
        let clock = parts[place + 2].split(separator: ":").compactMap { Int($0) }
        guard clock.count >= 2, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]) else { return date }
        var result = date
        result.minuteOfDay = clock[0] * 60 + clock[1]
        return inChina(result, offset: place + 3 < parts.count ? offset(parts[place + 3]) : nil)
    }

    /// Minutes east of UTC of `GMT`, `Z`, `+0800`, `+08:00`; nil for what is no zone.
    private static func offset(_ text: String) -> Int? {
        let zone = text.filter { $0 != " " }.uppercased()
        if zone.isEmpty { return nil }
        if ["GMT", "UTC", "UT", "Z"].contains(where: zone.hasPrefix) { return 0 }
        if zone.hasPrefix("CST") { return chinaOffsetMinutes }
        guard let sign = zone.first, sign == "+" || sign == "-" else { return nil }
        let digits = zone.dropFirst().filter { $0 != ":" }.prefix(4)
        guard digits.count == 4 || digits.count == 2, let number = Int(digits) else { return nil }
        let minutes = digits.count == 2 ? number * 60 : number / 100 * 60 + number % 100
        return minutes <= 14 * 60 ? (sign == "-" ? -minutes : minutes) : nil
    }

    private static func inChina(_ date: PartialDate, offset: Int?) -> PartialDate {
        var result = date
        result.utcOffsetMinutes = offset
        guard offset == 0, let minute = date.minuteOfDay else { return result }
        let shifted = minute + chinaOffsetMinutes
        if shifted >= 1440, let next = CalendarDays.adding(1, to: date) {
            result = next
        }
        result.minuteOfDay = shifted % 1440
        result.utcOffsetMinutes = chinaOffsetMinutes
        return result
    }
}

/// Arithmetic on calendar days.
enum CalendarDays {
    /// `date` moved by a few days. Without a year only within what every year has: from 28 February on to 1 March is
    /// unknown, and so nil.
    static func adding(_ days: Int, to date: PartialDate) -> PartialDate? {
        guard let month = date.month, let day = date.day else { return nil }
        var result = PartialDate(year: date.year, month: month, day: day)
        for _ in 0..<abs(days) {
            guard let next = days > 0 ? following(result) : preceding(result) else { return nil }
            result = next
        }
        return result
    }

    /// The same day of the month, `months` later, or the month's last day where it has no such day; nil without a year.
    static func addingMonths(_ months: Int, to date: PartialDate) -> PartialDate? {
        guard let year = date.year, let month = date.month, let day = date.day else { return nil }
        let total = year * 12 + month - 1 + months
        let (newYear, newMonth) = (total / 12, total % 12 + 1)
        return PartialDate(year: newYear, month: newMonth, day: min(day, DateReader.days(in: newMonth, year: newYear)))
    }

    /// Days after Monday; nil without a whole date.
    static func weekday(of date: PartialDate) -> Int? {
        guard let year = date.year, let month = date.month, let day = date.day else { return nil }
        // Day 0, 1 January 1970, was a Thursday.
        return ((CalendarDay.number(year: year, month: month, day: day) + 3) % 7 + 7) % 7
    }

    private static func following(_ date: PartialDate) -> PartialDate? {
        guard let month = date.month, let day = date.day else { return nil }
        if date.year == nil, month == 2, day >= 28 { return nil }
        if day < DateReader.days(in: month, year: date.year) {
            return PartialDate(year: date.year, month: month, day: day + 1)
        }
        return month < 12
            ? PartialDate(year: date.year, month: month + 1, day: 1)
            : PartialDate(year: date.year.map { $0 + 1 }, month: 1, day: 1)
    }

    private static func preceding(_ date: PartialDate) -> PartialDate? {
        guard let month = date.month, let day = date.day else { return nil }
        if day > 1 { return PartialDate(year: date.year, month: month, day: day - 1) }
        if month == 1 { return PartialDate(year: date.year.map { $0 - 1 }, month: 12, day: 31) }
        if date.year == nil, month == 3 { return nil }
        return PartialDate(year: date.year, month: month - 1, day: DateReader.days(in: month - 1, year: date.year))
    }
}
