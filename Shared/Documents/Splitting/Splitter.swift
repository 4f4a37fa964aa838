// Choosing how a document is laid out, and splitting it accordingly.
//
//     digest     dates, departments or source lines part the page into groups of items
//     newspaper  stories open with 晨报讯, a byline or a source line under their title
//     sections   headings of one level part the page into items
//     article    everything else: one item
//
// The choice counts what parts a page of each kind; one sign alone never parts a page.

import Messages

/// Splits a document into drafts of items.
struct Splitter {
    let context: SplitContext

    func split() -> Split {
        if !context.reading.records.isEmpty { return records() }
        if let split = SectionSplitter(context: context).split(onlyUniform: true) { return split }
        if let split = NewspaperSplitter(context: context).split() { return split }
        if isDigest() { return DigestSplitter(context: context).split() }
        if let split = SectionSplitter(context: context).split(onlyUniform: false) { return split }
        return ArticleSplitter(context: context).split()
    }

    /// Records are items as they stand.
    private func records() -> Split {
        var split = Split()
        for record in context.reading.records {
            let titleEnd = record.lines.lowerBound + record.titleLines
            let title = Array(record.lines.lowerBound..<titleEnd)
            guard var draft = Draft(title: title, body: Array(titleEnd..<record.lines.upperBound)) else { continue }
            draft.published = record.published
            draft.sources = record.sources
            draft.department = record.department
            draft.decodedRange = record.source
            split.drafts.append(draft)
        }
        return split
    }

    /// A digest has two date headings with content under them, or two source lines with content above them, or starts
    /// with a date heading and closes with a source line.
    private func isDigest() -> Bool {
        let all = context.paragraphs.all
        var dates = 0
        var signatures = 0
        var closings = 0
        var startsWithDate = false
        var contentSeen = false
        for index in all.indices {
            switch all[index].kind {
            case .dateHeading:
                if !contentSeen { startsWithDate = true }
                if isSignature(index) { signatures += 1 } else if isFollowedByContent(index) { dates += 1 }
            case .source:
                if isPrecededByProse(index) { closings += 1 }
            case .body, .storyHead:
                contentSeen = true
                if all[index].isProse, all[index].characters < Paragraph.longestCounted,
                    context.mayEndWithSource(index), LabelReader.trailingSource(context.scalars(index)) != nil
                {
                    closings += 1
                }
            default: break
            }
        }
        if closings > 0 { dates += signatures }
        return dates >= 2 || closings >= 2 || dates == 1 && closings == 1 && startsWithDate
    }

    /// A date under the name of a body that stands under running text signs a document, unless source lines show that the
    /// page is a digest by departments.
    private func isSignature(_ index: Int) -> Bool {
        let all = context.paragraphs.all
        guard index >= 2, all[index - 1].kind == .departmentHeading else { return false }
        return all[index - 2].isProse || all[index - 2].role == .listItem
    }

    /// A date under a signature is followed by nothing, by a note in brackets or by an annex.
    private func isFollowedByContent(_ index: Int) -> Bool {
        let all = context.paragraphs.all
        guard let next = all[(index + 1)...].first(where: { $0.kind != .boilerplate }) else { return false }
        return next.kind == .body && !startsLikeNote(next)
            || next.kind == .departmentHeading || next.kind == .bracketed || next.kind == .storyHead
    }

    private func startsLikeNote(_ paragraph: Paragraph) -> Bool {
        let bytes = context.reading.text[context.reading.lines[paragraph.lines.lowerBound].text]
        return ["（", "(", "附", "抄送", "主送"].contains { bytes.starts(with: Array($0.utf8)) }
    }

    private func isPrecededByProse(_ index: Int) -> Bool {
        let all = context.paragraphs.all
        guard let before = all[..<index].last(where: { $0.kind != .boilerplate }) else { return false }
        return before.kind == .body && (before.isProse || before.role == .listItem)
    }
}
