// Lines that are a date and nothing else, in the spellings of bulletins, and lines that are not.

import Messages
import Testing

@testable import Documents

@Suite struct DateHeadingSpellings {
    @Test(arguments: [
        ("2020-02-08", "2020-02-08"), ("2020.02.08", "2020-02-08"), ("20200208", "2020-02-08"), ("2月8日（星期六）", "--02-08"),
        ("2月8日，星期六", "--02-08"), ("2月8日 周六 晴", "--02-08"), ("2月8日 星期六 多云转小雨", "--02-08"), ("二月八日", "--02-08"),
        ("【2月8日】", "--02-08"), ("▶2月8日", "--02-08"), ("〓2月8日〓", "--02-08"), ("2020年2月8日08:30", "2020-02-08T08:30"),
        ("2020年02月08日 星期六 农历正月十五", "2020-02-08"), ("1月26日（农历正月初二）", "--01-26"), ("2月8日（周六·元宵节）", "--02-08"),
        ("2月8日~9日", "--02-09"), ("2月8日至10日", "--02-10"), ("2月28日—3月1日", "--03-01"), ("2020年12月30日至1月2日", "2021-01-02"),
        ("一、2月8日", "--02-08"), ("1. 2月8日", "--02-08"), ("截至2月8日", "--02-08"), ("2月8日动态", "--02-08"), ("2月8日新闻摘要", "--02-08"),
        ("2月8日 Saturday", "--02-08"), ("Feb 8, 2020", "2020-02-08"), ("June 1, 2022", "2022-06-01"), ("2月8日24时", "--02-08"),
    ])
    func areRead(line: String, expected: String) {
        #expect(DateReader.heading(line.unicodeScalars.map(\.value))?.date.text == expected)
    }

    @Test(arguments: [
        "2月8日起施行", "2月8日上海新增病例", "2月", "20201340", "12345678", "2.8", "2月8日第15期", "2月30日", "8日", "May 2022", "Room 8, 2020", "2月8日阅读",
        "第2月8日", "2月8日、9日、10日要闻汇总表",
    ])
    func areNot(line: String) {
        #expect(DateReader.heading(line.unicodeScalars.map(\.value)) == nil)
    }

    @Test func labelsOfDatesPartADigest() throws {
        let text = "工作动态\n\n日期：2月8日\n\n道口查控\n\n全市道口逐一测温。\n\n来源：上海发布\n\n日期：2月10日\n\n企业复工\n\n复工率达到七成。\n\n来源：解放日报\n"
        #expect(try parse(text).items.map { $0.published?.value.text } == ["--02-08", "--02-10"])
    }
}

/// Feasts by name, in an item of 2023-10-08.
@Suite struct Feasts {
    private static let item = PartialDate(year: 2023, month: 10, day: 8)

    private static func days(_ text: String) throws -> [String] {
        let document = try parse("某市文旅局\n\n\(text)", hints: ["published": "2023-10-08"])
        return try #require(document.items.first).events.filter { $0.basis.rule == "feast" }.map(\.value.text)
    }

    @Test(arguments: [
        ("国庆节当天，景区接待游客210万人次。", "2023-10-01"), ("中秋节当晚，外滩客流超过40万人次。", "2023-09-29"), ("今年端午节，全市开展活动36场。", "2023-06-22"),
        ("劳动节当日流量达165万辆次。", "2023-05-01"), ("去年国庆当天接待180万人次。", "2022-10-01"), ("2024年清明节当天祭扫90万人。", "2024-04-04"),
        ("“三八”节当天，组织志愿者300名。", "2023-03-08"), ("今年元旦当天接待50万人次。", "2023-01-01"), ("重阳节当天慰问老人。", "2023-10-23"),
    ])
    func areRead(text: String, expected: String) throws { #expect(try Self.days(text) == [expected]) }

    @Test(arguments: [
        "国庆节期间接待游客210万人次。", "中秋、国庆假期共八天。", "五一小长假将至。", "春节前完成，端午节后检查。", "二十五一天不落。", "国庆70周年庆典。", "清明节、端午节放假安排。",
    ])
    func holidaysAreNone(text: String) throws { #expect(try Self.days(text) == []) }

    /// 闰二月 of 2023 began on 22 March, 闰六月 of 2025 on 25 July, 闰四月 of 2020 on 23 May.
    @Test(arguments: [(2023, 2, 1, "2023-03-22"), (2025, 6, 1, "2025-07-25"), (2020, 4, 15, "2020-06-06")])
    func leapMonths(year: Int, month: Int, day: Int, expected: String) {
        #expect(MoonCalendar.common(year: year, month: month, day: day, isLeap: true)?.text == expected)
    }

    @Test func yearsWithoutSuchALeapMonthHaveNone() {
        #expect(MoonCalendar.common(year: 2022, month: 2, day: 1, isLeap: true) == nil)
    }
}
