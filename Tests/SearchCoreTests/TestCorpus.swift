// A seeded generator, small random collections, and temporary folders for the tests of the search core.

import Analysis
import Foundation
import Messages

@testable import SearchCore

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

/// A folder that is removed with the value that owns it.
final class TemporaryFolder {
    let path: String

    init() {
        let template = FileManager.default.temporaryDirectory.appendingPathComponent("searchcore-XXXXXX").path
        var bytes = Array(template.utf8CString)
        let made = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe mkdtemp(buffer.baseAddress!).map { unsafe String(cString: $0) }
        }
        path = made!
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}

/// Random documents of a small alphabet, so that terms meet often and phrases sometimes.
struct RandomCorpus {
    var generator: SeededGenerator
    static let characters = Array("疫情防控复工产广州惠上海市局长新冠肺炎")
    static let words = ["covid", "vaccine", "cov", "covet", "2020", "gdp", "a"]
    static let departments = ["公安局", "卫健委", "教育局", "人社局"]
    static let sources = ["上海发布", "上海發布", "新华网", "解放日报", "央视"]
    static let subjects = ["复工率", "企业复工率", "采样点", "確診病例", "新增确诊病例"]

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func text(maximumLength: Int) -> String {
        var text = ""
        for _ in 0..<generator.below(maximumLength + 1) {
            switch generator.below(20) {
            case 0: text += "，"
            case 1: text += " " + Self.words[generator.below(Self.words.count)] + " "
            default:
                // Squaring favours the first characters.
                let place = generator.below(Self.characters.count) * generator.below(Self.characters.count)
                text.append(Self.characters[place / Self.characters.count])
            }
        }
        return text
    }

    mutating func document(_ number: Int) -> IndexDocument {
        var fields: [String: FieldValue] = [:]
        if !generator.chance(20) { fields["title"] = .text(text(maximumLength: 12)) }
        fields["body"] = .text(text(maximumLength: generator.chance(10) ? 200 : 40))
        if !generator.chance(10) { fields["department"] = .keywords([Self.departments[generator.below(4)]]) }
        fields["source"] = .keywords((0..<generator.below(3)).map { _ in Self.sources[generator.below(5)] })
        switch generator.below(6) {
        case 0: break
        case 1: fields["published"] = .date(PartialDate(month: 2, day: 1 + generator.below(28)))
        case 2: fields["published"] = .date(PartialDate(year: 2020, month: 1 + generator.below(12)))
        default:
            fields["published"] = .date(
                PartialDate(year: 2019 + generator.below(3), month: 1 + generator.below(12), day: 1 + generator.below(31)))
        }
        let figures = (0..<(generator.chance(60) ? 0 : generator.below(4))).map { _ in figure() }
        if !figures.isEmpty { fields["figure"] = .figures(figures) }
        return IndexDocument(
            documentID: "doc-\(number / 2)", itemOrdinal: UInt32(number % 2), version: Int64(number), fields: fields,
            stored: Array("stored \(number)".utf8))
    }

    mutating func figure() -> Figure {
        let lower = Double(generator.below(20)) * 5
        return Figure(
            subject: Self.subjects[generator.below(5)], lower: generator.chance(80) ? lower : nil,
            upper: generator.chance(80) ? lower + Double(generator.below(3)) * 5 : nil, includesLower: generator.chance(70),
            includesUpper: generator.chance(70), unit: ["%", "家", "人次", ""][generator.below(4)], comparator: "",
            quote: "", range: ByteRange(0, 0))
    }

    mutating func figureQuery() -> Query {
        let figure = figure()
        return .figure(
            subject: ["复工率", "確診", "采样", ""][generator.below(4)],
            range: NumberRange(
                lower: figure.lower, upper: figure.upper, includesLower: figure.includesLower,
                includesUpper: figure.includesUpper),
            unit: ["%", "家", "", "", ""][generator.below(5)])
    }

    mutating func query(depth: Int = 3) -> Query {
        let field: String? = [nil, nil, "title", "body"][generator.below(4)]
        switch generator.below(depth > 0 ? 18 : 13) {
        case 0, 1, 2: return .text(piece(1 + generator.below(3)), field: field)
        case 3: return .text(piece(7 + generator.below(8)), field: field)
        case 4: return .phrase(piece(2 + generator.below(3)), field: field, slop: 0)
        case 5: return .phrase(piece(2 + generator.below(3)), field: field, slop: 1 + generator.below(6))
        case 6: return .term(Self.sources[generator.below(5)], field: "source")
        case 7:
            let day = 17_900 + generator.below(900)
            return .dates(
                DateRange(lower: generator.chance(80) ? day : nil, upper: generator.chance(80) ? day + generator.below(200) : nil),
                field: "published")
        case 8 where generator.chance(60):
            return generator.chance(25)
                ? .wildcard(["上*布", "上?发布", "*网", "*放?报"][generator.below(4)], field: "source")
                : .wildcard(pattern(), field: field)
        case 8: return .prefix(["co", "cov", "covi", "2", "广", "上海"][generator.below(6)], field: field)
        case 9: return .fuzzy(["covid", "cov", "vacine", "广州", "疫情防控复工"][generator.below(5)], field: field, edits: 1 + generator.below(2))
        case 10: return .text(Self.words[generator.below(Self.words.count)], field: field)
        case 11: return figureQuery()
        case 12:
            let value = ["上海", "新华", "上海發布", "上海发步"][generator.below(4)]
            return generator.chance(50) ? .prefix(value, field: "source") : .fuzzy(value, field: "source", edits: 1)
        case 13, 14: return .and((0..<(1 + generator.below(3))).map { _ in query(depth: depth - 1) })
        case 15: return .or((0..<(1 + generator.below(4))).map { _ in query(depth: depth - 1) })
        case 16: return .and([query(depth: depth - 1), .not(query(depth: depth - 1))])
        default: return .boost(query(depth: depth - 1), factor: [0.5, 2, 3][generator.below(3)])
        }
    }

    /// A pattern of a word, or of characters.
    mutating func pattern() -> String {
        if generator.chance(40) { return ["c*", "co?*d", "*o*", "c*t", "*e", "?o", "2?2?", "v*c*e", "cov*"][generator.below(9)] + (generator.chance(50) ? "" : "d") }
        var pattern = piece(1 + generator.below(2))
        for _ in 0...generator.below(2) { pattern += ["*", "?", "??", "?*"][generator.below(4)] + piece(1 + generator.below(2)) }
        return pattern
    }

    private mutating func piece(_ length: Int) -> String {
        String((0..<length).map { _ in
            Self.characters[generator.below(Self.characters.count) * generator.below(Self.characters.count) / Self.characters.count]
        })
    }
}

/// Builds a segment of documents in a folder and opens it.
func makeSegment(
    _ documents: [IndexDocument], in folder: TemporaryFolder, name: String, schema: IndexSchema = .bulletins
) throws -> SegmentReader {
    var builder = SegmentBuilder(schema: schema)
    for document in documents { try builder.add(document) }
    let path = folder.file(name + ".seg")
    _ = try builder.write(to: path, segmentID: name)
    return try SegmentReader.open(path: path)
}

/// A document with a title and a body.
func bulletin(
    _ id: String, title: String = "", body: String, source: [String] = [], date: PartialDate? = nil, version: Int64 = 1,
    item: UInt32 = 0
) -> IndexDocument {
    var fields: [String: FieldValue] = ["title": .text(title), "body": .text(body), "source": .keywords(source)]
    if let date { fields["published"] = .date(date) }
    return IndexDocument(documentID: id, itemOrdinal: item, version: version, fields: fields, stored: Array(body.utf8))
}
