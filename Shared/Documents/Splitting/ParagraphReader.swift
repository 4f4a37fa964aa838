// From lines to paragraphs, each with what its own text tells.
//
// Lines are joined where a fixed width broke them: in a document most of whose lines end at the same width without an end
// mark, a full line goes on in the next one.

import Messages

/// Makes paragraphs of a reading.
struct ParagraphReader {
    let reading: Reading
    let dictionaries: Dictionaries
    private let organs: OrganReader
    private var scratch = ScalarText()
    /// True where the reading is recognised text with spaces inside its words.
    private var isSpaced = false

    init(reading: Reading, dictionaries: Dictionaries) {
        self.reading = reading
        self.dictionaries = dictionaries
        organs = OrganReader(dictionaries: dictionaries)
    }

    /// All paragraphs of the reading.
    mutating func read() -> Paragraphs {
        var result = Paragraphs(all: [])
        isSpaced = isRecognised()
        let width = wrapWidth()
        var index = 0
        while index < reading.lines.count {
            var end = index + 1
            if let width, reading.lines[index].role == .text {
                while end < reading.lines.count, continues(end, width: width) { end += 1 }
            }
            let line = reading.lines[index]
            var paragraph = Paragraph(
                lines: index..<end, role: line.role, level: line.level, blankLinesBefore: line.blankLinesBefore,
                isBold: line.isBold, isLink: line.isLink, isIndented: line.isIndented)
            describe(&paragraph, number: result.all.count, &result)
            result.all.append(paragraph)
            index = end
        }
        result.isRecognised = isSpaced
        readDateLabels(&result)
        return result
    }

    /// 日期：2月8日, time and again on lines of their own, are date headings.
    private func readDateLabels(_ result: inout Paragraphs) {
        var found: [Int: PartialDate] = [:]
        for (index, labels) in result.labels where result.all[index].kind == .label && labels.count == 1 {
            guard let label = labels.first, label.field == .published, !label.isPlain, !label.isSecondary, label.value.count <= 60,
                let date = TimestampReader.read(String(decoding: reading.text[label.value], as: UTF8.self), shortYears: reading.shortYears),
                date.day != nil, date.minuteOfDay == nil
            else { continue }
            found[index] = date
        }
        guard Set(found.values).count >= 2 else { return }
        for (index, date) in found {
            result.all[index].kind = .dateHeading
            result.dates[index] = date
            result.labels[index] = nil
        }
    }

    // MARK: Broken lines

    /// Lines narrower than this are never a fixed width, in bytes.
    private static let narrowestWrap = 45

    /// The width in bytes from which a line counts as full; nil where lines are not broken at a width.
    private func wrapWidth() -> Int? {
        guard reading.format == .text else { return nil }
        var widths: [Int] = []
        for index in reading.lines.indices.dropLast() where reading.lines[index + 1].blankLinesBefore == 0 {
            if !reading.lines[index + 1].isIndented { widths.append(reading.lines[index].text.count) }
            if widths.count == 4096 { break }
        }
        guard widths.count >= 3 else { return nil }
        widths.sort()
        let wide = widths[widths.count * 3 / 4]
        guard wide >= Self.narrowestWrap, wide <= 400 else { return nil }
        // A line is full within two Chinese characters of the width; most broken lines must be.
        let full = widths.count { $0 >= wide - 9 && $0 <= wide + 9 }
        return full * 10 >= widths.count * 6 ? wide - 12 : nil
    }

    private func continues(_ index: Int, width: Int) -> Bool {
        let (before, line) = (reading.lines[index - 1], reading.lines[index])
        return line.role == .text && line.blankLinesBefore == 0 && !line.isIndented && before.text.count >= width && !opensEntry(line)
    }

