// Dates as bulletins write them.
//
//     date     = [ year "年" ] month "月" [ day ( "日" / "号" ) ]        2020年2月8日, 2月8日, 二〇二〇年二月八日
//              / year sep month sep day                               2020-02-08, 2020/2/8, 2020.2.8
//              / "民国" year "年" …                                    民國112年3月5日 is 2023-03-05
//              / short year "年" month "月" …                          112年3月5日, 98年3月5日; see `ShortYears`
//     range    = date to [ month "月" ] day "日"                        5月4日至6日, 5月4-6日, 5月4日、5日
//     heading  = a line with nothing else; see `DateHeading`
//
// Digits are of either width; recognised text may hold spaces between the parts. A day that its month does not have, or
// a year outside 1900…2100, makes no date. A month alone is a date only together with its year.

import Messages

/// A date and where it ends.
struct DateMatch {
    var date: PartialDate
    /// The index just after the date.
    var end: Int
    /// Where 民国 before a year of the Republic starts.
    var start: Int?
}

/// What years of two and three digits mean.
///
///     common     98年3月 is 1998, 08年3月 is 2008; three digits are none
///     republic   years of the Republic of China where the document is in traditional script: three digits from 100 on, and two
///                digits too where it writes 民國 before a year; 112年3月 is 2023
enum ShortYears: Sendable {
    case common, threeDigitsOfRepublic, republic

    /// Two-digit years from this one on are of the last century.
    private static let firstOfLastCentury = 30

    /// What they mean in `text`, by its script and by 民國 in it.
    /// - Complexity: a look at the beginning; one search for 民國 in traditional text.
    init(text: [UInt8]) {
        self = .common
        var start = ScalarText()
        var end = min(text.count, Self.window)
        while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
        start.append(text, 0..<end)
        var language = LanguageDetector()
        language.add(start.scalars)
        guard language.language == "zh-Hant" else { return }
        self = Self.namesRepublic(text) ? .republic : .threeDigitsOfRepublic
    }

    /// Bytes of a document by which its script is told.
    private static let window = 2048

    /// Whether 民國 stands before a number.
    private static func namesRepublic(_ text: [UInt8]) -> Bool {
        var index = 3
        let bytes = text.span
        while index + 3 < bytes.count {
            if bytes[index] == 0xE5, bytes[index + 1] == 0x9C, bytes[index + 2] == 0x8B, bytes[index - 3] == 0xE6,
                bytes[index - 2] == 0xB0, bytes[index - 1] == 0x91
            {
                let next = bytes[index + 3] == 0x20 && index + 4 < bytes.count ? bytes[index + 4] : bytes[index + 3]
                if (0x30...0x39).contains(next) { return true }
            }
            index += 1
        }
        return false
    }

    /// The year that `number` of `digits` digits means; nil where it is none.
    func year(_ number: Int, digits: Int) -> Int? {
        switch self {
        case .common:
            guard digits == 2 else { return nil }
            return number >= Self.firstOfLastCentury ? 1900 + number : 2000 + number
        case .threeDigitsOfRepublic: return digits == 3 && (100...150).contains(number) ? number + DateReader.republic : nil
        case .republic: return (10...150).contains(number) ? number + DateReader.republic : nil
        }
    }
}

/// Reads dates out of scalar values.
enum DateReader {
    /// The date that starts at `index`; nil where none does.
    static func read(_ scalars: [UInt32], at index: Int, shortYears: ShortYears = .common) -> DateMatch? {
        if Numerals.digit(scalars[index]) != nil { return western(scalars, index, shortYears) }
        return Numerals.chineseDigit(scalars[index]) != nil || scalars[index] == 0x5341
            ? chinese(scalars, index) : nil
    }

    /// The date that is all of a line but for marks around it and a day of the week; see `DateHeading` for what else may stand there.
    static func heading(_ scalars: [UInt32], shortYears: ShortYears = .common) -> DateMatch? {
        DateHeading.read(scalars, shortYears: shortYears)
    }

    /// Days in a month; February has 29 where the year is not known.
    static func days(in month: Int, year: Int?) -> Int {
        // A day of an unknown year may be a 29 February.
        CalendarDay.length(ofMonth: month, year: year ?? 2000)
    }

    /// Whether these parts make a date.
    static func isValid(year: Int?, month: Int, day: Int?) -> Bool {
        guard (1...12).contains(month) else { return false }
        if let year, !(1900...2100).contains(year) { return false }
        guard let day else { return true }
        return day >= 1 && day <= days(in: month, year: year)
    }

