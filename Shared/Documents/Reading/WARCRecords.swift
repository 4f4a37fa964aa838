// Web archives (WARC, ISO 28500): records one after the other, each a head of lines and a block of a stated length.
//
//     record = "WARC/" version CRLF *(name ":" value CRLF) CRLF block CRLF CRLF
//     block of a response = status line CRLF *(name ":" value CRLF) CRLF body
//
// A page is a `response` with status 200, a `resource` or a `conversion` whose media type is that of text or of a document
// that is read. The bodies of HTTP are taken out of their chunks and unpacked, under limits. A record whose length is wrong
// ends the archive: nothing behind it can be trusted.

package import Archives

/// One record of a web archive.
package struct WARCRecord: Sendable {
    /// The half-open range of the archive that the record takes, heads and end included.
    package var range: Range<Int>
    /// The address that was archived.
    package var address: String?
    /// The media type of the content, with parameters.
    package var contentType: String?
    /// The content of a page, without chunks and packing; nil for a record that is no page.
    package var page: [UInt8]?
}

/// Walks through a web archive without packing.
package struct WARCRecords {
    private static let longestHead = 64 << 10
    private static let pageTypes = [
        "text/html", "text/plain", "text/markdown", "text/xml", "text/csv", "application/xhtml+xml", "application/xml",
        "application/rss+xml", "application/atom+xml", "application/json", "application/pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ]

    private let bytes: [UInt8]
    private let pageBytes: Int
    private var position = 0

    /// - Parameter pageBytes: the largest unpacked page; a larger one is no page.
    package init(_ bytes: [UInt8], pageBytes: Int) {
        self.bytes = bytes
        self.pageBytes = pageBytes
    }

    /// The next record; nil at the end or where the archive is broken.
    package mutating func next() -> WARCRecord? {
        while position < bytes.count, bytes[position] == 0x0D || bytes[position] == 0x0A { position += 1 }
        let start = position
        guard let head = Self.head(bytes, at: start), head.first.hasPrefix("WARC/"),
            let length = head.fields["content-length"].flatMap(Int.init), length >= 0, length <= bytes.count - head.end
        else { return nil }
        let block = head.end..<(head.end + length)
        var end = block.upperBound
        for _ in 0..<2 {
            if end < bytes.count, bytes[end] == 0x0D { end += 1 }
            if end < bytes.count, bytes[end] == 0x0A { end += 1 }
        }
        position = end
        var record = WARCRecord(range: start..<end, address: head.fields["warc-target-uri"])
        if let address = record.address, address.hasPrefix("<"), address.hasSuffix(">") {
            record.address = String(address.dropFirst().dropLast())
        }
        switch head.fields["warc-type"] {
        case "response": readResponse(block, into: &record)
        case "resource", "conversion":
            record.contentType = head.fields["content-type"]
            if Self.isPage(record.contentType) { record.page = Array(bytes[block]) }
        default: break
        }
        return record
    }

    /// Whether everything was walked through.
    package var isAtEnd: Bool { position >= bytes.count }

    private func readResponse(_ block: Range<Int>, into record: inout WARCRecord) {
        guard let head = Self.head(bytes, at: block.lowerBound), head.end <= block.upperBound else { return }
        let status = head.first.split(separator: " ").dropFirst().first
        record.contentType = head.fields["content-type"]
        guard head.first.hasPrefix("HTTP/"), status == "200", Self.isPage(record.contentType) else { return }
        var body = Array(bytes[head.end..<block.upperBound])
        // Some archives keep the field and take the chunks away.
        if head.fields["transfer-encoding"]?.lowercased() == "chunked", let whole = Self.unchunk(body) { body = whole }
        let packing = head.fields["content-encoding"]?.lowercased() ?? "identity"
        if packing != "identity", body.starts(with: [0x1F, 0x8B]) || body.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            guard let unpacked = try? Self.unpack(body, limit: pageBytes) else { return }
            body = unpacked
        }
        record.page = body.count <= pageBytes ? body : nil
    }

    private static func isPage(_ type: String?) -> Bool {
        guard let type else { return false }
        return pageTypes.contains(String(type.prefix { $0 != ";" }).lowercased().filter { $0 != " " })
    }

    /// Unpacks one packed file.
    package static func unpack(_ bytes: [UInt8], limit: Int) throws(ArchiveError) -> [UInt8] {
        var archive = try ArchiveReader(
            bytes, content: .single, limits: ArchiveLimits(entryBytes: limit, totalBytes: limit, entries: 1))
        guard try archive.next() != nil else { throw ArchiveError(.damaged, "there is nothing in it") }
        return try archive.read()
    }

    private struct Head {
        var first: String
        /// Names in lower case.
        var fields: [String: String]
        /// Where the head, with the empty line behind it, ends.
        var end: Int
    }

    private static func head(_ bytes: [UInt8], at start: Int) -> Head? {
        var lines: [String] = []
        var index = start
        let limit = min(bytes.count, start + longestHead)
        while index < limit {
            guard let feed = bytes[index..<limit].firstIndex(of: 0x0A) else { return nil }
            let end = feed > index && bytes[feed - 1] == 0x0D ? feed - 1 : feed
            let line = bytes[index..<end]
            index = feed + 1
            if line.isEmpty {
                guard let first = lines.first else { return nil }
                return Head(first: first, fields: fields(lines.dropFirst()), end: index)
            }
            lines.append(String(decoding: line, as: UTF8.self))
        }
        return nil
    }

    private static func fields(_ lines: ArraySlice<String>) -> [String: String] {
        var fields: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            let trimmed = value.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
            fields[line[..<colon].lowercased()] = String(trimmed)
        }
        return fields
    }

    /// A body without its chunks; nil where it has none.
    private static func unchunk(_ body: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var index = 0
        while index < body.count {
            guard let feed = body[index...].prefix(64).firstIndex(of: 0x0A) else { return nil }
            let digits = body[index..<feed].prefix { $0 != 0x3B && $0 != 0x0D }
            guard !digits.isEmpty, let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
                return nil
            }
            index = feed + 1
            if size == 0 { return result }
            guard size <= body.count - index else { return nil }
            result += body[index..<(index + size)]
            index += size
            while index < body.count, body[index] == 0x0D || body[index] == 0x0A { index += 1 }
        }
        return nil
    }
}
