// Queries as people would leave standing, made of a corpus's own words, and broader ones.
//
// A desk's queries, of 1,100: two words of one title 300, three 150; a word and a place 120; a word and a department 120; four to
// eight characters of a title in quotes 130; a single word 120: of ten, nine are any word of the titles, most of them rare, and one
// is of any doubling of frequency, so that there are words of every tenth item too; two words without a third 60; one of two words, with a place 40; a word in titles and
// one anywhere 30; a figure 20; words within three characters 8; nothing that must be there 2.
//
// Broad queries are runs of characters wherever they were cut from a title, half of them a single run: thousands match each item.

import Foundation
import Messages
import SearchCore

/// One line of the corpus.
struct CorpusItem: Decodable {
    let title: String?
    let body: String?
    let date: String?
    let source: String?

    func document(_ number: Int) -> IndexDocument {
        var fields: [String: FieldValue] = ["title": .text(title ?? ""), "body": .text(body ?? "")]
        if let source, !source.isEmpty { fields["source"] = .keywords([source]) }
        // The corpus has no departments: the first organs that an item names stand for them.
        let named = Organs.named(in: (title ?? "") + "\n" + (body ?? ""))
        if !named.isEmpty { fields["department"] = .keywords(Array(named.prefix(2))) }
        let parts = (date ?? "").split(separator: "-").compactMap { Int($0) }
        if parts.count == 3 {
            fields["published"] = .date(PartialDate(year: parts[0], month: parts[1], day: parts[2]))
        }
        return IndexDocument(documentID: "\(number)", itemOrdinal: 0, version: 1, fields: fields, stored: [])
    }
}

/// Names that desks narrow by.
enum Organs {
    private static let bytes = all.map { Array($0.utf8) }

    /// The names that stand in a text. Compares bytes: Foundation's search of texts took half of the bench's time.
    static func named(in text: String) -> [String] {
        let text = Array(text.utf8)
        var found = Set<Int>()
        for place in text.indices {
            for (number, name) in bytes.enumerated()
            where text[place] == name[0] && text[place...].starts(with: name) { found.insert(number) }
        }
        return found.sorted().map { all[$0] }
    }

    static let all = [
        "公安部", "教育部", "财政部", "外交部", "国防部", "民政部", "司法部", "商务部", "交通运输部", "农业农村部", "生态环境部", "自然资源部", "应急管理部",
        "工业和信息化部", "人力资源和社会保障部", "国家卫生健康委", "国家发展改革委", "国家统计局", "市场监管总局", "国家税务总局", "海关总署", "中国人民银行", "证监会",
        "国家能源局", "国家医保局", "气象局", "最高人民法院", "最高人民检察院", "教育局", "公安局", "卫健委", "人社局",
    ]
}

enum Places {
    static let all = [
        "北京", "上海", "天津", "重庆", "广东", "江苏", "浙江", "山东", "河南", "河北", "湖北", "湖南", "四川", "福建", "安徽", "江西", "辽宁", "吉林", "黑龙江", "陕西",
        "山西", "甘肃", "青海", "云南", "贵州", "海南", "广西", "西藏", "宁夏", "新疆", "内蒙古", "深圳", "广州", "杭州", "南京", "武汉", "成都", "西安", "浦东", "朝阳区",
    ]
}

/// SplitMix64 (Steele, Lea, Flood, 2014).
struct Randomness {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, limit)))
    }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}

/// Titles of items, as runs of Chinese characters.
struct Titles {
    let runs: [[[Character]]]
    let sources: [String]

    init(_ items: [CorpusItem]) {
        runs = items.map { item in
            (item.title ?? "").split { character in
                !character.unicodeScalars.allSatisfy { (0x4E00...0x9FFF).contains($0.value) }
            }.map { Array($0) }.filter { $0.count > 1 }
        }.filter { !$0.isEmpty }
        sources = Array(Set(items.compactMap(\.source))).sorted()
    }
}

/// The words of titles: runs of two to four characters that stand together far more often than chance has them meet.
struct TitleWords {
    /// Words of each title that has at least three.
    let titles: [[String]]
    let all: [String]
    /// Words by the logarithm of their titles.
    let classes: [[String]]

    private static let leastTitles = 3
    /// Times as often as by chance, at the weakest seam.
    private static let cohesion = 40.0
    /// 的, 和 and their like are part of no word.
    private static let glue = Set("的和了在是与及对将为把被从这那等")

