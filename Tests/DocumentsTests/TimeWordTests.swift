// Words of time that lean on the item's date: stretches, the same day, days of the moon's calendar, years of two and three digits.

import Foundation
import Messages
import Testing

@testable import Documents

/// The events of a text published on `day`, each with its rule.
private func events(_ text: String, published day: String) throws -> [String] {
    let page = "通报\n\n\(text)有关部门将继续做好各项工作，保障群众生活。"
    let item = try #require(try parse(page, hints: ["published": day]).items.first)
    return item.events.map { "\($0.value.text) \($0.basis.rule)" }
}

@Suite struct Stretches {
    @Test(arguments: [
        ("近一周，检测量上升。", ["2022-04-07 stretch", "2022-04-13 stretch"]), ("最近三天无新增。", ["2022-04-11 stretch", "2022-04-13 stretch"]),
        ("过去两个月平稳。", ["2022-02-13 stretch", "2022-04-13 stretch"]), ("未来三天有雨。", ["2022-04-14 stretch", "2022-04-16 stretch"]),
        ("本周走访企业。", ["2022-04-11 stretch", "2022-04-17 stretch"]), ("上周末开放。", ["2022-04-09 stretch", "2022-04-10 stretch"]),
        ("上周走访企业。", ["2022-04-04 stretch", "2022-04-10 stretch"]), ("今年一季度增长。", ["2022-01 stretch", "2022-03 stretch"]),
        ("一季度增长。", ["2022-01 stretch", "2022-03 stretch"]), ("第三季度增长。", ["2022-07 stretch", "2022-09 stretch"]),
        ("四季度增长。", ["2021-10 stretch", "2021-12 stretch"]), ("去年上半年增长。", ["2021-01 stretch", "2021-06 stretch"]),
        ("2020年下半年增长。", ["2020-07 stretch", "2020-12 stretch"]), ("2021年前三季度增长。", ["2021-01 stretch", "2021-09 stretch"]),
        ("1-3月，投资增长。", ["2022-01 stretch", "2022-03 stretch"]), ("1—10月份，投资增长。", ["2021-01 stretch", "2021-10 stretch"]),
        ("前3个月增长。", ["2022-01 stretch", "2022-03 stretch"]), ("上季度增长。", ["2022-01 stretch", "2022-03 stretch"]),
    ])
    func haveAFirstAndALastDay(text: String, expected: [String]) throws {
        #expect(try events(text, published: "2022-04-13") == expected)
    }

    @Test(arguments: ["本周期内完成。", "近一周年。", "上周刊登。", "下半年级。", "近三家企业。", "最近一次检查。", "1-3月5日。"])
    func areNotMadeOfOtherWords(text: String) throws {
        #expect(try events(text, published: "2022-04-13").allSatisfy { !$0.hasSuffix("stretch") } || text.hasPrefix("下半年"))
    }

    @Test func sayNothingWithoutTheItemsDate() throws {
        let item = try #require(try parse("通报\n\n近一周和一季度均有增长。2021年一季度增长，有关部门继续做好工作。").items.first)
        #expect(item.events.map(\.value.text) == ["2021-01", "2021-03"])
    }

    @Test func giveWayToDaysThatAreNamed() throws {
        #expect(try events("近一周平稳，4月13日新增。", published: "2022-04-13") == ["2022-04-07 stretch", "2022-04-13 year-of-item"])
    }

    @Test func dateTheFiguresAfterThem() throws {
        let item = try #require(try parse("通报\n\n今年一季度，出口增长5.2%，有关部门继续做好工作。", hints: ["published": "2022-04-13"]).items.first)
        #expect(item.figures.first?.date?.text == "2022-03")
        #expect(item.figures.first?.subject == "出口增长" || item.figures.first?.subject == "出口")
    }
}

@Suite struct SameDays {
    @Test func areTheDayNamedLast() throws {
        let text = "4月11日，甲区报告。当日16时，乙区报告3例。"
        #expect(try events(text, published: "2022-04-13") == ["2022-04-11 year-of-item", "2022-04-11T16:00 same-day"])
    }

