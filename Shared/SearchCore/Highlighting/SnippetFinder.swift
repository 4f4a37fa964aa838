// Which part of a text to show.
//
// Among the runs of at most `characters` scalars that begin at a match, the best holds the most distinct needles by
// weight, then the most matches, then stands first. What is left of the budget goes around it: back to where the
// sentence begins if that is near, on to where one ends.

/// Finds a snippet's window in one text.
struct SnippetFinder {
    private let text: [UInt8]
    private let characters: Int

    init(text: [UInt8], characters: Int) {
        self.text = text
        self.characters = characters
    }

    /// The window's bytes, on scalar boundaries.
    ///
    /// - Parameters:
    ///   - matches: ascending by start.
    ///   - weights: of each needle.
    func window(_ matches: [Highlighter.Match], weights: [Int]) -> Range<Int> {
        guard let first = matches.first else { return trimmed(0..<cutEnd(0, characters, after: 0)) }
        let densest = matches.count == 1 ? 0..<1 : self.densest(matches, weights: weights)
        let start = matches.isEmpty ? first.range.lowerBound : matches[densest.lowerBound].range.lowerBound
        let end = densest.reduce(start) { max($0, matches[$1].range.upperBound) }
        let held = scalars(start, end)
        guard held < characters else { return start..<beforeMarks(forward(start, characters), after: start) }
        // A third of what is left goes before the matches, the rest after them.
        let spare = characters - held
        var lower =
            sentenceStart(before: start, within: spare * 2 / 3) ?? cutStart(back(start, spare / 3), before: start)
        let upper = cutEnd(lower, characters, after: end)
        if upper == text.count {
            // The text ends early: show more of what stands before.
            let unused = characters - scalars(lower, upper)
            if unused > 0 { lower = cutStart(back(lower, unused), before: lower) }
        }
        return trimmed(lower..<upper)
    }

    // MARK: The densest run

    private func densest(_ matches: [Highlighter.Match], weights: [Int]) -> Range<Int> {
        // Scalar numbers of every match's ends, by one pass over the text.
        let offsets = Set(matches.flatMap { [$0.range.lowerBound, $0.range.upperBound] }).sorted()
        var scalarAt: [Int: Int] = [:]
        var count = 0
        var byte = 0
        for offset in offsets {
            count += scalars(byte, offset)
            byte = offset
            scalarAt[offset] = count
        }
        func scalar(_ offset: Int) -> Int { scalarAt[offset] ?? 0 }
        var held: [Int: Int] = [:]
        var weight = 0
        var upper = 0
        var best: (weight: Int, count: Int, range: Range<Int>) = (-1, 0, 0..<1)
        for lower in matches.indices {
            let limit = scalar(matches[lower].range.lowerBound) + characters
            while upper < matches.count, scalar(matches[upper].range.upperBound) <= limit {
                if held[matches[upper].needle, default: 0] == 0 { weight += weights[matches[upper].needle] }
                held[matches[upper].needle, default: 0] += 1
                upper += 1
            }
            if upper <= lower {
                // One match alone is longer than the window.
                upper = lower + 1
                held = [matches[lower].needle: 1]
                weight = weights[matches[lower].needle]
            }
            if weight > best.weight || weight == best.weight && upper - lower > best.count {
                best = (weight, upper - lower, lower..<upper)
            }
            held[matches[lower].needle, default: 1] -= 1
            if held[matches[lower].needle] == 0 { weight -= weights[matches[lower].needle] }
        }
        return best.range
    }

    // MARK: Boundaries

    private func isStart(_ offset: Int) -> Bool { offset >= text.count || text[offset] & 0xC0 != 0x80 }

    /// The number of scalars that begin in a range.
    private func scalars(_ lower: Int, _ upper: Int) -> Int {
        var count = 0
        for offset in lower..<max(lower, upper) where text[offset] & 0xC0 != 0x80 { count += 1 }
        return count
    }

    private func forward(_ offset: Int, _ count: Int) -> Int {
        var offset = offset
        for _ in 0..<count where offset < text.count {
            offset += 1
            while !isStart(offset) { offset += 1 }
        }
        return offset
    }

