// Newspaper pages: stories that open with 晨报讯, a byline, or a source line under their title.
//
//     page  = 1*story
//     story = [ eyebrow ] 1*title [ subtitle ] head *paragraph
//           / head *paragraph                    where no story of the page has a title; 又讯 is a head there, and so is a line
//                                                with a source and a time
//
// A story's head is found first; going back from it over lines that look like titles gives where the story starts. A
// heading without a head under it is a section of the story before it. 又讯 goes on with the story before it.

import Messages

/// Splits newspaper pages; a page with fewer than two stories is none.
struct NewspaperSplitter {
    let context: SplitContext

    /// Lines of titles over a head: an eyebrow, a title of two lines and a subtitle.
    private static let mostTitleLines = 5
    /// Characters up to which a line without markup may be an eyebrow or subtitle.
    private static let longestEyebrow = 48

    private var all: [Paragraph] { context.paragraphs.all }

    /// The stories; nil where the page has fewer than two.
    func split() -> Split? {
        var stories = findStories()
        if stories.isEmpty { stories = untitledStories() }
        // The first entry of a log stands under the log's title.
        if stories.count < 2 { stories = datedStories() }
        guard stories.count >= 2 else { return nil }
        var split = Split()
        let pageDate = pageDate(before: stories[0].head)
        for index in 0..<stories[0].start { split.marks[index] = Split.Mark(.discard, "preamble") }
        for (number, story) in stories.enumerated() {
            let end = number + 1 < stories.count ? stories[number + 1].start : all.count
            append(story, end: end, date: pageDate, to: &split)
        }
        return split
    }

    /// The whole date that a line over the first story's head gives.
    private func pageDate(before head: Int) -> Found<PartialDate>? {
        for index in 0..<head {
            if let date = context.paragraphs.dates[index], date.year != nil, date.day != nil {
                return Found(date, Basis(rule: "page-date", range: context.range(index), certainty: 0.85))
            }
            if let date = context.published(index), date.value.year != nil { return date }
        }
        return context.paragraphs.masthead?.published
    }

    private struct Story {
        var start: Int
        var head: Int
    }

    private func findStories() -> [Story] {
        var stories: [Story] = []
        for index in all.indices where isHead(index) {
            guard let start = start(ofStoryWithHead: index) else { continue }
            if let last = stories.last, start <= last.head { continue }
            stories.append(Story(start: start, head: index))
        }
        return stories
    }

    /// Stories of a page without titles, whose running text begins with a head: 晨报讯 …, 又讯 …, 本报讯 …. A paragraph that only names
    /// where its news are from (据新华社报道) opens none.
    private func untitledStories() -> [Story] {
        guard let first = all.indices.first(where: { all[$0].isProse }), all[first].kind == .storyHead else { return [] }
        let heads = all.indices.filter { index in
            let isHead = all[index].kind == .storyHead || all[index].kind == .followUp
            return isHead && all[index].isProse && !context.scalars(index, prefix: 2).contains(0x636E)  // 据
        }
        return heads.map { Story(start: $0, head: $0) }
    }

    /// Entries of a log: lines that state a source and a time, each over running text: 2020-02-03 09:00 | 新华社.
    private func datedStories() -> [Story] {
        let heads = all.indices.filter { index in
            guard all[index].kind == .label || all[index].kind == .source, index + 1 < all.count, all[index + 1].isProse else { return false }
            let fields = (context.paragraphs.labels[index] ?? []).map(\.field)
            return fields.contains(.source) && fields.contains(.published)
        }
        return heads.count >= 2 ? heads.map { Story(start: $0, head: $0) } : []
    }

    private func isHead(_ index: Int) -> Bool {
        switch all[index].kind {
        case .storyHead, .byline: true
        // A source or date line under a title and over running text.
        case .source, .label: index > 0 && all[index - 1].isTitleLike && index + 1 < all.count && all[index + 1].isProse
        default: false
        }
    }

    /// Goes back over title lines; nil where the head has no title.
    private func start(ofStoryWithHead head: Int) -> Int? {
        var start = head
        var hasTitle = false
        while start > 0, head - start < Self.mostTitleLines {
            let candidate = start - 1
            let paragraph = all[candidate]
            if paragraph.role == .heading, paragraph.kind == .body {
                hasTitle = true
            } else if paragraph.kind == .bracketed {
                // 【…】 over a title names the column.
            } else if paragraph.isTitleLike, paragraph.characters <= Self.longestEyebrow {
                if hasHeadingBetween(start, head) {
                    guard isEyebrow(candidate) else { break }
                }
                hasTitle = true
            } else {
                break
            }
            start = candidate
        }
        return hasTitle ? start : nil
    }

    private func hasHeadingBetween(_ start: Int, _ head: Int) -> Bool {
        all[start..<head].contains { $0.role == .heading }
    }

    /// A plain short line over a heading belongs to it only where a gap or the page's edge parts it from what is before.
    private func isEyebrow(_ index: Int) -> Bool {
        index == 0 || all[index].blankLinesBefore >= 2 || all[index - 1].kind == .source
    }

    private func append(_ story: Story, end: Int, date: Found<PartialDate>?, to split: inout Split) {
        let lead = Array(story.start..<story.head)
        let headings = lead.filter { all[$0].role == .heading }
        let titles = headings.isEmpty ? plainTitle(lead) : headings
        var body: [Int] = []
        var sources: [Found<String>] = []
        var published: Found<PartialDate>?
        let text = context.runningText(in: story.start..<end)
        for index in story.start..<end where !titles.contains(index) {
            switch all[index].kind {
            case .boilerplate: continue
            case .source,
                .label where context.isStatement(index, text: text):
                sources += context.sources(index)
                published = published ?? context.published(index)
            default: body.append(index)
            }
        }
        guard var draft = Draft(title: titles, body: body) else { return }
        draft.span = min(draft.span.lowerBound, story.start)..<max(draft.span.upperBound, story.head + 1)
        draft.published = published ?? date
        draft.sources = sources.isEmpty ? context.outlet(ofHead: story.head) : sources
        // 本报讯 is the paper's own.
        if draft.sources.isEmpty, let paper = context.paragraphs.masthead?.source { draft.sources = [paper] }
        // 又讯 without a title is the same paper's.
        if draft.sources.isEmpty, all[story.head].kind == .followUp { draft.sources = split.drafts.last?.sources ?? [] }
        split.drafts.append(draft)
    }

    /// Without headings by markup: the longest title line, with the line after it where they are of one block.
    private func plainTitle(_ lead: [Int]) -> [Int] {
        let candidates = lead.filter { all[$0].isTitleLike }
        guard let longest = candidates.max(by: { all[$0].characters < all[$1].characters }) else { return [] }
        return [longest]
    }
}
