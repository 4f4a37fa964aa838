// What a paragraph of a digest states at its edges: the body that reports at its start, the source in brackets at its end.
//
//     市商务委：全市主副食品供应总体平稳……。（澎湃新闻）
//     department ":" text "（" [ "来源：" / "据" ] source [ dispatch ] "）"
//     dispatch = place date "电" / "报道" / "消息" / "讯" / "记者" names
//
// Without 来源 only known media and bodies are sources: brackets at the end of a paragraph hold remarks far more often.

import Messages

extension SplitContext {
    /// How far from the end the bracket of a source may open, in characters.
    private static let longestClosing = 40
    /// Where the colon after a department may stand, in characters.
    private static let departmentLengths = 3...24
    /// Characters that follow the colon at least: less is a salutation or a heading.
    private static let shortestReport = 10

    /// The sources stated in brackets at the end of a paragraph; nil where none are.
    /// - Parameter isLabelled: only those after 来源 and the like.
    func closingSources(_ index: Int, isLabelled: Bool = false) -> [Found<String>]? {
        guard paragraphs.all[index].characters < Paragraph.longestCounted, mayEndWithSource(index) else { return nil }
        let text = scalars(index)
        if let found = LabelReader.trailingSource(text) {
            return names(text, found.value, rule: "source-in-text", certainty: 1)
        }
        guard !isLabelled, let range = knownSource(text.scalars) else { return nil }
        let found = names(text, range, rule: "source-in-brackets", certainty: 0.9)
        return found.isEmpty ? nil : found
    }

    /// Where a known source stands in the brackets that end a paragraph, after the mark that ends its last sentence or 据.
    private func knownSource(_ scalars: [UInt32]) -> Range<Int>? {
        let lowest = max(1, scalars.count - Self.longestClosing)
        guard scalars.count > Self.shortestReport, lowest < scalars.count,
            let open = (lowest..<scalars.count).last(where: { [0xFF08, 0x28, 0x3010, 0x5B].contains(scalars[$0]) })
        else { return nil }
        let isNamed = scalars[open + 1] == 0x636E  // 据
        guard isNamed || CharacterClass.of(scalars[open - 1]).contains(.sentenceEnd) || [0x201D, 0x300D].contains(scalars[open - 1])
        else { return nil }
        let start = isNamed ? open + 2 : open + 1
        let end = scalars.count - 1
        guard start + 1 < end else { return nil }
        let inside = start..<end
        if sourceReader.isKnown(scalars, inside) { return inside }
        let listed = sourceReader.names(scalars, inside)
        if listed.count > 1, listed.allSatisfy({ sourceReader.isKnown(scalars, $0.range) }) { return inside }
        guard let name = dictionaries.media.match(scalars, at: start, before: end) else { return nil }
        let rest = scalars[(start + name.length)..<end]
        let isDispatch =
            rest.last == 0x7535 && rest.contains(0x65E5)  // 日 电
            || Self.dispatchWords.contains { rest.ends(with: $0) } || Self.reporters.contains { rest.starts(with: $0) }
        return isDispatch ? start..<(start + name.length) : nil
    }

    private static let dispatchWords = ["报道", "消息", "讯", "報道", "報導", "訊", "供稿"].map { $0.unicodeScalars.map(\.value) }
    private static let reporters = ["记者", "記者", "首席记者", "通讯员"].map { $0.unicodeScalars.map(\.value) }

    /// The sources of a paragraph that is nothing but a statement of them in brackets: （综合新华社、人民日报报道）; nil for others.
    func bracketedSources(_ index: Int) -> [Found<String>]? {
        guard paragraphs.all[index].characters <= Self.longestClosing, mayEndWithSource(index) else { return nil }
        let text = scalars(index)
        let scalars = text.scalars
        guard scalars.count > 6, scalars[0] == 0xFF08 || scalars[0] == 0x28 else { return nil }
        var range = 1..<(scalars.count - 1)
        guard let opening = Self.compilations.first(where: { scalars[range].starts(with: $0) }) else { return nil }
        range = (range.lowerBound + opening.count)..<range.upperBound
        if let closing = Self.dispatchWords.first(where: { scalars[range].ends(with: $0) }) {
            range = range.lowerBound..<(range.upperBound - closing.count)
        }
        let found = names(text, range, rule: "source-in-brackets", certainty: 0.9)
        return found.isEmpty ? nil : found
    }