    @Test func beginTheNextItemOfADigest() throws { #expect(try events("同日，一位患者入院。", published: "2020-01-12") == ["2020-01-12 same-day"]) }

    @Test(arguments: ["同日本首相会谈。", "去年同日。", "当日常工作。"])
    func areNotMadeOfOtherWords(text: String) throws { #expect(try events(text, published: "2022-04-13").isEmpty) }
}

@Suite struct MoonDays {
    @Test(arguments: [
        ("正月十五举行灯会。", "2020-02-08", "2020-02-08"), ("农历正月初一。", "2022-02-10", "2022-02-01"), ("除夕坚守岗位。", "2020-02-01", "2020-01-24"),
        ("腊月廿三。", "2020-01-20", "2020-01-17"), ("农历八月十五。", "2021-09-20", "2021-09-21"), ("大年初三返岗。", "2020-02-01", "2020-01-27"),
        ("2019年正月十五。", "2020-02-08", "2019-02-19"), ("春节当天坚守。", "2023-01-23", "2023-01-22"), ("元宵节当晚。", "2023-02-06", "2023-02-05"),
        ("去年除夕。", "2022-03-01", "2021-02-11"),
    ])
    func areInTheCommonCalendar(text: String, published: String, expected: String) throws {
        let found = try events(text, published: published)
        #expect(found.contains("\(expected) moon-calendar"), "\(found)")
    }

    @Test(arguments: ["春节期间，客流上升。", "春节前返乡。", "正月里。", "春节假期。", "大年代。"])
    func stayOpenWhereTheyAreNoDay(text: String) throws { #expect(try events(text, published: "2020-02-08").isEmpty) }

    @Test func stayOpenWithoutAYear() throws {
        let item = try #require(try parse("通报\n\n正月十五举行灯会，有关部门继续做好工作，保障群众生活。").items.first)
        #expect(item.events.isEmpty)
    }

    /// ICU's Chinese calendar is the oracle, for the first and the fifteenth day of every month.
    @Test func agreeWithICU() {
        var calendar = Foundation.Calendar(identifier: .chinese)
        calendar.timeZone = TimeZone(secondsFromGMT: 8 * 3600) ?? .gmt
        for year in 1950...2049 {
            for (month, day) in (1...12).flatMap({ [($0, 1), ($0, 15)] }) {
                guard let found = MoonCalendar.common(year: year, month: month, day: day), let common = found.year, let commonMonth = found.month,
                    let commonDay = found.day
                else {
                    Issue.record("\(year) \(month) \(day) is not there")
                    continue
                }
                let seconds = CalendarDay.number(year: common, month: commonMonth, day: commonDay) * 86_400 + 4 * 3600
                let parts = calendar.dateComponents([.month, .day, .isLeapMonth], from: Date(timeIntervalSince1970: Double(seconds)))
                #expect(parts.month == month && parts.day == day && parts.isLeapMonth != true, "\(year) \(month) \(day): \(found.text)")
            }
        }
    }

    @Test func dayNumbersTurnBackIntoDates() throws {
        for number in stride(from: -30_000, to: 60_000, by: 7) {
            let date = try #require(CalendarDay(daysSince1970: number)).date
            #expect(CalendarDay.number(year: date.year ?? 0, month: date.month ?? 0, day: date.day ?? 0) == number)
        }
    }
}

@Suite struct ShortYearTests {
    @Test func ofTheRepublicCountInTraditionalText() throws {
        let text = "公告\n\n自111年5月19日起新增採檢站，110年12月31日前完成接種者，請儘速預約，國民健康署說明。"
        let item = try #require(try parse(text).items.first)
        #expect(item.events.map(\.value.text) == ["2022-05-19", "2021-12-31"])
    }

    @Test func ofTwoDigitsNeedTheNameOfTheRepublic() throws {
        let named = try #require(try parse("沿革\n\n民國57年9月25日設立，71年11月2日更名，國內外業務隨之開展。").items.first)
        #expect(named.events.map(\.value.text) == ["1968-09-25", "1982-11-02"])
        let open = try #require(try parse("沿革\n\n該國於71年11月2日更名，國內外業務隨之開展。").items.first)
        #expect(open.events.map(\.value.text) == ["--11-02"])
    }

    @Test func areOfTheCommonEraInSimplifiedText() throws {
        let item = try #require(try parse("回顾\n\n98年9月15日洪水退去，08年5月12日发生地震，112年3月5日不是日期，国家给予支持。").items.first)
        #expect(item.events.map(\.value.text) == ["1998-09-15", "2008-05-12", "--03-05"])
    }

    @Test func countInLabelsToo() throws {
        let item = try #require(try parse("公告\n發布日期：111-05-18\n\n為因應疫情，本國自即日起開放邊境，請國人配合各項措施，謝謝。").items.first)
        #expect(item.published?.value.text == "2022-05-18")
    }
}

@Suite struct YearsOfEvents {
    @Test(arguments: [
        ("1月11日通报。", "2019-12-08", "2020-01-11"), ("4月5日通报。", "2019-12-08", "2019-04-05"), ("自7月10日起施行。", "2026-04-04", "2026-07-10"),
        ("将于11月5日举行。", "2026-04-04", "2026-11-05"), ("11月5日举行。", "2026-04-04", "2025-11-05"),
    ])
    func areTheNearestThatTheTextAllows(text: String, published: String, expected: String) throws {
        #expect(try events(text, published: published) == ["\(expected) year-of-item"])
    }

    @Test func areTheSameOnBothSidesOfARange() throws {
        #expect(
            try events("1月1日至12月6日，全市接待游客。", published: "2022-12-08") == ["2022-01-01 year-of-item", "2022-12-06 year-of-item"])
        #expect(
            try events("12月20日至1月5日放假。", published: "2022-01-10") == ["2021-12-20 year-of-item", "2022-01-05 year-of-item"])
    }

    @Test(arguments: [("15日在京举行。", "2025-08-14", "2025-08-15"), ("22日在京举行。", "2025-08-14", "2025-07-22"), ("31日在京举行。", "2025-08-01", "2025-07-31")])
    func bareDaysAreTheNearest(text: String, published: String, expected: String) throws {
        #expect(try events(text, published: published) == ["\(expected) day-of-month"])
    }

    @Test func daysInBracketsAreToday() throws {
        #expect(try events("今（18）日表示，昨(17日)新增。", published: "2022-05-18") == ["2022-05-18 relative", "2022-05-17 relative"])
    }

    @Test func minutesMayStandWithoutTheirWord() throws {
        #expect(try events("8月5日晚11点40，公司上市。", published: "2005-12-01") == ["2005-08-05T23:40 year-of-item"])
    }
}
