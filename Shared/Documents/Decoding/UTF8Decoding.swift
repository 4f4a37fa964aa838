// UTF-8: finding out whether bytes are UTF-8, and repairing bytes that almost are.
//
// A well-formed sequence is one of the rows of table 3-7 of The Unicode Standard, chapter 3. A byte that starts no
// well-formed sequence is replaced by U+FFFD alone, so that the text after the damage is never lost.

/// Validation and repair of UTF-8.
enum UTF8Decoding {
    /// What a validation pass saw.
    struct Census {
        /// Well-formed sequences of two bytes and more.
        var multibyte = 0
        /// Bytes that belong to no well-formed sequence.
        var damaged = 0
        /// Bytes of value zero.
        var zeros = 0
    }

    /// Counts what stands in `bytes` from `start` on, looking at no more than `limit` bytes.
    /// - Complexity: O(limit).
    static func census(_ bytes: [UInt8], from start: Int = 0, limit: Int = .max) -> Census {
        var census = Census()
        var index = start
        let end = bytes.count - start > limit ? start + limit : bytes.count
        let span = bytes.span
        while index < end {
            let byte = span[index]
            if byte < 0x80 {
                if byte == 0 { census.zeros += 1 }
                index += 1
                continue
            }
            // Most sequences are ideographs: three bytes whose first is E1 to EC, which any two more bytes complete.
            if byte &- 0xE1 <= 0x0B, index + 3 <= end, span[index + 1] & 0xC0 == 0x80, span[index + 2] & 0xC0 == 0x80 {
                census.multibyte += 1
                index += 3
                continue
            }
            let length = sequenceLength(bytes, at: index)
            if length == 0 {
                // A sequence cut off by the limit is not damage.
                if end < bytes.count, end - index < 4 { break }
                census.damaged += 1
                index += 1
            } else {
                census.multibyte += 1
                index += length
            }
        }
        return census
    }

    /// The length of the well-formed sequence that starts at `index`; 0 where none does.
    @inline(__always)
    static func sequenceLength(_ bytes: [UInt8], at index: Int) -> Int {
        let first = bytes[index]
        if first < 0x80 { return 1 }
        if first < 0xC2 || first > 0xF4 { return 0 }
        let left = bytes.count - index
        guard left >= 2 else { return 0 }
        let second = bytes[index + 1]
        if first < 0xE0 { return second & 0xC0 == 0x80 ? 2 : 0 }
        guard left >= 3, bytes[index + 2] & 0xC0 == 0x80 else { return 0 }
        if first < 0xF0 {
            guard second & 0xC0 == 0x80 else { return 0 }
            if first == 0xE0, second < 0xA0 { return 0 }
            if first == 0xED, second > 0x9F { return 0 }
            return 3
        }
        guard left >= 4, bytes[index + 3] & 0xC0 == 0x80, second & 0xC0 == 0x80 else { return 0 }
        if first == 0xF0, second < 0x90 { return 0 }
        if first == 0xF4, second > 0x8F { return 0 }
        return 4
    }

    /// Reads `bytes` from `start` on as UTF-8, replacing damage. Whole and undamaged input is returned as it is.
    static func decode(_ bytes: [UInt8], from start: Int, damaged: Int) -> DecodedText {
        if damaged == 0, start == 0 {
            return DecodedText(
                bytes: bytes, map: .identity, encoding: "utf-8", replacedSequences: 0, originalCount: bytes.count)
        }
        var sink = TextSink(reserving: bytes.count)
        var index = start
        var copiedFrom = start
        while index < bytes.count {
            let length = bytes[index] < 0x80 ? 1 : sequenceLength(bytes, at: index)
            if length > 0 {
                index += length
                continue
            }
            sink.copy(bytes, copiedFrom..<index)
            sink.replace(sourceStart: index, sourceLength: 1)
            index += 1
            copiedFrom = index
        }
        sink.copy(bytes, copiedFrom..<index)
        return sink.finish(encoding: "utf-8", originalCount: bytes.count)
    }
}

/// Collects UTF-8 and the map back to its source.
struct TextSink {
    private var bytes: [UInt8] = []
    private var map = OffsetMap()
    private var replacedSequences = 0

    init(reserving count: Int) {
        bytes.reserveCapacity(count)
    }

    /// Appends `range` of `source` as it is.
    mutating func copy(_ source: [UInt8], _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        map.append(text: bytes.count, source: range.lowerBound)
        bytes.append(contentsOf: source[range])
    }

    /// Appends one character that stands for `sourceLength` bytes at `sourceStart`.
    @inline(__always)
    mutating func append(_ scalar: UInt32, sourceStart: Int, sourceLength: Int) {
        let length = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
        map.append(text: bytes.count, source: sourceStart, textUnit: length, sourceUnit: sourceLength)
        UTF8Encoding.append(scalar, to: &bytes)
    }

    /// Appends U+FFFD for bytes that say nothing, and counts them.
    mutating func replace(sourceStart: Int, sourceLength: Int) {
        replacedSequences += 1
        append(0xFFFD, sourceStart: sourceStart, sourceLength: sourceLength)
    }

    consuming func finish(encoding: String, originalCount: Int) -> DecodedText {
        // An empty map is the identity; text that starts later must say so.
        if map.runs.isEmpty { map.append(text: 0, source: originalCount) }
        return DecodedText(
            bytes: bytes, map: map, encoding: encoding, replacedSequences: replacedSequences,
            originalCount: originalCount)
    }
}

/// Writing characters as UTF-8.
enum UTF8Encoding {
    /// Appends `scalar`, which must be a Unicode scalar value.
    @inline(__always)
    static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        if scalar < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: scalar))
        } else if scalar < 0x800 {
            bytes.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        } else if scalar < 0x10000 {
            bytes.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        } else {
            bytes.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        }
    }
}