    private static let compilations = ["综合整理自", "综合自", "综合", "整理自", "据", "綜合"].map { $0.unicodeScalars.map(\.value) }

    /// Whether a page is a list of bulletins: all its running text, three paragraphs or more, is marked with ◆ and the like.
    func isListOfBulletins() -> Bool {
        let prose = paragraphs.all.indices.filter { index in
            let paragraph = paragraphs.all[index]
            return paragraph.isProse && paragraph.role != .discard && bracketedSources(index) == nil
        }
        return prose.count >= 3
            && prose.allSatisfy { index in
                let paragraph = paragraphs.all[index]
                guard paragraph.role == .listItem, paragraph.characters >= Self.shortestEntry else { return false }
                return ListMarker.isBullet(reading.text, reading.lines[paragraph.lines.lowerBound].text)
            }
    }

    /// Characters of an entry of such a list.
    private static let shortestEntry = 15

    /// The body or district whose name and a colon open a paragraph of running text; nil where none do.
    func openingDepartment(_ index: Int) -> Found<String>? {
        let paragraph = paragraphs.all[index]
        guard paragraph.kind == .body, paragraph.isProse, let line = paragraph.lines.first else { return nil }
        let bytes = reading.text[reading.lines[line].text].prefix(Self.departmentLengths.upperBound * 3)
        // ： or :
        guard bytes.contains(0x3A) || zip(bytes, bytes.dropFirst(2)).contains(where: { $0 == 0xEF && $1 == 0x9A }) else { return nil }
        var text = ScalarText()
        let start = reading.lines[line].text.lowerBound
        text.append(reading.text, start..<min(reading.lines[line].text.upperBound, start + 40 * 4))
        let scalars = text.scalars
        guard let colon = scalars.firstIndex(where: { $0 == 0xFF1A || $0 == 0x3A }),
            Self.departmentLengths.contains(colon), paragraph.characters >= colon + Self.shortestReport
        else { return nil }
        let name = ParagraphReader.undecorated(Array(scalars[..<colon]))
        let isDistrict = dictionaries.districts.canonical(of: Array(name)) != nil
        guard isDistrict || OrganReader(dictionaries: dictionaries).isOrgan(name) else { return nil }
        let range = reading.original(text.textRange(name.startIndex..<name.endIndex))
        return Found(String(scalars: name), Basis(rule: "opening", range: range, certainty: 0.9))
    }

    /// The departments that open paragraphs, by paragraph; empty where they open fewer than half of the running text, because
    /// single ones quote somebody.
    func openingDepartments() -> [Int: Found<String>] {
        var found: [Int: Found<String>] = [:]
        var prose = 0
        for index in paragraphs.all.indices where paragraphs.all[index].isProse {
            prose += 1
            found[index] = openingDepartment(index)
        }
        return found.count >= 2 && found.count * 2 >= prose ? found : [:]
    }

    /// The known medium whose name and a colon open a paragraph: 韩联社：…; nil where none do.
    func openingSource(_ index: Int) -> Found<String>? {
        guard paragraphs.all[index].isProse, let line = paragraphs.all[index].lines.first else { return nil }
        var text = ScalarText()
        let start = reading.lines[line].text.lowerBound
        text.append(reading.text, start..<min(reading.lines[line].text.upperBound, start + 40 * 4))
        let first = ParagraphReader.undecorated(text.scalars).startIndex
        guard first < text.count, let name = dictionaries.media.match(text.scalars, at: first, before: text.count) else { return nil }
        let end = first + name.length
        guard end < text.count, text.scalars[end] == 0xFF1A || text.scalars[end] == 0x3A else { return nil }
        return names(text, first..<end, rule: "opening", certainty: 0.8).first
    }
}
