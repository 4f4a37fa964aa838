// Character references of HTML: `&amp;`, `&#8220;`, `&#x201C;`.
//
// Only the names that Chinese pages use are known; an unknown one stays as it is written. Nothing is ever expanded twice,
// and no entity can be declared, so that no input grows by being read.

/// Reads character references.
enum CharacterReference {
    /// What a reference stands for, as UTF-8, and its length in the source, at most 32 bytes.
    struct Value: Equatable {
        var bytes: [UInt8]
        var length: Int
    }

    private static let longest = 32

    /// The reference at `index`, where `&` stands; nil where there is none.
    static func read(_ source: [UInt8], at index: Int, before end: Int) -> Value? {
        let limit = min(end, index + longest)
        guard index + 2 < limit else { return nil }
        var cursor = index + 1
        while cursor < limit, source[cursor] != 0x3B, isNamePart(source[cursor]) { cursor += 1 }
        let isClosed = cursor < limit && source[cursor] == 0x3B
        let length = cursor - index + (isClosed ? 1 : 0)
        let name = source[(index + 1)..<cursor]
        if name.first == 0x23 {
            guard let scalar = numeric(name.dropFirst()) else { return nil }
            var bytes: [UInt8] = []
            UTF8Encoding.append(scalar, to: &bytes)
            return Value(bytes: bytes, length: length)
        }
        guard isClosed, let text = named[String(decoding: name, as: UTF8.self)] else { return nil }
        return Value(bytes: Array(text.utf8), length: length)
    }

    @inline(__always)
    private static func isNamePart(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x23
    }

    private static func numeric(_ digits: ArraySlice<UInt8>) -> UInt32? {
        let isHexadecimal = digits.first == 0x78 || digits.first == 0x58
        let text = String(decoding: isHexadecimal ? digits.dropFirst() : digits, as: UTF8.self)
        guard let value = UInt32(text, radix: isHexadecimal ? 16 : 10), value != 0,
            let scalar = Unicode.Scalar(value)
        else { return nil }
        // Numbers 128…159 are written for windows-1252 by old pages; the two dashes and quotes are what occurs.
        return windows[scalar.value] ?? scalar.value
    }

    private static let windows: [UInt32: UInt32] = [
        0x85: 0x2026, 0x91: 0x2018, 0x92: 0x2019, 0x93: 0x201C, 0x94: 0x201D, 0x95: 0x2022, 0x96: 0x2013, 0x97: 0x2014,
    ]

    private static let named: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "ensp": " ", "emsp": " ",
        "thinsp": " ", "ldquo": "“", "rdquo": "”", "lsquo": "‘", "rsquo": "’", "hellip": "…", "mdash": "—",
        "ndash": "–", "middot": "·", "bull": "•", "times": "×", "divide": "÷", "deg": "°", "plusmn": "±",
        "permil": "‰", "copy": "©", "reg": "®", "trade": "™", "laquo": "«", "raquo": "»", "lsaquo": "‹",
        "rsaquo": "›", "rarr": "→", "larr": "←", "uarr": "↑", "darr": "↓", "le": "≤", "ge": "≥", "ne": "≠",
        "asymp": "≈", "sup2": "²", "sup3": "³", "frac12": "½", "yen": "¥", "euro": "€", "pound": "£", "sect": "§",
        "para": "¶", "zwnj": "", "zwj": "", "shy": "", "radic": "√", "infin": "∞", "alpha": "α", "beta": "β",
        "micro": "µ", "omega": "Ω", "diams": "♦", "sdot": "⋅", "loz": "◊", "tilde": "˜", "circ": "ˆ",
    ]
}
