// The scanning loop behind `Analyzer.analyze`; the grammar and the invariants are in Analyzer.swift.

/// One pass over one text.
struct TokenScanner {
    private let text: [UInt8]
    /// Bytes to scan; at most `text.count`.
    private let limit: Int
    private let tables = FoldingTables.shared
    /// What is filled; taken back by the caller.
    private(set) var buffer: TokenBuffer

    /// The position of the next token, without `gap`.
    private var position: UInt32 = 0
    /// 1 after a separator that follows a token, else 0.
    private var gap: UInt32 = 0
    /// Where the last word or number ended, if nothing but that came since; -1 otherwise.
    private var wordEnd = -1
    /// The CJK character just before, if the next one makes a bigram with it: where its term, text and position are.
    private var previousTerm = -1
    private var previousStart = 0
    private var previousPosition: UInt32 = 0

    init(text: [UInt8], limit: Int, buffer: TokenBuffer) {
        self.text = text
        self.limit = limit
        self.buffer = buffer
    }

    /// Scans the whole text.
    mutating func scan() {
        var index = 0
        while index < limit {
            let scalar = UTF8Reader.scalar(text, at: index, limit: limit)
            let entry = tables.entry(scalar.value)
            let end = index + scalar.length
            // The classes are switched on by number: `CharacterClass(rawValue:)` costs a check in this loop.
            switch entry >> 28 {
            case CharacterClass.cjk.rawValue:
                let target = entry & 0x1F_FFFF
                index = cjk(target == 0 ? scalar.value : target, index, end)
            case CharacterClass.transparent.rawValue, CharacterClass.apostrophe.rawValue:
                index = end
            case CharacterClass.letter.rawValue, CharacterClass.letters.rawValue:
                index = word(index)
            case CharacterClass.digit.rawValue:
                index = number(index)
            case CharacterClass.characters.rawValue:
                index = characters(entry, index, end)
            case CharacterClass.percent.rawValue:
                percent(scalar, index, end)
                index = end
            case CharacterClass.point.rawValue:
                if wordEnd != index || !startsWord(end) { separate() }
                index = end
            case CharacterClass.voicing.rawValue:
                index = end
            default:
                separate()
                index = end
            }
        }
    }

    /// Notes that the next token does not follow the last one directly.
    @inline(__always)
    private mutating func separate() {
        if position > 0 { gap = 1 }
        wordEnd = -1
        previousTerm = -1
    }

    // MARK: CJK

    /// A CJK character and the voicing marks after it; answers where the next character starts.
    @inline(__always)
    private mutating func cjk(_ target: UInt32, _ start: Int, _ end: Int) -> Int {
        let termStart = buffer.termBytes.count
        UTF8Reader.append(target, to: &buffer.termBytes)
        var end = end
        let isKana = target &- 0x3040 < 0xC0
        if isKana { end = voicing(end) }
        emitCJK(termStart, start, end)
        return end
    }

    /// Appends the voicing marks at `index` to the term in the making, as far as the limit allows.
    private mutating func voicing(_ index: Int) -> Int {
        var index = index
        var count = 0
        while index < limit {
            let scalar = UTF8Reader.scalar(text, at: index, limit: limit)
            let entry = tables.entry(scalar.value)
            guard entry >> 28 == CharacterClass.voicing.rawValue else { break }
            let target = entry & 0x1F_FFFF
            if count < 2 { UTF8Reader.append(target == 0 ? scalar.value : target, to: &buffer.termBytes) }
            count += 1
            index += scalar.length
        }
        return index
    }

    /// Emits the unigram whose bytes end the buffer, after the bigram that it completes.
    @inline(__always)
    private mutating func emitCJK(_ termStart: Int, _ start: Int, _ end: Int) {
        let termEnd = buffer.termBytes.count
        if previousTerm >= 0 {
            buffer.tokens.append(
                Token(
                    termStart: UInt32(truncatingIfNeeded: previousTerm),
                    termLength: UInt16(truncatingIfNeeded: termEnd - previousTerm), kind: .bigram,
                    position: previousPosition, startByte: UInt32(truncatingIfNeeded: previousStart),
                    endByte: UInt32(truncatingIfNeeded: end)))
        }
        let here = position &+ gap
        buffer.tokens.append(
            Token(
                termStart: UInt32(truncatingIfNeeded: termStart),
                termLength: UInt16(truncatingIfNeeded: termEnd - termStart), kind: .unigram, position: here,
                startByte: UInt32(truncatingIfNeeded: start), endByte: UInt32(truncatingIfNeeded: end)))
        position = here &+ 1
        gap = 0
        wordEnd = -1
        previousTerm = termStart
        previousStart = start
        previousPosition = here
    }

