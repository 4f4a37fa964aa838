// Readings of Chinese characters without tones, ü written v. A tier of its own: what is found by its sound is never
// mixed with what is found by its characters.
//
// A character has its readings in everyday use, the most common first: 行 xing, hang. Traditional and variant forms are
// folded before they are looked up.

/// The readings of Han characters.
package struct Pinyin: Sendable {
    /// For each scalar of `block`, the index of its first reading in `syllables` + 1, or 0; `manyFlag` marks others.
    private var firstReading: [UInt16]
    /// All readings of the characters that have several.
    private var allReadings: [UInt32: [UInt16]] = [:]
    /// Every syllable, ascending.
    private var syllables: [[UInt8]] = []
    /// By syllable: the characters that are read so, those for which it is the usual reading first.
    private var sounding: [[UInt32]] = []
    private var numbers: [[UInt8]: Int] = [:]
    /// The syllables that can be typed as a whole: all but the interjections m, n, ng and hm.
    private var typedSyllables: Set<[UInt8]> = []

    package static let shared = Pinyin()

    private static let block: Range<UInt32> = 0x3400..<0xA000
    private static let manyFlag: UInt16 = 0x8000
    /// The bytes of the longest syllable: zhuang.
    package static let longestSyllable = 6

    /// Unpacks `PinyinData`, whose text is ours and covered by tests.
    private init() {
        firstReading = Array(repeating: 0, count: Self.block.count)
        var later: [UInt32: [UInt16]] = [:]
        var isLater = false
        for line in PinyinData.readings.split(separator: "\n") {
            var characters = line[...]
            if let first = line.utf8.first, first < 0x80, first != 0x2F {
                let name = line.prefix { $0 != " " }
                syllables.append(Array(name.utf8))
                sounding.append([])
                numbers[Array(name.utf8)] = syllables.count - 1
                characters = line[name.endIndex...]
                isLater = false
            }
            let index = UInt16(syllables.count)
            for scalar in characters.unicodeScalars {
                if scalar == "/" { isLater = true }
                guard Self.block.contains(scalar.value) else { continue }
                if !sounding.isEmpty { sounding[sounding.count - 1].append(scalar.value) }
                if isLater {
                    later[scalar.value, default: []].append(index)
                } else {
                    firstReading[Int(scalar.value - Self.block.lowerBound)] = index
                }
            }
        }
        for (scalar, others) in later {
            let place = Int(scalar - Self.block.lowerBound)
            allReadings[scalar] = (firstReading[place] > 0 ? [firstReading[place]] : []) + others
            firstReading[place] |= Self.manyFlag
        }
        let interjections: Set<String> = ["m", "n", "ng", "hm"]
        typedSyllables = Set(syllables.filter { !interjections.contains(String(decoding: $0, as: UTF8.self)) })
    }

    /// The readings of a folded character, the most common first; none for what is no Han character.
    package func readings(_ scalar: Unicode.Scalar) -> [[UInt8]] {
        guard Self.block.contains(scalar.value) else { return [] }
        let first = firstReading[Int(scalar.value - Self.block.lowerBound)]
        if first & Self.manyFlag != 0 {
            return (allReadings[scalar.value] ?? []).map { syllables[Int($0) - 1] }
        }
        return first == 0 ? [] : [syllables[Int(first) - 1]]
    }

    /// The folded characters that are read so, those for which it is the usual reading first; none for what is no syllable.
    package func characters(reading syllable: [UInt8]) -> [UInt32] { numbers[syllable].map { sounding[$0] } ?? [] }

    /// The syllables that satisfy a condition, ascending. - Complexity: O(syllables), about 400.
    package func syllables(where isWanted: ([UInt8]) -> Bool) -> [[UInt8]] { syllables.filter(isWanted) }

    /// Whether letters are a syllable that can be typed as a whole.
    package func isSyllable(_ letters: ArraySlice<UInt8>) -> Bool { typedSyllables.contains(Array(letters)) }

    /// The tokens of the sound tier for the characters in `tokens`: each reading at its character's position and range,
    /// ascending by position. Words and numbers have none.
    package func tokens(of tokens: TokenBuffer) -> TokenBuffer {
        var result = TokenBuffer()
        for token in tokens.tokens where token.kind == .unigram {
            guard let scalar = String(decoding: tokens.term(token), as: UTF8.self).unicodeScalars.first else {
                continue
            }
            for reading in readings(scalar) {
                var sound = token
                sound.kind = .word
                sound.termStart = UInt32(truncatingIfNeeded: result.termBytes.count)
                sound.termLength = UInt16(reading.count)
                result.termBytes += reading
                result.tokens.append(sound)
            }
        }
        return result
    }

    /// The ways to read typed letters as whole syllables, those with the fewest syllables first, at most `limit`; none
    /// where they cannot be. `fangan` is fang an and fan gan, `xian` is xian and xi an. An apostrophe parts syllables.
    ///
    /// - Complexity: O(letters · `limit`); letters beyond 64 give none.
    package func syllables(typed: String, limit: Int = 8) -> [[String]] {
        let letters = Self.letters(typed)
        guard !letters.isEmpty, letters.count <= 64, limit > 0 else { return [] }
        // ways[i]: the best ways to read the letters from i on.
        var ways: [[[String]]] = Array(repeating: [], count: letters.count + 1)
        ways[letters.count] = [[]]
        for start in stride(from: letters.count - 1, through: 0, by: -1) {
            if letters[start] == Self.apostrophe {
                ways[start] = ways[start + 1]
                continue
            }
            var found: [[String]] = []
            for end in (start + 1)...min(letters.count, start + Self.longestSyllable) where !ways[end].isEmpty {
                let syllable = Self.withVowelV(Array(letters[start..<end]))
                guard typedSyllables.contains(syllable) else { continue }
                found += ways[end].map { [String(decoding: syllable, as: UTF8.self)] + $0 }
            }
            found.sort { ($0.count, $0.joined(separator: " ")) < ($1.count, $1.joined(separator: " ")) }
            ways[start] = Array(found.prefix(limit))
        }
        return ways[0]
    }

    // MARK: Letters

    static let apostrophe: UInt8 = 0x27

    /// The ASCII letters and apostrophes of a text, lower-cased, ü as v; empty where there is anything else but spaces.
    static func letters(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "'": result.append(UInt8(scalar.value))
            case "A"..."Z": result.append(UInt8(scalar.value) + 0x20)
            case "ü", "Ü": result.append(0x76)
            case " ", "’": result.append(apostrophe)
            default: return []
            }
        }
        return result
    }

    /// lue and nue are typed for lüe and nüe.
    static func withVowelV(_ syllable: [UInt8]) -> [UInt8] {
        switch syllable {
        case [0x6C, 0x75, 0x65]: [0x6C, 0x76, 0x65]
        case [0x6E, 0x75, 0x65]: [0x6E, 0x76, 0x65]
        default: syllable
        }
    }
}
