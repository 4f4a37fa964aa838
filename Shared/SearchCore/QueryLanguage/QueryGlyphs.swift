// A query's text as glyphs: each character with the sign that it is to the parser, so that what a Chinese keyboard
// types (：（）“”～－｜＞《=》…) reads like its ASCII form. The text of words is kept as typed.

/// One Unicode scalar of a query.
struct QueryGlyph {
    /// The scalar as typed.
    var scalar: Unicode.Scalar
    /// What it is to the parser: the ASCII form of full-width signs, else the scalar itself; U+0000 after a backslash,
    /// so that it is never a sign.
    var sign: Unicode.Scalar
    /// Half-open range of UTF-8 bytes in the query.
    var range: Range<Int>

    var isEscaped: Bool { sign == "\0" }
    var isSpace: Bool {
        // The plain cases first: the property look-up costs 30 ns.
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0x3000: !isEscaped
        case 0x21...0x7E, 0x4E00...0x9FFF: false
        default: !isEscaped && scalar.properties.isWhitespace
        }
    }
    var isDigit: Bool { ("0"..."9").contains(sign) }
}

enum QueryGlyphs {
    /// The glyphs of a text; a backslash joins with the character after it.
    static func read(_ text: String) -> [QueryGlyph] {
        var glyphs: [QueryGlyph] = []
        var offset = 0
        var backslash: Int?
        for scalar in text.unicodeScalars {
            let end = offset + UTF8.width(scalar)
            if let start = backslash {
                glyphs.append(QueryGlyph(scalar: scalar, sign: "\0", range: start..<end))
                backslash = nil
            } else if scalar == "\\" {
                backslash = offset
            } else {
                glyphs.append(QueryGlyph(scalar: scalar, sign: sign(scalar), range: offset..<end))
            }
            offset = end
        }
        if let start = backslash { glyphs.append(QueryGlyph(scalar: "\\", sign: "\\", range: start..<offset)) }
        return glyphs
    }

    /// The text of glyphs, without the backslashes.
    static func text(_ glyphs: some Sequence<QueryGlyph>) -> String {
        var result = String.UnicodeScalarView()
        for glyph in glyphs { result.append(glyph.scalar) }
        return String(result)
    }

    /// The ASCII sign that a character stands for.
    static func sign(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "“", "”", "„", "‟", "〝", "〞", "＂": return "\""
        case "〜", "∼", "˜": return "~"
        case "−", "﹣": return "-"
        case "︰", "﹕", "∶": return ":"
        case "﹙": return "("
        case "﹚": return ")"
        case "\0": return "\u{FFFD}"
        case "\u{FF01}"..."\u{FF5E}" where scalar != "＼":
            return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
        default: return scalar
        }
    }

    /// The sign that closes a quotation opened by `sign`; nil where `sign` opens none.
    static func closing(_ sign: Unicode.Scalar) -> Unicode.Scalar? {
        switch sign {
        case "\"": "\""
        case "「": "」"
        case "『": "』"
        default: nil
        }
    }
}
