// Which paragraphs of a group are titles.
//
// A group is what stands between a date or source line and the next one. A paragraph is a title where it looks like one
// (short, no sentence, no list item) and
//   (1) it is the first of the group, or
//   (2) running text or a list follows it, or
//   (3) it names a document (《…》, …的通知), because such titles stand alone when only they were published.
// If the group's first title is a heading by its markup, only headings of that level or higher are titles. A numbered
// line is a title only where the first one is numbered likewise. Two titles in a row are one title of two lines, unless
// the first names a document and a blank line parts them; then it is an item without a body.

import Messages

/// Finds the titles of a group.
struct TitleRule {
    let context: SplitContext

    private var all: [Paragraph] { context.paragraphs.all }

    /// Items of a group, as title and body paragraphs. Labels of parts of the page (【国际】) are marked as headings.
    func items(of group: [Int], split: inout Split) -> [(title: [Int], body: [Int])] {
        let content = withoutSectionLabels(group, split: &split)
        guard let first = content.first else { return [] }
        let areMarked = isMarkedTitle(content, 0)
        if !isTitle(first), !areMarked, let items = listItems(content) { return items }
        var items: [(title: [Int], body: [Int])] = []
        var titleLevel: UInt8?
        var titleNumbering = Paragraph.Numbering.none
        for (position, index) in content.enumerated() {
            let isFirst = items.isEmpty
            let isTitle =
                isFirst
                ? areMarked || self.isTitle(index) || isAnnouncement(content)
                : areMarked ? isMarkedTitle(content, position)
                : isLaterTitle(content, position, level: titleLevel, numbering: titleNumbering)
            if isFirst {
                items.append(isTitle ? ([index], []) : ([], [index]))
                titleLevel = isTitle && all[index].role == .heading ? all[index].level : nil
                titleNumbering = isTitle ? all[index].numbering : .none
            } else if !isTitle {
                items[items.count - 1].body.append(index)
            } else if items[items.count - 1].body.isEmpty, isSecondLine(index, of: items[items.count - 1].title) {
                items[items.count - 1].title.append(index)
            } else {
                items.append(([index], []))
            }
        }
        return items
    }

    /// Characters up to which a line inside a group may be a title; the first of a group may be longer.
    private static let longestLater = 60
    /// Characters up to which the first line of a group may end with a colon and still be its title.
    private static let longestAnnouncement = 40

    /// The first line of a group may announce what follows: 上海最新通告：
    private func isAnnouncement(_ content: [Int]) -> Bool {
        let first = all[content[0]]
        let isShort = first.kind == .body && first.role == .text && first.characters <= Self.longestAnnouncement
        return isShort && first.endsWithColon && content.count > 1
    }

    /// Whether an entry of a list is a title: ◆ and a short line that is no sentence, over running text that is none of the list.
    private func isMarkedTitle(_ content: [Int], _ position: Int) -> Bool {
        let index = content[position]
        let paragraph = all[index]
        guard paragraph.role == .listItem, paragraph.kind == .body, paragraph.numbering == .none,
            paragraph.characters <= Self.longestLater, !paragraph.endsSentence, !paragraph.endsWithColon,
            position + 1 < content.count
        else { return false }
        let last = context.scalars(index).scalars.last ?? 0
        guard !CharacterClass.of(last).contains(.clauseMark), !CharacterClass.of(last).contains(.sentenceEnd) else { return false }
        let next = all[content[position + 1]]
        return next.role == .text && next.isProse
    }

    private func isTitle(_ index: Int) -> Bool { all[index].isTitleLike || all[index].kind == .departmentHeading }

    private func isLaterTitle(
        _ content: [Int], _ position: Int, level: UInt8?, numbering: Paragraph.Numbering
    ) -> Bool {
        let index = content[position]
        let paragraph = all[index]
        guard paragraph.isTitleLike, paragraph.numbering == numbering, paragraph.characters <= Self.longestLater
        else { return false }
        if let level { guard paragraph.role == .heading, paragraph.level <= level else { return false } }
        if namesDocument(index) { return true }
        guard position + 1 < content.count else { return false }
        let next = all[content[position + 1]]
        return next.isProse || next.role == .listItem || next.isTitleLike || next.kind == .storyHead
    }

    private func isSecondLine(_ index: Int, of title: [Int]) -> Bool {
        guard let last = title.last, title.count < 3 else { return false }
        let isAdjacent = all[index].blankLinesBefore == 0
        return isAdjacent && context.reading.format != .html || !namesDocument(last)
    }

    /// Whether a title is the name of a document.
    private func namesDocument(_ index: Int) -> Bool {
        let scalars = context.scalars(index).scalars
        if scalars.contains(0x300A), scalars.contains(0x300B) { return true }
        let kinds = [
            "通知", "意见", "办法", "公告", "通告", "方案", "规定", "决定", "细则", "规划", "指南", "问答", "批复", "条例", "公报", "函",
        ]
        return kinds.contains { scalars[...].ends(with: $0.unicodeScalars.map(\.value)) }
    }

    /// A group without a title whose list items are running text: each of them is an item.
    private func listItems(_ content: [Int]) -> [(title: [Int], body: [Int])]? {
        let lists = content.filter { all[$0].role == .listItem }
        let prose = lists.filter { all[$0].characters >= 30 }
        guard let first = content.first, all[first].role == .listItem, prose.count * 2 >= lists.count else {
            return nil
        }
        var items: [(title: [Int], body: [Int])] = []
        for index in content {
            if all[index].role == .listItem, all[index].level == all[first].level || items.isEmpty {
                items.append(([], [index]))
            } else {
                items[items.count - 1].body.append(index)
            }
        }
        return items
    }

    /// A heading right over one of a lower level is that of a part of the page.
    private func isOverHeading(_ group: [Int], _ position: Int) -> Bool {
        guard position + 1 < group.count else { return false }
        let (heading, next) = (all[group[position]], all[group[position + 1]])
        return heading.role == .heading && next.role == .heading && next.level > heading.level && heading.kind == .body
    }

    /// Takes out 【武汉】-like lines that stand before a list or a title.
    private func withoutSectionLabels(_ group: [Int], split: inout Split) -> [Int] {
        var content: [Int] = []
        for (position, index) in group.enumerated() {
            let isLabel = all[index].kind == .bracketed && all[index].characters <= 14 && position + 1 < group.count
            // Only at the edge of an item, so that every item stays one range.
            let isAtEdge = content.isEmpty
            if (isLabel || isOverHeading(group, position)), isAtEdge {
                split.marks[index] = Split.Mark(.heading, "section-label")
            } else {
                content.append(index)
            }
        }
        return content
    }
}
