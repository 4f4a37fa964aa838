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
        /// True where neither sentences nor sums are wanted: each row's sentence is its quote.
        package var isBrief: Bool

        package init(
            query: String, version: Int64 = 0, complete: Bool = true, total: Int = 0, isAll: Bool = false,
            isBrief: Bool = false
        ) {
            self.query = query
            self.version = version
            self.complete = complete
            self.total = total
            self.isAll = isAll
            self.isBrief = isBrief
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
            sums: options.isBrief ? [] : FigureChecks.sums(rows))
    }

    private static func id(_ stored: StoredItem) -> String { "\(stored.document.identity)#\(stored.item.ordinal)" }

    // MARK: Rows

    private func rows(of stored: StoredItem) -> (named: [FigureRow], others: [FigureRow]) {
        let item = stored.item
        var places = options.isBrief ? nil : QuotePlaces(item)
        var rows: [FigureRow] = []
        var isNamed: [Bool] = []
        for figure in item.figures.sorted(by: { $0.range.lower < $1.range.lower }) {
            let sentence = places?.sentence(of: figure.quote) ?? figure.quote
            if let same = rows.firstIndex(where: { Self.isSame($0, figure) }) {
                rows[same].mentions += 1
                // The longer subject says more.
                if figure.subject.count > rows[same].subject.count { rows[same].subject = figure.subject }
                isNamed[same] = isNamed[same] || isWanted(figure)
                continue
            }
            let date = figure.date ?? item.published?.value
            rows.append(
                FigureRow(
                    number: 0, subject: figure.subject, lower: figure.lower, upper: figure.upper,
                    includesLower: figure.includesLower, includesUpper: figure.includesUpper, unit: figure.unit,
                    comparator: figure.comparator, date: date?.text, day: DigestDates.words(date),
                    dateBasis: figure.date != nil ? "figure" : date != nil ? "published" : nil,
                    places: Self.places(sentence, item), quote: figure.quote, sentence: sentence, mentions: 1,
                    id: Self.id(stored), title: item.title, department: item.department?.value,
                    sources: item.sources.map(\.value), file: stored.document.sourceAddress, range: figure.range))
            isNamed.append(isWanted(figure))
        }
        return (
            zip(rows, isNamed).filter { $0.1 }.map(\.0), zip(rows, isNamed).filter { !$0.1 }.map(\.0)
        )
    }

    /// Whether a figure repeats a row of the same item: the same interval and unit, and one subject is a part of the other.
    private static func isSame(_ row: FigureRow, _ figure: Figure) -> Bool {
        row.unit == figure.unit && row.lower == figure.lower && row.upper == figure.upper
            && row.includesLower == figure.includesLower && row.includesUpper == figure.includesUpper
            && (row.subject.contains(figure.subject) || figure.subject.contains(row.subject))
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
        return DigestDates.dayNumber(
            year: year, month: parts.count > 1 ? parts[1] : 1, day: parts.count > 2 ? parts[2] : 1)
    }
}

/// Finds the sentences that quotes stand in, for quotes in the order of the text.
private struct QuotePlaces {
    private let text: String
    private var position: String.Index

    init(_ item: Item) {
        text = item.title + "\n" + item.body
        position = text.startIndex
    }

    /// The sentence that holds the next occurrence of `quote`; the quote itself where the text does not have it.
    mutating func sentence(of quote: String) -> String {
        guard let place = text[position...].firstRange(of: quote) ?? text.firstRange(of: quote) else { return quote }
        position = place.upperBound
        let isEnd: (Character) -> Bool = { "。！？；\n".contains($0) }
        let start = text[..<place.lowerBound].lastIndex(where: isEnd).map { text.index(after: $0) } ?? text.startIndex
        var end = text[place.upperBound...].firstIndex(where: isEnd) ?? text.endIndex
        if end < text.endIndex, !text[end].isNewline { end = text.index(after: end) }
        let head = text[start..<end].drop { $0.isWhitespace }
        return String(head)
    }
}
