// HTML, Markdown and front matter: what is text, what is frame, and where it stands.

import Messages
import Testing

@testable import Documents

@Suite struct HTMLPages {
    @Test func keepTheirContentAndItsFacts() throws {
        let item = try #require(try parse(Samples.page).items.first)
        #expect(item.title == "某市加快供水改造")
        #expect(
            item.body == "今年以来，某市投入资金1.5亿元，完成36个小区的供水改造，惠及居民2万余户。\n下一步，该市将继续推进改造\u{A0}——力争年底前完成90%以上。\n区\t户数\n东区\t1200")
        #expect(item.published?.value.text == "2021-03-04T09:30")
        #expect(item.sources.map(\.value) == ["某市日报"])
    }

    @Test func mapTextAcrossTagsAndReferencesBackToTheSource() throws {
        let bytes = Array(Samples.page.utf8)
        let item = try #require(try parse(bytes).items.first)
        let figure = try #require(item.figures.first { $0.unit == "户" })
        #expect(figure.quote == "2万余户")
        #expect(text(bytes, figure.range) == "2万余户")
        #expect(text(bytes, item.sources.first?.basis.range) == "某市日报")
    }

    @Test func dropHiddenAndScriptedText() throws {
        let page =
            "<body><p>第一段文字，介绍有关情况。</p><p style=\"display: none\">隐藏，文字。</p><p hidden>也隐藏，文字。</p><script>x='<p>脚本，文字。</p>'</script><style>p{}</style><!-- 注释，文字。 --><p>第二段文字，介绍有关情况。</p></body>"
        #expect(try parse(page).items.first?.body == "第一段文字，介绍有关情况。\n第二段文字，介绍有关情况。")
    }

    @Test func keepTheMainTextWhereverItsClassIsCalledEditor() throws {
        let page =
            "<div class=\"TRS_Editor\"><p>第一段文字，介绍有关情况，说明具体安排。</p><p>第二段文字，介绍有关情况。</p></div><p class=\"editor\">张三</p>"
        #expect(try parse(page, type: "text/html").items.first?.body == "第一段文字，介绍有关情况，说明具体安排。\n第二段文字，介绍有关情况。")
    }

    @Test(arguments: [
        "<p>甲，乙。", "<div><div><div><p>甲，乙。</div>", "甲，乙。<", "甲，乙。</", "甲，乙。<a href=\"", "甲，乙。<!--", "甲，乙。<script>",
        "<p>甲，乙。</p></b></div>", "甲，乙。<![CDATA[",
    ])
    func surviveBrokenMarkup(page: String) throws {
        let document = try parse(page, type: "text/html")
        #expect(document.items.first?.body.hasPrefix("甲，乙。") == true)
        expectCover(document, count: page.utf8.count)
    }

    @Test func closeWhatIsLeftOpen() throws {
        let page = "<ul><li>第一条，内容。<li>第二条，内容。</ul><table><tr><td>甲<td>乙<tr><td>丙<td>丁</table>"
        #expect(try parse(page, type: "text/html").items.first?.body == "第一条，内容。\n第二条，内容。\n甲\t乙\n丙\t丁")
    }

    @Test func boundTheirNesting() throws {
        let page = String(repeating: "<div>", count: 20_000) + "深处的文字，内容。" + String(repeating: "</div>", count: 20_000)
        let document = try parse(page, type: "text/html")
        #expect(document.items.first?.body == "深处的文字，内容。")
        expectCover(document, count: page.utf8.count)
    }

    @Test(arguments: [
        ("&amp;", "&"), ("&#20013;", "中"), ("&#x4e2d;", "中"), ("&ldquo;", "“"), ("&unknown;", "&unknown;"),
        ("&#0;", "&#0;"), ("&#xD800;", "&#xD800;"), ("&", "&"),
    ])
    func readCharacterReferences(reference: String, expected: String) throws {
        #expect(try parse("<p>甲\(reference)乙，内容。</p>", type: "text/html").items.first?.body == "甲\(expected)乙，内容。")
    }
}

