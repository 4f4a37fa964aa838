// Keys of keyword fields: how a value is looked up, and how it is shown.
//
// A key is the tier byte, the folded value (simplified characters, lower case, half width), and, where the value itself
// differs from it, a zero byte and the value as it was given. So a lookup of 上海發布 meets 上海发布 and the other way round, all
// spellings of one folded value lie together in the dictionary, and facets still show what the documents say.

import Analysis

/// Keys of keyword fields: one tier for all, so that the builder treats them as it does text.
enum KeywordTerm {
    /// `k`
    static let tier: UInt8 = 0x6B
    /// `n`: keys of near-duplicates, among the identities. They are in no column.
    static let nearTier: UInt8 = 0x6E
    /// Between the folded value and the value.
    static let separator: UInt8 = 0

    /// The term of a key of near-duplicates that is written in hexadecimal digits; nil where it is not.
    static func near(_ digits: String) -> [UInt8]? {
        let digits = Array(digits.utf8)
        guard !digits.isEmpty, digits.count % 2 == 0, digits.count <= 2 * SegmentBuilder.maximumNearKeyBytes else { return nil }
        var term = [nearTier]
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<(index + 2)], as: UTF8.self), radix: 16) else { return nil }
            term.append(byte)
        }
        return term
    }

    /// The key of a value that is matched byte by byte, as identities are.
    static func key(_ value: String) -> [UInt8] { [tier] + Array(value.utf8) }

    /// The key under which every spelling of a value is found.
    static func folded(_ value: String, _ analyzer: Analyzer) -> [UInt8] { [tier] + foldedBytes(value, analyzer) }

    /// What follows the tier byte in the key of a value of a document.
    static func content(_ value: String, _ analyzer: Analyzer) -> [UInt8] {
        let shown = value.utf8.filter { $0 != separator }
        let folded = foldedBytes(value, analyzer)
        return folded == shown ? folded : folded + [separator] + shown
    }

    /// The value that a key shows.
    static func value(_ key: [UInt8]) -> String { String(decoding: shown(key), as: UTF8.self) }

    /// The UTF-8 of the value that a key shows.
    static func shown(_ key: [UInt8]) -> ArraySlice<UInt8> {
        key[(key.firstIndex(of: separator).map { $0 + 1 } ?? min(1, key.count))...]
    }

    /// The part of a key before its separator.
    static func lookup(_ key: ArraySlice<UInt8>) -> ArraySlice<UInt8> { key.prefix { $0 != separator } }

    /// Whether a dictionary key is a spelling of the folded key.
    static func isSpelling(_ key: [UInt8], of folded: [UInt8]) -> Bool {
        key.starts(with: folded) && (key.count == folded.count || key[folded.count] == separator)
    }

    private static func foldedBytes(_ value: String, _ analyzer: Analyzer) -> [UInt8] {
        let folded = analyzer.folded(value).utf8.filter { $0 != separator }
        // What folds to nothing, signs alone, stands for itself.
        return folded.isEmpty ? value.utf8.filter { $0 != separator } : folded
    }
}
