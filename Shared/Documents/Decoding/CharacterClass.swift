// What kind of character a scalar value is, by one table look-up.
//
// The extractors look at every character of every document; a table of one byte a character of the basic plane keeps
// that to one load and one test. Built once from the rules below.

/// A set of kinds a character belongs to.
struct CharacterClass: OptionSet, Sendable {
    let rawValue: UInt8

    /// 0…9 in both widths.
    static let digit = CharacterClass(rawValue: 1)
    /// 〇零一二三四五六七八九十百千万亿两 and 萬億兩.
    static let chineseNumeral = CharacterClass(rawValue: 2)
    /// A Chinese character.
    static let ideograph = CharacterClass(rawValue: 4)
    /// Spaces of every width, and line breaks.
    static let space = CharacterClass(rawValue: 8)
    /// 。！？ and their narrow forms, ；…
    static let sentenceEnd = CharacterClass(rawValue: 16)
    /// ，、：and other marks that end a clause but no sentence.
    static let clauseMark = CharacterClass(rawValue: 32)
    /// A Latin letter.
    static let letter = CharacterClass(rawValue: 64)
    /// A character that may start something the extractors look for besides numbers: 《, 今, 昨 and so on.
    static let trigger = CharacterClass(rawValue: 128)

    /// The kinds of `scalar`.
    @inline(__always)
    static func of(_ scalar: UInt32) -> CharacterClass {
        scalar < 0x10000 ? CharacterClass(rawValue: table[Int(scalar)]) : supplementary(scalar)
    }

    /// The table as a value, for loops: a static member costs a check of its initialisation at every use.
    struct Lookup: Sendable {
        fileprivate let table: [UInt8]

        /// The kinds of `scalar`.
        @inline(__always)
        subscript(scalar: UInt32) -> CharacterClass {
            scalar < 0x10000 ? CharacterClass(rawValue: table[Int(scalar)]) : CharacterClass.supplementary(scalar)
        }
    }

    /// The kinds of all characters.
    static var lookup: Lookup { Lookup(table: table) }

    fileprivate static func supplementary(_ scalar: UInt32) -> CharacterClass {
        (0x20000...0x3FFFF).contains(scalar) ? .ideograph : []
    }

    private static let table: [UInt8] = {
        var table = [UInt8](repeating: 0, count: 0x10000)
        func mark(_ characters: String, _ kind: CharacterClass) {
            for scalar in characters.unicodeScalars where scalar.value < 0x10000 {
                table[Int(scalar.value)] |= kind.rawValue
            }
        }
        for scalar in 0x3400...0x9FFF { table[scalar] |= CharacterClass.ideograph.rawValue }
        for scalar in 0xF900...0xFAFF { table[scalar] |= CharacterClass.ideograph.rawValue }
        for scalar in [0x41...0x5A, 0x61...0x7A, 0xFF21...0xFF3A, 0xFF41...0xFF5A, 0xC0...0x24F].joined() {
            table[scalar] |= CharacterClass.letter.rawValue
        }
        mark("0123456789０１２３４５６７８９", .digit)
        mark("〇零一二三四五六七八九十百千万亿两萬億兩", .chineseNumeral)
        mark(" \t\r\n\u{0B}\u{0C}\u{A0}\u{3000}\u{2002}\u{2003}\u{2009}\u{200B}\u{FEFF}", .space)
        mark("。！？!?；;…", .sentenceEnd)
        mark("，、：,:", .clauseMark)
        mark("《今昨前明当當去上下本同这這后後大半翻近最过過未正腊臘除元春农農阴陰夏闰閏节節旦", .trigger)
        return table
    }()
}