@Suite struct FrontMatter {
    private let post = "---\ntitle: \"某市召开会议\"\ndate: 2021-03-04 09:30\nauthor: 某某网\n---\n"

    @Test func governsMarkdown() throws {
        let text = post + "\n有关部门召开会议，部署下一步工作。\n\n- 第一项\n- 第二项\n"
        let document = try parse(text)
        let item = try #require(document.items.first)
        #expect(item.title == "某市召开会议")
        #expect(item.published?.value.text == "2021-03-04T09:30")
        #expect(item.sources.map(\.value) == ["某某网"])
        #expect(document.remainders.first?.name == "front-matter")
        expectCover(document, count: text.utf8.count)
    }

    @Test func thatIsNoYAMLIsReadLineByLine() throws {
        let text = "---\ntitle: 会议: 部署 [工作\ndate: 2021-03-04\n---\n有关部门召开会议，部署下一步工作。\n"
        let item = try #require(try parse(text).items.first)
        #expect(item.title == "会议: 部署 [工作")
        #expect(item.published?.value.text == "2021-03-04")
    }

    @Test func needsItsClosingFence() throws {
        let text = "---\ntitle: x\n\n有关部门召开会议，部署下一步工作。\n"
        let document = try parse(text)
        #expect(!document.remainders.contains { $0.name == "front-matter" })
        expectCover(document, count: text.utf8.count)
    }

    @Test func cannotGrowByAnchors() throws {
        let text = "---\na: &a [x,x]\nb: &b [*a,*a]\ntitle: t\n---\n有关部门召开会议，部署下一步工作。\n"
        #expect(try parse(text).items.first?.title == "t")
    }
}

@Suite struct Markdown {
    @Test(arguments: [
        ("**粗体**文字。", "粗体文字。"), ("***都有***文字。", "都有文字。"), ("[链接](http://a.example/b)文字。", "链接文字。"),
        ("![图](a.png)文字。", "文字。"), ("转义\\*文字。", "转义*文字。"),
        ("2 ** 3 文字。", "2 ** 3 文字。"), ("注*文字。", "注*文字。"), ("[未闭合文字。", "[未闭合文字。"), ("a_b_c 文字。", "a_b_c 文字。"),
        ("> 引用文字。", "引用文字。"),
    ])
    func marksAreTakenAway(source: String, expected: String) throws {
        #expect(try parse(source, type: "text/markdown").items.first?.body == expected)
    }

    @Test func headingsTablesAndFencesAreRead() throws {
        let text = "# 标题\n\n正文，内容。\n\n| 区 | 数 |\n|---|---|\n| 东 | 1 |\n\n```\n代码\n```\n"
        let item = try #require(try parse(text).items.first)
        #expect(item.title == "标题")
        #expect(item.body == "正文，内容。\n区\t数\n东\t1\n代码")
    }

    @Test func sectionsOfADigestAreItems() throws {
        let text =
            "# 每日要闻 (20210304)\n\n## 摘要\n\n一二三\n\n## 详情\n\n### 甲\n\n央视网消息（新闻联播）：甲的内容。\n\n### 乙\n\n央视网消息（新闻联播）：乙的内容。\n\n### 丙\n\n央视网消息（新闻联播）：丙的内容。\n"
        let document = try parse(text)
        #expect(document.items.map(\.title) == ["甲", "乙", "丙"])
        #expect(
            document.items.allSatisfy { $0.published?.value.text == "2021-03-04" && $0.sources.map(\.value) == ["央视网"] }
        )
        #expect(document.remainders.contains { $0.name == "contents" })
    }

    @Test func sectionsOfAnArticleAreNot() throws {
        let text = "# 关于供水改造的说明\n\n## 背景\n\n背景内容。\n\n## 安排\n\n安排内容。\n\n## 要求\n\n要求内容。\n"
        let document = try parse(text)
        #expect(document.items.map(\.title) == ["关于供水改造的说明"])
        #expect(document.items.first?.body == "背景\n背景内容。\n安排\n安排内容。\n要求\n要求内容。")
    }
}
