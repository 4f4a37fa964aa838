// Word documents (Office Open XML, ISO/IEC 29500): a zip with the text in word/document.xml.
//
// Read are paragraphs with the outline level and list mark of their style, tables row by row, footnotes and endnotes, and
// headers and footers as discards. Not read are deleted text of tracked changes, hidden text, field codes, and the second
// of two forms of one drawing. No entity is declared or fetched, no part outside of these is opened.

import Archives
import Messages

/// Reads DOCX.
enum DOCXReader {
    private static let main = "word/document.xml"
    private static let styles = "word/styles.xml"
    /// Parts together, unpacked.
    private static let limits = ArchiveLimits(entryBytes: 64 << 20, totalBytes: 128 << 20, entries: 10_000)

    /// The document's text.
    /// - Throws: `unsupportedFormat` for a zip that is no Word document; `unreadableDocument` for a damaged or encrypted
    ///   one; `documentTooLarge` for one that unpacks beyond the limits.
    static func read(_ bytes: [UInt8], limits: ParserLimits) throws(DocumentError) -> Reading {
        let parts = try parts(of: bytes)
        guard let document = parts[main] else { throw refusal(parts) }
        let styles = parts[styles].map(DOCXStyles.read) ?? DOCXStyles()
        var builder = RenditionBuilder(limits: limits)
        for name in parts.keys.sorted() where name.hasPrefix("word/header") {
            try DOCXBody.read(parts[name] ?? [], styles, into: &builder, as: .frame)
        }
        try DOCXBody.read(document, styles, into: &builder, as: .body)
        for name in ["word/footnotes.xml", "word/endnotes.xml"] {
            try DOCXBody.read(parts[name] ?? [], styles, into: &builder, as: .body)
        }
        for name in parts.keys.sorted() where name.hasPrefix("word/footer") {
            try DOCXBody.read(parts[name] ?? [], styles, into: &builder, as: .frame)
        }
        guard !builder.isEmpty else {
            throw DocumentError(
                .emptyDocument, "the Word document has no text, perhaps only pictures",
                fix: "recognise the text of its pictures first (OCR) and send that")
        }
        return builder.finish(format: .docx)
    }

    /// The wanted parts; all names, the others without bytes.
    private static func parts(of bytes: [UInt8]) throws(DocumentError) -> [String: [UInt8]] {
        var parts: [String: [UInt8]] = [:]
        do {
            var archive = try ArchiveReader(bytes, content: .archive, limits: limits)
            while let entry = try archive.next() {
                let name = String(decoding: entry.name, as: UTF8.self)
                // The first of two parts of one name counts, as in other readers.
                guard parts[name] == nil else { continue }
                parts[name] = isWanted(name) ? try archive.read() : []
            }
        } catch {
            throw DocumentError(error, in: "the document")
        }
        return parts
    }

    private static func isWanted(_ name: String) -> Bool {
        name == main || name == styles || name == "word/footnotes.xml" || name == "word/endnotes.xml"
            || (name.hasPrefix("word/header") || name.hasPrefix("word/footer")) && name.hasSuffix(".xml")
    }

    private static func refusal(_ parts: [String: [UInt8]]) -> DocumentError {
        let kinds = [
            ("xl/workbook.xml", "an Excel workbook", "save the sheet as CSV"),
            ("ppt/presentation.xml", "a PowerPoint presentation", "save it as PDF"),
            ("content.xml", "an OpenDocument file", "save it as DOCX or PDF"),
        ]
        for (part, name, fix) in kinds where parts[part] != nil {
            return DocumentError(.unsupportedFormat, "the document is \(name), which is not read", fix: fix)
        }
        return DocumentError(
            .unsupportedFormat, "the document is a zip archive of \(parts.count) members, not a document",
            fix: "add it with kuaibao add, which unpacks it")
    }
}

/// What the styles of a document say of its paragraphs.
struct DOCXStyles {
    /// Outline level 1…9 of the styles that are headings, by their id.
    var levels: [String: UInt8] = [:]

    static func read(_ xml: [UInt8]) -> DOCXStyles {
        var result = DOCXStyles()
        var tokens = MarkupTokenizer(xml, 0..<xml.count)
        var style = ""
        while let token = tokens.next() {
            guard case .start(let tag) = token else { continue }
            switch tag.name {
            case "w:style": style = tokens.attribute("w:styleid", of: tag) ?? ""
            case "w:name":
                let name = (tokens.attribute("w:val", of: tag) ?? "").lowercased()
                if name == "title" { result.levels[style] = 1 }
                if name.hasPrefix("heading "), let level = UInt8(name.dropFirst(8)), (1...9).contains(level) {
                    result.levels[style] = level
                }
            case "w:outlinelvl":
                if let level = tokens.attribute("w:val", of: tag).flatMap(UInt8.init), level < 9 {
                    result.levels[style] = level + 1
                }
            default: break
            }
        }
        return result
    }
}
