// From items to the table of their figures.

package import Messages

/// Makes figure tables.
package struct FigureCompiler: Sendable {
    /// Rows of a table; more are counted in `left`.
    package static let mostRows = 1000

    /// What the caller knows of the query.
    package struct Options: Sendable {
        package var query: String
        package var version: Int64
        package var complete: Bool
        package var total: Int
        /// True shows all figures of the items, whatever the query names.
        package var isAll: Bool

        package init(
            query: String, version: Int64 = 0, complete: Bool = true, total: Int = 0, isAll: Bool = false
        ) {
            self.query = query
            self.version = version
            self.complete = complete
            self.total = total
            self.isAll = isAll
        }
    }

    private let options: Options
    private let isWanted: @Sendable (Figure) -> Bool

    /// - Parameter isWanted: whether a figure is one that the query names.
    package init(_ options: Options, isWanted: @escaping @Sendable (Figure) -> Bool) {
        self.options = options
        self.isWanted = isWanted
    }

    /// The table of `items`. The same items give the same table, in whatever order they come.
    /// - Complexity: linear in the length of all bodies, and quadratic in the rows of one subject only.
    package func compile(_ items: [StoredItem]) -> FigureTable {
        let sorted = items.sorted { Self.id($0) < Self.id($1) }
        var named: [FigureRow] = []
        var others: [FigureRow] = []
        for stored in sorted {
            let (wanted, unwanted) = rows(of: stored)
            named += wanted
            others += unwanted
        }
        let isNamed = !named.isEmpty && !options.isAll
        var rows = isNamed ? named : named + others
        rows.sort { Self.precedes($0, $1) }
        let left = (isNamed ? others.count : 0) + max(0, rows.count - Self.mostRows)
        rows = Array(rows.prefix(Self.mostRows))
        for index in rows.indices { rows[index].number = index + 1 }
        return FigureTable(
            query: options.query, version: options.version, complete: options.complete,
            total: max(options.total, items.count), taken: items.count, isNamed: isNamed, left: left, rows: rows,
            trend: Self.trend(rows), contradictions: FigureChecks.contradictions(rows),
            sums: FigureChecks.sums(rows))
    }

    private static func id(_ stored: StoredItem) -> String { "\(stored.document.identity)#\(stored.item.ordinal)" }

    // MARK: Rows

    private func rows(of stored: StoredItem) -> (named: [FigureRow], others: [FigureRow]) {
        let item = stored.item
        var places = QuotePlaces(item)
        let figures = item.figures.sorted { $0.range.lower < $1.range.lower }
        let sentences = figures.map { places.sentence(of: $0.quote) }
        let latestDay = Self.latestDay(of: item)
        var rows: [FigureRow] = []
        var isNamed: [Bool] = []
        for statement in Self.statements(figures) {
            let (figure, sentence) = (figures[statement.places[0]], sentences[statement.places[0]])
            let (date, basis) = Self.date(of: figure, item, latestDay)
            rows.append(
                FigureRow(
                    number: 0, subject: statement.subject, lower: figure.lower, upper: figure.upper,
                    includesLower: figure.includesLower, includesUpper: figure.includesUpper, unit: figure.unit,
                    comparator: figure.comparator, date: date?.text, day: DigestDates.words(date), dateBasis: basis,
                    places: Self.places(sentence, item), quote: figure.quote, sentence: sentence,
                    mentions: statement.places.count, id: Self.id(stored), title: item.title,
                    department: item.department?.value, sources: item.sources.map(\.value),
                    file: stored.document.sourceAddress, range: figure.range))
            isNamed.append(statement.places.contains { isWanted(figures[$0]) })
        }
        return (
            zip(rows, isNamed).filter { $0.1 }.map(\.0), zip(rows, isNamed).filter { !$0.1 }.map(\.0)
        )
    }

    /// The date that stands for a figure, and by what: its own, else the item's, else the latest day that the item names.
    private static func date(
        of figure: Figure, _ item: Item, _ latestDay: PartialDate?
    ) -> (PartialDate?, basis: String?) {
        if let date = figure.date { return (date, "figure") }
        if let published = item.published?.value { return (published, "published") }
        return (latestDay, latestDay == nil ? nil : FigureRow.latestDay)
    }

    /// The latest whole day that an item names. Days without a year are of the year in which it was written; where they lie
    /// more than half a year apart nobody knows which is the later one.
    static func latestDay(of item: Item) -> PartialDate? {
        let days = item.events.map(\.value).filter { $0.month != nil && $0.day != nil }
        let own = days.filter { $0.year == nil }
        guard !own.isEmpty else { return days.max { DigestDates.Order($0) < DigestDates.Order($1) } }
        let ordered = own.sorted { DigestDates.Order($0) < DigestDates.Order($1) }
        guard let first = ordered.first?.month, let last = ordered.last?.month, last - first <= 6 else { return nil }
        return ordered.last
    }

    /// A figure and its repetitions in the same item: the same interval and unit, and one subject is a part of the other.
    private struct Statement {
        /// The longest subject; it says most.
        var subject: String
        /// Places among the figures, ascending.
        var places: [Int]
    }

    private static func statements(_ figures: [Figure]) -> [Statement] {
        var statements: [Statement] = []
        for (place, figure) in figures.enumerated() {
            let same = statements.firstIndex { statement in
                let first = figures[statement.places[0]]
                return first.unit == figure.unit && first.lower == figure.lower && first.upper == figure.upper
                    && first.includesLower == figure.includesLower && first.includesUpper == figure.includesUpper
                    && (statement.subject.contains(figure.subject) || figure.subject.contains(statement.subject))
            }
            guard let same else {
                statements.append(Statement(subject: figure.subject, places: [place]))
                continue
            }
            statements[same].places.append(place)
            if figure.subject.count > statements[same].subject.count { statements[same].subject = figure.subject }
        }
        return statements
    }

    /// What an item states that others can contradict, in the order of its text.
    static func claims(of stored: StoredItem) -> [FigureClaim] {
        let figures = stored.item.figures.sorted { $0.range.lower < $1.range.lower }
        return statements(figures).compactMap { statement in
            let figure = figures[statement.places[0]]
            guard let date = figure.date ?? stored.item.published?.value else { return nil }
            return FigureClaim(
                number: 0, id: id(stored), subject: statement.subject, unit: figure.unit, date: date.text,
                day: DigestDates.words(date), quote: figure.quote,
                interval: FigureInterval(figure.lower, figure.upper, figure.includesLower, figure.includesUpper))
        }
    }

    /// The districts that the sentence names; where it names none, the item's own if that is one.
    private static func places(_ sentence: String, _ item: Item) -> [String] {
        let named = item.districts.filter { sentence.contains($0) || sentence.contains($0.dropLast()) && $0.count > 2 }
        return named.isEmpty && item.districts.count == 1 ? item.districts : named
    }

    private static func precedes(_ left: FigureRow, _ right: FigureRow) -> Bool {
        let (first, second) = (rank(left), rank(right))
        if first != second { return first < second }
        return left.id != right.id ? left.id < right.id : left.range.lower < right.range.lower
    }

    /// Whole dates by time, then days of an unknown year, then none.
    private static func rank(_ row: FigureRow) -> String {
        guard let date = row.date else { return "2" }
        return (date.hasPrefix("-") ? "1" : "0") + date
    }

    // MARK: The trend

    private static func trend(_ rows: [FigureRow]) -> [TrendPoint] {
        let dated = rows.compactMap { row in day(row.date).map { (row, $0) } }
        var counts: [String: Int] = [:]
        for (row, _) in dated { counts[row.unit, default: 0] += 1 }
        guard let unit = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else { return [] }
        return dated.filter { $0.0.unit == unit }.map { row, day in
            TrendPoint(row: row.number, date: row.date ?? "", dayNumber: day, lower: row.lower, upper: row.upper)
        }
    }

    /// The first day of a date with a year.
    private static func day(_ date: String?) -> Int? {
        guard let date, !date.hasPrefix("-") else { return nil }
        let parts = date.prefix(10).split(separator: "-").compactMap { Int($0) }
        guard let year = parts.first else { return nil }
        return CalendarDay.number(
            year: year, month: parts.count > 1 ? parts[1] : 1, day: parts.count > 2 ? parts[2] : 1)
    }
}

