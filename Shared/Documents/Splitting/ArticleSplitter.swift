// One page, one item.
//
// The title is what the page says it is (front matter, `meta`), else its first heading, else the title-like lines it
// starts with, up to the first running text. Lines that state date and source are read and left out of the body, and so is
// boilerplate; both stay inside the item's range where text follows them, so that the item remains one range. A page that
// starts with running text has no title, and none is made up.

import Messages

/// Makes the one item of an article.
struct ArticleSplitter {
    let context: SplitContext

    private var all: [Paragraph] { context.paragraphs.all }

    /// Lines of a title that is spread over several.
    private static let mostTitleLines = 4
    /// How many paragraphs at either end may state date and source.
    private static let edge = 12

    func split() -> Split {
        var split = Split()
        var body: [Int] = []
        var published: Found<PartialDate>?
        var sources: [Found<String>] = []
        var department: Found<String>?
        let title = titleParagraphs()
        for index in all.indices where !title.contains(index) {
            let isEdge = index < Self.edge || all.count - index <= Self.edge
            switch all[index].kind {
            case .boilerplate: split.marks[index] = Split.Mark(.discard, "boilerplate")
            case .source, .label:
                guard isEdge || context.paragraphs.labels[index]?.contains(where: { $0.field != .published }) == true else {
                    body.append(index)
                    continue
                }
                split.marks[index] = Split.Mark(.discard, "metadata")
                sources += context.sources(index)
                published = published ?? context.published(index)
                department = department ?? labelledDepartment(index)
            case .dateHeading where isEdge && published == nil && context.paragraphs.dates[index]?.year != nil:
                published = context.paragraphs.dates[index].map {
                    Found($0, Basis(rule: "date-line", range: context.range(index), certainty: 0.8))
                }
                body.append(index)
            default: body.append(index)
            }
        }
        guard var draft = Draft(title: title, body: body) else { return split }
        draft.published = published
        draft.department = department ?? signingDepartment(body)
        draft.sources = sources
        if sources.isEmpty { draft.sources = outletOfHead(body) }
        split.drafts = [draft]
        return split
    }

    // MARK: Title

    private func titleParagraphs() -> [Int] {
        let stated = context.reading.metadata.title?.value
        if let labelled = all.indices.first(where: { context.paragraphs.labels[$0]?.contains { $0.field == .title } == true }) {
            return stated == nil ? [labelled] : []
        }
        let first = all.firstIndex { $0.kind != .boilerplate && $0.kind != .label && $0.kind != .source }
        guard let first else { return [] }
        if let stated { return repeated(stated, from: first) }
        if let heading = all.indices.first(where: { all[$0].role == .heading && all[$0].kind == .body }), heading <= first + 6 {
            return [heading]
        }
        guard all[first].isTitleLike, all[first].role == .text, !all[first].isIndented, all[first].numbering == .none
        else { return [] }
        var title = [first]
        while let last = title.last, last + 1 < all.count, title.count < Self.mostTitleLines {
            let next = all[last + 1]
            let isPart = next.isTitleLike && next.role == .text && next.numbering == .none && !isSerialNumber(last + 1)
            guard isPart, next.blankLinesBefore <= 1 else { break }
            title.append(last + 1)
        }
        // Lines without running text after them are no title but a list.
        let hasText = all[((title.last ?? first) + 1)...].contains { $0.isProse || $0.kind == .label }
        return hasText ? title : []
    }

    /// The lines in which the page repeats the title it stated elsewhere.
    private func repeated(_ title: String, from first: Int) -> [Int] {
        let wanted = ParagraphText.compact(title.unicodeScalars.map(\.value))
        for index in first..<min(first + Self.edge, all.count) {
            guard all[index].kind == .body || all[index].role == .heading else { continue }
            let text = ParagraphText.compact(context.scalars(index).scalars)
            if text == wanted { return [index] }
            if index + 1 < all.count, !text.isEmpty, wanted.starts(with: text) {
                let both = text + ParagraphText.compact(context.scalars(index + 1).scalars)
                if both == wanted { return [index, index + 1] }
            }
        }
        return []
    }

    /// 国发〔2018〕44号
    private func isSerialNumber(_ index: Int) -> Bool {
        let scalars = context.scalars(index).scalars
        return scalars.contains(0x3014) && scalars.last == 0x53F7
    }

    // MARK: Who and whence

    private func labelledDepartment(_ index: Int) -> Found<String>? {
        for label in context.paragraphs.labels[index] ?? [] where label.field == .department && !label.value.isEmpty {
            let name = String(decoding: context.reading.text[label.value], as: UTF8.self)
            return Found(name, Basis(rule: "label", range: context.reading.original(label.value), certainty: 0.95))
        }
        return nil
    }

    /// The body that signs at the end: its name on a line of its own before the date.
    private func signingDepartment(_ body: [Int]) -> Found<String>? {
        for (position, index) in body.enumerated().suffix(8) where all[index].kind == .departmentHeading {
            guard position + 1 < body.count, all[body[position + 1]].kind == .dateHeading else { continue }
            let name = String(scalars: ParagraphReader.undecorated(context.scalars(index).scalars))
            return Found(name, Basis(rule: "signature", range: context.range(index), certainty: 0.9))
        }
        return nil
    }

    private func outletOfHead(_ body: [Int]) -> [Found<String>] {
        for index in body.prefix(Self.edge) where all[index].kind == .storyHead || all[index].kind == .byline {
            let text = context.scalars(index)
            guard
                let match = StoryHead.match(text.scalars, length: text.count, dictionaries: context.dictionaries),
                !match.outlet.isEmpty
            else { continue }
            return context.names(text, match.outlet, rule: "story-head", certainty: 0.7)
        }
        return []
    }
}

/// Comparing texts without their spaces and marks.
enum ParagraphText {
    /// Only the ideographs, letters and digits of `scalars`.
    static func compact(_ scalars: [UInt32]) -> [UInt32] {
        scalars.filter { scalar in
            let kind = CharacterClass.of(scalar)
            return kind.contains(.ideograph) || kind.contains(.letter) || kind.contains(.digit)
        }
    }
}
