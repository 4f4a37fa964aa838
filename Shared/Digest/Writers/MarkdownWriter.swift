// A digest as Markdown.

/// Writes Markdown (CommonMark); marks of Markdown inside texts are escaped.
package enum MarkdownWriter {
    package static func write(_ digest: Digest) -> String {
        var lines = ["# " + escape(TextForm.line(digest.title)), "", "*\(escape(TextForm.summary(digest)))*"]
        for group in digest.groups {
            lines += ["", "## " + escape(TextForm.line(group.name))]
            var last: DigestEntry?
            for entry in group.entries {
                if TextForm.isDayShown(entry, after: last, in: digest) {
                    lines += ["", "**\(entry.day ?? TextForm.unknownDate)**"]
                }
                append(entry, grouping: digest.grouping, to: &lines)
                last = entry
            }
        }
        for gap in TextForm.gaps(digest) { lines += ["", "> **\(gap.title)**：\(escape(gap.words))"] }
        return lines.joined(separator: "\n") + "\n"
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
