// Queries as people would leave standing, made of a corpus's own words.

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
        let parts = (date ?? "").split(separator: "-").compactMap { Int($0) }
        if parts.count == 3 {
            fields["published"] = .date(PartialDate(year: parts[0], month: parts[1], day: parts[2]))
        }
        return IndexDocument(documentID: "\(number)", itemOrdinal: 0, version: 1, fields: fields, stored: [])
    }
}

/// Makes queries from a seed.
struct QueryMaker {
    private var state: UInt64
    private let titles: [[Character]]
    private let sources: [String]

    init(_ items: [CorpusItem], seed: UInt64) {
        state = seed
        // Runs of Chinese characters of titles, as one would pick words out of a headline.
        titles = items.flatMap { item in
            (item.title ?? "").split { character in
                !character.unicodeScalars.allSatisfy { (0x4E00...0x9FFF).contains($0.value) }
            }.map { Array($0) }.filter { $0.count > 1 }
        }
        sources = Array(Set(items.compactMap(\.source))).sorted()
    }

    /// SplitMix64.
    private mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, limit)))
    }

    /// Two to five characters in a row of some title.
    private mutating func words() -> String {
        let title = titles[below(titles.count)]
        let length = min(title.count, 2 + below(4))
        let start = below(title.count - length + 1)
        return String(title[start..<(start + length)])
    }

    mutating func next() -> String {
        let source = sources.isEmpty ? "" : sources[below(sources.count)]
        switch below(1000) {
        case ..<550: return words()
        case ..<780: return "\(words()) \(words())"
        case ..<860: return "\(words()) -\(words())"
        case ..<910: return "\(words()) OR \(words())"
        case ..<940: return "标题:\(words())"
        case ..<970: return "\(words()) 来源:\"\(source)\""
        case ..<990: return "\"\(words())\"~3 日期:2020..2030"
        case ..<999: return "\(words())率>\(10 + below(80))%"
        // Nothing that must be there: looked at for every item.
        default: return "-\(words()) 日期:\(1990 + below(10))"
        }
    }
}
