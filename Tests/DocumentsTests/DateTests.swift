// Dates: headings, timestamps, relative days, years.

import Messages
import Testing

@testable import Documents

@Suite struct DateHeadings {
    @Test(arguments: [
        ("1月24日", "--01-24"), ("2020年2月8日", "2020-02-08"), ("【2月3日】", "--02-03"), ("2月3日（周一）", "--02-03"),
        ("2020-02-03 星期一", "2020-02-03"),
        ("2020/2/3", "2020-02-03"), ("2020.02.03", "2020-02-03"), ("二月三日", "--02-03"), ("二〇二〇年十二月三十一日", "2020-12-31"),
        ("十一月二十日", "--11-20"),
        ("２月１３日", "--02-13"), ("5 月 4 日", "--05-04"), ("◆2月3日", "--02-03"), ("2020年2月", "2020-02"),
        ("2月29日", "--02-29"), ("2月3号 晚上", "--02-03"),
        ("2月3日：", "--02-03"), ("民國112年3月5日", "2023-03-05"), ("中华民国一百一十二年三月五日", "2023-03-05"),
        ("二○二○年二月八日", "2020-02-08"), ("二零二零年二月八日", "2020-02-08"), ("2020.2.8", "2020-02-08"), ("2020/02/08", "2020-02-08"),
        ("2月3號", "--02-03"), ("２０２０年２月８日　星期六", "2020-02-08"), ("2月3日 禮拜一", "--02-03"),
    ])
    func areRead(line: String, expected: String) {
        #expect(DateReader.heading(line.unicodeScalars.map(\.value))?.date.text == expected)
    }

