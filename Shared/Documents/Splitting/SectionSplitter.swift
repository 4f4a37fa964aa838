// Pages whose headings part them into items, such as the daily page of a news programme.
//
// Headings part a page into items only where the page says so: its title is that of a digest (汇编, 要闻, 联播, 速览 …) or
// carries a date in brackets, or most sections have a head, a source or a link to the original of their own. Without that,
// headings are sections of one article. Items are the sections of the level that has the most headings, at least three.

import Messages

/// Splits pages by headings.
struct SectionSplitter {
    let context: SplitContext

    private static let fewestSections = 3
    /// Sections from which a page whose own title is that of a digest is parted.
    private static let fewestUnderDigestTitle = 2
    /// Characters up to which a line over a heading may be a label of the item (its number, its source).
    private static let longestLead = 24
    /// Sections that list what the page holds.
    private static let contentsWords = ["摘要", "目录", "导读", "提要", "要目", "本期"].map { Array($0.utf8) }

    private var all: [Paragraph] { context.paragraphs.all }

    /// The items; nil where the page's headings part no items.
    /// - Parameter onlyUniform: take only pages where three quarters of the sections have a story head or source of their
    ///   own; such pages are parted by their headings before anything else is tried.
    func split(onlyUniform: Bool) -> Split? {
        guard let level = itemLevel() else { return nil }
        let starts = all.indices.filter { isHeading($0) && all[$0].level == level }
        if onlyUniform {
            let datesAndOffices = all.indices.count { index in
                all[index].kind == .departmentHeading || all[index].kind == .dateHeading && !isStatementOfSection(index)
            }
            guard datesAndOffices < 2, starts.count >= Self.fewestSections, evidence(starts) * 4 >= starts.count * 3
            else { return nil }
            return split(starts, level: level)
        }
        let isDigest = isDigestTitle(before: starts[0])
        guard starts.count >= (isDigest ? Self.fewestUnderDigestTitle : Self.fewestSections) else { return nil }
        guard isDigest || evidence(starts) * 10 >= starts.count * 6 else { return nil }
        return split(starts, level: level)
    }

    /// A date alone beside a source line under a heading is the section's own.
    private func isStatementOfSection(_ index: Int) -> Bool {
        func isSource(_ place: Int) -> Bool {
            all.indices.contains(place) && (all[place].kind == .source || all[place].kind == .label)
        }
        guard all[index].kind == .dateHeading, index > 0 else { return false }
        return isSource(index - 1) && index > 1 && isHeading(index - 2) || isHeading(index - 1) && isSource(index + 1)
    }

    private func isHeading(_ index: Int) -> Bool { all[index].role == .heading && all[index].kind == .body }

    /// The level with the most headings that have text under them.
    private func itemLevel() -> UInt8? {
        var counts = [Int](repeating: 0, count: 8)
        for index in all.indices where isHeading(index) {
            let hasText =
                index + 1 < all.count && all[index + 1].role != .heading && all[index + 1].kind != .boilerplate
            if hasText { counts[Int(min(all[index].level, 7))] += 1 }
        }
        guard let most = counts.max(), most >= Self.fewestUnderDigestTitle, let level = counts.firstIndex(of: most)
        else { return nil }
        return UInt8(level)
    }

    private func isDigestTitle(before first: Int) -> Bool {
        let bytes = context.reading.text
        let titles = all.indices[..<first].filter { isHeading($0) || all[$0].isTitleLike }.map {
            context.reading.lines[all[$0].lines.lowerBound].text
        }
        if titles.contains(where: { SplitContext.namesDigest(bytes[$0]) }) { return true }
        return SplitContext.namesDigest(Array((context.reading.metadata.title?.value ?? "").utf8)[...])
    }

    /// How many sections have a story head, a byline or a source line of their own.
    private func evidence(_ starts: [Int]) -> Int {
        var count = 0
        for (number, start) in starts.enumerated() {
            let end = number + 1 < starts.count ? starts[number + 1] : all.count
            let hasEvidence = all[start..<end].contains { paragraph in
                paragraph.kind == .storyHead || paragraph.kind == .source || paragraph.kind == .byline
            }
            if hasEvidence { count += 1 }
        }
        return count
    }

    /// How many short lines stand over every heading: numbers and sources of cards. They belong to the item below.
    private func leadLength(_ starts: [Int]) -> Int {
        let lengths = starts.map { start -> Int in
            var length = 0
            while start - length > 0, isLead(start - length - 1) { length += 1 }
            return length
        }
        return min(lengths.min() ?? 0, 3)
    }

