// Lines that are a date and nothing else, as headings of what follows.
//
//     heading  = *decoration [ number ] [ 截至 ] date [ range ] [ time ] [ weekday ] [ other-name ] [ weather ] [ word ] *decoration
//              / eight digits                                     20200208
//              / English date                                     Feb 8, 2020
//     number   = 一、 / 1.
//     range    = ( - / — / 至 … ) ( day 日 / date )                the last day counts: what is put together came out at the end
//     time     = 08:30 / 24时
//     weekday  = 星期六, 周六, Saturday, in brackets or not
//     other-name = （农历正月初二）, （除夕）, 农历正月十五
//     weather  = 晴, 多云, 小雨 …
//     word     = 动态, 要闻, 快讯, 新闻摘要 …

import Messages

/// Reads date headings.
enum DateHeading {
    /// Characters of such a line.
    private static let lengths = 3...36

    static func read(_ scalars: [UInt32], shortYears: ShortYears) -> DateMatch? {
        guard lengths.contains(scalars.count) else { return nil }
        if let match = compact(scalars) ?? english(scalars) { return match }
        var start = 0
        while start < scalars.count, isDecoration(scalars[start]) { start += 1 }
        skipNumber(scalars, &start)
        skip(limits, scalars, &start)
        DateReader.skipRepublic(scalars, &start)
        guard start < scalars.count, var match = DateReader.read(scalars, at: start, shortYears: shortYears) else { return nil }
        guard match.date.day != nil || match.date.year != nil else { return nil }
        var cursor = match.end
        if match.date.day != nil {
            skipRange(scalars, &cursor, &match.date, shortYears)
            readTime(scalars, &cursor, &match.date)
        }
        skipWeekday(scalars, &cursor)
        skipFeast(scalars, &cursor)
        skipWeather(scalars, &cursor)
        if match.date.day != nil { skip(words, scalars, &cursor) }
        while cursor < scalars.count, isDecoration(scalars[cursor]) || isDayPart(scalars, cursor) { cursor += 1 }
        return cursor == scalars.count ? match : nil
    }

    private static func scalars(_ words: [String]) -> [[UInt32]] { words.map { $0.unicodeScalars.map(\.value) } }

    private static func skip(_ words: [[UInt32]], _ scalars: [UInt32], _ index: inout Int) {
        guard index < scalars.count, let word = words.first(where: { scalars[index...].starts(with: $0) }) else { return }
        index += word.count
    }

    private static let limits = scalars(["截至", "截止到", "截止"])
    /// Longer ones first.
    private static let words = scalars([
        "新闻摘要", "工作动态", "疫情动态", "新闻速览", "要闻速览", "动态", "要闻", "快讯", "播报", "简讯", "摘要", "要情", "资讯", "舆情", "速览", "新闻", "動態", "要聞", "快訊",
    ])

