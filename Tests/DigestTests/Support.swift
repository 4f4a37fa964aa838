// What the digest tests share: the items of the seeds, made-up items, a seeded generator.

import Documents
import Foundation
import Messages

enum Seeds {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "seeds")

    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".txt") }.sorted()
    }

    /// Every item of the five seeds.
    static func items() throws -> [StoredItem] {
        try names().flatMap { try parsed(try bytes($0), name: $0) }
    }

    static func items(with words: String) throws -> [StoredItem] {
        try items().filter { $0.item.title.contains(words) || $0.item.body.contains(words) }
    }
}

/// The items of a document as the index stores them.
func parsed(_ bytes: [UInt8], name: String) throws -> [StoredItem] {
    let description = DocumentDescription(identity: name, contentType: nil, sourceAddress: name, hints: [:])
    let document = try DocumentParser().parse(bytes, description)
    return document.items.map { StoredItem(document: description, format: document.format, item: $0) }
}

func made(
    _ name: String, title: String = "", body: String = "", date: PartialDate? = nil, department: String? = nil,
    sources: [String] = [], flags: [String] = []
) -> StoredItem {
    let basis = Basis(rule: "label", certainty: 1)
    return StoredItem(
        document: DocumentDescription(identity: name, contentType: nil, sourceAddress: name, hints: [:]),
        format: "text",
        item: Item(
            ordinal: 0, title: title, body: body, published: date.map { Found($0, basis) },
            department: department.map { Found($0, basis) }, sources: sources.map { Found($0, basis) }, flags: flags,
            range: ByteRange(0, body.utf8.count)))
}

/// Items whose lines look like the marks of a digest.
func madeUp(_ number: Int, _ generator: inout Generator) -> StoredItem {
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

/// A small seeded generator (SplitMix64; Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
struct Generator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
