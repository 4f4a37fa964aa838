// Cutting bytes into lines and trimming them.

/// Finds lines and their edges in UTF-8 text.
enum LineScanner {
    /// The end of the line's content and the start of the next line. Line breaks are LF, CR LF and CR.
    @inline(__always)
    static func line(in bytes: [UInt8], from start: Int, to end: Int) -> (contentEnd: Int, next: Int) {
        var index = start
        while index < end {
            let byte = bytes[index]
            if byte == 0x0A { return (index, index + 1) }
            if byte == 0x0D { return (index, index + 1 < end && bytes[index + 1] == 0x0A ? index + 2 : index + 1) }
            index += 1
        }
        return (end, end)
    }

    /// `range` without white space at its edges, and how many columns of white space stood in front (a full-width
    /// space counts two, a tab four).
    static func trim(_ bytes: [UInt8], _ range: Range<Int>) -> (range: Range<Int>, indent: Int) {
        var lower = range.lowerBound
        var upper = range.upperBound
        var indent = 0
        while lower < upper {
            let (length, columns) = space(bytes, at: lower, before: upper)
            guard length > 0 else { break }
            lower += length
            indent += columns
        }
        while upper > lower {
            let length = spaceEnding(bytes, at: upper, after: lower)
            guard length > 0 else { break }
            upper -= length
        }
        return (lower..<upper, indent)
    }

    /// The length in bytes and width in columns of the white space at `index`; 0 where there is none.
    @inline(__always)
    static func space(_ bytes: [UInt8], at index: Int, before end: Int) -> (length: Int, columns: Int) {
        switch bytes[index] {
        case 0x20, 0x0B, 0x0C, 0x0D, 0x0A: return (1, 1)
        case 0x09: return (1, 4)
        case 0xC2 where index + 1 < end && bytes[index + 1] == 0xA0: return (2, 1)
        case 0xE3 where index + 2 < end && bytes[index + 1] == 0x80 && bytes[index + 2] == 0x80: return (3, 2)
        case 0xE2 where index + 2 < end && bytes[index + 1] == 0x80 && bytes[index + 2] <= 0x8B: return (3, 1)
        case 0xEF where index + 2 < end && bytes[index + 1] == 0xBB && bytes[index + 2] == 0xBF: return (3, 0)
        default: return (0, 0)
        }
    }

    private static func spaceEnding(_ bytes: [UInt8], at end: Int, after start: Int) -> Int {
        for length in [1, 2, 3] where end - length >= start {
            if space(bytes, at: end - length, before: end).length == length { return length }
        }
        return 0
    }
}

/// Collects readable text and the map back to the decoded document.
struct ReadableText {
    private(set) var bytes: [UInt8] = []
    private(set) var map = OffsetMap()

    var count: Int { bytes.count }

    /// Appends `range` of `source` as it is.
    mutating func copy(_ source: [UInt8], _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        map.append(text: bytes.count, source: range.lowerBound)
        bytes.append(contentsOf: source[range])
    }

    /// Appends `replacement`, which stands for `range` of the source.
    mutating func append(_ replacement: [UInt8], standingFor range: Range<Int>) {
        guard !replacement.isEmpty else { return }
        map.append(
            text: bytes.count, source: range.lowerBound, textUnit: replacement.count, sourceUnit: range.count)
        bytes.append(contentsOf: replacement)
    }

    /// Removes white space from the end, down to `floor`.
    mutating func trimEnd(to floor: Int) {
        let trimmed = LineScanner.trim(bytes, floor..<bytes.count).range
        bytes.removeLast(bytes.count - max(trimmed.upperBound, floor))
        map.truncate(text: bytes.count)
    }
}

/// Finds the next occurrence of one byte for positions that mostly rise, and remembers it, so that all look-ups in a
/// line together are linear.
struct NextByte {
    /// Where the byte stands next at or after every position asked so far; the end of the line where it does not.
    private var position = -1
    private var searchedTo = -1

    /// The first place of `byte` in `from..<to`.
    mutating func find(_ byte: UInt8, in source: [UInt8], from: Int, to: Int) -> Int? {
        if position < from || searchedTo < to {
            var index = max(from, position < from ? from : position)
            while index < to, source[index] != byte { index += 1 }
            position = index
            searchedTo = index < to ? source.count : to
        }
        return position < to ? position : nil
    }
}