    /// 2、【…】, （三）…, ◆…: a line that begins so begins an entry, however full the one before is.
    private func opensEntry(_ line: Line) -> Bool {
        let bytes = reading.text[line.text]
        guard let first = bytes.first, first < 0xE6 || first == 0xEF
        else { return false }
        var text = ScalarText()
        var end = min(line.text.upperBound, line.text.lowerBound + 24)
        while end < line.text.upperBound, reading.text[end] & 0xC0 == 0x80 { end += 1 }
        text.append(reading.text, line.text.lowerBound..<end)
        let kind = Self.numbering(text.scalars)
        return text.scalars.first == 0x3010 || kind != .none && kind != .spoken && kind != .ordinal
    }

    /// Lines shorter than this say nothing of spaces: menus and titles are spaced on purpose. In bytes.
    private static let shortestSpaced = 90
    /// How much text is looked at for spaces, in bytes.
    private static let spacedWindow = 256 << 10

    /// Spaces between Chinese characters of running text, as recognition leaves them: at least six, and three in two
    /// hundred characters, beside pieces of words. Writers who part phrases by spaces leave longer pieces.
    private func isRecognised() -> Bool {
        // Posts of feeds are typed; spaces in them part verses and phrases.
        guard reading.format != .feed else { return false }
        var spaces = 0
        var ideographs = 0
        var scanned = 0
        for line in reading.lines where line.role != .discard && line.text.count >= Self.shortestSpaced {
            var byline = Byline()
            for index in line.text where (0xE4...0xE9).contains(reading.text[index]) {
                ideographs += 1
                if byline.holds(index, reading.text, line.text) { continue }
                let isSpaced = index - line.text.lowerBound >= 4 && reading.text[index - 1] == 0x20
                if isSpaced, (0xE4...0xE9).contains(reading.text[index - 4]), isPiece(index, line.text) { spaces += 1 }
            }
            scanned += line.text.count
            if scanned > Self.spacedWindow { break }
        }
        return spaces >= 6 && spaces * 66 >= ideographs
    }

    /// 记者 李明 实习生 陈晓: the spaces of a byline are typed.
    private struct Byline {
        private static let words = ["记者", "实习生", "通讯员", "摄影", "記者", "通訊員", "實習生"].map { Array($0.utf8) }
        /// Where the text after the last space of a byline starts.
        private var last = -1
        /// Names since the last word of a byline.
        private var names = 0
        /// A name of a byline has at most this many characters, three bytes each.
        private static let longestName = 4
        private static let mostNames = 2

        /// Whether the character at `index` follows a space of a byline.
        mutating func holds(_ index: Int, _ text: [UInt8], _ line: Range<Int>) -> Bool {
            guard index > line.lowerBound, text[index - 1] == 0x20 else { return false }
            let before = text[line.lowerBound..<(index - 1)]
            let followsWord = Self.words.contains { before.count >= $0.count && before.suffix($0.count).elementsEqual($0) }
            let followsName = last >= 0 && names < Self.mostNames && index - 1 - last <= Self.longestName * 3
            names = followsWord ? 0 : names + 1
            last = followsWord || followsName ? index : -1
            return followsWord || followsName
        }
    }

    /// Whether the run of characters before the space at `index - 1`, or the one from `index` on, has at most two.
    private func isPiece(_ index: Int, _ line: Range<Int>) -> Bool {
        func isIdeograph(_ place: Int) -> Bool { line.contains(place) && (0xE4...0xE9).contains(reading.text[place]) }
        return !isIdeograph(index + 6) || !isIdeograph(index - 10)
    }

    // MARK: What a paragraph is

    /// Characters up to which a line may be a title.
    private static let longestTitle = 90

