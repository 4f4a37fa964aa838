// What a page says about itself: `<title>`, `<meta>` and the YAML front matter of feed posts.

import Messages
import Yams

/// Reads a page's statements about itself.
enum MetadataReader {
    /// What the head of an HTML page says.
    static func metadata(of blocks: MarkupBlocks, in decoded: DecodedText) -> PageMetadata {
        var metadata = PageMetadata()
        func range(_ place: Range<Int>) -> ByteRange {
            let found = decoded.original(place)
            return ByteRange(found.lowerBound, found.upperBound)
        }
        func value(_ names: [String]) -> (text: String, place: Range<Int>)? {
            for name in names {
                if let found = blocks.meta.first(where: { $0.name == name && !$0.content.isEmpty }) {
                    return (found.content, found.place)
                }
            }
            return nil
        }
        if let found = value(["articletitle", "og:title", "twitter:title"]) {
            let basis = Basis(rule: "meta", range: range(found.place), certainty: 0.9)
            metadata.title = Found(decodeReferences(found.text), basis)
        } else if let place = blocks.title {
            let text = withoutSiteName(decodeReferences(String(decoding: decoded.bytes[place], as: UTF8.self)))
            if !text.isEmpty {
                metadata.title = Found(text, Basis(rule: "title-element", range: range(place), certainty: 0.7))
            }
        }
        let dates = [
            "pubdate", "article:published_time", "publishdate", "publishtime", "firstpublishedtime",
            "weibo: article:create_at",
        ]
        if let found = value(dates), let date = TimestampReader.read(found.text) {
            metadata.published = Found(date, Basis(rule: "meta", range: range(found.place), certainty: 0.9))
        }
        if let found = value(["contentsource", "source", "mediaid"]) {
            let basis = Basis(rule: "meta", range: range(found.place), certainty: 0.8)
            metadata.outlet = Found(decodeReferences(found.text), basis)
        }
        if let found = value(["og:site_name", "sitename"]), !platforms.contains(found.text) {
            let basis = Basis(rule: "site", range: range(found.place), certainty: 0.6)
            metadata.site = Found(decodeReferences(found.text), basis)
        }
        return metadata
    }

    /// Names that a site gives to whatever its users publish; they say nothing of the source.
    private static let platforms: Set<String> = ["微信公众平台", "微信公眾平台", "Weixin Official Accounts Platform", "知乎专栏", "今日头条", "百家号"]

    /// The half-open range of the front matter, both fences included, and where the text after it starts; nil where the
    /// document has none: `---` alone on the first line that is not blank, and again on a later one.
    static func frontMatter(_ bytes: [UInt8], limits: ParserLimits) -> (content: Range<Int>, end: Int)? {
        var position = 0
        var content: Int?
        let end = min(bytes.count, limits.frontMatterBytes)
        while position < end {
            let (contentEnd, next) = LineScanner.line(in: bytes, from: position, to: end)
            let line = LineScanner.trim(bytes, position..<contentEnd).range
            let isFence = line.count == 3 && bytes[line].allSatisfy { $0 == 0x2D }
            if let start = content, isFence { return (start..<position, next) }
            if content == nil {
                if isFence { content = next } else if !line.isEmpty { return nil }
            }
            position = next
        }
        return nil
    }

    /// What the front matter says; nil where it is no YAML mapping.
    static func metadata(frontMatter content: Range<Int>, end: Int, in decoded: DecodedText) -> PageMetadata? {
        let text = String(decoding: decoded.bytes[content], as: UTF8.self)
        // Anchors could make a small text large; front matter of posts has none.
        guard !text.contains("*"), !text.contains("&"), let node = try? Yams.compose(yaml: text),
            let mapping = node.mapping
        else { return simpleMetadata(text, content, end: end, in: decoded) }
        var values: [String: String] = [:]
        for (key, value) in mapping {
            if let name = key.string, let text = value.string { values[name.lowercased()] = text }
        }
        return metadata(values, content, end: end, in: decoded)
    }

    /// Front matter that is no YAML by the letter: `key: value` lines.
    private static func simpleMetadata(_ text: String, _ content: Range<Int>, end: Int, in decoded: DecodedText)
        -> PageMetadata?
    {
        var values: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline).prefix(256) {
            guard let colon = line.firstIndex(of: ":"), line.first?.isWhitespace == false else { continue }
            let quotes: Set<Character> = ["'", "\"", " "]
            var value = line[line.index(after: colon)...]
            while let first = value.first, quotes.contains(first) { value.removeFirst() }
            while let last = value.last, quotes.contains(last) { value.removeLast() }
            values[line[..<colon].lowercased()] = String(value)
        }
        return values.isEmpty ? nil : metadata(values, content, end: end, in: decoded)
    }

    private static func metadata(
        _ values: [String: String], _ content: Range<Int>, end: Int, in decoded: DecodedText
    ) -> PageMetadata {
        func basis(_ key: String, _ certainty: Double) -> Basis {
            let place = line(ofKey: key, in: decoded.bytes, content) ?? content
            let found = decoded.original(place)
            return Basis(
                rule: "front-matter", range: ByteRange(found.lowerBound, found.upperBound), certainty: certainty)
        }
        func first(_ keys: [String]) -> (key: String, text: String)? {
            for key in keys {
                if let text = values[key], !text.isEmpty { return (key, text) }
            }
            return nil
        }
        var metadata = PageMetadata()
        metadata.frontMatter = 0..<end
        if let found = first(["title"]) { metadata.title = Found(found.text, basis(found.key, 1)) }
        if let found = first(["date", "pubdate", "published", "publishdate", "updated"]),
            let date = TimestampReader.read(found.text)
        {
            metadata.published = Found(date, basis(found.key, 0.95))
        }
        if let found = first(["source", "author", "site"]) {
            metadata.outlet = Found(found.text, basis(found.key, 0.9))
        }
        return metadata
    }

    private static func line(ofKey key: String, in bytes: [UInt8], _ content: Range<Int>) -> Range<Int>? {
        let pattern = Array(key.utf8)
        var position = content.lowerBound
        while position < content.upperBound {
            let (contentEnd, next) = LineScanner.line(in: bytes, from: position, to: content.upperBound)
            let line = position..<contentEnd
            if line.count > pattern.count, bytes[position + pattern.count] == 0x3A,
                bytes[line].prefix(pattern.count).elementsEqual(pattern, by: { $0 | 0x20 == $1 | 0x20 })
            {
                return line
            }
            position = next
        }
        return nil
    }

    private static func decodeReferences(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x26, let value = CharacterReference.read(bytes, at: index, before: bytes.count) {
                result += value.bytes
                index += value.length
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        let trimmed = LineScanner.trim(result, 0..<result.count).range
        return String(decoding: result[trimmed], as: UTF8.self)
    }

    /// `<title>` without the name of the site after `_`, `|` or a spaced dash.
    private static func withoutSiteName(_ title: String) -> String {
        var best = title
        for separator in ["_", " - ", " | ", "|", "--", " – ", "－"] {
            if let cut = best.range(of: separator), best.distance(from: best.startIndex, to: cut.lowerBound) >= 6 {
                best = String(best[..<cut.lowerBound])
            }
        }
        return best
    }
}

extension String {
    /// The first place of `pattern`, compared byte by byte.
    func range(of pattern: String) -> Range<String.Index>? {
        let wanted = Array(pattern.utf8)
        let view = utf8
        var start = view.startIndex
        while start != view.endIndex {
            if view[start...].starts(with: wanted) {
                return start..<view.index(start, offsetBy: wanted.count)
            }
            start = view.index(after: start)
        }
        return nil
    }
}