    /// The last day of the range whose first day ends at `index`: `至6日`, `-6日`, `、5日`.
    /// - Returns: the day in the year and month of `first`, and where it stands.
    static func lastDay(_ scalars: [UInt32], after index: Int, first: PartialDate) -> (date: PartialDate, range: Range<Int>)? {
        guard let month = first.month, let firstDay = first.day else { return nil }
        var cursor = index
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        guard cursor < scalars.count, rangeMarks.contains(scalars[cursor]) else { return nil }
        // —— is one mark.
        if cursor + 1 < scalars.count, scalars[cursor] == 0x2014, scalars[cursor + 1] == 0x2014 { cursor += 1 }
        cursor += 1
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        let start = cursor
        guard cursor < scalars.count,
            let day = westernPart(scalars, &cursor) ?? Numerals.smallChinese(scalars, &cursor), day > firstDay,
            isValid(year: first.year, month: month, day: day)
        else { return nil }
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        guard cursor < scalars.count, isDayMark(scalars[cursor]) else { return nil }
        // 到5号楼: a number of a house, a line, a paper.
        if scalars[cursor] != 0x65E5, cursor + 1 < scalars.count, notAfterNumber.contains(scalars[cursor + 1]) { return nil }
        return (PartialDate(year: first.year, month: month, day: day), start..<(cursor + 1))
    }

    /// A month and perhaps a day at `index`, in a year that is known.
    static func monthAndDay(_ scalars: [UInt32], at index: Int, year: Int) -> DateMatch? {
        guard index < scalars.count else { return nil }
        return Numerals.digit(scalars[index]) != nil
            ? monthDay(scalars, index, year: year, part: westernPart)
            : monthDay(scalars, index, year: year, part: Numerals.smallChinese)
    }

    /// 至 到 - – — ~ 、 和 及
    private static let rangeMarks = ScalarSet("至到-–—~～－、和及")

    static func isRangeMark(_ scalar: UInt32) -> Bool { rangeMarks.contains(scalar) && scalar != 0x3001 && scalar != 0x548C && scalar != 0x53CA }

    private static let notAfterNumber = ScalarSet("楼樓线線院门門馆館厂廠文令公井机機车車岗崗库庫船")

    static func isDayMark(_ scalar: UInt32) -> Bool { scalar == 0x65E5 || scalar == 0x53F7 || scalar == 0x865F }  // 日 号 號

    // MARK: Forms

    /// What is added to a year of the Republic of China.
    static let republic = 1911

    /// Moves `index` over 民国 or 中华民国.
    static func skipRepublic(_ scalars: [UInt32], _ index: inout Int) {
        for name in republicNames where scalars[index...].starts(with: name) {
            index += name.count
            Numerals.skipSpaces(scalars, &index, limit: 1)
            return
        }
    }

    private static let republicNames = ["中华民国", "中華民國", "民国", "民國"].map { $0.unicodeScalars.map(\.value) }

    /// Where 民国 starts that ends at `index`; nil where other text stands there.
    private static func republicStart(_ scalars: [UInt32], _ index: Int) -> Int? {
        var end = index
        if end > 0, CharacterClass.of(scalars[end - 1]).contains(.space) { end -= 1 }
        guard end > 1, scalars[end - 2] == 0x6C11, scalars[end - 1] == 0x56FD || scalars[end - 1] == 0x570B else { return nil }
        let isLong = end > 3 && scalars[end - 4] == 0x4E2D && (scalars[end - 3] == 0x534E || scalars[end - 3] == 0x83EF)
        return isLong ? end - 4 : end - 2
    }

    /// `112年3月5日` after 民国.
    private static func republican(_ scalars: [UInt32], _ start: Int) -> DateMatch? {
        guard let name = republicStart(scalars, start) else { return nil }
        var cursor = start
        let year: Int
        if let digits = Numerals.integer(scalars, &cursor, digits: 1...3) {
            year = digits
        } else if let number = Numerals.chinese(scalars, &cursor), number < 200 {
            year = Int(number)
        } else {
            return nil
        }
        guard cursor < scalars.count, scalars[cursor] == 0x5E74,
            var match = monthAndDay(scalars, at: cursor + 1, year: year + republic)
        else { return nil }
        match.start = name
        return match
    }

