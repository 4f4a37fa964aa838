// Digests and newspaper pages in the layouts they come in.

import Messages
import Testing

@testable import Documents

/// One digest of four items under three dates, laid out in many ways.
struct Layout: Sendable, CustomTestStringConvertible {
    var name: String
    var type = "text/plain"
    var separator = "\n\n"
    var preamble = ""
    var date: @Sendable (String) -> String = { $0 }
    var title: @Sendable (Int, String) -> String = { $1 }
    var body: @Sendable (String) -> String = { $0 }
    var source: @Sendable (String) -> String = { "来源：\($0)" }

    var testDescription: String { name }

    static let items = [
        ("2月3日", "市商务委部署节日供应", "市商务委召开会议，部署主副食品供应工作，共有36家企业参加。", "上海发布"),
        ("2月3日", "上海地铁延长运营时间", "为方便返程旅客，地铁2号线将延长运营，共加开12列。", "解放日报"),
        ("2月5日", "市教委：中小学推迟开学", "市教委发布通知，中小学开学时间推迟，具体时间另行通知。", "新民晚报"),
        ("2月8日", "浦东新区推出惠企政策十条", "浦东新区发布十条政策，支持企业复工复产，预计减负超过20亿元。", "浦东发布"),
    ]

    var text: String {
        var result = preamble
        var last = ""
        for (number, item) in Self.items.enumerated() {
            if item.0 != last { result += date(item.0) + separator }
            last = item.0
            result += title(number + 1, item.1) + separator + body(item.2) + separator + source(item.3) + separator
        }
        return result
    }

    static let all: [Layout] = [
        Layout(name: "plain"), Layout(name: "without blank lines", separator: "\n"),
        Layout(name: "carriage returns", separator: "\r\n\r\n"),
        Layout(name: "preamble", preamble: "疫情防控汇编\n\n我们采集互联网舆情，整理形成汇编，供各方参考。\n\n"),
        Layout(name: "brackets", date: { "【\($0)】" }, source: { "（来源：\($0)）" }),
        Layout(name: "numbered", title: { "\($0). \($1)" }),
        Layout(name: "numbered in Chinese style", title: { "\($0)、\($1)" }),
        Layout(name: "indented", separator: "\n", body: { "　　\($0)" }),
        Layout(name: "traditional label", source: { "來源：\($0)" }),
        Layout(name: "weekday", date: { "\($0) 星期一" }),
        Layout(
            name: "Markdown headings", type: "text/markdown", preamble: "# 汇编\n\n", date: { "## \($0)" },
            title: { "### \($1)" }, source: { "> 来源：\($0)" }),
        Layout(
            name: "Markdown bold", type: "text/markdown", date: { "**\($0)**" }, title: { "**\($1)**" },
            source: { "来源 | \($0)" }),
        Layout(
            name: "HTML", type: "text/html", preamble: "<h1>汇编</h1>", date: { "<h2>\($0)</h2>" },
            title: { "<p><b>\($1)</b></p>" }, body: { "<p>\($0)</p>" }, source: { "<p>来源：\($0)</p>" }),
        Layout(name: "HTML breaks", type: "text/html", separator: "<br>\n"),
    ]
}

@Suite struct Digests {
    @Test(arguments: Layout.all)
    func areSplitWhateverTheirLayout(layout: Layout) throws {
        let document = try parse(layout.text, type: layout.type)
        #expect(document.items.map(\.title) == Layout.items.map(\.1))
        #expect(document.items.map(\.body) == Layout.items.map(\.2))
        #expect(document.items.map { $0.published?.value.text } == ["--02-03", "--02-03", "--02-05", "--02-08"])
        #expect(document.items.map { $0.sources.map(\.value) } == Layout.items.map { [$0.3] })
        expectCover(document, count: layout.text.utf8.count)
    }

    @Test func areReadWithoutDates() throws {
        let text = Layout.items.map { "\($0.1)\n\n\($0.2)\n\n来源：\($0.3)\n\n" }.joined()
        #expect(try parse(text).items.map(\.title) == Layout.items.map(\.1))
    }

    @Test func areReadWithSourcesUnderTheTitles() throws {
        let text = Layout.items.map { "\($0.1)\n来源：\($0.3)  2020-02-03\n\($0.2)\n\n" }.joined()
        let document = try parse(text)
        #expect(document.items.map(\.title) == Layout.items.map(\.1))
        #expect(document.items.map { $0.sources.map(\.value) } == Layout.items.map { [$0.3] })
        #expect(document.items.allSatisfy { $0.published?.value.text == "2020-02-03" })
    }

