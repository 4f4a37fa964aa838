// libFuzzer's entry for documents: whatever somebody hands in, in the format that FUZZ_FORMAT names.
//
//     text markdown html front-matter json ndjson csv feed    the input as a document of that declared type
//     any                                                     nothing declared: encodings and formats are detected
//     encodings                                               first byte: what the sender says of the encoding
//     pdf-layout                                              the input as what pdftotext wrote
//     docx                                                    the input as a zip; docx-body: as its word/document.xml
//     warc                                                    the input as a web archive
//     archive                                                 the input as a zip, tar or packed file, walked through
//
// What is parsed must obey the law of the cover; a parser must neither trap nor hang nor take memory without bound
// (libFuzzer's limits of time and memory).

import Archives
import Documents
import Foundation
import Messages

private struct Layout: PDFLayoutSource {
    func layout(of pdf: [UInt8]) throws(DocumentError) -> [UInt8] { Array(pdf.dropFirst(5)) }
}

private let parser = DocumentParser(limits: ParserLimits(bytes: 1 << 20, lines: 20_000), pdf: Layout())
private let format = ProcessInfo.processInfo.environment["FUZZ_FORMAT"] ?? "any"

/// Parses and checks that every byte lies in exactly one item, heading or named discard.
private func check(_ bytes: [UInt8], type: String?) {
    let description = DocumentDescription(identity: "fuzz", contentType: type, sourceAddress: nil, hints: [:])
    guard let (parsed, text) = try? parser.inspect(bytes, description) else { return }
    let ranges = (parsed.items.map(\.range) + parsed.remainders.map(\.range)).sorted { $0.lower < $1.lower }
    var position = 0
    for range in ranges {
        guard range.lower == position, range.upper > range.lower else {
            fatalError("\(range) does not follow \(position) in \(ranges)")
        }
        position = range.upper
    }
    guard position == text.originalCount else { fatalError("\(position) of \(text.originalCount) bytes are covered") }
    for (ordinal, item) in parsed.items.enumerated() {
        guard item.ordinal == ordinal else { fatalError("item \(ordinal) has the number \(item.ordinal)") }
        let inside =
            item.figures.map(\.range) + item.events.compactMap(\.basis.range) + item.sources.compactMap(\.basis.range)
            + item.questions.map(\.range)
        for range in inside where range.lower < 0 || range.lower > range.upper || range.upper > position {
            fatalError("\(range) is outside of 0..<\(position)")
        }
    }
}

/// A zip of one member that is not packed.
private func zip(_ name: String, _ content: [UInt8]) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var checksum: UInt32 = 0xFFFF_FFFF
    for byte in content {
        checksum ^= UInt32(byte)
        for _ in 0..<8 { checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0xEDB8_8320 : checksum >> 1 }
    }
    let common =
        little(20, 2) + little(0x800, 2) + little(0, 6) + little(Int(~checksum), 4) + little(content.count, 4)
        + little(content.count, 4) + little(name.utf8.count, 2) + little(0, 2)
    let local = [0x50, 0x4B, 3, 4] + common + Array(name.utf8) + content
    let directory: [UInt8] = [0x50, 0x4B, 1, 2] + little(20, 2) + common + little(0, 14) + Array(name.utf8)
    return local + directory + [0x50, 0x4B, 5, 6] + little(0, 4) + little(1, 2) + little(1, 2)
        + little(directory.count, 4)
        + little(local.count, 4) + little(0, 2)
}

private func walk(_ bytes: [UInt8]) {
    for content in [ArchiveReader.Content.archive, .single, .any] {
        let limits = ArchiveLimits(entryBytes: 1 << 20, totalBytes: 4 << 20, entries: 100)
        guard var reader = try? ArchiveReader(bytes, content: content, limits: limits) else { continue }
        do {
            while let entry = try reader.next() { if entry.isFile { _ = try reader.read() } }
        } catch {}
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    switch format {
    case "text": check(bytes, type: "text/plain")
    case "markdown": check(bytes, type: "text/markdown")
    case "html": check(bytes, type: "text/html")
    case "front-matter": check(Array("---\n".utf8) + bytes, type: nil)
    case "json": check(bytes, type: "application/json")
    case "ndjson": check(bytes, type: "application/x-ndjson")
    case "csv": check(bytes, type: "text/csv")
    case "feed": check(bytes, type: "application/rss+xml")
    case "encodings":
        let charsets = ["utf-8", "gb2312", "gbk", "gb18030", "big5", "utf-16le", "utf-16be", "latin1"]
        guard let first = bytes.first else { return 0 }
        check(Array(bytes.dropFirst()), type: "text/html; charset=\(charsets[Int(first) % charsets.count])")
    case "pdf-layout": check(Array("%PDF-".utf8) + bytes, type: nil)
    case "docx": check([0x50, 0x4B, 3, 4] + bytes, type: nil)
    case "docx-body": check(zip("word/document.xml", bytes), type: nil)
    case "warc": check(Array("WARC/1.0\r\n".utf8) + bytes, type: nil)
    case "archive": walk(bytes)
    case "any": check(bytes, type: nil)
    default: fatalError("FUZZ_FORMAT is \(format)")
    }
    return 0
}
