// A calendar date as far as it is known, in one integer: year, month and day, 0 where unknown.
//
// Layout of the number: (year + 1) << 9 | month << 5 | day, each 0 where unknown; 0 is no date. Years are 1...9999.

package import Messages

/// A date with precision, packed for columns.
package struct PackedDate: Sendable, Hashable {
    package let code: Int64

    init(code: Int64) {
        self.code = code
    }

    /// Keeps year, month and day; what makes no sense (month 13, day without month) is dropped.
    package init(_ date: PartialDate) {
        let year = date.year.flatMap { (1...9999).contains($0) ? $0 : nil }
        let month = date.month.flatMap { (1...12).contains($0) ? $0 : nil }
        let day = date.day.flatMap { month != nil && (1...31).contains($0) ? $0 : nil }
        code = Int64((year.map { $0 + 1 } ?? 0) << 9 | (month ?? 0) << 5 | (day ?? 0))
    }

    /// The code of a day, or nil outside the years that codes know.
    static func code(day: Int) -> Int64? {
        guard let date = CalendarDay(daysSince1970: day) else { return nil }
        return PackedDate(PartialDate(year: date.year, month: date.month, day: date.day)).code
    }

    package var year: Int? { code >> 9 > 0 ? Int(code >> 9) - 1 : nil }
    package var month: Int? { (code >> 5) & 15 > 0 ? Int((code >> 5) & 15) : nil }
    package var day: Int? { code & 31 > 0 ? Int(code & 31) : nil }

    /// The days since 1970-01-01 that the date may be; nil without a year. A day behind its month's end counts as the
    /// month's last.
    package var days: ClosedRange<Int>? {
        guard let year, let january = CalendarDay(year: year, month: 1, day: 1),
            let december = CalendarDay(year: year, month: 12, day: 31)
        else { return nil }
        guard let month, let first = CalendarDay(year: year, month: month, day: 1)?.daysSince1970 else {
            return january.daysSince1970...december.daysSince1970
        }
        let last =
            month == 12
            ? december.daysSince1970 : (CalendarDay(year: year, month: month + 1, day: 1)?.daysSince1970 ?? first + 1) - 1
        guard let day else { return first...last }
        let exact = min(first + day - 1, last)
        return exact...exact
    }

    /// `2020-02-08`, `2020-02`, `2020`, `--02-08`; empty for no date.
    package var text: String {
        PartialDate(year: year, month: month, day: day).text
    }

    /// The bucket of a histogram by month: the text without its day.
    package var monthText: String {
        PartialDate(year: year, month: month).text
    }

    /// A number whose ascending order is the order of results: known years first, by their first day (ascending or
    /// descending), then dates without a year by month and day, then documents without a date.
    package func rank(descending: Bool) -> Int64 {
        if let days {
            let first = Int64(days.lowerBound)
            return descending ? -first : first
        }
        let monthDay = code & 511
        guard monthDay > 0 else { return Self.missingRank }
        return Self.yearlessRank + (descending ? 511 - monthDay : monthDay)
    }

    /// Above every day number.
    private static let yearlessRank: Int64 = 1 << 40
    private static let missingRank: Int64 = 1 << 41
}
