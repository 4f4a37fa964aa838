// One pass over an item's text for dates, figures, citations and districts.
//
// Every character is looked up once, in a table of what it may start: the kinds of `CharacterClass`, a district, a name. Only
// the few that may start something cost more.

import Messages

/// Scans running text.
struct TextScanner {
    let dictionaries: Dictionaries
    let limits: ParserLimits
    /// By scalar value: the kinds of `CharacterClass` in the lower byte, then what else the character may start.
    private let starts: [UInt16]
    private let people = PersonReader.shared

    private static let districtStart: UInt16 = 0x100
    private static let personStart: UInt16 = 0x200
    /// What may follow a Chinese numeral that begins a date, a stretch of time or a figure.
    private static let numeralTail: UInt16 = 0x400
    private static let numeralTails = "月年季分半成多余餘几幾来來、和与與及至到-–—~～－%％‰"
    /// What makes the scanner stop at a character.
    private static let stops =
        UInt16(
            CharacterClass([.sentenceEnd, .clauseMark, .digit, .chineseNumeral, .trigger]).rawValue) | districtStart
        | personStart

    init(dictionaries: Dictionaries, limits: ParserLimits) {
        self.dictionaries = dictionaries
        self.limits = limits
        starts = dictionaries.scannerStarts
    }

    /// The table of what characters start, where districts begin with `districts`.
    static func starts(districts: Set<UInt32>) -> [UInt16] {
        var starts = (0..<0x10000).map { UInt16(CharacterClass.of(UInt32($0)).rawValue) }
        for initial in districts where initial < 0x10000 { starts[Int(initial)] |= districtStart }
        for scalar in starts.indices where PersonReader.shared.mayStart(UInt32(scalar)) { starts[scalar] |= personStart }
        let tails = FigureReader.unitInitials.union(numeralTails.unicodeScalars.map(\.value))
        for scalar in starts.indices {
            let kind = CharacterClass.of(UInt32(scalar))
            if !kind.isDisjoint(with: [.digit, .chineseNumeral, .space]) || tails.contains(UInt32(scalar)) { starts[scalar] |= numeralTail }
        }
        return starts
    }

    /// What was found in one item so far.
    struct Findings {
        var published: Found<PartialDate>?
        var events: [Found<PartialDate>] = []
        var citations: [String] = []
        var districts: [String] = []
        var figures: [Figure] = []
        var people: [String] = []
        var doubts: [Doubt] = []
        /// The day that the text named last, which 当日 and 同日 mean.
        var lastDay: PartialDate?
        /// Values already in the lists, so that looking for repetitions stays linear.
        var seenDates: Set<PartialDate> = []
        /// 64-bit hashes of the cited titles; sets of Chinese strings hash by canonical equivalence, which is slow.
        var seenCitations: Set<UInt64> = []

        init(published: Found<PartialDate>?) {
            self.published = published
        }
    }

