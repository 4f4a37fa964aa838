// The text form of a digest, in the layout of a bulletin compilation; see TextForm.

/// Writes plain text that the parser reads back as the same items.
package enum TextWriter: DigestForm {
    package static func opening(_ digest: Digest) -> String {
        """
        \(TextForm.opening)\(TextForm.line(digest.title))
        \(TextForm.signature)，按\(TextForm.name(digest.grouping))，\(TextForm.name(digest.extent))
        \(TextForm.summary(digest))

        """
    }

    package static func heading(_ group: DigestHeading, isFirst: Bool, in digest: Digest) -> String {
        "\n" + (digest.grouping == .date ? group.name : "【\(TextForm.line(group.name))】") + "\n"
    }

    package static func entry(_ entry: DigestEntry, after last: DigestEntry?, in digest: Digest) -> String {
        var lines: [String] = []
        if TextForm.isDayShown(entry, after: last, in: digest) { lines += ["", entry.day ?? TextForm.unknownDate] }
        lines.append("")
        append(entry, grouping: digest.grouping, to: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    package static func ending(_ group: DigestHeading, in digest: Digest) -> String { "" }

    package static func closing(_ digest: Digest) -> String {
        let gaps = TextForm.gaps(digest).map { "空缺：\($0.title)：\(TextForm.line($0.words))\n" }
        return gaps.isEmpty ? "" : "\n" + gaps.joined()
    }

    private static func append(_ entry: DigestEntry, grouping: DigestGrouping, to lines: inout [String]) {
        let title = TextForm.line(entry.title)
        lines.append("\(entry.number). \(title.isEmpty ? TextForm.untitled : title)")
        for paragraph in entry.paragraphs { lines.append(TextForm.indent + paragraph) }
        if !entry.sources.isEmpty {
            lines.append("来源：" + entry.sources.map(TextForm.line).joined(separator: "、"))
        }
        if grouping != .department, let department = entry.department {
            lines.append("部门：" + TextForm.line(department))
        }
        if let time = DigestDates.time(entry.date) { lines.append("时间：" + time) }
        lines.append("出处：" + TextForm.place(entry))
        for duplicate in entry.duplicates { lines.append("同文：" + TextForm.words(duplicate)) }
        for doubt in TextForm.doubts(entry) { lines.append("\(doubt.label)：\(doubt.words)") }
    }
}
