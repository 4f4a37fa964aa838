// Lines at the head of a text that say where it is from and of when, without labels.
//
//     official head   某某文件 ⏎ 某发〔2023〕15号 ⏎ title               the issuer before 文件, the title after the number
//     issue head      某某学报 ⏎ 1997年 第23卷 第3期 ⏎ title            a journal, the year of its issue
//     masthead        江南日报  2021年3月18日 星期四 第02版：要闻          a newspaper and the day of its issue
//                     【舆情快报】2023年3月15日 星期三 第58期              a bulletin and the day of its issue; no source
//     meta line       健康江南  2022-05-18 17:30                       a name and a time under a title
//
// The first two are looked for where a page is one item; the others by `ParagraphReader`, line by line.

import Messages

/// The head of an official document, laid out as GB/T 9704-2012 has it.
struct OfficialHead {
    /// Paragraphs of the title.
    var title: [Int]
    /// The body in front of 文件, or of the title.
    var issuer: Found<String>?

    /// Paragraphs among which the number of a document stands.
    private static let head = 8
    private static let mostTitleLines = 4
    /// Characters of a number: 国发〔2018〕44号.
    private static let longestNumber = 32
    /// What titles of official documents end with.
    private static let kinds = [
        "通知", "意见", "决定", "通告", "公告", "通报", "报告", "请示", "批复", "办法", "规定", "方案", "细则", "条例", "纪要", "命令", "公报", "决议",
        "函", "令", "规划", "计划", "要点", "措施", "规则", "答复", "标题", "名单", "指南", "标准", "规范", "通知》",
    ].map { $0.unicodeScalars.map(\.value) }

    /// The head of the document; nil where it has no number with a title after it.
    init?(context: SplitContext) {
        let all = context.paragraphs.all
        guard let number = all.indices.prefix(Self.head).first(where: { Self.isNumber(context, $0) }) else { return nil }
        var title: [Int] = []
        for index in all.indices[(number + 1)...].prefix(Self.head) {
            // 签发人：某某 may stand between.
            if title.isEmpty, all[index].kind == .label || all[index].kind == .bracketed { continue }
            let isLine = all[index].kind == .body && all[index].isTitleLike && all[index].numbering == .none
            guard isLine, title.count < Self.mostTitleLines else { break }
            if let last = title.last, all[index].blankLinesBefore > 1, Self.isWhole(context, last) { break }
            title.append(index)
        }
        guard let last = title.last, Self.isWhole(context, last) else { return nil }
        self.title = title
        issuer = (0..<number).lazy.compactMap { Self.issuer(context, $0) }.first
    }

    private static func isNumber(_ context: SplitContext, _ index: Int) -> Bool {
        guard context.paragraphs.all[index].characters <= longestNumber else { return false }
        let scalars = context.scalars(index).scalars
        guard let open = scalars.firstIndex(where: { [0x3014, 0x5B, 0xFF3B, 0x3010, 0xFF08, 0x28].contains($0) }), scalars.last == 0x53F7
        else { return false }
        var cursor = open + 1
        // Templates have X for digits.
        return Numerals.integer(scalars, &cursor, digits: 4...4).map { (1949...2100).contains($0) } ?? false
    }

    private static func isWhole(_ context: SplitContext, _ index: Int) -> Bool {
        let scalars = context.scalars(index).scalars.filter { !CharacterClass.of($0).contains(.space) }
        var end = scalars.count
        // （试行）, （征求意见稿）.
        if let last = scalars.last, last == 0xFF09 || last == 0x29, let open = scalars.lastIndex(where: { $0 == 0xFF08 || $0 == 0x28 }) {
            end = open
        }
        return kinds.contains { scalars[..<end].ends(with: $0) }
    }

    /// The body whose name stands before 文件.
    private static func issuer(_ context: SplitContext, _ index: Int) -> Found<String>? {
        guard context.paragraphs.all[index].characters <= longestNumber else { return nil }
        let text = context.scalars(index)
        let name = text.scalars.filter { !CharacterClass.of($0).contains(.space) }
        guard name.ends(with: [0x6587, 0x4EF6]), name.count > 4 else { return nil }
        let body = name.dropLast(2)
        guard OrganReader(dictionaries: context.dictionaries).isOrgan(body[...]) else { return nil }
        return Found(String(scalars: body), Basis(rule: "signature", range: context.range(index), certainty: 0.85))
    }
}

extension Array<UInt32> {
    /// Whether the last elements are `suffix`.
    fileprivate func ends(with suffix: [UInt32]) -> Bool { self[...].ends(with: suffix) }
}

extension ArraySlice<UInt32> {
    /// Where the first `mark` after the first `start` stands.
    fileprivate func firstIndex(of mark: UInt32, after start: UInt32) -> Int? {
        firstIndex(of: start).flatMap { self[$0...].firstIndex(of: mark) }
    }
}