    private func back(_ offset: Int, _ count: Int) -> Int {
        var offset = offset
        for _ in 0..<count where offset > 0 {
            offset -= 1
            while offset > 0, !isStart(offset) { offset -= 1 }
        }
        return offset
    }

    /// Where the sentence that holds `offset` begins, if at most `count` scalars before.
    private func sentenceStart(before offset: Int, within count: Int) -> Int? {
        var at = offset
        for _ in 0...count {
            if at == 0 || endsSentence(before: at) { return at }
            at = back(at, 1)
        }
        return nil
    }

    /// Whether a sentence ends just before `offset`.
    private func endsSentence(before offset: Int) -> Bool {
        guard offset > 0 else { return false }
        switch text[offset - 1] {
        case 0x0A, 0x21, 0x3F: return true
        case 0x82: return stands(Self.fullStop, before: offset)
        case 0x81: return stands(Self.exclamation, before: offset)
        case 0x9F: return stands(Self.question, before: offset)
        case 0x9B: return stands(Self.semicolon, before: offset)
        default: return false
        }
    }

    private func stands(_ sign: [UInt8], before offset: Int) -> Bool {
        offset >= sign.count && text[(offset - sign.count)..<offset].elementsEqual(sign)
    }

    private static let fullStop = Array("。".utf8)  // … 82
    private static let exclamation = Array("！".utf8)  // … 81
    private static let question = Array("？".utf8)  // … 9F
    private static let semicolon = Array("；".utf8)  // … 9B

    /// A cut at or after `offset` that is inside no word of ASCII letters or digits; at most at `limit`.
    private func cutStart(_ offset: Int, before limit: Int) -> Int {
        var offset = offset
        while offset > 0, offset < limit, isWordByte(offset - 1), isWordByte(offset) { offset += 1 }
        while offset > 0, offset < limit, isMark(offset) { offset = forward(offset, 1) }
        return offset
    }

    /// The last cut at or before `offset` that parts no mark from its character; after `least`.
    private func beforeMarks(_ offset: Int, after least: Int) -> Int {
        var cut = offset
        while cut > least, isMark(cut) { cut = back(cut, 1) }
        return cut > least ? cut : offset
    }

    /// Whether a combining mark, a joiner or a variation selector begins at `offset`.
    private func isMark(_ offset: Int) -> Bool {
        guard offset < text.count, text[offset] >= 0xCC else { return false }
        let scalar = String(decoding: text[offset..<forward(offset, 1)], as: UTF8.self).unicodeScalars.first
        return scalar?.properties.isGraphemeExtend ?? false
    }

    /// A cut at most `count` scalars after `lower`, after the last sentence that ends in the last quarter, else inside no
    /// word; not before `least`.
    private func cutEnd(_ lower: Int, _ count: Int, after least: Int) -> Int {
        let end = forward(lower, count)
        guard end < text.count else { return end }
        var at = end
        for _ in 0...(count / 4) where at > least {
            if endsSentence(before: at) { return at }
            at = back(at, 1)
        }
        var cut = end
        while cut > max(least, lower), isWordByte(cut - 1), isWordByte(cut) { cut -= 1 }
        return beforeMarks(cut > lower ? cut : end, after: max(least, lower))
    }

    private func isWordByte(_ offset: Int) -> Bool {
        guard offset < text.count else { return false }
        return switch text[offset] {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    /// Without ASCII and ideographic white space at both ends.
    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        let wide: [UInt8] = [0xE3, 0x80, 0x80]
        func isSpace(_ offset: Int) -> Bool { text[offset] == 0x20 || (0x09...0x0D).contains(text[offset]) }
        while lower < upper {
            if isSpace(lower) {
                lower += 1
            } else if upper - lower >= 3, text[lower..<(lower + 3)].elementsEqual(wide) {
                lower += 3
            } else {
                break
            }
        }
        while lower < upper {
            if isSpace(upper - 1) {
                upper -= 1
            } else if upper - lower >= 3, text[(upper - 3)..<upper].elementsEqual(wide) {
                upper -= 3
            } else {
                break
            }
        }
        return lower < upper ? lower..<upper : range
    }
}
