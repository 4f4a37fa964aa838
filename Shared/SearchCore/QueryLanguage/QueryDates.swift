// Dates and ranges of dates as they stand in a query.
//
//     value  = date / [date] range [end] / date "以来" / date "起" / date "以后" / date "之后" / date "以前" / date "之前"
//              ; a range is inclusive at both ends, as far as each date tells
//     range  = ".." / "…" / "……" / "~" / "—" / "–" / "至" / "到"
//     end    = date / month "月" [day "日"] / day "日" / "今"     ; the year or month of the first date; 至今 has no end
//     date   = year [sep month [sep day]] / year "年" [month "月" [day ("日" / "号")]] / yyyymmdd
//            / "--" month ["-" day] / month "月" [day ("日" / "号")] / relative
//     sep    = "-" / "/" / "."
//              / [year "年"] ("上半年" / "下半年" / ["第"] N "季度")
//     relative = 今天 昨天 前天 本周 上周 本月 上月 今年 去年 and today yesterday, if the parser was told the day
//              / ("近" / "最近" / "过去") (N "天" / N "周" / N "个月" / "半年" / N "年")
//
// A month or day before 以来 and the like is the last one that has begun, where the parser was told the day.
// A date covers all days that it leaves open: 2020-02 is [2020-02-01, 2020-03-01). Weeks begin on Monday.

import Messages

/// What a date value means.
enum QueryDate: Equatable {
    /// Half-open days since 1970-01-01.
    case days(DateRange)
    /// A day or a month of an unknown year.
    case monthDay(month: Int, day: Int?)
}

/// Reads dates; `today` gives relative ones a meaning.
struct QueryDateReader {
    let today: CalendarDay?

    static let fix = "write 2020, 2020-02, 2020-02-08, 2020年2月8日, 2月8日, 今天, 近7天 or a range such as 2020-02..2020-03"

    /// Reads a whole value.
    ///
    /// - Throws: `invalidQuery` at the part that is no date.
    func value(_ glyphs: ArraySlice<QueryGlyph>) throws(KuaibaoError) -> QueryDate {
        if let open = try openEnded(glyphs) { return open }
        guard let mark = Self.rangeMark(glyphs) else { return try single(glyphs) }
        let before = glyphs[..<mark.lowerBound]
        let after = glyphs[mark.upperBound...]
        let whole = Self.range(glyphs)
        guard !before.isEmpty || !after.isEmpty else {
            throw QueryRefusal.invalid("a range needs a date on at least one side", fix: Self.fix, range: whole)
        }
        let lower = before.isEmpty ? nil : try days(before).lower
        let isUntilNow = after.count == 1 && after.first?.sign == "今" && lower != nil
        let upper = after.isEmpty || isUntilNow ? nil : try end(after, from: lower)
        if let lower, let upper, lower >= upper {
            let text = QueryRefusal.quoted(QueryGlyphs.text(glyphs))
            throw QueryRefusal.invalid("the range \(text) ends before it begins", fix: "swap its dates", range: whole)
        }
        return .days(DateRange(lower: lower, upper: upper))
    }

    /// Reads one date as days.
    ///
    /// - Throws: `invalidQuery` where it is no date, or one of an unknown year.
    func days(_ glyphs: ArraySlice<QueryGlyph>) throws(KuaibaoError) -> DateRange {
        guard case .days(let range) = try single(glyphs) else {
            throw QueryRefusal.invalid(
                "\(QueryRefusal.quoted(QueryGlyphs.text(glyphs))) names no year, so it cannot bound a range",
                fix: "put the year before it, as in 2020-02-08", range: Self.range(glyphs))
        }
        return range
    }

    /// The end of a range that began on `lower`: it may leave out what it has in common with the first date.
    private func end(_ glyphs: ArraySlice<QueryGlyph>, from lower: Int?) throws(KuaibaoError) -> Int? {
        guard let first = lower.map({ CalendarDay(daysSince1970: $0) }) ?? nil else { return try days(glyphs).upper }
        let signs = Self.spelled(glyphs.map(\.sign))
        if let last = signs.last, "日号號".unicodeScalars.contains(last), let day = Self.number(signs.dropLast()), let end = Self.day(first.year, first.month, day),
            case .days(let range) = end
        {
            return range.upper
        }
        guard case .monthDay(let month, let day) = try single(glyphs) else { return try days(glyphs).upper }
        for year in [first.year, first.year + 1] {
            let end = day.map { Self.day(year, month, $0) } ?? Self.month(year, month)
            if case .days(let range) = end, let upper = range.upper, upper > first.daysSince1970 { return upper }
        }
        return try days(glyphs).upper
    }