/// The head of a journal's article: the journal, its issue, the title.
struct IssueHead {
    var title: [Int]
    var published: Found<PartialDate>
    var source: Found<String>?

    private static let head = 5
    private static let longestLine = 60

    /// The head of the article; nil where no line of the first ones is that of an issue.
    init?(context: SplitContext) {
        let all = context.paragraphs.all
        for index in all.indices.prefix(Self.head) where all[index].characters <= Self.longestLine {
            guard let year = Self.year(context.scalars(index).scalars) else { continue }
            published = Found(
                PartialDate(year: year), Basis(rule: "issue-line", range: context.range(index), certainty: 0.8))
            title = Array((index + 1)..<all.count).prefix(1).filter { all[$0].isTitleLike && all[$0].kind == .body }
            guard !title.isEmpty else { return nil }
            source = (0..<index).lazy.compactMap { Self.journal(context, $0) }.first
            return
        }
        return nil
    }

    /// The year of `1997年 第23卷 第3期`.
    private static func year(_ scalars: [UInt32]) -> Int? {
        guard let start = scalars.firstIndex(where: { Numerals.digit($0) != nil }), start < 24 else { return nil }
        var cursor = start
        guard let year = Numerals.integer(scalars, &cursor, digits: 4...4), (1900...2100).contains(year), cursor < scalars.count,
            scalars[cursor] == 0x5E74
        else { return nil }
        let rest = scalars[cursor...]
        guard let ordinal = rest.firstIndex(of: 0x7B2C), ordinal - cursor < 6 else { return nil }  // 第
        return rest.contains(0x671F) && (rest.contains(0x5377) || rest.count < 16) ? year : nil  // 期, 卷
    }

    /// A line of Chinese characters alone names the journal.
    private static func journal(_ context: SplitContext, _ index: Int) -> Found<String>? {
        let scalars = context.scalars(index).scalars.filter { !CharacterClass.of($0).contains(.space) }
        guard (2...20).contains(scalars.count), scalars.allSatisfy({ CharacterClass.of($0).contains(.ideograph) || $0 == 0xFF08 || $0 == 0xFF09 })
        else { return nil }
        return Found(String(scalars: scalars), Basis(rule: "issue-line", range: context.range(index), certainty: 0.8))
    }
}

/// The paper and the day that a masthead names.
struct HeadLine: Sendable {
    var published: Found<PartialDate>
    var source: Found<String>?

    /// Characters of such a line.
    static let longest = 120
    private static let longestName = 20

    /// `江南日报  2021年3月18日 星期四 第02版：要闻`: a whole date, and after it the number of a page; before it the paper's name.
    static func masthead(_ text: ScalarText, _ reading: Reading, _ sources: SourceReader) -> HeadLine? {
        guard let place = wholeDate(text, reading) else { return nil }
        // 今天是2022年6月8日 星期三。 is a sentence.
        if text.scalars.contains(where: { CharacterClass.of($0).contains(.sentenceEnd) }) { return nil }
        let rest = text.scalars[place.range.upperBound...]
        if isIssue(rest) || isWeekdayAndPage(rest) {
            let range = reading.original(text.textRange(place.range))
            let paper = isIssue(rest) ? nil : paper(text, place.range, sources)
            return HeadLine(
                published: Found(place.date, Basis(rule: "masthead", range: range, certainty: 0.85)),
                source: paper.map { Found($0.text, Basis(rule: "masthead", range: reading.original(text.textRange($0.range)), certainty: 0.75)) })
        }
        guard let page = rest.lastIndex(of: 0x7248), rest[..<page].contains(where: { !CharacterClass.of($0).isDisjoint(with: [.digit, .chineseNumeral]) })
        else { return nil }  // 版
        func basis(_ place: Range<Int>, _ certainty: Double) -> Basis {
            Basis(rule: "masthead", range: reading.original(text.textRange(place)), certainty: certainty)
        }
        return HeadLine(
            published: Found(place.date, basis(place.range, 0.85)),
            source: name(text, place.range, sources, shortest: 2).map { Found($0.text, basis($0.range, 0.75)) })
    }

    private static let issueParts = ScalarSet("星期周一二三四五六日天第总期（）()[]【】·|/")

    /// Characters of the name of a part of a paper: 本市新闻.
    private static let longestPart = 6

    /// ` 星期五 A04 本市新闻`, `/周五/12版`, ` 星期三`: the day of the week, and after it the number of a page, and its name.
    private static func isWeekdayAndPage(_ rest: ArraySlice<UInt32>) -> Bool {
        guard rest.count <= 24, rest.contains(0x661F) || rest.contains(0x5468) else { return false }  // 星 周
        var end = rest.endIndex
        if let space = rest.lastIndex(where: { CharacterClass.of($0).contains(.space) }), rest.endIndex - space - 1 <= longestPart,
            rest[(space + 1)...].allSatisfy({ CharacterClass.of($0).contains(.ideograph) && $0 != 0x661F && $0 != 0x5468 }),
            rest[..<space].contains(where: { Numerals.digit($0) != nil })
        {
            end = space
        }
        return rest[..<end].allSatisfy { issueParts.contains($0) || $0 == 0x7248 || !CharacterClass.of($0).isDisjoint(with: [.digit, .space, .letter]) }  // 版
    }

