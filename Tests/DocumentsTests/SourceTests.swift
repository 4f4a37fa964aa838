// Sources, departments, dictionaries.

import Messages
import Testing

@testable import Documents

@Suite struct Sources {
    private func names(_ list: String, _ dictionaries: Dictionaries = .standard) -> [String] {
        let scalars = list.unicodeScalars.map(\.value)
        return SourceReader(dictionaries: dictionaries).names(scalars, 0..<scalars.count).map(\.text)
    }

    @Test(arguments: [
        ("上海发布", ["上海发布"]), ("上海市人社局上海发布、解放日报、时政快讯", ["上海市人社局", "上海发布", "解放日报", "时政快讯"]),
        ("解放日报新民晚报", ["解放日报", "新民晚报"]),
        ("新华社/人民日报", ["新华社", "人民日报"]), ("“上海发布”微信公众号", ["上海发布"]), ("上海发布 解放日报", ["上海发布", "解放日报"]),
        ("上海市公安局浦东分局", ["上海市公安局浦东分局"]),
        ("上海市公安局上海市民政局", ["上海市公安局", "上海市民政局"]), ("某某科技公司", ["某某科技公司"]), ("新闻晨报；青年报", ["新闻晨报", "青年报"]),
        ("《解放日报》", ["解放日报"]), ("", []), ("新华社记者 张三", ["新华社"]),
        ("解放日报、新民晚报等", ["解放日报", "新民晚报"]), ("https://www.example.gov.cn/a/b.html", ["www.example.gov.cn"]),
    ])
    func areSplit(list: String, expected: [String]) { #expect(names(list) == expected) }

    @Test func learnFromTheUsersDictionary() throws {
        #expect(names("江南早知道河港快讯") == ["江南早知道河港快讯"])
        let extended = try Dictionaries.standard.extended(with: "# 本地媒体\n[media]\n江南早知道\n快讯 = 河港快讯\n河港快讯\n")
        #expect(names("江南早知道河港快讯", extended) == ["江南早知道", "河港快讯"])
        #expect(names("快讯", extended) == ["河港快讯"])
    }

    @Test func refuseADictionaryWithoutSections() {
        #expect(throws: DocumentError.self) { try Dictionaries.standard.extended(with: "江南早知道\n") }
        #expect(throws: DocumentError.self) { try Dictionaries.standard.extended(with: "[papers]\n江南早知道\n") }
    }

    @Test(arguments: [
        "来源：解放日报", "来源:解放日报", "（来源：解放日报）", "；来源：解放日报", "信息来源：解放日报", "来 源：解放日报", "來源：解放日报", "来源 | 解放日报", "【来源】解放日报",
        "来源：解放日报 2021-02-03",
    ])
    func areReadFromTheirLine(line: String) throws {
        let text =
            "2月3日\n\n某市部署工作\n\n某市召开会议，部署下一步工作，要求做好准备。\n\n\(line)\n\n2月4日\n\n某市检查工作\n\n某市检查各项工作，要求落实责任。\n\n来源：上海发布\n"
        let document = try parse(text)
        #expect(document.items.map { $0.sources.map(\.value) } == [["解放日报"], ["上海发布"]])
    }

    @Test func standInBracketsAtTheEndOfTheText() throws {
        let text = "某市部署工作\n\n某市召开会议，部署下一步工作。（来源：解放日报）\n\n某市检查工作\n\n某市检查各项工作。（来源：上海发布）\n"
        let document = try parse(text)
        #expect(document.items.map(\.title) == ["某市部署工作", "某市检查工作"])
        #expect(document.items.flatMap(\.sources).map(\.value) == ["解放日报", "上海发布"])
    }

    @Test(arguments: [
        ("据新华社报道，各地加强防控。", "新华社"), ("“上海发布”微信公众号消息，各区加强防控。", "上海发布"), ("据“浦东发布”消息，该区加强防控。", "浦东发布"),
    ])
    func areQuotedByReposts(sentence: String, expected: String) throws {
        let page =
            "<html><head><title>各区加强防控</title><meta name=\"source\" content=\"某某网\"></head><body><p>\(sentence)有关部门要求做好准备，落实责任，保障供应。</p><p>有关负责人参加会议并讲话，部署下一步工作。</p></body></html>"
        let item = try #require(try parse(page).items.first)
        #expect(item.sources.map(\.value) == [expected, "某某网"])
        #expect(item.sources.map(\.basis.rule) == ["quoted-source", "repost"])
    }

    @Test func areNotInventedFromHearsay() throws {
        let item = try #require(try parse("据此间新闻媒介报道，彗星将于近日飞经地球，市民可以用肉眼观看。\n").items.first)
        #expect(item.sources.isEmpty)
    }
}

@Suite struct Departments {
    private func digest(_ sections: [(heading: String?, name: String, dates: [String])]) -> String {
        sections.map { section in
            let heading = section.heading.map { "\($0)\n\n" } ?? ""
            return heading
                + section.dates.map { "\($0)\n\n某市推出便民举措\n\n为方便群众办事，有关部门推出便民举措。\n\n来源：\(section.name)\n\n" }.joined()
        }.joined()
    }

    private func departments(_ text: String) throws -> [String] {
        try parse(text).items.map { "\($0.department?.value ?? "-") \($0.department?.basis.rule ?? "-")" }
    }

    @Test(arguments: ["上海市公安局", "【上海市公安局】", "一、上海市公安局", "■ 上海市公安局"])
    func areReadFromHeadings(heading: String) throws {
        let text = digest([(heading, "解放日报", ["2月4日", "2月9日"])])
        #expect(try departments(text) == ["上海市公安局 heading", "上海市公安局 heading"])
    }

    @Test func areFoundWhereDatesTurnBackAndTheSourceChanges() throws {
        let text = digest([("上海市公安局", "上海市公安局", ["2月4日", "2月9日"]), (nil, "上海市民政局", ["2月3日", "2月7日"])])
        #expect(try departments(text) == ["上海市公安局 heading", "上海市公安局 heading", "上海市民政局 source", "上海市民政局 source"])
    }

    @Test func areFoundInDigestsFromNewToOld() throws {
        let text = digest([
            ("上海市公安局", "上海市公安局", ["2月9日", "2月7日", "2月4日"]), (nil, "上海市民政局", ["2月8日", "2月6日", "2月3日"]),
        ])
        #expect(try departments(text).suffix(3) == ["上海市民政局 source", "上海市民政局 source", "上海市民政局 source"])
    }

    @Test func areNotFoundByATurnAlone() throws {
        let text = digest([("上海市公安局", "上海市公安局", ["2月4日", "2月9日", "2月8日"])])
        #expect(try departments(text) == Array(repeating: "上海市公安局 heading", count: 3))
    }

    @Test func areNotFoundByAnotherSourceAlone() throws {
        let text = digest([("上海市公安局", "上海市公安局", ["2月4日"]), (nil, "上海市民政局", ["2月9日"])])
        #expect(try departments(text) == Array(repeating: "上海市公安局 heading", count: 2))
    }

    @Test func areNeverMedia() throws {
        let text = digest([(nil, "解放日报", ["2月4日", "2月9日"]), (nil, "新民晚报", ["2月3日", "2月7日"])])
        #expect(try departments(text) == Array(repeating: "- -", count: 4))
    }

    @Test func theTurnOfTheYearIsNoTurnBack() throws {
        let text = digest([("上海市公安局", "上海市公安局", ["12月29日"]), (nil, "上海市民政局", ["1月3日"])])
        #expect(try departments(text) == Array(repeating: "上海市公安局 heading", count: 2))
    }
}