    private func isLead(_ index: Int) -> Bool {
        let paragraph = all[index]
        let isShort = paragraph.characters <= Self.longestLead && !paragraph.endsSentence && paragraph.role != .heading
        return isShort && (paragraph.kind == .body || paragraph.kind == .storyHead)
    }

    private func split(_ starts: [Int], level: UInt8) -> Split {
        var split = Split()
        let lead = leadLength(starts)
        let firsts = Set(starts.map { $0 - lead })
        // 1. 国务院：…: the numbers count the items and are no part of their titles.
        let isCounted = starts.count { all[$0].numbering == .western } >= 2
        var index = 0
        var pageDate = context.paragraphs.masthead?.published
        while index < all.count {
            if firsts.contains(index) {
                let heading = index + lead
                let end =
                    all.indices[(heading + 1)...].first {
                        firsts.contains($0) || isHeading($0) && all[$0].level <= level
                    } ?? all.count
                append(index..<end, heading: heading, isCounted: isCounted, date: pageDate, to: &split)
                index = end
                continue
            }
            pageDate = pageDate ?? dateInTitle(index)
            if let end = partWithoutSections(index, level: level, after: starts[0], firsts) {
                append(part: index..<end, date: pageDate, to: &split)
                index = end
                continue
            }
            split.marks[index] = mark(index)
            index += 1
        }
        if pageDate == nil { split.warnings.append("no-date") }
        return split
    }

    /// The end of a part of the page whose heading stands over text alone, where other parts have sections: 二、部门动态 after 一、要闻.
    private func partWithoutSections(_ index: Int, level: UInt8, after first: Int, _ firsts: Set<Int>) -> Int? {
        guard index > first, index + 1 < all.count, isHeading(index), all[index].level < level, mark(index + 1).name != "contents" else { return nil }
        let end = all.indices[(index + 1)...].first { firsts.contains($0) || isHeading($0) } ?? all.count
        // Over a section there may be a lead: that is no bulletin.
        guard end == all.count || all[end].level <= all[index].level && !firsts.contains(end) else { return nil }
        return all[(index + 1)..<end].contains { $0.kind != .boilerplate } ? end : nil
    }

    /// Entries of a list are bulletins each, as under a category; other text is one, named by the heading.
    private func append(part: Range<Int>, date: Found<PartialDate>?, to split: inout Split) {
        let body = part.dropFirst().filter { all[$0].kind != .boilerplate }
        let isList = body.count >= 2 && body.allSatisfy { all[$0].role == .listItem && all[$0].characters >= Self.shortestListed }
        guard isList else { return append(part, heading: part.lowerBound, isCounted: false, date: date, to: &split) }
        split.marks[part.lowerBound] = Split.Mark(.heading, "section-heading")
        for index in body {
            guard var draft = Draft(title: [], body: [index]) else { continue }
            draft.published = date
            draft.sources = context.closingSources(index) ?? []
            split.drafts.append(draft)
        }
    }

    private func mark(_ index: Int) -> Split.Mark {
        if all[index].kind == .boilerplate { return Split.Mark(.discard, "boilerplate") }
        if isHeading(index) { return Split.Mark(.heading, "section-heading") }
        let heading = all.indices[..<index].last(where: isHeading)
        if let heading {
            let bytes = context.reading.text[context.reading.lines[all[heading].lines.lowerBound].text]
            if Self.contentsWords.contains(where: { SplitContext.holds(bytes, $0) }) { return Split.Mark(.discard, "contents") }
        }
        return Split.Mark(.discard, "preamble")
    }

