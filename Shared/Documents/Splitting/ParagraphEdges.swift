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
        closing(index, isLabelled: isLabelled)?.sources
    }

    /// What stands in brackets at the end of a paragraph: its sources, and the day beside them: （劳动报 6月3日）.
    /// - Parameter isStyle: other paragraphs of the page end with known sources, so that a name beginning with a place is one too.
    func closing(_ index: Int, isLabelled: Bool = false, isStyle: Bool = false) -> (sources: [Found<String>], published: Found<PartialDate>?)? {
        guard paragraphs.all[index].characters < Paragraph.longestCounted, mayEndWithSource(index) || mayEndWithLabel(index) else {
            return nil
        }
        let text = scalars(index)
        if let found = LabelReader.trailingSource(text) {
            let (name, date) = withoutDate(text, found.value)
            return (names(text, name, rule: "source-in-text", certainty: 1), date)
        }
        guard !isLabelled, let inside = closingBrackets(text.scalars) else { return nil }
        var (range, date) = withoutDate(text, inside)
        if let known = knownSource(text.scalars, inside) {
            range = known
            date = nil
        } else if date == nil ? !(isStyle && isPlaceName(text.scalars, range)) && !isPaper(text.scalars, range) : !isOutlet(text.scalars, range) {
            return nil
        }
        let found = names(text, range, rule: "source-in-brackets", certainty: 0.9)
        return found.isEmpty ? nil : (found, date)
    }

    /// The name and the day of `劳动报 6月3日` and `解放日报，2020-03-05`; no day where the range does not end with one.
    private func withoutDate(_ text: ScalarText, _ range: Range<Int>) -> (name: Range<Int>, published: Found<PartialDate>?) {
        let scalars = text.scalars
        for index in range.dropFirst(2) where Numerals.digit(scalars[index]) != nil {
            guard let match = DateReader.read(scalars, at: index, shortYears: reading.shortYears), match.end == range.upperBound,
                match.date.day != nil
            else { continue }
            var end = index
            while end > range.lowerBound, !CharacterClass.of(scalars[end - 1]).isDisjoint(with: [.space, .clauseMark, .sentenceEnd]) { end -= 1 }
            let place = reading.original(text.textRange(index..<match.end))
            return (range.lowerBound..<end, Found(match.date, Basis(rule: "label", range: place, certainty: 0.9)))
        }
        return (range, nil)
    }

    private static let outletEnds = ["报", "网", "社", "发布", "新闻", "客户端", "电视台", "广播", "公众号", "報", "網", "新聞"]
        .map { $0.unicodeScalars.map(\.value) }
    private static let longestOutlet = 14

    private static let notBeforePaper = ScalarSet("通汇申举海预上填公情战简警回捷喜播電电呈")

    /// 静安报, 江城晚报: a name of a paper by its form; 通报, 海报 and 简报 are none.
    private func isPaper(_ scalars: [UInt32], _ range: Range<Int>) -> Bool {
        let name = scalars[range]
        guard (3...8).contains(name.count), name.last == 0x62A5 || name.last == 0x5831, name.allSatisfy({ CharacterClass.of($0).contains(.ideograph) })
        else { return false }
        return !Self.notBeforePaper.contains(name[name.endIndex - 2])
    }

    private static let placeNameLengths = 3...8

    /// 上海民政: a place and nothing but Chinese characters.
    private func isPlaceName(_ scalars: [UInt32], _ range: Range<Int>) -> Bool {
        guard Self.placeNameLengths.contains(range.count), scalars[range].allSatisfy({ CharacterClass.of($0).contains(.ideograph) }) else { return false }
        let name = Array(scalars[range])
        return DefaultPlaces.table.match(name, at: 0, before: name.count) != nil || dictionaries.districts.match(name, at: 0, before: name.count) != nil
    }

    /// Whether `range` is a known source, or has the form of one; beside a day that is enough.
    private func isOutlet(_ scalars: [UInt32], _ range: Range<Int>) -> Bool {
        let listed = sourceReader.names(scalars, range)
        return !listed.isEmpty
            && listed.allSatisfy { name in
                sourceReader.isKnown(scalars, name.range)
                    || name.range.count <= Self.longestOutlet && Self.outletEnds.contains { scalars[name.range].ends(with: $0) }
            }
    }

    /// What stands in the brackets that end a paragraph, after the mark that ends its last sentence or 据.
    private func closingBrackets(_ scalars: [UInt32]) -> Range<Int>? {
        let lowest = max(1, scalars.count - Self.longestClosing)
        guard scalars.count > Self.shortestReport, lowest < scalars.count, let last = scalars.last, [0xFF09, 0x29, 0x3011, 0x5D].contains(last),
            let open = (lowest..<scalars.count).last(where: { [0xFF08, 0x28, 0x3010, 0x5B].contains(scalars[$0]) })
        else { return nil }
        let isNamed = scalars[open + 1] == 0x636E  // 据
        guard isNamed || CharacterClass.of(scalars[open - 1]).contains(.sentenceEnd) || [0x201D, 0x300D].contains(scalars[open - 1])
        else { return nil }
        let start = isNamed ? open + 2 : open + 1
        let end = scalars.count - 1
        return start + 1 < end ? start..<end : nil
    }

    /// Where a known source stands in the brackets.
    private func knownSource(_ scalars: [UInt32], _ inside: Range<Int>) -> Range<Int>? {
        let (start, end) = (inside.lowerBound, inside.upperBound)
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
        guard scalars.count > 3, [0xFF08, 0x28, 0x5B, 0x3010].contains(scalars[0]) else { return nil }
        var range = 1..<(scalars.count - 1)
        if let plain = plainSources(text, range) { return plain }
        guard scalars.count > 6, scalars[0] == 0xFF08 || scalars[0] == 0x28 else { return nil }
        guard let opening = Self.compilations.first(where: { scalars[range].starts(with: $0) }) else { return nil }
        range = (range.lowerBound + opening.count)..<range.upperBound
        if let closing = Self.dispatchWords.first(where: { scalars[range].ends(with: $0) }) {
            range = range.lowerBound..<(range.upperBound - closing.count)
        }
        let found = names(text, range, rule: "source-in-brackets", certainty: 0.9)
        return found.isEmpty ? nil : found
    }

    /// The sources of `range` where it is known names and nothing else.
    private func plainSources(_ text: ScalarText, _ range: Range<Int>) -> [Found<String>]? {
        let listed = sourceReader.names(text.scalars, range)
        guard !listed.isEmpty, listed.allSatisfy({ sourceReader.isKnown(text.scalars, $0.range) }) else { return nil }
        return names(text, range, rule: "source-in-brackets", certainty: 0.9)
    }

    private static let signs = ["文/", "文／", "文丨", "文|", "——", "--", "—", "@", "据"].map { $0.unicodeScalars.map(\.value) }

    /// The sources of a line that is a sign and known names: ——上海发布, @上海发布, 文/解放日报; nil for others.
    func signedSources(_ index: Int) -> [Found<String>]? {
        guard paragraphs.all[index].characters <= Self.longestClosing, paragraphs.all[index].kind == .body else { return nil }
        let head = self.scalars(index, prefix: 3)
        guard let sign = Self.signs.first(where: { head.starts(with: $0) }) else { return nil }
        let text = scalars(index)
        return plainSources(text, sign.count..<text.count)
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

    /// Characters that a title in brackets at the start of a paragraph has: shorter ones are labels (【摘要】, 【主持人】).
    private static let runInLengths = 6...44
    /// How far into a paragraph its title's bracket may open: after 08:15 or 1、.
    private static let runInStart = 9

    /// The title in brackets that opens a paragraph of running text, in `Reading.text`: 08:15 【浦东浦南先行封控】3月28日5时起…; nil
    /// where none does.
    private func runInTitle(_ index: Int) -> Range<Int>? {
        let paragraph = paragraphs.all[index]
        guard paragraph.kind == .body, paragraph.isProse, let line = paragraph.lines.first else { return nil }
        let bytes = reading.text[reading.lines[line].text]
        // 【 is E3 80 90.
        guard bytes.prefix(Self.runInStart * 3).contains(0x90), bytes.prefix(Self.runInStart * 3).contains(0xE3) else { return nil }
        var text = ScalarText()
        let start = reading.lines[line].text.lowerBound
        var end = min(reading.lines[line].text.upperBound, start + 64 * 3)
        while end < reading.lines[line].text.upperBound, reading.text[end] & 0xC0 == 0x80 { end += 1 }
        text.append(reading.text, start..<end)
        let scalars = text.scalars
        guard let open = scalars.prefix(Self.runInStart).firstIndex(of: 0x3010), let close = scalars[open...].firstIndex(of: 0x3011),
            Self.runInLengths.contains(close - open - 1), scalars[..<open].allSatisfy(Self.mayLeadTitle)
        else { return nil }
        return text.textRange((open + 1)..<close)
    }

    /// Times, numbers and marks before a title.
    private static func mayLeadTitle(_ scalar: UInt32) -> Bool {
        !CharacterClass.of(scalar).isDisjoint(with: [.digit, .chineseNumeral, .space, .clauseMark]) || scalar == 0x2E || scalar == 0xFF0E
            || (0x25A0...0x27BF).contains(scalar) || (0x2460...0x2473).contains(scalar)
    }

    /// The bold words and a colon that open a paragraph: **地铁客流恢复**：4月2日…; nil where none do.
    private func boldTitle(_ index: Int) -> Range<Int>? {
        let paragraph = paragraphs.all[index]
        guard paragraph.kind == .body, let number = paragraph.lines.first, reading.lines[number].boldLead > 0 else { return nil }
        let line = reading.lines[number].text
        var end = line.lowerBound + Int(reading.lines[number].boldLead)
        guard end + Self.shortestReport * 3 < line.upperBound else { return nil }
        // ： is EF BC 9A, inside the bold words or after them.
        func isColon(_ place: Int) -> Bool {
            reading.text[place] == 0x3A
                || place >= line.lowerBound + 2 && reading.text[place] == 0x9A && reading.text[place - 1] == 0xBC && reading.text[place - 2] == 0xEF
        }
        if isColon(end - 1) {
            end -= reading.text[end - 1] == 0x3A ? 1 : 3
        } else if !isColon(end), !isColon(end + 2) {
            return nil
        }
        var text = ScalarText()
        text.append(reading.text, line.lowerBound..<end)
        return Self.runInLengths.contains(text.count) ? line.lowerBound..<end : nil
    }

    /// The titles in brackets that open paragraphs, by paragraph; empty where they open fewer than half of the running text, or
    /// where one comes twice, because then they are labels.
    /// - Parameter countsBold: bold words before a colon are titles too, which an article has as well.
    func runInTitles(countsBold: Bool) -> [Int: Range<Int>] {
        var found: [Int: Range<Int>] = [:]
        var prose = 0
        for index in paragraphs.all.indices where paragraphs.all[index].isProse {
            prose += 1
            found[index] = runInTitle(index) ?? (countsBold ? boldTitle(index) : nil)
        }
        guard found.count >= 2, found.count * 2 >= prose else { return [:] }
        let isRepeated = Set(found.values.map { reading.text[$0] }).count < found.count
        return isRepeated ? [:] : found
    }

    /// The day in brackets that ends a title, and where the brackets start, in `Reading.text`: 延长申领期限（2020年4月2日）.
    func titleDate(_ title: [Int]) -> (published: Found<PartialDate>, start: Int)? {
        guard let index = title.last, mayEndWithSource(index), paragraphs.all[index].characters < Paragraph.longestCounted else { return nil }
        let text = scalars(index)
        let scalars = text.scalars
        guard let open = scalars.lastIndex(where: { $0 == 0xFF08 || $0 == 0x28 }), open > 1, open + 4 < scalars.count,
            let match = DateReader.read(scalars, at: open + 1, shortYears: reading.shortYears), match.date.day != nil,
            match.end == scalars.count - 1
        else { return nil }
        let place = reading.original(text.textRange((open + 1)..<match.end))
        let start = text.textRange(open..<match.end).lowerBound
        return (Found(match.date, Basis(rule: "title-date", range: place, certainty: 0.9)), start)
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
