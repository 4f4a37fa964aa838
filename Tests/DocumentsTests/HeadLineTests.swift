// Heads without labels: official documents, journals, mastheads, lines of a name and a time, feeds, joined labels; and people.

import Messages
import Testing

@testable import Documents

@Suite struct Heads {
    private let notice = """
        滨江区人民政府办公室文件

        滨政办发〔2023〕15号


        滨江区人民政府办公室关于做好2023年
        防汛防台工作的通知

        各镇人民政府、街道办事处，区政府各部门，各直属单位：

        为切实做好今年防汛防台工作，经区政府同意，现就有关事项通知如下：
        各单位要在5月31日前完成隐患排查。

                滨江区人民政府办公室
                2023年4月28日

        抄送：区委各部门，区人大办、区政协办。
        """

    @Test func officialDocumentsHaveTheirTitleAfterTheirNumber() throws {
        let item = try #require(try parse(notice).items.first)
        #expect(item.title == "滨江区人民政府办公室关于做好2023年防汛防台工作的通知" || item.title == "滨江区人民政府办公室关于做好2023年 防汛防台工作的通知")
        #expect(item.department?.value == "滨江区人民政府办公室")
        #expect(item.sources.map(\.value) == ["滨江区人民政府办公室"])
        #expect(item.published?.value.text == "2023-04-28")
    }

    @Test func theNumberAloneMakesNoTitle() throws {
        let text = "本区动态\n\n国发〔2018〕44号\n文件已经印发，各单位要认真学习，抓好落实，确保各项任务如期完成。\n请各单位及时报送情况，遇到问题及时反映。"
        #expect(try parse(text).items.first?.title == "本区动态")
    }

    @Test func journalsHaveTheirTitleAfterTheirIssue() throws {
        let text = "　自动化学报\nACTA AUTOMATICA SINICA\n1997年 第23卷 第3期 vol.23 No.3 1997\n\n\n多层感知器的局部化设计\n许　力\n　　摘　要　结合前馈网络的全局化设计和局部化设计的各自特点，提出一种网络。仿真结果表明，该网络具有良好的学习性能。\n"
        let item = try #require(try parse(text).items.first)
        #expect(item.title == "多层感知器的局部化设计")
        #expect(item.published?.value.text == "1997")
        #expect(item.sources.map(\.value) == ["自动化学报"])
    }

    @Test func issuesOfJournalsGiveTheYear() throws {
        let text = "【原文出处】江汉论坛\n【原刊期号】199804\n【 标  题 】人道主义论争反思\n【 正  文 】\n    按照有关论述，社会主义市场经济必然要求与之相应的价值观念，本文对此作一回顾和反思。\n"
        let item = try #require(try parse(text).items.first)
        #expect(item.published?.value.text == "1998")
        #expect(item.title == "人道主义论争反思")
    }

    @Test func mastheadsDateTheirStories() throws {
        let text = """
            江南日报                                                            2021年3月18日 星期四 第02版：要闻

            全省前两个月外贸进出口增长

            本报讯（记者 欧阳晓明）昨日，记者从江南海关获悉，今年前两个月，全省进出口总值5876.4亿元，同比增长21.3%。

            省人社厅：返岗率超九成
            本报记者 上官云飞
            3月17日，省人力资源和社会保障厅召开新闻发布会。厅长司马平介绍，截至3月15日，全省企业返岗率达92.6%。
            """
        let document = try parse(text)
        #expect(document.items.map(\.title) == ["全省前两个月外贸进出口增长", "省人社厅：返岗率超九成"])
        #expect(document.items.allSatisfy { $0.published?.value.text == "2021-03-18" })
        #expect(document.items.allSatisfy { $0.sources.map(\.value) == ["江南日报"] })
        #expect(document.items.flatMap(\.people) == ["欧阳晓明", "上官云飞", "司马平"])
    }

    @Test func aNameAndATimeUnderATitleAreNoText() throws {
        let html = """
            <html><head><title></title><meta property="og:site_name" content="微信公众平台"></head><body><h1>新增社区采样站12处</h1>
            <div><span>原创</span> <span>健康江南</span> <em>2022-05-18 17:30</em></div>
            <div><p>为方便居民，全市新增社区采样站12处，每日可服务约3600人次。</p><p>居民可就近采样，请做好防护，保持距离。</p></div></body></html>
            """
        let item = try #require(try parse(html, name: "a.html").items.first)
        #expect(item.published?.value.text == "2022-05-18T17:30")
        #expect(item.sources.map(\.value) == ["健康江南"])
        #expect(!item.body.contains("17:30"))
    }

    @Test func anEntryOfALogIsText() throws {
        let text = "行程记录\n\n2022-05-18 17:30 到达上海\n2022-05-18 18:40 入住酒店\n以上为行程记录，请各单位核对，如有出入请及时反馈。"
        let item = try #require(try parse(text).items.first)
        #expect(item.title == "行程记录")
        #expect(item.body.contains("到达上海"))
        #expect(item.sources.isEmpty)
    }

    @Test func labelsMayBeJoined() throws {
        let html = """
            <html><body><h1>全省新冠肺炎疫情情况</h1><div><span>发布时间：2022-04-13 08:12</span><span>来源：疾病预防控制局</span><span>字体：【大 中 小】</span></div>
            <div><p>4月12日0—24时，全省新增本土确诊病例25例，新增境外输入确诊病例2例。</p><p>截至4月12日24时，累计报告确诊病例3215例。</p></div></body></html>
            """
        let item = try #require(try parse(html, name: "a.html").items.first)
        #expect(item.sources.map(\.value) == ["疾病预防控制局"])
        #expect(item.published?.value.text == "2022-04-13T08:12")
    }

