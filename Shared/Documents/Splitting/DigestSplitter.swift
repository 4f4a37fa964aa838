// Digests: groups of items under dates, closed by source lines, sometimes under departments.
//
//     digest     = preamble *( department / dated ) closing
//     dated      = date *( 1*item [ source ] )
//     item       = title *paragraph
//                / department ":" text *paragraph                    市商务委：……, where half of the running text opens so
//
// A source line serves all items since the last source line or date. Which paragraphs are titles is decided by
// `TitleRule`. What stands before the first date or department is the preamble, what stands after the last source and
// has no running text is the closing; neither is an item.

import Messages

/// Splits a digest.
struct DigestSplitter {
    let context: SplitContext

    /// The paragraphs from a date, department or source line to the next one, and what governs them.
    struct Group {
        var paragraphs: [Int] = []
        var date: Found<PartialDate>?
        /// The date heading's number in the document; groups under one date share it.
        var dateNumber = 0
        var department: Found<String>?
        var sources: [Found<String>] = []
    }

    func split() -> Split {
        var split = Split()
        var groups = collectGroups(&split)
        if let date = context.pageDate() {
            for index in groups.indices where groups[index].dateNumber == 0 && groups[index].date == nil { groups[index].date = date }
        }
        if let dates = datesOfGroups(&groups, &split) { YearInference.fill(&groups, dates, context) }
        DepartmentInference.fill(&groups)
        for (index, group) in groups.enumerated() {
            append(group, isLast: index == groups.count - 1, to: &split)
        }
        return split
    }

    // MARK: Groups

    private func collectGroups(_ split: inout Split) -> [Group] {
        let all = context.paragraphs.all
        let firstHeading = all.firstIndex { $0.kind == .dateHeading || isDepartment($0) } ?? 0
        let hasDates = all.contains { $0.kind == .dateHeading }
        let start = hasDates ? preambleEnd(before: firstHeading) : titleEnd()
        let categories = context.categories()
        for index in 0..<start { split.marks[index] = preambleMark(all[index]) }
        var groups: [Group] = []
        var current = Group()
        // The department of the last heading; one that opens a paragraph holds up to the next one.
        var heading: Found<String>?
        let openings = context.openingDepartments()
        func close() {
            if !current.paragraphs.isEmpty { groups.append(current) }
            current.paragraphs = []
            current.sources = []
            current.department = heading
            if current.dateNumber == 0 { current.date = nil }
        }
        for index in start..<all.count {
            switch all[index].kind {
            case .dateHeading:
                close()
                current.date = context.paragraphs.dates[index].map {
                    Found($0, Basis(rule: "date-heading", range: context.range(index), certainty: 1))
                }
                current.dateNumber += 1
                split.marks[index] = Split.Mark(.heading, "date-heading")
            case .departmentHeading where isDepartment(at: index):
                close()
                let name = String(scalars: ParagraphReader.undecorated(context.scalars(index).scalars))
                heading = Found(name, Basis(rule: "heading", range: context.range(index), certainty: 1))
                current.department = heading
                current.date = nil
                current.dateNumber += 1
                split.marks[index] = Split.Mark(.heading, "department-heading")
            case .source:
                current.sources = context.sources(index)
                if current.date == nil { current.date = context.published(index) }
                split.marks[index] = Split.Mark(.heading, "source-line")
                close()
            case .label where !isText(index, after: current.paragraphs):
                split.marks[index] = Split.Mark(.discard, "metadata")
            case .boilerplate:
                split.marks[index] = Split.Mark(.discard, "boilerplate")
            default:
                if categories.contains(index) {
                    close()
                    split.marks[index] = Split.Mark(.heading, "section-label")
                    continue
                }
                if !current.paragraphs.isEmpty, let sources = context.bracketedSources(index) {
                    current.sources = sources
                    split.marks[index] = Split.Mark(.heading, "source-line")
                    close()
                    continue
                }
                if let department = openings[index] {
                    close()
                    current.department = department
                }
                current.paragraphs.append(index)
                if let sources = context.closingSources(index) {
                    current.sources = sources
                    close()
                }
            }
        }
        close()
        return groups
    }