    private static func western(_ scalars: [UInt32], _ start: Int, _ shortYears: ShortYears) -> DateMatch? {
        if start > 0, Numerals.digit(scalars[start - 1]) != nil { return nil }
        if let match = republican(scalars, start) { return match }
        var cursor = start
        if let year = Numerals.integer(scalars, &cursor, digits: 4...4) {
            return afterYear(scalars, cursor, year: year, month: westernPart)
        }
        if let number = Numerals.integer(scalars, &cursor, digits: 2...3), cursor < scalars.count, scalars[cursor] == 0x5E74 {
            return shortYears.year(number, digits: cursor - start).flatMap { monthAndDay(scalars, at: cursor + 1, year: $0) }
        }
        return monthDay(scalars, start, year: nil, part: westernPart)
    }

    private static func westernPart(_ scalars: [UInt32], _ index: inout Int) -> Int? {
        Numerals.integer(scalars, &index, digits: 1...2)
    }

    private static func chinese(_ scalars: [UInt32], _ start: Int) -> DateMatch? {
        if start > 0, CharacterClass.of(scalars[start - 1]).contains(.chineseNumeral) { return nil }
        if let match = republican(scalars, start) { return match }
        if start + 4 < scalars.count, scalars[start + 4] == 0x5E74 {  // 年
            // ○ is often written for 〇.
            let digits = (start..<(start + 4)).map {
                scalars[$0] == 0x25CB || scalars[$0] == 0x25EF ? 0 : Numerals.chineseDigit(scalars[$0])
            }
            if digits.allSatisfy({ $0 != nil }) {
                let year = digits.reduce(0) { $0 * 10 + ($1 ?? 0) }
                return afterYear(scalars, start + 4, year: year, month: Numerals.smallChinese)
            }
        }
        return monthDay(scalars, start, year: nil, part: Numerals.smallChinese)
    }

    private typealias PartReader = (_ scalars: [UInt32], _ index: inout Int) -> Int?

    /// After a year: `年`, or a separator that stands twice.
    private static func afterYear(_ scalars: [UInt32], _ index: Int, year: Int, month part: PartReader) -> DateMatch? {
        guard (1900...2100).contains(year) else { return nil }
        var cursor = index
        Numerals.skipSpaces(scalars, &cursor)
        guard cursor < scalars.count else { return nil }
        if scalars[cursor] == 0x5E74 {
            cursor += 1
            Numerals.skipSpaces(scalars, &cursor)
            return monthDay(scalars, cursor, year: year, part: part)
        }
        let separator = scalars[cursor]
        guard [0x2D, 0x2F, 0x2E, 0xFF0D, 0xFF0F, 0xFF0E].contains(separator) else { return nil }
        cursor += 1
        Numerals.skipSpaces(scalars, &cursor)
        guard let month = westernPart(scalars, &cursor) else { return nil }
        Numerals.skipSpaces(scalars, &cursor)
        guard cursor < scalars.count, scalars[cursor] == separator else { return nil }
        cursor += 1
        Numerals.skipSpaces(scalars, &cursor)
        guard let day = westernPart(scalars, &cursor), isValid(year: year, month: month, day: day) else { return nil }
        return DateMatch(date: PartialDate(year: year, month: month, day: day), end: cursor)
    }

    private static func monthDay(_ scalars: [UInt32], _ index: Int, year: Int?, part: PartReader) -> DateMatch? {
        var cursor = index
        guard cursor < scalars.count, let month = part(scalars, &cursor) else { return nil }
        Numerals.skipSpaces(scalars, &cursor)
        guard cursor < scalars.count, scalars[cursor] == 0x6708 else { return nil }  // 月
        cursor += 1
        let afterMonth = cursor
        Numerals.skipSpaces(scalars, &cursor)
        if cursor < scalars.count, let day = part(scalars, &cursor) {
            Numerals.skipSpaces(scalars, &cursor)
            let date = PartialDate(year: year, month: month, day: day)
            if cursor < scalars.count, isValid(year: year, month: month, day: day) {
                if isDayMark(scalars[cursor]) { return DateMatch(date: date, end: cursor + 1) }
                // 5月4-6日: the mark of the day stands after the last one.
                if lastDay(scalars, after: cursor, first: date) != nil { return DateMatch(date: date, end: cursor) }
            }
        }
        guard let year, isValid(year: year, month: month, day: nil) else { return nil }
        return DateMatch(date: PartialDate(year: year, month: month), end: afterMonth)
    }

    // MARK: Days of the week

    /// Days after Monday of 一…六, 日 and 天.
    static func weekday(_ scalar: UInt32) -> Int? {
        if scalar == 0x65E5 || scalar == 0x5929 { return 6 }
        return Numerals.chineseDigit(scalar).flatMap { (1...6).contains($0) ? $0 - 1 : nil }
    }
}