    @Test func theOnlyHeadingCountsMoreThanTheNameOfTheWindow() throws {
        let html = """
            <html><head><title>疫情通报-江南省卫生健康委员会</title></head><body><h1>2022年4月12日江南省新冠肺炎疫情情况</h1>
            <div><p>4月12日0—24时，全省新增本土确诊病例25例，新增境外输入确诊病例2例。</p><p>截至4月12日24时，累计报告确诊病例3215例。</p></div></body></html>
            """
        #expect(try parse(html, name: "a.html").items.first?.title == "2022年4月12日江南省新冠肺炎疫情情况")
    }
}

@Suite struct FeedAges {
    private func dates(_ made: String) throws -> [String?] {
        let feed = """
            <rss version="2.0"><channel><title>江南发布</title>\(made)
            <item><title>甲</title><pubDate>3小时前</pubDate><description>今天上午，代表们热议。</description></item>
            <item><title>乙</title><pubDate>昨天 15:30</pubDate><description>专班走访企业56家。</description></item>
            <item><title>丙</title><pubDate>2天前</pubDate><description>专班走访企业56家。</description></item>
            <item><title>丁&amp;#12415;</title><description>大哭&amp;#038;笑</description></item></channel></rss>
            """
        let items = try parse(feed, type: "application/rss+xml").items
        #expect(items.last?.title == "丁み")
        #expect(items.last?.body == "大哭&笑")
        return items.map { $0.published?.value.text }
    }

    @Test func countFromWhenTheFeedWasMade() throws {
        #expect(
            try dates("<lastBuildDate>Tue, 08 Mar 2022 02:00:00 GMT</lastBuildDate>")
                == ["2022-03-08T07:00+08:00", "2022-03-07T15:30+08:00", "2022-03-06", nil])
    }

    @Test func stayOpenOtherwise() throws { #expect(try dates("") == [nil, nil, nil, nil]) }
}

@Suite struct PeopleNamed {
    @Test(arguments: [
        ("授予刘永坦院士、钱七虎院士最高奖。", ["刘永坦", "钱七虎"]), ("（记者 陆一夫）报道。", ["陆一夫"]), ("厅长欧阳晓明介绍，情况良好。", ["欧阳晓明"]),
        ("诸葛文表示，将继续推进。", ["诸葛文"]), ("张先生说，刘女士表示满意。", []), ("毛利率上升，应当说明，高效率。", []), ("包括要求在内，文章指出问题。", []),
        ("游客表示满意，车主说方便。", []), ("市长陈一新，介绍情况。", ["陈一新"]), ("白皮书指出，高层说。", []), ("书记李强指出，要抓好。", ["李强"]), ("委员长主持会议，居住于长宁路说明。", []),
        ("急诊科主任艾芬感到意外。", ["艾芬"]), ("市领导董云虎、莫负春、诸葛宇杰参加检查。", ["董云虎", "莫负春", "诸葛宇杰"]),
        ("交易公會之代表說明，公会应当表示。", []),
    ])
    func areThoseThatATextNames(text: String, expected: [String]) throws {
        let item = try #require(try parse("通报\n\n\(text)有关部门继续做好各项工作，保障群众生活。").items.first)
        #expect(item.people == expected)
    }
}

@Suite struct ChangesAndShares {
    private func figures(_ sentence: String) throws -> [String] {
        let item = try #require(try parse("通报\n\n\(sentence)有关部门将继续做好各项工作，保障群众生活。").items.first)
        return item.figures.map { "\($0.lower.map { "\($0)" } ?? "")…\($0.upper.map { "\($0)" } ?? "")\($0.unit) \($0.quote)" }
    }

    @Test(arguments: [
        ("约2/3的人完成检测。", ["50.0…83.333334% 约2/3"]), ("占总数的1/4以上。", ["25.0…% 1/4以上"]), ("第1/3版和3/4号线，5/6月。", []),
        ("增加值降幅5.3%。", ["-5.3…-5.3% 降幅5.3%"]), ("降幅达5.3%。", ["-5.3…-5.3% 降幅达5.3%"]), ("降幅收窄0.3个百分点。", ["0.3…0.3个百分点 0.3个百分点"]),
        ("涨幅收窄0.3个百分点。", ["-0.3…-0.3个百分点 收窄0.3个百分点"]), ("降幅比上月扩大0.3个百分点。", ["-0.3…-0.3个百分点 扩大0.3个百分点"]),
        ("好几百家企业参加。", ["100.0…1000.0家 好几百家"]), ("三分之二的企业复工。", ["66.666667…66.666667% 三分之二"]),
    ])
    func haveTheirSign(sentence: String, expected: [String]) throws { #expect(try figures(sentence) == expected) }

    @Test func countsOfAChangeAreAboutTheSentencesSubject() throws {
        let item = try #require(try parse("通报\n\n水泵320台，比上年增加15%；确诊病例25例，较前一日减少5例，有关部门继续做好工作。").items.first)
        #expect(item.figures.map(\.subject) == ["水泵", "水泵增加", "确诊病例", "确诊病例减少"])
    }
}
