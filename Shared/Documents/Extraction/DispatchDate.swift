// The date that a text gives of itself where its page gives none.
//
//     新华社北京2月8日电            the date of the dispatch
//     SHANGHAI, June 1 (Xinhua) -- the same in English
//     今天（7月25日）, 今早（12日）    the day that the text calls today; a day alone belongs to the month of the whole date
//                                  that the text names first, or to the month after it
//
// A year that is not written is looked for as for date headings (`YearInference`) where the page is one item, and stays open
// without evidence. Of a page of many items every one would search the whole page.

import Messages

/// Finds the day on which a text was written.
struct DispatchDate {
    let context: SplitContext

    /// Paragraphs that are looked at.
    private static let paragraphs = 2
    /// Characters of each.
    private static let window = 160
    /// Characters within which the head of a dispatch ends.
    private static let head = 32

    /// The date that the first paragraphs of `body` give.
    /// - Parameter isOnly: whether the body is that of the page's only item.
    func find(_ body: [Int], isOnly: Bool) -> Found<PartialDate>? {
        for index in body.prefix(Self.paragraphs) {
            let text = ScalarTextPrefix.of(index, context, characters: Self.window)
            guard let found = dispatch(text) ?? today(text) else { continue }
            guard isOnly else { return found }
            var dates: [Found<PartialDate>?] = [found]
            YearInference.fill(&dates, context)
            return dates[0]
        }
        return nil
    }

    private func found(_ date: PartialDate, _ text: ScalarText, _ range: Range<Int>) -> Found<PartialDate> {
        let place = context.reading.original(text.textRange(range))
        return Found(date, Basis(rule: "dispatch", range: place, certainty: 0.8))
    }

    /// `…2月8日电`: a date with 电 just after it near the start.
    private func dispatch(_ text: ScalarText) -> Found<PartialDate>? {
        let scalars = text.scalars
        if let english = EnglishDispatch.read(scalars) { return found(english.date, text, english.day) }
        for index in scalars.indices.prefix(Self.head) where isNumeral(scalars[index]) {
            guard let match = DateReader.read(scalars, at: index) else { continue }
            let isDispatch = match.end < scalars.count && (scalars[match.end] == 0x7535 || scalars[match.end] == 0x96FB)
            return isDispatch ? found(match.date, text, index..<match.end) : nil
        }
        return nil
    }

    /// `今天（7月25日）`, `今早（12日）`.
    private func today(_ text: ScalarText) -> Found<PartialDate>? {
        let scalars = text.scalars
        for index in scalars.indices.dropLast(4) where scalars[index] == 0x4ECA {  // 今
            let open = index + 2
            guard scalars[open] == 0xFF08 || scalars[open] == 0x28, isNumeral(scalars[open + 1]) else { continue }
            if let match = DateReader.read(scalars, at: open + 1) {
                return found(match.date, text, (open + 1)..<match.end)
            }
            var cursor = open + 1
            guard let day = Numerals.integer(scalars, &cursor, digits: 1...2), cursor < scalars.count,
                scalars[cursor] == 0x65E5, let date = date(ofDay: day, in: scalars)
            else { continue }
            return found(date, text, (open + 1)..<(cursor + 1))
        }
        return nil
    }

    /// The first day of that number that is not before the first whole date of the text.
    private func date(ofDay day: Int, in scalars: [UInt32]) -> PartialDate? {
        for index in scalars.indices where isNumeral(scalars[index]) {
            guard let match = DateReader.read(scalars, at: index), let month = match.date.month,
                let known = match.date.day
            else { continue }
            var date = PartialDate(year: match.date.year, month: month, day: day)
            if day < known {
                date.month = month == 12 ? 1 : month + 1
                if month == 12 { date.year = date.year.map { $0 + 1 } }
            }
            return DateReader.isValid(year: date.year, month: date.month ?? month, day: day) ? date : nil
        }
        return nil
    }

    private func isNumeral(_ scalar: UInt32) -> Bool {
        !CharacterClass.of(scalar).isDisjoint(with: [.digit, .chineseNumeral])
    }
}
