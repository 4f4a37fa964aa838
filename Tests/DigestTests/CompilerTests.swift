// Merging, grouping, doubts, gaps and summaries.

import Digest
import Messages
import Testing

@Suite struct CompilerTests {
    private let body = "市人力资源社会保障局今天发布通知，对不裁员、少减员、符合条件的用人单位返还单位及其职工上年度实际缴纳失业保险费总额的50%。"

    private func compile(_ items: [StoredItem], by grouping: DigestGrouping = .date, extent: DigestExtent = .body)
        -> Digest
    {
        DigestCompiler(DigestOptions(title: "测试", grouping: grouping, extent: extent, words: ["返还"])).compile(items)
    }

    @Test func aRepostIsMergedAndItsSourceListed() {
        let digest = compile([
            made("a", title: "返还失业保险费", body: body, date: PartialDate(year: 2020, month: 2, day: 3), sources: ["上海发布"]),
            made("b", title: "上海返还失业保险费", body: "（记者 张三）" + body + "记者获悉，政策即日起施行。", sources: ["解放日报"]),
        ])
        let entries = digest.groups.flatMap(\.entries)
        #expect(entries.count == 1 && digest.merged == 1 && digest.taken == 2)
        #expect(entries[0].id == "b#0", "the longer text stands for both")
        #expect(entries[0].sources == ["解放日报", "上海发布"])
        #expect(entries[0].duplicates.map(\.id) == ["a#0"])
    }

    @Test func reportsThatDifferInAFigureAreNotMerged() {
        let digest = compile([
            made("a", title: "疫情通报", body: body + "新增确诊病例3例。", date: PartialDate(year: 2020, month: 2, day: 3)),
            made("b", title: "疫情通报", body: body + "新增确诊病例5例。", date: PartialDate(year: 2020, month: 2, day: 4)),
        ])
        #expect(digest.merged == 0 && digest.groups.count == 2)
    }

    @Test func aWronglyPastedBodyIsNotMergedAndPointsToTheOther() throws {
        let digest = DigestCompiler(DigestOptions(title: "全部", grouping: .department)).compile(try Seeds.items())
        let doubtful = digest.groups.flatMap(\.entries).filter { $0.doubts.contains { $0.code == "wrong-body" } }
        #expect(doubtful.map(\.title) == ["一手抓防控一手抓发展 本市行业协会商会积极推动会员企业复工复产"])
        let other = doubtful.first?.doubts.first { $0.code == "wrong-body" }?.other
        let right = digest.groups.flatMap(\.entries).first { $0.number == other }
        #expect(right?.department == "上海市公安局" && right?.dateText == "2020-03-25")
    }

    @Test func mergingDoesNotDependOnTheOrderOfTheItems() throws {
        let items =
            try Seeds.items()
            + Seeds.items().map { stored in
                var copy = stored
                copy.document.identity = "copy-" + stored.document.identity
                return copy
            }
        var generator = Generator(seed: 7)
        let first = compile(items, by: .source)
        #expect(compile(items.shuffled(using: &generator), by: .source) == first)
        let entries = first.groups.flatMap(\.entries)
        #expect(entries.count + first.merged == first.taken && first.taken == items.count)
        let alone = entries.filter { $0.duplicates.isEmpty }
        #expect(alone.allSatisfy { $0.flags == ["wrong-body"] }, "\(alone.map(\.title))")
    }

    @Test func everyItemIsAnEntryOrADuplicateOnce() throws {
        let items = try Seeds.items()
        let digest = compile(items, by: .district)
        let ids = digest.groups.flatMap(\.entries).flatMap { [$0.id] + $0.duplicates.map(\.id) }
        #expect(ids.count == items.count && Set(ids).count == items.count)
        #expect(digest.groups.flatMap(\.entries).map(\.number) == Array(1...(items.count - digest.merged)))
    }

    @Test func daysWithoutAnItemAreNamed() throws {
        let digest = DigestCompiler(DigestOptions(title: "汇编"))
            .compile(try parsed(try Seeds.bytes("000_9d6d95053f2d8486.txt"), name: "000.txt"))
        #expect(
            digest.gaps.map(\.words) == [
                "1月26日至1月27日", "1月29日至1月30日", "2月1日", "2月5日", "2月10日",
            ])
        #expect(digest.gaps.first?.from == "--01-26")
        #expect(digest.firstDay == "1月24日" && digest.lastDay == "2月13日")
    }

    @Test func longSpansAreLookedAtByTheMonth() {
        let digest = compile([
            made("a", title: "甲", date: PartialDate(year: 2019, month: 11, day: 3)),
            made("b", title: "乙", date: PartialDate(year: 2020, month: 3, day: 3)),
        ])
        #expect(digest.gaps.map(\.words) == ["2019年12月至2020年2月"])
        #expect(digest.gaps.map(\.from) == ["2019-12"])
    }

    @Test func expectedDepartmentsWithoutAnEntryAreGaps() {
        let options = DigestOptions(
            title: "测试", grouping: .department, expectedDepartments: ["上海市公安局", "上海市民政局"])
        let digest = DigestCompiler(options).compile([made("a", title: "甲", department: "上海市民政局")])
        #expect(digest.gaps.map(\.words) == ["上海市公安局"])
    }

    @Test func aSummaryPrefersTheSentencesThatWereAskedFor() {
        let text =
            "会议在沪举行。与会者认为形势总体向好。会议决定返还失业保险费。会后进行了交流；大家满意而归。"
            + String(repeating: "其他事项照旧办理，各区按原定安排推进落实。", count: 8)
        let digest = compile([made("a", title: "会议", body: text)], extent: .summary)
        let entry = digest.groups[0].entries[0]
        #expect(entry.isAbridged)
        #expect(entry.paragraphs.first == "会议在沪举行。")
        #expect(entry.paragraphs.contains("会议决定返还失业保险费。"))
        #expect(entry.paragraphs.count <= 3)
    }

    @Test func noItemsMakeAnEmptyDigest() throws {
        let digest = compile([])
        #expect(digest.groups.isEmpty && digest.gaps.isEmpty && digest.firstDay == nil)
        #expect(try TextWriter.write(digest).hasPrefix("汇编：测试\n体例：快报汇编，按日期，全文\n共0条"))
    }

    @Test func moreItemsThanOneDigestTakesAreCounted() throws {
        let items = (0..<(DigestCompiler.mostItems + 5)).map { made("d\($0)", title: "标题\($0)", body: "正文\($0)。") }
        let digest = compile(items)
        #expect(digest.taken == DigestCompiler.mostItems && digest.total == items.count)
        #expect(try TextWriter.write(digest).contains("检得\(items.count)条，只取前\(DigestCompiler.mostItems)条"))
    }

    @Test func manyCopiesOfOneTextMergeInBoundedWork() {
        let items = (0..<1000).map { made("d\($0)", title: "返还失业保险费", body: body) }
        let digest = compile(items)
        #expect(digest.merged == 999 && digest.groups[0].entries[0].duplicates.count == 999)
    }

    @Test func entriesThatContradictEachOtherPointToEachOther() throws {
        let day = "2022年5月4日\n\n"
        let items = try [("a", "4500多个"), ("b", "3000个")].flatMap { name, count in
            try parsed(
                Array("\(name)地采样点\n\n\(day)据\(name)地通报，全市已开放常态化采样点\(count)，市民可就近前往检测，请做好防护。".utf8), name: name)
        }
        let entries = compile(items).groups.flatMap(\.entries)
        #expect(entries.map { $0.doubts.first { $0.code == "contradiction" }?.other } == [2, 1])
    }
}