    private mutating func describe(_ paragraph: inout Paragraph, number: Int, _ result: inout Paragraphs) {
        let bytes = paragraph.lines.reduce(0) { $0 + reading.lines[$1].text.count }
        if bytes > Paragraph.longestCounted * 3 {
            describeLong(&paragraph)
            return
        }
        scratch.removeAll()
        for index in paragraph.lines { scratch.append(reading.text, reading.lines[index].text) }
        let scalars = scratch.scalars
        paragraph.characters = scalars.count
        noteEnd(scalars, &paragraph)
        paragraph.numbering = Self.numbering(scalars)
        paragraph.kind = kind(scalars, &paragraph, number: number, &result)
        let isShort = (2...Self.longestTitle).contains(scalars.count)
        let isExclamation = scalars.last.map { [0xFF01, 0x21, 0xFF1F, 0x3F].contains($0) } ?? false
        let isSentence = paragraph.endsSentence && !(isExclamation && scalars.count <= 45)
        let isOpen = paragraph.endsWithColon || scalars.last.map { [0xFF0C, 0x2C, 0x3001].contains($0) } ?? false
        let hasRole = paragraph.role == .heading
        let isQuestion = QuestionReader.opensQuestion(scalars)
        paragraph.isTitleLike =
            paragraph.kind == .body && !isQuestion
            && (hasRole || isShort && !isSentence && !isOpen && paragraph.role == .text)
    }

    private mutating func describeLong(_ paragraph: inout Paragraph) {
        paragraph.characters = Paragraph.longestCounted
        guard let first = paragraph.lines.first, let last = paragraph.lines.last else { return }
        scratch.removeAll()
        let head = reading.lines[first].text
        scratch.append(reading.text, head.lowerBound..<min(head.upperBound, head.lowerBound + 192))
        if let found = storyHead(scratch.scalars, length: paragraph.characters) { paragraph.kind = found }
        paragraph.numbering = Self.numbering(scratch.scalars)
        scratch.removeAll()
        let tail = reading.lines[last].text
        var start = max(tail.lowerBound, tail.upperBound - 12)
        while start < tail.upperBound, reading.text[start] & 0xC0 == 0x80 { start += 1 }
        scratch.append(reading.text, start..<tail.upperBound)
        noteEnd(scratch.scalars, &paragraph)
    }

    /// How long a remark in brackets after a sentence may be, in characters: （来源：解放日报）.
    private static let longestRemark = 30

    private func noteEnd(_ scalars: [UInt32], _ paragraph: inout Paragraph) {
        var end = scalars.count
        if let last = scalars.last, last == 0xFF09 || last == 0x29 {
            let lowest = max(0, end - Self.longestRemark)
            if let open = (lowest..<end).last(where: { scalars[$0] == 0xFF08 || scalars[$0] == 0x28 }), open > 0 {
                end = open
            }
        }
        if let closing = LabelReader.closingLabel(scalars) { end = closing.start }
        while end > 0, Self.closers.contains(scalars[end - 1]) { end -= 1 }
        guard end > 0 else { return }
        paragraph.endsSentence = CharacterClass.of(scalars[end - 1]).contains(.sentenceEnd) || scalars[end - 1] == 0x2E
        paragraph.endsWithColon = scalars[end - 1] == 0xFF1A || scalars[end - 1] == 0x3A
    }

    private func kind(
        _ scalars: [UInt32], _ paragraph: inout Paragraph, number: Int, _ result: inout Paragraphs
    ) -> Paragraph.Kind {
        if paragraph.role == .discard {
            // The frame of a page may still state its date and source.
            let labels = scalars.count <= 160 ? LabelReader.labelsInside(scratch) : []
            if !labels.isEmpty { result.labels[number] = labels }
            return .boilerplate
        }
        if isAddress(scalars) { return .boilerplate }
        if let match = DateReader.heading(scalars, shortYears: reading.shortYears) {
            result.dates[number] = match.date
            return .dateHeading
        }
        if scalars.count <= 160 {
            let labels = LabelReader.labels(scratch)
            if !labels.isEmpty {
                result.labels[number] = labels
                let isSource =
                    labels.contains { $0.field == .source }
                    && labels.allSatisfy { $0.field == .source || $0.field == .published || $0.field == .other }
                return isSource && startsWithSource(labels) ? .source : .label
            }
        }
        if scalars.count <= Self.longestFrame, isBoilerplate(scalars) { return .boilerplate }
        if let head = storyHead(scalars) { return head }
        if isHeadLine(scalars, number, &result) { return .label }
        if scalars.count <= 30, isDepartment(scalars) { return .departmentHeading }
        if scalars.count <= 40, isBracketed(scalars) { return .bracketed }
        return .body
    }

