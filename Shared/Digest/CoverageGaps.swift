// What a digest has nothing of: days or months between its first and its last entry, and departments.

import Messages

enum CoverageGaps {
    /// Spans of at most so many days are looked at by the day, longer ones by the month.
    static let longestByDay = 92
    /// Gaps that are listed.
    static let mostGaps = 60

    /// Gaps of dated entries. Days of an unknown year are looked at for themselves, in a year with a 29 February.
    static func ofDates(_ dates: [PartialDate]) -> [CoverageGap] {
        let whole = dates.filter { $0.year != nil }
        let yearless = dates.filter { $0.year == nil }.map { date -> PartialDate in
            var date = date
            date.year = 2000
            return date
        }
        return Array((gaps(whole, isYearKnown: true) + gaps(yearless, isYearKnown: false)).prefix(mostGaps))
    }

    static func ofDepartments(expected: [String], present: Set<String>) -> [CoverageGap] {
        expected.filter { !present.contains($0) }.prefix(mostGaps).map {
            CoverageGap(kind: .department, from: $0, to: $0, words: $0)
        }
    }

    private static func gaps(_ dates: [PartialDate], isYearKnown: Bool) -> [CoverageGap] {
        let days = Set(
            dates.compactMap { date -> Int? in
                guard let year = date.year, let month = date.month, let day = date.day else { return nil }
                return CalendarDay(year: year, month: month, day: day)?.daysSince1970
            }
        ).sorted()
        guard let first = days.first, let last = days.last, first < last else { return [] }
        if last - first > longestByDay {
            let months = Set(dates.compactMap { date in date.month.map { (date.year ?? 0) * 12 + $0 - 1 } }).sorted()
            return zip(months, months.dropFirst()).filter { $1 - $0 > 1 }.map {
                gap(.months, from: month($0 + 1), to: month($1 - 1), isYearKnown: isYearKnown)
            }
        }
        return zip(days, days.dropFirst()).filter { $1 - $0 > 1 }.compactMap { before, after in
            guard let from = CalendarDay(daysSince1970: before + 1), let to = CalendarDay(daysSince1970: after - 1)
            else { return nil }
            return gap(.days, from: from.date, to: to.date, isYearKnown: isYearKnown)
        }
    }

    private static func month(_ number: Int) -> PartialDate { PartialDate(year: number / 12, month: number % 12 + 1) }

    private static func gap(
        _ kind: CoverageGap.Kind, from: PartialDate, to: PartialDate, isYearKnown: Bool
    ) -> CoverageGap {
        var (from, to) = (from, to)
        if !isYearKnown { (from.year, to.year) = (nil, nil) }
        let (first, last) = (DigestDates.words(from) ?? "", DigestDates.words(to) ?? "")
        return CoverageGap(kind: kind, from: from.text, to: to.text, words: first == last ? first : first + "至" + last)
    }
}
