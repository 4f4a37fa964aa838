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
        ("至少需要20名志愿者。", "[20.0, nil)", "名", "至少"), ("至少20名志愿者参加。", "[20.0, nil)", "名", "至少"),
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

    /// Tenths, fractions, halves and doublings.
    @Test(arguments: [
        ("复工率已有三成。", "[30.0, 30.0]", "%", "", "三成"), ("三成以上的企业复工。", "[30.0, nil)", "%", "以上", "三成以上"),
        ("近七成企业复工。", "(nil, 70.0]", "%", "近", "近七成"), ("七八成的企业复工。", "[70.0, 80.0]", "%", "至", "七八成"),
        ("复工率约为六成五。", "[60.0, 70.0]", "%", "约为", "约为六成五"), ("复工率为三成半。", "[35.0, 35.0]", "%", "", "三成半"),
        ("3成商户营业。", "[30.0, 30.0]", "%", "", "3成"), ("降价三至五成。", "[30.0, 50.0]", "%", "至", "三至五成"),
        ("客流恢复三成多。", "(30.0, nil)", "%", "多", "三成多"), ("只有一成商户营业。", "[10.0, 10.0]", "%", "", "一成"),
        ("三分之二的代表同意。", "[66.666667, 66.666667]", "%", "", "三分之二"),
        ("超过三分之二的代表同意。", "(66.666667, nil)", "%", "超过", "超过三分之二"),
        ("四分之三以上的居民接种。", "[75.0, nil)", "%", "以上", "四分之三以上"), ("死亡率为千分之五。", "[5.0, 5.0]", "‰", "", "千分之五"),
        ("误差为万分之三。", "[0.03, 0.03]", "%", "", "万分之三"), ("占百分之三十至百分之五十。", "[30.0, 50.0]", "%", "至", "百分之三十至百分之五十"),
        ("一半企业已经复工。", "[50.0, 50.0]", "%", "", "一半"), ("超过一半的企业复工。", "(50.0, nil)", "%", "超过", "超过一半"),
        ("半数以上居民接种。", "[50.0, nil)", "%", "以上", "半数以上"), ("过半企业已经复工。", "(50.0, nil)", "%", "过", "过半"),
        ("近半数企业已经复工。", "(nil, 50.0]", "%", "近", "近半数"), ("产量翻番。", "[2.0, 2.0]", "倍", "", "翻番"),
        ("收入翻了两番。", "[4.0, 4.0]", "倍", "", "翻了两番"), ("产量翻一番。", "[2.0, 2.0]", "倍", "", "翻一番"),
    ])
    func areSharesAndMultiples(sentence: String, interval: String, unit: String, comparator: String, quote: String) throws {
        let figure = try #require(try figures(sentence).first, "no figure in \(sentence)")
        #expect(intervalText(figure) == interval)
        #expect(figure.unit == unit)
        #expect(figure.comparator == comparator)
        #expect(figure.quote == quote)
    }

    /// Numbers that name an interval by themselves, and numbers in several parts.
    @Test(arguments: [
        ("现场有十几人。", "(10.0, 20.0)", "人", "几", "十几人"), ("共有二十几家企业。", "(20.0, 30.0)", "家", "几", "二十几家"),
        ("捐款十几万元。", "(100000.0, 200000.0)", "元", "几", "十几万元"), ("共有五六十人参加。", "[50.0, 60.0]", "人", "至", "五六十人"),
        ("需要七八个小时。", "[7.0, 8.0]", "个小时", "至", "七八个小时"), ("来了三四百人。", "[300.0, 400.0]", "人", "至", "三四百人"),
        ("投资两三千万元。", "[20000000.0, 30000000.0]", "元", "至", "两三千万元"), ("等了三五天。", "[3.0, 5.0]", "天", "至", "三五天"),
        ("十七八岁的学生。", "[17.0, 18.0]", "岁", "至", "十七八岁"), ("至少七八名志愿者。", "[7.0, nil)", "名", "至少", "至少七八名"),
        ("百余名志愿者参加。", "(100.0, nil)", "名", "多", "百余名"), ("万余人参加。", "(10000.0, nil)", "人", "多", "万余人"),
        ("共有千余家企业。", "(1000.0, nil)", "家", "多", "千余家"), ("投入百万余元。", "(1000000.0, nil)", "元", "多", "百万余元"),
        ("不足百人参加。", "(nil, 100.0)", "人", "不足", "不足百人"), ("用户突破千万人。", "(10000000.0, nil)", "人", "突破", "突破千万人"),
        ("上百家企业参加。", "[100.0, nil)", "家", "上", "上百家"), ("数十名志愿者参加。", "(10.0, 100.0)", "名", "数", "数十名"),
        ("数百万人参加。", "(1000000.0, 10000000.0)", "人", "数", "数百万人"), ("十来个人在场。", "[5.0, 15.0]", "个", "来", "十来个"),
        ("捐款2万5千元。", "[25000.0, 25000.0]", "元", "", "2万5千元"), ("人口1亿2千万人。", "[120000000.0, 120000000.0]", "人", "", "1亿2千万人"),
        ("投资1亿2000万元。", "[120000000.0, 120000000.0]", "元", "", "1亿2000万元"),
        ("投资一亿两千万元。", "[120000000.0, 120000000.0]", "元", "", "一亿两千万元"), ("贷款三万亿元。", "[3000000000000.0, 3000000000000.0]", "元", "", "三万亿元"),
    ])
    func areNumbersOfSeveralParts(sentence: String, interval: String, unit: String, comparator: String, quote: String) throws {
        let figure = try #require(try figures(sentence).first, "no figure in \(sentence)")
        #expect(intervalText(figure) == interval)
        #expect(figure.unit == unit)
        #expect(figure.comparator == comparator)
        #expect(figure.quote == quote)
    }

    /// Words around the number, some with a verb between.
    @Test(arguments: [
        ("约有120家企业参加。", "[115.0, 125.0]", "约"), ("大约占30%。", "[25.0, 35.0]", "大约"), ("不下30家企业参加。", "[30.0, nil)", "不下"),
        ("不下于30家企业参加。", "[30.0, nil)", "不下于"), ("至少有30家企业参加。", "[30.0, nil)", "至少"),
        ("最多可容纳的人数最多为50人。", "(nil, 50.0]", "最多"), ("不到30家企业参加。", "(nil, 30.0)", "不到"), ("逾30家企业参加。", "(30.0, nil)", "逾"),
        ("超30家企业参加。", "(30.0, nil)", "超"), ("企业达30家。", "[30.0, 30.0]", ""), ("高达30家。", "[30.0, 30.0]", ""),
        ("超过了30家。", "(30.0, nil)", "超过"), ("不止30家企业参加。", "(30.0, nil)", "不止"), ("年龄在50岁开外。", "(50.0, nil)", "开外"),
        ("企業超過30家。", "(30.0, nil)", "超過"), ("約有120家企業參加。", "[115.0, 125.0]", "約"), ("不超過50人參加。", "(nil, 50.0]", "不超過"),
        ("附近有3家商店。", "[3.0, 3.0]", ""), ("签约13个项目。", "[13.0, 13.0]", ""), ("居高不下3个月。", "[3.0, 3.0]", ""),
        ("打破5项纪录。", "[5.0, 5.0]", ""), ("看不到3家商店。", "[3.0, 3.0]", ""),
    ])
    func areBoundedByTheWordsAround(sentence: String, interval: String, comparator: String) throws {
        let figure = try #require(try figures(sentence).first, "no figure in \(sentence)")
        #expect(intervalText(figure) == interval)
        #expect(figure.comparator == comparator)
    }

    /// Numbers below nothing and changes to less.
    @Test(arguments: [
        ("工业增速为-5.2%。", "[-5.2, -5.2]", "%", "-5.2%"), ("工业增速为−5.2%。", "[-5.2, -5.2]", "%", "−5.2%"),
        ("工业增速为负5.2%。", "[-5.2, -5.2]", "%", "负5.2%"), ("最低气温零下5℃。", "[-5.0, -5.0]", "℃", "零下5℃"),
        ("客流同比下降5.3%。", "[-5.3, -5.3]", "%", "下降5.3%"), ("客流下降了5.3%。", "[-5.3, -5.3]", "%", "下降了5.3%"),
        ("客流下降超过5%。", "(nil, -5.0)", "%", "下降超过5%"), ("客流减少5%以上。", "(nil, -5.0]", "%", "减少5%以上"),
        ("价格下降近一半。", "[-50.0, nil)", "%", "下降近一半"), ("客流下降到30%。", "[30.0, 30.0]", "%", "30%"), ("客流增长5.3%。", "[5.3, 5.3]", "%", "5.3%"),
        ("病例减少30例。", "[-30.0, -30.0]", "例", "减少30例"), ("比重回落0.3个百分点。", "[-0.3, -0.3]", "个百分点", "回落0.3个百分点"),
        ("投资负增长3%。", "[-3.0, -3.0]", "%", "负增长3%"), ("肩负5项任务。", "[5.0, 5.0]", "项", "5项"), ("下降5%至8%。", "[5.0, 8.0]", "%", "5%至8%"),
    ])
    func haveASign(sentence: String, interval: String, unit: String, quote: String) throws {
        let figure = try #require(try figures(sentence).first, "no figure in \(sentence)")
        #expect(intervalText(figure) == interval)
        #expect(figure.unit == unit)
        #expect(figure.quote == quote)
    }

    @Test(arguments: [
        "一成不变的做法。", "成立工作组。", "半年以来。", "过半个月再看。", "一二三产业融合。", "走进千家万户。", "百分之。", "二三线城市。", "翻新改造。", "三成员单位。",
        "三来一补企业。", "第五六批名单。", "五四青年节。",
    ])
    func areNotMadeOfWordsThatLookLikeThem(sentence: String) throws {
        let found = try figures(sentence)
        #expect(found.isEmpty, "\(found.map(\.quote)) in \(sentence)")
    }

    @Test(arguments: [
        ("全市1800多家重点企业复工。", "重点企业复工"), ("全市工业企业复工率超过70%。", "全市工业企业复工率"), ("累计注册用户数达311.74万。", "注册用户数"),
        ("投入警力6100余人。", "警力"),
        ("检查车辆41万余辆。", "车辆"), ("6000多个居（村）委会参与。", "居（村）委会"), ("软件业企业80%以上复工。", "软件业企业复工"), ("涉及人口数234万人。", "人口数"),
        ("布局近9000个采样点。", "采样点"), ("为8家企业授信近1亿元。", "企业授信"), ("把8家沿街店铺走了个遍。", "沿街店铺"),
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
