// HTML: which of a page's lines are its content.
//
// The content is the deepest block that holds at least four fifths of the page's *prose*: text outside links, in lines
// that are long or hold a sentence mark. Lists of links, menus and foot lines have no prose, so a page's frame never
// wins; a page of many short items keeps them all, because no single item holds four fifths. What stands outside is
// discarded by name, except the page's first heading and the lines that state its date or source just before the
// content.

import Messages

/// Reads HTML pages and fragments.
enum HTMLReader {
    /// How many tenths of the page's prose the content must hold.
    private static let contentTenths = 8
    /// Bytes from which a line is prose even without a sentence mark: 20 Chinese characters.
    private static let longLineBytes = 60

    /// Reads `range` of the decoded document.
    /// - Throws: `documentTooLarge` for more lines than the limits allow.
    static func read(_ decoded: DecodedText, _ range: Range<Int>, limits: ParserLimits, dictionaries: Dictionaries)
        throws(DocumentError) -> Reading
    {
        var blocks = MarkupBlocks(source: decoded.bytes, limits: limits)
        try blocks.read(range)
        var reading = Reading(
            decoded: decoded, text: blocks.text.bytes, map: blocks.text.map, lines: blocks.lines.map(\.line),
            format: .html)
        discardMarginal(in: &reading, blocks)
        discardFrame(of: &reading, blocks, dictionaries)
        reading.metadata = MetadataReader.metadata(of: blocks, in: decoded)
        return reading
    }

    /// How many tenths of the page's prose an element may hold and still be marginal by its class name. Some systems
    /// call the element of the main text `editor`.
    private static let marginalTenths = 3

    private static func discardMarginal(in reading: inout Reading, _ blocks: MarkupBlocks) {
        guard blocks.marginalCount > 0 else { return }
        var weights = [Int](repeating: 0, count: blocks.marginalCount)
        var total = 0
        for entry in blocks.lines {
            let weight = prose(entry, in: reading)
            total += weight
            if let marginal = entry.marginal { weights[marginal] += weight }
        }
        for (index, entry) in blocks.lines.enumerated() {
            if let marginal = entry.marginal, weights[marginal] * 10 < max(total, 1) * marginalTenths {
                reading.lines[index].role = .discard
            }
        }
    }

    private static func discardFrame(of reading: inout Reading, _ blocks: MarkupBlocks, _ dictionaries: Dictionaries) {
        var weights = [Int](repeating: 0, count: blocks.nodes.count)
        var proseLines = weights
        for (index, entry) in blocks.lines.enumerated() where reading.lines[index].role != .discard {
            let weight = prose(entry, in: reading)
            weights[entry.node] += weight
            if weight > 0 { proseLines[entry.node] += 1 }
        }
        var subtree = weights
        for index in stride(from: blocks.nodes.count - 1, to: 0, by: -1) {
            subtree[blocks.nodes[index].parent] += subtree[index]
            proseLines[blocks.nodes[index].parent] += proseLines[index]
        }
        let total = subtree[0]
        guard total > 0 else { return }
        // Blocks with so large a share enclose one another, so the last of them is the deepest. A block of a single
        // line is not the content but a part of it.
        let content = blocks.nodes.indices.last { index in
            index > 0 && subtree[index] * 10 >= total * contentTenths && proseLines[index] >= 2
        }
        guard let content else { return }
        var inside = [Bool](repeating: false, count: blocks.nodes.count)
        inside[content] = true
        for index in blocks.nodes.indices where index > content {
            inside[index] = inside[blocks.nodes[index].parent]
        }
        keepHeading(&reading, blocks, inside, dictionaries)
    }

    /// How many lines before the content may state its title, date and source.
    private static let headLines = 12

    private static func keepHeading(
        _ reading: inout Reading, _ blocks: MarkupBlocks, _ inside: [Bool], _ dictionaries: Dictionaries
    ) {
        let first = blocks.lines.indices.first { inside[blocks.lines[$0].node] && reading.lines[$0].role != .discard }
        guard let first else { return }
        let hasHeadingInside = reading.lines.indices.contains {
            inside[blocks.lines[$0].node] && reading.lines[$0].level == 1
        }
        for index in reading.lines.indices where !inside[blocks.lines[index].node] {
            let isBefore = index < first
            let line = reading.lines[index]
            if isBefore, line.role == .heading, !hasHeadingInside { continue }
            if isBefore, first - index <= headLines, line.role != .discard,
                LabelReader.statesDateOrSource(reading.text, line.text, dictionaries)
            {
                continue
            }
            reading.lines[index].role = .discard
        }
    }

    private static func prose(_ entry: MarkupLine, in reading: Reading) -> Int {
        let range = entry.line.text
        let own = range.count - entry.linkBytes
        guard own > 0, !entry.line.isLink else { return 0 }
        // Rows of data are content however short they are.
        if range.count >= longLineBytes || entry.line.role == .row || entry.line.row > 0 { return own }
        let marks: [[UInt8]] = [Array("。".utf8), Array("，".utf8), Array("；".utf8)]
        let hasMark =
            range.count >= 12
            && marks.contains { mark in
                reading.text[range].indices.contains { index in
                    reading.text[index] == mark[0] && index + 3 <= range.upperBound
                        && reading.text[index..<(index + 3)].elementsEqual(mark)
                }
            }
        return hasMark ? own : 0
    }
}
