// Day numbers against counting day by day.

import Messages
import Testing

@Suite struct QueryLanguageCalendarTests {
    @Test func everyDayFollowsTheOneBefore() throws {
        // Across four centuries, so that every kind of century year is met.
        var number = try #require(CalendarDay(year: 1599, month: 1, day: 1)).daysSince1970
        for year in 1599...2001 {
            let isLeap = year % 400 == 0 || year % 4 == 0 && year % 100 != 0
            for (month, length) in zip(1...12, [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
                for day in 1...length {
                    let date = try #require(CalendarDay(year: year, month: month, day: day))
                    guard date.daysSince1970 == number, CalendarDay(daysSince1970: number) == date else {
                        Issue.record("\(year)-\(month)-\(day) is day \(date.daysSince1970), not \(number)")
                        return
                    }
                    number += 1
                }
                #expect(CalendarDay(year: year, month: month, day: length + 1) == nil)
            }
        }
        #expect(CalendarDay(year: 1970, month: 1, day: 1)?.daysSince1970 == 0)
    }

    @Test func theFirstAndTheLastDayAreTheEnds() throws {
        let first = try #require(CalendarDay(year: 1, month: 1, day: 1))
        let last = try #require(CalendarDay(year: 9999, month: 12, day: 31))
        for day in [first, last] { #expect(CalendarDay(daysSince1970: day.daysSince1970) == day) }
        #expect(CalendarDay(daysSince1970: first.daysSince1970 - 1) == nil)
        #expect(CalendarDay(daysSince1970: last.daysSince1970 + 1) == nil)
        #expect(CalendarDay(daysSince1970: .min) == nil && CalendarDay(daysSince1970: .max) == nil)
        #expect(CalendarDay(year: 0, month: 1, day: 1) == nil && CalendarDay(year: 10_000, month: 1, day: 1) == nil)
        #expect(CalendarDay(year: 2020, month: 13, day: 1) == nil && CalendarDay(year: 2020, month: 0, day: 1) == nil)
    }

    @Test(arguments: [
        ("2020-02-29", "2020-02-29"), ("0001-01-01", "0001-01-01"), ("2021-02-29", nil), ("2020-2-08", nil), ("2020-02-08 ", nil), ("", nil),
        ("２０２０-02", nil), ("+020-01-01", nil),
    ] as [(String, String?)])
    func onlyWholeDatesAreRead(text: String, expected: String?) {
        #expect(CalendarDay(text)?.text == expected)
    }
}
