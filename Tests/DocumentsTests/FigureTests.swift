// Figures: intervals, units, subjects, and what is none.

import Messages
import Testing

@testable import Documents

/// The figures of one sentence.
private func figures(_ sentence: String) throws -> [Figure] {
    let text = "\(sentence)有关部门将继续做好各项工作，保障群众生活。"
    return try #require(try parse(text).items.first).figures
}

@Suite struct Figures {
    @Test(arguments: [
        ("全市共有2400多万人口。", "(24000000.0, nil)", "", "多"), ("共投入500多亿元。", "(50000000000.0, nil)", "元", "多"),
        ("登记近290万人次。", "(nil, 2900000.0]", "人次", "近"), ("复工率超过70%。", "(70.0, nil)", "%", "超过"),
        ("复工率达到百分之八十。", "[80.0, 80.0]", "%", ""), ("覆盖率为95.5％。", "[95.5, 95.5]", "%", ""),
        ("共有3万4000人参加。", "[34000.0, 34000.0]", "人", ""),
        ("投资1,100万元。", "[11000000.0, 11000000.0]", "元", ""), ("约120家企业参加。", "[115.0, 125.0]", "家", "约"),
        ("上市量3000吨左右。", "[2500.0, 3500.0]", "吨", "左右"), ("不足30家企业参加。", "(nil, 30.0)", "家", "不足"),
        ("不超过50人参加。", "(nil, 50.0]", "人", "不超过"),
        ("至少需要20名志愿者。", "[20.0, 20.0]", "名", ""), ("至少20名志愿者参加。", "[20.0, nil)", "名", "至少"),
        ("80%以上企业复工。", "[80.0, nil)", "%", "以上"),
        ("10人以下的聚会。", "(nil, 10.0]", "人", "以下"), ("需要3000-5000元补贴。", "[3000.0, 5000.0]", "元", "至"),
        ("需要3-5万元补贴。", "[30000.0, 50000.0]", "元", "至"),
        ("用时三至五天。", "[3.0, 5.0]", "天", "至"), ("共４５００个采样点。", "[4500.0, 4500.0]", "个", ""),
        ("推出二十八项措施。", "[28.0, 28.0]", "项", ""),
        ("共有一百三十六项标准。", "[136.0, 136.0]", "项", ""), ("共有三千多名志愿者参加。", "(3000.0, nil)", "名", "多"),
        ("总额逾2.5万亿元。", "(2500000000000.0, nil)", "元", "逾"),
        ("共有十余家企业参加。", "(10.0, nil)", "家", "多"), ("体温超过37.3℃的人员。", "(37.3, nil)", "℃", "超过"),
        ("投入>70%的资金。", "(70.0, nil)", "%", ">"),
    ])
    func areIntervals(sentence: String, interval: String, unit: String, comparator: String) throws {
        let figure = try #require(try figures(sentence).first, "no figure in \(sentence)")
        #expect(intervalText(figure) == interval)
        #expect(figure.unit == unit)
        #expect(figure.comparator == comparator)
        #expect(sentence.contains(figure.quote))
    }

    @Test(arguments: [
        "上海举行第174场新闻发布会。", "国办函〔2018〕44号文件已经印发。", "2020年2月8日15时30分召开会议。", "COVID-19疫情防控。", "沿G60高速公路行驶。", "一个都不能少。",
        "使用5G网络。",
        "增强“四个意识”、坚定“四个自信”。", "十分重视这项工作。", "联系电话12345。", "版本为3.14.2。", "位于人民路200号。", "一批企业复工。", "《十条意见》已经印发。",
    ])
    func areNotMadeOfOtherNumbers(sentence: String) throws {
        let found = try figures(sentence)
        #expect(found.isEmpty, "\(found.map(\.quote)) in \(sentence)")
    }

    @Test(arguments: [
        ("全市1800多家重点企业复工。", "重点企业复工"), ("全市工业企业复工率超过70%。", "全市工业企业复工率"), ("累计注册用户数达311.74万。", "注册用户数"),
        ("投入警力6100余人。", "警力"),
        ("检查车辆41万余辆。", "车辆"), ("6000多个居（村）委会参与。", "居（村）委会"), ("软件业企业80%以上复工。", "软件业企业复工"), ("涉及人口数234万人。", "人口数"),
        ("布局近9000个采样点。", "采样点"), ("为8家企业授信近1亿元。", "企业授信"),
    ])
    func nameWhatTheyCount(sentence: String, subject: String) throws {
        #expect(try figures(sentence).first?.subject == subject)
    }

    @Test func takeTheDateOfTheirSentenceOnly() throws {
        let text = "2021年5月4日全市共划分封控区11893个。目前共有采样点9000个，市民可以前往。"
        let found = try #require(try parse(text).items.first).figures
        #expect(found.map { $0.date?.text } == ["2021-05-04", nil])
    }

    @Test func areBoundedInNumber() throws {
        let text = String(repeating: "共有35家企业复工。", count: 900)
        let document = try parse(Array(text.utf8), limits: ParserLimits(figuresPerItem: 10))
        #expect(document.items.first?.figures.count == 10)
    }
}

@Suite struct NumeralReading {
    @Test func chineseNumeralsAgreeWithTheirValue() {
        for value in 1...9999 {
            let text = spell(value).unicodeScalars.map(\.value)
            var index = 0
            #expect(Numerals.chinese(text, &index) == Double(value), "\(spell(value))")
            #expect(index == text.count)
        }
    }

    /// Spells a number the long way (一千零二十).
    private func spell(_ value: Int) -> String {
        let digits = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"]
        let units = [(1000, "千"), (100, "百"), (10, "十"), (1, "")]
        var rest = value
        var result = ""
        var needsZero = false
        for (unit, name) in units {
            let digit = rest / unit
            rest %= unit
            if digit == 0 {
                needsZero = !result.isEmpty && rest > 0
                continue
            }
            if needsZero { result += "零" }
            needsZero = false
            result += digits[digit] + name
        }
        return result
    }
}
