// Tables of bulletins: every row is an item.
//
// A table is one where its header says so: it names a title and at least one other field (标题, 摘要, 来源, 时间). The reader
// has told the columns already; here a row's cells become an item's title, body, source and date. A time of day without
// a date belongs to the page's date. Where the titles start with a number that is no part of them (a score, a rank), as
// most of a table's do, it is left out.

import Messages

/// Splits tables of bulletins.
struct TableSplitter {
    let context: SplitContext

    /// Rows from which a table parts a page.
    private static let fewestRows = 3
    /// Digits of a score or rank before a title.
    private static let mostScoreDigits = 3

    private var all: [Paragraph] { context.paragraphs.all }

    /// The items; nil where the page has no table of bulletins.
    func split() -> Split? {
        let rows = findRows()
        guard rows.count >= Self.fewestRows else { return nil }
        var split = Split()
        let date = pageDate()
        let hasScores = rows.count { scoreLength($0) > 0 } * 5 >= rows.count * 4
        for row in rows { append(row, date: date, hasScore: hasScores, to: &split) }
        var drafts = split.drafts[...]
        for index in all.indices {
            while let draft = drafts.first, draft.span.upperBound <= index { drafts.removeFirst() }
            if drafts.first?.span.contains(index) == true { continue }
            split.marks[index] = mark(index)
        }
        if date == nil { split.warnings.append("no-date") }
        return split
    }

    private func mark(_ index: Int) -> Split.Mark {
        if all[index].kind == .boilerplate { return Split.Mark(.discard, "boilerplate") }
        return all[index].role == .heading ? Split.Mark(.heading, "section-heading") : Split.Mark(.discard, "preamble")
    }

    private func line(_ index: Int) -> Line { context.reading.lines[all[index].lines.lowerBound] }

    /// The paragraphs of each row that has a title.
    private func findRows() -> [Range<Int>] {
        var rows: [Range<Int>] = []
        var start = 0
        while start < all.count {
            let number = line(start).row
            var end = start + 1
            while end < all.count, line(end).row == number { end += 1 }
            if number > 0, (start..<end).contains(where: { line($0).column == .title }) { rows.append(start..<end) }
            start = end
        }
        return rows
    }

    private func title(of row: Range<Int>) -> Int? {
        row.filter { line($0).column == .title }.max { line($0).text.count < line($1).text.count }
    }

    /// How many characters a number and the space after it take before a row's title; 0 where there is none.
    private func scoreLength(_ row: Range<Int>) -> Int {
        guard let title = title(of: row) else { return 0 }
        let scalars = context.scalars(title, prefix: Self.mostScoreDigits + 2)
        var cursor = 0
        while cursor < scalars.count, Numerals.digit(scalars[cursor]) != nil { cursor += 1 }
        let isScore = (1...Self.mostScoreDigits).contains(cursor) && cursor + 1 < scalars.count
        return isScore && CharacterClass.of(scalars[cursor]).contains(.space) ? cursor + 1 : 0
    }

    private func append(_ row: Range<Int>, date: Found<PartialDate>?, hasScore: Bool, to split: inout Split) {
        guard let title = title(of: row) else { return }
        var body: [Int] = []
        var statements: [Int] = []
        var sources: [Found<String>] = []
        var published: Found<PartialDate>?
        var department: Found<String>?
        for index in row where index != title {
            let text = context.scalars(index)
            switch line(index).column {
            case .source:
                sources += context.names(text, 0..<text.count, rule: "column", certainty: 1)
                statements.append(index)
            case .published:
                published = published ?? time(index, pageDate: date)
                statements.append(index)
            case .department:
                department = Found(
                    text.string(0..<text.count), Basis(rule: "column", range: context.range(index), certainty: 1))
                statements.append(index)
            case .title, .body, .other, .none: body.append(index)
            }
        }
        guard var draft = Draft(title: [title], body: body) else { return }
        draft.span = row
        draft.statements = statements
        let score = hasScore ? scoreLength(row) : 0
        if score > 0 {
            let text = context.scalars(title)
            draft.titleRange = text.textRange(score..<text.count)
        }
        draft.sources = sources
        draft.department = department
        draft.published = published ?? date
        split.drafts.append(draft)
    }

    /// A whole date, or a time of day on the page's date.
    private func time(_ index: Int, pageDate: Found<PartialDate>?) -> Found<PartialDate>? {
        let text = context.reading.string(line(index))
        if let date = TimestampReader.read(text) {
            return Found(date, Basis(rule: "column", range: context.range(index), certainty: 1))
        }
        guard var date = pageDate, let minute = TimestampReader.minuteOfDay(text) else { return nil }
        date.value.minuteOfDay = minute
        date.value.utcOffsetMinutes = nil
        date.basis.certainty = min(date.basis.certainty, 0.8)
        return date
    }

    /// How many paragraphs at the start of a page may state its date.
    private static let headParagraphs = 40

    /// The page's date without its time.
    private func pageDate() -> Found<PartialDate>? {
        var found = context.reading.metadata.published
        for index in all.indices.prefix(Self.headParagraphs) where found == nil {
            found = context.published(index)
            if found == nil, let date = context.paragraphs.dates[index], date.year != nil {
                found = Found(date, Basis(rule: "page-date", range: context.range(index), certainty: 0.85))
            }
        }
        guard var date = found, date.value.day != nil else { return found }
        date.value = PartialDate(year: date.value.year, month: date.value.month, day: date.value.day)
        return date
    }
}
