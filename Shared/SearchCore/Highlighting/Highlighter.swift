// Marks in a field's text what made it match.
//
// The text is analysed like at indexing, so that offsets come from the analyser and point into the original: 打赢 marks
// 打贏, and 疫情防控 marks 疫 情防 控 with its spaces. A contiguous phrase is one mark, and only where all of it stands; the
// characters of a phrase with slop are marked each. What stands under a negation is never marked.
//
// Invariants:
//  (1) Ranges are ascending, disjoint, not empty, on scalar boundaries, and within the text.
//  (2) The shown text is a run of the original's bytes; taking the marks out gives it back unchanged.

package import Analysis
package import Messages

/// Marks the matches of one query. Made once a query, used for every hit.
package struct Highlighter: Sendable {
    /// Bytes of a field's text in which matches are looked for; what stands beyond is shown without marks.
    package static let textLimit = 1 << 20

    private let analyzer: Analyzer
    private let needles: [Needle]
    private let terms: TermIndex
    /// What makes a part of a text worth its tokens; nil where the whole text must be analysed: a phrase with slop or with
    /// punctuation in it may reach over several parts.
    private let interest: RunInterest?

    /// Makes a highlighter for `query`, a normal tree.
    ///
    /// - Parameter isThorough: analyses all of each text, whatever is looked for; the matches are the same.
    package init(
        _ query: Query, fields: QueryFields = .bulletins, analyzer: Analyzer = Analyzer(), isThorough: Bool = false
    ) {
        self.analyzer = analyzer
        let collector = NeedleCollector(query, fields: fields, analyzer: analyzer)
        needles = collector.needles
        terms = collector.terms
        interest = isThorough ? nil : Self.interest(of: collector.needles, collector.terms)
    }

    private static func interest(of needles: [Needle], _ terms: TermIndex) -> RunInterest? {
        var interest = RunInterest()
        for needle in needles {
            switch needle.kind {
            case .sequence(let units, let slop):
                let isGapless = units.enumerated().allSatisfy { $0.element.offset == $0.offset }
                guard slop == 0, isGapless, let first = units.first else { return nil }
                if units.count > 1 {
                    interest.insert(terms.terms[first.term], terms.terms[units[1].term])
                } else {
                    interest.insert(terms.terms[first.term])
                }
            case .part(let term, let isPair):
                if isPair { interest.insert(pair: terms.terms[term]) } else { interest.insert(terms.terms[term]) }
            case .prefix, .pattern, .fuzzy: interest.wantsWords = true
            case .chain, .choices: return nil
            case .value, .fitting: break
            }
        }
        return interest
    }

    /// The matches in a field's text.
    ///
    /// - Complexity: O(bytes), and O(bytes · needles) for the parts of the text that may hold one, times the slop of a phrase that has one.
    package func ranges(in text: [UInt8], field: String) -> [ByteRange] {
        Self.merged(matches(in: text, field: field))
    }

    /// The whole text with its matches.
    package func highlight(_ text: String, field: String) -> HighlightedText {
        HighlightedText(text: text, ranges: ranges(in: Array(text.utf8), field: field))
    }

    /// The best part of a text: at most `characters` Unicode scalars around the densest matches, from its beginning where
    /// there are none.
    package func snippet(_ text: String, field: String, characters: Int) -> HighlightedText {
        let bytes = Array(text.utf8)
        let matches = matches(in: bytes, field: field)
        let window = SnippetFinder(text: bytes, characters: max(1, characters)).window(
            matches, weights: needles.map(\.weight))
        let ranges = Self.merged(matches).compactMap { range -> ByteRange? in
            let cut = range.lower..<range.upper
            let inside = cut.clamped(to: window)
            return inside.isEmpty ? nil : ByteRange(inside.lowerBound, inside.upperBound)
        }
        return HighlightedText(
            text: String(decoding: bytes[window], as: UTF8.self), start: window.lowerBound, ranges: ranges,
            continuesBefore: window.lowerBound > 0, continuesAfter: window.upperBound < bytes.count)
    }

    /// One place that matches one needle.
    struct Match {
        var range: Range<Int>
        /// The needle's index.
        var needle: Int
    }

    // MARK: Matching

    private func matches(in text: [UInt8], field: String) -> [Match] {
        let wanted = needles.indices.filter { needles[$0].field == nil || needles[$0].field == field }
        guard !wanted.isEmpty, !text.isEmpty else { return [] }
        var matches: [Match] = []
        var tokens: FieldTokens?
        for index in wanted {
            let found: [Range<Int>]
            if case .value(let folded, let isPrefix) = needles[index].kind {
                found = wholeValue(text, folded, isPrefix: isPrefix)
            } else if case .fitting(let automaton) = needles[index].kind {
                found = wholeValue(text) { automaton.matches(Array($0.utf8)[...]) }
            } else {
                let known = tokens ?? FieldTokens(text, terms: terms, analyzer: analyzer, interest: interest)
                tokens = known
                found = ranges(of: needles[index].kind, known)
            }
            matches += found.map { Match(range: $0, needle: index) }
        }
        return matches.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
    }

    private func ranges(of kind: Needle.Kind, _ tokens: FieldTokens) -> [Range<Int>] {
        switch kind {
        case .sequence(let units, slop: 0): tokens.contiguous(units)
        case .sequence(let units, let slop): tokens.sloppy(units, slop: slop)
        case .part(let term, _): tokens.occurrences(of: term)
        case .prefix(let prefix): tokens.words { $0.starts(with: prefix) }
        case .pattern(let automaton): tokens.words(where: automaton.matches)
        case .chain(let links): tokens.chained(links)
        case .choices(let choices, let changes): tokens.chosen(choices, changes: changes)
        case .fuzzy(let scalars, let edits):
            tokens.words { term in
                // Each edit changes the length by at most one scalar of at most four bytes.
                guard term.count <= (scalars.count + edits) * 4 else { return false }
                let word = Array(String(decoding: term, as: UTF8.self).unicodeScalars)
                guard (word.count - scalars.count).magnitude <= edits else { return false }
                return QueryFields.editDistance(scalars, word) <= edits
            }
        case .value, .fitting: []
        }
    }

    /// The whole text, if its folded form is `folded` or begins so.
    private func wholeValue(_ text: [UInt8], _ folded: String, isPrefix: Bool) -> [Range<Int>] {
        wholeValue(text) { value in
            isPrefix ? value.utf8.starts(with: folded.utf8) : value.utf8.elementsEqual(folded.utf8)
        }
    }

    private func wholeValue(_ text: [UInt8], where matches: (String) -> Bool) -> [Range<Int>] {
        guard text.count <= Self.textLimit else { return [] }
        return matches(analyzer.folded(String(decoding: text, as: UTF8.self))) ? [0..<text.count] : []
    }

    /// Ranges without overlap; those that touch become one.
    static func merged(_ matches: [Match]) -> [ByteRange] {
        var result: [ByteRange] = []
        for match in matches {
            if let last = result.last, match.range.lowerBound <= last.upper {
                result[result.count - 1].upper = max(last.upper, match.range.upperBound)
            } else {
                result.append(ByteRange(match.range.lowerBound, match.range.upperBound))
            }
        }
        return result
    }
}