    @Test func keepTheSectionsOfAnItemInIt() throws {
        let text =
            "2月8日\n\n若干政策措施出台\n\n◆ 减轻负担\n\n减免租金；延期纳税。\n\n一、金融支持\n\n提供贷款；降低利率。\n\n来源：上海发布\n\n2月9日\n\n发布通告\n\n通告内容如下，请遵照执行。\n\n来源：上海发布\n"
        let document = try parse(text)
        #expect(document.items.map(\.title) == ["若干政策措施出台", "发布通告"])
        #expect(document.items.first?.body == "◆ 减轻负担\n减免租金；延期纳税。\n一、金融支持\n提供贷款；降低利率。")
    }

    @Test func joinTitlesOfTwoLines() throws {
        let text =
            "2月8日\n\n对人民负责对城市负责\n市委召开电视电话会议\n\n会议要求各区扛起责任，守土有方。\n\n来源：解放日报\n\n2月9日\n\n发布通告\n\n通告内容如下，请遵照执行。\n\n来源：上海发布\n"
        #expect(try parse(text).items.first?.title == "对人民负责对城市负责 市委召开电视电话会议")
    }

    @Test func takeEveryEntryOfATimelineAsAnItem() throws {
        let text =
            "<h2>2019年12月1日</h2><ul><li>某市出现第一位病人，有关部门介绍了情况，并说明了调查经过和结论。</li></ul><h2>2019年12月2日</h2><ul><li>某市召开会议，介绍了情况，并说明了调查经过和结论，部署工作。<br>按：会议内容另行公布。</li><li>某院收治病人，介绍了情况，并说明了调查经过和结论，展开调查。</li></ul>"
        let document = try parse(text, type: "text/html")
        #expect(document.items.map { $0.published?.value.text } == ["2019-12-01", "2019-12-02", "2019-12-02"])
        #expect(document.items[1].body.hasSuffix("\n按：会议内容另行公布。"))
    }

    @Test func areNotSeenInASignedDocument() throws {
        let text =
            "关于做好供水工作的通知\n\n各区人民政府：\n\n为做好供水工作，现将有关事项通知如下。\n\n上海市人民政府\n2020年2月8日\n\n附件\n\n供水工作要求如下，请遵照执行。\n\n上海市水务局\n2020年2月9日\n"
        let document = try parse(text)
        #expect(document.items.map(\.title) == ["关于做好供水工作的通知"])
        #expect(document.items.first?.department?.value == "上海市人民政府")
    }
}

@Suite struct Newspapers {
    @Test func areSplitByTheirStoryHeads() throws {
        let text =
            "全市推进采样点建设\n\n本报讯（记者 王一）昨天，全市新增采样点120个，覆盖16个区。\n\n市民可通过随申办查询。\n\n\n社区团购保供有序\n\n晨报讯 各街镇组织志愿者1.2万余名，配送物资。\n\n又讯 浦东新区新增保供单位35家。\n"
        let document = try parse(text)
        #expect(document.items.map(\.title) == ["全市推进采样点建设", "社区团购保供有序"])
        #expect(document.items.last?.body.hasSuffix("又讯 浦东新区新增保供单位35家。") == true)
        #expect(document.items.map { $0.sources.map(\.value) } == [[], ["晨报"]])
        expectCover(document, count: text.utf8.count)
    }

    @Test func areSplitThoughTheirHeadsAreSpaced() throws {
        let text =
            "全 市推进核酸 采样点建设\n\n晨 报讯 市委 常委会昨 天举行扩大会 议,传达学习 贯彻会议精 神。市委书 记主持会 议并讲 话,要求各 区落实责 任。\n\n会议指出,要 全面落实各 项任务,按照部\n\n署要求,抓好 各项工作,确保落 实到位。\n\n社区团购 保供有序\n\n晨报 讯 各街镇组 织志愿者1.2 万余名,配 送物资。\n"
        let document = try parse(text)
        #expect(document.items.map(\.title) == ["全 市推进核酸 采样点建设", "社区团购 保供有序"])
        #expect(document.items.first?.body.contains("按照部署要求") == true)
        #expect(document.items.map { $0.sources.map(\.value) } == [["晨报"], ["晨报"]])
        #expect(document.items.last?.figures.map(\.quote) == ["1.2 万余名"])
    }

    @Test func takeThePagesDate() throws {
        let text = "2022年5月6日 星期五\n\n# 甲标题\n\n晨报讯 甲的内容，昨天举行。\n\n# 乙标题\n\n晨报讯 乙的内容，今天举行。\n"
        let document = try parse(text)
        #expect(document.items.map { $0.published?.value.text } == ["2022-05-06", "2022-05-06"])
        #expect(document.items.map { $0.events.map(\.value.text) } == [["2022-05-05"], ["2022-05-06"]])
    }