    @Test(arguments: [
        "2月30日", "13月1日", "2021年2月29日", "2月", "2月3日上海发布", "第2月3日程", "1月24日至26日的安排", "2020", "3日", "2020-13-01", "", "日",
        "二月", "112年3月5日", "民國112年",
    ])
    func areRefused(line: String) { #expect(DateReader.heading(line.unicodeScalars.map(\.value)) == nil) }
}

@Suite struct Timestamps {
    @Test(arguments: [
        ("Mon, 25 Jul 2022 12:11:30 GMT", "2022-07-25T20:11+08:00"),
        ("Sun, 31 Dec 2023 18:00:00 GMT", "2024-01-01T02:00+08:00"),
        ("2022-07-25T20:11:30+08:00", "2022-07-25T20:11+08:00"), ("2022-07-25T12:11:30Z", "2022-07-25T20:11+08:00"),
        ("2022-07-25T12:11:30.123Z", "2022-07-25T20:11+08:00"), ("2016-11-22 09:53", "2016-11-22T09:53"),
        ("2007-08-20-23:59:59", "2007-08-20T23:59"),
        ("2018年12月28日", "2018-12-28"), ("(20230919)", "2023-09-19"),
        ("Wed, 02 Oct 2002 08:00:00 -0500", "2002-10-02T08:00-05:00"),
        ("25 Jul 2022", "2022-07-25"),
    ])
    func areRead(text: String, expected: String) { #expect(TimestampReader.read(text)?.text == expected) }

    @Test(arguments: ["", "yesterday", "2022-02-30", "99999999", "12:30", "32 Jul 2022"])
    func areRefused(text: String) { #expect(TimestampReader.read(text) == nil) }

    @Test func epochSecondsAreReadInChinaTime() {
        #expect(TimestampReader.epoch("1658751090")?.text == "2022-07-25T20:11+08:00")
        #expect(TimestampReader.epoch("1658751090000")?.text == "2022-07-25T20:11+08:00")
        #expect(TimestampReader.epoch("20220725") == nil)
    }
}

@Suite struct Calendar {
    @Test func dayNumbersAgreeWithCountingDayByDay() {
        var number = CalendarDay.number(year: 1999, month: 12, day: 31)
        var date = PartialDate(year: 1999, month: 12, day: 31)
        for _ in 0..<2000 {
            guard let next = CalendarDays.adding(1, to: date), let year = next.year, let month = next.month,
                let day = next.day
            else {
                Issue.record("no day after \(date.text)")
                return
            }
            number += 1
            #expect(CalendarDay.number(year: year, month: month, day: day) == number)
            #expect(CalendarDays.adding(-1, to: next) == date)
            date = next
        }
        #expect(CalendarDay.number(year: 1970, month: 1, day: 1) == 0)
    }

    @Test func aDayAfterTheEndOfFebruaryIsUnknownWithoutAYear() {
        #expect(CalendarDays.adding(1, to: PartialDate(month: 2, day: 28)) == nil)
        #expect(CalendarDays.adding(-1, to: PartialDate(month: 3, day: 1)) == nil)
        #expect(CalendarDays.adding(1, to: PartialDate(year: 2021, month: 2, day: 28))?.text == "2021-03-01")
        #expect(CalendarDays.adding(-1, to: PartialDate(month: 1, day: 1))?.text == "--12-31")
    }
}

@Suite struct EventDatesInText {
    private func events(_ body: String, date: String) throws -> [String] {
        let text = "\(date)\n\n某市举行会议\n\n\(body)\n\n来源：上海发布\n"
        return try #require(try parse(text).items.first).events.map { "\($0.value.text) \($0.basis.rule)" }
    }

    @Test func takeTheYearOfTheItem() throws {
        #expect(try events("会议于3月2日举行，共有各方代表参加会议并发言。", date: "2021年3月4日") == ["2021-03-02 year-of-item"])
    }

    @Test func takeTheYearBeforeWhereTheyWouldLieFarAhead() throws {
        #expect(try events("活动自12月20日开始，共有各方代表参加。", date: "2021年1月4日") == ["2020-12-20 year-of-item"])
    }

    @Test func countFromTheItemsDay() throws {
        #expect(
            try events("昨天下午，会议在市里举行，今天继续进行讨论。", date: "2021年3月1日") == ["2021-02-28 relative", "2021-03-01 relative"])
    }

    @Test func readADayWithoutItsMonth() throws {
        #expect(try events("工作组5日在各区调研，有关负责人参加。", date: "2022年5月6日") == ["2022-05-05 day-of-month"])
        #expect(try events("工作组28日在各区调研，有关负责人参加。", date: "2022年5月6日") == ["2022-04-28 day-of-month"])
    }

    @Test func doNotTakeDurationsForDays() throws {
        #expect(try events("各单位应在10日内办理完毕，最长不超过20日，第3日起生效。", date: "2022年5月6日").isEmpty)
    }

    /// Words that count from the item's date; 4 March 2021 is a Thursday.
    @Test(arguments: [
        ("会议于上周五举行", "2021-02-26 relative"), ("会议于本周三举行", "2021-03-03 relative"), ("会议将于下周一举行", "2021-03-08 relative"),
        ("会议于上星期日举行", "2021-02-28 relative"), ("会议于这周二举行", "2021-03-02 relative"), ("會議於上週五舉行", "2021-02-26 relative"),
        ("会议于上月28日举行", "2021-02-28 relative"), ("会议于上个月5号举行", "2021-02-05 relative"), ("会议于本月2日举行", "2021-03-02 relative"),
        ("活动将在本月举行", "2021-03 relative"), ("活动已于上月结束", "2021-02 relative"), ("会议于去年3月5日举行", "2020-03-05 relative-year"),
        ("会议于今年1月举行", "2021-01 relative-year"), ("会议于前年12月1日举行", "2019-12-01 relative-year"), ("会议于前天举行", "2021-03-02 relative"),
        ("会议于大前天举行", "2021-03-01 relative"), ("会议将于后天举行", "2021-03-06 relative"), ("会议于昨晚8点举行", "2021-03-03T20:00 relative"),
        ("会议于昨天下午3时举行", "2021-03-03T15:00 relative"), ("会议于民国一百年五月一日举行", "2011-05-01 text"),
        ("會議於民國112年3月5日舉行", "2023-03-05 text"), ("会议于二〇二〇年二月八日举行", "2020-02-08 text"), ("会议于2020.2.8举行", "2020-02-08 text"),
        ("会议于2020/02/08举行", "2020-02-08 text"), ("会议于2020年2月8日上午9时30分举行", "2020-02-08T09:30 text"),
        ("会议于2020年2月8日晚上7点半举行", "2020-02-08T19:30 text"), ("会议于2020年2月8日15:05举行", "2020-02-08T15:05 text"),
        ("截至2020年2月8日24时举行", "2020-02-08 text"),
    ])
    func areReadByTheItemsDate(sentence: String, expected: String) throws {
        let body = sentence + "，共有各方代表参加会议并发言。"
        #expect(try events(body, date: "2021年3月4日") == [expected])
    }

    @Test(arguments: [
        ("活动于5月4日至6日举行", ["2021-05-04", "2021-05-06"]), ("活动于5月4-6日举行", ["2021-05-04", "2021-05-06"]),
        ("活动于5月4日—6日举行", ["2021-05-04", "2021-05-06"]), ("活动于5月4日、5日举行", ["2021-05-04", "2021-05-05"]),
        ("活动于五月四日至六日举行", ["2021-05-04", "2021-05-06"]), ("活动于4月28日至5月3日举行", ["2021-04-28", "2021-05-03"]),
        ("活动于5月4日到5号楼举行", ["2021-05-04"]), ("活动于5月4日至2日举行", ["2021-05-04"]),
    ])
    func haveALastDay(sentence: String, expected: [String]) throws {
        let body = sentence + "，共有各方代表参加会议并发言。"
        #expect(try events(body, date: "2021年5月7日").map { String($0.prefix(10)) } == expected)
    }

    @Test func pointToTheWordsTheyWereReadFrom() throws {
        let source = "2021年3月4日\n\n某市举行会议\n\n会议于上周五举行，5月4日至6日为试行期，民國109年2月8日的规定废止。\n\n来源：上海发布\n"
        let item = try #require(try parse(source).items.first)
        let bytes = Array(source.utf8)
        #expect(item.events.map { text(bytes, $0.basis.range) } == ["上周五", "5月4日", "6日", "民國109年2月8日"])
    }

    @Test(arguments: [
        "目前日均上市量稳定", "去年同期水平较低", "本周期工作已经安排", "本月球研究所在内", "民国时期的建筑在内", "后天性疾病在内", "上下周转使用",
    ])
    func areNotMadeOfWordsThatLookLikeThem(sentence: String) throws {
        let found = try events(sentence + "，共有各方代表参加会议并发言。", date: "2021年3月4日")
        #expect(found.isEmpty, "\(found) in \(sentence)")
    }

    @Test func sayNothingOfRelativeDaysWithoutADate() throws {
        let document = try parse("昨天下午，会议在市里举行，有关负责人参加会议并讲话，部署下一步工作。\n")
        #expect(document.items.first?.events.isEmpty == true)
    }
}

@Suite struct Years {
    private func digest(_ dates: [String], body: String = "有关部门举行会议，部署下一步工作，要求各区做好准备。") -> String {
        dates.map { "\($0)\n\n某市部署有关工作\n\n\(body)\n\n来源：上海发布\n\n" }.joined()
    }

