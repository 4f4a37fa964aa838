// What shows that a page is a digest, besides its dates and sources: its title, and short headings over numbered bulletins.

import Messages

extension SplitContext {
    private static let digestWords = [
        "汇编", "要闻", "联播", "速览", "快报", "日报", "简报", "周报", "早报", "晚报", "汇总", "摘要", "资讯", "动态", "一周", "每日", "快讯", "播报", "摘编", "摘报", "专报", "剪报", "彙編", "要聞",
    ].map { Array($0.utf8) }

    /// Whether a text's bytes hold a word that titles of digests have: 汇编, 要闻, 速览 ….
    static func namesDigest(_ bytes: ArraySlice<UInt8>) -> Bool { digestWords.contains { holds(bytes, $0) } }

    /// Whether `bytes` hold `word`.
    static func holds(_ bytes: ArraySlice<UInt8>, _ word: [UInt8]) -> Bool {
        guard bytes.count >= word.count else { return false }
        return (bytes.startIndex...(bytes.endIndex - word.count)).contains { start in
            bytes[start] == word[0] && bytes[start..<(start + word.count)].elementsEqual(word)
        }
    }

    /// Whether a paragraph is the title of a digest.
    func isDigestTitle(_ index: Int) -> Bool {
        let paragraph = paragraphs.all[index]
        guard paragraph.isTitleLike || paragraph.kind == .bracketed, let line = paragraph.lines.first else { return false }
        return Self.namesDigest(reading.text[reading.lines[line].text]) || endsWithIssue(index)
    }

    /// 复工复产政策动态（第12期）, 某某信息 第3期: the number of an issue ends the line.
    private func endsWithIssue(_ index: Int) -> Bool {
        guard paragraphs.all[index].characters <= 60 else { return false }
        let scalars = scalars(index).scalars
        var end = scalars.count
        while end > 0, scalars[end - 1] == 0xFF09 || scalars[end - 1] == 0x29 || scalars[end - 1] == 0x3011 { end -= 1 }
        guard end > 3, scalars[end - 1] == 0x671F else { return false }  // 期
        var start = end - 1
        while start > 0, !CharacterClass.of(scalars[start - 1]).isDisjoint(with: [.digit, .chineseNumeral]) { start -= 1 }
        return start < end - 1 && start > 0 && scalars[start - 1] == 0x7B2C  // 第
    }

    /// Characters up to which a numbered line may name a part of the page: 一、要闻.
    private static let longestCategory = 10

    /// Lines such as 一、要闻 that part a page and head no bulletin; empty where fewer than two stand right before a line that
    /// is numbered or marked otherwise.
    func categories() -> Set<Int> {
        let all = paragraphs.all
        let lines = all.indices.filter { index in
            all[index].kind == .body && all[index].numbering == .chinese && all[index].isTitleLike
                && all[index].characters <= Self.longestCategory
        }
        let sure = lines.count { index in
            guard let next = all[(index + 1)...].first(where: { $0.kind != .boilerplate }) else { return false }
            return next.numbering != .none && next.numbering != .chinese || next.role == .listItem
        }
        return sure >= 2 ? Set(lines) : []
    }

    /// The date that the page states as a whole: in its masthead, or in the title of a digest.
    func pageDate() -> Found<PartialDate>? {
        if let date = paragraphs.masthead?.published { return date }
        guard let first = paragraphs.all.indices.first(where: { paragraphs.all[$0].kind != .boilerplate }), isDigestTitle(first),
            let date = lastDay(inTitle: scalars(first).scalars)
        else { return nil }
        return Found(date, Basis(rule: "page-title", range: range(first), certainty: 0.85))
    }

    /// The last day that a title names: a digest of 6月2日—6月8日 came out at the end.
    private func lastDay(inTitle scalars: [UInt32]) -> PartialDate? {
        guard var date = TimestampReader.read(String(scalars: scalars)), date.day != nil else { return nil }
        var index = 0
        while index < scalars.count {
            guard Numerals.digit(scalars[index]) != nil, let match = DateReader.read(scalars, at: index) else {
                index += 1
                continue
            }
            index = match.end
            if let last = DateReader.lastDay(scalars, after: match.end, first: match.date) {
                date = last.date
            } else if match.date.day != nil, match.date.month != date.month || match.date.day != date.day {
                let year = match.date.year ?? date.year.map { (match.date.month ?? 1) < (date.month ?? 1) ? $0 + 1 : $0 }
                date = PartialDate(year: year, month: match.date.month, day: match.date.day)
            }
        }
        return date
    }
}