    @Test func recogniseHeads() {
        func kind(_ text: String) -> Paragraph.Kind? {
            let scalars = text.unicodeScalars.map(\.value)
            return StoryHead.match(scalars, length: scalars.count, dictionaries: .standard)?.kind
        }
        for head in ["晨报讯 昨天", "本报讯（记者 张三）昨天", "新华社北京2月8日电（记者 李四）", "央视网消息（新闻联播）：", "新民晚报讯 昨天"] {
            #expect(kind(head) == .storyHead, "\(head)")
        }
        for head in ["晨报记者 潘 文", "本报记者 张三", "解放日报首席记者 李四"] { #expect(kind(head) == .byline, "\(head)") }
        #expect(kind("又讯 工作组") == .followUp)
        for text in ["通讯方式如下", "记者从会上获悉", "央视网是国家网站", "新华社发布消息称", "解放日报社举行会议"] { #expect(kind(text) == nil, "\(text)") }
    }
}

@Suite struct QuestionsAndAnswers {
    @Test func areReadWithTheirMarks() throws {
        let item = try #require(try parse(Samples.questions).items.first)
        #expect(item.questions.map(\.question) == ["个体工商户可以申请吗？", "在哪里办理？"])
        #expect(item.questions.map(\.answer) == ["可以。符合条件的个体工商户均可申请，最高补贴5000元。", "在区行政服务中心二楼窗口办理。"])
    }

    @Test func areReadFromNumberedLines() throws {
        let text = "问答\n\n1. 哪些企业可以申请？\n\n符合条件的企业均可申请。\n\n2. 如何申请？\n\n在平台提交申请。\n"
        let item = try #require(try parse(text).items.first)
        #expect(item.questions.map(\.question) == ["哪些企业可以申请？", "如何申请？"])
        #expect(item.questions.map(\.answer) == ["符合条件的企业均可申请。", "在平台提交申请。"])
    }

    @Test func areReadFromPressConferences() throws {
        let text = "发布会实录\n\n澎湃新闻记者：请问进展如何？\n\n张三：目前有序推进。\n\n新民晚报记者：菜价是否平稳？\n\n李四：价格平稳。\n"
        let item = try #require(try parse(text).items.first)
        #expect(item.questions.map(\.question) == ["请问进展如何？", "菜价是否平稳？"])
        #expect(item.questions.map(\.answer) == ["张三：目前有序推进。", "李四：价格平稳。"])
        #expect(item.sources.isEmpty)
    }

    @Test func areReadWithNumbersAndLetters() throws {
        let text = "问答\n\nQ1：如何申请？\nA1：在线申请。\n也可以到窗口申请。\nQ2：何时开始？\nA2：即日开始。\n"
        let item = try #require(try parse(text).items.first)
        #expect(item.questions.map(\.answer) == ["在线申请。\n也可以到窗口申请。", "即日开始。"])
    }
}

@Suite struct Findings {
    private func flags(_ body: String) throws -> [String] {
        try #require(try parse("某市出台措施\n\n\(body)\n").items.first).flags
    }

    @Test func countsThatDisagreeAreFlagged() throws {
        #expect(try flags("现提出以下四条措施：\n一、减免租金。\n二、延期纳税。\n三、提供贷款。") == ["count-mismatch"])
        #expect(try flags("现提出以下三条措施：\n一、减免租金。\n二、延期纳税。\n三、提供贷款。").isEmpty)
    }

    @Test func clausesThatStandTwiceAreFlagged() throws {
        #expect(try flags("加强企业专项金融支持；减免房屋租金；加强企业专项金融支持。") == ["repeated-clause"])
        #expect(try flags("加强企业专项金融支持；减免房屋租金；加强企业保险保障。").isEmpty)
    }

    @Test func aSharedPassageAloneIsNoWrongBody() throws {
        let passage = "市商务委召开会议，部署主副食品供应工作，要求各区做好准备，保障市场供应，稳定市场价格，满足群众需要，共有企业参加。"
        let text = "2月3日\n\n市商务委部署供应工作\n\n\(passage)\n\n来源：上海发布\n\n2月4日\n\n商务委保障市场供应\n\n\(passage)\n\n来源：解放日报\n"
        #expect(try parse(text).items.allSatisfy { $0.flags.isEmpty })
    }

    @Test(arguments: [
        ("市民可以通过网络办理业务，无需到现场排队。", "zh-Hans"), ("市民可以通過網絡辦理業務，無需到現場排隊。", "zh-Hant"),
        ("The city opened new sampling sites on Monday.", "en"),
        ("これは日本語の文章です。", "ja"), ("이것은 한국어 문장입니다.", "ko"), ("一二三四五六七八。", "zh"),
    ])
    func languagesAreTold(sentence: String, tag: String) throws {
        #expect(try parse(sentence).items.first?.language == tag)
    }
}
