// The two laws of a digest: read back, its text form gives the same items; and every sentence is found in an original.

import Digest
import Foundation
import Messages
import Testing

/// What of an item a digest keeps.
private struct Kept: Hashable {
    var title: String
    var body: String
    var date: String?
    var department: String?
    var sources: [String]
}

private func kept(_ entry: DigestEntry) -> Kept {
    Kept(
        title: entry.title, body: entry.paragraphs.joined(separator: "\n"), date: entry.dateText,
        department: entry.department, sources: entry.sources)
}

private func kept(_ item: Item) -> Kept {
    Kept(
        title: item.title, body: item.body, date: item.published?.value.text, department: item.department?.value,
        sources: item.sources.map(\.value))
}

@Suite struct RoundTripTests {
    @Test(arguments: DigestGrouping.allCases)
    func theTextOfTheSeedsGivesTheSameItems(_ grouping: DigestGrouping) throws {
        let digest = DigestCompiler(DigestOptions(title: "全部", grouping: grouping)).compile(try Seeds.items())
        let read = try parsed(Array(TextWriter.write(digest).utf8), name: "digest.txt")
        let entries = digest.groups.flatMap(\.entries)
        #expect(entries.count >= 45)
        #expect(read.map { kept($0.item) } == entries.map(kept))
    }

    @Test func figuresAndCitationsAreReadAgainFromTheSameText() throws {
        let items = try Seeds.items()
        let digest = DigestCompiler(DigestOptions(title: "全部", grouping: .department)).compile(items)
        let read = try parsed(Array(TextWriter.write(digest).utf8), name: "digest.txt")
        let byTitle = Dictionary(items.map { ($0.item.title, $0.item) }, uniquingKeysWith: { first, _ in first })
        var compared = 0
        for item in read.map(\.item) where !item.title.isEmpty {
            guard let original = byTitle[item.title], original.flags.isEmpty else { continue }
            // A line break inside a title makes two spellings of one citation.
            let citations = Set(original.citations.map { $0.filter { !$0.isWhitespace } })
            #expect(Set(item.citations.map { $0.filter { !$0.isWhitespace } }) == citations)
            #expect(item.figures.map(\.quote) == original.figures.map(\.quote), "\(item.title)")
            compared += 1
        }
        #expect(compared > 35)
    }

    @Test(arguments: 0..<60)
    func madeUpItemsComeBack(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let items = (0..<Int.random(in: 1...40, using: &generator)).map { Self.item($0, &generator) }
        for grouping in DigestGrouping.allCases {
            let digest = DigestCompiler(DigestOptions(title: "测试", grouping: grouping)).compile(items)
            let read = try parsed(Array(TextWriter.write(digest).utf8), name: "digest.txt")
            #expect(
                read.map { kept($0.item) } == digest.groups.flatMap(\.entries).map(kept),
                "seed \(seed) by \(grouping.rawValue)")
        }
    }

    /// Items whose lines look like the marks of a digest.
    private static func item(_ number: Int, _ generator: inout Generator) -> StoredItem {
        let lines = [
            "来源：解放日报", "2020年2月8日", "【上海市公安局】", "3. 第三条", "体例：快报汇编，按部门，全文", "# 标题", "- 一项", "**重**点",
            "上海市人民政府办公厅印发通知，要求各区各部门抓好落实。", "疫 情 防 控 工 作 会 议 在 沪 召 开 并 作 部 署", "<p>标记</p>", "同文：无", "一、总则",
            "各单位要加强值班值守，确保信息畅通、反应迅速。", "答：可以。", "出处：甲", "1月24日",
        ]
        let titles = ["", "2月8日", "关于做好复工复产工作的通知\(number)", "来源：无", "（一）总则", "12. 条目", "通报"]
        let dates: [PartialDate?] = [
            nil, PartialDate(year: 2020, month: 2, day: 8), PartialDate(month: 2, day: 8),
            PartialDate(year: 2020, month: 3), PartialDate(year: 2021),
            PartialDate(year: 2022, month: 7, day: 25, minuteOfDay: 1211, utcOffsetMinutes: 480),
            PartialDate(year: 2022, month: 7, day: 25, minuteOfDay: 5),
        ]
        var body: [String] = []
        for _ in 0..<Int.random(in: 0...5, using: &generator) {
            body.append(
                "\(lines.randomElement(using: &generator) ?? "")\(Int.random(in: 0...9999, using: &generator))号")
        }
        let title = titles.randomElement(using: &generator) ?? ""
        if body.isEmpty, title.isEmpty { body = ["只有正文\(number)。"] }
        return made(
            "d\(number)", title: title, body: body.joined(separator: "\n"),
            date: dates.randomElement(using: &generator) ?? nil,
            department: [nil, "上海市民政局", "市发展改革委", "总务处"].randomElement(using: &generator) ?? nil,
            sources: [[], ["上海发布"], ["解放日报", "文汇报"], ["某某小报 第2版"]].randomElement(using: &generator) ?? [])
    }

    @Test(arguments: DigestExtent.allCases)
    func everySentenceStandsInAnOriginal(_ extent: DigestExtent) throws {
        let originals = try Seeds.names().map { name in
            String(decoding: try Seeds.bytes(name), as: UTF8.self).replacing(/<[^>]*>/, with: "")
                .filter { $0 != "*" && !$0.isWhitespace }
        }
        let options = DigestOptions(title: "全部", grouping: .source, extent: extent, words: ["复工"])
        let digest = DigestCompiler(options).compile(try Seeds.items())
        var sentences = 0
        for entry in digest.groups.flatMap(\.entries) {
            for text in [entry.title] + entry.paragraphs where !text.isEmpty {
                let plain = text.filter { $0 != "*" && !$0.isWhitespace }
                sentences += 1
                #expect(originals.contains { $0.contains(plain) }, "\(entry.id): \(text.prefix(60))")
            }
        }
        #expect(sentences >= 45)
    }
}
