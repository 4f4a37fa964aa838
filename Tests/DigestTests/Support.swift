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
