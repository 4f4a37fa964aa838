// One pass over an item's text for dates, figures, citations and districts.
//
// Every character is looked up once in the table of `CharacterClass`; only the few that may start something cost more.

import Messages

/// Scans running text.
struct TextScanner {
    let dictionaries: Dictionaries
    let limits: ParserLimits
    private let districtStarts: [Bool]
    private let people = PersonReader()

    init(dictionaries: Dictionaries, limits: ParserLimits) {
        self.dictionaries = dictionaries
        self.limits = limits
        var starts = [Bool](repeating: false, count: 0x10000)
        for initial in dictionaries.districtInitials where initial < 0x10000 { starts[Int(initial)] = true }
        districtStarts = starts
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
        /// Values already in the lists, so that looking for repetitions stays linear.
        var seenDates: Set<PartialDate> = []
        var seenCitations: Set<String> = []

        init(published: Found<PartialDate>?) {
            self.published = published
        }
    }

    /// Scans one paragraph.
    func scan(_ text: ScalarText, _ reading: Reading, _ findings: inout Findings) {
        let scalars = text.scalars
        let kinds = CharacterClass.lookup
        var figures = FigureReader(text: text, reading: reading)
        var sums = SumCheck()
        var sentenceStart = 0
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            let kind = kinds[scalar]
            if kind.contains(.sentenceEnd) {
                figures.endSentence(at: index)
                // A semicolon parts the members of a sum, it does not end it.
                if scalar != 0xFF1B, scalar != 0x3B {
                    finish(&sums, text, sentenceStart..<index, &findings)
                    sentenceStart = index + 1
                }
            } else if kind.contains(.clauseMark) {
                figures.endClause(at: index)
            } else if !kind.isDisjoint(with: [.digit, .chineseNumeral]) {
                index = number(text, index, reading, &figures, &sums, &findings)
                continue
            } else if kind.contains(.trigger) {
                if scalar == 0x300A, let end = citation(text, index, &findings) {
                    // Figures and dates inside a title are part of its name.
                    index = end
                    continue
                }
                if let found = RelativeDate.read(scalars, at: index, published: findings.published?.value) {
                    note(found.date, rule: found.rule, certainty: 0.8, text, index..<found.end, reading, &findings)
                    figures.date = found.date
                    index = found.end
                    continue
                }
            }
            if scalar < 0x10000, districtStarts[Int(scalar)] { district(scalars, index, &findings) }
            if people.mayStart(scalar), let end = people.end(of: scalars, at: index) {
                person(text, index..<end, &findings)
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
        if let match = DateReader.read(scalars, at: index) {
            var date = match.date
            var end = match.end
            readHour(scalars, &end, &date)
            let completed = EventDates.complete(date, published: findings.published)
            note(
                completed.date, rule: completed.rule, certainty: completed.certainty, text, index..<end, reading,
                &findings)
            figures.date = completed.date
            return end
        }
        if let day = EventDates.bareDay(scalars, at: index, published: findings.published?.value) {
            note(day.date, rule: "day-of-month", certainty: 0.7, text, index..<day.end, reading, &findings)
            figures.date = day.date
            return day.end
        }
        let (figure, end) = figures.read(at: index)
        if let figure {
            sums.note(figure, at: figures.lastRange)
            if findings.figures.count < limits.figuresPerItem { findings.figures.append(figure) }
        }
        return max(end, index + 1)
    }

    /// `15时`, `15:30` after a date.
    private func readHour(_ scalars: [UInt32], _ index: inout Int, _ date: inout PartialDate) {
        guard date.day != nil else { return }
        var cursor = index
        Numerals.skipSpaces(scalars, &cursor)
        guard cursor < scalars.count, let hour = Numerals.integer(scalars, &cursor, digits: 1...2), hour < 24,
            cursor < scalars.count
        else { return }
        let mark = scalars[cursor]
        if mark == 0x65F6 || mark == 0x70B9 {  // 时 点
            date.minuteOfDay = hour * 60
            index = cursor + 1
            return
        }
        guard mark == 0x3A || mark == 0xFF1A else { return }
        cursor += 1
        guard let minute = Numerals.integer(scalars, &cursor, digits: 2...2), minute < 60 else { return }
        date.minuteOfDay = hour * 60 + minute
        index = cursor
    }

    private func note(
        _ date: PartialDate, rule: String, certainty: Double, _ text: ScalarText, _ range: Range<Int>,
        _ reading: Reading,
        _ findings: inout Findings
    ) {
        guard findings.events.count < limits.eventsPerItem, findings.seenDates.insert(date).inserted else { return }
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
        let title = text.string((index + 1)..<(cursor - 1))
        if findings.citations.count < limits.citationsPerItem, findings.seenCitations.insert(title).inserted {
            findings.citations.append(title)
        }
        return cursor
    }

    /// Names of rivers, hills and roads that start like a district's short name.
    private static let otherEndings: Set<UInt32> = Set("江山路寺河湖街".unicodeScalars.map(\.value))

    private func district(_ scalars: [UInt32], _ index: Int, _ findings: inout Findings) {
        guard let match = dictionaries.districts.match(scalars, at: index, before: scalars.count) else { return }
        let end = index + match.length
        let isShort = match.length < match.canonical.unicodeScalars.count
        if isShort, end < scalars.count, Self.otherEndings.contains(scalars[end]) { return }
        if !findings.districts.contains(match.canonical) { findings.districts.append(match.canonical) }
    }
}
