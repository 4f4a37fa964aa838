// Choosing how a document is laid out, and splitting it accordingly.
//
//     digest     dates, departments or source lines part the page into groups of items
//     newspaper  stories open with 晨报讯, a byline or a source line under their title
//     sections   headings of one level part the page into items
//     table      the rows of a table whose header names title, source, time and the like (HTML)
//     article    everything else: one item
//
// The choice counts what parts a page of each kind; one sign alone never parts a page.
//
// What a layout leaves over is looked at again: a stretch outside all items that is a bulletin of its own (it holds
// running text and a source line, or precedes the stories of a newspaper page) is split by itself. So a bulletin pasted
// before a page of another layout is not lost.

import Messages

/// Splits a document into drafts of items.
struct Splitter {
    let context: SplitContext

    func split() -> Split {
        if !context.reading.records.isEmpty { return records() }
        var split = TableSplitter(context: context).split() ?? split(depth: 0)
        for index in split.drafts.indices { complete(&split.drafts[index]) }
        return split
    }

    /// Adds to the body what lies in the item's span, is no statement about it and no part of a page's frame, so that an
    /// item's range holds no text that the item does not show.
    private func complete(_ draft: inout Draft) {
        guard draft.span.count > draft.title.count + draft.body.count else { return }
        let shown = Set(draft.title + draft.body + draft.statements)
        let left = draft.span.filter { index in
            let kind = context.paragraphs.all[index].kind
            return !shown.contains(index) && kind != .boilerplate && kind != .source && kind != .label
        }
        guard !left.isEmpty else { return }
        draft.body = (draft.body + left).sorted()
    }

    /// How often what is left over may be split again.
    private static let mostDepth = 3

    private func split(depth: Int) -> Split {
        if let split = SectionSplitter(context: context).split(onlyUniform: true) {
            return rescued(split, depth: depth, anyProse: false)
        }
        if let split = NewspaperSplitter(context: context).split() {
            return rescued(split, depth: depth, anyProse: true)
        }
        if isDigest() { return rescued(DigestSplitter(context: context).split(), depth: depth, anyProse: false) }
        if let split = SectionSplitter(context: context).split(onlyUniform: false) {
            return rescued(split, depth: depth, anyProse: false)
        }
        return ArticleSplitter(context: context).split()
    }

    // MARK: What is left over

    /// Discards that may hold a bulletin. Boilerplate, contents and metadata hold none.
    private static let leftovers: Set<String> = ["preamble", "closing", "unread"]

    /// `split` with the bulletins among its discards made items.
    /// - Parameter anyProse: running text alone shows a bulletin; else a source line must stand after it.
    private func rescued(_ split: Split, depth: Int, anyProse: Bool) -> Split {
        guard depth < Self.mostDepth else { return split }
        let runs = leftoverRuns(split).filter { isBulletin($0, anyProse: anyProse) }
        guard !runs.isEmpty else { return split }
        var result = split
        for run in runs {
            let part = Splitter(context: context.slice(run)).split(depth: depth + 1)
            for (index, mark) in part.marks { result.marks[index + run.lowerBound] = mark }
            result.drafts += part.drafts.map { $0.moved(by: run.lowerBound) }
        }
        result.drafts.sort { $0.span.lowerBound < $1.span.lowerBound }
        return result
    }

    /// The longest stretches of paragraphs that lie outside all items and are marked as left over.
    private func leftoverRuns(_ split: Split) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start: Int?
        var drafts = split.drafts[...]
        var index = 0
        let count = context.paragraphs.all.count
        while index <= count {
            while let draft = drafts.first, draft.span.upperBound <= index { drafts.removeFirst() }
            let isOutside = index < count && drafts.first?.span.contains(index) != true
            let isLeftover = isOutside && Self.leftovers.contains(split.marks[index]?.name ?? "unread")
            if isLeftover {
                start = start ?? index
            } else if let first = start {
                runs.append(first..<index)
                start = nil
            }
            index += 1
        }
        // A run that is the whole page would be split the same way again.
        return runs.filter { $0.count < count }
    }

    private func isBulletin(_ run: Range<Int>, anyProse: Bool) -> Bool {
        let all = context.paragraphs.all
        guard let prose = run.first(where: { all[$0].isProse && all[$0].role != .discard }) else { return false }
        return anyProse || all[prose..<run.upperBound].contains { $0.kind == .source }
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

    /// Paragraphs that open with a department from which a page of them is a digest.
    private static let fewestDepartments = 3

    /// A digest has two date headings with content under them, or two source lines with content above them, or starts
    /// with a date heading and closes with a source line, or most of its paragraphs open with a department and a colon,
    /// or is titled as one and has parts of numbered bulletins, or is a list of bulletins marked with ◆.
    private func isDigest() -> Bool {
        let all = context.paragraphs.all
        var dates = 0
        var signatures = 0
        var closings = 0
        // Headings part a page before names in brackets do.
        let isParted = all.count { $0.role == .heading && $0.kind == .body } >= 2
        var prose = 0
        var startsWithDate = false
        let startsWithTitle = all.indices.first { all[$0].kind != .boilerplate }.map(context.isDigestTitle) ?? false
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
                if !all[index].isProse, isPrecededByProse(index), context.bracketedSources(index) ?? context.signedSources(index) != nil {
                    closings += 1
                }
                if all[index].isProse {
                    prose += 1
                    if context.closingSources(index, isLabelled: isParted) != nil { closings += 1 }
                }
            case .bracketed:
                if isPrecededByProse(index), context.bracketedSources(index) != nil { closings += 1 }
            default: break
            }
        }
        if closings > 0 { dates += signatures }
        if dates >= 2 || closings >= 2 || dates == 1 && closings == 1 && startsWithDate { return true }
        if startsWithTitle && !context.categories().isEmpty || context.isListOfBulletins() { return true }
        if context.runInTitles(countsBold: false).count >= Self.fewestDepartments { return true }
        let departments = context.openingDepartments().count
        return departments >= Self.fewestDepartments && departments * 3 >= prose * 2
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
