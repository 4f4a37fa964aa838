// The parser's lower half: finding where operators, words and quotations stand.

import Analysis
import Messages

extension QueryParserRun {
    /// How a comparison sign bounds a value.
    enum Comparison { case above, atLeast, below, atMost, equal }

    // MARK: Cursor

    mutating func skipSpaces() { index = indexAfterSpaces(index) }

    func indexAfterSpaces(_ start: Int) -> Int {
        var index = start
        while index < glyphs.count, glyphs[index].isSpace { index += 1 }
        return index
    }

    /// Moves past white space and words that hold nothing to search for, such as the dash in 公告 - 上海.
    mutating func passOverPunctuation() {
        skipSpaces()
        while index < glyphs.count, operatorHere() == nil {
            let word = rawWordHere()
            let next = indexAfterSpaces(word.upperBound)
            let isPlain = !glyphs[word].contains { $0.isEscaped || $0.sign == "*" || $0.sign == ":" }
            guard !word.isEmpty, isPlain, comparison(at: next) == nil,
                next >= glyphs.count || glyphs[next].sign != "^",
                Self.analyzer.queryUnits(QueryGlyphs.text(glyphs[word])).isEmpty
            else { return }
            index = next
        }
    }

    private static let analyzer = Analyzer()

    /// Moves on by `length` glyphs and answers them.
    mutating func take(_ length: Int) -> Range<Int> {
        index += length
        return (index - length)..<index
    }

    /// The bytes that glyphs cover.
    func range(_ indices: Range<Int>) -> Range<Int> { QueryDateReader.range(glyphs[indices]) }

    // MARK: Operators

    /// The operator at the cursor and its glyphs.
    func operatorHere() -> (kind: Operator, length: Int)? {
        guard index < glyphs.count else { return nil }
        func sign(_ offset: Int) -> Unicode.Scalar? {
            index + offset < glyphs.count ? glyphs[index + offset].sign : nil
        }
        switch sign(0) {
        case "|": return (.or, sign(1) == "|" ? 2 : 1)
        case "&" where sign(1) == "&": return (.and, 2)
        case "-", "!":
            // A sign by itself is text; before a term it negates.
            let isAlone = index + 1 >= glyphs.count || glyphs[index + 1].isSpace
            return isAlone ? nil : (.not, 1)
        default: break
        }
        // `OR:` and `OR>` are no operators but wrong names, and are reported as such.
        let word = rawWordHere()
        guard word.count >= 2, word.count <= 3 else { return nil }
        let signs = String(String.UnicodeScalarView(glyphs[word].map(\.sign)))
        return Self.operatorWords[signs].map { ($0, word.count) }
    }

    /// Words that connect or negate where they stand alone.
    static let operatorWords: [String: Operator] = [
        "AND": .and, "并且": .and, "並且": .and, "OR": .or, "或者": .or, "NOT": .not, "不含": .not,
    ]

    func comparisonHere() -> (kind: Comparison, length: Int)? { comparison(at: index) }

    func comparison(at index: Int) -> (kind: Comparison, length: Int)? {
        guard index < glyphs.count else { return nil }
        let isFollowedByEqual = index + 1 < glyphs.count && glyphs[index + 1].sign == "="
        switch glyphs[index].sign {
        case ">": return isFollowedByEqual ? (.atLeast, 2) : (.above, 1)
        case "<": return isFollowedByEqual ? (.atMost, 2) : (.below, 1)
        case "≥", "⩾", "≧": return (.atLeast, 1)
        case "≤", "⩽", "≦": return (.atMost, 1)
        case "=": return (.equal, isFollowedByEqual ? 2 : 1)
        default: return nil
        }
    }

    // MARK: Words

    /// The word at the cursor, up to white space or a sign. A colon ends it only where a name can stand before it: 10:30
    /// and http://… are words.
    func wordHere() -> Range<Int> {
        var end = index
        while end < glyphs.count, !endsWord(at: end) {
            if glyphs[end].sign == ":", end > index, !isColonOfText(end, from: index) { break }
            end += 1
        }
        return index..<end
    }

    /// The word at the cursor where no name can stand: colons belong to it.
    func rawWordHere() -> Range<Int> {
        var end = index
        while end < glyphs.count, !endsWord(at: end) { end += 1 }
        return index..<end
    }

    /// The value at the cursor after a comparison or for a date or number: everything up to white space, a bracket or a
    /// quote.
    func valueHere() -> Range<Int> {
        var end = index
        while end < glyphs.count {
            let sign = glyphs[end].sign
            if glyphs[end].isSpace || sign == "(" || sign == ")" || QueryGlyphs.closing(sign) != nil || sign == "|"
                || sign == "^"
            {
                break
            }
            end += 1
        }
        return index..<end
    }

    private func endsWord(at index: Int) -> Bool {
        let glyph = glyphs[index]
        if glyph.isSpace || QueryGlyphs.closing(glyph.sign) != nil || comparison(at: index) != nil { return true }
        switch glyph.sign {
        case "(", ")", "^", "|": return true
        case "&": return index + 1 < glyphs.count && glyphs[index + 1].sign == "&"
        default: return false
        }
    }

    private func isColonOfText(_ colon: Int, from start: Int) -> Bool {
        if glyphs[start..<colon].contains(where: \.isEscaped) || glyphs[colon - 1].isDigit { return true }
        let after = colon + 1
        let isAddress = after + 1 < glyphs.count && glyphs[after].sign == "/" && glyphs[after + 1].sign == "/"
        return isAddress && parser.fields.field(named: QueryGlyphs.text(glyphs[start..<colon])) == nil
    }

    /// The quotation at the cursor: its text and the glyphs from quote to quote; moves past it.
    ///
    /// - Throws: `invalidQuery` at the opening quote where none closes it.
    mutating func quotation(closing: Unicode.Scalar) throws(KuaibaoError) -> (text: String, whole: Range<Int>) {
        let start = index
        var end = start + 1
        while end < glyphs.count, glyphs[end].sign != closing { end += 1 }
        guard end < glyphs.count else {
            throw QueryRefusal.invalid(
                "the quote is not closed", fix: "add \(closing == "\"" ? "\"" : String(closing)) where the phrase ends",
                range: glyphs[start].range)
        }
        index = end + 1
        return (QueryGlyphs.text(glyphs[(start + 1)..<end]), start..<index)
    }
}
