// The words that the text form of a digest is made of. `Documents.CompilationReader` reads what is written with them.
//
//     digest  = "汇编：" title LF "体例：快报汇编，按" grouping "，" extent LF summary LF 1*group [ gaps ]
//     group   = [ "【" heading "】" LF ] 1*( [ day LF ] entry )
//     entry   = number ". " title LF *( "　　" paragraph LF ) *( label "：" text LF )
//
// A day stands before the entries that it governs until the next day or heading. Body paragraphs are the only lines that
// begin with two full-width spaces. Blank lines carry nothing.

import Messages

/// Fixed words of the text form.
enum TextForm {
    static let opening = "汇编："
    static let signature = "体例：快报汇编"
    static let unknownDate = "日期不明"
    static let untitled = "（无题）"
    static let indent = "　　"

    static func name(_ grouping: DigestGrouping) -> String {
        switch grouping {
        case .date: "日期"
        case .department: "部门"
        case .source: "来源"
        case .district: "地区"
        }
    }

    static func name(_ extent: DigestExtent) -> String {
        switch extent {
        case .title: "标题"
        case .summary: "摘录"
        case .body: "全文"
        }
    }

    /// One line of a text that may have had several.
    static func line(_ text: String) -> String {
        guard text.contains(where: \.isNewline) else { return text }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// `共 19 条`, what was merged and left out, and the days from the first to the last.
    static func summary(_ digest: Digest) -> String {
        let entries = digest.taken - digest.merged
        var parts = ["共\(entries)条"]
        if digest.merged > 0 { parts.append("另并入同文\(digest.merged)条") }
        if digest.total > digest.taken { parts.append("检得\(digest.total)条，只取前\(digest.taken)条") }
        if let first = digest.firstDay, let last = digest.lastDay {
            parts.append(first == last ? first : "\(first)至\(last)")
        }
        if !digest.complete { parts.append("检索不完整") }
        return parts.joined(separator: "；")
    }

    /// Where an entry stands: the file and its bytes.
    static func place(_ entry: DigestEntry) -> String { place(entry.file, entry.id, entry.range) }

    private static func place(_ file: String?, _ id: String, _ range: ByteRange) -> String {
        "\(line(file ?? document(id))) 第\(range.lower)–\(range.upper)字节"
    }

    /// The document's part of an entry's identity.
    private static func document(_ id: String) -> String {
        id.lastIndex(of: "#").map { String(id[..<$0]) } ?? id
    }

    /// A duplicate in one line.
    static func words(_ duplicate: DigestDuplicate) -> String {
        var parts: [String] = []
        if !duplicate.sources.isEmpty { parts.append(duplicate.sources.joined(separator: "、")) }
        if let day = duplicate.day { parts.append(day) }
        parts.append(place(duplicate.file, duplicate.id, duplicate.range))
        return parts.joined(separator: "，")
    }

    /// What is doubtful about the text itself, and what was inferred, each in one line: `存疑`, `说明`.
    static func doubts(_ entry: DigestEntry) -> [(label: String, words: String, isGrave: Bool)] {
        [("存疑", true), ("说明", false)].compactMap { label, isGrave in
            let words = entry.doubts.filter { $0.isGrave == isGrave }.map { line($0.words) }
            return words.isEmpty ? nil : (label, words.joined(separator: "；"), isGrave)
        }
    }

    static func gapWords(_ kind: CoverageGap.Kind) -> String {
        switch kind {
        case .days: "以下日期没有条目"
        case .months: "以下月份没有条目"
        case .department: "以下部门没有条目"
        }
    }

    /// Gaps by kind, in the order of kinds.
    static func gaps(_ digest: Digest) -> [(title: String, words: String)] {
        [CoverageGap.Kind.days, .months, .department].compactMap { kind in
            let gaps = digest.gaps.filter { $0.kind == kind }
            return gaps.isEmpty ? nil : (gapWords(kind), gaps.map(\.words).joined(separator: "、"))
        }
    }

    /// Whether an entry's day is written before it: where it is not the group's heading and differs from the last one.
    static func isDayShown(_ entry: DigestEntry, after last: DigestEntry?, in digest: Digest) -> Bool {
        digest.grouping != .date && (last == nil || last?.day != entry.day)
    }
}
