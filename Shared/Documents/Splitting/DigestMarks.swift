// What shows that a page is a digest, besides its dates and sources: its title, and short headings over numbered bulletins.

import Messages

extension SplitContext {
    private static let digestWords = [
        "汇编", "要闻", "联播", "速览", "快报", "日报", "简报", "周报", "早报", "晚报", "汇总", "摘要", "资讯", "动态", "一周", "每日",
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
        guard paragraph.isTitleLike, let line = paragraph.lines.first else { return false }
        return Self.namesDigest(reading.text[reading.lines[line].text])
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
            let date = TimestampReader.read(String(scalars: scalars(first).scalars)), date.year != nil, date.day != nil
        else { return nil }
        return Found(date, Basis(rule: "page-title", range: range(first), certainty: 0.85))
    }
}