/// Finds the sentences that quotes stand in, for quotes in the order of the text. Works on UTF-8: no mark is a part of another
/// character's bytes.
private struct QuotePlaces {
    private let text: [UInt8]
    private var position = 0

    /// 。 ！ ？ ；
    private static let marks: [[UInt8]] = [
        [0xE3, 0x80, 0x82], [0xEF, 0xBC, 0x81], [0xEF, 0xBC, 0x9F], [0xEF, 0xBC, 0x9B],
    ]
    private static let newline: UInt8 = 0x0A

    init(_ item: Item) {
        text = Array(item.title.utf8) + [Self.newline] + Array(item.body.utf8)
    }

    /// The sentence that holds the next occurrence of `quote`; the quote itself where the text does not have it.
    mutating func sentence(of quote: String) -> String {
        let wanted = Array(quote.utf8)
        guard
            let place = ByteSearch.place(of: wanted, in: text, from: position)
                ?? ByteSearch.place(of: wanted, in: text, from: 0)
        else { return quote }
        position = place + wanted.count
        var start = place
        while start > 0, text[start - 1] != Self.newline, !isMark(at: start - 3) { start -= 1 }
        var end = position
        while end < text.count, text[end] != Self.newline, !isMark(at: end) { end += 1 }
        if isMark(at: end) { end += 3 }
        return String(String(decoding: text[start..<end], as: UTF8.self).drop { $0.isWhitespace })
    }

    private func isMark(at place: Int) -> Bool {
        guard place >= 0, place + 3 <= text.count, text[place] == 0xE3 || text[place] == 0xEF else { return false }
        return Self.marks.contains { $0[1] == text[place + 1] && $0[2] == text[place + 2] && $0[0] == text[place] }
    }
}
