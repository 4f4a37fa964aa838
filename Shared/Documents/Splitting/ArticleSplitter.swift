// One page, one item.
//
// The title is what the page says it is (front matter, `meta`), else its first heading, else the title-like lines it
// starts with, up to the first running text. Lines that state date and source are read and left out of the body, and so is
// boilerplate; both stay inside the item's range where text follows them, so that the item remains one range. A page that
// starts with running text has no title, and none is made up.
//
// An official document (公文, GB/T 9704-2012) has its title after the line of its number: 某某文件, 某发〔2023〕15号, title, addressee.
// The one heading of the first level counts more than `<title>`, which often names the column. A journal's article has its
// title after the line of its issue: 某某学报, 1997年 第23卷 第3期, title, author.

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
        var facts = Facts()
        let official = OfficialHead(context: context)
        let issue = IssueHead(context: context)
        let title = titleParagraphs(official, issue)
        let ending = ArticleEnding(context: context)
        let end = ending.end()
        for index in all.indices where !title.paragraphs.contains(index) {
            if index >= end {
                split.marks[index] = Split.Mark(.discard, ending.name(of: index))
                note(index, &facts)
            } else if isFrame(index, before: title.range == nil ? title.paragraphs.first : nil) {
                split.marks[index] = Split.Mark(.discard, "boilerplate")
            } else if all[index].kind == .source || all[index].kind == .label, isStatement(index) {
                split.marks[index] = Split.Mark(.discard, "metadata")
                note(index, &facts)
            } else {
                if isEdge(index) { facts.note(dateLine(index)) }
                body.append(index)
            }
        }
        guard var draft = Draft(title: title.paragraphs, body: body) else { return split }
        for index in title.paragraphs { note(index, &facts) }
        // What a page's frame states counts where its content states nothing.
        for index in all.indices where all[index].kind == .boilerplate { noteFrame(index, &facts) }
        draft.titleRange = title.range
        if let issue { facts.note(issue.published) }
        if facts.published == nil { facts.note(context.paragraphs.masthead?.published) }
        draft.published = facts.published
        draft.department = facts.department ?? signingDepartment(body) ?? official?.issuer
        draft.sources = facts.allSources.isEmpty ? outletOfHead(body) : facts.allSources
        if draft.sources.isEmpty, let last = body.last(where: { all[$0].isProse }) { draft.sources = context.closingSources(last) ?? [] }
        if draft.sources.isEmpty {
            draft.sources = (issue?.source ?? context.paragraphs.masthead?.source).map { [$0] } ?? address()
        }
        split.drafts = [draft]
        return split
    }

    private struct Facts {
        var published: Found<PartialDate>?
        var sources: [Found<String>] = []
        /// Accounts whose line stands under the title; the page's 来源 counts more.
        var accounts: [Found<String>] = []
        var department: Found<String>?

        /// Where the text is from, first where it was first.
        var allSources: [Found<String>] {
            guard !sources.isEmpty else { return accounts }
            let others = accounts.filter { account in !sources.contains { $0.value == account.value } }
            return sources + others.map { Found($0.value, Basis(rule: "repost", range: $0.basis.range, certainty: $0.basis.certainty)) }
        }

        /// Takes `date` where it is surer than what is known.
        mutating func note(_ date: Found<PartialDate>?) {
            if let own = published?.value, let other = date?.value, own.minuteOfDay == nil, other.minuteOfDay != nil, own.year == other.year,
                own.month == other.month, own.day == other.day
            {
                published = date
                return
            }
            guard let date, date.basis.certainty > published?.basis.certainty ?? 0 else { return }
            published = date
        }
    }

    private func isEdge(_ index: Int) -> Bool { index < Self.edge || all.count - index <= Self.edge }

    /// Boilerplate, and what a page of HTML has before its title.
    private func isFrame(_ index: Int, before title: Int?) -> Bool {
        if all[index].kind == .boilerplate { return true }
        guard context.reading.format == .html, let title, index < title else { return false }
        return !all[index].isProse && all[index].kind != .source && all[index].kind != .label
    }

    /// A label inside the text is text: `作者：` may introduce a quotation.
    private func isStatement(_ index: Int) -> Bool {
        let labels = context.paragraphs.labels[index] ?? []
        return isEdge(index) || labels.contains { $0.field == .source || $0.isPlain }
    }

    private func note(_ index: Int, _ facts: inout Facts) {
        let isAccount = context.paragraphs.labels[index]?.contains(where: \.isInferred) ?? false
        for source in context.sources(index) {
            if isAccount {
                facts.accounts.append(source)
            } else if !facts.sources.contains(where: { $0.value == source.value }) {
                facts.sources.append(source)
            }
        }
        facts.note(context.published(index))
        facts.department = facts.department ?? labelledDepartment(index)
    }

    private func noteFrame(_ index: Int, _ facts: inout Facts) {
        if facts.sources.isEmpty { facts.sources = context.sources(index, certainty: 0.7) }
        guard var date = context.published(index) else { return }
        if let own = facts.published?.value {
            // The content says the day, the frame the minute.
            let isSameDay = (own.year, own.month) == (date.value.year, date.value.month) && own.day == date.value.day
            if isSameDay, own.minuteOfDay == nil, date.value.minuteOfDay != nil { facts.published = date }
        } else {
            date.basis.certainty = 0.7
            facts.published = date
        }
    }

    private func dateLine(_ index: Int) -> Found<PartialDate>? {
        guard all[index].kind == .dateHeading, let date = context.paragraphs.dates[index], date.year != nil else {
            return nil
        }
        var dated = date
        if index + 1 < all.count, all[index + 1].characters <= Self.longestTime, let minute = Self.hongKongTime(context.scalars(index + 1).scalars) {
            dated.minuteOfDay = minute
        }
        return Found(dated, Basis(rule: "date-line", range: context.range(index), certainty: 0.8))
    }

    private static let longestTime = 14

    /// `香港時間20時30分`, which closes announcements of Hong Kong's government under their date.
    private static func hongKongTime(_ scalars: [UInt32]) -> Int? {
        guard scalars.count > 6, scalars[0] == 0x9999, scalars[1] == 0x6E2F, scalars[3] == 0x9593 || scalars[3] == 0x95F4 else { return nil }
        var cursor = 4
        guard let hour = Numerals.integer(scalars, &cursor, digits: 1...2), hour < 24, cursor < scalars.count,
            scalars[cursor] == 0x6642 || scalars[cursor] == 0x65F6
        else { return nil }
        cursor += 1
        guard let minute = Numerals.integer(scalars, &cursor, digits: 1...2), minute < 60 else { return hour * 60 }
        return hour * 60 + minute
    }

    // MARK: Title

    private func titleParagraphs(_ official: OfficialHead?, _ issue: IssueHead?) -> (paragraphs: [Int], range: Range<Int>?) {
        let metadata = context.reading.metadata.title
        let stated = metadata?.value
        if stated == nil, let title = official?.title ?? issue?.title { return (title, nil) }
        if let metadata, metadata.basis.rule == "title-element", let heading = onlyHeading(unlike: metadata.value) {
            return ([heading], nil)
        }
        for index in all.indices where stated == nil {
            if let label = context.paragraphs.labels[index]?.first(where: { $0.field == .title && !$0.value.isEmpty }) {
                let text = String(decoding: context.reading.text[label.value], as: UTF8.self)
                let first = all.firstIndex { $0.kind == .body || $0.kind == .departmentHeading } ?? index
                return ([index] + repeated(text, from: first), label.value)
            }
        }
        let first = all.firstIndex { $0.kind != .boilerplate && $0.kind != .label && $0.kind != .source }
        guard let first else { return ([], nil) }
        if let stated {
            let lines = repeated(stated, from: first)
            guard lines.isEmpty, metadata?.basis.rule == "title-element" else { return (lines, nil) }
            for title in Self.withoutSiteName(stated) {
                let lines = repeated(title, from: first)
                if !lines.isEmpty { return (lines, nil) }
            }
            return ([], nil)
        }
        if let heading = all.indices.first(where: { all[$0].role == .heading && all[$0].kind == .body }),
            heading <= first + 6
        {
            return ([heading], nil)
        }
        return (openingLines(from: first), nil)
    }

    private static let siteMarks: Set<Character> = ["-", "—", "_", "|", "｜", "–", "－", "·"]
    /// Parts of a title that are tried without what follows them.
    private static let mostCuts = 4

    /// What stands before the marks that part a title from the name of a site, longest first.
    private static func withoutSiteName(_ title: String) -> [String] {
        title.indices.filter { siteMarks.contains(title[$0]) }.suffix(mostCuts).reversed().map { String(title[..<$0]) }
            .filter { $0.count >= shortestHeading }
    }

    /// Characters that a heading has at least to be a title by itself.
    private static let shortestHeading = 6

    /// The only heading of the first level before the running text, where it says something else than `stated`.
    private func onlyHeading(unlike stated: String) -> Int? {
        let headings = all.indices.filter { all[$0].role == .heading && all[$0].level == 1 && all[$0].kind == .body }
        guard headings.count == 1, let heading = headings.first, all[heading].characters >= Self.shortestHeading,
            !all[..<heading].contains(where: \.isProse)
        else { return nil }
        let text = ParagraphText.compact(context.scalars(heading).scalars)
        return text == ParagraphText.compact(stated.unicodeScalars.map(\.value)) ? nil : heading
    }

    /// The title-like lines that running text follows.
    private func openingLines(from first: Int) -> [Int] {
        guard all[first].isTitleLike, all[first].role == .text, !all[first].isIndented, all[first].numbering == .none
        else { return [] }
        var title = [first]
        while let last = title.last, last + 1 < all.count, title.count < Self.mostTitleLines {
            let next = all[last + 1]
            let isPart =
                next.isTitleLike && next.role == .text && next.numbering == .none && !isSerialNumber(last + 1) && !startsWithDate(last + 1)
            guard isPart, next.blankLinesBefore <= 1, !namesIssuers(last + 1) else { break }
            title.append(last + 1)
        }
        // Lines without running text after them are no title but a list.
        let hasText = all[((title.last ?? first) + 1)...].contains { $0.isProse || $0.kind == .label }
        return hasText ? title : []
    }

    /// The lines in which the page repeats the title it stated elsewhere.
    private func repeated(_ title: String, from first: Int) -> [Int] {
        let wanted = ParagraphText.compact(title.unicodeScalars.map(\.value))
        let candidates = all.indices[first...].filter { all[$0].kind != .boilerplate }.prefix(Self.edge)
        for index in candidates {
            var text: [UInt32] = []
            for end in index..<min(index + Self.mostTitleLines, all.count) {
                guard all[end].kind == .body || all[end].role == .heading || all[end].kind == .departmentHeading else {
                    break
                }
                text += ParagraphText.compact(context.scalars(end).scalars)
                if text == wanted { return Array(index...end) }
                if text.isEmpty || !wanted.starts(with: text) { break }
            }
        }
        return []
    }

    /// 某市统计局　国家统计局某市调查队: bodies side by side under a title.
    private func namesIssuers(_ index: Int) -> Bool {
        let scalars = context.scalars(index).scalars
        guard let space = scalars.firstIndex(where: { CharacterClass.of($0).contains(.space) }) else { return false }
        return OrganReader(dictionaries: context.dictionaries).hasOrganForm(scalars[..<space])
    }

    /// 2022-05-18 17:30 到达: an entry of a log.
    private func startsWithDate(_ index: Int) -> Bool {
        let scalars = context.scalars(index, prefix: 16)
        return !scalars.isEmpty && Numerals.digit(scalars[0]) != nil && DateReader.read(scalars, at: 0)?.date.day != nil
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

    /// The host of the address that stands on a line of its own at the start of a text.
    private func address() -> [Found<String>] {
        for index in all.indices.prefix(Self.edge) where all[index].kind == .boilerplate {
            let text = context.scalars(index)
            guard text.scalars.starts(with: Self.scheme) else { continue }
            return context.names(text, 0..<text.count, rule: "address", certainty: 0.6)
        }
        return []
    }

    private static let scheme = "http".unicodeScalars.map(\.value)

    private func outletOfHead(_ body: [Int]) -> [Found<String>] {
        for index in body.prefix(Self.edge) where all[index].kind == .storyHead || all[index].kind == .byline {
            let found = context.outlet(ofHead: index)
            if !found.isEmpty { return found }
        }
        return []
    }
}