    /// A body alone on its line, or a district that a number or brackets set apart: 一、黄浦区, 【浦东新区】. A bare district is more
    /// often a cell of a table.
    private func isDepartment(_ scalars: [UInt32]) -> Bool {
        let name = Self.undecorated(scalars)
        if organs.isOrgan(name) { return true }
        // 市公安局、市交通委; 上海市公安局（出入境管理局）.
        if name.contains(0x3001), name.split(separator: 0x3001).allSatisfy({ organs.isOrgan($0) }) { return true }
        if let last = scalars.last, last == 0xFF09, let open = name.firstIndex(of: 0xFF08), organs.isOrgan(name[..<open]) { return true }
        return name.count < scalars.count && name.count >= 3 && dictionaries.districts.canonical(of: Array(name)) != nil
    }

    /// Paragraphs at the head of a page that may name a paper or an account with a date.
    private static let headLines = 12
    private static let mastheadLines = 4

    /// Whether a short line near the start is a masthead or names an account with a time; notes what it says.
    private func isHeadLine(_ scalars: [UInt32], _ number: Int, _ result: inout Paragraphs) -> Bool {
        guard number < Self.headLines, (10...HeadLine.longest).contains(scalars.count), reading.records.isEmpty else { return false }
        let sources = SourceReader(dictionaries: dictionaries)
        if number < Self.mastheadLines, result.masthead == nil, let line = HeadLine.masthead(scratch, reading, sources) {
            result.masthead = line
            return true
        }
        guard let labels = HeadLine.metaLabels(scratch, reading, sources, isUnderTitle: (1..<Self.mastheadLines).contains(number)) else {
            return false
        }
        result.labels[number] = labels
        return true
    }

    /// `来源：…` comes first; a line that starts with its date belongs to a title above it.
    private func startsWithSource(_ labels: [Label]) -> Bool {
        let source = labels.first { $0.field == .source }?.value.lowerBound ?? 0
        return labels.allSatisfy { $0.value.lowerBound >= source || $0.field == .other }
    }

    /// Characters of a line of a page's frame; one of more than 40 must begin with a long phrase.
    private static let longestFrame = 90
    private static let longPhrase = 6

    private func isBoilerplate(_ scalars: [UInt32]) -> Bool {
        guard dictionaries.boilerplateInitials.contains(scalars[0]),
            let match = dictionaries.boilerplate.match(scalars, at: 0, before: scalars.count),
            scalars.count <= 40 || match.length >= Self.longPhrase
        else { return false }
        // A short phrase must be the whole line, or 关闭 would take every sentence that starts with it.
        return match.length >= 3 || match.length == scalars.count
            || !CharacterClass.of(scalars[match.length]).contains(.ideograph)
    }

    /// The head that a paragraph opens with; in recognised text also one with spaces inside.
    private func storyHead(_ scalars: [UInt32], length: Int? = nil) -> Paragraph.Kind? {
        let length = length ?? scalars.count
        if let match = StoryHead.match(scalars, length: length, dictionaries: dictionaries) { return match.kind }
        guard isSpaced else { return nil }
        let compact = scalars.prefix(64).filter { !CharacterClass.of($0).contains(.space) }
        return StoryHead.match(compact, length: length, dictionaries: dictionaries, isSpaced: true)?.kind
    }

