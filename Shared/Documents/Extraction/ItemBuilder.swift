// From a draft to an item: its text assembled, its fields read, its damage noted.

import Messages

/// Assembles items.
struct ItemBuilder {
    let context: SplitContext
    let limits: ParserLimits
    private let scanner: TextScanner
    private let repairReader: RepairReader
    private var repairs: [Repair] = []
    private var language = LanguageDetector()
    private var signature = SignatureMaker()
    private var clauses = ClauseReader()
    private var scratch = ScalarText()

    init(context: SplitContext, limits: ParserLimits) {
        self.context = context
        self.limits = limits
        scanner = TextScanner(dictionaries: context.dictionaries, limits: limits)
        repairReader = RepairReader(glyphs: context.dictionaries.glyphs)
    }

    /// Characters that are scanned at once; bounds the memory of a document that is one long line.
    private static let chunkScalars = 1 << 16

    /// Bodies shorter than this count together with their title for the signature, in bytes: 40 Chinese characters.
    private static let shortBodyBytes = 120

    /// The item of `draft`, and what its body repeats or has in common with others.
    /// - Returns: also whether a line of the body other than its last ends with a colon.
    mutating func item(_ draft: Draft, ordinal: Int, range: ByteRange) -> (item: Item, clauses: ClauseReader, hasLead: Bool) {
        let title =
            draft.titleRange.map { String(decoding: context.reading.text[$0], as: UTF8.self) }
            ?? string(of: draft.title, draft.title.indices.map { $0..<($0 + 1) }, separator: " ")
        repairs = []
        let logical = logicalParagraphs(draft.body)
        let hasLead = logical.dropLast().contains { endsWithColon(draft.body[$0.upperBound - 1]) }
        for group in logical where group.count > 1 { noteBreaks(draft.body[group]) }
        let body = string(of: draft.body, logical, separator: "\n")
        var item = Item(
            ordinal: ordinal, title: title, body: body, published: draft.published, department: draft.department,
            sources: draft.sources, flags: draft.flags, range: range)
        var findings = TextScanner.Findings(published: draft.published)
        (language, signature, clauses) = (LanguageDetector(), SignatureMaker(), ClauseReader())
        if let range = draft.titleRange, !draft.title.isEmpty {
            // A number before the title or a day after it is no part of what it says.
            scratch.append(context.reading.text, range)
            scanScratch(isBody: false, &findings)
        } else {
            scan(draft.title[...], isBody: false, &findings)
        }
        for group in logical {
            scan(draft.body[group], isBody: true, &findings)
            clauses.endParagraph()
        }
        item.events = isDatedAtItsEnd(draft)
            ? findings.events.filter { $0.basis.range == nil || $0.basis.range != draft.published?.basis.range } : findings.events
        item.citations = findings.citations
        item.districts = findings.districts
        item.figures = findings.figures
        item.people = findings.people
        item.doubts = findings.doubts
        item.repairs = repairs
        item.questions = QuestionReader(context: context, limits: limits).questions(in: draft)
        item.language = language.language
        // By the body alone, because reposts change titles.
        item.signature =
            body.utf8.count < Self.shortBodyBytes ? SignatureMaker.signature(of: [title, body]) : signature.signature()
        // The caller's word decides where the characters do not.
        if let hint = context.description.hints["language"], item.language == "und" || item.language == "zh" {
            item.language = hint
        }
        return (item, clauses, hasLead)
    }

    private func endsWithColon(_ paragraph: Int) -> Bool {
        guard let line = context.paragraphs.all[paragraph].lines.last else { return false }
        let end = context.reading.lines[line].text.upperBound
        // The last byte of ：, or a plain colon.
        return end > 0 && (context.reading.text[end - 1] == 0x9A || context.reading.text[end - 1] == 0x3A)
    }

    /// Bytes of a bracket in any encoding.
    private static let bracketBytes = 4

    /// （劳动报 6月3日） at the end of the body: the words that date the item are no event in it.
    private func isDatedAtItsEnd(_ draft: Draft) -> Bool {
        guard let last = draft.body.last, let place = draft.published?.basis.range else { return false }
        let end = context.range(last).upper
        return place.upper < end && end - place.upper <= Self.bracketBytes
    }

    // MARK: Text

    /// Ranges of the body's paragraphs, those together that a page break or column break parted in mid-sentence. Only recognised
    /// text is mended, and only where neither side looks like a beginning or an end.
    private func logicalParagraphs(_ body: [Int]) -> [Range<Int>] {
        var groups: [Range<Int>] = []
        groups.reserveCapacity(body.count)
        for position in body.indices {
            if position > 0, isBroken(body[position - 1], body[position]), let last = groups.popLast() {
                groups.append(last.lowerBound..<(position + 1))
            } else {
                groups.append(position..<(position + 1))
            }
        }
        return groups
    }

