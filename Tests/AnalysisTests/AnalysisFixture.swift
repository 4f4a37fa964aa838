// Short ways to write tokens and random texts in tests.

import Analysis

/// A text's tokens, each as `kind:term@position`, kind being u, b, w or n.
func tokens(_ text: String) -> [String] { tokens(Array(text.utf8)) }

func tokens(_ bytes: [UInt8]) -> [String] {
    var buffer = TokenBuffer()
    Analyzer().analyze(bytes, into: &buffer)
    return buffer.tokens.map { token in
        let kind = ["u", "b", "w", "n"][Int(token.kind.rawValue)]
        return "\(kind):\(String(decoding: buffer.term(token), as: UTF8.self))@\(token.position)"
    }
}

/// Tokens without bigrams, as `term@position`.
func terms(_ text: String) -> [String] {
    tokens(text).filter { !$0.hasPrefix("b:") }.map { String($0.dropFirst(2)) }
}

/// Every token of a text with its own bytes of the original: `term=original`.
func spans(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    var buffer = TokenBuffer()
    Analyzer().analyze(bytes, into: &buffer)
    return buffer.tokens.filter { $0.kind != .bigram }.map { token in
        let original = bytes[Int(token.startByte)..<Int(token.endByte)]
        return String(decoding: buffer.term(token), as: UTF8.self) + "=" + String(decoding: original, as: UTF8.self)
    }
}

/// Texts of the pieces that the analyser tells apart, and of any bytes at all.
struct RandomText {
    var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private static let pieces = [
        "疫", "情", "防控", "國際", "论坛", "龍", "打贏", "，", "。", "、", " ", "　", "\n", "“", "”", "《", "·", "-", "－", "'", "’",
        "covid", "Ａ", "é", "e\u{301}", "ß", "ﬁ", "㎏", "㍿", "が", "か\u{3099}", "ｶﾞ", "ﾊﾟ", "ー", "は", "1", "4,500", "１，０００",
        "2020.02.08", "3.14", "70%", "５０％", "٣", "²", "①", "½", "℃", "\u{FE0F}", "💪", "한국", "ไทย", "नमस्ते", "שָׁלוֹם", "т",
        "й", ".",
        ",", "%", "a.b", "\u{200D}", "\u{3099}", "\u{0}", "𠀀", "𬭊", "乾坤", "\u{2F00}", "豈", "Ⅳ", "x",
    ]

    mutating func text() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...24, using: &generator) {
            bytes += Array(Self.pieces.randomElement(using: &generator)!.utf8)
        }
        return bytes
    }

    /// A text with bytes changed, dropped or put in.
    mutating func brokenText() -> [UInt8] {
        var bytes = text()
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: index)
            default: bytes.insert(UInt8.random(in: 0x80...255, using: &generator), at: index)
            }
        }
        return bytes
    }
}