    private static let openEnds: [(word: [Unicode.Scalar], isStart: Bool, isAfter: Bool)] = [
        ("以来", true, false), ("以后", true, false), ("之后", true, true), ("起", true, false), ("以前", false, false), ("之前", false, false),
    ].map { (Array($0.0.unicodeScalars), $0.1, $0.2) }

    /// A date with 以来 and the like behind it; nil where none of them stands there.
    private func openEnded(_ glyphs: ArraySlice<QueryGlyph>) throws(KuaibaoError) -> QueryDate? {
        guard let found = Self.openEnds.first(where: { glyphs.count > $0.word.count && glyphs.suffix($0.word.count).map(\.sign) == $0.word }),
            Self.rangeMark(glyphs) == nil
        else { return nil }
        let date = glyphs.dropLast(found.word.count)
        var range: DateRange?
        switch try single(date) {
        case .days(let days): range = days
        case .monthDay(let month, let day):
            guard let today else { break }
            for year in [today.year, today.year - 1, today.year - 2, today.year - 3, today.year - 4] {
                let known = day.map { Self.day(year, month, $0) } ?? Self.month(year, month)
                if case .days(let days) = known, let lower = days.lower, lower <= today.daysSince1970 {
                    range = days
                    break
                }
            }
        }
        let known: DateRange
        if let range { known = range } else { known = try days(date) }
        if !found.isStart { return .days(DateRange(lower: nil, upper: known.lower)) }
        return .days(DateRange(lower: found.isAfter ? known.upper : known.lower, upper: nil))
    }