    init(_ titles: Titles) {
        var counts: [[Character]: Int] = [:]
        var total = 0
        for run in titles.runs.joined() {
            total += run.count
            for start in run.indices {
                for length in 1...4 where start + length <= run.count {
                    counts[Array(run[start..<(start + length)]), default: 0] += 1
                }
            }
        }
        func isWord(_ run: ArraySlice<Character>) -> Bool {
            guard let count = counts[Array(run)], count >= Self.leastTitles, !run.contains(where: Self.glue.contains)
            else { return false }
            return (run.startIndex + 1..<run.endIndex).allSatisfy { seam in
                let parts = (counts[Array(run[..<seam])] ?? 1) * (counts[Array(run[seam...])] ?? 1)
                return Double(count) * Double(total) / Double(parts) >= Self.cohesion
            }
        }
        var frequencies: [String: Int] = [:]
        var long: [[String]] = []
        for title in titles.runs {
            var words: [String] = []
            for run in title {
                var start = 0
                while start < run.count {
                    let length = [4, 3, 2].first { start + $0 <= run.count && isWord(run[start..<(start + $0)]) }
                    if let length { words.append(String(run[start..<(start + length)])) }
                    start += length ?? 1
                }
            }
            for word in Set(words) { frequencies[word, default: 0] += 1 }
            if Set(words).count > 2 { long.append(words) }
        }
        self.titles = long
        all = frequencies.keys.sorted()
        var byClass: [Int: [String]] = [:]
        for (word, count) in frequencies { byClass[count.bitWidth - count.leadingZeroBitCount, default: []].append(word) }
        classes = byClass.sorted { $0.key < $1.key }.map { $0.value.sorted() }
    }
}

/// Makes queries from a seed.
struct QueryMaker {
    private var random: Randomness
    private let titles: Titles
    private let runs: [[Character]]
    private let words: TitleWords

    init(_ titles: Titles, _ words: TitleWords, seed: UInt64) {
        random = Randomness(seed: seed)
        self.titles = titles
        runs = Array(titles.runs.joined())
        self.words = words
    }

    /// A query of a desk.
    mutating func desk() -> String {
        let title = random.pick(words.titles)
        // Different words of the title, in any order.
        var chosen: [String] = []
        while chosen.count < 3 {
            let word = random.pick(title)
            if !chosen.contains(word) { chosen.append(word) }
        }
        switch random.below(1100) {
        case ..<300: return "\(chosen[0]) \(chosen[1])"
        case ..<450: return chosen.joined(separator: " ")
        case ..<570: return "\(chosen[0]) \(random.pick(Places.all))"
        case ..<690: return "\(chosen[0]) 部门:\(random.pick(Organs.all))"
        case ..<820: return "\"\(cut(4...8))\""
        case ..<940: return random.pick(random.below(10) < 9 ? words.all : random.pick(words.classes))
        case ..<1000: return "\(chosen[0]) \(chosen[1]) -\(chosen[2])"
        case ..<1040: return "(\(chosen[0]) OR \(chosen[1])) \(random.pick(Places.all))"
        case ..<1070: return "标题:\(chosen[0]) \(chosen[1])"
        case ..<1090: return "\(chosen[0])率>\(10 + random.below(80))%"
        case ..<1098: return "\"\(chosen[0])\(chosen[1])\"~3"
        default: return "-\(chosen[0]) 日期:\(1990 + random.below(10))"
        }
    }

    /// Some characters in a row of some title.
    private mutating func cut(_ lengths: ClosedRange<Int>) -> String {
        let run = random.pick(runs)
        let length = min(run.count, lengths.lowerBound + random.below(lengths.count))
        let start = random.below(run.count - length + 1)
        return String(run[start..<(start + length)])
    }

    private mutating func cut() -> String { cut(2...5) }

    /// A query that matches more than anybody wants to read.
    mutating func broad() -> String {
        let source = titles.sources.isEmpty ? "" : random.pick(titles.sources)
        switch random.below(1000) {
        case ..<550: return cut()
        case ..<780: return "\(cut()) \(cut())"
        case ..<860: return "\(cut()) -\(cut())"
        case ..<910: return "\(cut()) OR \(cut())"
        case ..<940: return "标题:\(cut())"
        case ..<970: return "\(cut()) 来源:\"\(source)\""
        case ..<990: return "\"\(cut())\"~3 日期:2020..2030"
        case ..<999: return "\(cut())率>\(10 + random.below(80))%"
        // Nothing that must be there: looked at for every item.
        default: return "-\(cut()) 日期:\(1990 + random.below(10))"
        }
    }
}
