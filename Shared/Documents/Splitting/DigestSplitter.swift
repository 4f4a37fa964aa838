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
        if let date = context.pageDate() ?? labelledDate() {
            for index in groups.indices where groups[index].dateNumber == 0 && groups[index].date == nil { groups[index].date = date }
        }
        if let dates = datesOfGroups(&groups, &split) { YearInference.fill(&groups, dates, context) }
        DepartmentInference.fill(&groups)
        let runIns = context.runInTitles(countsBold: true)
        for (index, group) in groups.enumerated() {
            append(group, isLast: index == groups.count - 1, runIns: runIns, to: &split)
        }
        return split
    }

    /// The date of a label that stands before all running text: 编发：某局办公室 2023年6月5日.
    private func labelledDate() -> Found<PartialDate>? {
        let all = context.paragraphs.all
        let first = all.firstIndex(where: \.isProse) ?? all.count
        return all[..<first].indices.lazy.filter { all[$0].kind == .label }.compactMap { context.published($0) }.first
    }

    // MARK: Groups

    private func collectGroups(_ split: inout Split) -> [Group] {
        let all = context.paragraphs.all
        let firstHeading = all.firstIndex { $0.kind == .dateHeading || isDepartment($0) } ?? 0
        let hasDates = all.contains { $0.kind == .dateHeading }
        let start = hasDates ? (sectionStart(before: firstHeading) ?? firstHeading) : titleEnd()
        let categories = context.categories()
        for index in 0..<start { split.marks[index] = preambleMark(all[index]) }
        let datesHeadTitles = datesHeadTitles()
        var groups: [Group] = []
        var current = Group()
        // The department of the last heading; one that opens a paragraph holds up to the next one.
        var heading: Found<String>?
        let openings = context.openingDepartments()
        let runIns = context.runInTitles(countsBold: true)
        let isStyle = all.indices.lazy.filter { all[$0].isProse && context.closing($0) != nil }.prefix(2).count == 2
        func close() {
            if let first = current.paragraphs.first, current.date == nil, all[first].isTitleLike {
                current.date = context.titleDate([first])?.published
            }
            if !current.paragraphs.isEmpty { groups.append(current) }
            current.paragraphs = []
            current.sources = []
            current.department = heading
            if current.dateNumber == 0 { current.date = nil }
        }
        for index in start..<all.count {
            if datesHeadTitles, current.paragraphs.isEmpty, isSection(index), let department = sectionDepartment(index) {
                close()
                heading = department
                current.department = heading
                current.date = nil
                current.dateNumber += 1
                split.marks[index] = Split.Mark(.heading, "department-heading")
                continue
            }
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
                if !current.paragraphs.isEmpty, let sources = context.bracketedSources(index) ?? context.signedSources(index) {
                    current.sources = sources
                    split.marks[index] = Split.Mark(.heading, "source-line")
                    close()
                    continue
                }
                if let department = openings[index] {
                    close()
                    current.department = department
                }
                if runIns[index] != nil { close() }
                current.paragraphs.append(index)
                if let closing = context.closing(index, isStyle: isStyle) {
                    current.sources = closing.sources
                    if current.date == nil { current.date = closing.published }
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

    /// Characters up to which a line between a source line and a date may head a part of the page.
    private static let longestSection = 24

    /// Whether the page's titles stand under its dates, so that no title stands over one.
    private func datesHeadTitles() -> Bool {
        let all = context.paragraphs.all
        let dates = all.indices.dropLast().filter { all[$0].kind == .dateHeading }
        let titled = dates.count { all[$0 + 1].isTitleLike || all[$0 + 1].kind == .bracketed }
        return titled >= 2 && titled * 2 > dates.count
    }

    /// Where the line stands that heads the first part, right before the first date; everything else before it is preamble.
    private func sectionStart(before heading: Int) -> Int? {
        guard heading > 0, context.paragraphs.all[heading].kind == .dateHeading, datesHeadTitles(), isSection(heading - 1),
            sectionDepartment(heading - 1) != nil
        else { return nil }
        return heading - 1
    }

    /// Whether a short line right before a date heads a part of the page: its titles stand under the dates.
    private func isSection(_ index: Int) -> Bool {
        let all = context.paragraphs.all
        guard index + 1 < all.count, all[index + 1].kind == .dateHeading, all[index].characters <= Self.longestSection, !all[index].isProse
        else { return false }
        // A title alone under its date.
        if let before = all[..<index].last(where: { $0.kind != .boilerplate }), before.kind == .dateHeading { return false }
        switch all[index].kind {
        case .body, .bracketed: return true
        case .label: return context.paragraphs.labels[index]?.allSatisfy { $0.field == .department } ?? false
        default: return false
        }
    }

    private static let lead = ["单位", "部门", "來自", "来自"].map { $0.unicodeScalars.map(\.value) }
    private static let tails = ["的消息", "消息", "发布", "动态"].map { $0.unicodeScalars.map(\.value) }

    /// The body or district that a line heading a part of the page names, also with words around: 部门：市公安局, 第一部分 市公安局,
    /// 来自市公安局的消息, 上海警方; nil where it names none.
    private func sectionDepartment(_ index: Int) -> Found<String>? {
        let scalars = context.scalars(index).scalars
        var name = ParagraphReader.undecorated(scalars)
        if name.first == 0x7B2C, let space = name.firstIndex(where: { CharacterClass.of($0).contains(.space) }) { name = name[(space + 1)...] }  // 第
        if let lead = Self.lead.first(where: { name.starts(with: $0) }), name.count > lead.count + 2 { name = name.dropFirst(lead.count) }
        while let first = name.first, !CharacterClass.of(first).contains(.ideograph) { name = name.dropFirst() }
        while let last = name.last, !CharacterClass.of(last).contains(.ideograph), last != 0xFF09 { name = name.dropLast() }
        let organs = OrganReader(dictionaries: context.dictionaries)
        for tail in Self.tails where name.ends(with: tail) && organs.isOrgan(name.dropLast(tail.count)) { name = name.dropLast(tail.count) }
        let isDistrict = context.dictionaries.districts.canonical(of: Array(name)) != nil
        let isAccount = (3...6).contains(name.count) && name.allSatisfy({ CharacterClass.of($0).contains(.ideograph) }) && startsWithPlace(name)
        guard isDistrict || isAccount || organs.isOrgan(name) else { return nil }
        return Found(String(scalars: name), Basis(rule: "heading", range: context.range(index), certainty: 0.9))
    }

    private func startsWithPlace(_ name: ArraySlice<UInt32>) -> Bool {
        let text = Array(name)
        return DefaultPlaces.table.matchLength(text, at: 0, before: text.count) > 0
    }

    /// Where the content of a digest without dates starts: after its title.
    private func titleEnd() -> Int {
        let all = context.paragraphs.all
        guard let first = all.indices.first(where: { all[$0].kind != .boilerplate && all[$0].kind != .label }),
            first + 1 < all.count, context.isDigestTitle(first),
            !all[first + 1].isProse || all[first + 1].numbering != .none || context.runInTitles(countsBold: true)[first + 1] != nil
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

    private func append(_ group: Group, isLast: Bool, runIns: [Int: Range<Int>], to split: inout Split) {
        let all = context.paragraphs.all
        let hasProse = group.paragraphs.contains { all[$0].isProse }
        if isLast, group.sources.isEmpty, !hasProse || isClosingWord(group, after: split) {
            for index in group.paragraphs { split.marks[index] = Split.Mark(.discard, "closing") }
            return
        }
        let parts = TitleRule(context: context).items(of: group.paragraphs, split: &split)
        for (title, body) in parts {
            guard var draft = Draft(title: title, body: body) else { continue }
            draft.titleRange = withoutNumber(title)
            draft.published = group.date
            if title.isEmpty, let first = body.first { draft.titleRange = runIns[first] }
            if let own = context.titleDate(title), group.date?.basis.rule == "title-date" || group.date == nil {
                if own.published.value.year != nil || draft.published == nil { draft.published = own.published }
                draft.titleRange = withoutDate(title, draft.titleRange, own.start)
            }
            draft.department = group.department
            draft.sources = parts.count == 1 ? group.sources : group.sources.map(shared)
            if draft.sources.isEmpty, let first = body.first, let source = context.openingSource(first) { draft.sources = [source] }
            split.drafts.append(draft)
        }
    }

    private static let longestClosingWord = 80
    private static let fewestBeforeClosingWord = 3

    /// A sentence without a title after the last source of a digest whose every item has one: 让我们同心协力。
    private func isClosingWord(_ group: Group, after split: Split) -> Bool {
        guard group.paragraphs.count == 1, let index = group.paragraphs.first else { return false }
        let paragraph = context.paragraphs.all[index]
        return paragraph.isProse && paragraph.role == .text && paragraph.characters <= Self.longestClosingWord
            && split.drafts.count >= Self.fewestBeforeClosingWord && split.drafts.allSatisfy { !$0.sources.isEmpty && !$0.title.isEmpty }
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

    /// The title up to the day in brackets that ends it, which says something about the item.
    private func withoutDate(_ title: [Int], _ range: Range<Int>?, _ start: Int) -> Range<Int>? {
        guard title.count == 1, let index = title.first, let line = context.paragraphs.all[index].lines.first else { return range }
        let lower = range?.lowerBound ?? context.reading.lines[line].text.lowerBound
        return lower < start ? lower..<start : range
    }

    /// A source of several items says of each less surely that it is its own.
    private func shared(_ source: Found<String>) -> Found<String> {
        var result = source
        result.basis.rule = "shared-" + source.basis.rule
        result.basis.certainty = min(source.basis.certainty, 0.6)
        return result
    }
}