    private func dates(_ text: String, hints: [String: String] = [:]) throws -> [String?] {
        try parse(text, hints: hints).items.map { $0.published?.value.text }
    }

    @Test func areCarriedForwardAndBackward() throws {
        #expect(try dates(digest(["12月30日", "2021年1月2日", "1月5日"])) == ["2020-12-30", "2021-01-02", "2021-01-05"])
    }

    @Test func turnWhereDecemberMeetsJanuary() throws {
        #expect(try dates(digest(["2020年12月30日", "1月2日"])) == ["2020-12-30", "2021-01-02"])
        #expect(try dates(digest(["2021年1月2日", "12月30日"])) == ["2021-01-02", "2020-12-30"])
    }

    @Test func areCountedBackFromThePagesOwnDate() throws {
        let head = "---\ntitle: 一周动态\ndate: 2021-01-05 10:00\n---\n"
        #expect(try dates(head + digest(["12月30日", "1月2日"])) == ["2020-12-30", "2021-01-02"])
        #expect(try dates(head + digest(["1月2日", "12月30日"])) == ["2021-01-02", "2020-12-30"])
    }

    @Test func stayOpenWithoutEvidence() throws {
        #expect(try dates(digest(["2月3日", "2月5日"])) == ["--02-03", "--02-05"])
    }

    @Test func areTakenFromWholeDatesNearby() throws {
        let body = "2021年2月1日，有关部门印发通知，部署下一步工作，要求各区做好准备。"
        #expect(try dates(digest(["2月3日", "2月5日"], body: body)) == ["2021-02-03", "2021-02-05"])
    }

    @Test func stayOpenWhereTheTextNamesTwo() throws {
        let body = "2021年2月1日，有关部门印发通知，2019年2月2日的通知同时废止，请遵照执行。"
        #expect(try dates(digest(["2月3日", "2月5日"], body: body)) == ["--02-03", "--02-05"])
    }

    @Test func stayOpenWhereWholeDatesAreFarAway() throws {
        let body = "2019年8月1日，有关部门印发通知，部署下一步工作，要求各区做好准备。"
        #expect(try dates(digest(["2月3日", "2月5日"], body: body)) == ["--02-03", "--02-05"])
    }

    @Test func followAHintButNotAgainstAWrittenYear() throws {
        #expect(try dates(digest(["2月3日", "2月5日"]), hints: ["year": "2022"]) == ["2022-02-03", "2022-02-05"])
        #expect(try dates(digest(["2020年2月3日", "2月5日"]), hints: ["year": "2022"]).first == "2020-02-03")
    }
}
