// Where an article ends before its page does.
//
//     duplicate  the page holds its text twice (a version for printing after the one for reading): the second copy
//     frame      a page of HTML ends with a row of links and short lines that the content was not told apart from
//
// Both are looked for from the end, and neither may hold running text that the article has not shown before.

/// Finds the end of an article's own text.
struct ArticleEnding {
    let context: SplitContext
    private let copyStart: Int?
    private let frameStart: Int

    private var all: [Paragraph] { context.paragraphs.all }

    init(context: SplitContext) {
        self.context = context
        copyStart = Self.findCopy(context)
        frameStart = Self.findFrame(context)
    }

    /// The index of the first paragraph that is no part of the article.
    func end() -> Int { min(copyStart ?? all.count, frameStart) }

    /// What a paragraph after the end is.
    func name(of index: Int) -> String {
        switch all[index].kind {
        case .boilerplate: return "boilerplate"
        case .source, .label: return "metadata"
        default: return copyStart.map { index >= $0 } ?? false ? "duplicate" : "boilerplate"
        }
    }

    // MARK: A second copy

    /// Paragraphs of running text that a copy has at least.
    private static let fewestCopied = 2
    /// Lines of a copy that the original need not have: a mark of the printing version, a page number.
    private static let mostForeignLines = 6

    private static func findCopy(_ context: SplitContext) -> Int? {
        let all = context.paragraphs.all
        var seen: [UInt64: Int] = [:]
        var copied: [Int] = []
        var own = 0
        for index in all.indices where all[index].isProse {
            let hash = hash(of: index, context)
            if seen[hash] != nil {
                copied.append(index)
            } else {
                // Text of its own after a copied one: these are repeated paragraphs and no copy of the page.
                if !copied.isEmpty { return nil }
                seen[hash] = index
                own += 1
            }
        }
        guard copied.count >= fewestCopied, copied.count * 10 >= own * 9, var start = copied.first,
            let original = seen[hash(of: start, context)]
        else { return nil }
        // Titles and addressees before the first paragraph of running text belong to the copy as well.
        var before = original
        while start > 0, before > 0, !all[start - 1].isProse,
            hash(of: start - 1, context) == hash(of: before - 1, context)
        {
            start -= 1
            before -= 1
        }
        var shown: Set<UInt64> = []
        for index in 0..<start { shown.insert(hash(of: index, context)) }
        let foreign = (start..<all.count).count { index in
            all[index].kind == .body && !shown.contains(hash(of: index, context))
        }
        return foreign <= mostForeignLines && start > 0 ? start : nil
    }

    /// A 64-bit hash (FNV-1a) of a paragraph's text.
    private static func hash(of index: Int, _ context: SplitContext) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for line in context.paragraphs.all[index].lines {
            for byte in context.reading.text[context.reading.lines[line].text] {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
            }
        }
        return hash
    }

    // MARK: The frame

    /// Lines that make a frame; a few links after an article may be its annexes.
    private static let fewestFrameLines = 5

    private static func findFrame(_ context: SplitContext) -> Int {
        let all = context.paragraphs.all
        guard context.reading.format == .html else { return all.count }
        var start = all.count
        var marginal = 0
        while start > 0, mayBeFrame(all[start - 1]) {
            start -= 1
            if all[start].isLink || all[start].kind == .boilerplate || all[start].characters <= 2 { marginal += 1 }
        }
        let lines = all.count - start
        let isFrame = lines >= fewestFrameLines && marginal * 2 >= lines && start > 0
        return isFrame ? start : all.count
    }

    /// A short line that is neither running text nor closes a document (its signature, date or a note in brackets).
    private static func mayBeFrame(_ paragraph: Paragraph) -> Bool {
        switch paragraph.kind {
        case .boilerplate: true
        // A bar between two links.
        case .body where paragraph.characters <= 2: true
        case .body: !paragraph.isProse && paragraph.role != .heading && paragraph.role != .row || paragraph.isLink
        default: false
        }
    }
}
