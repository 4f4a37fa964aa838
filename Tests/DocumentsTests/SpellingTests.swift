// One small digest in many spellings of its source lines and of the lines that head its parts.

import Messages
import Testing

@testable import Documents

@Suite struct SourceSpellings {
    private static func digest(_ first: String, _ second: String) -> String {
        """
        疫情防控工作汇编

        2月8日

        全市道口实施严格查控

        全市道口对入沪车辆逐一测温，累计检查车辆1.2万辆。

        \(first)

        2月10日

        首批企业今日复工

        首批企业复工，复工率达到七成。

        \(second)
        """
    }

    @Test(arguments: [
        "来源:甲", "【来源】甲", "来源 甲", "来源　甲", "来源——甲", "来源=甲", "来源/甲", "来源丨甲", "——甲", "（甲）", "[甲]", "@甲", "文/甲", "据甲", "(来源：甲)", "▲来源：甲", "> 来源：甲",
        "信息来源：甲", "素材来源：甲", "内容来源：甲", "原文来源：甲", "转载自：甲", "来自：甲", "出处：甲", "原载：甲", "供稿：甲", "来源：甲 作者：张三", "来源：甲 | 编辑：李四",
        "编辑：李四 来源：甲", "来源：甲  2月8日", "来源：甲2020-02-08", "来源：《甲》", "来源：甲等", "来源：甲 等", "来源：据甲", "来源：综合甲", "来源：甲综合", "来源：甲客户端",
        "来源：甲，记者：张三", "来源：甲 记者 张三",
    ])
    func areOfTheirItem(line: String) throws {
        func named(_ name: String) -> String { String(line.map { $0 == "甲" ? name : String($0) }.joined()) }
        let items = try parse(Self.digest(named("上海发布"), named("解放日报"))).items
        #expect(items.map(\.title) == ["全市道口实施严格查控", "首批企业今日复工"])
        #expect(items.map { $0.sources.map(\.value) } == [["上海发布"], ["解放日报"]])
        #expect(items.allSatisfy { $0.body.hasSuffix("。") }, "the line is no text: \(items.map(\.body))")
    }

    /// A name that is not known, after a sign alone, may be anything.
    @Test(arguments: ["——本报评论员", "（完）", "@所有人", "据了解"])
    func namesThatAreNotKnownAreText(line: String) throws {
        let items = try parse(Self.digest(line, "来源：解放日报")).items
        #expect(items.first?.sources.isEmpty == true)
    }

    @Test func dayInTheBracketsDatesTheItemAndIsNoEvent() throws {
        let text = "一周热点（2025年6月2日—6月8日）\n\n1．热线诉求下降\n上周受理诉求21.3万件。（江南某报 6月3日）\n\n2．托育点全覆盖\n已建成托育点630余个。（新闻晨报，6月5日）\n"
        let items = try parse(text).items
        #expect(items.map { $0.published?.value.text } == ["2025-06-03", "2025-06-05"])
        #expect(items.map { $0.sources.map(\.value) } == [["江南某报"], ["新闻晨报"]])
        #expect(items.allSatisfy { item in !item.events.contains { $0.value == item.published?.value } })
    }
}

@Suite struct DepartmentSpellings {
    private static func digest(_ first: String, _ second: String) -> String {
        """
        上海企业复工复产复市进行时

        某中心舆情分析

        \(first)

        2月8日

        出入境窗口推出便民举措

        窗口推出六项举措，方便企业和群众办事。

        来源：上海发布

        2月20日

        道口查控近一周检查车辆41万余辆

        各道口共检查车辆41万余辆。

        来源：新民晚报

        \(second)

        2月10日

        社区服务机构有序恢复

        全市社区服务机构有序恢复服务。

        来源：解放日报
        """
    }

    @Test(arguments: [
        ("上海市公安局", "上海市民政局"), ("【上海市公安局】", "【上海市民政局】"), ("上海市公安局：", "上海市民政局："), ("一、上海市公安局", "二、上海市民政局"),
        ("（一）市公安局", "（二）市民政局"), ("1．市公安局", "2．市民政局"), ("■ 市公安局", "■ 市民政局"), ("市公安局、市交通委", "市民政局、市财政局"),
        ("上海市公安局（出入境管理局）", "上海市民政局（社会组织管理局）"), ("《上海市公安局》", "《上海市民政局》"), ("部门：市公安局", "部门：市民政局"), ("单位：市公安局", "单位：市民政局"),
        ("市公安局发布", "市民政局发布"), ("上海公安", "上海民政"), ("浦东新区", "黄浦区"), ("【浦东】", "【黄浦】"), ("一、浦东新区", "二、黄浦区"), ("第一部分 市公安局", "第二部分 市民政局"),
        ("来自市公安局的消息", "来自市民政局的消息"), ("共青团上海市委", "上海市妇女联合会"),
    ])
    func headTheirItems(first: String, second: String) throws {
        let items = try parse(Self.digest(first, second)).items
        #expect(items.map(\.title) == ["出入境窗口推出便民举措", "道口查控近一周检查车辆41万余辆", "社区服务机构有序恢复"])
        let names = items.compactMap { $0.department?.value }
        try #require(names.count == 3)
        #expect(names[0] == names[1] && first.contains(names[0]) && second.contains(names[2]))
        #expect(items.allSatisfy { $0.department?.basis.rule == "heading" })
    }

    /// A title alone under its date heads nothing.
    @Test func titlesWithoutABodyStayItems() throws {
        let text = Self.digest("上海市司法局", "2月12日\n\n浦东司法行政工作要点\n\n2月13日\n\n社区矫正通知\n\n上海市民政局")
        #expect(try parse(text).items.map(\.title).contains("浦东司法行政工作要点"))
    }
}
