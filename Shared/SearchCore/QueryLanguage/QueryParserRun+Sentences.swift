// Sentences: signs that stand inside running text belong to it.
//
// People paste questions and titles: 谁说过“我思故我在”？, 陆家嘴（浦东）有哪些公园, 名侦探柯南：迷宫的十字路何时上映. Quotes, brackets and colons
// in them connect without white space to a long text or a question and are no operators. Set apart by a space, or in a
// short text, they are.

import Analysis
import Messages

extension QueryParserRun {
    /// The running text at the cursor that has signs in it, up to white space; nil where there is none.
    ///
    /// - Complexity: O(glyphs) a call, once a term.
    func sentenceHere() -> Range<Int>? {
        var end = index
        var open = 0
        var hasSigns = false
        while end < glyphs.count {
            let glyph = glyphs[end]
            if glyph.isSpace {
                if open > 0 { return nil }
                break
            }
            if let closing = QueryGlyphs.closing(glyph.sign) {
                guard let after = endOfQuotation(from: end, closing: closing) else { return nil }
                // A quotation by itself is a phrase, also at the end of a group.
                let isWhole = end == index && (after == glyphs.count || glyphs[after].isSpace || glyphs[after].sign == ")")
                let hasSlop = after < glyphs.count && (glyphs[after].sign == "~" || glyphs[after].sign == "^")
                if isWhole || hasSlop { return nil }
                hasSigns = true
                end = after
                continue
            }
            switch glyph.sign {
            case "(":
                let isEmptyOrOperator = end == index || (end + 1 < glyphs.count && "-!".unicodeScalars.contains(glyphs[end + 1].sign))
                if isEmptyOrOperator { return nil }
                open += 1
                hasSigns = true
            case ")":
                if open == 0 { return sentence(end, hasSigns) }
                open -= 1
            case ":":
                if end == index || (open == 0 && isField(index..<end)) { return nil }
                hasSigns = true
            case "|", "*", "^", "&": return nil
            default: if comparison(at: end) != nil { return nil }
            }
            end += 1
        }
        return open == 0 ? sentence(end, hasSigns) : nil
    }

    private func sentence(_ end: Int, _ hasSigns: Bool) -> Range<Int>? {
        guard hasSigns, end > index else { return nil }
        return PlanCompiler.isProse(QueryGlyphs.text(glyphs[index..<end])) ? index..<end : nil
    }

    private func endOfQuotation(from start: Int, closing: Unicode.Scalar) -> Int? {
        var end = start + 1
        while end < glyphs.count, glyphs[end].sign != closing { end += 1 }
        return end < glyphs.count ? end + 1 : nil
    }

    /// Whether a word before a colon is a field's name, or near enough to one to be a mistake.
    private func isField(_ word: Range<Int>) -> Bool {
        let name = QueryGlyphs.text(glyphs[word])
        return parser.fields.field(named: name) != nil || parser.fields.nearest(to: name) != nil
    }
}
