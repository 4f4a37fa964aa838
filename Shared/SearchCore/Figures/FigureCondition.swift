// When a stated number satisfies a condition such as 复工率>70%.
//
// The figure's subject contains the condition's, both folded; units are equal where the condition names one; and the
// figure's interval has a number in common with the condition's: 超过60% may be above 70 %, 近70% is not. Intervals are compared
// as closed ranges of integers that sort as the numbers do; an excluded bound is moved to the next number.

package import Analysis
package import Messages

/// A condition on figures, for the index and for whoever shows which figures were meant.
package struct FigureCondition: Sendable, Hashable {
    let subject: [UInt8]
    let unit: [UInt8]
    /// Nil when no number lies within.
    let bounds: ClosedRange<Int64>?

    package init(subject: String, range: NumberRange, unit: String, analyzer: Analyzer = Analyzer()) {
        self.subject = FigureTerm.folded(subject, analyzer)
        self.unit = FigureTerm.folded(unit, analyzer)
        bounds = NumberBounds.closedRange(range, isInteger: false)
    }

    /// Whether a figure satisfies the condition.
    package func holds(_ figure: Figure, analyzer: Analyzer = Analyzer()) -> Bool {
        guard let stated = FigureTerm.bounds(figure) else { return false }
        return isMet(by: FigureTerm.content(figure, analyzer)[...]) && isMet(by: stated)
    }

    /// Whether the subject and unit of a key without its tier byte are the ones asked for.
    func isMet(by content: ArraySlice<UInt8>) -> Bool {
        let stated = KeywordTerm.lookup(content)
        guard unit.isEmpty || content.dropFirst(stated.count + 1).elementsEqual(unit) else { return false }
        return Self.contains(stated, subject)
    }

    func isMet(by stated: ClosedRange<Int64>) -> Bool { bounds?.overlaps(stated) ?? false }

    /// Whether `part` stands in `text`, byte by byte; in UTF-8 that is on character boundaries.
    private static func contains(_ text: ArraySlice<UInt8>, _ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard text.count >= part.count else { return false }
        for start in text.startIndex...(text.endIndex - part.count)
        where text[start] == first && text[start..<(start + part.count)].elementsEqual(part) {
            return true
        }
        return false
    }
}

/// How figures are kept: a key of subject and unit, and an interval.
enum FigureTerm {
    /// A longer subject keeps its end, where Chinese puts the noun that is counted.
    static let maximumSubjectBytes = 512
    static let maximumUnitBytes = 128

    static func folded(_ text: String, _ analyzer: Analyzer) -> [UInt8] {
        analyzer.folded(text).utf8.filter { $0 != KeywordTerm.separator }
    }

    /// Folded subject, zero byte, folded unit.
    static func content(_ figure: Figure, _ analyzer: Analyzer) -> [UInt8] {
        let subject = folded(figure.subject, analyzer).suffix(maximumSubjectBytes)
        let unit = folded(figure.unit, analyzer).prefix(maximumUnitBytes)
        return subject.drop { $0 & 0xC0 == 0x80 } + [KeywordTerm.separator] + unit
    }

    /// The figure's interval; nil when no number lies within.
    static func bounds(_ figure: Figure) -> ClosedRange<Int64>? {
        NumberBounds.closedRange(
            NumberRange(
                lower: figure.lower, upper: figure.upper, includesLower: figure.includesLower,
                includesUpper: figure.includesUpper),
            isInteger: false)
    }
}