    /// A web address and nothing else.
    private func isAddress(_ scalars: [UInt32]) -> Bool {
        guard scalars.count >= 10, scalars[0] == 0x68, scalars[1] == 0x74, scalars[2] == 0x74, scalars[3] == 0x70 else {
            return false
        }
        return scalars.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private func isBracketed(_ scalars: [UInt32]) -> Bool {
        guard scalars.count >= 4, let first = scalars.first, let last = scalars.last else { return false }
        let pairs: [(UInt32, UInt32)] = [(0x3010, 0x3011), (0x5B, 0x5D), (0x3014, 0x3015)]
        return pairs.contains { first == $0.0 && last == $0.1 }
    }

    /// Marks that may stand after the mark that ends a sentence.
    private static let closers: Set<UInt32> = [0x201D, 0x22, 0x300D, 0x300F, 0xFF09, 0x29, 0x2019, 0x20, 0x3000]
    private static let marks = ScalarSet("【】[]◆●■▲★◇○□▼·•*#—-=:： \u{3000}")

    /// `scalars` without marks such as 【】 or ■ around, and without 一、 in front.
    static func undecorated(_ scalars: [UInt32]) -> ArraySlice<UInt32> {
        var slice = scalars[...]
        let number = numbering(scalars)
        if number == .chinese, let mark = slice.firstIndex(of: 0x3001) { slice = slice[(mark + 1)...] }
        if number == .western { slice = slice[min(numberingLength(scalars), slice.count)...] }
        while let first = slice.first, marks.contains(first) { slice = slice.dropFirst() }
        while let last = slice.last, marks.contains(last) { slice = slice.dropLast() }
        return slice
    }

    /// The sign in front of a numbered paragraph.
    static func numbering(_ scalars: [UInt32]) -> Paragraph.Numbering {
        guard let first = scalars.first else { return .none }
        if (0x2460...0x2473).contains(first) { return .westernInBrackets }
        if first == 0xFF08 || first == 0x28 {
            var cursor = 1
            if Numerals.smallChinese(scalars, &cursor) != nil, isCloser(scalars, cursor) { return .chineseInBrackets }
            cursor = 1
            if Numerals.integer(scalars, &cursor, digits: 1...2) != nil, isCloser(scalars, cursor) {
                return .westernInBrackets
            }
            return .none
        }
        if first == 0x7B2C {  // 第
            var cursor = 1
            let isNumber =
                Numerals.smallChinese(scalars, &cursor) != nil
                || Numerals.integer(scalars, &cursor, digits: 1...3) != nil
            let isUnit = cursor < scalars.count && ["条", "章", "节", "款", "部"].contains { $0 ~= scalars[cursor] }
            return isNumber && isUnit ? .ordinal : .none
        }
        var cursor = 0
        if Numerals.smallChinese(scalars, &cursor) != nil, cursor < scalars.count {
            if scalars[cursor] == 0x3001 || scalars[cursor] == 0xFF0E || scalars[cursor] == 0x2E { return .chinese }
            if scalars[cursor] == 0x662F { return .spoken }  // 是
            return .none
        }
        cursor = 0
        if Numerals.integer(scalars, &cursor, digits: 1...3) != nil, cursor + 1 < scalars.count {
            let isMark = [0x2E, 0xFF0E, 0x3001].contains(scalars[cursor])
            if isMark, Numerals.digit(scalars[cursor + 1]) == nil { return .western }
        }
        return .none
    }

    /// How many characters the sign in front of a numbered title takes; 0 where it has none or where it is part of the
    /// wording (第一条).
    static func numberingLength(_ scalars: [UInt32]) -> Int {
        let kind = numbering(scalars)
        guard kind == .western || kind == .westernInBrackets || kind == .chinese || kind == .chineseInBrackets else {
            return 0
        }
        var cursor = scalars.firstIndex { [0x2E, 0xFF0E, 0x3001, 0xFF09, 0x29].contains($0) }.map { $0 + 1 } ?? 1
        if (0x2460...0x2473).contains(scalars[0]) { cursor = 1 }
        while cursor < scalars.count, CharacterClass.of(scalars[cursor]).contains(.space) { cursor += 1 }
        return cursor < scalars.count ? cursor : 0
    }

    private static func isCloser(_ scalars: [UInt32], _ index: Int) -> Bool {
        index < scalars.count && (scalars[index] == 0xFF09 || scalars[index] == 0x29)
    }
}