    /// `20200208`.
    private static func compact(_ scalars: [UInt32]) -> DateMatch? {
        guard scalars.count == 8 else { return nil }
        var cursor = 0
        guard let number = Numerals.integer(scalars, &cursor, digits: 8...8) else { return nil }
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100)
        guard (1980...2100).contains(year), DateReader.isValid(year: year, month: month, day: day) else { return nil }
        return DateMatch(date: PartialDate(year: year, month: month, day: day), end: 8)
    }

    /// `Feb 8, 2020`.
    private static func english(_ scalars: [UInt32]) -> DateMatch? {
        guard CharacterClass.of(scalars[0]).contains(.letter), let (date, range) = EnglishDispatch.day(scalars[...]), range == 0..<scalars.count,
            date.year != nil
        else { return nil }
        return DateMatch(date: date, end: scalars.count)
    }

    /// 一、 or 1. before a date.
    private static func skipNumber(_ scalars: [UInt32], _ index: inout Int) {
        var cursor = index
        guard cursor < scalars.count, Numerals.smallChinese(scalars, &cursor) ?? Numerals.integer(scalars, &cursor, digits: 1...2) != nil,
            cursor + 1 < scalars.count, [0x3001, 0x2E, 0xFF0E].contains(scalars[cursor])
        else { return }
        let isSpaced = scalars[cursor] == 0x3001 || CharacterClass.of(scalars[cursor + 1]).contains(.space)
        guard isSpaced else { return }
        cursor += 1
        Numerals.skipSpaces(scalars, &cursor)
        index = cursor
    }

    /// `~9日`, `至2月9日`.
    private static func skipRange(_ scalars: [UInt32], _ index: inout Int, _ date: inout PartialDate, _ shortYears: ShortYears) {
        if let last = DateReader.lastDay(scalars, after: index, first: date) {
            (date, index) = (last.date, last.range.upperBound)
            return
        }
        var cursor = index
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        guard cursor + 2 < scalars.count, DateReader.isRangeMark(scalars[cursor]) else { return }
        if scalars[cursor + 1] == scalars[cursor] { cursor += 1 }
        cursor += 1
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        guard cursor < scalars.count, let last = DateReader.read(scalars, at: cursor, shortYears: shortYears), last.date.day != nil else { return }
        let isNextYear = (last.date.month ?? 0) < (date.month ?? 0)
        date = PartialDate(year: last.date.year ?? date.year.map { isNextYear ? $0 + 1 : $0 }, month: last.date.month, day: last.date.day)
        index = last.end
    }

    private static let hongKong = "HKT".unicodeScalars.map(\.value)

    /// `08:30`, `08:30:05`, `HKT 12:35`, `24时`.
    private static func readTime(_ scalars: [UInt32], _ index: inout Int, _ date: inout PartialDate) {
        var cursor = index
        Numerals.skipSpaces(scalars, &cursor)
        if scalars[min(cursor, scalars.count)...].starts(with: hongKong) {
            cursor += hongKong.count
            Numerals.skipSpaces(scalars, &cursor)
        }
        guard cursor < scalars.count, let hour = Numerals.integer(scalars, &cursor, digits: 1...2), hour <= 24, cursor < scalars.count else { return }
        if [0x65F6, 0x6642].contains(scalars[cursor]) {  // 时
            if hour < 24 { date.minuteOfDay = hour * 60 }
            index = cursor + 1
            return
        }
        guard hour < 24, scalars[cursor] == 0x3A || scalars[cursor] == 0xFF1A else { return }
        cursor += 1
        guard let minute = Numerals.integer(scalars, &cursor, digits: 2...2), minute < 60 else { return }
        date.minuteOfDay = hour * 60 + minute
        index = cursor
        guard cursor < scalars.count, scalars[cursor] == 0x3A else { return }
        cursor += 1
        if Numerals.integer(scalars, &cursor, digits: 2...2) != nil { index = cursor }
    }

    private static let decorations = ScalarSet(" \t\u{3000}\u{A0}【】[]（）()〔〕◆●■▲★☆▶►▷▸〓▍▎┃✦❖◇○□▼·•-—–_*#=:：|｜~～，,。.、>》《<")

    private static func isDecoration(_ scalar: UInt32) -> Bool { decorations.contains(scalar) }

    /// 上午, 下午, 晚 and the like after a date heading.
    private static func isDayPart(_ scalars: [UInt32], _ index: Int) -> Bool {
        ["上", "下", "午", "晚", "晨", "早", "夜", "间"].contains { $0 ~= scalars[index] }
    }

    private static let englishDays = scalars(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
    private static let longestEnglishDay = 10

    private static func skipWeekday(_ scalars: [UInt32], _ index: inout Int) {
        var cursor = index
        while cursor < scalars.count, isDecoration(scalars[cursor]) { cursor += 1 }
        var length = 0
        if cursor + 2 < scalars.count, scalars[cursor] == 0x661F, scalars[cursor + 1] == 0x671F { length = 3 }  // 星期
        if cursor + 2 < scalars.count, scalars[cursor] == 0x793C || scalars[cursor] == 0x79AE, scalars[cursor + 1] == 0x62DC { length = 3 }  // 礼拜
        if length == 0, cursor + 1 < scalars.count, scalars[cursor] == 0x5468 || scalars[cursor] == 0x9031 { length = 2 }  // 周
        guard length > 0 else { return skipEnglishDay(scalars, &index) }
        let day = scalars[cursor + length - 1]
        if DateReader.weekday(day) != nil { index = cursor + length }
    }

    /// Saturday, Sat.
    private static func skipEnglishDay(_ scalars: [UInt32], _ index: inout Int) {
        var cursor = index
        while cursor < scalars.count, isDecoration(scalars[cursor]) { cursor += 1 }
        let start = cursor
        while cursor < scalars.count, CharacterClass.of(scalars[cursor]).contains(.letter) { cursor += 1 }
        guard (3...longestEnglishDay).contains(cursor - start),
            englishDays.contains(where: { name in (0..<3).allSatisfy { scalars[start + $0] | 0x20 == name[$0] } })
        else { return }
        index = cursor
    }

    private static let feastStarts = ["农历", "農曆", "正月", "腊月", "臘月", "大年", "除夕", "初", "元宵", "立", "夏历"].map { $0.unicodeScalars.map(\.value) }
    /// Characters of the day's other name in brackets.
    private static let longestFeast = 10

    /// （农历正月初二）, （除夕）, （周六·元宵节）, 农历正月十五: the day's other name.
    private static func skipFeast(_ scalars: [UInt32], _ index: inout Int) {
        var cursor = index
        while cursor < scalars.count, isDecoration(scalars[cursor]) { cursor += 1 }
        let close = scalars[cursor...].firstIndex { !CharacterClass.of($0).contains(.ideograph) } ?? scalars.count
        guard close > cursor, close - cursor <= longestFeast else { return }
        let inner = scalars[cursor..<close]
        guard inner.last == 0x8282 || inner.last == 0x7BC0 || feastStarts.contains(where: { inner.starts(with: $0) }) else { return }  // 节
        index = close
    }

    private static let weather = ScalarSet("晴多云阴小中大暴雨雪雾霾转间陰雲霧轉 ")
    /// Characters of 多云转小雨.
    private static let longestWeather = 7

    /// 晴, 多云转小雨.
    private static func skipWeather(_ scalars: [UInt32], _ index: inout Int) {
        var cursor = index
        while cursor < scalars.count, weather.contains(scalars[cursor]) { cursor += 1 }
        if cursor == scalars.count, cursor - index <= longestWeather { index = cursor }
    }
}
