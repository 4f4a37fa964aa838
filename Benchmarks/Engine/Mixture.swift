// Documents mixed from the paragraphs of a corpus: as many as wanted, with the corpus's words in new company.

import Foundation
import SearchCore

/// Draws titles, paragraphs, dates and sources of a corpus at random, with a seed.
struct Mixture {
    /// All paragraphs one after the other, and where each ends.
    private var paragraphs: [UInt8] = []
    private var ends: [Int] = [0]
    private var heads: [(title: [UInt8], date: [UInt8], source: [UInt8])] = []
    private var state: UInt64

    /// Paragraphs of a document at most.
    private static let maximumParagraphs = 3
    /// Bytes of a paragraph at most, so that no single text is in every tenth document.
    private static let maximumBytes = 4096

    init(path: String, seed: UInt64) throws {
        state = seed
        var corpus = try Corpus(path: path)
        while let members = corpus.nextMembers() {
            heads.append((members["title"] ?? [], members["date"] ?? [], members["source"] ?? []))
            for paragraph in (members["body"] ?? members["text"] ?? []).split(separator: 0x0A) {
                paragraphs += paragraph.prefix(Self.maximumBytes)
                ends.append(paragraphs.count)
            }
        }
    }

    /// Document `number`.
    mutating func next(_ number: Int) -> IndexDocument {
        let (title, dated, sourced) = (heads[below(heads.count)], heads[below(heads.count)], heads[below(heads.count)])
        var body: [UInt8] = []
        for _ in 0...below(Self.maximumParagraphs) {
            let place = below(ends.count - 1)
            body += paragraphs[ends[place]..<ends[place + 1]] + [0x0A]
        }
        return Corpus.document(
            ["title": title.title, "date": dated.date, "source": sourced.source, "body": body], number)
    }

    /// SplitMix64: the same documents on every machine.
    private mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
    }
}
