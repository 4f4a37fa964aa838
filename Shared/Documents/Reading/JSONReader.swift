// JSON and NDJSON: every object of a list is a record.
//
// The list is the document itself, the lines of NDJSON, or the first member of the outermost object, or of an object in it, that
// is a list of objects; an object without such a member is one record. The scanner keeps the place of every value (RFC 8259 grammar),
// nests no deeper than the limits allow, and takes numbers and literals as text. Values that are lists or objects
// themselves count as text without their marks.

import Messages

/// Reads JSON.
struct JSONReader {
    private let source: [UInt8]
    private let limits: ParserLimits
    private var sink: RecordSink

    /// Reads `range` of the decoded document.
    /// - Throws: `unreadableDocument` with the offset of what is no JSON; `documentTooLarge` for too many lines.
    static func read(
        _ decoded: DecodedText, _ range: Range<Int>, isLines: Bool, limits: ParserLimits, dictionaries: Dictionaries, mapping: FieldMapping
    ) throws(DocumentError) -> Reading {
        var reader = JSONReader(
            source: decoded.bytes, limits: limits,
            sink: RecordSink(decoded: decoded, limits: limits, dictionaries: dictionaries, mapping: mapping))
        if isLines { try reader.readLines(range) } else { try reader.readDocument(range) }
        return reader.sink.finish(format: isLines ? .ndjson : .json)
    }

    /// One value and its place.
    private struct Value {
        enum Kind { case object, array, string, other }
        var kind: Kind
        var place: Range<Int>
    }

    // MARK: Documents

    private mutating func readLines(_ range: Range<Int>) throws(DocumentError) {
        var position = range.lowerBound
        while position < range.upperBound {
            let (contentEnd, next) = LineScanner.line(in: source, from: position, to: range.upperBound)
            let content = LineScanner.trim(source, position..<contentEnd).range
            position = next
            if content.isEmpty { continue }
            let value = try scan(content.lowerBound, content.upperBound, depth: 0)
            try expectEnd(value.place.upperBound, content.upperBound)
            try addRecord(value)
        }
    }

    private mutating func readDocument(_ range: Range<Int>) throws(DocumentError) {
        let start = skipSpace(range.lowerBound, range.upperBound)
        let value = try scan(start, range.upperBound, depth: 0)
        try expectEnd(value.place.upperBound, range.upperBound)
        switch value.kind {
        case .array: for element in try elements(of: value) { try addRecord(element) }
        case .object:
            guard let list = try recordList(in: value, depth: 0) else { return try addRecord(value) }
            for element in list { try addRecord(element) }
        case .string, .other: try addRecord(value)
        }
    }

    /// How deep the list of records may lie: `{"data": {"list": [ … ]}}`.
    private static let deepestList = 3

    /// The first member of an object, or of the objects in it, that is a list of objects; an outer one first.
    private func recordList(in object: Value, depth: Int) throws(DocumentError) -> [Value]? {
        let members = try members(of: object)
        for member in members where member.value.kind == .array {
            let list = try elements(of: member.value)
            if list.contains(where: { $0.kind == .object }) { return list }
        }
        guard depth < Self.deepestList else { return nil }
        for member in members where member.value.kind == .object {
            if let list = try recordList(in: member.value, depth: depth + 1) { return list }
        }
        return nil
    }

    private mutating func addRecord(_ value: Value) throws(DocumentError) {
        guard value.kind == .object else {
            return try sink.add([member("text", value)], at: value.place)
        }
        var found: [RecordMember] = []
        for entry in try members(of: value) { found.append(member(entry.name, entry.value)) }
        try sink.add(found, at: value.place)
    }

    private func member(_ name: String, _ value: Value) -> RecordMember {
        switch value.kind {
        case .string:
            let inner = (value.place.lowerBound + 1)..<(value.place.upperBound - 1)
            guard source[inner].contains(0x5C) else {
                return RecordMember(name: name, value: Array(source[inner]), place: inner, isVerbatim: true)
            }
            return RecordMember(name: name, value: unescaped(inner), place: inner, isVerbatim: false)
        case .other:
            let isNull = source[value.place].elementsEqual(Array("null".utf8))
            return RecordMember(
                name: name, value: isNull ? [] : Array(source[value.place]), place: value.place, isVerbatim: !isNull)
        case .array, .object:
            let marks: Set<UInt8> = [0x5B, 0x5D, 0x7B, 0x7D, 0x22]
            let text = source[value.place].filter { !marks.contains($0) }
            return RecordMember(name: name, value: Array(text), place: value.place, isVerbatim: false)
        }
    }

    // MARK: Scanner

    private func fail(_ offset: Int) -> DocumentError {
        DocumentError(
            .unreadableDocument, "no JSON at byte \(offset)", fix: "send valid JSON, or give another content type")
    }

    private func skipSpace(_ start: Int, _ end: Int) -> Int {
        var index = start
        while index < end, MarkupTokenizer.isSpace(source[index]) { index += 1 }
        return index
    }

    private func expectEnd(_ offset: Int, _ end: Int) throws(DocumentError) {
        let rest = skipSpace(offset, end)
        guard rest == end else { throw fail(rest) }
    }