    /// A character that folds to several CJK characters, all of which stand where it stands; the marks that it folds to
    /// belong to the character before them, and so do those that follow it.
    private mutating func characters(_ entry: UInt32, _ start: Int, _ end: Int) -> Int {
        let targets = tables.expansion(entry)
        var end = end
        var index = targets.startIndex
        while index < targets.endIndex {
            let termStart = buffer.termBytes.count
            UTF8Reader.append(targets[index], to: &buffer.termBytes)
            index += 1
            while index < targets.endIndex, tables.entry(targets[index]) >> 28 == CharacterClass.voicing.rawValue {
                UTF8Reader.append(targets[index], to: &buffer.termBytes)
                index += 1
            }
            if index == targets.endIndex { end = voicing(end) }
            emitCJK(termStart, start, end)
        }
        return end
    }

    // MARK: Words and numbers

    /// Emits a token of letters or digits whose bytes end the buffer.
    private mutating func emit(_ kind: TokenKind, _ termStart: Int, _ start: Int, _ end: Int) {
        let here = position &+ gap
        buffer.tokens.append(
            Token(
                termStart: UInt32(truncatingIfNeeded: termStart),
                termLength: UInt16(truncatingIfNeeded: buffer.termBytes.count - termStart), kind: kind, position: here,
                startByte: UInt32(truncatingIfNeeded: start), endByte: UInt32(truncatingIfNeeded: end)))
        position = here &+ 1
        gap = 0
        wordEnd = end
        previousTerm = -1
    }

    /// Whether a letter or a digit stands at `index`.
    private func startsWord(_ index: Int) -> Bool {
        guard index < limit else { return false }
        let kind = tables.entry(UTF8Reader.scalar(text, at: index, limit: limit).value) >> 28
        return kind == CharacterClass.letter.rawValue || kind == CharacterClass.letters.rawValue
            || kind == CharacterClass.digit.rawValue
    }

    /// A word from `start` on; answers where it ends.
    private mutating func word(_ start: Int) -> Int {
        let termStart = buffer.termBytes.count
        var index = start
        var end = start
        var isFull = false
        loop: while index < limit {
            let scalar = UTF8Reader.scalar(text, at: index, limit: limit)
            let entry = tables.entry(scalar.value)
            let target = entry & 0x1F_FFFF
            switch entry >> 28 {
            case CharacterClass.letter.rawValue, CharacterClass.digit.rawValue, CharacterClass.voicing.rawValue:
                append(target == 0 ? scalar.value : target, from: termStart, &isFull)
            case CharacterClass.letters.rawValue:
                for part in tables.expansion(entry) { append(part, from: termStart, &isFull) }
            case CharacterClass.apostrophe.rawValue:
                guard startsWord(index + scalar.length) else { break loop }
                index += scalar.length
                continue loop
            case CharacterClass.transparent.rawValue:
                // An ignored mark belongs to its letter; white space and the like end the word.
                guard Self.isMark(scalar.value) else { break loop }
            default:
                break loop
            }
            index += scalar.length
            end = index
        }
        emit(.word, termStart, start, end)
        return end
    }

    /// Appends a scalar to the term that starts at `termStart`, unless the term is full.
    private mutating func append(_ scalar: UInt32, from termStart: Int, _ isFull: inout Bool) {
        if buffer.termBytes.count - termStart + UTF8Reader.length(scalar) > Analyzer.termLimit { isFull = true }
        if !isFull { UTF8Reader.append(scalar, to: &buffer.termBytes) }
    }

