// From a query tree back to text: what the parser would read as the same tree.
//
// The text is the plainest that does it: names of fields in English, `-` for negation, nothing for AND, brackets wherever
// an `and` stands in an `or`. What could be read as a sign is escaped by a backslash.

package import Messages

/// Prints normal trees; a tree that is not normal is printed too, but may read back as its normal form only.
package struct QueryPrinter: Sendable {
    private let fields: QueryFields

    /// Makes a printer for a collection's fields.
    package init(fields: QueryFields = .bulletins) {
        self.fields = fields
    }

    /// The text of `query`.
    package func print(_ query: Query) -> String { text(query, within: .whole) }

    /// Where a node stands, which decides whether it takes brackets.
    private enum Place { case whole, part, factor }

    private func text(_ query: Query, within place: Place) -> String {
        switch query {
        case .all: return "*"
        case .none: return "-*"
        case .and(let parts):
            if parts.isEmpty { return "*" }
            let inner = parts.map { text($0, within: .part) }.joined(separator: " ")
            return place == .whole ? inner : "(\(inner))"
        case .or(let parts):
            if parts.isEmpty { return text(.none, within: place) }
            let inner = parts.map { text($0, within: .part) }.joined(separator: " OR ")
            return place == .whole ? inner : "(\(inner))"
        case .not(let part):
            let inner = "-" + text(part, within: .part)
            return place == .factor ? "(\(inner))" : inner
        case .boost(let part, let factor):
            let inner = text(part, within: .factor) + "^\(factor)"
            return place == .factor ? "(\(inner))" : inner
        case .text(let value, let field): return named(field) + word(value, isAfterName: field != nil)
        case .phrase(let value, let field, let slop):
            return named(field) + quoted(value) + (slop > 0 ? "~\(slop)" : "")
        case .prefix(let value, let field):
            return value.isEmpty ? named(field) + "*" : named(field) + pattern(WildcardPattern(prefix: value), isAfterName: field != nil)
        case .wildcard(let value, let field): return named(field) + pattern(WildcardPattern(value), isAfterName: field != nil)
        case .fuzzy(let value, let field, let edits):
            return named(field) + fuzzyWord(value, isAfterName: field != nil) + "~\(edits)"
        case .term(let value, let field):
            return named(field) + (value.isEmpty ? "\"\"" : word(value, isAfterName: true))
        case .dates(let range, let field): return word(field, isAfterName: false) + dates(range)
        case .monthDay(let month, let day, let field):
            return named(field) + PartialDate(month: month, day: day).text
        case .numbers(let range, let field): return word(field, isAfterName: false) + numbers(range, unit: "")
        case .within(let shape, let field): return named(field) + self.shape(shape)
        case .covers(let point, let field): return named(field) + pair(point.latitude, point.longitude)
        case .figure(let subject, let range, let unit):
            return self.subject(subject) + numbers(range, unit: unitText(unit))
        }
    }

    private func named(_ field: String?) -> String { field.map { word($0, isAfterName: false) + ":" } ?? "" }

    // MARK: Places

    private func shape(_ shape: GeoShape) -> String {
        switch shape {
        case .circle(let centre, let metres): pair(centre.latitude, centre.longitude) + "~\(metres)m"
        case .box(let box): pair(box.south, box.west) + ".." + pair(box.north, box.east)
        case .polygon(let ring): ring.map { pair($0.latitude, $0.longitude) }.joined(separator: ";")
        }
    }

    private func pair(_ latitude: Double, _ longitude: Double) -> String { "\(latitude),\(longitude)" }

    // MARK: Ranges

    private func dates(_ range: DateRange) -> String {
        switch (range.lower, range.upper) {
        case (nil, nil): return ":*"
        case (let lower?, nil): return ">=" + day(lower)
        case (nil, let upper?): return "<" + day(upper)
        case (let lower?, let upper?):
            guard let first = CalendarDay(daysSince1970: lower), let last = CalendarDay(daysSince1970: upper - 1) else {
                return ":" + day(lower) + ".." + day(upper)
            }
            // As coarse as both ends allow: whole years, whole months, days.
            let startsMonth = first.day == 1
            let endsMonth = last.day == CalendarDay.length(ofMonth: last.month, year: last.year)
            let isMonths = startsMonth && endsMonth
            let isYears = isMonths && first.month == 1 && last.month == 12
            func text(_ day: CalendarDay) -> String {
                PartialDate(year: day.year, month: isYears ? nil : day.month, day: isMonths ? nil : day.day).text
            }
            return ":" + (text(first) == text(last) ? text(first) : text(first) + ".." + text(last))
        }
    }

    private func day(_ day: Int) -> String { CalendarDay(daysSince1970: day)?.text ?? "\(day)" }

    private func numbers(_ range: NumberRange, unit: String) -> String {
        switch (range.lower, range.upper) {
        case (nil, nil): return "=*" + unit
        case (let lower?, nil): return (range.includesLower ? ">=" : ">") + number(lower) + unit
        case (nil, let upper?): return (range.includesUpper ? "<=" : "<") + number(upper) + unit
        case (let lower?, let upper?):
            if lower == upper { return "=" + number(lower) + unit }
            let mark = (range.includesLower ? "" : "<") + ".." + (range.includesUpper ? "" : "<")
            return "=" + number(lower) + mark + number(upper) + unit
        }
    }

    private func number(_ value: Double) -> String {
        let isWhole = value.rounded() == value && value.magnitude < 1e15
        return isWhole ? "\(Int(value))" : "\(value)"
    }

    // MARK: Words

    /// A quoted phrase; quotes and backslashes in it are escaped.
    private func quoted(_ value: String) -> String {
        var result = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in value.unicodeScalars {
            if QueryGlyphs.sign(scalar) == "\"" || scalar == "\\" { result.append("\\") }
            result.append(scalar)
        }
        result.append("\"")
        return String(result)
    }

    /// A word in which nothing is a sign.
    private func word(_ value: String, isAfterName: Bool) -> String {
        var result = String.UnicodeScalarView()
        let count = value.unicodeScalars.count
        for (index, scalar) in value.unicodeScalars.enumerated() {
            let isLeading = index == 0 && !isAfterName && "-!".unicodeScalars.contains(QueryGlyphs.sign(scalar))
            // A question mark inside may stand for a character.
            let isInnerMark = scalar == "?" && index > 0 && index + 1 < count
            if isLeading || isInnerMark || isSign(scalar) { result.append("\\") }
            result.append(scalar)
        }
        let text = String(result)
        let signs = String(String.UnicodeScalarView(value.unicodeScalars.map(QueryGlyphs.sign)))
        return !isAfterName && QueryParserRun.operatorWords[signs] != nil ? "\\" + text : text
    }

    /// A pattern: its pieces as words, with the signs between them.
    private func pattern(_ pattern: WildcardPattern, isAfterName: Bool) -> String {
        func signs(_ gap: WildcardPattern.Gap) -> String { String(repeating: "?", count: gap.least) + (gap.isOpen ? "*" : "") }
        var result = signs(pattern.gaps[0])
        for (place, piece) in pattern.pieces.enumerated() {
            for scalar in piece.unicodeScalars {
                let isLeading = result.isEmpty && !isAfterName && "-!".unicodeScalars.contains(QueryGlyphs.sign(scalar))
                if isLeading || isSign(scalar) || scalar == "?" { result += "\\" }
                result.unicodeScalars.append(scalar)
            }
            result += signs(pattern.gaps[place + 1])
        }
        return result
    }

    /// Whether a character in a word would be read as a sign.
    private func isSign(_ scalar: Unicode.Scalar) -> Bool {
        let sign = QueryGlyphs.sign(scalar)
        if scalar.properties.isWhitespace || scalar == "\\" || QueryGlyphs.closing(sign) != nil { return true }
        return switch sign {
        case "(", ")", "^", "|", ":", ">", "<", "=", "*", "~", "≥", "≤", "⩾", "⩽", "≧", "≦", "&": true
        default: false
        }
    }

    /// A word before `~`: one of digits alone would not be fuzzy.
    private func fuzzyWord(_ value: String, isAfterName: Bool) -> String {
        let text = word(value, isAfterName: isAfterName)
        let isNumber = value.unicodeScalars.allSatisfy { ("0"..."9").contains(QueryGlyphs.sign($0)) }
        return isNumber ? "\\" + text : text
    }

    /// A figure's subject: escaped at the start, so that it is never taken for a field's name.
    private func subject(_ value: String) -> String {
        let text = word(value, isAfterName: false)
        return fields.field(named: value) == nil || text.hasPrefix("\\") ? text : "\\" + text
    }

    /// A unit: escaped where it would be read as part of the number or of a range.
    private func unitText(_ unit: String) -> String {
        guard let first = unit.unicodeScalars.first else { return "" }
        let text = word(unit, isAfterName: true)
        let isPlain = unit == "%" || first.properties.isAlphabetic && !"十百千万亿萬億拾佰仟eE成点點".unicodeScalars.contains(first)
        let hasRange = unit.unicodeScalars.contains { ".。…‥至到,".unicodeScalars.contains($0) }
        guard !isPlain || hasRange else { return text }
        // Escape every character that is not escaped yet.
        var result = String.UnicodeScalarView()
        for scalar in unit.unicodeScalars {
            result.append("\\")
            result.append(scalar)
        }
        return String(result)
    }
}
