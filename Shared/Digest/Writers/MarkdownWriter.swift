// A digest as Markdown.

/// Writes Markdown (CommonMark); marks of Markdown inside texts are escaped.
package enum MarkdownWriter: DigestForm {
    package static func opening(_ digest: Digest) -> String {
        "# \(escape(TextForm.line(digest.title)))\n\n*\(escape(TextForm.summary(digest)))*\n"
    }

    package static func heading(_ group: DigestHeading, isFirst: Bool, in digest: Digest) -> String {
        "\n## \(escape(TextForm.line(group.name)))\n"
    }

    package static func entry(_ entry: DigestEntry, after last: DigestEntry?, in digest: Digest) -> String {
        var lines: [String] = []
        if TextForm.isDayShown(entry, after: last, in: digest) {
            lines += ["", "**\(entry.day ?? TextForm.unknownDate)**"]
        }
        append(entry, grouping: digest.grouping, to: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    package static func ending(_ group: DigestHeading, in digest: Digest) -> String { "" }

    package static func closing(_ digest: Digest) -> String {
        TextForm.gaps(digest).map { "\n> **\($0.title)**：\(escape($0.words))\n" }.joined()
    }

    private static func append(_ entry: DigestEntry, grouping: DigestGrouping, to lines: inout [String]) {
        let title = TextForm.line(entry.title)
        lines += ["", "### \(entry.number). \(escape(title.isEmpty ? TextForm.untitled : title))"]
        for paragraph in entry.paragraphs { lines += ["", escape(paragraph)] }
        var facts: [String] = []
        if !entry.sources.isEmpty { facts.append("来源：" + escape(entry.sources.joined(separator: "、"))) }
        if grouping != .department, let department = entry.department { facts.append("部门：" + escape(department)) }
        facts.append("出处：" + escape(TextForm.place(entry)))
        lines += ["", facts.map { "*\($0)*" }.joined(separator: "  \n")]
        for duplicate in entry.duplicates { lines += ["", "> 同文：" + escape(TextForm.words(duplicate))] }
        for doubt in TextForm.doubts(entry) { lines += ["", "> **\(doubt.label)**：\(escape(doubt.words))"] }
    }

    /// Backslashes before all that Markdown would read as a mark.
    static func escape(_ text: String) -> String {
        var result = ""
        var isStart = true
        for scalar in text.unicodeScalars {
            let isMark = "\\`*_[]<>|~".unicodeScalars.contains(scalar)
            let isLeadingMark = isStart && "#+-=.>".unicodeScalars.contains(scalar)
            if isMark || isLeadingMark { result += "\\" }
            result.unicodeScalars.append(scalar)
            if !("0"..."9").contains(scalar) { isStart = false }
            if ("0"..."9").contains(scalar), !isStart { continue }
        }
        return result
    }
}
