// Finds where typed letters spell a run of Chinese characters, as an input method would: by whole syllables, by initials,
// or mixed, the last syllable as far as it is typed. `fugong`, `fg`, `fug` and `fgong` all find 复工.

/// Matches one typed text against candidates.
package struct PinyinMatcher: Sendable {
    /// The letters, without apostrophes.
    private let letters: [UInt8]
    /// Whether a syllable must begin at a letter, because an apostrophe or a space stood before it.
    private let isBoundary: [Bool]
    private let analyzer = Analyzer()

    /// Letters that are looked at; longer input matches nothing.
    private static let letterLimit = 64
    /// Bytes of a candidate that are looked at: a title's length, not a text's.
    private static let candidateLimit = 4_096

    /// Makes a matcher; nil where `typed` is not letters only.
    package init?(_ typed: String) {
        var letters: [UInt8] = []
        var isBoundary: [Bool] = []
        var isNext = false
        for letter in Pinyin.letters(typed) {
            if letter == Pinyin.apostrophe {
                isNext = true
            } else {
                letters.append(letter)
                isBoundary.append(isNext)
                isNext = false
            }
        }
        guard !letters.isEmpty, letters.count <= Self.letterLimit else { return nil }
        self.letters = letters
        self.isBoundary = isBoundary
    }

    /// Where the letters spell a run of `candidate`: half-open ranges of its UTF-8 bytes, ascending by start, for each
    /// start the shortest run.
    ///
    /// - Complexity: O(characters · letters²) at worst, a few steps a character in practice.
    package func ranges(in candidate: String) -> [Range<Int>] {
        let bytes = Array(candidate.utf8.prefix(Self.candidateLimit))
        var buffer = TokenBuffer()
        analyzer.analyze(bytes, into: &buffer)
        let tokens = buffer.tokens.filter { $0.kind != .bigram }
        let readings = tokens.map { token -> [[UInt8]] in
            guard token.kind == .unigram else { return [Array(buffer.term(token))] }
            let scalar = String(decoding: buffer.term(token), as: UTF8.self).unicodeScalars.first
            return scalar.map(Pinyin.shared.readings) ?? []
        }
        var result: [Range<Int>] = []
        for start in tokens.indices where tokens[start].kind == .unigram {
            guard let end = end(from: start, tokens, readings) else { continue }
            result.append(Int(tokens[start].startByte)..<Int(tokens[end - 1].endByte))
        }
        return result
    }

    /// The end of the shortest run of tokens from `start` on that the letters spell.
    private func end(from start: Int, _ tokens: [Token], _ readings: [[[UInt8]]]) -> Int? {
        // The letters that the characters so far can have taken.
        var taken: Set<Int> = [0]
        var index = start
        while index < tokens.count, !taken.isEmpty {
            let isNeighbour = index == start || tokens[index].position == tokens[index - 1].position + 1
            guard isNeighbour else { return nil }
            var next: Set<Int> = []
            for at in taken {
                for reading in readings[index] { add(reading, at, tokens[index].kind, &next) }
            }
            index += 1
            if next.contains(letters.count) { return index }
            taken = next
        }
        return nil
    }

    /// Adds where the letters can stand after a character that is read so.
    private func add(_ reading: [UInt8], _ at: Int, _ kind: TokenKind, _ next: inout Set<Int>) {
        var common = 0
        while common < reading.count, at + common < letters.count, spells(reading, common, at),
            common == 0 || !isBoundary[at + common]
        {
            common += 1
        }
        guard common > 0 else { return }
        let isWhole = common == reading.count
        let isLast = at + common == letters.count
        // A word of letters is typed as it is; of a syllable the initial is enough, and the last may be cut anywhere.
        if isWhole || isLast { next.insert(at + common) }
        guard kind == .unigram else { return }
        next.insert(at + 1)
        let hasTwoLetterInitial = common >= 2 && reading.count > 2 && reading[1] == 0x68
        if hasTwoLetterInitial { next.insert(at + 2) }
    }

    /// Whether letter `at + offset` fits the reading there; u is typed for ü too, as in lue and nue.
    private func spells(_ reading: [UInt8], _ offset: Int, _ at: Int) -> Bool {
        let letter = letters[at + offset]
        if letter == reading[offset] { return true }
        return letter == 0x75 && reading[offset] == 0x76
    }
}
