// Documents that are no text: told by their first bytes, never by their name.

import Archives
import Messages

/// What the first bytes of a document say it is; everything else is text of some encoding.
enum BinaryFormat: Equatable {
    case pdf, zip, gzip, warc
    /// A known format that is not read: its name, and what to do.
    case unread(String, fix: String)

    init?(_ bytes: [UInt8]) {
        func starts(_ signature: [UInt8], at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: signature) }
        func starts(_ text: String) -> Bool { starts(Array(text.utf8)) }
        // PDF readers look for the mark within the first kilobyte; a byte order mark or a header line may stand before it.
        if starts("%PDF-") || starts([0xEF, 0xBB, 0xBF] + Array("%PDF-".utf8)) {
            self = .pdf
        } else if starts([0x50, 0x4B, 0x03, 0x04]) || starts([0x50, 0x4B, 0x05, 0x06]) {
            self = .zip
        } else if starts([0x1F, 0x8B]) {
            self = .gzip
        } else if starts("WARC/1.") || starts("WARC/0.1") {
            self = .warc
        } else if starts([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
            self = .unread("an old Office file (DOC, XLS or PPT)", fix: "save it as DOCX, PDF or CSV")
        } else if starts("{\\rtf") {
            self = .unread("RTF", fix: "save it as DOCX or as text")
        } else if starts([0x28, 0xB5, 0x2F, 0xFD]) || starts([0x42, 0x5A, 0x68]) || starts([0xFD, 0x37, 0x7A, 0x58, 0x5A])
            || starts([0x37, 0x7A, 0xBC, 0xAF]) || starts("Rar!") || starts("ustar".utf8.map { $0 }, at: 257)
        {
            self = .unread("an archive", fix: "add it with kuaibao add, which unpacks zip, tar, gz and zst; unpack others")
        } else if starts([0x89, 0x50, 0x4E, 0x47]) || starts([0xFF, 0xD8, 0xFF]) || starts("GIF8")
            || starts([0x49, 0x49, 0x2A, 0x00]) || starts([0x4D, 0x4D, 0x00, 0x2A])
        {
            self = .unread("an image", fix: "recognise its text first (OCR) and send that")
        } else {
            return nil
        }
    }
}

extension DocumentError {
    /// A refusal to unpack, as a refusal to parse.
    init(_ error: ArchiveError, in what: String) {
        switch error.code {
        case .damaged:
            self.init(.unreadableDocument, "\(what) is damaged: \(error.message)", fix: "send it again, whole")
        case .encrypted:
            self.init(.unreadableDocument, "\(what) is encrypted: \(error.message)", fix: "send it without a password")
        case .tooLarge, .tooMany, .bomb:
            self.init(.documentTooLarge, "\(what) is refused: \(error.message)", fix: "send its parts unpacked")
        }
    }
}
