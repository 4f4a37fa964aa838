// A digest as an office document (Office Open XML, ECMA-376 part 1, WordprocessingML).
//
// The least a word processor opens: content types, one relation, the document and its styles. Headings carry outline
// levels, so that the navigation pane and a table of contents find them.

/// Writes DOCX; as a form, the document's part of it.
package enum DOCXWriter: DigestForm {
    /// Most items of an office document; it is made whole in memory.
    package static let mostItems = 1000

    /// The whole archive.
    package static func file(_ digest: Digest) throws -> [UInt8] {
        var archive = ZipArchive()
        archive.add("[Content_Types].xml", Array(contentTypes.utf8))
        archive.add("_rels/.rels", Array(relations.utf8))
        archive.add("word/_rels/document.xml.rels", Array(documentRelations.utf8))
        archive.add("word/styles.xml", Array(styles.utf8))
        archive.add("word/document.xml", Array(try write(digest).utf8))
        return archive.finished()
    }

    package static func opening(_ digest: Digest) -> String {
        head + "<w:document xmlns:w=\"\(namespace)\"><w:body>" + paragraph("Title", TextForm.line(digest.title))
            + paragraph("Note", TextForm.summary(digest))
    }

    package static func heading(_ group: DigestHeading, isFirst: Bool, in digest: Digest) -> String {
        paragraph("Heading1", group.name)
    }

    package static func entry(_ entry: DigestEntry, after last: DigestEntry?, in digest: Digest) -> String {
        let isDayShown = TextForm.isDayShown(entry, after: last, in: digest)
        return (isDayShown ? paragraph("Day", entry.day ?? TextForm.unknownDate) : "")
            + self.entry(entry, grouping: digest.grouping)
    }

    package static func ending(_ group: DigestHeading, in digest: Digest) -> String { "" }

    package static func closing(_ digest: Digest) -> String {
        TextForm.gaps(digest).map { paragraph("Note", "\($0.title)：\($0.words)") }.joined()
            + "<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/>"
            + "<w:pgMar w:top=\"1440\" w:right=\"1300\" w:bottom=\"1440\" w:left=\"1300\" w:header=\"700\" w:footer=\"700\""
            + " w:gutter=\"0\"/></w:sectPr></w:body></w:document>"
    }

    private static func entry(_ entry: DigestEntry, grouping: DigestGrouping) -> String {
        let title = entry.title.isEmpty ? TextForm.untitled : entry.title
        var text = paragraph("Heading2", "\(entry.number). \(TextForm.line(title))")
        for line in entry.paragraphs { text += paragraph("Body", line) }
        if !entry.sources.isEmpty { text += paragraph("Note", "来源：" + entry.sources.joined(separator: "、")) }
        if grouping != .department, let department = entry.department { text += paragraph("Note", "部门：" + department) }
        text += paragraph("Note", "出处：" + TextForm.place(entry))
        for duplicate in entry.duplicates { text += paragraph("Note", "同文：" + TextForm.words(duplicate)) }
        for doubt in TextForm.doubts(entry) {
            text += paragraph(doubt.isGrave ? "Doubt" : "Note", "\(doubt.label)：\(doubt.words)")
        }
        return text
    }

    private static func paragraph(_ style: String, _ text: String) -> String {
        "<w:p><w:pPr><w:pStyle w:val=\"\(style)\"/></w:pPr><w:r><w:t xml:space=\"preserve\">\(escape(text))</w:t></w:r></w:p>"
    }

    /// Escapes marks of XML and leaves out the control characters that XML 1.0 does not allow.
    static func escape(_ text: String) -> String {
        var allowed = ""
        for scalar in text.unicodeScalars {
            let value = scalar.value
            let isAllowed = value >= 0x20 && value != 0xFFFE && value != 0xFFFF || value == 9 || value == 10
            if isAllowed { allowed.unicodeScalars.append(scalar) }
        }
        return HTMLWriter.escape(allowed)
    }

    private static let namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    private static let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    private static let package = "http://schemas.openxmlformats.org/package/2006"
    private static let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"

    private static let contentTypes =
        head + "<Types xmlns=\"\(package)/content-types\">"
        + "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
        + "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        + type("document", "document.main") + type("styles", "styles") + "</Types>"

    private static func type(_ part: String, _ kind: String) -> String {
        "<Override PartName=\"/word/\(part).xml\""
            + " ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.\(kind)+xml\"/>"
    }

    private static let relations = relation("officeDocument", "word/document.xml")
    private static let documentRelations = relation("styles", "styles.xml")

    private static func relation(_ type: String, _ target: String) -> String {
        head + "<Relationships xmlns=\"\(package)/relationships\">"
            + "<Relationship Id=\"r1\" Type=\"\(office)/\(type)\" Target=\"\(target)\"/></Relationships>"
    }

    private static let styles =
        head + "<w:styles xmlns:w=\"\(namespace)\"><w:docDefaults><w:rPrDefault><w:rPr>"
        + "<w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"宋体\"/><w:sz w:val=\"22\"/>"
        + "<w:lang w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault></w:docDefaults>"
        + style("Title", "Title", "<w:spacing w:after=\"120\"/>", "<w:b/><w:sz w:val=\"36\"/>")
        + style(
            "Heading1", "heading 1",
            "<w:keepNext/><w:spacing w:before=\"360\" w:after=\"120\"/><w:outlineLvl w:val=\"0\"/>",
            "<w:b/><w:sz w:val=\"28\"/>")
        + style(
            "Heading2", "heading 2",
            "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"60\"/><w:outlineLvl w:val=\"1\"/>",
            "<w:b/><w:sz w:val=\"24\"/>")
        + style("Day", "Day", "<w:keepNext/><w:spacing w:before=\"240\"/>", "<w:b/>")
        + style(
            "Body", "Body Text",
            "<w:spacing w:line=\"360\" w:lineRule=\"auto\"/><w:ind w:firstLineChars=\"200\" w:firstLine=\"440\"/>",
            "")
        + style("Note", "Note", "<w:spacing w:after=\"0\"/>", "<w:color w:val=\"595959\"/><w:sz w:val=\"18\"/>")
        + style("Doubt", "Doubt", "<w:spacing w:after=\"0\"/>", "<w:color w:val=\"9A4A00\"/><w:sz w:val=\"18\"/>")
        + "</w:styles>"

    private static func style(_ id: String, _ name: String, _ paragraph: String, _ run: String) -> String {
        "<w:style w:type=\"paragraph\" w:styleId=\"\(id)\"><w:name w:val=\"\(name)\"/><w:qFormat/><w:pPr>\(paragraph)</w:pPr>"
            + "<w:rPr>\(run)</w:rPr></w:style>"
    }
}