    /// A label between two paragraphs of running text of one group is text.
    private func isText(_ index: Int, after group: [Int]) -> Bool {
        let all = context.paragraphs.all
        guard let last = group.last, all[last].isProse, index + 1 < all.count, all[index + 1].isProse else {
            return false
        }
        return !context.isStatement(index, text: last..<(index + 2))
    }

    private func isDepartment(_ paragraph: Paragraph) -> Bool { paragraph.kind == .departmentHeading }

    /// A name of a body is a heading where content follows it, not a signature before a date at the end.
    private func isDepartment(at index: Int) -> Bool {
        let next = context.paragraphs.all[(index + 1)...].first { $0.kind != .boilerplate }
        return next != nil
    }

    /// Headings of the first date's own group may stand before it; everything else before it is preamble.
    private func preambleEnd(before heading: Int) -> Int { heading }

    /// Where the content of a digest without dates starts: after its title.
    private func titleEnd() -> Int {
        let all = context.paragraphs.all
        guard let first = all.indices.first(where: { all[$0].kind != .boilerplate && all[$0].kind != .label }),
            first + 1 < all.count, context.isDigestTitle(first), !all[first + 1].isProse || all[first + 1].numbering != .none
        else { return 0 }
        return first + 1
    }

    private func preambleMark(_ paragraph: Paragraph) -> Split.Mark {
        paragraph.kind == .boilerplate ? Split.Mark(.discard, "boilerplate") : Split.Mark(.discard, "preamble")
    }

    /// Where each date heading's group starts; nil where the digest has no dates.
    private func datesOfGroups(_ groups: inout [Group], _ split: inout Split) -> [Int]? {
        let dated = groups.indices.filter { groups[$0].date != nil }
        if dated.isEmpty { split.warnings.append("no-date") }
        return dated.isEmpty ? nil : dated
    }

    // MARK: Items

    private func append(_ group: Group, isLast: Bool, to split: inout Split) {
        let all = context.paragraphs.all
        let hasProse = group.paragraphs.contains { all[$0].isProse }
        if isLast, group.sources.isEmpty, !hasProse {
            for index in group.paragraphs { split.marks[index] = Split.Mark(.discard, "closing") }
            return
        }
        let parts = TitleRule(context: context).items(of: group.paragraphs, split: &split)
        for (title, body) in parts {
            guard var draft = Draft(title: title, body: body) else { continue }
            draft.titleRange = withoutNumber(title)
            draft.published = group.date
            draft.department = group.department
            draft.sources = parts.count == 1 ? group.sources : group.sources.map(shared)
            if draft.sources.isEmpty, let first = body.first, let source = context.openingSource(first) { draft.sources = [source] }
            split.drafts.append(draft)
        }
    }

    /// The title without the number or mark in front, which counts items and is no part of the title.
    private func withoutNumber(_ title: [Int]) -> Range<Int>? {
        guard title.count == 1, let index = title.first else { return nil }
        let paragraph = context.paragraphs.all[index]
        guard paragraph.numbering != .none || paragraph.role == .listItem else { return nil }
        let text = context.scalars(index)
        let length =
            paragraph.numbering == .none
            ? text.count - ParagraphReader.undecorated(text.scalars).count : ParagraphReader.numberingLength(text.scalars)
        return length > 0 ? text.textRange(length..<text.count) : nil
    }

    /// A source of several items says of each less surely that it is its own.
    private func shared(_ source: Found<String>) -> Found<String> {
        var result = source
        result.basis.rule = "shared-" + source.basis.rule
        result.basis.certainty = min(source.basis.certainty, 0.6)
        return result
    }
}
