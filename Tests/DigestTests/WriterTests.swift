// What the writers make of hostile texts, and whether an office document is whole.

import Digest
import Foundation
import Messages
import Testing

@Suite struct WriterTests {
    private let digest = DigestCompiler(DigestOptions(title: "<甲> & \"乙\"", query: "a<b", grouping: .source)).compile([
        made(
            "x<y>", title: "# *标题* <script>alert(1)</script>", body: "1. 一 & 二\n[链接](http://example.org)\n\u{1}控制",
            date: PartialDate(year: 2020, month: 2, day: 8), department: "甲&乙局", sources: ["<源>"],
            flags: ["ocr-spaces", "repeated-clause"])
    ])

    @Test func htmlEscapesEveryText() throws {
        let html = try HTMLWriter.write(digest)
        #expect(!html.contains("<script"))
        #expect(html.contains("&lt;script&gt;alert(1)") && html.contains("&lt;源&gt;") && html.contains("a&lt;b"))
        #expect(!html.contains("http-equiv") && !html.contains("<link") && !html.contains("src="))
        #expect(html.contains("@media print") && html.contains("class=\"doubt\""))
    }

    @Test func markdownEscapesItsMarks() throws {
        let text = try MarkdownWriter.write(digest)
        #expect(text.contains("### 1. \\# \\*标题\\* \\<script\\>"))
        #expect(text.contains("1\\. 一 & 二") && text.contains("\\[链接\\]"))
    }

    @Test func jsonComesBackAsItWas() throws {
        let data = try JSONEncoder().encode(digest)
        #expect(try JSONDecoder().decode(Digest.self, from: data) == digest)
    }

    @Test func anOfficeDocumentIsAWholeArchiveOfWellFormedParts() throws {
        let files = try Archive(try DOCXWriter.file(digest)).files
        #expect(
            files.map(\.name) == [
                "[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/styles.xml",
                "word/document.xml",
            ])
        let document = String(decoding: files.last?.content ?? [], as: UTF8.self)
        #expect(document.contains("&lt;script&gt;") && document.contains("存疑：") && !document.contains("\u{1}"))
        for file in files {
            let text = String(decoding: file.content, as: UTF8.self)
            #expect(tagsBalance(text), "\(file.name)")
        }
    }

    /// Whether every element that is opened is closed, in order.
    private func tagsBalance(_ xml: String) -> Bool {
        var open: [Substring] = []
        for piece in xml.split(separator: "<").dropFirst() {
            guard let end = piece.firstIndex(of: ">") else { return false }
            let tag = piece[..<end]
            if tag.hasPrefix("?") || tag.hasSuffix("/") { continue }
            let name = tag.prefix { $0 != " " }
            if name.hasPrefix("/") {
                guard open.popLast() == name.dropFirst() else { return false }
            } else {
                open.append(name)
            }
        }
        return open.isEmpty
    }
}

/// A slow reader of archives: by their directory, comparing it with each local header.
private struct Archive {
    struct Damaged: Error {}

    var files: [(name: String, content: [UInt8])] = []

    init(_ bytes: [UInt8]) throws {
        func value(_ offset: Int, _ width: Int) -> Int {
            (0..<width).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        let end = bytes.count - 22
        guard end >= 0, value(end, 4) == 0x0605_4B50 else { throw Damaged() }
        var place = value(end + 16, 4)
        for _ in 0..<value(end + 10, 2) {
            guard value(place, 4) == 0x0201_4B50 else { throw Damaged() }
            let (checksum, size, nameLength) = (value(place + 16, 4), value(place + 24, 4), value(place + 28, 2))
            let local = value(place + 42, 4)
            guard value(local, 4) == 0x0403_4B50, value(local + 14, 4) == checksum, value(local + 22, 4) == size else {
                throw Damaged()
            }
            let name = String(decoding: bytes[(place + 46)..<(place + 46 + nameLength)], as: UTF8.self)
            let start = local + 30 + value(local + 26, 2)
            let content = Array(bytes[start..<(start + size)])
            guard Self.checksum(content) == checksum else { throw Damaged() }
            files.append((name, content))
            place += 46 + nameLength
        }
        guard place == end else { throw Damaged() }
    }

    /// CRC-32, bit by bit.
    private static func checksum(_ bytes: [UInt8]) -> Int {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
        }
        return Int(~value)
    }
}
