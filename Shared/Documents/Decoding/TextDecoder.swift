// Decoding a document in an encoding that has been chosen.
//
// Damage never stops decoding: a byte that starts nothing valid becomes U+FFFD and is counted. Where the second byte of
// a pair is ASCII, only the first is replaced, so that a lost byte does not swallow a line break or a tag.

import Messages

/// The encodings that are read.
enum TextEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    case gb18030 = "gb18030"
    case big5 = "big5"

    /// The encoding called `name` in a header, a hint or a `meta` element; nil for one that is not read.
    init?(label name: String) {
        switch name.lowercased().filter({ $0 != " " && $0 != "_" && $0 != "-" }) {
        case "utf8", "ascii", "usascii": self = .utf8
        case "utf16", "utf16le", "unicode": self = .utf16LittleEndian
        case "utf16be": self = .utf16BigEndian
        case "gb2312", "gbk", "gb18030", "xgbk", "cp936", "ms936", "gb231280", "csgb2312", "euccn", "hzgb2312":
            self = .gb18030
        case "big5", "big5hkscs", "cp950", "xxbig5", "big5eten", "csbig5": self = .big5
        default: return nil
        }
    }
}

/// Turns bytes into UTF-8 and keeps the way back.
enum TextDecoder {
    /// Decodes `bytes` from `start` on.
    /// - Throws: `unreadableDocument` where the system has no table of the encoding.
    /// - Parameter isWhole: whether the bytes are known to be whole UTF-8.
    static func decode(
        _ bytes: [UInt8], from start: Int, as encoding: TextEncoding, isWhole: Bool = false
    ) throws(DocumentError) -> DecodedText {
        switch encoding {
        case .utf8 where isWhole: return UTF8Decoding.decode(bytes, from: start, damaged: 0)
        case .utf8:
            return UTF8Decoding.decode(bytes, from: start, damaged: UTF8Decoding.census(bytes, from: start).damaged)
        case .utf16LittleEndian: return decodeUTF16(bytes, from: start, isBigEndian: false)
        case .utf16BigEndian: return decodeUTF16(bytes, from: start, isBigEndian: true)
        case .gb18030: return decodePairs(bytes, from: start, table: try table(of: encoding), encoding: encoding)
        case .big5: return decodePairs(bytes, from: start, table: try table(of: encoding), encoding: encoding)
        }
    }

    /// The table of a legacy encoding.
    /// - Throws: `unreadableDocument` where the system has none.
    static func table(of encoding: TextEncoding) throws(DocumentError) -> LegacyTable {
        guard let table = encoding == .big5 ? LegacyTable.big5 : LegacyTable.gb18030 else {
            throw DocumentError(
                .unreadableDocument, "the system has no converter for \(encoding.rawValue)",
                fix: "install the C library's character set modules (gconv) or send the document as UTF-8")
        }
        return table
    }

    private static func decodeUTF16(_ bytes: [UInt8], from start: Int, isBigEndian: Bool) -> DecodedText {
        var sink = TextSink(reserving: bytes.count)
        func unit(_ index: Int) -> UInt32 {
            let (first, second) = (UInt32(bytes[index]), UInt32(bytes[index + 1]))
            return isBigEndian ? first << 8 | second : second << 8 | first
        }
        var index = start
        while index + 1 < bytes.count {
            let high = unit(index)
            if high & 0xF800 != 0xD800 {
                sink.append(high, sourceStart: index, sourceLength: 2)
                index += 2
            } else if high < 0xDC00, index + 3 < bytes.count, unit(index + 2) & 0xFC00 == 0xDC00 {
                let scalar = 0x10000 + (high - 0xD800) << 10 + unit(index + 2) - 0xDC00
                sink.append(scalar, sourceStart: index, sourceLength: 4)
                index += 4
            } else {
                sink.replace(sourceStart: index, sourceLength: 2)
                index += 2
            }
        }
        if index < bytes.count { sink.replace(sourceStart: index, sourceLength: 1) }
        let encoding: TextEncoding = isBigEndian ? .utf16BigEndian : .utf16LittleEndian
        return sink.finish(encoding: encoding.rawValue, originalCount: bytes.count)
    }

    private static func decodePairs(
        _ bytes: [UInt8], from start: Int, table: LegacyTable, encoding: TextEncoding
    ) -> DecodedText {
        var sink = TextSink(reserving: bytes.count + bytes.count / 2)
        var index = start
        while index < bytes.count {
            let first = bytes[index]
            if first < 0x80 {
                sink.append(UInt32(first), sourceStart: index, sourceLength: 1)
                index += 1
                continue
            }
            let (scalar, length) = character(bytes, at: index, table: table)
            if scalar == 0 {
                sink.replace(sourceStart: index, sourceLength: length)
            } else {
                sink.append(scalar, sourceStart: index, sourceLength: length)
            }
            index += length
        }
        return sink.finish(encoding: encoding.rawValue, originalCount: bytes.count)
    }

    /// The character of two or four bytes at `index` and its length; scalar 0 where there is none.
    static func character(_ bytes: [UInt8], at index: Int, table: LegacyTable) -> (scalar: UInt32, length: Int) {
        guard index + 1 < bytes.count else { return (0, 1) }
        let (lead, trail) = (bytes[index], bytes[index + 1])
        let scalar = table.scalar(lead, trail)
        if scalar != 0 { return (scalar, 2) }
        if !table.quadruples.isEmpty, index + 3 < bytes.count {
            let scalar = table.scalar(lead, trail, bytes[index + 2], bytes[index + 3])
            if scalar != 0 { return (scalar, 4) }
        }
        let isPair = LegacyTable.leads.contains(lead) && trail >= 0x80
        return (0, isPair ? 2 : 1)
    }
}
