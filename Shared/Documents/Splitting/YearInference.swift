// Years of date headings that give none.
//
// Evidence, strongest first; what none of it fills stays open (`--02-08`), with the warning `unknown-year`:
//   hint              the caller's `year`, or the year of its `published`
//   year-of-heading   another date heading of the page has a year; going on, a year changes where December meets January
//   year-of-page      the page says when it was published; the last heading is not after that by more than a month
//   year-in-document  whole dates in the page's text lie within 45 days of headings, and all name one year
//
// The caller's hint overrides what is inferred, never a year that is written in the heading itself.

import Messages

/// Fills in years.
enum YearInference {
    /// How near a whole date in the text must lie to a heading to speak for its year, in days.
    private static let nearDays = 45

    /// Fills the dates of `groups`; `dated` are the indices of groups that have one.
    static func fill(_ groups: inout [DigestSplitter.Group], _ dated: [Int], _ context: SplitContext) {
        var dates = dated.map { groups[$0].date }
        fill(&dates, context)
        for (position, index) in dated.enumerated() { groups[index].date = dates[position] }
    }

    /// Fills years in a row of dates that stand in this order in the document.
    static func fill(_ dates: inout [Found<PartialDate>?], _ context: SplitContext) {
        guard dates.contains(where: { $0 != nil && $0?.value.year == nil }) else { return }
        if let year = hintedYear(context.description) {
            roll(&dates, from: year, rule: "hint", certainty: 0.9, range: nil)
            return
        }
        if dates.contains(where: { $0?.value.year != nil }) {
            carry(&dates)
        } else if let page = pageDate(context), let last = dates.lastIndex(where: { $0 != nil }),
            let date = dates[last],
            let year = year(of: date.value, notAfter: page.value)
        {
            var filled = date
            filled.value.year = year
            dates[last] = with(filled, "year-of-page", 0.85, page.basis.range)
            carry(&dates)
        } else if let evidence = yearInDocument(dates.compactMap { $0?.value }, context) {
            roll(&dates, from: evidence.year, rule: "year-in-document", certainty: 0.8, range: evidence.range)
        }
    }

    /// When the page itself was published: by its head, its front matter or a label before its items.
    private static func pageDate(_ context: SplitContext) -> Found<PartialDate>? {
        if let date = context.reading.metadata.published, date.value.year != nil { return date }
        for index in context.paragraphs.all.indices.prefix(pageLabels) {
            if let date = context.published(index), date.value.year != nil { return date }
        }
        return context.pageDate().flatMap { $0.value.year == nil ? nil : $0 }
    }

    /// How many paragraphs at the start of a page may state its date.
    private static let pageLabels = 12
    /// How far after the page's own date a heading may lie, in days; announcements look ahead.
    private static let aheadDays = 31

    /// The latest year in which `date` is not after the page.
    private static func year(of date: PartialDate, notAfter page: PartialDate) -> Int? {
        guard let pageYear = page.year, let pageMonth = page.month, let month = date.month else { return nil }
        let limit = CalendarDay.number(year: pageYear, month: pageMonth, day: page.day ?? 28) + aheadDays
        let isWithin = CalendarDay.number(year: pageYear, month: month, day: date.day ?? 1) <= limit
        let year = isWithin ? pageYear : pageYear - 1
        return DateReader.isValid(year: year, month: month, day: date.day) ? year : nil
    }

    /// The year that the caller gave.
    static func hintedYear(_ description: DocumentDescription) -> Int? {
        if let text = description.hints["year"], let year = Int(text), (1900...2100).contains(year) { return year }
        return description.hints["published"].flatMap { TimestampReader.read($0) }?.year
    }

    /// Gives the first date `year` and counts on where the months wrap around.
    private static func roll(
        _ dates: inout [Found<PartialDate>?], from year: Int, rule: String, certainty: Double, range: ByteRange?
    ) {
        var current = year
        var lastMonth: Int?
        for index in dates.indices {
            guard var date = dates[index], let month = date.value.month else { continue }
            if let known = date.value.year {
                current = known
            } else {
                if let lastMonth { current += wrap(from: lastMonth, to: month) }
                date.value.year = current
                let isPossible = DateReader.isValid(year: current, month: month, day: date.value.day)
                if isPossible { dates[index] = with(date, rule, certainty, range) }
            }
            lastMonth = month
        }
    }

    /// Carries known years forward to later dates and backward to earlier ones.
    private static func carry(_ dates: inout [Found<PartialDate>?]) {
        guard let first = dates.firstIndex(where: { $0?.value.year != nil }), let known = dates[first],
            let year = known.value.year, var lastMonth = known.value.month
        else { return }
        var current = year
        for index in dates.indices[..<first].reversed() {
            guard var date = dates[index], let month = date.value.month else { continue }
            current += wrap(from: lastMonth, to: month)
            date.value.year = current
            dates[index] = with(date, "year-of-heading", 0.85, known.basis.range)
            lastMonth = month
        }
        var forward = Array(dates[first...])
        roll(&forward, from: year, rule: "year-of-heading", certainty: 0.9, range: known.basis.range)
        dates.replaceSubrange(first..., with: forward)
    }

    /// The change of year between two neighbouring dates: +1 from December to January, -1 the other way.
    private static func wrap(from month: Int, to next: Int) -> Int {
        if month >= 11, next <= 2 { return 1 }
        if month <= 2, next >= 11 { return -1 }
        return 0
    }

    private static func with(
        _ date: Found<PartialDate>, _ rule: String, _ certainty: Double, _ range: ByteRange?
    ) -> Found<PartialDate> {
        Found(date.value, Basis(rule: rule, range: date.basis.range ?? range, certainty: certainty))
    }

    /// The one year of all whole dates of the text that lie near one of `dates`.
    private static func yearInDocument(_ dates: [PartialDate], _ context: SplitContext) -> (
        year: Int, range: ByteRange
    )? {
        var found: (year: Int, range: ByteRange)?
        for entry in wholeDates(context) {
            guard let year = entry.date.year, let month = entry.date.month else { continue }
            // A month alone counts as its middle.
            let day = entry.date.day ?? 15
            let number = CalendarDay.number(year: year, month: month, day: day)
            let isNear = dates.contains { date in
                guard let month = date.month, let day = date.day else { return false }
                return abs(CalendarDay.number(year: year, month: month, day: day) - number) <= nearDays
            }
            guard isNear else { continue }
            if let earlier = found, earlier.year != year { return nil }
            found = found ?? (year, entry.range)
        }
        return found
    }

    /// Dates with year and month in the text, in their order; at most `mostDates`.
    private static func wholeDates(_ context: SplitContext) -> [(date: PartialDate, range: ByteRange)] {
        var dates: [(date: PartialDate, range: ByteRange)] = []
        for index in context.paragraphs.all.indices where context.paragraphs.all[index].kind != .boilerplate {
            let text = context.scalars(index)
            var cursor = 0
            while cursor < text.count {
                // Only a digit followed by three more can start a year.
                guard cursor + 5 < text.count, Numerals.digit(text.scalars[cursor]) != nil,
                    text.scalars[cursor + 4] == 0x5E74, let match = DateReader.read(text.scalars, at: cursor)
                else {
                    cursor += 1
                    continue
                }
                dates.append((match.date, context.reading.original(text.textRange(cursor..<match.end))))
                if dates.count >= mostDates { return dates }
                cursor = match.end
            }
        }
        return dates
    }

    private static let mostDates = 256
}