    /// Offers the lines of a broken sentence as one.
    private mutating func noteBreaks(_ group: ArraySlice<Int>) {
        for (before, after) in zip(group, group.dropFirst()) where repairs.count < RepairReader.mostRepairs {
            guard let first = context.paragraphs.all[before].lines.last,
                let second = context.paragraphs.all[after].lines.first
            else { continue }
            let (head, tail) = (context.reading.lines[first].text, context.reading.lines[second].text)
            let left = edge(head, isEnd: true)
            let right = edge(tail, isEnd: false)
            repairs.append(
                Repair(
                    rule: "line-break", found: string(left) + "\n" + string(right), suggestion: string(left) + string(right),
                    range: context.reading.original(left.lowerBound..<right.upperBound), certainty: 0.8))
        }
    }

    /// The last or first two characters of a line.
    private func edge(_ line: Range<Int>, isEnd: Bool) -> Range<Int> {
        let text = context.reading.text
        var index = isEnd ? line.upperBound : line.lowerBound
        for _ in 0..<2 {
            if isEnd {
                guard index > line.lowerBound else { break }
                index -= 1
                while index > line.lowerBound, text[index] & 0xC0 == 0x80 { index -= 1 }
            } else {
                guard index < line.upperBound else { break }
                index += 1
                while index < line.upperBound, text[index] & 0xC0 == 0x80 { index += 1 }
            }
        }
        return isEnd ? index..<line.upperBound : line.lowerBound..<index
    }

    private func string(_ range: Range<Int>) -> String { String(decoding: context.reading.text[range], as: UTF8.self) }

    private func isBroken(_ before: Int, _ after: Int) -> Bool {
        guard context.paragraphs.isRecognised, !context.reading.keepsLines else { return false }
        let (first, second) = (context.paragraphs.all[before], context.paragraphs.all[after])
        let isRunning = first.kind == .body || first.kind == .storyHead || first.kind == .followUp
        guard isRunning, first.role == .text, second.role == .text, !first.endsSentence, !first.endsWithColon,
            second.kind == .body, second.numbering == .none, first.characters >= 40 || holdsClauseMark(before)
        else { return false }
        return !opensSpeech(after) && !QuestionReader.opensAnswer(context.scalars(after).scalars)
    }

    /// Titles seldom have a comma; a broken sentence has one.
    private func holdsClauseMark(_ index: Int) -> Bool {
        context.scalars(index, prefix: 48).contains { CharacterClass.of($0).contains(.clauseMark) }
    }

    /// 李强指出, 会议强调: a speaker, a verb and a mark open a new paragraph although the one before has lost its end.
    private func opensSpeech(_ index: Int) -> Bool {
        let head = context.scalars(index, prefix: 16).filter { !CharacterClass.of($0).contains(.space) }
        return Self.speechVerbs.contains { verb in
            (2...6).contains { place in
                let end = place + verb.count
                return end < head.count && head[place..<end].elementsEqual(verb)
                    && CharacterClass.of(head[end]).contains(.clauseMark)
            }
        }
    }

    private static let speechVerbs = ["指出", "强调", "表示", "认为", "要求", "介绍", "透露"].map { $0.unicodeScalars.map(\.value) }

    private func string(of paragraphs: [Int], _ groups: [Range<Int>], separator: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            paragraphs.reduce(0) { $0 + context.paragraphs.all[$1].lines.reduce(1) { $0 + context.reading.lines[$1].text.count + 1 } })
        for group in groups {
            if !bytes.isEmpty { bytes.append(contentsOf: separator.utf8) }
            var isFirst = true
            for paragraph in paragraphs[group] {
                for line in context.paragraphs.all[paragraph].lines {
                    let range = context.reading.lines[line].text
                    if !isFirst, needsSpace(bytes.last, context.reading.text[range.lowerBound]) { bytes.append(0x20) }
                    bytes += context.reading.text[range]
                    isFirst = false
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Words of Latin letters are parted by the line break between them; Chinese characters are not.
    private func needsSpace(_ before: UInt8?, _ after: UInt8) -> Bool { (before ?? 0x80) < 0x80 && after < 0x80 }

    // MARK: Fields

    private mutating func scan(_ group: ArraySlice<Int>, isBody: Bool, _ findings: inout TextScanner.Findings) {
        scratch.removeAll()
        for paragraph in group {
            for line in context.paragraphs.all[paragraph].lines {
                var range = context.reading.lines[line].text
                while range.count > Self.chunkScalars * 3 {
                    let cut = chunkEnd(range)
                    scratch.append(context.reading.text, range.lowerBound..<cut)
                    scanScratch(isBody: isBody, &findings)
                    range = cut..<range.upperBound
                }
                scratch.append(context.reading.text, range)
            }
        }
        scanScratch(isBody: isBody, &findings)
    }

    private mutating func scanScratch(isBody: Bool, _ findings: inout TextScanner.Findings) {
        if context.paragraphs.isRecognised {
            scratch.removeInnerSpaces()
            repairReader.read(scratch, context.reading, &repairs)
        }
        scanner.scan(scratch, context.reading, &findings)
        language.add(scratch.scalars)
        if isBody {
            clauses.add(scratch, signature: &signature)
        }
        scratch.removeAll()
    }

    /// A character boundary about one chunk into `range`.
    private func chunkEnd(_ range: Range<Int>) -> Int {
        var cut = range.lowerBound + Self.chunkScalars
        while cut < range.upperBound, context.reading.text[cut] & 0xC0 == 0x80 { cut += 1 }
        return cut
    }
}
