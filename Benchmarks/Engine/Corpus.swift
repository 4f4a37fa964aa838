// Reads a corpus of JSON lines with the members id, title, body, date and source into documents of the index.

import Foundation
import Messages
import SearchCore

/// A mapped corpus file, one document at a time: it takes no memory of its own beside the engine's.
struct Corpus {
    private let bytes: Data
    private var offset = 0

    init(path: String) throws {
        bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    }

    var byteCount: Int { bytes.count }

    /// The members of the next line; nil at the end.
    mutating func nextMembers() -> [String: [UInt8]]? {
        while offset < bytes.count {
            let end = endOfLine()
            let line = [UInt8](bytes[offset..<end])
            offset = end + 1
            if !line.isEmpty { return JSONLine.members(of: line, in: 0..<line.count) }
        }
        return nil
    }

    private func endOfLine() -> Int {
        unsafe bytes.withUnsafeBytes { all in
            guard let base = all.baseAddress, let found = unsafe memchr(base + offset, 0x0A, all.count - offset) else {
                return all.count
            }
            return unsafe base.distance(to: UnsafeRawPointer(found))
        }
    }

    /// The next line's document, numbered `number`; nil at the end.
    mutating func next(_ number: Int) -> IndexDocument? {
        nextMembers().map { Self.document($0, number) }
    }

    static func document(_ members: [String: [UInt8]], _ number: Int) -> IndexDocument {
        let title = members["title"] ?? []
        let text = title + [0x0A] + (members["body"] ?? members["text"] ?? [])
        var fields: [String: FieldValue] = ["text": .textBytes(text)]
        if let source = members["source"] { fields["source"] = .keywords([String(decoding: source, as: UTF8.self)]) }
        let date = String(decoding: members["date"] ?? [], as: UTF8.self).split(separator: "-").compactMap { Int($0) }
        if date.count == 3 {
            fields["published"] = .date(PartialDate(year: date[0], month: date[1], day: date[2]))
        }
        return IndexDocument(documentID: "\(number)", itemOrdinal: 0, version: 1, fields: fields, stored: text)
    }
}

/// One text field, so that the peers index the same characters; a source and a date to count by.
func benchSchema() throws -> IndexSchema {
    try IndexSchema(fields: [
        IndexField(name: "text", kind: .text), IndexField(name: "source", kind: .keyword, isFaceted: true),
        IndexField(name: "published", kind: .date),
    ])
}

/// String members of a flat JSON object, unescaped.
enum JSONLine {
    static func members(of bytes: [UInt8], in line: Range<Int>) -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        var at = line.lowerBound
        var name: [UInt8]?
        while at < line.upperBound {
            switch bytes[at] {
            case 0x22:
                let value = string(bytes, &at, line.upperBound)
                if let key = name {
                    result[String(decoding: key, as: UTF8.self)] = value
                    name = nil
                } else {
                    name = value
                }
            case 0x2C:
                name = nil
                at += 1
            default: at += 1
            }
        }
        return result
    }

    /// The string whose opening quote stands at `at`.
    private static func string(_ bytes: [UInt8], _ at: inout Int, _ end: Int) -> [UInt8] {
        at += 1
        var start = at
        var result: [UInt8] = []
        while at < end, bytes[at] != 0x22 {
            guard bytes[at] == 0x5C, at + 1 < end else {
                at += 1
                continue
            }
            result += bytes[start..<at]
            switch bytes[at + 1] {
            case 0x6E: result.append(0x0A)
            case 0x74: result.append(0x09)
            case 0x72: result.append(0x0D)
            case 0x75 where at + 5 < end:
                let code = UInt32(String(decoding: bytes[(at + 2)..<(at + 6)], as: UTF8.self), radix: 16) ?? 0x20
                result += Array(String(UnicodeScalar(code) ?? " ").utf8)
                at += 4
            default: result.append(bytes[at + 1])
            }
            at += 2
            start = at
        }
        result += bytes[start..<at]
        at += 1
        return result
    }
}