    /// Scans one paragraph.
    func scan(_ text: ScalarText, _ reading: Reading, _ findings: inout Findings) {
        let scalars = text.scalars
        let starts = starts
        var figures = FigureReader(text: text)
        var sums = SumCheck()
        var sentenceStart = 0
        /// Where the last district's name ends: 西湖区 in 东西湖区 is none.
        var districtEnd = 0
        /// Where the last person's name ends; -1 before the first.
        var personEnd = -1
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            // Ideographs outside the basic plane start nothing.
            let start = scalar < 0x10000 ? starts[Int(scalar)] : 0
            guard start & Self.stops != 0 else {
                index += 1
                continue
            }
            let kind = CharacterClass(rawValue: UInt8(truncatingIfNeeded: start))
            if kind.contains(.sentenceEnd) {
                // A semicolon parts the members of a sum, it does not end it; the date before the first holds for all.
                if scalar == 0xFF1B || scalar == 0x3B {
                    figures.endMember(at: index)
                } else {
                    figures.endSentence(at: index)
                    finish(&sums, text, sentenceStart..<index, &findings)
                    sentenceStart = index + 1
                }
            } else if kind.contains(.clauseMark) {
                figures.endClause(at: index)
            } else if !kind.isDisjoint(with: [.digit, .chineseNumeral]) {
                // 统一的, 一种: most numerals of running text are no numbers.
                if kind.contains(.chineseNumeral), index + 1 < scalars.count, scalars[index + 1] < 0x10000,
                    starts[Int(scalars[index + 1])] & Self.numeralTail == 0
                {
                    index += 1
                    continue
                }
                index = number(text, index, reading, &figures, &sums, &findings)
                continue
            } else if kind.contains(.trigger) {
                if scalar == 0x300A, let end = citation(text, index, &findings) {
                    // Figures and dates inside a title are part of its name.
                    index = end
                    continue
                }
                if let end = timeWord(text, index, reading, &figures, &findings) {
                    index = end
                    continue
                }
                if scalar == 0x534A || scalar == 0x7FFB {  // 半数, 翻番
                    index = number(text, index, reading, &figures, &sums, &findings)
                    continue
                }
            }
            if start & Self.districtStart != 0, index >= districtEnd { districtEnd = district(scalars, index, &findings) }
            if start & Self.personStart != 0, let end = people.end(of: scalars, at: index, lastEnd: personEnd) {
                person(text, index..<end, &findings)
                personEnd = end
                index = end
                continue
            }
            index += 1
        }
        finish(&sums, text, sentenceStart..<scalars.count, &findings)
    }

    /// Doubts about sums kept of one item.
    private static let mostDoubts = 64

    private func finish(
        _ sums: inout SumCheck, _ text: ScalarText, _ sentence: Range<Int>, _ findings: inout Findings
    ) {
        guard let doubt = sums.finish(text, sentence: sentence), findings.doubts.count < Self.mostDoubts else { return }
        findings.doubts.append(doubt)
    }

    private func person(_ text: ScalarText, _ range: Range<Int>, _ findings: inout Findings) {
        guard findings.people.count < PersonReader.mostPeople else { return }
        let name = text.string(range)
        if !findings.people.contains(name) { findings.people.append(name) }
    }

    /// A date, else a figure, at `index`; returns where scanning goes on.
    private func number(
        _ text: ScalarText, _ index: Int, _ reading: Reading, _ figures: inout FigureReader, _ sums: inout SumCheck,
        _ findings: inout Findings
    ) -> Int {
        let scalars = text.scalars
        if let match = DateReader.read(scalars, at: index, shortYears: reading.shortYears) {
            // 农历3月5日: the moon's calendar is another one, and its days are not written so.
            if index > 1, scalars[index - 1] == 0x5386 || scalars[index - 1] == 0x66C6 { return match.end }
            return date(completed(match, scalars, index, findings), text, (match.start ?? index)..<match.end, reading, &figures, &findings)
        }
        if let end = stretchOrMoonDay(text, index, reading, &figures, &findings) { return end }
        if let day = EventDates.bareDay(scalars, at: index, published: findings.published?.value) {
            return date((day.date, "day-of-month", 0.7), text, index..<day.end, reading, &figures, &findings)
        }
        let (figure, end) = figures.read(at: index, reading)
        if let figure {
            sums.note(figure, at: figures.lastRange)
            if findings.figures.count < limits.figuresPerItem { findings.figures.append(figure) }
        }
        return max(end, index + 1)
    }

    private func completed(_ match: DateMatch, _ scalars: [UInt32], _ index: Int, _ findings: Findings) -> (
        date: PartialDate, rule: String, certainty: Double
    ) {
        guard match.date.year == nil else { return (match.date, "text", 1) }
        // 112年3月5日 where such a year means nothing: another year than the item's.
        if index > 1, scalars[index - 1] == 0x5E74, Numerals.digit(scalars[index - 2]) != nil { return (match.date, "text", 1) }
        var found = EventDates.complete(
            match.date, published: findings.published, isAnnounced: EventDates.isAnnounced(scalars, index..<match.end))
        if found.date.year != nil,
            let year = EventDates.yearOfRange(match.date, scalars, after: match.end, published: findings.published)
        {
            found.date.year = year
        }
        return found
    }

    /// A word of time at `index` that is no number; returns where it ends.
    private func timeWord(
        _ text: ScalarText, _ index: Int, _ reading: Reading, _ figures: inout FigureReader, _ findings: inout Findings
    ) -> Int? {
        let published = findings.published?.value
        if let found = RelativeDate.read(text.scalars, at: index, published: published) {
            return relative(found, text, index, reading, &figures, &findings)
        }
        if let feast = FeastDays.read(text.scalars, at: index, published: published) {
            return date((feast.date, "feast", 0.8), text, feast.start..<feast.end, reading, &figures, &findings)
        }
        if let end = SameDay.end(text.scalars, at: index) {
            // In a digest 同日 begins the next item of the same day.
            let isItems = SameDay.meansItem(text.scalars, at: index)
            guard let day = findings.lastDay ?? (isItems ? published : nil), day.day != nil else { return end }
            let date = PartialDate(year: day.year, month: day.month, day: day.day)
            return self.date((date, "same-day", 0.7), text, index..<end, reading, &figures, &findings)
        }
        return stretchOrMoonDay(text, index, reading, &figures, &findings)
    }

    private func stretchOrMoonDay(
        _ text: ScalarText, _ index: Int, _ reading: Reading, _ figures: inout FigureReader, _ findings: inout Findings
    ) -> Int? {
        let scalars = text.scalars
        let published = findings.published?.value
        if let found = StretchReader.read(scalars, at: index, published: published) {
            note(found.first, rule: "stretch", certainty: 0.7, text, index..<found.end, reading, &findings)
            note(found.last, rule: "stretch", certainty: 0.7, text, index..<found.end, reading, &findings)
            figures.noteDate(found.last, endingAt: found.end)
            return found.end
        }
        guard let (year, start) = MoonCalendar.writtenYear(scalars, at: index, published: published),
            let day = MoonCalendar.read(scalars, at: start, year: year, published: published)
        else { return nil }
        return date((day.date, "moon-calendar", 0.8), text, index..<day.end, reading, &figures, &findings)
    }

    private static let monthParts = ScalarSet("底初末份")

    /// Notes the date at `range` with its hour, and the last day of the range that it begins; returns where it ends.
    private func date(
        _ found: (date: PartialDate, rule: String, certainty: Double), _ text: ScalarText, _ range: Range<Int>,
        _ reading: Reading, _ figures: inout FigureReader, _ findings: inout Findings
    ) -> Int {
        var date = found.date
        var end = range.upperBound
        if date.day == nil, let month = date.month, let third = StretchReader.third(text.scalars, after: end, year: date.year, month: month) {
            for day in [third.first, third.last] { note(day, rule: found.rule, certainty: found.certainty, text, range.lowerBound..<third.end, reading, &findings) }
            figures.noteDate(third.last, endingAt: third.end)
            return third.end
        }
        readHour(text.scalars, &end, &date)
        note(date, rule: found.rule, certainty: found.certainty, text, range.lowerBound..<end, reading, &findings)
        // 12月底, 3月中旬: the words belong to the date.
        let isPartOfMonth = found.date.day == nil && end < text.count && Self.monthParts.contains(text.scalars[end])
        figures.noteDate(date, endingAt: isPartOfMonth ? end + 1 : end)
        if found.date.day != nil { findings.lastDay = found.date }
        guard let last = DateReader.lastDay(text.scalars, after: end, first: found.date) else { return end }
        note(last.date, rule: found.rule, certainty: found.certainty, text, last.range, reading, &findings)
        figures.noteDate(date, endingAt: last.range.upperBound)
        return last.range.upperBound
    }

    private func relative(
        _ found: RelativeDate.Match, _ text: ScalarText, _ index: Int, _ reading: Reading, _ figures: inout FigureReader,
        _ findings: inout Findings
    ) -> Int {
        // 昨晚8点 is in the evening without another word.
        let last = text.scalars[found.end - 1]
        let isEvening = last == 0x665A || last == 0x591C
        guard isEvening else {
            return date((found.date, found.rule, 0.8), text, index..<found.end, reading, &figures, &findings)
        }
        var date = found.date
        var end = found.end
        readHour(text.scalars, &end, &date, addingTo: 12)
        note(date, rule: found.rule, certainty: 0.8, text, index..<end, reading, &findings)
        figures.noteDate(date, endingAt: end)
        findings.lastDay = found.date
        return end
    }

    /// Parts of the day before an hour, and what they add to one of the first half.
    private static let dayParts: [(text: [UInt32], hours: Int)] = [
        ("凌晨", 0), ("早上", 0), ("早晨", 0), ("清晨", 0), ("上午", 0), ("中午", 12), ("下午", 12), ("傍晚", 12), ("晚上", 12), ("晚间", 12), ("晚間", 12),
        ("深夜", 12), ("早", 0), ("晚", 12),
    ].map { ($0.0.unicodeScalars.map(\.value), $0.1) }

    /// `15时`, `15时30分`, `15:30`, `下午3时`, `晚8点半` after a date. 24时 is the end of the day and no minute of it.
    private func readHour(
        _ scalars: [UInt32], _ index: inout Int, _ date: inout PartialDate, addingTo hours: Int = 0
    ) {
        guard date.day != nil else { return }
        var cursor = index
        var added = hours
        Numerals.skipSpaces(scalars, &cursor)
        if let part = Self.dayParts.first(where: { scalars[min(cursor, scalars.count)...].starts(with: $0.text) }) {
            cursor += part.text.count
            added = part.hours
            Numerals.skipSpaces(scalars, &cursor)
        }
        guard cursor < scalars.count,
            var hour = Numerals.integer(scalars, &cursor, digits: 1...2) ?? Numerals.smallChinese(scalars, &cursor),
            hour < 24, cursor < scalars.count
        else { return }
        // 中午11点 is before noon, 晚上12点 is midnight.
        if hour < 12, !(added == 12 && hour >= 10 && isNoon(scalars, cursor)) { hour += added }
        let mark = scalars[cursor]
        if mark == 0x65F6 || mark == 0x70B9 || mark == 0x6642 || mark == 0x9EDE {  // 时 点
            date.minuteOfDay = hour * 60
            index = cursor + 1
            readMinute(scalars, &index, &date, hour)
            return
        }
        guard mark == 0x3A || mark == 0xFF1A else { return }
        cursor += 1
        guard let minute = Numerals.integer(scalars, &cursor, digits: 2...2), minute < 60 else { return }
        date.minuteOfDay = hour * 60 + minute
        index = cursor
    }

    /// Whether the hour that ends at `index` is said to be about noon.
    private func isNoon(_ scalars: [UInt32], _ index: Int) -> Bool {
        scalars[max(0, index - 5)..<index].contains(0x4E2D)  // 中
    }

    /// `30分`, 整 or 半 after the hour.
    private func readMinute(_ scalars: [UInt32], _ index: inout Int, _ date: inout PartialDate, _ hour: Int) {
        guard index < scalars.count else { return }
        if scalars[index] == 0x534A {  // 半
            date.minuteOfDay = hour * 60 + 30
            index += 1
            return
        }
        var cursor = index
        guard let minute = Numerals.integer(scalars, &cursor, digits: 1...2), minute < 60 else { return }
        // 晚11点40，: two digits and a mark are minutes without 分.
        if cursor - index == 2, cursor >= scalars.count || !CharacterClass.of(scalars[cursor]).isDisjoint(with: [.clauseMark, .sentenceEnd]) {
            date.minuteOfDay = hour * 60 + minute
            index = cursor
            return
        }
        guard cursor < scalars.count, scalars[cursor] == 0x5206 else { return }
        date.minuteOfDay = hour * 60 + minute
        index = cursor + 1
    }

    private func note(
        _ date: PartialDate, rule: String, certainty: Double, _ text: ScalarText, _ range: Range<Int>,
        _ reading: Reading,
        _ findings: inout Findings
    ) {
        guard findings.seenDates.insert(date).inserted else {
            // A day that is named counts more than one that a stretch begins or ends with.
            if rule != "stretch", let earlier = findings.events.firstIndex(where: { $0.basis.rule == "stretch" && $0.value == date }) {
                let place = reading.original(text.textRange(range))
                findings.events[earlier].basis = Basis(rule: rule, range: place, certainty: certainty)
            }
            return
        }
        guard findings.events.count < limits.eventsPerItem else { return }
        let place = reading.original(text.textRange(range))
        findings.events.append(Found(date, Basis(rule: rule, range: place, certainty: certainty)))
    }

    /// The longest cited title, in characters.
    private static let longestCitation = 120

    /// Notes the title in 《》 at `index`; returns where it ends, nil where it is not closed.
    private func citation(_ text: ScalarText, _ index: Int, _ findings: inout Findings) -> Int? {
        let scalars = text.scalars
        var depth = 0
        var cursor = index
        let limit = min(scalars.count, index + Self.longestCitation)
        while cursor < limit {
            if scalars[cursor] == 0x300A { depth += 1 }
            if scalars[cursor] == 0x300B { depth -= 1 }
            cursor += 1
            if depth == 0 { break }
        }
        guard depth == 0, cursor - index > 2 else { return nil }
        let title = (index + 1)..<(cursor - 1)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for scalar in scalars[title] { hash = (hash ^ UInt64(scalar)) &* 0x100_0000_01B3 }
        if findings.citations.count < limits.citationsPerItem, findings.seenCitations.insert(hash).inserted {
            findings.citations.append(text.string(title))
        }
        return cursor
    }

    /// Names of rivers, hills and roads that start like a district's short name.
    private static let otherEndings = ScalarSet("江山路寺河湖街")

    /// 区域, 区间, 区块: other words than a district's.
    private static let afterArea = ScalarSet("域间块位間塊")
    private static let directions = ScalarSet("东西南北東")
    private static let beforeDirection = ScalarSet("山广陕江河湖海云廣陝雲")

    /// Notes the district that is named at `index`; returns where its name ends, `index` where none is.
    private func district(_ scalars: [UInt32], _ index: Int, _ findings: inout Findings) -> Int {
        // The look-up without the name first: most characters that a district begins with begin none here.
        guard dictionaries.districts.matchLength(scalars, at: index, before: scalars.count) > 0,
            let match = dictionaries.districts.match(scalars, at: index, before: scalars.count)
        else { return index }
        let end = index + match.length
        if end < scalars.count, scalars[end - 1] == 0x533A, Self.afterArea.contains(scalars[end]) { return end }
        // 江西山区, 山东城区: the end of a province's name.
        if index > 0, Self.directions.contains(scalars[index]), Self.beforeDirection.contains(scalars[index - 1]) { return end }
        let isShort = match.length < match.canonical.unicodeScalars.count
        if isShort, end < scalars.count, Self.otherEndings.contains(scalars[end]) { return end }
        if !findings.districts.contains(match.canonical) { findings.districts.append(match.canonical) }
        return end
    }
}