    /// The paper that is named before the date: a known one, or one by the form of its name.
    private static func paper(_ text: ScalarText, _ date: Range<Int>, _ sources: SourceReader) -> SourceReader.Name? {
        name(text, date, sources, shortest: 2).flatMap { name in
            let last = text.scalars[name.range.upperBound - 1]
            return last == 0x62A5 || last == 0x5831 || sources.isKnown(text.scalars, name.range) ? name : nil  // 报
        }
    }

    /// ` 星期三 第58期`, `（总第1203期）`: a number of an issue and nothing else but the day of the week.
    private static func isIssue(_ rest: ArraySlice<UInt32>) -> Bool {
        guard let mark = rest.firstIndex(of: 0x671F, after: 0x7B2C) else { return false }  // 第 … 期
        return rest[..<mark].contains { Numerals.digit($0) != nil }
            && rest.allSatisfy { issueParts.contains($0) || !CharacterClass.of($0).isDisjoint(with: [.digit, .space]) }
    }

    /// `健康江南 2022-05-18 17:30`, `2022年05月06日 10:20 新民晚报`: nothing but names and a date with its time, as labels. A line that
    /// only begins with a time, such as an entry of a log, has no name that is known.
    /// - Parameter isUnderTitle: whether the line stands right at the start of the page, where a day and a known name are enough.
    static func metaLabels(_ text: ScalarText, _ reading: Reading, _ sources: SourceReader, isUnderTitle: Bool) -> [Label]? {
        guard let place = wholeDate(text, reading), place.date.minuteOfDay != nil || isUnderTitle else { return nil }
        let others = text.scalars[..<place.range.lowerBound] + text.scalars[place.range.upperBound...]
        let isPlain = others.allSatisfy { !CharacterClass.of($0).isDisjoint(with: [.ideograph, .letter, .space]) || $0 == 0x7C || $0 == 0xB7 }
        guard isPlain, others.count <= longestName * 2, let name = name(text, place.range, sources, shortest: 3) else { return nil }
        // 某委员会2021年7月28日新闻发布会实录 is a title: without a time every word must be of a known name.
        let names = sources.names(text.scalars, 0..<place.range.lowerBound) + sources.names(text.scalars, place.range.upperBound..<text.count)
        if place.date.minuteOfDay == nil, !names.allSatisfy({ sources.isKnown(text.scalars, $0.range) }) { return nil }
        return [
            Label(field: .source, value: text.textRange(name.range), isInferred: true),
            Label(field: .published, value: text.textRange(place.range)),
        ]
    }

    /// The name that stands beside a date: one that is known, else the last one before it. 原创 张三 健康江南 2022-05-18 17:30: an
    /// account's name stands last.
    private static func name(_ text: ScalarText, _ date: Range<Int>, _ sources: SourceReader, shortest: Int) -> SourceReader.Name? {
        let before = sources.names(text.scalars, 0..<date.lowerBound)
        let names = before + sources.names(text.scalars, date.upperBound..<text.count)
        if let known = names.first(where: { sources.isKnown(text.scalars, $0.range) }) { return known }
        return before.last.flatMap { (shortest...longestName).contains($0.range.count) ? $0 : nil }
    }

    /// The whole date of a line with its time, and where it stands; nil where the line has none or two.
    private static func wholeDate(_ text: ScalarText, _ reading: Reading) -> (date: PartialDate, range: Range<Int>)? {
        let scalars = text.scalars
        guard scalars.count <= longest, let start = scalars.firstIndex(where: { Numerals.digit($0) != nil }),
            let match = DateReader.read(scalars, at: start, shortYears: reading.shortYears), match.date.year != nil, match.date.day != nil
        else { return nil }
        var end = match.end
        while end < scalars.count, CharacterClass.of(scalars[end]).contains(.space) { end += 1 }
        var date = match.date
        var cursor = end
        if cursor < scalars.count, let hour = Numerals.integer(scalars, &cursor, digits: 1...2), hour < 24, cursor + 1 < scalars.count,
            scalars[cursor] == 0x3A || scalars[cursor] == 0xFF1A
        {
            cursor += 1
            if let minute = Numerals.integer(scalars, &cursor, digits: 2...2), minute < 60 {
                date.minuteOfDay = hour * 60 + minute
                // Seconds.
                if cursor + 2 < scalars.count, scalars[cursor] == 0x3A {
                    var next = cursor + 1
                    if Numerals.integer(scalars, &next, digits: 2...2) != nil { cursor = next }
                }
                end = cursor
            }
        }
        return (date, start..<min(end, scalars.count))
    }
}
