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
        let read = try parsed(Array(try TextWriter.write(digest).utf8), name: "digest.txt")
        let entries = digest.groups.flatMap(\.entries)
        #expect(entries.count >= 45)
        #expect(read.map { kept($0.item) } == entries.map(kept))
    }

    @Test func figuresAndCitationsAreReadAgainFromTheSameText() throws {
        let items = try Seeds.items()
        let digest = DigestCompiler(DigestOptions(title: "全部", grouping: .department)).compile(items)
        let read = try parsed(Array(try TextWriter.write(digest).utf8), name: "digest.txt")
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
        let items = (0..<Int.random(in: 1...40, using: &generator)).map { madeUp($0, &generator) }
        for grouping in DigestGrouping.allCases {
            let digest = DigestCompiler(DigestOptions(title: "测试", grouping: grouping)).compile(items)
            let read = try parsed(Array(try TextWriter.write(digest).utf8), name: "digest.txt")
            #expect(
                read.map { kept($0.item) } == digest.groups.flatMap(\.entries).map(kept),
                "seed \(seed) by \(grouping.rawValue)")
        }
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