    /// Whether a transparent character is a mark or joiner that can stand inside a word.
    private static func isMark(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x00AD, 0x200C...0x200D, 0x2060, 0xFE00...0xFE0F, 0xFE20...0xFE2F, 0xE0100...0xE01EF: true
        case 0x0300...0x036F, 0x0483...0x0489, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF: true
        case 0x0591...0x05C7, 0x0610...0x061A, 0x064B...0x0670, 0x06D6...0x06DC, 0x06DF...0x06ED: true
        case 0x17B4...0x17B5, 0x180B...0x180D, 0x180F, 0x302A...0x302F: true
        default: false
        }
    }

    /// A number from `start` on, or several joined by points; answers where it ends.
    private mutating func number(_ start: Int) -> Int {
        var start = start
        while true {
            let termStart = buffer.termBytes.count
            var isFull = false
            var end = digits(start, termStart, &isFull)
            end = groups(start, end, termStart, &isFull)
            let fraction = afterPoint(end)
            guard let fraction else {
                emit(.number, termStart, start, end)
                return end
            }
            let fractionEnd = digitsEnd(fraction)
            if afterPoint(fractionEnd) == nil, !isChained(start) {
                append(0x2E, from: termStart, &isFull)
                end = digits(fraction, termStart, &isFull)
                emit(.number, termStart, start, end)
                return end
            }
            emit(.number, termStart, start, end)
            start = fraction
        }
    }

    /// Whether a number before `start` ended at the point just before: then this one is a link of 2020.02.08.
    private func isChained(_ start: Int) -> Bool {
        wordEnd >= 0 && wordEnd < start && afterPoint(wordEnd) == start
    }

    /// Appends the digits at `index`; answers where they end.
    private mutating func digits(_ index: Int, _ termStart: Int, _ isFull: inout Bool) -> Int {
        var index = index
        while let digit = digit(at: index) {
            append(digit.value, from: termStart, &isFull)
            index += digit.length
        }
        return index
    }

    /// The digit at `index`, folded.
    private func digit(at index: Int) -> DecodedScalar? {
        guard index < limit else { return nil }
        let scalar = UTF8Reader.scalar(text, at: index, limit: limit)
        let entry = tables.entry(scalar.value)
        guard entry >> 28 == CharacterClass.digit.rawValue else { return nil }
        let target = entry & 0x1F_FFFF
        return DecodedScalar(value: target == 0 ? scalar.value : target, length: scalar.length)
    }

    private func digitsEnd(_ index: Int) -> Int {
        var index = index
        while let digit = digit(at: index) { index += digit.length }
        return index
    }

    /// Where the digit after the point at `index` stands, if there are both.
    private func afterPoint(_ index: Int) -> Int? {
        guard index < limit else { return nil }
        let scalar = UTF8Reader.scalar(text, at: index, limit: limit)
        guard tables.entry(scalar.value) >> 28 == CharacterClass.point.rawValue else { return nil }
        return digit(at: index + scalar.length) == nil ? nil : index + scalar.length
    }

    /// Appends comma-led groups of three digits after a first group of one to three; answers where they end. The full
    /// width comma counts only after full width digits, for in Chinese it separates the items of a list.
    private mutating func groups(_ start: Int, _ firstEnd: Int, _ termStart: Int, _ isFull: inout Bool) -> Int {
        guard buffer.termBytes.count - termStart <= 3 else { return firstEnd }
        var end = firstEnd
        while end < limit {
            let comma = UTF8Reader.scalar(text, at: end, limit: limit)
            guard tables.entry(comma.value) >> 28 == CharacterClass.comma.rawValue else { break }
            let isNarrow = comma.value < 0x80
            let followsNarrowDigit = text[end - 1] < 0x80
            guard isNarrow == followsNarrowDigit else { break }
            let group = end + comma.length
            var groupEnd = group
            var count = 0
            while count < 4, let digit = digit(at: groupEnd) {
                groupEnd += digit.length
                count += 1
            }
            guard count == 3 else { break }
            _ = digits(group, termStart, &isFull)
            end = groupEnd
        }
        return end
    }

    /// A percent sign: a token after a number, else a separator.
    private mutating func percent(_ scalar: DecodedScalar, _ start: Int, _ end: Int) {
        guard wordEnd == start, buffer.tokens.last?.kind == .number else {
            separate()
            return
        }
        let entry = tables.entry(scalar.value)
        let target = entry & 0x1F_FFFF
        let termStart = buffer.termBytes.count
        UTF8Reader.append(target == 0 ? scalar.value : target, to: &buffer.termBytes)
        emit(.word, termStart, start, end)
    }
}
