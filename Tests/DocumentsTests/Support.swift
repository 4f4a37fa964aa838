// What the tests of this module share: the seed documents, a parser call, the law of the cover, a seeded generator.

import Messages
import Testing

@testable import Documents

#if canImport(Glibc)
import Glibc
#endif

/// The five seed documents.
enum Seed: String, CaseIterable, Sendable {
    case compilation = "000_9d6d95053f2d8486.txt"
    case departments = "001_9191d7ea8c34fb0b.txt"
    case feature = "002_5da94bbd28bc285d.txt"
    case feedPost = "003_650a61950cf3c050.txt"
    case newspaper = "004_4fe11d3443bc51a9.txt"

    /// The file's bytes.
    func bytes(_ file: String = #filePath) throws -> [UInt8] {
        let root = file.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(root)/seeds/\(rawValue)"
        guard let handle = unsafe fopen(path, "r") else { throw MissingSeed(path: path) }
        defer { unsafe _ = fclose(handle) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, handle)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    func parse(hints: [String: String] = [:]) throws -> ParsedDocument {
        try parseBytes(try bytes(), name: rawValue, hints: hints)
    }
}

struct MissingSeed: Error {
    var path: String
}

/// Parses bytes with the built-in dictionaries and limits.
func parse(
    _ bytes: [UInt8], name: String? = nil, type: String? = nil, hints: [String: String] = [:],
    limits: ParserLimits = ParserLimits()
) throws -> ParsedDocument {
    try parseBytes(bytes, name: name, type: type, hints: hints, limits: limits)
}

private func parseBytes(
    _ bytes: [UInt8], name: String? = nil, type: String? = nil, hints: [String: String] = [:],
    limits: ParserLimits = ParserLimits()
) throws -> ParsedDocument {
    let description = DocumentDescription(identity: "test", contentType: type, sourceAddress: name, hints: hints)
    return try DocumentParser(limits: limits).parse(bytes, description)
}

func parse(_ text: String, name: String? = nil, type: String? = nil, hints: [String: String] = [:]) throws
    -> ParsedDocument
{
    try parse(Array(text.utf8), name: name, type: type, hints: hints)
}

/// The bytes of the original that `range` names, read as UTF-8.
func text(_ bytes: [UInt8], _ range: ByteRange?) -> String {
    guard let range else { return "" }
    return String(decoding: bytes[range.lower..<range.upper], as: UTF8.self)
}

/// Checks that items and remainders are sorted, disjoint, not empty and cover every byte, and that what the items point to
/// lies in the document.
func expectCover(_ document: ParsedDocument, count: Int, _ comment: @autoclosure () -> String = "") {
    let ranges = (document.items.map(\.range) + document.remainders.map(\.range)).sorted { $0.lower < $1.lower }
    var position = 0
    var isWhole = true
    for range in ranges {
        if range.lower != position || range.upper <= range.lower { isWhole = false }
        position = range.upper
    }
    #expect(
        isWhole && position == count,
        "ranges do not cover 0..<\(count): \(ranges.map { ($0.lower, $0.upper) }) \(comment())")
    let itemsRise = zip(document.items, document.items.dropFirst()).allSatisfy { $0.range.upper <= $1.range.lower }
    #expect(itemsRise, "items are out of order \(comment())")
    for (ordinal, item) in document.items.enumerated() {
        #expect(item.ordinal == ordinal)
        for figure in item.figures { expectInside(figure.range, count) }
        for event in item.events { event.basis.range.map { expectInside($0, count) } }
        for source in item.sources { source.basis.range.map { expectInside($0, count) } }
        for pair in item.questions { expectInside(pair.range, count) }
    }
}

private func expectInside(_ range: ByteRange, _ count: Int) {
    #expect(range.lower >= 0 && range.lower <= range.upper && range.upper <= count)
}

/// A small seeded generator (SplitMix64; Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
struct Generator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
