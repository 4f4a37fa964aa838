// What was typed, prepared once for the tables of all segments.

package import Analysis

/// Typed text in the forms that tables are asked with.
package struct TypedText: Sendable {
    /// Characters of what is typed that are looked at; longer typing is no beginning of a name.
    package static let maximumTyped = 40
    /// Shorter typing gets no tolerance: everything is near to it.
    static let shortestTolerant = 3

    /// The folded text.
    let key: [UInt8]
    /// Where each scalar of `key` begins, and `key.count` behind the last.
    let offsets: [Int]
    /// What was typed as letters of sounds; nil where it is anything else.
    let letters: [UInt8]?
    /// The sounds of what was typed as a careless ear has them, each reading a key; none where a character has no sound.
    let softened: [[UInt8]]

    /// Nil for what suggests nothing: no character, or more than `maximumTyped`.
    package init?(_ typed: String, analyzer: Analyzer = Analyzer()) {
        let text = SuggestionText.plain(String(typed.prefix(Self.maximumTyped + 1)), analyzer)
        let scalars = Array(text.unicodeScalars)
        guard !scalars.isEmpty, scalars.count <= Self.maximumTyped else { return nil }
        key = Array(text.utf8)
        var offsets = [0]
        for scalar in scalars { offsets.append(offsets[offsets.count - 1] + UTF8.width(scalar)) }
        self.offsets = offsets
        let letters = SuggestionText.letters(typed)
        self.letters = letters
        let hasSounds =
            letters == nil && scalars.count > 1 && scalars.allSatisfy { !Pinyin.shared.readings($0).isEmpty }
        softened =
            hasSounds && scalars.count <= SuggestionText.soundLimit
            ? SuggestionText.readings(scalars).map { SuggestionText.spelled($0.map(SuggestionText.soften)) } : []
    }

    var count: Int { offsets.count - 1 }
}

/// How texts and sounds are written in tables.
enum SuggestionText {
    /// Characters of an entry that are spelt by sound.
    static let soundLimit = 12
    /// Readings of a text that are known, of all its characters' readings.
    static let readingLimit = 4
    static let apostrophe: UInt8 = 0x27

    /// The folded text; spaces stay between ASCII characters only, as OCR puts them anywhere among Chinese ones.
    static func plain(_ text: String, _ analyzer: Analyzer) -> String {
        let scalars = Array(analyzer.folded(text).unicodeScalars)
        var result = String.UnicodeScalarView()
        for (place, scalar) in scalars.enumerated() where scalar != "\0" {
            let isBetweenWords =
                place > 0 && place + 1 < scalars.count && scalars[place - 1].isASCII && scalars[place + 1].isASCII
            if scalar != " " || isBetweenWords { result.append(scalar) }
        }
        return String(result)
    }

    static func letters(_ typed: String) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in typed.unicodeScalars {
            switch scalar {
            case "a"..."z": result.append(UInt8(scalar.value))
            case "A"..."Z": result.append(UInt8(scalar.value) + 0x20)
            case "ü", "Ü": result.append(0x76)
            case " ", "'", "’": continue
            default: return nil
            }
        }
        return result.isEmpty ? nil : result
    }

    /// The syllables of a text's first characters in up to `readingLimit` readings: from the first character with a
    /// sound, unless ASCII stands before it, up to the next without. Where there are more readings, those are kept in which
    /// later characters are read as usual: typing begins at the front.
    static func readings(_ scalars: [Unicode.Scalar]) -> [[[UInt8]]] {
        var result: [[[UInt8]]] = [[]]
        let start = scalars.prefix { !$0.isASCII && Pinyin.shared.readings($0).isEmpty }.count
        for scalar in scalars.dropFirst(start).prefix(soundLimit) {
            let sounds = Pinyin.shared.readings(scalar)
            guard !sounds.isEmpty else { break }
            var longer: [[[UInt8]]] = []
            for sound in sounds {
                for reading in result where longer.count < readingLimit { longer.append(reading + [sound]) }
            }
            result = longer
        }
        return result[0].isEmpty ? [] : result
    }

    /// A syllable as a careless ear has it.
    static func soften(_ syllable: [UInt8]) -> [UInt8] {
        var result = syllable
        let initials: [UInt8] = Array("zcs".utf8)
        if result.count > 1, result[1] == 0x68, initials.contains(result[0]) { result.remove(at: 1) }
        if result.first == 0x6C { result[0] = 0x6E }
        if result.count > 2, result[result.count - 1] == 0x67 { result.removeLast() }
        return result
    }

    /// Syllables with an apostrophe behind each: `fu'gong'`.
    static func spelled(_ syllables: [[UInt8]]) -> [UInt8] { syllables.flatMap { $0 + [apostrophe] } }
}
