// A document's bytes as UTF-8, with the way back to the bytes as they were received.

/// Decoded text: valid UTF-8, and where each character stood in the original.
struct DecodedText: Sendable {
    /// Valid UTF-8 without a byte order mark.
    var bytes: [UInt8]
    /// From offsets in `bytes` to offsets in the original.
    var map: OffsetMap
    /// The IANA name of the encoding that was read.
    var encoding: String
    /// How many byte sequences were replaced by U+FFFD.
    var replacedSequences: Int
    /// Length of the original in bytes.
    var originalCount: Int

    /// The half-open range of the original that `range` of `bytes` was read from.
    func original(_ range: Range<Int>) -> Range<Int> {
        let lower = min(map.start(of: range.lowerBound), originalCount)
        guard !range.isEmpty else { return lower..<lower }
        return lower..<min(max(map.end(of: range.upperBound), lower), originalCount)
    }
}
