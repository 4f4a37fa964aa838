// Pages of HTML as sites publish them: tables of bulletins, cards, copies for printing, tables of facts, frames.
// All pages are of the tests' own making.

import Messages
import Testing

@testable import Documents

@Suite struct Pages {
    private func html(_ body: String) -> String { "<html><head><title>某站</title></head><body>\(body)</body></html>" }

    private func row(_ title: String, _ digest: String, _ source: String, _ time: String) -> String {
        """
        <tr><td><span>7</span> <span>\(title)</span></td><td><div>\(digest)</div></td>
        <td><a href="/x">\(source)</a></td><td>\(time)</td></tr>
        """
    }

    @Test func takeTheRowsOfATableOfBulletinsAsItems() throws {
        let page = html(
            """
            <h1>公众号文章汇总</h1><div>获取时间：2026-06-17 22:02:49</div><div><span>话题</span> 芯片 3</div>
            <table><thead><tr><th>标题</th><th>摘要</th><th>来源</th><th>时间</th></tr></thead><tbody>
            \(row("甲公司发布新品", "新品下月上市", "新智元", "18:39"))
            \(row("乙公司新建工厂", "", "某某号", "08:05"))
            \(row("丙公司招聘 300 人", "岗位遍及全国", "36氪", "2026-06-16 09:00"))
            </tbody></table><div>由程序生成</div>
            """)
        let document = try parse(page, type: "text/html")
        expectCover(document, count: page.utf8.count)
        #expect(document.items.map(\.title) == ["甲公司发布新品", "乙公司新建工厂", "丙公司招聘 300 人"])
        #expect(document.items.map(\.body) == ["新品下月上市", "", "岗位遍及全国"])
        #expect(document.items.map { $0.sources.map(\.value) } == [["新智元"], ["某某号"], ["36氪"]])
        #expect(
            document.items.map { $0.published?.value.text } == [
                "2026-06-17T18:39", "2026-06-17T08:05", "2026-06-16T09:00",
            ])
    }

    @Test func leaveATableOfDataInItsArticle() throws {
        let page = html(
            """
            <h1>本市公布一季度数据</h1><p>市统计局公布一季度数据，各区均有增长，其中东区增长最快，西区次之。</p>
            <table><tr><th>区</th><th>户数</th></tr><tr><td>东区</td><td>1200</td></tr><tr><td>西区</td><td>900</td></tr>
            <tr><td>南区</td><td>700</td></tr></table>
            """)
        let document = try parse(page, type: "text/html")
        #expect(document.items.count == 1)
        #expect(document.items.first?.body.contains("东区\t1200\n西区\t900") == true)
    }

    @Test func takeCardsWithoutTheirNumbersAndScores() throws {
        let cards = [("01", "36氪", "甲公司起诉乙公司"), ("02", "APPSO", "丙公司发布新机"), ("03", "TechCrunch AI", "丁公司融资")].map {
            """
            <article><div>\($0.0)</div><div><span>\($0.1)</span> <span>8分</span></div><h2>\($0.2)</h2>
            <p>这是一句导语，说明发生了什么事情。</p></article>
            """
        }
        let page = html("<h1>今日资讯速览</h1><div>2026-07-12</div>\(cards.joined())")
        let document = try parse(page, type: "text/html")
        #expect(document.items.map(\.title) == ["甲公司起诉乙公司", "丙公司发布新机", "丁公司融资"])
        #expect(document.items.allSatisfy { $0.body == "这是一句导语，说明发生了什么事情。" })
        #expect(document.items.map { $0.sources.first?.value } == ["36氪", "APPSO", "TechCrunch AI"])
    }

    private let notice = """
        <p>市政府关于进一步做好工作的通知</p><p>各区人民政府，市政府各委、办、局：</p>
        <p>为进一步做好节日期间的供应工作，现就有关事项通知如下，请认真贯彻执行。</p>
        <p>一、加强领导，明确责任，把各项措施落到实处，确保市场供应充足、价格稳定。</p>
        <p>某市人民政府</p><p>2019年1月12日</p>
        """
    private let facts = """
        <table><tr><td><b>发文机关：</b></td><td>某市人民政府</td><td><b>成文日期：</b></td><td>2019年01月12日</td></tr>
        <tr><td><b>标　　题：</b></td><td>市政府关于进一步做好工作的通知</td></tr>
        <tr><td><b>发文字号：</b></td><td>某政发〔2019〕3号</td><td><b>发布日期：</b></td><td>2019年01月25日</td></tr></table>
        """

    @Test func discardASecondCopyOfTheirText() throws {
        let page = html("<div>\(notice)</div><div>\(facts)<div>\(notice)</div></div>")
        let document = try parse(page, type: "text/html")
        expectCover(document, count: page.utf8.count)
        let item = try #require(document.items.first)
        #expect(document.items.count == 1)
        #expect(item.body.components("各区人民政府") == 1)
        #expect(!item.flags.contains("repeated-clause"))
        #expect(document.remainders.contains { $0.name == "duplicate" })
    }

    @Test func areDatedByTheirPublicationAndNotByTheirSignature() throws {
        for page in [html("\(notice)\(facts)"), html("\(facts)\(notice)")] {
            let item = try #require(try parse(page, type: "text/html").items.first)
            #expect(item.published?.value == PartialDate(year: 2019, month: 1, day: 25))
            #expect(item.department?.value == "某市人民政府")
            #expect(item.sources.map(\.value) == ["某市人民政府"])
            #expect(item.sources.map(\.basis.rule) == ["issuer"])
        }
    }

    @Test func areDatedByTheirSignatureWithoutAnythingBetter() throws {
        let item = try #require(try parse(html(notice), type: "text/html").items.first)
        #expect(item.published?.value == PartialDate(year: 2019, month: 1, day: 12))
        #expect(item.published?.basis.rule == "date-line")
    }

    @Test func endBeforeTheLinksBelowThem() throws {
        let links = ["关于本网", "网站声明", "联系我们", "网站纠错", "客户端", "微博"].map { "<a href='/'>\($0)</a><br>" }.joined(separator: "|<br>")
        let page = html("<div>\(notice)\(links)</div>")
        let item = try #require(try parse(page, type: "text/html").items.first)
        #expect(item.body.hasSuffix("2019年1月12日"))
    }

    @Test func takeTheSourceFromAFrameWhereTheTextHasNone() throws {
        let page = html(
            """
            <div class="main"><h1>某市开展宣传活动</h1><p>某市昨天开展宣传活动，向市民介绍有关知识，活动吸引了许多市民参加。</p>
            <p>活动由市有关部门主办，今后还将走进社区和学校，让更多市民了解有关知识。</p></div>
            <div class="copyright"><strong>版权声明</strong> 来源：某某商报 时间：2019-09-23 14:34:05</div>
            """)
        let item = try #require(try parse(page, type: "text/html").items.first)
        #expect(item.sources.map(\.value) == ["某某商报"])
        #expect(item.published?.value.text == "2019-09-23T14:34")
    }

    @Test func areDatedByTheirDispatch() throws {
        let text = "某地举行会议\n\n新华社某地2月8日电 某地今天举行会议，研究有关工作，要求各部门落实责任，抓好各项措施。\n"
        let open = try #require(try parse(text).items.first)
        #expect(open.published?.value == PartialDate(month: 2, day: 8))
        let hinted = try #require(try parse(text, hints: ["year": "2021"]).items.first)
        #expect(hinted.published?.value == PartialDate(year: 2021, month: 2, day: 8))
        let notice = "市卫健委今早（1日）通报：2022年4月30日0—24时，新增本土确诊病例788例和无症状感染者7084例。"
        #expect(try parse(notice).items.first?.published?.value == PartialDate(year: 2022, month: 5, day: 1))
    }
}

extension String {
    /// How often `part` stands in the text.
    fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}
