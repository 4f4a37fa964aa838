// Dates and ranges of dates as they stand in a query.
//
//     value  = date / [date] range [date]                  ; a range is inclusive at both ends, as far as each date tells
//     range  = ".." / "…" / "……" / "~" / "至" / "到"
//     date   = year [sep month [sep day]] / year "年" [month "月" [day ("日" / "号")]] / yyyymmdd
//            / "--" month ["-" day] / month "月" [day ("日" / "号")] / relative
//     sep    = "-" / "/" / "."
//     relative = 今天 昨天 前天 本周 上周 本月 上月 今年 去年 近N天 and today yesterday, if the parser was told the day
//
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

    static let fix = "write 2020, 2020-02, 2020-02-08, 2020年2月8日, 2月8日 or a range such as 2020-02..2020-03"

    /// Reads a whole value.
    ///
    /// - Throws: `invalidQuery` at the part that is no date.
    func value(_ glyphs: ArraySlice<QueryGlyph>) throws(KuaibaoError) -> QueryDate {
        guard let mark = Self.rangeMark(glyphs) else { return try single(glyphs) }
        let before = glyphs[..<mark.lowerBound]
        let after = glyphs[mark.upperBound...]
        let whole = Self.range(glyphs)
        guard !before.isEmpty || !after.isEmpty else {
            throw QueryRefusal.invalid("a range needs a date on at least one side", fix: Self.fix, range: whole)
        }
        let lower = before.isEmpty ? nil : try days(before).lower
        let upper = after.isEmpty ? nil : try days(after).upper
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

    private func single(_ glyphs: ArraySlice<QueryGlyph>) throws(KuaibaoError) -> QueryDate {
        let signs = Self.spelled(glyphs.map(\.sign))
        if let date = relative(signs) ?? Self.absolute(signs) { return date }
        let text = QueryRefusal.quoted(QueryGlyphs.text(glyphs))
        let isRelative = QueryDateReader(today: CalendarDay(daysSince1970: 0)).relative(signs) != nil
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
        guard signs.count >= 3, signs.count <= 6, signs[0] == "近" || signs[0] == "最", let unit = signs.last else {
            return nil
        }
        let number = signs.dropLast().drop { $0 == "最" || $0 == "近" }
        var count = 0
        for sign in number {
            guard let digit = Self.digit(sign) else { return nil }
            count = count * 10 + digit
        }
        guard unit == "天" || unit == "日", count > 0 else { return nil }
        return days(now - count + 1, now + 1)
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
        case "二": 2
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
            case "…", "‥": return index..<ellipsisEnd(glyphs, index)
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