    /// The value at `start`, skipped as a whole.
    private func scan(_ start: Int, _ end: Int, depth: Int) throws(DocumentError) -> Value {
        guard start < end else { throw fail(start) }
        switch source[start] {
        case 0x22: return Value(kind: .string, place: start..<(try stringEnd(start, end)))
        case 0x7B, 0x5B: return try container(start, end, depth: depth)
        default:
            var index = start
            while index < end, isLiteralPart(source[index]) { index += 1 }
            guard index > start else { throw fail(start) }
            return Value(kind: .other, place: start..<index)
        }
    }

    private func isLiteralPart(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x2B || byte == 0x2E
            || byte == 0x45
    }

    private func stringEnd(_ start: Int, _ end: Int) throws(DocumentError) -> Int {
        var index = start + 1
        while index < end {
            if source[index] == 0x5C {
                index += 2
            } else if source[index] == 0x22 {
                return index + 1
            } else {
                index += 1
            }
        }
        throw fail(start)
    }

    private func container(_ start: Int, _ end: Int, depth: Int) throws(DocumentError) -> Value {
        guard depth < limits.nestingDepth else {
            throw DocumentError(
                .unreadableDocument, "the JSON nests deeper than \(limits.nestingDepth) levels at byte \(start)",
                fix: "send it less deeply nested")
        }
        let isObject = source[start] == 0x7B
        let closer: UInt8 = isObject ? 0x7D : 0x5D
        var index = skipSpace(start + 1, end)
        if index < end, source[index] == closer {
            return Value(kind: isObject ? .object : .array, place: start..<(index + 1))
        }
        while true {
            if isObject {
                guard index < end, source[index] == 0x22 else { throw fail(index) }
                index = skipSpace(try stringEnd(index, end), end)
                guard index < end, source[index] == 0x3A else { throw fail(index) }
                index = skipSpace(index + 1, end)
            }
            index = skipSpace(try scan(index, end, depth: depth + 1).place.upperBound, end)
            guard index < end else { throw fail(index) }
            if source[index] == closer { return Value(kind: isObject ? .object : .array, place: start..<(index + 1)) }
            guard source[index] == 0x2C else { throw fail(index) }
            index = skipSpace(index + 1, end)
        }
    }

    /// The values of a list that was scanned before.
    private func elements(of list: Value) throws(DocumentError) -> [Value] {
        var found: [Value] = []
        let end = list.place.upperBound - 1
        var index = skipSpace(list.place.lowerBound + 1, end)
        while index < end {
            let value = try scan(index, end, depth: 1)
            found.append(value)
            index = skipSpace(value.place.upperBound, end)
            if index < end { index = skipSpace(index + 1, end) }
        }
        return found
    }

    private func members(of object: Value) throws(DocumentError) -> [(name: String, value: Value)] {
        var found: [(name: String, value: Value)] = []
        let end = object.place.upperBound - 1
        var index = skipSpace(object.place.lowerBound + 1, end)
        while index < end {
            let nameEnd = try stringEnd(index, end)
            let name = String(decoding: unescaped((index + 1)..<(nameEnd - 1)), as: UTF8.self)
            index = skipSpace(skipSpace(nameEnd, end) + 1, end)
            let value = try scan(index, end, depth: 1)
            found.append((name, value))
            index = skipSpace(value.place.upperBound, end)
            if index < end { index = skipSpace(index + 1, end) }
        }
        return found
    }

    /// A string's text without its escapes.
    private func unescaped(_ place: Range<Int>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(place.count)
        var index = place.lowerBound
        while index < place.upperBound {
            guard source[index] == 0x5C, index + 1 < place.upperBound else {
                result.append(source[index])
                index += 1
                continue
            }
            index += 1
            switch source[index] {
            case 0x6E: result.append(0x0A)
            case 0x74: result.append(0x09)
            case 0x72: result.append(0x0D)
            case 0x62, 0x66: result.append(0x20)
            case 0x75:
                let (scalar, length) = unicodeEscape(index + 1, place.upperBound)
                UTF8Encoding.append(scalar, to: &result)
                index += length
            default: result.append(source[index])
            }
            index += 1
        }
        return result
    }

    /// The character of `XXXX` or of a surrogate pair `XXXX\uXXXX`, and how many bytes it takes.
    private func unicodeEscape(_ index: Int, _ end: Int) -> (scalar: UInt32, length: Int) {
        guard let first = hexadecimal(index, end) else { return (0xFFFD, 0) }
        guard (0xD800...0xDFFF).contains(first) else { return (first, 4) }
        let hasSecond = index + 6 <= end && source[index + 4] == 0x5C && source[index + 5] == 0x75
        guard first < 0xDC00, hasSecond, let second = hexadecimal(index + 6, end), (0xDC00...0xDFFF).contains(second)
        else { return (0xFFFD, 4) }
        return (0x10000 + (first - 0xD800) << 10 + second - 0xDC00, 10)
    }

    private func hexadecimal(_ index: Int, _ end: Int) -> UInt32? {
        guard index + 4 <= end else { return nil }
        return UInt32(String(decoding: source[index..<(index + 4)], as: UTF8.self), radix: 16)
    }
}
