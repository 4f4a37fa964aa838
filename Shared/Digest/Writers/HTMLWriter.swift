// A digest as one HTML page without outside resources, with a style for the screen and one for paper.

/// Writes HTML.
package enum HTMLWriter: DigestForm {
    package static func opening(_ digest: Digest) -> String {
        let title = escape(TextForm.line(digest.title))
        let query = digest.query.isEmpty ? "" : "<p class=\"summary\">检索式 <code>\(escape(digest.query))</code></p>\n"
        return """
            <!DOCTYPE html>
            <html lang="zh-Hans">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            <style>
            \(style)</style>
            </head>
            <body>
            <header>
            <h1>\(title)</h1>
            <p class="summary">\(escape(TextForm.summary(digest)))</p>
            \(query)</header>
            <main>

            """
    }

    package static func heading(_ group: DigestHeading, isFirst: Bool, in digest: Digest) -> String {
        "<section>\n<h2>\(escape(group.name)) <small>\(group.count)</small></h2>\n"
    }

    package static func entry(_ entry: DigestEntry, after last: DigestEntry?, in digest: Digest) -> String {
        var html = ""
        if TextForm.isDayShown(entry, after: last, in: digest) {
            html += "<p class=\"day\">\(escape(entry.day ?? TextForm.unknownDate))</p>\n"
        }
        append(entry, grouping: digest.grouping, to: &html)
        return html
    }

    package static func ending(_ group: DigestHeading, in digest: Digest) -> String { "</section>\n" }

    package static func closing(_ digest: Digest) -> String {
        let gaps = TextForm.gaps(digest).map { "<p><b>\($0.title)</b> \(escape($0.words))</p>\n" }
        return "</main>\n" + (gaps.isEmpty ? "" : "<footer>\n\(gaps.joined())</footer>\n") + "</body>\n</html>\n"
    }

    private static func append(_ entry: DigestEntry, grouping: DigestGrouping, to html: inout String) {
        let title = entry.title.isEmpty ? TextForm.untitled : entry.title
        html += "<article id=\"n\(entry.number)\">\n<h3><span>\(entry.number)</span> \(escape(title))</h3>\n"
        for paragraph in entry.paragraphs { html += "<p>\(escape(paragraph))</p>\n" }
        html += "<dl>\n"
        func fact(_ name: String, _ value: String, _ kind: String = "") {
            html += "<div\(kind.isEmpty ? "" : " class=\"\(kind)\"")><dt>\(name)</dt><dd>\(escape(value))</dd></div>\n"
        }
        if !entry.sources.isEmpty { fact("来源", entry.sources.joined(separator: "、")) }
        if grouping != .department, let department = entry.department { fact("部门", department) }
        fact("出处", TextForm.place(entry), "place")
        for duplicate in entry.duplicates { fact("同文", TextForm.words(duplicate), "place") }
        for doubt in TextForm.doubts(entry) { fact(doubt.label, doubt.words, doubt.isGrave ? "doubt" : "place") }
        html += "</dl>\n</article>\n"
    }

    static func escape(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static let style = """
        :root { color-scheme: light dark; --ink: #1c1b19; --soft: #6a665f; --rule: #d9d5cc; --doubt: #9a4a00; --ground: #fff; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e8e5df; --soft: #a09b91; --rule: #3b3833; --doubt: #e0a15c; --ground: #161513; }
        }
        body { max-width: 42em; margin: 2.5em auto; padding: 0 1.2em; color: var(--ink); background: var(--ground);
          font: 1rem/1.85 "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", SimSun, serif; }
        h1 { font-size: 1.7em; line-height: 1.4; margin: 0 0 .3em; }
        h2 { font-size: 1.25em; margin: 2.2em 0 .6em; padding-bottom: .3em; border-bottom: 1px solid var(--rule); }
        h2 small { color: var(--soft); font-weight: normal; font-size: .75em; }
        h3 { font-size: 1.06em; line-height: 1.6; margin: 1.6em 0 .3em; }
        h3 span { color: var(--soft); font-weight: normal; margin-right: .3em; }
        p { margin: 0; text-indent: 2em; text-align: justify; overflow-wrap: anywhere; }
        .summary, .day, footer p { text-indent: 0; }
        .summary, .place, footer { color: var(--soft); font-size: .88em; }
        .day { font-weight: bold; margin: 1.6em 0 -.8em; }
        dl { margin: .5em 0 0; font-size: .88em; line-height: 1.6; }
        dl div { display: flex; gap: .8em; }
        dt { color: var(--soft); flex: none; }
        dd { margin: 0; overflow-wrap: anywhere; }
        .doubt dt, .doubt dd { color: var(--doubt); }
        footer { margin-top: 3em; padding-top: 1em; border-top: 1px solid var(--rule); }
        @page { size: A4; margin: 22mm 20mm; }
        @media print {
          :root { --ink: #000; --soft: #444; --rule: #999; --doubt: #000; --ground: #fff; }
          body { max-width: none; margin: 0; padding: 0; font-size: 10.5pt; }
          h2, h3, .day { break-after: avoid; }
          dl { break-inside: avoid; }
          h1 + .summary { margin-bottom: 1em; }
        }

        """
}