    private static func number(_ signs: ArraySlice<Unicode.Scalar>) -> Int? {
        guard (1...4).contains(signs.count) else { return nil }
        var value = 0
        for sign in signs {
            guard let digit = digit(sign) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    private func single(_ glyphs: ArraySlice<QueryGlyph>) throws(KuaibaoError) -> QueryDate {
        let signs = Self.spelled(glyphs.map(\.sign))
        if let date = relative(signs) ?? Self.absolute(signs) ?? Self.partOfYear(signs, today) { return date }
        let text = QueryRefusal.quoted(QueryGlyphs.text(glyphs))
        let someDay = CalendarDay(daysSince1970: 0)
        let isRelative = QueryDateReader(today: someDay).relative(signs) != nil || Self.partOfYear(signs, someDay) != nil
        if isRelative {
            throw QueryRefusal.invalid(
                "\(text) depends on the day, which is not known here", fix: "write the date itself, such as 2020-02-08",
                range: Self.range(glyphs))
        }
        throw QueryRefusal.invalid("\(text) is not a date", fix: Self.fix, range: Self.range(glyphs))
    }

    // MARK: Absolute dates

    private static func absolute(_ signs: [Unicode.Scalar]) -> QueryDate? {
        // Numbers, and what stands before, between and after them.
        var numbers: [(value: Int, digits: Int)] = []
        var marks: [String] = [""]
        for sign in signs {
            if let digit = Self.digit(sign) {
                if marks.count > numbers.count {
                    numbers.append((digit, 1))
                    continue
                }
                let last = numbers[numbers.count - 1]
                guard last.digits < 8 else { return nil }
                numbers[numbers.count - 1] = (last.value * 10 + digit, last.digits + 1)
            } else {
                if marks.count == numbers.count { marks.append("") }
                marks[marks.count - 1].unicodeScalars.append(sign == "号" || sign == "號" ? "日" : sign)
            }
        }
        if marks.count == numbers.count { marks.append("") }
        guard numbers.count <= 3, marks.count == numbers.count + 1 else { return nil }
        func isShort(_ index: Int) -> Bool { numbers[index].digits <= 2 }
        let isYear = numbers.first?.digits == 4
        switch (numbers.count, marks) {
        case (1, ["", ""]) where numbers[0].digits == 8:
            let value = numbers[0].value
            return day(value / 10_000, value / 100 % 100, value % 100)
        case (1, ["", ""]) where isYear, (1, ["", "年"]) where isYear: return year(numbers[0].value)
        case (2, ["", "-", ""]) where isYear, (2, ["", "/", ""]) where isYear, (2, ["", ".", ""]) where isYear,
            (2, ["", "年", "月"]) where isYear:
            return isShort(1) ? month(numbers[0].value, numbers[1].value) : nil
        case (3, ["", "-", "-", ""]) where isYear, (3, ["", "/", "/", ""]) where isYear,
            (3, ["", ".", ".", ""]) where isYear, (3, ["", "年", "月", "日"]) where isYear,
            (3, ["", "年", "月", ""]) where isYear:
            return isShort(1) && isShort(2) ? day(numbers[0].value, numbers[1].value, numbers[2].value) : nil
        case (1, ["--", ""]), (1, ["", "月"]):
            return isShort(0) ? monthDay(numbers[0].value, nil) : nil
        case (2, ["--", "-", ""]), (2, ["", "月", "日"]), (2, ["", "月", ""]):
            return isShort(0) && isShort(1) ? monthDay(numbers[0].value, numbers[1].value) : nil
        default: return nil
        }
    }

    private static func year(_ year: Int) -> QueryDate? {
        span(CalendarDay(year: year, month: 1, day: 1), CalendarDay(year: year, month: 12, day: 31))
    }

    private static func month(_ year: Int, _ month: Int) -> QueryDate? {
        guard (1...12).contains(month) else { return nil }
        let length = CalendarDay.length(ofMonth: month, year: year)
        return span(
            CalendarDay(year: year, month: month, day: 1), CalendarDay(year: year, month: month, day: length))
    }

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> QueryDate? {
        let date = CalendarDay(year: year, month: month, day: day)
        return span(date, date)
    }

    private static func span(_ first: CalendarDay?, _ last: CalendarDay?) -> QueryDate? {
        guard let first, let last else { return nil }
        return .days(DateRange(lower: first.daysSince1970, upper: last.daysSince1970 + 1))
    }

    private static func monthDay(_ month: Int, _ day: Int?) -> QueryDate? {
        // 2000 was a leap year, so 29 February is a day of some year.
        guard CalendarDay(year: 2000, month: month, day: day ?? 1) != nil else { return nil }
        return .monthDay(month: month, day: day)
    }

    /// 2020年上半年, 第二季度 of this year.
    private static func partOfYear(_ signs: [Unicode.Scalar], _ today: CalendarDay?) -> QueryDate? {
        var rest = signs[...]
        var year = today?.year
        if rest.count > 5, rest[4] == "年", let written = number(rest.prefix(4)) {
            year = written
            rest = rest.dropFirst(5)
        }
        let part = text(Array(rest))
        let months: (first: Int, last: Int)
        switch part.hasPrefix("第") ? String(part.dropFirst()) : part {
        case "上半年": months = (1, 6)
        case "下半年": months = (7, 12)
        case "1季度": months = (1, 3)
        case "2季度": months = (4, 6)
        case "3季度": months = (7, 9)
        case "4季度": months = (10, 12)
        default: return nil
        }
        guard let year else { return nil }
        return span(
            CalendarDay(year: year, month: months.first, day: 1),
            CalendarDay(year: year, month: months.last, day: CalendarDay.length(ofMonth: months.last, year: year)))
    }

    // MARK: Relative dates

    private func relative(_ signs: [Unicode.Scalar]) -> QueryDate? {
        guard let today else { return nil }
        let now = today.daysSince1970
        // 1970-01-01 was a Thursday; `now + 3` counts from a Monday.
        let monday = now - ((now + 3) % 7 + 7) % 7
        let monthsOfYear0 = today.year * 12 + today.month - 1
        func days(_ lower: Int, _ upper: Int) -> QueryDate { .days(DateRange(lower: lower, upper: upper)) }
        func month(_ count: Int) -> QueryDate? { Self.month(count / 12, count % 12 + 1) }
        let text = QueryDateReader.text(signs)
        switch text {
        case "今天", "今日", "today": return days(now, now + 1)
        case "昨天", "昨日", "yesterday": return days(now - 1, now)
        case "前天": return days(now - 2, now - 1)
        case "本周", "这周", "本週": return days(monday, monday + 7)
        case "上周", "上週": return days(monday - 7, monday)
        case "本月", "这个月": return month(monthsOfYear0)
        case "上月", "上个月": return month(monthsOfYear0 - 1)
        case "今年", "本年": return Self.year(today.year)
        case "去年": return Self.year(today.year - 1)
        default: break
        }
        guard let rest = ["最近", "过去", "過去", "近"].first(where: { text.hasPrefix($0) }).map({ text.dropFirst($0.count) }),
            (2...6).contains(rest.count)
        else { return nil }
        if rest == "半年" { return Self.last(months: 6, until: today) }
        let digits = Array(rest.unicodeScalars.prefix { Self.digit($0) != nil })
        guard let count = Self.number(digits[...]), count > 0 else { return nil }
        switch rest.dropFirst(digits.count) {
        case "天", "日": return days(now - count + 1, now + 1)
        case "周", "週", "个星期", "星期": return days(now - 7 * count + 1, now + 1)
        case "个月", "個月", "月": return Self.last(months: count, until: today)
        case "年": return Self.last(months: 12 * count, until: today)
        default: return nil
        }
    }

    /// The days after the same day of an earlier month, or after that month's last day.
    private static func last(months: Int, until today: CalendarDay) -> QueryDate? {
        let month = today.year * 12 + today.month - 1 - months
        guard month >= 12 else { return nil }
        let length = CalendarDay.length(ofMonth: month % 12 + 1, year: month / 12)
        let before = CalendarDay(year: month / 12, month: month % 12 + 1, day: min(today.day, length))
        return before.map { .days(DateRange(lower: $0.daysSince1970 + 1, upper: today.daysSince1970 + 1)) }
    }

    // MARK: Signs

    /// Chinese digits that spell a date's numbers as figures: 二〇二〇年二月十八日 reads as 2020年2月18日.
    private static func spelled(_ signs: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        for (index, sign) in signs.enumerated() {
            let before = index > 0 ? Self.chineseDigit(signs[index - 1]) : nil
            let after = index + 1 < signs.count ? Self.chineseDigit(signs[index + 1]) : nil
            if sign == "十" {
                if before == nil { result.append("1") }
                if after == nil { result.append("0") }
            } else if let digit = chineseDigit(sign), let scalar = Unicode.Scalar(UInt32(0x30 + digit)) {
                result.append(scalar)
            } else {
                result.append(sign)
            }
        }
        return result
    }

    private static func chineseDigit(_ sign: Unicode.Scalar) -> Int? {
        switch sign {
        case "〇", "零", "○": 0
        case "一": 1
        case "二", "两", "兩": 2
        case "三": 3
        case "四": 4
        case "五": 5
        case "六": 6
        case "七": 7
        case "八": 8
        case "九": 9
        default: nil
        }
    }

    private static func digit(_ sign: Unicode.Scalar) -> Int? {
        ("0"..."9").contains(sign) ? Int(sign.value - 0x30) : nil
    }

    private static func text(_ signs: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: signs)
        return String(view)
    }

    /// The bytes that glyphs cover.
    static func range(_ glyphs: ArraySlice<QueryGlyph>) -> Range<Int> {
        guard let first = glyphs.first, let last = glyphs.last else { return 0..<0 }
        return first.range.lowerBound..<last.range.upperBound
    }

    /// The first range sign in `glyphs`: half-open indices.
    static func rangeMark(_ glyphs: ArraySlice<QueryGlyph>) -> Range<Int>? {
        var index = glyphs.startIndex
        while index < glyphs.endIndex {
            switch glyphs[index].sign {
            case "~", "至", "到": return index..<(index + 1)
            case "…", "‥", "—", "–", "―": return index..<ellipsisEnd(glyphs, index)
            case ".", "。":
                let next = index + 1
                if next < glyphs.endIndex, glyphs[next].sign == glyphs[index].sign { return index..<(next + 1) }
            default: break
            }
            index += 1
        }
        return nil
    }

    private static func ellipsisEnd(_ glyphs: ArraySlice<QueryGlyph>, _ index: Int) -> Int {
        let next = index + 1
        return next < glyphs.endIndex && glyphs[next].sign == glyphs[index].sign ? next + 1 : next
    }
}
