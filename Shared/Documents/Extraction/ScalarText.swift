// Text as the extractors see it: one array of scalar values with the place of each.

/// A stretch of readable text as Unicode scalar values, each with its offset in `Reading.text`.
///
/// Several ranges may be joined; offsets rise. Reused from paragraph to paragraph so that nothing is allocated.
struct ScalarText {
    private(set) var scalars: [UInt32] = []
    private(set) var offsets: [Int32] = []
    /// Where the last character ends.
    private(set) var end = 0

    var count: Int { scalars.count }

    mutating func removeAll() {
        scalars.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        end = 0
    }

    /// Appends the characters of `range` of `text`, which is valid UTF-8.
    mutating func append(_ text: [UInt8], _ range: Range<Int>) {
        let bytes = text.span
        // The properties give their storage up, so that the copies are changed in place.
        var (scalars, offsets) = (self.scalars, self.offsets)
        (self.scalars, self.offsets) = ([], [])
        let before = scalars.count
        // Room for as many as there can be; cut off below. Writing through spans leaves out the test of an append at each one.
        scalars.append(contentsOf: repeatElement(0, count: range.count))
        offsets.append(contentsOf: repeatElement(0, count: range.count))
        var written = before
        do {
            var values = scalars.mutableSpan
            var places = offsets.mutableSpan
            var index = range.lowerBound
            while index < range.upperBound {
                let first = UInt32(bytes[index])
                // Most characters are ideographs, of three bytes.
                if first & 0xF0 == 0xE0, index + 2 < range.upperBound {
                    let tail = (UInt32(bytes[index + 1]) & 0x3F) << 6 | UInt32(bytes[index + 2]) & 0x3F
                    values[written] = (first & 0x0F) << 12 | tail
                    places[written] = Int32(truncatingIfNeeded: index)
                    written += 1
                    index += 3
                    continue
                }
                let (scalar, length) = Self.decode(text, at: index, before: range.upperBound)
                values[written] = scalar
                places[written] = Int32(truncatingIfNeeded: index)
                written += 1
                index += length
            }
        }
        scalars.removeLast(scalars.count - written)
        offsets.removeLast(offsets.count - written)
        (self.scalars, self.offsets) = (scalars, offsets)
        end = range.upperBound
    }

    /// Appends the characters of `other` from `start` on, with their places.
    mutating func append(_ other: ScalarText, from start: Int) {
        scalars += other.scalars[start...]
        offsets += other.offsets[start...]
        end = other.end
    }

    /// Drops the spaces that text recognition left between Chinese characters, digits and their marks; those between
    /// Latin words stay.
    mutating func removeInnerSpaces() {
        var kept = 0
        for index in scalars.indices {
            let isSpace = CharacterClass.of(scalars[index]).contains(.space)
            if isSpace, kept > 0, index + 1 < scalars.count,
                !(isLatin(scalars[kept - 1]) && isLatin(scalars[index + 1]))
            {
                continue
            }
            scalars[kept] = scalars[index]
            offsets[kept] = offsets[index]
            kept += 1
        }
        scalars.removeLast(scalars.count - kept)
        offsets.removeLast(offsets.count - kept)
    }

    private func isLatin(_ scalar: UInt32) -> Bool { scalar < 0x80 && scalar != 0x20 }

    /// The half-open range of `Reading.text` that `range` of scalars was read from.
    func textRange(_ range: Range<Int>) -> Range<Int> {
        let lower = range.lowerBound < count ? Int(offsets[range.lowerBound]) : end
        guard !range.isEmpty else { return lower..<lower }
        let last = range.upperBound - 1
        return lower..<max(lower, Int(offsets[last]) + Self.length(scalars[last]))
    }

    func string(_ range: Range<Int>) -> String { String(scalars: scalars[range]) }

    /// The character at `index`; cut-off sequences read as U+FFFD of one byte.
    @inline(__always)
    static func decode(_ text: [UInt8], at index: Int, before end: Int) -> (scalar: UInt32, length: Int) {
        let first = UInt32(text[index])
        if first < 0x80 { return (first, 1) }
        let left = end - index
        if first < 0xE0 {
            guard left >= 2 else { return (0xFFFD, 1) }
            return ((first & 0x1F) << 6 | UInt32(text[index + 1]) & 0x3F, 2)
        }
        if first < 0xF0 {
            guard left >= 3 else { return (0xFFFD, 1) }
            return ((first & 0x0F) << 12 | (UInt32(text[index + 1]) & 0x3F) << 6 | UInt32(text[index + 2]) & 0x3F, 3)
        }
        guard left >= 4 else { return (0xFFFD, 1) }
        let high = (first & 0x07) << 18 | (UInt32(text[index + 1]) & 0x3F) << 12
        return (high | (UInt32(text[index + 2]) & 0x3F) << 6 | UInt32(text[index + 3]) & 0x3F, 4)
    }

    @inline(__always)
    private static func length(_ scalar: UInt32) -> Int {
        scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
    }
}

extension String {
    /// The string of valid scalar values; others become U+FFFD.
    init(scalars: some Sequence<UInt32>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(scalars.underestimatedCount * 3)
        for scalar in scalars {
            switch scalar {
            case 0..<0x80: bytes.append(UInt8(scalar))
            case 0x80..<0x800:
                bytes.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
            case 0xD800..<0xE000, 0x110000...: bytes += [0xEF, 0xBF, 0xBD]
            case 0x800..<0x10000:
                bytes.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
            default:
                bytes.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 12 & 0x3F))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
            }
        }
        self = String(decoding: bytes, as: UTF8.self)
    }
}

extension Unicode.Scalar {
    /// The scalar value of an ASCII or other literal, for comparing.
    static func ~= (pattern: Unicode.Scalar, value: UInt32) -> Bool { pattern.value == value }
}