    private func append(_ section: Range<Int>, heading: Int, isCounted: Bool, date: Found<PartialDate>?, to split: inout Split) {
        var body: [Int] = []
        var sources: [Found<String>] = []
        var published: Found<PartialDate>?
        let text = context.runningText(in: section)
        var statements: [Int] = []
        for index in section where index != heading {
            if index < heading {
                let names = sources.isEmpty ? cardName(index) : []
                if !names.isEmpty || isNumber(index) {
                    sources += names
                    statements.append(index)
                    continue
                }
            }
            switch all[index].kind {
            case .boilerplate: continue
            case .dateHeading where isStatementOfSection(index):
                statements.append(index)
                published =
                    published
                    ?? context.paragraphs.dates[index].map {
                        Found($0, Basis(rule: "date-line", range: context.range(index), certainty: 0.9))
                    }
            case .source,
                .label where context.isStatement(index, text: text):
                sources += context.sources(index)
                published = published ?? context.published(index)
            default:
                body.append(index)
                if sources.isEmpty, all[index].kind == .storyHead || all[index].kind == .byline {
                    sources = context.outlet(ofHead: index, certainty: 0.8)
                }
            }
        }
        if isCategory(heading, body) {
            split.marks[heading] = Split.Mark(.heading, "section-heading")
            for index in section where index != heading && !body.contains(index) { split.marks[index] = Split.Mark(.discard, "metadata") }
            for index in body {
                guard var draft = Draft(title: [], body: [index]) else { continue }
                draft.published = published ?? date
                draft.sources = context.closingSources(index) ?? sources
                split.drafts.append(draft)
            }
            return
        }
        guard var draft = Draft(title: [heading], body: body) else { return }
        draft.span = section
        draft.statements = statements
        if isCounted, all[heading].numbering == .western {
            let text = context.scalars(heading)
            let length = ParagraphReader.numberingLength(text.scalars)
            if length > 0 { draft.titleRange = text.textRange(length..<text.count) }
        }
        draft.published = published ?? date
        draft.sources = sources
        // The stories of a newspaper's page are the paper's.
        if sources.isEmpty, let paper = context.paragraphs.masthead?.source { draft.sources = [paper] }
        split.drafts.append(draft)
    }

    /// Characters up to which a heading may name a part of the page instead of an item: 暴雨灾害, 国际.
    private static let longestCategory = 8
    /// Characters from which an entry of a list is a bulletin of its own.
    private static let shortestEntry = 30
    /// The same under a heading of a page that other headings part into bulletins.
    private static let shortestListed = 10

    /// Whether a short heading stands over nothing but bulletins marked with ◆ and the like.
    private func isCategory(_ heading: Int, _ body: [Int]) -> Bool {
        all[heading].characters <= Self.longestCategory && body.count >= 2
            && body.allSatisfy { index in
                all[index].role == .listItem && all[index].characters >= Self.shortestEntry && all[index].numbering == .none
                    && isMarked(index)
            }
    }

    /// Whether the mark before an entry stands in the text, as ◆ does and Markdown's - does not.
    private func isMarked(_ index: Int) -> Bool {
        let line = context.reading.lines[all[index].lines.lowerBound].text
        return ListMarker.isBullet(context.reading.text, line)
    }

    /// A number and nothing else: the place of a card on its page.
    private func isNumber(_ index: Int) -> Bool {
        let scalars = context.scalars(index, prefix: 5)
        return all[index].characters <= 4 && scalars.allSatisfy { Numerals.digit($0) != nil }
    }

    /// The source of a card: `36氪 8分`. A known medium that a line starts with, or what stands before a score.
    private func cardName(_ index: Int) -> [Found<String>] {
        let text = context.scalars(index)
        if let name = context.dictionaries.media.match(text.scalars, at: 0, before: text.count) {
            // TechCrunch AI: the name goes on in Latin letters.
            let end = scoreStart(text.scalars) ?? name.length
            return context.names(text, 0..<max(end, name.length), rule: "card", certainty: 0.8)
        }
        guard let end = scoreStart(text.scalars), end >= 2 else { return [] }
        return context.names(text, 0..<end, rule: "card", certainty: 0.7)
    }

    /// Where the space before ` 8分` at the end of a line stands.
    private func scoreStart(_ scalars: [UInt32]) -> Int? {
        guard scalars.last == 0x5206 else { return nil }  // 分
        var start = scalars.count - 1
        while start > 0, Numerals.digit(scalars[start - 1]) != nil { start -= 1 }
        guard start > 0, start < scalars.count - 1, CharacterClass.of(scalars[start - 1]).contains(.space) else {
            return nil
        }
        return start - 1
    }

    /// The date in the page's title: 《新闻联播》 (20230919), 今日速览｜2026-07-12.
    private func dateInTitle(_ index: Int) -> Found<PartialDate>? {
        if let date = context.paragraphs.dates[index], date.year != nil {
            return Found(date, Basis(rule: "page-title", range: context.range(index), certainty: 0.9))
        }
        guard isHeading(index) || all[index].kind == .label else { return nil }
        let text = String(scalars: context.scalars(index).scalars)
        guard let date = TimestampReader.read(text), date.year != nil else { return nil }
        return Found(date, Basis(rule: "page-title", range: context.range(index), certainty: 0.9))
    }
}
