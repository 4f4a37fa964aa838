// Choosing the reader of a document: what the caller says, else the file name, else what the text looks like.

import Messages

/// Finds the format of decoded text.
struct FormatDetector {
    /// How much of a document is looked at, in bytes.
    private static let window = 64 << 10

    let text: DecodedText
    let description: DocumentDescription

    /// The format of the text from `start` on, after front matter if there was any.
    func choose(from start: Int) -> (value: DocumentFormat, isDeclared: Bool) {
        if let declared = declared() { return (declared, true) }
        if CompilationReader.recognises(text, from: start) { return (.text, false) }
        let head = text.bytes[start...].prefix(Self.window)
        if looksLikeMarkup(head) { return (.html, false) }
        if looksLikeFeed(head) { return (.feed, false) }
        if let json = looksLikeJSON(head) { return (json, false) }
        return (textOrMarkdown(from: start), false)
    }

    private func declared() -> DocumentFormat? {
        let type = description.contentType.map { String($0.prefix { $0 != ";" }).lowercased().filter { $0 != " " } }
        switch type {
        case "text/html", "application/xhtml+xml": return .html
        case "text/markdown", "text/x-markdown": return .markdown
        case "application/json": return .json
        case "application/x-ndjson", "application/jsonl", "application/ndjson": return .ndjson
        case "text/csv": return .csv
        case "application/rss+xml", "application/atom+xml", "application/xml", "text/xml": return .feed
        default: break
        }
        let name = (description.sourceAddress ?? "").lowercased().prefix { $0 != "?" && $0 != "#" }
        let suffixes: [(String, DocumentFormat)] = [
            (".html", .html), (".htm", .html), (".xhtml", .html), (".shtml", .html), (".md", .markdown),
            (".markdown", .markdown), (".ndjson", .ndjson), (".jsonl", .ndjson), (".json", .json), (".csv", .csv),
            (".rss", .feed), (".atom", .feed), (".xml", .feed),
        ]
        for (suffix, format) in suffixes where name.hasSuffix(suffix) { return format }
        return nil
    }

    /// Starts with a tag, a comment or a declaration of HTML.
    private func looksLikeMarkup(_ head: ArraySlice<UInt8>) -> Bool {
        guard let first = head.firstIndex(where: { !MarkupTokenizer.isSpace($0) }), head[first] == 0x3C else {
            return false
        }
        let start = String(decoding: head[first...].prefix(64), as: UTF8.self).lowercased()
        let openings = [
            "<!doctype", "<html", "<head", "<body", "<div", "<p>", "<p ", "<h1", "<h2", "<h3", "<table", "<tbody",
            "<span",
            "<section", "<article", "<!--", "<ul", "<ol", "<meta", "<title", "<br", "<center", "<font", "<main",
            "<script",
            "<style", "<header", "<strong", "<b>", "<a ", "<img", "<figure", "<dl", "<blockquote", "<em",
        ]
        return openings.contains { start.hasPrefix($0) }
    }

    private func looksLikeFeed(_ head: ArraySlice<UInt8>) -> Bool {
        guard let first = head.firstIndex(where: { !MarkupTokenizer.isSpace($0) }), head[first] == 0x3C else {
            return false
        }
        let start = String(decoding: head[first...].prefix(1024), as: UTF8.self).lowercased()
        return start.hasPrefix("<?xml") || start.hasPrefix("<rss") || start.hasPrefix("<feed")
            || start.hasPrefix("<rdf:rdf")
    }

    /// An object or list as a whole, or a line that is an object with another one under it.
    private func looksLikeJSON(_ head: ArraySlice<UInt8>) -> DocumentFormat? {
        guard let first = head.firstIndex(where: { !MarkupTokenizer.isSpace($0) }) else { return nil }
        let isObject = head[first] == 0x7B
        guard isObject || head[first] == 0x5B,
            let next = head[(first + 1)...].first(where: { !MarkupTokenizer.isSpace($0) })
        else { return nil }
        guard isObject ? next == 0x22 || next == 0x7D : next == 0x7B || next == 0x5D || next == 0x22 else { return nil }
        let (lineEnd, following) = LineScanner.line(in: text.bytes, from: first, to: text.bytes.count)
        let line = LineScanner.trim(text.bytes, first..<lineEnd).range
        let isLine =
            isObject && text.bytes[line.upperBound - 1] == 0x7D && following < text.bytes.count
            && text.bytes[following] == 0x7B
        if isLine { return .ndjson }
        let last = text.bytes.last { !MarkupTokenizer.isSpace($0) }
        return last == (isObject ? 0x7D : 0x5D) ? .json : nil
    }

    /// Markdown where lines start with its marks, or bold marks stand in pairs.
    private func textOrMarkdown(from start: Int) -> DocumentFormat {
        let end = min(text.bytes.count, start + Self.window)
        var position = start
        var signs = 0
        while position < end {
            let (contentEnd, next) = LineScanner.line(in: text.bytes, from: position, to: end)
            let line = LineScanner.trim(text.bytes, position..<contentEnd).range
            signs += markdownSigns(text.bytes[line])
            if signs >= 2 { return .markdown }
            position = next
        }
        return .text
    }

    private func markdownSigns(_ line: ArraySlice<UInt8>) -> Int {
        guard let first = line.first else { return 0 }
        if first == 0x23 {
            let hashes = line.prefix { $0 == 0x23 }.count
            return hashes <= 6 && line.dropFirst(hashes).first == 0x20 ? 2 : 0
        }
        if first == 0x2D || first == 0x2A || first == 0x2B, line.dropFirst().first == 0x20 { return 1 }
        var stars = 0
        var index = line.startIndex
        while index + 1 < line.endIndex {
            if line[index] == 0x2A, line[index + 1] == 0x2A {
                stars += 1
                index += 2
            } else {
                index += 1
            }
        }
        return stars >= 1 ? 1 : 0
    }
}
