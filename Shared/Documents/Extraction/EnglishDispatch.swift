// How English dispatches open: SHANGHAI, June 1, 2022 (Xinhua) -- Shanghai on Wednesday …
//
//     head = place "," month day [ "," year ] "(" agency ")" ( "--" / "—" / "–" / "-" )

import Messages

/// The head of an English dispatch.
enum EnglishDispatch {
    /// How far into a paragraph its head reaches, in characters.
    private static let window = 90
    private static let months: [[UInt32]] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        .map { $0.unicodeScalars.map(\.value) }

    /// The day and the agency that a paragraph opens with, as half-open ranges of `scalars`; nil for other paragraphs.
    static func read(_ scalars: [UInt32]) -> (date: PartialDate, day: Range<Int>, agency: Range<Int>)? {
        guard let first = scalars.first, CharacterClass.of(first).contains(.letter) else { return nil }
        let head = scalars.prefix(window)
        guard let open = head.firstIndex(of: 0x28), let close = head[open...].firstIndex(of: 0x29), close > open + 2 else { return nil }
        var cursor = close + 1
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        guard cursor < scalars.count, [0x2D, 0x2013, 0x2014].contains(scalars[cursor]) else { return nil }
        guard let (date, day) = day(head[..<open]) else { return nil }
        return (date, day, (open + 1)..<close)
    }

    /// `June 1, 2022` or `June 1` in `head`.
    static func day(_ head: ArraySlice<UInt32>) -> (date: PartialDate, range: Range<Int>)? {
        let scalars = Array(head)
        for start in scalars.indices where start == 0 || scalars[start - 1] == 0x20 || scalars[start - 1] == 0x2C {
            guard start + 4 < scalars.count,
                let month = months.firstIndex(where: { name in (0..<3).allSatisfy { scalars[start + $0] | 0x20 == name[$0] } })
            else { continue }
            var cursor = start
            while cursor < scalars.count, CharacterClass.of(scalars[cursor]).contains(.letter) || scalars[cursor] == 0x2E { cursor += 1 }
            Numerals.skipSpaces(scalars, &cursor, limit: 1)
            guard cursor < scalars.count, let day = Numerals.integer(scalars, &cursor, digits: 1...2),
                DateReader.isValid(year: nil, month: month + 1, day: day)
            else { continue }
            let end = cursor
            if cursor < scalars.count, scalars[cursor] == 0x2C { cursor += 1 }
            Numerals.skipSpaces(scalars, &cursor, limit: 1)
            let year = cursor < scalars.count ? Numerals.integer(scalars, &cursor, digits: 4...4) : nil
            let isWhole = year.map { DateReader.isValid(year: $0, month: month + 1, day: day) } ?? false
            return (PartialDate(year: isWhole ? year : nil, month: month + 1, day: day), start..<(isWhole ? cursor : end))
        }
        return nil
    }
}
