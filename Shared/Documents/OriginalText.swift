// A document's text beside what was made of it, for showing people where each value was read.

package import Messages

/// The decoded text of a document, with the way from the original's bytes to it.
package struct OriginalText: Sendable {
    /// Valid UTF-8: the document as it was read, markup included.
    package let bytes: [UInt8]
    /// Parts of `bytes` that became text of items or headings, ascending and disjoint; the rest is markup or white space.
    package let readable: [Range<Int>]
    /// Offsets in `bytes` at which a line or block of readable text starts.
    package let lineStarts: Set<Int>
    private let map: OffsetMap
    /// Bytes that the ranges of items, fields and discards count: of the original, or of its rendition.
    package let originalCount: Int

    /// The rendition of a document that has no text of its own; ranges count its bytes.
    init(rendition bytes: [UInt8], readable: [Range<Int>], lineStarts: Set<Int>) {
        self.bytes = bytes
        self.readable = readable
        self.lineStarts = lineStarts
        map = .identity
        originalCount = bytes.count
    }

    init(_ reading: Reading) {
        bytes = reading.decoded.bytes
        map = reading.decoded.map
        originalCount = reading.decoded.originalCount
        readable = Self.readable(reading)
        lineStarts = Set(reading.lines.map { reading.map.start(of: $0.text.lowerBound) })
    }

    /// The half-open range of `bytes` that was read from `range` of the original.
    /// - Complexity: O(log n) in the length of the document.
    package func range(of range: ByteRange) -> Range<Int> {
        let lower = offset(of: range.lower)
        return lower..<max(lower, range.upper >= originalCount ? bytes.count : offset(of: range.upper))
    }

    private func offset(of original: Int) -> Int {
        min(map.textOffset(of: original), bytes.count)
    }

    private static func readable(_ reading: Reading) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for line in reading.lines {
            var start = line.text.lowerBound
            for boundary in reading.map.boundaries(in: line.text) + [line.text.upperBound] where boundary > start {
                let lower = reading.map.start(of: start)
                found.append(lower..<max(lower, reading.map.end(of: boundary)))
                start = boundary
            }
        }
        // Records put titles before texts; neighbours join.
        found.sort { $0.lowerBound < $1.lowerBound }
        var joined: [Range<Int>] = []
        for range in found where !range.isEmpty {
            if let last = joined.last, range.lowerBound <= last.upperBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        return joined
    }
}
